/* SPDX-License-Identifier: Apache-2.0 */
/* Segmentation: classes of pixels out of a tensor, their number, their colours. */
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "vision/value.h"
#include "vision/vision.h"

/* What of a side is picture: `n` pixels from `first` on. */
typedef struct span {
    int32_t first, n;
} span;

static int32_t rounded(int32_t n, int32_t at, int32_t whole)
{
    const int64_t v = ((int64_t)n * at * 2 + whole) / ((int64_t)whole * 2);
    return v < n ? (int32_t)v : n;
}

/* The picture in a side of `n` output pixels, when of the input's it is `filled` of `whole`. Rounded: an output may be a
 * fraction of the input's size. */
static span unpadded(int32_t n, int32_t first, int32_t filled, int32_t whole)
{
    const int32_t end = rounded(n, first + filled, whole), from = rounded(n, first, whole);
    const int32_t start = from < n ? from : n - 1;
    return (span){ start, end > start ? end - start : 1 };
}

static crl_status not_a_mask(const crl_tensor *t, crl_error *err)
{
    char shape[CRL_SHAPE_TEXT];
    return crl_fail(err, CRL_ERR_UNSUPPORTED, "output \"%s\" %s %s is no segmentation; [1,h,w] of classes and "
                    "[1,h,w,classes] of scores are accepted", t->name, crl_type_name(t->type),
                    crl_shape_text(&t->shape, shape, sizeof shape));
}

/* Class of the pixel whose scores begin at element `at`: the first of the highest. Scores of one tensor compare
 * as their stored values do, unless each channel has a scale of its own. */
static int32_t best_class(const crl_values *v, size_t at, int32_t classes)
{
    int32_t best = 0;
    float most = crl_value(v, at);
    for (int32_t c = 1; c < classes; c++) {
        const float score = crl_value(v, at + (size_t)c);
        if (score > most) most = score, best = c;
    }
    return best;
}

/* Whether stored bytes compare as their values do. */
static bool is_ordered(const crl_values *v)
{
    return v->n_scales == 0 || (v->n_scales == 1 && v->scale[0] > 1e-30f && v->scale[0] < 1e30f);
}

/* Classes of n pixels whose scores begin at element `at`. */
static void best_classes(uint8_t *to, const crl_values *v, size_t at, int32_t classes, int32_t n)
{
    const bool bytes = (v->type == CRL_UINT8 || v->type == CRL_INT8) && is_ordered(v);
    const uint8_t turn = v->type == CRL_INT8 ? 0x80 : 0;
    for (int32_t x = 0; x < n; x++, at += (size_t)classes) {
        if (!bytes) {
            to[x] = (uint8_t)best_class(v, at, classes);
            continue;
        }
        const uint8_t *p = (const uint8_t *)v->data + at;
        int32_t best = 0;
        uint8_t most = p[0] ^ turn;
        for (int32_t c = 1; c < classes; c++) {
            const uint8_t score = p[c] ^ turn;
            if (score > most) most = score, best = c;
        }
        to[x] = (uint8_t)best;
    }
}

/* Classes of n pixels that are stored as such, from element `at` on; false: one is none of 0 to 255. */
static bool take_classes(uint8_t *to, const crl_values *v, size_t at, int32_t n)
{
    uint64_t all = 0;
    if (v->type == CRL_INT64) {
        const int64_t *p = (const int64_t *)v->data + at;
        for (int32_t x = 0; x < n; x++) all |= (uint64_t)p[x], to[x] = (uint8_t)p[x];
    } else if (v->type == CRL_INT32) {
        const int32_t *p = (const int32_t *)v->data + at;
        for (int32_t x = 0; x < n; x++) all |= (uint32_t)p[x], to[x] = (uint8_t)p[x];
    } else
        for (int32_t x = 0; x < n; x++) {
            const int64_t class = crl_stored(v, at + (size_t)x);
            all |= (uint64_t)class, to[x] = (uint8_t)class;
        }
    return all < CRL_MASK_CLASSES;
}

