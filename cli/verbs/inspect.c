/* SPDX-License-Identifier: Apache-2.0 */
/* corallite inspect: what is in a model file, whether or not it can be run here. */
#include <stdlib.h>
#include <string.h>

#include <corallite/corallite.h>

#include "cmd.h"
#include "report/graph_page.h"
#include "report/groups.h"
#include "report/inspected.h"
#include "io/json.h"
#include "io/outputs.h"
#include "report/package.h"
#include "models/profile.h"
#include "io/say.h"

typedef struct inspect_settings {
    cli_common_settings common;
    cli_list models;
    bool instructions, whole;
    const char *twin;
    const char *html;
    bool profile;
} inspect_settings;

static const cli_option page_options[] = {
    { "html", 0, CLI_FILE, offsetof(inspect_settings, html), "OUT.html",
      "write the graph as a page for a browser: operators, tensors, weights, memory, what the Edge TPU takes" },
    { "profile", 'p', CLI_FLAG, offsetof(inspect_settings, profile), NULL, "with the time of each operator on the page" },
    { 0 },
};
static const cli_group page_group = { "A page", page_options };

static const cli_option compiled_options[] = {
    { "instructions", 0, CLI_FLAG, offsetof(inspect_settings, instructions), NULL,
      "show the programs instead, one instruction a line, and how many there are of each kind" },
    { "whole", 0, CLI_FLAG, offsetof(inspect_settings, whole), NULL, "with every bit, so that the same words can be made of it" },
    { "twin", 0, CLI_MODEL, offsetof(inspect_settings, twin), "FILE", "the model that it was compiled from: instructions are given their operators" },
    { 0 },
};
static const cli_group compiled_group = { "Models compiled for the Edge TPU", compiled_options };

static const cli_part parts[] = {
    { &page_group, 0 },
    { &compiled_group, 0 },
    { &cli_common_group, offsetof(inspect_settings, common) },
    { 0 },
};
static const char *const examples[] = {
    "corallite inspect model.tflite",
    "inputs, outputs, operators, sizes",
    "corallite inspect --json model.tflite | jq .operator_counts",
    "every tensor and option, for programs",
    "corallite inspect --html model.html --profile model.tflite",
    "the graph, to look at in a browser",
    "corallite inspect --instructions model_edgetpu.tflite",
    "what the Edge TPU executes",
    "corallite inspect part_*_edgetpu.tflite",
    "which belong together, and in which order segments run",
    NULL,
};

/* What the whole file amounts to. */
typedef struct totals {
    size_t weight_bytes;
    crl_engine *engine;   /* NULL where it cannot be run */
    crl_engine_info info; /* where it can */
    crl_error reason;     /* where it cannot */
} totals;

/* Operators of one name. */
typedef struct tally {
    const char *name;
    int n;
} tally;

static size_t weight_bytes(const crl_model *m)
{
    size_t sum = 0;
    bool *seen = cli_alloc((size_t)m->n_buffers, sizeof *seen); /* tensors may share a buffer */
    for (int32_t g = 0; g < m->n_subgraphs; g++)
        for (int32_t i = 0; i < m->subgraphs[g].n_tensors; i++) {
            const crl_tensor_def *t = &m->subgraphs[g].tensors[i];
            if (!t->data || (t->buffer < m->n_buffers && seen[t->buffer])) continue;
            if (t->buffer < m->n_buffers) seen[t->buffer] = true;
            sum += t->bytes;
        }
    free(seen);
    return sum;
}

/* Preparing tells the size of a run. The reference backend refuses nothing that another would take. */
static totals add_up(const crl_model *m)
{
    totals t = { .weight_bytes = weight_bytes(m) };
    const crl_engine_options options = { .backend = CRL_BACKEND_REFERENCE, .threads = 1 };
    if (!crl_engine_new(&t.engine, m, &options, &t.reason)) t.info = crl_engine_describe(t.engine);
    return t;
}

