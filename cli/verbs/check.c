/* SPDX-License-Identifier: Apache-2.0 */
/* corallite check: what the Edge TPU's compiler would make of a model, operator by operator, and why. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <corallite/corallite.h>

#include "report/check_json.h"
#include "report/check_package.h"
#include "cmd.h"
#include "models/edited.h"
#include "models/model.h"
#include "io/say.h"
#include "report/check_log.h"
#include "report/serve.h"

typedef struct check_settings {
    cli_common_settings common;
    cli_list models; /* one */
    int runtime, compiler;
    bool log, all, measure;
    const char *fix;
    bool serve;
    int port;
} check_settings;

/* What the compiler calls itself, the runtime that its results want, and its major version. */
static const struct {
    const char *version;
    int runtime, major;
} compilers[] = {
    { CLI_COMPILER_16, 14, 16 }, { "15.0.340273435", 13, 15 }, { "14.1.317412892", 13, 14 },
    { "2.1.302470888", 13, 2 },   { "2.0.267685300", 12, 2 },
};
static const cli_choice compiler_names[] = { { "16", 1 }, { "15", 2 }, { "14.1", 3 }, { "2.1", 4 }, { "2.0", 5 }, { 0 } };

static const cli_option options[] = {
    { "compiler", 0, CLI_CHOICE, offsetof(check_settings, compiler), "VERSION",
      "whose judgement is foretold: 16, 15, 14.1, 2.1 or 2.0", .preset = "16", .choices = compiler_names },
    { "runtime", 0, CLI_INT, offsetof(check_settings, runtime), "N",
      "the version of the Edge TPU runtime that has to run the result",
      .without = "what the compiler takes: 14, 13 before 16, 12 for 2.0", .min = CRL_CHECK_OLDEST_RUNTIME,
      .max = CRL_CHECK_NEWEST_RUNTIME },
    { "all", 0, CLI_FLAG, offsetof(check_settings, all), NULL,
      "list every operator, not only those that stay on the CPU" },
    { "log", 0, CLI_FLAG, offsetof(check_settings, log), NULL, "print the table as the compiler's own log has it" },
    { "fix", 0, CLI_FILE, offsetof(check_settings, fix), "OUT.tflite",
      "write the model with those changes of `corallite edit` that bring more of it to the Edge TPU, proven by equal "
      "outputs" },
    { "serve", 0, CLI_FLAG, offsetof(check_settings, serve), NULL,
      "serve a page on which a model is dropped to be checked, for this machine only" },
    { "port", 0, CLI_INT, offsetof(check_settings, port), "N", "where --serve serves; 0: a port that is free",
      .preset = "8811", .max = 65535 },
    { "measure", 0, CLI_FLAG, offsetof(check_settings, measure), NULL,
      "also run the model here, and tell how long it takes" },
    { 0 },
};
static const cli_group group = { "Checking", options };
static const cli_part parts[] = {
    { &group, 0 },
    { &cli_common_group, offsetof(check_settings, common) },
    { 0 },
};
static const char *const examples[] = {
    "corallite check model.tflite",
    "what goes to the Edge TPU, what stays on the CPU and why, memory, time",
    "corallite check --json model.tflite | jq '.ops[] | select(.mapped | not)'",
    "the operators that stay, for programs",
    "corallite check --log model.tflite > model_edgetpu.log",
    "for scripts that read the compiler's log",
    "corallite check --serve",
    "a page at http://127.0.0.1:8811/ to drop models on",
    NULL,
};

/* ---- what this machine takes ---- */

typedef struct here {
    bool known;
    double low_ms, high_ms; /* the least of the runs, and nine in ten */
} here;

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Inputs are zeros: layers of integers take the same time whatever they are. */
static here measure(const crl_model *m)
{
    enum { RUNS = 11 };
    here h = { 0 };
    crl_error err;
    crl_engine *e;
    double ms[RUNS];
    if (crl_engine_new(&e, m, NULL, &err)) {
        cli_warning("it cannot be timed here: %s", err.text);
        return h;
    }
    for (int32_t i = 0; i < crl_engine_input_count(e); i++) memset(crl_engine_input(e, i)->data, 0, crl_engine_input(e, i)->bytes);
    crl_status s = crl_engine_run(e, &err);
    for (int i = 0; i < RUNS && !s; i++) {
        const double start = cli_now_ms();
        s = crl_engine_run(e, &err);
        ms[i] = cli_now_ms() - start;
    }
    crl_engine_free(e);
    if (s) {
        cli_warning("it cannot be timed here: %s", err.text);
        return h;
    }
    qsort(ms, RUNS, sizeof *ms, ascending);
    return (here){ true, ms[0], ms[RUNS * 9 / 10] };
}

