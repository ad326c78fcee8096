/* SPDX-License-Identifier: Apache-2.0 */
/* Labels in brackets: JSON, a list or dictionary as Python prints it, and the same in YAML. One reader for all three:
 *
 *   value:  [ value, ... ]   { key: value, ... }   "text"   'text'   text without quotes
 *
 * It makes a tree, in which the names are then looked for: a list of names, numbers to names, names to numbers, a list
 * of objects that have a name, or one of these under a key that says so. */
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/error.h"
#include "vision/labels.h"

enum { MAX_DEPTH = 32 };

typedef enum kind { TEXT, LIST, MAP } kind;

typedef struct node {
    kind kind;
    bool quoted;
    char *key, *text; /* of members of a map; of TEXT */
    int32_t key_n, text_n;
    int32_t first, next; /* members and the next of one's own list; 0: none, since node 0 is the root */
} node;

typedef struct reader {
    crl_labels *labels;
    node *nodes; /* [n] */
    int32_t n, room;
    char *p;
    crl_error *err;
} reader;

static crl_status broken(const reader *r, const char *wanted)
{
    const char found = *r->p;
    const int line = crl_labels_line(r->labels, r->p);
    if (!found) return crl_fail(r->err, CRL_ERR_FORMAT, "a list in brackets ends too early: %s is expected in line %d", wanted, line);
    return crl_fail(r->err, CRL_ERR_FORMAT, "a list in brackets is broken: line %d has the byte 0x%02x, %s is expected", line,
                    (unsigned char)found, wanted);
}

/* Blanks, and remarks of Python and YAML. */
static void skip_blanks(reader *r)
{
    for (;; r->p++) {
        if (*r->p == '#') r->p += strcspn(r->p, "\r\n");
        if (!crl_label_blank(*r->p)) return;
    }
}

/* A text with or without quotes, which ends where `stops` say. */
static crl_status read_scalar(reader *r, const char *stops, char **text, int32_t *n, bool *quoted)
{
    if ((*r->p == 'u' || *r->p == 'b') && (r->p[1] == '\'' || r->p[1] == '"')) r->p++; /* Python's prefixes */
    const char quote = *r->p;
    *quoted = quote == '"' || quote == '\'';
    *text = r->p + *quoted;
    if (!*quoted) {
        while (*r->p && !strchr(stops, *r->p) && *r->p != '\n' && *r->p != '\r') r->p++;
        *n = (int32_t)(r->p - *text);
        while (*n && crl_label_blank((*text)[*n - 1])) --*n;
        return *n ? CRL_OK : broken(r, "a name");
    }
    char *p = *text;
    for (; *p && (*p != quote || (quote == '\'' && p[1] == quote)); p++)
        if (*p == quote || (*p == '\\' && p[1])) p++;
    if (!*p) {
        r->p = p;
        return broken(r, "a quotation mark");
    }
    *n = (int32_t)crl_labels_unescape(*text, (size_t)(p - *text), quote);
    r->p = p + 1;
    return CRL_OK;
}

/* 0: no room, which cannot be, since it was counted. */
static int32_t new_node(reader *r)
{
    return r->n < r->room ? r->n++ : 0;
}

static crl_status read_value(reader *r, int32_t at, int depth);

/* Members, up to the bracket that closes. */
static crl_status read_members(reader *r, int32_t parent, char close, int depth)
{
    int32_t last = 0;
    for (r->p++, skip_blanks(r); *r->p != close; skip_blanks(r)) {
        const int32_t at = new_node(r);
        node *v = &r->nodes[at];
        crl_status s = CRL_OK;
        if (!at) return crl_fail_memory(r->err, "labels");
        if (close == '}') {
            bool quoted;
            s = read_scalar(r, ":,]}", &v->key, &v->key_n, &quoted);
            if (!s) skip_blanks(r);
            if (!s && *r->p != ':') s = broken(r, "\":\"");
            if (s) return s;
            r->p++;
            skip_blanks(r);
        }
        s = read_value(r, at, depth + 1);
        if (s) return s;
        if (last) r->nodes[last].next = at;
        else r->nodes[parent].first = at;
        last = at;
        skip_blanks(r);
        if (*r->p == ',') r->p++;
        else if (*r->p != close) return broken(r, close == ']' ? "\",\" or \"]\"" : "\",\" or \"}\"");
    }
    r->p++;
    return CRL_OK;
}

static crl_status read_value(reader *r, int32_t at, int depth)
{
    node *v = &r->nodes[at];
    if (depth > MAX_DEPTH)
        return crl_fail(r->err, CRL_ERR_FORMAT, "line %d has more than %d brackets within each other",
                        crl_labels_line(r->labels, r->p), MAX_DEPTH);
    v->kind = *r->p == '[' || *r->p == '(' ? LIST : *r->p == '{' ? MAP : TEXT;
    if (v->kind == TEXT) return read_scalar(r, ",]})", &v->text, &v->text_n, &v->quoted);
    return read_members(r, at, *r->p == '[' ? ']' : *r->p == '(' ? ')' : '}', depth);
}

/* ---- from the tree to names ---- */

static bool is_word(const char *text, int32_t n, const char *const *words)
{
    for (; *words; words++)
        if (strlen(*words) == (size_t)n && !strncasecmp(*words, text, (size_t)n)) return true;
    return false;
}

static const char *const no_name[] = { "null", "none", "~", NULL };
static const char *const name_keys[] = { "display_name", "name", "label", "class", "class_name", "title", NULL };
static const char *const number_keys[] = { "id", "index", "class_id", "label_id", "classid", NULL };
static const char *const list_keys[] = { "names", "labels", "classes", "class_names", "categories", "id2label", "label_map",
                                         "labelmap", "label2id", "class_indices", "class_to_idx", "items", NULL };

