/* SPDX-License-Identifier: Apache-2.0 */
/* What the module of GStreamer gives: see stream/module.h. */
#include "stream/gst/gst.h"

const crl_host *crl_gst_host;

/* GStreamer's messages end in a full stop and may have lines. */
static void tidy(char *text)
{
    size_t n = strlen(text);
    for (char *p = text; *p; p++)
        if (*p == '\n' || *p == '\r') *p = ' ';
    while (n && (text[n - 1] == '.' || text[n - 1] == ' ')) text[--n] = 0;
}

/* What is a device's or a file's, not what GStreamer is made of: "Could not write to resource" says little, and what the system
 * said stands in the debugging text, "system error: ..", "Error while writing to file descriptor 6: No space left on device". */
static const char *reason(const GError *error, const char *debug, char *buf, size_t size)
{
    const char *system = debug ? strstr(debug, "system error: ") : NULL, *file = debug ? strstr(debug, "file descriptor ") : NULL;
    if (file) file = strchr(file, ':');
    if (system) g_snprintf(buf, size, "%s", system + strlen("system error: "));
    else if (file) g_snprintf(buf, size, "%s", file + 2);
    else g_snprintf(buf, size, "%s", error->message);
    tidy(buf);
    return buf;
}

crl_status crl_gst_failure(GstElement *pipeline, const char *what, GstClockTime wait, crl_error *err)
{
    GstBus *bus = gst_element_get_bus(pipeline);
    GstMessage *message = gst_bus_timed_pop_filtered(bus, wait, GST_MESSAGE_ERROR);
    gst_object_unref(bus);
    if (!message) return CRL_OK;
    GError *error = NULL;
    gchar *debug = NULL;
    char buf[160];
    gst_message_parse_error(message, &error, &debug);
    const bool missing = error->domain == GST_CORE_ERROR && error->code == GST_CORE_ERROR_MISSING_PLUGIN;
    const bool stream = error->domain == GST_STREAM_ERROR;
    const bool undecodable = stream && (error->code == GST_STREAM_ERROR_TYPE_NOT_FOUND || error->code == GST_STREAM_ERROR_WRONG_TYPE);
    const bool no_codec = missing || (stream && error->code == GST_STREAM_ERROR_CODEC_NOT_FOUND);
    crl_status s;
    if (undecodable)
        s = crl_gst_host->fail(err, CRL_ERR_FORMAT, "%s: not a film that can be decoded", what);
    else if (no_codec)
        s = crl_gst_host->fail(
            err, CRL_ERR_UNSUPPORTED,
            "%s: no decoder for it is installed; gstreamer1.0-libav and gstreamer1.0-plugins-bad have most (%s)", what,
            reason(error, NULL, buf, sizeof buf));
    else if (stream)
        s = crl_gst_host->fail(err, CRL_ERR_FORMAT, "%s: what comes is broken (%s)", what, reason(error, debug, buf, sizeof buf));
    else
        s = crl_gst_host->fail(err, CRL_ERR_DEVICE, "%s: %s", what, reason(error, debug, buf, sizeof buf));
    g_error_free(error);
    g_free(debug);
    gst_message_unref(message);
    return s;
}

GstElement *crl_gst_make(const char *element, const char *name, const char *package, crl_error *err)
{
    GstElement *e = gst_element_factory_make(element, name);
    if (!e) crl_gst_host->fail(err, CRL_ERR_UNSUPPORTED, "GStreamer has no %s here; install %s", element, package);
    return e;
}

__attribute__((visibility("default"))) const crl_module *crl_module_open(const crl_host *host);

const crl_module *crl_module_open(const crl_host *host)
{
    static const crl_module module = { .abi = CRL_MODULE_ABI, .source = crl_gst_source, .sink = crl_gst_record };
    static const crl_module other = { .abi = -1 };
    if (host->abi != CRL_MODULE_ABI || !gst_init_check(NULL, NULL, NULL)) return &other;
    crl_gst_host = host;
    return &module;
}
