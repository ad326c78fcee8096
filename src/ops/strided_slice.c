/* SPDX-License-Identifier: Apache-2.0 */
/* STRIDED_SLICE: x[begin:end:stride, ...] with the masks of Python's notation.
 *
 * An entry of begin, end and strides describes one dimension, or by its bit in a mask
 *   ellipsis_mask     as many dimensions as are not described otherwise, whole
 *   new_axis_mask     no dimension of the input: one of 1 in the output
 *   begin_mask, end_mask   from the first, to the last element
 *   shrink_axis_mask  one element; the dimension is left out of the output. One before the first is the first
 * Dimensions past the entries are whole. With the option offset, ends count from the beginning. */
#include "ops/shapes.h"

enum { IN, BEGIN, END, STRIDES }; /* inputs */

enum { MOST = 2 * CRL_MAX_RANK }; /* entries */

typedef struct spec {
    int32_t n;
    int64_t begin[MOST], end[MOST], stride[MOST];
    uint32_t begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_mask;
    bool offset;
} spec;

static crl_status read_spec(const crl_node *node, spec *p, crl_error *err)
{
    int32_t n_end, n_stride;
    crl_status s = crl_node_const_ints(node, node->in[BEGIN], CRL_TYPE(CRL_INT32), p->begin, MOST, &p->n, err);
    if (!s) s = crl_node_const_ints(node, node->in[END], CRL_TYPE(CRL_INT32), p->end, MOST, &n_end, err);
    if (!s) s = crl_node_const_ints(node, node->in[STRIDES], CRL_TYPE(CRL_INT32), p->stride, MOST, &n_stride, err);
    if (s) return s;
    if (n_end != p->n || n_stride != p->n)
        return crl_fail(err, CRL_ERR_FORMAT, "%d entries of begin, %d of end, %d of strides", p->n, n_end, n_stride);
    p->begin_mask = (uint32_t)crl_node_int(node, "begin_mask");
    p->end_mask = (uint32_t)crl_node_int(node, "end_mask");
    p->ellipsis_mask = (uint32_t)crl_node_int(node, "ellipsis_mask");
    p->new_axis_mask = (uint32_t)crl_node_int(node, "new_axis_mask");
    p->shrink_mask = (uint32_t)crl_node_int(node, "shrink_axis_mask");
    p->offset = crl_node_bool(node, "offset");
    return CRL_OK;
}

static int64_t clamp(int64_t x, int64_t lo, int64_t hi)
{
    return x < lo ? lo : x > hi ? hi : x;
}

/* Entry i on a dimension of `dim` elements: the first one, and how many. */
static crl_status range(const crl_node *node, const spec *p, int32_t i, int32_t dim, int64_t *first, int64_t *n,
                        crl_error *err)
{
    const int64_t stride = p->stride[i];
    const bool up = stride > 0;
    if (stride == 0) return crl_node_bad(node, CRL_ERR_FORMAT, node->in[STRIDES], err, "stride 0 in entry %d", i);
    int64_t begin = p->begin[i], end = p->end[i];
    if (begin < 0) begin += dim;
    const int64_t lo = up ? 0 : -1, hi = up ? dim : dim - 1;
    begin = p->begin_mask >> i & 1 ? (up ? 0 : dim - 1) : clamp(begin, lo, hi);
    if (p->shrink_mask >> i & 1) {
        *first = begin;
        *n = 1;
        return CRL_OK;
    }
    if (p->offset)
        end += begin;
    else if (end < 0)
        end += dim;
    end = p->end_mask >> i & 1 ? (up ? dim : -1) : clamp(end, lo, hi);
    const int64_t span = up ? end - begin : begin - end, step = up ? stride : -stride;
    *first = begin;
    *n = span <= 0 ? 0 : (span + step - 1) / step;
    return CRL_OK;
}

/* What the dimensions of the output are made of, in order: an entry, or one of these. */
enum { WHOLE = -1, NEW = -2 };

