/* SPDX-License-Identifier: Apache-2.0 */
/* Names of classes. The text is copied and cut up in place; entries are sorted by index. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/file.h"
#include "vision/vision.h"

#define CRL_LABELS_MAX_BYTES ((size_t)64 << 20)

typedef struct entry {
    int32_t index;
    int32_t line;
    const char *name;
} entry;

struct crl_labels {
    char *text;
    entry *entries; /* [n], by index, each index once */
    int32_t n;
};

/* Length of the UTF-8 character at p, of n bytes; 0: it is none. Source: RFC 3629, section 4. */
static size_t utf8_length(const uint8_t *p, size_t n)
{
    if (p[0] < 0x80) return 1;
    const size_t length = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || n < length) return 0;
    const uint8_t low = p[0] == 0xe0 ? 0xa0 : p[0] == 0xf0 ? 0x90 : 0x80, high = p[0] == 0xed ? 0x9f : p[0] == 0xf4 ? 0x8f : 0xbf;
    if (p[1] < low || p[1] > high) return 0;
    for (size_t i = 2; i < length; i++)
        if ((p[i] & 0xc0) != 0x80) return 0;
    return length;
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Checks that all is text, and counts lines. */
static crl_status check_text(const uint8_t *p, size_t n, size_t *lines, crl_error *err)
{
    *lines = 1;
    for (size_t i = 0; i < n;) {
        const size_t length = utf8_length(p + i, n - i);
        if (!length || !p[i])
            return crl_fail(err, CRL_ERR_FORMAT, "line %zu has the byte 0x%02x; labels are lines of UTF-8 text", *lines, p[i]);
        if (p[i] == '\n' || (p[i] == '\r' && (i + 1 == n || p[i + 1] != '\n'))) ++*lines;
        i += length;
    }
    return CRL_OK;
}

/* One line, without its end, zero-terminated: blanks around it are cut off, then "digits, blanks or colons, rest". */
static crl_status parse_line(entry *e, char *line, int32_t number, crl_error *err)
{
    while (is_blank(*line)) line++;
    size_t n = strlen(line);
    while (n && is_blank(line[n - 1])) line[--n] = 0;
    *e = (entry){ number, number, line };
    const size_t digits = strspn(line, "0123456789");
    if (!digits || (line[digits] != ':' && !is_blank(line[digits]))) return CRL_OK;
    int64_t index = 0;
    for (size_t i = 0; i < digits && index < INT32_MAX; i++) index = index * 10 + (line[i] - '0');
    if (index >= INT32_MAX)
        return crl_fail(err, CRL_ERR_FORMAT, "line %d numbers a class %.*s; at most %d is accepted", number + 1,
                        digits > 20 ? 20 : (int)digits, line, INT32_MAX - 1);
    char *name = line + digits;
    while (*name == ':' || is_blank(*name)) name++;
    e->index = (int32_t)index;
    e->name = name;
    return CRL_OK;
}

static int by_index(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    if (x->index != y->index) return x->index < y->index ? -1 : 1;
    return x->line < y->line ? -1 : x->line > y->line;
}

/* Fills entries from l->text, which is cut up at the ends of lines. */
static crl_status parse_lines(crl_labels *l, crl_error *err)
{
    int32_t number = 0;
    for (char *line = l->text; *line; number++) {
        char *end = line + strcspn(line, "\r\n");
        char *next = end[0] == '\r' && end[1] == '\n' ? end + 2 : end[0] ? end + 1 : end;
        *end = 0;
        const crl_status s = parse_line(&l->entries[l->n], line, number, err);
        if (s) return s;
        if (*l->entries[l->n].name) l->n++;
        line = next;
    }
    qsort(l->entries, (size_t)l->n, sizeof *l->entries, by_index);
    int32_t kept = 0;
    for (int32_t i = 0; i < l->n; i++) {
        if (kept && l->entries[kept - 1].index == l->entries[i].index) kept--;
        l->entries[kept++] = l->entries[i];
    }
    l->n = kept;
    return CRL_OK;
}

crl_status crl_labels_parse(crl_labels **out, const void *text, size_t bytes, crl_error *err)
{
    *out = NULL;
    const uint8_t *p = text;
    if (bytes > CRL_LABELS_MAX_BYTES)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "%zu bytes of labels; at most %zu are accepted", bytes, CRL_LABELS_MAX_BYTES);
    if (bytes >= 3 && !memcmp(p, "\xef\xbb\xbf", 3)) p += 3, bytes -= 3; /* byte order mark */
    size_t lines;
    crl_status s = check_text(p, bytes, &lines, err);
    if (s) return s;
    crl_labels *l = crl_alloc(sizeof *l);
    if (l) {
        l->text = crl_alloc(bytes + 1);
        l->entries = crl_alloc_array(lines, sizeof *l->entries);
    }
    if (!l || !l->text || !l->entries) {
        crl_labels_free(l);
        return crl_fail_memory(err, "labels");
    }
    if (bytes) memcpy(l->text, p, bytes);
    s = parse_lines(l, err);
    if (s) {
        crl_labels_free(l);
        return s;
    }
    *out = l;
    return CRL_OK;
}

crl_status crl_labels_load(crl_labels **out, const char *path, crl_error *err)
{
    *out = NULL;
    uint8_t *bytes;
    size_t size;
    crl_status s = crl_file_read(&bytes, &size, path, CRL_LABELS_MAX_BYTES, err);
    if (s) return s;
    s = crl_labels_parse(out, bytes, size, err);
    crl_free(bytes);
    return s ? crl_within(err, s, "%s", path) : CRL_OK;
}

void crl_labels_free(crl_labels *labels)
{
    if (!labels) return;
    crl_free(labels->text);
    crl_free(labels->entries);
    crl_free(labels);
}

const char *crl_labels_get(const crl_labels *labels, int32_t index)
{
    int32_t low = 0, high = labels ? labels->n : 0;
    while (low < high) {
        const int32_t middle = low + (high - low) / 2;
        if (labels->entries[middle].index < index) low = middle + 1;
        else high = middle;
    }
    return labels && low < labels->n && labels->entries[low].index == index ? labels->entries[low].name : NULL;
}

int32_t crl_labels_count(const crl_labels *labels)
{
    return labels ? labels->n : 0;
}

int32_t crl_labels_end(const crl_labels *labels)
{
    return labels && labels->n ? labels->entries[labels->n - 1].index + 1 : 0;
}
