/* SPDX-License-Identifier: Apache-2.0 */
/* See write.h. Options are written as the FlexBuffers library does that the compiler was built with: keys and texts as they come, then the
 * vector of keys, then the map. Sizes and distances take as few bytes as the largest of a vector needs.
 *
 * Source: the FlatBuffers documentation, "FlexBuffers" and its internals. */
#include "package/write.h"

#include <string.h>

#include "base/error.h"
#include "model/flex.h"
#include "package/back.h"

/* ---- reading ------------------------------------------------------------------------------------- */

static crl_status read_entry(crl_option_entry *e, crl_flex value, crl_error *err)
{
    switch (crl_flex_kind_of(value)) {
    case CRL_FLEX_INT:
        e->numbers[0] = crl_flex_int(value, 0);
        return CRL_OK;
    case CRL_FLEX_TEXT:
        e->is_text = true;
        e->text = crl_flex_text(value, &e->bytes);
        if (e->text) return CRL_OK;
        break;
    case CRL_FLEX_LIST:
        e->is_list = true;
        if (crl_flex_count(value) > CRL_OPTION_INTS_MOST) break;
        e->n = (int32_t)crl_flex_count(value);
        for (int32_t i = 0; i < e->n; i++) {
            const crl_flex item = crl_flex_at(value, (size_t)i);
            if (crl_flex_kind_of(item) != CRL_FLEX_INT) return crl_fail(err, CRL_ERR_UNSUPPORTED, "options: \"%s\" is no list of numbers", e->key);
            e->numbers[i] = crl_flex_int(item, 0);
        }
        return CRL_OK;
    default: break;
    }
    return crl_fail(err, CRL_ERR_UNSUPPORTED, "options: \"%s\" is of a kind that options never had", e->key);
}

static crl_status read_options(crl_package_tree *t, const uint8_t *options, size_t size, crl_flex *package, crl_error *err)
{
    const crl_flex map = crl_flex_root(options, size);
    const size_t n = crl_flex_count(map);
    if (crl_flex_kind_of(map) != CRL_FLEX_MAP || n > CRL_OPTION_ENTRIES) return crl_fail(err, CRL_ERR_FORMAT, "options: no map of a few entries");
    for (size_t i = 0; i < n; i++) {
        crl_option_entry *e = &t->entries[t->n_entries++];
        e->key = crl_flex_key(map, i);
        if (!e->key) return crl_fail(err, CRL_ERR_FORMAT, "options: a key is broken");
        const crl_status s = read_entry(e, crl_flex_at(map, i), err);
        if (s) return s;
        if (strcmp(e->key, "4")) continue;
        *package = crl_flex_at(map, i);
        e->text = NULL;
    }
    return CRL_OK;
}

crl_status crl_package_tree_read(crl_package_tree *t, const uint8_t *options, size_t size, crl_pile *pile, crl_error *err)
{
    crl_flex value = { 0 };
    crl_tree *multi;
    size_t n;
    *t = (crl_package_tree){ .n_entries = 0 };
    crl_status s = read_options(t, options, size, &value, err);
    const char *package = crl_flex_text(value, &n);
    if (s) return s;
    if (!package) return crl_fail(err, CRL_ERR_FORMAT, "options: no package under \"4\"");
    s = crl_tree_read(&t->package, package, n, CRL_TABLE_PACKAGE, "DWN1", pile, err);
    if (s) return s;
    crl_tree_value *inner = crl_tree_at(t->package, CRL_FIELD_PACKAGE_SERIALIZED_MULTI_EXECUTABLE);
    if (!inner->present) return crl_fail(err, CRL_ERR_FORMAT, "a package without executables");
    s = crl_tree_read(&multi, inner->list, inner->n, CRL_TABLE_MULTI_EXECUTABLE, NULL, pile, err);
    if (s) return s;
    const crl_tree_value *texts = crl_tree_at(multi, CRL_FIELD_MULTI_EXECUTABLE_SERIALIZED_EXECUTABLES);
    if (!texts->present || texts->n > CRL_EXECUTABLES_MOST) return crl_fail(err, CRL_ERR_FORMAT, "a package without executables, or of too many");
    for (uint32_t i = 0; i < texts->n && !s; i++)
        s = crl_tree_read(&t->executables[t->n_executables++], texts->texts[i].text, texts->texts[i].bytes, CRL_TABLE_EXECUTABLE, NULL, pile, err);
    return s;
}

