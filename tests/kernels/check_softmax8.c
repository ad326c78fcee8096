/* SPDX-License-Identifier: Apache-2.0 */
/* SOFTMAX by tables against the definition: every signedness, rows below and above the length where a table of the row
 * begins, and so many equal values that nothing is left of a quotient. */
#include <string.h>

#include "check.h"
#include "checks.h"
#include "kernels/move.h"
#include "kernels/softmax8.h"

static void draw(check *t, crl_softmax *s, size_t rows, size_t depth)
{
    const double real = check_range(t, 1, 1000) / 1000.0 * (1 << 26) * (check_range(t, 0, 9) ? 1 : 31);
    *s = (crl_softmax){ .rows = rows, .depth = depth, .scale = crl_scale_from_real(real) };
    /* As prepare has it: what would pass 31 in the exponent counts as nothing. */
    s->diff_min = -(int32_t)(31.0 * (1 << 26) / (1u << s->scale.shift));
}

static bool one(check *t, const crl_softmax *s, const uint8_t *in, unsigned cpu)
{
    const size_t n = s->rows * s->depth;
    uint8_t *raw = check_guarded(t, n), *want = check_guarded(t, n), *got = check_guarded(t, n);
    for (int form = 0; form < 4; form++) {
        const bool in_signed = form & 1, out_signed = form & 2;
        memcpy(raw, in, n);
        crl_softmax_u8_ref(want, raw, s);
        if (in_signed) crl_flip8(raw, raw, n);
        if (out_signed) crl_flip8(want, want, n);
        crl_softmax8 p;
        crl_softmax8_init(&p, s, in_signed, out_signed, cpu);
        crl_softmax8_run(got, raw, s->rows, &p);
        if (!check_equal(t, want, got, n, "%zu rows of %zu, signed %d %d, scale %d, %d", s->rows, s->depth, in_signed, out_signed,
                         s->scale.mult, s->scale.shift)) return false;
        crl_softmax8_run(raw, raw, s->rows, &p);
        if (!check_equal(t, want, raw, n, "in place")) return false;
    }
    return true;
}

/* Sums that are normalised go from 0 to all but 1, Q0.31. */
static void check_reciprocals(check *t, unsigned cpu)
{
    crl_softmax s;
    draw(t, &s, 1, 1);
    crl_softmax8 p;
    crl_softmax8_init(&p, &s, false, false, cpu);
    if (!check_variant(t, p.reciprocals, "softmax8, reciprocals")) return;
    for (int round = 0; round < check_rounds(t, 2000); round++) {
        int32_t x[CRL_SOFTMAX8_BLOCK], want[CRL_SOFTMAX8_BLOCK], got[CRL_SOFTMAX8_BLOCK];
        for (int i = 0; i < CRL_SOFTMAX8_BLOCK; i++) x[i] = round ? check_edgy(t, 0, INT32_MAX) : i;
        crl_softmax8_reciprocals_ref(want, x);
        p.reciprocals(got, x);
        if (!check_equal_s32(t, want, got, CRL_SOFTMAX8_BLOCK, "round %d", round)) return;
    }
}

static void bench(check *t, const char *name, size_t rows, size_t depth, unsigned cpu)
{
    uint8_t *in = check_guarded(t, rows * depth), *out = check_guarded(t, rows * depth);
    check_fill(t, in, rows * depth);
    crl_softmax s;
    draw(t, &s, rows, depth);
    crl_softmax8 p;
    crl_softmax8_init(&p, &s, false, false, cpu);
    check_name(t, name);
    check_bench(t, rows * depth, crl_softmax8_run(out, in, rows, &p));
}

void check_softmax8(check *t, unsigned cpu)
{
    check_reciprocals(t, cpu);
    check_name(t, "softmax8");
    crl_softmax s;
    for (int round = 0; round < check_rounds(t, 300); round++) {
        const size_t rows = (size_t)check_range(t, 0, round % 2 ? 4 : 40), depth = (size_t)check_edgy(t, 1, round % 2 ? 700 : 40);
        draw(t, &s, rows, depth);
        uint8_t *in = check_guarded(t, rows * depth);
        if (round % 3) check_fill_edgy_u8(t, in, rows * depth);
        if (!one(t, &s, in, cpu)) return;
        check_release(t);
    }
    static const size_t many[] = { 8191, 8192, 8193, 40000 };
    for (size_t i = 0; i < sizeof many / sizeof many[0]; i++) {
        draw(t, &s, 1, many[i]);
        uint8_t *in = check_guarded(t, many[i]);
        memset(in, check_edgy(t, 0, 255), many[i]);
        if (!one(t, &s, in, cpu)) return;
        check_release(t);
    }
    bench(t, "softmax8, rows of 16", 600, 16, cpu);
    bench(t, "softmax8, rows of 196", 50, 196, cpu);
    bench(t, "softmax8, a row of 1001", 1, 1001, cpu);
}
