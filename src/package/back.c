/* SPDX-License-Identifier: Apache-2.0 */
/* See back.h. Places count from the end of the buffer, which stays where it is while the beginning moves. */
#include "package/back.h"

#include <string.h>

#include "base/error.h"

enum { MOST_VTABLES = 256, MOST_FIELDS = 32, PAGE = 4096 };

typedef struct builder {
    uint8_t *block;
    size_t room, n; /* the last n bytes of the block are written */
    size_t boundary; /* the greatest that anything needs */
    size_t vtables[MOST_VTABLES]; /* where they begin */
    int n_vtables;
    size_t empty; /* the empty text that tables of kind Meta share; 0: there is none yet */
    crl_status status;
    crl_error *err;
} builder;

/* Room for `n` bytes in front; they are zero. NULL after a failure. */
static uint8_t *push(builder *b, size_t n)
{
    if (b->status) return NULL;
    if (n > (size_t)INT32_MAX - b->n) {
        b->status = crl_fail(b->err, CRL_ERR_UNSUPPORTED, "the package would have more than 2 GiB");
        return NULL;
    }
    if (b->n + n > b->room || !b->block) {
        const size_t room = 2 * (b->n + n) + PAGE;
        uint8_t *block = crl_alloc(room);
        if (!block) {
            b->status = crl_fail_memory(b->err, "a package");
            return NULL;
        }
        if (b->n) memcpy(block + room - b->n, b->block + b->room - b->n, b->n);
        crl_free(b->block);
        b->block = block;
        b->room = room;
    }
    b->n += n;
    return b->block + b->room - b->n;
}

/* Fills up, so that after `ahead` more bytes the beginning is on a boundary. */
static void align(builder *b, size_t ahead, size_t boundary)
{
    if (boundary > b->boundary) b->boundary = boundary;
    push(b, (boundary - (b->n + ahead) % boundary) % boundary);
}

static void push_number(builder *b, uint64_t v, size_t bytes)
{
    align(b, 0, bytes);
    uint8_t *p = push(b, bytes);
    for (size_t i = 0; p && i < bytes; i++) p[i] = (uint8_t)(v >> 8 * i);
}

/* A distance to what is at place `to`. */
static void push_reference(builder *b, size_t to)
{
    align(b, 0, 4);
    push_number(b, b->n + 4 - to, 4);
}

static size_t push_list(builder *b, const void *list, size_t n, size_t element, size_t boundary)
{
    align(b, n * element, 4);
    align(b, n * element, boundary);
    uint8_t *p = push(b, n * element);
    if (p && n) memcpy(p, list, n * element);
    push_number(b, n, 4);
    return b->n;
}

static size_t push_text(builder *b, const void *text, size_t n, size_t boundary)
{
    align(b, n + 1, 4);
    align(b, n + 1, boundary);
    push(b, 1);
    uint8_t *p = push(b, n);
    if (p && n) memcpy(p, text, n);
    push_number(b, n, 4);
    return b->n;
}

static size_t push_references(builder *b, const size_t *places, size_t n)
{
    align(b, 4 * n, 4);
    for (size_t i = n; i-- > 0;) push_reference(b, places[i]);
    push_number(b, n, 4);
    return b->n;
}

static size_t push_table(builder *b, const crl_tree *node);

/* The elements of a vector of tables or texts; their places are for crl_free(). */
static size_t *push_elements(builder *b, crl_schema_kind kind, const crl_tree_value *v)
{
    size_t *places = b->status ? NULL : crl_alloc_array((size_t)v->n + 1, sizeof *places);
    if (!places) {
        if (!b->status) b->status = crl_fail_memory(b->err, "a package");
        return NULL;
    }
    for (uint32_t i = 0; i < v->n; i++) /* the only texts in a vector are executables */
        places[i] = kind == CRL_SCHEMA_TABLES ? push_table(b, v->tables[i]) : push_text(b, v->texts[i].text, v->texts[i].bytes, PAGE);
    return places;
}

static size_t element_size(crl_schema_kind kind)
{
    switch (kind) {
    case CRL_SCHEMA_SHORTS: return 2;
    case CRL_SCHEMA_INTS:
    case CRL_SCHEMA_UINTS:
    case CRL_SCHEMA_FLOATS: return 4;
    case CRL_SCHEMA_LONGS: return 8;
    default: return 1;
    }
}

/* Parameters, and a FlatBuffer inside, begin at pages; elements of 8 bytes are pairs of 4, but of the outer model's zero points. */
static size_t boundary_of(int field, size_t element)
{
    switch (field) {
    case CRL_FIELD_EXECUTABLE_PARAMETERS:
    case CRL_FIELD_PACKAGE_SERIALIZED_MULTI_EXECUTABLE: return PAGE;
    case CRL_FIELD_OPERATOR_CUSTOM_OPTIONS: return 32;
    case CRL_FIELD_BUFFER_DATA: return 16;
    case CRL_FIELD_QUANTIZATION_PARAMETERS_ZERO_POINT: return 8;
    default: return element < 4 ? element : 4;
    }
}

