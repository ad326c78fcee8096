/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes that open as a model are given other classes, in the form of Coral's learning engines, or refused with a sentence. What is
 * written opens, takes other classes again, and then is the same file as if those had been the first. */
#include <corallite/learn.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

enum { MOST = 4096 };

static void insist(bool promise, const char *what, const char *text)
{
    if (promise) return;
    fprintf(stderr, "fuzz: %s: %s\n", what, text);
    abort();
}

/* false: refused. */
static bool imprint(const crl_model *m, int32_t classes, int32_t size, uint8_t **bytes, size_t *n)
{
    float *rows = calloc((size_t)classes * (size_t)size, sizeof *rows);
    insist(rows != NULL, "memory", "");
    for (int32_t i = 0; i < classes * size; i++) rows[i] = (float)(i % 7 - 3) / 4;
    const crl_last_layer layer = { .classes = classes, .size = size, .weights = rows };
    crl_error err = { .text = "" };
    const crl_status s = crl_imprinted_write(m, &layer, (float)(size % 2), "0 1\n", bytes, n, &err);
    insist(!s == !!*bytes && (!s || *err.text), "a failure without a sentence", err.text);
    free(rows);
    return !s;
}

static void again(const uint8_t *bytes, size_t n, int32_t size)
{
    crl_model *m;
    crl_error err = { .text = "" };
    insist(!crl_model_open(&m, bytes, n, &err), "what was written is refused", err.text);
    uint8_t *more = NULL, *back = NULL, *same = NULL;
    size_t n_more = 0, n_back = 0, n_same = 0;
    if (imprint(m, 3, size, &more, &n_more) && imprint(m, 2, size, &same, &n_same)) {
        crl_model *other;
        insist(!crl_model_open(&other, more, n_more, &err), "what was written twice is refused", err.text);
        insist(imprint(other, 2, size, &back, &n_back), "what was written twice takes no classes", "");
        insist(n_back == n_same && !memcmp(back, same, n_same), "the classes before have left something", "");
        crl_model_close(other);
    }
    free(more);
    free(back);
    free(same);
    crl_model_close(m);
}

int fuzz_imprint(const uint8_t *bytes, size_t size)
{
    crl_model *m;
    if (crl_model_open(&m, bytes, size, NULL)) return 0;
    int32_t tried = 0; /* the length of the vector is that of some tensor */
    for (int32_t i = 0; m->n_subgraphs && i < m->subgraphs[0].n_tensors; i++) {
        const crl_shape *s = &m->subgraphs[0].tensors[i].shape;
        const int32_t last = s->rank ? s->dim[s->rank - 1] : 0;
        uint8_t *written = NULL;
        size_t n = 0;
        if (last < 1 || last > MOST || last == tried) continue;
        tried = last;
        if (imprint(m, 2, last, &written, &n)) {
            again(written, n, last);
            free(written);
            break;
        }
    }
    crl_model_close(m);
    return 0;
}
