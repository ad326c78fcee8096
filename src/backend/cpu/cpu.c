/* SPDX-License-Identifier: Apache-2.0 */
/* The cpu backend: walks the operators in order and asks the rules. */
#include "backend/backend.h"
#include "backend/cpu/lower.h"

static crl_status study(crl_lower *l, crl_error *err)
{
    const crl_graph *g = l->graph;
    l->tensors = crl_pile_array(&l->pile, (size_t)g->def->n_tensors, sizeof *l->tensors);
    l->done = crl_pile_array(&l->pile, (size_t)g->n_nodes, sizeof *l->done);
    if (!l->tensors || !l->done) return crl_fail_memory(err, "the lowered graph");
    for (int32_t i = 0; i < g->def->n_tensors; i++) {
        /* What no operator of this segment writes is there from the start, as the model types it. */
        l->tensors[i] = (crl_lower_tensor){ .producer = -1, .user = -1, .value = { i, -1 } };
    }
    for (int32_t k = l->schedule->span.from; k < l->schedule->span.to; k++) {
        const crl_operator *op = g->nodes[k].def;
        l->done[k] = g->nodes[k].folded;
        if (l->done[k]) continue;
        for (int32_t i = 0; i < op->n_outputs; i++) {
            l->tensors[op->outputs[i]].producer = k;
            l->tensors[op->outputs[i]].value[CRL_FORM_RAW] = -1;
        }
        for (int32_t i = 0; i < op->n_inputs; i++) {
            if (op->inputs[i] < 0) continue;
            l->tensors[op->inputs[i]].n_uses++;
            l->tensors[op->inputs[i]].user = k;
        }
    }
    for (int32_t i = 0; i < g->def->n_tensors; i++) l->tensors[i].n_uses += crl_schedule_wanted(l->schedule, i);
    return CRL_OK;
}

/* The operator's own invoke reads and writes the graph's tensors: raw forms. */
static crl_status lower_plain(crl_lower *l, const crl_node *node, crl_error *err)
{
    for (int32_t i = 0; i < node->n_in; i++)
        if (crl_lower_read(l, node->in[i], CRL_FORM_RAW, err) < -1) return CRL_ERR_MEMORY;
    for (int32_t i = 0; i < node->n_out; i++)
        if (crl_lower_write(l, node->out[i], CRL_FORM_RAW, err) < 0) return CRL_ERR_MEMORY;
    const crl_status s = crl_schedule_add_invoke(l->schedule, node, err);
    if (!s && node->macs) l->schedule->steps[l->schedule->n_steps - 1].why_plain = crl_lower_why_plain(l, node);
    return s;
}

/* Room for what will be packed: the constants that the segment reads, and some more for biases, scales and columns that do
 * not exist. */
static crl_status reserve(crl_lower *l, crl_error *err)
{
    size_t constants = 0;
    for (int32_t i = 0; i < l->graph->def->n_tensors; i++) {
        const crl_tensor *t = &l->graph->tensors[i];
        if ((t->flags & CRL_TENSOR_CONST) && l->tensors[i].n_uses) constants += t->bytes;
    }
    if (constants < 1 << 20) return CRL_OK;
    return crl_pile_reserve(&l->schedule->pile, constants + constants / 2) ? CRL_OK : crl_fail_memory(err, "packed weights");
}

static crl_status lower_all(crl_lower *l, crl_error *err)
{
    crl_status s = study(l, err);
    if (!s) s = reserve(l, err);
    for (int32_t k = l->schedule->span.from; !s && k < l->schedule->span.to; k++) {
        crl_node *node = &l->graph->nodes[k];
        if (l->done[k]) continue;
        bool taken = false;
        s = crl_lower_by_rules(l, node, &taken, err);
        if (!s && !taken) s = lower_plain(l, node, err);
    }
    for (int32_t i = 0; !s && i < l->graph->def->n_tensors; i++)
        if (crl_schedule_wanted(l->schedule, i) && crl_lower_read(l, &l->graph->tensors[i], CRL_FORM_RAW, err) < 0) s = CRL_ERR_MEMORY;
    return s;
}

static crl_status lower(void *state, crl_schedule *schedule, const crl_backend_options *options, crl_error *err)
{
    (void)state;
    enum { SIMD = 16 }; /* multiplications in a nanosecond, at least, where there are instructions for it */
    schedule->macs_at_once = options->cpu ? SIMD : 1;
    crl_lower l = { .schedule = schedule, .graph = schedule->graph, .cpu = options->cpu, .threads = options->threads, .pool = options->pool,
                    .fused = options->float_mode == CRL_FLOAT_FAST,
                    .pile = crl_pile_beside(&schedule->pile) };
    crl_status s = lower_all(&l, err);
    crl_pile_free(&l.pile);
    crl_pile_settle(&schedule->pile);
    return s;
}

const crl_backend crl_backend_cpu = { .kind = CRL_BACKEND_CPU, .name = "cpu", .claim = crl_backend_claim_plain, .lower = lower,
                                      .run = crl_backend_run_steps };
