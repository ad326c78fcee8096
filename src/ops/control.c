/* SPDX-License-Identifier: Apache-2.0 */
/* Operators that run other subgraphs: IF, WHILE, CALL_ONCE, STABLEHLO_COMPOSITE.
 *
 * Their outputs have known shapes when all that may run gives the same shapes; else invoke finds them out. */
#include <string.h>

#include "ops/op.h"

static crl_status need_host(const crl_node *node, crl_error *err)
{
    return node->host ? CRL_OK : crl_fail(err, CRL_ERR_STATE, "a graph that stands alone cannot call subgraphs");
}

/* --- passing tensors ---------------------------------------------------------------------------------- */

/* From one program to another. Their shapes were compared before; what is copied is decided by both sizes all the same. */
static crl_status copy(crl_tensor *to, const crl_tensor *from, crl_error *err)
{
    if (to->bytes != from->bytes || (to->bytes && (!to->data || !from->data)))
        return crl_fail(err, CRL_ERR_FORMAT, "tensor \"%.60s\" of %zu bytes cannot be handed on as \"%.60s\" of %zu", from->name,
                        from->bytes, to->name, to->bytes);
    if (to->bytes) memcpy(to->data, from->data, to->bytes);
    return CRL_OK;
}

/* Binds a subgraph to the arguments, hands them over and runs it. */
static crl_status call(const crl_node *node, int32_t subgraph, crl_tensor *const *args, int32_t n, crl_callee *c,
                       crl_error *err)
{
    crl_status s = node->host->bind(node->host, subgraph, args, n, c, err);
    for (int32_t i = 0; !s && i < n; i++)
        if (c->in[i]) s = copy(c->in[i], args[i], err);
    return s ? s : node->host->call(node->host, subgraph, err);
}

/* Output i of the operator becomes a copy of `from`. */
static crl_status take(const crl_node *node, int32_t i, const crl_tensor *from, crl_error *err)
{
    crl_tensor *to = node->out[i];
    if (node->late) {
        crl_status s = crl_node_give(node, i, &from->shape, err);
        if (s) return s;
    } else if (!crl_shape_equal(&to->shape, &from->shape)) {
        char text[2][CRL_SHAPE_TEXT];
        return crl_node_bad(node, CRL_ERR_FORMAT, to, err, "its shape was to be %s, and is %s",
                            crl_shape_text(&to->shape, text[0], sizeof text[0]),
                            crl_shape_text(&from->shape, text[1], sizeof text[1]));
    }
    return copy(to, from, err);
}

static crl_status check_outputs(const crl_node *node, int32_t subgraph, const crl_callee *c, crl_error *err)
{
    if (c->n_out != node->n_out)
        return crl_fail(err, CRL_ERR_FORMAT, "subgraph %d gives %d outputs, the operator %d", subgraph, c->n_out, node->n_out);
    for (int32_t i = 0; i < c->n_out; i++) {
        if (c->out[i]->type != CRL_RESOURCE && !crl_type_bytes(c->out[i]->type))
            return crl_node_bad(node, CRL_ERR_UNSUPPORTED, node->out[i], err, "%s cannot be passed on",
                                crl_type_name(c->out[i]->type));
        if (c->out[i]->type != node->out[i]->type)
            return crl_node_bad(node, CRL_ERR_FORMAT, node->out[i], err, "it is %s, but output %d of subgraph %d is %s",
                                crl_type_name(node->out[i]->type), i, subgraph, crl_type_name(c->out[i]->type));
    }
    return CRL_OK;
}

/* A condition: one BOOL. */
static crl_status is_true(const crl_node *node, const crl_tensor *t, bool *yes, crl_error *err)
{
    if (t->type != CRL_BOOL || crl_shape_count(&t->shape) != 1) {
        char text[CRL_SHAPE_TEXT]; /* the tensor may be another subgraph's: its number would say nothing here */
        return crl_fail(err, CRL_ERR_FORMAT, "the condition of %s, \"%.60s\", is %s %s, it has to be one BOOL", node->def->name,
                        t->name, crl_type_name(t->type), crl_shape_text(&t->shape, text, sizeof text));
    }
    *yes = t->data && *(const uint8_t *)t->data;
    return CRL_OK;
}

