/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of a table: EMBEDDING_LOOKUP finds them by number, HASHTABLE_LOOKUP by key. */
#include <string.h>

#include "ops/hybrid.h"
#include "ops/shapes.h"

/* Indices or keys: a list of INT32. */
static crl_status check_list(const crl_node *node, const crl_tensor *t, crl_error *err)
{
    crl_status s = crl_node_accept(node, t, CRL_TYPE(CRL_INT32), err);
    if (!s && t->shape.rank != 1)
        s = crl_node_bad(node, CRL_ERR_FORMAT, t, err, "rank %d, it has to be a list", t->shape.rank);
    return s;
}

/* Output 0: as many rows as are looked up. */
static crl_status set_rows(crl_node *node, const crl_tensor *table, crl_error *err)
{
    crl_shape shape = table->shape;
    shape.dim[0] = node->in[0]->shape.dim[0];
    return crl_node_shape(node, 0, &shape, err);
}

/* --- EMBEDDING_LOOKUP --------------------------------------------------------------------------------- */

/* Numbers of 8 bits become floats: one scale, or one for each row. */
static bool is_hybrid(const crl_node *node)
{
    return node->out[0]->type == CRL_FLOAT32 && node->in[1]->type != CRL_FLOAT32;
}

static crl_status prepare_embedding(crl_node *node, crl_error *err)
{
    const crl_tensor *table = node->in[1];
    crl_status s = check_list(node, node->in[0], err);
    if (!s && table->shape.rank < 2)
        s = crl_node_bad(node, CRL_ERR_FORMAT, table, err, "rank %d, at least 2 is needed", table->shape.rank);
    if (!s) s = crl_node_params(node, sizeof(crl_hybrid_matrix), err);
    if (!s && is_hybrid(node)) s = crl_hybrid_weights(node, table, 0, node->params, err);
    if (!s && !is_hybrid(node)) {
        s = crl_node_accept(node, table, CRL_TYPE_MOVED, err);
        if (!s) s = crl_node_same_type(node, node->out[0], table, err);
        if (!s && table->quant.n > 1)
            s = crl_node_bad(node, CRL_ERR_UNSUPPORTED, table, err, "%d scales are supported for FLOAT32 outputs only",
                             table->quant.n);
    }
    return s ? s : set_rows(node, table, err);
}

static crl_status invoke_embedding(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    const crl_tensor *table = node->in[1], *out = node->out[0];
    const crl_hybrid_matrix *m = node->params;
    const int32_t *index = node->in[0]->data;
    const int32_t rows = table->shape.dim[0], count = out->shape.dim[0];
    const size_t run = crl_shape_span(&table->shape, 1, table->shape.rank), bytes = run * crl_type_bytes(out->type);
    if (!out->bytes) return CRL_OK;
    for (int32_t i = 0; i < count; i++) {
        if (index[i] < 0 || index[i] >= rows)
            return crl_node_bad(node, CRL_ERR_ARGUMENT, node->in[0], err, "element %d is %d, the table has %d rows", i, index[i],
                                rows);
        uint8_t *to = (uint8_t *)out->data + (size_t)i * bytes;
        if (!is_hybrid(node)) {
            memcpy(to, (const uint8_t *)table->data + (size_t)index[i] * bytes, bytes);
            continue;
        }
        const float scale = m->row_scale ? m->row_scale[index[i]] : m->scale;
        const int8_t *from = m->weights + (size_t)index[i] * run;
        for (size_t k = 0; k < run; k++) ((float *)to)[k] = (float)from[k] * scale;
    }
    return CRL_OK;
}

/* --- HASHTABLE_LOOKUP --------------------------------------------------------------------------------- */

static crl_status prepare_hashtable(crl_node *node, crl_error *err)
{
    const crl_tensor *keys = node->in[1], *table = node->in[2];
    crl_status s = check_list(node, node->in[0], err);
    if (!s) s = check_list(node, keys, err);
    if (!s) s = crl_node_accept(node, table, CRL_TYPE_MOVED, err);
    if (!s) s = crl_node_same_type(node, node->out[0], table, err);
    if (!s) s = crl_node_accept(node, node->out[1], CRL_TYPE(CRL_UINT8), err);
    if (s) return s;
    if (table->shape.rank < 1 || table->shape.dim[0] != keys->shape.dim[0] || !keys->shape.dim[0])
        return crl_node_bad(node, CRL_ERR_FORMAT, table, err, "it has to have a row for each of the %d keys, and there has to be one",
                            keys->shape.dim[0]);
    s = set_rows(node, table, err);
    return s ? s : crl_node_same_shape(node, 1, 0, err);
}

/* The row of a key, -1 for none. Keys are in order; of equal ones it is that which halving meets first. */
static int32_t find(const int32_t *keys, int32_t n, int32_t key)
{
    int32_t low = 0, high = n;
    while (low < high) {
        const int32_t middle = low + (high - low) / 2;
        if (keys[middle] == key) return middle;
        if (key < keys[middle])
            high = middle;
        else
            low = middle + 1;
    }
    return -1;
}

static crl_status invoke_hashtable(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const crl_tensor *keys = node->in[1], *table = node->in[2], *out = node->out[0];
    const int32_t *wanted = node->in[0]->data;
    uint8_t *hits = node->out[1]->data;
    const size_t run = crl_shape_span(&table->shape, 1, table->shape.rank) * crl_type_bytes(table->type);
    for (int32_t i = 0; i < node->in[0]->shape.dim[0]; i++) {
        const int32_t row = find(keys->data, keys->shape.dim[0], wanted[i]);
        hits[i] = row >= 0;
        if (!run) continue;
        uint8_t *to = (uint8_t *)out->data + (size_t)i * run;
        if (row < 0)
            memset(to, 0, run);
        else
            memcpy(to, (const uint8_t *)table->data + (size_t)row * run, run);
    }
    return CRL_OK;
}

const crl_op_type crl_op_embedding_lookup = {
    .name = "EMBEDDING_LOOKUP", .code = CRL_OP_EMBEDDING_LOOKUP, .in_min = 2, .in_max = 2, .out_min = 1, .out_max = 1,
    .prepare = prepare_embedding, .invoke = invoke_embedding,
};

const crl_op_type crl_op_hashtable_lookup = {
    .name = "HASHTABLE_LOOKUP", .code = CRL_OP_HASHTABLE_LOOKUP, .in_min = 3, .in_max = 3, .out_min = 2, .out_max = 2,
    .prepare = prepare_hashtable, .invoke = invoke_hashtable,
};
