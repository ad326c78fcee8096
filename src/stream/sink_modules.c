/* SPDX-License-Identifier: Apache-2.0 */
/* Sinks that stand on large libraries: see module.h. */
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
