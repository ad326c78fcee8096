/* SPDX-License-Identifier: Apache-2.0 */
/* See graft.h. */
#include "model/graft.h"

#include <string.h>

void *crl_graft_take(crl_graft *g, size_t n, size_t size)
{
    void *p = g->failed ? NULL : crl_pile_array(g->pile, n ? n : 1, size);
    g->failed = !p;
    return p;
}

crl_tree *crl_graft_table(crl_graft *g, int table)
{
    crl_tree *node = g->failed ? NULL : crl_tree_new(g->pile, table);
    g->failed = !node;
    return node;
}

static void set(crl_graft *g, crl_tree *node, int field, crl_tree_value value)
{
    if (!node || g->failed) return;
    value.present = true;
    *crl_tree_at(node, field) = value;
}

void crl_graft_number(crl_graft *g, crl_tree *node, int field, int64_t value)
{
    set(g, node, field, (crl_tree_value){ .i = value });
}

void crl_graft_text(crl_graft *g, crl_tree *node, int field, const char *text)
{
    set(g, node, field, (crl_tree_value){ .list = text, .n = (uint32_t)strlen(text) });
}

void crl_graft_list(crl_graft *g, crl_tree *node, int field, const void *list, size_t n)
{
    set(g, node, field, (crl_tree_value){ .list = list, .n = (uint32_t)n });
}

void crl_graft_child(crl_graft *g, crl_tree *node, int field, crl_tree *child)
{
    if (child) set(g, node, field, (crl_tree_value){ .table = child });
}

int crl_graft_option(const crl_tree *options, const char *name)
{
    const crl_schema_table *t = &crl_schema_tables[options->kind];
    int field = t->first;
    while (strcmp(crl_schema_fields[field].name, name)) field++;
    return field;
}

int32_t crl_graft_add(crl_graft *g, crl_tree *node, int field, crl_tree *item)
{
    if (!node || g->failed) return 0;
    crl_tree_value *v = crl_tree_at(node, field);
    const uint32_t n = v->present ? v->n : 0;
    if (!n || g->growing != v->tables || n >= g->room) { /* with room to grow: thousands may follow */
        crl_tree **tables = crl_graft_take(g, n + (size_t)n / 2 + 4, sizeof *tables);
        if (!tables) return 0;
        if (n) memcpy(tables, v->tables, n * sizeof *tables);
        set(g, node, field, (crl_tree_value){ .tables = tables, .n = n });
        g->growing = tables;
        g->room = n + n / 2 + 4;
    }
    v->tables[n] = item;
    v->n = n + 1;
    return (int32_t)n;
}

static int32_t add_buffer(crl_graft *g, const void *data, size_t bytes)
{
    crl_tree *buffer = crl_graft_table(g, CRL_TABLE_BUFFER);
    crl_graft_list(g, buffer, CRL_FIELD_BUFFER_DATA, data, bytes);
    return crl_graft_add(g, g->root, CRL_FIELD_MODEL_BUFFERS, buffer);
}

static crl_tree *quantisation(crl_graft *g, float scale, int32_t zero)
{
    float *s = crl_graft_take(g, 1, sizeof *s);
    int64_t *z = crl_graft_take(g, 1, sizeof *z);
    crl_tree *q = crl_graft_table(g, CRL_TABLE_QUANTIZATION_PARAMETERS);
    if (!q) return NULL;
    *s = scale;
    *z = zero;
    crl_graft_list(g, q, CRL_FIELD_QUANTIZATION_PARAMETERS_SCALE, s, 1);
    crl_graft_list(g, q, CRL_FIELD_QUANTIZATION_PARAMETERS_ZERO_POINT, z, 1);
    return q;
}

int32_t crl_graft_add_tensor(crl_graft *g, const crl_graft_tensor *t)
{
    crl_tree *node = crl_graft_table(g, CRL_TABLE_TENSOR);
    int32_t *dim = crl_graft_take(g, CRL_MAX_RANK, sizeof *dim);
    if (!dim) return 0;
    memcpy(dim, t->shape.dim, sizeof t->shape.dim);
    crl_graft_text(g, node, CRL_FIELD_TENSOR_NAME, t->name);
    crl_graft_number(g, node, CRL_FIELD_TENSOR_TYPE, t->type);
    crl_graft_list(g, node, CRL_FIELD_TENSOR_SHAPE, dim, (size_t)t->shape.rank);
    crl_graft_number(g, node, CRL_FIELD_TENSOR_BUFFER, t->data ? add_buffer(g, t->data, t->bytes) : 0);
    if (t->scale > 0) crl_graft_child(g, node, CRL_FIELD_TENSOR_QUANTIZATION, quantisation(g, t->scale, t->zero));
    return crl_graft_add(g, g->graph, CRL_FIELD_SUB_GRAPH_TENSORS, node);
}

