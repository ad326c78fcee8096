/* SPDX-License-Identifier: Apache-2.0 */
/* See package.h. */
#include "report/package.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <corallite/reweight.h>

#include "io/say.h"

static const char *const kinds[] = { "alone", "caching", "running" };
static const char *const bases[] = { "output", "input", "parameters", "scratch" };

static const char *type_name(crl_layer_type type)
{
    switch (type) {
    case CRL_LAYER_U8: return "UINT8";
    case CRL_LAYER_S8: return "INT8";
    case CRL_LAYER_U16: return "UINT16";
    case CRL_LAYER_S16: return "INT16";
    case CRL_LAYER_S32: return "INT32";
    case CRL_LAYER_HALF: return "FLOAT16";
    case CRL_LAYER_BFLOAT: return "BFLOAT16";
    case CRL_LAYER_SINGLE: return "FLOAT32";
    }
    return "?";
}

static size_t instruction_bytes(const crl_executable *e)
{
    size_t sum = 0;
    for (int32_t i = 0; i < e->n_chunks; i++) sum += e->chunks[i].size;
    return sum;
}

static const char *what_it_does(crl_executable_kind kind)
{
    switch (kind) {
    case CRL_EXECUTABLE_CACHING: return "brings the parameters into the chip, once";
    case CRL_EXECUTABLE_RUNNING: return "computes with what is cached";
    case CRL_EXECUTABLE_ALONE: return "does everything in each run";
    }
    return "";
}

/* ---- text ---- */

/* One row of a program's table: what it is, its direction or type, its bytes. `cell` is released. */
static void add_row(cli_table *table, const char *title, const char *a, char *cell, double bytes, const char *note)
{
    char size[32] = "";
    if (bytes >= 0) cli_bytes_text(bytes, size);
    cli_table_row(table, title, a, cell, size, note);
    free(cell);
}

static void add_layers(cli_table *table, const char *title, const crl_package_layer *layers, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        const crl_package_layer *l = &layers[i];
        char *quant = l->zero_point ? cli_format("%g * (q - %d)", (double)l->scale, l->zero_point)
                                    : cli_format("%g * q", (double)l->scale);
        add_row(table, i ? "" : title, l->name, cli_format("%s %dx%dx%d", type_name(l->type), l->y_dim, l->x_dim, l->z_dim),
                (double)l->bytes, quant);
        free(quant);
    }
}

static void add_hints(cli_table *table, const crl_executable *e)
{
    for (int32_t i = 0; i < e->n_hints; i++) {
        const crl_hint *h = &e->hints[i];
        char *what = NULL, *from = h->offset ? cli_format("from byte %zu", h->offset) : cli_format("%s", "");
        double bytes = -1;
        switch (h->kind) {
        case CRL_HINT_TRANSFER:
            what = cli_format("%s%s%s", bases[h->base], *h->name ? " " : "", h->name);
            bytes = (double)h->size;
            break;
        case CRL_HINT_CHUNK:
            what = cli_format("chunk %d of the program", h->chunk);
            bytes = (double)e->chunks[h->chunk].size;
            break;
        case CRL_HINT_INTERRUPT: what = cli_format("interrupt %d: done", h->interrupt); break;
        case CRL_HINT_FENCE: what = cli_format("fence"); break;
        }
        add_row(table, i ? "" : "transfers", h->to_host ? "from the chip" : "to the chip", what, bytes, from);
        free(from);
    }
    if (!e->deterministic) cli_table_row(table, "", "", "and others, which the chip asks for as it runs", "", "");
}

static void print_executable(const crl_executable *e)
{
    char *clean = cli_clean(e->name, CLI_FOR_TERMINAL);
    printf("  Program %s%s%s%s\n", *clean ? "\"" : "that", clean, *clean ? "\", which " : " ", what_it_does(e->kind));
    free(clean);
    cli_table table;
    cli_table_init(&table, "lllrl", 4);
    add_row(&table, "instructions", "", cli_format("%d chunk%s", e->n_chunks, e->n_chunks > 1 ? "s" : ""), (double)instruction_bytes(e), "");
    if (e->parameter_bytes) add_row(&table, "parameters", "", cli_format("%s", ""), (double)e->parameter_bytes, "");
    if (e->scratch_bytes) add_row(&table, "host memory", "", cli_format("%s", ""), (double)e->scratch_bytes, "");
    if (e->narrow_bytes) add_row(&table, "activations", "", cli_format("%s", ""), (double)e->narrow_bytes, "of each tile's 192 KiB");
    if (e->cycles) add_row(&table, "time", "", cli_format("%" PRId64 " cycles", e->cycles), -1, "as the compiler estimates");
    add_layers(&table, "inputs", e->inputs, e->n_inputs);
    add_layers(&table, "outputs", e->outputs, e->n_outputs);
    add_hints(&table, e);
    cli_table_print(&table, stdout);
}

