/* SPDX-License-Identifier: Apache-2.0 */
/* BATCH_MATMUL of INT8, pair by pair of matrices, and FULLY_CONNECTED of 8 bits whose weights are computed, which is one
 * pair. */
#include "backend/cpu/rules.h"
#include "kernels/fully_connected.h"
#include "kernels/matmul8.h"
#include "ops/batch_matmul.h"
#include "ops/convolution.h"

typedef struct matmul_step {
    crl_matmul8_fn *multiply;
    crl_matmul8 matmul;
    const crl_tensor *a, *b;
    crl_tensor *out;
    size_t batch, per_task, scratch_bytes; /* scratch of one thread */
    int32_t tasks;
} matmul_step;

typedef struct job {
    const matmul_step *p;
    uint8_t *scratch;
} job;

static void run_task(void *ctx, int i, int thread)
{
    const job *j = ctx;
    const matmul_step *p = j->p;
    const size_t first = (size_t)i * p->per_task, left = p->batch - first;
    p->multiply(p->out->data, p->a->data, p->b->data, &p->matmul, first, first + (left < p->per_task ? left : p->per_task),
                j->scratch + (size_t)thread * p->scratch_bytes);
}

static crl_status run(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)err;
    const matmul_step *p = step->params;
    job j = { p, work->scratch };
    crl_pool_run(work->pool, p->tasks, run_task, &j);
    return CRL_OK;
}

static crl_status emit(crl_lower *l, const crl_node *node, const crl_matmul8 *m, crl_error *err)
{
    const int32_t values[3] = { crl_lower_read(l, node->in[0], CRL_FORM_RAW, err), crl_lower_read(l, node->in[1], CRL_FORM_RAW, err),
                                crl_lower_write(l, node->out[0], CRL_FORM_RAW, err) };
    if (values[0] < 0 || values[1] < 0 || values[2] < 0) return CRL_ERR_MEMORY;
    matmul_step *p = crl_pile_alloc(&l->schedule->pile, sizeof *p);
    crl_step *step = crl_schedule_add_step(l->schedule, node, err);
    if (!p || !step) return crl_fail_memory(err, "the schedule");
    *p = (matmul_step){ .multiply = crl_matmul8_of(l->cpu), .matmul = *m,
                        .a = crl_lower_tensor_of(l, values[0]), .b = crl_lower_tensor_of(l, values[1]),
                        .out = crl_lower_tensor_of(l, values[2]), .batch = crl_matmul_batch(&m->m),
                        .scratch_bytes = crl_size_align(crl_matmul8_scratch(&m->m), 64) };
    p->tasks = crl_lower_share(l, node->macs, p->batch, &p->per_task);
    step->run = run;
    step->params = p;
    step->kernel = crl_matmul8_name(l->cpu);
    step->macs = node->macs;
    step->scratch_bytes = p->scratch_bytes * (size_t)l->threads;
    return crl_step_touches(l->schedule, step, values, 2, values + 2, 1, err);
}

crl_status crl_lower_batch_matmul(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_matmul *def = crl_batch_matmul_s8(node);
    if (!def) return CRL_OK;
    const crl_matmul8 m = { .m = *def };
    if (!crl_matmul8_serves(&m, l->cpu)) return CRL_OK;
    *taken = true;
    return emit(l, node, &m, err);
}

crl_status crl_lower_fully_connected_computed(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_conv_tensors t = crl_conv_tensors_of(node);
    const crl_tensor *in = t.in, *bias = t.bias;
    if (!crl_lower_is_8bit(in) || t.filter->type != in->type || t.out->type != in->type ||
        t.filter->quant.n != 1 || (bias && !(bias->flags & CRL_TENSOR_CONST)))
        return CRL_OK;
    const crl_fully *f = node->params;
    const int32_t lift = in->type == CRL_UINT8 ? 128 : 0;
    crl_requant out = f->out;
    out.zero_point -= lift;
    out.min -= lift;
    out.max -= lift;
    const crl_matmul8 m = { .m = { .rows = (size_t)f->batch, .cols = (size_t)f->out_n, .depth = (size_t)f->in_n,
                                   .row_a = (size_t)f->in_n, .k_a = 1, .k_b = 1, .col_b = (size_t)f->in_n,
                                   .a_zero = f->in_zero - lift, .b_zero = f->filter_zero - lift, .out = out },
                            .bias = bias ? bias->data : NULL,
                            .flip = lift ? 0x80 : 0 };
    if (!crl_matmul8_serves(&m, l->cpu)) return CRL_OK;
    *taken = true;
    return emit(l, node, &m, err);
}
