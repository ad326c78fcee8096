/* SPDX-License-Identifier: Apache-2.0 */
/* Frames to an input tensor: one pass over the rows that resizing yields, straight into the tensor. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cpu.h"
#include "base/error.h"
#include "vision/resampler.h"

struct crl_converter {
    crl_resampler *resampler;
    crl_frame_format format;
    crl_letterbox place;
    crl_type type; /* of the input, as its shape */
    crl_shape shape;
    size_t channels; /* of the input */
    size_t step;     /* channels of a row that resizing yields; where it is grey and the input is not, 1 */
    bool as_is;      /* 8 bits: the pixel, or with its high bit turned */
    bool blue_first; /* the input's channels, which a row has the other way round */
    uint8_t padding;
    union {
        uint8_t u8[3][256]; /* int8 as its bits */
        int16_t s16[3][256];
        float f32[3][256];
    } to; /* what each value of a pixel becomes, for each channel */
};

/* ---- rows into the tensor ---- */

/* n pixels that follow each other in `step` bytes; their three values are `apart`, which is -1 from blue to red. */
typedef struct pixels {
    const uint8_t *at;
    ptrdiff_t step, apart, n;
} pixels;

static void put_u8(uint8_t *restrict to, const uint8_t table[3][256], size_t channels, pixels p)
{
    if (channels == 1)
        for (ptrdiff_t x = 0; x < p.n; x++) to[x] = table[0][p.at[x * p.step]];
    else
        for (ptrdiff_t x = 0; x < p.n; x++, to += 3)
            for (ptrdiff_t c = 0; c < 3; c++) to[c] = table[c][p.at[x * p.step + c * p.apart]];
}

static void put_s16(int16_t *restrict to, const int16_t table[3][256], size_t channels, pixels p)
{
    if (channels == 1)
        for (ptrdiff_t x = 0; x < p.n; x++) to[x] = table[0][p.at[x * p.step]];
    else
        for (ptrdiff_t x = 0; x < p.n; x++, to += 3)
            for (ptrdiff_t c = 0; c < 3; c++) to[c] = table[c][p.at[x * p.step + c * p.apart]];
}

static void put_f32(float *restrict to, const float table[3][256], size_t channels, pixels p)
{
    if (channels == 1)
        for (ptrdiff_t x = 0; x < p.n; x++) to[x] = table[0][p.at[x * p.step]];
    else
        for (ptrdiff_t x = 0; x < p.n; x++, to += 3)
            for (ptrdiff_t c = 0; c < 3; c++) to[c] = table[c][p.at[x * p.step + c * p.apart]];
}

/* Pixels from element `at` of the tensor on. */
static void put(const crl_converter *c, void *data, size_t at, pixels p)
{
    switch (c->type) {
    case CRL_INT16: put_s16((int16_t *)data + at, c->to.s16, c->channels, p); break;
    case CRL_FLOAT32: put_f32((float *)data + at, c->to.f32, c->channels, p); break;
    default: put_u8((uint8_t *)data + at, c->to.u8, c->channels, p); break;
    }
}

/* 8 bits as they are. */
static void put_bytes(uint8_t *restrict to, const uint8_t *restrict from, size_t n, uint8_t turn)
{
    for (size_t i = 0; i < n; i++) to[i] = from[i] ^ turn;
}

/* The same, blue first. */
static void put_turned(uint8_t *restrict to, const uint8_t *restrict from, size_t n, uint8_t turn)
{
    for (size_t i = 0; i < n; i += 3) {
        const uint8_t red = from[i], green = from[i + 1], blue = from[i + 2];
        to[i] = blue ^ turn;
        to[i + 1] = green ^ turn;
        to[i + 2] = red ^ turn;
    }
}

/* n pixels of the picture, from element `at` of the tensor on. */
static void put_pixels(const crl_converter *c, void *data, size_t at, const uint8_t *row, size_t n)
{
    const bool colour = c->step == 3, turned = colour && c->blue_first;
    if (c->as_is && c->step == c->channels) {
        uint8_t *to = (uint8_t *)data + at;
        const uint8_t turn = c->type == CRL_INT8 ? 0x80 : 0;
        if (turned) put_turned(to, row, n * c->channels, turn);
        else put_bytes(to, row, n * c->channels, turn);
    } else
        put(c, data, at, (pixels){ turned ? row + 2 : row, (ptrdiff_t)c->step, turned ? -1 : colour, (ptrdiff_t)n });
}

typedef struct job {
    const crl_converter *c;
    void *data;
} job;

/* n pixels without a picture, from pixel `at` of the input on. */
static void put_padding(const job *j, size_t at, size_t n)
{
    put(j->c, j->data, at * j->c->channels, (pixels){ &j->c->padding, 0, 0, (ptrdiff_t)n });
}

/* Row y of the picture in the input. */
static void put_row(void *user, int32_t y, const uint8_t *row)
{
    const job *j = user;
    const crl_letterbox *l = &j->c->place;
    const size_t width = (size_t)l->input_width, left = (size_t)l->left, filled = (size_t)l->filled_width;
    const size_t at = (size_t)(l->top + y) * width;
    put_padding(j, at, left);
    put_pixels(j->c, j->data, (at + left) * j->c->channels, row, filled);
    put_padding(j, at + left + filled, width - left - filled);
}

