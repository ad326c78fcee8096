/* SPDX-License-Identifier: Apache-2.0 */
/* MATRIX_DIAG: matrices that are 0 but for their diagonals, [...,n] -> [...,n,n]; MATRIX_SET_DIAG: matrices with
 * other diagonals, [...,rows,columns] and [...,min(rows, columns)] -> [...,rows,columns]. */
#include <string.h>

#include "ops/shapes.h"

static crl_status check_matrices(const crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[0];
    crl_status s = crl_node_accept(node, in, CRL_TYPE_QUANT | CRL_TYPE_INDEX | CRL_TYPE(CRL_FLOAT32), err);
    return s ? s : crl_node_same_type(node, node->out[0], in, err);
}

static crl_status prepare_diag(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[0];
    crl_status s = check_matrices(node, err);
    if (s) return s;
    const int32_t rank = in->shape.rank;
    if (rank < 1 || rank >= CRL_MAX_RANK)
        return crl_node_bad(node, CRL_ERR_FORMAT, in, err, "%d dimensions, from 1 to %d are supported", rank, CRL_MAX_RANK - 1);
    crl_shape shape = in->shape;
    shape.dim[shape.rank++] = in->shape.dim[rank - 1];
    return crl_node_shape(node, 0, &shape, err);
}

static crl_status invoke_diag(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const crl_tensor *in = node->in[0], *out = node->out[0];
    const size_t bytes = crl_type_bytes(in->type);
    if (!out->bytes) return CRL_OK;
    const size_t n = (size_t)in->shape.dim[in->shape.rank - 1], count = crl_shape_count(&in->shape);
    memset(out->data, 0, out->bytes);
    for (size_t i = 0; i < count; i++) /* row i of all, whose place in its matrix is i % n */
        memcpy((uint8_t *)out->data + (i * n + i % n) * bytes, (const uint8_t *)in->data + i * bytes, bytes);
    return CRL_OK;
}

static int32_t diagonal(const crl_shape *matrices)
{
    const int32_t rows = matrices->dim[matrices->rank - 2], columns = matrices->dim[matrices->rank - 1];
    return rows < columns ? rows : columns;
}

static size_t n_diagonals(const crl_shape *matrices)
{
    return crl_shape_span(matrices, 0, matrices->rank - 2);
}

static crl_status prepare_set_diag(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[0], *diag = node->in[1];
    crl_status s = check_matrices(node, err);
    if (!s) s = crl_node_same_type(node, diag, in, err);
    if (s) return s;
    if (in->shape.rank < 2)
        return crl_node_bad(node, CRL_ERR_FORMAT, in, err, "it has to be matrices, of two dimensions or more");
    /* Diagonals are read one after the other, whatever the shape; more than are needed are left over. */
    if (crl_shape_count(&diag->shape) < n_diagonals(&in->shape) * (size_t)diagonal(&in->shape))
        return crl_node_bad(node, CRL_ERR_FORMAT, diag, err, "%zu elements for %zu diagonals of %d",
                            crl_shape_count(&diag->shape), n_diagonals(&in->shape), diagonal(&in->shape));
    return crl_node_same_shape(node, 0, 0, err);
}

static crl_status invoke_set_diag(const crl_node *node, crl_work *work, crl_error *err)
{
    const crl_tensor *diag = node->in[1], *out = node->out[0];
    crl_status s = crl_copy_invoke(node, work, err);
    if (s || !out->bytes) return s;
    const size_t bytes = crl_type_bytes(out->type), n = (size_t)diagonal(&out->shape);
    const size_t rows = (size_t)out->shape.dim[out->shape.rank - 2], columns = (size_t)out->shape.dim[out->shape.rank - 1];
    const size_t count = n * n_diagonals(&out->shape);
    for (size_t i = 0; i < count; i++) {
        const size_t at = i / n * rows * columns + i % n * (columns + 1);
        memcpy((uint8_t *)out->data + at * bytes, (const uint8_t *)diag->data + i * bytes, bytes);
    }
    return CRL_OK;
}

const crl_op_type crl_op_matrix_diag = {
    .name = "MATRIX_DIAG", .code = CRL_OP_MATRIX_DIAG, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1,
    .prepare = prepare_diag, .invoke = invoke_diag,
};

const crl_op_type crl_op_matrix_set_diag = {
    .name = "MATRIX_SET_DIAG", .code = CRL_OP_MATRIX_SET_DIAG, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1,
    .prepare = prepare_set_diag, .invoke = invoke_set_diag,
};
