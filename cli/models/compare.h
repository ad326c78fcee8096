/* SPDX-License-Identifier: Apache-2.0 */
/* How far two engines are apart: which of their tensors belong together, and what differs between these over many runs. */
#ifndef CLI_COMPARE_H
#define CLI_COMPARE_H

#include <stdbool.h>
#include <stdint.h>

#include <corallite/engine.h>

/* A pair of tensors, and the sum of all that was seen of them. Values are real numbers: what quantised ones mean. */
typedef struct cli_pair_of {
    int32_t op;          /* of the first model, that writes it; -1: an output that is compared by its place */
    int32_t tensor[2];   /* in the models' main subgraphs */
    uint64_t n, changed; /* elements, and those of them whose values are not equal */
    double largest;      /* difference */
    double error, power[2]; /* sums of squared differences, and of the squared values of both */
    bool apart;          /* their shapes differ, or they hold no numbers: nothing can be said */
} cli_pair_of;

typedef struct cli_pairs {
    cli_pair_of *items;
    int32_t n;
} cli_pairs;

/* Tensors of the two models that are the same layer's output: by name, and where few have the same names, by the order of operators of
 * one kind. Release items with free(). */
cli_pairs cli_pairs_of_layers(const crl_model *a, const crl_model *b);

/* Adds what the engines hold now, which keep their tensors. */
void cli_pair_add(cli_pair_of *pair, const crl_engine *a, const crl_engine *b);
/* The same for two tensors. */
void cli_pair_add_tensors(cli_pair_of *pair, const crl_tensor *a, const crl_tensor *b);

/* The root of the mean squared difference, as a share of that of the larger values. */
double cli_pair_relative(const cli_pair_of *pair);

#endif
