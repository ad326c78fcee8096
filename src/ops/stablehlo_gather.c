/* SPDX-License-Identifier: Apache-2.0 */
/* STABLEHLO_GATHER: slices of a tensor, whose beginnings are rows of indices; one that would reach outside is shifted inside.
 * STABLEHLO_SCATTER: a tensor with windows of updates joined into it, likewise; what lies outside is left out.
 *
 * Both have an index tensor, one dimension of which holds the coordinates; the others number slices or windows. They are
 * the batch dimensions of the output (of the updates), the rest of which lie within a slice. */
#include <string.h>

#include "ops/stablehlo.h"

typedef struct params {
    int32_t vector_dim;              /* of the indices, which holds coordinates */
    int32_t n_coordinates;
    int32_t to[CRL_MAX_RANK];        /* coordinate -> dimension of the operand */
    int32_t inner[CRL_MAX_RANK];     /* dimension of the output or updates -> of the operand; -1: a batch dimension */
    int32_t most[CRL_MAX_RANK];      /* GATHER: the last beginning of a slice */
    crl_join_kind kind;              /* SCATTER */
} params;

/* Coordinates and the dimension that holds them. `map` names the operand's dimension of each. */
static crl_status read_coordinates(const crl_node *node, params *p, const char *map, crl_error *err)
{
    const crl_tensor *operand = node->in[0], *indices = node->in[1];
    crl_list to;
    unsigned set;
    crl_status s = crl_node_accept(node, indices, CRL_TYPE_INDEX, err);
    if (!s) s = crl_node_dims(node, map, operand->shape.rank, &to, &set, err);
    if (s) return s;
    p->vector_dim = crl_node_int(node, "index_vector_dim");
    if (p->vector_dim < 0 || p->vector_dim >= indices->shape.rank)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "option index_vector_dim is %d, the indices have %d dimensions", p->vector_dim,
                        indices->shape.rank);
    p->n_coordinates = indices->shape.dim[p->vector_dim];
    if (to.n > p->n_coordinates)
        return crl_node_bad(node, CRL_ERR_FORMAT, indices, err, "%d coordinates, option %s has %d", p->n_coordinates, map, to.n);
    p->n_coordinates = to.n; /* more of them are not read */
    for (int32_t i = 0; i < to.n; i++) p->to[i] = to.v[i];
    return CRL_OK;
}

/* Which dimensions of a shape of `rank` lie within a slice: those in `window`, in that order, stand for the operand's
 * dimensions that are not in `gone`. */
static crl_status read_window(const crl_node *node, params *p, int32_t rank, const char *window, const char *gone, crl_error *err)
{
    const int32_t operand_rank = node->in[0]->shape.rank;
    crl_list inside, left_out;
    unsigned inside_set, gone_set;
    crl_status s = crl_node_dims(node, window, rank, &inside, &inside_set, err);
    if (!s) s = crl_node_dims(node, gone, operand_rank, &left_out, &gone_set, err);
    if (s) return s;
    if (inside.n + left_out.n != operand_rank)
        return crl_fail(err, CRL_ERR_FORMAT, "options %s and %s name %d and %d dimensions, the tensor has %d", window,
                        gone, inside.n, left_out.n, operand_rank);
    for (int32_t d = 0; d < rank; d++) p->inner[d] = -1;
    for (int32_t i = 0, d = 0; i < inside.n; i++, d++) {
        if (i && inside.v[i] < inside.v[i - 1]) return crl_fail(err, CRL_ERR_UNSUPPORTED, "option %s does not go up", window);
        while (gone_set >> d & 1) d++;
        p->inner[inside.v[i]] = d;
    }
    return CRL_OK;
}

/* The batch dimensions of a shape are those of the indices but one; `set` fills them in; otherwise they may be
 * smaller, and what is behind is not read. */
static bool batch_fits(const crl_node *node, const params *p, crl_shape *shape, bool set)
{
    const crl_shape *indices = &node->in[1]->shape;
    int32_t from = 0;
    for (int32_t d = 0; d < shape->rank; d++) {
        if (p->inner[d] >= 0) continue;
        if (from == p->vector_dim) from++;
        if (from >= indices->rank || (!set && shape->dim[d] > indices->dim[from])) return false;
        if (set) shape->dim[d] = indices->dim[from];
        from++;
    }
    return from + (from == p->vector_dim) == indices->rank;
}

