/* SPDX-License-Identifier: Apache-2.0 */
/* SELECT, SELECT_V2: elements of x where the condition holds, of y elsewhere. V2 stretches dimensions of 1; the
 * older one takes a condition for the whole, or one for each index of dimension 0. */
#include <string.h>

#include "ops/shapes.h"

enum { CONDITION, X, Y }; /* inputs */

/* Steps are elements; 0 where a dimension is stretched. */
typedef struct params {
    size_t step[3][CRL_MAX_RANK]; /* condition, x, y */
    size_t size;                  /* bytes of an element */
} params;

static void broadcast_steps(const crl_shape *in, const crl_shape *out, size_t *step)
{
    size_t n = 1;
    for (int32_t d = out->rank - 1; d >= 0; d--) {
        const int32_t i = d - (out->rank - in->rank);
        step[d] = i < 0 || in->dim[i] == 1 ? 0 : n;
        if (i >= 0) n *= (size_t)in->dim[i];
    }
}

static crl_status check_types(const crl_node *node, crl_error *err)
{
    crl_status s = crl_node_accept(node, node->in[CONDITION], CRL_TYPE(CRL_BOOL), err);
    if (!s) s = crl_node_accept(node, node->in[X], CRL_TYPE_MOVED, err);
    if (!s) s = crl_node_same_type(node, node->in[Y], node->in[X], err);
    return s ? s : crl_node_same_type(node, node->out[0], node->in[X], err);
}

static bool single_elements(const crl_node *node)
{
    for (int32_t i = 0; i < 3; i++)
        if (crl_shape_count(&node->in[i]->shape) != 1) return false;
    return true;
}

static crl_status set_params(crl_node *node, const crl_shape *shape, const crl_shape *condition, crl_error *err)
{
    /* One element each: the reference keeps the shape that the file gives. */
    const crl_shape given = node->out[0]->shape;
    const bool single = single_elements(node) && crl_shape_count(&given) == 1;
    crl_status s = crl_node_shape(node, 0, single ? &given : shape, err);
    if (!s) s = crl_node_params(node, sizeof(params), err);
    if (s) return s;
    params *p = node->params;
    p->size = crl_type_bytes(node->out[0]->type);
    if (single) return CRL_OK;
    broadcast_steps(condition, shape, p->step[0]);
    broadcast_steps(&node->in[X]->shape, shape, p->step[1]);
    broadcast_steps(&node->in[Y]->shape, shape, p->step[2]);
    return CRL_OK;
}

static crl_status prepare_v1(crl_node *node, crl_error *err)
{
    crl_status s = check_types(node, err);
    if (s) return s;
    const crl_shape *c = &node->in[CONDITION]->shape, *x = &node->in[X]->shape, *y = &node->in[Y]->shape;
    crl_shape condition = *c;
    const bool low = c->rank == 0 || (c->rank == 1 && x->rank > 0 && c->dim[0] == x->dim[0]);
    if (c->rank == 1 && low) { /* [n] stands for [n,1,1,..] */
        condition.rank = x->rank;
        for (int32_t d = 1; d < x->rank; d++) condition.dim[d] = 1;
    }
    if (!single_elements(node) && (!crl_shape_equal(x, y) || !(low || crl_shape_equal(c, x)))) {
        char a[CRL_SHAPE_TEXT], b[CRL_SHAPE_TEXT], d[CRL_SHAPE_TEXT];
        return crl_fail(err, CRL_ERR_FORMAT, "condition %s with %s and %s", crl_shape_text(c, a, sizeof a),
                        crl_shape_text(x, b, sizeof b), crl_shape_text(y, d, sizeof d));
    }
    return set_params(node, x, &condition, err);
}

static crl_status prepare_v2(crl_node *node, crl_error *err)
{
    crl_status s = check_types(node, err);
    crl_shape both, all;
    if (!s) s = crl_node_broadcast(&node->in[X]->shape, &node->in[Y]->shape, &both, err);
    if (!s) s = crl_node_broadcast(&both, &node->in[CONDITION]->shape, &all, err);
    return s ? s : set_params(node, &all, &node->in[CONDITION]->shape, err);
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const params *p = node->params;
    const crl_shape *shape = &node->out[0]->shape;
    const uint8_t *condition = node->in[CONDITION]->data, *x = node->in[X]->data, *y = node->in[Y]->data;
    uint8_t *out = node->out[0]->data;
    const size_t n = crl_shape_count(shape);
    size_t at[3] = { 0 };
    int32_t index[CRL_MAX_RANK] = { 0 };
    for (size_t i = 0; i < n; i++, out += p->size) {
        memcpy(out, condition[at[0]] ? x + at[1] * p->size : y + at[2] * p->size, p->size);
        for (int32_t d = shape->rank - 1; d >= 0; d--) {
            for (int k = 0; k < 3; k++) at[k] += p->step[k][d];
            if (++index[d] < shape->dim[d]) break;
            index[d] = 0;
            for (int k = 0; k < 3; k++) at[k] -= p->step[k][d] * (size_t)shape->dim[d];
        }
    }
    return CRL_OK;
}

const crl_op_type crl_op_select = {
    .name = "SELECT", .code = CRL_OP_SELECT, .in_min = 3, .in_max = 3, .out_min = 1, .out_max = 1, .prepare = prepare_v1, .invoke = invoke,
};
const crl_op_type crl_op_select_v2 = {
    .name = "SELECT_V2", .code = CRL_OP_SELECT_V2, .in_min = 3, .in_max = 3, .out_min = 1, .out_max = 1, .prepare = prepare_v2, .invoke = invoke,
};
