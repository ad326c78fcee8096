/* SPDX-License-Identifier: Apache-2.0 */
/* corallite edit: changes of a model that are proven, by running both, to change nothing else. */
#include <stdlib.h>
#include <string.h>

#include <corallite/corallite.h>

#include "cmd.h"
#include "models/edited.h"
#include "io/file.h"
#include "io/json.h"
#include "io/outputs.h"
#include "models/prove.h"
#include "io/say.h"

typedef struct edit_settings {
    cli_common_settings common;
    cli_list models; /* one */
    const char *output, *classes;
    int batch;
    bool narrow, drop;
    cli_list postprocess; /* "max_detections=20" */
} edit_settings;

static const cli_option options[] = {
    { "output", 'o', CLI_FILE, offsetof(edit_settings, output), "OUT.tflite", "the model to write" },
    { "batch", 0, CLI_INT, offsetof(edit_settings, batch), "N", "fix the batch of all inputs at N, open or not", .min = 1, .max = 4096 },
    { "quantised-io", 0, CLI_FLAG, offsetof(edit_settings, narrow), NULL,
      "inputs and outputs as the uint8 or int8 that they are quantised to, instead of floats" },
    { "drop-postprocess", 0, CLI_FLAG, offsetof(edit_settings, drop), NULL,
      "leave TFLite_Detection_PostProcess out: boxes and scores come out as they are" },
    { "postprocess", 0, CLI_TEXTS, offsetof(edit_settings, postprocess), "NAME=VALUE",
      "change one of its options: max_detections, nms_score_threshold, nms_iou_threshold, ...; may be given again" },
    { "keep-classes", 0, CLI_TEXT, offsetof(edit_settings, classes), "LIST",
      "keep these classes of a classifier or an SSD detector only, in this order: 0,3,10-19" },
    { 0 },
};
static const cli_group group = { "Changing", options };
static const cli_part parts[] = {
    { &group, 0 },
    { &cli_common_group, offsetof(edit_settings, common) },
    { 0 },
};
static const char *const examples[] = {
    "corallite edit --quantised-io -o small.tflite model.tflite",
    "no floats at the ends: what the Edge TPU takes",
    "corallite edit --keep-classes 0,15-17 -o animals.tflite coco.tflite",
    "four classes of a detector",
    "corallite edit --postprocess max_detections=20 -o ssd20.tflite ssd.tflite",
    "one option of the last operator",
    NULL,
};

/* ---- "0,3,10-19" ---- */

/* The numbers of a list, for free(); NULL after saying what is wrong. */
static int32_t *read_classes(const char *text, int32_t *n)
{
    enum { MOST = 65536 };
    int32_t *list = cli_alloc(MOST, sizeof *list);
    *n = 0;
    for (const char *at = text; at;) {
        char *end;
        const long from = strtol(at, &end, 10), to = *end == '-' && end > at ? strtol(end + 1, &end, 10) : from;
        const bool sound = end > at && (*end == ',' || !*end) && from >= 0 && to >= from && to < MOST && to - from < MOST - *n;
        if (!sound) {
            cli_error("--keep-classes %s: numbers and ranges are expected, such as 0,3,10-19", text);
            free(list);
            return NULL;
        }
        for (long k = from; k <= to; k++) list[(*n)++] = (int32_t)k;
        at = *end ? end + 1 : NULL;
    }
    return list;
}

/* ---- the changes, one after the other ---- */

static int keep_classes(cli_edited *w, const edit_settings *s, crl_error *err)
{
    int32_t n;
    const char *scores;
    const crl_model *before = w->model;
    int32_t *list = read_classes(s->classes, &n);
    if (!list) return CLI_USAGE;
    uint8_t *bytes;
    size_t size;
    int code = crl_edit_keep_classes(before, list, n, &scores, &bytes, &size, err) ? cli_failed(err) : CLI_DONE;
    crl_model *after = NULL;
    if (!code) code = cli_edited_open(&after, bytes, size);
    if (!code) {
        /* a detector's scores may have the background first */
        const crl_subgraph *g = &after->subgraphs[0];
        int32_t columns = n;
        for (int32_t t = 0; t < g->n_tensors; t++)
            if (!strcmp(g->tensors[t].name, scores) && g->tensors[t].shape.rank) columns = g->tensors[t].shape.dim[g->tensors[t].shape.rank - 1];
        int32_t *wanted = cli_alloc((size_t)n + 1, sizeof *wanted);
        for (int32_t i = 0; i < n; i++) wanted[i + (columns == n + 1)] = list[i] + (columns == n + 1);
        code = cli_prove_inside(before, after, &scores, 1, wanted, columns == n + 1 ? n + 1 : n, &w->proof);
        free(wanted);
    }
    free(list);
    return cli_edited_take(w, after, bytes, code, "classes kept");
}

