/* SPDX-License-Identifier: Apache-2.0 */
/* corallite quantize: a model of floats in 8 bits.
 *
 *   pictures -> what each layer gives -> ranges -> the model in 8 bits, in memory -> both on the pictures held out -> report, file */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <corallite/corallite.h>

#include "cmd.h"
#include "io/file.h"
#include "io/outputs.h"
#include "io/pictures.h"
#include "io/progress.h"
#include "io/say.h"
#include "quantize/quantize.h"

static const cli_choice calibrations[] = { { "min-max", CRL_CALIBRATION_MIN_MAX }, { "percentile", CRL_CALIBRATION_PERCENTILE },
                                           { "mse", CRL_CALIBRATION_MSE }, { 0 } };
static const cli_choice types[] = { { "int8", CRL_INT8 }, { "uint8", CRL_UINT8 }, { "float32", CRL_FLOAT32 }, { 0 } };
static const cli_option options[] = {
    { "data", 'd', CLI_FOLDER, offsetof(cli_quantize_settings, data), "FOLDER",
      "pictures such as the model will see, or folders of them; or arrays (.npy), for a model of anything else: what its layers give for these says "
      "how they are quantised" },
    { "output", 'o', CLI_FILE, offsetof(cli_quantize_settings, output), "FILE", "the model to write",
      .without = "NAME_int8.tflite for NAME.tflite" },
    { "html", 0, CLI_FILE, offsetof(cli_quantize_settings, html), "FILE", "write the report as a page too, with all layers" },
    { "calibration", 0, CLI_CHOICE, offsetof(cli_quantize_settings, calibration), "HOW",
      "which range of a layer's numbers 8 bits are for: min-max (all of them), percentile (but for a few at either "
      "end) or mse (where "
      "rounding and clipping cost least together)",
      .preset = "min-max", .choices = calibrations },
    { "percentile", 0, CLI_REAL, offsetof(cli_quantize_settings, percentile), "X",
      "how many in a hundred numbers the range of --calibration percentile has", .without = "99.99", .min = 50.1,
      .max = 100 },
    { "input-type", 0, CLI_CHOICE, offsetof(cli_quantize_settings, input_type), "TYPE",
      "what inputs are: int8, uint8 or float32", .preset = "int8", .choices = types },
    { "output-type", 0, CLI_CHOICE, offsetof(cli_quantize_settings, output_type), "TYPE",
      "what outputs are: int8, uint8 or float32", .preset = "int8", .choices = types },
    { "keep-float", 0, CLI_TEXTS, offsetof(cli_quantize_settings, keep_float), "OPS",
      "leave operators as they are, by name or number: SOFTMAX,3,10-12; may be given again" },
    { "test-ratio", 0, CLI_REAL, offsetof(cli_quantize_settings, test_ratio), "X",
      "the part of the pictures that ranges do not come from, but the report", .preset = "0.25", .max = 0.99 },
    { "pictures", 0, CLI_INT, offsetof(cli_quantize_settings, pictures), "N", "take at most N pictures",
      .preset = "400", .min = 1, .max = 1000000 },
    { "seed", 0, CLI_INT, offsetof(cli_quantize_settings, seed), "N",
      "which pictures those are: the same number, the same pictures", .preset = "0", .max = 2147483647 },
    { "layers", 0, CLI_INT, offsetof(cli_quantize_settings, layers), "N", "list the N layers that lose most",
      .preset = "10", .max = 100000 },
    { 0 },
};
static const cli_group group = { "Quantising", options };
static const cli_part parts[] = {
    { &group, 0 },
    { &cli_labels_group, offsetof(cli_quantize_settings, task.model) },
    { &cli_input_group, offsetof(cli_quantize_settings, task.picture) },
    { &cli_engine_group, offsetof(cli_quantize_settings, task.engine) },
    { &cli_common_group, offsetof(cli_quantize_settings, task.common) },
    { 0 },
};
static const char *const examples[] = {
    "corallite quantize birds_float.tflite --data photos/ -o birds.tflite",
    "in 8 bits, and what that costs",
    "corallite quantize --html report.html birds_float.tflite --data photos/",
    "with a page that has all layers",
    "corallite quantize --keep-float SOFTMAX birds_float.tflite --data photos/",
    "all but one operator",
    "corallite quantize --calibration mse birds_float.tflite --data photos/",
    "another way to choose ranges",
    "corallite quantize birds_float.tflite --data birds/ --labels birds.txt",
    "a folder for each class: how many are recognised before and after",
    NULL,
};