static void print_package(const crl_package *p, int32_t op)
{
    char size[32];
    printf("\nPackage of op %d: %s for the Edge TPU, runtime %d or newer\n", op, cli_bytes_text((double)p->size, size), p->min_runtime);
    cli_table table;
    cli_table_init(&table, "ll", 4);
    char *clean = cli_clean(p->running->chip, CLI_FOR_TERMINAL);
    char *text = p->chip ? cli_format("%s, version %d", clean, p->chip) : cli_format("%s", clean);
    cli_table_row(&table, "chip", text);
    free(text);
    free(clean);
    text = cli_format("%016" PRIx64 "%s", p->running->token,
                      p->caching ? ": models with the same one were compiled together, or are segments of one" : "");
    cli_table_row(&table, "token", text);
    free(text);
    if (*p->identifier) cli_table_row(&table, "identifier", p->identifier);
    if (*p->compiler) cli_table_row(&table, "compiler", p->compiler);
    if (p->caching) cli_table_row(&table, "cached", cli_bytes_text((double)p->caching->parameter_bytes, size));
    cli_table_row(&table, "streamed", cli_bytes_text((double)p->running->parameter_bytes, size));
    cli_table_print(&table, stdout);
    for (int32_t i = 0; i < p->n_executables; i++) print_executable(&p->executables[i]);
}

static void print_rest(const crl_model *m)
{
    const crl_subgraph *g = &m->subgraphs[0];
    int32_t n = 0;
    for (int32_t i = 0; i < g->n_operators; i++) n += strcmp(g->operators[i].name, CRL_EDGETPU_OP) != 0;
    if (!n) {
        puts("\nNothing stays on the processor");
        return;
    }
    printf("\nOn the processor stay");
    for (int32_t i = 0, k = 0; i < g->n_operators; i++) {
        if (!strcmp(g->operators[i].name, CRL_EDGETPU_OP)) continue;
        char *clean = cli_clean(g->operators[i].name, CLI_FOR_TERMINAL);
        printf("%s op %d %s", k++ ? "," : "", i, clean);
        free(clean);
    }
    putchar('\n');
}

/* The model that this one was compiled from, if it lies beside it. */
static crl_model *open_twin(const crl_model *m, const char *path, char **file)
{
    crl_model *twin = NULL;
    crl_error err;
    *file = NULL;
    if (path) crl_model_open_twin(&twin, file, m, path, NULL, &err);
    return twin;
}

/* How many scales and zero points the twin has from the package, and not from its file. */
static int32_t count_followed(const crl_model *twin, const char *file)
{
    crl_model *plain;
    int32_t n = 0;
    if (crl_model_open_file(&plain, file, NULL)) return 0;
    const crl_subgraph *a = twin->subgraphs, *b = plain->subgraphs;
    for (int32_t i = 0; i < a->n_tensors && a->n_tensors == b->n_tensors; i++) {
        const crl_quant *x = &a->tensors[i].quant, *y = &b->tensors[i].quant;
        n += x->n == 1 && y->n == 1 && (x->scale[0] != y->scale[0] || x->zero_point[0] != y->zero_point[0]);
    }
    crl_model_close(plain);
    return n;
}

/* Operators that have the package's constants, and not those of their scales. */
static int32_t count_given(const crl_model *twin)
{
    int32_t n = 0;
    for (int32_t i = 0; i < twin->subgraphs[0].n_operators; i++) n += twin->subgraphs[0].operators[i].chip != NULL;
    return n;
}

