/* SPDX-License-Identifier: Apache-2.0 */
/* SPACE_TO_BATCH_ND: every block[d]-th element along each spatial dimension d goes to a batch of its own, after a
 * frame of zeros (in real numbers) has been put around. BATCH_TO_SPACE_ND: back again; the frame is cut off.
 *
 *   batches[(r * batch + b)][q][c]  <->  space[b][q * block + r - frame][c]
 *
 * r counts the places within a block, q the blocks; there are one or two spatial dimensions. */
#include <string.h>

#include "ops/shapes.h"

enum { IN, BLOCK, FRAME }; /* inputs */

enum { SPATIAL = 2 };

/* With one spatial dimension the other one is 1. */
typedef struct params {
    size_t batch;            /* of the spatial tensor */
    int64_t block[SPATIAL];
    int64_t front[SPATIAL];  /* frame before the first element */
    int64_t space[SPATIAL];  /* dimensions of the spatial tensor */
    int64_t blocks[SPATIAL]; /* of the batched tensor */
    size_t run;              /* bytes of the channels of one element */
    uint8_t zero[8];         /* one element */
} params;

static crl_status read_params(crl_node *node, params *p, int64_t back[SPATIAL], crl_error *err)
{
    const crl_tensor *in = node->in[IN], *block = node->in[BLOCK], *frame = node->in[FRAME];
    crl_status s = crl_node_accept(node, in, CRL_TYPE_MOVED, err);
    if (!s) s = crl_node_same_type(node, node->out[0], in, err);
    if (!s) s = crl_node_same_quant(node, node->out[0], in, err);
    if (s) return s;
    if (in->shape.rank != 3 && in->shape.rank != 4)
        return crl_node_bad(node, CRL_ERR_UNSUPPORTED, in, err, "%d dimensions, 3 or 4 are supported", in->shape.rank);
    const int32_t spatial = in->shape.rank - 2;
    int64_t blocks[SPATIAL], frames[2 * SPATIAL];
    int32_t n, n_frame;
    s = crl_node_const_ints(node, block, CRL_TYPE(CRL_INT32), blocks, SPATIAL, &n, err);
    if (!s) s = crl_node_const_ints(node, frame, CRL_TYPE(CRL_INT32), frames, 2 * SPATIAL, &n_frame, err);
    if (s) return s;
    if (n != spatial || n_frame != 2 * spatial)
        return crl_fail(err, CRL_ERR_FORMAT, "%d block sizes and %d entries for %d spatial dimensions", n, n_frame, spatial);
    for (int32_t d = 0; d < SPATIAL; d++) {
        const bool there = d < spatial;
        p->block[d] = there ? blocks[d] : 1;
        p->front[d] = there ? frames[2 * d] : 0;
        back[d] = there ? frames[2 * d + 1] : 0;
        if (p->block[d] < 1 || p->front[d] < 0 || back[d] < 0)
            return crl_fail(err, CRL_ERR_FORMAT, "block %lld and a frame of %lld and %lld at spatial dimension %d",
                            (long long)p->block[d], (long long)p->front[d], (long long)back[d], d);
    }
    p->run = (size_t)in->shape.dim[in->shape.rank - 1] * crl_type_bytes(in->type);
    return CRL_OK;
}

static crl_status set_shape(crl_node *node, int64_t batch, const int64_t dims[SPATIAL], crl_error *err)
{
    crl_shape shape = node->in[IN]->shape;
    if (batch > INT32_MAX || dims[0] > INT32_MAX || dims[1] > INT32_MAX)
        return crl_fail(err, CRL_ERR_FORMAT, "the output would be too large");
    shape.dim[0] = (int32_t)batch;
    for (int32_t d = 0; d < shape.rank - 2; d++) shape.dim[1 + d] = (int32_t)dims[d];
    return crl_node_shape(node, 0, &shape, err);
}

static int64_t spatial_dim(const crl_shape *shape, int32_t d)
{
    return d < shape->rank - 2 ? shape->dim[1 + d] : 1;
}

static crl_status prepare_to_batch(crl_node *node, crl_error *err)
{
    crl_status s = crl_node_params(node, sizeof(params), err);
    if (s) return s;
    params *p = node->params;
    int64_t back[SPATIAL];
    s = read_params(node, p, back, err);
    if (s) return s;
    const crl_tensor *in = node->in[IN];
    for (int32_t d = 0; d < SPATIAL; d++) {
        p->space[d] = spatial_dim(&in->shape, d);
        const int64_t padded = p->space[d] + p->front[d] + back[d];
        if (padded % p->block[d])
            return crl_node_bad(node, CRL_ERR_FORMAT, in, err, "%lld elements with the frame, no multiple of block %lld",
                                (long long)padded, (long long)p->block[d]);
        p->blocks[d] = padded / p->block[d];
    }
    p->batch = (size_t)in->shape.dim[0];
    const int16_t zero = (int16_t)crl_tensor_zero(in);
    if (in->type == CRL_INT16)
        memcpy(p->zero, &zero, sizeof zero);
    else if (CRL_TYPE(in->type) & CRL_TYPE_8BIT)
        p->zero[0] = (uint8_t)zero;
    int64_t batches;
    if (__builtin_mul_overflow(p->block[0], p->block[1], &batches) || batches > INT32_MAX)
        return crl_fail(err, CRL_ERR_FORMAT, "blocks of %lld x %lld", (long long)p->block[0], (long long)p->block[1]);
    return set_shape(node, batches * in->shape.dim[0], p->blocks, err);
}