/* Codes up to 127 stand in the old field too, which old runtimes read. */
static int32_t code_index(crl_graft *g, int32_t code, int32_t version)
{
    crl_tree *node = crl_graft_table(g, CRL_TABLE_OPERATOR_CODE);
    crl_graft_number(g, node, CRL_FIELD_OPERATOR_CODE_DEPRECATED_BUILTIN_CODE, code < 127 ? code : 127);
    crl_graft_number(g, node, CRL_FIELD_OPERATOR_CODE_BUILTIN_CODE, code);
    crl_graft_number(g, node, CRL_FIELD_OPERATOR_CODE_VERSION, version);
    return crl_graft_add(g, g->root, CRL_FIELD_MODEL_OPERATOR_CODES, node);
}

crl_tree *crl_graft_add_operator(crl_graft *g, int32_t code, int32_t version, const int32_t *inputs, int32_t n_inputs, int32_t output)
{
    crl_tree *node = crl_graft_table(g, CRL_TABLE_OPERATOR);
    int32_t *numbers = crl_graft_take(g, 4, sizeof *numbers);
    const int table = crl_schema_operators[code].options;
    crl_tree *options = table ? crl_graft_table(g, table) : NULL;
    if (g->failed) return NULL;
    memcpy(numbers, inputs, (size_t)n_inputs * sizeof *numbers);
    numbers[3] = output;
    crl_graft_number(g, node, CRL_FIELD_OPERATOR_OPCODE_INDEX, code_index(g, code, version));
    crl_graft_list(g, node, CRL_FIELD_OPERATOR_INPUTS, numbers, (size_t)n_inputs);
    crl_graft_list(g, node, CRL_FIELD_OPERATOR_OUTPUTS, numbers + 3, 1);
    crl_graft_child(g, node, CRL_FIELD_OPERATOR_BUILTIN_OPTIONS, options);
    crl_graft_add(g, g->graph, CRL_FIELD_SUB_GRAPH_OPERATORS, node);
    return g->failed ? NULL : options;
}

void crl_graft_drop_notes(crl_graft *g)
{
    static const char key[] = "TFLITE_METADATA";
    crl_tree_value *all = crl_tree_at(g->root, CRL_FIELD_MODEL_METADATA);
    crl_tree **kept = crl_graft_take(g, all->present ? all->n : 0, sizeof *kept);
    uint32_t n = 0;
    for (uint32_t i = 0; kept && all->present && i < all->n; i++) {
        const crl_tree_value *name = crl_tree_at(all->tables[i], CRL_FIELD_METADATA_NAME);
        if (!name->present || name->n != sizeof key - 1 || memcmp(name->list, key, sizeof key - 1)) kept[n++] = all->tables[i];
    }
    *all = (crl_tree_value){ .tables = kept, .n = n, .present = n != 0 };
}

/* ---- what is named no more ---- */

/* Lists of numbers of tensors: of the subgraph, of each of its operators. */
static const int graph_lists[] = { CRL_FIELD_SUB_GRAPH_INPUTS, CRL_FIELD_SUB_GRAPH_OUTPUTS };
static const int operator_lists[] = { CRL_FIELD_OPERATOR_INPUTS, CRL_FIELD_OPERATOR_OUTPUTS, CRL_FIELD_OPERATOR_INTERMEDIATES };

/* Notes in new_number[old] that the tensors of a list are wanted, or gives them their new numbers. Lists stand in the file, where
 * they are not aligned and not to be changed. */
static void mark(const crl_tree_value *list, int32_t *new_number)
{
    for (uint32_t i = 0; list->present && i < list->n; i++) {
        int32_t old;
        memcpy(&old, (const uint8_t *)list->list + 4 * (size_t)i, sizeof old);
        if (old >= 0) new_number[old] = 0;
    }
}

static void renumber(crl_graft *g, crl_tree_value *list, const int32_t *new_number)
{
    if (!list->present) return;
    int32_t *numbers = crl_graft_take(g, list->n, sizeof *numbers);
    for (uint32_t i = 0; numbers && i < list->n; i++) {
        memcpy(&numbers[i], (const uint8_t *)list->list + 4 * (size_t)i, sizeof *numbers);
        if (numbers[i] >= 0) numbers[i] = new_number[numbers[i]];
    }
    if (numbers) list->list = numbers;
}