static void print_twin(const crl_model *m, int32_t op, const crl_model *twin, const char *file)
{
    crl_twin_verified v;
    crl_error err;
    if (!twin) return;
    char *name = cli_clean(file, CLI_FOR_TERMINAL);
    printf("\n  made from %s: ", name);
    if (crl_twin_verify(&v, m, op, twin, &err)) {
        char *why = cli_clean(err.text, CLI_FOR_TERMINAL);
        printf("not certain, %s\n", why);
        free(why);
    } else if (!v.layers && !v.constants) {
        puts("it has no weights or scales by which that could be seen");
    } else {
        printf("weights of %d of %d layers equal, constants of %d of %d operators\n", v.layers_equal, v.layers, v.constants_equal, v.constants);
        const int32_t followed = count_followed(twin, file), given = count_given(twin);
        if (given) printf("    with the package's constants of %d operator%s, whose scales are others in the file\n", given, given == 1 ? "" : "s");
        if (followed) printf("    with the package's scales, which are not those of the file: %d tensors have others there\n", followed);
        if (v.first_layer >= 0) printf("    the first layer with other weights is its op %d\n", v.first_layer);
        if (v.first_constant >= 0) printf("    the first operator with other scales is its op %d\n", v.first_constant);
    }
    free(name);
}

bool cli_packages_print(const crl_model *m, const char *path)
{
    int32_t op = crl_find_compiled(m, 0);
    if (op < 0) return false;
    char *file;
    crl_model *twin = open_twin(m, path, &file);
    for (; op >= 0; op = crl_find_compiled(m, op + 1)) {
        crl_package *p;
        crl_error err;
        if (crl_package_open(&p, m, op, &err)) {
            char *clean = cli_clean(err.text, CLI_FOR_TERMINAL);
            printf("\nIts package cannot be read: %s\n", clean);
            free(clean);
            continue;
        }
        print_package(p, op);
        crl_package_close(p);
        print_twin(m, op, twin, file);
    }
    const bool found = twin != NULL;
    crl_model_close(twin);
    free(file);
    print_rest(m);
    return found;
}

/* ---- instructions ---- */

static int by_opcode(const void *a, const void *b)
{
    const crl_instruction *x = a, *y = b;
    return (x->opcode > y->opcode) - (x->opcode < y->opcode);
}

/* How many there are of each kind, and their words. */
static void print_counts(const crl_disassembly *p)
{
    crl_instruction *sorted = cli_alloc((size_t)p->n, sizeof *sorted);
    if (p->n) memcpy(sorted, p->instructions, (size_t)p->n * sizeof *sorted);
    qsort(sorted, (size_t)p->n, sizeof *sorted, by_opcode);
    cli_table table;
    cli_table_init(&table, "llrr", 4);
    cli_table_row(&table, "opcode", "", "instructions", "words");
    int32_t words = 0;
    for (int32_t i = 0, n; i < p->n; i += n) {
        for (n = 1; i + n < p->n && sorted[i + n].opcode == sorted[i].opcode;) n++;
        char *opcode = cli_format("%02x", sorted[i].opcode), *count = cli_format("%d", n), *sum = cli_format("%d", n * sorted[i].words);
        cli_table_row(&table, opcode, sorted[i].name, count, sum);
        words += n * sorted[i].words;
        free(opcode);
        free(count);
        free(sum);
    }
    char *count = cli_format("%d", p->n), *sum = cli_format("%d", words);
    cli_table_row(&table, "all", "", count, sum);
    cli_table_print(&table, stdout);
    free(count);
    free(sum);
    free(sorted);
}

static void print_instruction(const crl_disassembly *p, int32_t i, const crl_operator *op, int32_t index, bool whole)
{
    const crl_instruction *in = &p->instructions[i];
    const size_t n = crl_instruction_text(p, i, whole, NULL, 0);
    char *text = cli_alloc(n + 1, 1);
    crl_instruction_text(p, i, whole, text, n + 1);
    const char *role = crl_instruction_role(p, i);
    char *clean = op ? cli_clean(op->name, CLI_FOR_TERMINAL) : NULL, *of = clean ? cli_format("op %d %s", index, clean) : cli_format("%s", "");
    if (whole)
        printf("%s%s%s%s%s\n", text, *role || op ? "  # " : "", role, *role && op ? ", " : "", of);
    else
        printf("%6d  %-8s %-26s%s\n", in->word, in->name, op ? of : role, text + strlen(in->name));
    free(clean);
    free(of);
    free(text);
}

