/* SPDX-License-Identifier: Apache-2.0 */
/* SOFTMAX of 8-bit tensors by tables: the bytes of the definition (softmax.h).
 *
 * Nothing but the difference to the row's maximum goes into the exponential, and that has 256 values. So exponentials are
 * looked up; a row then costs a maximum, a sum, one reciprocal and, for its outputs, a multiplication each, or, where
 * the row is long, a multiplication for each of the 256 bytes and a look-up. */
#ifndef CRL_KERNELS_SOFTMAX8_H
#define CRL_KERNELS_SOFTMAX8_H

#include "kernels/lut.h"
#include "kernels/softmax.h"

typedef struct crl_softmax8 {
    crl_lut_u8_fn *lut;
    size_t depth;
    uint8_t in_flip, out_flip; /* 0x80 where the bytes are signed, 0 where they are not */
    int32_t exp[256];  /* exp[255 - d]: of a difference of -d, Q0.31; 0 where it counts as nothing */
    int32_t term[256]; /* the same as a summand, Q12.19 */
} crl_softmax8;

/* From what prepare found. The levels in `cpu` decide the speed only. */
void crl_softmax8_init(crl_softmax8 *p, const crl_softmax *s, bool in_signed, bool out_signed, unsigned cpu);

/* Rows of p->depth bytes; the output's scale is 1/256, its zero point the lowest value. `out` may be `in`. */
void crl_softmax8_run(uint8_t *out, const uint8_t *in, size_t rows, const crl_softmax8 *p);

#endif
