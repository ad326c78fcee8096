/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of one 8-bit value: the operator's own invoke fills a table once, look-ups do the rest.
 *
 * Takes every operator that maps one 8-bit tensor, element by element, to another (LOGISTIC, TANH, RELU6,
 * requantisation, ...), and arithmetic between such a tensor and one constant (x - 127, x * 0.5). */
#include <string.h>

#include "backend/cpu/rules.h"
#include "kernels/lut.h"

typedef struct table_step {
    crl_lut_u8_fn *lut;
    const crl_tensor *in;
    crl_tensor *out;
    uint8_t table[256];
} table_step;

static crl_status run_table(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const table_step *p = step->params;
    p->lut(p->out->data, p->in->data, p->out->bytes, p->table);
    return CRL_OK;
}

static bool is_8bit(const crl_tensor *t)
{
    return t->type == CRL_UINT8 || t->type == CRL_INT8;
}

/* Runs the operator on all 256 values of the input that varies, in the raw form of the model. */
static crl_status ask_operator(const crl_node *node, int32_t varying, uint8_t raw_in[256], uint8_t raw_out[256],
                               crl_error *err)
{
    crl_tensor in = *node->in[varying], out = *node->out[0];
    in.shape = out.shape = (crl_shape){ .rank = 1, .dim = { 256 } };
    in.bytes = out.bytes = 256;
    in.data = raw_in;
    out.data = raw_out;
    crl_tensor *ins[2], *outs[1] = { &out };
    for (int32_t i = 0; i < node->n_in; i++) ins[i] = i == varying ? &in : node->in[i];
    crl_node probe = { .type = node->type, .def = node->def, .index = node->index,
                       .in = ins, .n_in = node->n_in, .out = outs, .n_out = 1 };
    crl_status s = probe.type->prepare(&probe, err);
    void *scratch = s || !probe.scratch_bytes ? NULL : crl_alloc_aligned(probe.scratch_bytes);
    if (!s && probe.scratch_bytes && !scratch) s = crl_fail_memory(err, "a table");
    if (!s) s = probe.type->invoke(&probe, &(crl_work){ .scratch = scratch }, err);
    crl_free(scratch);
    crl_pile_free(&probe.pile);
    return s;
}

static crl_status lower_table(crl_lower *l, crl_node *node, int32_t varying, crl_error *err)
{
    const crl_tensor *in = node->in[varying], *out = node->out[0];
    const crl_form form_in = crl_lower_form(l, in);
    const int32_t from = crl_lower_read(l, in, form_in, err), to = crl_lower_write(l, out, CRL_FORM_KERNEL, err);
    if (from < 0 || to < 0) return CRL_ERR_MEMORY;
    table_step *p = crl_pile_alloc(&l->schedule->pile, sizeof *p);
    crl_step *step = crl_schedule_add_step(l->schedule, node, err);
    if (!p || !step) return crl_fail_memory(err, "a table");
    uint8_t raw_in[256], raw_out[256];
    for (int i = 0; i < 256; i++) raw_in[i] = (uint8_t)i;
    crl_status s = ask_operator(node, varying, raw_in, raw_out, err);
    if (s) return s;
    const uint8_t flip_in = form_in == CRL_FORM_KERNEL && crl_lower_flips(in) ? 0x80 : 0;
    const uint8_t flip_out = crl_lower_flips(out) ? 0x80 : 0;
    for (int i = 0; i < 256; i++) p->table[i] = raw_out[i ^ flip_in] ^ flip_out;
    crl_lut_kernels k;
    crl_lut_kernels_init(&k, l->cpu);
    p->lut = k.u8;
    p->in = crl_lower_tensor_of(l, from);
    p->out = crl_lower_tensor_of(l, to);
    step->run = run_table;
    step->params = p;
    step->kernel = k.u8 == crl_lut_u8_ref ? "lut_u8 ref" : "lut_u8 avx2";
    step->weight_bytes = sizeof p->table;
    return crl_step_touches(l->schedule, step, &from, 1, &to, 1, err);
}

/* A table that maps every value to itself, in kernel form: QUANTIZE between uint8 and int8 of one scale. */
static bool is_sign_change(const crl_node *node)
{
    const crl_quant *a = &node->in[0]->quant, *b = &node->out[0]->quant;
    return a->n == 1 && b->n == 1 && a->scale[0] == b->scale[0] && node->in[0]->type != node->out[0]->type &&
           crl_lower_zero(node->in[0]) == crl_lower_zero(node->out[0]);
}

crl_status crl_lower_unary(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    if (!is_8bit(node->in[0]) || !is_8bit(node->out[0]) || node->in[0]->flags & CRL_TENSOR_CONST) return CRL_OK;
    *taken = true;
    if (node->n_in == 1 && !strcmp(node->def->name, "QUANTIZE") && is_sign_change(node)) {
        const int32_t from = crl_lower_read(l, node->in[0], CRL_FORM_KERNEL, err);
        if (from < 0) return CRL_ERR_MEMORY;
        return crl_lower_view(l, node->out[0], CRL_FORM_KERNEL, from, 0, err);
    }
    return lower_table(l, node, 0, err);
}

/* The input that varies when the other one is a single constant; -1: not that kind. */
static int32_t varying_input(const crl_node *node)
{
    if (node->n_in != 2 || !is_8bit(node->out[0])) return -1;
    for (int32_t i = 0; i < 2; i++) {
        const crl_tensor *x = node->in[i], *c = node->in[1 - i];
        if ((c->flags & CRL_TENSOR_CONST) && crl_shape_count(&c->shape) == 1 && !(x->flags & CRL_TENSOR_CONST) &&
            is_8bit(x) && crl_shape_count(&x->shape) == crl_shape_count(&node->out[0]->shape))
            return i;
    }
    return -1;
}

crl_status crl_lower_binary(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const int32_t varying = varying_input(node);
    if (varying < 0) return CRL_OK;
    *taken = true;
    return lower_table(l, node, varying, err);
}
