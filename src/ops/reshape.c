/* SPDX-License-Identifier: Apache-2.0 */
/* RESHAPE: the same elements under another shape.
 * The shape comes from input 1 when there is one, else from the option new_shape; one entry may be -1. */
#include <string.h>

#include "ops/op.h"

static crl_status wanted_shape(const crl_node *node, crl_shape *shape, crl_error *err)
{
    const crl_tensor *given = node->n_in > 1 ? node->in[1] : NULL;
    const int32_t *dims;
    size_t n;
    if (given) {
        if (given->type != CRL_INT32) return crl_node_bad_type(node, given, "INT32", err);
        crl_status s = crl_node_check_const(node, given, err);
        if (s) return s;
        dims = given->data;
        n = crl_shape_count(&given->shape);
    } else {
        const crl_option *o = crl_operator_option(node->def, "new_shape");
        dims = o->v;
        n = (size_t)o->n;
        /* Old converters write a scalar as one dimension of 0. */
        if (n == 1 && dims[0] == 0) n = 0;
    }
    if (n > CRL_MAX_RANK)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "new shape of rank %zu, at most %d is supported", n, CRL_MAX_RANK);
    *shape = (crl_shape){ .rank = (int32_t)n };
    if (n) memcpy(shape->dim, dims, n * sizeof *dims);
    return CRL_OK;
}

/* The product of the dimensions that are not 0 (or open), as far as a dimension can be. */
static size_t without_zeros(const crl_shape *s)
{
    size_t n = 1;
    for (int32_t i = 0; i < s->rank; i++)
        if (s->dim[i] > 0 && (!crl_size_mul(n, (size_t)s->dim[i], &n))) return SIZE_MAX;
    return n;
}

/* The open dimension of an array without elements beside another of 0: any would do, the reference takes what the other
 * dimensions leave. */
static size_t open_beside_zero(const crl_shape *in, const crl_shape *wanted)
{
    return without_zeros(in) / without_zeros(wanted);
}

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[0];
    crl_shape shape;
    crl_status s = wanted_shape(node, &shape, err);
    if (s) return s;
    const size_t count = crl_shape_count(&in->shape);
    size_t known = 1;
    int32_t open = -1;
    for (int32_t i = 0; i < shape.rank; i++) {
        if (shape.dim[i] == -1 && open < 0) {
            open = i;
        } else if (shape.dim[i] < 0 || !crl_size_mul(known, (size_t)shape.dim[i], &known)) {
            char text[CRL_SHAPE_TEXT];
            return crl_fail(err, CRL_ERR_FORMAT, "new shape %s: entries have to be >= 0, one may be -1",
                            crl_shape_text(&shape, text, sizeof text));
        }
    }
    if (open >= 0 && known && count % known == 0 && count / known <= INT32_MAX) {
        shape.dim[open] = (int32_t)(count / known);
        known = count;
    } else if (open >= 0 && !known && !count && open_beside_zero(&in->shape, &shape) <= INT32_MAX) {
        shape.dim[open] = (int32_t)open_beside_zero(&in->shape, &shape);
    }
    if (known != count) {
        char text[CRL_SHAPE_TEXT];
        return crl_node_bad(node, CRL_ERR_FORMAT, in, err, "%zu elements do not fit the new shape %s", count,
                            crl_shape_text(&shape, text, sizeof text));
    }
    if (node->out[0]->type != in->type) return crl_node_bad_type(node, node->out[0], crl_type_name(in->type), err);
    return crl_node_shape(node, 0, &shape, err);
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    if (node->in[0]->data != node->out[0]->data) memcpy(node->out[0]->data, node->in[0]->data, node->in[0]->bytes);
    return CRL_OK;
}

const crl_op_type crl_op_reshape = {
    .name = "RESHAPE", .code = CRL_OP_RESHAPE, .in_min = 1, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare, .invoke = invoke,
};
