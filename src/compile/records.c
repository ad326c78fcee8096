/* SPDX-License-Identifier: Apache-2.0 */
/* See records.h. */
#include "compile/records.h"

#include <string.h>

#include "model/flat.h"

typedef struct records {
    const crl_twin *w;
    const uint8_t *from;
    uint8_t *to;
    uint64_t work; /* that is left, of CRL_COMPILE_WORK */
    crl_flat flat; /* of the part that is gone through */
    crl_error *err;
} records;

static bool is_broken(const records *r)
{
    return r->flat.status != CRL_OK;
}

static void put_u32(records *r, const uint8_t *at, uint32_t v)
{
    for (int i = 0; i < 4; i++) r->to[at - r->from + i] = (uint8_t)(v >> 8 * i);
}

/* A number that is `a` becomes `b`. Writers leave out what the schema presets, so a change from or to that needs another layout. */
static void change(records *r, const crl_flat_table *t, int field, int32_t a, int32_t b)
{
    const uint8_t *at = crl_flat_place(t, field);
    const int32_t preset = crl_schema_fields[field].preset;
    if (a == b || is_broken(r)) return;
    if (!at || a == preset || b == preset)
        crl_flat_fail(&r->flat, CRL_ERR_UNSUPPORTED,
                      "\"%s\" would go from %d to %d, and files leave %d out, so that all behind it would move; take a template where it is not %d",
                      crl_schema_fields[field].name, a, b, preset, preset);
    else
        put_u32(r, at, (uint32_t)b);
}

static int32_t find_tensor(records *r, const char *name, size_t bytes)
{
    const crl_twin *w = r->w;
    const crl_subgraph *g = w->side[0];
    const uint64_t cost = (uint64_t)g->n_tensors + bytes;
    r->work = r->work > cost ? r->work - cost : 0;
    if (!r->work) {
        crl_flat_fail(&r->flat, CRL_ERR_UNSUPPORTED, "the template names too many tensors for its model to be searched each time");
        return -1;
    }
    for (int32_t i = 0; i < g->n_tensors; i++)
        if (g->tensors[i].name && strlen(g->tensors[i].name) == bytes && !memcmp(g->tensors[i].name, name, bytes) && w->b_of[i] >= 0) return i;
    return -1;
}

/* The tensor that a text names, whose name in B takes its place if it fits; -1: it names none. */
static int32_t change_name(records *r, const crl_flat_table *t, int field)
{
    size_t bytes;
    const char *text = crl_flat_text(t, field, &bytes);
    const int32_t i = text ? find_tensor(r, text, bytes) : -1;
    if (i < 0) return -1;
    const char *name = crl_twin_tensor(r->w, CRL_SIDE_B, i)->name;
    const size_t n = strlen(name);
    bool fits = n / 4 == bytes / 4 && (size_t)((const uint8_t *)text - r->flat.bytes) + n <
                                          r->flat.size; /* With its closing zero it fills up to four; a vtable may begin
                                                           before that, never with a zero. */
    for (size_t k = bytes; fits && k <= n; k++) fits = !text[k];
    if (!fits) return i;
    uint8_t *to = r->to + ((const uint8_t *)text - r->from);
    memset(to, 0, bytes);
    memcpy(to, name, n);
    put_u32(r, (const uint8_t *)text - 4, (uint32_t)n);
    return i;
}

/* ---- the outer model --------------------------------------------------------------------------- */

static void change_floats(records *r, const crl_flat_table *quant, int field, const float *v, int32_t n)
{
    const crl_flat_vector list = crl_flat_list(quant, field);
    for (uint32_t i = 0; i < list.n && (int32_t)i < n; i++) {
        uint32_t bits;
        memcpy(&bits, &v[i], sizeof bits);
        put_u32(r, r->flat.bytes + list.at + 4 * (size_t)i, bits);
    }
}

static void change_longs(records *r, const crl_flat_table *quant, int field, const int32_t *v, int32_t n)
{
    const crl_flat_vector list = crl_flat_list(quant, field);
    for (uint32_t i = 0; i < list.n && (int32_t)i < n; i++) {
        const uint8_t *at = r->flat.bytes + list.at + 8 * (size_t)i;
        put_u32(r, at, (uint32_t)v[i]);
        put_u32(r, at + 4, v[i] < 0 ? UINT32_MAX : 0);
    }
}

static void change_shape(records *r, const crl_flat_table *t, int field, const crl_shape *a, const crl_shape *b)
{
    const crl_flat_vector list = crl_flat_list(t, field);
    for (uint32_t d = 0; d < list.n && (int32_t)d < a->rank; d++) {
        const uint8_t *at = r->flat.bytes + list.at + 4 * (size_t)d;
        if (a->dim[d] != b->dim[d] && (int32_t)crl_load_u32(at) == a->dim[d]) put_u32(r, at, (uint32_t)b->dim[d]);
    }
}

