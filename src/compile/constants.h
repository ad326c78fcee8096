/* SPDX-License-Identifier: Apache-2.0 */
/* The seven numbers of a tensor instruction that follow from scales, zero points and activations: what an operator's would be in either
 * model. A pair of them says which instructions belong to the operator, and what they become. */
#ifndef CRL_COMPILE_CONSTANTS_H
#define CRL_COMPILE_CONSTANTS_H

#include "compile/twin.h"

enum { CRL_CONSTANTS = 7 };

/* As the instruction stores them. */
typedef struct crl_constants {
    uint32_t weight_zero, in_zero, multiplier, high, low, offset, out_zero; /* floats as their bits */
} crl_constants;

typedef struct crl_constants_pair {
    crl_constants side[2];
    int32_t op; /* of A; -1: of a tensor */
    int8_t per_channel; /* the instruction takes its multipliers from a table: 1, 0; -1: either */
} crl_constants_pair;

typedef struct crl_constants_table {
    crl_constants_pair *pairs;
    int32_t n;
} crl_constants_table;

/* Of an ADD: weights of the operands, at most 32767, so that s0 : s1 is nearly k[0] : k[1]. */
typedef struct crl_add {
    uint32_t k[2];
    crl_constants constants;
} crl_add;

/* false: there are no such weights: a scale is not positive, or they are too far apart. */
bool crl_add_of(crl_add *add, const crl_twin *w, crl_side side, int32_t op);

/* All that operators and tensors on the chip would have. Memory comes from the pile. Errors: MEMORY. */
crl_status crl_constants_find(crl_constants_table *table, const crl_twin *w, crl_pile *pile, crl_error *err);

#endif
