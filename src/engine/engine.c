/* SPDX-License-Identifier: Apache-2.0 */
/* Engines: what the caller sees of programs on backends, supervised, and of a pool of threads. */
#include <corallite/engine.h>

#include "base/cpu.h"
#include "base/notice.h"
#include "compile/mapped.h"
#include "engine/device.h"
#include "engine/supervisor.h"
#include "kernels/peak.h"

struct crl_engine {
    crl_supervisor supervisor;
    crl_pool *pool, *own; /* that serves; NULL, where it is the caller's */
    crl_notifier notifier;
    crl_chip chip;     /* of the options; its list is the engine's */
    crl_tensor *views; /* of the inputs, then of the outputs: what the caller sees */
    crl_pile pile;     /* of the views */
    crl_engine_device device;
};

const char *crl_backend_name(crl_backend_kind kind)
{
    switch (kind) {
    case CRL_BACKEND_AUTO: return "auto";
    case CRL_BACKEND_CPU: return "cpu";
    case CRL_BACKEND_REFERENCE: return "reference";
    case CRL_BACKEND_EDGETPU: return "edgetpu";
    case CRL_BACKEND_EDGETPU_VENDOR: return "edgetpu:vendor";
    }
    return "unknown";
}

static crl_status choose_backends(const crl_backend *const **backends, crl_backend_kind kind, crl_error *err)
{
    static const crl_backend *const cpu[] = { &crl_backend_cpu, NULL }, *const reference[] = { &crl_backend_reference, NULL };
    switch (kind) {
    case CRL_BACKEND_AUTO:
    case CRL_BACKEND_EDGETPU: case CRL_BACKEND_EDGETPU_VENDOR: /* beside it, and where it fails */
    case CRL_BACKEND_CPU: *backends = cpu; return CRL_OK;
    case CRL_BACKEND_REFERENCE: *backends = reference; return CRL_OK;
    }
    return crl_fail(err, CRL_ERR_ARGUMENT, "backend %d: auto, cpu, reference and edgetpu are known", (int)kind);
}

static crl_status choose_cpu(unsigned *cpu, const char *level, const crl_notifier *notifier, crl_error *err)
{
    const unsigned have = crl_cpu_detect();
    const crl_status s = crl_cpu_choose(cpu, level, err);
    if (!s && !level && *cpu != have)
        crl_notify(notifier, CRL_NOTICE_LEVEL, "CRL_CPU=%s: this machine has %s", crl_cpu_name(*cpu), crl_cpu_name(have));
    return s;
}

/* --- what the caller sees ----------------------------------------------------------------------------- */

static const crl_program *shown(const crl_engine *e)
{
    return e->supervisor.shown->main;
}

/* After anything that may have moved inputs and outputs, or given outputs other shapes. */
static void update_views(crl_engine *e)
{
    const crl_program *p = shown(e);
    const crl_binding *b = &e->supervisor.binding;
    const int32_t n_in = p->graph.def->n_inputs;
    for (int32_t i = 0; i < n_in; i++) {
        const int32_t k = p->port[i];
        e->views[i] = *p->in[i];
        e->views[i].data = crl_port_data(&b->in[k], p->ends.in[k], p->in[k]);
    }
    for (int32_t i = 0; i < p->graph.def->n_outputs; i++) {
        e->views[n_in + i] = *p->out[i];
        e->views[n_in + i].data = crl_port_data(&b->out[i], p->ends.out[i], p->out[i]);
    }
}

/* --- making ------------------------------------------------------------------------------------------- */

/* Vision models need some megabytes. A large file gives reason for more: its weights are packed, widened from 4 bits to 8,
 * turned from float16 or int8 into float, which is four times as much; that the rest stays below one time the file is
 * what large models have in common. */
static size_t most_memory(const crl_model *model, const crl_engine_options *o)
{
    const size_t least = (size_t)768 << 20, ceiling = SIZE_MAX / 2;
    size_t most;
    if (o->memory_bytes) return o->memory_bytes < ceiling ? o->memory_bytes : ceiling;
    if (!crl_size_mul(model->size, 5, &most) || most > ceiling) return ceiling;
    return most > least ? most : least;
}

