/* SPDX-License-Identifier: Apache-2.0 */
/* The fake backend: see fake.h. */
#include "fake.h"

#include <string.h>

#include "base/error.h"

static const char *const points[FAKE_POINTS] = { "open", "claim", "lower", "run", "half", "end", "recover", "close" };

static crl_status fails(fake *f, fake_point at, crl_error *err)
{
    if (!f->broken[at]) return CRL_OK;
    return crl_fail(err, f->status ? f->status : CRL_ERR_DEVICE, "the fake device fails at %s", points[at]);
}

static crl_status wait(fake *f, crl_error *err)
{
    if (!f->pending) return CRL_OK;
    f->pending--;
    return crl_fail(err, CRL_ERR_TIMEOUT, "the fake device is not ready yet");
}

static crl_status open(const crl_backend *self, const crl_backend_options *options, void **state, crl_error *err)
{
    fake *f = (fake *)(uintptr_t)self->setup;
    f->calls[FAKE_OPEN]++;
    f->patience = options->patience;
    crl_status s = fails(f, FAKE_OPEN, err);
    if (!s && !options->hurry) f->pending = 0;
    if (s) return s;
    f->states++;
    *state = f;
    return CRL_OK;
}

/* --- an operator of its own --------------------------------------------------------------------------- */

static crl_status prepare(crl_node *node, crl_error *err)
{
    return crl_node_same_shape(node, 0, 0, err);
}

static const crl_op_type made_up = { .name = "made-up", .code = CRL_CUSTOM, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1,
                                     .prepare = prepare };

static const crl_op_type *find(void *state, const crl_operator *def)
{
    (void)state;
    return def->code == CRL_CUSTOM && !strcmp(def->name, made_up.name) ? &made_up : NULL;
}

static crl_status run_made_up(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const uint8_t *in = step->node->in[0]->data;
    uint8_t *out = step->node->out[0]->data;
    for (size_t i = 0; i < step->node->out[0]->bytes; i++) out[i] = (uint8_t)(255 - in[i]);
    return CRL_OK;
}

/* --- the others --------------------------------------------------------------------------------------- */

static crl_status claim(void *state, const crl_node *node, bool *taken, crl_error *err)
{
    fake *f = state;
    f->calls[FAKE_CLAIM]++;
    *taken = node->type == &made_up || (node->type->invoke && (!f->wants || f->wants(node, f->choice)));
    return fails(f, FAKE_CLAIM, err);
}

static crl_status lower(void *state, crl_schedule *schedule, const crl_backend_options *options, crl_error *err)
{
    (void)options;
    fake *f = state;
    f->calls[FAKE_LOWER]++;
    crl_status s = fails(f, FAKE_LOWER, err);
    for (int32_t k = schedule->span.from; !s && k < schedule->span.to; k++) {
        const crl_node *node = &schedule->graph->nodes[k];
        if (node->folded) continue;
        s = crl_schedule_add_invoke(schedule, node, err);
        if (s) break;
        crl_step *step = &schedule->steps[schedule->n_steps - 1];
        step->kernel = "fake";
        if (node->type == &made_up) step->run = run_made_up;
    }
    return s;
}

static void scribble(const crl_step *step)
{
    for (int32_t i = 0; i < step->node->n_out; i++) {
        const crl_tensor *t = step->node->out[i];
        if (t->data && !(t->flags & CRL_TENSOR_CONST)) memset(t->data, 0xa5, t->bytes - t->bytes / 2);
    }
}

static crl_status run(void *state, crl_schedule *schedule, const crl_schedule_segment *segment, crl_work *work, crl_error *err)
{
    fake *f = state;
    f->calls[FAKE_RUN]++;
    f->now += f->takes;
    crl_status s = fails(f, FAKE_RUN, err);
    if (s) return s;
    const bool half = f->broken[FAKE_HALF];
    const int32_t n = half ? segment->n_steps / 2 : segment->n_steps;
    s = crl_schedule_run_steps(schedule, segment->first_step, n, work, err);
    for (int32_t k = segment->first_step + n; !s && k < segment->first_step + segment->n_steps; k++) scribble(&schedule->steps[k]);
    if (!s) s = fails(f, FAKE_HALF, err);
    return s ? s : fails(f, FAKE_END, err);
}

static crl_status recover(void *state, crl_error *err)
{
    fake *f = state;
    f->calls[FAKE_RECOVER]++;
    crl_status s = fails(f, FAKE_RECOVER, err);
    return s ? s : wait(f, err);
}

static crl_status close(void *state, crl_error *err)
{
    fake *f = state;
    f->calls[FAKE_CLOSE]++;
    f->states--;
    return fails(f, FAKE_CLOSE, err);
}

crl_backend fake_backend(const fake *f)
{
    return (crl_backend){ .kind = CRL_BACKEND_AUTO, .name = "fake", .setup = f, .open = open, .find = find, .claim = claim,
                          .lower = lower, .run = run, .recover = recover, .close = close };
}

bool fake_wants_some(const crl_node *node, uint32_t choice)
{
    return choice >> node->index % 32 & 1;
}
