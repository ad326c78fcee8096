/* SPDX-License-Identifier: Apache-2.0 */
/* From a FlatBuffer to tables in memory. */
#include "model/tree.h"

#include <assert.h>

#include "model/flat_read.h"

crl_tree *crl_tree_new(crl_pile *pile, int table)
{
    crl_tree *node = crl_pile_alloc(pile, sizeof *node + crl_schema_tables[table].n * sizeof *node->value);
    if (node) node->kind = (uint8_t)table;
    return node;
}

crl_tree_value *crl_tree_at(crl_tree *node, int field)
{
    const int k = field - crl_schema_tables[node->kind].first;
    assert(k >= 0 && k < crl_schema_tables[node->kind].n);
    return &node->value[k];
}

static crl_tree *read_table(crl_reader *r, const crl_flat_table *t);

static void read_number(const crl_flat_table *t, int field, crl_tree_value *v)
{
    switch ((crl_schema_kind)crl_schema_fields[field].kind) {
    case CRL_SCHEMA_BOOL: v->i = crl_flat_bool(t, field); break;
    case CRL_SCHEMA_I8: v->i = crl_flat_i8(t, field); break;
    case CRL_SCHEMA_I16: v->i = crl_flat_i16(t, field); break;
    case CRL_SCHEMA_I32: v->i = crl_flat_i32(t, field); break;
    case CRL_SCHEMA_U32: v->i = crl_flat_u32(t, field); break;
    case CRL_SCHEMA_I64: v->i = crl_flat_i64(t, field); break;
    case CRL_SCHEMA_U64: v->i = (int64_t)crl_flat_u64(t, field); break;
    case CRL_SCHEMA_F32: v->f = crl_flat_f32(t, field); break;
    default: break;
    }
}

static void read_tables(crl_reader *r, const crl_flat_table *t, int field, crl_tree_value *v)
{
    const crl_flat_vector list = crl_flat_list(t, field);
    v->tables = crl_reader_take(r, list.n, sizeof *v->tables);
    for (uint32_t i = 0; i < list.n && !r->flat.status; i++) {
        const crl_flat_table item = crl_flat_item(&list, i);
        v->tables[i] = read_table(r, &item);
    }
    v->n = list.n;
}

static void read_texts(crl_reader *r, const crl_flat_table *t, int field, crl_tree_value *v)
{
    const crl_flat_vector list = crl_flat_list(t, field);
    crl_tree_text *texts = crl_reader_take(r, list.n, sizeof *texts);
    for (uint32_t i = 0; i < list.n && !r->flat.status; i++) texts[i].text = crl_flat_item_text(&list, i, &texts[i].bytes);
    v->texts = texts;
    v->n = list.n;
}

static void read_child(crl_reader *r, const crl_flat_table *t, int field, crl_tree_value *v)
{
    const crl_schema_field *s = &crl_schema_fields[field];
    const int kind = s->kind == CRL_SCHEMA_UNION ? crl_flat_union(t, field) : s->of;
    v->present = kind != 0;
    if (kind < 0)
        crl_flat_fail(&r->flat, CRL_ERR_UNSUPPORTED, "\"%s\" is of type %d, which is newer than this program's schema", s->name,
                      -kind);
    if (kind <= 0) return;
    const crl_flat_table child = crl_flat_child(t, field);
    v->table = read_table(r, &child);
    v->present = v->table != NULL;
}

static void read_value(crl_reader *r, const crl_flat_table *t, int field, crl_tree_value *v)
{
    size_t bytes;
    switch ((crl_schema_kind)crl_schema_fields[field].kind) {
    case CRL_SCHEMA_TYPE: break;
    case CRL_SCHEMA_TEXT:
        v->list = crl_flat_text(t, field, &bytes);
        v->n = (uint32_t)bytes;
        break;
    case CRL_SCHEMA_TEXTS: read_texts(r, t, field, v); break;
    case CRL_SCHEMA_TABLES: read_tables(r, t, field, v); break;
    case CRL_SCHEMA_TABLE:
    case CRL_SCHEMA_UNION: read_child(r, t, field, v); break;
    case CRL_SCHEMA_BOOLS:
    case CRL_SCHEMA_BYTES:
    case CRL_SCHEMA_SHORTS:
    case CRL_SCHEMA_INTS:
    case CRL_SCHEMA_UINTS:
    case CRL_SCHEMA_LONGS:
    case CRL_SCHEMA_FLOATS: {
        const crl_flat_vector list = crl_flat_list(t, field);
        v->list = r->flat.bytes + list.at;
        v->n = list.n;
        break;
    }
    default: read_number(t, field, v); break;
    }
}

