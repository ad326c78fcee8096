/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of a pipeline: a camera, a film, a stream of the network.
 *
 * The pipeline ends in an appsink that takes the formats that the library reads, so that what a camera gives is not converted
 * on the way, but decoded where it is JPEG or a film. A frame is a GStreamer buffer that stays mapped until it is given back. */
#include <errno.h>
#include <gst/app/gstappsink.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "stream/gst/gst.h"

enum kind { CAMERA, LIBCAMERA, FILM, NETWORK };

/* A demuxer that is lost in a damaged film neither ends nor fails. So long nothing may come where nothing is waited for. */
enum { PATIENCE_MS = 20000 };

typedef struct gst_source {
    enum kind kind;
    char *name; /* for sentences: a path or an address, without a password */
    char *where;
    int32_t width, height;
    double fps;
    bool every; /* frame of a film, as fast as they are taken */
    bool has_pixels;
    crl_pixels pixels; /* of a camera, where they are wanted */
    crl_camera_identity camera; /* which was found there */
    GstElement *pipeline, *sink;
    GstClockTime base;
    int waited_ms; /* since the last frame, within take() */
} gst_source;

#define FORMATS "{ NV12, I420, YUY2, UYVY, BGRx, RGBx, BGRA, RGBA, RGB, BGR, GRAY8 }"
#define GOOD "gstreamer1.0-plugins-good"
#define BASE "gstreamer1.0-plugins-base"

/* ---- formats ---- */

static bool pixels_of(GstVideoFormat f, crl_pixels *out)
{
    static const struct {
        GstVideoFormat from;
        crl_pixels to;
    } known[] = { { GST_VIDEO_FORMAT_NV12, CRL_PIXELS_NV12 }, { GST_VIDEO_FORMAT_I420, CRL_PIXELS_I420 }, { GST_VIDEO_FORMAT_YUY2, CRL_PIXELS_YUYV },
                  { GST_VIDEO_FORMAT_UYVY, CRL_PIXELS_UYVY }, { GST_VIDEO_FORMAT_BGRx, CRL_PIXELS_BGRX }, { GST_VIDEO_FORMAT_RGBx, CRL_PIXELS_RGBX },
                  { GST_VIDEO_FORMAT_BGRA, CRL_PIXELS_BGRX }, { GST_VIDEO_FORMAT_RGBA, CRL_PIXELS_RGBX }, { GST_VIDEO_FORMAT_RGB, CRL_PIXELS_RGB },
                  { GST_VIDEO_FORMAT_BGR, CRL_PIXELS_BGR }, { GST_VIDEO_FORMAT_GRAY8, CRL_PIXELS_GRAY8 } };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].from == f) {
            *out = known[i].to;
            return true;
        }
    return false;
}

/* ---- what a camera offers ---- */

typedef struct offer {
    gint width, height;
    double fps;
    char format[16]; /* of raw frames; "JPEG" */
    double cost;
} offer;

/* The value nearest to what is wanted that a field allows. */
static gint nearest_int(const GValue *v, gint want)
{
    if (!v) return want;
    if (G_VALUE_HOLDS_INT(v)) return g_value_get_int(v);
    if (GST_VALUE_HOLDS_INT_RANGE(v)) {
        const gint low = gst_value_get_int_range_min(v), high = gst_value_get_int_range_max(v), step = gst_value_get_int_range_step(v);
        return want <= low ? low : want >= high ? high : low + (want - low) / step * step;
    }
    gint best = want;
    for (guint i = 0; GST_VALUE_HOLDS_LIST(v) && i < gst_value_list_get_size(v); i++) {
        const gint one = nearest_int(gst_value_list_get_value(v, i), want);
        if (!i || ABS(one - want) < ABS(best - want)) best = one;
    }
    return best;
}

static double rate_of(const GValue *v)
{
    const int d = gst_value_get_fraction_denominator(v);
    return d ? (double)gst_value_get_fraction_numerator(v) / d : 0;
}