static void change_constant(records *r, const crl_flat_table *root, const crl_flat_table *t, const crl_tensor_def *b)
{
    const crl_flat_vector buffers = crl_flat_list(root, CRL_FIELD_MODEL_BUFFERS);
    const uint32_t index = crl_flat_u32(t, CRL_FIELD_TENSOR_BUFFER);
    if (!b->data || index >= buffers.n) return;
    const crl_flat_table buffer = crl_flat_item(&buffers, index);
    const crl_flat_vector data = crl_flat_list(&buffer, CRL_FIELD_BUFFER_DATA);
    if (data.n != b->bytes)
        crl_flat_fail(&r->flat, CRL_ERR_UNSUPPORTED, "the constant \"%s\", which stays on the processor, has another size", b->name);
    else
        memcpy(r->to + (r->flat.bytes + data.at - r->from), b->data, b->bytes);
}

static void change_tensor(records *r, const crl_flat_table *root, const crl_flat_table *t)
{
    const int32_t i = change_name(r, t, CRL_FIELD_TENSOR_NAME);
    if (i < 0 || is_broken(r)) return;
    const crl_tensor_def *a = crl_twin_tensor(r->w, CRL_SIDE_A, i), *b = crl_twin_tensor(r->w, CRL_SIDE_B, i);
    change_shape(r, t, CRL_FIELD_TENSOR_SHAPE, &a->shape, &b->shape);
    change_shape(r, t, CRL_FIELD_TENSOR_SHAPE_SIGNATURE, &a->shape, &b->shape);
    const crl_flat_table quant = crl_flat_child(t, CRL_FIELD_TENSOR_QUANTIZATION);
    if (quant.flat && a->quant.n == b->quant.n) {
        change_floats(r, &quant, CRL_FIELD_QUANTIZATION_PARAMETERS_SCALE, b->quant.scale, b->quant.n);
        change_longs(r, &quant, CRL_FIELD_QUANTIZATION_PARAMETERS_ZERO_POINT, b->quant.zero_point, b->quant.n);
    }
    change_constant(r, root, t, b);
}

/* The least and the greatest number of a tensor, which models need not say, are not in a crl_model: they are read where they stand. */
static crl_flat_table quant_of(crl_flat *flat, int32_t tensor)
{
    const crl_flat_table none = { 0 }, root = crl_flat_root(flat, CRL_TABLE_MODEL, "TFL3");
    const crl_flat_vector graphs = crl_flat_list(&root, CRL_FIELD_MODEL_SUBGRAPHS);
    if (!graphs.n) return none;
    const crl_flat_table graph = crl_flat_item(&graphs, 0);
    const crl_flat_vector tensors = crl_flat_list(&graph, CRL_FIELD_SUB_GRAPH_TENSORS);
    if (tensor < 0 || (uint32_t)tensor >= tensors.n) return none;
    const crl_flat_table t = crl_flat_item(&tensors, (uint32_t)tensor);
    return crl_flat_child(&t, CRL_FIELD_TENSOR_QUANTIZATION);
}

static void change_range(records *r, const crl_flat_table *t, crl_flat *model_b)
{
    static const int fields[] = { CRL_FIELD_QUANTIZATION_PARAMETERS_MIN, CRL_FIELD_QUANTIZATION_PARAMETERS_MAX };
    size_t bytes;
    const char *name = crl_flat_text(t, CRL_FIELD_TENSOR_NAME, &bytes);
    const crl_flat_table quant = crl_flat_child(t, CRL_FIELD_TENSOR_QUANTIZATION);
    const int32_t i = name ? find_tensor(r, name, bytes) : -1;
    if (i < 0 || !quant.flat) return;
    const crl_flat_table other = quant_of(model_b, r->w->b_of[i]);
    for (int k = 0; k < 2; k++) {
        const crl_flat_vector mine = crl_flat_list(&quant, fields[k]), theirs = crl_flat_list(&other, fields[k]);
        if (mine.n && mine.n == theirs.n)
            memcpy(r->to + (r->flat.bytes + mine.at - r->from), model_b->bytes + theirs.at, 4 * (size_t)mine.n);
    }
}

static void change_outer(records *r, const crl_model *compiled, const crl_model *b)
{
    r->flat = crl_flat_init(compiled->bytes, compiled->size, r->err);
    crl_flat other = crl_flat_init(b->bytes, b->size, r->err);
    const crl_flat_table root = crl_flat_root(&r->flat, CRL_TABLE_MODEL, "TFL3");
    const crl_flat_vector graphs = crl_flat_list(&root, CRL_FIELD_MODEL_SUBGRAPHS);
    const crl_flat_table graph = graphs.n ? crl_flat_item(&graphs, 0) : (crl_flat_table){ 0 };
    const crl_flat_vector tensors = crl_flat_list(&graph, CRL_FIELD_SUB_GRAPH_TENSORS);
    for (uint32_t i = 0; i < tensors.n && !is_broken(r); i++) {
        const crl_flat_table t = crl_flat_item(&tensors, i);
        change_tensor(r, &root, &t);
        change_range(r, &t, &other);
    }
}

