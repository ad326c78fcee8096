/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of every format against the formulas of the standards, and in one pass against one step after the other. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cpu.h"
#include "checks.h"
#include "vision/pixels.h"

void use_level(unsigned cpu)
{
    setenv("CRL_CPU", crl_cpu_name(cpu), 1);
}

/* Bytes of a row of plane i, 0 where there is none, and its rows. */
static size_t plane_row(const crl_frame_format *f, int i)
{
    const size_t width = (size_t)f->width, pairs = (width + 1) / 2;
    switch (f->pixels) {
    case CRL_PIXELS_RGB:
    case CRL_PIXELS_BGR: return i ? 0 : 3 * width;
    case CRL_PIXELS_RGBX:
    case CRL_PIXELS_BGRX: return i ? 0 : 4 * width;
    case CRL_PIXELS_GRAY8: return i ? 0 : width;
    case CRL_PIXELS_NV12: return i == 0 ? width : i == 1 ? 2 * pairs : 0;
    case CRL_PIXELS_I420: return i == 0 ? width : pairs;
    default: return i ? 0 : 4 * pairs;
    }
}

static size_t plane_rows(const crl_frame_format *f, int i)
{
    return (size_t)(i ? (f->height + 1) / 2 : f->height);
}

/* A frame of noise; each plane ends at an unmapped page, and its rows have a gap. */
static crl_frame draw(check *t, const crl_frame_format *f, size_t gap)
{
    crl_frame frame = { 0 };
    for (int i = 0; i < 3; i++) {
        const size_t row = plane_row(f, i), rows = plane_rows(f, i);
        if (!row) break;
        uint8_t *p = check_guarded(t, (row + gap) * (rows - 1) + row);
        check_fill_edgy_u8(t, p, (row + gap) * (rows - 1) + row);
        frame.plane[i] = p;
        frame.stride[i] = row + gap;
    }
    return frame;
}

/* ---- the definition ---- */

/* Y, U, V of a pixel, or its red, green, blue. */
static void values_at(int v[3], const crl_frame_format *f, const crl_frame *frame, int32_t x, int32_t y)
{
    const bool halved = f->pixels == CRL_PIXELS_NV12 || f->pixels == CRL_PIXELS_I420;
    const uint8_t *p = frame->plane[0] + (size_t)y * frame->stride[0];
    const uint8_t *u = halved ? frame->plane[1] + (size_t)(y / 2) * frame->stride[1] : NULL;
    const uint8_t *w = f->pixels == CRL_PIXELS_I420 ? frame->plane[2] + (size_t)(y / 2) * frame->stride[2] : NULL;
    switch (f->pixels) {
    case CRL_PIXELS_RGB: v[0] = p[3 * x], v[1] = p[3 * x + 1], v[2] = p[3 * x + 2]; break;
    case CRL_PIXELS_BGR: v[0] = p[3 * x + 2], v[1] = p[3 * x + 1], v[2] = p[3 * x]; break;
    case CRL_PIXELS_RGBX: v[0] = p[4 * x], v[1] = p[4 * x + 1], v[2] = p[4 * x + 2]; break;
    case CRL_PIXELS_BGRX: v[0] = p[4 * x + 2], v[1] = p[4 * x + 1], v[2] = p[4 * x]; break;
    case CRL_PIXELS_GRAY8: v[0] = v[1] = v[2] = p[x]; break;
    case CRL_PIXELS_NV12: v[0] = p[x], v[1] = u[x / 2 * 2], v[2] = u[x / 2 * 2 + 1]; break;
    case CRL_PIXELS_I420: v[0] = p[x], v[1] = u[x / 2], v[2] = w[x / 2]; break;
    case CRL_PIXELS_YUYV: v[0] = p[2 * x], v[1] = p[x / 2 * 4 + 1], v[2] = p[x / 2 * 4 + 3]; break;
    case CRL_PIXELS_UYVY: v[0] = p[2 * x + 1], v[1] = p[x / 2 * 4], v[2] = p[x / 2 * 4 + 2]; break;
    }
}

/* The standard in real numbers: factors of Y, and of V for red, U and V for green, U for blue. */
typedef struct standard {
    double black, y, rv, gu, gv, bu;
} standard;

