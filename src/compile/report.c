/* SPDX-License-Identifier: Apache-2.0 */
/* Words for the whole model: what kind it is, which requirements it meets, and what to do first. */
#include <string.h>

#include "compile/check.h"
#include "ops/codes.h"

static const crl_tensor_def *weights_of(const crl_judged *j, const crl_operator *op)
{
    switch (op->code) {
    case CRL_OP_CONV_2D:
    case CRL_OP_DEPTHWISE_CONV_2D:
    case CRL_OP_FULLY_CONNECTED:
    case CRL_OP_TRANSPOSE_CONV: return op->n_inputs > 1 && op->inputs[1] >= 0 ? &j->graph->tensors[op->inputs[1]] : NULL;
    default: return NULL;
    }
}

/* Where the weights of layers come from: a DEQUANTIZE of 16-bit floats is how such models are stored. */
static bool has_half_weights(const crl_judged *j)
{
    for (int32_t i = 0; i < j->graph->n_operators; i++) {
        const crl_operator *op = &j->graph->operators[i];
        if (op->code == CRL_OP_DEQUANTIZE && op->n_inputs && op->inputs[0] >= 0) {
            const crl_tensor_def *t = &j->graph->tensors[op->inputs[0]];
            if (t->data && t->type == CRL_FLOAT16) return true;
        }
    }
    return false;
}

/* Layers with weights vote. */
crl_check_kind crl_judge_kind(const crl_judged *j)
{
    int floats = 0, dynamic = 0, wide = 0, quantised = 0;
    for (int32_t i = 0; i < j->graph->n_operators; i++) {
        const crl_operator *op = &j->graph->operators[i];
        if (!strcmp(op->name, "edgetpu-custom-op")) return CRL_CHECK_COMPILED;
        const crl_tensor_def *w = weights_of(j, op);
        if (!w || !op->n_outputs) continue;
        const crl_type out = j->graph->tensors[op->outputs[0]].type;
        if (out == CRL_FLOAT32 && (w->type == CRL_INT8 || w->type == CRL_UINT8 || w->type == CRL_INT4))
            dynamic++;
        else if (out == CRL_FLOAT32)
            floats++;
        else if (out == CRL_INT16)
            wide++;
        else
            quantised++;
    }
    if (quantised >= floats + dynamic + wide) return CRL_CHECK_QUANTISED;
    if (wide > floats + dynamic) return CRL_CHECK_INT16;
    if (dynamic) return CRL_CHECK_DYNAMIC_RANGE;
    return has_half_weights(j) ? CRL_CHECK_FLOAT16 : CRL_CHECK_FLOAT;
}

/* ---- requirements -------------------------------------------------------------------------------------- */

static void require(crl_judged *j, crl_check_requirement *r, const char *name, crl_mapping a, crl_mapping b, crl_mapping c,
                    const char *met)
{
    int32_t n = 0, first = -1;
    for (int32_t i = 0; i < j->check.n_ops; i++) {
        const crl_mapping m = j->ops[i].mapping;
        if (m == CRL_MAPPED || (m != a && m != b && m != c)) continue;
        if (first < 0) first = i;
        n++;
    }
    r->name = name;
    r->met = !n;
    r->finding = !n       ? crl_judged_text(j, "%s", met)
                 : n == 1 ? crl_judged_text(j, "not op %d %s: %s", first, j->graph->operators[first].name, j->ops[first].reason)
                          : crl_judged_text(j, "%d operators do not, first op %d %s: %s", n, first, j->graph->operators[first].name,
                                            j->ops[first].reason);
}

/* Shapes of the file count: a dimension that is open is compiled with the size that stands there. */
static void require_sizes(crl_judged *j, crl_check_requirement *r)
{
    char open[CRL_SHAPE_TEXT], now[CRL_SHAPE_TEXT];
    r->name = "fixed sizes";
    r->met = true;
    r->finding = "the size of every input is fixed";
    for (int32_t i = 0; i < j->graph->n_inputs; i++) {
        const crl_tensor_def *t = &j->graph->tensors[j->graph->inputs[i]];
        if (crl_shape_equal(&t->shape, &t->shape_signature)) continue;
        bool inner = false;
        for (int32_t d = 1; d < t->shape.rank; d++) inner |= t->shape_signature.dim[d] < 0;
        r->met = !inner;
        r->finding = crl_judged_text(j, "input %d is open, %s; it will be compiled as %s", i,
                                     crl_shape_text(&t->shape_signature, open, sizeof open),
                                     crl_shape_text(&t->shape, now, sizeof now));
        if (inner) return;
    }
}

static void find_requirements(crl_judged *j)
{
    enum { N = 5 };
    crl_check_requirement *r = crl_judged_take(j, N, sizeof *r);
    if (!r) return;
    require(j, &r[0], "8-bit data", CRL_UNMAPPED_TYPE, CRL_UNMAPPED_TYPE, CRL_UNMAPPED_TYPE, "every operator computes with 8 bits");
    require_sizes(j, &r[1]);
    require(j, &r[2], "constant parameters", CRL_UNMAPPED_NOT_CONSTANT, CRL_UNMAPPED_NOT_CONSTANT, CRL_UNMAPPED_NOT_CONSTANT,
            "weights, shapes and axes are constants");
    require(j, &r[3], "three dimensions", CRL_UNMAPPED_RANK, CRL_UNMAPPED_RANK, CRL_UNMAPPED_RANK,
            "no tensor has more than three dimensions larger than 1");
    require(j, &r[4], "supported operators", CRL_UNMAPPED_OPERATOR, CRL_UNMAPPED_LIMIT, CRL_UNMAPPED_VERSION,
            "the compiler takes every operator, within its limits");
    j->check.requirements = r;
    j->check.n_requirements = N;
}

/* ---- advice --------------------------------------------------------------------------------------------- */

static const char *advice_of(crl_judged *j)
{
    const crl_check *c = &j->check;
    switch (c->kind) {
    case CRL_CHECK_COMPILED:
        return "it is compiled for the Edge TPU already: corallite inspect shows what is inside; to judge anew, check "
               "the model that it was made from";
    case CRL_CHECK_FLOAT:
        return "it computes with floats: convert it with full integer quantisation (8-bit integers, with representative data), then check again";
    case CRL_CHECK_FLOAT16:
        return "its weights are 16-bit floats: convert it with full integer quantisation (8-bit integers, with representative data) instead";
    case CRL_CHECK_DYNAMIC_RANGE:
        return "only its weights have 8 bits (dynamic range): give the converter representative data, so that activations get 8 bits, too";
    case CRL_CHECK_INT16:
        return "its activations have 16 bits: convert it with 8-bit activations";
    case CRL_CHECK_QUANTISED: break;
    }
    if (c->first_cpu < 0) return NULL;
    const crl_check_op *op = &c->ops[c->first_cpu];
    if (!op->cure) return NULL;
    return crl_judged_text(j, "op %d %s: %s", c->first_cpu, j->graph->operators[c->first_cpu].name, op->cure);
}

void crl_report(crl_judged *j)
{
    find_requirements(j);
    if (!j->failed) j->check.advice = advice_of(j);
}