static double nearest_rate(const GValue *v, double want)
{
    if (!v) return want;
    if (GST_VALUE_HOLDS_FRACTION(v)) return rate_of(v);
    if (GST_VALUE_HOLDS_FRACTION_RANGE(v))
        return fmin(fmax(want, rate_of(gst_value_get_fraction_range_min(v))),
                    rate_of(gst_value_get_fraction_range_max(v)));
    double best = want;
    for (guint i = 0; GST_VALUE_HOLDS_LIST(v) && i < gst_value_list_get_size(v); i++) {
        const double one = nearest_rate(gst_value_list_get_value(v, i), want);
        if (!i || fabs(one - want) < fabs(best - want)) best = one;
    }
    return best;
}

/* Where some pixels are wanted, no others. */
static bool reads(const gst_source *g, const char *format)
{
    crl_pixels p;
    return format && pixels_of(gst_video_format_from_string(format), &p) && (!g->has_pixels || p == g->pixels);
}

/* The first of the formats of a structure that is read. */
static const char *format_of(const gst_source *g, const GstStructure *s)
{
    const GValue *v = gst_structure_get_value(s, "format");
    if (gst_structure_has_name(s, "image/jpeg")) return g->has_pixels ? NULL : "JPEG";
    if (!gst_structure_has_name(s, "video/x-raw") || !v) return NULL;
    if (G_VALUE_HOLDS_STRING(v)) return reads(g, g_value_get_string(v)) ? g_value_get_string(v) : NULL;
    for (guint i = 0; GST_VALUE_HOLDS_LIST(v) && i < gst_value_list_get_size(v); i++) {
        const char *one = g_value_get_string(gst_value_list_get_value(v, i));
        if (reads(g, one)) return one;
    }
    return NULL;
}

/* The size counts most, then the rate; of equals raw frames are better than JPEG, whose decoding takes longer than most models. */
static double cost_of(const gst_source *g, const offer *o)
{
    const double size = (fabs(log((double)o->width / g->width)) + fabs(log((double)o->height / g->height))) * 100;
    const double slow = o->fps < g->fps ? 20 * log(g->fps / fmax(o->fps, 0.1)) : 0;
    const char *const order[] = { "NV12", "YUY2", "I420", "UYVY", "GRAY8" };
    double kind = strcmp(o->format, "JPEG") ? 6 : 8;
    for (int i = 0; i < 5; i++)
        if (!strcmp(o->format, order[i])) kind = i;
    return size + slow + kind;
}

/* The best of what the camera gives; false: nothing that can be read. `list` gets formats, for a sentence. */
static bool choose(const gst_source *g, GstCaps *caps, offer *best, char *list, size_t size)
{
    bool found = false;
    *list = 0;
    for (guint i = 0; i < gst_caps_get_size(caps); i++) {
        const GstStructure *s = gst_caps_get_structure(caps, i);
        const char *format = format_of(g, s), *raw = gst_structure_get_string(s, "format");
        const char *name = format ? format : raw ? raw : gst_structure_get_name(s);
        const size_t used = strlen(list);
        crl_pixels any;
        const bool tells = !g->has_pixels || !raw || pixels_of(gst_video_format_from_string(raw), &any); /* what else could be asked for */
        if (tells && !strstr(list, name)) g_snprintf(list + used, size - used, "%s%s", used ? ", " : "", name);
        if (!format) continue;
        offer o = { .width = nearest_int(gst_structure_get_value(s, "width"), g->width),
                    .height = nearest_int(gst_structure_get_value(s, "height"), g->height),
                    .fps = nearest_rate(gst_structure_get_value(s, "framerate"), g->fps) };
        g_strlcpy(o.format, format, sizeof o.format);
        o.cost = cost_of(g, &o);
        if (!found || o.cost < best->cost) *best = o;
        found = true;
    }
    return found;
}

static GstCaps *caps_of(const offer *o)
{
    gint n = 0, d = 1;
    gst_util_double_to_fraction(o->fps, &n, &d);
    if (!strcmp(o->format, "JPEG"))
        return gst_caps_new_simple("image/jpeg", "width", G_TYPE_INT, o->width, "height", G_TYPE_INT, o->height,
                                   "framerate", GST_TYPE_FRACTION, n, d, NULL);
    return gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING, o->format, "width", G_TYPE_INT, o->width, "height", G_TYPE_INT, o->height,
                               "framerate", GST_TYPE_FRACTION, n, d, NULL);
}

/* ---- pipelines ---- */

