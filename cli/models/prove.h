/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a changed model computes what the one computes that it was made from: both are run on the same numbers. */
#ifndef CLI_PROVE_H
#define CLI_PROVE_H

#include <stdbool.h>

#include <corallite/model.h>

/* What was compared. */
typedef struct cli_proof {
    int runs;
    double values; /* bytes of outputs */
} cli_proof;

/* Each returns CLI_DONE, or an exit code after saying where the two differ, or why they cannot be run. `b` is the changed one. */

/* Outputs in order, inputs in order. Floats that `b` has as 8 bits, inputs and outputs, are compared as what they stand for. */
int cli_prove_equal(const crl_model *a, const crl_model *b, cli_proof *proof);
/* `b` has another batch: as many runs of each as give the same frames. */
int cli_prove_batch(const crl_model *a, const crl_model *b, cli_proof *proof);
/* `whole` is `head` and `tail` one behind the other. Ends are found by name; of `by_order` outputs stand as a joined model has them. */
int cli_prove_parts(const crl_model *whole, const crl_model *head, const crl_model *tail, bool by_order, cli_proof *proof);
/* A tensor inside both, by its name: of `a` the `columns` [n] of its last dimension, as `b` has them; NULL: all. */
int cli_prove_inside(const crl_model *a, const crl_model *b, const char *const *tensors, int n_tensors, const int32_t *columns, int32_t n,
                     cli_proof *proof);

#endif
