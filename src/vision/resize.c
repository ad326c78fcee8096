/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures of another size, and the names of filters. */
#include <string.h>

#include "base/cpu.h"
#include "base/error.h"
#include "vision/resampler.h"

static void copy_row(void *user, int32_t y, const uint8_t *pixels)
{
    const crl_image *out = user;
    memcpy(out->data + (size_t)y * out->stride, pixels, (size_t)out->width * (size_t)out->channels);
}

crl_status crl_image_resize(const crl_image *out, const crl_image *image, const crl_box *box, crl_resample filter,
                            crl_error *err)
{
    crl_frame frame;
    crl_geometry g = { .channels = out->channels, .width = out->width, .height = out->height, .filter = filter };
    crl_status s = crl_image_check(out, "resized picture", err);
    if (s) return s;
    if (out->channels != image->channels)
        return crl_fail(err, CRL_ERR_ARGUMENT, "resizing %d channels into %d; they have to be the same", image->channels,
                        out->channels);
    s = crl_frame_of_image(&frame, &g.source, image, err);
    if (!s) s = crl_cpu_choose(&g.cpu, NULL, err);
    if (s) return s;
    g.part = (crl_part){ 0, 0, image->width, image->height };
    g.box = box ? *box : (crl_box){ 0.0f, 0.0f, (float)image->width, (float)image->height };
    crl_resampler *r;
    s = crl_resampler_new(&r, &g, err);
    if (s) return s;
    crl_resampler_run(r, &frame, copy_row, (void *)out);
    crl_resampler_free(r);
    return CRL_OK;
}

static const char *const names[] = {
    [CRL_RESAMPLE_BILINEAR] = "bilinear",
    [CRL_RESAMPLE_NEAREST] = "nearest",
    [CRL_RESAMPLE_BICUBIC] = "bicubic",
    [CRL_RESAMPLE_LANCZOS] = "lanczos",
};

const char *crl_resample_name(crl_resample filter)
{
    return (unsigned)filter <= CRL_RESAMPLE_LANCZOS ? names[filter] : "?";
}

crl_status crl_resample_parse(crl_resample *out, const char *name, crl_error *err)
{
    for (int i = CRL_RESAMPLE_BILINEAR; i <= CRL_RESAMPLE_LANCZOS; i++)
        if (!strcmp(name, names[i])) {
            *out = (crl_resample)i;
            return CRL_OK;
        }
    return crl_fail(err, CRL_ERR_ARGUMENT, "\"%s\" is no resampling filter; nearest, bilinear, bicubic, lanczos are", name);
}
