/* SPDX-License-Identifier: Apache-2.0 */
/* The sink that makes a film of views: MP4 or Matroska, by the ending of the name.
 *
 * MP4 is written in pieces of a second, each of which can be played without what follows: a film of which the end is missing,
 * since the power went, is one all the same. After a failure (a full disk) it goes on with a new file, name-2.mp4. */
#include <glib/gstdio.h>
#include <gst/app/gstappsrc.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stream/gst/encoders.h"
#include "stream/gst/gst.h"

/* Frames that wait to be encoded; then views have to wait. */
enum { MOST_WAITING = 4 };

typedef struct recorder {
    char *path, *current; /* current: the file at hand; NULL: none */
    bool mp4;
    int part;
    GstElement *pipeline, *source;
    int32_t width, height;
    uint64_t first_ns, frames;
} recorder;

/* ---- the pipeline ---- */

static crl_status describe(const recorder *r, char *text, size_t size, crl_error *err)
{
    char encoder[320];
    crl_codec codec;
    if (!crl_gst_encoder(r->mp4, &codec, encoder, sizeof encoder))
        return crl_gst_host->fail(err, CRL_ERR_UNSUPPORTED, "%s: GStreamer has no encoder for it here; install %s", r->path,
                                  r->mp4 ? "gstreamer1.0-plugins-ugly and gstreamer1.0-plugins-bad, or record .mkv" : "gstreamer1.0-plugins-good");
    g_snprintf(text, size, "appsrc name=source format=time is-live=true ! videoconvert ! %s ! %s ! filesink name=file", encoder,
               r->mp4 ? "mp4mux fragment-duration=1000" : "matroskamux");
    return CRL_OK;
}

/* The name of the next file: the one that was given, and then, with a number, one that is not there yet. */
static char *next_path(recorder *r)
{
    if (!r->part) return r->part = 1, g_strdup(r->path);
    const char *dot = strrchr(r->path, '.');
    char *path = NULL;
    do {
        g_free(path);
        path = g_strdup_printf("%.*s-%d%s", (int)(dot - r->path), r->path, ++r->part, dot);
    } while (!access(path, F_OK));
    return path;
}

/* What goes wrong here is writing, whatever the pipeline calls it. */
static crl_status failure(const recorder *r, GstClockTime wait, crl_error *err)
{
    const crl_status s = crl_gst_failure(r->pipeline, r->current, wait, err);
    if (s != CRL_ERR_FORMAT) return s == CRL_ERR_DEVICE ? CRL_ERR_IO : s;
    return crl_gst_host->fail(err, CRL_ERR_IO, "%s: the film could not be written to its end", r->current);
}

static crl_status open_film(recorder *r, const crl_view *v, crl_error *err)
{
    char text[512];
    GError *error = NULL;
    crl_status s = describe(r, text, sizeof text, err);
    if (s) return s;
    r->pipeline = gst_parse_launch(text, &error);
    if (error) {
        s = crl_gst_host->fail(err, CRL_ERR_UNSUPPORTED, "%s: %s", r->path, error->message);
        g_error_free(error);
        return s;
    }
    r->source = gst_bin_get_by_name(GST_BIN(r->pipeline), "source");
    GstElement *file = gst_bin_get_by_name(GST_BIN(r->pipeline), "file");
    r->current = next_path(r);
    g_object_set(file, "location", r->current, NULL);
    gst_object_unref(file);
    r->width = v->image->width, r->height = v->image->height;
    r->first_ns = v->captured_ns;
    r->frames = 0;
    GstCaps *caps = gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING, "RGB", "width", G_TYPE_INT, r->width, "height", G_TYPE_INT, r->height,
                                        "framerate", GST_TYPE_FRACTION, 30, 1, NULL);
    g_object_set(r->source, "caps", caps, NULL);
    gst_caps_unref(caps);
    if (gst_element_set_state(r->pipeline, GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE) return CRL_OK;
    s = failure(r, GST_SECOND, err);
    return s ? s : crl_gst_host->fail(err, CRL_ERR_IO, "%s: it cannot be written", r->current);
}

