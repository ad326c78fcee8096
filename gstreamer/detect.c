/* SPDX-License-Identifier: Apache-2.0 */
/* corallitedetect: boxes of a detector. */
#include "builtin.h"
#include "elements.h"

typedef struct CoralliteDetect {
    CoralliteModel parent;
} CoralliteDetect;
typedef struct CoralliteDetectClass {
    CoralliteModelClass parent;
} CoralliteDetectClass;
G_DEFINE_TYPE(CoralliteDetect, corallite_detect, CORALLITE_TYPE_MODEL)

static crl_status look(CoralliteModel *self, GstBuffer *buffer, const crl_frame_format *format, const crl_frame *frame, GValue *list, crl_error *err)
{
    const crl_results *r;
    const crl_status s = crl_session_run_frame(self->session, format, frame, &r, err);
    if (s) return s;
    for (gint32 i = 0; i < r->n_detections; i++)
        corallite_add_detection(buffer, &self->info, &r->detections[i], crl_session_label(self->session, r->detections[i].index), list);
    return CRL_OK;
}

static void corallite_detect_class_init(CoralliteDetectClass *c)
{
    c->parent.purpose = CRL_PURPOSE_DETECT;
    c->parent.builtin = corallite_detector.model;
    c->parent.builtin_end = corallite_detector.end;
    c->parent.look = look;
    gst_element_class_set_static_metadata(GST_ELEMENT_CLASS(c), "Corallite object detector", "Filter/Analyzer/Video",
                                          "Finds things in frames with a quantised TensorFlow Lite detector and attaches them as regions of interest", "the Corallite project");
}

static void corallite_detect_init(CoralliteDetect *self)
{
    (void)self;
}