static crl_status no_class(const crl_values *v, size_t at, crl_error *err)
{
    int64_t class = crl_stored(v, at);
    while (class >= 0 && class < CRL_MASK_CLASSES) class = crl_stored(v, ++at);
    return crl_fail(err, CRL_ERR_UNSUPPORTED, "segmentation has class %lld; 0 to %d are accepted", (long long)class,
                    CRL_MASK_CLASSES - 1);
}

/* Memory for a mask, that of the last one where it has the size. */
static crl_status make_mask(crl_image *mask, int32_t width, int32_t height, crl_error *err)
{
    if (mask->width == width && mask->height == height) return CRL_OK;
    crl_image_fini(mask);
    return crl_image_init(mask, width, height, 1, err);
}

crl_status crl_mask_read_again(crl_image *mask, const crl_tensor *output, const crl_letterbox *frame, crl_error *err)
{
    const crl_shape *shape = &output->shape;
    const bool indices = shape->rank == 3 || (shape->rank == 4 && shape->dim[3] == 1);
    if ((shape->rank != 3 && shape->rank != 4) || shape->dim[0] != 1 || shape->dim[1] < 1 || shape->dim[2] < 1 ||
        (!indices && shape->dim[3] < 1))
        return not_a_mask(output, err);
    if (indices && (output->type == CRL_FLOAT32 || output->type == CRL_BOOL)) return not_a_mask(output, err);
    const int32_t full_width = shape->dim[2], full_height = shape->dim[1];
    span across = { 0, full_width }, down = { 0, full_height };
    if (frame) {
        across = unpadded(full_width, frame->left, frame->filled_width, frame->input_width);
        down = unpadded(full_height, frame->top, frame->filled_height, frame->input_height);
    }
    const int32_t classes = indices ? 1 : shape->dim[3];
    if (classes > CRL_MASK_CLASSES)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "segmentation of %d classes; at most %d are accepted", classes, CRL_MASK_CLASSES);
    crl_values v;
    crl_status s = crl_values_open(&v, output, err);
    if (!s) s = make_mask(mask, across.n, down.n, err);
    if (s) return s;
    for (int32_t y = 0; y < down.n; y++) {
        const size_t at = ((size_t)(down.first + y) * (size_t)full_width + (size_t)across.first) * (size_t)classes;
        uint8_t *to = mask->data + (size_t)y * mask->stride;
        if (!indices) best_classes(to, &v, at, classes, across.n);
        else if (!take_classes(to, &v, at, across.n)) return no_class(&v, at, err);
    }
    return CRL_OK;
}

crl_status crl_mask_read(crl_image *mask, const crl_tensor *output, const crl_letterbox *frame, crl_error *err)
{
    *mask = (crl_image){ 0 };
    const crl_status s = crl_mask_read_again(mask, output, frame, err);
    if (s) crl_image_fini(mask);
    return s;
}

/* Neighbours are of one class as a rule: they are counted apart, so that no sum waits for the one before. */
void crl_mask_count(const crl_image *mask, uint64_t pixels[CRL_MASK_CLASSES])
{
    enum { APART = 4 };
    uint32_t sums[APART][CRL_MASK_CLASSES] = { { 0 } }; /* a picture has fewer pixels than these hold */
    for (int32_t y = 0; y < mask->height; y++) {
        const uint8_t *row = mask->data + (size_t)y * mask->stride;
        int32_t x = 0;
        for (; x + APART <= mask->width; x += APART)
            for (int32_t i = 0; i < APART; i++) sums[i][row[x + i]]++;
        for (; x < mask->width; x++) sums[0][row[x]]++;
    }
    for (int32_t c = 0; c < CRL_MASK_CLASSES; c++) pixels[c] = (uint64_t)sums[0][c] + sums[1][c] + sums[2][c] + sums[3][c];
}

/* Bits 0, 3, 6 of the index are the highest bits of red, bits 1, 4, 7 of green, bits 2, 5 of blue.
 * Source: the colour map of the Pascal VOC 2012 development kit. */
void crl_mask_colour(int32_t index, uint8_t rgb[3])
{
    for (int c = 0; c < 3; c++) {
        unsigned v = 0;
        for (int bit = 0; bit < 3; bit++) v |= ((unsigned)index >> (3 * bit + c) & 1u) << (7 - bit);
        rgb[c] = (uint8_t)v;
    }
}
