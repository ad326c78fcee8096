/* SPDX-License-Identifier: Apache-2.0 */
/* BATCH_MATMUL: a [..,rows,depth], b [..,depth,cols] -> [..,rows,cols]; the options adj_x and adj_y say that the last
 * two dimensions of a or b are the other way round. Ranks 2 to 5; the leading dimensions are broadcast.
 * INT8 (to INT8, or to plain INT32), INT16 by INT16 or INT8, FLOAT32, FLOAT32 by constant INT8. */
#include "ops/batch_matmul.h"

#include <math.h>

#include "ops/hybrid.h"
#include "ops/requant.h"
#include "ops/shapes.h"

typedef struct params {
    crl_matmul m;
    crl_matmul_fn *run;       /* NULL: floats by INT8 */
    crl_hybrid_matrix hybrid;
    bool asymmetric;
} params;

static crl_status choose(const crl_node *node, params *p, crl_error *err)
{
    const crl_tensor *a = node->in[0], *b = node->in[1], *out = node->out[0];
    crl_status s = crl_node_accept(node, a, CRL_TYPE(CRL_INT8) | CRL_TYPE(CRL_INT16) | CRL_TYPE(CRL_FLOAT32), err);
    if (!s) s = crl_node_accept(node, b, CRL_TYPE(a->type) | CRL_TYPE(CRL_INT8), err);
    if (!s) s = crl_node_accept(node, out, CRL_TYPE(a->type) | (a->type == CRL_INT8 ? CRL_TYPE(CRL_INT32) : 0), err);
    if (s) return s;
    switch (a->type) {
    case CRL_INT8: p->run = out->type == CRL_INT32 ? crl_matmul_s8s32_ref : crl_matmul_s8_ref; break;
    case CRL_INT16: p->run = b->type == CRL_INT8 ? crl_matmul_s16s8_ref : crl_matmul_s16_ref; break;
    default: p->run = b->type == CRL_INT8 ? NULL : crl_matmul_f32_ref; break;
    }
    if (p->run) return CRL_OK;
    p->asymmetric = crl_node_bool(node, "asymmetric_quantize_inputs");
    if (b->quant.n == 1 && (s = crl_node_check_quant(node, b, err))) return s;
    return crl_hybrid_weights(node, b, b->shape.rank - (crl_node_bool(node, "adj_y") ? 2 : 1), &p->hybrid, err);
}

/* A dimension of the batch, 1 where the tensor has fewer; `i` counts from the output's first. */
static size_t batch_dim(const crl_shape *s, int32_t rank, int32_t i)
{
    const int32_t at = i - (rank - s->rank);
    return at < 0 ? 1 : (size_t)s->dim[at];
}

static crl_status shapes(crl_node *node, crl_matmul *m, crl_error *err)
{
    const crl_shape *a = &node->in[0]->shape, *b = &node->in[1]->shape;
    for (int i = 0; i < 2; i++)
        if (node->in[i]->shape.rank < 2 || node->in[i]->shape.rank > 5)
            return crl_node_bad(node, CRL_ERR_UNSUPPORTED, node->in[i], err, "rank %d, 2 to 5 are supported",
                                node->in[i]->shape.rank);
    const bool adj_a = crl_node_bool(node, "adj_x"), adj_b = crl_node_bool(node, "adj_y");
    const int32_t *da = a->dim + a->rank - 2, *db = b->dim + b->rank - 2;
    m->rows = (size_t)da[adj_a];
    m->depth = (size_t)da[!adj_a];
    m->cols = (size_t)db[!adj_b];
    if (m->depth != (size_t)db[adj_b])
        return crl_node_bad(node, CRL_ERR_FORMAT, node->in[1], err, "sums over %d elements, the other input over %zu",
                            db[adj_b], m->depth);
    m->row_a = adj_a ? 1 : m->depth;
    m->k_a = adj_a ? m->rows : 1;
    m->k_b = adj_b ? 1 : m->cols;
    m->col_b = adj_b ? m->depth : 1;

    const int32_t rank = a->rank > b->rank ? a->rank : b->rank;
    crl_shape out = { .rank = rank };
    out.dim[rank - 2] = (int32_t)m->rows;
    out.dim[rank - 1] = (int32_t)m->cols;
    m->rank = rank - 2;
    size_t na = m->rows * m->depth, nb = m->depth * m->cols;
    for (int32_t i = m->rank - 1; i >= 0; i--) {
        const size_t x = batch_dim(a, rank, i), y = batch_dim(b, rank, i);
        if (x != y && x != 1 && y != 1)
            return crl_node_bad(node, CRL_ERR_FORMAT, node->in[1], err, "%zu matrices along dimension %d, not %zu", y, i, x);
        m->dim[i] = x == 1 ? y : x;
        m->batch_a[i] = x == 1 ? 0 : na;
        m->batch_b[i] = y == 1 ? 0 : nb;
        na *= x;
        nb *= y;
        out.dim[i] = (int32_t)m->dim[i];
    }
    return crl_node_shape(node, 0, &out, err);
}

