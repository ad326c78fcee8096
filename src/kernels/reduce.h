/* SPDX-License-Identifier: Apache-2.0 */
/* Reductions: many elements to one along some dimensions.
 *
 * The input is walked in memory order, once; each element goes to the output element that a step per dimension
 * leads to. Sums are therefore made in the order of memory, which float results depend on.
 *
 *   sum, prod, max, min, any, all   as they say; integers wrap
 *   mean of numbers                 sum / count (integers: toward zero)
 *   mean and sum of quantised       out = requantised sum - count * in_zero (requant.h), for the mean with
 *                                   1 / count in the scale */
#ifndef CRL_KERNELS_REDUCE_H
#define CRL_KERNELS_REDUCE_H

#include <corallite/tensor.h>

#include "kernels/requant.h"

typedef struct crl_reduce_plan {
    int32_t rank;                  /* of the input, after that */
    size_t dim[CRL_MAX_RANK];
    size_t step[CRL_MAX_RANK];     /* in the output, 0 for the dimensions that are reduced */
    size_t n_in, n_out;
    size_t count;                  /* inputs to one output */
    bool whole;                    /* all dimensions are reduced: results begin with the first element, not with the neutral one,
                                      which floats tell apart where that is -0, infinite or no number */
} crl_reduce_plan;

/* `reduced` [shape->rank] says which dimensions go. Those that follow each other and share their fate are one, those of one
 * element none. */
void crl_reduce_plan_make(crl_reduce_plan *plan, const crl_shape *shape, const bool *reduced);

/* The input as [outer][n][inner], n being what is reduced to one. */
typedef struct crl_reduce_run {
    size_t outer, n, inner;
} crl_reduce_run;

/* false: reduced dimensions are not neighbours. */
bool crl_reduce_find_run(crl_reduce_run *run, const crl_reduce_plan *plan);

typedef enum crl_reduce_kind {
    CRL_REDUCE_SUM,
    CRL_REDUCE_PROD,
    CRL_REDUCE_MAX,
    CRL_REDUCE_MIN,
    CRL_REDUCE_ANY,
    CRL_REDUCE_ALL
} crl_reduce_kind;

/* ANY and ALL take BOOL; the others FLOAT32, INT64, INT32, INT16, INT8, UINT8. An output without inputs gets
 * the neutral element. */
void crl_reduce_ref(void *out, const void *in, crl_type type, crl_reduce_kind kind, const crl_reduce_plan *plan);

/* FLOAT32, INT32, INT64; `sums` has room for n_out elements of 8 bytes. An output without inputs gets NaN or 0. */
void crl_mean_ref(void *out, const void *in, crl_type type, void *sums, const crl_reduce_plan *plan);

typedef struct crl_reduce_quant {
    int32_t in_zero;
    crl_requant out; /* the scale of one sum; limits of the type */
} crl_reduce_quant;

/* Scale of a mean of `count` values, count >= 1: the multiplier is divided with all the bits that fit. */
crl_scale crl_mean_scale(crl_scale scale, size_t count);

/* UINT8, INT8, INT16; `sums` has room for n_out elements. An output without inputs gets 0. */
void crl_reduce_quant_ref(void *out, const void *in, crl_type type, int32_t *sums, const crl_reduce_quant *q,
                          const crl_reduce_plan *plan);

/* Products of quantised values; out.scale is (in_scale / out_scale^(1/count)), applied after each multiplication with
 * crl_scale_apply_wide: prod = scale(prod * (x - in_zero)), out = requantised prod. INT8, INT16; `products`
 * has room for n_out elements. An output without inputs gets 0. */
void crl_reduce_prod_quant_ref(void *out, const void *in, crl_type type, int32_t *products, const crl_reduce_quant *q,
                               const crl_reduce_plan *plan);

#endif
