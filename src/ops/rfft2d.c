/* SPDX-License-Identifier: Apache-2.0 */
/* RFFT2D: the spectrum of pictures of real numbers, [...,h,w] and lengths [2] -> [...,fft_h,fft_w/2 + 1] of COMPLEX64.
 * Pictures are cut, or filled with 0, to the lengths, which are powers of two. */
#include "kernels/fft.h"

#include "ops/shapes.h"

typedef struct params {
    crl_rfft2d fft;
    size_t n;                    /* pictures */
    size_t in_bytes, out_floats; /* of each */
} params;

static crl_status check_lengths(const crl_node *node, int64_t length[2], crl_error *err)
{
    int32_t n;
    crl_status s = crl_node_const_ints(node, node->in[1], CRL_TYPE(CRL_INT32), length, 2, &n, err);
    if (s) return s;
    if (n != 2) return crl_node_bad(node, CRL_ERR_FORMAT, node->in[1], err, "%d elements, it has to be [height,width]", n);
    for (int i = 0; i < 2; i++)
        if (length[i] < 1 || (length[i] & (length[i] - 1)))
            return crl_node_bad(node, CRL_ERR_UNSUPPORTED, node->in[1], err, "a transform of %lld, powers of two are supported",
                                (long long)length[i]);
    return CRL_OK;
}

static crl_status make_tables(crl_node *node, params *p, crl_error *err)
{
    const size_t bytes = crl_rfft_bytes(p->fft.w), turns = crl_fft_turns(p->fft.h);
    void *row = crl_node_alloc(node, bytes + 1, 1, err);
    crl_turn *column = row ? crl_node_alloc(node, turns + 1, sizeof *column, err) : NULL;
    if (!column) return CRL_ERR_MEMORY;
    crl_rfft_make(&p->fft.row, p->fft.w, row);
    crl_fft_make(&p->fft.column, p->fft.h, column);
    if (!crl_rfft2d_room(&p->fft, &node->scratch_bytes))
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "more bytes than memory can hold");
    return CRL_OK;
}

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[0];
    int64_t length[2];
    crl_status s = crl_node_accept(node, in, CRL_TYPE(CRL_FLOAT32), err);
    if (!s) s = crl_node_accept(node, node->out[0], CRL_TYPE(CRL_COMPLEX64), err);
    if (!s) s = check_lengths(node, length, err);
    if (s) return s;
    const int32_t rank = in->shape.rank;
    if (rank < 2) return crl_node_bad(node, CRL_ERR_FORMAT, in, err, "%d dimensions, at least two are needed", rank);
    crl_shape shape = in->shape;
    shape.dim[rank - 2] = (int32_t)length[0];
    shape.dim[rank - 1] = (int32_t)length[1] / 2 + 1;
    s = crl_node_shape(node, 0, &shape, err);
    if (!s) s = crl_node_params(node, sizeof(params), err);
    if (s) return s;
    params *p = node->params;
    p->fft = (crl_rfft2d){ .in_h = (size_t)in->shape.dim[rank - 2], .in_w = (size_t)in->shape.dim[rank - 1],
                           .h = (size_t)length[0], .w = (size_t)length[1] };
    p->n = node->out[0]->bytes ? crl_shape_span(&shape, 0, rank - 2) : 0;
    p->in_bytes = p->fft.in_h * p->fft.in_w * sizeof(float);
    p->out_floats = 2 * crl_shape_span(&shape, rank - 2, rank);
    return p->n ? make_tables(node, p, err) : CRL_OK;
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)err;
    const params *p = node->params;
    for (size_t i = 0; i < p->n; i++) {
        const void *in = p->in_bytes ? (const uint8_t *)node->in[0]->data + i * p->in_bytes : NULL;
        crl_rfft2d_ref((float *)node->out[0]->data + i * p->out_floats, in, &p->fft, work->scratch);
    }
    return CRL_OK;
}

const crl_op_type crl_op_rfft2d = {
    .name = "RFFT2D", .code = CRL_OP_RFFT2D, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare, .invoke = invoke,
};
