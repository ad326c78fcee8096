/* SPDX-License-Identifier: Apache-2.0 */
/* corallite learn imprint, learn softmax: new classes from folders of pictures.
 *
 *   folders -> a vector for each picture -> a last layer -> the file, in memory -> the pictures held out, by that file -> report */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <corallite/corallite.h>

#include "builtin.h"
#include "cmd.h"
#include "io/file.h"
#include "learn/learn.h"
#include "models/model.h"
#include "io/outputs.h"
#include "io/say.h"

static const cli_option model_options[] = {
    { "model", 'm', CLI_MODEL, offsetof(cli_model_settings, file), "FILE",
      "the .tflite model whose eye for pictures is used, or the name of one of 'models list'",
      .without = "the model built into the program", .old = "extractor model-file" },
    { 0 },
};
static const cli_group model_group = { "Model to begin with, or the built-in one", model_options };

static const cli_option data_options[] = {
    { "data", 'd', CLI_FOLDER, offsetof(cli_learn_settings, data), "FOLDER",
      "the folder with a folder of pictures for each class, for scripts that name it by an option" },
    { "output", 'o', CLI_FILE, offsetof(cli_learn_settings, output), "FILE",
      "the model to write; its labels go into it, and beside it as .txt" },
    { "embedding", 0, CLI_TEXT, offsetof(cli_learn_settings, embedding), "TENSOR",
      "the vector to learn from, by the name of its tensor", .without = "what the last layer reads" },
    { "test-ratio", 0, CLI_REAL, offsetof(cli_learn_settings, test_ratio), "X",
      "the part of each class's pictures that is not learnt from, but examined on", .preset = "0.25", .max = 0.99 },
    { "threshold", 't', CLI_REAL, offsetof(cli_learn_settings, threshold), "X",
      "below that score the new model says unknown; 0: never", .without = "what the data suggest", .max = 1 },
    { "html", 0, CLI_FILE, offsetof(cli_learn_settings, html), "FILE", "write the report as a page with pictures too" },
    { "state", 0, CLI_FILE, offsetof(cli_learn_settings, state), "FILE",
      "remember there what was seen: the next time it is not looked at again, and learnt from even where it is no longer in FOLDER, "
      "so that classes and pictures add up" },
    { "forget", 0, CLI_TEXT, offsetof(cli_learn_settings, forget), "CLASS", "first take a class and its pictures out of --state" },
    { "max-per-class", 0, CLI_INT, offsetof(cli_learn_settings, max_per_class), "N", "take at most N pictures of a class", .preset = "200",
      .min = 1, .max = 1000000 },
    { "draft", 0, CLI_FLAG, offsetof(cli_learn_settings, draft), NULL,
      "decode JPEGs to learn from at a half, quarter or eighth of their size where that leaves twice the model's input or more: large ones "
      "in less time, to vectors that differ a little" },
    { "seed", 0, CLI_INT, offsetof(cli_learn_settings, seed), "N", "which pictures those are: the same number, the same pictures",
      .preset = "0", .max = 2147483647 },
    { 0 },
};
static const cli_group data_group = { "Learning", data_options };

static const cli_option imprint_options[] = {
    { "keep-classes", 'k', CLI_FLAG, offsetof(cli_learn_settings, keep_classes), NULL,
      "keep the classes that the model has, and put the new ones behind them" },
    { "labels", 'l', CLI_LABELS, offsetof(cli_learn_settings, model) + offsetof(cli_model_settings, labels), "FILE",
      "names of the classes that are kept", .without = "those inside the model, if any" },
    { 0 },
};
static const cli_group imprint_group = { "Imprinting", imprint_options };

static const cli_option softmax_options[] = {
    { "epochs", 0, CLI_INT, offsetof(cli_learn_settings, epochs), "N", "go through the pictures at most N times", .preset = "200", .min = 1,
      .max = 1000000 },
    { "rate", 0, CLI_REAL, offsetof(cli_learn_settings, rate), "X", "how far a step goes", .preset = "0.05", .old = "learning-rate", .min = 1e-6,
      .max = 100 },
    { "decay", 0, CLI_REAL, offsetof(cli_learn_settings, decay), "X", "how much weights shrink in each step", .preset = "0.0005",
      .old = "weight-decay", .max = 1 },
    { "batch", 0, CLI_INT, offsetof(cli_learn_settings, batch), "N", "pictures of a step", .preset = "32", .old = "batch-size", .min = 1,
      .max = 1000000 },
    { 0 },
};
static const cli_group softmax_group = { "Training", softmax_options };

