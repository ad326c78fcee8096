/* SPDX-License-Identifier: Apache-2.0 */
/* The 16-bit functions of integer LSTMs: near the real functions for every argument, and the very bits of the
 * reference by a digest (FNV-1a over all results of all formats). */
#include <math.h>

#include "checks.h"
#include "kernels/fixed16.h"

static uint64_t digest(uint64_t h, int16_t v)
{
    h = (h ^ (uint8_t)v) * UINT64_C(0x100000001b3);
    return (h ^ (uint8_t)((uint16_t)v >> 8)) * UINT64_C(0x100000001b3);
}

void check_fixed16(check *t, unsigned cpu)
{
    (void)cpu;
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (int32_t bits = 0; bits <= 6; bits++)
        for (int32_t x = INT16_MIN; x <= INT16_MAX; x++) {
            const double real = ldexp(x, bits - 15);
            const int16_t tanh_x = crl_tanh_s16((int16_t)x, bits), logistic_x = crl_logistic_s16((int16_t)x, bits);
            h = digest(digest(h, tanh_x), logistic_x);
            const double e1 = fabs(tanh_x - 32768 * tanh(real)), e2 = fabs(logistic_x - 32768 / (1 + exp(-real)));
            if (!check_that(t, e1 < 24 && e2 < 12, "x=%d with %d integer bits: off by %g and %g", x, bits, e1, e2)) return;
        }
    check_that(t, h == UINT64_C(0x70fa756f8205cb2f), "the digest is %llx", (unsigned long long)h);
}

static bool same_everywhere(check *t, crl_fixed16_fn *fn, crl_fixed16_fn *ref, const char *what)
{
    static int16_t in[65536], want[65536], got[65536];
    for (int32_t i = 0; i < 65536; i++) in[i] = (int16_t)(i - 32768);
    for (int32_t bits = 0; bits <= 6; bits++) {
        ref(want, in, 65536, bits);
        fn(got, in, 65536, bits);
        if (!check_equal(t, want, got, sizeof got, "%s, %d integer bits", what, bits)) return false;
    }
    for (int round = 0; round < check_rounds(t, 100); round++) {
        const size_t n = (size_t)check_range(t, 0, 70);
        int16_t *x = check_guarded(t, n * sizeof *x), *a = check_guarded(t, n * sizeof *x), *b = check_guarded(t, n * sizeof *x);
        ref(a, x, n, 3);
        fn(b, x, n, 3);
        if (!check_equal(t, a, b, n * sizeof *a, "%s, n=%zu", what, n)) return false;
        fn(x, x, n, 3);
        if (!check_equal(t, a, x, n * sizeof *a, "%s in place, n=%zu", what, n)) return false;
    }
    check_bench(t, 65536, fn(got, in, 65536, 3));
    return true;
}

void check_fixed16_rows(check *t, unsigned cpu)
{
    crl_fixed16_kernels k;
    crl_fixed16_kernels_init(&k, cpu);
    if (check_variant(t, k.logistic, "logistic16") && !same_everywhere(t, k.logistic, crl_logistic16_ref, "logistic")) return;
    if (check_variant(t, k.tanh, "tanh16")) same_everywhere(t, k.tanh, crl_tanh16_ref, "tanh");
}
