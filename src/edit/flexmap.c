/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a FlexBuffer that is a map of numbers, which is what options of custom operators are.
 *
 *   keys, each ending in a zero; n, then for each key its distance; distance to those, 4, n, then values of 4 bytes, then their types;
 *   distance to the map, its type, 4
 *
 * Source: the FlatBuffers documentation, "FlexBuffers" and its internals. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edit/edit.h"
#include "model/flex.h"

enum { KEYS = 64, KEY_BYTES = 96, FLEX_INT = 1, FLEX_FLOAT = 3, FLEX_MAP = 9, FLEX_BOOL = 26, WIDTH_4 = 2 };

typedef struct entry {
    char key[KEY_BYTES];
    uint8_t type;
    int32_t i;
    float f;
} entry;

static int by_key(const void *a, const void *b)
{
    return strcmp(((const entry *)a)->key, ((const entry *)b)->key);
}

static bool is_real_key(const char *key)
{
    return strstr(key, "threshold") || strstr(key, "scale");
}

static void set(entry *to, const char *key, double value)
{
    snprintf(to->key, sizeof to->key, "%s", key);
    to->type = is_real_key(key) ? FLEX_FLOAT : !strcmp(key, "use_regular_nms") ? FLEX_BOOL : FLEX_INT;
    to->f = (float)value;
    to->i = to->type == FLEX_BOOL ? value != 0 : value < -2147483648.0 ? INT32_MIN : value > 2147483647.0 ? INT32_MAX : (int32_t)value;
}

/* What was there, in its kind; lists and texts no such operator has. */
static size_t read_entries(crl_flex map, entry *list)
{
    size_t n = 0;
    for (size_t i = 0; i < crl_flex_count(map) && n < KEYS; i++) {
        const char *key = crl_flex_key(map, i);
        const crl_flex value = crl_flex_at(map, i);
        const crl_flex_kind kind = crl_flex_kind_of(value);
        if (!key || strlen(key) >= KEY_BYTES || kind == CRL_FLEX_NULL || kind >= CRL_FLEX_TEXT) continue;
        entry *e = &list[n++];
        set(e, key, crl_flex_float(value, 0));
        e->type = kind == CRL_FLEX_BOOL ? FLEX_BOOL : kind == CRL_FLEX_FLOAT ? FLEX_FLOAT : FLEX_INT;
    }
    return n;
}

static void put(uint8_t *at, uint32_t v)
{
    for (int k = 0; k < 4; k++) at[k] = (uint8_t)(v >> 8 * k);
}

uint8_t *crl_edit_flex(crl_editing *e, const crl_operator *op, const crl_edit_option *options, int32_t n_options, size_t *bytes)
{
    entry *list = crl_graft_take(&e->g, KEYS + (size_t)n_options, sizeof *list);
    if (!list) return NULL;
    size_t n = read_entries(crl_flex_root(op->custom_options, op->custom_bytes), list), text = 0;
    for (int32_t k = 0; k < n_options; k++) {
        size_t i = 0;
        while (i < n && strcmp(list[i].key, options[k].name)) i++;
        set(&list[i], options[k].name, options[k].value);
        n += i == n;
    }
    qsort(list, n, sizeof *list, by_key);
    for (size_t i = 0; i < n; i++) text += strlen(list[i].key) + 1;
    const size_t keys = crl_size_align(text, 4) + 4, values = keys + 4 * n + 12, types = values + 4 * n, root = crl_size_align(types + n, 4);
    uint8_t *out = crl_graft_take(&e->g, root + 6, 1);
    if (!out) return NULL;
    put(out + keys - 4, (uint32_t)n);
    put(out + values - 12, (uint32_t)(values - 12 - keys));
    put(out + values - 8, 4);
    put(out + values - 4, (uint32_t)n);
    for (size_t i = 0, at = 0; i < n; i++) {
        const size_t length = strlen(list[i].key) + 1;
        memcpy(out + at, list[i].key, length);
        put(out + keys + 4 * i, (uint32_t)(keys + 4 * i - at));
        at += length;
        uint32_t bits = (uint32_t)list[i].i;
        if (list[i].type == FLEX_FLOAT) memcpy(&bits, &list[i].f, sizeof bits);
        put(out + values + 4 * i, bits);
        out[types + i] = (uint8_t)(list[i].type << 2 | WIDTH_4);
    }
    put(out + root, (uint32_t)(root - values));
    out[root + 4] = FLEX_MAP << 2 | WIDTH_4;
    out[root + 5] = 4;
    *bytes = root + 6;
    return out;
}
