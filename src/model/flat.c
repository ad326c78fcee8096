/* SPDX-License-Identifier: Apache-2.0 */
/* FlatBuffers, every access checked. */
#include "model/flat.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

/* What a table costs besides its fields: it keeps the number of tables below budget / TABLE_COST. */
enum { TABLE_COST = 16 };

crl_flat crl_flat_init(const void *bytes, size_t size, crl_error *err)
{
    /* A laid-out model takes less than 16 bytes for each byte that describes it in the file; the floor is
     * for tiny ones. The ceiling holds for files whose size is weights, which cost nothing. */
    const size_t floor = (size_t)1 << 16, ceiling = (size_t)1 << 28;
    const size_t budget = size >= ceiling / 16 ? ceiling : 16 * size + floor;
    return (crl_flat){ .bytes = bytes, .size = size, .budget = budget, .err = err };
}

void crl_flat_fail(crl_flat *f, crl_status status, const char *fmt, ...)
{
    if (f->status) return;
    f->status = status;
    char text[sizeof f->err->text];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    crl_fail(f->err, status, "%s", text);
}

bool crl_flat_pay(crl_flat *f, size_t bytes)
{
    if (f->status) return false;
    if (bytes > f->budget) {
        crl_flat_fail(f, CRL_ERR_FORMAT, "the parts of the file overlap: they add up to far more than its %zu bytes",
                      f->size);
        return false;
    }
    f->budget -= bytes;
    return true;
}

static bool inside(const crl_flat *f, size_t at, size_t bytes)
{
    return at <= f->size && bytes <= f->size - at;
}

/* The table at `at`, which nothing is known of yet. */
static crl_flat_table open_table(crl_flat *f, size_t at, const char *name, int kind)
{
    const crl_flat_table none = { 0 };
    if (!crl_flat_pay(f, TABLE_COST)) return none;
    if (!inside(f, at, 4)) {
        crl_flat_fail(f, CRL_ERR_FORMAT, "\"%s\" begins at byte %zu, the file has %zu: is it whole?", name, at, f->size);
        return none;
    }
    const int64_t vtable = (int64_t)at - (int32_t)crl_load_u32(f->bytes + at);
    if (vtable < 0 || (uint64_t)vtable > f->size || !inside(f, (size_t)vtable, 4)) {
        crl_flat_fail(f, CRL_ERR_FORMAT, "\"%s\" has its vtable at byte %lld, the file has %zu: is it whole?", name,
                      (long long)vtable, f->size);
        return none;
    }
    const crl_flat_table t = { .flat = f, .at = at, .vtable = (size_t)vtable, .kind = (uint8_t)kind,
                               .vtable_bytes = crl_load_u16(f->bytes + vtable),
                               .bytes = crl_load_u16(f->bytes + vtable + 2) };
    if (t.vtable_bytes < 4 || t.vtable_bytes % 2 || t.bytes < 4 || !inside(f, t.vtable, t.vtable_bytes) ||
        !inside(f, t.at, t.bytes)) {
        crl_flat_fail(f, CRL_ERR_FORMAT, "\"%s\" has a broken vtable (%u bytes for a table of %u bytes)", name,
                      t.vtable_bytes, t.bytes);
        return none;
    }
    return t;
}

crl_flat_table crl_flat_root(crl_flat *f, int table, const char *identifier)
{
    if (identifier && (!inside(f, 0, 8) || memcmp(f->bytes + 4, identifier, 4))) {
        crl_flat_fail(f, CRL_ERR_FORMAT, "the bytes \"%s\" are missing at 4", identifier);
        return (crl_flat_table){ 0 };
    }
    if (!inside(f, 0, 4)) {
        crl_flat_fail(f, CRL_ERR_FORMAT, "%zu bytes are no FlatBuffer: is it whole?", f->size);
        return (crl_flat_table){ 0 };
    }
    return open_table(f, crl_load_u32(f->bytes), "the root table", table);
}

static size_t field_offset(const crl_flat_table *t, int field)
{
    const size_t entry = 4 + 2 * (size_t)crl_schema_fields[field].id;
    if (!t->flat || t->flat->status || entry + 2 > t->vtable_bytes) return 0;
    assert(field >= crl_schema_tables[t->kind].first && field - crl_schema_tables[t->kind].first < crl_schema_tables[t->kind].n);
    return crl_load_u16(t->flat->bytes + t->vtable + entry);
}

bool crl_flat_has(const crl_flat_table *t, int field)
{
    return field_offset(t, field) != 0;
}

