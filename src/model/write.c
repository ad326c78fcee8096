/* SPDX-License-Identifier: Apache-2.0 */
/* Writing FlatBuffers: a table, then what it refers to, from front to back. Tables of one kind with the same fields share a
 * vtable. Everything is laid out twice by the same code, first to find the size. */
#include <string.h>

#include "base/error.h"
#include "model/tree.h"
#include "model/zip.h"

/* Kept vtables; what is beyond is written again, which costs some bytes only. */
enum { MAX_VTABLES = 64, MAX_FIELDS = 32 };

typedef struct vtable {
    int kind;
    uint32_t fields; /* a bit for each that is written */
    size_t at;
} vtable;

typedef struct writer {
    uint8_t *out; /* NULL: nothing is written, only counted */
    size_t at;
    vtable vtables[MAX_VTABLES];
    int n_vtables;
} writer;

static void put(writer *w, size_t at, const void *bytes, size_t n)
{
    if (w->out && n) memcpy(w->out + at, bytes, n);
}

static void put_u16(writer *w, size_t at, size_t v)
{
    const uint16_t u = (uint16_t)v;
    put(w, at, &u, sizeof u);
}

static void put_u32(writer *w, size_t at, size_t v)
{
    const uint32_t u = (uint32_t)v;
    put(w, at, &u, sizeof u);
}

/* The next place of which `ahead` bytes later something is aligned. What is left out is zero. */
static void align(writer *w, size_t to, size_t ahead)
{
    w->at = crl_size_align(w->at + ahead, to) - ahead;
}

/* --- numbers and vectors --------------------------------------------------------------------------- */

/* Of an element, or of the field itself where it is a number; of references 4. */
static size_t size_of(crl_schema_kind kind)
{
    switch (kind) {
    case CRL_SCHEMA_BOOL:
    case CRL_SCHEMA_I8:
    case CRL_SCHEMA_TYPE:
    case CRL_SCHEMA_TEXT:
    case CRL_SCHEMA_BOOLS:
    case CRL_SCHEMA_BYTES: return 1;
    case CRL_SCHEMA_I16:
    case CRL_SCHEMA_SHORTS: return 2;
    case CRL_SCHEMA_I64:
    case CRL_SCHEMA_U64:
    case CRL_SCHEMA_LONGS: return 8;
    default: return 4;
    }
}

static bool is_number(crl_schema_kind kind)
{
    return kind <= CRL_SCHEMA_TYPE;
}

/* Where the vector begins. Bytes may be weights, or a FlatBuffer: they lie where any of them may. */
static size_t write_list(writer *w, crl_schema_kind kind, const void *list, size_t n)
{
    const size_t size = size_of(kind), boundary = kind == CRL_SCHEMA_BYTES ? 16 : size < 4 ? 4 : size;
    align(w, boundary, 4);
    const size_t begin = w->at, bytes = size * n;
    put_u32(w, begin, n);
    put(w, begin + 4, list, bytes);
    w->at += 4 + bytes + (kind == CRL_SCHEMA_TEXT); /* a zero ends a text */
    return begin;
}

static size_t write_table(writer *w, const crl_tree *node);

static size_t write_references(writer *w, crl_schema_kind kind, const crl_tree_value *v)
{
    align(w, 4, 0);
    const size_t begin = w->at;
    put_u32(w, begin, v->n);
    w->at += 4 + 4 * (size_t)v->n;
    for (uint32_t i = 0; i < v->n; i++) {
        const size_t from = begin + 4 + 4 * (size_t)i;
        put_u32(w, from, (kind == CRL_SCHEMA_TABLES ? write_table(w, v->tables[i])
                                                    : write_list(w, CRL_SCHEMA_TEXT, v->texts[i].text, v->texts[i].bytes)) - from);
    }
    return begin;
}

static size_t write_referred(writer *w, crl_schema_kind kind, const crl_tree_value *v)
{
    switch (kind) {
    case CRL_SCHEMA_TABLE:
    case CRL_SCHEMA_UNION: return write_table(w, v->table);
    case CRL_SCHEMA_TEXTS:
    case CRL_SCHEMA_TABLES: return write_references(w, kind, v);
    default: return write_list(w, kind, v->list, v->n);
    }
}

/* --- tables ----------------------------------------------------------------------------------------- */

/* A float's bits decide, for -0 is not 0. */
static bool is_preset(const crl_schema_field *f, const crl_tree_value *v)
{
    const float preset = f->preset;
    return f->kind == CRL_SCHEMA_F32 ? !memcmp(&v->f, &preset, sizeof preset) : v->i == f->preset;
}

static bool is_written(const crl_schema_field *f, const crl_tree_value *v)
{
    if (f->kind == CRL_SCHEMA_TYPE) return v[1].present; /* of the union in the next field */
    return v->present && (!is_number((crl_schema_kind)f->kind) || !is_preset(f, v));
}

