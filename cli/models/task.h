/* SPDX-License-Identifier: Apache-2.0 */
/* A model over pictures: what classify, detect, segment, pose and embed have in common.
 *
 *   settings -> session, list of pictures
 *   each picture -> crl_session_run -> print or JSON, and a file for each sink
 *
 * A command says how results are shown; the loop, its errors and where files go are here. */
#ifndef CLI_TASK_H
#define CLI_TASK_H

#include <corallite/session.h>

#include "models/session.h"

/* What the commands for pictures have for settings. A command lists those that it reads. */
typedef struct cli_result_settings {
    int top_k;
    double threshold; /* NaN: none */
    bool keep_aspect_ratio;
    const char *output, *overlay;
} cli_result_settings;

typedef struct cli_task_settings {
    cli_common_settings common;
    cli_model_settings model;
    cli_picture_settings picture;
    cli_result_settings results;
    cli_decoder_settings decoder;
    cli_engine_settings engine;
    cli_session *opened; /* that told the command by its model; NULL: none */
} cli_task_settings;

/* The members of a cli_verb that say so. */
#define CLI_TASK_SETTINGS                                                                                              \
    .settings_bytes = sizeof(cli_task_settings), .operands_at = offsetof(cli_task_settings, picture.images),           \
    .common_at = offsetof(cli_task_settings, common)

typedef struct cli_job {
    const cli_task_settings *settings;
    cli_session session;
    bool several;     /* pictures: each is headed by its name */
    bool silent;      /* a file goes to the standard output, and no text with it */
    char **paths;     /* [picture][sink]: what is written, NULL: nothing */
    const char *path; /* of the picture at hand */
    crl_image image;  /* that picture, RGB */
    const crl_results *results; /* what is in it */
} cli_job;

/* A kind of file that a command can write for each picture. */
typedef struct cli_sink {
    size_t at;          /* in cli_result_settings, of the one that names the file, or the folder where there are several pictures */
    const char *option; /* what that setting is called */
    const char *suffix; /* of files in the folder; NULL: the picture's own, .png where that cannot be written */
    crl_status (*can_save)(const char *path, crl_error *err); /* NULL: any name will do */
    crl_status (*save)(cli_job *job, const char *path, crl_error *err);
} cli_sink;

typedef struct cli_task {
    crl_purpose purpose;        /* of the models that the command reads */
    const cli_builtin *builtin; /* stands in for --model; may be NULL */
    const char *otherwise;      /* what to do with outputs that are not read; NULL: nothing can be said */
    void (*print)(const cli_job *job); /* text */
    const cli_sink *sinks;
    int n_sinks;
} cli_task;

/* Does the task for all pictures of the settings. Returns an exit code, after saying what failed. */
int cli_task_run(const cli_task *task, const cli_task_settings *settings);

/* Starts the text of a picture: its name, where there are several. Returns the blanks to put before its rows. */
int cli_job_heading(const cli_job *job);

/* The name of a class, or its number written to buf, which holds 16. */
const char *cli_job_label(const cli_job *job, int32_t index, char *buf);

/* A sink: the results drawn into the picture. */
crl_status cli_job_draw(cli_job *job, const char *path, crl_error *err);

#endif
