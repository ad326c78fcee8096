/* SPDX-License-Identifier: Apache-2.0 */
/* corallite segment: the class of every pixel. */
#include "cmd.h"
#include "io/outputs.h"
#include "io/say.h"
#include "models/task.h"

static const cli_option options[] = {
    { "keep-aspect-ratio", 0, CLI_FLAG, offsetof(cli_result_settings, keep_aspect_ratio), NULL,
      "do not stretch the picture to the model's input: leave the rest of the input black" },
    { "output", 'o', CLI_FILE, offsetof(cli_result_settings, output), "FILE",
      "write the mask, of the picture's size: a .png holds the number of each pixel's class, in the colours of Pascal "
      "VOC; a folder where there are several pictures; - for a PNG on the standard output" },
    { "overlay", 0, CLI_FILE, offsetof(cli_result_settings, overlay), "FILE",
      "write the picture with the classes tinted and outlined, and a legend" },
    { 0 },
};
static const cli_group group = { "Results", options };
static const cli_part parts[] = {
    { &cli_needed_model_group, offsetof(cli_task_settings, model) },
    { &cli_labels_group, offsetof(cli_task_settings, model) },
    { &group, offsetof(cli_task_settings, results) },
    { &cli_image_group, offsetof(cli_task_settings, picture) },
    { &cli_input_group, offsetof(cli_task_settings, picture) },
    { &cli_engine_group, offsetof(cli_task_settings, engine) },
    { &cli_common_group, offsetof(cli_task_settings, common) },
    { 0 },
};
static const char *const examples[] = {
    "corallite segment -m deeplab.tflite -l pascal.txt --output mask.png bird.jpg",
    "the mask, for programs",
    "corallite segment -m deeplab.tflite --overlay look.jpg bird.jpg",
    "a picture for people",
    NULL,
};

static void print(const cli_job *job)
{
    const crl_results *r = job->results;
    const double all = (double)r->mask->width * r->mask->height;
    cli_table table;
    cli_table_init(&table, "lrr", cli_job_heading(job));
    for (int32_t i = 0; i < r->n_segments; i++) {
        const crl_segment *segment = &r->segments[i];
        char number[16], pixels[32], share[32];
        snprintf(pixels, sizeof pixels, "%llu pixels", (unsigned long long)segment->pixels);
        snprintf(share, sizeof share, "%.1f%%", 100 * (double)segment->pixels / all);
        cli_table_row(&table, cli_job_label(job, segment->index, number), pixels, share);
    }
    cli_table_print(&table, stdout);
}

static crl_status save_mask(cli_job *job, const char *path, crl_error *err)
{
    return cli_mask_save(job->results->mask, path, err);
}

static int segment(const void *settings)
{
    const cli_sink sinks[] = { { offsetof(cli_result_settings, output), "output", ".png", crl_image_can_save, save_mask },
                               { offsetof(cli_result_settings, overlay), "overlay", NULL, crl_image_can_save, cli_job_draw } };
    const cli_task task = { CRL_PURPOSE_SEGMENT, NULL, NULL, print, sinks, 2 };
    return cli_task_run(&task, settings);
}

const cli_verb cli_segment = {
    .name = "segment",
    .summary = "say of every pixel what it shows",
    .operand = "IMAGE",
    .min_operands = 1,
    .max_operands = -1,
    .about =
        "Prints the classes that a segmentation model sees and how many pixels of the picture each takes, the largest "
        "first. IMAGE is a JPEG, PNG, WebP, GIF, BMP or PPM file, a folder of them, or - for the standard input.",
    .json = "[{\"image\": .., \"classes\": [{\"index\": n, \"label\": .., \"pixels\": n}]}], the largest first",
    .parts = parts,
    .examples = examples,
    CLI_TASK_SETTINGS,
    .run = segment
};