static const cli_choice methods[] = { { "auto", CLI_AUTO }, { "imprint", CLI_IMPRINT }, { "softmax", CLI_SOFTMAX }, { 0 } };
static const cli_option method_options[] = {
    { "method", 0, CLI_CHOICE, offsetof(cli_learn_settings, method), "HOW",
      "imprint, softmax, or auto: both, of which that is taken which recognises more of the pictures held out", .preset = "auto",
      .choices = methods },
    { 0 },
};
static const cli_group method_group = { "Method", method_options };

static const cli_part learn_parts[] = {
    { &method_group, 0 },
    { &model_group, offsetof(cli_learn_settings, model) }, { &data_group, 0 },
    { &imprint_group, 0 }, { &softmax_group, 0 },
    { &cli_engine_group, offsetof(cli_learn_settings, engine) },
    { &cli_common_group, offsetof(cli_learn_settings, common) },
    { 0 },
};
static const cli_part imprint_parts[] = {
    { &model_group, offsetof(cli_learn_settings, model) }, { &data_group, 0 },
    { &imprint_group, 0 },
    { &cli_live_group, offsetof(cli_learn_settings, live) },
    { &cli_engine_group, offsetof(cli_learn_settings, engine) },
    { &cli_common_group, offsetof(cli_learn_settings, common) },
    { 0 },
};
static const cli_part softmax_parts[] = {
    { &model_group, offsetof(cli_learn_settings, model) }, { &data_group, 0 },
    { &softmax_group, 0 },
    { &cli_engine_group, offsetof(cli_learn_settings, engine) },
    { &cli_common_group, offsetof(cli_learn_settings, common) },
    { 0 },
};

/* ---- before any work ---- */

/* The labels' name: the model's, with .txt for .tflite. NULL where the model goes into a pipe or a device, beside which nothing belongs. */
static char *labels_beside(const char *output)
{
    struct stat st;
    if (!stat(output, &st) && !S_ISREG(st.st_mode)) return NULL;
    const char *dot = strrchr(output, '.'), *slash = strrchr(output, '/');
    const size_t n = dot && (!slash || dot > slash) ? (size_t)(dot - output) : strlen(output);
    return cli_format("%.*s.txt", (int)n, output);
}

static int check_settings(cli_learning *w)
{
    const cli_learn_settings *s = w->settings;
    if (s->data && s->folders.n) {
        cli_error("two folders to learn from, %s and --data %s; one is expected", s->folders.items[0], s->data);
        return CLI_USAGE;
    }
    w->data = s->data ? s->data : s->folders.n ? s->folders.items[0] : NULL;
    if (s->live.source && (!w->data || !*w->data)) {
        cli_error("--from-watch %s: name the folder that pictures are to go to", s->live.source);
        return CLI_USAGE;
    }
    if (w->data ? !*w->data : !s->state) {
        cli_error("no folder to learn from; it has a folder of pictures for each class");
        return CLI_USAGE;
    }
    if (!s->output) {
        cli_error("--output names the model to write");
        return CLI_USAGE;
    }
    if (!strcmp(s->output, "-")) {
        cli_error("--output -: a model and its labels are two files; name one");
        return CLI_USAGE;
    }
    if (cli_names_folder(s->output)) {
        cli_error("--output %s: that is a folder; name a file", s->output);
        return CLI_USAGE;
    }
    const bool page = s->html && !strcmp(s->html, "-");
    if (page || (s->state && !strcmp(s->state, "-"))) {
        cli_error("--%s -: the standard output has the report; name a file", page ? "html" : "state");
        return CLI_USAGE;
    }
    return CLI_DONE;
}