/* ---- writing options ------------------------------------------------------------------------------ */

typedef struct writer {
    uint8_t *out; /* NULL: bytes are only counted */
    size_t at;
} writer;

static void put(writer *w, const void *bytes, size_t n)
{
    if (w->out && n) memcpy(w->out + w->at, bytes, n);
    w->at += n;
}

static void put_number(writer *w, uint64_t v, size_t width)
{
    for (size_t i = 0; i < width; i++) put(w, &(uint8_t){ (uint8_t)(v >> 8 * i) }, 1);
}

static void align(writer *w, size_t width)
{
    while (w->at % width) put_number(w, 0, 1);
}

static size_t width_of(uint64_t v)
{
    return v < 256 ? 1 : v < 65536 ? 2 : v >> 32 ? 8 : 4;
}

static size_t width_of_signed(int64_t v)
{
    return width_of((uint64_t)(v < 0 ? ~v : v) << 1);
}

/* Bytes that the distance to `to` takes in element i of a vector which begins here. */
static size_t width_of_distance(const writer *w, size_t to, size_t i)
{
    for (size_t width = 1; width < 8; width *= 2) {
        const size_t from = crl_size_align(w->at, width) + i * width;
        if (width_of(from - to) == width) return width;
    }
    return 8;
}

enum { INT = 1, STRING = 5, VECTOR = 10, MAP = 9 }; /* FlexBuffers' types */

/* A value that is ready to be put into a vector. */
typedef struct ready {
    uint8_t type;
    size_t width; /* log2 of it goes into the type: of the number, or of what the distance leads to */
    int64_t number;
    size_t to; /* of texts and lists */
} ready;

static unsigned log2_of(size_t width)
{
    return width == 8 ? 3 : (unsigned)width / 2;
}

static void put_value(writer *w, const ready *v, size_t width)
{
    put_number(w, v->type == INT ? (uint64_t)v->number : w->at - v->to, width);
}

/* The type of a value, and the width of what it leads to, or of the vector for one that stands in it. */
static uint8_t packed_type(const ready *v, size_t width)
{
    const size_t own = v->type == INT && width > v->width ? width : v->width;
    return (uint8_t)(v->type << 2 | log2_of(own));
}

static size_t widest(const writer *w, const ready *values, size_t n, size_t prefix, size_t width)
{
    for (size_t i = 0; i < n; i++) {
        const size_t own = values[i].type == INT ? values[i].width : width_of_distance(w, values[i].to, i + prefix);
        if (own > width) width = own;
    }
    return width;
}

static ready put_list(writer *w, const crl_option_entry *e)
{
    ready items[CRL_OPTION_INTS_MOST], list = { .type = VECTOR };
    for (int32_t i = 0; i < e->n; i++) items[i] = (ready){ INT, width_of_signed(e->numbers[i]), e->numbers[i], 0 };
    list.width = widest(w, items, (size_t)e->n, 1, width_of((uint64_t)e->n));
    align(w, list.width);
    put_number(w, (uint64_t)e->n, list.width);
    list.to = w->at;
    for (int32_t i = 0; i < e->n; i++) put_value(w, &items[i], list.width);
    for (int32_t i = 0; i < e->n; i++) put_number(w, packed_type(&items[i], list.width), 1);
    return list;
}

static ready put_text(writer *w, const void *text, size_t n)
{
    const size_t width = width_of(n);
    align(w, width);
    put_number(w, n, width);
    const ready v = { STRING, width, 0, w->at };
    put(w, text, n);
    put_number(w, 0, 1);
    return v;
}