/* ---- before any work ---- */

static char *usual_name(const char *model)
{
    const char *slash = strrchr(model, '/'), *name = slash ? slash + 1 : model;
    const size_t n = strlen(name), end = strlen(".tflite");
    return cli_format("%.*s_int8.tflite", (int)(n > end && !strcmp(name + n - end, ".tflite") ? n - end : n), name);
}

static int check_settings(const cli_quantize_settings *s)
{
    if (!s->data || !*s->data) {
        cli_error("no pictures to find ranges by; name a folder of them, or of arrays, with --data FOLDER");
        return CLI_USAGE;
    }
    if (!cli_is_folder(s->data)) {
        cli_error("--data %s: no folder; one with pictures, or arrays, is expected, such as the model will see", s->data);
        return CLI_FAILED;
    }
    if (s->output && (!strcmp(s->output, "-") || cli_names_folder(s->output))) {
        cli_error(strcmp(s->output, "-") ? "--output %s: that is a folder; name a file"
                                         : "--output %s: the standard output has the report; name a file",
                  s->output);
        return CLI_USAGE;
    }
    if (s->html && !strcmp(s->html, "-")) {
        cli_error("--html -: the standard output has the report; name a file");
        return CLI_USAGE;
    }
    if (!isnan(s->percentile) && s->calibration != CRL_CALIBRATION_PERCENTILE) {
        cli_error("--percentile %g: only the ranges of --calibration percentile have it; give both", s->percentile);
        return CLI_USAGE;
    }
    return CLI_DONE;
}

/* Nothing that lies in the folder is written over, whether it is drawn or not. */
static int plan(cli_quantizing *w, const char *model)
{
    cli_outputs outputs = { 0 };
    w->output = w->settings->output ? cli_format("%s", w->settings->output) : usual_name(model);
    cli_outputs_protect(&outputs, model);
    cli_outputs_protect(&outputs, w->settings->task.model.labels);
    for (int i = 0; i < w->arrays.n; i++) cli_outputs_protect(&outputs, w->arrays.paths[i]);
    for (int i = 0; i < w->samples.n && !w->of_arrays; i++) cli_outputs_protect(&outputs, w->samples.items[i].path);
    int code = cli_outputs_plan(&outputs, "output", w->output);
    if (!code && w->settings->html) code = cli_outputs_plan(&outputs, "html", w->settings->html);
    cli_outputs_release(&outputs);
    return code;
}

/* ---- sessions ---- */

static int choose(cli_session *s, bool *classifies)
{
    crl_error err;
    crl_recognition r;
    crl_status status = crl_session_recognise(s->session, &r, &err);
    *classifies = !status && r.purpose == CRL_PURPOSE_CLASSIFY;
    if (!status) status = crl_session_choose(s->session, *classifies ? CRL_PURPOSE_CLASSIFY : CRL_PURPOSE_RAW, &err);
    return status ? cli_failed(&err) : CLI_DONE;
}

