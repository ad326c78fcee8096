/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled operators in software: see backend.h. */
#include "backend/edgetpu/emulator/backend.h"

#include "backend/edgetpu/emulator/emulator.h"
#include "backend/edgetpu/operator.h"
#include "base/error.h"

enum { UNITS_A_STEP = 40 }; /* of the engine's work limit */

typedef struct state {
    const crl_model *model;
    const crl_backend_options *options;
} state;

/* An operator has a chip of its own: what it cached stays. */
typedef struct step_params {
    const state *of;
    crl_tpu_program transfers;
    crl_emulator *chip;
    crl_emu_program *running;
} step_params;

static crl_status open(const crl_backend *self, const crl_backend_options *options, void **out, crl_error *err)
{
    state *st = crl_alloc(sizeof *st);
    if (!st) return crl_fail_memory(err, "a device");
    *st = (state){ self->setup, options };
    *out = st;
    return CRL_OK;
}

static crl_status close(void *of, crl_error *err)
{
    (void)err;
    crl_free(of);
    return CRL_OK;
}

static uint64_t limit(const state *st)
{
    return st->options->work_limit / UNITS_A_STEP;
}

static crl_status run_step(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)work;
    const step_params *p = step->params;
    const crl_tpu_program *t = &p->transfers;
    const crl_executable *e = t->package->running;
    for (int32_t i = 0; i < e->n_inputs; i++) crl_tpu_port_fill(&t->in[i], step->node->in[t->in[i].tensor]->data);
    const crl_status s = crl_emulator_run(p->chip, p->running, &t->running, limit(p->of), err);
    for (int32_t i = 0; !s && i < e->n_outputs; i++) crl_tpu_port_read(&t->out[i], step->node->out[t->out[i].tensor]->data);
    return s;
}

static void close_listing(void *listing)
{
    crl_disassembly_free(listing);
}

static crl_status ready(crl_emu_program **program, const crl_executable *e, crl_schedule *schedule, crl_error *err)
{
    crl_disassembly *listing;
    crl_status s = crl_disassemble(&listing, e, err);
    if (!s) s = crl_schedule_own(schedule, listing, close_listing, err);
    return s ? s : crl_emu_program_make(program, listing, &schedule->pile, err);
}

/* Both programs are read, and parameters brought into the chip. */
static crl_status load(step_params *p, crl_schedule *schedule, crl_error *err)
{
    const crl_package *package = p->transfers.package;
    crl_emu_program *caching;
    p->chip = crl_emulator_make(&schedule->pile);
    if (!p->chip) return crl_fail_memory(err, "the memory of an Edge TPU");
    crl_status s = ready(&p->running, package->running, schedule, err);
    if (s || !package->caching) return s;
    s = ready(&caching, package->caching, schedule, err);
    return s ? s : crl_emulator_run(p->chip, caching, &p->transfers.caching, limit(p->of), err);
}

static crl_status add(state *st, crl_schedule *schedule, const crl_node *node, crl_error *err)
{
    step_params *p = crl_pile_alloc(&schedule->pile, sizeof *p);
    if (!p) return crl_fail_memory(err, "a program for the emulator");
    p->of = st;
    crl_status s = crl_tpu_operator_program(&p->transfers, st->model, schedule, node, err);
    if (!s) s = load(p, schedule, err);
    if (s) return s;
    crl_step *step = crl_schedule_add_step(schedule, node, err);
    if (!step) return CRL_ERR_MEMORY;
    step->run = run_step;
    step->params = p;
    step->kernel = "emulator";
    return crl_tpu_operator_touches(schedule, step, node, err);
}

static crl_status lower(void *of, crl_schedule *schedule, const crl_backend_options *options, crl_error *err)
{
    (void)options;
    crl_status s = CRL_OK;
    for (int32_t k = schedule->span.from; !s && k < schedule->span.to; k++)
        if (!schedule->graph->nodes[k].folded) s = add(of, schedule, &schedule->graph->nodes[k], err);
    return s;
}

crl_backend crl_emulator_backend(const crl_model *model)
{
    return (crl_backend){ .kind = CRL_BACKEND_EDGETPU, .name = "edgetpu:emulator", .setup = model, .open = open, .find = crl_tpu_operator_find,
                          .claim = crl_tpu_operator_claim, .lower = lower, .run = crl_backend_run_steps, .close = close };
}
