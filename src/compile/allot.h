/* SPDX-License-Identifier: Apache-2.0 */
/* Which constants a program has for each operator of a model whose scales are others. Constants cannot be looked up then; order, shapes and what
 * does not depend on scales have to tell: the kind of an instruction, how many products make a sum, zero points of weights, and that what one
 * operator gives is what the next one takes. */
#ifndef CRL_COMPILE_ALLOT_H
#define CRL_COMPILE_ALLOT_H

#include <corallite/package.h>

#include "compile/constants.h"
#include "compile/parameters.h"

typedef struct crl_allotted {
    bool given;            /* the operator has constants of its own */
    crl_constants constants;
    uint32_t factor[2];    /* of an ADD: of its operands; */
    bool in_order;         /* of the first and the second; else it may be the other way round */
} crl_allotted;

/* How many products an operator adds up for each output, as the program counts them: words of four inputs, for each place of the kernel. 0: the
 * operator is of no kind that is known here. */
int64_t crl_allot_reduction(const crl_twin *w, int32_t op);

/**
 * Fills of[op] for the operators of A on the chip, whose layers lie where `tables` say. A's inputs have the zero points of the package, and
 * so have the tensors with known_zero[tensor].
 *
 * `*found` false: there is no such way through the program, or there are several that differ.
 *
 * Errors  CRL_ERR_MEMORY
 */
crl_status crl_allot(crl_allotted *of, bool *found, const crl_twin *w, const crl_disassembly *program, const crl_layer_tables *tables,
                     const bool *known_zero, crl_pile *pile, crl_error *err);

#endif
