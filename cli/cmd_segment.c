/* SPDX-License-Identifier: Apache-2.0 */
/* corallite segment: the class of every pixel. */
#include <stdlib.h>
#include <string.h>

#include <corallite/vision.h>

#include "cmd.h"
#include "json.h"
#include "outputs.h"
#include "say.h"
#include "task.h"

static const cli_option options[] = {
    { "keep-aspect-ratio", 0, CLI_FLAG, offsetof(cli_settings, keep_aspect_ratio), NULL,
      "do not stretch the picture to the model's input: leave the rest of the input black" },
    { "output", 'o', CLI_FILE, offsetof(cli_settings, output), "FILE",
      "write the mask, of the picture's size: a .png holds the number of each pixel's class, in the colours of Pascal "
      "VOC; a folder where there are several pictures; - for a PNG on the standard output" },
    { "overlay", 0, CLI_FILE, offsetof(cli_settings, overlay), "FILE", "write the picture with the classes tinted and outlined, and a legend" },
    { 0 },
};
static const cli_group group = { "Results", options };
static const cli_group *const groups[] = { &cli_needed_model_group, &cli_labels_group, &group, &cli_picture_group,
                                           &cli_engine_group,       &cli_common_group, NULL };
static const char *const examples[] = {
    "corallite segment -m deeplab.tflite -l pascal.txt --output mask.png bird.jpg",
    "the mask, for programs",
    "corallite segment -m deeplab.tflite --overlay look.jpg bird.jpg",
    "a picture for people",
    NULL,
};

typedef struct result {
    crl_image read; /* of the model's size */
    crl_image mask; /* of the picture's size */
    uint64_t pixels[CRL_MASK_CLASSES];
    int32_t order[CRL_MASK_CLASSES]; /* classes that occur, the largest first */
    int32_t n;
} result;

/* The mask in the picture's size, without mixing classes. */
static crl_status fit(crl_image *fitted, const crl_image *mask, const crl_image *picture, crl_error *err)
{
    const crl_status s = crl_image_init(fitted, picture->width, picture->height, 1, err);
    return s ? s : crl_image_resize(fitted, mask, NULL, CRL_RESAMPLE_NEAREST, err);
}

static crl_status read(cli_job *job, crl_error *err)
{
    result *r = job->result;
    crl_image_fini(&r->read);
    crl_image_fini(&r->mask);
    crl_status s = crl_mask_read(&r->read, job->outputs[0], &job->frame, err);
    if (!s) s = fit(&r->mask, &r->read, &job->image, err);
    if (s) return s;
    const crl_shape *shape = &job->outputs[0]->shape;
    cli_job_fit_labels(job, shape->rank == 4 && shape->dim[3] > 1 ? shape->dim[3] : 0, false);
    crl_mask_count(&r->mask, r->pixels);
    r->n = 0;
    for (int32_t c = 0; c < CRL_MASK_CLASSES; c++) {
        if (!r->pixels[c]) continue;
        cli_job_expect_classes(job, c + 1);
        int32_t at = r->n++;
        for (; at > 0 && r->pixels[r->order[at - 1]] < r->pixels[c]; at--) r->order[at] = r->order[at - 1];
        r->order[at] = c;
    }
    return CRL_OK;
}

static void print(cli_job *job)
{
    const result *r = job->result;
    const double all = (double)r->mask.width * r->mask.height;
    cli_table table;
    cli_table_init(&table, "lrr", cli_job_heading(job));
    for (int32_t i = 0; i < r->n; i++) {
        const int32_t c = r->order[i];
        char number[16], pixels[32], share[32];
        snprintf(pixels, sizeof pixels, "%llu pixels", (unsigned long long)r->pixels[c]);
        snprintf(share, sizeof share, "%.1f%%", 100 * (double)r->pixels[c] / all);
        cli_table_row(&table, cli_job_label(job, c, number), pixels, share);
    }
    cli_table_print(&table, stdout);
}

static void add_json(const cli_job *job, json_t *to)
{
    const result *r = job->result;
    json_t *classes = json_array();
    for (int32_t i = 0; i < r->n; i++) {
        const int32_t c = r->order[i];
        json_t *o = json_object();
        json_object_set_new(o, "index", json_integer(c));
        json_object_set_new(o, "label", cli_job_label_json(job, c));
        json_object_set_new(o, "pixels", json_integer((json_int_t)r->pixels[c]));
        json_array_append_new(classes, o);
    }
    json_object_set_new(to, "classes", classes);
}

static crl_status save_mask(cli_job *job, const char *path, crl_error *err)
{
    const result *r = job->result;
    return cli_mask_save(&r->mask, path, err);
}

static crl_status draw(cli_job *job, const char *path, crl_error *err)
{
    const result *r = job->result;
    for (int32_t i = 0; i < r->n; i++)
        if (r->order[i]) cli_job_expect_letters(job, r->order[i]);
    const crl_status s = crl_draw_segmentation(&job->image, &r->read, job->labels, err);
    return s ? s : cli_image_save(&job->image, path, err);
}

static int segment(const cli_settings *settings)
{
    const cli_sink sinks[] = { { offsetof(cli_settings, output), "output", ".png", crl_image_can_save, save_mask },
                               { offsetof(cli_settings, overlay), "overlay", NULL, crl_image_can_save, draw } };
    const cli_task task = { CRL_PURPOSE_SEGMENT, NULL, read, print, add_json, sinks, 2 };
    result r = { 0 };
    const int code = cli_task_run(&task, settings, &r);
    crl_image_fini(&r.read);
    crl_image_fini(&r.mask);
    return code;
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
    .groups = groups,
    .examples = examples,
    .run = segment
};
