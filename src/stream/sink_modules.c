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