static void write_options(writer *w, const crl_package_tree *t, const uint8_t *package, size_t n)
{
    size_t keys[CRL_OPTION_ENTRIES];
    ready values[CRL_OPTION_ENTRIES] = { { 0 } }, key_values[CRL_OPTION_ENTRIES] = { { 0 } };
    const size_t count = (size_t)t->n_entries;
    for (size_t i = 0; i < count; i++) {
        const crl_option_entry *e = &t->entries[i];
        keys[i] = w->at;
        put(w, e->key, strlen(e->key) + 1);
        if (e->is_text)
            values[i] = e->text ? put_text(w, e->text, e->bytes) : put_text(w, package, n);
        else if (e->is_list)
            values[i] = put_list(w, e);
        else
            values[i] = (ready){ INT, width_of_signed(e->numbers[0]), e->numbers[0], 0 };
        key_values[i] = (ready){ STRING, 1, 0, keys[i] };
    }
    const size_t key_width = widest(w, key_values, count, 1, width_of(count));
    align(w, key_width);
    put_number(w, count, key_width);
    const size_t key_list = w->at;
    for (size_t i = 0; i < count; i++) put_value(w, &key_values[i], key_width);
    size_t width = width_of(count);
    const size_t to_keys = width_of_distance(w, key_list, 0);
    width = widest(w, values, count, 3, to_keys > width ? to_keys : width);
    align(w, width);
    put_number(w, w->at - key_list, width);
    put_number(w, key_width, width);
    put_number(w, count, width);
    const size_t map = w->at;
    for (size_t i = 0; i < count; i++) put_value(w, &values[i], width);
    for (size_t i = 0; i < count; i++) put_number(w, packed_type(&values[i], width), 1);
    const size_t root_width = width_of_distance(w, map, 0);
    align(w, root_width);
    put_number(w, w->at - map, root_width);
    put_number(w, (uint64_t)(MAP << 2 | log2_of(width)), 1);
    put_number(w, root_width, 1);
}

/* ---- all ------------------------------------------------------------------------------------------- */

static crl_status write_package(const crl_package_tree *t, uint8_t *executables[], crl_tree_text *texts, uint8_t **multi, uint8_t **package,
                                size_t *size, crl_pile *pile, crl_error *err)
{
    crl_status s = CRL_OK;
    size_t n = 0;
    for (int32_t i = 0; i < t->n_executables && !s; i++) {
        s = crl_back_write(t->executables[i], NULL, &executables[i], &n, err);
        texts[i] = (crl_tree_text){ (char *)executables[i], n };
    }
    crl_tree *root = crl_tree_new(pile, CRL_TABLE_MULTI_EXECUTABLE), *outer = crl_tree_new(pile, CRL_TABLE_PACKAGE);
    if (!s && (!root || !outer)) s = crl_fail_memory(err, "a package");
    if (s) return s;
    *crl_tree_at(root, CRL_FIELD_MULTI_EXECUTABLE_SERIALIZED_EXECUTABLES) =
        (crl_tree_value){ .texts = texts, .n = (uint32_t)t->n_executables, .present = true };
    s = crl_back_write(root, NULL, multi, &n, err);
    if (s) return s;
    memcpy(outer->value, t->package->value, crl_schema_tables[CRL_TABLE_PACKAGE].n * sizeof *outer->value);
    *crl_tree_at(outer, CRL_FIELD_PACKAGE_SERIALIZED_MULTI_EXECUTABLE) = (crl_tree_value){ .list = *multi, .n = (uint32_t)n, .present = true };
    return crl_back_write(outer, "DWN1", package, size, err);
}

crl_status crl_package_tree_write(const crl_package_tree *t, uint8_t **bytes, size_t *size, crl_error *err)
{
    uint8_t *executables[CRL_EXECUTABLES_MOST] = { NULL }, *multi = NULL, *package = NULL;
    crl_tree_text texts[CRL_EXECUTABLES_MOST];
    crl_pile pile = { 0 };
    size_t n = 0;
    writer w = { NULL, 0 };
    *bytes = NULL;
    *size = 0;
    crl_status s = write_package(t, executables, texts, &multi, &package, &n, &pile, err);
    if (!s) {
        write_options(&w, t, package, n);
        w = (writer){ crl_alloc(w.at), 0 };
        if (!w.out) s = crl_fail_memory(err, "options");
    }
    if (!s) {
        write_options(&w, t, package, n);
        *bytes = w.out;
        *size = w.at;
    }
    for (int32_t i = 0; i < CRL_EXECUTABLES_MOST; i++) crl_free(executables[i]);
    crl_free(multi);
    crl_free(package);
    crl_pile_free(&pile);
    return s;
}
