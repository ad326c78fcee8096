/* SPDX-License-Identifier: Apache-2.0 */
/* Chunks of two operands: see pair8.h. */
#include "kernels/pair8.h"

#include <string.h>

enum { CHUNK = 4096, SLACK = 8 /* a buffer may be written so far past its end */ };

static bool is_plain(const crl_broadcast *plan, const size_t *step)
{
    size_t whole = 1;
    for (int32_t d = plan->rank - 1; d >= 0; whole *= plan->dim[d--])
        if (step[d] != whole) return false;
    return true;
}

static size_t period_of(const crl_broadcast *plan, const size_t *step)
{
    int32_t outer = 0;
    while (outer < plan->rank && step[outer] == 0) outer++;
    size_t period = 1;
    for (int32_t d = outer; d < plan->rank; d++) period *= plan->dim[d];
    return period;
}

void crl_pair8_init(crl_pair8 *p, const crl_broadcast *plan)
{
    *p = (crl_pair8){ .plan = *plan, .n = 1, .chunk = CHUNK };
    for (int32_t d = 0; d < plan->rank; d++) p->n *= plan->dim[d];
    size_t longest = 1;
    for (int i = 0; i < 2; i++) {
        const size_t *step = i ? plan->step_b : plan->step_a;
        p->way[i] = is_plain(plan, step) ? CRL_PAIR8_PLAIN : CRL_PAIR8_EACH;
        if (p->way[i] == CRL_PAIR8_PLAIN) continue;
        p->period[i] = period_of(plan, step);
        if (p->period[i] > CHUNK) continue;
        p->way[i] = CRL_PAIR8_ONCE;
        /* Both are products of the last dimensions: the longer one is a multiple of the other. */
        if (p->period[i] > longest) longest = p->period[i];
    }
    if (p->n) p->chunk = CHUNK / longest * longest;
    p->chunks = (p->n + p->chunk - 1) / p->chunk;
}

static void fill(uint8_t *out, uint8_t value, size_t n)
{
    const uint64_t eight = value * UINT64_C(0x0101010101010101);
    for (size_t i = 0; i < n; i += 8) memcpy(out + i, &eight, 8);
}

static void copy(uint8_t *out, const uint8_t *in, size_t n)
{
    if (n < 8) {
        for (size_t i = 0; i < n; i++) out[i] = in[i];
        return;
    }
    for (size_t i = 0; i + 8 < n; i += 8) memcpy(out + i, in + i, 8);
    memcpy(out + n - 8, in + n - 8, 8);
}

/* n bytes of the operand from byte `first` of the output on; `out` has SLACK. */
static void lay_out(uint8_t *out, const uint8_t *in, const crl_broadcast *plan, const size_t *step, size_t first, size_t n)
{
    const int32_t last = plan->rank - 1;
    size_t index[CRL_MAX_RANK];
    for (int32_t d = last; d >= 0; d--) {
        index[d] = first % plan->dim[d];
        first /= plan->dim[d];
        in += index[d] * step[d];
    }
    for (;;) {
        const size_t left = plan->dim[last] - index[last], run = left < n ? left : n;
        if (step[last])
            copy(out, in, run);
        else
            fill(out, *in, run);
        out += run;
        n -= run;
        if (!n) return;
        in -= index[last] * step[last];
        index[last] = 0;
        for (int32_t d = last - 1; d >= 0; d--) {
            in += step[d];
            if (++index[d] < plan->dim[d]) break;
            in -= step[d] * plan->dim[d];
            index[d] = 0;
        }
    }
}

/* A whole chunk of an operand that begins anew after `period` bytes. */
static void lay_out_once(uint8_t *out, const uint8_t *in, const crl_pair8 *p, const size_t *step, size_t period)
{
    const size_t n = p->chunk < p->n ? p->chunk : p->n;
    lay_out(out, in, &p->plan, step, 0, period);
    for (size_t have = period; have < n; have *= 2) memcpy(out + have, out, have < n - have ? have : n - have);
}

void crl_pair8_run(const crl_pair8 *p, uint8_t *out, const uint8_t *a, const uint8_t *b, size_t first, size_t end,
                   crl_pair8_fn *fn, const void *params)
{
    if (first >= end) return;
    const size_t stop = end * p->chunk < p->n ? end * p->chunk : p->n;
    if (p->way[0] == CRL_PAIR8_PLAIN && p->way[1] == CRL_PAIR8_PLAIN) {
        const size_t at = first * p->chunk;
        fn(out + at, a + at, b + at, stop - at, params);
        return;
    }
    uint8_t buffer[2][CHUNK + SLACK];
    const uint8_t *const given[2] = { a, b };
    const size_t *const step[2] = { p->plan.step_a, p->plan.step_b };
    for (int i = 0; i < 2; i++)
        if (p->way[i] == CRL_PAIR8_ONCE) lay_out_once(buffer[i], given[i], p, step[i], p->period[i]);
    for (size_t at = first * p->chunk; at < stop; at += p->chunk) {
        const size_t n = stop - at < p->chunk ? stop - at : p->chunk;
        const uint8_t *x[2];
        for (int i = 0; i < 2; i++) {
            x[i] = p->way[i] == CRL_PAIR8_PLAIN ? given[i] + at : buffer[i];
            if (p->way[i] == CRL_PAIR8_EACH) lay_out(buffer[i], given[i], &p->plan, step[i], at, n);
        }
        fn(out + at, x[0], x[1], n, params);
    }
}

/* Compilers make vectors of these. */
void crl_pair8_max(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n, const void *params)
{
    (void)params;
    for (size_t i = 0; i < n; i++) out[i] = a[i] > b[i] ? a[i] : b[i];
}

void crl_pair8_min(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n, const void *params)
{
    (void)params;
    for (size_t i = 0; i < n; i++) out[i] = a[i] < b[i] ? a[i] : b[i];
}
