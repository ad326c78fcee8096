/* SPDX-License-Identifier: Apache-2.0 */
/* Engines: the program of a subgraph, those that it calls, and a pool of threads. */
#include <corallite/engine.h>

#include "base/cpu.h"
#include "base/notice.h"
#include "engine/program.h"
#include "engine/setup.h"
#include "kernels/peak.h"

struct crl_engine {
    crl_programs programs;
    crl_program *main;
    crl_binding binding; /* that `main` is attached to */
    crl_pool *pool, *own; /* that serves; NULL, where it is the caller's */
    crl_notifier notifier;
    int32_t subgraph;
    crl_tensor *views; /* of the inputs, then of the outputs: what the caller sees */
    crl_pile pile;     /* of the views */
    crl_profile_row *rows;
    int32_t n_rows;
    crl_pile row_pile; /* of the rows */
    uint64_t seen; /* main->changes, when views and rows were made */
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

static crl_status choose_backends(const crl_backend *const **backends, crl_backend_kind kind, crl_error *err)
{
    static const crl_backend *const cpu[] = { &crl_backend_cpu, NULL }, *const reference[] = { &crl_backend_reference, NULL };
    switch (kind) {
    case CRL_BACKEND_AUTO:
    case CRL_BACKEND_CPU: *backends = cpu; return CRL_OK;
    case CRL_BACKEND_REFERENCE: *backends = reference; return CRL_OK;
    }
    return crl_fail(err, CRL_ERR_ARGUMENT, "backend %d: auto, cpu and reference are known", (int)kind);
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

static void update_views(crl_engine *e)
{
    const crl_program *p = e->main;
    const int32_t n_in = p->graph.def->n_inputs;
    for (int32_t i = 0; i < n_in; i++) {
        const int32_t k = p->port[i];
        e->views[i] = *p->in[i];
        e->views[i].data = crl_port_data(&e->binding.in[k], p->ends.in[k], p->in[k]);
    }
    for (int32_t i = 0; i < p->graph.def->n_outputs; i++) {
        e->views[n_in + i] = *p->out[i];
        e->views[n_in + i].data = crl_port_data(&e->binding.out[i], p->ends.out[i], p->out[i]);
    }
}

static void make_row(crl_profile_row *r, const crl_schedule *s, const crl_step *step)
{
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

static crl_status make_rows(crl_engine *e, crl_error *err)
{
    int32_t n = 0;
    for (const crl_part *p = e->main->first; p; p = p->next) n += p->schedule.n_steps;
    crl_pile pile = crl_pile_beside(&e->pile);
    crl_profile_row *rows = crl_pile_array(&pile, (size_t)n, sizeof *rows);
    if (!rows) return crl_fail_memory(err, "the profile");
    crl_pile_free(&e->row_pile);
    e->row_pile = pile;
    e->rows = rows;
    e->n_rows = n;
    for (const crl_part *p = e->main->first; p; p = p->next)
        for (int32_t k = 0; k < p->schedule.n_steps; k++) make_row(rows++, &p->schedule, &p->schedule.steps[k]);
    return CRL_OK;
}

/* After anything that may have made parts anew, or given outputs other shapes. */
static crl_status update(crl_engine *e, crl_error *err)
{
    update_views(e);
    if (e->rows && e->seen == e->main->changes) return CRL_OK;
    crl_status s = make_rows(e, err);
    if (!s) e->seen = e->main->changes;
    return s;
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

static crl_status prepare(crl_engine *e, const crl_model *model, const crl_engine_options *o, const crl_engine_setup *setup,
                          crl_error *err)
{
    const crl_backend *const *backends = NULL;
    crl_backend_options options = { 0 };
    crl_status s = crl_check_reserved(o->reserved, sizeof o->reserved / sizeof *o->reserved, "crl_engine_options", err);
    if (!s) s = choose_backends(&backends, o->backend, err);
    if (setup->backends) backends = setup->backends;
    e->notifier = (crl_notifier){ o->notice, o->notice_user };
    if (!s) s = choose_cpu(&options.cpu, o->cpu, &e->notifier, err);
    options.work_limit = o->work_limit;
    if (!s) s = choose_pool(e, o, err);
    options.threads = crl_pool_threads(e->pool);
    if (!s) s = crl_programs_init(&e->programs, model, backends, &options, e->pool, most_memory(model, o), err);
    e->pile.account = &e->programs.host.account;
    e->subgraph = o->subgraph;
    if (!s) s = crl_program_new(&e->main, &e->programs, o->subgraph, NULL, &e->binding, err);
    if (s) return s;
    const crl_subgraph *def = e->main->graph.def;
    e->views = crl_pile_array(&e->pile, (size_t)def->n_inputs + (size_t)def->n_outputs, sizeof *e->views);
    return e->views ? update(e, err) : crl_fail_memory(err, "an engine");
}

/* Preparing tries ways that may fail and others that then succeed: only a failure of the whole is the caller's to see. Who
 * got no memory from a pile cannot tell whether there was none, or no more was allowed. */
static crl_status tell(const crl_engine *e, crl_status s, const crl_error *found, crl_error *err)
{
    const crl_account *a = &e->programs.host.account;
    if (s == CRL_ERR_MEMORY && a->refused)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "%.180s: at most %zu MiB are allowed", found->text, a->most >> 20);
    if (s && err) *err = *found;
    return s;
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
    const crl_engine_options defaults = { 0 };
    crl_error found;
    crl_status s = prepare(e, model, options ? options : &defaults, setup, &found);
    if (s) {
        s = tell(e, s, &found, err);
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
    crl_program_free(e->main);
    crl_binding_release(&e->binding);
    crl_pile_free(&e->pile);
    crl_pile_free(&e->row_pile);
    crl_programs_release(&e->programs, NULL);
    crl_free(e);
}

int32_t crl_engine_input_count(const crl_engine *e)
{
    return e->main->graph.def->n_inputs;
}

int32_t crl_engine_output_count(const crl_engine *e)
{
    return e->main->graph.def->n_outputs;
}

crl_tensor *crl_engine_input(crl_engine *e, int32_t i)
{
    return i >= 0 && i < crl_engine_input_count(e) ? &e->views[i] : NULL;
}

const crl_tensor *crl_engine_output(const crl_engine *e, int32_t i)
{
    return i >= 0 && i < crl_engine_output_count(e) ? &e->views[crl_engine_input_count(e) + i] : NULL;
}

crl_status crl_engine_bind_input(crl_engine *e, int32_t i, const void *data, size_t bytes, crl_error *err)
{
    if (i < 0 || i >= crl_engine_input_count(e))
        return crl_fail(err, CRL_ERR_ARGUMENT, "input %d: the model has %d", i, crl_engine_input_count(e));
    const int32_t k = e->main->port[i];
    /* It is read and never written; the cast lets all tensors have one type. */
    crl_status s = crl_binding_bind(&e->binding, &e->binding.in[k], e->main->in[k], (void *)(uintptr_t)data, bytes, err);
    if (s) return crl_within(err, s, "input %d", i);
    update_views(e);
    return CRL_OK;
}

crl_status crl_engine_bind_output(crl_engine *e, int32_t i, void *data, size_t bytes, crl_error *err)
{
    if (i < 0 || i >= crl_engine_output_count(e))
        return crl_fail(err, CRL_ERR_ARGUMENT, "output %d: the model has %d", i, crl_engine_output_count(e));
    crl_status s = crl_binding_bind(&e->binding, &e->binding.out[i], e->main->out[i], data, bytes, err);
    if (s) return crl_within(err, s, "output %d", i);
    update_views(e);
    return CRL_OK;
}

/* --- running ------------------------------------------------------------------------------------------ */

crl_status crl_engine_run(crl_engine *e, crl_error *err)
{
    crl_error found;
    crl_programs_begin(&e->programs);
    crl_status s = crl_program_run(e->main, &e->programs, &found);
    crl_status u = update(e, s ? NULL : &found);
    return tell(e, s ? s : u, &found, err);
}

void crl_engine_reset(crl_engine *e)
{
    crl_graph_reset(&e->main->graph);
    crl_programs_reset(&e->programs);
}

static crl_status check_shapes(const crl_engine *e, const crl_shape *shapes, int32_t n, crl_error *err)
{
    if (n != crl_engine_input_count(e))
        return crl_fail(err, CRL_ERR_ARGUMENT, "%d shapes for the model's %d inputs", n, crl_engine_input_count(e));
    for (int32_t i = 0; i < n; i++)
        if (shapes[i].rank < 0 || shapes[i].rank > CRL_MAX_RANK)
            return crl_fail(err, CRL_ERR_ARGUMENT, "input %d: rank %d, 0 to %d are possible", i, shapes[i].rank, CRL_MAX_RANK);
    return CRL_OK;
}

crl_status crl_engine_resize(crl_engine *e, const crl_shape *shapes, int32_t n, crl_error *err)
{
    crl_status s = check_shapes(e, shapes, n, err);
    if (s) return s;
    bool same = true;
    for (int32_t i = 0; i < n; i++) same = same && crl_shape_equal(&shapes[i], &e->views[i].shape);
    if (same) return CRL_OK;
    crl_programs_begin(&e->programs);
    crl_program *before = e->main;
    crl_binding bound = e->binding;
    e->binding = (crl_binding){ 0 };
    e->programs.host.account.spare = e->programs.host.account.held;
    crl_error found;
    s = crl_program_new(&e->main, &e->programs, e->subgraph, shapes, &e->binding, &found);
    e->programs.host.account.spare = 0;
    e->seen = 0; /* no program has made no part */
    if (!s) s = update(e, &found);
    if (s) {
        crl_program_free(e->main);
        crl_binding_release(&e->binding);
        e->main = before;
        e->binding = bound;
        update_views(e);
        return tell(e, s, &found, err);
    }
    crl_program_free(before);
    crl_binding_release(&bound);
    return CRL_OK;
}

/* --- telling ------------------------------------------------------------------------------------------ */

static void add_up(crl_engine_info *info, const crl_program *p)
{
    for (const crl_part *part = p ? p->first : NULL; part; part = part->next) {
        info->arena_bytes += part->schedule.arena_bytes;
        info->live_bytes += part->schedule.live_bytes;
        info->scratch_bytes += part->schedule.scratch_bytes;
        info->packed_bytes += part->schedule.packed_bytes;
        for (int32_t k = 0; k < part->schedule.n_steps; k++) info->macs += part->schedule.steps[k].macs;
    }
}

crl_engine_info crl_engine_describe(const crl_engine *e)
{
    const crl_programs *all = &e->programs;
    const crl_backend_kind kind = all->owners->backend->kind;
    crl_engine_info info = { .backend = kind, .isa = kind == CRL_BACKEND_REFERENCE ? "ref" : crl_cpu_name(all->options.cpu),
                             .threads = crl_pool_threads(e->pool),
                             .threads_asked = crl_pool_asked(e->pool), .io_bytes = e->binding.bytes };
    add_up(&info, e->main);
    for (int32_t i = 0; i < all->model->n_subgraphs; i++) add_up(&info, all->of[i]);
    return info;
}

void crl_engine_profile(crl_engine *e, bool on)
{
    e->programs.profile = on;
    for (const crl_part *p = e->main->first; on && p; p = p->next)
        for (int32_t k = 0; k < p->schedule.n_steps; k++) p->schedule.steps[k].ns = p->schedule.steps[k].runs = 0;
}

double crl_engine_peak(const crl_engine *e)
{
    const crl_programs *all = &e->programs;
    if (all->owners->backend->kind == CRL_BACKEND_REFERENCE) return 0;
    return crl_peak_measure(all->options.cpu) * crl_pool_threads(e->pool);
}

const crl_profile_row *crl_engine_profile_rows(const crl_engine *e, int32_t *n)
{
    crl_profile_row *r = e->rows;
    for (const crl_part *p = e->main->first; p; p = p->next)
        for (int32_t k = 0; k < p->schedule.n_steps && r < e->rows + e->n_rows; k++, r++) {
            r->ns = p->schedule.steps[k].ns;
            r->least_ns = p->schedule.steps[k].least_ns;
            r->runs = p->schedule.steps[k].runs;
        }
    *n = e->n_rows;
    return e->rows;
}