static int plan(cli_learning *w)
{
    cli_outputs outputs = { 0 };
    w->labels_file = labels_beside(w->settings->output);
    if (w->seeing != w->extractor) {
        w->twin_output = cli_twin_name(w->settings->output);
        if (!w->twin_output) cli_note("an output named NAME" CLI_COMPILED " gets a twin for processors beside it, as NAME.tflite");
    }
    cli_outputs_protect(&outputs, w->settings->model.file);
    cli_outputs_protect(&outputs, w->settings->model.labels);
    cli_outputs_protect(&outputs, w->twin_file);
    cli_outputs_protect(&outputs, w->data); /* a list */
    for (int i = 0; i < w->pictures.n; i++) cli_outputs_protect(&outputs, w->pictures.items[i].path);
    for (uint32_t i = 0; i < w->state.n; i++) cli_outputs_protect(&outputs, w->state.items[i].path);
    int code = cli_outputs_plan(&outputs, "output", w->settings->output);
    if (!code && w->labels_file) code = cli_outputs_plan(&outputs, "output", w->labels_file);
    if (!code && w->twin_output) code = cli_outputs_plan(&outputs, "output", w->twin_output);
    if (!code && w->settings->html) code = cli_outputs_plan(&outputs, "html", w->settings->html);
    if (!code && w->settings->state) code = cli_outputs_plan(&outputs, "state", w->settings->state);
    cli_outputs_release(&outputs);
    return code;
}

/* The new layer goes behind what is compiled; its numbers come from the twin, for no device is driven yet. */
static int open_twin(cli_learning *w)
{
    crl_error err;
    if (crl_model_open_twin(&w->twin.model, &w->twin_file, w->base.model, w->settings->model.file, NULL, &err)) return cli_failed(&err);
    w->twin.name = w->twin_file;
    const crl_status status = crl_extractor_new(&w->seeing, w->twin.model, w->settings->embedding, &err);
    if (status) {
        w->seeing = NULL;
        return cli_within(&err, status, "%s", w->twin_file), cli_failed(&err);
    }
    if (crl_extractor_size(w->seeing) == w->size) return CLI_DONE;
    cli_error("%s gives %d numbers, %s %d; they are not of one model", w->base.name, w->size, w->twin_file, crl_extractor_size(w->seeing));
    return CLI_FAILED;
}

static int open_model(cli_learning *w)
{
    crl_error err;
    const cli_learn_settings *s = w->settings;
    const int code = cli_model_open(&w->base, &s->engine, s->model.file, &cli_signs_classifier);
    if (code) return code;
    const crl_status status = crl_extractor_new(&w->extractor, w->base.model, s->embedding, &err);
    if (status) {
        cli_within(&err, status, "%s", w->base.name);
        return status == CRL_ERR_ARGUMENT ? cli_failed(&err), CLI_USAGE : cli_failed(&err);
    }
    w->size = crl_extractor_size(w->extractor);
    w->seeing = w->extractor;
    return crl_model_is_compiled(w->base.model) ? open_twin(w) : CLI_DONE;
}

/* ---- vectors ---- */

/* The vectors of what can be read, and which pictures those are. */
static void gather(cli_learning *w)
{
    const size_t n = (size_t)w->pictures.n + 1;
    w->classes_of = cli_alloc(n, sizeof *w->classes_of);
    w->held_out = cli_alloc(n, sizeof *w->held_out);
    w->picture_of = cli_alloc(n, sizeof *w->picture_of);
    for (int i = 0; i < w->pictures.n; i++) {
        const cli_lesson *p = &w->pictures.items[i];
        if (p->broken) continue;
        memmove(w->vectors + (size_t)w->n * (size_t)w->size, w->vectors + (size_t)i * (size_t)w->size, (size_t)w->size * sizeof *w->vectors);
        w->held_out[w->n] = p->held_out;
        w->picture_of[w->n] = i;
        w->classes_of[w->n++] = w->new_class[p->label];
    }
}

static bool save_state(void *user)
{
    crl_error err;
    cli_learning *w = user;
    if (!cli_learn_remember(w, &w->remembered, &err)) return true;
    cli_failed(&err);
    return false;
}

