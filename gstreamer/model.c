/* SPDX-License-Identifier: Apache-2.0 */
/* What detector and classifier have in common: see elements.h.
 *
 * Frames are read, not written: their pixels are never copied. What a frame takes is the element's latency; it is measured before the first one,
 * and told anew when it grows. */
#include <stdlib.h>
#include <string.h>

#include "builtin.h"
#include "elements.h"

enum { PROP_MODEL_FILE = 1, PROP_LABEL_FILE, PROP_DEVICE, PROP_THREADS, PROP_THRESHOLD, PROP_MOST, PROP_MESSAGES };

G_DEFINE_ABSTRACT_TYPE(CoralliteModel, corallite_model, GST_TYPE_BASE_TRANSFORM)

/* ---- properties ---- */

static void set_text(gchar **text, const GValue *value)
{
    g_free(*text);
    *text = g_value_dup_string(value);
}

static void set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
    CoralliteModel *self = CORALLITE_MODEL(object);
    GST_OBJECT_LOCK(self);
    switch (id) {
    case PROP_MODEL_FILE: set_text(&self->model_file, value); break;
    case PROP_LABEL_FILE: set_text(&self->label_file, value); break;
    case PROP_DEVICE: set_text(&self->device, value); break;
    case PROP_THREADS: self->threads = g_value_get_int(value); break;
    case PROP_THRESHOLD: self->threshold = g_value_get_float(value), self->changed = TRUE; break;
    case PROP_MOST: self->most = g_value_get_int(value), self->changed = TRUE; break;
    case PROP_MESSAGES: self->messages = g_value_get_boolean(value); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
    GST_OBJECT_UNLOCK(self);
}

static void get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    CoralliteModel *self = CORALLITE_MODEL(object);
    GST_OBJECT_LOCK(self);
    switch (id) {
    case PROP_MODEL_FILE: g_value_set_string(value, self->model_file); break;
    case PROP_LABEL_FILE: g_value_set_string(value, self->label_file); break;
    case PROP_DEVICE: g_value_set_string(value, self->device); break;
    case PROP_THREADS: g_value_set_int(value, self->threads); break;
    case PROP_THRESHOLD: g_value_set_float(value, self->threshold); break;
    case PROP_MOST: g_value_set_int(value, self->most); break;
    case PROP_MESSAGES: g_value_set_boolean(value, self->messages); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
    GST_OBJECT_UNLOCK(self);
}

static void finalize(GObject *object)
{
    CoralliteModel *self = CORALLITE_MODEL(object);
    g_free(self->model_file);
    g_free(self->label_file);
    g_free(self->device);
    G_OBJECT_CLASS(corallite_model_parent_class)->finalize(object);
}

/* ---- the session ---- */

static void notice(void *user, const crl_notice *n)
{
    if (n->kind == CRL_NOTICE_DEVICE_BACK) GST_INFO_OBJECT(user, "%s", n->text);
    else GST_ELEMENT_WARNING(user, LIBRARY, SETTINGS, ("%s", n->text), (NULL));
}

/* The lock is held. */
static crl_session_options options_of(CoralliteModel *self)
{
    const CoralliteModelClass *c = (CoralliteModelClass *)G_OBJECT_GET_CLASS(self);
    crl_session_options o = { .purpose = c->purpose,
                              .labels = self->label_file,
                              .top_k = self->most,
                              .engine = { .threads = self->threads, .notice = notice, .notice_user = self } };
    o.has_threshold = self->threshold >= 0;
    o.threshold = self->threshold;
    if (!self->model_file && !self->label_file) {
        o.labels_text = corallite_labels.model;
        o.labels_bytes = (gsize)((const char *)corallite_labels.end - (const char *)corallite_labels.model);
    }
    self->changed = FALSE;
    return o;
}

static crl_status open_model(CoralliteModel *self, const char *file, crl_error *err)
{
    const CoralliteModelClass *c = (CoralliteModelClass *)G_OBJECT_GET_CLASS(self);
    if (file) return crl_model_open_file(&self->model, file, err);
    if (c->builtin) return crl_model_open(&self->model, c->builtin, (gsize)((const char *)c->builtin_end - (const char *)c->builtin), err);
    g_snprintf(err->text, sizeof err->text, "no model: model-file names one");
    return err->status = CRL_ERR_ARGUMENT;
}