static int drop_postprocess(cli_edited *w, crl_error *err)
{
    uint8_t *bytes, *rest = NULL;
    size_t size, rest_size;
    crl_model *after = NULL, *tail = NULL;
    int code = crl_edit_drop_postprocess(w->model, &bytes, &size, err) ? cli_failed(err) : cli_edited_open(&after, bytes, size);
    if (!code) {
        const crl_subgraph *g = &w->model->subgraphs[0];
        int32_t op = 0;
        while (strcmp(g->operators[op].name, "TFLite_Detection_PostProcess")) op++;
        code = crl_edit_split(w->model, g->operators[op].inputs, 2, CRL_EDIT_TAIL, &rest, &rest_size, err) ? cli_failed(err)
                                                                                                          : cli_edited_open(&tail, rest, rest_size);
    }
    if (!code) code = cli_prove_parts(w->model, after, tail, false, &w->proof);
    crl_model_close(tail);
    free(rest);
    return cli_edited_take(w, after, bytes, code, "post-process left out");
}

static int set_postprocess(cli_edited *w, const edit_settings *s, crl_error *err)
{
    crl_edit_option *list = cli_alloc((size_t)s->postprocess.n, sizeof *list);
    char **names = cli_alloc((size_t)s->postprocess.n, sizeof *names);
    int code = CLI_DONE;
    for (int i = 0; i < s->postprocess.n && !code; i++) {
        const char *text = s->postprocess.items[i], *at = strchr(text, '=');
        char *end = NULL;
        const double value = at ? strtod(at + 1, &end) : 0;
        if (!at || at == text || end == at + 1 || *end) {
            cli_error("--postprocess %s: NAME=NUMBER is expected", text);
            code = CLI_USAGE;
            break;
        }
        names[i] = cli_format("%.*s", (int)(at - text), text);
        list[i] = (crl_edit_option){ names[i], value };
    }
    uint8_t *bytes = NULL;
    size_t size;
    crl_model *after = NULL;
    if (!code)
        code = crl_edit_postprocess(w->model, list, s->postprocess.n, &bytes, &size, err)
                   ? cli_failed(err)
                   : cli_edited_open(&after, bytes, size);
    if (!code) { /* what the operator reads is what it was; the changed model has to run, too */
        const crl_subgraph *g = &w->model->subgraphs[0];
        int32_t op = 0;
        while (strcmp(g->operators[op].name, "TFLite_Detection_PostProcess")) op++;
        const char *const inputs[] = { g->tensors[g->operators[op].inputs[0]].name, g->tensors[g->operators[op].inputs[1]].name };
        code = cli_prove_inside(w->model, after, inputs, 2, NULL, 0, &w->proof);
        if (!code) code = cli_prove_equal(after, after, &w->proof);
    }
    for (int i = 0; i < s->postprocess.n; i++) free(names[i]);
    free(names);
    free(list);
    return cli_edited_take(w, after, bytes, code, "options of the post-process changed");
}

static int change(cli_edited *w, const edit_settings *s)
{
    crl_error err;
    int code = CLI_DONE;
    if (s->classes) code = keep_classes(w, s, &err);
    if (!code && s->drop) code = drop_postprocess(w, &err);
    if (!code && s->postprocess.n) code = set_postprocess(w, s, &err);
    if (!code && s->batch) code = cli_edited_batch(w, s->batch);
    if (!code && s->narrow) code = cli_edited_8bit_io(w);
    return code;
}

static int edit(const void *given)
{
    const edit_settings *s = given;
    cli_edited w;
    if (!s->output) {
        cli_error("no file to write; name it with --output OUT.tflite");
        return CLI_USAGE;
    }
    if (!s->classes && !s->drop && !s->postprocess.n && !s->batch && !s->narrow) {
        cli_error("nothing to change; give --batch, --quantised-io, --keep-classes, --postprocess or --drop-postprocess");
        return CLI_USAGE;
    }
    if (s->drop && s->postprocess.n) {
        cli_error("--drop-postprocess leaves out what --postprocess changes; one of them is expected");
        return CLI_USAGE;
    }
    int code = cli_edited_begin(&w, s->models.items[0], s->output);
    if (!code) code = change(&w, s);
    if (!code) code = cli_edited_write(&w, s->common.json);
    cli_edited_end(&w);
    return code;
}

const cli_verb cli_edit = { .name = "edit",
                            .summary = "change a model, proven by equal outputs",
                            .operand = "MODEL",
                            .operands_name_models = true,
                            .min_operands = 1,
                            .max_operands = 1,
                            .about = "Changes a model without training: its batch, floats at its ends, the operator "
                                     "that chooses boxes, the classes that it knows. Each change "
                                     "is proven before anything is written: the model and the changed one are run on "
                                     "the same random numbers, and what should not change is "
                                     "compared byte for byte.",
                            .json = "{\"model\", \"output\", \"changes\", \"runs\", \"bytes_compared\"}",
                            .parts = parts,
                            .examples = examples,
                            .settings_bytes = sizeof(edit_settings),
                            .operands_at = offsetof(edit_settings, models),
                            .common_at = offsetof(edit_settings, common),
                            .run = edit };
