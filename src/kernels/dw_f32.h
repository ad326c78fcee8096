/* SPDX-License-Identifier: Apache-2.0 */
/* Depthwise convolutions of floats (depthwise.h), vectors over channels: the bytes of the definition. */
#ifndef CRL_KERNELS_DW_F32_H
#define CRL_KERNELS_DW_F32_H

#include "kernels/window.h"

typedef struct crl_dw_f32 {
    crl_window window;   /* out_c is a multiple of in_c: outputs o and following see channel o / (out_c / in_c) */
    const float *filter; /* [filter_h * filter_w][out_c] */
    const float *scale;  /* [out_c] what sums are multiplied with before the bias is added; NULL: nothing */
    const float *bias;   /* [out_c], or NULL: nothing is added, not even 0 */
    float min, max;
    bool finite;         /* all weights: a product with a 0 is a 0 */
} crl_dw_f32;

/* Output rows row0 .. row1-1 of batch * out_h, from the whole input to their places in the whole output. No overlap. */
typedef void crl_dw_f32_fn(float *out, const float *in, const crl_dw_f32 *d, int32_t row0, int32_t row1);

typedef struct crl_dw_f32_kernels {
    const char *name; /* NULL: none at this level for so few channels, use depthwise.h */
    crl_dw_f32_fn *run;
} crl_dw_f32_kernels;

/* The widest vectors that `channels` (out_c) fill. */
void crl_dw_f32_kernels_init(crl_dw_f32_kernels *k, unsigned cpu, int32_t channels);

crl_dw_f32_fn crl_dw_f32_avx2, crl_dw_f32_avx512vnni, crl_dw_f32_neon;

#endif