static standard standard_of(const crl_frame_format *f)
{
    const double kr = f->yuv == CRL_YUV_BT709 ? 0.2126 : 0.299, kb = f->yuv == CRL_YUV_BT709 ? 0.0722 : 0.114;
    const double kg = 1.0 - kr - kb, c = f->full_range ? 1.0 : 255.0 / 224.0;
    return (standard){ f->full_range ? 0.0 : 16.0, f->full_range ? 1.0 : 255.0 / 219.0, 2.0 * (1.0 - kr) * c,
                       -2.0 * kb * (1.0 - kb) / kg * c, -2.0 * kr * (1.0 - kr) / kg * c, 2.0 * (1.0 - kb) * c };
}

/* (value << up) * factor with 15 bits cut off, rounded to nearest, and upwards in the middle. */
static int64_t part(double value, int up, double factor, int bits)
{
    return (int64_t)floor(value * (1 << up) * round(factor * (1 << bits)) / 32768.0 + 0.5);
}

static int cut(double v)
{
    return v < 0.0 ? 0 : v > 255.0 ? 255 : (int)v;
}

/* What a pixel becomes; false when that is more than 1 off the standard. */
static bool define(uint8_t rgb[3], const crl_frame_format *f, const int v[3])
{
    if (f->pixels < CRL_PIXELS_NV12) {
        for (int c = 0; c < 3; c++) rgb[c] = (uint8_t)v[c];
        return true;
    }
    const standard s = standard_of(f);
    const double y = v[0] - s.black, u = v[1] - 128, w = v[2] - 128;
    const int64_t luma = part(y, 7, s.y, 14);
    const int64_t sums[3] = { luma + part(w, 8, s.rv, 13), luma + part(u, 8, s.gu, 13) + part(w, 8, s.gv, 13),
                              luma + part(u, 8, s.bu, 13) };
    const double real[3] = { y * s.y + w * s.rv, y * s.y + u * s.gu + w * s.gv, y * s.y + u * s.bu };
    bool near = true;
    for (int c = 0; c < 3; c++) {
        rgb[c] = (uint8_t)cut(floor((double)sums[c] / 64.0 + 0.5));
        near = near && abs(rgb[c] - cut(floor(real[c] + 0.5))) <= 1;
    }
    return near;
}

/* Format number i of all that there are. */
enum { N_FORMATS = CRL_PIXELS_NV12 + 4 * 4 };
static crl_frame_format format_of(int i, int32_t width, int32_t height)
{
    crl_frame_format f = { .width = width, .height = height, .pixels = (crl_pixels)i };
    if (i < CRL_PIXELS_NV12) return f;
    f.pixels = (crl_pixels)(CRL_PIXELS_NV12 + (i - CRL_PIXELS_NV12) / 4);
    f.yuv = (i - CRL_PIXELS_NV12) % 4 / 2 ? CRL_YUV_BT709 : CRL_YUV_BT601;
    f.full_range = i % 2 != 0;
    return f;
}

static const char *text_of(const crl_frame_format *f)
{
    static char text[96];
    snprintf(text, sizeof text, "%s %d x %d, BT.%s, %s", crl_pixels_name(f->pixels), f->width, f->height,
             f->yuv == CRL_YUV_BT709 ? "709" : "601", f->full_range ? "full" : "limited");
    return text;
}

