/* SPDX-License-Identifier: Apache-2.0 */
/* Names of classes: from bytes to text, which form the text has, and looking names up. See labels.h. */
#include "vision/labels.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/file.h"
#include "base/kind.h"
#include "vision/vision.h"

/* The largest lists have some 20000 names; and a picture or a model given by mistake is not read in full. */
#define CRL_LABELS_MAX_BYTES ((size_t)8 << 20)

/* ---- bytes to UTF-8 ---- */

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

static crl_status check_text(const uint8_t *p, size_t n, crl_error *err)
{
    size_t line = 1;
    for (size_t i = 0; i < n;) {
        const size_t length = utf8_length(p + i, n - i);
        if (!length || !p[i])
            return crl_fail(err, CRL_ERR_FORMAT, "line %zu has the byte 0x%02x; labels are text in UTF-8 or UTF-16", line, p[i]);
        if (p[i] == '\n' || (p[i] == '\r' && (i + 1 == n || p[i + 1] != '\n'))) ++line;
        i += length;
    }
    return CRL_OK;
}

/* UTF-16 announces itself by its byte order mark; without one, by the zero beside a first ASCII character. */
static bool is_utf16(const uint8_t *p, size_t n, bool *big_endian)
{
    *big_endian = n >= 2 && (p[0] == 0xfe || p[0] == 0);
    return n >= 2 && n % 2 == 0 &&
           ((p[0] == 0xff && p[1] == 0xfe) || (p[0] == 0xfe && p[1] == 0xff) || (!p[0] && p[1]) || (p[0] && !p[1]));
}

static char *put_utf8(char *to, uint32_t c)
{
    if (c < 0x80) {
        *to++ = (char)c;
        return to;
    }
    if (c >= 0x10000) *to++ = (char)(0xf0 | c >> 18), *to++ = (char)(0x80 | (c >> 12 & 0x3f));
    else if (c >= 0x800) *to++ = (char)(0xe0 | c >> 12);
    if (c >= 0x800) *to++ = (char)(0x80 | (c >> 6 & 0x3f));
    else *to++ = (char)(0xc0 | c >> 6);
    *to++ = (char)(0x80 | (c & 0x3f));
    return to;
}

/* `to` has three bytes for each unit. A half of a pair becomes the character that says so. */
static size_t from_utf16(char *to, const uint8_t *p, size_t n, bool big_endian)
{
    const int high = big_endian ? 0 : 1;
    const char *start = to;
    for (size_t i = 0; i + 1 < n; i += 2) {
        uint32_t c = (uint32_t)p[i + (size_t)high] << 8 | p[i + 1 - (size_t)high];
        if (c >= 0xd800 && c < 0xdc00 && i + 3 < n) {
            const uint32_t next = (uint32_t)p[i + 2 + (size_t)high] << 8 | p[i + 3 - (size_t)high];
            if (next >= 0xdc00 && next < 0xe000) c = 0x10000 + ((c - 0xd800) << 10) + (next - 0xdc00), i += 2;
        }
        if (c >= 0xd800 && c < 0xe000) c = 0xfffd;
        if (c != 0xfeff || i) to = put_utf8(to, c);
    }
    return (size_t)(to - start);
}

/* ---- readers' tools ---- */

static void cut_blanks(char **text, size_t *n)
{
    while (*n && crl_label_blank(**text)) ++*text, --*n;
    while (*n && crl_label_blank((*text)[*n - 1])) --*n;
}

crl_status crl_labels_add(crl_labels *l, int64_t index, char *name, size_t n, crl_error *err)
{
    cut_blanks(&name, &n);
    if (!n) return CRL_OK;
    if (index < 0 || index >= INT32_MAX)
        return crl_fail(err, CRL_ERR_FORMAT, "line %d numbers a class %lld; 0 to %d is accepted", crl_labels_line(l, name),
                        (long long)index, INT32_MAX - 1);
    if (l->n == l->room) return crl_fail_memory(err, "labels"); /* cannot be: the room was counted */
    if (index >= l->end) l->end = (int32_t)index + 1;
    if (n == 3 && !memcmp(name, "???", 3)) {
        l->hole_first |= index == 0 && !l->n;
        return CRL_OK;
    }
    l->entries[l->n] = (crl_label){ (int32_t)index, l->n, name, (int32_t)n };
    l->n++;
    return CRL_OK;
}