static crl_status choose_pool(crl_engine *e, const crl_engine_options *o, crl_error *err)
{
    e->pool = o->pool;
    if (o->pool && o->threads && o->threads != crl_pool_threads(o->pool))
        return crl_fail(err, CRL_ERR_ARGUMENT, "%d threads and a pool of %d: with a pool, leave threads at 0", o->threads,
                        crl_pool_threads(o->pool));
    if (o->pool) return CRL_OK;
    crl_status s = crl_pool_new(&e->own, o->threads, err);
    if (s) return s;
    e->pool = e->own;
    const int threads = crl_pool_threads(e->own), asked = crl_pool_asked(e->own);
    if (threads < asked)
        crl_notify(&e->notifier, CRL_NOTICE_THREADS, "the system gives %d of %d threads (ulimit -u, ulimit -v)", threads, asked);
    return CRL_OK;
}

/* Which operators compute as the Edge TPU does: those that `compiled` has there where the model stands in for it, which may be NULL. */
static crl_status choose_arithmetic(crl_engine *e, const crl_chip **chip, const crl_model *model, const crl_model *compiled,
                                    const crl_engine_options *o, crl_error *err)
{
    if (o->arithmetic != CRL_ARITHMETIC_AUTO && o->arithmetic != CRL_ARITHMETIC_TFLITE && o->arithmetic != CRL_ARITHMETIC_EDGETPU)
        return crl_fail(err, CRL_ERR_ARGUMENT, "arithmetic %d: CRL_ARITHMETIC_AUTO (0), _EDGETPU (1) and _TFLITE (2) are accepted", (int)o->arithmetic);
    if (o->arithmetic != CRL_ARITHMETIC_EDGETPU) return CRL_OK;
    if (!model->n_subgraphs) return CRL_OK;
    const size_t n = (size_t)model->subgraphs->n_operators;
    if (o->on_chip && o->n_on_chip != n)
        return crl_fail(err, CRL_ERR_ARGUMENT, "on_chip has %zu entries: the model's subgraph 0 has %zu operators", o->n_on_chip, n);
    bool *mapped = crl_alloc_array(n, sizeof *mapped);
    if (!mapped) return crl_fail_memory(err, "an engine");
    *chip = &e->chip;
    e->chip.mapped = mapped;
    if (!o->on_chip && compiled && crl_read_mapped(mapped, compiled, model)) return CRL_OK;
    const bool *known = o->on_chip ? o->on_chip : model->on_chip;
    if (!known) return crl_ask_mapped(mapped, model, err);
    for (size_t i = 0; i < n; i++) mapped[i] = known[i];
    return CRL_OK;
}

static crl_status check_shapes(const crl_shape *shapes, int32_t n, crl_error *err)
{
    for (int32_t i = 0; i < n; i++)
        if (shapes[i].rank < 0 || shapes[i].rank > CRL_MAX_RANK)
            return crl_fail(err, CRL_ERR_ARGUMENT, "input %d: rank %d, 0 to %d are possible", i, shapes[i].rank, CRL_MAX_RANK);
    return CRL_OK;
}

/* A subgraph that is not there is found when the graph is built. */
static crl_status check_given(const crl_model *model, const crl_engine_options *o, crl_error *err)
{
    const bool known = o->input_shapes && o->subgraph >= 0 && o->subgraph < model->n_subgraphs;
    return known ? check_shapes(o->input_shapes, model->subgraphs[o->subgraph].n_inputs, err) : CRL_OK;
}

/* `compiled` is what the model, or the setup's twin, stands in for; NULL: nothing. */
static crl_status prepare(crl_engine *e, const crl_model *model, const crl_model *compiled, const crl_engine_options *o,
                          const crl_engine_setup *setup, crl_error *err)
{
    const crl_backend *const *backends = NULL;
    crl_backend_options options = { 0 };
    crl_status s = crl_check_reserved(o->reserved, sizeof o->reserved / sizeof *o->reserved, "crl_engine_options", err);
    if (!s) s = choose_backends(&backends, o->backend, err);
    if (setup->backends) backends = setup->backends;
    e->notifier = (crl_notifier){ o->notice, o->notice_user };
    if (!s) s = choose_cpu(&options.cpu, o->cpu, &e->notifier, err);
    options.work_limit = o->work_limit;
    options.float_mode = o->float_mode;
    options.keep = o->keep_tensors;
    if (!s && o->float_mode != CRL_FLOAT_EXACT && o->float_mode != CRL_FLOAT_FAST)
        s = crl_fail(err, CRL_ERR_ARGUMENT, "float_mode %d: CRL_FLOAT_EXACT (0) and CRL_FLOAT_FAST (1) are accepted", (int)o->float_mode);
    if (!s) s = choose_arithmetic(e, &options.chip, setup->twin ? setup->twin : model, compiled, o, err);
    if (!s) s = check_given(model, o, err);
    if (!s) s = choose_pool(e, o, err);
    options.threads = crl_pool_threads(e->pool);
    options.pool = e->pool;
    if (s) return s;
    const crl_supervised of = { .model = model, .setup = setup, .backends = backends, .options = options, .pool = e->pool,
                                .notifier = &e->notifier, .subgraph = o->subgraph, .shapes = o->input_shapes,
                                .most_memory = most_memory(model, o) };
    s = crl_supervisor_init(&e->supervisor, &of, err);
    if (s) return s;
    const crl_subgraph *def = shown(e)->graph.def;
    e->pile.account = &e->supervisor.shown->programs.host.account;
    e->views = crl_pile_array(&e->pile, (size_t)def->n_inputs + (size_t)def->n_outputs, sizeof *e->views);
    if (!e->views) return crl_fail_memory(err, "an engine");
    update_views(e);
    return CRL_OK;
}

