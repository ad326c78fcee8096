/* SPDX-License-Identifier: Apache-2.0 */
/* Sparse constants: what the file says of where their values lie, checked so that they can be spread without a further look. */
#include "model/sparse.h"

enum { DENSE = 0, CSR = 1 };

static void fail(crl_reader *r, const char *what)
{
    crl_flat_fail(&r->flat, CRL_ERR_FORMAT, "sparsity: %s", what);
}

/* A union of three tables, each with a list of numbers of 32, 16 or 8 bits. */
static const int32_t *read_numbers(crl_reader *r, const crl_flat_table *t, int field, int32_t *n)
{
    const int kind = crl_flat_union(t, field);
    const crl_flat_table list = crl_flat_child(t, field);
    *n = 0;
    if (kind <= 0) {
        crl_flat_fail(&r->flat, CRL_ERR_FORMAT, "sparsity: \"%s\" is of kind %d, 1 to 3 are known", crl_schema_fields[field].name,
                      -kind);
        return NULL;
    }
    if (kind == CRL_TABLE_INT32_VECTOR) return crl_reader_ints(r, &list, CRL_FIELD_INT32_VECTOR_VALUES, n);
    const bool wide = kind == CRL_TABLE_UINT16_VECTOR;
    const crl_flat_vector v = crl_flat_list(&list, wide ? CRL_FIELD_UINT16_VECTOR_VALUES : CRL_FIELD_UINT8_VECTOR_VALUES);
    int32_t *numbers = crl_reader_take(r, v.n, sizeof *numbers);
    *n = numbers ? (int32_t)v.n : 0;
    for (int32_t i = 0; i < *n; i++) {
        const uint8_t *p = r->flat.bytes + v.at;
        numbers[i] = wide ? crl_load_u16(p + 2 * (size_t)i) : p[i];
    }
    return numbers;
}

/* Each of from..from+n-1 once. */
static bool is_permutation(const int32_t *list, int32_t n, int32_t from)
{
    uint32_t seen = 0;
    for (int32_t i = 0; i < n; i++) {
        if (list[i] < from || list[i] >= from + n) return false;
        seen |= 1u << (list[i] - from);
    }
    return seen == (1u << n) - 1;
}

static void read_order(crl_reader *r, const crl_flat_table *t, int32_t rank, crl_sparsity *s)
{
    s->order = crl_reader_ints(r, t, CRL_FIELD_SPARSITY_PARAMETERS_TRAVERSAL_ORDER, &s->n_levels);
    s->block = crl_reader_ints(r, t, CRL_FIELD_SPARSITY_PARAMETERS_BLOCK_MAP, &s->n_block);
    if (r->flat.status) return;
    if (s->n_block > rank || s->n_levels != rank + s->n_block) {
        crl_flat_fail(&r->flat, CRL_ERR_FORMAT, "sparsity: traversal_order has %d entries and block_map %d, the tensor has rank %d",
                      s->n_levels, s->n_block, rank);
        return;
    }
    if (!is_permutation(s->order, rank, 0) || !is_permutation(s->order + rank, s->n_block, rank))
        fail(r, "traversal_order does not name each dimension once");
    for (int32_t b = 0; b < s->n_block; b++)
        if (s->block[b] <= (b ? s->block[b - 1] : -1) || s->block[b] >= rank) fail(r, "block_map is no ascending list of dimensions");
}

