/* SPDX-License-Identifier: Apache-2.0 */
/* CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED with activations of 16 bits and weights of 8. */
#include "backend/cpu/layer.h"
#include "backend/cpu/panels.h"
#include "backend/cpu/rules.h"
#include "backend/cpu/spread.h"
#include "kernels/dw_s16.h"
#include "kernels/fully_connected.h"
#include "kernels/gemm_s16.h"

static void run(const void *gemm, void *out, const void *in, const crl_division_task *t, void *scratch)
{
    crl_gemm_s16_run(gemm, out, in, t->row0, t->row1, t->panel0, t->panel1, scratch);
}

/* A product of 16 bits takes as long as two of bytes. */
static uint64_t work_of(const crl_node *node)
{
    return node->macs * 2;
}

/* `in` is what the node reads, or what the PAD before it does. */
static crl_status emit(crl_lower *l, crl_node *node, const crl_tensor *in, const crl_node *pad, const crl_gemm_s16 *gemm, crl_error *err)
{
    const crl_panels all = { .gemm = gemm, .run = run, .rows = crl_gemm_s16_rows(gemm), .panels = crl_gemm_s16_panels(gemm),
                             .row_step = crl_gemm_s16_row_step(gemm), .work = work_of(node),
                             .scratch_bytes = crl_gemm_s16_scratch_bytes(gemm), .packed_bytes = crl_gemm_s16_packed_bytes(gemm),
                             .name = crl_gemm_s16_name(gemm) };
    return crl_panels_emit(l, node, in, pad, &all, err);
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
    s = crl_panels_name(l, step, pad, node, err);
    if (s) return s;
    l->schedule->packed_bytes += crl_dw_s16_packed_bytes(layer);
    step->kernel = crl_dw_s16_name(layer);
    step->macs = node->macs;
    step->weight_bytes = crl_dw_s16_packed_bytes(layer);
    return CRL_OK;
}
