/* SPDX-License-Identifier: Apache-2.0 */
/* Picture to input tensor: one pass over the rows that resizing yields, straight into the tensor. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "vision/vision.h"

/* What each of the 256 values of a pixel becomes, for each channel. */
typedef struct target {
    const crl_tensor *tensor;
    size_t channels;
    size_t row;    /* elements of a row of the tensor */
    size_t filled; /* of them, picture */
    bool as_is;    /* 8 bits: the pixel, or with its high bit turned */
    union {
        uint8_t u8[3][256]; /* int8 as its bits */
        int16_t s16[3][256];
        float f32[3][256];
    } to;
} target;

/* How else a picture is laid out than it is here, and what to do about it; NULL: the tensor is none at all. */
static const char *other_layout(const crl_shape *s, const char **cure)
{
    const int32_t *d = s->dim;
    *cure = "export the model for 1 or 3 of them";
    if (s->rank == 3 && d[0] > 3 && (d[2] == 1 || d[2] == 3)) {
        *cure = "export the model with a first dimension of 1";
        return "no batch";
    }
    if (s->rank != 4) return NULL;
    if ((d[1] == 1 || d[1] == 3 || d[1] == 4) && d[2] > 4 && d[3] > 4) {
        *cure = "convert the model to channels last";
        return "channels first";
    }
    if (d[0] > 1 && (d[3] == 1 || d[3] == 3)) {
        *cure = "export the model for one picture at a time";
        return "several pictures at once";
    }
    if (d[0] == 1 && d[1] > 1 && d[2] > 1 && d[3] == 4) return "four channels, as RGBA has";
    return NULL;
}

static crl_status not_a_picture(const crl_tensor *t, crl_error *err)
{
    char shape[96];
    const char *cure, *layout = other_layout(&t->shape, &cure);
    crl_shape_text(&t->shape, shape, sizeof shape);
    if (layout)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "input \"%s\": the model takes its picture as %s (%s); [1,h,w,3], [1,h,w,1] "
                        "and [1,h,w] are filled here: %s", t->name, shape, layout, cure);
    return crl_fail(err, CRL_ERR_UNSUPPORTED, "input \"%s\" is %s %s, no picture; [1,h,w,3], [1,h,w,1] and [1,h,w] of "
                    "UINT8, INT8, INT16 or FLOAT32 are", t->name, crl_type_name(t->type), shape);
}

crl_status crl_input_check(const crl_tensor *t, crl_error *err)
{
    const crl_shape *s = &t->shape;
    const bool type = t->type == CRL_UINT8 || t->type == CRL_INT8 || t->type == CRL_INT16 || t->type == CRL_FLOAT32;
    const bool shape = (s->rank == 3 || (s->rank == 4 && (s->dim[3] == 1 || s->dim[3] == 3))) && s->dim[0] == 1 &&
                       s->dim[1] > 0 && s->dim[2] > 0;
    if (!type || !shape) return not_a_picture(t, err);
    if (s->dim[1] > CRL_IMAGE_MAX_SIDE || s->dim[2] > CRL_IMAGE_MAX_SIDE ||
        (int64_t)s->dim[1] * s->dim[2] > CRL_IMAGE_MAX_PIXELS)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "input \"%s\" takes a picture of %d x %d pixels, past the limit of %d",
                        t->name, s->dim[2], s->dim[1], CRL_IMAGE_MAX_PIXELS);
    return CRL_OK;
}

static crl_status check_tensor(const crl_tensor *t, crl_error *err)
{
    const crl_status s = crl_input_check(t, err);
    if (s) return s;
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

static crl_status fill_table(target *t, const crl_input_options *o, crl_error *err)
{
    const crl_type type = t->tensor->type;
    const crl_quant *q = &t->tensor->quant;
    t->as_is = (type == CRL_UINT8 || type == CRL_INT8) && !o->normalise;
    if (t->as_is) return CRL_OK;
    if (type != CRL_FLOAT32 && (q->n != 1 || !(q->scale[0] > 0.0f) || !isfinite(q->scale[0])))
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "input \"%s\" is %s without a scale of its own; a normalised picture "
                        "cannot be quantised for it", t->tensor->name, crl_type_name(type));
    for (size_t c = 0; c < t->channels; c++) {
        const size_t k = o->n_norm > 1 ? c : 0;
        const float mean = o->n_norm ? o->mean[k] : 127.5f, std = o->n_norm ? o->std[k] : 127.5f;
        for (int p = 0; p < 256; p++) {
            const float v = ((float)p - mean) / std;
            switch (type) {
            case CRL_UINT8: t->to.u8[c][p] = (uint8_t)quantise(v, q->scale[0], q->zero_point[0], 0, UINT8_MAX); break;
            case CRL_INT8: t->to.u8[c][p] = (uint8_t)quantise(v, q->scale[0], q->zero_point[0], INT8_MIN, INT8_MAX); break;
            case CRL_INT16: t->to.s16[c][p] = (int16_t)quantise(v, q->scale[0], q->zero_point[0], INT16_MIN, INT16_MAX); break;
            default: t->to.f32[c][p] = v; break;
            }
        }
    }
    return CRL_OK;
}

