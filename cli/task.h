/* SPDX-License-Identifier: Apache-2.0 */
/* A model over pictures: what classify, detect, segment, pose and embed have in common.
 *
 *   settings -> session, labels, list of pictures
 *   each picture -> input -> run -> task->read -> print or JSON, and a file for each sink
 *
 * A command says how outputs are read and shown; the loop, its errors and where files go are here. */
#ifndef CLI_TASK_H
#define CLI_TASK_H

#include <jansson.h>

#include <corallite/corallite.h>
#include <corallite/vision.h>

#include "session.h"

typedef struct cli_job {
    const cli_settings *settings;
    cli_session session;
    const crl_tensor **outputs; /* of the engine, in model order */
    int32_t n_outputs;
    crl_labels *labels; /* NULL: there are none */
    const char *labels_name;
    bool fitted;      /* labels to the number of classes */
    bool warned;      /* about labels that do not go with the model */
    bool unwritable;  /* a warning was given about letters that no font has */
    bool several;     /* pictures: each is headed by its name */
    bool silent;      /* a file goes to the standard output, and no text with it */
    char **paths;     /* [picture][sink]: what is written, NULL: nothing */
    const char *path; /* of the picture at hand */
    crl_image image;  /* that picture, RGB */
    crl_letterbox frame;
    void *result; /* the command's own, filled by its read */
} cli_job;

/* A kind of file that a command can write for each picture. */
typedef struct cli_sink {
    size_t at;          /* of the setting that names the file, or the folder where there are several pictures */
    const char *option; /* what that setting is called */
    const char *suffix; /* of files in the folder; NULL: the picture's own, .png where that cannot be written */
    crl_status (*can_save)(const char *path, crl_error *err); /* NULL: any name will do */
    crl_status (*save)(cli_job *job, const char *path, crl_error *err);
} cli_sink;

typedef struct cli_task {
    crl_purpose purpose;        /* of the models that the command reads */
    const cli_builtin *builtin; /* stands in for --model; may be NULL */
    crl_status (*read)(cli_job *job, crl_error *err);
    void (*print)(cli_job *job);                      /* text */
    void (*add_json)(const cli_job *job, json_t *to); /* members that follow "image" */
    const cli_sink *sinks;
    int n_sinks;
} cli_task;

/* Does the task for all pictures of the settings. Returns an exit code, after saying what failed. */
int cli_task_run(const cli_task *task, const cli_settings *settings, void *result);

/* Starts the text of a picture: its name, where there are several. Returns the blanks to put before its rows. */
int cli_job_heading(const cli_job *job);

/* How many results to make room for: --top-k, but no more than the largest output has values. */
int32_t cli_job_room(const cli_job *job);

/* The name of a class, or its number written to buf, which holds 16. */
const char *cli_job_label(const cli_job *job, int32_t index, char *buf);
json_t *cli_job_label_json(const cli_job *job, int32_t index);
/* Warns, once, where labels do not go with so many classes, and makes the best of them: crl_labels_fit(). 0 classes:
 * not known. `every`: the numbers have no gaps, each class is to have a name. */
void cli_job_fit_labels(cli_job *job, int32_t classes, bool every);
/* Warns, once, where there are labels, but fewer than classes, of which there may be more than that. */
void cli_job_expect_classes(cli_job *job, int32_t classes);
/* Warns, once, where a label that is to be drawn has letters that cannot be. */
void cli_job_expect_letters(cli_job *job, int32_t index);

#endif