/* What is seen is kept at once, also where somebody ends the program meanwhile: it need not be looked at again. */
static int look(cli_learning *w)
{
    const double begun = cli_now_ms();
    const char *file = w->settings->state;
    const cli_work work = { crl_extractor_model(w->seeing),
                            w->seeing == w->extractor ? w->base.name : w->twin.name,
                            CRL_PURPOSE_EMBED,
                            &w->settings->engine,
                            "looking",
                            w->settings->draft ? cli_learn_least_side(w) : 0,
                            file ? &w->state : NULL,
                            file ? save_state : NULL,
                            w };
    w->vectors = cli_alloc(((size_t)w->pictures.n + w->state.n + 1) * (size_t)w->size, sizeof *w->vectors);
    if (file) cli_signals_wait();
    int code = cli_lessons_embed(&w->pictures, &work, w->size, w->vectors);
    const bool stopped = cli_signals_came();
    if (!code && file && !stopped) cli_learn_add_known(w);
    if (!code && file && !save_state(w)) code = CLI_FAILED;
    if (!code && stopped) cli_note("%s: %d pictures are remembered; the same command goes on from there", file, w->remembered);
    cli_signals_act();
    gather(w);
    w->embed_ms = cli_now_ms() - begun;
    return code;
}

/* Every class needs a picture to learn from. */
static int check_classes(const cli_learning *w)
{
    int code = CLI_DONE;
    uint8_t *has = cli_alloc((size_t)w->layer.classes + 1, 1); /* 1: one that is held out, 2: one to learn from */
    for (int32_t i = 0; i < w->n; i++) has[w->classes_of[i]] |= w->held_out[i] ? 1 : 2;
    for (int k = 0; k < w->pictures.n_labels && !code; k++) {
        const int of = has[w->new_class[k]];
        if (of & 2) continue;
        cli_error(of ? "%s: all pictures of %s are held out; add others, or begin another --state" : "%s: no picture of %s could be read",
                  cli_learn_data_name(w), w->pictures.labels[k]);
        code = CLI_FAILED;
    }
    free(has);
    return code;
}

/* ---- the last layer ---- */

/* Those that are learnt from, in front. */
static void sort_held_out(cli_learning *w)
{
    int32_t n = 0;
    float *one = cli_alloc((size_t)w->size, sizeof *one);
    for (int32_t i = 0; i < w->n; i++) {
        if (w->held_out[i]) continue;
        const size_t bytes = (size_t)w->size * sizeof *one;
        float *a = w->vectors + (size_t)i * (size_t)w->size, *b = w->vectors + (size_t)n * (size_t)w->size;
        const int32_t class = w->classes_of[i], picture = w->picture_of[i];
        memcpy(one, a, bytes);
        memmove(a, b, bytes);
        memcpy(b, one, bytes);
        w->held_out[i] = w->held_out[n];
        w->held_out[n] = false;
        w->picture_of[i] = w->picture_of[n];
        w->picture_of[n] = picture;
        w->classes_of[i] = w->classes_of[n];
        w->classes_of[n++] = class;
    }
    free(one);
    w->n_learnt = n;
}

static int learn(cli_learning *w)
{
    crl_error err;
    const double begun = cli_now_ms();
    sort_held_out(w);
    const int code = cli_learn_layer(w);
    if (code) return code;
    const crl_classifier_info info = { .name = "classifier",
                                       .labels = w->lines ? (const char *const *)w->lines : w->labels,
                                       .threshold = w->unknown.threshold,
                                       .description = w->method == CLI_IMPRINT ? "imprinted by corallite"
                                                                               : "a softmax regression by corallite" };
    if (crl_extractor_write(w->extractor, &w->layer, &info, &w->bytes, &w->bytes_size, &err)) return cli_failed(&err);
    if (w->seeing != w->extractor && crl_extractor_write(w->seeing, &w->layer, &info, &w->seen, &w->seen_size, &err))
        return cli_failed(&err);
    w->learn_ms = cli_now_ms() - begun;
    return CLI_DONE;
}

/* ---- the examination ---- */

/* The written model itself says what is in the pictures held out. */
static int examine(cli_learning *w)
{
    crl_error err;
    crl_model *model;
    const double begun = cli_now_ms();
    if (crl_model_open(&model, w->seen ? w->seen : w->bytes, w->seen ? w->seen_size : w->bytes_size, &err)) return cli_failed(&err);
    const cli_work work = { model, w->settings->output, CRL_PURPOSE_CLASSIFY, &w->settings->engine, "examining", 0, NULL, NULL, NULL };
    const int code = cli_lessons_judge(&w->pictures, &work);
    crl_model_close(model);
    w->judge_ms = cli_now_ms() - begun;
    return code;
}