/* ---- the package ------------------------------------------------------------------------------- */

static int32_t up(int32_t n, int32_t to)
{
    return (n + to - 1) / to * to;
}

/* Records of a row of outputs, from the scalar core: as many elements as there are classes, filled up to 4, and to 8. */
static int32_t row_bytes(int32_t n)
{
    return up(up(n, 4), 8);
}

static void change_width(records *r, const crl_flat_table *t, int32_t a, int32_t b)
{
    change(r, t, CRL_FIELD_LAYER_Z_DIM, a, b);
    change(r, t, CRL_FIELD_LAYER_SIZE_BYTES, row_bytes(a), row_bytes(b));
    if (crl_flat_union(t, CRL_FIELD_LAYER_ANY_LAYER) != CRL_TABLE_OUTPUT_LAYER) return;
    const crl_flat_table output = crl_flat_child(t, CRL_FIELD_LAYER_ANY_LAYER);
    const crl_flat_table layout = crl_flat_child(&output, CRL_FIELD_OUTPUT_LAYER_LAYOUT);
    const crl_flat_vector rows = crl_flat_list(&layout, CRL_FIELD_OUTPUT_LAYOUT_X_COORDINATE_TO_LOCAL_Y_ROW_SIZE);
    for (uint32_t i = 0; i < rows.n; i++) {
        const uint8_t *at = r->flat.bytes + rows.at + 4 * (size_t)i;
        if ((int32_t)crl_load_u32(at) == a) put_u32(r, at, (uint32_t)b);
    }
}

static void change_layer(records *r, const crl_flat_table *t)
{
    const int32_t i = change_name(r, t, CRL_FIELD_LAYER_NAME);
    if (i < 0 || is_broken(r)) return;
    const crl_tensor_def *a = crl_twin_tensor(r->w, CRL_SIDE_A, i), *b = crl_twin_tensor(r->w, CRL_SIDE_B, i);
    const crl_flat_table numerics = crl_flat_child(t, CRL_FIELD_LAYER_NUMERICS);
    const float scale = crl_stored_scale(b);
    uint32_t bits;
    memcpy(&bits, &scale, sizeof bits);
    change(r, &numerics, CRL_FIELD_NUMERICS_CONSTANTS_ZERO_POINT, crl_stored_zero(a), crl_stored_zero(b));
    const uint8_t *at = crl_flat_place(&numerics, CRL_FIELD_NUMERICS_CONSTANTS_DEQUANTIZATION_FACTOR);
    if (at) put_u32(r, at, bits);
    const int32_t last = a->shape.rank - 1;
    if (last >= 0 && a->shape.dim[last] != b->shape.dim[last]) change_width(r, t, a->shape.dim[last], b->shape.dim[last]);
}

static void change_layers(records *r, const crl_flat_table *executable, int field)
{
    const crl_flat_vector list = crl_flat_list(executable, field);
    for (uint32_t i = 0; i < list.n && !is_broken(r); i++) {
        const crl_flat_table t = crl_flat_item(&list, i);
        change_layer(r, &t);
    }
}

static void change_hints(records *r, const crl_flat_table *executable)
{
    const crl_flat_table hints = crl_flat_child(executable, CRL_FIELD_EXECUTABLE_DMA_HINTS);
    const crl_flat_vector list = crl_flat_list(&hints, CRL_FIELD_DMA_HINTS_HINTS);
    for (uint32_t i = 0; i < list.n && !is_broken(r); i++) {
        const crl_flat_table hint = crl_flat_item(&list, i);
        if (crl_flat_union(&hint, CRL_FIELD_DMA_HINT_ANY_HINT) != CRL_TABLE_DMA_DESCRIPTOR_HINT) continue;
        const crl_flat_table any = crl_flat_child(&hint, CRL_FIELD_DMA_HINT_ANY_HINT);
        const crl_flat_table meta = crl_flat_child(&any, CRL_FIELD_DMA_DESCRIPTOR_HINT_META);
        const int32_t k = change_name(r, &meta, CRL_FIELD_META_NAME);
        if (k < 0) continue;
        const crl_shape *a = &crl_twin_tensor(r->w, CRL_SIDE_A, k)->shape, *b = &crl_twin_tensor(r->w, CRL_SIDE_B, k)->shape;
        const int32_t last = a->rank - 1;
        if (last >= 0 && a->dim[last] != b->dim[last])
            change(r, &any, CRL_FIELD_DMA_DESCRIPTOR_HINT_SIZE_IN_BYTES, row_bytes(a->dim[last]), row_bytes(b->dim[last]));
    }
}

