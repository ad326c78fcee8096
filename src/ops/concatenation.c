/* SPDX-License-Identifier: Apache-2.0 */
/* CONCATENATION: inputs side by side along one axis.
 * Only UINT8 may bring inputs of other scales: those go through a table of 256 values, made in prepare. */
#include "ops/concatenation.h"

#include <math.h>
#include <string.h>

#include "ops/shapes.h"

/* Source: TensorFlow Lite, reference/concatenation.h: float arithmetic, rounded half away from zero. */
static const uint8_t *make_rescale(crl_node *node, const crl_tensor *in, const crl_tensor *out, crl_error *err)
{
    uint8_t *table = crl_node_alloc(node, 256, 1, err);
    if (!table) return NULL;
    const float inverse = 1.0f / crl_tensor_scale(out);
    const float scale = crl_tensor_scale(in) * inverse;
    const float bias = (float)-crl_tensor_zero(in) * scale;
    for (int q = 0; q < 256 && node->on_chip; q++) {
        const crl_requant r = { .zero_point = crl_tensor_zero(out), .max = UINT8_MAX };
        table[q] = (uint8_t)crl_requant_place_single((float)(q - crl_tensor_zero(in)) * scale, &r);
    }
    for (int q = 0; q < 256 && !node->on_chip; q++) {
        const float moved = roundf((float)q * scale + bias);
        /* Far outside of the type the sum would not fit an int; it is clamped in any case. So is what is no number,
         * which scales at the two ends of float can lead to. */
        const int32_t v = !(moved >= -1e6f) ? -1000000 : moved > 1e6f ? 1000000 : (int32_t)moved;
        const int32_t sum = v + crl_tensor_zero(out);
        table[q] = (uint8_t)(sum < 0 ? 0 : sum > UINT8_MAX ? UINT8_MAX : sum);
    }
    return table;
}

static crl_status check_input(const crl_node *node, int32_t i, int32_t axis, crl_error *err)
{
    const crl_tensor *in = node->in[i], *first = node->in[0], *out = node->out[0];
    if (!in) return crl_fail(err, CRL_ERR_FORMAT, "input %d is left out, but needed", i);
    crl_status s = crl_node_same_type(node, in, first, err);
    if (s) return s;
    bool fits = in->shape.rank == first->shape.rank;
    for (int32_t d = 0; fits && d < first->shape.rank; d++)
        if (d != axis) fits = in->shape.dim[d] == first->shape.dim[d];
    if (!fits) {
        char a[CRL_SHAPE_TEXT], b[CRL_SHAPE_TEXT];
        return crl_node_bad(node, CRL_ERR_FORMAT, in, err, "shape %s does not fit %s: only axis %d may differ",
                            crl_shape_text(&in->shape, a, sizeof a), crl_shape_text(&first->shape, b, sizeof b), axis);
    }
    if (in->type == CRL_INT8) return crl_node_same_quant(node, in, out, err);
    if (in->type == CRL_INT16 && crl_tensor_zero(in) != 0)
        return crl_node_bad(node, CRL_ERR_UNSUPPORTED, in, err, "zero point %d, INT16 needs 0", crl_tensor_zero(in));
    return CRL_OK;
}

static crl_status prepare_inputs(crl_node *node, crl_concatenation *p, int32_t axis, crl_error *err)
{
    crl_tensor *out = node->out[0];
    for (int32_t i = 0; i < node->n_in; i++) {
        const crl_tensor *in = node->in[i];
        p->run[i] = crl_shape_span(&in->shape, axis, in->shape.rank) * crl_type_bytes(in->type);
        if (in->type != CRL_UINT8) continue;
        if (crl_tensor_scale(in) == crl_tensor_scale(out) && crl_tensor_zero(in) == crl_tensor_zero(out)) continue;
        crl_status s = crl_node_check_quant_in(node, in, err);
        if (!s) s = crl_node_check_quant(node, out, err);
        if (s) return s;
        p->rescale[i] = make_rescale(node, in, out, err);
        if (!p->rescale[i]) return CRL_ERR_MEMORY;
    }
    return CRL_OK;
}

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *first = node->in[0];
    crl_tensor *out = node->out[0];
    crl_status s = crl_node_accept(node, first,
                                   CRL_TYPE_QUANT | CRL_TYPE_INDEX | CRL_TYPE(CRL_FLOAT32) | CRL_TYPE(CRL_FLOAT16) |
                                       CRL_TYPE(CRL_BFLOAT16) | CRL_TYPE(CRL_BOOL) | CRL_TYPE(CRL_UINT32),
                                   err);
    if (!s) s = crl_node_same_type(node, out, first, err);
    if (s) return s;
    if (crl_node_int(node, "fused_activation_function") != CRL_ACT_NONE)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "a fused activation is not supported here");
    int32_t axis;
    s = crl_node_axis(crl_node_int(node, "axis"), first->shape.rank, &axis, err);
    if (s) return s;
    crl_shape shape = first->shape;
    int64_t sum = 0;
    for (int32_t i = 0; i < node->n_in; i++) {
        s = check_input(node, i, axis, err);
        if (s) return s;
        sum += node->in[i]->shape.dim[axis];
    }
    if (sum > INT32_MAX) return crl_fail(err, CRL_ERR_FORMAT, "dimension %d would be %lld", axis, (long long)sum);
    shape.dim[axis] = (int32_t)sum;
    if (out->type == CRL_INT16 && crl_tensor_zero(out) != 0)
        return crl_node_bad(node, CRL_ERR_UNSUPPORTED, out, err, "zero point %d, INT16 needs 0", crl_tensor_zero(out));
    s = crl_node_shape(node, 0, &shape, err);
    if (!s) s = crl_node_params(node, sizeof(crl_concatenation), err);
    if (s) return s;
    crl_concatenation *p = node->params;
    p->outer = crl_shape_span(&shape, 0, axis);
    p->run = crl_node_alloc(node, (size_t)node->n_in, sizeof *p->run, err);
    if (!p->run) return CRL_ERR_MEMORY;
    p->rescale = crl_node_alloc(node, (size_t)node->n_in, sizeof *p->rescale, err);
    if (!p->rescale) return CRL_ERR_MEMORY;
    return prepare_inputs(node, p, axis, err);
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const crl_concatenation *p = node->params;
    uint8_t *out = node->out[0]->data;
    for (size_t o = 0; o < p->outer; o++) {
        for (int32_t i = 0; i < node->n_in; i++) {
            const size_t run = p->run[i];
            if (!run) continue;
            const uint8_t *in = (const uint8_t *)node->in[i]->data + o * run;
            const uint8_t *table = p->rescale[i];
            if (table)
                for (size_t k = 0; k < run; k++) out[k] = table[in[k]];
            else
                memcpy(out, in, run);
            out += run;
        }
    }
    return CRL_OK;
}

const crl_op_type crl_op_concatenation = {
    .name = "CONCATENATION",
    .code = CRL_OP_CONCATENATION,
    .in_min = 1,
    .in_max = -1,
    .out_min = 1,
    .out_max = 1,
    .prepare = prepare,
    .invoke = invoke,
};