static int open_before(cli_quantizing *w, const char *model)
{
    cli_task_settings settings = w->settings->task;
    settings.model.file = model;
    settings.engine.keep_tensors = true;
    if (w->of_arrays) {
        const int code = cli_model_prepare(&w->before.model, &settings.engine, model);
        w->engine[0] = w->before.model.engine;
        return code;
    }
    int32_t input;
    const int code = cli_session_open(&w->before, &settings, NULL);
    if (code && w->before.model.model && crl_session_find_input(w->before.model.model, &input, NULL))
        cli_note("for such a model --data names a folder of arrays (.npy)");
    if (code) return code;
    w->engine[0] = crl_session_engine(w->before.session);
    return choose(&w->before, &w->classifies);
}

static int open_quantizer(cli_quantizing *w)
{
    crl_error err;
    const crl_model *m = w->before.model.model;
    const cli_quantize_settings *s = w->settings;
    w->keep = cli_alloc((size_t)m->subgraphs[0].n_operators + 1, sizeof *w->keep);
    const int code = cli_quantize_keep(m, &s->keep_float, w->keep);
    if (code) return code;
    const crl_quantize_options o = { .calibration = (crl_calibration)s->calibration,
                                     .percentile = isnan(s->percentile) ? 0 : s->percentile,
                                     .input_type = (crl_type)s->input_type,
                                     .output_type = (crl_type)s->output_type,
                                     .keep_float = w->keep,
                                     .n_keep_float = (size_t)m->subgraphs[0].n_operators };
    const crl_status status = crl_quantizer_new(&w->quantizer, m, &o, &err);
    return status ? cli_within(&err, status, "%s", w->before.model.name), cli_failed(&err) : CLI_DONE;
}

/* ---- ranges ---- */

/* What a picture of one colour becomes in the model's input. */
static crl_status one_colour(cli_quantizing *w, uint8_t level, float *least, float *most, crl_error *err)
{
    uint8_t pixels[8 * 8 * 3];
    const crl_results *r;
    int32_t input;
    const crl_image image = { .width = 8, .height = 8, .channels = 3, .stride = 8 * 3, .data = pixels };
    memset(pixels, level, sizeof pixels);
    crl_status s = crl_session_find_input(w->before.model.model, &input, err);
    if (!s) s = crl_session_run(w->before.session, &image, &r, err);
    if (s) return s;
    const crl_tensor *t = crl_engine_input(w->engine[0], input);
    *least = INFINITY;
    *most = -INFINITY;
    for (size_t i = 0; t->type == CRL_FLOAT32 && i < t->bytes / sizeof(float); i++) {
        *least = fminf(*least, ((const float *)t->data)[i]);
        *most = fmaxf(*most, ((const float *)t->data)[i]);
    }
    return CRL_OK;
}

/* The input's range is that of black and white, so that pixels fill it. */
static int set_input_range(cli_quantizing *w)
{
    crl_error err;
    int32_t input;
    float black[2], white[2];
    const crl_model *m = w->before.model.model;
    crl_status s = one_colour(w, 0, &black[0], &black[1], &err);
    if (!s) s = one_colour(w, 255, &white[0], &white[1], &err);
    if (!s) s = crl_session_find_input(m, &input, &err);
    if (s) return cli_within(&err, s, "%s", w->before.model.name), cli_failed(&err);
    const float low = fminf(black[0], white[0]), high = fmaxf(black[1], white[1]), step = (high - low) / 255;
    if (!(low < high)) return CLI_DONE; /* pixels go in as they are */
    if (!isfinite(low) || !isfinite(high)) {
        cli_error("%s: by its mean and std pixels become numbers from %g to %g; give others with --mean and --std", w->before.model.name, (double)low,
                  (double)high);
        return CLI_FAILED;
    }
    w->other_input = black[1] - low > step / 2 || high - white[0] > step / 2 || low > step / 2 || high < -step / 2;
    return crl_quantizer_set_range(w->quantizer, m->subgraphs[0].inputs[input], low, high, &err) ? cli_failed(&err) : CLI_DONE;
}

static void show_progress(const char *what, int done, int all, double begun_ms)
{
    const double left = done ? (cli_now_ms() - begun_ms) / done * (all - done) / 1000 : 0;
    cli_progress(what, (double)done / (all ? all : 1), "%d of %d, %.0f s left", done, all, left);
    if (done == all) cli_progress_end();
}

