/* SPDX-License-Identifier: Apache-2.0 */
/* LSTM and UNIDIRECTIONAL_SEQUENCE_LSTM of floats, and SVDF: the operators' own loops over time, with their states in the graph's
 * variables, and fast kernels in them. */
#include "kernels/recurrent.h"

#include "backend/cpu/rules.h"
#include "ops/lstm.h"
#include "ops/svdf.h"

typedef struct recurrent_step {
    crl_recurrent_kernels k;
    crl_lstm_f32 layer;  /* LSTM */
    const int32_t *sums; /* SVDF */
} recurrent_step;

static crl_status run_lstm(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)err;
    crl_lstm_run_f32(step->node, &((const recurrent_step *)step->params)->layer, work->scratch);
    return CRL_OK;
}

static crl_status run_svdf(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)err;
    const recurrent_step *p = step->params;
    crl_svdf_run(step->node, &p->k, p->sums, work->scratch);
    return CRL_OK;
}

/* What each row of weights adds up to. NULL without memory. */
static int32_t *sums_of(crl_lower *l, const crl_hybrid_matrix *m)
{
    int32_t *sums = crl_pile_array(&l->schedule->pile, m->rows, sizeof *sums);
    for (size_t r = 0; sums && r < m->rows; r++) {
        uint32_t sum = 0;
        for (size_t i = 0; i < m->columns; i++) sum += (uint32_t)(int32_t)m->weights[r * m->columns + i];
        sums[r] = (int32_t)sum;
    }
    return sums;
}

/* A step with kernels that reads and writes what the node does. NULL in *p: none serve. */
static crl_status begin(recurrent_step **p, crl_step **step, crl_lower *l, crl_node *node, crl_error *err)
{
    crl_recurrent_kernels k;
    crl_recurrent_kernels_init(&k, l->cpu);
    *p = NULL;
    if (!k.name) return CRL_OK;
    for (int32_t i = 0; i < node->n_in; i++)
        if (crl_lower_read(l, node->in[i], CRL_FORM_RAW, err) < -1) return CRL_ERR_MEMORY;
    if (crl_lower_write(l, node->out[0], CRL_FORM_RAW, err) < 0) return CRL_ERR_MEMORY;
    *step = crl_schedule_add_step(l->schedule, node, err);
    if (!*step) return CRL_ERR_MEMORY;
    *p = crl_pile_alloc(&l->schedule->pile, sizeof **p);
    if (!*p) return crl_fail_memory(err, "the schedule");
    (*p)->k = k;
    (*step)->params = *p;
    (*step)->kernel = (*p)->k.name;
    (*step)->macs = node->macs;
    (*step)->scratch_bytes = node->scratch_bytes;
    return crl_step_touches(l->schedule, *step, node->def->inputs, node->n_in, node->def->outputs, node->n_out, err);
}

/* All weights that have 8 bits. */
typedef struct matrices {
    crl_lstm_f32_weights *of[2 * CRL_LSTM_GATES + 1];
    int n;
} matrices;

static void gather(matrices *m, crl_lstm_f32 *l)
{
    crl_lstm_f32_weights *all[2 * CRL_LSTM_GATES + 1] = { &l->projection };
    for (int g = 0; g < CRL_LSTM_GATES; g++) {
        all[2 * g + 1] = &l->gate[g].input;
        all[2 * g + 2] = &l->gate[g].recurrent;
    }
    m->n = 0;
    for (int i = 0; i < 2 * CRL_LSTM_GATES + 1; i++)
        if (!all[i]->f32 && all[i]->s8.weights) m->of[m->n++] = all[i];
}

crl_status crl_lower_lstm_f32(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_lstm_f32 *layer = crl_lstm_node_f32(node);
    if (!layer) return CRL_OK;
    crl_lstm_f32 own = *layer;
    matrices m;
    gather(&m, &own);
    for (int i = 0; i < m.n; i++)
        if (m.of[i]->s8.columns > CRL_DOT8_MOST) return CRL_OK;
    recurrent_step *p;
    crl_step *step;
    const crl_status s = begin(&p, &step, l, node, err);
    if (s || !p) return s;
    *taken = true;
    for (int i = 0; i < m.n; i++)
        if (!(m.of[i]->sums = sums_of(l, &m.of[i]->s8))) return crl_fail_memory(err, "the sums of an LSTM's weights");
    p->layer = own;
    p->layer.kernels = &p->k;
    step->run = run_lstm;
    return CRL_OK;
}

crl_status crl_lower_svdf(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_hybrid_matrix *m = crl_svdf_features(node);
    if (m && (m->columns > CRL_DOT8_MOST || !(node->in[1]->flags & CRL_TENSOR_CONST))) return CRL_OK;
    recurrent_step *p;
    crl_step *step;
    const crl_status s = begin(&p, &step, l, node, err);
    if (s || !p) return s;
    *taken = true;
    if (m && !(p->sums = sums_of(l, m))) return crl_fail_memory(err, "the sums of weights");
    step->run = run_svdf;
    return CRL_OK;
}