/* A disk that stays full would fill with their names. */
static void remove_empty(recorder *r)
{
    GStatBuf st;
    if (!r->current || g_lstat(r->current, &st) || !S_ISREG(st.st_mode) || st.st_size) return;
    unlink(r->current);
    if (r->part > 1) r->part--;
}

static void drop_film(recorder *r)
{
    if (r->source) gst_object_unref(r->source);
    if (r->pipeline) {
        gst_element_set_state(r->pipeline, GST_STATE_NULL);
        gst_object_unref(r->pipeline);
    }
    r->pipeline = r->source = NULL;
    remove_empty(r);
    g_free(r->current);
    r->current = NULL;
}

/* Writes what is missing to make the file whole. A pipeline that has failed never gets to its end: it is not waited for. */
static crl_status close_film(recorder *r, crl_error *err)
{
    crl_status s = CRL_OK;
    if (r->pipeline && r->source) {
        gst_app_src_end_of_stream(GST_APP_SRC(r->source));
        GstBus *bus = gst_element_get_bus(r->pipeline);
        GstMessage *m = gst_bus_timed_pop_filtered(bus, 2 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
        if (!m) s = crl_gst_host->fail(err, CRL_ERR_IO, "%s: the end of the film could not be written in time", r->current);
        else if (GST_MESSAGE_TYPE(m) == GST_MESSAGE_ERROR) {
            gst_bus_post(bus, gst_message_ref(m));
            s = failure(r, 0, err);
        }
        if (m) gst_message_unref(m);
        gst_object_unref(bus);
    }
    drop_film(r);
    return s;
}

/* ---- the sink ---- */

static crl_status show(void *self, const crl_view *v, crl_error *err)
{
    recorder *r = self;
    crl_status s = CRL_OK;
    if (v->again) return CRL_OK;
    /* A film has one size. */
    if (r->pipeline && (r->width != v->image->width || r->height != v->image->height)) s = close_film(r, err);
    if (!s && !r->pipeline) s = open_film(r, v, err);
    if (!s) s = failure(r, 0, err);
    if (s) return s;
    if (gst_app_src_get_current_level_buffers(GST_APP_SRC(r->source)) >= MOST_WAITING) {
        g_usleep(5000);
        return CRL_ERR_TIMEOUT;
    }
    GstBuffer *b = crl_gst_buffer(v->image);
    if (!b) return crl_gst_host->fail_memory(err, "a frame of a film");
    GST_BUFFER_PTS(b) = v->captured_ns > r->first_ns ? v->captured_ns - r->first_ns : 0;
    r->frames++;
    gst_app_src_push_buffer(GST_APP_SRC(r->source), b); /* it is his now; a failure is told by the bus */
    return CRL_OK;
}

static crl_status stop(void *self, crl_error *err)
{
    return close_film(self, err);
}

static void free_recorder(void *self)
{
    recorder *r = self;
    drop_film(r);
    g_free(r->path);
    crl_gst_host->free(r);
}

crl_status crl_gst_record(crl_sink *out, const void *path, crl_error *err)
{
    static const crl_sink_type type = { .kind = "film",
                                        .pictures = true,
                                        .returns = true,
                                        .queue = 16,
                                        .show = show,
                                        .stop = stop,
                                        .free = free_recorder };
    char text[512];
    recorder *r = crl_gst_host->alloc(sizeof *r);
    if (!r) return crl_gst_host->fail_memory(err, "a film");
    r->path = g_strdup(path);
    r->mp4 = g_str_has_suffix(path, ".mp4");
    const crl_status s = describe(r, text, sizeof text, err);
    if (s) free_recorder(r);
    else *out = (crl_sink){ .type = &type, .self = r };
    return s;
}
