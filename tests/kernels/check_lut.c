/* SPDX-License-Identifier: Apache-2.0 */
/* Every variant of the look-up family against the definition, also in place. */
#include <string.h>

#include "check.h"
#include "checks.h"
#include "kernels/lut.h"

void check_lut(check *t, unsigned cpu)
{
    crl_lut_kernels k;
    crl_lut_kernels_init(&k, cpu);
    if (!check_variant(t, k.u8, "lut_u8")) return;
    uint8_t *table = check_guarded(t, 256);
    for (int round = 0; round < check_rounds(t, 300); round++) {
        const size_t n = (size_t)check_range(t, 0, 300);
        uint8_t *in = check_guarded(t, n), *want = check_guarded(t, n), *got = check_guarded(t, n);
        check_fill(t, table, 256);
        crl_lut_u8_ref(want, in, n, table);
        k.u8(got, in, n, table);
        if (!check_equal(t, want, got, n, "n=%zu", n)) return;
        k.u8(in, in, n, table);
        if (!check_equal(t, want, in, n, "in place, n=%zu", n)) return;
    }
    static uint8_t in[65536], out[65536];
    check_fill(t, in, sizeof in);
    check_bench(t, sizeof in, k.u8(out, in, sizeof in, table));
}
