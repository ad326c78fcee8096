/* SPDX-License-Identifier: Apache-2.0 */
/* Products of floats whose factors are both computed: BATCH_MATMUL, and FULLY_CONNECTED with weights that are no constants. The
 * second factor is packed while running. */
#include <math.h>

#include "backend/cpu/rules.h"
#include "kernels/fully_connected.h"
#include "kernels/gemm_f32.h"
#include "ops/batch_matmul.h"
#include "ops/convolution.h"

typedef struct matmul_step {
    crl_matmul matmul;
    const crl_gemm_f32 *gemm; /* of a pair */
    const crl_tensor *a, *b;
    crl_tensor *out;
    size_t batch;
    int32_t row_step, tasks;
    size_t weight_bytes, row_bytes; /* of scratch: b packed; a with its rows side by side, 0 where they are so */
    size_t scratch_bytes;           /* of one thread */
} matmul_step;

typedef struct job {
    const matmul_step *p;
    const float *a, *weights;
    float *out;
    uint8_t *scratch;
} job;

static void run_task(void *ctx, int i, int thread)
{
    const job *j = ctx;
    const matmul_step *p = j->p;
    const int32_t rows = (int32_t)p->matmul.rows, steps = (rows + p->row_step - 1) / p->row_step;
    const int32_t first = crl_lower_task_start(i, p->tasks, steps) * p->row_step;
    const int32_t end = crl_lower_task_start(i + 1, p->tasks, steps) * p->row_step;
    crl_gemm_f32_run_with(p->gemm, j->weights, j->out, j->a, first, end < rows ? end : rows, 0, crl_gemm_f32_panels(p->gemm),
                          j->scratch + (size_t)thread * p->scratch_bytes);
}

static void copy_rows(float *to, const float *a, const crl_matmul *m)
{
    for (size_t i = 0; i < m->rows; i++)
        for (size_t k = 0; k < m->depth; k++) *to++ = a[i * m->row_a + k * m->k_a];
}

static crl_status run(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)err;
    const matmul_step *p = step->params;
    const crl_matmul *m = &p->matmul;
    float *weights = work->scratch, *rows = weights + p->weight_bytes / sizeof *weights;
    job j = { p, rows, weights, p->out->data, (uint8_t *)work->scratch + p->weight_bytes + p->row_bytes };
    size_t packed = SIZE_MAX;
    for (size_t i = 0; i < p->batch; i++, j.out += m->rows * m->cols) {
        const float *a = (const float *)p->a->data + crl_matmul_offset(m, m->batch_a, i);
        const size_t at_b = crl_matmul_offset(m, m->batch_b, i);
        if (at_b != packed) crl_gemm_f32_pack(p->gemm, weights, (const float *)p->b->data + at_b, m->k_b, m->col_b);
        packed = at_b;
        if (p->row_bytes)
            copy_rows(rows, a, m);
        else
            j.a = a;
        crl_pool_run(work->pool, p->tasks, run_task, &j);
    }
    return CRL_OK;
}

static crl_status emit(crl_lower *l, const crl_node *node, const crl_matmul *m, const crl_gemm_f32 *gemm, crl_error *err)
{
    const int32_t values[3] = { crl_lower_read(l, node->in[0], CRL_FORM_RAW, err), crl_lower_read(l, node->in[1], CRL_FORM_RAW, err),
                                crl_lower_write(l, node->out[0], CRL_FORM_RAW, err) };
    if (values[0] < 0 || values[1] < 0 || values[2] < 0) return CRL_ERR_MEMORY;
    matmul_step *p = crl_pile_alloc(&l->schedule->pile, sizeof *p);
    crl_step *step = crl_schedule_add_step(l->schedule, node, err);
    if (!p || !step) return crl_fail_memory(err, "the schedule");
    const bool side_by_side = m->k_a == 1 && m->row_a == m->depth;
    *p = (matmul_step){ .matmul = *m, .gemm = gemm, .a = crl_lower_tensor_of(l, values[0]), .b = crl_lower_tensor_of(l, values[1]),
                        .out = crl_lower_tensor_of(l, values[2]), .batch = crl_matmul_batch(m),
                        .row_step = crl_gemm_f32_row_step(gemm),
                        .weight_bytes = crl_size_align(crl_gemm_f32_weights(gemm) * sizeof(float), 64),
                        .row_bytes = side_by_side ? 0 : crl_size_align(m->rows * m->depth * sizeof(float), 64),
                        .scratch_bytes = crl_size_align(crl_gemm_f32_scratch_bytes(gemm), 64) };
    /* A product of floats takes as long as eight of bytes. */
    p->tasks = crl_lower_tasks(l, crl_gemm_f32_macs(gemm) * 8, ((int32_t)m->rows + p->row_step - 1) / p->row_step);
    step->run = run;
    step->params = p;
    step->kernel = crl_gemm_f32_name(gemm);
    step->macs = node->macs;
    step->scratch_bytes = p->weight_bytes + p->row_bytes + p->scratch_bytes * (size_t)l->threads;
    return crl_step_touches(l->schedule, step, values, 2, values + 2, 1, err);
}

static crl_status lower(crl_lower *l, const crl_node *node, const crl_matmul *m, const float *bias, float min, float max,
                        bool *taken, crl_error *err)
{
    if (!m->rows || !m->cols || !m->depth || !crl_matmul_batch(m) || m->rows > INT32_MAX) return CRL_OK;
    const crl_gemm_f32_spec spec = {
        .window = crl_window_of_rows((int32_t)m->rows, (int32_t)m->depth, (int32_t)m->cols),
        .bias = bias, .min = min, .max = max, .mode = l->fused ? CRL_GEMM_F32_FUSED : CRL_GEMM_F32_EXACT, .pile = &l->schedule->pile };
    crl_gemm_f32 *gemm;
    crl_status s = crl_gemm_f32_new(&gemm, &spec, l->cpu, err);
    if (s == CRL_ERR_UNSUPPORTED) return CRL_OK; /* the definition serves */
    *taken = true;
    return s ? s : emit(l, node, m, gemm, err);
}

crl_status crl_lower_batch_matmul_f32(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_matmul *m = crl_batch_matmul_f32(node);
    return m ? lower(l, node, m, NULL, -INFINITY, INFINITY, taken, err) : CRL_OK;
}

crl_status crl_lower_fully_connected_f32_computed(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_tensor *bias = crl_conv_tensors_of(node).bias;
    if (node->in[0]->type != CRL_FLOAT32 || node->in[1]->type != CRL_FLOAT32 || (bias && !(bias->flags & CRL_TENSOR_CONST)))
        return CRL_OK;
    const crl_fully *f = node->params;
    const size_t in = (size_t)f->in_n;
    const crl_matmul m = { .rows = (size_t)f->batch, .cols = (size_t)f->out_n, .depth = in, .row_a = in, .k_a = 1, .k_b = 1,
                           .col_b = in };
    return lower(l, node, &m, bias ? bias->data : NULL, f->min_f32, f->max_f32, taken, err);
}
