/* SPDX-License-Identifier: Apache-2.0 */
/* ADD and SUB of 8-bit tensors in kernel form, for steps of their own and for those that end with one. */
#ifndef CRL_BACKEND_CPU_SUM_H
#define CRL_BACKEND_CPU_SUM_H

#include "backend/cpu/lower.h"
#include "kernels/blend.h"
#include "kernels/mix8.h"

typedef struct crl_sum8 {
    crl_mix8_fn *mix; /* in the arithmetic of the Edge TPU; NULL: blend */
    crl_mix mixed;
    crl_blend_u8_fn *blend; /* NULL: tables, */
    crl_blend_tables_u8_fn *add_tables; /* and NULL: sum */
    crl_blend_sum_u8_fn *sum;
    crl_blend constants;
    crl_blend_tables tables;
    crl_blend_target target;
    int32_t fa[256], fb[256]; /* of target */
    const char *kernel;       /* its name, for profiles */
    const struct crl_sum8 *before; /* another function of the same schedule, or NULL */
} crl_sum8;

/* For a prepared ADD or SUB. NULL in *out: not of 8 bits, or no kernel serves. The memory is the schedule's. */
crl_status crl_sum8_new(crl_sum8 **out, crl_lower *l, const crl_node *node, crl_error *err);

/* n bytes; `out` may be an operand. A crl_pair8_fn. */
void crl_sum8_run(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n, const void *sum);

#endif
