/* SPDX-License-Identifier: Apache-2.0 */
/* From the values of a sparse constant to all its elements. */
#include "graph/spread.h"

#include <string.h>

typedef struct spread {
    const crl_sparsity *s;
    uint8_t *dense;
    const uint8_t *values; /* the next one */
    size_t size;           /* of an element */
} spread;

/* What lies below place `place` of level `level`, whose elements begin at `at`. The reader has checked every number. */
static void walk(spread *w, int32_t level, size_t place, size_t at)
{
    if (level == w->s->n_levels) {
        memcpy(w->dense + at * w->size, w->values, w->size);
        w->values += w->size;
        return;
    }
    const crl_sparse_level *l = &w->s->levels[level];
    if (l->indices)
        for (int32_t i = l->segments[place]; i < l->segments[place + 1]; i++)
            walk(w, level + 1, (size_t)i, at + (size_t)l->indices[i] * l->step);
    else
        for (size_t i = 0; i < (size_t)l->size; i++) walk(w, level + 1, place * (size_t)l->size + i, at + i * l->step);
}

void crl_spread(void *dense, const crl_tensor_def *d)
{
    spread w = { .s = d->sparsity, .dense = dense, .values = d->data, .size = crl_type_bytes(d->type) };
    walk(&w, 0, 0, 0);
}
