/* SPDX-License-Identifier: Apache-2.0 */
/* Writes FlatBuffers for checks: plainly, front to back, every field in a slot of its own, so that a check can
 * reach into a finished model and break exactly one thing.
 *
 *   table = build_table(b, n_fields);             all fields absent
 *   build_i32(b, table, 2, 7);                    field 2 is 7, now or later
 *   build_link(b, table, 3);                      field 3 refers to what is written next
 *   vector = build_vector(b, 5, 4);               place of the first of 5 elements of 4 bytes */
#ifndef TESTS_MODEL_BUILD_H
#define TESTS_MODEL_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct build {
    uint8_t bytes[1 << 19];
    size_t n;
} build;

/* Leaves room for the root's offset and writes the identifier; the root is the table written next. */
void build_begin(build *b, const char *identifier);

size_t build_table(build *b, int n_fields);
void build_u8(build *b, size_t table, int id, uint8_t v);
void build_i32(build *b, size_t table, int id, int32_t v);
void build_i64(build *b, size_t table, int id, int64_t v);
void build_f32(build *b, size_t table, int id, float v);
void build_absent(build *b, size_t table, int id);
size_t build_slot(size_t table, int id); /* where the field's bytes are */

/* The field, or element i of a vector, refers to what is written next, or to `at`. */
void build_link(build *b, size_t table, int id);
void build_link_to(build *b, size_t table, int id, size_t at);
void build_link_item(build *b, size_t vector, int i);
void build_link_item_to(build *b, size_t vector, int i, size_t at);

size_t build_vector(build *b, size_t n, size_t size);
size_t build_ints(build *b, const int32_t *v, size_t n);
size_t build_bytes(build *b, const void *v, size_t n);
size_t build_text(build *b, const char *text); /* a string */

void build_raw(build *b, const void *v, size_t n); /* no length, no alignment */
void build_put_u32(build *b, size_t at, uint32_t v);

/* An archive of one stored entry, as it stands behind models; the last that is added. */
void build_archive(build *b, const char *name, const char *text);

#endif