static void each_list(crl_graft *g, int32_t *new_number, bool write)
{
    const crl_tree_value *ops = crl_tree_at(g->graph, CRL_FIELD_SUB_GRAPH_OPERATORS);
    for (size_t k = 0; k < sizeof graph_lists / sizeof *graph_lists; k++) {
        crl_tree_value *list = crl_tree_at(g->graph, graph_lists[k]);
        write ? renumber(g, list, new_number) : mark(list, new_number);
    }
    for (uint32_t i = 0; ops->present && i < ops->n; i++)
        for (size_t k = 0; k < sizeof operator_lists / sizeof *operator_lists; k++) {
            crl_tree_value *list = crl_tree_at(ops->tables[i], operator_lists[k]);
            write ? renumber(g, list, new_number) : mark(list, new_number);
        }
}

/* Keeps the tables whose new number is not -1, and gives them their numbers. */
static void keep(crl_graft *g, crl_tree *node, int field, int32_t *new_number)
{
    crl_tree_value *v = crl_tree_at(node, field);
    crl_tree **tables = crl_graft_take(g, v->n, sizeof *tables);
    uint32_t n = 0;
    for (uint32_t i = 0; tables && i < v->n; i++) {
        if (new_number[i] < 0) continue;
        tables[n] = v->tables[i];
        new_number[i] = (int32_t)n++;
    }
    if (tables) *v = (crl_tree_value){ .tables = tables, .n = n, .present = true };
}

static int32_t *none_wanted(crl_graft *g, const crl_tree_value *tables)
{
    int32_t *numbers = crl_graft_take(g, tables->n, sizeof *numbers);
    for (uint32_t i = 0; numbers && i < tables->n; i++) numbers[i] = -1;
    return numbers;
}

/* A field of each table in a vector: the number of a buffer. */
static void each_buffer(const crl_tree_value *users, int field, int32_t *new_number, bool write)
{
    for (uint32_t i = 0; users->present && i < users->n; i++) {
        crl_tree_value *v = crl_tree_at(users->tables[i], field);
        if (!v->present) continue;
        if (write)
            v->i = new_number[v->i];
        else
            new_number[v->i] = 0;
    }
}

static void compact_buffers(crl_graft *g)
{
    const crl_tree_value *buffers = crl_tree_at(g->root, CRL_FIELD_MODEL_BUFFERS);
    const crl_tree_value *graphs = crl_tree_at(g->root, CRL_FIELD_MODEL_SUBGRAPHS);
    const crl_tree_value *metadata = crl_tree_at(g->root, CRL_FIELD_MODEL_METADATA);
    if (!buffers->present || !buffers->n) return;
    int32_t *number = none_wanted(g, buffers);
    if (!number) return;
    number[0] = 0; /* stands for no data */
    for (int write = 0; write < 2; write++) {
        for (uint32_t i = 0; i < graphs->n; i++)
            each_buffer(crl_tree_at(graphs->tables[i], CRL_FIELD_SUB_GRAPH_TENSORS), CRL_FIELD_TENSOR_BUFFER, number, write);
        each_buffer(metadata, CRL_FIELD_METADATA_BUFFER, number, write);
        if (!write) keep(g, g->root, CRL_FIELD_MODEL_BUFFERS, number);
    }
}

/* Signatures name inputs and outputs of the main subgraph, which are all wanted. */
static void each_signature(crl_graft *g, const int32_t *new_number)
{
    static const int lists[] = { CRL_FIELD_SIGNATURE_DEF_INPUTS, CRL_FIELD_SIGNATURE_DEF_OUTPUTS };
    const crl_tree_value *all = crl_tree_at(g->root, CRL_FIELD_MODEL_SIGNATURE_DEFS);
    for (uint32_t i = 0; all->present && i < all->n; i++) {
        const crl_tree_value *graph = crl_tree_at(all->tables[i], CRL_FIELD_SIGNATURE_DEF_SUBGRAPH_INDEX);
        for (size_t k = 0; k < sizeof lists / sizeof *lists && !(graph->present && graph->i); k++) {
            const crl_tree_value *names = crl_tree_at(all->tables[i], lists[k]);
            for (uint32_t m = 0; names->present && m < names->n; m++) {
                const crl_tree_value *t = crl_tree_at(names->tables[m], CRL_FIELD_TENSOR_MAP_TENSOR_INDEX);
                if (new_number[t->i] >= 0) crl_graft_number(g, names->tables[m], CRL_FIELD_TENSOR_MAP_TENSOR_INDEX, new_number[t->i]);
            }
        }
    }
}

void crl_graft_compact(crl_graft *g)
{
    const crl_tree_value *tensors = crl_tree_at(g->graph, CRL_FIELD_SUB_GRAPH_TENSORS);
    int32_t *number = none_wanted(g, tensors);
    if (!number) return;
    each_list(g, number, false);
    keep(g, g->graph, CRL_FIELD_SUB_GRAPH_TENSORS, number);
    each_list(g, number, true);
    each_signature(g, number);
    compact_buffers(g);
}