/* Sizes of the levels: of blocks as the file says, of blocked dimensions how many blocks they have. */
static void set_sizes(crl_reader *r, const crl_shape *shape, crl_sparsity *s, crl_sparse_level *levels)
{
    int32_t block_size[CRL_MAX_RANK];
    for (int32_t d = 0; d < CRL_MAX_RANK; d++) block_size[d] = 1;
    for (int32_t l = shape->rank; l < s->n_levels; l++) {
        const int32_t d = s->block[s->order[l] - shape->rank];
        if (levels[l].indices || levels[l].size < 1 || shape->dim[d] % levels[l].size) {
            fail(r, "blocks have to be dense, and to fill their dimension");
            return;
        }
        block_size[d] = levels[l].size;
    }
    size_t step[CRL_MAX_RANK + 1] = { 0 };
    step[shape->rank] = 1;
    for (int32_t d = shape->rank - 1; d >= 0; d--) step[d] = step[d + 1] * (size_t)shape->dim[d];
    for (int32_t l = 0; l < s->n_levels; l++) {
        const int32_t at = s->order[l], d = at < shape->rank ? at : s->block[at - shape->rank];
        levels[l].step = at < shape->rank ? step[d + 1] * (size_t)block_size[d] : step[d + 1];
        if (at >= shape->rank) continue;
        const int32_t size = shape->dim[d] / block_size[d];
        if (!levels[l].indices && levels[l].size != size)
            crl_flat_fail(&r->flat, CRL_ERR_FORMAT, "sparsity: dense_size is %d, dimension %d has %d", levels[l].size, d, size);
        levels[l].size = size;
    }
}

/* The number of places on a level below `places` places, each of which has a segment of indices. */
static size_t check_segments(crl_reader *r, const crl_sparse_level *l, size_t places)
{
    bool sound = (size_t)l->n_segments == places + 1 && l->segments[0] == 0 && l->segments[places] == l->n_indices &&
                 (size_t)l->n_indices <= places * (size_t)l->size;
    for (size_t i = 0; sound && i < places; i++) sound = l->segments[i] <= l->segments[i + 1];
    for (int32_t i = 0; sound && i < l->n_indices; i++) sound = l->indices[i] >= 0 && l->indices[i] < l->size;
    if (!sound) fail(r, "array_segments and array_indices do not fit each other or the shape");
    return (size_t)l->n_indices;
}

const crl_sparsity *crl_sparsity_read(crl_reader *r, const crl_flat_table *tensor, const crl_shape *shape, size_t *n_values)
{
    const crl_flat_table t = crl_flat_child(tensor, CRL_FIELD_TENSOR_SPARSITY);
    crl_sparsity *s = crl_reader_take(r, 1, sizeof *s);
    if (!s) return NULL;
    read_order(r, &t, shape->rank, s);
    const crl_flat_vector v = crl_flat_list(&t, CRL_FIELD_SPARSITY_PARAMETERS_DIM_METADATA);
    if (!r->flat.status && v.n != (uint32_t)s->n_levels) fail(r, "dim_metadata and traversal_order have different lengths");
    crl_sparse_level *levels = crl_reader_take(r, v.n, sizeof *levels);
    for (uint32_t i = 0; i < v.n && !r->flat.status; i++) {
        const crl_flat_table d = crl_flat_item(&v, i);
        const int format = crl_flat_i8(&d, CRL_FIELD_DIMENSION_METADATA_FORMAT);
        levels[i].size = crl_flat_i32(&d, CRL_FIELD_DIMENSION_METADATA_DENSE_SIZE);
        if (format == CSR) {
            levels[i].segments = read_numbers(r, &d, CRL_FIELD_DIMENSION_METADATA_ARRAY_SEGMENTS, &levels[i].n_segments);
            levels[i].indices = read_numbers(r, &d, CRL_FIELD_DIMENSION_METADATA_ARRAY_INDICES, &levels[i].n_indices);
        } else if (format != DENSE) {
            crl_flat_fail(&r->flat, CRL_ERR_FORMAT, "sparsity: format %d of a dimension, 0 and 1 are known", format);
        }
    }
    if (!r->flat.status) set_sizes(r, shape, s, levels);
    size_t places = 1; /* never more than the tensor has elements: it does not overflow */
    for (int32_t i = 0; i < s->n_levels && !r->flat.status; i++)
        places = levels[i].indices ? check_segments(r, &levels[i], places) : places * (size_t)levels[i].size;
    s->levels = levels;
    *n_values = places;
    return r->flat.status ? NULL : s;
}
