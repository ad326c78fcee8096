/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs in plain integer arithmetic, so that two languages agree on every bit. */
#include "inputs.h"

#include <corallite/vision.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/random.h"

enum { GRID = 5 }; /* knots of a smooth input along each side */

static uint64_t fnv1a(const char *text)
{
    uint64_t h = 0xcbf29ce484222325;
    for (; *text; text++) h = (h ^ (uint8_t)*text) * 0x100000001b3;
    return h;
}

/* Number k, from 0, of those that begin with `seed`. */
static uint64_t number(uint64_t seed, size_t k)
{
    uint64_t state = seed + k * CRL_RANDOM_STEP;
    return crl_random(&state);
}

/* The last two dimensions, and all others together. */
typedef struct extent {
    size_t h, w, c;
} extent;

static extent extent_of(const crl_shape *s)
{
    extent e = { 1, 1, 1 };
    for (int32_t d = 0; d < s->rank; d++) {
        const size_t n = (size_t)s->dim[d];
        if (d == s->rank - 1)
            e.c = n;
        else if (d == s->rank - 2)
            e.w = n;
        else
            e.h *= n;
    }
    return e;
}

static void noise(crl_tensor *t, uint64_t seed)
{
    const size_t n = crl_shape_count(&t->shape), size = crl_type_bytes(t->type);
    for (size_t k = 0; k < n; k++) {
        const uint64_t z = number(seed, k);
        if (t->type == CRL_FLOAT32) {
            ((float *)t->data)[k] = (float)(z >> 40) / (float)(1 << 23) - 1.0f;
        } else if (t->type == CRL_BOOL) {
            ((uint8_t *)t->data)[k] = z & 1;
        } else {
            for (size_t b = 0; b < size; b++) ((uint8_t *)t->data)[k * size + b] = (uint8_t)(z >> 8 * b);
        }
    }
}

/* Element k from a level of 0..255. */
static void put_level(crl_tensor *t, size_t k, int32_t level)
{
    switch (t->type) {
    case CRL_INT8: ((int8_t *)t->data)[k] = (int8_t)(level - 128); break;
    case CRL_INT16: ((int16_t *)t->data)[k] = (int16_t)((level - 128) * 256); break;
    case CRL_INT32: ((int32_t *)t->data)[k] = level; break;
    case CRL_INT64: ((int64_t *)t->data)[k] = level; break;
    case CRL_FLOAT32: ((float *)t->data)[k] = ((float)level - 128.0f) / 128.0f; break;
    case CRL_BOOL: ((uint8_t *)t->data)[k] = level >= 128; break;
    default: ((uint8_t *)t->data)[k] = (uint8_t)level; break;
    }
}

/* The knot before position i of n; `*part` gets 256ths of the way to the next one. */
static size_t knot(size_t i, size_t n, int64_t *part)
{
    const size_t at = i * ((GRID - 1) * 256) / (n > 1 ? n - 1 : 1);
    const size_t first = at >> 8 < GRID - 2 ? at >> 8 : GRID - 2;
    *part = (int64_t)(at - (first << 8));
    return first;
}

static int64_t knot_value(uint64_t seed, size_t y, size_t x, size_t c, size_t channels)
{
    return (int64_t)(number(seed, (y * GRID + x) * channels + c) & 255);
}

static void smooth(crl_tensor *t, uint64_t seed)
{
    const extent e = extent_of(&t->shape);
    for (size_t y = 0; y < e.h; y++) {
        int64_t ty;
        const size_t ky = knot(y, e.h, &ty);
        for (size_t x = 0; x < e.w; x++) {
            int64_t tx;
            const size_t kx = knot(x, e.w, &tx);
            for (size_t c = 0; c < e.c; c++) {
                const int64_t top = knot_value(seed, ky, kx, c, e.c) * (256 - tx) + knot_value(seed, ky, kx + 1, c, e.c) * tx;
                const int64_t bottom = knot_value(seed, ky + 1, kx, c, e.c) * (256 - tx) +
                                       knot_value(seed, ky + 1, kx + 1, c, e.c) * tx;
                put_level(t, (y * e.w + x) * e.c + c, (int32_t)((top * (256 - ty) + bottom * ty + 32768) >> 16));
            }
        }
    }
}

static uint32_t le32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint8_t *read_file(const char *path, size_t *bytes)
{
    FILE *f = fopen(path, "rb");
    if (!f) return NULL;
    uint8_t *data = NULL;
    long size = -1;
    if (!fseek(f, 0, SEEK_END)) size = ftell(f);
    if (size >= 0 && !fseek(f, 0, SEEK_SET)) data = malloc((size_t)size + 1);
    if (data && fread(data, 1, (size_t)size, f) != (size_t)size) {
        free(data);
        data = NULL;
    }
    fclose(f);
    *bytes = (size_t)size;
    return data;
}

/* The nearest pixel to the top left of each place. Rows of a BMP file run from the bottom up, in BGR. */
static bool sample(crl_tensor *t, const uint8_t *bmp, size_t bytes)
{
    enum { HEADERS = 54 };
    const extent e = extent_of(&t->shape);
    if (bytes < HEADERS || memcmp(bmp, "BM", 2) || bmp[28] != 24 || bmp[29] || e.c != 3) return false;
    const size_t start = le32(bmp + 10), width = le32(bmp + 18), height = le32(bmp + 22);
    const size_t stride = (width * 3 + 3) / 4 * 4;
    if (width > INT16_MAX || height > INT16_MAX || start > bytes || bytes - start < stride * height) return false;
    for (size_t y = 0; y < e.h; y++)
        for (size_t x = 0; x < e.w; x++) {
            const uint8_t *pixel = bmp + start + (height - 1 - y * height / e.h) * stride + x * width / e.w * 3;
            for (size_t c = 0; c < 3; c++) put_level(t, (y * e.w + x) * 3 + c, pixel[2 - c]);
        }
    return true;
}

static crl_status squeeze(crl_tensor *t, const char *path, crl_error *err)
{
    crl_image image;
    crl_status s = crl_image_load(&image, path, &(crl_image_options){ .channels = 3 }, err);
    if (!s) s = crl_image_to_tensor(&image, t, NULL, NULL, err);
    crl_image_fini(&image);
    return s;
}

crl_status inputs_draw(crl_tensor *t, const char *root, const char *model, const char *source, int32_t i, crl_error *err)
{
    if (!crl_type_bytes(t->type))
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "input %d is of type %s, which is not drawn", i, crl_type_name(t->type));
    char text[512];
    snprintf(text, sizeof text, "%s/%s/%d", model, source, i);
    const uint64_t seed = fnv1a(text);
    if (!strncmp(source, "smooth:", 7)) {
        smooth(t, seed);
        return CRL_OK;
    }
    if (!strncmp(source, "noise:", 6) || i > 0) {
        noise(t, seed);
        return CRL_OK;
    }
    const bool any_kind = !strncmp(source, "picture:", 8);
    snprintf(text, sizeof text, "%s/%s", root, any_kind ? source + 8 : source);
    if (any_kind) return squeeze(t, text, err);
    size_t bytes;
    uint8_t *bmp = read_file(text, &bytes);
    if (!bmp) return crl_fail(err, CRL_ERR_IO, "%s cannot be read", text);
    const bool ok = sample(t, bmp, bytes);
    free(bmp);
    return ok ? CRL_OK : crl_fail(err, CRL_ERR_FORMAT, "%s is no BMP file of 24 bits", text);
}
