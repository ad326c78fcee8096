/* SPDX-License-Identifier: Apache-2.0 */
/* Every variant of the look-up family against the definition, also in place; and tables of functions. */
#include <string.h>

#include "check.h"
#include "checks.h"
#include "kernels/lut.h"
#include "kernels/unary.h"

/* Where a function gives more than 32 bits hold, its table has the largest value, and rises everywhere. */
static void check_tables(check *t)
{
    uint8_t table[256];
    for (int32_t zero = -128; zero < 128; zero += 51) {
        crl_table8_fill(table, CRL_INT8, crl_table_exp, 0, 0.5f, -128, 0.01f, zero);
        for (int q = -127; q < 128; q++) {
            const int was = (int8_t)table[(uint8_t)(q - 1)], is = (int8_t)table[(uint8_t)q];
            if (!check_that(t, is >= was, "exp of %g is %d, and before it %d", 0.5 * (q + 128), is, was)) return;
        }
        check_that(t, (int8_t)table[127] == 127, "the largest is %d", (int8_t)table[127]);
    }
}

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
    check_tables(t);
    static uint8_t in[65536], out[65536];
    check_fill(t, in, sizeof in);
    check_bench(t, sizeof in, k.u8(out, in, sizeof in, table));
}
