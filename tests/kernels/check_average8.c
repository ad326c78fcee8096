/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of pixels at every level against the definition. */
#include "check.h"
#include "checks.h"
#include "kernels/average8.h"

void check_average8(check *t, unsigned cpu)
{
    crl_average8_kernels k;
    crl_average8_kernels_init(&k, cpu);
    if (!check_variant(t, k.sum, "average8")) return;
    for (int round = 0; round < check_rounds(t, 200); round++) {
        const size_t pixels = (size_t)check_edgy(t, 0, 700), channels = (size_t)check_edgy(t, 1, 70);
        uint8_t *in = check_guarded(t, pixels * channels);
        int32_t *want = check_guarded(t, channels * sizeof *want), *got = check_guarded(t, channels * sizeof *got);
        check_fill_edgy_u8(t, in, pixels * channels);
        crl_sum_pixels_ref(want, in, pixels, channels);
        k.sum(got, in, pixels, channels);
        if (!check_equal_s32(t, want, got, channels, "%zu pixels of %zu channels", pixels, channels)) return;
    }
    static uint8_t in[49 * 1280];
    static int32_t sums[1280];
    check_bench(t, sizeof in, k.sum(sums, in, 49, 1280));
}
