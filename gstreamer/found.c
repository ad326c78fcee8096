/* SPDX-License-Identifier: Apache-2.0 */
/* Regions of interest: see elements.h. Fields have the names that other elements for detection give them. */
#include <math.h>
#include <string.h>

#include "elements.h"

#if CORALLITE_ANALYTICS
#include <gst/analytics/analytics.h>

static GstAnalyticsRelationMeta *relations(GstBuffer *buffer)
{
    GstAnalyticsRelationMeta *m = gst_buffer_get_analytics_relation_meta(buffer);
    return m ? m : gst_buffer_add_analytics_relation_meta(buffer);
}

static void add_object(GstBuffer *buffer, GstVideoRegionOfInterestMeta *region, float confidence)
{
    GstAnalyticsODMtd object;
    if (gst_analytics_relation_meta_add_od_mtd(relations(buffer), region->roi_type, (gint)region->x, (gint)region->y,
                                               (gint)region->w, (gint)region->h, confidence, &object))
        region->id = (gint)object.id;
}

/* The object that a region is; FALSE: it is none. */
static gboolean find_object(GstAnalyticsRelationMeta *m, const GstVideoRegionOfInterestMeta *region, GstAnalyticsODMtd *object)
{
    gint x, y, w, h;
    gfloat confidence;
    return gst_analytics_relation_meta_get_od_mtd(m, (guint)region->id, object) &&
           gst_analytics_od_mtd_get_location(object, &x, &y, &w, &h, &confidence) && x == (gint)region->x &&
           y == (gint)region->y && w == (gint)region->w && h == (gint)region->h;
}

static void relate_classes(GstBuffer *buffer, const GstVideoRegionOfInterestMeta *region, gfloat *levels, GQuark *names, gint n)
{
    GstAnalyticsRelationMeta *m = relations(buffer);
    GstAnalyticsClsMtd classes;
    GstAnalyticsODMtd object;
    if (n && gst_analytics_relation_meta_add_cls_mtd(m, (gsize)n, levels, names, &classes) && find_object(m, region, &object))
        gst_analytics_relation_meta_set_relation(m, GST_ANALYTICS_REL_TYPE_RELATE_TO, object.id, classes.id);
}
#else
static void add_object(GstBuffer *buffer, GstVideoRegionOfInterestMeta *region, float confidence)
{
    (void)buffer, (void)region, (void)confidence;
}

static void relate_classes(GstBuffer *buffer, const GstVideoRegionOfInterestMeta *region, gfloat *levels, GQuark *names, gint n)
{
    (void)buffer, (void)region, (void)levels, (void)names, (void)n;
}
#endif

static void append(GValue *list, GstStructure *s)
{
    GValue v = G_VALUE_INIT;
    g_value_init(&v, GST_TYPE_STRUCTURE);
    g_value_take_boxed(&v, s);
    gst_value_list_append_and_take_value(list, &v);
}

/* "person", or "class 7" where the model has no name for it. */
static const char *name_of(const char *label, gint index, char buf[32])
{
    if (label) return label;
    g_snprintf(buf, 32, "class %d", index);
    return buf;
}

/* What is no number counts as the lower end. */
static double within(double x, double lower, double upper)
{
    return fmin(fmax(x, lower), upper);
}

void corallite_add_detection(GstBuffer *buffer, const GstVideoInfo *info, const crl_detection *d, const char *label, GValue *list)
{
    char buf[32];
    const char *name = name_of(label, d->index, buf);
    const double width = GST_VIDEO_INFO_WIDTH(info), height = GST_VIDEO_INFO_HEIGHT(info);
    const double x0 = within(d->box.x0, 0, width), y0 = within(d->box.y0, 0, height), x1 = within(d->box.x1, x0, width),
                 y1 = within(d->box.y1, y0, height);
    const guint x = (guint)(x0 + 0.5), y = (guint)(y0 + 0.5), w = (guint)(x1 + 0.5) - x, h = (guint)(y1 + 0.5) - y;
    GstVideoRegionOfInterestMeta *region = gst_buffer_add_video_region_of_interest_meta(buffer, name, x, y, w, h);
    GstStructure *s =
        gst_structure_new("detection", "label", G_TYPE_STRING, name, "label_id", G_TYPE_INT, d->index, "confidence",
                          G_TYPE_DOUBLE, (double)d->score, "x_min", G_TYPE_DOUBLE, x0 / width, "y_min", G_TYPE_DOUBLE,
                          y0 / height, "x_max", G_TYPE_DOUBLE, x1 / width, "y_max", G_TYPE_DOUBLE, y1 / height, NULL);
    gst_video_region_of_interest_meta_add_param(region, s);
    add_object(buffer, region, d->score);
    GstStructure *told = gst_structure_copy(s);
    gst_structure_set(told, "x", G_TYPE_UINT, x, "y", G_TYPE_UINT, y, "width", G_TYPE_UINT, w, "height", G_TYPE_UINT, h, NULL);
    append(list, told);
}

static void add_class(GstVideoRegionOfInterestMeta *region, const crl_class *c, const char *name, GValue *list)
{
    GstStructure *s = gst_structure_new("classification", "label", G_TYPE_STRING, name, "label_id", G_TYPE_INT,
                                        c->index, "confidence", G_TYPE_DOUBLE, (double)c->score, NULL);
    gst_video_region_of_interest_meta_add_param(region, s);
    GstStructure *told = gst_structure_copy(s);
    gst_structure_set(told, "x", G_TYPE_UINT, region->x, "y", G_TYPE_UINT, region->y, "width", G_TYPE_UINT, region->w,
                      "height", G_TYPE_UINT, region->h, NULL);
    append(list, told);
}

void corallite_add_classes(GstBuffer *buffer, GstVideoRegionOfInterestMeta *region, const crl_class *classes, gint n,
                           const crl_session *session, GValue *list)
{
    gfloat *levels = g_new(gfloat, n);
    GQuark *names = g_new(GQuark, n);
    for (gint i = 0; i < n; i++) {
        char buf[32];
        const char *name = name_of(crl_session_label(session, classes[i].index), classes[i].index, buf);
        levels[i] = classes[i].score;
        names[i] = g_quark_from_string(name);
        add_class(region, &classes[i], name, list);
    }
    relate_classes(buffer, region, levels, names, n);
    g_free(levels);
    g_free(names);
}

GstVideoRegionOfInterestMeta *corallite_add_whole(GstBuffer *buffer, const GstVideoInfo *info)
{
    return gst_buffer_add_video_region_of_interest_meta(buffer, "frame", 0, 0, (guint)GST_VIDEO_INFO_WIDTH(info), (guint)GST_VIDEO_INFO_HEIGHT(info));
}

gboolean corallite_is_whole(const GstVideoRegionOfInterestMeta *region)
{
    return region->roi_type == g_quark_from_static_string("frame");
}

const char *corallite_label(const GstStructure *s, double *confidence)
{
    const char *label = gst_structure_get_string(s, "label");
    if (!gst_structure_get_double(s, "confidence", confidence)) *confidence = 0;
    return label;
}