/* `image` NULL: the sample is an array, and there are no results but what the engine holds. */
static crl_status run_on(cli_quantizing *w, int k, const cli_sample *sample, const crl_image *image, const crl_results **r, crl_error *err)
{
    if (image) return crl_session_run(k ? w->after.session : w->before.session, image, r, err);
    cli_arrays_fill(&w->arrays, sample, w->engine[k]);
    crl_engine_reset(w->engine[k]);
    return crl_engine_run(w->engine[k], err);
}

static crl_status observe_one(cli_quantizing *w, const cli_sample *sample, const crl_image *image, crl_error *err)
{
    const crl_results *r;
    const crl_status s = run_on(w, 0, sample, image, &r, err);
    if (s) return s;
    w->seen++;
    return crl_quantizer_observe(w->quantizer, w->engine[0], err);
}

/* A picture that cannot be read is passed over; what else fails would fail for the next one, too. */
static int each_sample(cli_quantizing *w, int from, int to, const char *what,
                       crl_status (*one)(cli_quantizing *, const cli_sample *, const crl_image *, crl_error *))
{
    const double begun = cli_now_ms();
    for (int i = from; i < to; i++) {
        crl_image image = { 0 };
        crl_error err;
        const cli_sample *sample = &w->samples.items[i];
        if (!w->of_arrays && cli_picture_load(&image, sample->path, w->settings->task.picture.exif_orientation, &err)) {
            cli_failed(&err);
            continue;
        }
        const crl_status s = one(w, sample, w->of_arrays ? NULL : &image, &err);
        crl_image_fini(&image);
        if (s) {
            cli_within(&err, s, "%s: %s", sample->path, w->before.model.name);
            return cli_failed(&err);
        }
        show_progress(what, i + 1 - from, to - from, begun);
    }
    return CLI_DONE;
}

static int observe(cli_quantizing *w)
{
    const double begun = cli_now_ms();
    int code = w->of_arrays ? CLI_DONE : set_input_range(w);
    if (!code) code = each_sample(w, 0, w->samples.n - w->samples.n_held_out, "finding ranges", observe_one);
    if (!code && !w->seen) {
        cli_error("--data %s: no picture to find ranges by could be read", w->settings->data);
        code = CLI_FAILED;
    }
    w->observe_ms = cli_now_ms() - begun;
    return code;
}

/* ---- the examination ---- */

static int open_after(cli_quantizing *w)
{
    crl_error err;
    bool classifies;
    const crl_status made = crl_quantizer_write(w->quantizer, &w->bytes, &w->size, &err);
    if (made) return cli_within(&err, made, "%s", w->before.model.name), cli_failed(&err);
    if (crl_model_open(&w->after.model.model, w->bytes, w->size, &err)) return cli_failed(&err);
    w->after.model.name = w->output;
    w->judged = w->settings->task;
    w->judged.engine.keep_tensors = true;
    if (w->of_arrays) {
        const crl_engine_options o = cli_model_options(&w->after.model, &w->judged.engine);
        const crl_status s = crl_engine_new(&w->after.model.engine, w->after.model.model, &o, &err);
        w->engine[1] = w->after.model.engine;
        return s ? cli_failed(&err) : CLI_DONE;
    }
    const bool narrow = w->settings->input_type != CRL_FLOAT32;
    if (narrow && !w->other_input) w->judged.picture.mean = w->judged.picture.std = NAN; /* pixels as they are */
    int code = cli_session_of_model(&w->after, &w->judged);
    if (!code) w->engine[1] = crl_session_engine(w->after.session);
    if (!code) code = choose(&w->after, &classifies);
    w->classifies = w->classifies && !code && classifies;
    return code;
}