static void change_relocations(records *r, const crl_flat_table *executable)
{
    const crl_flat_vector chunks = crl_flat_list(executable, CRL_FIELD_EXECUTABLE_INSTRUCTION_BITSTREAMS);
    for (uint32_t i = 0; i < chunks.n && !is_broken(r); i++) {
        const crl_flat_table chunk = crl_flat_item(&chunks, i);
        const crl_flat_vector list = crl_flat_list(&chunk, CRL_FIELD_INSTRUCTION_BITSTREAM_FIELD_OFFSETS);
        for (uint32_t k = 0; k < list.n && !is_broken(r); k++) {
            const crl_flat_table offset = crl_flat_item(&list, k), meta = crl_flat_child(&offset, CRL_FIELD_FIELD_OFFSET_META);
            change_name(r, &meta, CRL_FIELD_META_NAME);
        }
    }
}

static void change_token(records *r, const crl_flat_table *executable, uint64_t token)
{
    const uint8_t *at = crl_flat_place(executable, CRL_FIELD_EXECUTABLE_PARAMETER_CACHING_TOKEN);
    if (!at) {
        crl_flat_fail(&r->flat, CRL_ERR_UNSUPPORTED, "the template has no token, without which a driver would take old parameters for new ones");
        return;
    }
    put_u32(r, at, (uint32_t)token);
    put_u32(r, at + 4, (uint32_t)(token >> 32));
}

/* Opens each executable, and changes its token, or all else. */
static crl_status each_executable(records *r, const crl_package *p, const uint64_t *token)
{
    crl_flat flat = crl_flat_init(p->bytes, p->size, r->err);
    const crl_flat_table package = crl_flat_root(&flat, CRL_TABLE_PACKAGE, "DWN1");
    const crl_flat_vector bytes = crl_flat_list(&package, CRL_FIELD_PACKAGE_SERIALIZED_MULTI_EXECUTABLE);
    crl_flat inner = crl_flat_init(flat.bytes + bytes.at, bytes.n, r->err);
    const crl_flat_table multi = crl_flat_root(&inner, CRL_TABLE_MULTI_EXECUTABLE, NULL);
    const crl_flat_vector list = crl_flat_list(&multi, CRL_FIELD_MULTI_EXECUTABLE_SERIALIZED_EXECUTABLES);
    for (uint32_t i = 0; i < list.n; i++) {
        size_t n;
        const char *text = crl_flat_item_text(&list, i, &n);
        if (!text) break;
        r->flat = crl_flat_init(text, n, r->err);
        const crl_flat_table e = crl_flat_root(&r->flat, CRL_TABLE_EXECUTABLE, NULL);
        if (token) {
            change_token(r, &e, *token);
        } else {
            change_layers(r, &e, CRL_FIELD_EXECUTABLE_INPUT_LAYERS);
            change_layers(r, &e, CRL_FIELD_EXECUTABLE_OUTPUT_LAYERS);
            change_hints(r, &e);
            change_relocations(r, &e);
        }
        if (is_broken(r)) return r->flat.status;
    }
    return flat.status ? flat.status : inner.status;
}

crl_status crl_records_edit(const crl_twin *w, const crl_model *compiled, const crl_package *package, const crl_model *b, uint8_t *to,
                            crl_error *err)
{
    records r = { .w = w, .from = compiled->bytes, .to = to, .work = CRL_COMPILE_WORK, .err = err };
    change_outer(&r, compiled, b);
    return is_broken(&r) ? r.flat.status : each_executable(&r, package, NULL);
}

crl_status crl_records_token(const crl_model *compiled, const crl_package *package, uint8_t *to, uint64_t token, crl_error *err)
{
    records r = { .from = compiled->bytes, .to = to, .err = err };
    return each_executable(&r, package, &token);
}

/* ---- tokens ---------------------------------------------------------------------------------------- */

/* FNV-1a, eight bytes at a time, and mixed at the end: a number that no other package has. */
uint64_t crl_token_mix(uint64_t hash, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i += 8) {
        uint64_t word = 0;
        memcpy(&word, bytes + i, n - i < 8 ? n - i : 8);
        hash = (hash ^ word) * 0x100000001b3u;
        hash ^= hash >> 29;
    }
    return hash;
}

uint64_t crl_token_end(uint64_t hash)
{
    hash = (hash ^ hash >> 32) * 0xd6e8feb86659fd93u;
    hash ^= hash >> 32;
    return hash ? hash : 1;
}
