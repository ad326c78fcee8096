/* SPDX-License-Identifier: Apache-2.0 */
/* Float layers with weights of 8 bits: each row of the input is quantised while running, by its own range, and multiplied
 * in integers.
 *
 *   q[i]   = round(x[i] / scale) + zero           in -127..127 with zero 0; asymmetric: in -128..127
 *   out[r] += (sum over i of weights[r,i] * (q[i] - zero)) * (scale * scale of the row)
 *
 * In whole eights, numbers next below a half are rounded up: 0.5 is added, and the sum is cut. Results are the
 * reference's bytes. Sums of 32 bits wrap.
 * Source: TensorFlow Lite, kernels/internal/optimized/{neon,sse}_tensor_utils.cc, on x86. */
#ifndef CRL_KERNELS_HYBRID_H
#define CRL_KERNELS_HYBRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct crl_hybrid_vector {
    int8_t *q;
    float scale;
    int32_t zero;
} crl_hybrid_vector;

typedef struct crl_hybrid_matrix {
    const int8_t *weights;  /* [rows][columns] */
    size_t rows, columns;
    float scale;            /* of all rows, where they have none of their own */
    const float *row_scale; /* [rows], or NULL */
} crl_hybrid_matrix;

/* Quantises x [n] into v->q [n]. */
void crl_hybrid_quantize(crl_hybrid_vector *v, const float *x, size_t n, bool asymmetric);

/* out [rows] += matrix * v, v of `columns` elements. */
void crl_hybrid_add_products(float *out, const crl_hybrid_matrix *m, const crl_hybrid_vector *v);

/* The same where each run of `block` weights of a row has a scale of its own, row_scale [rows][columns / block]. v has a zero point:
 *
 *   out[r] = (sum over runs of (float)(sum of weights * q) * scale - zero * sum over runs of scale * (float)(sum of weights))
 *            * scale of v + bias[r]
 *
 * bias may be NULL. Source: LiteRT, kernels/fully_connected.cc: EvalBlockwise4Bit. */
void crl_hybrid_block_products(float *out, const crl_hybrid_matrix *m, size_t block, const float *bias,
                               const crl_hybrid_vector *v);

#endif
