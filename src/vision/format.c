/* SPDX-License-Identifier: Apache-2.0 */
/* How frames lie in memory, and what is made of their rows. */
#include "vision/format.h"

#include <string.h>

#include "base/alloc.h"
#include "base/cpu.h"
#include "base/error.h"

/* A plane has `pair` bytes for two pixels side by side. Halved: it goes with pairs of pixels, and of an odd width the last
 * has its bytes all to itself; with `rows` 2, with pairs of rows likewise. */
typedef struct plane {
    size_t pair;
    bool halved;
    int32_t rows;
} plane;

static const struct {
    const char *name;
    int32_t n_planes;
    plane planes[3];
} formats[CRL_N_PIXELS] = {
    [CRL_PIXELS_RGB] = { "rgb", 1, { { 6, false, 1 } } },
    [CRL_PIXELS_BGR] = { "bgr", 1, { { 6, false, 1 } } },
    [CRL_PIXELS_RGBX] = { "rgbx", 1, { { 8, false, 1 } } },
    [CRL_PIXELS_BGRX] = { "bgrx", 1, { { 8, false, 1 } } },
    [CRL_PIXELS_GRAY8] = { "gray8", 1, { { 2, false, 1 } } },
    [CRL_PIXELS_NV12] = { "nv12", 2, { { 2, false, 1 }, { 2, true, 2 } } },
    [CRL_PIXELS_I420] = { "i420", 3, { { 2, false, 1 }, { 1, true, 2 }, { 1, true, 2 } } },
    [CRL_PIXELS_YUYV] = { "yuyv", 1, { { 4, true, 1 } } },
    [CRL_PIXELS_UYVY] = { "uyvy", 1, { { 4, true, 1 } } },
};

const char *crl_pixels_name(crl_pixels pixels)
{
    return (unsigned)pixels < CRL_N_PIXELS ? formats[pixels].name : "?";
}

crl_status crl_pixels_parse(crl_pixels *out, const char *name, crl_error *err)
{
    for (int i = 0; i < CRL_N_PIXELS; i++)
        if (!strcmp(name, formats[i].name)) {
            *out = (crl_pixels)i;
            return CRL_OK;
        }
    return crl_fail(err, CRL_ERR_ARGUMENT, "\"%s\" is no format of pixels; rgb, bgr, rgbx, bgrx, gray8, nv12, i420, yuyv, "
                    "uyvy are", name);
}

/* ---- sizes ---- */

static size_t row_bytes(const crl_frame_format *f, int32_t i)
{
    const plane *p = &formats[f->pixels].planes[i];
    const size_t width = (size_t)f->width;
    return p->halved ? (width + 1) / 2 * p->pair : width * p->pair / 2;
}

static size_t row_count(const crl_frame_format *f, int32_t i)
{
    const int32_t rows = formats[f->pixels].planes[i].rows;
    return (size_t)((f->height + rows - 1) / rows);
}

crl_status crl_format_check(const crl_frame_format *f, crl_error *err)
{
    if ((unsigned)f->pixels >= CRL_N_PIXELS)
        return crl_fail(err, CRL_ERR_ARGUMENT, "format of pixels %d; 0 to %d are accepted", (int)f->pixels, CRL_N_PIXELS - 1);
    if (f->yuv != CRL_YUV_BT601 && f->yuv != CRL_YUV_BT709)
        return crl_fail(err, CRL_ERR_ARGUMENT, "colours of standard %d; 0 (BT.601) and 1 (BT.709) are accepted", (int)f->yuv);
    const crl_status s = crl_check_reserved(f->reserved, sizeof f->reserved / sizeof *f->reserved, "crl_frame_format", err);
    if (s) return s;
    return crl_image_check_size(f->width, f->height, 3, "frame", err);
}

crl_status crl_frame_check(const crl_frame_format *f, const crl_frame *frame, crl_error *err)
{
    const char *name = formats[f->pixels].name;
    const crl_status s = crl_check_reserved(frame->reserved, sizeof frame->reserved / sizeof *frame->reserved, "crl_frame", err);
    if (s) return s;
    for (int32_t i = 0; i < formats[f->pixels].n_planes; i++) {
        size_t end;
        if (!frame->plane[i])
            return crl_fail(err, CRL_ERR_ARGUMENT, "plane %d of a frame of %s is NULL; %d are needed", i, name,
                            formats[f->pixels].n_planes);
        if (frame->stride[i] < row_bytes(f, i))
            return crl_fail(err, CRL_ERR_ARGUMENT, "plane %d of a frame of %s has a stride of %zu bytes; %d pixels need %zu", i,
                            name, frame->stride[i], f->width, row_bytes(f, i));
        if (!crl_size_mul(frame->stride[i], row_count(f, i), &end) || end > PTRDIFF_MAX)
            return crl_fail(err, CRL_ERR_ARGUMENT, "plane %d of a frame of %s has a stride of %zu bytes; no memory is as large",
                            i, name, frame->stride[i]);
    }
    return CRL_OK;
}

