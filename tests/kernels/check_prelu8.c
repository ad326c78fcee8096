/* SPDX-License-Identifier: Apache-2.0 */
/* Every level of PRELU of bytes against the definition, and how often constants are found. */
#include <math.h>

#include "check.h"
#include "checks.h"
#include "kernels/activation.h"
#include "kernels/prelu8.h"

enum { MOST_CHANNELS = 70 };

typedef struct layer {
    crl_leaky leaky;
    uint8_t *slopes, *tables;
    float a[MOST_CHANNELS], b[MOST_CHANNELS];
    crl_prelu8 p;
} layer;

static bool make(check *t, layer *l)
{
    const size_t channels = (size_t)check_range(t, 16, MOST_CHANNELS);
    l->leaky = (crl_leaky){ .in_zero = check_edgy(t, 0, 255), .out_zero = check_edgy(t, 0, 255), .alpha_zero = check_range(t, 0, 255),
                            .scale = crl_scale_from_real(ldexp(check_range(t, 1, 1 << 20), -20 + check_range(t, 0, 2))),
                            .negative = crl_scale_from_real(ldexp(check_range(t, 1, 1 << 20), -27)) };
    l->slopes = check_guarded(t, channels);
    l->tables = check_guarded(t, channels * 256);
    uint8_t all[256];
    for (int i = 0; i < 256; i++) all[i] = (uint8_t)i;
    for (size_t c = 0; c < channels; c++) crl_prelu_u8_ref(l->tables + 256 * c, all, 1, l->slopes + c, 0, 256, &l->leaky);
    l->p = (crl_prelu8){ .in_zero = l->leaky.in_zero,
                         .out_zero = l->leaky.out_zero,
                         .a = l->a,
                         .b = l->b,
                         .channels = channels,
                         .tables = l->tables };
    bool found = crl_prelu8_fit(&l->p.above_a, &l->p.above_b, 1, l->leaky.scale, l->tables, l->p.in_zero, l->p.out_zero, true);
    for (size_t c = 0; c < channels && found; c++)
        found = crl_prelu8_fit(&l->a[c], &l->b[c], l->slopes[c] - l->leaky.alpha_zero, l->leaky.negative, l->tables + 256 * c,
                               l->p.in_zero, l->p.out_zero, false);
    return found;
}

void check_prelu8(check *t, unsigned cpu)
{
    crl_prelu8_kernels k;
    crl_prelu8_kernels_init(&k, cpu, 16);
    if (!k.name || !check_variant(t, k.run, k.name)) return;
    int found = 0, rounds = check_rounds(t, 300);
    for (int round = 0; round < rounds; round++) {
        check_release(t);
        layer l;
        if (!make(t, &l)) continue;
        found++;
        const size_t pixels = (size_t)check_range(t, 1, 20), n = pixels * l.p.channels;
        uint8_t *in = check_guarded(t, n), *want = check_guarded(t, n), *got = check_guarded(t, n);
        check_fill_edgy_u8(t, in, n);
        for (size_t i = 0; i < pixels; i++)
            crl_prelu_u8_ref(want + i * l.p.channels, in + i * l.p.channels, 1, l.slopes, 1, l.p.channels, &l.leaky);
        k.run(got, in, pixels, &l.p);
        if (!check_equal(t, want, got, n, "%zu pixels of %zu channels, zeros %d, %d", pixels, l.p.channels, l.p.in_zero, l.p.out_zero)) return;
    }
    check_that(t, found * 10 >= rounds * 9, "constants for %d of %d layers", found, rounds);
}
