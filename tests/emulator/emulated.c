/* SPDX-License-Identifier: Apache-2.0 */
/* See emulated.h. */
#include "emulated.h"

#include <corallite/engine.h>

#include <stdlib.h>
#include <string.h>

#include "backend/edgetpu/emulator/emulator.h"
#include "compile/follow.h"

enum { MOST = 16 };

typedef struct both {
    const crl_model *compiled, *twin;
    crl_package *package;
    crl_engine *engine;
    crl_disassembly *listing[2]; /* caching, running */
    crl_pile pile;
    crl_tpu_program transfers;
    crl_emulator *emulator;
    crl_emu_program *program[2];
} both;

static size_t elements(const crl_tensor_def *t)
{
    size_t n = 1;
    for (int32_t i = 0; i < t->shape.rank; i++) n *= (size_t)t->shape.dim[i];
    return n;
}

/* The operator's tensors; those of packages are bytes. */
static bool describe(const crl_model *m, int32_t op, const char *names[2 * MOST], size_t bytes[2 * MOST], crl_tpu_tensors *t)
{
    const crl_subgraph *g = &m->subgraphs[0];
    const crl_operator *o = &g->operators[op];
    if (o->n_inputs > MOST || o->n_outputs > MOST) return false;
    for (int32_t i = 0; i < o->n_inputs + o->n_outputs; i++) {
        const int32_t k = i < o->n_inputs ? i : MOST + i - o->n_inputs;
        const crl_tensor_def *def = &g->tensors[i < o->n_inputs ? o->inputs[i] : o->outputs[i - o->n_inputs]];
        names[k] = def->name;
        bytes[k] = elements(def);
    }
    *t = (crl_tpu_tensors){ names, names + MOST, bytes, bytes + MOST, o->n_inputs, o->n_outputs };
    return true;
}

static crl_status prepare(both *b, crl_error *err)
{
    const char *names[2 * MOST];
    size_t bytes[2 * MOST];
    crl_tpu_tensors tensors;
    const int32_t op = crl_find_compiled(b->compiled, 0);
    if (op < 0 || !describe(b->compiled, op, names, bytes, &tensors)) return CRL_ERR_FORMAT;
    crl_status s = crl_package_open(&b->package, b->compiled, op, err);
    if (!s) s = crl_tpu_program_make(&b->transfers, b->package, &tensors, &b->pile, err);
    if (!s) b->emulator = crl_emulator_make(&b->pile);
    if (!s && !b->emulator) return CRL_ERR_MEMORY;
    const crl_executable *parts[2] = { b->package ? b->package->caching : NULL, b->package ? b->package->running : NULL };
    for (int i = 0; !s && i < 2; i++) {
        if (!parts[i]) continue;
        s = crl_disassemble(&b->listing[i], parts[i], err);
        if (!s) s = crl_emu_program_make(&b->program[i], b->listing[i], &b->pile, err);
    }
    if (!s && b->program[0]) s = crl_emulator_run(b->emulator, b->program[0], &b->transfers.caching, 0, err);
    const crl_engine_options options = { .arithmetic = CRL_ARITHMETIC_EDGETPU, .keep_tensors = true, .threads = 1 };
    return s ? s : crl_engine_new(&b->engine, b->twin, &options, err);
}

static int32_t tensor_named(const crl_model *m, const char *name)
{
    for (int32_t i = 0; i < m->subgraphs[0].n_tensors; i++)
        if (!strcmp(m->subgraphs[0].tensors[i].name, name)) return i;
    return -1;
}

/* The twin's input of that name, or its only one. */
static crl_tensor *input_of(const both *b, const char *name)
{
    const crl_subgraph *g = &b->twin->subgraphs[0];
    const int32_t tensor = tensor_named(b->twin, name);
    for (int32_t i = 0; i < g->n_inputs; i++)
        if (g->inputs[i] == tensor || b->package->running->n_inputs == 1) return crl_engine_input(b->engine, i);
    return NULL;
}

