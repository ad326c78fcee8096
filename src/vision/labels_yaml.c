/* SPDX-License-Identifier: Apache-2.0 */
/* The names of classes in a YAML file, as the data sets and the exported models of Ultralytics have them:
 *
 *   names: [person, bicycle]      names: {0: person}      names:        names:
 *                                                           0: person     - person
 *
 * Only as much of YAML is read as such lists need; the rest of the file is passed over. */
#include <string.h>

#include "base/error.h"
#include "vision/labels.h"

/* The value of a line: without blanks, a remark, and quotes. */
static size_t cut_value(char **text, const char *end)
{
    char *p = *text;
    while (p < end && (*p == ' ' || *p == '\t')) p++;
    *text = p;
    if (p < end && (*p == '"' || *p == '\'')) {
        const char quote = *p;
        for (p++; p < end && (*p != quote || (quote == '\'' && p + 1 < end && p[1] == quote)); p++)
            if ((*p == quote || (*p == '\\' && quote == '"')) && p + 1 < end) p++;
        ++*text;
        return crl_labels_unescape(*text, (size_t)(p - *text), quote);
    }
    char *stop = p;
    while (stop < end && !(*stop == '#' && (stop == p || crl_label_blank(stop[-1])))) stop++;
    while (stop > p && crl_label_blank(stop[-1])) stop--;
    return (size_t)(stop - p);
}

/* The next line that holds something, from its indentation on; NULL: the text is at its end. */
static char *next_line(char *p, int32_t *indent, char **end)
{
    while (*p) {
        *end = p + strcspn(p, "\r\n");
        const size_t n = strspn(p, " \t");
        *indent = (int32_t)n;
        if (p + n < *end && p[n] != '#') return p + n;
        p = **end ? *end + 1 : *end;
    }
    return NULL;
}

static bool is_item(const char *p)
{
    return *p == '-' && (crl_label_blank(p[1]) || !p[1]);
}

/* The colon that ends the key of "key: value", NULL: the line has none. */
static char *key_end(char *p, const char *end)
{
    if (*p == '"' || *p == '\'') {
        char *close = memchr(p + 1, *p, (size_t)(end - p - 1));
        if (!close) return NULL;
        p = close + 1;
        return p < end && *p == ':' ? p : NULL;
    }
    for (; p < end; p++)
        if (*p == ':' && (p + 1 == end || crl_label_blank(p[1]))) return p;
    return NULL;
}

char *crl_labels_find_yaml(const crl_labels *l)
{
    for (char *p = l->text; *p;) {
        char *end = p + strcspn(p, "\r\n");
        if (!strncmp(p, "names:", 6)) {
            char *value = p + 6, *next_end;
            if (!cut_value(&value, end)) {
                int32_t indent;
                value = next_line(end, &indent, &next_end);
                if (value && (is_item(value) || (indent && (strchr("[{", *value) || key_end(value, next_end))))) return p + 6;
            } else if (strchr("[{", *value)) return p + 6;
        }
        p = *end ? end + 1 : end;
    }
    return NULL;
}

static crl_status read_line(crl_labels *l, char *p, char *end, int64_t place, crl_error *err)
{
    if (is_item(p)) {
        p++;
        const size_t n = cut_value(&p, end);
        return crl_labels_add(l, place, p, n, err);
    }
    char *colon = key_end(p, end), *key = p, *value = colon ? colon + 1 : p;
    if (colon) {
        const size_t key_n = cut_value(&key, colon), n = cut_value(&value, end);
        int64_t index;
        l->numbered = true;
        if (crl_label_number(key, key_n, &index)) return crl_labels_add(l, index, value, n, err);
        if (crl_label_number(value, n, &index)) return crl_labels_add(l, index, key, key_n, err);
    }
    return crl_fail(err, CRL_ERR_FORMAT, "line %d: under \"names:\" lines are \"- name\" or \"number: name\"", crl_labels_line(l, p));
}

crl_status crl_labels_read_yaml(crl_labels *l, char *at, crl_error *err)
{
    char *end;
    int32_t indent, first = -1;
    char *p = next_line(at, &indent, &end);
    if (p && (*p == '[' || *p == '{')) return crl_labels_read_flow(l, p, err);
    crl_status s = CRL_OK;
    for (int64_t place = 0; p && !s; place++) {
        if (first < 0) first = indent;
        if (indent < first || (!indent && !is_item(p))) break;
        char *next = *end ? end + 1 : end;
        s = read_line(l, p, end, place, err);
        p = next_line(next, &indent, &end);
    }
    return s;
}
