/* SPDX-License-Identifier: Apache-2.0 */
/* Sources by name: see include/corallite/stream.h. */
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "stream/module.h"
#include "stream/stream.h"

static crl_status check(crl_source_options *o, crl_error *err)
{
    const crl_status s = crl_check_reserved(o->reserved, sizeof o->reserved / sizeof *o->reserved, "crl_source_options", err);
    if (s) return s;
    if (!o->width && !o->height) o->width = 320, o->height = 240;
    if (o->width < 1 || o->height < 1)
        return crl_fail(err, CRL_ERR_ARGUMENT, "frames of %d x %d pixels; at least 1 x 1 is expected", o->width,
                        o->height);
    if (isnan(o->fps) || o->fps < 0) return crl_fail(err, CRL_ERR_ARGUMENT, "%g frames a second; more than 0 are expected", o->fps);
    return CRL_OK;
}

crl_status crl_source_open(crl_source *out, const char *name, const crl_source_options *options, crl_error *err)
{
    crl_source_options o = options ? *options : (crl_source_options){ 0 };
    *out = (crl_source){ 0 };
    const crl_status s = check(&o, err);
    if (s) return s;
    if (!strcmp(name, "test")) return crl_source_test(out, &o, err);
    if (!strcmp(name, "-")) return crl_source_raw(out, STDIN_FILENO, &o, err);
    const crl_module *gst;
    const crl_status loaded = crl_module_load(&gst, "gst", "cameras and films", "gstreamer1.0-plugins-base and gstreamer1.0-plugins-good", err);
    return loaded ? loaded : gst->source(out, name, &o, err);
}
