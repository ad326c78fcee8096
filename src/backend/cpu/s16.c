/* SPDX-License-Identifier: Apache-2.0 */
/* CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED with activations of 16 bits and weights of 8. */
#include "backend/cpu/division.h"
#include "backend/cpu/layer.h"
#include "backend/cpu/rules.h"
#include "backend/cpu/spread.h"
#include "kernels/dw_s16.h"
#include "kernels/fully_connected.h"
#include "kernels/gemm_s16.h"

typedef struct matrix_step {
    const crl_gemm_s16 *gemm;
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
    crl_gemm_s16_run(p->gemm, p->out->data, p->in->data, t.row0, t.row1, t.panel0, t.panel1,
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

/* A product of 16 bits takes as long as two of bytes. */
static uint64_t work_of(const crl_node *node)
{
    return node->macs * 2;
}

/* Names the step after the PAD that it does as well, if there is one. */
static crl_status name_step(crl_lower *l, crl_step *step, const crl_node *pad, const crl_node *node, crl_error *err)
{
    return pad ? crl_lower_name(l, step, (const crl_node *const[]){ pad, node }, 2, err) : CRL_OK;
}

/* `in` is what the node reads, or what the PAD before it does. */
static crl_status emit(crl_lower *l, crl_node *node, const crl_tensor *in, const crl_node *pad, const crl_gemm_s16 *gemm, crl_error *err)
{
    const int32_t from = crl_lower_read(l, in, CRL_FORM_RAW, err);
    const int32_t to = crl_lower_write(l, node->out[0], CRL_FORM_RAW, err);
    if (from < 0 || to < 0) return CRL_ERR_MEMORY;
    matrix_step *p = crl_pile_alloc(&l->schedule->pile, sizeof *p);
    crl_step *step = crl_schedule_add_step(l->schedule, node, err);
    if (!p || !step) return crl_fail_memory(err, "the schedule");
    *p = (matrix_step){ .gemm = gemm, .in = crl_lower_tensor_of(l, from), .out = crl_lower_tensor_of(l, to),
                        .division = crl_division_of(l, crl_gemm_s16_rows(gemm), crl_gemm_s16_panels(gemm),
                                                    crl_gemm_s16_row_step(gemm), work_of(node)),
                        .scratch_bytes = crl_gemm_s16_scratch_bytes(gemm) };
    const crl_status s = name_step(l, step, pad, node, err);
    if (s) return s;
    l->schedule->packed_bytes += crl_gemm_s16_packed_bytes(gemm);
    step->run = run;
    step->params = p;
    step->kernel = crl_gemm_s16_name(gemm);
    step->macs = node->macs;
    step->weight_bytes = crl_gemm_s16_packed_bytes(gemm);
    step->scratch_bytes = p->scratch_bytes * (size_t)l->threads;
    return crl_step_touches(l->schedule, step, &from, 1, &to, 1, err);
}

static crl_status lower_matrix(crl_lower *l, crl_node *node, const crl_conv_tensors *t, crl_window window, crl_unit16_spec out,
                               const crl_node *pad, bool *taken, crl_error *err)
{
    const crl_tensor *in = t->in;
    if (pad && !crl_layer_take_zeros(&window, &in, pad, t->filter)) return CRL_OK;
    const crl_gemm_s16_spec spec = { .window = window, .filter = t->filter->data, .out = out, .pile = &l->schedule->pile };
    crl_gemm_s16 *gemm;
    const crl_status s = crl_gemm_s16_new(&gemm, &spec, l->cpu, err);
    if (s == CRL_ERR_UNSUPPORTED) return CRL_OK; /* the definition serves */
    *taken = true;
    return s ? s : emit(l, node, in, pad, gemm, err);
}

crl_status crl_lower_conv_s16(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    return crl_lower_conv_s16_after(l, node, NULL, taken, err);
}

crl_status crl_lower_conv_s16_after(crl_lower *l, crl_node *node, const crl_node *pad, bool *taken, crl_error *err)
{
    const crl_conv_tensors t = crl_conv_tensors_of(node);
    const crl_conv *c = node->params;
    if (!crl_layer_is_s16(&t) || c->groups != 1) return CRL_OK;
    const bool narrow = t.bias && t.bias->type == CRL_INT32;
    return lower_matrix(l, node, &t, c->window, crl_layer_unit16(&c->out, t.bias, narrow), pad, taken, err);
}

crl_status crl_lower_fully_connected_s16(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_conv_tensors t = crl_conv_tensors_of(node);
    const crl_fully *f = node->params;
    if (!crl_layer_is_s16(&t)) return CRL_OK;
    return lower_matrix(l, node, &t, crl_window_of_rows(f->batch, f->in_n, f->out_n),
                        crl_layer_unit16(&f->out, t.bias, crl_conv_is_narrow(node, t.bias)), NULL, taken, err);
}

typedef struct depthwise_step {
    crl_spread spread; /* of output rows */
    const crl_dw_s16 *layer;
} depthwise_step;

static void rows(const void *params, size_t first, size_t end)
{
    const depthwise_step *p = params;
    crl_dw_s16_run(p->layer, p->spread.out->data, p->spread.in->data, (int32_t)first, (int32_t)end);
}

crl_status crl_lower_depthwise_s16(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    return crl_lower_depthwise_s16_after(l, node, NULL, taken, err);
}

crl_status crl_lower_depthwise_s16_after(crl_lower *l, crl_node *node, const crl_node *pad, bool *taken, crl_error *err)
{
    const crl_conv_tensors t = crl_conv_tensors_of(node);
    const crl_conv *c = node->params;
    crl_window window = c->window;
    const crl_tensor *in = t.in;
    if (!crl_layer_is_s16(&t) || (pad && !crl_layer_take_zeros(&window, &in, pad, t.filter))) return CRL_OK;
    const crl_dw_s16_spec spec = { .window = window, .filter = t.filter->data, .out = crl_layer_unit16(&c->out, t.bias, false),
                                   .pile = &l->schedule->pile };
    crl_dw_s16 *layer;
    crl_status s = crl_dw_s16_new(&layer, &spec, l->cpu, err);
    if (s == CRL_ERR_UNSUPPORTED) return CRL_OK; /* the definition serves */
    *taken = true;
    if (s) return s;
    crl_step *step;
    depthwise_step *p = crl_spread_add(l, node, in, NULL, CRL_FORM_RAW, CRL_FORM_RAW, sizeof *p, &step, err);
    if (!p) return CRL_ERR_MEMORY;
    p->layer = layer;
    crl_spread_share(&p->spread, l, rows, (size_t)window.batch * (size_t)window.out_h, 1, work_of(node));
    s = name_step(l, step, pad, node, err);
    if (s) return s;
    l->schedule->packed_bytes += crl_dw_s16_packed_bytes(layer);
    step->kernel = crl_dw_s16_name(layer);
    step->macs = node->macs;
    step->weight_bytes = crl_dw_s16_packed_bytes(layer);
    return CRL_OK;
}
