/* SPDX-License-Identifier: Apache-2.0 */
/* Models with one thing or two that are wrong: what a hostile file could hold after it has been read.
 *
 * Choices are bytes: random ones for a test, the fuzzer's for a fuzzer. The same bytes give the same model. */
#ifndef CRL_TESTS_OPS_MUTATE_H
#define CRL_TESTS_OPS_MUTATE_H

#include <corallite/model.h>

#include "base/alloc.h"

typedef struct choices {
    const uint8_t *at;
    size_t left;
} choices;

typedef struct mutant {
    crl_model model;  /* reads of the original, which has to outlive it */
    char text[200];   /* what was done */
    crl_pile pile;
} mutant;

/* A copy of the model whose first subgraph is changed in one or two places. Keeps what opening a file would insist on: shapes
 * that do not overflow, constants as long as their shapes, no tensor that is read before it is written. false without
 * memory. To be freed by mutant_free in any case. */
bool mutant_make(mutant *m, const crl_model *original, choices *c);
void mutant_free(mutant *m);

#endif