static GstElement *add(gst_source *g, const char *element, const char *package, crl_error *err)
{
    GstElement *e = crl_gst_make(element, NULL, package, err);
    if (e) gst_bin_add(GST_BIN(g->pipeline), e);
    return e;
}

static crl_status link_camera(gst_source *g, GstElement *source, crl_error *err)
{
    offer best;
    char list[120];
    if (gst_element_set_state(g->pipeline, GST_STATE_READY) == GST_STATE_CHANGE_FAILURE) {
        const crl_status s = crl_gst_failure(g->pipeline, g->name, GST_SECOND, err);
        return s ? s : crl_gst_host->fail(err, CRL_ERR_DEVICE, "%s: it cannot be opened", g->name);
    }
    GstPad *pad = gst_element_get_static_pad(source, "src");
    GstCaps *caps = gst_pad_query_caps(pad, NULL);
    gst_object_unref(pad);
    const bool found = choose(g, caps, &best, list, sizeof list);
    gst_caps_unref(caps);
    if (!found && g->has_pixels)
        return crl_gst_host->fail(
            err, CRL_ERR_UNSUPPORTED,
            "%s: it does not give the pixels of --format, but %s; leave that out, and the best is taken", g->name,
            *list ? list : "nothing");
    if (!found)
        return crl_gst_host->fail(err, CRL_ERR_UNSUPPORTED,
                                  "%s: it gives %s; NV12, YUYV, UYVY, I420, RGB, grey and JPEG are read", g->name,
                                  *list ? list : "nothing");
    GstElement *filter = add(g, "capsfilter", "libgstreamer1.0-0", err), *last = filter;
    if (!filter) return CRL_ERR_UNSUPPORTED;
    GstCaps *wanted = caps_of(&best);
    g_object_set(filter, "caps", wanted, NULL);
    gst_caps_unref(wanted);
    if (!strcmp(best.format, "JPEG")) {
        GstElement *decoder = add(g, "jpegdec", GOOD, err);
        if (!decoder) return CRL_ERR_UNSUPPORTED;
        gst_element_link(filter, decoder);
        last = decoder;
    }
    return gst_element_link(source, filter) && gst_element_link(last, g->sink)
               ? CRL_OK
               : crl_gst_host->fail(err, CRL_ERR_UNSUPPORTED, "%s: its %s cannot be taken", g->name, best.format);
}

static void pad_added(GstElement *decoder, GstPad *pad, gpointer converter)
{
    (void)decoder;
    GstCaps *caps = gst_pad_get_current_caps(pad);
    GstPad *to = gst_element_get_static_pad(converter, "sink");
    if (caps && g_str_has_prefix(gst_structure_get_name(gst_caps_get_structure(caps, 0)), "video/") && !gst_pad_is_linked(to)) gst_pad_link(pad, to);
    if (caps) gst_caps_unref(caps);
    gst_object_unref(to);
}

/* A camera of the network is watched as it is now: packets are waited for no longer than a frame or five. */
static void source_setup(GstElement *decoder, GstElement *source, gpointer user)
{
    (void)decoder, (void)user;
    GObjectClass *c = G_OBJECT_GET_CLASS(source);
    if (g_object_class_find_property(c, "latency")) g_object_set(source, "latency", 150, NULL);
    if (g_object_class_find_property(c, "drop-on-latency")) g_object_set(source, "drop-on-latency", TRUE, NULL);
}

/* Motion JPEG is one stream. Where the demultiplexer is not told so, frames wait for others that do not come until megabytes of them have. */
static void element_added(GstBin *decoder, GstBin *in, GstElement *element, gpointer user)
{
    (void)decoder, (void)in, (void)user;
    if (g_object_class_find_property(G_OBJECT_GET_CLASS(element), "single-stream")) g_object_set(element, "single-stream", TRUE, NULL);
}

