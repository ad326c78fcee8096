/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of weights against sums of 64 bits: lengths around whole vectors, and the largest products there are. */
#include <string.h>

#include "check.h"
#include "checks.h"
#include "kernels/dot8.h"

void check_dot8(check *t, unsigned cpu)
{
    crl_dot8_kernels k;
    crl_dot8_kernels_init(&k, cpu);
    if (!check_variant(t, k.run, "dot8")) return;
    for (int round = 0; round < check_rounds(t, 300); round++) {
        const size_t rows = (size_t)check_range(t, 1, 5);
        const size_t n = round == 0 ? CRL_DOT8_MOST : (size_t)check_edgy(t, 1, 700);
        uint8_t *in = check_guarded(t, n);
        int8_t *weights = check_guarded(t, rows * n);
        int32_t *want = check_guarded(t, rows * sizeof *want), *got = check_guarded(t, rows * sizeof *got);
        if (round < 4) memset(in, 255, n), memset(weights, round % 2 ? 127 : -128, rows * n);
        for (size_t r = 0; r < rows; r++) {
            int64_t sum = 0;
            for (size_t i = 0; i < n; i++) sum += in[i] * weights[r * n + i];
            want[r] = (int32_t)sum;
        }
        k.run(got, in, weights, rows, n);
        if (!check_equal(t, want, got, rows * sizeof *want, "%zu rows of %zu", rows, n)) return;
        check_release(t);
    }
}
