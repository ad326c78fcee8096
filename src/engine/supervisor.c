/* SPDX-License-Identifier: Apache-2.0 */
/* The supervisor: see supervisor.h. */
#include "engine/supervisor.h"

#include <time.h>

static const uint64_t MS = 1000000;

/* A hiccup of the bus costs three frames of a camera; a device that is pulled is asked for every ten seconds. */
enum { FIRST_PAUSE_MS = 100, LONGEST_PAUSE_MS = 10000, PATIENCE_MS = 1000, MOST_WAIT_MS = 30000 };

static uint64_t now(const crl_supervisor *v)
{
    if (v->setup.clock.now) return v->setup.clock.now(v->setup.clock.user);
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 * MS + (uint64_t)t.tv_nsec;
}

static const char *name_of(const crl_supervisor *v)
{
    return v->setup.device[0]->name;
}

/* --- faults ------------------------------------------------------------------------------------------- */

/* Whether it was the device that failed, and not the model. */
static bool is_fault(const crl_supervisor *v)
{
    const int32_t owner = v->device.programs.fault;
    return owner >= 0 && v->setup.device[owner]->recover;
}

static void note(crl_supervisor *v, const crl_error *found)
{
    v->counters.faults++;
    v->counters.fault = *found;
}

static void close_device(crl_supervisor *v)
{
    crl_error found;
    if (v->shown == &v->device) v->shown = &v->cpu;
    if (crl_side_release(&v->device, &found)) note(v, &found);
    v->state = CRL_DEVICE_CLOSED;
    v->waiting = false;
}

static void pause_device(crl_supervisor *v, uint64_t at)
{
    v->pause = v->pause ? 2 * v->pause : FIRST_PAUSE_MS * MS;
    if (v->pause > LONGEST_PAUSE_MS * MS) v->pause = LONGEST_PAUSE_MS * MS;
    v->next = at + v->pause;
}

/* It was ready, or was to be when the engine was made, or inputs were resized. */
static void lose(crl_supervisor *v, const crl_error *found, uint64_t at)
{
    note(v, found);
    if (v->state == CRL_DEVICE_READY && at - v->since >= LONGEST_PAUSE_MS * MS) v->pause = 0;
    pause_device(v, at);
    v->state = CRL_DEVICE_FAULTY;
    v->waiting = false;
    v->stood_in = v->counters.cpu_frames;
    crl_notify(v->of.notifier, CRL_NOTICE_DEVICE_LOST, "%.160s: %s until %s is back", found->text,
               v->setup.alone ? "frames fail" : "the CPU computes frames", name_of(v));
}

static void gain(crl_supervisor *v, uint64_t at)
{
    v->state = CRL_DEVICE_READY;
    v->since = at;
    v->waiting = false;
    v->counters.returns++;
    crl_notify(v->of.notifier, CRL_NOTICE_DEVICE_BACK, "%s is back, the CPU computed %llu frames", name_of(v),
               (unsigned long long)(v->counters.cpu_frames - v->stood_in));
}

/* No program on the device takes inputs of these shapes: that is nobody's fault, and does not pass. */
static bool is_unfit(const crl_supervisor *v, crl_status s)
{
    return s != CRL_ERR_MEMORY && !is_fault(v);
}

static void give_up(crl_supervisor *v, const crl_error *found)
{
    crl_notify(v->of.notifier, CRL_NOTICE_DEVICE_UNUSED, "%.180s: the CPU computes frames of these shapes", found->text);
    close_device(v);
    v->state = CRL_DEVICE_UNFIT;
}

/* --- making ------------------------------------------------------------------------------------------- */

/* What an operator keeps is not in tensors, or in such as are variables. */
static bool keeps(const crl_operator *op)
{
    static const int32_t codes[] = { CRL_OP_LSTM, CRL_OP_CALL_ONCE, CRL_OP_VAR_HANDLE, CRL_OP_ASSIGN_VARIABLE,
                                     CRL_OP_RANDOM_STANDARD_NORMAL, CRL_OP_RANDOM_UNIFORM, CRL_OP_MULTINOMIAL };
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (op->code == codes[i]) return true;
    return false;
}

static bool keeps_state(const crl_model *m)
{
    for (int32_t i = 0; i < m->n_subgraphs; i++) {
        const crl_subgraph *g = &m->subgraphs[i];
        for (int32_t k = 0; k < g->n_tensors; k++)
            if (g->tensors[k].is_variable) return true;
        for (int32_t k = 0; k < g->n_operators; k++)
            if (keeps(&g->operators[k])) return true;
    }
    return false;
}

