/* SPDX-License-Identifier: Apache-2.0 */
/* What was seen before comes back, and is kept for the next time: --state, --forget. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/file.h"
#include "learn/learn.h"
#include "io/names.h"
#include "io/say.h"

/* Some 60000 pictures. Reading it, and writing it anew, takes three times that much memory. */
enum { STATE_BYTES = 1 << 28 };

/* A class goes with its pictures. */
static int forget(cli_state *s, const char *file, const char *label)
{
    uint32_t class = 0, n = 0;
    while (class < s->n_labels && strcmp(s->labels[class], label)) class++;
    if (class == s->n_labels) {
        cli_error("--forget %s: %s knows no such class", label, file);
        return CLI_USAGE;
    }
    free(s->labels[class]);
    memmove(s->labels + class, s->labels + class + 1, (s->n_labels - class - 1) * sizeof *s->labels);
    s->n_labels--;
    for (uint32_t i = 0; i < s->n; i++) {
        if (s->items[i].label == class) {
            free(s->items[i].path);
            continue;
        }
        s->items[n] = s->items[i];
        s->items[n].label -= s->items[i].label > class;
        memmove(s->vectors + (size_t)n * s->size, s->vectors + (size_t)i * s->size, s->size * sizeof *s->vectors);
        n++;
    }
    s->n = n;
    cli_state_sort(s);
    return CLI_DONE;
}

static int read_state(cli_learning *w, const char *file, uint64_t model)
{
    crl_error err;
    uint8_t *bytes;
    size_t n;
    crl_status s = cli_read_whole(file, STATE_BYTES, &bytes, &n, &err);
    if (s) return cli_within(&err, s, "--state"), cli_failed(&err);
    if (n) s = cli_state_parse(&w->state, bytes, n, &err); /* an empty one, of mktemp, knows nothing */
    free(bytes);
    if (!n) return CLI_DONE;
    if (s) return cli_within(&err, s, "%s", file), cli_failed(&err);
    if (w->state.model == model && w->state.size == (uint32_t)w->size) return CLI_DONE;
    cli_error("%s: it was made with another model, another vector of it, or with another --draft; name another file", file);
    return CLI_FAILED;
}

uint32_t cli_learn_least_side(const cli_learning *w)
{
    int32_t input, longest = 0;
    const crl_model *m = crl_extractor_model(w->seeing);
    if (crl_session_find_input(m, &input, NULL)) return 0;
    const crl_shape *s = &m->subgraphs[0].tensors[m->subgraphs[0].inputs[input]].shape;
    for (int32_t d = 1; d < s->rank; d++)
        if (s->dim[d] > longest) longest = s->dim[d];
    return 2 * (uint32_t)longest;
}

int cli_learn_recall(cli_learning *w)
{
    crl_error err;
    const char *file = w->settings->state, *label = w->settings->forget;
    const crl_model *m = crl_extractor_model(w->seeing);
    const uint64_t whole = cli_content_of(m->bytes, m->size).word[0], model = w->settings->draft ? ~whole : whole; /* other vectors */
    if (!file && label) {
        cli_error("--forget %s: name the file that knows it with --state", label);
        return CLI_USAGE;
    }
    if (file && cli_lock(&w->lock, file, &err)) return cli_within(&err, err.status, "--state"), cli_failed(&err);
    if (file && !access(file, F_OK)) {
        const int code = read_state(w, file, model);
        if (code) return code;
    } else if (label)
        return cli_error("--forget %s: there is no %s", label, file), CLI_USAGE;
    w->state.model = model;
    w->state.size = (uint32_t)w->size;
    return label ? forget(&w->state, file, label) : CLI_DONE;
}

void cli_learn_join(cli_learning *w)
{
    cli_lessons *l = &w->pictures;
    const cli_state *s = &w->state;
    cli_names known;
    cli_names_init(&known, (const char *const *)s->labels, (int32_t)s->n_labels);
    char **labels = cli_alloc(s->n_labels + (size_t)l->n_labels + 1, sizeof *labels);
    int *number = cli_alloc((size_t)l->n_labels + 1, sizeof *number), n = 0;
    for (; n < (int)s->n_labels; n++) labels[n] = cli_format("%s", s->labels[n]);
    for (int k = 0; k < l->n_labels; k++) {
        const int32_t at = cli_names_find(&known, l->labels[k]);
        number[k] = at >= 0 ? at : n;
        if (at < 0)
            labels[n++] = l->labels[k];
        else
            free(l->labels[k]);
    }
    for (int i = 0; i < l->n; i++) l->items[i].label = number[l->items[i].label];
    cli_names_release(&known);
    free(number);
    free(l->labels);
    l->labels = labels;
    l->n_labels = n;
}

/* ---- what stands for what ---- */

/* What was looked at: contents of files, and their paths. */
typedef struct seen {
    cli_content *contents, *paths; /* [n], sorted */
    size_t n;
} seen;

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(cli_content));
}