/* Where the field's `size` bytes are, NULL when it is absent or broken. */
static const uint8_t *find_bytes(const crl_flat_table *t, int field, size_t size)
{
    const size_t offset = field_offset(t, field);
    if (!offset) return NULL;
    if (offset < 4 || offset + size > t->bytes) {
        crl_flat_fail(t->flat, CRL_ERR_FORMAT, "\"%s\" is at %zu of a table of %u bytes", crl_schema_fields[field].name, offset,
                      t->bytes);
        return NULL;
    }
    return t->flat->bytes + t->at + offset;
}

const uint8_t *crl_flat_place(const crl_flat_table *t, int field)
{
    static const uint8_t size[] = { [CRL_SCHEMA_BOOL] = 1, [CRL_SCHEMA_I8] = 1, [CRL_SCHEMA_TYPE] = 1, [CRL_SCHEMA_I16] = 2,
                                    [CRL_SCHEMA_I64] = 8, [CRL_SCHEMA_U64] = 8, [CRL_SCHEMA_UNION] = 0 };
    const size_t bytes = size[crl_schema_fields[field].kind];
    return find_bytes(t, field, bytes ? bytes : 4);
}

/* Those of a number of this kind. */
static const uint8_t *find_number(const crl_flat_table *t, int field, crl_schema_kind kind, size_t size)
{
    assert(crl_schema_fields[field].kind == kind);
    (void)kind;
    return find_bytes(t, field, size);
}

bool crl_flat_bool(const crl_flat_table *t, int field)
{
    const uint8_t *p = find_number(t, field, CRL_SCHEMA_BOOL, 1);
    return (p ? *p : crl_schema_fields[field].preset) != 0;
}

int8_t crl_flat_i8(const crl_flat_table *t, int field)
{
    const uint8_t *p = find_number(t, field, CRL_SCHEMA_I8, 1);
    return p ? (int8_t)*p : crl_schema_fields[field].preset;
}

int16_t crl_flat_i16(const crl_flat_table *t, int field)
{
    const uint8_t *p = find_number(t, field, CRL_SCHEMA_I16, 2);
    return p ? (int16_t)crl_load_u16(p) : crl_schema_fields[field].preset;
}

int32_t crl_flat_i32(const crl_flat_table *t, int field)
{
    const uint8_t *p = find_number(t, field, CRL_SCHEMA_I32, 4);
    return p ? (int32_t)crl_load_u32(p) : crl_schema_fields[field].preset;
}

uint32_t crl_flat_u32(const crl_flat_table *t, int field)
{
    const uint8_t *p = find_number(t, field, CRL_SCHEMA_U32, 4);
    return p ? crl_load_u32(p) : (uint32_t)crl_schema_fields[field].preset;
}

int64_t crl_flat_i64(const crl_flat_table *t, int field)
{
    const uint8_t *p = find_number(t, field, CRL_SCHEMA_I64, 8);
    return p ? (int64_t)crl_load_u64(p) : crl_schema_fields[field].preset;
}

uint64_t crl_flat_u64(const crl_flat_table *t, int field)
{
    const uint8_t *p = find_number(t, field, CRL_SCHEMA_U64, 8);
    return p ? crl_load_u64(p) : (uint64_t)crl_schema_fields[field].preset;
}

float crl_flat_f32(const crl_flat_table *t, int field)
{
    const uint8_t *p = find_number(t, field, CRL_SCHEMA_F32, 4);
    return p ? crl_load_f32(p) : crl_schema_fields[field].preset;
}

int crl_flat_union(const crl_flat_table *t, int field)
{
    const crl_schema_union *u = &crl_schema_unions[crl_schema_fields[field].of];
    assert(crl_schema_fields[field].kind == CRL_SCHEMA_UNION);
    const uint8_t *p = find_number(t, field - 1, CRL_SCHEMA_TYPE, 1);
    const int type = p ? *p : 0;
    return type > u->n ? -type : type ? u->first + type - 1 : 0;
}

crl_flat_table crl_flat_child(const crl_flat_table *t, int field)
{
    const crl_schema_field *s = &crl_schema_fields[field];
    assert(s->kind == CRL_SCHEMA_TABLE || s->kind == CRL_SCHEMA_UNION);
    const int kind = s->kind == CRL_SCHEMA_UNION ? crl_flat_union(t, field) : s->of;
    const uint8_t *p = kind > 0 ? find_bytes(t, field, 4) : NULL;
    if (!p) return (crl_flat_table){ 0 };
    return open_table(t->flat, (size_t)(p - t->flat->bytes) + crl_load_u32(p), s->name, kind);
}