static crl_status lay_out(const crl_node *node, const spec *p, int32_t rank, int32_t *items, int32_t *n, crl_error *err)
{
    int32_t rest = rank; /* dimensions without an entry: the ellipsis stands for them, or they come last */
    for (int32_t i = 0; i < p->n; i++) rest -= !((p->ellipsis_mask | p->new_axis_mask) >> i & 1);
    const uint32_t ellipsis = p->ellipsis_mask & ((UINT32_C(1) << p->n) - 1);
    if (rest < 0)
        return crl_node_bad(node, CRL_ERR_FORMAT, node->in[BEGIN], err, "%d entries for an input with %d dimensions",
                            rank - rest, rank);
    if (ellipsis & (ellipsis - 1) || (ellipsis && !rest))
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "ellipsis_mask %u: one ellipsis, for at least one dimension", ellipsis);
    *n = 0;
    for (int32_t i = 0; i < p->n; i++) {
        if (ellipsis >> i & 1)
            while (rest > 0) items[(*n)++] = WHOLE, rest--;
        else
            items[(*n)++] = p->new_axis_mask >> i & 1 ? NEW : i;
    }
    while (rest > 0) items[(*n)++] = WHOLE, rest--;
    return CRL_OK;
}

typedef struct box {
    crl_shape shape;              /* of the output */
    ptrdiff_t step[CRL_MAX_RANK]; /* bytes of the input from one element of the output to the next */
    size_t offset;                /* bytes of the input before the first one */
} box;

static crl_status find_box(const crl_node *node, const spec *p, box *b, crl_error *err)
{
    const crl_tensor *in = node->in[IN];
    int32_t items[MOST + CRL_MAX_RANK], n_items = 0;
    crl_status s = lay_out(node, p, in->shape.rank, items, &n_items, err);
    if (s) return s;
    ptrdiff_t from[CRL_MAX_RANK];
    crl_tensor_steps(in, from);
    int32_t d = 0; /* dimension of the input */
    int32_t outside = -1, outside_of = 0;
    for (int32_t k = 0; k < n_items; k++) {
        const int32_t i = items[k];
        int64_t first = 0, n = 1;
        if (i == WHOLE) n = in->shape.dim[d];
        if (i >= 0) s = range(node, p, i, in->shape.dim[d], &first, &n, err);
        if (s) return s;
        const bool is_inside = i == NEW || n == 0 || (first >= 0 && first < in->shape.dim[d]);
        if (!is_inside && i >= 0 && outside < 0) outside = i, outside_of = in->shape.dim[d];
        if (n > 0 && i != NEW && is_inside) b->offset += (size_t)first * (size_t)from[d];
        if (i < 0 || !(p->shrink_mask >> i & 1)) {
            if (b->shape.rank == CRL_MAX_RANK)
                return crl_node_bad(node, CRL_ERR_UNSUPPORTED, node->out[0], err, "more than %d dimensions", CRL_MAX_RANK);
            b->shape.dim[b->shape.rank] = (int32_t)n;
            /* Of a single element it is never taken, and the stride may be anything. */
            b->step[b->shape.rank++] = n <= 1 || i == NEW ? 0 : (ptrdiff_t)(i < 0 ? 1 : p->stride[i]) * from[d];
        }
        d += i != NEW;
    }
    /* Where another dimension is empty, nothing is taken from anywhere. */
    if (outside >= 0 && crl_shape_count(&b->shape))
        return crl_node_bad(node, CRL_ERR_FORMAT, node->in[BEGIN], err, "entry %d takes element %lld of %d", outside,
                            (long long)p->begin[outside], outside_of);
    return CRL_OK;
}

static crl_status prepare(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[IN];
    crl_status s = crl_node_accept(node, in, CRL_TYPE_MOVED, err);
    if (!s) s = crl_node_same_type(node, node->out[0], in, err);
    spec p;
    if (!s) s = read_spec(node, &p, err);
    box b = { 0 };
    if (!s) s = find_box(node, &p, &b, err);
    if (!s) s = crl_node_shape(node, 0, &b.shape, err);
    if (!s) s = crl_node_params(node, sizeof(crl_move), err);
    if (s) return s;
    crl_move *m = node->params;
    m->in_offset = node->out[0]->bytes ? b.offset : 0;
    m->strided.size = crl_type_bytes(in->type);
    ptrdiff_t to[CRL_MAX_RANK];
    crl_tensor_steps(node->out[0], to);
    for (int32_t d = 0; d < b.shape.rank; d++) crl_strided_add(&m->strided, (size_t)b.shape.dim[d], to[d], b.step[d]);
    crl_strided_finish(&m->strided);
    return CRL_OK;
}

const crl_op_type crl_op_strided_slice = {
    .name = "STRIDED_SLICE",
    .code = CRL_OP_STRIDED_SLICE,
    .in_min = 4,
    .in_max = 4,
    .out_min = 1,
    .out_max = 1,
    .prepare = prepare,
    .invoke = crl_move_invoke,
};
