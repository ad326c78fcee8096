/* SPDX-License-Identifier: Apache-2.0 */
/* AVERAGE_POOL_2D and MAX_POOL_2D of floats (pool.h), vectors over channels: the bytes of the definitions. */
#ifndef CRL_KERNELS_POOL_F32_H
#define CRL_KERNELS_POOL_F32_H

#include "kernels/pool.h"

/* Output rows row0 .. row1-1 of batch * out_h, from the whole input to their places in the whole output. No overlap. */
typedef void crl_pool_f32_fn(float *out, const float *in, const crl_pool2d *p, int32_t row0, int32_t row1);

typedef struct crl_pool_f32_kernels {
    const char *name; /* NULL: none at this level for so few channels, use pool.h */
    crl_pool_f32_fn *average, *max;
} crl_pool_f32_kernels;

/* The widest vectors that `channels` fill. */
void crl_pool_f32_kernels_init(crl_pool_f32_kernels *k, unsigned cpu, int32_t channels);

crl_pool_f32_fn crl_average_pool_f32_avx2, crl_average_pool_f32_avx512vnni, crl_average_pool_f32_neon;
crl_pool_f32_fn crl_max_pool_f32_avx2, crl_max_pool_f32_avx512vnni, crl_max_pool_f32_neon;

#endif