/* "auto", "cpu", "usb", or which: "usb:0". What is compiled for an Edge TPU is computed by its twin where no device does. */
static crl_status choose_device(CoralliteModel *self, const char *file, const char *device, crl_session_options *o, crl_error *err)
{
    const gboolean none = !device || !*device || !strcmp(device, "auto"), cpu = device && !strcmp(device, "cpu");
    const gboolean wanted = !none && !cpu;
    if (wanted && !crl_model_is_compiled(self->model)) {
        g_snprintf(err->text, sizeof err->text, "device %s: %s is not compiled for an Edge TPU; device=cpu runs it",
                   device, file ? file : "the built-in model");
        return err->status = CRL_ERR_ARGUMENT;
    }
    if (!crl_model_is_compiled(self->model)) return CRL_OK;
    const crl_status s = crl_model_open_twin(&self->twin, NULL, self->model, file, NULL, err);
    if (s) return s;
    o->engine.twin = self->twin;
    o->engine.backend = cpu ? CRL_BACKEND_CPU : none ? CRL_BACKEND_AUTO : CRL_BACKEND_EDGETPU;
    if (wanted && strcmp(device, "usb")) o->engine.device = device;
    return CRL_OK;
}

/* What is for something else is named in words of elements, not of the library's options. */
static crl_status open_session(CoralliteModel *self, crl_session_options *o, crl_error *err)
{
    const crl_purpose purpose = o->purpose;
    crl_recognition r;
    o->purpose = CRL_PURPOSE_UNKNOWN;
    o->choose_later = true;
    const crl_status s = crl_session_open(&self->session, self->model, o, err);
    if (s) return s;
    if (!crl_session_recognise(self->session, &r, NULL) && r.what && !(r.fits >> purpose & 1)) {
        g_snprintf(err->text, sizeof err->text,
                   "%.150s: this is %.60s; corallitedetect runs detectors, coralliteclassify classifiers", o->name,
                   r.what);
        return err->status = CRL_ERR_UNSUPPORTED;
    }
    return crl_session_choose(self->session, purpose, err);
}

static void close_session(CoralliteModel *self)
{
    crl_session_close(self->session);
    crl_model_close(self->twin);
    crl_model_close(self->model);
    self->session = NULL;
    self->twin = self->model = NULL;
}

/* What the first frame would take longer is done here, and how long the next ones do is seen. */
static crl_status warm_up(CoralliteModel *self, crl_error *err)
{
    static const guint8 grey[8 * 8];
    const crl_frame_format format = { .width = 8, .height = 8, .pixels = CRL_PIXELS_GRAY8 };
    const crl_frame frame = { .plane = { grey }, .stride = { 8 } };
    const crl_results *r;
    crl_status s = CRL_OK;
    gint64 begun = 0;
    for (gint i = 0; i < 2 && !s; i++) {
        begun = g_get_monotonic_time();
        s = crl_session_run_frame(self->session, &format, &frame, &r, err);
    }
    self->took = (GstClockTime)(g_get_monotonic_time() - begun) * GST_USECOND;
    return s;
}

static gboolean start(GstBaseTransform *base)
{
    CoralliteModel *self = CORALLITE_MODEL(base);
    crl_error err = { 0 };
    GST_OBJECT_LOCK(self);
    gchar *file = g_strdup(self->model_file), *device = g_strdup(self->device), *labels = g_strdup(self->label_file);
    crl_session_options o = options_of(self);
    GST_OBJECT_UNLOCK(self);
    o.labels = labels;
    o.name = file ? file : "the built-in model";
    crl_status s = open_model(self, file, &err);
    if (!s) s = choose_device(self, file, device, &o, &err);
    if (!s) s = open_session(self, &o, &err);
    if (!s) s = warm_up(self, &err);
    if (s) {
        if (s == CRL_ERR_IO) GST_ELEMENT_ERROR(self, RESOURCE, OPEN_READ, ("%s", err.text), (NULL));
        else if (s == CRL_ERR_DEVICE) GST_ELEMENT_ERROR(self, RESOURCE, NOT_FOUND, ("%s", err.text), (NULL));
        else GST_ELEMENT_ERROR(self, LIBRARY, INIT, ("%s", err.text), (NULL));
        close_session(self);
    }
    g_free(file);
    g_free(device);
    g_free(labels);
    return !s;
}

