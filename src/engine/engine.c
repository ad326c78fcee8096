/* SPDX-License-Identifier: Apache-2.0 */
/* Engines: a graph, the schedule that a backend made of it, and a pool of threads. */
#include <corallite/engine.h>

#include <stdlib.h>

#include "backend/backend.h"
#include "base/cpu.h"

struct crl_engine {
    crl_graph graph;
    crl_schedule schedule;
    crl_pool *pool;
    const crl_backend *backend;
    unsigned cpu;
    crl_profile_row *rows;
    int32_t n_rows;
};

const char *crl_backend_name(crl_backend_kind kind)
{
    switch (kind) {
    case CRL_BACKEND_AUTO: return "auto";
    case CRL_BACKEND_CPU: return "cpu";
    case CRL_BACKEND_REFERENCE: return "reference";
    }
    return "unknown";
}

static crl_status choose_backend(crl_engine *e, crl_backend_kind kind, crl_error *err)
{
    switch (kind) {
    case CRL_BACKEND_AUTO:
    case CRL_BACKEND_CPU: e->backend = &crl_backend_cpu; return CRL_OK;
    case CRL_BACKEND_REFERENCE: e->backend = &crl_backend_reference; return CRL_OK;
    }
    return crl_fail(err, CRL_ERR_ARGUMENT, "backend %d: auto, cpu and reference are known", (int)kind);
}

static crl_status choose_cpu(crl_engine *e, const char *level, crl_error *err)
{
    const unsigned have = crl_cpu_detect();
    e->cpu = have;
    if (level) return crl_cpu_cap(&e->cpu, have, level, err);
    const char *env = getenv("CRL_CPU");
    if (!env || !*env) return CRL_OK;
    crl_status s = crl_cpu_cap(&e->cpu, have, env, err);
    return s ? crl_within(err, s, "CRL_CPU") : CRL_OK;
}

static crl_status make_rows(crl_engine *e, crl_error *err)
{
    const crl_schedule *s = &e->schedule;
    e->rows = crl_alloc_array((size_t)s->n_steps, sizeof *e->rows);
    if (!e->rows) return crl_fail_memory(err, "the profile");
    e->n_rows = s->n_steps;
    for (int32_t k = 0; k < s->n_steps; k++) {
        const crl_step *step = &s->steps[k];
        crl_profile_row *r = &e->rows[k];
        *r = (crl_profile_row){ .op = step->node->index, .name = step->name, .kernel = step->kernel, .output = "",
                                .macs = step->macs, .bytes = step->weight_bytes };
        if (step->node->n_out) {
            r->output = step->node->out[0]->name;
            r->shape = step->node->out[0]->shape;
        }
        for (int32_t i = 0; i < step->n_reads; i++) {
            const crl_tensor *t = s->values[step->reads[i]].tensor;
            if (!(t->flags & CRL_TENSOR_CONST)) r->bytes += t->bytes;
        }
        for (int32_t i = 0; i < step->n_writes; i++) r->bytes += s->values[step->writes[i]].tensor->bytes;
    }
    return CRL_OK;
}

static crl_status prepare(crl_engine *e, const crl_model *model, const crl_engine_options *o, crl_error *err)
{
    crl_status s = choose_backend(e, o->backend, err);
    if (!s) s = choose_cpu(e, o->cpu, err);
    const int cores = crl_cpu_cores();
    const int threads = o->threads ? o->threads : cores < 4 ? cores : 4;
    if (!s) s = crl_pool_new(&e->pool, threads, err);
    if (!s) s = crl_graph_build(&e->graph, model, o->subgraph, err);
    if (!s) s = crl_schedule_init(&e->schedule, &e->graph, err);
    if (!s) s = e->backend->lower(&e->schedule, &(crl_backend_options){ .cpu = e->cpu, .threads = threads }, err);
    if (!s) s = crl_schedule_allocate(&e->schedule, err);
    if (!s) s = make_rows(e, err);
    return s;
}

crl_status crl_engine_new(crl_engine **out, const crl_model *model, const crl_engine_options *options, crl_error *err)
{
    *out = NULL;
    crl_engine *e = crl_alloc(sizeof *e);
    if (!e) return crl_fail_memory(err, "an engine");
    const crl_engine_options defaults = { 0 };
    crl_status s = prepare(e, model, options ? options : &defaults, err);
    if (s) {
        crl_engine_free(e);
        return s;
    }
    *out = e;
    return CRL_OK;
}

void crl_engine_free(crl_engine *e)
{
    if (!e) return;
    crl_pool_free(e->pool);
    crl_schedule_release(&e->schedule);
    crl_graph_release(&e->graph);
    crl_free(e->rows);
    crl_free(e);
}

int32_t crl_engine_input_count(const crl_engine *e)
{
    return e->graph.def->n_inputs;
}

int32_t crl_engine_output_count(const crl_engine *e)
{
    return e->graph.def->n_outputs;
}

crl_tensor *crl_engine_input(crl_engine *e, int32_t i)
{
    const crl_subgraph *def = e->graph.def;
    return i >= 0 && i < def->n_inputs ? &e->graph.tensors[def->inputs[i]] : NULL;
}

const crl_tensor *crl_engine_output(const crl_engine *e, int32_t i)
{
    const crl_subgraph *def = e->graph.def;
    return i >= 0 && i < def->n_outputs ? &e->graph.tensors[def->outputs[i]] : NULL;
}

crl_status crl_engine_run(crl_engine *e, crl_error *err)
{
    return crl_schedule_run(&e->schedule, e->pool, err);
}

void crl_engine_reset(crl_engine *e)
{
    crl_schedule_reset(&e->schedule);
}

crl_engine_info crl_engine_describe(const crl_engine *e)
{
    uint64_t macs = 0;
    for (int32_t k = 0; k < e->schedule.n_steps; k++) macs += e->schedule.steps[k].macs;
    return (crl_engine_info){ .backend = e->backend->kind,
                              .isa = e->backend->kind == CRL_BACKEND_REFERENCE ? "ref" : crl_cpu_name(e->cpu),
                              .threads = crl_pool_threads(e->pool),
                              .arena_bytes = e->schedule.arena_bytes,
                              .packed_bytes = e->schedule.packed_bytes,
                              .macs = macs };
}

void crl_engine_profile(crl_engine *e, bool on)
{
    e->schedule.profile = on;
    for (int32_t k = 0; on && k < e->schedule.n_steps; k++) e->schedule.steps[k].ns = e->schedule.steps[k].runs = 0;
}

const crl_profile_row *crl_engine_profile_rows(const crl_engine *e, int32_t *n)
{
    for (int32_t k = 0; k < e->n_rows; k++) {
        e->rows[k].ns = e->schedule.steps[k].ns;
        e->rows[k].runs = e->schedule.steps[k].runs;
    }
    *n = e->n_rows;
    return e->rows;
}
