/* SPDX-License-Identifier: Apache-2.0 */
/* Rows joined by segments: row s of the output is the sum (product, largest, smallest) of the input's rows whose id is s,
 * in their order.
 *
 * A segment without rows has 0 (1, the type's least, its largest). Integers wrap around. Of floats, the largest and the
 * smallest pass over NaN, and begin with -FLT_MAX and FLT_MAX, not with infinity.
 * Source: TensorFlow Lite, kernels/internal/reference/reference_ops.h. */
#ifndef CRL_KERNELS_SEGMENT_H
#define CRL_KERNELS_SEGMENT_H

#include <stddef.h>
#include <stdint.h>

typedef enum crl_segment_kind { CRL_SEGMENT_SUM, CRL_SEGMENT_PROD, CRL_SEGMENT_MAX, CRL_SEGMENT_MIN } crl_segment_kind;

/* out [n_out, row], in [n, row], id [n]: below n_out; rows with a negative one are left out. */
typedef struct crl_segments {
    crl_segment_kind kind;
    size_t n_out, n, row;
} crl_segments;

void crl_segment_f32_ref(float *out, const float *in, const int32_t *id, const crl_segments *s);
void crl_segment_i32_ref(int32_t *out, const int32_t *in, const int32_t *id, const crl_segments *s);

#endif
