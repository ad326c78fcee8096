/* SPDX-License-Identifier: Apache-2.0 */
/* CONV_2D and FULLY_CONNECTED as matrix products over packed weights. */
#include "backend/cpu/layer.h"
#include "backend/cpu/rules.h"
#include "kernels/fully_connected.h"
#include "kernels/gemm.h"

typedef struct matrix_step {
    const crl_gemm *gemm;
    const crl_tensor *in;
    crl_tensor *out;
    int32_t rows, panels;             /* of the whole layer */
    int32_t row_step;                 /* what rows are dealt out in */
    int32_t tasks;
    bool by_panels;
    size_t scratch_bytes;             /* of one thread */
} matrix_step;

typedef struct job {
    const matrix_step *p;
    uint8_t *scratch;
} job;

static int32_t least(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static void run_task(void *ctx, int i, int thread)
{
    const job *j = ctx;
    const matrix_step *p = j->p;
    uint8_t *scratch = j->scratch + (size_t)thread * p->scratch_bytes;
    if (p->by_panels) {
        crl_gemm_run(p->gemm, p->out->data, p->in->data, 0, p->rows, crl_lower_task_start(i, p->tasks, p->panels),
                     crl_lower_task_start(i + 1, p->tasks, p->panels), scratch);
    } else {
        const int32_t steps = (p->rows + p->row_step - 1) / p->row_step;
        const int32_t row0 = crl_lower_task_start(i, p->tasks, steps) * p->row_step;
        const int32_t row1 = crl_lower_task_start(i + 1, p->tasks, steps) * p->row_step;
        crl_gemm_run(p->gemm, p->out->data, p->in->data, row0, least(row1, p->rows), 0, p->panels, scratch);
    }
}

static crl_status run(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)err;
    const matrix_step *p = step->params;
    job j = { p, work->scratch };
    crl_pool_run(work->pool, p->tasks, run_task, &j);
    return CRL_OK;
}

/* Rows where there are many, panels where a few rows meet many outputs (a classifier's last layer). */
static void divide(matrix_step *p, const crl_lower *l)
{
    p->row_step = crl_gemm_row_step(p->gemm);
    const int32_t steps = (p->rows + p->row_step - 1) / p->row_step;
    p->by_panels = steps < p->panels;
    p->tasks = crl_lower_tasks(l, crl_gemm_macs(p->gemm), p->by_panels ? p->panels : steps);
}

static void free_gemm(void *gemm)
{
    crl_gemm_free(gemm);
}

static crl_status emit(crl_lower *l, crl_node *node, crl_gemm *gemm, crl_error *err)
{
    crl_status s = crl_schedule_own(l->schedule, gemm, free_gemm, err);
    if (s) return s;
    const int32_t from = crl_lower_read(l, node->in[0], CRL_FORM_KERNEL, err);
    const int32_t to = crl_lower_write(l, node->out[0], CRL_FORM_KERNEL, err);
    if (from < 0 || to < 0) return CRL_ERR_MEMORY;
    matrix_step *p = crl_pile_alloc(&l->schedule->pile, sizeof *p);
    crl_step *step = crl_schedule_add_step(l->schedule, node, err);
    if (!p || !step) return crl_fail_memory(err, "the schedule");
    *p = (matrix_step){ .gemm = gemm, .in = crl_lower_tensor_of(l, from), .out = crl_lower_tensor_of(l, to),
                        .rows = crl_gemm_rows(gemm), .panels = crl_gemm_panels(gemm),
                        .scratch_bytes = crl_size_align(crl_gemm_scratch_bytes(gemm), 64) };
    divide(p, l);
    l->schedule->packed_bytes += crl_gemm_packed_bytes(gemm);
    step->run = run;
    step->params = p;
    step->kernel = crl_gemm_name(gemm);
    step->macs = node->macs;
    step->weight_bytes = crl_gemm_packed_bytes(gemm);
    step->scratch_bytes = p->scratch_bytes * (size_t)l->threads;
    return crl_step_touches(l->schedule, step, &from, 1, &to, 1, err);
}

static crl_status lower_matrix(crl_lower *l, crl_node *node, const crl_gemm_spec *spec, bool *taken, crl_error *err)
{
    crl_gemm *gemm;
    crl_status s = crl_gemm_new(&gemm, spec, l->cpu, err);
    if (s == CRL_ERR_UNSUPPORTED) return CRL_OK; /* the reference kernel serves */
    *taken = true;
    return s ? s : emit(l, node, gemm, err);
}

crl_status crl_lower_conv(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    crl_layer layer;
    if (!crl_layer_from_conv(&layer, node) || layer.conv->groups != 1) return CRL_OK;
    const crl_gemm_spec spec = { .window = layer.conv->window, .filter = node->in[1]->data,
                                 .filter_signed = layer.filter_signed, .filter_zero = layer.conv->filter_zero,
                                 .bias = layer.bias, .in_zero = layer.in_zero, .requant = layer.requant, .pile = &l->schedule->pile };
    return lower_matrix(l, node, &spec, taken, err);
}

crl_status crl_lower_fully_connected(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    crl_layer layer;
    if (!crl_layer_from_fully(&layer, node)) return CRL_OK;
    const crl_fully *f = node->params;
    const crl_gemm_spec spec = { .window = { .batch = f->batch, .in_h = 1, .in_w = 1, .in_c = f->in_n, .out_h = 1, .out_w = 1,
                                             .out_c = f->out_n, .filter_h = 1, .filter_w = 1, .stride_h = 1, .stride_w = 1,
                                             .dilation_h = 1, .dilation_w = 1 },
                                 .filter = node->in[1]->data, .filter_signed = layer.filter_signed,
                                 .filter_zero = f->filter_zero, .bias = layer.bias, .in_zero = layer.in_zero,
                                 .requant = layer.requant, .pile = &l->schedule->pile };
    return lower_matrix(l, node, &spec, taken, err);
}