/* What stands in for an Edge TPU answers as that would. Who asks for the processor has the processor's arithmetic. */
static bool asks_for_device(const crl_engine_options *o)
{
    return o->arithmetic == CRL_ARITHMETIC_AUTO && o->backend != CRL_BACKEND_CPU && o->backend != CRL_BACKEND_REFERENCE;
}

crl_status crl_engine_new(crl_engine **out, const crl_model *model, const crl_engine_options *options, crl_error *err)
{
    return crl_engine_new_on(out, model, options, &(crl_engine_setup){ 0 }, err);
}

crl_status crl_engine_new_on(crl_engine **out, const crl_model *model, const crl_engine_options *options,
                             const crl_engine_setup *setup, crl_error *err)
{
    *out = NULL;
    crl_engine *e = crl_alloc(sizeof *e);
    if (!e) return crl_fail_memory(err, "an engine");
    crl_engine_options of = options ? *options : (crl_engine_options){ 0 };
    crl_engine_setup with = *setup;
    crl_error found;
    crl_status s = setup->device ? CRL_OK : crl_engine_device_find(&e->device, &with, model, &of, &found);
    const bool emulates = with.backends && !setup->backends; /* the compiled model itself, without its twin */
    const crl_model *runs = !with.device && !emulates && of.twin ? of.twin : model;
    const bool stands_in = (with.device && with.twin) || runs != model;
    if (!setup->device && (stands_in || model->on_chip) && asks_for_device(&of)) of.arithmetic = CRL_ARITHMETIC_EDGETPU;
    if (!s) s = prepare(e, runs, stands_in ? model : NULL, &of, &with, &found);
    if (s) {
        s = crl_side_tell(with.alone ? &e->supervisor.device : &e->supervisor.cpu, s, &found, err);
        crl_engine_free(e);
        return s;
    }
    *out = e;
    return CRL_OK;
}

void crl_engine_free(crl_engine *e)
{
    if (!e) return;
    crl_pool_free(e->own);
    crl_pile_free(&e->pile);
    crl_supervisor_release(&e->supervisor);
    crl_free((void *)(uintptr_t)e->chip.mapped);
    crl_engine_device_release(&e->device);
    crl_free(e);
}

int32_t crl_engine_input_count(const crl_engine *e)
{
    return shown(e)->graph.def->n_inputs;
}

int32_t crl_engine_output_count(const crl_engine *e)
{
    return shown(e)->graph.def->n_outputs;
}

crl_tensor *crl_engine_input(crl_engine *e, int32_t i)
{
    return i >= 0 && i < crl_engine_input_count(e) ? &e->views[i] : NULL;
}

const crl_tensor *crl_engine_output(const crl_engine *e, int32_t i)
{
    return i >= 0 && i < crl_engine_output_count(e) ? &e->views[crl_engine_input_count(e) + i] : NULL;
}

/* What a step may have written over by the end of a run is nobody's to read. */
static bool stays(const crl_engine *e, const crl_tensor *t)
{
    return (t->flags & (CRL_TENSOR_CONST | CRL_TENSOR_VARIABLE)) || e->supervisor.shown->programs.options.keep;
}

crl_status crl_engine_tensor(const crl_engine *e, int32_t index, crl_tensor *out, crl_error *err)
{
    const crl_graph *g = &shown(e)->graph;
    const crl_subgraph *def = g->def;
    if (index < 0 || index >= def->n_tensors)
        return crl_fail(err, CRL_ERR_ARGUMENT, "tensor %d: the subgraph has %d", index, def->n_tensors);
    for (int32_t i = 0; i < def->n_inputs + def->n_outputs; i++) {
        if ((i < def->n_inputs ? def->inputs[i] : def->outputs[i - def->n_inputs]) != index) continue;
        *out = e->views[i];
        return CRL_OK;
    }
    *out = g->tensors[index];
    if (!stays(e, out)) out->data = NULL;
    return CRL_OK;
}