/* What field `f` of a node refers to, and where it is then. */
static size_t push_referred(builder *b, const crl_tree *node, int f)
{
    const crl_schema_table *s = &crl_schema_tables[node->kind];
    const crl_schema_kind kind = (crl_schema_kind)crl_schema_fields[s->first + f].kind;
    const crl_tree_value *v = &node->value[f];
    const int field = s->first + f;
    switch (kind) {
    case CRL_SCHEMA_TEXT:
        if (node->kind != CRL_TABLE_META || v->n) return push_text(b, v->list, v->n, 1);
        if (!b->empty) b->empty = push_text(b, "", 0, 1);
        return b->empty;
    case CRL_SCHEMA_TABLE:
    case CRL_SCHEMA_UNION: return push_table(b, v->table);
    case CRL_SCHEMA_TEXTS:
    case CRL_SCHEMA_TABLES: {
        size_t *places = push_elements(b, kind, v);
        const size_t at = places ? push_references(b, places, v->n) : 0;
        crl_free(places);
        return at;
    }
    default: return push_list(b, v->list, v->n, element_size(kind), boundary_of(field, element_size(kind)));
    }
}

static bool is_number(crl_schema_kind kind)
{
    return kind <= CRL_SCHEMA_TYPE;
}

static size_t size_in_table(crl_schema_kind kind)
{
    switch (kind) {
    case CRL_SCHEMA_BOOL:
    case CRL_SCHEMA_I8:
    case CRL_SCHEMA_TYPE: return 1;
    case CRL_SCHEMA_I16: return 2;
    case CRL_SCHEMA_I64:
    case CRL_SCHEMA_U64: return 8;
    default: return 4;
    }
}

static bool is_there(const crl_tree *node, int f)
{
    const crl_schema_kind kind = (crl_schema_kind)crl_schema_fields[crl_schema_tables[node->kind].first + f].kind;
    return node->value[kind == CRL_SCHEMA_TYPE ? f + 1 : f].present;
}

/* A vtable for the table that begins now; an equal one that is there already is taken. */
static size_t push_vtable(builder *b, const crl_tree *node, const size_t *place, size_t start)
{
    const crl_schema_table *s = &crl_schema_tables[node->kind];
    uint8_t vtable[4 + 2 * 64] = { 0 };
    const size_t table = b->n, bytes = table - start;
    size_t n = 4;
    for (int f = 0; f < s->n; f++) {
        if (!place[f]) continue;
        const size_t entry = 4 + 2 * (size_t)crl_schema_fields[s->first + f].id, offset = table - place[f];
        vtable[entry] = (uint8_t)offset;
        vtable[entry + 1] = (uint8_t)(offset >> 8);
        if (entry + 2 > n) n = entry + 2;
    }
    vtable[0] = (uint8_t)n;
    vtable[2] = (uint8_t)bytes;
    vtable[3] = (uint8_t)(bytes >> 8);
    for (int i = 0; i < b->n_vtables && !b->status; i++) {
        const uint8_t *other = b->block + b->room - b->vtables[i];
        if (b->vtables[i] >= n && other[0] == n && !memcmp(other, vtable, n)) return b->vtables[i];
    }
    uint8_t *p = push(b, n);
    if (p) memcpy(p, vtable, n);
    if (b->n_vtables < MOST_VTABLES) b->vtables[b->n_vtables++] = b->n;
    return b->n;
}

/* The fields of a table: the widest first, of those the last first. `referred` has the places of what they refer to. */
static size_t push_fields(builder *b, const crl_tree *node, const size_t *referred)
{
    const crl_schema_table *s = &crl_schema_tables[node->kind];
    size_t place[MOST_FIELDS] = { 0 };
    const size_t start = b->n;
    for (size_t size = 8; size; size /= 2)
        for (int f = s->n - 1; f >= 0; f--) {
            const crl_schema_field *field = &crl_schema_fields[s->first + f];
            const crl_schema_kind kind = (crl_schema_kind)field->kind;
            if (!is_there(node, f) || size_in_table(kind) != size) continue;
            const crl_tree_value *v = &node->value[f];
            uint32_t bits;
            memcpy(&bits, &v->f, sizeof bits);
            if (kind == CRL_SCHEMA_TYPE)
                push_number(b, (uint64_t)(v[1].table->kind - crl_schema_unions[field->of].first + 1), 1);
            else if (kind == CRL_SCHEMA_F32)
                push_number(b, bits, 4);
            else if (is_number(kind))
                push_number(b, (uint64_t)v->i, size);
            else
                push_reference(b, referred[f]);
            place[f] = b->n;
        }
    push_number(b, 0, 4);
    const size_t table = b->n, vtable = push_vtable(b, node, place, start);
    if (b->status) return 0;
    const uint32_t back = (uint32_t)(vtable - table);
    for (int i = 0; i < 4; i++) b->block[b->room - table + (size_t)i] = (uint8_t)(back >> 8 * i);
    return table;
}

