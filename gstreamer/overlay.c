/* SPDX-License-Identifier: Apache-2.0 */
/* coralliteoverlay: draws the regions of interest that a buffer has.
 *
 * What is drawn is drawn in red, green and blue; pixels that it does not touch stay as they are, to the bit, whatever their format. */
#include <math.h>
#include <string.h>

#include "elements.h"

enum { MOST = 256, MOST_LINES = 8 };

typedef struct CoralliteOverlay {
    GstBaseTransform parent;
    GstVideoInfo info;
    crl_painter *painter;
    crl_image was, now; /* the frame, and with what is drawn */
    GPtrArray *names;   /* that boxes had so far: the number of one is its colour */
    crl_labels *labels; /* the same for the painter */
} CoralliteOverlay;
typedef struct CoralliteOverlayClass {
    GstBaseTransformClass parent;
} CoralliteOverlayClass;
G_DEFINE_TYPE(CoralliteOverlay, corallite_overlay, GST_TYPE_BASE_TRANSFORM)

/* What is to be drawn of a frame. */
typedef struct drawing {
    crl_detection boxes[MOST];
    gint n, n_lines;
    char lines[MOST_LINES][128];
} drawing;

/* ---- names ---- */

static gboolean make_labels(CoralliteOverlay *self, crl_error *err)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < self->names->len; i++) {
        gchar *name = g_strdelimit(g_strdup(g_ptr_array_index(self->names, i)), "\r\n", ' ');
        g_string_append_printf(text, "%u  %s\n", i, name);
        g_free(name);
    }
    crl_labels_free(self->labels);
    const crl_status s = crl_labels_parse(&self->labels, text->str, text->len, err);
    g_string_free(text, TRUE);
    return !s;
}

static gint number_of(CoralliteOverlay *self, const char *name, gboolean *is_new)
{
    for (guint i = 0; i < self->names->len; i++)
        if (!strcmp(g_ptr_array_index(self->names, i), name)) return (gint)i;
    if (self->names->len == 4096) g_ptr_array_set_size(self->names, 0);
    g_ptr_array_add(self->names, g_strdup(name));
    *is_new = TRUE;
    return (gint)self->names->len - 1;
}

/* ---- what there is ---- */

static void add_line(drawing *d, const char *label, double confidence)
{
    if (d->n_lines < MOST_LINES) g_snprintf(d->lines[d->n_lines++], sizeof d->lines[0], "%s (%.0f%%)", label, 100 * confidence);
}

/* A region's own label, and the best class that a classifier gave it, whose confidence counts then. */
static void add_region(CoralliteOverlay *self, drawing *d, const GstVideoRegionOfInterestMeta *region, gboolean *is_new)
{
    const char *own = NULL, *kind = NULL;
    double confidence = NAN, of_kind = 0;
    for (const GList *l = region->params; l; l = l->next) {
        const GstStructure *s = l->data;
        double value;
        if (gst_structure_has_name(s, "detection")) own = corallite_label(s, &confidence);
        if (!gst_structure_has_name(s, "classification")) continue;
        const char *label = corallite_label(s, &value);
        if (label && corallite_is_whole(region)) add_line(d, label, value);
        if (label && (!kind || value > of_kind)) kind = label, of_kind = value;
    }
    if (corallite_is_whole(region) || d->n == MOST) return;
    if (!own) own = g_quark_to_string(region->roi_type);
    gchar *name = kind && g_strcmp0(own, kind) ? g_strdup_printf("%s: %s", own ? own : "", kind) : g_strdup(own ? own : "");
    crl_detection *b = &d->boxes[d->n++];
    b->box = (crl_box){ (float)region->x, (float)region->y, (float)(region->x + region->w), (float)(region->y + region->h) };
    b->score = (float)(kind ? of_kind : confidence);
    b->index = number_of(self, name, is_new);
    g_free(name);
}

/* FALSE: there is nothing to draw. */
static gboolean gather(CoralliteOverlay *self, drawing *d, GstBuffer *buffer, crl_error *err, crl_status *status)
{
    gpointer at = NULL;
    GstMeta *m;
    gboolean is_new = FALSE;
    d->n = d->n_lines = 0;
    *status = CRL_OK;
    while ((m = gst_buffer_iterate_meta_filtered(buffer, &at, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE)))
        add_region(self, d, (const GstVideoRegionOfInterestMeta *)m, &is_new);
    if (is_new && !make_labels(self, err)) *status = err->status;
    return d->n || d->n_lines;
}

/* ---- drawing ---- */

