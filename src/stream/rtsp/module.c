/* SPDX-License-Identifier: Apache-2.0 */
/* The module of gst-rtsp-server: the sink that others of the network can watch, rtsp://host:8554/live.
 *
 * A thread of its own serves. All who watch get one stream, which is encoded while somebody does; views are pushed into it as they are played. */
#include <gst/app/gstappsrc.h>
#include <gst/rtsp-server/rtsp-server.h>
#include <string.h>

#include "stream/gst/encoders.h"
#include "stream/module.h"

static const crl_host *lent;

/* Frames that wait to be encoded; newer ones are left out then. */
enum { MOST_WAITING = 2 };

typedef struct sender {
    crl_address to;
    char *launch;
    GstRTSPServer *server;
    GMainContext *context;
    GMainLoop *loop;
    GThread *thread;
    GMutex lock;
    GstElement *source; /* under the lock: of the stream that is watched; NULL: nobody does */
    int32_t width, height; /* that it has been told */
} sender;

/* ---- one stream ---- */

static void unprepared(GstRTSPMedia *media, gpointer user)
{
    sender *s = user;
    (void)media;
    g_mutex_lock(&s->lock);
    g_clear_pointer(&s->source, gst_object_unref);
    g_mutex_unlock(&s->lock);
}

static void configure(GstRTSPMediaFactory *factory, GstRTSPMedia *media, gpointer user)
{
    sender *s = user;
    (void)factory;
    GstElement *bin = gst_rtsp_media_get_element(media);
    g_mutex_lock(&s->lock);
    g_clear_pointer(&s->source, gst_object_unref);
    s->source = gst_bin_get_by_name_recurse_up(GST_BIN(bin), "source");
    s->width = s->height = 0;
    g_mutex_unlock(&s->lock);
    gst_object_unref(bin);
    g_signal_connect(media, "unprepared", G_CALLBACK(unprepared), s);
}

static crl_status describe(sender *s, crl_error *err)
{
    static const char *const packers[] = { [CRL_CODEC_H264] = "rtph264pay config-interval=1",
                                           [CRL_CODEC_VP8] = "rtpvp8pay",
                                           [CRL_CODEC_JPEG] = "rtpjpegpay" };
    char text[320];
    crl_codec codec;
    if (!crl_gst_encoder(false, &codec, text, sizeof text))
        return lent->fail(err, CRL_ERR_UNSUPPORTED,
                          "rtsp: GStreamer has no encoder here; install gstreamer1.0-plugins-ugly and "
                          "gstreamer1.0-plugins-bad, or gstreamer1.0-plugins-good");
    s->launch = g_strdup_printf(
        "( appsrc name=source format=time is-live=true do-timestamp=true ! videoconvert ! %s ! %s name=pay0 pt=96 )",
        text, packers[codec]);
    return CRL_OK;
}

/* ---- the server ---- */

/* Only who knows the name and the password may look. */
static void protect(const sender *s, GstRTSPMediaFactory *factory)
{
    if (!*s->to.user) return;
    GstRTSPAuth *auth = gst_rtsp_auth_new();
    GstRTSPToken *token = gst_rtsp_token_new(GST_RTSP_TOKEN_MEDIA_FACTORY_ROLE, G_TYPE_STRING, "viewer", NULL);
    gchar *basic = gst_rtsp_auth_make_basic(s->to.user, s->to.password);
    gst_rtsp_auth_add_basic(auth, basic, token);
    g_free(basic);
    gst_rtsp_token_unref(token);
    gst_rtsp_server_set_auth(s->server, auth);
    g_object_unref(auth);
    gst_rtsp_media_factory_add_role(factory, "viewer", GST_RTSP_PERM_MEDIA_FACTORY_ACCESS, G_TYPE_BOOLEAN, TRUE,
                                    GST_RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, G_TYPE_BOOLEAN, TRUE, NULL);
}

static void mount(sender *s)
{
    GstRTSPMediaFactory *factory = gst_rtsp_media_factory_new();
    GstRTSPMountPoints *mounts = gst_rtsp_server_get_mount_points(s->server);
    char path[132];
    g_snprintf(path, sizeof path, "/%s", s->to.path);
    gst_rtsp_media_factory_set_launch(factory, s->launch);
    gst_rtsp_media_factory_set_shared(factory, TRUE);
    gst_rtsp_media_factory_set_latency(factory, 0);
    g_signal_connect(factory, "media-configure", G_CALLBACK(configure), s);
    protect(s, factory);
    gst_rtsp_mount_points_add_factory(mounts, path, factory);
    g_object_unref(mounts);
}

