/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of `corallite learn` share.
 *
 *   cmd_learn.c     options, from folders to the new model
 *   lessons.c       pictures: which, and what a model says of them
 *   learn_report.c  how good the new model is */
#ifndef CLI_LEARN_H
#define CLI_LEARN_H

#include <corallite/corallite.h>

#include "cmd.h"
#include "lessons.h"
#include "model.h"

typedef struct cli_learn_settings {
    cli_common_settings common;
    cli_model_settings model;
    cli_engine_settings engine;
    cli_list folders;
    const char *data, *output, *embedding;
    double test_ratio, rate, decay;
    int max_per_class, seed, epochs, batch;
    bool keep_classes;
} cli_learn_settings;

/* What is at hand while it lasts. Zeroed is nothing. */
typedef struct cli_learning {
    const cli_learn_settings *settings;
    bool imprint;
    const char *data;
    char *labels_file, *twin_file;
    cli_model base;
    crl_extractor *extractor;
    cli_model twin; /* of a compiled model: the same for CPUs, which looks at the pictures and is examined */
    crl_extractor *seeing; /* the twin's, else the other one */
    cli_lessons pictures;
    int32_t size;
    float *vectors; /* [n][size] of those that can be read */
    int32_t *classes_of;
    bool *held_out;
    int32_t n;
    int32_t kept;    /* classes of the model that stay, in front */
    const char **labels; /* [classes]: borrowed */
    crl_labels *own_labels;
    char **numbers;  /* [kept]: names of classes that have none */
    int32_t *new_class; /* [n_labels]: which class a folder is */
    crl_last_layer layer;
    float *weights, *bias;
    uint8_t *bytes, *seen; /* the new model; that which is examined, where it is another */
    size_t bytes_size, seen_size;
    double embed_ms, learn_ms, judge_ms;
} cli_learning;

/* Prints how good it is, as text or JSON. */
void cli_learn_report(const cli_learning *w);

#endif
