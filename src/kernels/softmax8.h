/* SPDX-License-Identifier: Apache-2.0 */
/* SOFTMAX of 8-bit tensors by tables: the bytes of the definition (softmax.h).
 *
 * Nothing but the difference to the row's maximum goes into the exponential, and that has 256 values. So exponentials are
 * looked up; a row then costs a maximum, a sum, one reciprocal and, for its outputs, a quotient each, or, where the row is
 * long, a quotient for each of the 256 bytes and a look-up. Short rows go in blocks, so that a reciprocal, a chain of 14
 * products, need not be waited for. */
#ifndef CRL_KERNELS_SOFTMAX8_H
#define CRL_KERNELS_SOFTMAX8_H

#include "kernels/lut.h"
#include "kernels/softmax.h"

/* What the sum of a row makes of its exponentials. */
typedef struct crl_quotient8 {
    int32_t scale; /* at least 0 */
    int32_t shift; /* 1..31 */
} crl_quotient8;

/* out[i] = min(255, exp[i] * scale / 2^(31 + shift)) ^ flip for n exponentials of at least 0, rounded as by fixed.h: the
 * product to Q0.31 first, then what the shift leaves. */
typedef void crl_softmax8_quotients_fn(uint8_t *out, const int32_t *exp, size_t n, crl_quotient8 q, uint8_t flip);

enum { CRL_SOFTMAX8_BLOCK = 16 }; /* short rows that go together */

/* y[i] = crl_fixed_reciprocal_1p(x[i]) for one block. */
typedef void crl_softmax8_reciprocals_fn(int32_t y[CRL_SOFTMAX8_BLOCK], const int32_t x[CRL_SOFTMAX8_BLOCK]);

typedef struct crl_softmax8 crl_softmax8;

/* The sum of a row's terms; its greatest byte, flipped if signed, is `max`. */
typedef uint64_t crl_softmax8_sum_fn(const uint8_t *in, size_t n, int32_t max, const crl_softmax8 *p);

/* exp[i] = p->exp[index[i]], of n of them. */
typedef void crl_softmax8_look_fn(int32_t *exp, const uint8_t *index, size_t n, const crl_softmax8 *p);

struct crl_softmax8 {
    crl_lut_u8_fn *lut;
    crl_softmax8_quotients_fn *quotients;
    crl_softmax8_reciprocals_fn *reciprocals;
    crl_softmax8_sum_fn *sum;
    crl_softmax8_look_fn *look;
    const char *name; /* "softmax8 avx2", for profiles */
    size_t depth;
    uint8_t in_flip, out_flip; /* 0x80 where the bytes are signed, 0 where they are not */
    int32_t exp[256];           /* exp[255 - d]: of a difference of -d, Q0.31; 0 where it counts as nothing */
    uint8_t exp_bytes[4][256];  /* the same by its bytes, lowest first */
    uint32_t term[256];         /* the same as a summand, Q12.19, */
    uint8_t term_bytes[3][512]; /* and by its bytes, lowest first, with zeros behind them */
};

/* From what prepare found. The levels in `cpu` decide the speed only. */
void crl_softmax8_init(crl_softmax8 *p, const crl_softmax *s, bool in_signed, bool out_signed, unsigned cpu);

/* Rows of p->depth bytes; the output's scale is 1/256, its zero point the lowest value. `out` may be `in`. */
void crl_softmax8_run(uint8_t *out, const uint8_t *in, size_t rows, const crl_softmax8 *p);

crl_softmax8_quotients_fn crl_softmax8_quotients_ref, crl_softmax8_quotients_avx2, crl_softmax8_quotients_avx512vnni,
    crl_softmax8_quotients_neon;
crl_softmax8_reciprocals_fn crl_softmax8_reciprocals_ref, crl_softmax8_reciprocals_avx2;
crl_softmax8_look_fn crl_softmax8_look_ref, crl_softmax8_look_vbmi;
crl_softmax8_sum_fn crl_softmax8_sum_ref, crl_softmax8_sum_avx2, crl_softmax8_sum_vbmi;

#endif