/* Every width around the steps of vectors, and both heights of a pair of rows. */
void check_frames(check *t, unsigned cpu)
{
    use_level(cpu);
    for (int i = 0; i < N_FORMATS; i++)
        for (int32_t width = 1; width <= 140; width += width < 70 ? 1 : 7) {
            const crl_frame_format f = format_of(i, width, width % 3 + 1);
            const char *text = text_of(&f);
            const crl_frame frame = draw(t, &f, (size_t)(width % 2 * 5));
            const crl_image out = guarded_image(t, f.width, f.height, 3, 3), grey = guarded_image(t, f.width, f.height, 1, 0);
            crl_error err;
            if (!check_that(t, !crl_frame_to_image(&out, &f, &frame, &err), "%s", err.text)) return;
            if (!check_that(t, !crl_frame_to_image(&grey, &f, &frame, &err), "%s", err.text)) return;
            for (int32_t y = 0; y < f.height; y++)
                for (int32_t x = 0; x < width; x++) {
                    int v[3] = { 0 };
                    uint8_t rgb[3];
                    values_at(v, &f, &frame, x, y);
                    const uint8_t *p = out.data + (size_t)y * out.stride + 3 * (size_t)x;
                    const bool near = define(rgb, &f, v);
                    const int l = f.pixels == CRL_PIXELS_GRAY8 ? v[0]
                                  : (int)((19595u * rgb[0] + 38470u * rgb[1] + 7471u * rgb[2] + 32768u) >> 16);
                    if (!check_that(t, near && !memcmp(p, rgb, 3), "%s: %d %d %d at %d,%d is %d %d %d, not %d %d %d", text,
                                    v[0], v[1], v[2], x, y, p[0], p[1], p[2], rgb[0], rgb[1], rgb[2]) ||
                        !check_that(t, grey.data[(size_t)y * grey.stride + (size_t)x] == l, "%s: grey of %d %d %d at %d,%d is %d, "
                                    "not %d", text, v[0], v[1], v[2], x, y, grey.data[(size_t)y * grey.stride + (size_t)x], l))
                        return;
                }
            check_release(t);
        }
}

/* All 2^24 colours of each standard: the kernels against their definition. */
void check_colours(check *t, unsigned cpu)
{
    crl_pixel_kernels k;
    crl_pixel_kernels_init(&k, cpu);
    if (!check_variant(t, k.to_rgb[CRL_PIXELS_NV12], k.name) || k.to_rgb[CRL_PIXELS_NV12] == crl_nv12_to_rgb_ref) return;
    static crl_yuv_terms terms[4] = { { 16, 19077, 13075, -3209, -6660, 16525 }, { 0, 16384, 11485, -2819, -5850, 14516 },
                                      { 16, 19077, 14686, -1747, -4366, 17305 }, { 0, 16384, 12901, -1535, -3835, 15201 } };
    enum { N = 512 }; /* every Y, for two U */
    uint8_t *y = check_guarded(t, N), *uv = check_guarded(t, N), *want = check_guarded(t, 3 * N), *got = check_guarded(t, 3 * N);
    const int step = 2 * (128 / check_rounds(t, 128)); /* all pairs of U, or a sample */
    for (int i = 0; i < N; i++) y[i] = (uint8_t)i;
    for (int s = 0; s < 4; s++) crl_yuv_terms_fill(&terms[s]);
    for (int s = 0; s < 4; s++)
        for (int u = 2 * check_range(t, 0, step / 2 - 1); u < 256; u += step)
            for (int v = 0; v < 256; v++) {
                for (int i = 0; i < N; i += 2) uv[i] = (uint8_t)(u + i / 256), uv[i + 1] = (uint8_t)v;
                const uint8_t *const planes[3] = { y, uv, NULL };
                crl_nv12_to_rgb_ref(want, planes, N, &terms[s]);
                k.to_rgb[CRL_PIXELS_NV12](got, planes, N, &terms[s]);
                if (memcmp(want, got, 3 * N) && !check_equal(t, want, got, 3 * N, "standard %d, U %d, V %d", s, u, v)) return;
            }
}

/* ---- converters ---- */

/* A part of a picture, as a picture. */
static crl_image part_of(const crl_image *image, const crl_box *box)
{
    crl_image p = *image;
    p.data += (size_t)box->y0 * image->stride + (size_t)box->x0 * (size_t)image->channels;
    p.width = (int32_t)(box->x1 - box->x0);
    p.height = (int32_t)(box->y1 - box->y0);
    return p;
}

/* The hook: counts. */
static bool count(void *user, size_t bytes)
{
    (void)bytes;
    (*(long *)user)++;
    return true;
}

static crl_tensor input_of(check *t)
{
    static const crl_type types[] = { CRL_UINT8, CRL_INT8, CRL_INT16, CRL_FLOAT32 };
    static const float scale = 0.01f;
    static const int32_t zero = 3;
    static const crl_quant quant = { &scale, &zero, 1, 0 };
    const crl_shape shape = { 4, { 1, check_edgy(t, 1, 70), check_edgy(t, 1, 70), check_range(t, 0, 3) ? 3 : 1 } };
    const crl_type type = types[check_range(t, 0, 3)];
    return tensor_of(type, shape, check_guarded(t, crl_shape_count(&shape) * crl_type_bytes(type)), &quant);
}

