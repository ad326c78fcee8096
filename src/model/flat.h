/* SPDX-License-Identifier: Apache-2.0 */
/* Reading FlatBuffers from bytes that nobody vouches for.
 *
 *   table:  int32 (distance back to the vtable), then the fields
 *   vtable: uint16 its bytes, uint16 bytes of the table, then for each field uint16 its place in the table, 0: absent
 *   vector: uint32 n, then n elements        string: a vector of bytes, a zero after it
 *   A field that holds a table, vector or string holds a uint32: the distance forward from itself.
 *
 * Every access is checked against the range, and loads need no alignment. Faults stick: the first one writes
 * the sentence and sets `status`, and from then on all fields read as absent, all vectors as empty; so a caller
 * may read a whole table and look at `status` once.
 *
 * Offsets of a hostile file can make a few bytes stand for many tables. Therefore work is paid for: tables,
 * strings and elements read, and memory taken for them, come out of `budget`, which is about the file's size.
 *
 * Source: the FlatBuffers documentation, "Internals". */
#ifndef CRL_MODEL_FLAT_H
#define CRL_MODEL_FLAT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/error.h"
#include "model/schema.h"

typedef struct crl_flat {
    const uint8_t *bytes;
    size_t size;
    size_t budget; /* bytes of work that are left */
    crl_status status;
    crl_error *err; /* may be NULL */
} crl_flat;

typedef struct crl_flat_table {
    crl_flat *flat; /* NULL: absent; fields of it are absent, too */
    size_t at;
    size_t vtable;
    uint16_t vtable_bytes;
    uint16_t bytes;
    uint8_t kind; /* which table of the schema it is */
} crl_flat_table;

typedef struct crl_flat_vector {
    crl_flat *flat;
    size_t at;  /* of the first element */
    uint32_t n; /* elements; 0 when the vector is absent */
    bool present;
    uint8_t kind; /* of tables: which of the schema */
} crl_flat_vector;

/* A range to read from, with a budget that any sound file of this size stays within. */
crl_flat crl_flat_init(const void *bytes, size_t size, crl_error *err);

/* Records a fault, unless there is one already. */
void crl_flat_fail(crl_flat *flat, crl_status status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* false: the budget is used up, which is a fault. */
bool crl_flat_pay(crl_flat *flat, size_t bytes);

/* The root, a table of the schema; `identifier` are the four bytes expected at 4, NULL: none. */
crl_flat_table crl_flat_root(crl_flat *flat, int table, const char *identifier);

/* Fields, by their index in crl_schema_fields: of the table's, and of the kind that the function reads (assert). Numbers that the
 * file leaves out are what the schema presets. */
bool crl_flat_has(const crl_flat_table *t, int field);
/* Where a field stands, for who changes bytes in their place; NULL: it is absent, or broken. */
const uint8_t *crl_flat_place(const crl_flat_table *t, int field);
bool crl_flat_bool(const crl_flat_table *t, int field);
int8_t crl_flat_i8(const crl_flat_table *t, int field);
int16_t crl_flat_i16(const crl_flat_table *t, int field);
int32_t crl_flat_i32(const crl_flat_table *t, int field);
uint32_t crl_flat_u32(const crl_flat_table *t, int field);
int64_t crl_flat_i64(const crl_flat_table *t, int field);
uint64_t crl_flat_u64(const crl_flat_table *t, int field);
float crl_flat_f32(const crl_flat_table *t, int field);
/* Which table of the schema a union holds, 0: none. One that the schema does not know is less than 0: minus its type. */
int crl_flat_union(const crl_flat_table *t, int field);
crl_flat_table crl_flat_child(const crl_flat_table *t, int field); /* a table, or a union of a type that the schema knows */
/* A vector; elements of more than one byte are paid for here. */
crl_flat_vector crl_flat_list(const crl_flat_table *t, int field);
/* A zero-terminated string of the file and its length; NULL and 0 when it is absent. May hold any bytes. */
const char *crl_flat_text(const crl_flat_table *t, int field, size_t *bytes);

/* Element i < n of a vector of offsets to tables. */
crl_flat_table crl_flat_item(const crl_flat_vector *v, uint32_t i);
/* Element i < n of a vector of texts, as crl_flat_text. */
const char *crl_flat_item_text(const crl_flat_vector *v, uint32_t i, size_t *bytes);

/* Little-endian loads from any address. */
static inline uint16_t crl_load_u16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t crl_load_u32(const uint8_t *p)
{
    return (uint32_t)crl_load_u16(p) | (uint32_t)crl_load_u16(p + 2) << 16;
}

static inline uint64_t crl_load_u64(const uint8_t *p)
{
    return (uint64_t)crl_load_u32(p) | (uint64_t)crl_load_u32(p + 4) << 32;
}

static inline float crl_load_f32(const uint8_t *p)
{
    const uint32_t bits = crl_load_u32(p);
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static inline double crl_load_f64(const uint8_t *p)
{
    const uint64_t bits = crl_load_u64(p);
    double f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

#endif
