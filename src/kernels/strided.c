/* SPDX-License-Identifier: Apache-2.0 */
/* Strided copies: see strided.h. */
#include "kernels/strided.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "kernels/transpose.h"

void crl_strided_add(crl_strided *s, size_t dim, ptrdiff_t out_step, ptrdiff_t in_step)
{
    assert(s->rank < CRL_STRIDED_RANK);
    s->dim[s->rank] = dim;
    s->out_step[s->rank] = out_step;
    s->in_step[s->rank] = in_step;
    s->rank++;
}

void crl_strided_finish(crl_strided *s)
{
    int32_t n = 0;
    for (int32_t d = 0; d < s->rank; d++) {
        if (s->dim[d] == 1) continue;
        const ptrdiff_t extent = (ptrdiff_t)s->dim[d];
        if (n && s->out_step[n - 1] == s->out_step[d] * extent && s->in_step[n - 1] == s->in_step[d] * extent) {
            s->dim[n - 1] *= s->dim[d];
        } else {
            s->dim[n] = s->dim[d];
            n++;
        }
        s->out_step[n - 1] = s->out_step[d];
        s->in_step[n - 1] = s->in_step[d];
    }
    if (n && s->out_step[n - 1] == (ptrdiff_t)s->size && s->in_step[n - 1] == (ptrdiff_t)s->size)
        s->size *= s->dim[--n];
    s->rank = n;
}

/* Elements of `size` bytes by two moves of `half`, which overlap where it is less than twice that. */
static inline __attribute__((always_inline)) void copy_halves(uint8_t *out, ptrdiff_t out_step, const uint8_t *in,
                                                              ptrdiff_t in_step, size_t n, size_t size, size_t half)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t *to = out + (ptrdiff_t)i * out_step;
        const uint8_t *from = in + (ptrdiff_t)i * in_step;
        memcpy(to, from, half);
        memcpy(to + size - half, from + size - half, half);
    }
}

/* The innermost dimension. The usual sizes are spelled out: a memcpy of constant length is one move. */
static void copy_row(uint8_t *out, ptrdiff_t out_step, const uint8_t *in, ptrdiff_t in_step, size_t n, size_t size)
{
    switch (size) {
    case 1:
        for (size_t i = 0; i < n; i++) out[(ptrdiff_t)i * out_step] = in[(ptrdiff_t)i * in_step];
        return;
    case 2:
        for (size_t i = 0; i < n; i++) memcpy(out + (ptrdiff_t)i * out_step, in + (ptrdiff_t)i * in_step, 2);
        return;
    case 4:
        for (size_t i = 0; i < n; i++) memcpy(out + (ptrdiff_t)i * out_step, in + (ptrdiff_t)i * in_step, 4);
        return;
    case 8:
        for (size_t i = 0; i < n; i++) memcpy(out + (ptrdiff_t)i * out_step, in + (ptrdiff_t)i * in_step, 8);
        return;
    case 3: copy_halves(out, out_step, in, in_step, n, size, 2); return;
    case 5:
    case 6:
    case 7: copy_halves(out, out_step, in, in_step, n, size, 4); return;
    default:
        if (8 < size && size <= 16) {
            copy_halves(out, out_step, in, in_step, n, size, 8);
        } else if (16 < size && size <= 32) {
            copy_halves(out, out_step, in, in_step, n, size, 16);
        } else {
            for (size_t i = 0; i < n; i++) memcpy(out + (ptrdiff_t)i * out_step, in + (ptrdiff_t)i * in_step, size);
        }
    }
}

/* The two innermost dimensions of a matrix that is to be put on its side. */
static void copy_turned(uint8_t *out, const uint8_t *in, const crl_strided *s)
{
    const int32_t r = s->rank - 1, c = s->rank - 2;
    crl_transpose_copy(out, in, &(crl_transpose){ .size = s->size, .rows = s->dim[r], .columns = s->dim[c],
                                                  .out_step = s->out_step[c], .in_step = s->in_step[r] });
}

static void copy_last(uint8_t *out, const uint8_t *in, const crl_strided *s)
{
    const int32_t d = s->rank - 1;
    copy_row(out, s->out_step[d], in, s->in_step[d], s->dim[d], s->size);
}

/* `inner`: how many of the innermost dimensions `copy` does. */
static void walk(uint8_t *out, const uint8_t *in, const crl_strided *s, int32_t inner,
                 void (*copy)(uint8_t *, const uint8_t *, const crl_strided *))
{
    size_t index[CRL_STRIDED_RANK] = { 0 };
    ptrdiff_t to = 0, from = 0;
    for (;;) {
        copy(out + to, in + from, s);
        int32_t d = s->rank - inner - 1;
        for (; d >= 0; d--) {
            to += s->out_step[d];
            from += s->in_step[d];
            if (++index[d] < s->dim[d]) break;
            to -= s->out_step[d] * (ptrdiff_t)s->dim[d];
            from -= s->in_step[d] * (ptrdiff_t)s->dim[d];
            index[d] = 0;
        }
        if (d < 0) return;
    }
}

static void exchange(crl_strided *s, int32_t a, int32_t b)
{
    const size_t dim = s->dim[a];
    const ptrdiff_t out_step = s->out_step[a], in_step = s->in_step[a];
    s->dim[a] = s->dim[b];
    s->out_step[a] = s->out_step[b];
    s->in_step[a] = s->in_step[b];
    s->dim[b] = dim;
    s->out_step[b] = out_step;
    s->in_step[b] = in_step;
}

/* Elements lie side by side in the output along the last dimension, and in the input along another one. The order of the
 * dimensions before the last is free: that one comes next to it. */
static bool find_turned(crl_strided *s)
{
    enum { LEAST = 8 }; /* elements: less are not worth a call */
    const int32_t last = s->rank - 1;
    const ptrdiff_t size = (ptrdiff_t)s->size;
    if (size > 8 || size & (size - 1) || s->rank < 2 || s->out_step[last] != size) return false;
    for (int32_t d = 0; d < last; d++)
        if (s->in_step[d] == size && s->dim[d] * s->dim[last] >= LEAST) {
            exchange(s, d, last - 1);
            return true;
        }
    return false;
}

void crl_strided_copy(void *out, const void *in, const crl_strided *s)
{
    for (int32_t d = 0; d < s->rank; d++)
        if (s->dim[d] == 0) return;
    if (s->rank == 0) {
        if (s->size) memcpy(out, in, s->size);
        return;
    }
    crl_strided turned = *s;
    if (find_turned(&turned))
        walk(out, in, &turned, 2, copy_turned);
    else
        walk(out, in, s, 1, copy_last);
}

void crl_fill(void *out, const void *value, size_t size, size_t n)
{
    if (!n || !size) return;
    if (size == 1) {
        memset(out, *(const uint8_t *)value, n);
        return;
    }
    uint8_t *to = out;
    const size_t bytes = n * size;
    memcpy(to, value, size);
    for (size_t done = size; done < bytes;) { /* what is there, once more: twice as much */
        const size_t more = done < bytes - done ? done : bytes - done;
        memcpy(to + done, to, more);
        done += more;
    }
}
