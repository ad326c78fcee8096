/* SPDX-License-Identifier: Apache-2.0 */
/* Elements for GStreamer, over libcorallite.so: corallitedetect, coralliteclassify, coralliteoverlay.
 *
 *   plugin.c -> model.c   what the two with a model have in common: properties, session, frames, latency, messages
 *                 detect.c, classify.c   what the results are written to
 *               overlay.c what others wrote is drawn
 *               found.c   regions of interest with their structures: the one place where their fields are written and read
 *               pixels.c  formats; drawn pixels back into them */
#ifndef CORALLITE_GST_ELEMENTS_H
#define CORALLITE_GST_ELEMENTS_H

#include <gst/base/gstbasetransform.h>
#include <gst/gst.h>
#include <gst/video/video.h>

#include <corallite/session.h>

GST_DEBUG_CATEGORY_EXTERN(corallite_debug);
#define GST_CAT_DEFAULT corallite_debug

/* ---- pixels.c ---- */

#define CORALLITE_FORMATS "{ NV12, I420, YUY2, UYVY, RGB, BGR, RGBx, BGRx, RGBA, BGRA, GRAY8 }"
GstPadTemplate *corallite_pad_template(GstPadDirection direction);
crl_frame_format corallite_format(const GstVideoInfo *info);
crl_frame corallite_frame(const GstVideoFrame *frame);
/* Writes what differs between two RGB pictures of its size into a frame. Of Y, U, V those change that a changed pixel belongs to. */
void corallite_put_back(GstVideoFrame *frame, const crl_image *was, const crl_image *now);

/* ---- found.c ----
 * Where GStreamer's library of analytics is (1.24), the same goes there too: an object for each region, whose id the
 * region gets, and classes in relation to it. */

/* Adds a region with the structure "detection": label, label_id, confidence, and x_min, y_min, x_max, y_max in fractions of the frame. Appends
 * a copy of the structure, with x, y, width, height in pixels, to `list`. */
void corallite_add_detection(GstBuffer *buffer, const GstVideoInfo *info, const crl_detection *d, const char *label, GValue *list);
/* Adds a structure "classification" to a region for each class: label, label_id, confidence. As above. */
void corallite_add_classes(GstBuffer *buffer, GstVideoRegionOfInterestMeta *region, const crl_class *classes, gint n,
                           const crl_session *session, GValue *list);
/* The region that is the frame as a whole, of the type "frame". */
GstVideoRegionOfInterestMeta *corallite_add_whole(GstBuffer *buffer, const GstVideoInfo *info);
gboolean corallite_is_whole(const GstVideoRegionOfInterestMeta *region);
/* Label and confidence of a structure; 0: there is none. */
const char *corallite_label(const GstStructure *s, double *confidence);

/* ---- model.c ---- */

typedef struct CoralliteModel CoralliteModel;
typedef struct CoralliteModelClass CoralliteModelClass;
#define CORALLITE_TYPE_MODEL (corallite_model_get_type())
#define CORALLITE_MODEL(o) (G_TYPE_CHECK_INSTANCE_CAST((o), CORALLITE_TYPE_MODEL, CoralliteModel))
GType corallite_model_get_type(void);

struct CoralliteModel {
    GstBaseTransform parent;
    /* Under the object's lock. */
    gchar *model_file, *label_file, *device;
    gint threads, most;
    gfloat threshold;
    gboolean messages, changed; /* changed: threshold or most, while it runs */
    GstClockTime took;          /* that a frame takes, which is its latency */
    /* Of the streaming thread. */
    GstVideoInfo info;
    crl_session *session;
    crl_model *model, *twin;
    gboolean had_results;
};

struct CoralliteModelClass {
    GstBaseTransformClass parent;
    crl_purpose purpose;
    const void *builtin, *builtin_end; /* the model that is run where none is named */
    /* Runs the model, writes results to the buffer, and appends their structures to `list`. */
    crl_status (*look)(CoralliteModel *self, GstBuffer *buffer, const crl_frame_format *format, const crl_frame *frame, GValue *list, crl_error *err);
};

GType corallite_detect_get_type(void);
GType corallite_classify_get_type(void);
GType corallite_overlay_get_type(void);

#endif