/* Where the slice of a place begins: start[0..rank of the operand). */
static void read_start(const crl_node *node, const params *p, const int32_t *place, int32_t rank, int64_t *start)
{
    const crl_tensor *indices = node->in[1];
    int32_t at[CRL_MAX_RANK] = { 0 }, batch = 0;
    for (int32_t d = 0; d < rank; d++) {
        if (p->inner[d] >= 0) continue;
        if (batch == p->vector_dim) batch++;
        at[batch++] = place[d];
    }
    memset(start, 0, CRL_MAX_RANK * sizeof *start);
    for (int32_t c = 0; c < p->n_coordinates; c++) {
        size_t i = 0;
        at[p->vector_dim] = c;
        for (int32_t d = 0; d < indices->shape.rank; d++) i = i * (size_t)indices->shape.dim[d] + (size_t)at[d];
        start[p->to[c]] = crl_tensor_int(indices, i);
    }
}

/* The next place of a shape, in the order of its elements. */
static void next(int32_t *place, const crl_shape *shape)
{
    for (int32_t d = shape->rank - 1; d >= 0 && ++place[d] == shape->dim[d]; d--) place[d] = 0;
}

/* The element of the operand at `start` and, within the slice, at `place`; false outside. */
static bool locate(const crl_node *node, const params *p, const int64_t *start, const int32_t *place, int32_t rank, size_t *at)
{
    const crl_shape *shape = &node->in[0]->shape;
    int64_t position[CRL_MAX_RANK];
    for (int32_t d = 0; d < shape->rank; d++) {
        if (start[d] < INT32_MIN || start[d] > INT32_MAX) return false;
        position[d] = start[d];
    }
    for (int32_t d = 0; d < rank; d++)
        if (p->inner[d] >= 0) position[p->inner[d]] += place[d];
    *at = 0;
    for (int32_t d = 0; d < shape->rank; d++) {
        if (position[d] < 0 || position[d] >= shape->dim[d]) return false;
        *at = *at * (size_t)shape->dim[d] + (size_t)position[d];
    }
    return true;
}

/* --- GATHER ------------------------------------------------------------------------------------------- */

static crl_status prepare_gather(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[0];
    int32_t size[CRL_MAX_RANK];
    crl_status s = crl_node_accept(node, in, CRL_TYPE_MOVED, err);
    if (!s) s = crl_node_same_type(node, node->out[0], in, err);
    if (!s) s = crl_node_params(node, sizeof(params), err);
    if (s) return s;
    params *p = node->params;
    crl_shape shape = { .rank = crl_node_list(node, "offset_dims").n + node->in[1]->shape.rank - 1 };
    if (shape.rank < 0 || shape.rank > CRL_MAX_RANK)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "an output of %d dimensions, from 0 to %d are supported", shape.rank,
                        CRL_MAX_RANK);
    s = read_coordinates(node, p, "start_index_map", err);
    if (!s) s = read_window(node, p, shape.rank, "offset_dims", "collapsed_slice_dims", err);
    if (!s) s = crl_node_sizes(node, "slice_sizes", in->shape.rank, 0, -1, size, err);
    if (s) return s;
    for (int32_t d = 0; d < in->shape.rank; d++) {
        p->most[d] = in->shape.dim[d] - size[d];
        if (p->most[d] < 0)
            return crl_fail(err, CRL_ERR_FORMAT, "slices of %d of %d elements along dimension %d", size[d], in->shape.dim[d], d);
    }
    for (int32_t d = 0; d < shape.rank; d++)
        if (p->inner[d] >= 0) shape.dim[d] = size[p->inner[d]];
    if (!batch_fits(node, p, &shape, true))
        return crl_fail(err, CRL_ERR_FORMAT, "offset_dims and the indices do not go together");
    return crl_node_shape(node, 0, &shape, err);
}