static seen all_seen(const cli_lessons *l)
{
    seen s = { cli_alloc((size_t)l->n + 1, sizeof *s.contents), cli_alloc((size_t)l->n + 1, sizeof *s.paths), 0 };
    for (int i = 0; i < l->n; i++) {
        if (!l->items[i].done) continue;
        s.contents[s.n] = l->items[i].content;
        s.paths[s.n++] = cli_content_of(l->items[i].path, strlen(l->items[i].path));
    }
    qsort(s.contents, s.n, sizeof *s.contents, by_bytes);
    qsort(s.paths, s.n, sizeof *s.paths, by_bytes);
    return s;
}

static void release_seen(seen *s)
{
    free(s->contents);
    free(s->paths);
}

/* What was looked at now stands for what was known of it, and of a file that is another now. */
static bool is_replaced(const cli_known *k, const seen *s)
{
    const cli_content path = cli_content_of(k->path, strlen(k->path));
    return bsearch(&k->content, s->contents, s->n, sizeof path, by_bytes) || bsearch(&path, s->paths, s->n, sizeof path, by_bytes);
}

void cli_learn_add_known(cli_learning *w)
{
    cli_lessons *l = &w->pictures;
    cli_state *s = &w->state;
    const int listed = l->n;
    seen looked_at = all_seen(l);
    l->items = cli_grow(l->items, (size_t)l->n + s->n + 1, sizeof *l->items);
    for (uint32_t i = 0; i < s->n; i++) {
        const cli_known *k = &s->items[i];
        if (is_replaced(k, &looked_at)) continue;
        memcpy(w->vectors + (size_t)l->n * (size_t)w->size, s->vectors + (size_t)i * s->size, s->size * sizeof *s->vectors);
        l->items[l->n++] = (cli_lesson){ .path = cli_format("%s", k->path), .label = (int32_t)k->label, .held_out = k->held_out,
                                         .gone = access(k->path, R_OK) != 0, .wanted = w->new_class[k->label], .print = k->print,
                                         .content = k->content, .told = -1, .done = true };
    }
    release_seen(&looked_at);
    if (l->n > listed) cli_note("%s: %d more pictures are known", w->settings->state, l->n - listed);
    const uint64_t model = s->model;
    cli_state_release(s); /* all of it is among the pictures now */
    s->model = model;
    s->size = (uint32_t)w->size;
}

/* ---- writing ---- */

/* Classes of which nothing was looked at yet are left out, and the others counted anew. */
static void drop_empty(cli_state *s)
{
    uint32_t *number = cli_alloc((size_t)s->n_labels + 1, sizeof *number), n = 0;
    for (uint32_t i = 0; i < s->n; i++) number[s->items[i].label] = 1;
    for (uint32_t k = 0; k < s->n_labels; k++) {
        if (!number[k]) continue;
        s->labels[n] = s->labels[k];
        number[k] = n++;
    }
    for (uint32_t i = 0; i < s->n; i++) s->items[i].label = number[s->items[i].label];
    s->n_labels = n;
    free(number);
}

static crl_status write_state(const cli_state *s, const float *const *vectors, const char *file, crl_error *err)
{
    size_t size;
    uint8_t *bytes = cli_state_pack(s, vectors, &size);
    const crl_status status = size <= STATE_BYTES
                                  ? cli_write_file(file, bytes, size, NULL, 0, err)
                                  : cli_fail(err, CRL_ERR_IO,
                                             "%s: %zu bytes would be needed, and at most %d are read again; take fewer "
                                             "pictures, or no --state",
                                             file, size, STATE_BYTES);
    free(bytes);
    return status;
}

crl_status cli_learn_remember(const cli_learning *w, int *pictures, crl_error *err)
{
    const cli_lessons *l = &w->pictures;
    const size_t most = (size_t)l->n + w->state.n + 1;
    cli_state s = { .model = w->state.model, .size = w->state.size, .n_labels = (uint32_t)l->n_labels,
                    .labels = cli_alloc((size_t)l->n_labels + 1, sizeof *s.labels), .items = cli_alloc(most, sizeof *s.items) };
    const float **vectors = cli_alloc(most, sizeof *vectors);
    seen looked_at = all_seen(l);
    memcpy(s.labels, l->labels, (size_t)l->n_labels * sizeof *s.labels);
    for (int i = 0; i < l->n; i++) {
        const cli_lesson *p = &l->items[i];
        if (!p->done) continue;
        vectors[s.n] = w->vectors + (size_t)i * s.size;
        s.items[s.n++] = (cli_known){ p->content, p->print, (uint32_t)p->label, p->held_out, p->path };
    }
    for (uint32_t i = 0; i < w->state.n; i++) {
        if (is_replaced(&w->state.items[i], &looked_at)) continue;
        vectors[s.n] = w->state.vectors + (size_t)i * s.size;
        s.items[s.n++] = w->state.items[i];
    }
    drop_empty(&s);
    *pictures = (int)s.n;
    const crl_status status = write_state(&s, vectors, w->settings->state, err);
    release_seen(&looked_at);
    free(s.labels);
    free(s.items);
    free(vectors);
    return status;
}
