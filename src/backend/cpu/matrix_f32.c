/* SPDX-License-Identifier: Apache-2.0 */
/* CONV_2D and FULLY_CONNECTED of floats as matrix products over packed weights. */
#include "backend/cpu/rules.h"
#include "kernels/conv.h"
#include "kernels/fully_connected.h"
#include "kernels/gemm_f32.h"

typedef struct matrix_step {
    const crl_gemm_f32 *gemm;
    const crl_tensor *in;
    crl_tensor *out;
    int32_t rows, panels, row_step, tasks;
    bool by_panels;
    size_t scratch_bytes; /* of one thread */
} matrix_step;

typedef struct job {
    const matrix_step *p;
    uint8_t *scratch;
} job;

static void run_task(void *ctx, int i, int thread)
{
    const job *j = ctx;
    const matrix_step *p = j->p;
    const int32_t steps = (p->rows + p->row_step - 1) / p->row_step, parts = p->by_panels ? p->panels : steps;
    const int32_t first = crl_lower_task_start(i, p->tasks, parts), end = crl_lower_task_start(i + 1, p->tasks, parts);
    const int32_t row0 = p->by_panels ? 0 : first * p->row_step, last = p->by_panels ? p->rows : end * p->row_step;
    crl_gemm_f32_run(p->gemm, p->out->data, p->in->data, row0, last < p->rows ? last : p->rows, p->by_panels ? first : 0,
                     p->by_panels ? end : p->panels, j->scratch + (size_t)thread * p->scratch_bytes);
}

static crl_status run(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)err;
    const matrix_step *p = step->params;
    job j = { p, work->scratch };
    crl_pool_run(work->pool, p->tasks, run_task, &j);
    return CRL_OK;
}

static crl_status emit(crl_lower *l, crl_node *node, const crl_gemm_f32 *gemm, crl_error *err)
{
    const int32_t from = crl_lower_read(l, node->in[0], CRL_FORM_RAW, err);
    const int32_t to = crl_lower_write(l, node->out[0], CRL_FORM_RAW, err);
    if (from < 0 || to < 0) return CRL_ERR_MEMORY;
    matrix_step *p = crl_pile_alloc(&l->schedule->pile, sizeof *p);
    crl_step *step = crl_schedule_add_step(l->schedule, node, err);
    if (!p || !step) return crl_fail_memory(err, "the schedule");
    *p = (matrix_step){ .gemm = gemm, .in = crl_lower_tensor_of(l, from), .out = crl_lower_tensor_of(l, to),
                        .rows = crl_gemm_f32_rows(gemm), .panels = crl_gemm_f32_panels(gemm),
                        .row_step = crl_gemm_f32_row_step(gemm),
                        .scratch_bytes = crl_size_align(crl_gemm_f32_scratch_bytes(gemm), 64) };
    const int32_t steps = (p->rows + p->row_step - 1) / p->row_step;
    p->by_panels = steps < p->panels;
    /* A product of floats takes as long as eight of bytes. */
    p->tasks = crl_lower_tasks(l, node->macs * 8, p->by_panels ? p->panels : steps);
    l->schedule->packed_bytes += crl_gemm_f32_packed_bytes(gemm);
    step->run = run;
    step->params = p;
    step->kernel = crl_gemm_f32_name(gemm);
    step->macs = node->macs;
    step->weight_bytes = crl_gemm_f32_packed_bytes(gemm);
    step->scratch_bytes = p->scratch_bytes * (size_t)l->threads;
    return crl_step_touches(l->schedule, step, &from, 1, &to, 1, err);
}

static bool is_constant(const crl_tensor *t)
{
    return t->flags & CRL_TENSOR_CONST;
}

/* A layer of floats whose weights are known, and there is something to compute. */
static bool takes(const crl_node *node)
{
    const crl_tensor *bias = node->n_in > 2 ? node->in[2] : NULL;
    return node->in[0]->type == CRL_FLOAT32 && node->in[1]->type == CRL_FLOAT32 && is_constant(node->in[1]) &&
           (!bias || is_constant(bias)) && crl_shape_count(&node->out[0]->shape) && crl_shape_count(&node->in[0]->shape);
}

static crl_status lower_matrix(crl_lower *l, crl_node *node, crl_window window, float min, float max, bool *taken,
                               crl_error *err)
{
    const crl_tensor *bias = node->n_in > 2 ? node->in[2] : NULL;
    const crl_gemm_f32_spec spec = { .window = window, .filter = node->in[1]->data, .bias = bias ? bias->data : NULL,
                                     .min = min, .max = max, .pile = &l->schedule->pile };
    crl_gemm_f32 *gemm;
    const crl_status s = crl_gemm_f32_new(&gemm, &spec, l->cpu, err);
    if (s == CRL_ERR_UNSUPPORTED) return CRL_OK; /* the definition serves */
    *taken = true;
    return s ? s : emit(l, node, gemm, err);
}

crl_status crl_lower_conv_f32(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    if (!takes(node)) return CRL_OK;
    const crl_conv *c = node->params;
    if (c->groups != 1) return CRL_OK;
    return lower_matrix(l, node, c->window, c->min_f32, c->max_f32, taken, err);
}

crl_status crl_lower_fully_connected_f32(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    if (!takes(node)) return CRL_OK;
    const crl_fully *f = node->params;
    const crl_window w = { .batch = f->batch, .in_h = 1, .in_w = 1, .in_c = f->in_n, .out_h = 1, .out_w = 1, .out_c = f->out_n,
                           .filter_h = 1, .filter_w = 1, .stride_h = 1, .stride_w = 1, .dilation_h = 1, .dilation_w = 1 };
    return lower_matrix(l, node, w, f->min_f32, f->max_f32, taken, err);
}
