/* SPDX-License-Identifier: Apache-2.0 */
/* QUANTIZE of floats to 8 bits, DEQUANTIZE of 8 bits: one scale for the tensor. */
#include "backend/cpu/rules.h"
#include "backend/cpu/spread.h"
#include "kernels/quant8.h"

enum { PIECE = 4096 /* elements, the least of a task */ };

typedef struct quant_step {
    crl_spread spread; /* of elements */
    crl_quant8_kernels k;
    float scale;
    int32_t zero, lift;
    uint8_t flip;
} quant_step;

static void quantize_units(const void *params, size_t first, size_t end)
{
    const quant_step *p = params;
    p->k.quantize((uint8_t *)p->spread.out->data + first, (const float *)p->spread.in->data + first, end - first, p->scale, p->zero,
                  p->lift);
}

static void dequantize_units(const void *params, size_t first, size_t end)
{
    const quant_step *p = params;
    p->k.dequantize((float *)p->spread.out->data + first, (const uint8_t *)p->spread.in->data + first, end - first, p->scale,
                    p->zero, p->flip);
}

/* `quantised` has the scale; `zero` as the function of the units wants it. */
static crl_status add(crl_lower *l, const crl_node *node, crl_form in_form, crl_form out_form, const crl_tensor *quantised,
                      int32_t zero, crl_spread_fn *units, crl_error *err)
{
    crl_step *step;
    quant_step *p = crl_spread_add(l, node, node->in[0], NULL, in_form, out_form, sizeof *p, &step, err);
    if (!p) return CRL_ERR_MEMORY;
    crl_quant8_kernels_init(&p->k, l->cpu);
    p->scale = quantised->quant.scale[0];
    p->lift = crl_lower_flips(quantised) ? 128 : 0;
    p->zero = zero;
    p->flip = p->spread.in->type == CRL_INT8 ? 0x80 : 0;
    const size_t n = crl_shape_count(&node->out[0]->shape);
    /* An element costs about as much as 32 multiplications of a matrix product. */
    crl_spread_share(&p->spread, l, units, n, PIECE, (uint64_t)n * 32);
    step->kernel = p->k.name;
    return CRL_OK;
}

crl_status crl_lower_quantize(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_tensor *out = node->out[0];
    if (node->in[0]->type != CRL_FLOAT32 || !crl_lower_is_8bit(out) || out->quant.n != 1) return CRL_OK;
    crl_quant8_kernels k;
    crl_quant8_kernels_init(&k, l->cpu);
    if (k.quantize == crl_quantize8_ref) return CRL_OK;
    *taken = true;
    return add(l, node, CRL_FORM_RAW, CRL_FORM_KERNEL, out, out->quant.zero_point[0], quantize_units, err);
}

crl_status crl_lower_dequantize(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_tensor *in = node->in[0];
    if (!crl_lower_has_one_scale(in)) return CRL_OK;
    *taken = true;
    if (crl_lower_detection_reads(l, node->out[0])) return CRL_OK;
    return add(l, node, crl_lower_form(l, in), CRL_FORM_RAW, in, crl_lower_zero(in), dequantize_units, err);
}