static void print_log(const crl_model *m, const crl_check *c, const char *name, const char *version)
{
    char *result = cli_compiled_name(name);
    cli_check_log(stdout, m, c, name, result, version);
    free(result);
}

/* ---- text ---- */

static const char *const kinds[] = { "8-bit", "float", "dynamic range (8-bit weights, float activations)", "16-bit float weights",
                                     "16-bit activations", "compiled for the Edge TPU" };

static void print_requirements(const crl_check *c)
{
    puts("\nRequirements");
    cli_table table;
    cli_table_init(&table, "lll", 2);
    for (int32_t i = 0; i < c->n_requirements; i++)
        cli_table_row(&table, c->requirements[i].name, c->requirements[i].met ? "yes" : "no", c->requirements[i].finding);
    cli_table_print(&table, stdout);
}

/* One operator: what the compiler says, then why, then the cure. */
static void print_op(const crl_operator *op, const crl_check_op *c, int32_t i)
{
    char *name = cli_clean(op->name, CLI_FOR_TERMINAL), *text = cli_clean(c->reason ? c->reason : "", CLI_FOR_TERMINAL);
    printf("  op %d %s: %s\n      why   %s\n", i, name, crl_mapping_text(c->mapping), text);
    if (c->cure) printf("      cure  %s\n", c->cure);
    free(name);
    free(text);
}

/* "12-20, 25", of those that are marked, and how many they are. */
static char *ranges_text(const bool *marked, int32_t count, int *n)
{
    char *text = cli_format("%s", "");
    *n = 0;
    for (int32_t k = 0; k < count; k++) {
        if (!marked[k]) continue;
        const int32_t from = k;
        while (k + 1 < count && marked[k + 1]) k++;
        *n += k - from + 1;
        char *longer = from == k ? cli_format("%s%s%d", text, *text ? ", " : "", from)
                                 : cli_format("%s%s%d-%d", text, *text ? ", " : "", from, k);
        free(text);
        text = longer;
    }
    return text;
}

/* Writes "with 20 operators behind it: op 5-24" of those that are marked; nothing where none are. */
static void print_marked(const bool *marked, int32_t count, const char *before, const char *after)
{
    int n;
    char *list = ranges_text(marked, count, &n);
    if (n) printf("      %s  %d operator%s %s: op %s\n", before, n, n == 1 ? "" : "s", after, list);
    free(list);
}

static bool same_words(const char *a, const char *b)
{
    return !a || !b ? a == b : !strcmp(a, b);
}

/* Both stay by themselves, and for the same reason. */
static bool is_alike(const crl_check_op *a, const crl_check_op *b)
{
    return a->mapping == b->mapping && same_words(a->reason, b->reason) && same_words(a->cure, b->cure);
}

static bool is_behind(const crl_check *c, int32_t i)
{
    return c->ops[i].behind >= 0 && c->ops[i].behind != i;
}

/* Operators that keep something off by themselves, how many lie behind each, and how many follow that are alike; with --all each of them, and those
 * behind, too. */
static void print_cpu_ops(const crl_model *m, const crl_check *c, bool all)
{
    bool *followed = cli_alloc((size_t)c->n_ops + 1, sizeof *followed), *marked = cli_alloc((size_t)c->n_ops + 1, sizeof *marked);
    for (int32_t i = 0; i < c->n_ops; i++)
        if (is_behind(c, i)) followed[c->ops[i].behind] = true;
    puts("\nOn the CPU");
    for (int32_t i = 0, next; i < c->n_ops; i = next) {
        next = i + 1;
        if (!c->ops[i].mapping || (is_behind(c, i) && !all)) continue;
        print_op(&m->subgraphs[0].operators[i], &c->ops[i], i);
        while (!all && !followed[i] && next < c->n_ops && !followed[next] && !is_behind(c, next) && is_alike(&c->ops[i], &c->ops[next])) next++;
        if (!followed[i] && next == i + 1) continue;
        for (int32_t k = 0; k < c->n_ops; k++) marked[k] = followed[i] ? k != i && c->ops[k].behind == i : k > i && k < next;
        print_marked(marked, c->n_ops, followed[i] ? "with" : "also", followed[i] ? "behind it" : "after it");
    }
    free(followed);
    free(marked);
}