static void fill_bytes(check *t, uint8_t *x, size_t n, int round, int32_t i)
{
    if (round) check_fill(t, x, n);
    for (size_t k = 0; !round && k < n; k++) x[k] = (uint8_t)(k * 7 + (k >> 4) * 13 + (size_t)i);
}

/* What the host quantises to these bytes. */
static void take_floats(const both *b, const char *name, float *x, const uint8_t *bytes, size_t n)
{
    const crl_tensor_def *to = &b->twin->subgraphs[0].tensors[tensor_named(b->twin, name)];
    for (size_t k = 0; k < n; k++) {
        const int32_t q = to->type == CRL_INT8 ? (int8_t)bytes[k] : bytes[k];
        x[k] = to->quant.scale[0] * (float)(q - to->quant.zero_point[0]);
    }
}

static void fill(check *t, both *b, int round)
{
    for (int32_t i = 0; i < b->package->running->n_inputs; i++) {
        const char *name = b->package->running->inputs[i].name;
        crl_tensor *x = input_of(b, name);
        if (!check_that(t, x, "no input \"%s\"", name)) continue;
        const bool of_floats = x->type == CRL_FLOAT32;
        const size_t n = of_floats ? x->bytes / sizeof(float) : x->bytes;
        uint8_t *bytes = of_floats ? malloc(n + 1) : x->data;
        if (!check_that(t, bytes && (!of_floats || tensor_named(b->twin, name) >= 0), "no tensor \"%s\"", name)) continue;
        fill_bytes(t, bytes, n, round, i);
        if (of_floats) take_floats(b, name, x->data, bytes, n);
        crl_tpu_port_fill(&b->transfers.in[i], bytes);
        if (of_floats) free(bytes);
    }
}

static void compare(check *t, both *b)
{
    for (int32_t i = 0; i < b->package->running->n_outputs; i++) {
        const crl_tpu_port *port = &b->transfers.out[i];
        const char *name = port->layer->name;
        crl_tensor want;
        const int32_t tensor = tensor_named(b->twin, name);
        uint8_t *got = malloc(port->bytes + 1);
        if (got && check_that(t, tensor >= 0 && !crl_engine_tensor(b->engine, tensor, &want, NULL) && want.data, "no output \"%s\"", name)) {
            crl_tpu_port_read(port, got);
            check_equal(t, want.data, got, port->bytes, "%s", name);
        }
        free(got);
    }
}

void emulated_models_equal(check *t, const crl_model *compiled, const crl_model *twin, int rounds, const char *what)
{
    both b = { .compiled = compiled, .twin = twin };
    crl_error err = { .text = "" };
    crl_status s = prepare(&b, &err);
    check_that(t, !s, "%s: %s", what, err.text);
    for (int i = 0; !s && i < rounds; i++) {
        fill(t, &b, i);
        s = crl_engine_run(b.engine, &err);
        if (!s) s = crl_emulator_run(b.emulator, b.program[1], &b.transfers.running, 0, &err);
        if (check_that(t, !s, "%s: %s", what, err.text)) compare(t, &b);
    }
    crl_engine_free(b.engine);
    for (int i = 0; i < 2; i++) crl_disassembly_free(b.listing[i]);
    crl_pile_free(&b.pile);
    crl_package_close(b.package);
}

void emulated_equals(check *t, const char *compiled, const char *twin, int rounds)
{
    crl_model *a = NULL, *b = NULL;
    crl_error err = { .text = "" };
    const bool open = !crl_model_open_file(&a, compiled, &err) && !crl_model_open_file(&b, twin, &err) && !crl_twin_follow(b, a, &err);
    if (check_that(t, open, "%s: %s", compiled, err.text))
        emulated_models_equal(t, a, b, rounds, compiled);
    crl_model_close(a);
    crl_model_close(b);
}