/* In one pass what to_image, crop, and to_tensor give one after the other, twice with the same converter. */
void check_converters(check *t, unsigned cpu)
{
    use_level(cpu);
    for (int round = 0; round < check_rounds(t, 600); round++) {
        const crl_frame_format f = format_of(check_range(t, 0, N_FORMATS - 1), check_edgy(t, 1, 150), check_edgy(t, 1, 150));
        crl_tensor input = input_of(t), want = input;
        want.data = check_guarded(t, input.bytes);
        const crl_input_options o = { .resample = (crl_resample)check_range(t, 0, 3), .keep_aspect_ratio = check_range(t, 0, 1),
                                      .normalise = check_range(t, 0, 1) };
        crl_box crop = { (float)check_range(t, 0, f.width - 1), (float)check_range(t, 0, f.height - 1), 0, 0 };
        crop.x1 = (float)check_range(t, (int32_t)crop.x0 + 1, f.width), crop.y1 = (float)check_range(t, (int32_t)crop.y0 + 1, f.height);
        if (check_range(t, 0, 1)) crop = (crl_box){ 0, 0, (float)f.width, (float)f.height };
        crl_converter *c;
        crl_error err;
        if (!check_that(t, !crl_converter_new(&c, &f, &crop, &input, &o, &err), "%s", err.text)) return;
        for (int run = 0; run < 2; run++) {
            const crl_frame frame = draw(t, &f, (size_t)check_range(t, 0, 9));
            const crl_image image = guarded_image(t, f.width, f.height, f.pixels == CRL_PIXELS_GRAY8 ? 1 : 3, 0);
            crl_letterbox place;
            use_level(0);
            check_that(t, !crl_frame_to_image(&image, &f, &frame, &err), "%s", err.text);
            const crl_image looked = part_of(&image, &crop);
            check_that(t, !crl_image_to_tensor(&looked, &want, &o, &place, &err), "%s", err.text);
            use_level(cpu);
            long allocations = 0;
            crl_alloc_hook(count, &allocations);
            const crl_status s = crl_converter_run(c, &frame, &input, &err);
            crl_alloc_hook(NULL, NULL);
            const crl_letterbox got = crl_converter_place(c);
            check_that(t, !s && !allocations, "status %d, %ld allocations", s, allocations);
            check_that(t, !memcmp(&place, &got, sizeof got), "another letterbox");
            if (!check_equal(t, want.data, input.data, input.bytes, "%s, %g,%g to %g,%g, into %s %d x %d x %d, %s, %s", text_of(&f),
                             (double)crop.x0, (double)crop.y0, (double)crop.x1, (double)crop.y1, crl_type_name(input.type),
                             input.shape.dim[2], input.shape.dim[1], input.shape.dim[3], crl_resample_name(o.resample),
                             o.keep_aspect_ratio ? "letterbox" : "stretched"))
                break;
        }
        crl_converter_free(c);
        check_release(t);
        if (check_failed(t)) return;
    }
}

/* With --bench: a frame into an input of bytes, by source and size. */
void check_converting_time(check *t, unsigned cpu)
{
    static const struct {
        const char *name;
        int32_t width, height;
        crl_pixels pixels;
        int32_t side;
    } cases[] = {
        { "rgb 640x480 to 300x300", 640, 480, CRL_PIXELS_RGB, 300 },      { "nv12 640x480 to 300x300", 640, 480, CRL_PIXELS_NV12, 300 },
        { "yuyv 640x480 to 300x300", 640, 480, CRL_PIXELS_YUYV, 300 },    { "rgb 1920x1080 to 320x320", 1920, 1080, CRL_PIXELS_RGB, 320 },
        { "nv12 1920x1080 to 320x320", 1920, 1080, CRL_PIXELS_NV12, 320 }, { "yuyv 1920x1080 to 320x320", 1920, 1080, CRL_PIXELS_YUYV, 320 },
        { "rgb 1920x1080 to 640x640", 1920, 1080, CRL_PIXELS_RGB, 640 },  { "nv12 1920x1080 to 640x640", 1920, 1080, CRL_PIXELS_NV12, 640 },
        { "yuyv 1920x1080 to 640x640", 1920, 1080, CRL_PIXELS_YUYV, 640 },
    };
    use_level(cpu);
    for (int i = 0; i < check_rounds(t, (int)(sizeof cases / sizeof cases[0])); i++) {
        const crl_frame_format f = { .width = cases[i].width, .height = cases[i].height, .pixels = cases[i].pixels };
        const crl_shape shape = { 4, { 1, cases[i].side, cases[i].side, 3 } };
        const crl_frame frame = draw(t, &f, 0);
        crl_tensor input = tensor_of(CRL_UINT8, shape, check_guarded(t, crl_shape_count(&shape)), NULL);
        crl_converter *c;
        crl_error err;
        if (!check_that(t, !crl_converter_new(&c, &f, NULL, &input, NULL, &err), "%s", err.text)) return;
        check_that(t, !crl_converter_run(c, &frame, &input, &err), "%s", err.text);
        check_name(t, cases[i].name);
        check_bench(t, 1, crl_converter_run(c, &frame, &input, NULL));
        crl_converter_free(c);
        check_release(t);
    }
}

