/* SPDX-License-Identifier: Apache-2.0 */
/* See state.h. */
#include "learn/state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <corallite/learn.h>

#include "io/say.h"

static const char magic[8] = { 'C', 'R', 'L', 'L', 'E', 'A', 'R', 'N' };
enum { VERSION = 1, LABEL_BYTES = CLI_LABEL_BYTES, PATH_BYTES = 65536, PICTURE_BYTES = 36, CHECK_BYTES = 8 };

/* FNV-1a (Fowler, Noll, Vo), and once more from another beginning with the next byte mixed in another way. */
cli_content cli_content_of(const void *bytes, size_t size)
{
    const uint8_t *p = bytes;
    uint64_t a = 0xcbf29ce484222325u, b = 0x9e3779b97f4a7c15u ^ size;
    for (size_t i = 0; i < size; i++) {
        a = (a ^ p[i]) * 0x100000001b3u;
        b = (b ^ p[i] ^ b >> 29) * 0xbf58476d1ce4e5b9u;
    }
    return (cli_content){ { a, b } };
}

/* ---- reading ---- */

typedef struct reader {
    const uint8_t *at;
    size_t left;
    bool ended; /* something was asked for that is not there */
} reader;

static const void *take(reader *r, size_t n)
{
    const uint8_t *at = r->at;
    if (r->ended || n > r->left) {
        r->ended = true;
        return NULL;
    }
    r->at += n;
    r->left -= n;
    return at;
}

static uint32_t take_u32(reader *r)
{
    uint32_t v = 0;
    const void *p = take(r, sizeof v);
    if (p) memcpy(&v, p, sizeof v);
    return v;
}

static uint64_t take_u64(reader *r)
{
    uint64_t v = 0;
    const void *p = take(r, sizeof v);
    if (p) memcpy(&v, p, sizeof v);
    return v;
}

/* A text of 1 to `most` bytes, without a zero; NULL: it is none. */
static char *take_text(reader *r, uint32_t most)
{
    const uint32_t n = take_u32(r);
    const char *p = n && n <= most ? take(r, n) : NULL;
    if (!p || memchr(p, 0, n)) return NULL;
    char *text = cli_alloc((size_t)n + 1, 1);
    memcpy(text, p, n);
    return text;
}

static const char *read_labels(cli_state *s, reader *r, uint32_t n)
{
    if (n > CRL_MAX_CLASSES || n > r->left / 5) return "too many labels";
    s->labels = cli_alloc((size_t)n + 1, sizeof *s->labels);
    for (; s->n_labels < n; s->n_labels++) {
        char *label = s->labels[s->n_labels] = take_text(r, LABEL_BYTES);
        if (!label) return "a label is missing";
        if (!strpbrk(label, "\r\n")) continue;
        free(label);
        return "a label has a line break";
    }
    return NULL;
}

static const char *read_picture(cli_state *s, reader *r, cli_known *k, float *vector)
{
    k->content.word[0] = take_u64(r);
    k->content.word[1] = take_u64(r);
    k->print = take_u64(r);
    k->label = take_u32(r);
    k->held_out = take_u32(r);
    k->path = take_text(r, PATH_BYTES);
    const void *numbers = take(r, s->size * sizeof *vector);
    if (r->ended || !k->path) return "a picture is missing";
    if (k->label >= s->n_labels || k->held_out > 1) return "a picture is of no class";
    memcpy(vector, numbers, s->size * sizeof *vector);
    for (uint32_t i = 0; i < s->size; i++)
        if (!isfinite(vector[i])) return "a vector has a number that is not finite";
    return NULL;
}

static const char *read_all(cli_state *s, reader *r)
{
    const char *head = take(r, sizeof magic);
    if (!head || memcmp(head, magic, sizeof magic)) return "it does not begin as such a file does";
    if (take_u32(r) != VERSION) return "it is of another version";
    s->size = take_u32(r);
    s->model = take_u64(r);
    const uint32_t n_labels = take_u32(r), n = take_u32(r);
    if (r->ended) return "it ends too early";
    if (!s->size || s->size > CRL_MAX_EMBEDDING) return "vectors have no number, or too many";
    const char *fault = read_labels(s, r, n_labels);
    if (fault) return fault;
    if (n > r->left / (PICTURE_BYTES + 1 + s->size * sizeof *s->vectors)) return "pictures are missing";
    s->items = cli_alloc((size_t)n + 1, sizeof *s->items);
    s->vectors = cli_alloc((size_t)n * s->size + 1, sizeof *s->vectors);
    for (; s->n < n; s->n++)
        if ((fault = read_picture(s, r, &s->items[s->n], s->vectors + (size_t)s->n * s->size))) return s->n++, fault;
    return r->left ? "more follows" : NULL;
}