/* The bytes from row to row of plane i, where plane 0 has `stride`; 0: without gaps. */
static size_t stride_of(const crl_frame_format *f, int32_t i, size_t stride)
{
    if (!stride) return row_bytes(f, i);
    return f->pixels == CRL_PIXELS_I420 && i > 0 ? stride / 2 + stride % 2 : stride;
}

crl_status crl_format_bytes(const crl_frame_format *format, size_t *bytes, crl_error *err)
{
    const crl_status s = crl_format_check(format, err);
    *bytes = 0;
    for (int32_t i = 0; !s && i < formats[format->pixels].n_planes; i++) {
        size_t all;
        if (!crl_size_mul(row_bytes(format, i), row_count(format, i), &all) || !crl_size_add(*bytes, all, bytes) || *bytes > PTRDIFF_MAX)
            return crl_fail(err, CRL_ERR_UNSUPPORTED, "a frame of %d x %d pixels does not fit this machine", format->width, format->height);
    }
    return s;
}

crl_status crl_frame_wrap(crl_frame *out, const crl_frame_format *format, const void *bytes, size_t size, size_t stride,
                          crl_error *err)
{
    *out = (crl_frame){ 0 };
    crl_status s = crl_format_check(format, err);
    if (s) return s;
    crl_frame frame = { 0 };
    size_t begin = 0, need = 0;
    for (int32_t i = 0; i < formats[format->pixels].n_planes; i++) {
        size_t whole;
        frame.stride[i] = stride_of(format, i, stride);
        /* Whole rows lie between planes; the last of the frame need not have what follows its pixels. */
        if (frame.stride[i] < row_bytes(format, i) || !crl_size_mul(frame.stride[i], row_count(format, i), &whole) ||
            !crl_size_add(begin, whole, &whole) || whole > PTRDIFF_MAX)
            return crl_fail(err, CRL_ERR_ARGUMENT, "a stride of %zu bytes for a frame of %s of %d x %d pixels; a row has %zu",
                            stride, formats[format->pixels].name, format->width, format->height, row_bytes(format, i));
        need = whole - frame.stride[i] + row_bytes(format, i);
        frame.plane[i] = bytes ? (const uint8_t *)bytes + (begin <= size ? begin : 0) : NULL;
        begin = whole;
    }
    if (!bytes || size < need)
        return crl_fail(err, CRL_ERR_ARGUMENT, "%zu bytes for a frame of %s of %d x %d pixels; it has %zu", bytes ? size : 0,
                        formats[format->pixels].name, format->width, format->height, need);
    *out = frame;
    return CRL_OK;
}

crl_status crl_frame_of_image(crl_frame *out, crl_frame_format *format, const crl_image *image, crl_error *err)
{
    *out = (crl_frame){ 0 };
    *format = (crl_frame_format){ 0 };
    const crl_status s = crl_image_check(image, "picture", err);
    if (s) return s;
    *format = (crl_frame_format){ .width = image->width, .height = image->height,
                                  .pixels = image->channels == 1 ? CRL_PIXELS_GRAY8 : CRL_PIXELS_RGB };
    *out = (crl_frame){ .plane = { image->data }, .stride = { image->stride } };
    return CRL_OK;
}

/* ---- rows ---- */

/* Factors of the standards, 2^13 of them, and 2^14 for luma, by matrix and range. */
static const struct {
    int16_t black, y, rv, gu, gv, bu;
} factors[2][2] = {
    [CRL_YUV_BT601] = { { 16, 19077, 13075, -3209, -6660, 16525 }, { 0, 16384, 11485, -2819, -5850, 14516 } },
    [CRL_YUV_BT709] = { { 16, 19077, 14686, -1747, -4366, 17305 }, { 0, 16384, 12901, -1535, -3835, 15201 } },
};

bool crl_format_is_grey(const crl_frame_format *f)
{
    return f->pixels == CRL_PIXELS_GRAY8;
}

