/* SPDX-License-Identifier: Apache-2.0 */
/* corallite run: a model on raw arrays. */
#include <stdlib.h>
#include <string.h>

#include <corallite/corallite.h>

#include "cmd.h"
#include "io/file.h"
#include "io/json.h"
#include "models/model.h"
#include "io/npy.h"
#include "io/outputs.h"
#include "io/say.h"

typedef struct run_settings {
    cli_common_settings common;
    cli_engine_settings engine;
    cli_list models; /* one */
    cli_list inputs; /* "0=in.npy" */
    const char *output_dir;
} run_settings;

static const cli_option options[] = {
    { "input", 'i', CLI_TEXTS, offsetof(run_settings, inputs), "N=FILE.npy",
      "the array for input N, a number or the name of the tensor; once for each input" },
    { "output-dir", 'o', CLI_FOLDER, offsetof(run_settings, output_dir), "DIR",
      "write output N to DIR/N.npy, its type and shape as they are; DIR is made when missing",
      .without = "print a summary only" },
    { 0 },
};
static const cli_group group = { "Arrays", options };
static const cli_part parts[] = {
    { &group, 0 },
    { &cli_engine_group, offsetof(run_settings, engine) },
    { &cli_common_group, offsetof(run_settings, common) },
    { 0 },
};
static const char *const examples[] = {
    "corallite run --input 0=in.npy --output-dir out model.tflite",
    "one input, by its number",
    "corallite run --input image=a.npy --input state=b.npy -o out model.tflite",
    "two, by their names",
    NULL,
};

/* The input that "0=in.npy" or "image=in.npy" is for, -1 when there is none such. Names may hold a
 * '=': the longest that fits counts. `*file` gets what follows. */
static int32_t find_input(crl_engine *e, const char *given, const char **file)
{
    int32_t found = -1;
    size_t longest = 0;
    for (int32_t i = 0; i < crl_engine_input_count(e); i++) {
        const char *name = crl_engine_input(e, i)->name;
        const size_t n = strlen(name);
        if (n <= longest || strncmp(given, name, n) || given[n] != '=') continue;
        longest = n;
        found = i;
        *file = given + n + 1;
    }
    if (found >= 0) return found;
    const size_t digits = strspn(given, "0123456789");
    if (!digits || digits > 6 || given[digits] != '=') return -1;
    *file = given + digits + 1;
    const int32_t i = atoi(given);
    return i < crl_engine_input_count(e) ? i : -1;
}

/* "0 "image" UINT8 [1,224,224,3]": what the person has to supply. For free(). */
static char *describe(const crl_tensor *t, int32_t i)
{
    char shape[CRL_SHAPE_TEXT];
    return cli_format("%d \"%s\", %s %s", i, t->name, crl_type_name(t->type),
                      crl_shape_text(&t->shape, shape, sizeof shape));
}

static int no_such_input(crl_engine *e, const char *given)
{
    char *list = cli_format("%s", "");
    for (int32_t i = 0; i < crl_engine_input_count(e); i++) {
        char *one = describe(crl_engine_input(e, i), i), *more = cli_format("%s%s%s", list, i ? "; " : "", one);
        free(one);
        free(list);
        list = more;
    }
    if (!strchr(given, '='))
        cli_error("--input %s: NUMBER=FILE or NAME=FILE is expected", given);
    else
        cli_error("--input %s: no such input; the model has %s", given, list);
    free(list);
    return CLI_USAGE;
}

/* The shape that the file gives an input, with -1 where any size will do. */
static const crl_shape *signature_of(const cli_model *m, int32_t i)
{
    const crl_subgraph *g = &m->model->subgraphs[0];
    return &g->tensors[g->inputs[i]].shape_signature;
}

static bool goes_with(const crl_shape *shape, const crl_shape *signature)
{
    if (shape->rank != signature->rank) return false;
    for (int32_t d = 0; d < shape->rank; d++)
        if (shape->dim[d] != signature->dim[d] && signature->dim[d] != -1) return false;
    return true;
}