/* ---- the files ---- */

/* All of them, or none. */
static int save(const cli_learning *w, const cli_findings *f)
{
    crl_error err;
    size_t n = 0, size = 1, page_bytes = 0;
    char *page = w->settings->html ? cli_learn_page(w, f, &page_bytes) : NULL;
    if (w->settings->html && !page) return CLI_FAILED;
    for (int32_t i = 0; i < w->layer.classes; i++) size += strlen(w->labels[i]) + 16;
    char *text = cli_alloc(size, 1);
    for (int32_t i = 0; i < w->layer.classes; i++) n += (size_t)snprintf(text + n, size - n, "%d  %s\n", i, w->labels[i]);
    cli_new_file files[4] = { { .path = w->settings->output, .head = w->bytes, .head_bytes = w->bytes_size } };
    int n_files = 1;
    if (w->labels_file) files[n_files++] = (cli_new_file){ .path = w->labels_file, .head = text, .head_bytes = n };
    if (w->twin_output) files[n_files++] = (cli_new_file){ .path = w->twin_output, .head = w->seen, .head_bytes = w->seen_size };
    if (page) files[n_files++] = (cli_new_file){ .path = w->settings->html, .head = page, .head_bytes = page_bytes };
    const crl_status s = cli_write_files(files, n_files, &err);
    free(text);
    free(page);
    return s ? cli_failed(&err) : CLI_DONE;
}

static void release(cli_learning *w)
{
    for (int32_t i = 0; w->numbers && i < w->kept; i++) free(w->numbers[i]);
    free(w->numbers);
    for (int32_t i = 0; w->lines && i < w->layer.classes; i++) free(w->lines[i]);
    free(w->lines);
    free(w->labels);
    free(w->new_class);
    free(w->vectors);
    free(w->classes_of);
    free(w->held_out);
    free(w->picture_of);
    free(w->weights);
    free(w->bias);
    free(w->bytes);
    free(w->seen);
    free(w->labels_file);
    free(w->twin_file);
    free(w->twin_output);
    crl_labels_free(w->own_labels);
    cli_lessons_release(&w->pictures);
    cli_state_release(&w->state);
    if (w->seeing != w->extractor) crl_extractor_free(w->seeing);
    crl_extractor_free(w->extractor);
    cli_model_close(&w->twin);
    cli_model_close(&w->base);
    cli_unlock(&w->lock);
}

static int teach(cli_learning *w)
{
    const cli_learn_settings *s = w->settings;
    const cli_lessons_options o = { s->test_ratio, s->max_per_class, (unsigned)s->seed };
    int code = check_settings(w);
    if (!code) code = open_model(w);
    if (!code) code = cli_learn_recall(w);
    if (!code && s->live.source) code = cli_learn_live(w);
    if (!code && w->data) code = cli_lessons_list(&w->pictures, w->data, &o);
    if (!code && s->state) cli_learn_join(w);
    if (!code) code = cli_learn_name(w);
    if (!code) code = plan(w);
    if (!code) code = look(w);
    if (!code) code = check_classes(w);
    if (!code) code = learn(w);
    if (!code) code = examine(w);
    if (code) return code;
    cli_findings found = cli_learn_find(w);
    code = save(w, &found);
    if (!code) cli_learn_report(w, &found);
    cli_findings_release(&found);
    for (int i = 0; i < w->pictures.n; i++)
        if (w->pictures.items[i].broken) return CLI_FAILED; /* it was said, and the rest was done */
    return code;
}

static int teach_by(const cli_learn_settings *settings, cli_method method)
{
    cli_learning w = { .settings = settings, .method = method };
    const int code = teach(&w);
    release(&w);
    return code;
}

static int run_imprint(const void *settings)
{
    return teach_by(settings, CLI_IMPRINT);
}

static int run_softmax(const void *settings)
{
    return teach_by(settings, CLI_SOFTMAX);
}