/* The member of a map whose key is the earliest of `keys`, NULL: there is none. */
static const node *member(const reader *r, const node *map, const char *const *keys)
{
    for (; *keys; keys++)
        for (int32_t i = map->first; i; i = r->nodes[i].next) {
            const char *const one[] = { *keys, NULL };
            if (is_word(r->nodes[i].key, r->nodes[i].key_n, one)) return &r->nodes[i];
        }
    return NULL;
}

/* The text that names a member: itself, the last text of a list (ImageNet's have the synset in front), or by its key. */
static const node *name_of(const reader *r, const node *v)
{
    if (v->kind == MAP) v = member(r, v, name_keys);
    if (!v || v->kind == MAP) return NULL;
    if (v->kind == TEXT) return !v->quoted && is_word(v->text, v->text_n, no_name) ? NULL : v;
    const node *last = NULL;
    for (int32_t i = v->first; i; i = r->nodes[i].next)
        if (r->nodes[i].kind == TEXT) last = &r->nodes[i];
    return last;
}

static bool number_of(const reader *r, const node *v, int64_t *index)
{
    if (v->kind == MAP) v = member(r, v, number_keys);
    return v && v->kind == TEXT && crl_label_number(v->text, (size_t)v->text_n, index);
}

typedef enum reading { NUMBER_IN_KEY, NUMBER_IN_VALUE, NUMBER_IN_MEMBER, NUMBER_IS_PLACE } reading;

static crl_status add_all(const reader *r, const node *parent, reading how)
{
    crl_status s = CRL_OK;
    int64_t index = 0;
    int32_t place = 0;
    r->labels->numbered = how != NUMBER_IS_PLACE;
    for (int32_t i = parent->first; i && !s; i = r->nodes[i].next, place++) {
        const node *v = &r->nodes[i], *name = how == NUMBER_IN_VALUE ? v : name_of(r, v);
        if (how == NUMBER_IN_KEY) crl_label_number(v->key, (size_t)v->key_n, &index);
        else if (how == NUMBER_IS_PLACE) index = place;
        else number_of(r, v, &index);
        if (name) s = how == NUMBER_IN_VALUE ? crl_labels_add(r->labels, index, v->key, (size_t)v->key_n, r->err)
                                             : crl_labels_add(r->labels, index, name->text, (size_t)name->text_n, r->err);
    }
    return s;
}

static bool all_numbers(const reader *r, const node *parent, bool of_keys)
{
    int64_t ignored;
    for (int32_t i = parent->first; i; i = r->nodes[i].next) {
        const node *v = &r->nodes[i];
        if (!(of_keys ? crl_label_number(v->key, (size_t)v->key_n, &ignored) : number_of(r, v, &ignored))) return false;
    }
    return true;
}

static crl_status take(const reader *r, const node *v)
{
    bool maps = v->first != 0;
    for (int32_t i = v->first; i; i = r->nodes[i].next) maps &= r->nodes[i].kind == MAP;
    if (v->kind == LIST) return add_all(r, v, maps && all_numbers(r, v, false) ? NUMBER_IN_MEMBER : NUMBER_IS_PLACE);
    if (v->kind == MAP) {
        const node *inner = member(r, v, list_keys);
        if (inner && inner->kind != TEXT) return take(r, inner);
        if (all_numbers(r, v, true)) return add_all(r, v, NUMBER_IN_KEY);
        if (!maps && all_numbers(r, v, false)) return add_all(r, v, NUMBER_IN_VALUE);
    }
    return crl_fail(r->err, CRL_ERR_FORMAT, "brackets that name no classes; [\"name\", ..], {\"0\": \"name\", ..}, "
                    "{\"name\": 0, ..}, [{\"id\": 0, \"name\": ..}, ..] and these under \"names\" or \"labels\" do");
}

/* A name in brackets may well begin a line; names in a list are in quotes, or numbers stand with them. */
bool crl_labels_is_flow(const crl_labels *l)
{
    const char *p = l->text;
    while (crl_label_blank(*p)) p++;
    if (*p != '[' && *p != '{') return false;
    for (p++; crl_label_blank(*p);) p++;
    return strchr("\"'[]{}0123456789", *p) != NULL || !strncmp(p, "u'", 2);
}

/* Objects after each other, one a line, are a list: node 0 becomes that. */
static crl_status read_all(reader *r)
{
    skip_blanks(r);
    crl_status s = read_value(r, 0, 0);
    int32_t last = 0;
    for (skip_blanks(r); !s && *r->p == '{'; skip_blanks(r)) {
        if (!last) {
            last = new_node(r);
            r->nodes[last] = r->nodes[0];
            r->nodes[0] = (node){ .kind = LIST, .first = last };
        }
        const int32_t at = new_node(r);
        if (!at) return crl_fail_memory(r->err, "labels");
        s = read_value(r, at, 1);
        r->nodes[last].next = at;
        last = at;
    }
    return s;
}

crl_status crl_labels_read_flow(crl_labels *l, char *at, crl_error *err)
{
    reader r = { .labels = l, .p = at, .err = err, .n = 1, .room = l->room + 2 };
    r.nodes = crl_alloc_array((size_t)r.room, sizeof *r.nodes);
    if (!r.nodes) return crl_fail_memory(err, "labels");
    crl_status s = read_all(&r);
    if (!s && at == l->text && *r.p && *r.p != ';') s = broken(&r, "the end");
    if (!s) s = take(&r, &r.nodes[0]);
    crl_free(r.nodes);
    return s;
}