static void print_all_ops(const crl_model *m, const crl_check *c)
{
    const crl_subgraph *g = &m->subgraphs[0];
    puts("\nOperators");
    cli_table table;
    cli_table_init(&table, "rlllrl", 2);
    for (int32_t i = 0; i < c->n_ops; i++) {
        const crl_check_op *op = &c->ops[i];
        char *number = cli_format("%d", i), size[32] = "", shape[CRL_SHAPE_TEXT] = "";
        if (g->operators[i].n_outputs) crl_shape_text(&g->tensors[g->operators[i].outputs[0]].shape, shape, sizeof shape);
        if (op->parameter_bytes) cli_bytes_text((double)op->parameter_bytes, size);
        cli_table_row(&table, number, g->operators[i].name, op->mapping ? "CPU" : "TPU", shape, size,
                      op->mapping ? crl_mapping_text(op->mapping) : op->streamed ? "streamed" : "");
        free(number);
    }
    cli_table_print(&table, stdout);
}

static void print_memory(const crl_check *c)
{
    char a[32], b[32];
    puts("\nMemory of the Edge TPU");
    cli_table table;
    cli_table_init(&table, "lrl", 2);
    cli_table_row(&table, "parameters, cached", cli_bytes_text((double)c->cached_bytes, a), c->near_limit ? "near the limit: may be less" : "");
    cli_table_row(&table, "parameters, streamed", cli_bytes_text((double)c->streamed_bytes, a), c->streamed_bytes ? "sent again for every run" : "");
    char *limit = cli_format("of %s on each of 16 tiles%s", cli_bytes_text((double)c->tile_limit, b),
                             c->tile_bytes > c->tile_limit ? ": the compiler works in pieces, or fails" : "");
    cli_table_row(&table, "activations, at most", cli_bytes_text((double)c->tile_bytes, a), limit);
    free(limit);
    cli_table_print(&table, stdout);
}

static void print_latency(const crl_check *c, const here *h)
{
    if (!c->n_latency && !h->known) return;
    puts("\nTime of a run, without what stays on the CPU");
    cli_table table;
    cli_table_init(&table, "lrl", 2);
    for (int32_t i = 0; i < c->n_latency; i++) {
        const crl_check_latency *l = &c->latency[i];
        char *range = cli_format("%.1f to %.1f ms", l->low_ms, l->high_ms);
        cli_table_row(&table, l->host, range, l->description);
        free(range);
    }
    if (h->known) {
        char *range = cli_format("%.1f to %.1f ms", h->low_ms, h->high_ms);
        cli_table_row(&table, "cpu", range, "this machine, measured: the whole model");
        free(range);
    }
    cli_table_print(&table, stdout);
}

static void print_text(const crl_model *m, const crl_check *c, const char *name, const check_settings *settings, const here *h)
{
    char *clean = cli_clean(name, CLI_FOR_TERMINAL), *advice = c->advice ? cli_clean(c->advice, CLI_FOR_TERMINAL) : NULL;
    printf("%s: %s, %d of %d operators go to the Edge TPU\n", clean, kinds[c->kind], c->n_mapped, c->n_ops);
    char work[32];
    if (c->macs)
        printf("  %.1f%% of the work, which is %s multiply-accumulates\n", 100 * (double)c->mapped_macs / (double)c->macs,
               cli_count_text((double)c->macs, work));
    if (advice) printf("  first: %s\n", advice);
    free(clean);
    free(advice);
    print_requirements(c);
    if (settings->all) print_all_ops(m, c);
    if (c->n_mapped < c->n_ops) print_cpu_ops(m, c, settings->all);
    if (c->n_mapped && c->kind != CRL_CHECK_COMPILED) print_memory(c);
    print_latency(c, h);
}

static void print_json(const crl_model *m, const crl_check *c, const char *name, const here *h)
{
    json_t *o = cli_check_json(m, c, name);
    if (h->known) json_object_set_new(json_object_get(o, "latency_ms"), "cpu", cli_range_json(h->low_ms, h->high_ms));
    cli_json_print(o, stdout);
    putchar('\n');
}

/* ---- changes that help ---- */

static crl_check_options asked_for(const check_settings *settings)
{
    const int k = settings->compiler - 1;
    return (crl_check_options){ .runtime = settings->runtime ? settings->runtime : compilers[k].runtime, .compiler = compilers[k].major };
}

/* Operators that stay on the CPU; -1 after a failure. */
static int left(const crl_model *m, const check_settings *settings)
{
    crl_check *c;
    crl_error err;
    const crl_check_options asked = asked_for(settings);
    if (crl_check_new(&c, m, &asked, &err)) return -1;
    const int n = c->n_ops - c->n_mapped;
    crl_check_free(c);
    return n;
}

/* Whether an input has a batch that is open, or more than one. */
static bool wants_batch(const crl_model *m)
{
    const crl_subgraph *g = &m->subgraphs[0];
    for (int32_t i = 0; i < g->n_inputs; i++) {
        const crl_tensor_def *t = &g->tensors[g->inputs[i]];
        if (t->shape.rank > 1 && (t->shape.dim[0] > 1 || t->shape_signature.dim[0] < 0)) return true;
    }
    return false;
}

