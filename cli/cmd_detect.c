/* SPDX-License-Identifier: Apache-2.0 */
/* corallite detect: what is where in a picture. */
#include <math.h>
#include <stdlib.h>

#include <corallite/vision.h>

#include "cmd.h"
#include "json.h"
#include "outputs.h"
#include "say.h"
#include "task.h"

static const cli_option options[] = {
    { "threshold", 't', CLI_REAL, offsetof(cli_settings, threshold), "X", "keep what scores at least X",
      .preset = "0.5", .min = -INFINITY },
    { "top-k", 'k', CLI_INT, offsetof(cli_settings, top_k), "N", "keep the N best", .preset = "10", .min = 1,
      .max = 1000000 },
    { "keep-aspect-ratio", 0, CLI_FLAG, offsetof(cli_settings, keep_aspect_ratio), NULL,
      "do not stretch the picture to the model's input: leave the rest of the input black" },
    { "output", 'o', CLI_FILE, offsetof(cli_settings, output), "FILE",
      "write the picture with the boxes drawn; its ending chooses the format, such as .jpg or .png; a folder where there "
      "are several pictures; - for a PNG on the standard output" },
    { 0 },
};
static const cli_group group = { "Results", options };
static const cli_group *const groups[] = { &cli_model_group,  &cli_labels_group, &group, &cli_picture_group,
                                           &cli_engine_group, &cli_common_group, NULL };
static const char *const examples[] = {
    "corallite detect --output signs.png scene.jpg",
    "find printed signs, with the model that is built in, and draw them",
    "corallite detect -m ssd.tflite -l coco.txt --threshold 0.4 street.jpg",
    "find things of everyday life",
    "corallite detect --output drawn/ photos/",
    "every picture of a folder",
    NULL,
};

typedef struct result {
    crl_detection *detections;
    int32_t n;
} result;

static crl_status read(cli_job *job, crl_error *err)
{
    result *r = job->result;
    const int32_t room = cli_job_room(job);
    r->detections = cli_grow(r->detections, (size_t)room, sizeof *r->detections);
    const crl_status s = crl_detections_read(job->outputs, job->n_outputs, &job->frame, (float)job->settings->threshold,
                                             r->detections, room, &r->n, err);
    cli_job_fit_labels(job, crl_model_detector_classes(job->session.model), false);
    for (int32_t i = 0; i < r->n && !s; i++) cli_job_expect_classes(job, r->detections[i].index + 1);
    return s;
}

static void print(cli_job *job)
{
    const result *r = job->result;
    cli_table table;
    cli_table_init(&table, "llrrrr", cli_job_heading(job));
    if (r->n) cli_table_row(&table, "what", "score", "left", "top", "right", "bottom");
    for (int32_t i = 0; i < r->n; i++) {
        const crl_detection *d = &r->detections[i];
        const float edges[4] = { d->box.x0, d->box.y0, d->box.x1, d->box.y1 };
        char number[16], score[32], edge[4][32];
        snprintf(score, sizeof score, "%.6g", (double)d->score);
        for (int k = 0; k < 4; k++) snprintf(edge[k], sizeof edge[k], "%.1f", (double)edges[k]);
        cli_table_row(&table, cli_job_label(job, d->index, number), score, edge[0], edge[1], edge[2], edge[3]);
    }
    if (!r->n) printf("%*snothing that scores %g or more\n", table.indent, "", job->settings->threshold);
    cli_table_print(&table, stdout);
}

static void add_json(const cli_job *job, json_t *to)
{
    const result *r = job->result;
    json_t *results = json_array();
    for (int32_t i = 0; i < r->n; i++) {
        const crl_detection *d = &r->detections[i];
        const float box[4] = { d->box.x0, d->box.y0, d->box.x1, d->box.y1 };
        json_t *o = json_object();
        json_object_set_new(o, "index", json_integer(d->index));
        json_object_set_new(o, "label", cli_job_label_json(job, d->index));
        json_object_set_new(o, "score", cli_json_float(d->score));
        json_object_set_new(o, "box", cli_json_floats(box, 4));
        json_array_append_new(results, o);
    }
    json_object_set_new(to, "results", results);
}

static crl_status draw(cli_job *job, const char *path, crl_error *err)
{
    const result *r = job->result;
    for (int32_t i = 0; i < r->n; i++) cli_job_expect_letters(job, r->detections[i].index);
    const crl_status s = crl_draw_detections(&job->image, r->detections, r->n, job->labels, err);
    return s ? s : cli_image_save(&job->image, path, err);
}

static int detect(const cli_settings *settings)
{
    const cli_sink sink = { offsetof(cli_settings, output), "output", NULL, crl_image_can_save, draw };
    const cli_task task = { CRL_PURPOSE_DETECT, &cli_signs_detector, read, print, add_json, &sink, 1 };
    result r = { 0 };
    const int code = cli_task_run(&task, settings, &r);
    free(r.detections);
    return code;
}

const cli_verb cli_detect = {
    .name = "detect",
    .summary = "find things in a picture, and draw boxes around them",
    .operand = "IMAGE",
    .min_operands = 1,
    .max_operands = -1,
    .about =
        "Prints what a detection model finds and where, in pixels of the picture, best first. IMAGE is a JPEG, PNG, "
        "WebP, GIF, BMP or PPM file, a folder of them, or - for the standard input.",
    .json = "[{\"image\": .., \"results\": [{\"index\": n, \"label\": .., \"score\": x, \"box\": [x0, y0, x1, "
            "y1]}]}], best first",
    .groups = groups,
    .examples = examples,
    .run = detect
};