/* Reads the array of input i; one of another shape will do where the model leaves its dimensions open. */
static crl_status read_array(cli_model *m, int32_t i, const char *path, cli_npy_file *file, crl_error *err)
{
    enum { MOST_OPEN = 1 << 28 }; /* bytes of an array whose shape is the user's choice */
    const crl_tensor *t = crl_engine_input(m->engine, i);
    const crl_shape *signature = signature_of(m, i);
    const size_t most = crl_shape_equal(signature, &t->shape) ? t->bytes : MOST_OPEN;
    crl_status s = cli_npy_load(file, path, most, err);
    if (s) return s;
    const bool fits = goes_with(&file->npy.shape, signature);
    if (fits && file->npy.type == t->type && file->npy.bytes > most)
        s = cli_fail(err, CRL_ERR_UNSUPPORTED, "an array of %zu bytes; at most %zu are read where the model leaves the size open",
                     file->npy.bytes, most);
    else
        s = cli_npy_check(file, t->type, fits ? &file->npy.shape : &t->shape, err);
    return s ? cli_within(err, s, "%s", path) : CRL_OK;
}

/* `files` has room for the array of each input. */
static int read_arrays(cli_model *m, const cli_list *inputs, cli_npy_file *files)
{
    crl_engine *e = m->engine;
    for (int k = 0; k < inputs->n; k++) {
        const char *path;
        const int32_t i = find_input(e, inputs->items[k], &path);
        crl_error err;
        if (i < 0) return no_such_input(e, inputs->items[k]);
        if (!*path || files[i].bytes) {
            cli_error("--input %s: %s", inputs->items[k], *path ? "this input has an array already" : "an empty FILE");
            return CLI_USAGE;
        }
        const crl_status s = read_array(m, i, path, &files[i], &err);
        if (!s) continue;
        cli_within(&err, s, "input %d", i);
        return cli_failed(&err);
    }
    for (int32_t i = 0; i < crl_engine_input_count(e); i++) {
        if (files[i].bytes) continue;
        char *what = describe(crl_engine_input(e, i), i);
        cli_error("no array for input %s; add --input %d=FILE.npy", what, i);
        free(what);
        return CLI_USAGE;
    }
    return CLI_DONE;
}

/* Inputs take the shapes of their arrays, and their elements. */
static int fill_inputs(cli_model *m, const cli_npy_file *files)
{
    crl_engine *e = m->engine;
    const int32_t n = crl_engine_input_count(e);
    crl_shape *shapes = cli_alloc((size_t)n, sizeof *shapes);
    for (int32_t i = 0; i < n; i++) shapes[i] = files[i].npy.shape;
    crl_error err;
    const crl_status s = crl_engine_resize(e, shapes, n, &err);
    free(shapes);
    if (s) {
        cli_within(&err, s, "%s", m->name);
        return cli_failed(&err);
    }
    for (int32_t i = 0; i < n; i++)
        memcpy(crl_engine_input(e, i)->data, files[i].bytes + files[i].npy.offset, files[i].npy.bytes);
    return CLI_DONE;
}

static int load_inputs(cli_model *m, const cli_list *inputs)
{
    const int32_t n = crl_engine_input_count(m->engine);
    cli_npy_file *files = cli_alloc((size_t)n, sizeof *files);
    int code = read_arrays(m, inputs, files);
    if (!code) code = fill_inputs(m, files);
    for (int32_t i = 0; i < n; i++) free(files[i].bytes);
    free(files);
    return code;
}

/* Type, shape and range of each output. */
static void print_outputs(crl_engine *e)
{
    cli_table table;
    cli_table_init(&table, "rlll", 0);
    for (int32_t i = 0; i < crl_engine_output_count(e); i++) {
        const crl_tensor *t = crl_engine_output(e, i);
        char shape[CRL_SHAPE_TEXT];
        char *number = cli_format("%d", i);
        cli_table_row(&table, number, t->name, crl_type_name(t->type), crl_shape_text(&t->shape, shape, sizeof shape));
        free(number);
    }
    cli_table_print(&table, stdout);
}

