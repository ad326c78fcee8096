/* SPDX-License-Identifier: Apache-2.0 */
/* Quantised addition and subtraction of two tensors as one affine function, where that is exact.
 *
 *   out[i] = clamp((a[i] * ka + b[i] * kb + offset) >> shift, min, max)
 *
 * The definition of ADD scales both inputs, adds, and scales again, rounding each time (element-wise
 * reference kernels). crl_blend_fit looks for constants with which the line above gives the same byte for
 * all 65,536 pairs: for fixed ka and kb every pair bounds the offset from one side, so the offsets that
 * serve form an interval, and it is empty or not.
 *
 * Ties go away from zero, and what the first roundings take from a sum decides which sums are ties at all: of scales whose
 * ratio is one of small numbers (3/4, 3/2) neighbours on one line go up and down. Such a function may still be one with an
 * offset for sums below zero and another for the rest:
 *
 *   v = a[i] * ka + b[i] * kb + offset,  out[i] = clamp((v + (v < 0 ? below : above)) >> shift, min, max)
 *
 * Where there are none (ties that the definition's three roundings resolve in different ways), a function may still be
 *
 *   out[i] = clamp((a_table[a[i]] + b_table[b[i]]) >> 5, min, max)
 *
 * Every pair bounds the sum of two entries from below and from above. Those are constraints on differences, of a_table and of what
 * b_table is less than 0, so that lowering entries until none exceeds a bound finds numbers, if there are any within 16 bits.
 * Else `sum` computes the definition itself: both scaled inputs from tables, the last scale in integers.
 *
 * Contract of the kernels: no overlap, or out == a or out == b; no alignment; exactly n bytes of each.
 * Every intermediate fits int32_t (crl_blend_fit sees to it), ka and kb split into 11 low bits and the rest. */
#ifndef CRL_KERNELS_BLEND_H
#define CRL_KERNELS_BLEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <corallite/status.h>

#include "base/fixed.h"

typedef struct crl_blend {
    int32_t ka, kb, offset, shift;
    int32_t min, max; /* within 0..255 */
    bool split; /* `below` and `above` count */
    int32_t below, above;
} crl_blend;

enum { CRL_BLEND_TABLE_SHIFT = 5 };

typedef struct crl_blend_tables {
    int16_t a[256], b[256]; /* their sums fit 16 bits */
    int32_t min, max;       /* within 0..255 */
} crl_blend_tables;

/* The definition: scale_apply(fa[a] + fb[b]) + zero, clamped. fa and fb are the scaled inputs: each a
 * monotone function of its index. */
typedef struct crl_blend_target {
    const int32_t *fa, *fb; /* [256] */
    crl_scale scale;
    int32_t zero, min, max; /* output units, within 0..255 */
} crl_blend_target;

typedef void crl_blend_u8_fn(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n, const crl_blend *blend);
typedef void crl_blend_tables_u8_fn(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n, const crl_blend_tables *tables);
typedef void crl_blend_sum_u8_fn(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n,
                                 const crl_blend_target *target);

/* Which pairs are asked: those whose sum fa + fb is as the name says. */
typedef enum crl_blend_side { CRL_BLEND_ALL, CRL_BLEND_BELOW, CRL_BLEND_ABOVE /* zero counts to them */ } crl_blend_side;

static inline bool crl_blend_asks(crl_blend_side side, int32_t sum)
{
    return side == CRL_BLEND_ALL || (sum < 0) == (side == CRL_BLEND_BELOW);
}

/* The offsets with which ka, kb and shift serve these pairs are those from *low to *high; the search ends where
 * *low > *high. crl_blend_sum_fits, and all of a * ka + b * kb and the difference to any output << shift fit int32_t. */
typedef void crl_blend_bounds_fn(const crl_blend *blend, const crl_blend_target *target, crl_blend_side side, int64_t *low,
                                 int64_t *high);

/* Rows far apart come first: constants that do not serve are found out after a few. */
static inline int32_t crl_blend_row(int32_t i)
{
    return i * 97 % 256;
}

/* A round of the search for tables: whether any entry had to be lowered. */
typedef struct crl_blend_search crl_blend_search;
typedef bool crl_blend_lower_fn(crl_blend_search *search);

typedef struct crl_blend_kernels {
    crl_blend_u8_fn *u8;
    crl_blend_sum_u8_fn *sum;
    crl_blend_bounds_fn *bounds;
    crl_blend_tables_u8_fn *tables; /* NULL where `sum` is as fast */
    const char *name, *sum_name, *tables_name; /* "blend avx2", for profiles */
    crl_blend_lower_fn *lower; /* NULL: the plain one */
} crl_blend_kernels;

/* Whether `sum` and `bounds` may be used: the sums of the tables and what the scale makes of them fit 30 bits. */
bool crl_blend_sum_fits(const crl_blend_target *target);

/* false: no constants found, *blend is undefined. Some 25 us with vectors. */
bool crl_blend_fit(crl_blend *blend, const crl_blend_target *target, const crl_blend_kernels *k);

/* *found: there are tables. Some 100 us with vectors.
 * Errors  CRL_ERR_MEMORY */
crl_status crl_blend_fit_tables(crl_blend_tables *tables, bool *found, const crl_blend_target *target, const crl_blend_kernels *k,
                                crl_error *err);

void crl_blend_kernels_init(crl_blend_kernels *k, unsigned cpu);

crl_blend_u8_fn crl_blend_u8_ref, crl_blend_u8_avx2, crl_blend_u8_avx512vnni, crl_blend_u8_neon;
crl_blend_sum_u8_fn crl_blend_sum_u8_ref, crl_blend_sum_u8_avx2, crl_blend_sum_u8_vbmi, crl_blend_sum_u8_neon;
crl_blend_tables_u8_fn crl_blend_tables_u8_ref, crl_blend_tables_u8_vbmi;
crl_blend_lower_fn crl_blend_lower_ref, crl_blend_lower_vbmi;
crl_blend_bounds_fn crl_blend_bounds_ref, crl_blend_bounds_avx2, crl_blend_bounds_neon;

#endif
