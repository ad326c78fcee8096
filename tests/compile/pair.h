/* SPDX-License-Identifier: Apache-2.0 */
/* A model of one layer in two variants, and what it is compiled: made up, and as little as a template can be. */
#ifndef TESTS_COMPILE_PAIR_H
#define TESTS_COMPILE_PAIR_H

#include "make.h"

/* What the variants are to differ in. Zeroed: in weights, biases and the scale and zero point of the output. */
typedef struct pair_change {
    int32_t outputs;   /* 0: 4, as the other */
    int32_t operators; /* 0: 1, 2: one more */
    bool no_bias;      /* biases of 0 */
    bool zero_point_0; /* of the output */
    bool same;         /* nothing */
    bool same_weights; /* and biases */
    bool same_layer;   /* and the weights' scale */
    const char *name;  /* of the output, NULL: "out" */
} pair_change;

/* The model, as a file. For crl_free(). */
uint8_t *pair_model(bool second, const pair_change *change, size_t *size);

/* The first variant compiled, as a file. For crl_free(). */
uint8_t *pair_template(size_t *size);

#endif
