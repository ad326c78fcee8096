/* SPDX-License-Identifier: Apache-2.0 */
/* The definition of reductions. */
#include "kernels/reduce.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "kernels/element.h"

void crl_reduce_plan_make(crl_reduce_plan *p, const crl_shape *shape, const bool *reduced)
{
    *p = (crl_reduce_plan){ .n_in = crl_shape_count(shape), .n_out = 1, .count = 1, .whole = true };
    bool kind[CRL_MAX_RANK]; /* of the dimensions of the plan: reduced or not */
    for (int32_t i = 0; i < shape->rank; i++) {
        const size_t dim = (size_t)shape->dim[i];
        p->whole = p->whole && reduced[i];
        *(reduced[i] ? &p->count : &p->n_out) *= dim;
        if (dim == 1) continue;
        if (p->rank && kind[p->rank - 1] == reduced[i]) {
            p->dim[p->rank - 1] *= dim;
            continue;
        }
        kind[p->rank] = reduced[i];
        p->dim[p->rank++] = dim;
    }
    size_t step = 1;
    for (int32_t d = p->rank - 1; d >= 0; d--) {
        p->step[d] = kind[d] ? 0 : step;
        if (!kind[d]) step *= p->dim[d];
    }
}

/* A place in the input, and the output element that it goes to. */
typedef struct walk {
    size_t index[CRL_MAX_RANK];
    size_t out;
} walk;

static void next(walk *w, const crl_reduce_plan *p)
{
    for (int32_t d = p->rank - 1; d >= 0; d--) {
        w->out += p->step[d];
        if (++w->index[d] < p->dim[d]) return;
        w->out -= p->step[d] * p->dim[d];
        w->index[d] = 0;
    }
}

CRL_INLINE int64_t join(crl_reduce_kind kind, int64_t a, int64_t b)
{
    switch (kind) {
    case CRL_REDUCE_SUM: return (int64_t)((uint64_t)a + (uint64_t)b);
    case CRL_REDUCE_PROD: return (int64_t)((uint64_t)a * (uint64_t)b);
    case CRL_REDUCE_MAX: return a > b ? a : b;
    case CRL_REDUCE_MIN: return a < b ? a : b;
    case CRL_REDUCE_ANY: return a || b;
    default: return a && b;
    }
}

bool crl_reduce_find_run(crl_reduce_run *run, const crl_reduce_plan *plan)
{
    size_t parts[3] = { 1, 1, 1 };
    int at = 0;
    for (int32_t d = 0; d < plan->rank; d++) {
        if (plan->dim[d] == 1) continue;
        const bool reduced = plan->step[d] == 0;
        if (reduced == (at != 1)) at++;
        if (at > 2) return false;
        parts[at] *= plan->dim[d];
    }
    *run = (crl_reduce_run){ parts[0], parts[1], parts[2] };
    return run->n == plan->count;
}

CRL_INLINE float join_f32(crl_reduce_kind kind, float a, float b)
{
    switch (kind) {
    case CRL_REDUCE_SUM: return a + b;
    case CRL_REDUCE_PROD: return a * b;
    case CRL_REDUCE_MAX: return b > a ? b : a;
    default: return b < a ? b : a;
    }
}

/* The neutral element, cut to the type by the store. */
static int64_t neutral(crl_reduce_kind kind, crl_type type)
{
    const int64_t min = type == CRL_INT64 ? INT64_MIN : crl_type_min(type);
    const int64_t max = type == CRL_INT64 ? INT64_MAX : crl_type_max(type);
    switch (kind) {
    case CRL_REDUCE_PROD: case CRL_REDUCE_ALL: return 1;
    case CRL_REDUCE_MAX: return min;
    case CRL_REDUCE_MIN: return max;
    default: return 0;
    }
}

static float neutral_f32(crl_reduce_kind kind)
{
    return kind == CRL_REDUCE_PROD ? 1.0f : kind == CRL_REDUCE_MAX ? -FLT_MAX : kind == CRL_REDUCE_MIN ? FLT_MAX : 0;
}

static int64_t load64(const void *p, size_t i, crl_type type)
{
    return type == CRL_INT64 ? ((const int64_t *)p)[i] : crl_load(p, i, type == CRL_BOOL ? CRL_UINT8 : type);
}

