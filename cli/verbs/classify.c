/* SPDX-License-Identifier: Apache-2.0 */
/* corallite classify: what is in a picture. */
#include <math.h>

#include "cmd.h"
#include "io/say.h"
#include "models/task.h"

static const cli_option options[] = {
    { "top-k", 'k', CLI_INT, offsetof(cli_result_settings, top_k), "N", "print the N best classes", .preset = "3", .min = 1,
      .max = 1000000 },
    { "threshold", 't', CLI_REAL, offsetof(cli_result_settings, threshold), "X", "print scores of at least X",
      .without = "what the model says, else print all", .min = -INFINITY },
    { 0 },
};
static const cli_group group = { "Results", options };
static const cli_part parts[] = {
    { &cli_model_group, offsetof(cli_task_settings, model) },
    { &cli_labels_group, offsetof(cli_task_settings, model) },
    { &group, offsetof(cli_task_settings, results) },
    { &cli_image_group, offsetof(cli_task_settings, picture) },
    { &cli_input_group, offsetof(cli_task_settings, picture) },
    { &cli_engine_group, offsetof(cli_task_settings, engine) },
    { &cli_common_group, offsetof(cli_task_settings, common) },
    { 0 },
};
static const char *const examples[] = {
    "corallite classify sign.jpg",
    "with the model that is built in",
    "corallite classify -m birds.tflite -l birds.txt --top-k 5 parrot.jpg",
    "the five likeliest birds",
    "corallite classify --json -m birds.tflite photos/",
    "every picture of a folder, for a program",
    NULL,
};

/* The threshold by which there is nothing left: the one given, else the model's own. NAN: there is none. */
static double threshold_of(const cli_job *job)
{
    float own = NAN;
    if (!isnan(job->settings->results.threshold)) return job->settings->results.threshold;
    crl_model_score_threshold(crl_session_model(job->session.session), 0, &own);
    return (double)own;
}

static void print(const cli_job *job)
{
    const crl_results *r = job->results;
    cli_table table;
    cli_table_init(&table, "ll", cli_job_heading(job));
    for (int32_t i = 0; i < r->n_classes; i++) {
        char number[16], score[32];
        snprintf(score, sizeof score, "%.6g", (double)r->classes[i].score);
        cli_table_row(&table, cli_job_label(job, r->classes[i].index, number), score);
    }
    const double least = threshold_of(job);
    if (!r->n_classes && isnan(least)) printf("%*sunknown: the model's scores are no numbers (nan)\n", table.indent, "");
    else if (!r->n_classes) printf("%*sunknown: nothing that scores %g or more\n", table.indent, "", least);
    cli_table_print(&table, stdout);
}

static int classify(const void *settings)
{
    const cli_task task = { .purpose = CRL_PURPOSE_CLASSIFY, .builtin = &cli_signs_classifier, .print = print };
    return cli_task_run(&task, settings);
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
    .parts = parts,
    .examples = examples,
    CLI_TASK_SETTINGS,
    .run = classify
};