static gboolean stop(GstBaseTransform *base)
{
    close_session(CORALLITE_MODEL(base));
    return TRUE;
}

/* Another threshold or number while it runs. What is not taken leaves all as it was. */
static void configure(CoralliteModel *self)
{
    crl_error err;
    GST_OBJECT_LOCK(self);
    const gboolean changed = self->changed;
    gchar *labels = changed ? g_strdup(self->label_file) : NULL;
    crl_session_options o = { 0 };
    if (changed) o = options_of(self);
    GST_OBJECT_UNLOCK(self);
    o.labels = labels;
    if (changed && crl_session_configure(self->session, &o, &err)) GST_ELEMENT_WARNING(self, LIBRARY, SETTINGS, ("%s", err.text), (NULL));
    g_free(labels);
}

/* ---- frames ---- */

static gboolean set_caps(GstBaseTransform *base, GstCaps *in, GstCaps *out)
{
    (void)out;
    return gst_video_info_from_caps(&CORALLITE_MODEL(base)->info, in);
}

/* A frame that takes longer than was told: pipelines ask anew. */
static void note_latency(CoralliteModel *self, GstClockTime took)
{
    GST_OBJECT_LOCK(self);
    const gboolean longer = took > self->took + self->took / 2 && took > self->took + GST_MSECOND;
    if (longer) self->took = took;
    GST_OBJECT_UNLOCK(self);
    if (longer) gst_element_post_message(GST_ELEMENT(self), gst_message_new_latency(GST_OBJECT(self)));
}

/* "corallitedetect": times of the frame, and the list of what was found in it. A frame in which nothing is any more is told of once. */
static void post(CoralliteModel *self, const GstBuffer *buffer, GValue *list)
{
    GstBaseTransform *base = GST_BASE_TRANSFORM(self);
    const gboolean any = gst_value_list_get_size(list) > 0, worth = any || self->had_results;
    GST_OBJECT_LOCK(self);
    const gboolean wanted = self->messages;
    GST_OBJECT_UNLOCK(self);
    self->had_results = any;
    if (!wanted || !worth) return;
    const GstClockTime pts = GST_BUFFER_PTS(buffer);
    GstStructure *s =
        gst_structure_new(gst_plugin_feature_get_name(GST_PLUGIN_FEATURE(gst_element_get_factory(GST_ELEMENT(self)))),
                          "timestamp", G_TYPE_UINT64, pts, "stream-time", G_TYPE_UINT64,
                          gst_segment_to_stream_time(&base->segment, GST_FORMAT_TIME, pts), "running-time",
                          G_TYPE_UINT64, gst_segment_to_running_time(&base->segment, GST_FORMAT_TIME, pts), NULL);
    gst_structure_set_value(s,
                            self->session &&
                                    ((CoralliteModelClass *)G_OBJECT_GET_CLASS(self))->purpose == CRL_PURPOSE_DETECT
                                ? "detections"
                                : "classifications",
                            list);
    gst_element_post_message(GST_ELEMENT(self), gst_message_new_element(GST_OBJECT(self), s));
}

static GstFlowReturn transform_ip(GstBaseTransform *base, GstBuffer *buffer)
{
    CoralliteModel *self = CORALLITE_MODEL(base);
    GstVideoFrame mapped;
    crl_error err;
    GValue list = G_VALUE_INIT;
    const gint64 begun = g_get_monotonic_time();
    configure(self);
    /* Mapped without a reference, by which the buffer could be given no regions meanwhile. */
    if (!gst_video_frame_map(&mapped, &self->info, buffer, (GstMapFlags)(GST_MAP_READ | GST_VIDEO_FRAME_MAP_FLAG_NO_REF))) {
        GST_ELEMENT_ERROR(self, STREAM, FORMAT, ("a frame cannot be read"), (NULL));
        return GST_FLOW_ERROR;
    }
    const crl_frame_format format = corallite_format(&self->info);
    const crl_frame frame = corallite_frame(&mapped);
    g_value_init(&list, GST_TYPE_LIST);
    const crl_status s = ((CoralliteModelClass *)G_OBJECT_GET_CLASS(self))->look(self, buffer, &format, &frame, &list, &err);
    gst_video_frame_unmap(&mapped);
    if (s) GST_ELEMENT_ERROR(self, LIBRARY, FAILED, ("%s", err.text), (NULL));
    else post(self, buffer, &list);
    g_value_unset(&list);
    note_latency(self, (GstClockTime)(g_get_monotonic_time() - begun) * GST_USECOND);
    return s ? GST_FLOW_ERROR : GST_FLOW_OK;
}