/* Keeps the low bits: what wraps in the type wraps here. */
static void store64(void *p, size_t i, crl_type type, int64_t v)
{
    switch (type) {
    case CRL_INT64: ((int64_t *)p)[i] = v; break;
    case CRL_INT32: ((uint32_t *)p)[i] = (uint32_t)(uint64_t)v; break;
    case CRL_INT16: ((uint16_t *)p)[i] = (uint16_t)(uint64_t)v; break;
    default: ((uint8_t *)p)[i] = (uint8_t)(uint64_t)v; break;
    }
}

/* Floats along the last dimension, which go to one output or to one each. */
CRL_INLINE void join_row_f32(crl_reduce_kind kind, float *y, const float *x, size_t n, size_t step)
{
    if (step)
        for (size_t i = 0; i < n; i++) y[i] = join_f32(kind, y[i], x[i]);
    else
        for (size_t i = 0; i < n; i++) *y = join_f32(kind, *y, x[i]);
}

static void join_f32_all(crl_reduce_kind kind, float *y, const float *x, const crl_reduce_plan *p)
{
    crl_reduce_plan rows = *p; /* whose last dimension is left out */
    const size_t n = p->rank ? p->dim[p->rank - 1] : 1, step = p->rank ? p->step[p->rank - 1] : 0;
    if (rows.rank) rows.rank--;
    walk w = { .out = 0 };
    for (size_t o = 0; o < p->n_out; o++) y[o] = neutral_f32(kind);
    for (size_t i = 0; i < p->n_in; i += n, next(&w, &rows)) {
        switch (kind) { /* constants, so that rows become vectors */
        case CRL_REDUCE_SUM: join_row_f32(CRL_REDUCE_SUM, y + w.out, x + i, n, step); break;
        case CRL_REDUCE_PROD: join_row_f32(CRL_REDUCE_PROD, y + w.out, x + i, n, step); break;
        case CRL_REDUCE_MAX: join_row_f32(CRL_REDUCE_MAX, y + w.out, x + i, n, step); break;
        default: join_row_f32(CRL_REDUCE_MIN, y + w.out, x + i, n, step); break;
        }
    }
}

static void join_f32_whole(crl_reduce_kind kind, float *y, const float *x, size_t n)
{
    *y = *x;
    for (size_t i = 1; i < n; i++) *y = join_f32(kind, *y, x[i]);
}

/* Bytes, whose order is that of the numbers once `flip` has moved the sign. */
CRL_INLINE void join_row_8(bool most, uint8_t flip, uint8_t *y, const uint8_t *x, size_t n, size_t step)
{
    uint8_t best = (uint8_t)(*y ^ flip);
    for (size_t i = 0; i < n; i++) {
        const uint8_t v = (uint8_t)(x[i] ^ flip), before = step ? (uint8_t)(y[i] ^ flip) : best;
        const uint8_t after = (most ? v > before : v < before) ? v : before;
        if (step)
            y[i] = (uint8_t)(after ^ flip);
        else
            best = after;
    }
    if (!step) *y = (uint8_t)(best ^ flip);
}

/* The largest or the least of 8 bits, by rows of the last dimension. */
static void join_8_all(bool most, uint8_t flip, uint8_t *y, const uint8_t *x, const crl_reduce_plan *p)
{
    crl_reduce_plan rows = *p;
    const size_t n = p->rank ? p->dim[p->rank - 1] : 1, step = p->rank ? p->step[p->rank - 1] : 0;
    if (rows.rank) rows.rank--;
    walk w = { .out = 0 };
    memset(y, most ? flip : 0xFF ^ flip, p->n_out);
    for (size_t i = 0; i < p->n_in; i += n, next(&w, &rows)) {
        if (most && step)
            join_row_8(true, flip, y + w.out, x + i, n, 1);
        else if (most)
            join_row_8(true, flip, y + w.out, x + i, n, 0);
        else
            join_row_8(false, flip, y + w.out, x + i, n, step);
    }
}

void crl_reduce_ref(void *out, const void *in, crl_type type, crl_reduce_kind kind, const crl_reduce_plan *p)
{
    if (type == CRL_FLOAT32) {
        if (p->whole && p->n_in > 0)
            join_f32_whole(kind, out, in, p->n_in);
        else
            join_f32_all(kind, out, in, p);
        return;
    }
    if ((type == CRL_UINT8 || type == CRL_INT8) && (kind == CRL_REDUCE_MAX || kind == CRL_REDUCE_MIN)) {
        join_8_all(kind == CRL_REDUCE_MAX, type == CRL_INT8 ? 0x80 : 0, out, in, p);
        return;
    }
    walk w = { .out = 0 };
    for (size_t o = 0; o < p->n_out; o++) store64(out, o, type, neutral(kind, type));
    for (size_t i = 0; i < p->n_in; i++, next(&w, p))
        store64(out, w.out, type, join(kind, load64(out, w.out, type), load64(in, i, type)));
}

