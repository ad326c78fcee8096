/* SPDX-License-Identifier: Apache-2.0 */
/* What a command is, and the settings that its options fill in.
 *
 * A new command is a file cmd_<verb>.c that defines one cli_verb, and a row in main.c. */
#ifndef CLI_CMD_H
#define CLI_CMD_H

#include <stdbool.h>
#include <stdio.h>

#include "option.h"

/* Exit codes. */
enum {
    CLI_DONE = 0,
    CLI_FAILED = 1,
    CLI_USAGE = 2, /* the command line makes no sense */
    CLI_DEVICE = 3 /* an accelerator was asked for and is not there */
};

/* Every value that an option can set. A command reads those that it lists. */
typedef struct cli_settings {
    cli_list operands; /* what is no option: pictures, or one model */
    bool help, version;
    bool json;
    /* running a model */
    const char *model;
    int backend; /* a crl_backend_kind, or CLI_BACKEND_EDGETPU */
    int threads; /* 0: the engine's choice */
    int work_limit; /* in millions; 0: the engine's choice */
    const char *cpu;
    struct cli_session *opened; /* that told the command by its model; NULL: none */
    /* from a picture to the input */
    int resample;     /* a crl_resample */
    double mean, std; /* NaN: from the model */
    bool exif_orientation;
    bool keep_aspect_ratio;
    int count; /* runs on each picture; 0: one, and nobody asks how long it takes */
    /* results */
    const char *labels;
    int decoder, scores, boxes; /* a crl_head, a crl_score_form, a crl_box_unit */
    double iou;
    bool agnostic;
    int top_k;
    double threshold; /* NaN: none */
    const char *output, *overlay;
    /* run, bench */
    cli_list inputs; /* "0=in.npy" */
    const char *output_dir;
    int warmup, runs;
    bool profile;
    /* corallite itself */
    bool man;
    const char *completion;
} cli_settings;

typedef struct cli_verb {
    const char *name;
    const char *summary;                      /* a few words, no full stop */
    const char *operand;                      /* "IMAGE", "MODEL" */
    int min_operands, max_operands;           /* max -1: any number */
    const char *about;                        /* paragraphs, separated by a newline; wrapped where shown */
    const char *json;                         /* what --json prints */
    const cli_group *const *groups;           /* NULL ends */
    const char *const *examples;              /* command line, explanation, ... NULL ends */
    int (*run)(const cli_settings *settings); /* returns an exit code; NULL for corallite itself */
} cli_verb;

extern const cli_verb cli_classify, cli_detect, cli_segment, cli_pose, cli_embed;
extern const cli_verb cli_run, cli_bench, cli_inspect;

/* corallite itself: the options that stand before any verb. */
extern const cli_verb cli_program;
/* The verbs in the order of the help; NULL ends. */
extern const cli_verb *const cli_verbs[];

/* Groups that commands share: groups.c. */
extern const cli_group cli_model_group;        /* --model; the built-in one stands in */
extern const cli_group cli_needed_model_group; /* --model, without which there is nothing to run */
extern const cli_group cli_labels_group;       /* --labels */
extern const cli_group cli_decoder_group;      /* how a detector's outputs are read */
extern const cli_group cli_picture_group;      /* from a picture to the input */
extern const cli_group cli_engine_group;       /* --backend --threads --cpu */
extern const cli_group cli_common_group;       /* --json --help --version */

void cli_settings_release(cli_settings *settings);

/* help.c, man.c, completion.c */
void cli_help(const cli_verb *verb, FILE *to);
void cli_man(FILE *to);
int cli_completion(const char *shell, FILE *to);

#endif
