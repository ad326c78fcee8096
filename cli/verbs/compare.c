/* SPDX-License-Identifier: Apache-2.0 */
/* corallite compare: how far two models, or the two arithmetics of one, are apart on pictures. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <corallite/corallite.h>

#include "cmd.h"
#include "models/compare.h"
#include "io/json.h"
#include "io/pictures.h"
#include "models/purpose.h"
#include "io/say.h"
#include "models/task.h"

typedef struct compare_settings {
    cli_task_settings task; /* whose list of pictures begins with the models */
    int layers;
} compare_settings;

static const cli_option options[] = {
    { "layers", 0, CLI_INT, offsetof(compare_settings, layers), "N", "list the N layers that are farthest apart", .preset = "10",
      .max = 100000 },
    { 0 },
};
static const cli_group group = { "Comparing", options };
static const cli_part parts[] = {
    { &group, 0 },
    { &cli_labels_group, offsetof(compare_settings, task.model) },
    { &cli_image_group, offsetof(compare_settings, task.picture) },
    { &cli_input_group, offsetof(compare_settings, task.picture) },
    { &cli_engine_group, offsetof(compare_settings, task.engine) },
    { &cli_common_group, offsetof(compare_settings, task.common) },
    { 0 },
};
static const char *const examples[] = {
    "corallite compare birds.tflite photos/",
    "what changes when an Edge TPU runs it",
    "corallite compare birds_float.tflite birds_int8.tflite photos/",
    "what quantising cost, and in which layers",
    NULL,
};

enum { SIDES = 2 };

/* One side of the comparison. */
typedef struct side {
    cli_task_settings settings;
    cli_session session;
    const char *name;
} side;

typedef struct comparison {
    const compare_settings *settings;
    side side[SIDES];
    bool classifies; /* both do */
    cli_pairs layers;
    cli_pair_of *outputs; /* [n_outputs] */
    int32_t n_outputs;
    int pictures, changed; /* done, and those of them with another best class */
    json_t *images;        /* with --json */
    cli_table table;       /* else */
} comparison;

static crl_engine *engine_of(const comparison *c, int k)
{
    return crl_session_engine(c->side[k].session.session);
}

static const crl_model *model_of(const comparison *c, int k)
{
    return crl_session_model(c->side[k].session.session);
}

/* ---- opening ---- */

static int open_side(side *s)
{
    crl_error err;
    crl_recognition r;
    const int code = cli_session_open(&s->session, &s->settings, NULL);
    if (code) return code;
    crl_session *session = s->session.session;
    crl_status st = crl_session_recognise(session, &r, &err);
    if (!st) st = crl_session_choose(session, r.purpose != CRL_PURPOSE_UNKNOWN ? r.purpose : CRL_PURPOSE_RAW, &err);
    return st ? cli_failed(&err) : CLI_DONE;
}

static bool both_classify(const comparison *c)
{
    crl_recognition r;
    for (int k = 0; k < SIDES; k++)
        if (crl_session_recognise(c->side[k].session.session, &r, NULL) || r.purpose != CRL_PURPOSE_CLASSIFY) return false;
    return true;
}

