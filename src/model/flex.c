/* SPDX-License-Identifier: Apache-2.0 */
/* FlexBuffers, every access checked. */
#include "model/flex.h"

#include <string.h>

#include "model/flat.h"

/* FlexBuffers' types. 16 to 24 are tuples: INT, UINT, FLOAT of length 2, then of 3, then of 4. */
enum {
    T_NULL = 0, T_INT = 1, T_UINT = 2, T_FLOAT = 3, T_KEY = 4, T_STRING = 5, T_INDIRECT_INT = 6, T_INDIRECT_UINT = 7,
    T_INDIRECT_FLOAT = 8, T_MAP = 9, T_VECTOR = 10, T_VECTOR_INT = 11, T_VECTOR_FLOAT = 13, T_VECTOR_KEY = 14,
    T_VECTOR_STRING = 15, T_TUPLE = 16, T_TUPLE_END = 25, T_BLOB = 25, T_BOOL = 26, T_VECTOR_BOOL = 36
};

static const crl_flex null_value = { 0 };

static bool inside(const crl_flex *v, size_t at, size_t bytes)
{
    return at <= v->size && bytes <= v->size - at;
}

/* An unsigned number that is known to be inside. */
static uint64_t load_uint(const uint8_t *p, size_t width)
{
    switch (width) {
    case 1: return *p;
    case 2: return crl_load_u16(p);
    case 4: return crl_load_u32(p);
    default: return crl_load_u64(p);
    }
}

static int64_t load_int(const uint8_t *p, size_t width)
{
    const int unused = (int)(64 - 8 * width);
    return (int64_t)(load_uint(p, width) << unused) >> unused;
}

/* What the offset stored in `width` bytes at `at` leads to. false: out of the bytes. */
static bool follow(const crl_flex *v, size_t at, size_t width, size_t *to)
{
    if (!inside(v, at, width)) return false;
    const uint64_t back = load_uint(v->bytes + at, width);
    if (!back || back > at) return false;
    *to = at - (size_t)back;
    return true;
}

static bool is_inline(int type)
{
    return type <= T_FLOAT || type == T_BOOL;
}

/* The value of `slot` bytes at `at` whose type byte is `packed`. */
static crl_flex resolve(const crl_flex *in, size_t at, size_t slot, uint8_t packed)
{
    crl_flex v = { .bytes = in->bytes, .size = in->size, .at = at };
    v.type = packed >> 2;
    v.width = (uint8_t)(1 << (packed & 3));
    if (v.type == T_NULL || !inside(&v, at, slot)) return null_value;
    if (is_inline(v.type)) {
        v.width = (uint8_t)slot;
        return v;
    }
    return follow(in, at, slot, &v.at) && inside(&v, v.at, 0) ? v : null_value;
}

crl_flex crl_flex_root(const uint8_t *bytes, size_t size)
{
    const crl_flex all = { .bytes = bytes, .size = size };
    if (size < 3) return null_value;
    const size_t slot = bytes[size - 1];
    if ((slot != 1 && slot != 2 && slot != 4 && slot != 8) || slot + 2 > size) return null_value;
    return resolve(&all, size - 2 - slot, slot, bytes[size - 2]);
}

static bool is_tuple(int type)
{
    return type >= T_TUPLE && type < T_TUPLE_END;
}

/* Type of the elements of a typed list, T_NULL when each has its own. */
static int element_type(const crl_flex *v)
{
    if (v->type == T_VECTOR_BOOL) return T_BOOL;
    if (is_tuple(v->type)) return T_INT + (v->type - T_TUPLE) % 3;
    if (v->type >= T_VECTOR_INT && v->type <= T_VECTOR_STRING) return T_INT + (v->type - T_VECTOR_INT);
    return T_NULL;
}

crl_flex_kind crl_flex_kind_of(crl_flex v)
{
    switch (v.type) {
    case T_NULL: return CRL_FLEX_NULL;
    case T_BOOL: return CRL_FLEX_BOOL;
    case T_INT: case T_INDIRECT_INT: return CRL_FLEX_INT;
    case T_UINT: case T_INDIRECT_UINT: return CRL_FLEX_UINT;
    case T_FLOAT: case T_INDIRECT_FLOAT: return CRL_FLEX_FLOAT;
    case T_KEY: case T_STRING: case T_BLOB: return CRL_FLEX_TEXT;
    case T_MAP: return CRL_FLEX_MAP;
    case T_VECTOR: return CRL_FLEX_LIST;
    default: return element_type(&v) ? CRL_FLEX_LIST : CRL_FLEX_NULL;
    }
}

/* Length that stands before what begins at `at`; the elements of `each` bytes are inside, or it is 0. */
static size_t length_before(const crl_flex *v, size_t at, size_t width, size_t each)
{
    if (at < width || !inside(v, at, 0)) return 0;
    const uint64_t n = load_uint(v->bytes + at - width, width);
    return n <= (v->size - at) / each ? (size_t)n : 0;
}

