/* SPDX-License-Identifier: Apache-2.0 */
/* UNIDIRECTIONAL_SEQUENCE_LSTM of INT8: the operator's own loop over time, with its state in the graph's variables, and a fast
 * kernel in it. */
#include "backend/cpu/rules.h"
#include "kernels/lstm8.h"
#include "ops/lstm.h"

typedef struct lstm_step {
    crl_lstm8 layer;
    crl_lstm_s8_fn *run;
} lstm_step;

static crl_status run(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)err;
    const lstm_step *p = step->params;
    crl_lstm_run_s8(step->node, p->run, &p->layer, work->scratch);
    return CRL_OK;
}

crl_status crl_lower_lstm(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_lstm_s8 *layer = crl_lstm_node_s8(node);
    if (!layer || !crl_lstm8_serves(layer, l->cpu)) return CRL_OK;
    *taken = true;
    for (int32_t i = 0; i < node->n_in; i++)
        if (crl_lower_read(l, node->in[i], CRL_FORM_RAW, err) < -1) return CRL_ERR_MEMORY;
    if (crl_lower_write(l, node->out[0], CRL_FORM_RAW, err) < 0) return CRL_ERR_MEMORY;
    crl_step *step = crl_schedule_add_step(l->schedule, node, err);
    if (!step) return CRL_ERR_MEMORY;
    lstm_step *p = crl_pile_alloc(&l->schedule->pile, sizeof *p);
    void *memory = crl_pile_alloc(&l->schedule->pile, crl_lstm8_packed_bytes(layer));
    if (!p || !memory) return crl_fail_memory(err, "the packed weights of an LSTM");
    crl_lstm8_pack(&p->layer, layer, memory);
    p->run = crl_lstm8_step_of(l->cpu);
    l->schedule->packed_bytes += crl_lstm8_packed_bytes(layer);
    step->run = run;
    step->params = p;
    step->kernel = crl_lstm8_name(l->cpu);
    step->macs = node->macs;
    step->weight_bytes = crl_lstm8_packed_bytes(layer);
    step->scratch_bytes = crl_lstm8_scratch(&p->layer);
    return crl_step_touches(l->schedule, step, node->def->inputs, node->n_in, node->def->outputs, node->n_out, err);
}