static crl_status link_decoder(gst_source *g, crl_error *err)
{
    GstElement *decoder = add(g, "uridecodebin", BASE, err), *converter = decoder ? add(g, "videoconvert", BASE, err) : NULL;
    if (!converter) return CRL_ERR_UNSUPPORTED;
    GstCaps *caps = gst_caps_from_string("video/x-raw(ANY)");
    g_object_set(decoder, "uri", g->where, "caps", caps, "expose-all-streams", FALSE, NULL);
    gst_caps_unref(caps);
    g_signal_connect(decoder, "pad-added", G_CALLBACK(pad_added), converter);
    if (g->kind == NETWORK) g_signal_connect(decoder, "deep-element-added", G_CALLBACK(element_added), NULL);
    if (g->kind == NETWORK) g_signal_connect(decoder, "source-setup", G_CALLBACK(source_setup), NULL);
    return gst_element_link(converter, g->sink) ? CRL_OK : crl_gst_host->fail(err, CRL_ERR_UNSUPPORTED, "%s: no way from its decoder", g->name);
}

static crl_status build(gst_source *g, crl_error *err)
{
    g->pipeline = gst_pipeline_new(NULL);
    g->sink = add(g, "appsink", BASE, err);
    if (!g->sink) return CRL_ERR_UNSUPPORTED;
    /* Of a live source the newest frame is what counts; a film waits for its time, or for who takes it. */
    const bool live = g->kind != FILM;
    GstCaps *caps = gst_caps_from_string("video/x-raw, format = (string) " FORMATS);
    g_object_set(g->sink, "caps", caps, "max-buffers", live ? 1u : 2u, "drop", live, "sync", !live && !g->every, "wait-on-eos", FALSE, NULL);
    gst_caps_unref(caps);
    if (g->kind != CAMERA && g->kind != LIBCAMERA) return link_decoder(g, err);
    GstElement *source = g->kind == CAMERA ? add(g, "v4l2src", GOOD, err) : add(g, "libcamerasrc", "gstreamer1.0-libcamera", err);
    if (!source) return CRL_ERR_UNSUPPORTED;
    if (g->kind == CAMERA) g_object_set(source, "device", g->where, NULL);
    else if (*g->where) g_object_set(source, "camera-name", g->where, NULL);
    return link_camera(g, source, err);
}

static void stop(void *self)
{
    gst_source *g = self;
    if (!g->pipeline) return;
    gst_element_set_state(g->pipeline, GST_STATE_NULL);
    gst_object_unref(g->pipeline);
    g->pipeline = g->sink = NULL;
}

/* GStreamer's words for a film of which no more can be decoded, and for an address that gives nothing, help nobody. "Device busy" at the moment
 * of streaming: who has it is worth more than the name of an ioctl. */
static crl_status explain(const gst_source *g, crl_status s, crl_error *err)
{
    char user[96];
    const bool broken = s == CRL_ERR_FORMAT && strstr(err->text, "what comes is broken");
    if (g->kind == FILM && broken)
        return crl_gst_host->fail(err, s, "%s: it cannot be decoded any further, for it is damaged or cut off; a whole copy of it is needed", g->name);
    if (g->kind == NETWORK && broken)
        return crl_gst_host->fail(err, CRL_ERR_DEVICE, "%s: nothing that can be watched comes: see whether it is on, and address, name and password are right",
                                  g->name);
    if (g->kind == CAMERA && (strstr(err->text, "busy") || strstr(err->text, "Busy")))
        return crl_gst_host->fail(err, CRL_ERR_DEVICE, "%s: %s uses it; end that first", g->name,
                                  crl_camera_user(g->where, user, sizeof user) ? user : "another program");
    if (g->kind == NETWORK && s == CRL_ERR_DEVICE) {
        char said[160];
        const char *colon = strstr(err->text, g->name) == err->text ? err->text + strlen(g->name) : err->text;
        g_snprintf(said, sizeof said, "%s", colon + strspn(colon, ": "));
        return crl_gst_host->fail(
            err, CRL_ERR_DEVICE,
            "%s: cannot be watched (%s): see whether it is on, and address, name and password are right", g->name,
            said);
    }
    return s;
}

static void name_camera(gst_source *g, const char *path)
{
    g_free(g->where);
    g_free(g->name);
    g->where = g_strdup(path);
    g->name = g_strdup_printf("camera %s", path);
}

/* A camera that has come back by another number is the same one. */
static void follow_camera(gst_source *g)
{
    char *path = crl_camera_moved(g->where, &g->camera);
    if (path) name_camera(g, path);
    crl_gst_host->free(path);
}

