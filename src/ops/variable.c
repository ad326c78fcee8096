/* SPDX-License-Identifier: Apache-2.0 */
/* VAR_HANDLE names a variable, READ_VARIABLE reads it, ASSIGN_VARIABLE writes it. A handle is the variable's number. */
#include <string.h>

#include "ops/shapes.h"

static crl_status check_handle(const crl_node *node, const crl_tensor *t, crl_error *err)
{
    if (!node->host) return crl_fail(err, CRL_ERR_STATE, "a graph that stands alone has no variables");
    crl_status s = crl_node_accept(node, t, CRL_TYPE(CRL_RESOURCE) | CRL_TYPE(CRL_INT32), err);
    if (!s && crl_shape_count(&t->shape) != 1)
        s = crl_node_bad(node, CRL_ERR_FORMAT, t, err, "%zu elements, a handle is one", crl_shape_count(&t->shape));
    return s;
}

static int32_t handle(const crl_tensor *t)
{
    return *(const int32_t *)t->data;
}

/* --- VAR_HANDLE --------------------------------------------------------------------------------------- */

static crl_status prepare_handle(crl_node *node, crl_error *err)
{
    crl_status s = check_handle(node, node->out[0], err);
    if (!s) s = crl_node_params(node, sizeof(int32_t), err);
    if (!s)
        s = node->host->variable(node->host, crl_operator_option(node->def, "container")->text,
                                 crl_operator_option(node->def, "shared_name")->text, node->params, err);
    node->constant = true;
    return s ? s : crl_node_shape(node, 0, &node->out[0]->shape, err);
}

static crl_status invoke_handle(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    memcpy(node->out[0]->data, node->params, sizeof(int32_t));
    return CRL_OK;
}

/* --- READ_VARIABLE ------------------------------------------------------------------------------------ */

/* The shape is the one that the file declares; where that is of no dimensions, it is that of what was assigned last. */
static crl_status prepare_read(crl_node *node, crl_error *err)
{
    node->stateful = true;
    node->late = node->out[0]->shape.rank == 0;
    crl_status s = check_handle(node, node->in[0], err);
    return s ? s : crl_node_shape(node, 0, &node->out[0]->shape, err);
}

/* Of a larger variable the reference reads what fits, the first elements. Of a smaller one it would leave the rest of the
 * output as it was. */
static crl_status check_size(const crl_node *node, const crl_tensor *value, crl_error *err)
{
    const crl_tensor *out = node->out[0];
    char text[2][CRL_SHAPE_TEXT];
    if (value->bytes >= out->bytes) return CRL_OK;
    return crl_node_bad(node, CRL_ERR_FORMAT, out, err, "its shape is %s, but the variable holds %s only",
                        crl_shape_text(&out->shape, text[0], sizeof text[0]),
                        crl_shape_text(&value->shape, text[1], sizeof text[1]));
}

static crl_status invoke_read(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    const crl_tensor *value;
    crl_tensor *out = node->out[0];
    crl_status s = node->host->read(node->host, handle(node->in[0]), &value, err);
    if (!s && value->type != out->type)
        s = crl_node_bad(node, CRL_ERR_FORMAT, out, err, "it is %s, but the variable holds %s", crl_type_name(out->type),
                         crl_type_name(value->type));
    if (!s && node->late) s = crl_node_give(node, 0, &value->shape, err);
    if (!s) s = check_size(node, value, err);
    if (!s && out->bytes) memcpy(out->data, value->data, out->bytes);
    return s;
}

/* --- ASSIGN_VARIABLE ---------------------------------------------------------------------------------- */

static crl_status prepare_assign(crl_node *node, crl_error *err)
{
    node->stateful = true;
    if (!crl_type_bytes(node->in[1]->type))
        return crl_node_bad(node, CRL_ERR_UNSUPPORTED, node->in[1], err, "%s cannot be kept in a variable",
                            crl_type_name(node->in[1]->type));
    return check_handle(node, node->in[0], err);
}

static crl_status invoke_assign(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    return node->host->assign(node->host, handle(node->in[0]), node->in[1], err);
}

const crl_op_type crl_op_var_handle = {
    .name = "VAR_HANDLE",
    .code = CRL_OP_VAR_HANDLE,
    .in_min = 0,
    .in_max = 0,
    .out_min = 1,
    .out_max = 1,
    .prepare = prepare_handle,
    .invoke = invoke_handle,
};
const crl_op_type crl_op_read_variable = {
    .name = "READ_VARIABLE",
    .code = CRL_OP_READ_VARIABLE,
    .in_min = 1,
    .in_max = 1,
    .out_min = 1,
    .out_max = 1,
    .prepare = prepare_read,
    .invoke = invoke_read,
};
const crl_op_type crl_op_assign_variable = {
    .name = "ASSIGN_VARIABLE",
    .code = CRL_OP_ASSIGN_VARIABLE,
    .in_min = 2,
    .in_max = 2,
    .out_min = 0,
    .out_max = 0,
    .prepare = prepare_assign,
    .invoke = invoke_assign,
};