/* ---- what is refused ---- */

static void refuse(check *t, const crl_frame_format *f, const crl_frame *frame, crl_status want, const char *part)
{
    static uint8_t pixels[4 * 4 * 3], room[2 * 2 * 3];
    const crl_image image = { f->width, f->height, 3, 3 * (size_t)f->width, pixels };
    const bool makes_sense = f->width > 0 && f->height > 0 && f->width <= 4 && f->height <= 4;
    crl_tensor input = tensor_of(CRL_UINT8, (crl_shape){ 4, { 1, 2, 2, 3 } }, room, NULL);
    crl_converter *c;
    crl_error err = { 0 };
    crl_status s = crl_converter_new(&c, f, NULL, &input, NULL, &err);
    if (!s) s = crl_converter_run(c, frame, &input, &err);
    crl_converter_free(c);
    check_that(t, s == want && strstr(err.text, part), "status %d, \"%s\"; not %d with \"%s\"", s, err.text, want, part);
    if (makes_sense) s = crl_frame_to_image(&image, f, frame, &err);
    check_that(t, s == want, "status %d, \"%s\"; not %d", s, err.text, want);
}

void check_frames_refused(check *t, unsigned cpu)
{
    (void)cpu;
    unsetenv("CRL_CPU");
    static const uint8_t bytes[64] = { 0 };
    const crl_frame_format nv12 = { .width = 3, .height = 3, .pixels = CRL_PIXELS_NV12 };
    const crl_frame good = { .plane = { bytes, bytes }, .stride = { 3, 4 } };
    crl_frame_format f = nv12;
    refuse(t, &nv12, &(crl_frame){ .plane = { bytes }, .stride = { 3, 4 } }, CRL_ERR_ARGUMENT, "plane 1 of a frame of nv12 is NULL");
    refuse(t, &nv12, &(crl_frame){ .plane = { bytes, bytes }, .stride = { 3, 3 } }, CRL_ERR_ARGUMENT, "need 4");
    refuse(t, &nv12, &(crl_frame){ .plane = { bytes, bytes }, .stride = { SIZE_MAX / 2, 4 } }, CRL_ERR_ARGUMENT, "as large");
    f.pixels = (crl_pixels)CRL_N_PIXELS;
    refuse(t, &f, &good, CRL_ERR_ARGUMENT, "0 to 8");
    f = nv12, f.yuv = (crl_yuv)2;
    refuse(t, &f, &good, CRL_ERR_ARGUMENT, "BT.709");
    f = nv12, f.reserved[3] = 1;
    refuse(t, &f, &good, CRL_ERR_ARGUMENT, "reserved[3]");
    refuse(t, &nv12, &(crl_frame){ .plane = { bytes, bytes }, .stride = { 3, 4 }, .reserved = { 0, 1 } }, CRL_ERR_ARGUMENT,
           "crl_frame.reserved[1]");
    f = nv12, f.width = 0;
    refuse(t, &f, &good, CRL_ERR_ARGUMENT, "0 x 3");
    f.width = INT32_MIN;
    refuse(t, &f, &good, CRL_ERR_ARGUMENT, "at least 1");
    f.width = INT32_MAX;
    refuse(t, &f, &good, CRL_ERR_UNSUPPORTED, "65535");
    f.width = f.height = 65535;
    refuse(t, &f, &good, CRL_ERR_UNSUPPORTED, "134217728");

    static uint8_t room[2 * 2 * 3];
    const crl_tensor input = tensor_of(CRL_UINT8, (crl_shape){ 4, { 1, 2, 2, 3 } }, room, NULL);
    crl_tensor other = tensor_of(CRL_INT8, (crl_shape){ 4, { 1, 2, 2, 3 } }, room, NULL), nowhere = input;
    static const crl_box wrong[] = { { 0, 0, 4, 3 }, { 0.5f, 0, 3, 3 }, { 2, 0, 2, 3 }, { -1, 0, 3, 3 }, { NAN, 0, 3, 3 } };
    crl_converter *c;
    crl_error err;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        check_that(t, crl_converter_new(&c, &nv12, &wrong[i], &input, NULL, &err) == CRL_ERR_ARGUMENT && !c &&
                   strstr(err.text, "whole pixels"), "crop %zu", i);
    if (!check_that(t, !crl_converter_new(&c, &nv12, NULL, &input, NULL, &err), "%s", err.text)) return;
    nowhere.data = NULL;
    check_that(t, crl_converter_run(c, &good, &other, &err) == CRL_ERR_ARGUMENT && strstr(err.text, "another type"), "%s", err.text);
    check_that(t, crl_converter_run(c, &good, &nowhere, &err) == CRL_ERR_ARGUMENT && strstr(err.text, "0 bytes"), "%s", err.text);
    crl_converter_free(c);
    crl_converter_free(NULL);
}

