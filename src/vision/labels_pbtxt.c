/* SPDX-License-Identifier: Apache-2.0 */
/* Label maps of TensorFlow's Object Detection API, protobuf in its text form:
 *
 *   item { id: 1 name: "/m/01g317" display_name: "person" }
 *
 * Their numbers start at 1, since 0 stands for the background, but the detectors count classes from 0: item 1 names
 * class 0. A map that has an item 0 is taken as it is. */
#include <string.h>

#include "base/error.h"
#include "vision/labels.h"

typedef struct reader {
    crl_labels *labels;
    char *p;
    crl_error *err;
} reader;

typedef struct word {
    char *text;
    size_t n;
} word;

static char *skip_blanks(char *p)
{
    for (;; p++) {
        if (*p == '#') p += strcspn(p, "\r\n");
        if (!crl_label_blank(*p)) return p;
    }
}

static size_t identifier(const char *p)
{
    return strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
}

/* What follows "item {", NULL: that is not there. */
static char *open_item(char *p)
{
    p = skip_blanks(p);
    if (strncmp(p, "item", 4)) return NULL;
    p = skip_blanks(p + 4);
    if (*p == ':') p = skip_blanks(p + 1);
    return *p == '{' ? p + 1 : NULL;
}

bool crl_labels_is_pbtxt(const crl_labels *l)
{
    return open_item(l->text) != NULL;
}

static crl_status broken(const reader *r, const char *wanted)
{
    return crl_fail(r->err, CRL_ERR_FORMAT, "the label map is broken in line %d: %s is expected",
                    crl_labels_line(r->labels, r->p), wanted);
}

/* A value, in quotes or not. */
static crl_status read_value(reader *r, word *v)
{
    const char quote = *r->p;
    if (quote != '"' && quote != '\'') {
        *v = (word){ r->p, strcspn(r->p, " \t\r\n,;}{") };
        r->p += v->n;
        return v->n ? CRL_OK : broken(r, "a value");
    }
    char *start = ++r->p;
    for (; *r->p && *r->p != quote; r->p++)
        if (*r->p == '\\' && r->p[1]) r->p++;
    if (!*r->p) return broken(r, "a quotation mark");
    *v = (word){ start, crl_labels_unescape(start, (size_t)(r->p - start), quote) };
    r->p++;
    return CRL_OK;
}

/* What a nested message holds (keypoints) is of no use here. */
static crl_status skip_message(reader *r)
{
    int depth = 0;
    word ignored;
    do {
        r->p = skip_blanks(r->p);
        if (!*r->p) return broken(r, "\"}\"");
        if (*r->p == '"' || *r->p == '\'') {
            const crl_status s = read_value(r, &ignored);
            if (s) return s;
            continue;
        }
        if (*r->p == '{') depth++;
        if (*r->p == '}') depth--;
        r->p++;
    } while (depth);
    return CRL_OK;
}

/* The fields of an item, whose bracket has been passed. */
static crl_status read_item(reader *r, int64_t place, crl_error *err)
{
    word name = { 0 }, shown = { 0 };
    int64_t id = place;
    for (r->p = skip_blanks(r->p); *r->p != '}'; r->p = skip_blanks(r->p)) {
        const word key = { r->p, identifier(r->p) };
        if (!key.n) return broken(r, *r->p ? "the name of a field" : "\"}\"");
        r->p = skip_blanks(r->p + key.n);
        const bool colon = *r->p == ':';
        if (colon) r->p = skip_blanks(r->p + 1);
        word v = { 0 };
        crl_status s = *r->p == '{' ? skip_message(r) : colon ? read_value(r, &v) : broken(r, "\":\"");
        if (s) return s;
        if (key.n == 2 && !memcmp(key.text, "id", 2) && !crl_label_number(v.text, v.n, &id))
            return broken(r, "a number for the id");
        if (key.n == 4 && !memcmp(key.text, "name", 4)) name = v;
        if (key.n == 12 && !memcmp(key.text, "display_name", 12)) shown = v;
        r->p = skip_blanks(r->p);
        if (*r->p == ',' || *r->p == ';') r->p++;
    }
    r->p++;
    if (shown.n) name = shown;
    return crl_labels_add(r->labels, id, name.text, name.n, err);
}

crl_status crl_labels_read_pbtxt(crl_labels *l, crl_error *err)
{
    reader r = { l, l->text, err };
    crl_status s = CRL_OK;
    for (int64_t place = 1; !s && *skip_blanks(r.p); place++) {
        r.p = skip_blanks(r.p);
        char *inside = open_item(r.p);
        if (!inside) return broken(&r, "\"item {\"");
        r.p = inside;
        s = read_item(&r, place, err);
    }
    l->numbered = true;
    l->taken_front = true;
    for (int32_t i = 0; i < l->n; i++) l->taken_front &= l->entries[i].index > 0;
    return s;
}