/* What can keep the classes of the model is taken where they are to be kept. */
static int run_learn(const void *settings)
{
    const cli_learn_settings *s = settings;
    if (s->keep_classes && s->method == CLI_SOFTMAX) {
        cli_error("--keep-classes: softmax regression starts from nothing and keeps none; take --method imprint");
        return CLI_USAGE;
    }
    return teach_by(s, s->keep_classes ? CLI_IMPRINT : (cli_method)s->method);
}

static const char *const learn_examples[] = {
    "corallite learn -m birds.tflite -o flowers.tflite flowers/",
    "a class for each folder in flowers/, by what does better on them",
    "corallite learn --html report.html -m birds.tflite -o flowers.tflite flowers/",
    "and a page about how good it is",
    NULL,
};
static const char *const imprint_examples[] = {
    "corallite learn imprint -m birds.tflite -o flowers.tflite flowers/",
    "a class for each folder in flowers/",
    "corallite learn imprint --keep-classes -m birds.tflite -o more.tflite new/",
    "and the classes that the model had",
    "corallite learn imprint --from-watch 0 -o things.tflite things/",
    "press 1 while camera 0 sees the first thing, 2 for the second, and q",
    NULL,
};
static const char *const softmax_examples[] = {
    "corallite learn softmax -m birds.tflite -o flowers.tflite flowers/",
    "better than imprinting where there are many pictures",
    NULL,
};

#define LEARN_ABOUT(how)                                                                                               \
    "FOLDER has a folder of pictures for each class, and its name is the class's; or it is a list of path,label whose name ends in .csv. " how                                \
    " Everything else of the model stays as it is, so this takes as long as looking at the pictures. A quarter of the pictures is held " \
    "out, and the model that was written is examined on them.\nThe new model is an ordinary .tflite file with its labels inside: " \
    "'corallite classify' and any TensorFlow Lite runtime run it."
#define LEARN_JSON                                                                                                     \
    "{\"method\", \"tried\": [{\"method\", \"right\", \"of\"}, ..] or null, \"output\", \"labels\", \"cpu_twin\", \"classes\": [{\"index\", \"label\", \"learnt\", \"examined\"}, ..], \"examined\", \"examined_top3\", " \
    "\"unknown\": {\"threshold\", \"known\", \"strangers\"}, \"confusion\": [{\"class\", \"taken_for\", \"times\"}, ..], \"mistakes\": "  \
    "[{\"image\", \"label\", \"taken_for\", \"score\", \"nearest\", \"likeness\"}, ..], \"twins\": [..], \"embed_ms\", \"learn_ms\", "  \
    "\"examine_ms\"}; what is examined is {\"right\", \"of\", \"share\", \"low\", \"high\"}, and twins are pictures held out which are nearly the " \
    "same as one that was learnt"
#define LEARN_SETTINGS                                                                                                 \
    .operand = "FOLDER", .min_operands = 0, .max_operands = 1, .json = LEARN_JSON, .settings_bytes = sizeof(cli_learn_settings), \
    .operands_at = offsetof(cli_learn_settings, folders), .common_at = offsetof(cli_learn_settings, common)

const cli_verb cli_learn = {
    .name = "learn",
    .summary = "teach a model new classes from folders of pictures",
    .about = LEARN_ABOUT("The last layer of the model is replaced: by one that puts each class where its pictures are (imprint), or by one "
                         "that is trained on them (softmax), whichever does better."),
    .parts = learn_parts,
    .examples = learn_examples,
    LEARN_SETTINGS,
    .run = run_learn
};
const cli_verb cli_learn_imprint = {
    .name = "learn imprint",
    .summary = "teach a model new classes from a few pictures each",
    .about = LEARN_ABOUT("The last layer of the model is replaced by one that puts each class where its pictures are, which works with a "
                         "single picture."),
    .parts = imprint_parts,
    .examples = imprint_examples,
    LEARN_SETTINGS,
    .run = run_imprint
};
const cli_verb cli_learn_softmax = {
    .name = "learn softmax",
    .summary = "train a model's last layer on folders of pictures",
    .about = LEARN_ABOUT("The last layer of the model is replaced by one that is trained on the pictures, by gradient descent."),
    .parts = softmax_parts,
    .examples = softmax_examples,
    LEARN_SETTINGS,
    .run = run_softmax
};
