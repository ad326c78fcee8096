/* SPDX-License-Identifier: Apache-2.0 */
/* QUANTIZE of floats to 8 bits, DEQUANTIZE of 8 bits: one scale for the tensor. */
#include "backend/cpu/rules.h"
#include "kernels/quant8.h"

enum { PIECE = 4096 /* elements, the least of a task */ };

typedef struct quant_step {
    crl_quant8_kernels k;
    const crl_tensor *in;
    crl_tensor *out;
    float scale;
    int32_t zero, lift;
    uint8_t flip;
    size_t n, per_task;
    int32_t tasks;
} quant_step;

static void quantize_task(void *ctx, int i, int thread)
{
    (void)thread;
    const quant_step *p = ctx;
    const size_t at = (size_t)i * p->per_task, n = p->n - at < p->per_task ? p->n - at : p->per_task;
    p->k.quantize((uint8_t *)p->out->data + at, (const float *)p->in->data + at, n, p->scale, p->zero, p->lift);
}

static void dequantize_task(void *ctx, int i, int thread)
{
    (void)thread;
    const quant_step *p = ctx;
    const size_t at = (size_t)i * p->per_task, n = p->n - at < p->per_task ? p->n - at : p->per_task;
    p->k.dequantize((float *)p->out->data + at, (const uint8_t *)p->in->data + at, n, p->scale, p->zero, p->flip);
}

static crl_status run_quantize(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)err;
    crl_pool_run(work->pool, ((const quant_step *)step->params)->tasks, quantize_task, (void *)(uintptr_t)step->params);
    return CRL_OK;
}

static crl_status run_dequantize(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)err;
    crl_pool_run(work->pool, ((const quant_step *)step->params)->tasks, dequantize_task, (void *)(uintptr_t)step->params);
    return CRL_OK;
}

static crl_status emit(crl_lower *l, const crl_node *node, crl_form in_form, crl_form out_form, quant_step what,
                       crl_step_fn *run, crl_error *err)
{
    const int32_t from = crl_lower_read(l, node->in[0], in_form, err), to = crl_lower_write(l, node->out[0], out_form, err);
    if (from < 0 || to < 0) return CRL_ERR_MEMORY;
    quant_step *p = crl_pile_alloc(&l->schedule->pile, sizeof *p);
    crl_step *step = crl_schedule_add_step(l->schedule, node, err);
    if (!p || !step) return crl_fail_memory(err, "the schedule");
    *p = what;
    crl_quant8_kernels_init(&p->k, l->cpu);
    p->in = crl_lower_tensor_of(l, from);
    p->out = crl_lower_tensor_of(l, to);
    p->flip = p->in->type == CRL_INT8 ? 0x80 : 0;
    p->n = crl_shape_count(&node->out[0]->shape);
    /* An element costs about as much as 32 multiplications of a matrix product. */
    p->tasks = crl_lower_share(l, (uint64_t)p->n * 32, (p->n + PIECE - 1) / PIECE, &p->per_task);
    p->per_task *= PIECE;
    step->run = run;
    step->params = p;
    step->kernel = p->k.name;
    return crl_step_touches(l->schedule, step, &from, 1, &to, 1, err);
}

crl_status crl_lower_quantize(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_tensor *out = node->out[0];
    if (node->in[0]->type != CRL_FLOAT32 || !crl_lower_is_8bit(out) || out->quant.n != 1) return CRL_OK;
    crl_quant8_kernels k;
    crl_quant8_kernels_init(&k, l->cpu);
    if (k.quantize == crl_quantize8_ref) return CRL_OK;
    *taken = true;
    const quant_step what = { .scale = out->quant.scale[0], .zero = out->quant.zero_point[0],
                              .lift = crl_lower_flips(out) ? 128 : 0 };
    return emit(l, node, CRL_FORM_RAW, CRL_FORM_KERNEL, what, run_quantize, err);
}

bool crl_lower_dequantizes(const crl_tensor *in)
{
    if (!crl_lower_is_8bit(in) || in->quant.n != 1) return false;
    const int32_t zero = in->quant.zero_point[0], lowest = in->type == CRL_INT8 ? INT8_MIN : 0;
    return zero >= lowest && zero <= lowest + UINT8_MAX;
}

crl_status crl_lower_dequantize(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_tensor *in = node->in[0];
    if (!crl_lower_dequantizes(in)) return CRL_OK;
    *taken = true;
    if (crl_lower_detection_reads(l, node->out[0])) return CRL_OK;
    const quant_step what = { .scale = in->quant.scale[0], .zero = in->quant.zero_point[0] + (in->type == CRL_INT8 ? 128 : 0) };
    return emit(l, node, crl_lower_form(l, in), CRL_FORM_RAW, what, run_dequantize, err);
}