/* NULL after a fault, or where the table is absent. Tables do not contain their own kind, however far down: no circles. */
static crl_tree *read_table(crl_reader *r, const crl_flat_table *t)
{
    if (!t->flat) return NULL;
    const crl_schema_table *s = &crl_schema_tables[t->kind];
    crl_tree *node = crl_reader_take(r, 1, sizeof *node + s->n * sizeof *node->value);
    if (!node) return NULL;
    node->kind = t->kind;
    for (int k = 0; k < s->n && !r->flat.status; k++) {
        const int field = s->first + k;
        node->value[k].present = crl_flat_has(t, field);
        if (node->value[k].present) read_value(r, t, field, &node->value[k]);
    }
    return node;
}

/* What a node says of bytes outside the FlatBuffer becomes bytes of its own. The model was opened: they are in the file. */
static void bring_inside(const crl_model *m, crl_tree *node, int data, int offset, int size)
{
    crl_tree_value *o = crl_tree_at(node, offset), *n = crl_tree_at(node, size);
    if (o->present && o->i > 1)
        *crl_tree_at(node, data) = (crl_tree_value){ .list = m->bytes + o->i, .n = (uint32_t)n->i, .present = true };
    o->present = n->present = false;
}

static void bring_all_inside(const crl_model *m, crl_tree *root)
{
    const crl_tree_value *buffers = crl_tree_at(root, CRL_FIELD_MODEL_BUFFERS);
    for (uint32_t i = 0; buffers->present && i < buffers->n; i++)
        bring_inside(m, buffers->tables[i], CRL_FIELD_BUFFER_DATA, CRL_FIELD_BUFFER_OFFSET, CRL_FIELD_BUFFER_SIZE);
    const crl_tree_value *graphs = crl_tree_at(root, CRL_FIELD_MODEL_SUBGRAPHS);
    for (uint32_t g = 0; graphs->present && g < graphs->n; g++) {
        const crl_tree_value *ops = crl_tree_at(graphs->tables[g], CRL_FIELD_SUB_GRAPH_OPERATORS);
        for (uint32_t i = 0; ops->present && i < ops->n; i++)
            bring_inside(m, ops->tables[i], CRL_FIELD_OPERATOR_CUSTOM_OPTIONS, CRL_FIELD_OPERATOR_LARGE_CUSTOM_OPTIONS_OFFSET,
                         CRL_FIELD_OPERATOR_LARGE_CUSTOM_OPTIONS_SIZE);
    }
}

crl_status crl_tree_read(crl_tree **out, const void *bytes, size_t size, int table, const char *identifier, crl_pile *pile, crl_error *err)
{
    crl_reader r = { .flat = crl_flat_init(bytes, size, err), .pile = pile };
    const crl_flat_table t = crl_flat_root(&r.flat, table, identifier);
    crl_tree *root = read_table(&r, &t);
    *out = r.flat.status ? NULL : root;
    return r.flat.status;
}

crl_status crl_tree_read_model(crl_tree **out, const crl_model *m, crl_pile *pile, crl_error *err)
{
    *out = NULL;
    if (m->size > INT32_MAX) return crl_fail(err, CRL_ERR_UNSUPPORTED, "%zu bytes; models up to 2 GiB can be written", m->size);
    crl_tree *root;
    const crl_status s = crl_tree_read(&root, m->bytes, m->size, CRL_TABLE_MODEL, "TFL3", pile, err);
    if (s) return s;
    bring_all_inside(m, root);
    *out = root;
    return CRL_OK;
}
