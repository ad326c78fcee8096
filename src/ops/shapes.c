/* SPDX-License-Identifier: Apache-2.0 */
/* Axes, lists of indices, layouts: see shapes.h. */
#include "ops/shapes.h"

#include <stdio.h>
#include <string.h>

crl_status crl_node_accept(const crl_node *node, const crl_tensor *tensor, unsigned types, crl_error *err)
{
    if ((unsigned)tensor->type < 32 && (types & CRL_TYPE(tensor->type))) return CRL_OK;
    char list[160] = "";
    size_t used = 0;
    for (unsigned t = 0; t < 32; t++) {
        if (!(types & CRL_TYPE(t))) continue;
        const int n = snprintf(list + used, sizeof list - used, "%s%s", used ? ", " : "", crl_type_name((crl_type)t));
        if (n < 0 || (size_t)n >= sizeof list - used) break;
        used += (size_t)n;
    }
    return crl_node_bad_type(node, tensor, list, err);
}

crl_status crl_node_same_type(const crl_node *node, const crl_tensor *a, const crl_tensor *b, crl_error *err)
{
    return a->type == b->type ? CRL_OK : crl_node_bad_type(node, a, crl_type_name(b->type), err);
}

crl_status crl_node_same_quant(const crl_node *node, const crl_tensor *a, const crl_tensor *b, crl_error *err)
{
    if (crl_tensor_scale(a) == crl_tensor_scale(b) && crl_tensor_zero(a) == crl_tensor_zero(b)) return CRL_OK;
    return crl_node_bad(node, CRL_ERR_UNSUPPORTED, a, err,
                        "scale %g and zero point %d, but %.40s has %g and %d; they have to be equal here",
                        (double)crl_tensor_scale(a), crl_tensor_zero(a), b->name, (double)crl_tensor_scale(b),
                        crl_tensor_zero(b));
}

crl_status crl_node_axis(int64_t axis, int32_t rank, int32_t *out, crl_error *err)
{
    if (axis < -rank || axis >= rank)
        return crl_fail(err, CRL_ERR_FORMAT, "axis %lld of a tensor with %d dimensions", (long long)axis, rank);
    *out = (int32_t)(axis < 0 ? axis + rank : axis);
    return CRL_OK;
}

size_t crl_shape_span(const crl_shape *shape, int32_t from, int32_t to)
{
    size_t n = 1;
    for (int32_t d = from; d < to; d++) n *= (size_t)shape->dim[d];
    return n;
}

int64_t crl_tensor_int(const crl_tensor *tensor, size_t i)
{
    switch (tensor->type) {
    case CRL_INT8: return ((const int8_t *)tensor->data)[i];
    case CRL_UINT8:
    case CRL_BOOL: return ((const uint8_t *)tensor->data)[i];
    case CRL_INT16: return ((const int16_t *)tensor->data)[i];
    case CRL_INT32: return ((const int32_t *)tensor->data)[i];
    case CRL_INT64: return ((const int64_t *)tensor->data)[i];
    default: return 0;
    }
}

crl_status crl_node_const_ints(const crl_node *node, const crl_tensor *tensor, unsigned types, int64_t *list,
                               int32_t cap, int32_t *n, crl_error *err)
{
    crl_status s = crl_node_accept(node, tensor, types, err);
    if (!s) s = crl_node_check_const(node, tensor, err);
    if (s) return s;
    const size_t count = crl_shape_count(&tensor->shape);
    if (count > (size_t)cap)
        return crl_node_bad(node, CRL_ERR_UNSUPPORTED, tensor, err, "%zu elements, at most %d are supported", count, cap);
    for (size_t i = 0; i < count; i++) list[i] = crl_tensor_int(tensor, i);
    *n = (int32_t)count;
    return CRL_OK;
}

crl_status crl_node_const_int(const crl_node *node, const crl_tensor *tensor, unsigned types, int64_t *value,
                              crl_error *err)
{
    int32_t n;
    crl_status s = crl_node_const_ints(node, tensor, types, value, 1, &n, err);
    if (s) return s;
    return n == 1 ? CRL_OK : crl_node_bad(node, CRL_ERR_FORMAT, tensor, err, "it is empty, one element is needed");
}

void crl_tensor_steps(const crl_tensor *tensor, ptrdiff_t *step)
{
    ptrdiff_t bytes = (ptrdiff_t)crl_type_bytes(tensor->type);
    for (int32_t d = tensor->shape.rank - 1; d >= 0; d--) {
        step[d] = bytes;
        bytes *= tensor->shape.dim[d];
    }
}

crl_status crl_node_broadcast(const crl_shape *a, const crl_shape *b, crl_shape *out, crl_error *err)
{
    *out = (crl_shape){ .rank = a->rank > b->rank ? a->rank : b->rank };
    for (int32_t d = 0; d < out->rank; d++) {
        const int32_t i = d - (out->rank - a->rank), k = d - (out->rank - b->rank);
        const int32_t x = i < 0 ? 1 : a->dim[i], y = k < 0 ? 1 : b->dim[k];
        if (x != y && x != 1 && y != 1) {
            char text[2][CRL_SHAPE_TEXT];
            return crl_fail(err, CRL_ERR_FORMAT, "shapes %s and %s do not go together: dimensions have to be equal or 1",
                            crl_shape_text(a, text[0], sizeof text[0]), crl_shape_text(b, text[1], sizeof text[1]));
        }
        out->dim[d] = x == 1 ? y : x;
    }
    return CRL_OK;
}

crl_status crl_move_invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const crl_move *m = node->params;
    crl_strided_copy(node->out[0]->data, (const uint8_t *)node->in[m->input]->data + m->in_offset, &m->strided);
    return CRL_OK;
}

crl_status crl_copy_invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const crl_tensor *in = node->in[0], *out = node->out[0];
    if (in->data != out->data && out->bytes) memcpy(out->data, in->data, out->bytes);
    return CRL_OK;
}