static void fill_terms(crl_yuv_terms *k, const crl_frame_format *f)
{
    k->black = factors[f->yuv][f->full_range].black;
    k->y = factors[f->yuv][f->full_range].y;
    k->rv = factors[f->yuv][f->full_range].rv;
    k->gu = factors[f->yuv][f->full_range].gu;
    k->gv = factors[f->yuv][f->full_range].gv;
    k->bu = factors[f->yuv][f->full_range].bu;
    crl_yuv_terms_fill(k);
}

void crl_row_source_init(crl_row_source *s, const crl_frame_format *format, crl_part part, int32_t channels, unsigned cpu)
{
    *s = (crl_row_source){ .format = *format, .part = part, .channels = channels };
    if (format->pixels >= CRL_PIXELS_NV12) fill_terms(&s->terms, format);
    crl_pixel_kernels_init(&s->kernels, cpu);
}

bool crl_row_source_is_direct(const crl_row_source *s)
{
    return s->format.pixels == (s->channels == 1 ? CRL_PIXELS_GRAY8 : CRL_PIXELS_RGB);
}

/* Pixels that go by pairs are converted from an even one on. */
size_t crl_row_source_shift(const crl_row_source *s)
{
    return (size_t)(s->part.x % 2 * s->channels);
}

/* Where pixel x of a row begins; x is even where pixels go by pairs. */
static void advance(const uint8_t *to[3], const crl_row_source *s, const uint8_t *const planes[3], size_t x)
{
    for (int i = 0; i < 3; i++)
        to[i] = planes[i] ? planes[i] + x * formats[s->format.pixels].planes[i].pair / 2 : NULL;
}

/* By way of RGB, a stretch of an even number of pixels at a time. */
static void make_grey(const crl_row_source *s, const uint8_t *const planes[3], size_t n, uint8_t *room)
{
    enum { STRETCH = 256 };
    uint8_t rgb[3 * STRETCH];
    for (size_t x = 0; x < n; x += STRETCH) {
        const size_t m = n - x < STRETCH ? n - x : STRETCH;
        const uint8_t *from[3];
        advance(from, s, planes, x);
        s->kernels.to_rgb[s->format.pixels](rgb, from, m, &s->terms);
        s->kernels.to_grey(room + x, rgb, m);
    }
}

const uint8_t *crl_row_source_get(const crl_row_source *s, const crl_frame *frame, int32_t y, uint8_t *room)
{
    const uint8_t *planes[3] = { NULL }, *from[3];
    for (int32_t i = 0; i < formats[s->format.pixels].n_planes; i++)
        planes[i] = frame->plane[i] + (size_t)((s->part.y + y) / formats[s->format.pixels].planes[i].rows) * frame->stride[i];
    const bool direct = crl_row_source_is_direct(s);
    const size_t before = direct ? 0 : (size_t)s->part.x % 2, n = before + (size_t)s->part.width;
    advance(from, s, planes, (size_t)s->part.x - before);
    if (direct) return from[0];
    if (s->channels == 3) s->kernels.to_rgb[s->format.pixels](room, from, n, &s->terms);
    else if (s->format.pixels == CRL_PIXELS_RGB) s->kernels.to_grey(room, from[0], n);
    else make_grey(s, from, n, room);
    return room + crl_row_source_shift(s);
}

crl_status crl_frame_to_image(const crl_image *out, const crl_frame_format *format, const crl_frame *frame, crl_error *err)
{
    unsigned cpu;
    crl_status s = crl_image_check(out, "picture", err);
    if (!s) s = crl_format_check(format, err);
    if (!s) s = crl_frame_check(format, frame, err);
    if (!s && (out->width != format->width || out->height != format->height))
        s = crl_fail(err, CRL_ERR_ARGUMENT, "a frame of %d x %d pixels into a picture of %d x %d; they have to be the same",
                     format->width, format->height, out->width, out->height);
    if (!s) s = crl_cpu_choose(&cpu, NULL, err);
    if (s) return s;
    crl_row_source source;
    crl_row_source_init(&source, format, (crl_part){ 0, 0, format->width, format->height }, out->channels, cpu);
    const size_t n = (size_t)out->width * (size_t)out->channels;
    for (int32_t y = 0; y < out->height; y++) {
        uint8_t *to = out->data + (size_t)y * out->stride;
        const uint8_t *row = crl_row_source_get(&source, frame, y, to);
        if (row != to) memcpy(to, row, n);
    }
    return CRL_OK;
}