/* The vector at `at`; its `n` elements of `size` bytes and `after` more are inside. */
static crl_flat_vector open_vector(crl_flat *f, size_t at, const char *name, size_t size, size_t after)
{
    const crl_flat_vector none = { 0 };
    if (!inside(f, at, 4)) {
        crl_flat_fail(f, CRL_ERR_FORMAT, "\"%s\" begins at byte %zu, the file has %zu: is it whole?", name, at, f->size);
        return none;
    }
    const crl_flat_vector v = { .flat = f, .at = at + 4, .n = crl_load_u32(f->bytes + at), .present = true };
    const size_t room = f->size - v.at;
    if (room < after || v.n > (room - after) / size) {
        crl_flat_fail(f, CRL_ERR_FORMAT, "\"%s\" has %u elements of %zu bytes at byte %zu, the file has %zu: is it whole?", name,
                      v.n, size, v.at, f->size);
        return none;
    }
    return v;
}

/* The one that the field refers to. */
static crl_flat_vector find_vector(const crl_flat_table *t, int field, size_t size, size_t after)
{
    const crl_schema_field *s = &crl_schema_fields[field];
    const uint8_t *p = find_bytes(t, field, 4);
    if (!p) return (crl_flat_vector){ 0 };
    crl_flat_vector v = open_vector(t->flat, (size_t)(p - t->flat->bytes) + crl_load_u32(p), s->name, size, after);
    if (s->kind == CRL_SCHEMA_TABLES) v.kind = s->of;
    return v;
}

/* Bytes of an element of a vector. */
static size_t element(int field)
{
    static const uint8_t size[] = { [CRL_SCHEMA_BOOLS] = 1, [CRL_SCHEMA_BYTES] = 1, [CRL_SCHEMA_SHORTS] = 2, [CRL_SCHEMA_INTS] = 4,
                                    [CRL_SCHEMA_UINTS] = 4, [CRL_SCHEMA_LONGS] = 8, [CRL_SCHEMA_FLOATS] = 4,
                                    [CRL_SCHEMA_TEXTS] = 4, [CRL_SCHEMA_TABLES] = 4 };
    const crl_schema_kind kind = (crl_schema_kind)crl_schema_fields[field].kind;
    assert(kind >= CRL_SCHEMA_BOOLS && kind <= CRL_SCHEMA_TABLES);
    return size[kind];
}

crl_flat_vector crl_flat_list(const crl_flat_table *t, int field)
{
    const size_t size = element(field);
    const crl_flat_vector v = find_vector(t, field, size, 0);
    if (v.present && size > 1 && !crl_flat_pay(v.flat, v.n * size)) return (crl_flat_vector){ 0 };
    return v;
}

/* The bytes of a vector that is a text. */
static const char *take_text(const crl_flat_vector *v, const char *name, size_t *bytes)
{
    *bytes = 0;
    if (!v->present || !crl_flat_pay(v->flat, v->n)) return NULL;
    if (v->flat->bytes[v->at + v->n]) {
        crl_flat_fail(v->flat, CRL_ERR_FORMAT, "\"%s\" is a text without its closing zero", name);
        return NULL;
    }
    *bytes = v->n;
    return (const char *)v->flat->bytes + v->at;
}

const char *crl_flat_text(const crl_flat_table *t, int field, size_t *bytes)
{
    assert(crl_schema_fields[field].kind == CRL_SCHEMA_TEXT);
    const crl_flat_vector v = find_vector(t, field, 1, 1);
    return take_text(&v, crl_schema_fields[field].name, bytes);
}

crl_flat_table crl_flat_item(const crl_flat_vector *v, uint32_t i)
{
    if (!v->flat || v->flat->status) return (crl_flat_table){ 0 };
    const size_t at = v->at + 4 * (size_t)i;
    return open_table(v->flat, at + crl_load_u32(v->flat->bytes + at), "a table", v->kind);
}

const char *crl_flat_item_text(const crl_flat_vector *list, uint32_t i, size_t *bytes)
{
    *bytes = 0;
    if (!list->flat || list->flat->status) return NULL;
    const size_t at = list->at + 4 * (size_t)i;
    const crl_flat_vector v = open_vector(list->flat, at + crl_load_u32(list->flat->bytes + at), "a text", 1, 1);
    return take_text(&v, "a text", bytes);
}
