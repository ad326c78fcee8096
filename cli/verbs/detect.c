/* SPDX-License-Identifier: Apache-2.0 */
/* corallite detect: what is where in a picture. */
#include <math.h>

#include "cmd.h"
#include "io/say.h"
#include "models/task.h"

static const cli_option options[] = {
    { "threshold", 't', CLI_REAL, offsetof(cli_result_settings, threshold), "X", "keep what scores at least X",
      .preset = "0.5", .min = -INFINITY },
    { "top-k", 'k', CLI_INT, offsetof(cli_result_settings, top_k), "N", "keep the N best", .preset = "10", .min = 1,
      .max = 1000000 },
    { "keep-aspect-ratio", 0, CLI_FLAG, offsetof(cli_result_settings, keep_aspect_ratio), NULL,
      "do not stretch the picture to the model's input: leave the rest of the input black, or as --fit auto has it for YOLO" },
    { "output", 'o', CLI_FILE, offsetof(cli_result_settings, output), "FILE",
      "write the picture with the boxes drawn; its ending chooses the format, such as .jpg or .png; a folder where there "
      "are several pictures; - for a PNG on the standard output" },
    { 0 },
};
static const cli_group group = { "Results", options };
static const cli_part parts[] = {
    { &cli_model_group, offsetof(cli_task_settings, model) },
    { &cli_labels_group, offsetof(cli_task_settings, model) },
    { &group, offsetof(cli_task_settings, results) },
    { &cli_decoder_group, offsetof(cli_task_settings, decoder) },
    { &cli_image_group, offsetof(cli_task_settings, picture) },
    { &cli_input_group, offsetof(cli_task_settings, picture) },
    { &cli_engine_group, offsetof(cli_task_settings, engine) },
    { &cli_common_group, offsetof(cli_task_settings, common) },
    { 0 },
};
static const char *const examples[] = {
    "corallite detect --output signs.png scene.jpg",
    "find printed signs, with the model that is built in, and draw them",
    "corallite detect -m ssd.tflite -l coco.txt --threshold 0.4 street.jpg",
    "find things of everyday life",
    "corallite detect -m yolov8n.tflite -l coco.yaml --iou 0.7 street.jpg",
    "the same with a YOLO detector as its exporter writes it",
    "corallite detect --output drawn/ photos/",
    "every picture of a folder",
    NULL,
};

static void print(const cli_job *job)
{
    const crl_results *r = job->results;
    cli_table table;
    cli_table_init(&table, "llrrrr", cli_job_heading(job));
    if (r->n_detections) cli_table_row(&table, "what", "score", "left", "top", "right", "bottom");
    for (int32_t i = 0; i < r->n_detections; i++) {
        const crl_detection *d = &r->detections[i];
        const float edges[4] = { d->box.x0, d->box.y0, d->box.x1, d->box.y1 };
        char number[16], score[32], edge[4][32];
        snprintf(score, sizeof score, "%.6g", (double)d->score);
        for (int k = 0; k < 4; k++) snprintf(edge[k], sizeof edge[k], "%.1f", (double)edges[k]);
        cli_table_row(&table, cli_job_label(job, d->index, number), score, edge[0], edge[1], edge[2], edge[3]);
    }
    if (!r->n_detections) printf("%*snothing that scores %g or more\n", table.indent, "", job->settings->results.threshold);
    cli_table_print(&table, stdout);
}

static int detect(const void *settings)
{
    const cli_sink sink = { offsetof(cli_result_settings, output), "output", NULL, crl_image_can_save, cli_job_draw };
    const cli_task task = { CRL_PURPOSE_DETECT, &cli_signs_detector, NULL, print, &sink, 1 };
    return cli_task_run(&task, settings);
}

const cli_verb cli_detect = {
    .name = "detect",
    .summary = "find things in a picture, and draw boxes around them",
    .operand = "IMAGE",
    .min_operands = 1,
    .max_operands = -1,
    .about =
        "Prints what a detection model finds and where, in pixels of the picture, best first. IMAGE is a JPEG, PNG, "
        "WebP, GIF, BMP or PPM file, a folder of them, or - for the standard input.\n"
        "Models that choose their boxes themselves are read, and raw outputs of SSD with anchors in the metadata, of YOLO and of MediaPipe. "
        "Which they are is told by the shapes of the outputs, see --decoder.",
    .json = "[{\"image\": .., \"results\": [{\"index\": n, \"label\": .., \"score\": x, \"box\": [x0, y0, x1, "
            "y1]}]}], best first",
    .parts = parts,
    .examples = examples,
    CLI_TASK_SETTINGS,
    .run = detect
};
