/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of `corallite learn` share.
 *
 *   verbs/learn.c  options, from folders to the new model
 *   lessons.c      pictures: which, and what a model says of them
 *   live.c         pictures from a camera, given to classes by keys
 *   names.c        the classes and their names
 *   layer.c        from vectors to the last layer
 *   recall.c       what was seen before, and is remembered
 *   find.c         what of the pictures held out deserves a look
 *   report.c       how good the new model is, as text and JSON
 *   page.c         the same as a page with pictures */
#ifndef CLI_LEARN_H
#define CLI_LEARN_H

#include <corallite/corallite.h>

#include "cmd.h"
#include "io/file.h"
#include "learn/lessons.h"
#include "learn/live.h"
#include "models/model.h"

typedef enum cli_method { CLI_AUTO, CLI_IMPRINT, CLI_SOFTMAX } cli_method;

typedef struct cli_learn_settings {
    cli_common_settings common;
    cli_model_settings model;
    cli_engine_settings engine;
    cli_list folders;
    const char *data, *output, *embedding, *html, *state, *forget;
    double test_ratio, threshold, rate, decay;
    int method, max_per_class, seed, epochs, batch;
    bool keep_classes, draft;
    cli_live_settings live;
} cli_learn_settings;

/* What is at hand while it lasts. Zeroed is nothing. */
typedef struct cli_learning {
    const cli_learn_settings *settings;
    cli_method method; /* AUTO until it is known which is better */
    bool tried;        /* both were: */
    int right[3];      /* by method: pictures held out that were recognised */
    const char *data;
    char *labels_file, *twin_file;
    char *twin_output; /* of a compiled model: what computes the same without a device. NULL: none */
    cli_model base;
    crl_extractor *extractor;
    cli_model twin; /* of a compiled model: the same for CPUs, which looks at the pictures and is examined */
    crl_extractor *seeing; /* the twin's, else the other one */
    cli_lessons pictures;
    cli_state state; /* what was seen before; empty when it is among the pictures */
    cli_file_lock lock; /* of --state */
    int32_t size;
    float *vectors; /* [n][size] of those that can be read */
    int32_t *classes_of;
    bool *held_out;
    int32_t *picture_of; /* [n] in `pictures` */
    int32_t n, n_learnt; /* those that are learnt from stand in front */
    int32_t kept;    /* classes of the model that stay, in front */
    const char **labels; /* [classes]: borrowed */
    crl_labels *own_labels;
    char **numbers;  /* [kept]: names of classes that have none */
    char **lines;    /* [classes]: how the names are written into the model; NULL: as they are */
    int remembered;  /* pictures in --state */
    int32_t *new_class; /* [n_labels]: which class a folder is */
    crl_last_layer layer;
    crl_unknown unknown;
    float *weights, *bias;
    uint8_t *bytes, *seen; /* the new model; that which is examined, where it is another */
    size_t bytes_size, seen_size;
    double embed_ms, learn_ms, judge_ms;
} cli_learning;

/* A picture that was held out, and the one of those learnt from that is most like it. */
typedef struct cli_pair {
    const cli_lesson *seen, *learnt;
    double likeness; /* cosine of their vectors */
} cli_pair;

/* How many of so many, and where the true share lies with a confidence of 95 %. */
typedef struct cli_marks {
    int right, of;
    double low, high;
} cli_marks;

/* How many of a folder's pictures were taken for a class. */
typedef struct cli_taken {
    int32_t folder, class;
    int times;
} cli_taken;

typedef struct cli_findings {
    cli_pair *mistakes; /* what was not recognised, the surest first */
    int n_mistakes;
    cli_pair *twins; /* the same picture on both sides, or nearly: these count as recognised, which they prove little */
    int n_twins;
    cli_marks all, all_places; /* of all pictures: with their class first, or among the likeliest CLI_PLACES */
    cli_marks *marks; /* [n_labels] */
    int *learnt;      /* [n_labels]: pictures learnt from */
    cli_taken *taken; /* by folder, then by class: what is not 0 */
    int n_taken;
} cli_findings;

/* Twice the longer side of the model's input: what --draft leaves of a JPEG. */
uint32_t cli_learn_least_side(const cli_learning *w);
/* Reads --state, less --forget. Returns an exit code, as all of these do. */
int cli_learn_recall(cli_learning *w);
/* Classes that were known come in front of the folder's. */
void cli_learn_join(cli_learning *w);
/* Behind the folder's pictures, which have been looked at, come those that are known and not among them; `vectors` has room. */
void cli_learn_add_known(cli_learning *w);
/* Writes --state: all pictures that were looked at and what else is known, with their vectors; `*pictures` gets how many. */
crl_status cli_learn_remember(const cli_learning *w, int *pictures, crl_error *err);

/* Names the classes and numbers them. Returns an exit code. */
int cli_learn_name(cli_learning *w);
/* Where the pictures are from, for messages. */
const char *cli_learn_data_name(const cli_learning *w);

/* Makes the last layer of what is to be learnt from, and its threshold. Returns an exit code. */
int cli_learn_layer(cli_learning *w);

cli_findings cli_learn_find(const cli_learning *w);
void cli_findings_release(cli_findings *f);

/* Pictures held out of a folder that were taken for a class. */
int cli_learn_taken(const cli_findings *f, int folder, int32_t class);
/* What those of a folder were mostly taken for that were not recognised, and how often; -1: all were. */
int32_t cli_learn_mistaken(const cli_learning *w, const cli_findings *f, int folder, int *times);

/* Prints how good it is, as text or JSON. */
void cli_learn_report(const cli_learning *w, const cli_findings *f);
/* The same as a page with pictures, in memory for free(); NULL after saying that there was no memory. */
char *cli_learn_page(const cli_learning *w, const cli_findings *f, size_t *bytes);

#endif