static int by_index(const void *a, const void *b)
{
    const crl_label *x = a, *y = b;
    if (x->index != y->index) return x->index < y->index ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

/* By index; of two with one index the later counts. */
static void sort(crl_labels *l)
{
    qsort(l->entries, (size_t)l->n, sizeof *l->entries, by_index);
    int32_t kept = 0;
    for (int32_t i = 0; i < l->n; i++) {
        if (kept && l->entries[kept - 1].index == l->entries[i].index) kept--;
        l->entries[kept++] = l->entries[i];
    }
    l->n = kept;
}

void crl_labels_shift(crl_labels *l, int32_t by)
{
    int32_t kept = 0;
    for (int32_t i = 0; i < l->n; i++) {
        l->entries[kept] = l->entries[i];
        l->entries[kept].index += by;
        if (l->entries[kept].index >= 0) kept++;
    }
    l->n = kept;
    if (l->end) l->end += by;
}

bool crl_label_number(const char *text, size_t n, int64_t *number)
{
    *number = 0;
    for (size_t i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
        if (*number < INT32_MAX) *number = *number * 10 + (text[i] - '0');
    }
    return n > 0;
}

int crl_labels_line(const crl_labels *l, const char *at)
{
    int line = 1;
    for (const char *p = l->text; p < at; p++)
        if (*p == '\n' || (*p == '\r' && p[1] != '\n')) line++;
    return line;
}

/* The value of `digits` hexadecimal digits at p, of n bytes; -1: they are not there. */
static int32_t read_hex(const char *p, size_t n, size_t digits)
{
    int32_t v = 0;
    for (size_t i = 0; i < digits; i++) {
        const char c = i < n ? p[i] : 0;
        const int d = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
        if (d < 0) return -1;
        v = v << 4 | d;
    }
    return v;
}

/* The character of \uXXXX or \xXX, whose letter is p[0]; *used grows by what follows the letter. */
static uint32_t read_escape(const char *p, size_t n, size_t *used)
{
    const size_t digits = p[0] == 'u' ? 4 : 2;
    int32_t c = read_hex(p + 1, n - 1, digits);
    if (c < 0) return '?';
    *used += digits;
    if (c >= 0xd800 && c < 0xdc00 && n >= 11 && p[5] == '\\' && p[6] == 'u') {
        const int32_t low = read_hex(p + 7, n - 7, 4);
        if (low >= 0xdc00 && low < 0xe000) c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00), *used += 6;
    }
    return c < 0x20 || (c >= 0xd800 && c < 0xe000) ? '?' : (uint32_t)c;
}

size_t crl_labels_unescape(char *text, size_t n, char quote)
{
    char *to = text;
    for (size_t i = 0; i < n; i++) {
        const char c = text[i], next = i + 1 < n ? text[i + 1] : 0;
        if (c == '\'' && quote == '\'' && next == '\'') i++; /* YAML */
        if (c != '\\' || !next || (quote == '\'' && next != '\'' && next != '\\')) {
            *to++ = c;
            continue;
        }
        i++;
        if (next == 'u' || next == 'x') to = put_utf8(to, read_escape(text + i, n - i, &i));
        else *to++ = strchr("nrtbf", next) ? ' ' : next;
    }
    return (size_t)(to - text);
}

/* ---- which form ---- */

/* Files that are something else: lines of names could be made of some, none of them meant. */
static crl_status refuse_others(const uint8_t *bytes, size_t size, crl_error *err)
{
    const crl_kind *kind = crl_kind_of(bytes, size);
    if (!kind || !size || kind->family == CRL_KIND_TEXT) return CRL_OK;
    return crl_fail(err, CRL_ERR_FORMAT, "no labels: this is %s%s%s", kind->what, kind->cure ? ": " : "",
                    kind->cure ? kind->cure : "");
}

static crl_status read_text(crl_labels *l, crl_error *err)
{
    crl_status s;
    char *yaml = crl_labels_find_yaml(l);
    if (crl_labels_is_flow(l)) s = crl_labels_read_flow(l, l->text, err);
    else if (crl_labels_is_pbtxt(l)) s = crl_labels_read_pbtxt(l, err);
    else if (yaml) s = crl_labels_read_yaml(l, yaml, err);
    else s = crl_labels_read_lines(l, err);
    if (s) return s;
    for (int32_t i = 0; i < l->n; i++) l->entries[i].name[l->entries[i].bytes] = 0;
    sort(l);
    /* The lists of TensorFlow's detectors begin with "???" for the background, of which the models do not speak. */
    l->taken_front |= l->hole_first && !l->numbered;
    if (l->taken_front) crl_labels_shift(l, -1);
    return CRL_OK;
}

/* As many names as a text can have: something parts each from the next. */
static size_t count_names(const crl_labels *l)
{
    size_t n = 1;
    for (size_t i = 0; i < l->bytes; i++) n += strchr("\r\n,[{(", l->text[i]) != NULL;
    return n;
}

crl_status crl_labels_parse(crl_labels **out, const void *text, size_t bytes, crl_error *err)
{
    *out = NULL;
    const uint8_t *p = text;
    if (bytes > CRL_LABELS_MAX_BYTES)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "%zu bytes of labels; at most %zu are accepted", bytes, CRL_LABELS_MAX_BYTES);
    if (bytes >= 3 && !memcmp(p, "\xef\xbb\xbf", 3)) p += 3, bytes -= 3; /* byte order mark */
    crl_status s = refuse_others(p, bytes, err);
    if (s) return s;
    bool big_endian;
    const bool wide = is_utf16(p, bytes, &big_endian);
    crl_labels *l = crl_alloc(sizeof *l);
    if (l) l->text = crl_alloc((wide ? bytes / 2 * 3 : bytes) + 1);
    if (!l || !l->text) {
        crl_labels_free(l);
        return crl_fail_memory(err, "labels");
    }
    if (wide) l->bytes = from_utf16(l->text, p, bytes, big_endian);
    else if (bytes) memcpy(l->text, p, l->bytes = bytes);
    s = check_text((const uint8_t *)l->text, l->bytes, err);
    if (!s) {
        const size_t room = count_names(l);
        l->entries = crl_alloc_array(room, sizeof *l->entries);
        l->room = (int32_t)room;
        s = l->entries ? read_text(l, err) : crl_fail_memory(err, "labels");
    }
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

/* ---- looking up ---- */

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
    return labels ? labels->end : 0;
}