static bool can_fold(const crl_model *m)
{
    uint8_t *bytes;
    size_t size;
    int32_t changed;
    if (crl_edit_8bit_io(m, &changed, &bytes, &size, NULL)) return false;
    free(bytes);
    return true;
}

static int fix(const check_settings *settings, const char *name)
{
    cli_edited w;
    int code = cli_edited_begin(&w, name, settings->fix);
    const int before = code ? 0 : left(w.model, settings);
    if (!code && wants_batch(w.model)) code = cli_edited_batch(&w, 1);
    if (!code && can_fold(w.model)) code = cli_edited_8bit_io(&w);
    if (!code && !*w.changes) {
        cli_error("no change that corallite edit has brings more of %s to the Edge TPU", name);
        code = CLI_FAILED;
    }
    if (!code) {
        cli_note("%d operators stay on the CPU, %d did", left(w.model, settings), before);
        code = cli_edited_write(&w, settings->common.json);
    }
    cli_edited_end(&w);
    return code;
}

static int check(const void *given)
{
    const check_settings *settings = given;
    if (settings->serve) return cli_serve(settings->port, NULL, NULL);
    if (!settings->models.n) {
        cli_error("no model given; name one, or give --serve");
        return CLI_USAGE;
    }
    const char *name = settings->models.items[0];
    const crl_check_options asked = asked_for(settings);
    crl_model *m;
    crl_check *c;
    crl_error err;
    if (settings->fix && settings->models.n > 1) {
        cli_error("--fix: %d models; one is expected", settings->models.n);
        return CLI_USAGE;
    }
    if (settings->fix) return fix(settings, name);
    if (crl_model_open_file(&m, name, &err)) return cli_failed(&err);
    if (crl_find_compiled(m, 0) >= 0) {
        const int compiled = cli_check_packages(m, &settings->models, settings->common.json);
        crl_model_close(m);
        return compiled;
    }
    if (settings->models.n > 1) {
        cli_error("%s: it is not compiled; models are checked together only where all are", name);
        crl_model_close(m);
        return CLI_USAGE;
    }
    if (crl_check_new(&c, m, &asked, &err)) {
        crl_model_close(m);
        return cli_failed(&err);
    }
    const here h = settings->measure ? measure(m) : (here){ 0 };
    if (settings->common.json)
        print_json(m, c, name, &h);
    else if (settings->log)
        print_log(m, c, name, compilers[settings->compiler - 1].version);
    else
        print_text(m, c, name, settings, &h);
    const int code = !c->n_mapped ? CLI_FAILED : c->n_mapped < c->n_ops ? CLI_PARTLY : CLI_DONE;
    crl_check_free(c);
    crl_model_close(m);
    return code;
}

const cli_verb cli_check = {
    .name = "check",
    .summary = "what the Edge TPU's compiler would make of a model, and why",
    .operand = "MODEL",
    .operands_name_models = true,
    .min_operands = 0,
    .max_operands = -1,
    .about = "Judges a model before it is compiled, operator by operator: whether it goes to the Edge TPU, or stays on the CPU and why, with "
             "the cure. Tells the memory that it takes there and about how long a run takes, for several hosts.\n"
             "Of models that are compiled already it tells what is wrong with their programs, and, of several, whether they leave each "
             "other's cached parameters alone.\n"
             "Exit status: 0 when every operator goes to the Edge TPU, 4 when a part stays on the CPU, 1 when nothing can be mapped.",
    .json = "{\"model\", \"kind\", \"mapped\", \"advice\", \"first_cpu\", \"requirements\": [{\"name\", \"met\", \"finding\"}], "
            "\"ops\": [{\"index\", \"op\", \"mapped\", \"status\", \"reason\", \"cure\", \"parameter_bytes\", \"streamed\", \"tile_bytes\", "
            "\"macs\"}], \"parameter_bytes\", \"cached_bytes\", \"streamed_bytes\", \"near_limit\", \"tile_bytes\", \"tile_limit\", "
            "\"inputs\", \"outputs\": [{\"tensor\", \"name\", \"y\", \"x\", \"z\", \"size_bytes\"}], \"latency_ms\": {host: {\"low\", "
            "\"high\"}}}; status is in the compiler's words, null stands for no reason and no cure",
    .parts = parts,
    .examples = examples,
    .settings_bytes = sizeof(check_settings),
    .operands_at = offsetof(check_settings, models),
    .common_at = offsetof(check_settings, common),
    .run = check
};
