/* SPDX-License-Identifier: Apache-2.0 */
/* Which operators compute as the Edge TPU does, and what of them its compiler makes one operation.
 *
 * The chip rounds other than TensorFlow Lite (docs/chip-exact.md). An operator that the compiler leaves to the host computes as
 * the host does, so which ones those are is part of the arithmetic. The caller may say it, who has a compiled model at hand or
 * the compiler's rules in full; otherwise all count that have an arithmetic of the chip.
 *
 * A QUANTIZE or RELU that alone reads what a convolution writes is part of it: sums are scaled to the last output at once and
 * rounded there only. That is expressed by scales: the tensor between gets those of the last output, which leaves the second
 * operator nothing to round. */
#ifndef CRL_GRAPH_CHIP_H
#define CRL_GRAPH_CHIP_H

#include "ops/op.h"

typedef struct crl_chip {
    const bool *mapped; /* [def->n_operators] of subgraph 0: those that the compiler maps; NULL: all */
} crl_chip;

/* The operators that have an arithmetic of the chip, and tensors for it. */
void crl_chip_rule(const crl_subgraph *def, bool *mapped);

/* Fills on_chip[def->n_operators] and quant[def->n_tensors]; what quant points to is the file's or of the pile.
 * Errors  MEMORY */
crl_status crl_chip_mark(const crl_chip *chip, const crl_subgraph *def, bool *on_chip, crl_quant *quant, crl_pile *pile,
                         crl_error *err);

#endif
