/* SPDX-License-Identifier: Apache-2.0 */
/* The definition of elements joined, and of windows of them. */
#include "kernels/join.h"

#include <string.h>

#include "base/half.h"

static double join_f64(crl_join_kind kind, double a, double b)
{
    switch (kind) {
    case CRL_JOIN_ADD: return a + b;
    case CRL_JOIN_MUL: return a * b;
    case CRL_JOIN_MAX: return a < b ? b : a;
    case CRL_JOIN_MIN: return b < a ? b : a;
    case CRL_JOIN_MAX_LAST: return a >= b ? a : b;
    case CRL_JOIN_MIN_LAST: return a <= b ? a : b;
    case CRL_JOIN_ALL: return a != 0 && b != 0;
    case CRL_JOIN_ANY: return a != 0 || b != 0;
    default: return b;
    }
}

static float join_f32(crl_join_kind kind, float a, float b)
{
    switch (kind) {
    case CRL_JOIN_ADD: return a + b;
    case CRL_JOIN_MUL: return a * b;
    default: return (float)join_f64(kind, (double)a, (double)b);
    }
}

/* Sums and products of narrower integers are cut off when they are stored. */
static uint64_t join_int(crl_join_kind kind, uint64_t a, uint64_t b, bool is_signed)
{
    const bool less = is_signed ? (int64_t)a < (int64_t)b : a < b;
    switch (kind) {
    case CRL_JOIN_ADD: return a + b;
    case CRL_JOIN_MUL: return a * b;
    case CRL_JOIN_MAX:
    case CRL_JOIN_MAX_LAST: return less ? b : a;
    case CRL_JOIN_MIN:
    case CRL_JOIN_MIN_LAST: return less ? a : b;
    case CRL_JOIN_BITS_AND: return a & b;
    case CRL_JOIN_SHIFT: return (uint64_t)(uint32_t)a << (b & 31);
    case CRL_JOIN_ALL: return a && b;
    case CRL_JOIN_ANY: return a || b;
    default: return b;
    }
}

static uint64_t load(crl_type type, const void *p)
{
    switch (type) {
    case CRL_INT8: return (uint64_t)*(const int8_t *)p;
    case CRL_BOOL:
    case CRL_UINT8: return *(const uint8_t *)p;
    case CRL_INT16: return (uint64_t)*(const int16_t *)p;
    case CRL_UINT16: return *(const uint16_t *)p;
    case CRL_INT32: return (uint64_t)*(const int32_t *)p;
    case CRL_UINT32: return *(const uint32_t *)p;
    default: return *(const uint64_t *)p;
    }
}

static void store(crl_type type, void *p, uint64_t v)
{
    switch (type) {
    case CRL_BOOL: *(uint8_t *)p = v != 0; break;
    case CRL_INT8:
    case CRL_UINT8: *(uint8_t *)p = (uint8_t)v; break;
    case CRL_INT16:
    case CRL_UINT16: *(uint16_t *)p = (uint16_t)v; break;
    case CRL_INT32:
    case CRL_UINT32: *(uint32_t *)p = (uint32_t)v; break;
    default: *(uint64_t *)p = v; break;
    }
}

bool crl_join_has(crl_type type)
{
    return type == CRL_FLOAT16 || type == CRL_FLOAT32 || type == CRL_FLOAT64 || type == CRL_BOOL || type == CRL_INT8 ||
           type == CRL_UINT8 || type == CRL_INT16 || type == CRL_UINT16 || type == CRL_INT32 || type == CRL_UINT32 ||
           type == CRL_INT64 || type == CRL_UINT64;
}

void crl_join_one(crl_join_kind kind, crl_type type, void *out, const void *a, const void *b)
{
    if (type == CRL_FLOAT32) {
        *(float *)out = join_f32(kind, *(const float *)a, *(const float *)b);
    } else if (type == CRL_FLOAT64) {
        *(double *)out = join_f64(kind, *(const double *)a, *(const double *)b);
    } else if (type == CRL_FLOAT16) {
        const float x = crl_half_to_float(*(const uint16_t *)a), y = crl_half_to_float(*(const uint16_t *)b);
        *(uint16_t *)out = crl_half_from_float(join_f32(kind, x, y));
    } else {
        const bool is_signed = type == CRL_INT8 || type == CRL_INT16 || type == CRL_INT32 || type == CRL_INT64;
        store(type, out, join_int(kind, load(type, a), load(type, b), is_signed));
    }
}

/* The element at place o of the output and i of the window; the initial value between elements and in the frame. */
static const uint8_t *look(const crl_join_windows *w, const uint8_t *in, const uint8_t *init, const int32_t *o, const int32_t *i,
                           size_t bytes)
{
    size_t at = 0;
    for (int32_t d = 0; d < w->rank; d++) {
        const int64_t p = (int64_t)o[d] * w->stride[d] + (int64_t)i[d] * w->dilation[d] - w->low[d];
        if (p < 0 || p % w->stretch[d] || p / w->stretch[d] >= w->in[d]) return init;
        at = at * (size_t)w->in[d] + (size_t)(p / w->stretch[d]);
    }
    return in + at * bytes;
}

/* The next place of a shape; false behind the last one. */
static bool next(int32_t *place, const int32_t *shape, int32_t rank)
{
    for (int32_t d = rank - 1; d >= 0; d--) {
        if (++place[d] < shape[d]) return true;
        place[d] = 0;
    }
    return false;
}

void crl_join_windows_ref(void *out, const void *in, const void *init, const crl_join_windows *w)
{
    /* BOOL is computed as bytes here, so that a sum may be more than 1. */
    const crl_type type = w->type == CRL_BOOL ? CRL_INT8 : w->type;
    const size_t bytes = crl_type_bytes(type);
    int32_t o[CRL_JOIN_MOST_RANK] = { 0 }, i[CRL_JOIN_MOST_RANK] = { 0 };
    uint8_t *to = out;
    do {
        memcpy(to, init, bytes);
        do crl_join_one(w->kind, type, to, to, look(w, in, init, o, i, bytes));
        while (next(i, w->window, w->rank));
        to += bytes;
    } while (next(o, w->out, w->rank));
}
