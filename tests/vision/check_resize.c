/* SPDX-License-Identifier: Apache-2.0 */
/* Resizing against Pillow's bytes. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "checks.h"
#include "drawn.h"
#include "golden_resize.h"

enum { GAP = 3 };

static uint32_t sum_of(const crl_image *image)
{
    uint32_t crc = 0;
    for (int32_t y = 0; y < image->height; y++)
        crc = drawn_crc(crc, image->data + (size_t)y * image->stride, (size_t)image->width * (size_t)image->channels);
    return crc;
}

/* A drawn picture in memory that ends at an unmapped page, with a gap between its rows. */
static crl_image draw(check *t, int32_t width, int32_t height, int32_t channels, uint32_t seed)
{
    const crl_image image = guarded_image(t, width, height, channels, GAP);
    const size_t row = (size_t)width * (size_t)channels;
    uint8_t *whole = crl_alloc(row * (size_t)height);
    if (!whole) return image;
    drawn_fill(whole, row * (size_t)height, seed);
    for (int32_t y = 0; y < height; y++) memcpy(image.data + (size_t)y * image.stride, whole + (size_t)y * row, row);
    crl_free(whole);
    return image;
}

void check_resize(check *t, unsigned cpu)
{
    use_level(cpu);
    const int n = sizeof golden_resize / sizeof golden_resize[0], step = n / check_rounds(t, n);
    for (int i = check_range(t, 0, step - 1); i < n; i += step) {
        const int32_t width = golden_resize[i].width, height = golden_resize[i].height, channels = golden_resize[i].channels;
        const int32_t out_width = golden_resize[i].out_width, out_height = golden_resize[i].out_height;
        const crl_image image = draw(t, width, height, channels, golden_resize[i].seed);
        const crl_box *box = golden_resize[i].box.x1 > 0.0f ? &golden_resize[i].box : NULL;
        for (int filter = CRL_RESAMPLE_BILINEAR; filter <= CRL_RESAMPLE_LANCZOS; filter++) {
            const crl_image out = guarded_image(t, out_width, out_height, channels, GAP);
            memset(out.data, 0xa5, out.stride * (size_t)(out_height - 1) + out.stride - GAP);
            crl_error err;
            if (!check_that(t, !crl_image_resize(&out, &image, box, (crl_resample)filter, &err), "%s", err.text)) return;
            check_that(t, sum_of(&out) == golden_resize[i].sums[filter], "%s, %d x %d x %d to %d x %d, seed %u: other pixels",
                       crl_resample_name((crl_resample)filter), width, height, channels, out_width, out_height,
                       golden_resize[i].seed);
            for (int32_t y = 0; y + 1 < out_height; y++)
                for (size_t g = 1; g <= GAP; g++)
                    check_that(t, out.data[(size_t)(y + 1) * out.stride - g] == 0xa5, "a byte between rows was written");
        }
        if (check_failed(t)) return;
    }
}

/* The hook: sums what is asked for. */
static bool count_bytes(void *user, size_t bytes)
{
    *(size_t *)user += bytes;
    return true;
}

/* A picture of one column, as high as may be: what resizing takes must not depend on that. */
void check_resize_memory(check *t, unsigned cpu)
{
    use_level(cpu); /* all that there are: plain code would take long */
    enum { HIGH = 65535, SIDE = 300 };
    for (int filter = CRL_RESAMPLE_BILINEAR; filter <= CRL_RESAMPLE_LANCZOS; filter++)
        for (int across = 0; across < 2; across++) {
            uint8_t *pixels = crl_alloc(HIGH), *to = crl_alloc(SIDE * SIDE);
            if (!pixels || !to) return;
            const crl_image image = { across ? HIGH : 1, across ? 1 : HIGH, 1, across ? HIGH : 1, pixels };
            const crl_image out = { SIDE, SIDE, 1, SIDE, to };
            size_t bytes = 0;
            crl_alloc_hook(count_bytes, &bytes);
            const crl_status s = crl_image_resize(&out, &image, NULL, (crl_resample)filter, NULL);
            crl_alloc_hook(NULL, NULL);
            check_that(t, !s && bytes < 5 << 20, "status %d, %zu bytes", s, bytes);
            crl_free(pixels);
            crl_free(to);
        }
}

void check_resize_arguments(check *t, unsigned cpu)
{
    (void)cpu;
    uint8_t pixels[48] = { 0 }, to[48];
    const crl_image image = { 4, 4, 3, 12, pixels };
    const crl_image out = { 2, 2, 3, 6, to };
    crl_error err;
    static const crl_box wrong[] = { { -1, 0, 4, 4 }, { 0, 0, 5, 4 }, { 2, 0, 2, 4 }, { 0, 3, 4, 1 }, { NAN, 0, 4, 4 }, { 0, 0, INFINITY, 4 } };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        check_that(t, crl_image_resize(&out, &image, &wrong[i], CRL_RESAMPLE_BICUBIC, &err) == CRL_ERR_ARGUMENT, "box %zu was accepted", i);
    const crl_image grey = { 2, 2, 1, 2, to }, flat = { 2, 0, 3, 6, to }, narrow = { 2, 2, 3, 5, to }, nowhere = { 2, 2, 3, 6, NULL };
    check_that(t, crl_image_resize(&grey, &image, NULL, CRL_RESAMPLE_BICUBIC, NULL) == CRL_ERR_ARGUMENT, "grey from RGB");
    check_that(t, crl_image_resize(&flat, &image, NULL, CRL_RESAMPLE_BICUBIC, NULL) == CRL_ERR_ARGUMENT, "no rows");
    check_that(t, crl_image_resize(&narrow, &image, NULL, CRL_RESAMPLE_BICUBIC, NULL) == CRL_ERR_ARGUMENT, "a small stride");
    check_that(t, crl_image_resize(&nowhere, &image, NULL, CRL_RESAMPLE_BICUBIC, NULL) == CRL_ERR_ARGUMENT, "no pixels");
    check_that(t, crl_image_resize(&out, &image, NULL, (crl_resample)4, NULL) == CRL_ERR_ARGUMENT, "filter 4");
    crl_resample filter;
    for (int i = CRL_RESAMPLE_BILINEAR; i <= CRL_RESAMPLE_LANCZOS; i++)
        check_that(t, !crl_resample_parse(&filter, crl_resample_name((crl_resample)i), NULL) && (int)filter == i, "name of filter %d", i);
    check_that(t, crl_resample_parse(&filter, "cubic", &err) == CRL_ERR_ARGUMENT && strstr(err.text, "lanczos"), "%s", err.text);
}
