/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled operators on a stick: see edgetpu.h. */
#include "backend/edgetpu/edgetpu.h"

#include <string.h>

#include "backend/edgetpu/program.h"
#include "backend/edgetpu/stick.h"
#include "base/error.h"

static const uint64_t PATIENCE = 3500000000; /* ns, where nobody says less */

typedef struct step_params step_params;

typedef struct state {
    const crl_edgetpu_setup *setup;
    const crl_backend_options *options;
    crl_stick *stick;
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

static crl_status open(const crl_backend *self, const crl_backend_options *options, void **out, crl_error *err)
{
    const crl_edgetpu_setup *setup = self->setup;
    state *st = crl_alloc(sizeof *st);
    if (!st) return crl_fail_memory(err, "a device");
    *st = (state){ .setup = setup, .options = options };
    const crl_status s = crl_stick_take(&st->stick, setup->usb, setup->place, &setup->options, options->hurry, err);
    if (s)
        crl_free(st);
    else
        *out = st;
    return s;
}

static crl_status close(void *of, crl_error *err)
{
    state *st = of;
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

/* --- the operator ------------------------------------------------------------------------------------------- */

/* Shapes are those of the file: the compiler wrote them down for good. */
static crl_status prepare(crl_node *node, crl_error *err)
{
    for (int32_t i = 0; i < node->n_out; i++) {
        const crl_shape shape = node->out[i]->shape;
        const crl_status s = crl_node_shape(node, i, &shape, err);
        if (s) return s;
    }
    return CRL_OK;
}

static const crl_op_type compiled = { .name = CRL_EDGETPU_OP, .code = CRL_CUSTOM, .in_min = 1, .in_max = -1, .out_min = 1, .out_max = -1,
                                      .prepare = prepare };

const crl_op_type *crl_edgetpu_find(void *of, const crl_operator *def)
{
    (void)of;
    return def->code == CRL_CUSTOM && !strcmp(def->name, CRL_EDGETPU_OP) ? &compiled : NULL;
}

crl_status crl_edgetpu_claim(void *of, const crl_node *node, bool *taken, crl_error *err)
{
    (void)of;
    (void)err;
    *taken = node->type == &compiled;
    return CRL_OK;
}

/* --- steps ---------------------------------------------------------------------------------------------------- */

static crl_status run_step(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)work;
    const step_params *p = step->params;
    const crl_tpu_program *program = &p->program;
    for (int32_t i = 0; i < p->n_in; i++) crl_tpu_port_fill(&program->in[i], step->node->in[program->in[i].tensor]->data);
    const crl_status s = crl_stick_run(p->of->stick, program, patience(p->of), err);
    if (s) return s;
    for (int32_t i = 0; i < p->n_out; i++) crl_tpu_port_read(&program->out[i], step->node->out[program->out[i].tensor]->data);
    if (p->canary) crl_canary_keep(p->canary, program, step->node);
    return CRL_OK;
}

static void close_package(void *package)
{
    crl_package_close(package);
}

/* Names and sizes of the operator's tensors. */
static crl_status describe(const crl_node *node, crl_tpu_tensors *t, crl_pile *pile, crl_error *err)
{
    const size_t n_in = (size_t)node->n_in, n_out = (size_t)node->n_out;
    const char **names = crl_pile_array(pile, n_in + n_out, sizeof *names);
    size_t *bytes = crl_pile_array(pile, n_in + n_out, sizeof *bytes);
    if (!names || !bytes) return crl_fail_memory(err, "a program for an Edge TPU");
    for (size_t i = 0; i < n_in + n_out; i++) {
        const crl_tensor *tensor = i < n_in ? node->in[i] : node->out[i - n_in];
        names[i] = tensor ? tensor->name : "";
        bytes[i] = tensor ? tensor->bytes : 0;
    }
    *t = (crl_tpu_tensors){ .in = names, .in_bytes = bytes, .out = names + n_in, .out_bytes = bytes + n_in, .n_in = node->n_in,
                            .n_out = node->n_out };
    return CRL_OK;
}

static crl_status touch(crl_schedule *schedule, crl_step *step, const crl_node *node, crl_error *err)
{
    return crl_step_touches(schedule, step, node->def->inputs, node->def->n_inputs, node->def->outputs, node->def->n_outputs, err);
}

static void forget(void *step)
{
    step_params *p = step;
    step_params **at = &p->of->steps;
    while (*at != p) at = &(*at)->next;
    *at = p->next;
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
    crl_package *package;
    crl_status s = crl_package_open(&package, st->setup->model, node->index, err);
    if (!s) s = crl_schedule_own(schedule, package, close_package, err);
    if (s) return s;
    step_params *p = crl_pile_alloc(&schedule->pile, sizeof *p);
    if (!p) return crl_fail_memory(err, "a program for an Edge TPU");
    p->of = st;
    p->n_in = package->running->n_inputs;
    p->n_out = package->running->n_outputs;
    crl_tpu_tensors tensors;
    s = describe(node, &tensors, &schedule->pile, err);
    if (!s) s = crl_tpu_program_make(&p->program, package, &tensors, &schedule->pile, err);
    if (!s && st->setup->canaries) s = crl_canary_of(&p->canary, st->setup->canaries, node->index, &p->program, err);
    if (s) return s;
    s = remember(st, schedule, p, err);
    if (s) return s;
    crl_step *step = crl_schedule_add_step(schedule, node, err);
    if (!step) return CRL_ERR_MEMORY;
    step->run = run_step;
    step->params = p;
    step->kernel = "edgetpu";
    return touch(schedule, step, node, err);
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
    return (crl_backend){ .kind = CRL_BACKEND_AUTO, .name = "edgetpu", .setup = setup, .open = open, .find = crl_edgetpu_find, .claim = crl_edgetpu_claim,
                          .lower = lower, .run = crl_backend_run_steps, .recover = recover, .close = close };
}