/* Elements from..to-1 of row y; `pixels` NULL: black. */
static void put(const target *t, size_t y, size_t from, size_t to, const uint8_t *pixels)
{
    const size_t at = y * t->row;
    size_t c = from % t->channels;
    for (size_t i = from; i < to; i++, c = c + 1 == t->channels ? 0 : c + 1) {
        const uint8_t p = pixels ? pixels[i] : 0;
        switch (t->tensor->type) {
        case CRL_INT16: ((int16_t *)t->tensor->data)[at + i] = t->to.s16[c][p]; break;
        case CRL_FLOAT32: ((float *)t->tensor->data)[at + i] = t->to.f32[c][p]; break;
        default: ((uint8_t *)t->tensor->data)[at + i] = t->to.u8[c][p]; break;
        }
    }
}

/* 8 bits as they are: black is 0, of int8 -128. */
static void put_bytes(const target *t, size_t y, const uint8_t *pixels, size_t n)
{
    const uint8_t turn = t->tensor->type == CRL_INT8 ? 0x80 : 0;
    uint8_t *restrict to = (uint8_t *)t->tensor->data + y * t->row;
    for (size_t i = 0; i < n; i++) to[i] = pixels[i] ^ turn;
    memset(to + n, turn, t->row - n);
}

static void put_row(void *user, int32_t y, const uint8_t *pixels)
{
    const target *t = user;
    const size_t n = pixels ? t->filled : 0;
    if (t->as_is) {
        put_bytes(t, (size_t)y, pixels, n);
        return;
    }
    put(t, (size_t)y, 0, n, pixels);
    put(t, (size_t)y, n, t->row, NULL);
}

/* The picture's place in the input. Keeping the ratio, as pycoral's set_resized_input(): sides are cut, not rounded. */
static crl_letterbox place(const crl_image *image, int32_t width, int32_t height, bool keep_ratio)
{
    crl_letterbox l = { (float)image->width, (float)image->height, image->width, image->height, width, height, width, height };
    if (!keep_ratio) return l;
    const double x = (double)width / image->width, y = (double)height / image->height, scale = x < y ? x : y;
    l.width = (float)(width / scale);
    l.height = (float)(height / scale);
    l.filled_width = (int32_t)(image->width * scale);
    l.filled_height = (int32_t)(image->height * scale);
    if (l.filled_width < 1) l.filled_width = 1;
    if (l.filled_height < 1) l.filled_height = 1;
    return l;
}

crl_status crl_image_to_tensor(const crl_image *image, crl_tensor *input, const crl_input_options *options,
                               crl_letterbox *out, crl_error *err)
{
    const crl_input_options o = options ? *options : (crl_input_options){ 0 };
    crl_status s = crl_image_check(image, "picture", err);
    if (!s) s = check_tensor(input, err);
    if (s) return s;
    const int32_t height = input->shape.dim[1], width = input->shape.dim[2];
    const int32_t channels = input->shape.rank == 4 ? input->shape.dim[3] : 1;
    s = check_options(&o, (size_t)channels, err);
    if (s) return s;
    const crl_letterbox l = place(image, width, height, o.keep_aspect_ratio);

    target *t = crl_alloc(sizeof *t);
    if (!t) return crl_fail_memory(err, "the conversion of a picture");
    t->tensor = input;
    t->channels = (size_t)channels;
    t->row = (size_t)width * t->channels;
    t->filled = (size_t)l.filled_width * t->channels;
    s = fill_table(t, &o, err);
    crl_image converted = { 0 };
    if (!s && image->channels != channels) {
        s = crl_image_convert(&converted, image, channels, err);
        image = &converted;
    }
    if (!s) s = crl_resize_rows(image, NULL, l.filled_width, l.filled_height, o.resample, put_row, t, err);
    for (int32_t y = l.filled_height; y < height && !s; y++) put_row(t, y, NULL);
    crl_image_fini(&converted);
    crl_free(t);
    if (!s && out) *out = l;
    return s;
}
