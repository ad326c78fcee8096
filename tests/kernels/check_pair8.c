/* SPDX-License-Identifier: Apache-2.0 */
/* Chunks of two operands against the walk over rows that defines a broadcast, for shapes that repeat in every way. */
#include <string.h>

#include "check.h"
#include "checks.h"
#include "kernels/pair8.h"

/* Tells both operands apart, and from their neighbours. */
static void mixed(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n, const void *params)
{
    (void)params;
    for (size_t i = 0; i < n; i++) out[i] = (uint8_t)(5 * a[i] + 3 * b[i]);
}

static void mixed_row(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n, const void *params)
{
    for (size_t i = 0; i < n; i++)
        mixed((uint8_t *)out + i, (const uint8_t *)a + i * step_a, (const uint8_t *)b + i * step_b, 1, params);
}

static bool extremes(check *t)
{
    const size_t n = (size_t)check_range(t, 0, 100);
    uint8_t *a = check_guarded(t, n), *b = check_guarded(t, n), *more = check_guarded(t, n), *less = check_guarded(t, n);
    crl_pair8_max(more, a, b, n, NULL);
    crl_pair8_min(less, a, b, n, NULL);
    for (size_t i = 0; i < n; i++)
        if (!check_that(t, more[i] == (a[i] > b[i] ? a[i] : b[i]) && less[i] == (a[i] > b[i] ? b[i] : a[i]), "%d and %d: %d, %d",
                        a[i], b[i], more[i], less[i])) return false;
    return true;
}

static void draw_shapes(check *t, crl_shape *a, crl_shape *b, crl_shape *out)
{
    const int32_t rank = check_range(t, 1, 4), most = rank == 1 ? 9000 : rank == 2 ? 120 : 24;
    *a = *b = *out = (crl_shape){ .rank = rank };
    for (int32_t d = 0; d < rank; d++) {
        out->dim[d] = check_edgy(t, 1, most);
        const int32_t ones = check_range(t, 0, 3);
        a->dim[d] = ones & 1 ? 1 : out->dim[d];
        b->dim[d] = ones & 2 ? 1 : out->dim[d];
        if (ones == 3) out->dim[d] = 1;
    }
}

void check_pair8(check *t, unsigned cpu)
{
    (void)cpu;
    for (int round = 0; round < check_rounds(t, 600); round++) {
        if (!extremes(t)) return;
        crl_shape sa, sb, so;
        draw_shapes(t, &sa, &sb, &so);
        crl_broadcast plan;
        crl_broadcast_plan(&plan, &sa, &sb, &so);
        crl_pair8 p;
        crl_pair8_init(&p, &plan);
        const size_t n = crl_shape_count(&so);
        uint8_t *a = check_guarded(t, crl_shape_count(&sa)), *b = check_guarded(t, crl_shape_count(&sb));
        uint8_t *want = check_guarded(t, n), *got = check_guarded(t, n);
        crl_broadcast_run(&plan, want, 1, a, 1, b, 1, mixed_row, NULL);
        char ta[CRL_SHAPE_TEXT], tb[CRL_SHAPE_TEXT];
        crl_shape_text(&sa, ta, sizeof ta);
        crl_shape_text(&sb, tb, sizeof tb);
        /* In two parts, as two threads would. */
        const size_t half = (size_t)check_range(t, 0, (int32_t)p.chunks);
        crl_pair8_run(&p, got, a, b, half, p.chunks, mixed, NULL);
        crl_pair8_run(&p, got, a, b, 0, half, mixed, NULL);
        if (!check_equal(t, want, got, n, "%s and %s, %zu of %zu chunks of %zu", ta, tb, half, p.chunks, p.chunk)) return;
        if (p.way[0] == CRL_PAIR8_PLAIN) {
            crl_pair8_run(&p, a, a, b, 0, p.chunks, mixed, NULL);
            if (!check_equal(t, want, a, n, "in place, %s and %s", ta, tb)) return;
        }
        check_release(t);
    }
}