static int most_first(const void *a, const void *b)
{
    const tally *x = a, *y = b;
    return x->n != y->n ? (x->n < y->n) - (x->n > y->n) : strcmp(x->name, y->name);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* How often each operator occurs, the most frequent first. Release with free(). */
static tally *count_operators(const crl_model *m, int *n)
{
    int total = 0;
    for (int32_t g = 0; g < m->n_subgraphs; g++) total += m->subgraphs[g].n_operators;
    const char **names = cli_alloc((size_t)total, sizeof *names);
    tally *counts = cli_alloc((size_t)total, sizeof *counts);
    for (int32_t g = 0, k = 0; g < m->n_subgraphs; g++)
        for (int32_t i = 0; i < m->subgraphs[g].n_operators; i++) names[k++] = m->subgraphs[g].operators[i].name;
    qsort(names, (size_t)total, sizeof *names, by_name);
    *n = 0;
    for (int i = 0; i < total; i++) {
        if (!*n || strcmp(counts[*n - 1].name, names[i])) counts[(*n)++].name = names[i];
        counts[*n - 1].n++;
    }
    free(names);
    qsort(counts, (size_t)*n, sizeof *counts, most_first);
    return counts;
}

static const char *tensor_name(const crl_tensor_def *t)
{
    return t->name && *t->name ? t->name : "(no name)";
}

/* ---- text ---- */

static char *type_text(crl_type type, const crl_shape *shape)
{
    char text[CRL_SHAPE_TEXT];
    return cli_format("%s %s", crl_type_name(type), crl_shape_text(shape, text, sizeof text));
}

static char *quant_text(const crl_quant *q)
{
    if (!q->n) return cli_format("%s", "");
    if (q->n > 1) return cli_format("%d scales along dimension %d", q->n, q->axis);
    if (!q->zero_point[0]) return cli_format("%g * q", (double)q->scale[0]);
    return cli_format("%g * (q %c %lld)", (double)q->scale[0], q->zero_point[0] < 0 ? '+' : '-',
                      llabs((long long)q->zero_point[0]));
}

static char *open_text(const crl_tensor_def *t)
{
    char shape[CRL_SHAPE_TEXT];
    if (crl_shape_equal(&t->shape, &t->shape_signature)) return cli_format("%s", "");
    return cli_format("any size at -1 of %s", crl_shape_text(&t->shape_signature, shape, sizeof shape));
}

/* Inputs or outputs. `engine` is there for outputs only, and may be NULL: files often leave their shapes
 * out, preparing finds them. */
static void print_ends(const char *title, const crl_subgraph *g, const int32_t *ends, int32_t n,
                       const crl_engine *engine)
{
    printf("\n%s\n", title);
    cli_table table;
    cli_table_init(&table, "rllll", 2);
    for (int32_t i = 0; i < n; i++) {
        const crl_tensor_def *t = &g->tensors[ends[i]];
        const crl_tensor *out = engine ? crl_engine_output(engine, i) : NULL;
        const bool late = out && out->flags & CRL_TENSOR_DYNAMIC;
        char *number = cli_format("%d", i), *quant = quant_text(&t->quant);
        char *open = late ? cli_format("a size that each run finds") : open_text(t);
        char *type = type_text(t->type, out ? &out->shape : &t->shape);
        cli_table_row(&table, number, tensor_name(t), type, quant, open);
        free(number);
        free(type);
        free(quant);
        free(open);
    }
    if (!n) puts("  none");
    cli_table_print(&table, stdout);
}

/* What an option of this value would say is what a reader takes for granted. */
static bool is_plain(const crl_option *o)
{
    static const char *const ones[] = { "stride_w", "stride_h", "dilation_w_factor", "dilation_h_factor",
                                        "depth_multiplier" };
    int64_t usual = 0;
    for (size_t i = 0; i < sizeof ones / sizeof *ones; i++)
        if (!strcmp(o->name, ones[i])) usual = 1;
    switch (o->kind) {
    case CRL_OPTION_BOOL:
        return !o->i || !strcmp(o->name, "pot_scale_int16"); /* the default, of no effect but for int16 */
    case CRL_OPTION_INT:
        if (!strcmp(o->name, "quantized_bias_type")) return !o->i;
        return o->text ? !strcmp(o->text, "NONE") || !strcmp(o->text, "DEFAULT") : o->i == usual;
    case CRL_OPTION_FLOAT: return o->f == 0;
    case CRL_OPTION_TEXT: return !o->text || !*o->text;
    case CRL_OPTION_INTS:
    case CRL_OPTION_FLOATS: return !o->n;
    }
    return false;
}

/* Puts ", " and a piece behind a text, and releases the piece. */
static void append(char **text, char *piece)
{
    char *longer = cli_format("%s%s%s", *text, **text ? ", " : "", piece);
    free(*text);
    free(piece);
    *text = longer;
}

static char *option_text(const crl_option *o)
{
    enum { SHOWN = 8 }; /* of a list */
    switch (o->kind) {
    case CRL_OPTION_BOOL: return cli_format("%s", o->name);
    case CRL_OPTION_INT: return o->text ? cli_format("%s", o->text) : cli_format("%s %lld", o->name, (long long)o->i);
    case CRL_OPTION_FLOAT: return cli_format("%s %g", o->name, (double)o->f);
    case CRL_OPTION_TEXT: return cli_format("%s \"%s\"", o->name, o->text);
    case CRL_OPTION_INTS:
    case CRL_OPTION_FLOATS: break;
    }
    char *list = cli_format("%s", "");
    for (int32_t i = 0; i < o->n && i < SHOWN; i++)
        append(&list, o->kind == CRL_OPTION_INTS ? cli_format("%d", o->v[i]) : cli_format("%g", (double)o->fv[i]));
    char *text = cli_format("%s [%s%s]", o->name, list, o->n > SHOWN ? ", ..." : "");
    free(list);
    return text;
}

static char *options_text(const crl_operator *op)
{
    char *text = cli_format("%s", ""), size[32];
    for (int32_t i = 0; i < op->n_options; i++)
        if (!is_plain(&op->options[i])) append(&text, option_text(&op->options[i]));
    if (op->custom_bytes && !op->n_options)
        append(&text, cli_format("%s of its own options", cli_bytes_text((double)op->custom_bytes, size)));
    return text;
}

static void print_operators(const crl_subgraph *g)
{
    printf("\nOperators (%d)\n", g->n_operators);
    cli_table table;
    cli_table_init(&table, "rllrl", 2);
    for (int32_t i = 0; i < g->n_operators; i++) {
        const crl_operator *op = &g->operators[i];
        size_t constant = 0;
        for (int32_t k = 0; k < op->n_inputs; k++)
            if (op->inputs[k] >= 0) constant += g->tensors[op->inputs[k]].data ? g->tensors[op->inputs[k]].bytes : 0;
        char size[32] = "";
        if (constant) cli_bytes_text((double)constant, size);
        char *number = cli_format("%d", i), *options = options_text(op);
        const crl_tensor_def *out = op->n_outputs ? &g->tensors[op->outputs[0]] : NULL;
        char *type = out ? type_text(out->type, &out->shape) : cli_format("%s", "");
        cli_table_row(&table, number, op->name, type, size, options);
        free(number);
        free(options);
        free(type);
    }
    cli_table_print(&table, stdout);
}

static void print_signatures(const crl_model *m)
{
    cli_table table;
    cli_table_init(&table, "lll", 2);
    if (m->n_signatures) puts("\nSignatures");
    for (int32_t i = 0; i < m->n_signatures; i++) {
        const crl_signature *s = &m->signatures[i];
        const crl_tensor_def *tensors = m->subgraphs[s->subgraph].tensors;
        for (int32_t k = 0; k < s->n_inputs; k++) {
            char *end = cli_format("input %s", s->input_names[k]);
            cli_table_row(&table, k ? "" : s->key, end, tensor_name(&tensors[s->inputs[k]]));
            free(end);
        }
        for (int32_t k = 0; k < s->n_outputs; k++) {
            char *end = cli_format("output %s", s->output_names[k]);
            cli_table_row(&table, k || s->n_inputs ? "" : s->key, end, tensor_name(&tensors[s->outputs[k]]));
            free(end);
        }
    }
    cli_table_print(&table, stdout);
}

static void print_totals(const crl_model *m, const totals *t)
{
    char a[32];
    int n;
    tally *counts = count_operators(m, &n);
    char *operators = cli_format("%s", "");
    for (int i = 0; i < n; i++) append(&operators, cli_format("%d %s", counts[i].n, counts[i].name));
    puts("\nTotals");
    cli_table table;
    cli_table_init(&table, "ll", 2);
    cli_table_row(&table, "operators", operators);
    cli_table_row(&table, "weights", cli_bytes_text((double)t->weight_bytes, a));
    if (t->engine && t->info.macs) {
        char *work = cli_format("%s multiply-accumulates a run", cli_count_text((double)t->info.macs, a));
        cli_table_row(&table, "work", work);
        free(work);
    }
    if (t->engine) cli_table_row(&table, "memory", cli_bytes_text((double)(t->info.arena_bytes + t->info.io_bytes), a));
    cli_table_print(&table, stdout);
    free(operators);
    free(counts);
}

static void print_text(const crl_model *m, const char *name, const totals *t)
{
    char a[32];
    char *clean = cli_clean(name, CLI_FOR_TERMINAL);
    printf("%s: TensorFlow Lite model, %s, schema version %d\n", clean, cli_bytes_text((double)m->size, a), m->version);
    free(clean);
    if (m->description && *m->description) {
        clean = cli_clean(m->description, CLI_FOR_TERMINAL);
        printf("  \"%s\"\n", clean);
        free(clean);
    }
    for (int32_t i = 0; i < m->n_subgraphs; i++) {
        const crl_subgraph *g = &m->subgraphs[i];
        if (m->n_subgraphs > 1) {
            clean = cli_clean(g->name && *g->name ? g->name : "(no name)", CLI_FOR_TERMINAL);
            printf("\nSubgraph %d: %s\n", i, clean);
            free(clean);
        }
        print_ends("Inputs", g, g->inputs, g->n_inputs, NULL);
        print_ends("Outputs", g, g->outputs, g->n_outputs, i == 0 ? t->engine : NULL);
        print_operators(g);
    }
    print_signatures(m);
    cli_table table;
    cli_table_init(&table, "lr", 2);
    if (m->n_metadata) puts("\nMetadata");
    for (int32_t i = 0; i < m->n_metadata; i++)
        cli_table_row(&table, m->metadata[i].name, cli_bytes_text((double)m->metadata[i].bytes, a));
    cli_table_print(&table, stdout);
    const bool twin = cli_packages_print(m, name);
    print_totals(m, t);
    if (t->engine) return;
    if (twin) {
        puts("\nWithout an Edge TPU the model that it was made from runs in its place");
        return;
    }
    clean = cli_clean(t->reason.text, CLI_FOR_TERMINAL);
    printf("\nIt cannot be run here: %s\n", clean);
    free(clean);
}

/* ---- JSON ---- */

static json_t *quant_json(const crl_quant *q)
{
    if (!q->n) return json_null();
    json_t *o = json_object();
    json_object_set_new(o, "scale", cli_json_floats(q->scale, (size_t)q->n));
    json_object_set_new(o, "zero_point", cli_json_ints(q->zero_point, q->n));
    json_object_set_new(o, "axis", json_integer(q->axis));
    return o;
}

static json_t *tensor_json(const crl_tensor_def *t, int32_t index)
{
    json_t *o = json_object();
    json_object_set_new(o, "index", json_integer(index));
    json_object_set_new(o, "name", cli_json_text(t->name));
    json_object_set_new(o, "type", json_string(crl_type_name(t->type)));
    json_object_set_new(o, "shape", cli_json_shape(&t->shape));
    json_object_set_new(o, "shape_signature", cli_json_shape(&t->shape_signature));
    json_object_set_new(o, "quantization", quant_json(&t->quant));
    json_object_set_new(o, "constant_bytes", json_integer(t->data ? (json_int_t)t->bytes : 0));
    json_object_set_new(o, "variable", json_boolean(t->is_variable));
    return o;
}

static json_t *option_json(const crl_option *o)
{
    switch (o->kind) {
    case CRL_OPTION_BOOL: return json_boolean(o->i);
    case CRL_OPTION_INT: return o->text ? cli_json_text(o->text) : json_integer(o->i);
    case CRL_OPTION_FLOAT: return cli_json_float(o->f);
    case CRL_OPTION_TEXT: return cli_json_text(o->text);
    case CRL_OPTION_INTS: return cli_json_ints(o->v, o->n);
    case CRL_OPTION_FLOATS: return cli_json_floats(o->fv, (size_t)o->n);
    }
    return json_null();
}

static json_t *operator_json(const crl_operator *op, int32_t index)
{
    json_t *o = json_object(), *options = json_object();
    for (int32_t i = 0; i < op->n_options; i++)
        json_object_set_new(options, op->options[i].name, option_json(&op->options[i]));
    json_object_set_new(o, "index", json_integer(index));
    json_object_set_new(o, "name", cli_json_text(op->name));
    json_object_set_new(o, "custom", json_boolean(op->code == CRL_CUSTOM));
    json_object_set_new(o, "version", json_integer(op->version));
    json_object_set_new(o, "inputs", cli_json_ints(op->inputs, op->n_inputs));
    json_object_set_new(o, "outputs", cli_json_ints(op->outputs, op->n_outputs));
    json_object_set_new(o, "options", options);
    json_object_set_new(o, "custom_bytes", json_integer((json_int_t)op->custom_bytes));
    return o;
}

static json_t *subgraph_json(const crl_subgraph *g)
{
    json_t *o = json_object(), *tensors = json_array(), *operators = json_array();
    for (int32_t i = 0; i < g->n_tensors; i++) json_array_append_new(tensors, tensor_json(&g->tensors[i], i));
    for (int32_t i = 0; i < g->n_operators; i++) json_array_append_new(operators, operator_json(&g->operators[i], i));
    json_object_set_new(o, "name", cli_json_text(g->name));
    json_object_set_new(o, "inputs", cli_json_ints(g->inputs, g->n_inputs));
    json_object_set_new(o, "outputs", cli_json_ints(g->outputs, g->n_outputs));
    json_object_set_new(o, "tensors", tensors);
    json_object_set_new(o, "operators", operators);
    return o;
}

static json_t *named_tensors_json(const char *const *names, const int32_t *tensors, int32_t n)
{
    json_t *o = json_object();
    for (int32_t i = 0; i < n; i++) {
        char *clean = cli_clean(names[i], CLI_FOR_JSON);
        json_object_set_new(o, clean, json_integer(tensors[i]));
        free(clean);
    }
    return o;
}

static json_t *signature_json(const crl_signature *s)
{
    json_t *o = json_object();
    json_object_set_new(o, "key", cli_json_text(s->key));
    json_object_set_new(o, "subgraph", json_integer(s->subgraph));
    json_object_set_new(o, "inputs", named_tensors_json(s->input_names, s->inputs, s->n_inputs));
    json_object_set_new(o, "outputs", named_tensors_json(s->output_names, s->outputs, s->n_outputs));
    return o;
}

static json_t *model_json(const crl_model *m, const char *name, const totals *t)
{
    json_t *o = json_object(), *subgraphs = json_array(), *signatures = json_array(), *metadata = json_array();
    for (int32_t i = 0; i < m->n_subgraphs; i++) json_array_append_new(subgraphs, subgraph_json(&m->subgraphs[i]));
    for (int32_t i = 0; i < m->n_signatures; i++) json_array_append_new(signatures, signature_json(&m->signatures[i]));
    for (int32_t i = 0; i < m->n_metadata; i++) {
        json_t *entry = json_object();
        json_object_set_new(entry, "name", cli_json_text(m->metadata[i].name));
        json_object_set_new(entry, "bytes", json_integer((json_int_t)m->metadata[i].bytes));
        json_array_append_new(metadata, entry);
    }
    int n;
    tally *counts = count_operators(m, &n);
    json_t *operators = json_object();
    for (int i = 0; i < n; i++) {
        char *clean = cli_clean(counts[i].name, CLI_FOR_JSON);
        json_object_set_new(operators, clean, json_integer(counts[i].n));
        free(clean);
    }
    free(counts);
    json_object_set_new(o, "model", cli_json_text(name));
    json_object_set_new(o, "bytes", json_integer((json_int_t)m->size));
    json_object_set_new(o, "version", json_integer(m->version));
    json_object_set_new(o, "description", cli_json_text(m->description));
    json_object_set_new(o, "operator_counts", operators);
    json_object_set_new(o, "weight_bytes", json_integer((json_int_t)t->weight_bytes));
    json_object_set_new(o, "runnable", json_boolean(t->engine != NULL));
    json_object_set_new(o, "reason", t->engine ? json_null() : cli_json_text(t->reason.text));
    json_object_set_new(o, "macs", t->engine ? json_integer((json_int_t)t->info.macs) : json_null());
    json_object_set_new(o, "arena_bytes", t->engine ? json_integer((json_int_t)t->info.arena_bytes) : json_null());
    json_object_set_new(o, "signatures", signatures);
    json_object_set_new(o, "metadata", metadata);
    json_object_set_new(o, "subgraphs", subgraphs);
    json_object_set_new(o, "packages", cli_packages_json(m, name));
    return o;
}

json_t *cli_inspected_json(const crl_model *m, const char *name)
{
    const totals t = add_up(m);
    json_t *o = model_json(m, name, &t);
    crl_engine_free(t.engine);
    return o;
}

static void print_json(const crl_model *m, const char *name, const totals *t)
{
    cli_json_print(model_json(m, name, t), stdout);
    putchar('\n');
}

/* ---- the page ---- */

/* Rows of some runs on zeros; NULL after saying why there are none. */
static json_t *profiled(const crl_model *m)
{
    enum { RUNS = 10 };
    crl_engine *e;
    crl_error err;
    if (crl_engine_new(&e, m, NULL, &err)) {
        cli_warning("no profile: %s", err.text);
        return NULL;
    }
    for (int32_t i = 0; i < crl_engine_input_count(e); i++) memset(crl_engine_input(e, i)->data, 0, crl_engine_input(e, i)->bytes);
    crl_status s = crl_engine_run(e, &err);
    crl_engine_profile(e, true);
    for (int i = 0; i < RUNS && !s; i++) s = crl_engine_run(e, &err);
    if (s) cli_warning("no profile: %s", err.text);
    json_t *rows = s ? NULL : cli_profile_json(e, cli_profile_whole(e));
    crl_engine_free(e);
    return rows;
}

/* ---- the verb ---- */

static int show_instructions(const crl_model *model, const inspect_settings *settings)
{
    crl_model *twin = NULL;
    crl_error err;
    int code = settings->twin && crl_model_open_file(&twin, settings->twin, &err) ? cli_failed(&err) : CLI_DONE;
    if (!code) code = cli_instructions_print(model, twin, settings->whole);
    crl_model_close(twin);
    return code;
}

static int inspect_one(const inspect_settings *settings, const char *name)
{
    crl_model *model;
    crl_error err;
    if (crl_model_open_file(&model, name, &err)) return cli_failed(&err);
    if (settings->instructions || settings->whole) {
        const int shown = show_instructions(model, settings);
        crl_model_close(model);
        return shown;
    }
    const totals t = add_up(model);
    int code = CLI_DONE;
    cli_outputs outputs = { 0 };
    cli_outputs_protect(&outputs, name);
    if (settings->html) code = cli_outputs_plan(&outputs, "html", settings->html);
    cli_outputs_release(&outputs);
    if (settings->html && !code)
        code = cli_graph_page(settings->html, model, name, model_json(model, name, &t), settings->profile ? profiled(model) : NULL);
    else if (!settings->html && settings->common.json)
        print_json(model, name, &t);
    else if (!settings->html)
        print_text(model, name, &t);
    crl_engine_free(t.engine);
    crl_model_close(model);
    return code;
}

/* The models one after the other, then which of them belong together. What cannot be opened is said, and the others are shown. */
static int inspect_several(const inspect_settings *settings)
{
    const int n = settings->models.n;
    crl_model **models = cli_alloc((size_t)n, sizeof *models);
    crl_package **packages = cli_alloc((size_t)n, sizeof *packages);
    cli_grouped *all = cli_alloc((size_t)n, sizeof *all);
    json_t *list = json_array();
    int code = CLI_DONE, shown = 0;
    for (int i = 0; i < n; i++) {
        crl_error err;
        const char *name = settings->models.items[i];
        all[i].name = name;
        if (crl_model_open_file(&models[i], name, &err)) {
            code = cli_failed(&err);
            continue;
        }
        const int32_t op = crl_find_compiled(models[i], 0);
        if (op >= 0 && !crl_package_open(&packages[i], models[i], op, NULL)) all[i].package = packages[i];
        const totals t = add_up(models[i]);
        if (!settings->common.json && shown++) putchar('\n');
        if (settings->common.json)
            json_array_append_new(list, model_json(models[i], name, &t));
        else
            print_text(models[i], name, &t);
        crl_engine_free(t.engine);
    }
    if (settings->common.json) {
        json_t *o = json_object();
        json_object_set(o, "models", list);
        json_object_set_new(o, "groups", cli_groups_json(all, n));
        cli_json_print(o, stdout);
        putchar('\n');
    } else {
        cli_groups_print(all, n);
    }
    for (int i = 0; i < n; i++) {
        crl_package_close(packages[i]);
        crl_model_close(models[i]);
    }
    json_decref(list);
    free(all);
    free(packages);
    free(models);
    return code;
}

static int inspect(const void *given)
{
    const inspect_settings *settings = given;
    const char *one = settings->html ? "--html" : settings->profile ? "--profile" : settings->instructions ? "--instructions"
                    : settings->whole ? "--whole" : settings->twin ? "--twin" : NULL;
    if (settings->models.n == 1) return inspect_one(settings, settings->models.items[0]);
    if (!one) return inspect_several(settings);
    cli_error("%s: %d models; one is expected", one, settings->models.n);
    return CLI_USAGE;
}

const cli_verb cli_inspect = {
    .name = "inspect",
    .summary = "show what is in a model file",
    .operand = "MODEL",
    .operands_name_models = true,
    .min_operands = 1,
    .max_operands = -1,
    .about = "Prints the inputs, outputs and operators of a model, what it weighs and what a run costs. "
             "Models that cannot be run here, compiled ones among them, are shown too, with the reason.\n"
             "Of several it also tells which of the compiled ones belong together: those compiled together, and the segments of one model.",
    .json = "{\"model\", \"bytes\", \"version\", \"description\", \"operator_counts\", \"weight_bytes\", "
            "\"runnable\", \"reason\", \"macs\", \"arena_bytes\", \"signatures\", \"metadata\", \"subgraphs\", \"packages\"}; a "
            "subgraph has \"inputs\" and \"outputs\", which are places in its \"tensors\", and \"operators\" in "
            "the order of execution. Of several models: {\"models\": [as above], \"groups\": [{\"kind\", \"token\", \"models\", "
            "\"parameters_stay\"}]}",
    .parts = parts,
    .examples = examples,
    .settings_bytes = sizeof(inspect_settings),
    .operands_at = offsetof(inspect_settings, models),
    .common_at = offsetof(inspect_settings, common),
    .run = inspect
};