size_t crl_flex_count(crl_flex v)
{
    const crl_flex_kind kind = crl_flex_kind_of(v);
    if (kind != CRL_FLEX_LIST && kind != CRL_FLEX_MAP) return 0;
    if (is_tuple(v.type)) {
        const size_t n = 2 + (size_t)(v.type - T_TUPLE) / 3;
        return inside(&v, v.at, n * v.width) ? n : 0;
    }
    const size_t type_byte = element_type(&v) ? 0 : 1;
    return length_before(&v, v.at, v.width, v.width + type_byte);
}

crl_flex crl_flex_at(crl_flex v, size_t i)
{
    const size_t n = crl_flex_count(v);
    if (i >= n) return null_value;
    const int type = element_type(&v);
    /* Elements of typed lists are as wide as their slots; keys and old string lists have sizes of one byte. */
    const int log2_width = v.width == 8 ? 3 : v.width / 2;
    const uint8_t packed = type == T_NULL                        ? v.bytes[v.at + n * v.width + i]
                           : type == T_KEY || type == T_STRING ? (uint8_t)(type << 2)
                                                               : (uint8_t)(type << 2 | log2_width);
    return resolve(&v, v.at + i * v.width, v.width, packed);
}

/* The zero-terminated text at `at`, or NULL when no zero follows. */
static const char *key_at(const crl_flex *v, size_t at)
{
    return memchr(v->bytes + at, 0, v->size - at) ? (const char *)v->bytes + at : NULL;
}

/* Where the keys of a map are, and their width. false: broken. */
static bool find_keys(const crl_flex *map, size_t *at, size_t *width)
{
    const size_t w = map->width;
    if (map->type != T_MAP || map->at < 3 * w) return false;
    const uint64_t key_width = load_uint(map->bytes + map->at - 2 * w, w);
    if (key_width != 1 && key_width != 2 && key_width != 4 && key_width != 8) return false;
    *width = (size_t)key_width;
    return follow(map, map->at - 3 * w, w, at);
}

const char *crl_flex_key(crl_flex map, size_t i)
{
    size_t keys, width, at;
    if (i >= crl_flex_count(map) || !find_keys(&map, &keys, &width)) return NULL;
    return i <= map.size / width && follow(&map, keys + i * width, width, &at) ? key_at(&map, at) : NULL;
}

crl_flex crl_flex_get(crl_flex map, const char *key)
{
    const size_t n = crl_flex_count(map), bytes = strlen(key) + 1;
    size_t keys, width, at;
    if (!n || !find_keys(&map, &keys, &width)) return null_value;
    for (size_t i = 0; i < n && inside(&map, keys, (i + 1) * width); i++)
        if (follow(&map, keys + i * width, width, &at) && inside(&map, at, bytes) && !memcmp(map.bytes + at, key, bytes))
            return crl_flex_at(map, i);
    return null_value;
}

/* The number's bytes, NULL when there are none or they leave the range. */
static const uint8_t *number(const crl_flex *v)
{
    return v->type != T_NULL && inside(v, v->at, v->width) ? v->bytes + v->at : NULL;
}

double crl_flex_float(crl_flex v, double preset)
{
    const uint8_t *p = number(&v);
    if (!p) return preset;
    switch (crl_flex_kind_of(v)) {
    case CRL_FLEX_BOOL:
    case CRL_FLEX_UINT: return (double)load_uint(p, v.width);
    case CRL_FLEX_INT: return (double)load_int(p, v.width);
    case CRL_FLEX_FLOAT: return v.width == 4 ? (double)crl_load_f32(p) : v.width == 8 ? crl_load_f64(p) : preset;
    default: return preset;
    }
}

int64_t crl_flex_int(crl_flex v, int64_t preset)
{
    const uint8_t *p = number(&v);
    if (!p) return preset;
    switch (crl_flex_kind_of(v)) {
    case CRL_FLEX_BOOL:
    case CRL_FLEX_UINT: {
        const uint64_t u = load_uint(p, v.width);
        return u > INT64_MAX ? INT64_MAX : (int64_t)u;
    }
    case CRL_FLEX_INT: return load_int(p, v.width);
    case CRL_FLEX_FLOAT: {
        const double f = crl_flex_float(v, (double)preset);
        if (!(f > -9.2e18)) return f != f ? preset : INT64_MIN;
        return f < 9.2e18 ? (int64_t)f : INT64_MAX;
    }
    default: return preset;
    }
}

bool crl_flex_bool(crl_flex v, bool preset)
{
    if (crl_flex_kind_of(v) == CRL_FLEX_FLOAT) return crl_flex_float(v, preset) != 0;
    return crl_flex_int(v, preset) != 0;
}

const char *crl_flex_text(crl_flex v, size_t *bytes)
{
    *bytes = 0;
    if (v.type == T_KEY) {
        const char *key = key_at(&v, v.at);
        if (key) *bytes = strlen(key);
        return key;
    }
    if (v.type != T_STRING && v.type != T_BLOB) return NULL;
    const size_t n = length_before(&v, v.at, v.width, 1);
    if (!inside(&v, v.at, n + (v.type == T_STRING)) || (v.type == T_STRING && v.bytes[v.at + n])) return NULL;
    *bytes = n;
    return (const char *)v.bytes + v.at;
}
