/* SPDX-License-Identifier: Apache-2.0 */
/* Every variant of argmax8 against the definition; lines with ties on purpose. */
#include "check.h"
#include "checks.h"
#include "kernels/argmax8.h"

void check_argmax8(check *t, unsigned cpu)
{
    crl_argmax8_kernels k;
    crl_argmax8_kernels_init(&k, cpu);
    if (!check_variant(t, k.u8, "argmax8_u8")) return;
    for (int round = 0; round < check_rounds(t, 500); round++) {
        const size_t lines = (size_t)check_range(t, 0, 9), n = (size_t)check_range(t, 1, 90);
        uint8_t *in = check_guarded(t, lines * n);
        int32_t *want = check_guarded(t, lines * sizeof *want), *got = check_guarded(t, lines * sizeof *got);
        if (check_range(t, 0, 1)) check_fill_edgy_u8(t, in, lines * n);
        crl_argmax8_u8_ref(want, in, lines, n);
        k.u8(got, in, lines, n);
        if (!check_equal_s32(t, want, got, lines, "%zu lines of %zu", lines, n)) return;
    }
    static uint8_t in[21 * 4096];
    static int32_t out[4096];
    check_fill(t, in, sizeof in);
    check_bench(t, 4096, k.u8(out, in, 4096, 21));
}

void check_argmax8_columns(check *t, unsigned cpu)
{
    crl_argmax8_kernels k;
    crl_argmax8_kernels_init(&k, cpu);
    if (!check_variant(t, k.columns, "argmax8_columns")) return;
    for (int round = 0; round < check_rounds(t, 500); round++) {
        const size_t n = (size_t)check_range(t, 1, 40), width = (size_t)check_range(t, 1, 60);
        uint8_t *in = check_guarded(t, n * width);
        int32_t *want = check_guarded(t, width * sizeof *want), *got = check_guarded(t, width * sizeof *got);
        if (check_range(t, 0, 1)) check_fill_edgy_u8(t, in, n * width);
        crl_argmax8_columns_ref(want, in, n, width);
        k.columns(got, in, n, width);
        if (!check_equal_s32(t, want, got, width, "%zu rows of %zu", n, width)) return;
    }
    static uint8_t in[17 * 2304];
    static int32_t out[17];
    check_fill(t, in, sizeof in);
    check_bench(t, sizeof in, k.columns(out, in, 2304, 17));
}

void check_argmax8_maxima(check *t, unsigned cpu)
{
    crl_argmax8_kernels k;
    crl_argmax8_kernels_init(&k, cpu);
    if (!check_variant(t, k.maxima, "argmax8_maxima")) return;
    for (int round = 0; round < check_rounds(t, 500); round++) {
        const size_t lines = (size_t)check_range(t, 1, 20), n = (size_t)check_range(t, 1, 100), step = n + (size_t)check_range(t, 0, 3);
        const size_t bytes = (lines - 1) * step + n;
        uint8_t *in = check_guarded(t, bytes), *want = check_guarded(t, lines), *got = check_guarded(t, lines);
        if (check_range(t, 0, 1)) check_fill_edgy_u8(t, in, bytes);
        crl_argmax8_maxima_ref(want, in, lines, n, step);
        k.maxima(got, in, lines, n, step);
        if (!check_equal(t, want, got, lines, "%zu lines of %zu, %zu apart", lines, n, step)) return;
    }
    static uint8_t in[91 * 1917], out[1917];
    check_fill(t, in, sizeof in);
    check_bench(t, 1917, k.maxima(out, in + 1, 1917, 90, 91));
}