/* One block of memory as planes, with the fewest bytes that hold the frame, and one less. */
void check_frames_wrapped(check *t, unsigned cpu)
{
    (void)cpu;
    for (int i = 0; i < N_FORMATS; i++)
        for (int odd = 0; odd < 2; odd++)
            for (size_t gap = 0; gap < 4; gap += 3) {
                const crl_frame_format f = format_of(i, 6 + odd, 4 + odd);
                const size_t stride = gap ? plane_row(&f, 0) + 2 + gap : 0; /* of NV12, U and V need one more than Y */
                size_t end = 0, need = 0;
                crl_frame frame;
                crl_error err;
                static uint8_t bytes[1024];
                const crl_status s = crl_frame_wrap(&frame, &f, bytes, sizeof bytes, stride, &err);
                if (!check_that(t, !s, "%s: %s", text_of(&f), err.text)) return;
                for (int p = 0; p < 3 && plane_row(&f, p); p++) {
                    const size_t step = !stride ? plane_row(&f, p) : p && f.pixels == CRL_PIXELS_I420 ? (stride + 1) / 2 : stride;
                    check_that(t, frame.plane[p] == bytes + end && frame.stride[p] == step, "%s: plane %d at %td, stride %zu",
                               text_of(&f), p, frame.plane[p] - bytes, frame.stride[p]);
                    need = end + step * (plane_rows(&f, p) - 1) + plane_row(&f, p);
                    end += step * plane_rows(&f, p);
                }
                check_that(t, !crl_frame_wrap(&frame, &f, bytes, need, stride, &err), "%s: %s", text_of(&f), err.text);
                check_that(t, crl_frame_wrap(&frame, &f, bytes, need - 1, stride, &err) == CRL_ERR_ARGUMENT && !frame.plane[0],
                           "%s: %zu bytes were enough", text_of(&f), need - 1);
                check_that(t, crl_frame_wrap(&frame, &f, NULL, need, stride, &err) == CRL_ERR_ARGUMENT, "no bytes were enough");
                check_that(t, crl_frame_wrap(&frame, &f, bytes, need, plane_row(&f, 0) - 1, &err) == CRL_ERR_ARGUMENT, "a small stride");
                check_that(t, crl_frame_wrap(&frame, &f, bytes, need, SIZE_MAX / 4, &err) == CRL_ERR_ARGUMENT, "a huge stride");
            }
    crl_pixels p;
    crl_error err;
    for (int i = 0; i < CRL_N_PIXELS; i++)
        check_that(t, !crl_pixels_parse(&p, crl_pixels_name((crl_pixels)i), NULL) && (int)p == i, "name of format %d", i);
    check_that(t, crl_pixels_parse(&p, "yv12", &err) == CRL_ERR_ARGUMENT && strstr(err.text, "i420"), "%s", err.text);
}