/* What is lost where the numbers of the floats are written in the steps of the other. */
static double rounding(const crl_tensor *floats, const crl_tensor *steps)
{
    double sum = 0;
    const double scale = (double)steps->quant.scale[0], least = scale * (-128 - steps->quant.zero_point[0]), most = least + 255 * scale;
    for (size_t i = 0; i < crl_shape_count(&floats->shape); i++) {
        const double x = (double)((const float *)floats->data)[i], off = fmax(least, fmin(most, rint(x / scale) * scale)) - x;
        sum += off * off;
    }
    return sum;
}

static void add_layer(cli_quantized_layer *l, const crl_engine *a, const crl_engine *b)
{
    crl_tensor x, y;
    cli_pair_add(&l->pair, a, b);
    if (!crl_engine_tensor(a, l->pair.tensor[0], &x, NULL) && !crl_engine_tensor(b, l->pair.tensor[1], &y, NULL) &&
        x.data && y.type == CRL_INT8 && y.quant.n == 1)
        l->rounding += rounding(&x, &y);
}

static void add_outputs(cli_quantizing *w, const crl_engine *a, const crl_engine *b)
{
    for (int32_t i = 0; i < w->n_outputs; i++) cli_pair_add_tensors(&w->outputs[i], crl_engine_output(a, i), crl_engine_output(b, i));
}

/* A folder that is named as a class says what its pictures are. */
static void judge(cli_quantizing *w, const char *path, const int32_t *best)
{
    const crl_labels *labels = crl_session_labels(w->before.session);
    char *folder = cli_sample_folder(path);
    bool known = false;
    for (int32_t i = 0; labels && i < crl_labels_end(labels) && !known; i++)
        known = crl_labels_get(labels, i) && !strcmp(crl_labels_get(labels, i), folder);
    w->named += known;
    for (int k = 0; k < 2 && known; k++) {
        const char *said = crl_labels_get(labels, best[k]);
        w->right[k] += said && !strcmp(said, folder);
    }
    free(folder);
}

static crl_status examine_one(cli_quantizing *w, const cli_sample *sample, const crl_image *image, crl_error *err)
{
    const crl_results *r;
    int32_t best[2] = { -1, -1 };
    for (int k = 0; k < 2; k++) {
        const crl_status s = run_on(w, k, sample, image, &r, err);
        if (s) return s;
        if (w->classifies && r->n_classes) best[k] = r->classes[0].index;
    }
    const crl_engine *a = w->engine[0], *b = w->engine[1];
    for (int32_t i = 0; i < w->before.model.model->subgraphs[0].n_operators; i++)
        if (w->layers[i].pair.tensor[1] >= 0) add_layer(&w->layers[i], a, b);
    add_outputs(w, a, b);
    w->same += best[0] == best[1];
    if (w->classifies) judge(w, sample->path, best);
    w->examined++;
    return CRL_OK;
}

static int examine(cli_quantizing *w)
{
    const double begun = cli_now_ms();
    int code = open_after(w);
    if (code) return code;
    const crl_subgraph *g = &w->before.model.model->subgraphs[0];
    w->layers = cli_alloc((size_t)g->n_operators + 1, sizeof *w->layers);
    w->n_outputs = g->n_outputs;
    w->outputs = cli_alloc((size_t)g->n_outputs + 1, sizeof *w->outputs);
    for (int32_t i = 0; i < g->n_operators; i++) {
        cli_quantized_layer *l = &w->layers[i];
        crl_quantizer_operator(w->quantizer, i, &l->is, NULL);
        l->pair =
            (cli_pair_of){ .op = i,
                           .tensor = { l->is.before, l->is.is_quantised && g->tensors[l->is.before].type == CRL_FLOAT32
                                                         ? l->is.after
                                                         : -1 } };
    }
    const int held_out = w->samples.n_held_out;
    code = each_sample(w, held_out ? w->samples.n - held_out : 0, w->samples.n, "examining", examine_one);
    w->examine_ms = cli_now_ms() - begun;
    return code;
}