static size_t find_vtable(const writer *w, int kind, uint32_t fields)
{
    for (int i = 0; i < w->n_vtables; i++)
        if (w->vtables[i].kind == kind && w->vtables[i].fields == fields) return w->vtables[i].at;
    return 0;
}

static size_t write_vtable(writer *w, int kind, uint32_t fields, const uint16_t *offset, size_t bytes)
{
    const crl_schema_table *s = &crl_schema_tables[kind];
    const crl_schema_field *f = &crl_schema_fields[s->first];
    size_t begin = find_vtable(w, kind, fields), entries = 0;
    if (begin) return begin;
    align(w, 2, 0);
    begin = w->at;
    for (int k = 0; k < s->n; k++) {
        if (!(fields >> k & 1)) continue;
        entries = f[k].id + (size_t)1;
        put_u16(w, begin + 4 + 2 * (size_t)f[k].id, offset[k]);
    }
    put_u16(w, begin, 4 + 2 * entries);
    put_u16(w, begin + 2, bytes);
    w->at += 4 + 2 * entries;
    if (w->n_vtables < MAX_VTABLES) w->vtables[w->n_vtables++] = (vtable){ kind, fields, begin };
    return begin;
}

/* Places of the fields in their table, the widest first; returns how many bytes it has. */
static size_t lay_out(int kind, uint32_t fields, uint16_t *offset, size_t *boundary)
{
    const crl_schema_table *s = &crl_schema_tables[kind];
    size_t at = 4; /* behind the distance to the vtable */
    *boundary = 4;
    for (size_t width = 8; width; width /= 2)
        for (int k = 0; k < s->n; k++) {
            const crl_schema_kind f = (crl_schema_kind)crl_schema_fields[s->first + k].kind;
            if (!(fields >> k & 1) || (is_number(f) ? size_of(f) : 4) != width) continue;
            if (width == 8) *boundary = 8;
            at = crl_size_align(at, width);
            offset[k] = (uint16_t)at;
            at += width;
        }
    return at;
}

static void write_number(writer *w, size_t at, const crl_schema_field *f, const crl_tree_value *v)
{
    uint8_t type = 0;
    switch ((crl_schema_kind)f->kind) {
    case CRL_SCHEMA_TYPE:
        type = (uint8_t)(v[1].table->kind - crl_schema_unions[f->of].first + 1);
        put(w, at, &type, 1);
        break;
    case CRL_SCHEMA_F32: put(w, at, &v->f, sizeof v->f); break;
    default: put(w, at, &v->i, size_of((crl_schema_kind)f->kind)); break; /* the low bytes come first */
    }
}

static size_t write_table(writer *w, const crl_tree *node)
{
    const crl_schema_table *s = &crl_schema_tables[node->kind];
    const crl_schema_field *f = &crl_schema_fields[s->first];
    uint32_t fields = 0;
    uint16_t offset[MAX_FIELDS];
    for (int k = 0; k < s->n; k++)
        if (is_written(&f[k], &node->value[k])) fields |= 1u << k;
    size_t boundary;
    const size_t bytes = lay_out(node->kind, fields, offset, &boundary);
    const size_t described = write_vtable(w, node->kind, fields, offset, bytes);
    align(w, boundary, 0);
    const size_t begin = w->at;
    put_u32(w, begin, begin - described);
    w->at += bytes;
    for (int k = 0; k < s->n; k++) {
        if (!(fields >> k & 1)) continue;
        const size_t from = begin + offset[k];
        const crl_schema_kind kind = (crl_schema_kind)f[k].kind;
        if (is_number(kind))
            write_number(w, from, &f[k], &node->value[k]);
        else
            put_u32(w, from, write_referred(w, kind, &node->value[k]) - from);
    }
    return begin;
}

static void write_all(writer *w, const crl_tree *root, const char *identifier)
{
    w->at = 8;
    put(w, 4, identifier, 4);
    put_u32(w, 0, write_table(w, root));
}

crl_status crl_tree_write(const crl_tree *root, const char *identifier, const crl_model *archive, uint8_t **bytes, size_t *size,
                          crl_error *err)
{
    *bytes = NULL;
    *size = 0;
    writer w = { 0 };
    write_all(&w, root, identifier);
    const size_t behind = archive ? crl_zip_move(NULL, w.at, archive->bytes, archive->size) : 0, n = w.at + behind;
    if (n > INT32_MAX) return crl_fail(err, CRL_ERR_UNSUPPORTED, "the model would have %zu bytes; 2 GiB are the most", n);
    w = (writer){ .out = crl_alloc(n) };
    if (!w.out) return crl_fail(err, CRL_ERR_MEMORY, "no memory for a model of %zu bytes", n);
    write_all(&w, root, identifier);
    if (behind) crl_zip_move(w.out + w.at, w.at, archive->bytes, archive->size);
    *bytes = w.out;
    *size = n;
    return CRL_OK;
}
