/* SPDX-License-Identifier: Apache-2.0 */
/* expf in vectors, and what is made of it: the bits of the C library.
 *
 * The C library's expf is not ours to know, but how far it is from the truth: glibc (2.28 and later), musl and bionic state
 * 0.502 units in the last place, or 0.5. So e^x is computed as a double, with an error of less than 0.0002 of a float's unit;
 * where that is further than 0.0029 units from the middle between two floats, all of them round to the same one. One value in
 * 170 is nearer, or out of range, and goes to the C library. No step has to round in a certain way, so multiplications and
 * additions may be fused.
 *
 * `out` may be `in`. */
#ifndef CRL_KERNELS_EXP_F32_H
#define CRL_KERNELS_EXP_F32_H

#include <stddef.h>

#include "kernels/binary.h"

/* out[i] = expf((in[i] - less) * beta) */
typedef void crl_exp_f32_fn(float *out, const float *in, size_t n, float less, float beta);
/* out[i] = crl_logistic_f32(in[i]); with `product`, in[i] times that, within its limits: crl_mul_f32_ref of both. */
typedef void crl_logistic_f32_fn(float *out, const float *in, size_t n, const crl_limits *product);
/* The largest of n numbers and -FLT_MAX; NaN counts as nothing. */
typedef float crl_largest_f32_fn(const float *in, size_t n);

typedef struct crl_exp_f32_kernels {
    const char *name, *logistic_name, *softmax_name; /* "exp_f32 avx2", for profiles; NULL: there is no variant */
    crl_exp_f32_fn *exp;
    crl_logistic_f32_fn *logistic;
    crl_logistic_f32_fn *about; /* for `--float fast`: off by 4e-7 of the logistic at most, and by 2e-38 */
    crl_largest_f32_fn *largest;
} crl_exp_f32_kernels;

void crl_exp_f32_kernels_init(crl_exp_f32_kernels *k, unsigned cpu);

/* SOFTMAX of rows: the bits of crl_softmax_f32_ref, whose sums go in the order of the row; those of several rows at once. */
void crl_softmax_f32(float *out, const float *in, size_t rows, size_t depth, float beta, const crl_exp_f32_kernels *k);

crl_exp_f32_fn crl_exp_f32_avx2, crl_exp_f32_avx512vnni, crl_exp_f32_neon;
crl_logistic_f32_fn crl_logistic_f32_avx2, crl_logistic_f32_avx512vnni, crl_logistic_f32_neon;
crl_logistic_f32_fn crl_about_f32_avx2, crl_about_f32_avx512vnni, crl_about_f32_neon;
crl_largest_f32_fn crl_largest_f32_avx2, crl_largest_f32_avx512vnni, crl_largest_f32_neon;

#endif
