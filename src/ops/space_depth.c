/* SPDX-License-Identifier: Apache-2.0 */
/* SPACE_TO_DEPTH: each square of block x block elements becomes one element with that many times the channels.
 * DEPTH_TO_SPACE: the other way round. Shapes are [batch, height, width, channels]. */
#include "ops/shapes.h"

static crl_status check(const crl_node *node, int32_t *block, crl_error *err)
{
    const crl_tensor *in = node->in[0];
    crl_status s = crl_node_accept(node, in, CRL_TYPE_8BIT | CRL_TYPE_INDEX | CRL_TYPE(CRL_FLOAT32), err);
    if (!s) s = crl_node_same_type(node, node->out[0], in, err);
    if (s) return s;
    *block = crl_node_int(node, "block_size");
    if (*block < 1 || *block > 32767) return crl_fail(err, CRL_ERR_FORMAT, "block_size %d, 1 to 32767 is accepted", *block);
    if (in->shape.rank != 4)
        return crl_node_bad(node, CRL_ERR_FORMAT, in, err, "%d dimensions, 4 are needed", in->shape.rank);
    return CRL_OK;
}

/* Spatial tensor [n][h * block][w * block][c] and deep one [n][h][w][block * block * c]. */
static crl_status set_move(crl_node *node, const crl_tensor *deep, const crl_tensor *spatial, int32_t block, crl_error *err)
{
    crl_status s = crl_node_params(node, sizeof(crl_move), err);
    if (s || !crl_shape_count(&node->out[0]->shape)) return s; /* nothing moves, and steps over nothing may overflow */
    crl_move *m = node->params;
    ptrdiff_t d[CRL_MAX_RANK], p[CRL_MAX_RANK];
    crl_tensor_steps(deep, d);
    crl_tensor_steps(spatial, p);
    const ptrdiff_t channels = spatial->shape.dim[3];
    const size_t dims[6] = { (size_t)deep->shape.dim[0], (size_t)deep->shape.dim[1], (size_t)deep->shape.dim[2],
                             (size_t)block, (size_t)block, (size_t)channels };
    const ptrdiff_t deep_step[6] = { d[0], d[1], d[2], d[3] * channels * block, d[3] * channels, d[3] };
    const ptrdiff_t space_step[6] = { p[0], p[1] * block, p[2] * block, p[1], p[2], p[3] };
    const bool to_depth = deep == node->out[0];
    m->strided.size = crl_type_bytes(deep->type);
    for (int i = 0; i < 6; i++)
        crl_strided_add(&m->strided, dims[i], to_depth ? deep_step[i] : space_step[i], to_depth ? space_step[i] : deep_step[i]);
    crl_strided_finish(&m->strided);
    return CRL_OK;
}

static crl_status prepare_to_depth(crl_node *node, crl_error *err)
{
    int32_t block;
    crl_status s = check(node, &block, err);
    if (s) return s;
    const int32_t *dim = node->in[0]->shape.dim;
    if (dim[1] % block || dim[2] % block)
        return crl_node_bad(node, CRL_ERR_FORMAT, node->in[0], err, "%d x %d elements cannot be cut into squares of %d",
                            dim[1], dim[2], block);
    if ((int64_t)dim[3] * block * block > INT32_MAX)
        return crl_node_bad(node, CRL_ERR_FORMAT, node->in[0], err, "%d channels with block_size %d", dim[3], block);
    const crl_shape shape = { .rank = 4, .dim = { dim[0], dim[1] / block, dim[2] / block, dim[3] * block * block } };
    s = crl_node_shape(node, 0, &shape, err);
    return s ? s : set_move(node, node->out[0], node->in[0], block, err);
}

static crl_status prepare_to_space(crl_node *node, crl_error *err)
{
    int32_t block;
    crl_status s = check(node, &block, err);
    if (s) return s;
    const int32_t *dim = node->in[0]->shape.dim;
    if (dim[3] % (block * block))
        return crl_node_bad(node, CRL_ERR_FORMAT, node->in[0], err, "%d channels cannot be cut into %d x %d", dim[3], block, block);
    if ((int64_t)dim[1] * block > INT32_MAX || (int64_t)dim[2] * block > INT32_MAX)
        return crl_node_bad(node, CRL_ERR_FORMAT, node->in[0], err, "%d x %d with block_size %d", dim[1], dim[2], block);
    const crl_shape shape = { .rank = 4, .dim = { dim[0], dim[1] * block, dim[2] * block, dim[3] / (block * block) } };
    s = crl_node_shape(node, 0, &shape, err);
    return s ? s : set_move(node, node->in[0], node->out[0], block, err);
}

const crl_op_type crl_op_space_to_depth = {
    .name = "SPACE_TO_DEPTH",
    .code = CRL_OP_SPACE_TO_DEPTH,
    .in_min = 1,
    .in_max = 1,
    .out_min = 1,
    .out_max = 1,
    .prepare = prepare_to_depth,
    .invoke = crl_move_invoke,
};
const crl_op_type crl_op_depth_to_space = {
    .name = "DEPTH_TO_SPACE",
    .code = CRL_OP_DEPTH_TO_SPACE,
    .in_min = 1,
    .in_max = 1,
    .out_min = 1,
    .out_max = 1,
    .prepare = prepare_to_space,
    .invoke = crl_move_invoke,
};
