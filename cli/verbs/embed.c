/* SPDX-License-Identifier: Apache-2.0 */
/* corallite embed: a picture as a vector of numbers. */
#include <stdlib.h>

#include "cmd.h"
#include "io/npy.h"
#include "io/say.h"
#include "models/task.h"

static const cli_option options[] = {
    { "output", 'o', CLI_FILE, offsetof(cli_result_settings, output), "FILE",
      "write the vector as .npy, float32 in one dimension; a folder where there are several pictures; - for the "
      "standard output" },
    { 0 },
};
static const cli_group group = { "Results", options };
static const cli_part parts[] = {
    { &cli_needed_model_group, offsetof(cli_task_settings, model) },
    { &group, offsetof(cli_task_settings, results) },
    { &cli_image_group, offsetof(cli_task_settings, picture) },
    { &cli_input_group, offsetof(cli_task_settings, picture) },
    { &cli_engine_group, offsetof(cli_task_settings, engine) },
    { &cli_common_group, offsetof(cli_task_settings, common) },
    { 0 },
};
static const char *const examples[] = {
    "corallite embed -m extractor.tflite --output cat.npy cat.jpg",
    "for numpy.load",
    NULL,
};

/* One line of numbers; what goes to a file need not be printed as well. */
static void print(const cli_job *job)
{
    const crl_results *r = job->results;
    if (job->settings->results.output) return;
    const int indent = cli_job_heading(job);
    printf("%*s", indent, "");
    for (size_t i = 0; i < r->n_embedding; i++) printf(i ? " %.6g" : "%.6g", (double)r->embedding[i]);
    putchar('\n');
}

static crl_status save(cli_job *job, const char *path, crl_error *err)
{
    const crl_results *r = job->results;
    const crl_tensor t = { .type = CRL_FLOAT32,
                           .shape = { .rank = 1, .dim = { (int32_t)r->n_embedding } },
                           .data = (void *)r->embedding,
                           .bytes = r->n_embedding * sizeof *r->embedding };
    return cli_npy_save(path, &t, err);
}

static int embed(const void *settings)
{
    const cli_sink sink = { offsetof(cli_result_settings, output), "output", ".npy", NULL, save };
    const cli_task task = { CRL_PURPOSE_EMBED, NULL, "corallite run writes it as it is", print, &sink, 1 };
    return cli_task_run(&task, settings);
}

const cli_verb cli_embed = {
    .name = "embed",
    .summary = "turn a picture into a vector of numbers",
    .operand = "IMAGE",
    .min_operands = 1,
    .max_operands = -1,
    .about =
        "Prints the model's first output as real numbers: with a feature extractor, pictures that look alike give "
        "vectors that lie close. IMAGE is a JPEG, PNG, WebP, GIF, BMP or PPM file, a folder of them, or - "
        "for the standard input.",
    .json = "[{\"image\": .., \"embedding\": [x, ..]}]",
    .parts = parts,
    .examples = examples,
    CLI_TASK_SETTINGS,
    .run = embed
};