static crl_status invoke_gather(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const params *p = node->params;
    const crl_tensor *in = node->in[0], *out = node->out[0];
    const size_t bytes = crl_type_bytes(in->type), n = crl_shape_count(&out->shape);
    int32_t place[CRL_MAX_RANK] = { 0 };
    if (!in->bytes && out->bytes) memset(out->data, 0, out->bytes); /* what the reference leaves unwritten */
    if (!in->bytes) return CRL_OK;
    for (size_t i = 0; i < n; i++, next(place, &out->shape)) {
        int64_t start[CRL_MAX_RANK];
        size_t at = 0;
        read_start(node, p, place, out->shape.rank, start);
        for (int32_t d = 0; d < in->shape.rank; d++) start[d] = start[d] < 0 ? 0 : start[d] > p->most[d] ? p->most[d] : start[d];
        if (locate(node, p, start, place, out->shape.rank, &at))
            memcpy((uint8_t *)out->data + i * bytes, (const uint8_t *)in->data + at * bytes, bytes);
    }
    return CRL_OK;
}

/* --- SCATTER ------------------------------------------------------------------------------------------ */

static crl_status read_kind(const crl_node *node, params *p, crl_error *err)
{
    int32_t code;
    crl_status s = crl_node_region(node, "update_computation_subgraph_index", &code, err);
    if (s) return s;
    switch (code) {
    case -1: p->kind = CRL_JOIN_NONE; return CRL_OK;
    case CRL_OP_STABLEHLO_ADD: p->kind = CRL_JOIN_ADD; return CRL_OK;
    case CRL_OP_STABLEHLO_MULTIPLY: p->kind = CRL_JOIN_MUL; return CRL_OK;
    case CRL_OP_STABLEHLO_MAXIMUM: p->kind = CRL_JOIN_MAX; return CRL_OK;
    case CRL_OP_STABLEHLO_MINIMUM: p->kind = CRL_JOIN_MIN; return CRL_OK;
    default:
        return crl_fail(err, CRL_ERR_UNSUPPORTED,
                        "updates are joined by operator %d; STABLEHLO_ADD, MULTIPLY, MAXIMUM and MINIMUM are supported", code);
    }
}

static crl_status prepare_scatter(crl_node *node, crl_error *err)
{
    const crl_tensor *in = node->in[0], *updates = node->in[2];
    if (!crl_join_has(in->type)) return crl_node_bad_type(node, in, "numbers and BOOL", err);
    crl_status s = crl_node_same_type(node, updates, in, err);
    if (!s) s = crl_node_same_type(node, node->out[0], in, err);
    if (!s) s = crl_node_params(node, sizeof(params), err);
    if (s) return s;
    params *p = node->params;
    crl_shape shape = updates->shape;
    s = read_coordinates(node, p, "scatter_dims_to_operand_dims", err);
    if (!s) s = read_window(node, p, shape.rank, "update_window_dims", "inserted_window_dims", err);
    if (!s && !batch_fits(node, p, &shape, false))
        s = crl_node_bad(node, CRL_ERR_FORMAT, updates, err, "its dimensions and those of the indices do not go together");
    if (!s) s = read_kind(node, p, err);
    return s ? s : crl_node_same_shape(node, 0, 0, err);
}

static crl_status invoke_scatter(const crl_node *node, crl_work *work, crl_error *err)
{
    const params *p = node->params;
    const crl_tensor *updates = node->in[2], *out = node->out[0];
    const size_t bytes = crl_type_bytes(out->type), n = crl_shape_count(&updates->shape);
    int32_t place[CRL_MAX_RANK] = { 0 };
    crl_status s = crl_copy_invoke(node, work, err);
    if (s || !out->bytes) return s;
    for (size_t i = 0; i < n; i++, next(place, &updates->shape)) {
        int64_t start[CRL_MAX_RANK];
        size_t at;
        read_start(node, p, place, updates->shape.rank, start);
        if (!locate(node, p, start, place, updates->shape.rank, &at)) continue;
        uint8_t *to = (uint8_t *)out->data + at * bytes;
        crl_join_one(p->kind, out->type, to, to, (const uint8_t *)updates->data + i * bytes);
    }
    return CRL_OK;
}

const crl_op_type crl_op_stablehlo_gather = {
    .name = "STABLEHLO_GATHER", .code = CRL_OP_STABLEHLO_GATHER, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1,
    .prepare = prepare_gather, .invoke = invoke_gather,
};

const crl_op_type crl_op_stablehlo_scatter = {
    .name = "STABLEHLO_SCATTER", .code = CRL_OP_STABLEHLO_SCATTER, .in_min = 3, .in_max = 3, .out_min = 1, .out_max = 1,
    .prepare = prepare_scatter, .invoke = invoke_scatter,
};