static gpointer serve(gpointer user)
{
    sender *s = user;
    g_main_context_push_thread_default(s->context);
    g_main_loop_run(s->loop);
    g_main_context_pop_thread_default(s->context);
    return NULL;
}

static crl_status start(void *self, crl_error *err)
{
    sender *s = self;
    char port[16];
    GError *error = NULL;
    g_snprintf(port, sizeof port, "%d", s->to.port);
    s->server = gst_rtsp_server_new();
    gst_rtsp_server_set_address(s->server, s->to.host);
    gst_rtsp_server_set_service(s->server, port);
    mount(s);
    GSource *source = gst_rtsp_server_create_source(s->server, NULL, &error);
    if (!source) {
        const bool in_use = g_error_matches(error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
        const crl_status status = in_use ? lent->fail(err, CRL_ERR_IO,
                                                      "port %d of %s is in use by another program; another one stands "
                                                      "behind the host, rtsp://%s:8555/%s",
                                                      s->to.port, s->to.host, s->to.host, s->to.path)
                                         : lent->fail(err, CRL_ERR_IO, "rtsp://%s:%d: %s", s->to.host, s->to.port,
                                                      error ? error->message : "it cannot be listened at");
        g_clear_error(&error);
        g_clear_object(&s->server);
        return status;
    }
    s->context = g_main_context_new();
    s->loop = g_main_loop_new(s->context, FALSE);
    g_source_attach(source, s->context);
    g_source_unref(source);
    s->thread = g_thread_new("rtsp", serve, s);
    return CRL_OK;
}

static GstRTSPFilterResult close_client(GstRTSPServer *server, GstRTSPClient *client, gpointer user)
{
    (void)server, (void)client, (void)user;
    return GST_RTSP_FILTER_REMOVE;
}

static crl_status stop(void *self, crl_error *err)
{
    sender *s = self;
    (void)err;
    if (!s->server) return CRL_OK;
    gst_rtsp_server_client_filter(s->server, close_client, NULL);
    g_main_loop_quit(s->loop);
    g_thread_join(s->thread);
    g_clear_pointer(&s->loop, g_main_loop_unref);
    g_clear_pointer(&s->context, g_main_context_unref);
    g_clear_object(&s->server);
    unprepared(NULL, s);
    return CRL_OK;
}

/* ---- views ---- */

static void tell_size(sender *s, const crl_image *image)
{
    if (s->width == image->width && s->height == image->height) return;
    GstCaps *caps =
        gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING, "RGB", "width", G_TYPE_INT, image->width, "height",
                            G_TYPE_INT, image->height, "framerate", GST_TYPE_FRACTION, 30, 1, NULL);
    gst_app_src_set_caps(GST_APP_SRC(s->source), caps);
    gst_caps_unref(caps);
    s->width = image->width, s->height = image->height;
}

static crl_status show(void *self, const crl_view *v, crl_error *err)
{
    sender *s = self;
    crl_status status = CRL_OK;
    g_mutex_lock(&s->lock);
    if (s->source && gst_app_src_get_current_level_buffers(GST_APP_SRC(s->source)) < MOST_WAITING) {
        GstBuffer *b = crl_gst_buffer(v->image);
        tell_size(s, v->image);
        if (b) gst_app_src_push_buffer(GST_APP_SRC(s->source), b); /* who has just gone is no failure */
        else status = lent->fail_memory(err, "a frame of a stream");
    }
    g_mutex_unlock(&s->lock);
    return status;
}

/* ---- the sink ---- */

static void free_sender(void *self)
{
    sender *s = self;
    g_free(s->launch);
    g_mutex_clear(&s->lock);
    lent->free(s);
}

static crl_status open_sink(crl_sink *out, const void *options, crl_error *err)
{
    static const crl_sink_type type = { .kind = "RTSP",
                                        .pictures = true,
                                        .returns = true,
                                        .start = start,
                                        .show = show,
                                        .stop = stop,
                                        .free = free_sender };
    sender *s = lent->alloc(sizeof *s);
    if (!s) return lent->fail_memory(err, "a stream");
    s->to = *(const crl_address *)options;
    g_mutex_init(&s->lock);
    const crl_status status = describe(s, err);
    if (status) free_sender(s);
    else *out = (crl_sink){ .type = &type, .self = s };
    return status;
}

__attribute__((visibility("default"))) const crl_module *crl_module_open(const crl_host *host);

const crl_module *crl_module_open(const crl_host *host)
{
    static const crl_module module = { .abi = CRL_MODULE_ABI, .sink = open_sink };
    static const crl_module other = { .abi = -1 };
    if (host->abi != CRL_MODULE_ABI || !gst_init_check(NULL, NULL, NULL)) return &other;
    lent = host;
    return &module;
}
