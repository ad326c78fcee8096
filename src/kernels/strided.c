/* SPDX-License-Identifier: Apache-2.0 */
/* Strided copies: see strided.h. */
#include "kernels/strided.h"

#include <assert.h>
#include <string.h>

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
    default:
        for (size_t i = 0; i < n; i++) memcpy(out + (ptrdiff_t)i * out_step, in + (ptrdiff_t)i * in_step, size);
    }
}

void crl_strided_copy(void *out, const void *in, const crl_strided *s)
{
    for (int32_t d = 0; d < s->rank; d++)
        if (s->dim[d] == 0) return;
    if (s->rank == 0) {
        if (s->size) memcpy(out, in, s->size);
        return;
    }
    const int32_t last = s->rank - 1;
    size_t index[CRL_STRIDED_RANK] = { 0 };
    ptrdiff_t to = 0, from = 0;
    for (;;) {
        copy_row((uint8_t *)out + to, s->out_step[last], (const uint8_t *)in + from, s->in_step[last], s->dim[last],
                 s->size);
        int32_t d = last - 1;
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

void crl_fill(void *out, const void *value, size_t size, size_t n)
{
    if (!n || !size) return;
    if (size == 1) {
        memset(out, *(const uint8_t *)value, n);
        return;
    }
    for (size_t i = 0; i < n; i++) memcpy((uint8_t *)out + i * size, value, size);
}