static crl_status open_device(crl_supervisor *v, bool hurry, crl_error *err)
{
    crl_backend_options options = v->of.options;
    options.patience = v->setup.patience;
    options.chip = NULL; /* it is of the other model, and of the CPU */
    options.hurry = hurry;
    const size_t held = v->cpu.programs.host.account.held, left = held < v->of.most_memory ? v->of.most_memory - held : 0;
    crl_status s = crl_programs_init(&v->device.programs, v->of.model, v->setup.device, &options, v->of.pool, left, err);
    v->device.programs.profile = v->cpu.programs.profile;
    return s;
}

static crl_status fit_device(crl_supervisor *v, const crl_shape *shapes, crl_error *err)
{
    return crl_side_make(&v->device, v->of.subgraph, shapes, &v->binding, NULL, err);
}

/* Those of the inputs, as the CPU has them now. */
static const crl_shape *shapes_of(crl_supervisor *v)
{
    const crl_program *p = v->cpu.main;
    for (int32_t i = 0; i < p->graph.def->n_inputs; i++) v->shapes[i] = p->in[i]->shape;
    return v->shapes;
}

static crl_status make_cpu(crl_supervisor *v, crl_error *err)
{
    const crl_model *model = v->setup.twin ? v->setup.twin : v->of.model;
    crl_status s = crl_programs_init(&v->cpu.programs, model, v->of.backends, &v->of.options, v->of.pool, v->of.most_memory, err);
    if (!s) s = crl_side_make(&v->cpu, v->of.subgraph, v->of.shapes, &v->binding, NULL, err);
    if (s) return s;
    v->shown = &v->cpu;
    v->pile.account = &v->cpu.programs.host.account;
    v->shapes = crl_pile_array(&v->pile, (size_t)v->cpu.main->graph.def->n_inputs, sizeof *v->shapes);
    return v->shapes ? CRL_OK : crl_fail_memory(err, "an engine");
}

static crl_status make_device(crl_supervisor *v, crl_error *err)
{
    crl_error found;
    crl_status s = open_device(v, false, &found);
    if (!s) s = fit_device(v, v->of.shapes, &found);
    if (!s) {
        v->state = CRL_DEVICE_READY;
        v->since = now(v);
        v->shown = &v->device;
        return CRL_OK;
    }
    if (v->setup.alone || !is_fault(v)) return crl_side_tell(&v->device, s, &found, err);
    lose(v, &found, now(v));
    close_device(v);
    return CRL_OK;
}

crl_status crl_supervisor_init(crl_supervisor *v, const crl_supervised *of, crl_error *err)
{
    *v = (crl_supervisor){ .of = *of, .setup = *of->setup };
    v->of.setup = NULL;
    if (!v->setup.patience) v->setup.patience = PATIENCE_MS * MS;
    crl_status s = v->setup.alone ? CRL_OK : make_cpu(v, err);
    if (s || !v->setup.device) return s;
    if (!v->setup.alone && (keeps_state(of->model) || (v->setup.twin && keeps_state(v->setup.twin)))) {
        crl_notify(of->notifier, CRL_NOTICE_DEVICE_UNUSED,
                   "the model keeps values from run to run, which %s and the CPU cannot pass to one another: the CPU computes frames",
                   name_of(v));
        return CRL_OK;
    }
    return make_device(v, err);
}

/* Ports are on the account of the side that made them, and are let go before it. */
void crl_supervisor_release(crl_supervisor *v)
{
    crl_program_free(v->device.main);
    crl_program_free(v->cpu.main);
    v->device.main = v->cpu.main = NULL;
    crl_binding_release(&v->binding);
    crl_pile_free(&v->pile);
    crl_side_release(&v->device, NULL);
    crl_side_release(&v->cpu, NULL);
}

/* --- coming back -------------------------------------------------------------------------------------- */

static crl_status recover(crl_supervisor *v, crl_error *err)
{
    crl_status s = CRL_OK;
    for (int32_t i = 0; !s && i < v->device.programs.n_owners; i++) {
        const crl_owner *o = &v->device.programs.owners[i];
        if (o->backend->recover) s = o->backend->recover(o->state, err);
    }
    return s;
}

/* Whether it may go on to be waited for. */
static bool wait_on(crl_supervisor *v, uint64_t at)
{
    if (!v->waiting) v->since = at;
    v->waiting = true;
    return at - v->since < MOST_WAIT_MS * MS;
}