static crl_status start(void *self, crl_error *err)
{
    gst_source *g = self;
    g->waited_ms = 0;
    if (g->kind == CAMERA) follow_camera(g);
    crl_status s = g->kind == CAMERA ? crl_camera_check(g->where, err) : CRL_OK;
    if (s) return s;
    s = build(g, err);
    if (!s && gst_element_set_state(g->pipeline, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE) {
        s = crl_gst_failure(g->pipeline, g->name, GST_SECOND, err);
        if (!s) s = crl_gst_host->fail(err, CRL_ERR_DEVICE, "%s: it does not start", g->name);
    }
    if (s) stop(g);
    if (!s && g->kind == CAMERA) crl_camera_identify(g->where, &g->camera);
    return s ? explain(g, s, err) : CRL_OK;
}

/* ---- frames ---- */

typedef struct held {
    GstSample *sample;
    GstVideoFrame frame;
} held;

static void give_back(void *self, crl_grab *grab)
{
    (void)self;
    held *h = grab->held;
    gst_video_frame_unmap(&h->frame);
    gst_sample_unref(h->sample);
    crl_gst_host->free(h);
}

/* Light fell on it at that time of the pipeline's clock, which is CLOCK_MONOTONIC: what the driver says of a camera. */
static uint64_t captured_at(const gst_source *g, const GstSample *sample, const GstBuffer *buffer)
{
    const uint64_t now = crl_gst_host->now();
    const GstClockTime base = gst_element_get_base_time(g->pipeline), pts = GST_BUFFER_PTS(buffer);
    if (g->kind == FILM || !GST_CLOCK_TIME_IS_VALID(pts) || !base) return now;
    const GstClockTime running = gst_segment_to_running_time(gst_sample_get_segment((GstSample *)(gpointer)sample), GST_FORMAT_TIME, pts);
    const uint64_t at = base + running;
    return GST_CLOCK_TIME_IS_VALID(running) && at <= now && now - at < 10 * GST_SECOND ? at : now;
}

static crl_status fill(gst_source *g, GstSample *sample, crl_grab *out, crl_error *err)
{
    GstVideoInfo info;
    GstBuffer *buffer = gst_sample_get_buffer(sample);
    crl_pixels pixels;
    if (!buffer || !gst_video_info_from_caps(&info, gst_sample_get_caps(sample)) || !pixels_of(GST_VIDEO_INFO_FORMAT(&info), &pixels))
        return crl_gst_host->fail(err, CRL_ERR_UNSUPPORTED, "%s: frames of another kind than was agreed on", g->name);
    held *h = crl_gst_host->alloc(sizeof *h);
    if (!h) return crl_gst_host->fail_memory(err, "a frame");
    if (!gst_video_frame_map(&h->frame, &info, buffer, GST_MAP_READ)) {
        crl_gst_host->free(h);
        return crl_gst_host->fail(err, CRL_ERR_DEVICE, "%s: a frame cannot be read", g->name);
    }
    h->sample = sample;
    out->held = h;
    out->format = (crl_frame_format){ .width = info.width, .height = info.height, .pixels = pixels };
    out->format.yuv = info.colorimetry.matrix == GST_VIDEO_COLOR_MATRIX_BT709 ? CRL_YUV_BT709 : CRL_YUV_BT601;
    out->format.full_range = info.colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255;
    for (guint i = 0; i < GST_VIDEO_FRAME_N_PLANES(&h->frame) && i < 3; i++) {
        out->frame.plane[i] = GST_VIDEO_FRAME_PLANE_DATA(&h->frame, i);
        out->frame.stride[i] = (size_t)GST_VIDEO_FRAME_PLANE_STRIDE(&h->frame, i);
    }
    out->captured_ns = captured_at(g, sample, buffer);
    out->time_ns = g->kind == FILM && GST_BUFFER_PTS_IS_VALID(buffer) ? GST_BUFFER_PTS(buffer) : out->captured_ns;
    return CRL_OK;
}

static crl_status take(void *self, crl_grab *out, int timeout_ms, crl_error *err)
{
    gst_source *g = self;
    *out = (crl_grab){ 0 };
    GstSample *sample = gst_app_sink_try_pull_sample(GST_APP_SINK(g->sink), (GstClockTime)timeout_ms * GST_MSECOND);
    if (sample) {
        const crl_status s = fill(g, sample, out, err);
        if (s) gst_sample_unref(sample);
        g->waited_ms = 0;
        return s;
    }
    crl_status s = crl_gst_failure(g->pipeline, g->name, 0, err);
    if (s) return explain(g, s, err);
    if (!gst_app_sink_is_eos(GST_APP_SINK(g->sink))) {
        g->waited_ms += timeout_ms;
        if (!g->every || g->waited_ms < PATIENCE_MS) return CRL_ERR_TIMEOUT;
        return crl_gst_host->fail(err, CRL_ERR_FORMAT, "%s: no frame has come of it for %d s, so it is damaged; 'ffmpeg -i FILE new.mkv' saves what can be read",
                                  g->name, PATIENCE_MS / 1000);
    }
    /* The error of an element that cannot go on may come behind the end that it causes. */
    s = crl_gst_failure(g->pipeline, g->name, 100 * GST_MSECOND, err);
    if (s) return explain(g, s, err);
    out->end = g->kind == FILM;
    return out->end ? CRL_OK : crl_gst_host->fail(err, CRL_ERR_DEVICE, "%s: it has ended", g->name);
}

/* ---- by name ---- */

static void free_source(void *self)
{
    gst_source *g = self;
    stop(g);
    g_free(g->name);
    g_free(g->where);
    crl_gst_host->free(g);
}

/* rtsp://user:secret@host/path without what nobody else is to read. */
static char *without_secret(const char *uri)
{
    const char *host = strstr(uri, "://"), *at = host ? strchr(host, '@') : NULL, *slash = host ? strchr(host + 3, '/') : NULL;
    if (!at || (slash && slash < at)) return g_strdup(uri);
    return g_strdup_printf("%.*s%s", (int)(host + 3 - uri), uri, at + 1);
}

static crl_status name_source(gst_source *g, const char *name, crl_error *err)
{
    struct stat st;
    char *path = crl_camera_path(name);
    if (path) {
        g->kind = CAMERA;
        name_camera(g, path);
        crl_gst_host->free(path);
    } else if (!strcmp(name, "libcamera") || g_str_has_prefix(name, "libcamera:")) {
        g->kind = LIBCAMERA;
        g->where = g_strdup(name[9] ? name + 10 : "");
        g->name = g_strdup(name);
    } else if (strstr(name, "://")) {
        g->kind = g_str_has_prefix(name, "file://") ? FILM : NETWORK;
        g->where = g_strdup(name);
        g->name = without_secret(name);
    } else {
        if (stat(name, &st)) return crl_gst_host->fail(err, CRL_ERR_IO, "%s: %s", name, strerror(errno));
        g->kind = FILM;
        g->where = gst_filename_to_uri(name, NULL);
        g->name = g_strdup(name);
    }
    return g->where ? CRL_OK : crl_gst_host->fail(err, CRL_ERR_ARGUMENT, "%s: no name of a source", name);
}

crl_status crl_gst_source(crl_source *out, const char *name, const crl_source_options *o, crl_error *err)
{
    static const crl_source_type camera = { .kind = "camera", .live = true, .returns = true, .start = start, .take = take, .give_back = give_back,
                                            .stop = stop, .free = free_source };
    static const crl_source_type network = { .kind = "network camera", .live = true, .returns = true, .start = start, .take = take,
                                             .give_back = give_back, .stop = stop, .free = free_source };
    static const crl_source_type paced = { .kind = "film",
                                           .live = true,
                                           .start = start,
                                           .take = take,
                                           .give_back = give_back,
                                           .stop = stop,
                                           .free = free_source };
    static const crl_source_type film = { .kind = "film", .start = start, .take = take, .give_back = give_back, .stop = stop, .free = free_source };
    gst_source *g = crl_gst_host->alloc(sizeof *g);
    if (!g) return crl_gst_host->fail_memory(err, "a source");
    g->width = o->width, g->height = o->height;
    g->every = isinf(o->fps);
    g->has_pixels = o->has_pixels, g->pixels = o->pixels;
    g->fps = o->fps > 0 && !g->every ? o->fps : 30;
    const crl_status s = name_source(g, name, err);
    if (s) {
        free_source(g);
        return s;
    }
    const crl_source_type *types[] = { &camera, &camera, g->every ? &film : &paced, &network };
    *out = (crl_source){ .type = types[g->kind], .self = g };
    return CRL_OK;
}