/* ---- the whole ---- */

/* The model and its page, or neither. */
static int save(const cli_quantizing *w)
{
    crl_error err;
    size_t n = 0;
    char *page = w->settings->html ? cli_quantize_page(w, &n) : NULL;
    if (w->settings->html && !page) return CLI_FAILED;
    cli_new_file files[2] = { { .path = w->output, .head = w->bytes, .head_bytes = w->size }, { .path = w->settings->html, .head = page, .head_bytes = n } };
    const crl_status s = cli_write_files(files, page ? 2 : 1, &err);
    free(page);
    return s ? cli_failed(&err) : CLI_DONE;
}

static void release(cli_quantizing *w)
{
    cli_session_close(&w->after);
    crl_quantizer_free(w->quantizer);
    cli_session_close(&w->before);
    cli_samples_release(&w->samples);
    cli_arrays_release(&w->arrays);
    free(w->bytes);
    free(w->keep);
    free(w->layers);
    free(w->outputs);
    free(w->output);
}

static int quantize(const void *given)
{
    const cli_quantize_settings *s = given;
    const char *model = s->task.picture.images.items[0];
    cli_quantizing w = { .settings = s };
    int code = check_settings(s);
    w.of_arrays = !code && cli_arrays_are_in(s->data);
    if (!code && !w.of_arrays) code = cli_samples_list(&w.samples, s->data); /* before the model is opened; of arrays its inputs say which */
    if (!code && !w.of_arrays) code = plan(&w, model);
    if (!code) code = open_before(&w, model);
    if (!code && w.of_arrays) code = cli_arrays_load(&w.arrays, s->data, w.engine[0], &w.samples.items, &w.samples.n);
    if (!code && w.of_arrays) code = plan(&w, model);
    if (!code) cli_samples_draw(&w.samples, s->test_ratio, s->pictures, (unsigned)s->seed);
    if (!code) code = open_quantizer(&w);
    if (!code) code = observe(&w);
    if (!code) code = examine(&w);
    if (!code) code = save(&w);
    if (!code) cli_quantize_report(&w);
    release(&w);
    return code;
}

const cli_verb cli_quantize = {
    .name = "quantize",
    .summary = "turn a model of floats into one of 8 bits",
    .operand = "MODEL",
    .operands_name_models = true,
    .min_operands = 1,
    .max_operands = 1,
    .about = "Quantises a model without training it: weights to int8 with a scale for each channel, biases to int32, "
             "and what layers give to int8 with "
             "the range that it has for the pictures in a folder. What has no form in 8 bits stays as it is, between "
             "DEQUANTIZE and QUANTIZE. The result "
             "is an ordinary .tflite file for any TensorFlow Lite runtime; 'corallite check' says what an Edge TPU "
             "takes of it.\nA quarter of the "
             "pictures is held out, and both models are compared on them, layer by layer.",
    .json =
        "{\"model\", \"output\", \"bytes\": [before, after], \"calibration\", \"pictures\", \"examined\", "
        "\"held_out\", \"operators\", \"quantised\", "
        "\"same_top1\", \"right\": {\"of\", \"before\", \"after\"} or null, "
        "\"outputs\": [{\"name\", \"snr_db\", \"cosine\", \"relative_error\", \"largest_difference\"}, ..], "
        "\"layers\": [{\"op\", \"name\", "
        "\"output\", \"snr_db\", \"cosine\", \"relative_error\", \"largest_difference\", \"rounding_snr_db\"}, ..], "
        "\"kept\": [{\"op\", \"name\", \"why\"}, ..], \"observe_ms\", "
        "\"examine_ms\"}; layers in the order of the model",
    .parts = parts,
    .examples = examples,
    .settings_bytes = sizeof(cli_quantize_settings),
    .operands_at = offsetof(cli_quantize_settings, task.picture.images),
    .common_at = offsetof(cli_quantize_settings, task.common),
    .run = quantize
};