/* Which operators of the twin the instructions compute; NULL: there is no twin, or it is not the one, which is said. For free(). */
static int32_t *explain(const crl_model *m, const crl_model *twin, const crl_disassembly *p)
{
    crl_error err;
    if (!twin || p->executable->kind == CRL_EXECUTABLE_CACHING) return NULL;
    int32_t *ops = cli_alloc((size_t)p->n, sizeof *ops);
    if (!crl_explain_program(m, twin, p, ops, &err)) return ops;
    cli_warning("operators are not named: %s", err.text);
    free(ops);
    return NULL;
}

static int print_program(const crl_model *m, const crl_model *twin, const crl_executable *e, bool whole)
{
    crl_disassembly *p;
    crl_error err;
    char *name = cli_clean(e->name, CLI_FOR_TERMINAL);
    printf("\n%sProgram \"%s\", which %s\n", whole ? "# " : "", name, what_it_does(e->kind));
    free(name);
    if (crl_disassemble(&p, e, &err)) return cli_failed(&err);
    int32_t *ops = explain(m, twin, p);
    for (int32_t i = 0, chunk = -1; i < p->n; i++) {
        const int32_t op = ops ? ops[i] : -1;
        if (p->instructions[i].chunk != chunk) {
            chunk = p->instructions[i].chunk;
            printf("\n%schunk %d: %zu words\n", whole ? "# " : "", chunk, e->chunks[chunk].size / 16);
        }
        print_instruction(p, i, op >= 0 ? &twin->subgraphs[0].operators[op] : NULL, op, whole);
    }
    if (!whole) {
        putchar('\n');
        print_counts(p);
    }
    free(ops);
    crl_disassembly_free(p);
    return CLI_DONE;
}

int cli_instructions_print(const crl_model *m, const crl_model *twin, bool whole)
{
    int32_t op = crl_find_compiled(m, 0);
    if (op < 0) {
        cli_error("nothing in this model is compiled; instructions are in files that end in _edgetpu.tflite");
        return CLI_FAILED;
    }
    int code = CLI_DONE;
    for (; op >= 0 && !code; op = crl_find_compiled(m, op + 1)) {
        crl_package *p;
        crl_error err;
        if (crl_package_open(&p, m, op, &err)) return cli_failed(&err);
        for (int32_t i = 0; i < p->n_executables && !code; i++) code = print_program(m, twin, &p->executables[i], whole);
        crl_package_close(p);
    }
    return code;
}

/* ---- JSON ---- */

static json_t *layer_json(const crl_package_layer *l)
{
    json_t *o = json_object();
    const int32_t shape[] = { l->y_dim, l->x_dim, l->z_dim };
    json_object_set_new(o, "name", cli_json_text(l->name));
    json_object_set_new(o, "type", json_string(type_name(l->type)));
    json_object_set_new(o, "shape", cli_json_ints(shape, 3));
    json_object_set_new(o, "bytes", json_integer((json_int_t)l->bytes));
    json_object_set_new(o, "zero_point", json_integer(l->zero_point));
    json_object_set_new(o, "scale", cli_json_float(l->scale));
    json_object_set_new(o, "executions", json_integer(l->executions));
    return o;
}

static json_t *layers_json(const crl_package_layer *layers, int32_t n)
{
    json_t *list = json_array();
    for (int32_t i = 0; i < n; i++) json_array_append_new(list, layer_json(&layers[i]));
    return list;
}

static json_t *hint_json(const crl_hint *h)
{
    static const char *const names[] = { "?", "transfer", "chunk", "interrupt", "fence" };
    json_t *o = json_object();
    json_object_set_new(o, "kind", json_string(names[h->kind]));
    json_object_set_new(o, "to_host", json_boolean(h->to_host));
    if (h->kind == CRL_HINT_TRANSFER) {
        json_object_set_new(o, "what", json_string(bases[h->base]));
        json_object_set_new(o, "layer", h->layer >= 0 ? json_integer(h->layer) : json_null());
        json_object_set_new(o, "offset", json_integer((json_int_t)h->offset));
        json_object_set_new(o, "bytes", json_integer((json_int_t)h->size));
    }
    if (h->kind == CRL_HINT_CHUNK) json_object_set_new(o, "chunk", json_integer(h->chunk));
    if (h->kind == CRL_HINT_INTERRUPT) json_object_set_new(o, "interrupt", json_integer(h->interrupt));
    return o;
}