/* --- IF ----------------------------------------------------------------------------------------------- */

static crl_status prepare_if(crl_node *node, crl_error *err)
{
    const int32_t branch[2] = { crl_node_int(node, "then_subgraph_index"), crl_node_int(node, "else_subgraph_index") };
    bool unread;
    crl_status s = need_host(node, err);
    if (!s) s = is_true(node, node->in[0], &unread, err);
    node->stateful = true;
    for (int k = 0; k < 2 && !s; k++) {
        crl_callee c;
        s = node->host->bind(node->host, branch[k], node->in + 1, node->n_in - 1, &c, err);
        if (!s) s = check_outputs(node, branch[k], &c, err);
        for (int32_t i = 0; !s && i < c.n_out; i++) {
            const bool open = c.out[i]->flags & CRL_TENSOR_DYNAMIC;
            if (open || (k && !crl_shape_equal(&c.out[i]->shape, &node->out[i]->shape))) node->late = true;
            if (!k && !open) s = crl_node_shape(node, i, &c.out[i]->shape, err);
        }
    }
    return s;
}

static crl_status invoke_if(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    bool yes = false;
    crl_callee c;
    crl_status s = is_true(node, node->in[0], &yes, err);
    const int32_t branch = s ? 0 : crl_node_int(node, yes ? "then_subgraph_index" : "else_subgraph_index");
    if (!s) s = call(node, branch, node->in + 1, node->n_in - 1, &c, err);
    for (int32_t i = 0; !s && i < node->n_out; i++) s = take(node, i, c.out[i], err);
    return s;
}

/* --- WHILE -------------------------------------------------------------------------------------------- */

static crl_status check_condition(const crl_node *node, int32_t subgraph, const crl_callee *c, crl_error *err)
{
    if (c->n_out == 1 && c->out[0]->type == CRL_BOOL) return CRL_OK;
    return crl_fail(err, CRL_ERR_FORMAT, "subgraph %d is the condition of %s: it has to give one BOOL", subgraph,
                    node->def->name);
}

static crl_status prepare_while(crl_node *node, crl_error *err)
{
    const int32_t cond = crl_node_int(node, "cond_subgraph_index"), body = crl_node_int(node, "body_subgraph_index");
    crl_callee c;
    crl_status s = need_host(node, err);
    if (!s && node->n_in != node->n_out)
        s = crl_fail(err, CRL_ERR_FORMAT, "%d inputs and %d outputs: there have to be as many", node->n_in, node->n_out);
    node->stateful = true;
    if (!s) s = node->host->bind(node->host, cond, node->in, node->n_in, &c, err);
    if (!s) s = check_condition(node, cond, &c, err);
    if (!s) s = node->host->bind(node->host, body, node->in, node->n_in, &c, err);
    if (!s) s = check_outputs(node, body, &c, err);
    for (int32_t i = 0; !s && i < node->n_out; i++) {
        if (node->out[i]->type != node->in[i]->type)
            return crl_node_bad(node, CRL_ERR_FORMAT, node->out[i], err, "it is %s, but goes into the loop as %s",
                                crl_type_name(node->out[i]->type), crl_type_name(node->in[i]->type));
        if (c.out[i]->flags & CRL_TENSOR_DYNAMIC || !crl_shape_equal(&c.out[i]->shape, &node->in[i]->shape)) node->late = true;
        s = crl_node_same_shape(node, i, i, err);
    }
    return s;
}