static json_t *outputs_json(crl_engine *e, char *const *files)
{
    json_t *array = json_array();
    for (int32_t i = 0; i < crl_engine_output_count(e); i++) {
        const crl_tensor *t = crl_engine_output(e, i);
        json_t *o = json_object();
        json_object_set_new(o, "index", json_integer(i));
        json_object_set_new(o, "name", cli_json_text(t->name));
        json_object_set_new(o, "type", json_string(crl_type_name(t->type)));
        json_object_set_new(o, "shape", cli_json_shape(&t->shape));
        json_object_set_new(o, "file", cli_json_text(files ? files[i] : NULL));
        json_array_append_new(array, o);
    }
    return array;
}

/* The file of input "0=in.npy", NULL where there is none such input. */
static const char *array_path(crl_engine *e, const char *given)
{
    const char *path = NULL;
    return find_input(e, given, &path) < 0 ? NULL : path;
}

/* Plans DIR/0.npy and so on before anything is run; `files` gets the names, each for free(). */
static int plan_outputs(const cli_model *m, const run_settings *settings, char **files)
{
    crl_error err;
    cli_outputs outputs = { 0 };
    if (!strcmp(settings->output_dir, "-")) {
        cli_error("--output-dir -: arrays go into a folder, one file each; name one");
        return CLI_USAGE;
    }
    if (cli_make_folder(settings->output_dir, &err)) {
        cli_error("--output-dir: %s", err.text);
        return CLI_FAILED;
    }
    cli_outputs_protect(&outputs, m->name);
    for (int k = 0; k < settings->inputs.n; k++)
        cli_outputs_protect(&outputs, array_path(m->engine, settings->inputs.items[k]));
    int code = CLI_DONE;
    const char *slash = settings->output_dir[strlen(settings->output_dir) - 1] == '/' ? "" : "/";
    for (int32_t i = 0; i < crl_engine_output_count(m->engine) && !code; i++) {
        files[i] = cli_format("%s%s%d.npy", settings->output_dir, slash, i);
        code = cli_outputs_plan(&outputs, "output-dir", files[i]);
    }
    cli_outputs_release(&outputs);
    return code;
}

static int compute(const cli_model *m, char *const *files)
{
    crl_error err;
    crl_engine *e = m->engine;
    crl_status s = crl_engine_run(e, &err);
    if (s) cli_within(&err, s, "%s", m->name);
    for (int32_t i = 0; i < crl_engine_output_count(e) && !s; i++)
        if (files[i]) s = cli_npy_save(files[i], crl_engine_output(e, i), &err);
    return s ? cli_failed(&err) : CLI_DONE;
}

static int run(const void *given)
{
    const run_settings *settings = given;
    cli_model model;
    int code = cli_model_prepare(&model, &settings->engine, settings->models.items[0]);
    const int32_t n = code ? 0 : crl_engine_output_count(model.engine);
    char **files = cli_alloc((size_t)n, sizeof *files);
    if (!code) code = load_inputs(&model, &settings->inputs);
    if (!code && settings->output_dir) code = plan_outputs(&model, settings, files);
    if (!code) code = compute(&model, files);
    if (!code && settings->common.json) {
        cli_json_print(outputs_json(model.engine, settings->output_dir ? files : NULL), stdout);
        putchar('\n');
    } else if (!code)
        print_outputs(model.engine);
    for (int32_t i = 0; i < n; i++) free(files[i]);
    free(files);
    cli_model_close(&model);
    return code;
}

const cli_verb cli_run = {
    .name = "run",
    .summary = "run a model on raw arrays (.npy)",
    .operand = "MODEL",
    .operands_name_models = true,
    .min_operands = 1,
    .max_operands = 1,
    .about =
        "Runs a model once. Inputs are .npy files whose type and shape are exactly the tensor's ('corallite inspect' "
        "shows them; where it says that any size will do, the array's size is taken); outputs are written in the model's order, nothing converted.",
    .json = "[{\"index\": n, \"name\": .., \"type\": .., \"shape\": [n, ..], \"file\": ..}], one for each output",
    .parts = parts,
    .examples = examples,
    .settings_bytes = sizeof(run_settings),
    .operands_at = offsetof(run_settings, models),
    .common_at = offsetof(run_settings, common),
    .run = run
};
