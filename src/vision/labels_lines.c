/* SPDX-License-Identifier: Apache-2.0 */
/* Labels in lines: a name, or a number and a name; columns under a heading; CVAT's label maps.
 *
 * Which of these a file is, the whole of it decides, not each line for itself: one "7 up" in a list of drinks is a
 * name. Lines that begin with "# " are remarks. */
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "vision/labels.h"

typedef struct line {
    char *text; /* blanks around it are cut off */
    size_t n;
    int32_t place; /* counts blank lines too, but no remarks */
} line;

typedef struct cursor {
    char *next;
    int32_t place;
} cursor;

/* CVAT's heading, too, is a remark, with or without the sign for one. */
static bool is_remark(const line *l)
{
    static const char heading[] = "label:color_rgb:";
    if (l->n > 1 && l->text[0] == '#' && crl_label_blank(l->text[1])) return true;
    return l->n >= sizeof heading - 1 && !memcmp(l->text, heading, sizeof heading - 1);
}

/* The next line that is not blank and no remark. */
static bool next_line(cursor *c, line *l)
{
    while (*c->next) {
        char *end = c->next + strcspn(c->next, "\r\n");
        *l = (line){ c->next, (size_t)(end - c->next), c->place };
        c->next = end[0] == '\r' && end[1] == '\n' ? end + 2 : end[0] ? end + 1 : end;
        while (l->n && crl_label_blank(l->text[0])) l->text++, l->n--;
        while (l->n && crl_label_blank(l->text[l->n - 1])) l->n--;
        if (is_remark(l)) continue;
        c->place++;
        if (l->n) return true;
    }
    return false;
}

static size_t digits_of(const line *l)
{
    size_t n = 0;
    while (n < l->n && l->text[n] >= '0' && l->text[n] <= '9') n++;
    return n;
}

/* ---- a number and a name ---- */

/* What stands between number and name: ':' or blanks, as pycoral has it, or, where every line has it, another sign. */
static bool has_number(const line *l)
{
    const size_t n = digits_of(l);
    return n && n < l->n && (l->text[n] == ':' || crl_label_blank(l->text[n]));
}

static bool has_sign(const line *l, char sign)
{
    const size_t n = digits_of(l);
    return n && n + 1 < l->n && l->text[n] == sign && !(sign == '.' && l->text[n + 1] >= '0' && l->text[n + 1] <= '9');
}

static bool every_line_has(const crl_labels *l, char sign)
{
    line at;
    int32_t n = 0;
    for (cursor c = { l->text, 0 }; next_line(&c, &at); n++)
        if (!has_sign(&at, sign)) return false;
    return n > 1;
}

/* '\0': no numbers; ':': numbers as has_number() knows them; else the sign that follows them. */
static char find_sign(const crl_labels *l)
{
    line at;
    int32_t lines = 0, numbered = 0;
    for (cursor c = { l->text, 0 }; next_line(&c, &at); lines++) numbered += has_number(&at);
    if (numbered && numbered >= lines - numbered) return ':';
    for (const char *sign = ",;.)=|"; *sign; sign++)
        if (every_line_has(l, *sign)) return *sign;
    return 0;
}

static crl_status add_numbered(crl_labels *l, const line *at, char sign, crl_error *err)
{
    const size_t digits = digits_of(at);
    int64_t index;
    crl_label_number(at->text, digits, &index);
    if (index >= INT32_MAX)
        return crl_fail(err, CRL_ERR_FORMAT, "line %d numbers a class %.*s; at most %d is accepted",
                        crl_labels_line(l, at->text), digits > 20 ? 20 : (int)digits, at->text, INT32_MAX - 1);
    char *name = at->text + digits, *end = at->text + at->n;
    if (sign != ':') name++;
    while (name < end && (crl_label_blank(*name) || (sign == ':' && *name == ':'))) name++;
    if (name + 1 < end && name[0] == '-' && crl_label_blank(name[1])) name++; /* "0 - name" */
    return crl_labels_add(l, index, name, (size_t)(end - name), err);
}

static crl_status read_plain(crl_labels *l, crl_error *err)
{
    const char sign = find_sign(l);
    l->numbered = sign != 0;
    crl_status s = CRL_OK;
    line at;
    for (cursor c = { l->text, 0 }; !s && next_line(&c, &at);) {
        const bool numbered = sign && (sign != ':' || has_number(&at));
        s = numbered ? add_numbered(l, &at, sign, err) : crl_labels_add(l, at.place, at.text, at.n, err);
    }
    return s;
}

/* ---- CVAT: "label:color_rgb:parts:actions" ---- */

/* The length of the name of "name:r,g,b:parts:actions", 0: the line is none. A heading names nothing. */
static size_t cvat_name(const line *l)
{
    const char *colon = memchr(l->text, ':', l->n), *end = l->text + l->n;
    if (!colon) return 0;
    const char *p = colon + 1;
    for (int i = 0; i < 3; i++) {
        const char *digits = p;
        while (p < end && *p >= '0' && *p <= '9') p++;
        if (p == digits || p == end || *p++ != (i < 2 ? ',' : ':')) return 0;
    }
    return memchr(p, ':', (size_t)(end - p)) ? (size_t)(colon - l->text) : 0;
}

