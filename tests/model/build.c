/* SPDX-License-Identifier: Apache-2.0 */
/* A FlatBuffers writer for checks. */
#include "build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOT = 8 }; /* of every field; the slots follow the offset to the vtable, which fills one, too */

static size_t grow(build *b, size_t bytes)
{
    const size_t at = b->n;
    if (bytes > sizeof b->bytes - b->n) {
        fprintf(stderr, "build: the model is too large\n");
        exit(2);
    }
    memset(b->bytes + at, 0, bytes);
    b->n += bytes;
    return at;
}

static void align(build *b, size_t to)
{
    grow(b, (to - b->n % to) % to);
}

static void put_u16(build *b, size_t at, size_t v)
{
    b->bytes[at] = (uint8_t)v;
    b->bytes[at + 1] = (uint8_t)(v >> 8);
}

void build_put_u32(build *b, size_t at, uint32_t v)
{
    put_u16(b, at, v & 0xffff);
    put_u16(b, at + 2, v >> 16);
}

void build_begin(build *b, const char *identifier)
{
    b->n = 0;
    grow(b, 4);
    build_raw(b, identifier, 4);
    build_put_u32(b, 0, 8);
}

size_t build_table(build *b, int n_fields)
{
    align(b, 8);
    /* The table stands where a link may already point, its vtable behind it. */
    const size_t bytes = SLOT + SLOT * (size_t)n_fields, vtable_bytes = 4 + 2 * (size_t)n_fields;
    const size_t table = grow(b, bytes), vtable = grow(b, vtable_bytes);
    build_put_u32(b, table, (uint32_t)(table - vtable));
    put_u16(b, vtable, vtable_bytes);
    put_u16(b, vtable + 2, bytes);
    align(b, 8);
    return table;
}

static size_t vtable_entry(build *b, size_t table, int id)
{
    int32_t back;
    memcpy(&back, b->bytes + table, sizeof back);
    return table - (size_t)(int64_t)back + 4 + 2 * (size_t)id;
}

size_t build_slot(size_t table, int id)
{
    return table + SLOT + SLOT * (size_t)id;
}

static uint8_t *field(build *b, size_t table, int id)
{
    put_u16(b, vtable_entry(b, table, id), SLOT + SLOT * (size_t)id);
    return b->bytes + build_slot(table, id);
}

void build_u8(build *b, size_t table, int id, uint8_t v)
{
    *field(b, table, id) = v;
}

void build_i32(build *b, size_t table, int id, int32_t v)
{
    memcpy(field(b, table, id), &v, sizeof v);
}

void build_i64(build *b, size_t table, int id, int64_t v)
{
    memcpy(field(b, table, id), &v, sizeof v);
}

void build_f32(build *b, size_t table, int id, float v)
{
    memcpy(field(b, table, id), &v, sizeof v);
}

void build_absent(build *b, size_t table, int id)
{
    put_u16(b, vtable_entry(b, table, id), 0);
}

void build_link_to(build *b, size_t table, int id, size_t at)
{
    field(b, table, id);
    build_put_u32(b, build_slot(table, id), (uint32_t)(at - build_slot(table, id)));
}

void build_link(build *b, size_t table, int id)
{
    align(b, 8);
    build_link_to(b, table, id, b->n);
}

void build_link_item_to(build *b, size_t vector, int i, size_t at)
{
    const size_t slot = vector + 4 * (size_t)i;
    build_put_u32(b, slot, (uint32_t)(at - slot));
}

void build_link_item(build *b, size_t vector, int i)
{
    align(b, 8);
    build_link_item_to(b, vector, i, b->n);
}

size_t build_vector(build *b, size_t n, size_t size)
{
    const size_t length = grow(b, 4), at = grow(b, n * size);
    build_put_u32(b, length, (uint32_t)n);
    align(b, 8);
    return at;
}

size_t build_ints(build *b, const int32_t *v, size_t n)
{
    const size_t at = build_vector(b, n, sizeof *v);
    if (n) memcpy(b->bytes + at, v, n * sizeof *v);
    return at;
}

size_t build_bytes(build *b, const void *v, size_t n)
{
    const size_t at = build_vector(b, n, 1);
    if (n) memcpy(b->bytes + at, v, n);
    return at;
}

size_t build_text(build *b, const char *text)
{
    const size_t n = strlen(text), length = grow(b, 4), at = grow(b, n + 1);
    build_put_u32(b, length, (uint32_t)n);
    memcpy(b->bytes + at, text, n);
    align(b, 8);
    return at;
}

void build_raw(build *b, const void *v, size_t n)
{
    memcpy(b->bytes + grow(b, n), v, n);
}

/* ---- an archive behind a model ---- */

static void put(uint8_t *to, uint32_t v, int bytes)
{
    for (int i = 0; i < bytes; i++) to[i] = (uint8_t)(v >> 8 * i);
}

static uint32_t crc32_of(const char *text, size_t n)
{
    uint32_t crc = 0xFFFFFFFF;
    for (size_t i = 0; i < n; i++) {
        crc ^= (uint8_t)text[i];
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
    }
    return ~crc;
}

void build_archive(build *b, const char *name, const char *text)
{
    const size_t start = b->n, name_bytes = strlen(name), text_bytes = strlen(text);
    const uint32_t crc = crc32_of(text, text_bytes);
    uint8_t local[30] = { 'P', 'K', 3, 4, 10 }, entry[46] = { 'P', 'K', 1, 2, 10, 0, 10 }, end[22] = { 'P', 'K', 5, 6 };
    put(local + 14, crc, 4);
    put(local + 18, (uint32_t)text_bytes, 4);
    put(local + 22, (uint32_t)text_bytes, 4);
    put(local + 26, (uint32_t)name_bytes, 2);
    build_raw(b, local, sizeof local);
    build_raw(b, name, name_bytes);
    build_raw(b, text, text_bytes);
    const size_t directory = b->n;
    put(entry + 16, crc, 4);
    put(entry + 20, (uint32_t)text_bytes, 4);
    put(entry + 24, (uint32_t)text_bytes, 4);
    put(entry + 28, (uint32_t)name_bytes, 2);
    build_raw(b, entry, sizeof entry);
    build_raw(b, name, name_bytes);
    put(end + 8, 1, 2);
    put(end + 10, 1, 2);
    put(end + 12, (uint32_t)(b->n - directory), 4);
    put(end + 16, (uint32_t)(directory - start), 4);
    build_raw(b, end, sizeof end);
}
