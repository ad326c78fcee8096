/* SPDX-License-Identifier: Apache-2.0 */
/* CONV_2D and FULLY_CONNECTED of floats as matrix products over packed weights. */
#include "backend/cpu/division.h"
#include "backend/cpu/layer.h"
#include "backend/cpu/rules.h"
#include "kernels/fully_connected.h"
#include "kernels/gemm_f32.h"

typedef struct matrix_step {
    const crl_gemm_f32 *gemm;
    const crl_tensor *in;
    crl_tensor *out;
    crl_division division;
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
    const crl_division_task t = crl_division_at(&p->division, i);
    crl_gemm_f32_run(p->gemm, p->out->data, p->in->data, t.row0, t.row1, t.panel0, t.panel1,
                     j->scratch + (size_t)thread * p->scratch_bytes);
}

static crl_status run(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)err;
    const matrix_step *p = step->params;
    job j = { p, work->scratch };
    crl_pool_run(work->pool, p->division.tasks, run_task, &j);
    return CRL_OK;
}

/* `in` is what the node reads, or what the PAD before it does. */
static crl_status emit(crl_lower *l, crl_node *node, const crl_tensor *in, const crl_node *pad, const crl_gemm_f32 *gemm, crl_error *err)
{
    const int32_t from = crl_lower_read(l, in, CRL_FORM_RAW, err);
    const int32_t to = crl_lower_write(l, node->out[0], CRL_FORM_RAW, err);
    if (from < 0 || to < 0) return CRL_ERR_MEMORY;
    matrix_step *p = crl_pile_alloc(&l->schedule->pile, sizeof *p);
    crl_step *step = crl_schedule_add_step(l->schedule, node, err);
    if (!p || !step) return crl_fail_memory(err, "the schedule");
    *p = (matrix_step){ .gemm = gemm, .in = crl_lower_tensor_of(l, from), .out = crl_lower_tensor_of(l, to),
                        /* A product of floats takes as long as eight of bytes. */
                        .division = crl_division_of(l, crl_gemm_f32_rows(gemm), crl_gemm_f32_panels(gemm),
                                                    crl_gemm_f32_row_step(gemm), node->macs * 8),
                        .scratch_bytes = crl_size_align(crl_gemm_f32_scratch_bytes(gemm), 64) };
    const crl_status s = pad ? crl_lower_name(l, step, (const crl_node *const[]){ pad, node }, 2, err) : CRL_OK;
    if (s) return s;
    l->schedule->packed_bytes += crl_gemm_f32_packed_bytes(gemm);
    step->run = run;
    step->params = p;
    step->kernel = crl_gemm_f32_name(gemm);
    step->macs = node->macs;
    step->weight_bytes = crl_gemm_f32_packed_bytes(gemm);
    step->scratch_bytes = p->scratch_bytes * (size_t)l->threads;
    return crl_step_touches(l->schedule, step, &from, 1, &to, 1, err);
}

static crl_status lower_matrix(crl_lower *l, crl_node *node, const crl_conv_tensors *t, crl_window window, float min, float max,
                               const crl_node *pad, bool *taken, crl_error *err)
{
    const crl_tensor *in = t->in;
    if (pad && !crl_layer_take_zeros(&window, &in, pad, t->filter)) return CRL_OK;
    const crl_gemm_f32_spec spec = { .window = window, .filter = t->filter->data, .bias = t->bias ? t->bias->data : NULL,
                                     .min = min, .max = max, .mode = l->fused ? CRL_GEMM_F32_FUSED : CRL_GEMM_F32_EXACT, .pile = &l->schedule->pile };
    crl_gemm_f32 *gemm;
    const crl_status s = crl_gemm_f32_new(&gemm, &spec, l->cpu, err);
    if (s == CRL_ERR_UNSUPPORTED) return CRL_OK; /* the definition serves */
    *taken = true;
    return s ? s : emit(l, node, in, pad, gemm, err);
}

crl_status crl_lower_conv_f32(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    return crl_lower_conv_f32_after(l, node, NULL, taken, err);
}

crl_status crl_lower_conv_f32_after(crl_lower *l, crl_node *node, const crl_node *pad, bool *taken, crl_error *err)
{
    const crl_conv_tensors t = crl_conv_tensors_of(node);
    const crl_conv *c = node->params;
    if (!crl_layer_is_f32(&t) || c->groups != 1) return CRL_OK;
    return lower_matrix(l, node, &t, c->window, c->min_f32, c->max_f32, pad, taken, err);
}

crl_status crl_lower_fully_connected_f32(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_conv_tensors t = crl_conv_tensors_of(node);
    const crl_fully *f = node->params;
    if (!crl_layer_is_f32(&t)) return CRL_OK;
    return lower_matrix(l, node, &t, crl_window_of_rows(f->batch, f->in_n, f->out_n), f->min_f32, f->max_f32, NULL, taken, err);
}