/* ---- making one ---- */

static crl_status check_data(const crl_tensor *t, crl_error *err)
{
    const size_t need = crl_shape_count(&t->shape) * crl_type_bytes(t->type);
    if (!t->data || t->bytes < need)
        return crl_fail(err, CRL_ERR_ARGUMENT, "input \"%s\" has %zu bytes of data; its shape needs %zu", t->name,
                        t->data ? t->bytes : 0, need);
    return CRL_OK;
}

static crl_status check_options(const crl_input_options *o, size_t channels, crl_error *err)
{
    const crl_status s = crl_check_reserved(o->reserved, sizeof o->reserved / sizeof *o->reserved, "crl_input_options", err);
    if (s) return s;
    if (o->n_norm != 0 && o->n_norm != 1 && o->n_norm != (int32_t)channels)
        return crl_fail(err, CRL_ERR_ARGUMENT, "%d values of mean and std for an input of %zu channels; one, or one for "
                        "each, is accepted", o->n_norm, channels);
    if ((unsigned)o->fit > CRL_FIT_CENTRE) return crl_fail(err, CRL_ERR_ARGUMENT, "fit %d; 0 to 3 are accepted", (int)o->fit);
    if ((unsigned)o->order > CRL_CHANNELS_BGR)
        return crl_fail(err, CRL_ERR_ARGUMENT, "order %d of channels; 0 to 2 are accepted", (int)o->order);
    if (o->padding < 0 || o->padding > 255)
        return crl_fail(err, CRL_ERR_ARGUMENT, "padding %d; 0 to 255 are accepted", o->padding);
    for (int32_t c = 0; c < o->n_norm; c++) {
        if (!isfinite(o->mean[c])) return crl_fail(err, CRL_ERR_ARGUMENT, "mean %g; a number is accepted", o->mean[c]);
        if (!isfinite(o->std[c]) || o->std[c] == 0.0f)
            return crl_fail(err, CRL_ERR_ARGUMENT, "std %g; a number other than 0 is accepted", o->std[c]);
    }
    return CRL_OK;
}

static int32_t quantise(float v, float scale, int32_t zero_point, int32_t least, int32_t most)
{
    const float q = roundf(v / scale) + (float)zero_point;
    return q <= (float)least ? least : q >= (float)most ? most : (int32_t)q;
}

static crl_status fill_tables(crl_converter *c, const crl_tensor *input, const crl_input_options *o, crl_error *err)
{
    const crl_type type = input->type;
    const crl_quant *q = &input->quant;
    c->as_is = (type == CRL_UINT8 || type == CRL_INT8) && !o->normalise;
    if (!c->as_is && type != CRL_FLOAT32 && (q->n != 1 || !(q->scale[0] > 0.0f) || !isfinite(q->scale[0])))
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "input \"%s\" is %s without a scale of its own; a normalised picture "
                        "cannot be quantised for it", input->name, crl_type_name(type));
    for (size_t i = 0; i < c->channels; i++) {
        const size_t k = o->n_norm > 1 ? i : 0;
        const float mean = o->n_norm ? o->mean[k] : 127.5f, std = o->n_norm ? o->std[k] : 127.5f;
        for (int p = 0; p < 256; p++) {
            const float v = ((float)p - mean) / std;
            if (c->as_is) c->to.u8[i][p] = (uint8_t)(type == CRL_INT8 ? p ^ 0x80 : p);
            else if (type == CRL_UINT8) c->to.u8[i][p] = (uint8_t)quantise(v, q->scale[0], q->zero_point[0], 0, UINT8_MAX);
            else if (type == CRL_INT8) c->to.u8[i][p] = (uint8_t)quantise(v, q->scale[0], q->zero_point[0], INT8_MIN, INT8_MAX);
            else if (type == CRL_INT16) c->to.s16[i][p] = (int16_t)quantise(v, q->scale[0], q->zero_point[0], INT16_MIN, INT16_MAX);
            else c->to.f32[i][p] = v;
        }
    }
    return CRL_OK;
}

/* A side of the shrunk picture. In the corner as pycoral's set_resized_input() cuts it, in the middle as Ultralytics rounds it. */
static int32_t shrunk(int32_t side, double scale, int32_t most, crl_fit fit)
{
    const int32_t n = (int32_t)(fit == CRL_FIT_CENTRE ? nearbyint(side * scale) : side * scale);
    return n < 1 ? 1 : n > most ? most : n;
}

/* The picture's place in the input. */
static crl_letterbox place(int32_t picture_width, int32_t picture_height, int32_t width, int32_t height, crl_fit fit)
{
    crl_letterbox l = { .width = (float)picture_width, .height = (float)picture_height, .picture_width = picture_width,
                        .picture_height = picture_height, .input_width = width, .input_height = height,
                        .filled_width = width, .filled_height = height };
    if (fit != CRL_FIT_CORNER && fit != CRL_FIT_CENTRE) return l;
    const double x = (double)width / picture_width, y = (double)height / picture_height, scale = x < y ? x : y;
    l.width = (float)(width / scale);
    l.height = (float)(height / scale);
    l.filled_width = shrunk(picture_width, scale, width, fit);
    l.filled_height = shrunk(picture_height, scale, height, fit);
    if (fit == CRL_FIT_CENTRE) l.left = (width - l.filled_width) / 2, l.top = (height - l.filled_height) / 2;
    return l;
}