static int check_outputs(const comparison *c)
{
    const int32_t n[SIDES] = { crl_engine_output_count(engine_of(c, 0)), crl_engine_output_count(engine_of(c, 1)) };
    if (n[0] != n[1]) {
        cli_error("%s has %d output%s and %s %d: models to be compared have the same", c->side[0].name, n[0], n[0] == 1 ? "" : "s",
                  c->side[1].name, n[1]);
        return CLI_FAILED;
    }
    for (int32_t i = 0; i < n[0]; i++) {
        const crl_tensor *a = crl_engine_output(engine_of(c, 0), i), *b = crl_engine_output(engine_of(c, 1), i);
        char x[CRL_SHAPE_TEXT], y[CRL_SHAPE_TEXT];
        if (((a->flags | b->flags) & CRL_TENSOR_DYNAMIC) || crl_shape_equal(&a->shape, &b->shape)) continue;
        cli_error("output %d of %s is %s, and %s of %s: models to be compared have the same", i, c->side[0].name,
                  crl_shape_text(&a->shape, x, sizeof x), crl_shape_text(&b->shape, y, sizeof y), c->side[1].name);
        return CLI_FAILED;
    }
    return CLI_DONE;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static int open_both(comparison *c, const char *first, const char *second)
{
    for (int k = 0; k < SIDES; k++) {
        side *s = &c->side[k];
        s->settings = c->settings->task;
        s->settings.model.file = k && second ? second : first;
        s->settings.engine.keep_tensors = true;
        if (!second) s->settings.engine.arithmetic = k ? CRL_ARITHMETIC_EDGETPU : CRL_ARITHMETIC_TFLITE;
        s->name = second ? base_name(s->settings.model.file) : k ? "edgetpu" : "tflite";
        const int code = open_side(s);
        if (code) return code;
    }
    const int code = check_outputs(c);
    if (code) return code;
    c->classifies = both_classify(c);
    c->layers = cli_pairs_of_layers(model_of(c, 0), model_of(c, 1));
    c->n_outputs = crl_engine_output_count(engine_of(c, 0));
    c->outputs = cli_alloc((size_t)c->n_outputs, sizeof *c->outputs);
    return CLI_DONE;
}

/* ---- one picture ---- */

/* The best class of a side, as text. */
static char *best_text(const comparison *c, int k, const crl_class *best)
{
    const char *label = crl_session_label(c->side[k].session.session, best->index);
    return label ? cli_format("%s %.6g", label, (double)best->score) : cli_format("%d %.6g", best->index, (double)best->score);
}

static json_t *best_json(const comparison *c, int k, const crl_class *best)
{
    json_t *o = json_object();
    json_object_set_new(o, "index", json_integer(best->index));
    json_object_set_new(o, "label", cli_json_text(crl_session_label(c->side[k].session.session, best->index)));
    json_object_set_new(o, "score", cli_json_float(best->score));
    return o;
}

static void show_picture(comparison *c, const char *path, const crl_class *best, double largest)
{
    const bool changed = c->classifies && best[0].index != best[1].index;
    c->changed += changed;
    if (c->images) {
        json_t *o = json_object(), *top = json_array();
        json_object_set_new(o, "image", cli_json_text(path));
        for (int k = 0; k < SIDES && c->classifies; k++) json_array_append_new(top, best_json(c, k, &best[k]));
        json_object_set_new(o, "top1", c->classifies ? top : json_null());
        if (!c->classifies) json_decref(top);
        json_object_set_new(o, "changed", c->classifies ? json_boolean(changed) : json_null());
        json_object_set_new(o, "largest_difference", cli_json_real(largest));
        json_array_append_new(c->images, o);
        return;
    }
    char off[32];
    snprintf(off, sizeof off, "%.6g", largest);
    char *a = c->classifies ? best_text(c, 0, &best[0]) : NULL, *b = c->classifies ? best_text(c, 1, &best[1]) : NULL;
    if (c->classifies)
        cli_table_row(&c->table, path, a, b, off, changed ? "changed" : "");
    else
        cli_table_row(&c->table, path, off);
    free(a);
    free(b);
}

static crl_status one_picture(comparison *c, const char *path, const crl_image *image, crl_error *err)
{
    crl_class best[SIDES] = { { 0 } };
    double largest = 0;
    for (int k = 0; k < SIDES; k++) {
        const crl_results *r;
        crl_status s = crl_session_run(c->side[k].session.session, image, &r, err);
        if (s) return cli_within(err, s, "%s", c->side[k].name);
        if (c->classifies && r->n_classes) best[k] = r->classes[0];
    }
    for (int32_t i = 0; i < c->layers.n; i++) cli_pair_add(&c->layers.items[i], engine_of(c, 0), engine_of(c, 1));
    for (int32_t i = 0; i < c->n_outputs; i++) {
        cli_pair_of one = { .op = -1 };
        cli_pair_add_tensors(&one, crl_engine_output(engine_of(c, 0), i), crl_engine_output(engine_of(c, 1), i));
        cli_pair_of *all = &c->outputs[i];
        largest = fmax(largest, one.largest);
        all->n += one.n;
        all->changed += one.changed;
        all->largest = fmax(all->largest, one.largest);
        all->error += one.error;
        all->power[0] += one.power[0];
        all->power[1] += one.power[1];
        all->apart = all->apart || one.apart;
    }
    show_picture(c, path, best, largest);
    c->pictures++;
    return CRL_OK;
}

/* A picture that cannot be read is passed over, whatever else fails would fail for the next one, too. */
static int each_picture(comparison *c, const cli_pictures *pictures)
{
    int code = pictures->failures ? CLI_FAILED : CLI_DONE;
    bool go_on = true;
    for (int i = 0; i < pictures->n && go_on; i++) {
        crl_image image;
        crl_error err;
        if (cli_picture_load(&image, pictures->paths[i], c->settings->task.picture.exif_orientation, &err)) {
            code = cli_failed(&err);
            continue;
        }
        if (one_picture(c, pictures->paths[i], &image, &err)) {
            code = cli_failed(&err);
            go_on = false;
        }
        crl_image_fini(&image);
    }
    return code;
}

/* ---- the whole ---- */

static int by_distance(const void *a, const void *b)
{
    const cli_pair_of *x = a, *y = b;
    const double p = cli_pair_relative(x), q = cli_pair_relative(y);
    if (p != q) return p < q ? 1 : -1;
    return x->op < y->op ? -1 : x->op > y->op;
}

static void set_numbers(json_t *o, const cli_pair_of *p)
{
    json_object_set_new(o, "elements", json_integer((json_int_t)p->n));
    json_object_set_new(o, "changed", json_integer((json_int_t)p->changed));
    json_object_set_new(o, "largest_difference", cli_json_real(p->largest));
    json_object_set_new(o, "relative_error", cli_json_real(cli_pair_relative(p)));
}

static void print_json(comparison *c)
{
    json_t *o = json_object(), *sides = json_array(), *outputs = json_array(), *layers = json_array();
    for (int k = 0; k < SIDES; k++) json_array_append_new(sides, cli_json_text(c->side[k].name));
    for (int32_t i = 0; i < c->n_outputs; i++) {
        json_t *out = json_object();
        json_object_set_new(out, "name", cli_json_text(crl_engine_output(engine_of(c, 0), i)->name));
        set_numbers(out, &c->outputs[i]);
        json_array_append_new(outputs, out);
    }
    const crl_subgraph *g = &model_of(c, 0)->subgraphs[0];
    for (int32_t i = 0; i < c->layers.n && i < c->settings->layers; i++) {
        const cli_pair_of *p = &c->layers.items[i];
        json_t *layer = json_object();
        json_object_set_new(layer, "op", json_integer(p->op));
        json_object_set_new(layer, "name", cli_json_text(g->operators[p->op].name));
        json_object_set_new(layer, "output", cli_json_text(g->tensors[p->tensor[0]].name));
        set_numbers(layer, p);
        json_array_append_new(layers, layer);
    }
    json_object_set_new(o, "compared", sides);
    json_object_set_new(o, "pictures", json_integer(c->pictures));
    json_object_set_new(o, "changed_top1", c->classifies ? json_integer(c->changed) : json_null());
    json_object_set_new(o, "images", c->images);
    json_object_set_new(o, "outputs", outputs);
    json_object_set_new(o, "layers_compared", json_integer(c->layers.n));
    json_object_set_new(o, "layers", layers);
    cli_json_print(o, stdout);
    putchar('\n');
}

/* Converters join the names of all that they made one operator of: the first of them. For free(). */
static char *short_name(const char *name)
{
    return cli_format("%.*s", (int)strcspn(name, ";"), name);
}

/* How much is changed. For free(). */
static char *changed_text(const cli_pair_of *p)
{
    if (p->apart || !p->n) return cli_format("not compared");
    return cli_format("%.3g%%", 100.0 * (double)p->changed / (double)p->n);
}

static void print_outputs(const comparison *c)
{
    cli_table table;
    cli_table_init(&table, "lrrr", 0);
    cli_table_row(&table, "output", "changed", "largest difference", "relative error");
    for (int32_t i = 0; i < c->n_outputs; i++) {
        const cli_pair_of *p = &c->outputs[i];
        char largest[32], relative[32];
        char *changed = changed_text(p);
        snprintf(largest, sizeof largest, "%.6g", p->largest);
        snprintf(relative, sizeof relative, "%.3g%%", 100 * cli_pair_relative(p));
        char *name = short_name(crl_engine_output(engine_of(c, 0), i)->name);
        cli_table_row(&table, name, changed, largest, relative);
        free(name);
        free(changed);
    }
    cli_table_print(&table, stdout);
}

static void print_layers(const comparison *c)
{
    const crl_subgraph *g = &model_of(c, 0)->subgraphs[0];
    int32_t differ = 0;
    for (int32_t i = 0; i < c->layers.n; i++) differ += c->layers.items[i].changed > 0;
    printf("\n%d of %d layers that both have differ", differ, c->layers.n);
    const int32_t n = differ < c->settings->layers ? differ : c->settings->layers;
    if (!n) {
        putchar('\n');
        return;
    }
    printf(n < differ ? "; the %d that are farthest apart:\n" : ", the farthest apart first:\n", n);
    cli_table table;
    cli_table_init(&table, "rllrrr", 0);
    cli_table_row(&table, "op", "operator", "output", "changed", "largest difference", "relative error");
    for (int32_t i = 0; i < n; i++) {
        const cli_pair_of *p = &c->layers.items[i];
        char op[16], largest[32], relative[32];
        char *changed = changed_text(p);
        snprintf(op, sizeof op, "%d", p->op);
        snprintf(largest, sizeof largest, "%.6g", p->largest);
        snprintf(relative, sizeof relative, "%.3g%%", 100 * cli_pair_relative(p));
        char *name = short_name(g->tensors[p->tensor[0]].name);
        cli_table_row(&table, op, g->operators[p->op].name, name, changed, largest, relative);
        free(name);
        free(changed);
    }
    cli_table_print(&table, stdout);
}

static void print_text(comparison *c)
{
    cli_table_print(&c->table, stdout);
    if (c->classifies) printf("\nanother best class on %d of %d pictures\n", c->changed, c->pictures);
    putchar('\n');
    print_outputs(c);
    print_layers(c);
}

static int compare(const void *given)
{
    const compare_settings *settings = given;
    const cli_list *operands = &settings->task.picture.images;
    comparison c = { .settings = settings };
    const bool two = operands->n > 1 && cli_names_model(operands->items[1]);
    const cli_list images = { operands->items + 1 + two, operands->n - 1 - two };
    cli_pictures pictures = { 0 };
    if (!cli_names_model(operands->items[0]) || images.n < 1) {
        cli_error("%s; a model is expected, or two, and then pictures",
                  images.n < 1 ? "no picture is given" : "the first argument is no model");
        return CLI_USAGE;
    }
    if (settings->task.picture.count || (!two && settings->task.engine.arithmetic)) {
        cli_error(settings->task.picture.count ? "--count: every picture is looked at once here; 'corallite bench' takes times"
                                               : "--arithmetic: with one model both are compared; leave it out, or name two models");
        return CLI_USAGE;
    }
    int code = open_both(&c, operands->items[0], two ? operands->items[1] : NULL);
    if (!code) {
        cli_pictures_list(&pictures, &images);
        if (settings->task.common.json) c.images = json_array();
        cli_table_init(&c.table, c.classifies ? "lllrl" : "lr", 0);
        if (c.classifies && !c.images)
            cli_table_row(&c.table, "picture", c.side[0].name, c.side[1].name, "largest difference", "");
        else if (!c.images)
            cli_table_row(&c.table, "picture", "largest difference");
        code = each_picture(&c, &pictures);
        if (c.layers.n) qsort(c.layers.items, (size_t)c.layers.n, sizeof *c.layers.items, by_distance);
        if (c.pictures && c.images)
            print_json(&c);
        else if (c.images)
            json_decref(c.images);
        else if (c.pictures)
            print_text(&c);
    }
    cli_pictures_release(&pictures);
    free(c.layers.items);
    free(c.outputs);
    for (int k = 0; k < SIDES; k++) cli_session_close(&c.side[k].session);
    return code;
}

const cli_verb cli_compare = {
    .name = "compare",
    .summary = "how far two models, or the two arithmetics of one, are apart",
    .operand = "MODEL [MODEL] IMAGE",
    .operands_name_models = true,
    .min_operands = 2,
    .max_operands = -1,
    .about =
        "Runs both on pictures and tells what differs: the best class, the outputs, and every layer that both have. With one model the "
        "two are TensorFlow Lite's arithmetic and the Edge TPU's; with two, such as a float model and what quantising made of it, their "
        "outputs have to be alike, and layers belong together by their names, or by their order where few names are the same.\n"
        "Differences are of real numbers. A layer's relative error is the root of its mean squared difference over that of its values, the larger ones. "
        "IMAGE is a JPEG, PNG, WebP, GIF, BMP or PPM file, a folder of them, or - for the standard input.",
    .json = "{\"compared\": [NAME, NAME], \"pictures\": n, \"changed_top1\": n, \"images\": [{\"image\", \"top1\": [{\"index\", \"label\", "
            "\"score\"}, ..], \"changed\", \"largest_difference\"}], \"outputs\": [{\"name\", \"elements\", \"changed\", "
            "\"largest_difference\", \"relative_error\"}], \"layers_compared\": n, \"layers\": [{\"op\", \"name\", \"output\", and as of "
            "outputs}]}; top1, changed and changed_top1 are null where the models do not classify",
    .parts = parts,
    .examples = examples,
    .settings_bytes = sizeof(compare_settings),
    .operands_at = offsetof(compare_settings, task.picture.images),
    .common_at = offsetof(compare_settings, task.common),
    .run = compare
};
