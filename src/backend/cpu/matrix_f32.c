/* SPDX-License-Identifier: Apache-2.0 */
/* CONV_2D and FULLY_CONNECTED of floats as matrix products over packed weights. */
#include "backend/cpu/layer.h"
#include "backend/cpu/panels.h"
#include "backend/cpu/rules.h"
#include "kernels/fully_connected.h"
#include "kernels/gemm_f32.h"

static void run(const void *gemm, void *out, const void *in, const crl_division_task *t, void *scratch)
{
    crl_gemm_f32_run(gemm, out, in, t->row0, t->row1, t->panel0, t->panel1, scratch);
}

/* `in` is what the node reads, or what the PAD before it does. A product of floats takes as long as eight of bytes. */
static crl_status emit(crl_lower *l, crl_node *node, const crl_tensor *in, const crl_node *pad, const crl_gemm_f32 *gemm, crl_error *err)
{
    const crl_panels all = { .gemm = gemm, .run = run, .rows = crl_gemm_f32_rows(gemm), .panels = crl_gemm_f32_panels(gemm),
                             .row_step = crl_gemm_f32_row_step(gemm), .work = node->macs * 8,
                             .scratch_bytes = crl_size_align(crl_gemm_f32_scratch_bytes(gemm), 64), .packed_bytes = crl_gemm_f32_packed_bytes(gemm),
                             .name = crl_gemm_f32_name(gemm) };
    return crl_panels_emit(l, node, in, pad, &all, err);
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
