/* SPDX-License-Identifier: Apache-2.0 */
/* What was seen before comes back, and is kept for the next time: --state, --forget. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "learn.h"
#include "say.h"

enum { STATE_BYTES = 1 << 30 };

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
    return CLI_DONE;
}

int cli_learn_recall(cli_learning *w)
{
    crl_error err;
    uint8_t *bytes;
    size_t n;
    const char *file = w->settings->state, *label = w->settings->forget;
    const crl_model *m = crl_extractor_model(w->seeing);
    const uint64_t model = cli_content_of(m->bytes, m->size).word[0];
    if (!file && label) {
        cli_error("--forget %s: name the file that knows it with --state", label);
        return CLI_USAGE;
    }
    if (file && !access(file, F_OK)) {
        crl_status s = cli_read_file(file, STATE_BYTES, &bytes, &n, &err);
        if (s) return cli_failed(&err);
        s = cli_state_parse(&w->state, bytes, n, &err);
        free(bytes);
        if (s) return cli_within(&err, s, "%s", file), cli_failed(&err);
        if (w->state.model != model || w->state.size != (uint32_t)w->size) {
            cli_error("%s: it was made with another model, or another vector of it; name another file", file);
            return CLI_FAILED;
        }
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
    char **labels = cli_alloc(s->n_labels + (size_t)l->n_labels + 1, sizeof *labels);
    int *number = cli_alloc((size_t)l->n_labels + 1, sizeof *number), n = 0;
    for (; n < (int)s->n_labels; n++) labels[n] = cli_format("%s", s->labels[n]);
    for (int k = 0; k < l->n_labels; k++) {
        int at = 0;
        while (at < (int)s->n_labels && strcmp(labels[at], l->labels[k])) at++;
        number[k] = at < (int)s->n_labels ? at : n;
        if (number[k] == n)
            labels[n++] = l->labels[k];
        else
            free(l->labels[k]);
    }
    for (int i = 0; i < l->n; i++) l->items[i].label = number[l->items[i].label];
    free(number);
    free(l->labels);
    l->labels = labels;
    l->n_labels = n;
}

/* What is in the folder now stands for what was known of it, and of a file that is another now. */
static bool is_replaced(const cli_known *k, const cli_lesson *items, int n)
{
    for (int i = 0; i < n; i++)
        if (!memcmp(&items[i].content, &k->content, sizeof k->content) || !strcmp(items[i].path, k->path)) return true;
    return false;
}

void cli_learn_add_known(cli_learning *w)
{
    cli_lessons *l = &w->pictures;
    const cli_state *s = &w->state;
    const int listed = l->n;
    l->items = cli_grow(l->items, (size_t)l->n + s->n + 1, sizeof *l->items);
    for (uint32_t i = 0; i < s->n; i++) {
        const cli_known *k = &s->items[i];
        if (is_replaced(k, l->items, listed)) continue;
        memcpy(w->vectors + (size_t)l->n * (size_t)w->size, s->vectors + (size_t)i * s->size, s->size * sizeof *s->vectors);
        l->items[l->n++] = (cli_lesson){ .path = cli_format("%s", k->path), .label = (int32_t)k->label, .held_out = k->held_out,
                                         .gone = access(k->path, R_OK) != 0, .wanted = w->new_class[k->label], .print = k->print,
                                         .content = k->content, .told = -1 };
    }
    if (l->n > listed) cli_note("%s: %d more pictures are known", w->settings->state, l->n - listed);
}

int cli_learn_remember(const cli_learning *w)
{
    crl_error err;
    size_t size;
    const cli_lessons *l = &w->pictures;
    if (!w->settings->state) return CLI_DONE;
    cli_state s = { .model = w->state.model, .size = w->state.size, .labels = l->labels, .n_labels = (uint32_t)l->n_labels,
                    .items = cli_alloc((size_t)l->n + 1, sizeof *s.items),
                    .vectors = cli_alloc((size_t)l->n * (size_t)w->size + 1, sizeof *s.vectors) };
    for (int i = 0; i < l->n; i++) {
        const cli_lesson *p = &l->items[i];
        if (p->broken) continue;
        memcpy(s.vectors + (size_t)s.n * s.size, w->vectors + (size_t)i * s.size, s.size * sizeof *s.vectors);
        s.items[s.n++] = (cli_known){ p->content, p->print, (uint32_t)p->label, p->held_out, p->path };
    }
    uint8_t *bytes = cli_state_pack(&s, &size);
    const crl_status status = cli_write_file(w->settings->state, bytes, size, NULL, 0, &err);
    free(bytes);
    free(s.items);
    free(s.vectors);
    return status ? cli_failed(&err) : CLI_DONE;
}