static crl_status prepare_to_space(crl_node *node, crl_error *err)
{
    crl_status s = crl_node_params(node, sizeof(params), err);
    if (s) return s;
    params *p = node->params;
    int64_t back[SPATIAL];
    s = read_params(node, p, back, err);
    if (s) return s;
    const crl_tensor *in = node->in[IN];
    for (int32_t d = 0; d < SPATIAL; d++) {
        p->blocks[d] = spatial_dim(&in->shape, d);
        p->space[d] = p->blocks[d] * p->block[d] - p->front[d] - back[d];
        if (p->space[d] < 0)
            return crl_node_bad(node, CRL_ERR_FORMAT, node->in[FRAME], err,
                                "more is cut off than there is at spatial dimension %d", d);
    }
    const int64_t batches = in->shape.dim[0];
    if (batches % p->block[0] || batches / p->block[0] % p->block[1])
        return crl_node_bad(node, CRL_ERR_FORMAT, in, err, "%lld batches are no multiple of the blocks, %lld x %lld",
                            (long long)batches, (long long)p->block[0], (long long)p->block[1]);
    p->batch = (size_t)(batches / p->block[0] / p->block[1]);
    return set_shape(node, (int64_t)p->batch, p->space, err);
}

/* Blocks q of place r whose element lies in the spatial tensor: from..to-1. */
static void inside(const params *p, int32_t d, int64_t r, int64_t *from, int64_t *to)
{
    const int64_t before = p->front[d] - r, end = p->space[d] + before; /* 0 <= q * block - before < space */
    *from = before > 0 ? (before + p->block[d] - 1) / p->block[d] : 0;
    *to = end > 0 ? (end + p->block[d] - 1) / p->block[d] : 0;
    if (*to > p->blocks[d]) *to = p->blocks[d];
}

/* One place of the block: a box of every block-th element. */
static void move_place(const params *p, uint8_t *batched, uint8_t *space, int64_t y, int64_t x, bool to_batch)
{
    int64_t y0, y1, x0, x1;
    inside(p, 0, y, &y0, &y1);
    inside(p, 1, x, &x0, &x1);
    if (y0 >= y1 || x0 >= x1 || !p->run) return;
    const ptrdiff_t run = (ptrdiff_t)p->run;
    const ptrdiff_t b_row = run * p->blocks[1], b_image = b_row * p->blocks[0];
    const ptrdiff_t s_row = run * p->space[1], s_image = s_row * p->space[0];
    const ptrdiff_t place = (ptrdiff_t)(y * p->block[1] + x) * (ptrdiff_t)p->batch;
    uint8_t *b = batched + place * b_image + y0 * b_row + x0 * run;
    uint8_t *s = space + (y0 * p->block[0] + y - p->front[0]) * s_row + (x0 * p->block[1] + x - p->front[1]) * run;
    crl_strided move = { .size = p->run };
    const ptrdiff_t b_step[3] = { b_image, b_row, run };
    const ptrdiff_t s_step[3] = { s_image, s_row * p->block[0], run * p->block[1] };
    const size_t dims[3] = { p->batch, (size_t)(y1 - y0), (size_t)(x1 - x0) };
    for (int i = 0; i < 3; i++)
        crl_strided_add(&move, dims[i], to_batch ? b_step[i] : s_step[i], to_batch ? s_step[i] : b_step[i]);
    crl_strided_finish(&move);
    crl_strided_copy(to_batch ? b : s, to_batch ? s : b, &move);
}

static crl_status invoke_to_batch(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const params *p = node->params;
    const crl_tensor *out = node->out[0];
    crl_fill(out->data, p->zero, crl_type_bytes(out->type), crl_shape_count(&out->shape));
    for (int64_t y = 0; y < p->block[0] && out->bytes; y++)
        for (int64_t x = 0; x < p->block[1]; x++) move_place(p, out->data, node->in[IN]->data, y, x, true);
    return CRL_OK;
}

static crl_status invoke_to_space(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const params *p = node->params;
    for (int64_t y = 0; y < p->block[0] && node->out[0]->bytes; y++)
        for (int64_t x = 0; x < p->block[1]; x++) move_place(p, node->in[IN]->data, node->out[0]->data, y, x, false);
    return CRL_OK;
}

const crl_op_type crl_op_space_to_batch_nd = {
    .name = "SPACE_TO_BATCH_ND",
    .code = CRL_OP_SPACE_TO_BATCH_ND,
    .in_min = 3,
    .in_max = 3,
    .out_min = 1,
    .out_max = 1,
    .prepare = prepare_to_batch,
    .invoke = invoke_to_batch,
};
const crl_op_type crl_op_batch_to_space_nd = {
    .name = "BATCH_TO_SPACE_ND",
    .code = CRL_OP_BATCH_TO_SPACE_ND,
    .in_min = 3,
    .in_max = 3,
    .out_min = 1,
    .out_max = 1,
    .prepare = prepare_to_space,
    .invoke = invoke_to_space,
};
