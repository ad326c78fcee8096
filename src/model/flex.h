/* SPDX-License-Identifier: Apache-2.0 */
/* Reading FlexBuffers, the options of custom operators, from bytes that nobody vouches for.
 *
 *   ... values, each an int, uint, float or an offset back to what it stands for; of 1, 2, 4 or 8 bytes ...
 *   root value, uint8 its type << 2 | log2 of the width of its elements, uint8 the width of the root value
 *
 *   vector:  n, then at its offset n values, then n types (none when the vector is typed)
 *   map:     offset back to the vector of keys, width of the keys, n, then a vector of values
 *
 * Every access is checked. What is broken, or absent, reads as null: a value without a type. The questions to a
 * value take a preset, which answers for null and for values that cannot be what is asked for.
 *
 *   crl_flex options = crl_flex_root(op->custom_options, op->custom_bytes), o;
 *   n = crl_flex_int(crl_flex_get(options, "max_detections"), 10);
 *
 * Source: the FlatBuffers documentation, "FlexBuffers" and its internals. */
#ifndef CRL_MODEL_FLEX_H
#define CRL_MODEL_FLEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum crl_flex_kind {
    CRL_FLEX_NULL,
    CRL_FLEX_BOOL,
    CRL_FLEX_INT,
    CRL_FLEX_UINT,
    CRL_FLEX_FLOAT,
    CRL_FLEX_TEXT, /* keys, strings, blobs */
    CRL_FLEX_LIST, /* vectors, typed or not */
    CRL_FLEX_MAP   /* a list with keys */
} crl_flex_kind;

/* A value; a view of the bytes. */
typedef struct crl_flex {
    const uint8_t *bytes;
    size_t size;
    size_t at;     /* of the number or of what the offset leads to */
    uint8_t type;  /* FlexBuffers' own number */
    uint8_t width; /* bytes of the number, or of the elements */
} crl_flex;

/* Null when the bytes are no FlexBuffer. */
crl_flex crl_flex_root(const uint8_t *bytes, size_t size);
crl_flex_kind crl_flex_kind_of(crl_flex value);

/* The value of a key of a map; null when there is no such key, or no map. */
crl_flex crl_flex_get(crl_flex map, const char *key);
/* Elements of a list or map; 0 for anything else. Never more than the bytes can hold. */
size_t crl_flex_count(crl_flex list);
crl_flex crl_flex_at(crl_flex list, size_t i);
/* The key of element i of a map; NULL when it is broken. */
const char *crl_flex_key(crl_flex map, size_t i);

/* Numbers, whichever kind they are stored as: floats are cut towards zero and clamped, large uints clamped. */
int64_t crl_flex_int(crl_flex value, int64_t preset);
double crl_flex_float(crl_flex value, double preset);
bool crl_flex_bool(crl_flex value, bool preset);
/* Bytes of a text, followed by a zero unless it is a blob; NULL for anything else. */
const char *crl_flex_text(crl_flex value, size_t *bytes);

#endif
