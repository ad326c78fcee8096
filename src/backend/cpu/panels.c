/* SPDX-License-Identifier: Apache-2.0 */
/* Matrix products over packed weights, for all threads: see panels.h. */
#include "backend/cpu/panels.h"

typedef struct panels_step {
    crl_panels of;
    const crl_tensor *in;
    crl_tensor *out;
    crl_division division;
} panels_step;

typedef struct job {
    const panels_step *p;
    uint8_t *scratch;
} job;

static void run_task(void *ctx, int i, int thread)
{
    const job *j = ctx;
    const panels_step *p = j->p;
    const crl_division_task t = crl_division_at(&p->division, i);
    p->of.run(p->of.gemm, p->out->data, p->in->data, &t, j->scratch + (size_t)thread * p->of.scratch_bytes);
}

static crl_status run(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)err;
    const panels_step *p = step->params;
    job j = { p, work->scratch };
    crl_pool_run(work->pool, p->division.tasks, run_task, &j);
    return CRL_OK;
}

crl_status crl_panels_name(crl_lower *l, crl_step *step, const crl_node *pad, const crl_node *node, crl_error *err)
{
    return pad ? crl_lower_name(l, step, (const crl_node *const[]){ pad, node }, 2, err) : CRL_OK;
}

crl_status crl_panels_emit(crl_lower *l, crl_node *node, const crl_tensor *in, const crl_node *pad, const crl_panels *panels, crl_error *err)
{
    const int32_t from = crl_lower_read(l, in, CRL_FORM_RAW, err);
    const int32_t to = crl_lower_write(l, node->out[0], CRL_FORM_RAW, err);
    if (from < 0 || to < 0) return CRL_ERR_MEMORY;
    panels_step *p = crl_pile_alloc(&l->schedule->pile, sizeof *p);
    crl_step *step = crl_schedule_add_step(l->schedule, node, err);
    if (!p || !step) return crl_fail_memory(err, "the schedule");
    *p = (panels_step){ .of = *panels, .in = crl_lower_tensor_of(l, from), .out = crl_lower_tensor_of(l, to),
                        .division = crl_division_of(l, panels->rows, panels->panels, panels->row_step, panels->work) };
    const crl_status s = crl_panels_name(l, step, pad, node, err);
    if (s) return s;
    l->schedule->packed_bytes += panels->packed_bytes;
    step->run = run;
    step->params = p;
    step->kernel = panels->name;
    step->macs = node->macs;
    step->weight_bytes = panels->packed_bytes;
    step->scratch_bytes = panels->scratch_bytes * (size_t)l->threads;
    return crl_step_touches(l->schedule, step, &from, 1, &to, 1, err);
}