static void bring_back(crl_supervisor *v, uint64_t at)
{
    crl_error found;
    crl_status s = CRL_OK;
    if (v->state == CRL_DEVICE_CLOSED) {
        s = open_device(v, true, &found);
        if (!s) v->state = CRL_DEVICE_OPENED;
    }
    const bool opened = !s;
    if (!s) s = recover(v, &found);
    if (opened && s == CRL_ERR_TIMEOUT && wait_on(v, at)) return;
    if (!s && !v->device.main) {
        s = fit_device(v, shapes_of(v), &found);
        if (s && is_unfit(v, s)) {
            give_up(v, &found);
            return;
        }
    }
    if (!s) {
        gain(v, at);
        return;
    }
    note(v, &found);
    if (!v->setup.alone) close_device(v); /* alone, its program is all that there is to show */
    v->waiting = false;
    pause_device(v, at);
}

/* --- running ------------------------------------------------------------------------------------------ */

static crl_status run_cpu(crl_supervisor *v, crl_error *err)
{
    const uint64_t start = v->setup.device ? now(v) : 0;
    crl_status s = crl_side_run(&v->cpu, err);
    v->shown = &v->cpu;
    if (s) return s;
    v->counters.cpu_frames++;
    if (v->setup.device) v->counters.cpu_ns += now(v) - start;
    return CRL_OK;
}

/* *lost: the frame is yet to be computed. `found` gets what is wrong, and is never NULL. */
static crl_status run_device(crl_supervisor *v, bool *lost, crl_error *found)
{
    const uint64_t start = now(v);
    crl_status s = crl_side_run(&v->device, found);
    const uint64_t end = now(v), took = end - start;
    *lost = s && !v->setup.alone;
    if (s && !is_fault(v)) return s; /* what the model has against its inputs: the CPU will say the same, or not */
    if (!s) {
        v->shown = &v->device;
        v->counters.device_frames++;
        v->counters.device_ns += took;
        if (took <= v->setup.patience) return CRL_OK;
        crl_fail(found, CRL_ERR_TIMEOUT, "a frame took %s %llu ms, and at most %llu are allowed", name_of(v),
                     (unsigned long long)(took / MS), (unsigned long long)(v->setup.patience / MS));
    }
    lose(v, found, end);
    return s;
}

crl_status crl_supervisor_run(crl_supervisor *v, crl_error *err)
{
    if (v->state > CRL_DEVICE_UNFIT && v->state < CRL_DEVICE_READY) {
        const uint64_t at = now(v);
        if (v->waiting || at >= v->next) bring_back(v, at);
    }
    if (v->state == CRL_DEVICE_READY) {
        bool lost;
        crl_error found;
        crl_status s = run_device(v, &lost, &found);
        if (s && !lost && err) *err = found;
        if (!lost) return s;
    }
    if (!v->setup.alone) return run_cpu(v, err);
    if (err) *err = v->counters.fault;
    return v->counters.fault.status;
}

/* --- other shapes ------------------------------------------------------------------------------------- */

/* The CPU goes on with the new shapes; the device may come with them, or later. */
static void resize_device(crl_supervisor *v)
{
    crl_error found;
    if (v->state == CRL_DEVICE_NONE) return;
    if (v->state == CRL_DEVICE_UNFIT) {
        v->state = CRL_DEVICE_CLOSED;
        v->next = 0;
    }
    if (!v->device.main) return; /* it is made when the device is back */
    crl_program_free(v->device.main);
    v->device.main = NULL;
    if (v->state != CRL_DEVICE_READY) {
        v->state = CRL_DEVICE_OPENED;
        v->shown = &v->cpu;
        return;
    }
    const crl_status s = fit_device(v, shapes_of(v), &found);
    if (s && is_unfit(v, s)) {
        give_up(v, &found);
    } else if (s) {
        lose(v, &found, now(v));
        close_device(v);
    }
}

crl_status crl_supervisor_resize(crl_supervisor *v, const crl_shape *shapes, crl_error *err)
{
    crl_side *first = v->setup.alone ? &v->device : &v->cpu;
    crl_binding bound = v->binding;
    crl_program *before;
    v->binding = (crl_binding){ 0 };
    crl_status s = crl_side_make(first, v->of.subgraph, shapes, &v->binding, &before, err);
    if (s) {
        crl_binding_release(&v->binding);
        v->binding = bound;
        return s;
    }
    crl_program_free(before);
    if (!v->setup.alone) resize_device(v);
    crl_binding_release(&bound);
    return CRL_OK;
}