crl_status crl_engine_bind_input(crl_engine *e, int32_t i, const void *data, size_t bytes, crl_error *err)
{
    if (i < 0 || i >= crl_engine_input_count(e))
        return crl_fail(err, CRL_ERR_ARGUMENT, "input %d: the model has %d", i, crl_engine_input_count(e));
    const int32_t k = shown(e)->port[i];
    crl_binding *b = &e->supervisor.binding;
    /* It is read and never written; the cast lets all tensors have one type. */
    crl_status s = crl_binding_bind(b, &b->in[k], shown(e)->in[k], (void *)(uintptr_t)data, bytes, err);
    if (s) return crl_within(err, s, "input %d", i);
    update_views(e);
    return CRL_OK;
}

crl_status crl_engine_bind_output(crl_engine *e, int32_t i, void *data, size_t bytes, crl_error *err)
{
    if (i < 0 || i >= crl_engine_output_count(e))
        return crl_fail(err, CRL_ERR_ARGUMENT, "output %d: the model has %d", i, crl_engine_output_count(e));
    crl_binding *b = &e->supervisor.binding;
    crl_status s = crl_binding_bind(b, &b->out[i], shown(e)->out[i], data, bytes, err);
    if (s) return crl_within(err, s, "output %d", i);
    update_views(e);
    return CRL_OK;
}

/* --- running ------------------------------------------------------------------------------------------ */

crl_status crl_engine_run(crl_engine *e, crl_error *err)
{
    crl_status s = crl_supervisor_run(&e->supervisor, err);
    update_views(e);
    return s;
}

void crl_engine_reset(crl_engine *e)
{
    crl_side_reset(&e->supervisor.cpu);
    crl_side_reset(&e->supervisor.device);
}

crl_status crl_engine_resize(crl_engine *e, const crl_shape *shapes, int32_t n, crl_error *err)
{
    const int32_t inputs = crl_engine_input_count(e);
    crl_status s = n == inputs ? check_shapes(shapes, n, err)
                               : crl_fail(err, CRL_ERR_ARGUMENT, "%d shapes for the model's %d inputs", n, inputs);
    if (s) return s;
    bool same = true;
    for (int32_t i = 0; i < n; i++) same = same && crl_shape_equal(&shapes[i], &e->views[i].shape);
    if (same) return CRL_OK;
    s = crl_supervisor_resize(&e->supervisor, shapes, err);
    update_views(e);
    return s;
}

/* --- telling ------------------------------------------------------------------------------------------ */

crl_engine_info crl_engine_describe(const crl_engine *e)
{
    const crl_supervisor *v = &e->supervisor;
    const crl_programs *all = &v->shown->programs;
    const crl_backend_kind kind = all->owners->backend->kind;
    crl_engine_info info = { .backend = kind, .isa = kind == CRL_BACKEND_REFERENCE ? "ref" : crl_cpu_name(all->options.cpu),
                             .threads = crl_pool_threads(e->pool),
                             .threads_asked = crl_pool_asked(e->pool), .io_bytes = v->binding.bytes };
    crl_side_describe(v->shown, &info);
    const uint64_t macs = info.macs; /* of one run: the other side stands by */
    crl_side_describe(v->shown == &v->cpu ? &v->device : &v->cpu, &info);
    info.macs = macs;
    return info;
}

crl_engine_counters crl_engine_count(const crl_engine *e)
{
    crl_engine_counters counters = e->supervisor.counters;
    counters.on_device = e->supervisor.state == CRL_DEVICE_READY;
    return counters;
}

void crl_engine_profile(crl_engine *e, bool on)
{
    crl_side_profile(&e->supervisor.cpu, on);
    crl_side_profile(&e->supervisor.device, on);
}

double crl_engine_peak(const crl_engine *e)
{
    const crl_programs *all = &e->supervisor.shown->programs;
    if (all->owners->backend->kind == CRL_BACKEND_REFERENCE) return 0;
    return crl_peak_measure(all->options.cpu) * crl_pool_threads(e->pool);
}

const crl_profile_row *crl_engine_profile_rows(const crl_engine *e, int32_t *n)
{
    return crl_side_rows(e->supervisor.shown, n);
}
