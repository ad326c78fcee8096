/* SPDX-License-Identifier: Apache-2.0 */
/* corallite pose: where the joints of people are. */
#include <math.h>

#include "cmd.h"
#include "io/say.h"
#include "models/task.h"

static const cli_option options[] = {
    { "threshold", 't', CLI_REAL, offsetof(cli_result_settings, threshold), "X",
      "keep people who score at least X, and draw those of their joints that do", .preset = "0.25", .min = -INFINITY },
    { "top-k", 'k', CLI_INT, offsetof(cli_result_settings, top_k), "N", "keep the N best", .preset = "10", .min = 1,
      .max = 1000000 },
    { "keep-aspect-ratio", 0, CLI_FLAG, offsetof(cli_result_settings, keep_aspect_ratio), NULL,
      "do not stretch the picture to the model's input: leave the rest of the input black" },
    { "output", 'o', CLI_FILE, offsetof(cli_result_settings, output), "FILE",
      "write the picture with the skeletons drawn; its ending chooses the format, such as .jpg or .png; a folder where "
      "there are several pictures; - for a PNG on the standard output" },
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
    "corallite pose -m movenet.tflite --output drawn.jpg squat.bmp",
    "one person, drawn",
    NULL,
};

static void print(const cli_job *job)
{
    const crl_results *r = job->results;
    const int indent = cli_job_heading(job);
    if (!r->n_poses) printf("%*snobody who scores %g or more\n", indent, "", job->settings->results.threshold);
    for (int32_t i = 0; i < r->n_poses; i++) {
        printf("%*sperson %d, score %.6g\n", indent, "", i + 1, (double)r->poses[i].score);
        cli_table table;
        cli_table_init(&table, "lrrl", indent + 2);
        for (int k = 0; k < CRL_KEYPOINTS; k++) {
            const crl_keypoint *p = &r->poses[i].keypoints[k];
            char x[32], y[32], score[32];
            snprintf(x, sizeof x, "%.1f", (double)p->x);
            snprintf(y, sizeof y, "%.1f", (double)p->y);
            snprintf(score, sizeof score, "%.6g", (double)p->score);
            cli_table_row(&table, crl_keypoint_name(k), x, y, score);
        }
        cli_table_print(&table, stdout);
    }
}

static int pose(const void *settings)
{
    const cli_sink sink = { offsetof(cli_result_settings, output), "output", NULL, crl_image_can_save, cli_job_draw };
    const cli_task task = { CRL_PURPOSE_POSE, NULL, NULL, print, &sink, 1 };
    return cli_task_run(&task, settings);
}

const cli_verb cli_pose = {
    .name = "pose",
    .summary = "find people and their joints, and draw them",
    .operand = "IMAGE",
    .min_operands = 1,
    .max_operands = -1,
    .about = "Prints the people that a pose model finds and where their 17 joints are, in pixels of the picture, best "
             "first. MoveNet models, PoseNet models with their decoder, YOLO pose models (17 joints, version 8 and later) and heat maps "
             "are understood. IMAGE is a JPEG, PNG, BMP or PPM file, a folder of them, or - for the standard input.",
    .json = "[{\"image\": .., \"poses\": [{\"score\": x, \"keypoints\": [{\"name\": .., \"x\": x, \"y\": y, "
            "\"score\": x}]}]}]",
    .parts = parts,
    .examples = examples,
    CLI_TASK_SETTINGS,
    .run = pose
};