static crl_status make_images(CoralliteOverlay *self, crl_error *err)
{
    const gint width = GST_VIDEO_INFO_WIDTH(&self->info), height = GST_VIDEO_INFO_HEIGHT(&self->info);
    if (self->was.data && self->was.width == width && self->was.height == height) return CRL_OK;
    crl_image_fini(&self->was);
    crl_image_fini(&self->now);
    const crl_status s = crl_image_init(&self->was, width, height, 3, err);
    return s ? s : crl_image_init(&self->now, width, height, 3, err);
}

static crl_status draw(CoralliteOverlay *self, const drawing *d, GstVideoFrame *mapped, crl_error *err)
{
    const crl_frame_format format = corallite_format(&self->info);
    const crl_frame frame = corallite_frame(mapped);
    const char *lines[MOST_LINES];
    for (gint i = 0; i < d->n_lines; i++) lines[i] = d->lines[i];
    crl_status s = make_images(self, err);
    if (!s) s = crl_frame_to_image(&self->was, &format, &frame, err);
    if (s) return s;
    memcpy(self->now.data, self->was.data, self->was.stride * (gsize)self->was.height);
    s = crl_painter_detections(self->painter, &self->now, d->boxes, d->n, self->labels, err);
    if (!s) s = crl_painter_caption(self->painter, &self->now, lines, d->n_lines, CRL_CORNER_TOP_LEFT, err);
    if (!s) corallite_put_back(mapped, &self->was, &self->now);
    return s;
}

static GstFlowReturn transform_ip(GstBaseTransform *base, GstBuffer *buffer)
{
    CoralliteOverlay *self = (CoralliteOverlay *)base;
    GstVideoFrame mapped;
    crl_error err;
    crl_status s;
    drawing d;
    if (!gather(self, &d, buffer, &err, &s)) return GST_FLOW_OK;
    if (!s && !gst_video_frame_map(&mapped, &self->info, buffer, GST_MAP_READWRITE)) {
        GST_ELEMENT_ERROR(self, STREAM, FORMAT, ("a frame cannot be drawn into"), (NULL));
        return GST_FLOW_ERROR;
    }
    if (!s) {
        s = draw(self, &d, &mapped, &err);
        gst_video_frame_unmap(&mapped);
    }
    if (s) GST_ELEMENT_ERROR(self, LIBRARY, FAILED, ("%s", err.text), (NULL));
    return s ? GST_FLOW_ERROR : GST_FLOW_OK;
}

/* ---- the element ---- */

static gboolean start(GstBaseTransform *base)
{
    CoralliteOverlay *self = (CoralliteOverlay *)base;
    crl_error err;
    self->names = g_ptr_array_new_with_free_func(g_free);
    if (!crl_painter_new(&self->painter, &err)) return TRUE;
    GST_ELEMENT_ERROR(self, LIBRARY, INIT, ("%s", err.text), (NULL));
    return FALSE;
}

static gboolean stop(GstBaseTransform *base)
{
    CoralliteOverlay *self = (CoralliteOverlay *)base;
    crl_painter_free(self->painter);
    crl_labels_free(self->labels);
    crl_image_fini(&self->was);
    crl_image_fini(&self->now);
    if (self->names) g_ptr_array_unref(self->names);
    self->painter = NULL;
    self->labels = NULL;
    self->names = NULL;
    return TRUE;
}

static gboolean set_caps(GstBaseTransform *base, GstCaps *in, GstCaps *out)
{
    (void)out;
    return gst_video_info_from_caps(&((CoralliteOverlay *)base)->info, in);
}

static void corallite_overlay_class_init(CoralliteOverlayClass *c)
{
    GstBaseTransformClass *base = GST_BASE_TRANSFORM_CLASS(c);
    gst_element_class_add_pad_template(GST_ELEMENT_CLASS(c), corallite_pad_template(GST_PAD_SINK));
    gst_element_class_add_pad_template(GST_ELEMENT_CLASS(c), corallite_pad_template(GST_PAD_SRC));
    gst_element_class_set_static_metadata(GST_ELEMENT_CLASS(c), "Corallite overlay", "Filter/Effect/Video",
                                          "Draws regions of interest with their labels: what corallitedetect and coralliteclassify have found", "the Corallite project");
    base->start = start;
    base->stop = stop;
    base->set_caps = set_caps;
    base->transform_ip = transform_ip;
}

static void corallite_overlay_init(CoralliteOverlay *self)
{
    gst_base_transform_set_in_place(GST_BASE_TRANSFORM(self), TRUE);
}
