/* SPDX-License-Identifier: Apache-2.0 */
/* Products at every level against the definition. */
#include <math.h>

#include "check.h"
#include "checks.h"
#include "kernels/product8.h"

void check_product8(check *t, unsigned cpu)
{
    crl_product8_kernels k;
    crl_product8_kernels_init(&k, cpu);
    if (!check_variant(t, k.u8, "product8")) return;
    for (int round = 0; round < check_rounds(t, 300); round++) {
        const size_t n = (size_t)check_range(t, 0, 200);
        uint8_t *a = check_guarded(t, n), *b = check_guarded(t, n), *want = check_guarded(t, n), *got = check_guarded(t, n);
        check_fill_edgy_u8(t, a, n);
        check_fill_edgy_u8(t, b, n);
        const bool halves = check_range(t, 0, 2) == 0; /* a power of two */
        const crl_scale scale = { halves ? 1 << 30 : check_edgy(t, 1 << 30, INT32_MAX), check_range(t, -16, 2) };
        const int32_t zero = check_edgy(t, 0, 255), min = check_range(t, 0, 1) ? zero : check_range(t, 0, zero);
        const float single = ldexpf((float)check_range(t, 1 << 23, (1 << 24) - 1), check_range(t, -40, -24));
        const bool is_single = check_range(t, 0, 3) == 0;
        const crl_requant q = { .scale = is_single ? NULL : &scale, .single = is_single ? &single : NULL, .zero_point = zero,
                                .min = min, .max = check_range(t, min, 255) };
        crl_product8 p;
        if (!check_that(t, crl_product8_init(&p, check_edgy(t, 0, 255), check_edgy(t, 0, 255), &q, cpu), "refused")) return;
        crl_product8_ref(want, a, b, n, &p);
        k.u8(got, a, b, n, &p);
        if (!check_equal(t, want, got, n, "n=%zu zeros %d %d %d scale %d, %d", n, p.a_zero, p.b_zero, zero, scale.mult, scale.shift)) return;
        if (round == 0) {
            static uint8_t x[4096], y[4096];
            check_bench(t, sizeof x, k.u8(x, x, y, sizeof x, &p));
        }
    }
}
