/* SPDX-License-Identifier: Apache-2.0 */
/* Comparisons, choices and other functions of two numbers: a row for broadcast.h.
 *
 * Outputs of comparisons and of AND, OR are BOOL, others have the inputs' type. Integers wrap.
 *   POW        floats: powf. Integers: pow in double, INT32_MIN where int32 does not hold it; the exponent is >= 0
 *   FLOOR_MOD  has the sign of b, which is not 0 for integers */
#ifndef CRL_KERNELS_PAIRWISE_H
#define CRL_KERNELS_PAIRWISE_H

#include "base/fixed.h"
#include "kernels/broadcast.h"

typedef enum crl_pair {
    CRL_PAIR_MAX,
    CRL_PAIR_MIN,
    CRL_PAIR_SQUARED_DIFFERENCE,
    CRL_PAIR_POW,
    CRL_PAIR_FLOOR_MOD,
    CRL_PAIR_ATAN2, /* floats only */
    CRL_PAIR_EQUAL, /* from here on the output is BOOL */
    CRL_PAIR_NOT_EQUAL,
    CRL_PAIR_GREATER,
    CRL_PAIR_GREATER_EQUAL,
    CRL_PAIR_LESS,
    CRL_PAIR_LESS_EQUAL,
    CRL_PAIR_AND,
    CRL_PAIR_OR
} crl_pair;

typedef struct crl_pairwise {
    crl_pair op;
    crl_type type; /* of the inputs: FLOAT32, FLOAT16, INT64, INT32, INT16, INT8, UINT8, BOOL */
    /* Comparisons of quantised values: x = (a - a_zero) * 256 * a_scale with y alike, as integers. */
    bool rescale;
    int32_t a_zero, b_zero;
    crl_scale a_scale, b_scale;
} crl_pairwise;

crl_row_fn crl_pairwise_ref;

/* POW with one whole exponent >= 1 for all: by squaring and multiplying, as the reference does it when it broadcasts a
 * single exponent. Floats stay finite, INT32 wraps. `out` may be `a`. */
void crl_power_whole_ref(void *out, const void *a, crl_type type, size_t n, int32_t exponent);

#endif
