/* SPDX-License-Identifier: Apache-2.0 */
/* coralliteclassify: classes of the regions that a buffer has, else of the frame. */
#include "builtin.h"
#include "elements.h"

typedef struct CoralliteClassify {
    CoralliteModel parent;
} CoralliteClassify;
typedef struct CoralliteClassifyClass {
    CoralliteModelClass parent;
} CoralliteClassifyClass;
G_DEFINE_TYPE(CoralliteClassify, corallite_classify, CORALLITE_TYPE_MODEL)

/* As far as it lies in the frame; FALSE: nothing of it does. */
static gboolean part_of(const GstVideoRegionOfInterestMeta *region, const GstVideoInfo *info, crl_box *part)
{
    const guint width = (guint)GST_VIDEO_INFO_WIDTH(info), height = (guint)GST_VIDEO_INFO_HEIGHT(info);
    if (region->x >= width || region->y >= height || !region->w || !region->h) return FALSE;
    *part = (crl_box){ (float)region->x, (float)region->y, (float)(region->x + MIN(region->w, width - region->x)),
                       (float)(region->y + MIN(region->h, height - region->y)) };
    return TRUE;
}

static crl_status look(CoralliteModel *self, GstBuffer *buffer, const crl_frame_format *format, const crl_frame *frame, GValue *list, crl_error *err)
{
    const crl_results *r;
    gpointer at = NULL;
    gboolean any = FALSE;
    GstMeta *m;
    while ((m = gst_buffer_iterate_meta_filtered(buffer, &at, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE))) {
        GstVideoRegionOfInterestMeta *region = (GstVideoRegionOfInterestMeta *)m;
        crl_box part;
        any = TRUE;
        if (!part_of(region, &self->info, &part)) continue;
        const crl_status s = crl_session_run_part(self->session, format, frame, &part, &r, err);
        if (s) return s;
        corallite_add_classes(buffer, region, r->classes, r->n_classes, self->session, list);
    }
    if (any) return CRL_OK;
    const crl_status s = crl_session_run_frame(self->session, format, frame, &r, err);
    if (s) return s;
    corallite_add_classes(buffer, corallite_add_whole(buffer, &self->info), r->classes, r->n_classes, self->session, list);
    return CRL_OK;
}

static void corallite_classify_class_init(CoralliteClassifyClass *c)
{
    c->parent.purpose = CRL_PURPOSE_CLASSIFY;
    c->parent.builtin = corallite_classifier.model;
    c->parent.builtin_end = corallite_classifier.end;
    c->parent.look = look;
    gst_element_class_set_static_metadata(GST_ELEMENT_CLASS(c), "Corallite classifier", "Filter/Analyzer/Video",
                                          "Says what the regions of interest of frames show, or frames without any as a whole, with a quantised TensorFlow Lite classifier",
                                          "the Corallite project");
}

static void corallite_classify_init(CoralliteClassify *self)
{
    (void)self;
}
