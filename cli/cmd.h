/* SPDX-License-Identifier: Apache-2.0 */
/* What a command is, and the settings that its options fill in.
 *
 * A new command is a file of verbs/ with a struct of settings and a cli_verb, and a row in main.c. */
#ifndef CLI_CMD_H
#define CLI_CMD_H

#include <stdbool.h>
#include <stdio.h>

#include "args/option.h"

/* Exit codes. */
enum {
    CLI_DONE = 0,
    CLI_FAILED = 1,
    CLI_USAGE = 2, /* the command line makes no sense */
    CLI_DEVICE = 3, /* an accelerator was asked for and is not there */
    CLI_PARTLY = 4  /* of `check`: a part stays on the CPU */
};

typedef struct cli_verb {
    const char *name;                     /* one word, or two: "learn imprint" */
    const char *summary;                  /* a few words, no full stop */
    const char *operand;                  /* "IMAGE", "MODEL" */
    bool operands_name_models;            /* which may be names of those that were fetched */
    int min_operands, max_operands;       /* max -1: any number */
    const char *about;                    /* paragraphs, separated by a newline; wrapped where shown */
    const char *json;                     /* what --json prints */
    const cli_part *parts;
    const char *const *examples;          /* command line, explanation, ... NULL ends */
    size_t settings_bytes;                /* of the struct that the options fill in, */
    size_t operands_at, common_at;        /* and where in it are the cli_list of what is no option, and cli_common_settings */
    int (*run)(const void *settings);     /* returns an exit code */
} cli_verb;

extern const cli_verb cli_classify, cli_detect, cli_segment, cli_pose, cli_embed, cli_watch, cli_serve_verb;
extern const cli_verb cli_run, cli_bench, cli_inspect, cli_check, cli_compile, cli_compare;
extern const cli_verb cli_devices, cli_setup, cli_doctor;
extern const cli_verb cli_edit, cli_quantize, cli_split, cli_join;
extern const cli_verb cli_learn, cli_learn_imprint, cli_learn_softmax;
extern const cli_verb cli_models_list, cli_models_get, cli_models_verify, cli_models_add;

/* corallite itself: the options that stand before any verb. */
extern const cli_verb cli_program;
/* The verbs in the order of the help; NULL ends. */
extern const cli_verb *const cli_verbs[];

/* ---- groups that commands share: groups.c ---- */

extern const cli_group cli_model_group;        /* --model; the built-in one stands in */
extern const cli_group cli_needed_model_group; /* --model, without which there is nothing to run */
extern const cli_group cli_labels_group;
typedef struct cli_model_settings {
    const char *file;
    const char *labels; /* NULL: those inside the model */
} cli_model_settings;

/* How a detector's outputs are read. */
extern const cli_group cli_decoder_group;
typedef struct cli_decoder_settings {
    int head, scores, boxes; /* a crl_head, a crl_score_form, a crl_box_unit */
    double iou;
    bool agnostic;
} cli_decoder_settings;

/* Which pictures, and from a picture to the input: of one struct. */
extern const cli_group cli_image_group, cli_input_group;
typedef struct cli_picture_settings {
    cli_list images;
    int resample;     /* a crl_resample */
    double mean, std; /* NaN: from the model */
    int fit, order;   /* a crl_fit, a crl_channel_order */
    double padding;   /* NaN: what the model is known to want */
    bool exif_orientation;
    int count; /* runs on each picture; 0: one, and nobody asks how long it takes */
} cli_picture_settings;

/* Running a model. */
extern const cli_group cli_engine_group;
enum { CLI_BACKEND_EMULATOR = 100 }; /* behind the values of crl_backend_kind: EDGETPU, on the device CRL_DEVICE_EMULATOR */
typedef struct cli_engine_settings {
    int backend;    /* a crl_backend_kind, or CLI_BACKEND_EMULATOR */
    int threads;    /* 0: the engine's choice */
    int work_limit; /* in millions; 0: the engine's choice */
    const char *cpu;
    int float_mode; /* a crl_float_mode */
    int arithmetic; /* a crl_arithmetic */
    bool keep_tensors; /* no option: for a command that looks at them */
    struct crl_pool *pool; /* neither: threads of several engines, instead of `threads`; NULL: its own */
} cli_engine_settings;

extern const cli_group cli_common_group;
typedef struct cli_common_settings {
    bool json, help, version;
    cli_list named; /* no option: files that names on the command line stand for */
} cli_common_settings;

static inline const cli_common_settings *cli_common_of(const cli_verb *verb, const void *settings)
{
    return (const cli_common_settings *)((const char *)settings + verb->common_at);
}

/* ---- help.c, man.c, completion.c ---- */

typedef enum cli_shell { CLI_BASH = 1, CLI_ZSH } cli_shell;

void cli_help(const cli_verb *verb, FILE *to);
void cli_man(FILE *to);
void cli_completion(cli_shell shell, FILE *to);

#endif
