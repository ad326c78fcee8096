/* SPDX-License-Identifier: Apache-2.0 */
/* Sinks that stand on large libraries: see module.h. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "stream/module.h"

static bool ends_in(const char *path, const char *suffix)
{
    const size_t n = strlen(path), k = strlen(suffix);
    return n > k && !strcasecmp(path + n - k, suffix);
}

crl_status crl_sink_film(crl_sink *out, const char *path, crl_error *err)
{
    const crl_module *gst;
    *out = (crl_sink){ 0 };
    if (!ends_in(path, ".mp4") && !ends_in(path, ".mkv"))
        return crl_fail(err, CRL_ERR_ARGUMENT, "%s: cannot tell the format of a film from this name; .mp4 and .mkv are written", path);
    const crl_status s = crl_module_load(&gst, "gst", "films", "gstreamer1.0-plugins-base and gstreamer1.0-plugins-good", err);
    return s ? s : gst->sink(out, path, err);
}

crl_status crl_sink_window(crl_sink *out, const char *title, crl_error *err)
{
    const crl_module *sdl;
    *out = (crl_sink){ 0 };
    const crl_status s = crl_module_load(&sdl, "sdl", "windows", "libsdl2-2.0-0", err);
    return s ? s : sdl->sink(out, title ? title : "Corallite", err);
}

/* Who is asked for nothing is this machine. */
static bool is_loopback(const char *host)
{
    return !strncmp(host, "127.", 4) || !strcmp(host, "::1") || !strcmp(host, "localhost");
}

crl_status crl_sink_rtsp(crl_sink *out, const char *url, crl_error *err)
{
    const crl_module *rtsp;
    crl_address a;
    *out = (crl_sink){ 0 };
    if (strncmp(url, "rtsp://", 7) || !crl_address_parse(&a, url + 7, 8554, true))
        return crl_fail(err, CRL_ERR_ARGUMENT, "no address to be watched at; rtsp://127.0.0.1:8554/live is one");
    if (!*a.host) snprintf(a.host, sizeof a.host, "127.0.0.1");
    if (!*a.path) snprintf(a.path, sizeof a.path, "live");
    if (!is_loopback(a.host) && !*a.password)
        return crl_fail(err, CRL_ERR_ARGUMENT,
                        "rtsp://%s: whoever reaches this machine could watch; a name and a password stand in front, "
                        "rtsp://NAME:PASSWORD@%s",
                        a.host, a.host);
    const crl_status s = crl_module_load(&rtsp, "rtsp", "streams for others", "libgstrtspserver-1.0-0", err);
    return s ? s : rtsp->sink(out, &a, err);
}

crl_status crl_sink_web(crl_sink *out, const crl_web_options *options, char *url, crl_error *err)
{
    static const crl_web_options none;
    const crl_module *web;
    *out = (crl_sink){ 0 };
    if (!options) options = &none;
    crl_status s = crl_check_reserved(options->reserved, sizeof options->reserved / sizeof *options->reserved, "crl_web_options", err);
    if (!s && (options->port < 0 || options->port > 65535)) s = crl_fail(err, CRL_ERR_ARGUMENT, "port %d, 1 to 65535 are expected", options->port);
    if (!s) s = crl_module_load(&web, "web", "web pages", "libmicrohttpd12", err);
    const crl_web_sink setup = { .options = options, .url = url };
    return s ? s : web->sink(out, &setup, err);
}
