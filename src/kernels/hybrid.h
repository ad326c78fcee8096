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

/* How a row is quantised. */
typedef struct crl_hybrid_scale {
    float scale, inverse;
    int32_t zero, min; /* q lies within min..127 */
    bool none;         /* asymmetric, and nothing but zeros: all q are 0 */
} crl_hybrid_scale;

/* What becomes of sums: out = clamp(float of (sum - (zero + 128) * weights[c]) * scale[c] * in_scale + bias[c]). */
typedef struct crl_hybrid_finish {
    const int32_t *weights; /* [columns] what the weights of each output add up to */
    int32_t zero;           /* of the row */
    const float *scale;     /* [columns] */
    float in_scale;
    bool scales_first;      /* which of the products is rounded first: that of the scales, or of the sum and scale[c] */
    const float *bias;      /* [columns] */
    float min, max;
    bool min_wins;          /* see crl_hybrid_clamp */
} crl_hybrid_finish;

/* An activation. `min_wins`: of a value that is equal to `min` (a zero of the other sign) or no number, `min` remains, not the
 * value. So FULLY_CONNECTED, where the reference takes max(min, x); convolutions have its max(x, min). */
static inline float crl_hybrid_clamp(float v, float min, float max, bool min_wins)
{
    const float low = min_wins ? (v > min ? v : min) : (v < min ? min : v);
    return low > max ? max : low;
}

typedef struct crl_hybrid_kernels {
    /* The least and the largest of x[n] and `start`. */
    void (*range)(const float *x, size_t n, float start, float *min, float *max);
    /* q ^ 0x80, what products of uint8 by int8 want; and q - zero as floats, which depthwise convolutions take. */
    void (*bytes)(uint8_t *q, const float *x, size_t n, const crl_hybrid_scale *s);
    void (*whole)(float *q, const float *x, size_t n, const crl_hybrid_scale *s);
    /* In place: out [rows][columns] holds int32_t before, sums of weights times q ^ 0x80, and float after. */
    void (*finish)(float *out, size_t rows, size_t columns, const crl_hybrid_finish *f);
} crl_hybrid_kernels;

void crl_hybrid_kernels_init(crl_hybrid_kernels *k, unsigned cpu);

crl_hybrid_scale crl_hybrid_find_scale(const crl_hybrid_kernels *k, const float *x, size_t n, bool asymmetric);
/* q of element i of n. */
int32_t crl_hybrid_quantized(float x, size_t i, size_t n, const crl_hybrid_scale *s);

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

void crl_hybrid_range_ref(const float *x, size_t n, float start, float *min, float *max);
void crl_hybrid_range_avx2(const float *x, size_t n, float start, float *min, float *max);
void crl_hybrid_range_avx512vnni(const float *x, size_t n, float start, float *min, float *max);
void crl_hybrid_range_neon(const float *x, size_t n, float start, float *min, float *max);
void crl_hybrid_bytes_ref(uint8_t *q, const float *x, size_t n, const crl_hybrid_scale *s);
void crl_hybrid_bytes_avx2(uint8_t *q, const float *x, size_t n, const crl_hybrid_scale *s);
void crl_hybrid_bytes_avx512vnni(uint8_t *q, const float *x, size_t n, const crl_hybrid_scale *s);
void crl_hybrid_bytes_neon(uint8_t *q, const float *x, size_t n, const crl_hybrid_scale *s);
void crl_hybrid_whole_ref(float *q, const float *x, size_t n, const crl_hybrid_scale *s);
void crl_hybrid_whole_avx2(float *q, const float *x, size_t n, const crl_hybrid_scale *s);
void crl_hybrid_whole_avx512vnni(float *q, const float *x, size_t n, const crl_hybrid_scale *s);
void crl_hybrid_whole_neon(float *q, const float *x, size_t n, const crl_hybrid_scale *s);
void crl_hybrid_finish_ref(float *out, size_t rows, size_t columns, const crl_hybrid_finish *f);
void crl_hybrid_finish_avx2(float *out, size_t rows, size_t columns, const crl_hybrid_finish *f);
void crl_hybrid_finish_avx512vnni(float *out, size_t rows, size_t columns, const crl_hybrid_finish *f);
void crl_hybrid_finish_neon(float *out, size_t rows, size_t columns, const crl_hybrid_finish *f);

#endif