static gboolean query(GstBaseTransform *base, GstPadDirection direction, GstQuery *q)
{
    CoralliteModel *self = CORALLITE_MODEL(base);
    gboolean live;
    GstClockTime min, max;
    if (direction != GST_PAD_SRC || GST_QUERY_TYPE(q) != GST_QUERY_LATENCY)
        return GST_BASE_TRANSFORM_CLASS(corallite_model_parent_class)->query(base, direction, q);
    if (!gst_pad_peer_query(base->sinkpad, q)) return FALSE;
    gst_query_parse_latency(q, &live, &min, &max);
    GST_OBJECT_LOCK(self);
    min += self->took;
    if (GST_CLOCK_TIME_IS_VALID(max)) max += self->took;
    GST_OBJECT_UNLOCK(self);
    gst_query_set_latency(q, live, min, max);
    return TRUE;
}

/* ---- the class ---- */

static void install(GObjectClass *c)
{
    const GParamFlags still = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY,
                      any = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING;
    g_object_class_install_property(c, PROP_MODEL_FILE,
                                    g_param_spec_string("model-file", "Model file",
                                                        "The .tflite model; without one, the built-in model for signs",
                                                        NULL, still));
    g_object_class_install_property(
        c, PROP_LABEL_FILE,
        g_param_spec_string(
            "label-file", "Label file",
            "Names of the classes: lines, CSV, pbtxt, JSON or YAML; without one, those inside the model", NULL, still));
    g_object_class_install_property(
        c, PROP_DEVICE,
        g_param_spec_string(
            "device", "Device",
            "What computes a model that is compiled for an Edge TPU: auto, cpu, usb, or which one, as in usb:0", "auto",
            still));
    g_object_class_install_property(c, PROP_THREADS,
                                    g_param_spec_int("threads", "Threads",
                                                     "Threads of the processor; 0: the physical cores, at most 4", 0,
                                                     256, 0, still));
    g_object_class_install_property(c, PROP_THRESHOLD,
                                    g_param_spec_float("class-confidence-threshold", "Confidence threshold",
                                                       "What scores at least that counts; -1: 0.5 for detections, and for classes what the model says, else all of them", -1, 1, -1, any));
    g_object_class_install_property(
        c, PROP_MOST,
        g_param_spec_int("max-detections", "Most results",
                         "Results of a frame, or classes of a region, at most; 0: 10 detections, 3 classes", 0, 1000, 0,
                         any));
    g_object_class_install_property(
        c, PROP_MESSAGES,
        g_param_spec_boolean("post-messages", "Post messages",
                             "Tell on the bus what was found, by element messages with the element's name", TRUE, any));
}

static void corallite_model_class_init(CoralliteModelClass *c)
{
    GObjectClass *object = G_OBJECT_CLASS(c);
    GstBaseTransformClass *base = GST_BASE_TRANSFORM_CLASS(c);
    object->set_property = set_property;
    object->get_property = get_property;
    object->finalize = finalize;
    install(object);
    gst_element_class_add_pad_template(GST_ELEMENT_CLASS(c), corallite_pad_template(GST_PAD_SINK));
    gst_element_class_add_pad_template(GST_ELEMENT_CLASS(c), corallite_pad_template(GST_PAD_SRC));
    gst_type_mark_as_plugin_api(CORALLITE_TYPE_MODEL, 0);
    base->start = start;
    base->stop = stop;
    base->set_caps = set_caps;
    base->transform_ip = transform_ip;
    base->query = query;
}

static void corallite_model_init(CoralliteModel *self)
{
    self->device = g_strdup("auto");
    self->threshold = -1;
    self->messages = TRUE;
    gst_base_transform_set_in_place(GST_BASE_TRANSFORM(self), TRUE);
}