crl_status cli_state_parse(cli_state *out, const uint8_t *bytes, size_t size, crl_error *err)
{
    uint64_t check = 0;
    const size_t n = size < CHECK_BYTES ? 0 : size - CHECK_BYTES;
    reader r = { bytes, n, false };
    *out = (cli_state){ 0 };
    const char *fault = read_all(out, &r);
    if (!fault) memcpy(&check, bytes + n, sizeof check);
    if (!fault && check != cli_content_of(bytes, n).word[0]) fault = "its sum is wrong";
    if (!fault) {
        cli_state_sort(out);
        return CRL_OK;
    }
    cli_state_release(out);
    *err = (crl_error){ .status = CRL_ERR_FORMAT };
    snprintf(err->text, sizeof err->text, "no state of 'corallite learn', or a broken one: %s", fault);
    return err->status;
}

void cli_state_release(cli_state *s)
{
    for (uint32_t i = 0; i < s->n_labels; i++) free(s->labels[i]);
    for (uint32_t i = 0; i < s->n; i++) free(s->items[i].path);
    free(s->labels);
    free(s->items);
    free(s->vectors);
    free(s->places);
    *s = (cli_state){ 0 };
}

static int compare_content(const cli_content *a, const cli_content *b)
{
    return memcmp(a, b, sizeof *a);
}

/* By content, and of equals as they stand. */
static int compare_places(const void *a, const void *b)
{
    const cli_place *x = a, *y = b;
    const int order = compare_content(&x->content, &y->content);
    return order ? order : x->at < y->at ? -1 : x->at > y->at;
}

void cli_state_sort(cli_state *s)
{
    free(s->places);
    s->places = cli_alloc((size_t)s->n + 1, sizeof *s->places);
    for (uint32_t i = 0; i < s->n; i++) s->places[i] = (cli_place){ s->items[i].content, i };
    qsort(s->places, s->n, sizeof *s->places, compare_places);
}

int64_t cli_state_find(const cli_state *s, const cli_content *content)
{
    uint32_t low = 0, high = s->n;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (compare_content(&s->places[middle].content, content) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < s->n && !compare_content(&s->places[low].content, content) ? (int64_t)s->places[low].at : -1;
}

/* ---- writing ---- */

static uint8_t *put(uint8_t *at, const void *bytes, size_t n)
{
    if (n) memcpy(at, bytes, n);
    return at + n;
}

static uint8_t *put_u32(uint8_t *at, uint32_t v)
{
    return put(at, &v, sizeof v);
}

static uint8_t *put_text(uint8_t *at, const char *text)
{
    const size_t n = strlen(text);
    return put(put_u32(at, (uint32_t)n), text, n);
}

uint8_t *cli_state_pack(const cli_state *s, const float *const *vectors, size_t *size)
{
    const size_t vector = s->size * sizeof *s->vectors;
    size_t n = sizeof magic + 4 + 4 + 8 + 4 + 4 + CHECK_BYTES;
    for (uint32_t i = 0; i < s->n_labels; i++) n += 4 + strlen(s->labels[i]);
    for (uint32_t i = 0; i < s->n; i++) n += PICTURE_BYTES + strlen(s->items[i].path) + vector;
    uint8_t *bytes = cli_alloc(n, 1), *at = put(bytes, magic, sizeof magic);
    at = put_u32(put_u32(at, VERSION), s->size);
    at = put(at, &s->model, sizeof s->model);
    at = put_u32(put_u32(at, s->n_labels), s->n);
    for (uint32_t i = 0; i < s->n_labels; i++) at = put_text(at, s->labels[i]);
    for (uint32_t i = 0; i < s->n; i++) {
        const cli_known *k = &s->items[i];
        at = put(put(at, &k->content, sizeof k->content), &k->print, sizeof k->print);
        at = put_text(put_u32(put_u32(at, k->label), k->held_out), k->path);
        at = put(at, vectors ? vectors[i] : s->vectors + (size_t)i * s->size, vector);
    }
    const uint64_t check = cli_content_of(bytes, n - CHECK_BYTES).word[0];
    put(at, &check, sizeof check);
    *size = n;
    return bytes;
}