void crl_mean_ref(void *out, const void *in, crl_type type, void *sums, const crl_reduce_plan *p)
{
    walk w = { .out = 0 };
    if (type == CRL_FLOAT32) {
        float *y = out, *sum = sums;
        join_f32_all(CRL_REDUCE_SUM, sum, in, p);
        for (size_t o = 0; o < p->n_out; o++) y[o] = p->count ? sum[o] / (float)p->count : NAN;
        return;
    }
    uint64_t *sum = sums;
    for (size_t o = 0; o < p->n_out; o++) sum[o] = 0;
    for (size_t i = 0; i < p->n_in; i++, next(&w, p)) sum[w.out] += (uint64_t)load64(in, i, type);
    for (size_t o = 0; o < p->n_out; o++)
        store64(out, o, type, p->count ? (int64_t)sum[o] / (int64_t)p->count : 0);
}

crl_scale crl_mean_scale(crl_scale scale, size_t count)
{
    /* As many more bits as the count has, as far as a right shift of 31 allows. */
    int32_t shift = 63 - __builtin_clzll(count);
    if (shift > 32) shift = 32;
    if (shift > 31 + scale.shift) shift = 31 + scale.shift;
    const int64_t mult = (int64_t)((uint64_t)scale.mult << shift) / (int64_t)count;
    return (crl_scale){ (int32_t)mult, scale.shift - shift };
}

/* Numbers along the last dimension, which go to one sum or to one each. */
CRL_INLINE void add_row(int32_t *sums, const void *in, size_t from, size_t n, size_t step, crl_type type)
{
    uint32_t *y = (uint32_t *)sums;
    if (step) {
        for (size_t i = 0; i < n; i++) y[i] += (uint32_t)crl_load(in, from + i, type);
        return;
    }
    uint32_t sum = *y;
    for (size_t i = 0; i < n; i++) sum += (uint32_t)crl_load(in, from + i, type);
    *y = sum;
}

void crl_reduce_quant_ref(void *out, const void *in, crl_type type, int32_t *sums, const crl_reduce_quant *q,
                          const crl_reduce_plan *p)
{
    memset(sums, 0, p->n_out * sizeof *sums);
    crl_reduce_plan rows = *p; /* whose last dimension is left out */
    const size_t n = p->rank ? p->dim[p->rank - 1] : 1, step = p->rank ? p->step[p->rank - 1] : 0;
    if (rows.rank) rows.rank--;
    walk w = { .out = 0 };
    for (size_t i = 0; i < p->n_in; i += n, next(&w, &rows)) {
        switch (type) { /* constants, so that rows become vectors */
        case CRL_INT16: add_row(sums + w.out, in, i, n, step, CRL_INT16); break;
        case CRL_INT8: add_row(sums + w.out, in, i, n, step, CRL_INT8); break;
        default: add_row(sums + w.out, in, i, n, step, CRL_UINT8); break;
        }
    }
    for (size_t o = 0; o < p->n_out; o++) {
        const int32_t x = (int32_t)((uint32_t)sums[o] - (uint32_t)q->in_zero * (uint32_t)p->count);
        crl_store(out, o, type, p->count ? crl_requant_apply(x, &q->out, 0) : 0);
    }
}

/* Whether this is the first input of its output. */
static bool is_first(const walk *w, const crl_reduce_plan *p)
{
    for (int32_t d = 0; d < p->rank; d++)
        if (p->step[d] == 0 && w->index[d] != 0) return false;
    return true;
}

void crl_reduce_prod_quant_ref(void *out, const void *in, crl_type type, int32_t *products, const crl_reduce_quant *q,
                               const crl_reduce_plan *p)
{
    memset(products, 0, p->n_out * sizeof *products);
    walk w = { .out = 0 };
    for (size_t i = 0; i < p->n_in; i++, next(&w, p)) {
        const int32_t x = crl_load(in, i, type) - q->in_zero;
        products[w.out] = is_first(&w, p) ? x : crl_scale_apply_wide((int64_t)products[w.out] * x, *q->out.scale);
    }
    for (size_t o = 0; o < p->n_out; o++) {
        crl_store(out, o, type, p->count ? crl_requant_apply_wide(products[o], &q->out, 0) : 0);
    }
}
