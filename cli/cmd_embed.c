/* SPDX-License-Identifier: Apache-2.0 */
/* corallite embed: a picture as a vector of numbers. */
#include <stdlib.h>

#include <corallite/vision.h>

#include "cmd.h"
#include "json.h"
#include "npy.h"
#include "say.h"
#include "task.h"

static const cli_option options[] = {
    { "output", 'o', CLI_FILE, offsetof(cli_settings, output), "FILE",
      "write the vector as .npy, float32 in one dimension; a folder where there are several pictures; - for the "
      "standard output" },
    { 0 },
};
static const cli_group group = { "Results", options };
static const cli_group *const groups[] = { &cli_needed_model_group, &group, &cli_picture_group, &cli_engine_group,
                                           &cli_common_group,       NULL };
static const char *const examples[] = {
    "corallite embed -m extractor.tflite --output cat.npy cat.jpg",
    "for numpy.load",
    NULL,
};

typedef struct result {
    float *values;
    size_t n;
} result;

/* As many numbers are no vector any more, and would take several times the model's memory. */
enum { MOST_VALUES = 1 << 24 };

static crl_status read(cli_job *job, crl_error *err)
{
    result *r = job->result;
    r->n = crl_shape_count(&job->outputs[0]->shape);
    if (r->n > MOST_VALUES)
        return cli_fail(err, CRL_ERR_UNSUPPORTED, "output 0 has %zu values, an embedding at most %d: corallite run writes it as it is",
                        r->n, MOST_VALUES);
    r->values = cli_grow(r->values, r->n, sizeof *r->values);
    return crl_tensor_floats(job->outputs[0], r->values, r->n, err);
}

/* One line of numbers; what goes to a file need not be printed as well. */
static void print(cli_job *job)
{
    const result *r = job->result;
    if (job->settings->output) return;
    const int indent = cli_job_heading(job);
    printf("%*s", indent, "");
    for (size_t i = 0; i < r->n; i++) printf(i ? " %.6g" : "%.6g", (double)r->values[i]);
    putchar('\n');
}

static void add_json(const cli_job *job, json_t *to)
{
    const result *r = job->result;
    json_object_set_new(to, "embedding", cli_json_floats(r->values, r->n));
}

static crl_status save(cli_job *job, const char *path, crl_error *err)
{
    const result *r = job->result;
    const crl_tensor t = { .type = CRL_FLOAT32,
                           .shape = { .rank = 1, .dim = { (int32_t)r->n } },
                           .data = r->values,
                           .bytes = r->n * sizeof *r->values };
    return cli_npy_save(path, &t, err);
}

static int embed(const cli_settings *settings)
{
    const cli_sink sink = { offsetof(cli_settings, output), "output", ".npy", NULL, save };
    const cli_task task = { CRL_PURPOSE_EMBED, NULL, read, print, add_json, &sink, 1 };
    result r = { 0 };
    const int code = cli_task_run(&task, settings, &r);
    free(r.values);
    return code;
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
    .groups = groups,
    .examples = examples,
    .run = embed
};
