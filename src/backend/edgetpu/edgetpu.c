/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled operators on a stick: see edgetpu.h. */
#include "backend/edgetpu/edgetpu.h"

#include <string.h>

#include "backend/edgetpu/operator.h"
#include "backend/edgetpu/stick.h"
#include "base/error.h"

static const uint64_t PATIENCE = 3500000000; /* ns, where nobody says less */
static const uint64_t LOOK_EVERY = 5000000000; /* ns, for a stick that is free, where several engines share one */

typedef struct step_params step_params;

typedef struct state {
    const crl_edgetpu_setup *setup;
    const crl_backend_options *options;
    crl_tpu_options wishes;
    crl_stick *stick;
    crl_stick *free;    /* that is being made ready; NULL: none */
    uint64_t looked;    /* for one */
    step_params *steps; /* of all schedules that there are, the last one first */
} state;

struct step_params {
    state *of;
    step_params *next;
    crl_tpu_program program;
    crl_canary *canary; /* NULL: none is kept */
    int32_t n_in, n_out;
};

static uint64_t patience(const state *st)
{
    return st->options->patience ? st->options->patience : PATIENCE;
}

/* By which models that were compiled together are told from others; 0: it has none that can be read, of which making it ready will tell. */
static uint64_t token_of(const crl_model *model)
{
    crl_package *p = NULL;
    const int32_t op = crl_find_compiled(model, 0);
    if (op < 0 || crl_package_open(&p, model, op, NULL)) return 0;
    const uint64_t token = p->running->token;
    crl_package_close(p);
    return token;
}

static crl_status open(const crl_backend *self, const crl_backend_options *options, void **out, crl_error *err)
{
    const crl_edgetpu_setup *setup = self->setup;
    state *st = crl_alloc(sizeof *st);
    if (!st) return crl_fail_memory(err, "a device");
    *st = (state){ .setup = setup, .options = options, .wishes = setup->options, .looked = setup->buses->now(setup->buses) };
    if (!setup->place) st->wishes.token = token_of(setup->model);
    const crl_status s = crl_stick_take(&st->stick, setup->buses, setup->n_buses, setup->place, &st->wishes, options->hurry, err);
    if (s)
        crl_free(st);
    else
        *out = st;
    return s;
}

static crl_status close(void *of, crl_error *err)
{
    state *st = of;
    if (st->free) crl_stick_drop(st->free, NULL);
    const crl_status s = crl_stick_drop(st->stick, err);
    crl_free(st);
    return s;
}

/* Whether what went well before goes well again, with all steps that came after `old`. */
static crl_status try_canaries(const state *st, const step_params *old, crl_error *err)
{
    crl_status s = CRL_OK;
    for (step_params *p = st->steps; p != old && !s; p = p->next)
        if (p->canary) s = crl_canary_try(p->canary, st->stick, &p->program, patience(st), err);
    return s;
}

static crl_status recover(void *of, crl_error *err)
{
    state *st = of;
    const crl_status s = crl_stick_recover(st->stick, err);
    return s ? s : try_canaries(st, NULL, err);
}

/* --- sharing out ------------------------------------------------------------------------------------------------ */

/* Lets go of a stick that steps ran on, or were to. */
static void leave(const state *st, crl_stick *stick)
{
    for (step_params *p = st->steps; p; p = p->next) crl_stick_forget(stick, &p->program);
    crl_stick_drop(stick, NULL);
}

/* To the one that is free now, if it is ready and computes what it should. */
static void move(state *st)
{
    crl_stick *old = st->stick;
    const crl_status s = crl_stick_ready(st->free, NULL);
    if (s == CRL_ERR_TIMEOUT) return;
    st->stick = st->free;
    st->free = NULL;
    if (!s && !try_canaries(st, NULL, NULL)) {
        leave(st, old);
    } else {
        leave(st, st->stick);
        st->stick = old;
    }
}

/* Engines that share a stick, as after another one was pulled out, do so no longer than they have to: one that is plugged in is taken by
 * the first that looks, while its frames go on where they went. */
static void share_out(state *st)
{
    const crl_edgetpu_setup *setup = st->setup;
    if (setup->place) return;
    if (st->free) {
        move(st);
        return;
    }
    if (!crl_stick_is_shared(st->stick)) return;
    const uint64_t now = setup->buses->now(setup->buses);
    if (now - st->looked < LOOK_EVERY) return;
    st->looked = now;
    st->free = crl_stick_take_free(setup->buses, setup->n_buses, &st->wishes);
}

/* --- steps ---------------------------------------------------------------------------------------------------- */

static crl_status run_step(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)work;
    const step_params *p = step->params;
    const crl_tpu_program *program = &p->program;
    share_out(p->of);
    for (int32_t i = 0; i < p->n_in; i++) crl_tpu_port_fill(&program->in[i], step->node->in[program->in[i].tensor]->data);
    const crl_status s = crl_stick_run(p->of->stick, program, patience(p->of), err);
    if (s) return s;
    for (int32_t i = 0; i < p->n_out; i++) crl_tpu_port_read(&program->out[i], step->node->out[program->out[i].tensor]->data);
    if (p->canary) crl_canary_keep(p->canary, program, step->node);
    return CRL_OK;
}

static void forget(void *step)
{
    step_params *p = step;
    step_params **at = &p->of->steps;
    while (*at != p) at = &(*at)->next;
    *at = p->next;
    crl_stick_forget(p->of->stick, &p->program);
}

/* As long as its schedule is there. */
static crl_status remember(state *st, crl_schedule *schedule, step_params *p, crl_error *err)
{
    p->next = st->steps;
    st->steps = p;
    return crl_schedule_own(schedule, p, forget, err);
}

static crl_status add(state *st, crl_schedule *schedule, const crl_node *node, crl_error *err)
{
    step_params *p = crl_pile_alloc(&schedule->pile, sizeof *p);
    if (!p) return crl_fail_memory(err, "a program for an Edge TPU");
    crl_status s = crl_tpu_operator_program(&p->program, st->setup->model, schedule, node, err);
    if (s) return s;
    p->of = st;
    p->n_in = p->program.package->running->n_inputs;
    p->n_out = p->program.package->running->n_outputs;
    if (st->setup->canaries) s = crl_canary_of(&p->canary, st->setup->canaries, node->index, &p->program, err);
    if (s) return s;
    s = remember(st, schedule, p, err);
    if (s) return s;
    crl_step *step = crl_schedule_add_step(schedule, node, err);
    if (!step) return CRL_ERR_MEMORY;
    step->run = run_step;
    step->params = p;
    step->kernel = "edgetpu";
    return crl_tpu_operator_touches(schedule, step, node, err);
}

static crl_status lower(void *of, crl_schedule *schedule, const crl_backend_options *options, crl_error *err)
{
    (void)options;
    state *st = of;
    crl_status s = CRL_OK;
    const step_params *old = st->steps;
    for (int32_t k = schedule->span.from; !s && k < schedule->span.to; k++)
        if (!schedule->graph->nodes[k].folded) s = add(st, schedule, &schedule->graph->nodes[k], err);
    return s ? s : try_canaries(st, old, err);
}

crl_backend crl_edgetpu_backend(const crl_edgetpu_setup *setup)
{
    return (crl_backend){ .kind = CRL_BACKEND_AUTO,
                          .name = "edgetpu",
                          .setup = setup,
                          .open = open,
                          .find = crl_tpu_operator_find,
                          .claim = crl_tpu_operator_claim,
                          .lower = lower,
                          .run = crl_backend_run_steps,
                          .recover = recover,
                          .close = close };
}