static bool is_cvat(const crl_labels *l)
{
    line at;
    int32_t n = 0;
    for (cursor c = { l->text, 0 }; next_line(&c, &at); n++)
        if (!cvat_name(&at)) return false;
    return n > 0;
}

static crl_status read_cvat(crl_labels *l, crl_error *err)
{
    crl_status s = CRL_OK;
    line at;
    for (cursor c = { l->text, 0 }; !s && next_line(&c, &at);) s = crl_labels_add(l, at.place, at.text, cvat_name(&at), err);
    return s;
}

/* ---- columns under a heading ---- */

enum { MAX_COLUMNS = 32 };

typedef struct table {
    char separator;
    int n, number, name; /* which of n; number -1: none */
} table;

/* One field, without its quotes; returns what follows its separator, NULL after the last. */
static char *next_field(char *p, const char *end, char separator, char **field, size_t *n)
{
    while (p < end && *p != separator && crl_label_blank(*p)) p++;
    *field = p;
    if (p < end && *p == '"') {
        char *to = ++*field;
        for (p++; p < end && (*p != '"' || (p + 1 < end && p[1] == '"')); p++) {
            if (*p == '"') p++;
            *to++ = *p;
        }
        *n = (size_t)(to - *field);
        while (p < end && *p != separator) p++;
    } else {
        while (p < end && *p != separator) p++;
        *n = (size_t)(p - *field);
        while (*n && crl_label_blank((*field)[*n - 1])) --*n;
    }
    return p < end ? p + 1 : NULL;
}

/* The place of a word in a list, -1: it is not there. */
static int find_word(const char *const *words, const char *text, size_t n)
{
    for (int i = 0; words[i]; i++)
        if (strlen(words[i]) == n && !strncasecmp(words[i], text, n)) return i;
    return -1;
}

/* Headings as they are met with, the better ones first. */
static const char *const names[] = { "display_name", "displayname", "class_name", "classname", "label_name", "signname",
                                     "name", "label", "labels", "class", "category", "description", NULL };
static const char *const numbers[] = { "index", "id", "idx", "class_id", "classid", "label_id", "labelid", "number",
                                       "class_index", "no", "#", "", NULL };

static void cut_heading(char **text, size_t *n)
{
    while (*n && (crl_label_blank(**text) || **text == '"')) ++*text, --*n;
    while (*n && (crl_label_blank((*text)[*n - 1]) || (*text)[*n - 1] == '"')) --*n;
}

static bool read_heading(table *c, const line *heading, char separator)
{
    int name_rank = -1, number_rank = -1;
    *c = (table){ separator, 0, -1, -1 };
    const char *end = heading->text + heading->n;
    for (char *p = heading->text; p && c->n < MAX_COLUMNS; c->n++) {
        char *next = memchr(p, separator, (size_t)(end - p)), *field = p;
        size_t n = (size_t)((next ? next : end) - p);
        cut_heading(&field, &n);
        const int name = find_word(names, field, n), number = find_word(numbers, field, n);
        if (name >= 0 && (name_rank < 0 || name < name_rank)) name_rank = name, c->name = c->n;
        if (number >= 0 && (number_rank < 0 || number < number_rank)) number_rank = number, c->number = c->n;
        p = next ? next + 1 : NULL;
    }
    if (c->n == 2 && c->number >= 0 && c->name < 0) c->name = 1 - c->number;
    return c->n > 1 && c->name >= 0;
}

/* Columns are recognised by what the first line calls them. */
static bool find_columns(const crl_labels *l, table *columns)
{
    cursor c = { l->text, 0 };
    line heading;
    if (!next_line(&c, &heading)) return false;
    for (const char *separator = ",;\t"; *separator; separator++)
        if (read_heading(columns, &heading, *separator)) return true;
    return false;
}

static crl_status read_columns(crl_labels *l, const table *columns, crl_error *err)
{
    crl_status s = CRL_OK;
    line at;
    cursor c = { l->text, -1 };
    l->numbered = columns->number >= 0;
    next_line(&c, &at);
    while (!s && next_line(&c, &at)) {
        char *name = at.text, *field;
        size_t name_n = 0, n;
        int64_t index = at.place;
        int column = 0;
        for (char *p = at.text; p; column++) {
            p = next_field(p, at.text + at.n, columns->separator, &field, &n);
            if (column == columns->name) name = field, name_n = n;
            if (column == columns->number && !crl_label_number(field, n, &index))
                return crl_fail(err, CRL_ERR_FORMAT, "line %d has \"%.*s\" for the number of a class", crl_labels_line(l, at.text),
                                n > 40 ? 40 : (int)n, field);
        }
        s = crl_labels_add(l, index, name, name_n, err);
    }
    return s;
}

crl_status crl_labels_read_lines(crl_labels *l, crl_error *err)
{
    table c;
    if (find_columns(l, &c)) return read_columns(l, &c, err);
    return is_cvat(l) ? read_cvat(l, err) : read_plain(l, err);
}