static json_t *executable_json(const crl_executable *e)
{
    json_t *o = json_object(), *chunks = json_array(), *hints = json_array();
    for (int32_t i = 0; i < e->n_chunks; i++) {
        json_t *chunk = json_object();
        json_object_set_new(chunk, "bytes", json_integer((json_int_t)e->chunks[i].size));
        json_object_set_new(chunk, "relocations", json_integer(e->chunks[i].n_relocations));
        json_array_append_new(chunks, chunk);
    }
    for (int32_t i = 0; i < e->n_hints; i++) json_array_append_new(hints, hint_json(&e->hints[i]));
    json_object_set_new(o, "kind", json_string(kinds[e->kind]));
    json_object_set_new(o, "name", cli_json_text(e->name));
    json_object_set_new(o, "chip", cli_json_text(e->chip));
    json_object_set_new(o, "batch", json_integer(e->batch));
    json_object_set_new(o, "parameter_bytes", json_integer((json_int_t)e->parameter_bytes));
    json_object_set_new(o, "scratch_bytes", json_integer((json_int_t)e->scratch_bytes));
    json_object_set_new(o, "narrow_bytes", json_integer((json_int_t)e->narrow_bytes));
    json_object_set_new(o, "cycles", json_integer(e->cycles));
    json_object_set_new(o, "deterministic", json_boolean(e->deterministic));
    json_object_set_new(o, "chunks", chunks);
    json_object_set_new(o, "hints", hints);
    json_object_set_new(o, "inputs", layers_json(e->inputs, e->n_inputs));
    json_object_set_new(o, "outputs", layers_json(e->outputs, e->n_outputs));
    return o;
}

static json_t *twin_json(const crl_model *m, int32_t op, const crl_model *twin, const char *file)
{
    crl_twin_verified v;
    crl_error err;
    if (!twin) return json_null();
    json_t *o = json_object();
    json_object_set_new(o, "model", cli_json_text(file));
    if (crl_twin_verify(&v, m, op, twin, &err)) {
        json_object_set_new(o, "reason", cli_json_text(err.text));
        return o;
    }
    json_object_set_new(o, "layers", json_integer(v.layers));
    json_object_set_new(o, "layers_equal", json_integer(v.layers_equal));
    json_object_set_new(o, "constants", json_integer(v.constants));
    json_object_set_new(o, "constants_equal", json_integer(v.constants_equal));
    json_object_set_new(o, "first_layer", v.first_layer < 0 ? json_null() : json_integer(v.first_layer));
    json_object_set_new(o, "first_constant", v.first_constant < 0 ? json_null() : json_integer(v.first_constant));
    return o;
}

static json_t *package_json(const crl_model *m, int32_t op, const crl_model *twin, const char *file)
{
    json_t *o = json_object(), *executables = json_array();
    crl_package *p;
    crl_error err;
    json_object_set_new(o, "op", json_integer(op));
    if (crl_package_open(&p, m, op, &err)) {
        json_object_set_new(o, "reason", cli_json_text(err.text));
        json_decref(executables);
        return o;
    }
    char token[17];
    snprintf(token, sizeof token, "%016" PRIx64, p->running->token);
    for (int32_t i = 0; i < p->n_executables; i++) json_array_append_new(executables, executable_json(&p->executables[i]));
    json_object_set_new(o, "bytes", json_integer((json_int_t)p->size));
    json_object_set_new(o, "min_runtime", json_integer(p->min_runtime));
    json_object_set_new(o, "compiler", cli_json_text(p->compiler));
    json_object_set_new(o, "token", json_string(token));
    json_object_set_new(o, "cached_bytes", json_integer(p->caching ? (json_int_t)p->caching->parameter_bytes : 0));
    json_object_set_new(o, "streamed_bytes", json_integer((json_int_t)p->running->parameter_bytes));
    json_object_set_new(o, "twin", twin_json(m, op, twin, file));
    json_object_set_new(o, "executables", executables);
    crl_package_close(p);
    return o;
}

json_t *cli_packages_json(const crl_model *m, const char *path)
{
    int32_t op = crl_find_compiled(m, 0);
    if (op < 0) return json_null();
    char *file;
    crl_model *twin = open_twin(m, path, &file);
    json_t *list = json_array();
    for (; op >= 0; op = crl_find_compiled(m, op + 1)) json_array_append_new(list, package_json(m, op, twin, file));
    crl_model_close(twin);
    free(file);
    return list;
}