/* Executables write the elements of some vectors, and the parameters, before all else. */
static const int early[] = { CRL_FIELD_EXECUTABLE_INSTRUCTION_BITSTREAMS, CRL_FIELD_EXECUTABLE_INPUT_LAYERS, CRL_FIELD_EXECUTABLE_OUTPUT_LAYERS };
enum { EARLY = sizeof early / sizeof early[0] };

static size_t push_executable(builder *b, const crl_tree *node)
{
    const crl_schema_table *s = &crl_schema_tables[node->kind];
    size_t referred[MOST_FIELDS] = { 0 }, *places[EARLY] = { NULL };
    for (int k = 0; k < EARLY; k++)
        if (is_there(node, early[k] - s->first)) places[k] = push_elements(b, CRL_SCHEMA_TABLES, &node->value[early[k] - s->first]);
    const int parameters = CRL_FIELD_EXECUTABLE_PARAMETERS - s->first;
    if (is_there(node, parameters)) referred[parameters] = push_referred(b, node, parameters);
    for (int f = 0; f < s->n && !b->status; f++) {
        if (f == parameters || !is_there(node, f) || is_number((crl_schema_kind)crl_schema_fields[s->first + f].kind)) continue;
        int k = 0;
        while (k < EARLY && early[k] - s->first != f) k++;
        referred[f] = k < EARLY ? push_references(b, places[k], node->value[f].n) : push_referred(b, node, f);
    }
    for (int k = 0; k < EARLY; k++) crl_free(places[k]);
    return b->status ? 0 : push_fields(b, node, referred);
}

/* Tables of the outer model whose parts do not come in the order of their fields; a model's graphs come before all that. */
enum { IN_ORDER = 4 };
static const struct {
    int table, fields[IN_ORDER];
} orders[] = {
    { CRL_TABLE_MODEL, { CRL_FIELD_MODEL_BUFFERS, CRL_FIELD_MODEL_DESCRIPTION, CRL_FIELD_MODEL_OPERATOR_CODES, CRL_FIELD_MODEL_SUBGRAPHS } },
    { CRL_TABLE_TENSOR, { CRL_FIELD_TENSOR_QUANTIZATION, CRL_FIELD_TENSOR_NAME, CRL_FIELD_TENSOR_SHAPE, -1 } },
    { CRL_TABLE_OPERATOR, { CRL_FIELD_OPERATOR_CUSTOM_OPTIONS, CRL_FIELD_OPERATOR_INPUTS, CRL_FIELD_OPERATOR_OUTPUTS, -1 } },
};

static size_t push_in_order(builder *b, const crl_tree *node, const int *order)
{
    const int first = crl_schema_tables[node->kind].first;
    size_t referred[MOST_FIELDS] = { 0 }, *graphs = NULL;
    const crl_tree_value *inside = node->kind == CRL_TABLE_MODEL ? &node->value[CRL_FIELD_MODEL_SUBGRAPHS - first] : NULL;
    if (inside && inside->present) graphs = push_elements(b, CRL_SCHEMA_TABLES, inside);
    for (int k = 0; k < IN_ORDER && order[k] >= 0 && !b->status; k++) {
        const int f = order[k] - first;
        if (!is_there(node, f)) continue;
        referred[f] = graphs && order[k] == CRL_FIELD_MODEL_SUBGRAPHS ? push_references(b, graphs, inside->n) : push_referred(b, node, f);
    }
    crl_free(graphs);
    return b->status ? 0 : push_fields(b, node, referred);
}

static size_t push_table(builder *b, const crl_tree *node)
{
    const crl_schema_table *s = &crl_schema_tables[node->kind];
    size_t referred[MOST_FIELDS] = { 0 };
    if (b->status) return 0;
    if (node->kind == CRL_TABLE_EXECUTABLE) return push_executable(b, node);
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++)
        if (orders[i].table == node->kind) return push_in_order(b, node, orders[i].fields);
    for (int f = 0; f < s->n && !b->status; f++)
        if (is_there(node, f) && !is_number((crl_schema_kind)crl_schema_fields[s->first + f].kind)) referred[f] = push_referred(b, node, f);
    return b->status ? 0 : push_fields(b, node, referred);
}

crl_status crl_back_write(const crl_tree *root, const char *identifier, uint8_t **bytes, size_t *size, crl_error *err)
{
    builder b = { .boundary = 1, .err = err };
    *bytes = NULL;
    *size = 0;
    const size_t table = push_table(&b, root);
    align(&b, identifier ? 8 : 4, b.boundary);
    uint8_t *p = identifier ? push(&b, 4) : NULL;
    if (p) memcpy(p, identifier, 4);
    push_reference(&b, table);
    uint8_t *out = b.status ? NULL : crl_alloc(b.n);
    if (!b.status && !out) b.status = crl_fail_memory(err, "a package");
    if (out) {
        memcpy(out, b.block + b.room - b.n, b.n);
        *bytes = out;
        *size = b.n;
    }
    crl_free(b.block);
    return b.status;
}
