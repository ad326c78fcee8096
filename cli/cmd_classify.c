/* SPDX-License-Identifier: Apache-2.0 */
/* corallite classify: what is in a picture. */
#include <math.h>
#include <stdlib.h>

#include <corallite/vision.h>

#include "cmd.h"
#include "json.h"
#include "say.h"
#include "task.h"

static const cli_option options[] = {
    { "top-k", 'k', CLI_INT, offsetof(cli_settings, top_k), "N", "print the N best classes", .preset = "3", .min = 1,
      .max = 1000000 },
    { "threshold", 't', CLI_REAL, offsetof(cli_settings, threshold), "X", "print scores of at least X",
      .without = "print all", .min = -INFINITY },
    { 0 },
};
static const cli_group group = { "Results", options };
static const cli_group *const groups[] = { &cli_model_group,  &cli_labels_group, &group, &cli_picture_group,
                                           &cli_engine_group, &cli_common_group, NULL };
static const char *const examples[] = {
    "corallite classify sign.jpg",
    "with the model that is built in",
    "corallite classify -m birds.tflite -l birds.txt --top-k 5 parrot.jpg",
    "the five likeliest birds",
    "corallite classify --json -m birds.tflite photos/",
    "every picture of a folder, for a program",
    NULL,
};

typedef struct result {
    crl_class *classes;
    int32_t n;
} result;

static crl_status read(cli_job *job, crl_error *err)
{
    result *r = job->result;
    const size_t classes = crl_shape_count(&job->outputs[0]->shape);
    const int32_t room = cli_job_room(job);
    const float threshold = isnan(job->settings->threshold) ? -INFINITY : (float)job->settings->threshold;
    cli_job_fit_labels(job, (int32_t)classes, true);
    r->classes = cli_grow(r->classes, (size_t)room, sizeof *r->classes);
    return crl_topk(job->outputs[0], threshold, r->classes, room, &r->n, err);
}

static void print(cli_job *job)
{
    const result *r = job->result;
    cli_table table;
    cli_table_init(&table, "ll", cli_job_heading(job));
    for (int32_t i = 0; i < r->n; i++) {
        char number[16], score[32];
        snprintf(score, sizeof score, "%.6g", (double)r->classes[i].score);
        cli_table_row(&table, cli_job_label(job, r->classes[i].index, number), score);
    }
    cli_table_print(&table, stdout);
}

static void add_json(const cli_job *job, json_t *to)
{
    const result *r = job->result;
    json_t *results = json_array();
    for (int32_t i = 0; i < r->n; i++) {
        json_t *o = json_object();
        json_object_set_new(o, "index", json_integer(r->classes[i].index));
        json_object_set_new(o, "label", cli_job_label_json(job, r->classes[i].index));
        json_object_set_new(o, "score", cli_json_float(r->classes[i].score));
        json_array_append_new(results, o);
    }
    json_object_set_new(to, "results", results);
}

static int classify(const cli_settings *settings)
{
    const cli_task task = { .purpose = CRL_PURPOSE_CLASSIFY, .builtin = &cli_signs_classifier, .read = read, .print = print, .add_json = add_json };
    result r = { 0 };
    const int code = cli_task_run(&task, settings, &r);
    free(r.classes);
    return code;
}

const cli_verb cli_classify = {
    .name = "classify",
    .summary = "say what is in a picture",
    .operand = "IMAGE",
    .min_operands = 1,
    .max_operands = -1,
    .about =
        "Prints the classes that a model finds likeliest, best first. IMAGE is a JPEG, PNG, WebP, GIF, BMP or PPM file, "
        "a folder of them, or - for the standard input.",
    .json = "[{\"image\": .., \"results\": [{\"index\": n, \"label\": .., \"score\": x}]}], best first; label is "
            "null where there is none",
    .groups = groups,
    .examples = examples,
    .run = classify
};
