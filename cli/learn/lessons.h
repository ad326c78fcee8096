/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures to learn from: a folder for each class, and what a model says of them all.
 *
 *   cli_lessons_list -> cli_lessons_embed (one vector each) -> ... -> cli_lessons_judge (one class each, of those held out) */
#ifndef CLI_LESSONS_H
#define CLI_LESSONS_H

#include <corallite/corallite.h>

#include "cmd.h"
#include "learn/state.h"

typedef struct cli_lesson {
    char *path;
    int32_t label;
    bool held_out; /* not learnt from, but examined on */
    bool broken;   /* could not be read, which was said */
    bool gone;     /* is known from before, and no longer there */
    bool done;     /* its vector is there */
    cli_content content; /* where what was seen is remembered */
    int32_t wanted; /* the class that it is of */
    uint64_t print; /* 64 bits that are alike where pictures are */
    int32_t told;  /* what cli_lessons_judge() found, */
    float score;   /* how sure, */
    int32_t place; /* and which of the likeliest its own class was, 1 for the first; 0: none of CLI_PLACES */
} cli_lesson;

enum { CLI_PLACES = 3 };

typedef struct cli_lessons {
    cli_lesson *items; /* by class, in the order of names within it */
    int n;
    char **labels; /* names of the folders, sorted */
    int n_labels;
} cli_lessons;

typedef struct cli_lessons_options {
    double test_ratio;
    int max_per_class;
    unsigned seed;
} cli_lessons_options;

/* Lists the pictures of the folders in `folder`, or of a list (csv.h) whose name ends in .csv, at most so many of each,
 * and chooses by the seed which are held out: of a class of n, n * ratio, rounded, but never all. Returns CLI_DONE, or
 * an exit code after saying what is wrong. */
int cli_lessons_list(cli_lessons *l, const char *folder, const cli_lessons_options *o);
/* Whether the folder has any folder for a class. */
bool cli_lessons_any(const char *folder);
void cli_lessons_release(cli_lessons *l);
/* Whether a picture is held out, and can be seen. */
bool cli_lesson_is_examined(const cli_lesson *p);

/* What is done for each picture, in several threads. A session takes one at a time. */
typedef struct cli_work {
    const crl_model *model;
    const char *name; /* of the model, for messages */
    crl_purpose purpose;
    const cli_engine_settings *engine;
    const char *what; /* of the progress bar: "looking" */
    uint32_t least_side; /* see crl_image_options */
    const cli_state *state; /* what need not be looked at; NULL: nothing is remembered */
    bool (*save)(void *user); /* called now and then while vectors are made; false: that failed, which was said. NULL: none */
    void *user;
} cli_work;

/* Vectors [n][size] of all pictures. Broken pictures are said, marked, and are zeros. Returns an exit code; CLI_DONE also where some
 * are broken, and where a signal came (cli_signals_wait()) before all were done. */
int cli_lessons_embed(cli_lessons *l, const cli_work *work, int32_t size, float *vectors);
/* What a classifier says of the pictures that are held out. */
int cli_lessons_judge(cli_lessons *l, const cli_work *work);

#endif