/* What goes around lives in the operator's outputs. */
static crl_status invoke_while(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    const int32_t cond = crl_node_int(node, "cond_subgraph_index"), body = crl_node_int(node, "body_subgraph_index");
    crl_callee c;
    crl_status s = CRL_OK;
    for (int32_t i = 0; !s && i < node->n_out; i++) s = take(node, i, node->in[i], err);
    while (!s) {
        bool again = false;
        s = call(node, cond, node->out, node->n_out, &c, err);
        if (!s) s = is_true(node, c.out[0], &again, err);
        if (s || !again) break;
        s = call(node, body, node->out, node->n_out, &c, err);
        for (int32_t i = 0; !s && i < node->n_out; i++) s = take(node, i, c.out[i], err);
    }
    return s;
}

/* --- CALL_ONCE ---------------------------------------------------------------------------------------- */

static crl_status prepare_once(crl_node *node, crl_error *err)
{
    const int32_t subgraph = crl_node_int(node, "init_subgraph_index");
    crl_callee c;
    crl_status s = need_host(node, err);
    if (!s) s = node->host->bind(node->host, subgraph, NULL, 0, &c, err);
    if (!s && c.n_out)
        s = crl_fail(err, CRL_ERR_FORMAT, "subgraph %d gives %d outputs, none are wanted", subgraph, c.n_out);
    node->stateful = true;
    return s;
}

static crl_status invoke_once(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    const int32_t subgraph = crl_node_int(node, "init_subgraph_index");
    bool *called = node->host->called_once(node->host, subgraph);
    crl_callee c;
    if (*called) return CRL_OK;
    crl_status s = call(node, subgraph, NULL, 0, &c, err);
    *called = !s;
    return s;
}

/* --- STABLEHLO_COMPOSITE ------------------------------------------------------------------------------ */

/* Whatever the name of the composite says: what it does is written out in a subgraph. */
static crl_status prepare_composite(crl_node *node, crl_error *err)
{
    const int32_t subgraph = crl_node_int(node, "decomposition_subgraph_index");
    crl_callee c;
    crl_status s = need_host(node, err);
    if (!s) s = node->host->bind(node->host, subgraph, node->in, node->n_in, &c, err);
    if (!s) s = check_outputs(node, subgraph, &c, err);
    node->stateful = true;
    for (int32_t i = 0; !s && i < c.n_out; i++) {
        if (c.out[i]->flags & CRL_TENSOR_DYNAMIC)
            node->late = true;
        else
            s = crl_node_shape(node, i, &c.out[i]->shape, err);
    }
    return s;
}

static crl_status invoke_composite(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    crl_callee c;
    crl_status s = call(node, crl_node_int(node, "decomposition_subgraph_index"), node->in, node->n_in, &c, err);
    for (int32_t i = 0; !s && i < node->n_out; i++) s = take(node, i, c.out[i], err);
    return s;
}

const crl_op_type crl_op_if = {
    .name = "IF", .code = CRL_OP_IF, .in_min = 1, .in_max = -1, .out_min = 0, .out_max = -1, .prepare = prepare_if, .invoke = invoke_if,
};
const crl_op_type crl_op_while = {
    .name = "WHILE", .code = CRL_OP_WHILE, .in_min = 1, .in_max = -1, .out_min = 1, .out_max = -1, .prepare = prepare_while, .invoke = invoke_while,
};
const crl_op_type crl_op_call_once = {
    .name = "CALL_ONCE",
    .code = CRL_OP_CALL_ONCE,
    .in_min = 0,
    .in_max = 0,
    .out_min = 0,
    .out_max = 0,
    .prepare = prepare_once,
    .invoke = invoke_once,
};
const crl_op_type crl_op_stablehlo_composite = {
    .name = "STABLEHLO_COMPOSITE", .code = CRL_OP_STABLEHLO_COMPOSITE, .in_min = 0, .in_max = -1, .out_min = 0, .out_max = -1,
    .prepare = prepare_composite, .invoke = invoke_composite,
};
