/* SPDX-License-Identifier: Apache-2.0 */
/* The last step of layers with activations of 16 bits: sums to int16 outputs, by the definitions of requant.h.
 *
 * A unit is as many outputs as two vectors of sums have lanes. Instructions that pack two vectors of 32 bits into one of 16 do
 * so in pieces of 128 bits, so that lane i of vector v is output crl_unit16_column(v, i) of its unit. It has one of these forms:
 *
 *   WIDE   crl_scale_apply_wide(sum + bias), the multiplier of 15 bits that goes with biases of 64 bits. Products of sums below
 *          2^37 have 52 bits, which a double holds: rint(fma(sum, a, b)) with b = bias * a and half a unit of the last place,
 *          which makes ties go up, is exact. Kernels without doubles have the integers.
 *   FIXED  crl_scale_apply(sum + bias): the EXACT forms of requant.h
 *   REAL   round((sum + bias) * real) in double: fully connected layers
 *   PLAIN  whatever the definition says, one by one: where a channel leaves the range of the others
 *
 * All sums of a layer are of 32 bits; those that might not fit are cut into pieces (gemm_s16.h), which are added up in
 * numbers that are wide enough. */
#ifndef CRL_KERNELS_UNIT16_H
#define CRL_KERNELS_UNIT16_H

#include <corallite/status.h>

#include "base/alloc.h"
#include "kernels/requant.h"

enum {
    CRL_UNIT16_LANES = 16, /* of a vector, at most */
    CRL_UNIT16_MOST = 2 * CRL_UNIT16_LANES,
    CRL_UNIT16_SAFE = 65535 /* sums of |weights| up to here keep sums of products in 32 bits */
};

typedef enum crl_unit16_form { CRL_UNIT16_WIDE, CRL_UNIT16_FIXED, CRL_UNIT16_REAL, CRL_UNIT16_PLAIN } crl_unit16_form;

/* Outputs first .. first + columns - 1. Arrays are in the order of lanes, aligned to 64, and NULL where the form has none. */
typedef struct crl_unit16 {
    crl_unit16_form form;
    int32_t first, columns;
    const double *a, *b;                /* WIDE; REAL: scale, and bias */
    const int64_t *add;                 /* WIDE in integers: (sum * mult + add) >> right */
    const int32_t *mult, *right;
    const int32_t *start;               /* FIXED: the bias, */
    const crl_requant_lanes *fixed;     /* and the rest, 16 lanes each */
} crl_unit16;

/* What a layer asks for. Arrays are borrowed for as long as units are used. */
typedef struct crl_unit16_spec {
    crl_requant requant;        /* for outputs of 16 bits */
    bool wide;                  /* 64-bit accumulators; else they are of 32 bits and wrap */
    const int32_t *narrow_bias; /* not wide; NULL: none */
    const int64_t *wide_bias;   /* wide; NULL: none */
} crl_unit16_spec;

/* The output of its unit that lane i of vector v is. */
static inline int32_t crl_unit16_column(int32_t v, int32_t i)
{
    return i / 4 * 8 + v * 4 + i % 4;
}

/* Units of channels first .. first + columns - 1, for vectors of `lanes`, which makes columns <= 2 * lanes.
 * weights   of each channel of the layer: the sum of their absolute values
 * integers  WIDE by integers, and not in a layer of pieces
 * Errors  CRL_ERR_MEMORY */
crl_status crl_unit16_init(crl_unit16 *u, const crl_unit16_spec *spec, int32_t first, int32_t columns, int32_t lanes,
                           const uint64_t *weights, bool pieces, bool integers, crl_pile *pile, crl_error *err);

/* PLAIN: sums of all lanes. out: [columns]. */
void crl_unit16_plain(int16_t *out, const int64_t *sums, const crl_unit16 *u, const crl_unit16_spec *spec, int32_t lanes);

#endif