static crl_status quantise(crl_node *node, crl_matmul *m, crl_error *err)
{
    const crl_tensor *t[3] = { node->in[0], node->in[1], node->out[0] };
    for (int i = 0; i < 3; i++) {
        crl_status s = i < 2 ? crl_node_check_quant_in(node, t[i], err) : crl_node_check_quant(node, t[i], err);
        if (s) return s;
        if (t[0]->type == CRL_INT16 && t[i]->quant.zero_point[0])
            return crl_node_bad(node, CRL_ERR_UNSUPPORTED, t[i], err, "zero point %d, with INT16 it has to be 0",
                                t[i]->quant.zero_point[0]);
    }
    const double real = (double)(t[0]->quant.scale[0] * t[1]->quant.scale[0]) / (double)t[2]->quant.scale[0];
    if (!isfinite(real))
        return crl_node_bad(node, CRL_ERR_FORMAT, t[2], err, "scale %g is out of proportion to the inputs'",
                            (double)t[2]->quant.scale[0]);
    m->a_zero = t[0]->quant.zero_point[0];
    m->b_zero = t[1]->quant.zero_point[0];
    return crl_node_requant(node, t[2], crl_scale_from_real(real), &m->out, err);
}

static crl_status prepare(crl_node *node, crl_error *err)
{
    crl_status s = crl_node_params(node, sizeof(params), err);
    if (s) return s;
    params *p = node->params;
    s = choose(node, p, err);
    if (!s) s = shapes(node, &p->m, err);
    if (!s && (node->out[0]->type == CRL_INT8 || node->out[0]->type == CRL_INT16)) s = quantise(node, &p->m, err);
    if (s) return s;
    if (!p->run) node->scratch_bytes = p->m.depth * (sizeof(float) + 1);
    node->macs = (uint64_t)crl_shape_count(&node->out[0]->shape) * (uint64_t)p->m.depth;
    return CRL_OK;
}

const crl_matmul *crl_batch_matmul_s8(const crl_node *node)
{
    const params *p = node->params;
    return p->run == crl_matmul_s8_ref ? &p->m : NULL;
}

const crl_matmul *crl_batch_matmul_f32(const crl_node *node)
{
    const params *p = node->params;
    return p->run == crl_matmul_f32_ref ? &p->m : NULL;
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)err;
    const params *p = node->params;
    if (p->run)
        p->run(node->out[0]->data, node->in[0]->data, node->in[1]->data, &p->m);
    else
        crl_matmul_hybrid_ref(node->out[0]->data, node->in[0]->data, &p->hybrid, &p->m, p->asymmetric, work->scratch);
    return CRL_OK;
}

const crl_op_type crl_op_batch_matmul = {
    .name = "BATCH_MATMUL", .code = CRL_OP_BATCH_MATMUL, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1, .prepare = prepare,
    .invoke = invoke,
};