/* The part of the frame that is looked at. */
static crl_status part_of(crl_part *out, const crl_frame_format *f, const crl_box *crop, crl_error *err)
{
    *out = (crl_part){ 0, 0, f->width, f->height };
    if (!crop) return CRL_OK;
    const crl_box b = *crop;
    if (b.x0 == floorf(b.x0) && b.y0 == floorf(b.y0) && b.x1 == floorf(b.x1) && b.y1 == floorf(b.y1) && b.x0 >= 0.0f &&
        b.x1 > b.x0 && b.x1 <= (float)f->width && b.y0 >= 0.0f && b.y1 > b.y0 && b.y1 <= (float)f->height) {
        *out = (crl_part){ (int32_t)b.x0, (int32_t)b.y0, (int32_t)(b.x1 - b.x0), (int32_t)(b.y1 - b.y0) };
        return CRL_OK;
    }
    return crl_fail(err, CRL_ERR_ARGUMENT, "crop %g,%g to %g,%g is no part, in whole pixels, of a frame of %d x %d", b.x0, b.y0,
                    b.x1, b.y1, f->width, f->height);
}

crl_status crl_converter_new(crl_converter **out, const crl_frame_format *format, const crl_box *crop, const crl_tensor *input,
                             const crl_input_options *options, crl_error *err)
{
    const crl_input_options o = options ? *options : (crl_input_options){ 0 };
    crl_geometry g = { .source = *format, .filter = o.resample };
    *out = NULL;
    crl_status s = crl_format_check(format, err);
    if (!s) s = crl_input_check(input, err);
    if (s) return s;
    const int32_t channels = input->shape.rank == 4 ? input->shape.dim[3] : 1;
    s = check_options(&o, (size_t)channels, err);
    if (!s) s = part_of(&g.part, format, crop, err);
    if (!s) s = crl_cpu_choose(&g.cpu, NULL, err);
    if (s) return s;

    crl_converter *c = crl_alloc(sizeof *c);
    if (!c) return crl_fail_memory(err, "the conversion of pictures");
    g.channels = channels == 1 || crl_format_is_grey(format) ? 1 : 3;
    c->format = *format;
    c->type = input->type;
    c->shape = input->shape;
    c->channels = (size_t)channels;
    c->step = (size_t)g.channels;
    c->blue_first = o.order == CRL_CHANNELS_BGR;
    c->padding = (uint8_t)o.padding;
    c->place = place(g.part.width, g.part.height, input->shape.dim[2], input->shape.dim[1],
                     o.fit || !o.keep_aspect_ratio ? o.fit : CRL_FIT_CORNER);
    g.box = (crl_box){ 0.0f, 0.0f, (float)g.part.width, (float)g.part.height };
    g.width = c->place.filled_width;
    g.height = c->place.filled_height;
    s = fill_tables(c, input, &o, err);
    if (!s) s = crl_resampler_new(&c->resampler, &g, err);
    if (s) crl_converter_free(c);
    else *out = c;
    return s;
}

void crl_converter_free(crl_converter *c)
{
    if (!c) return;
    crl_resampler_free(c->resampler);
    crl_free(c);
}

crl_letterbox crl_converter_place(const crl_converter *c)
{
    return c->place;
}

crl_status crl_converter_run(crl_converter *c, const crl_frame *frame, crl_tensor *input, crl_error *err)
{
    crl_status s = crl_frame_check(&c->format, frame, err);
    if (!s && (input->type != c->type || !crl_shape_equal(&input->shape, &c->shape)))
        s = crl_fail(err, CRL_ERR_ARGUMENT, "input \"%s\" has another type or shape than the one that its converter was made for",
                     input->name);
    if (!s) s = check_data(input, err);
    if (s) return s;
    job j = { c, input->data };
    const crl_letterbox *l = &c->place;
    const size_t width = (size_t)l->input_width, end = (size_t)(l->top + l->filled_height);
    put_padding(&j, 0, (size_t)l->top * width);
    crl_resampler_run(c->resampler, frame, put_row, &j);
    put_padding(&j, end * width, ((size_t)l->input_height - end) * width);
    return CRL_OK;
}

crl_status crl_image_to_tensor(const crl_image *image, crl_tensor *input, const crl_input_options *options,
                               crl_letterbox *out, crl_error *err)
{
    crl_frame frame;
    crl_frame_format format;
    crl_converter *c = NULL;
    crl_status s = crl_frame_of_image(&frame, &format, image, err);
    if (!s) s = crl_converter_new(&c, &format, NULL, input, options, err);
    if (!s) s = crl_converter_run(c, &frame, input, err);
    if (!s && out) *out = c->place;
    crl_converter_free(c);
    return s;
}
