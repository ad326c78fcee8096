/* SPDX-License-Identifier: Apache-2.0 */
/* Every variant of quant8 against the definitions, with ties, neighbours of ties, and floats that no int32 holds. */
#include <math.h>

#include "check.h"
#include "checks.h"
#include "kernels/quant8.h"

static void fill_hostile(check *t, float *x, size_t n, float scale)
{
    static const float odd[] = { NAN, INFINITY, -INFINITY, 0.0f, -0.0f, 1e-45f, -1e-45f, 3e38f, -3e38f, 2147483520.0f, -2147483648.0f };
    for (size_t i = 0; i < n; i++) {
        const float tie = ((float)check_range(t, -300, 300) + 0.5f) * scale;
        switch (check_range(t, 0, 5)) {
        case 0: x[i] = odd[check_range(t, 0, (int32_t)(sizeof odd / sizeof odd[0]) - 1)]; break;
        case 1: x[i] = tie; break;
        case 2: x[i] = nextafterf(tie, 1e30f); break;
        case 3: x[i] = nextafterf(tie, -1e30f); break;
        case 4: x[i] = (float)check_edgy(t, INT32_MIN, INT32_MAX) * scale; break;
        default: x[i] = (float)check_range(t, -1000000, 1000000) / 3000 * scale;
        }
    }
}

void check_quant8(check *t, unsigned cpu)
{
    crl_quant8_kernels k;
    crl_quant8_kernels_init(&k, cpu);
    if (!check_variant(t, k.quantize, "quantize8")) return;
    for (int round = 0; round < check_rounds(t, 500); round++) {
        const size_t n = (size_t)check_range(t, 0, 130);
        const float scale = round % 3 ? (float)check_range(t, 1, 100000) / 7e5f : ldexpf(1, check_range(t, -20, 20));
        const int32_t lift = check_range(t, 0, 1) ? 128 : 0, zero = check_edgy(t, -lift, 255 - lift);
        float *in = check_guarded(t, n * sizeof *in), *want_f = check_guarded(t, n * sizeof *in), *got_f = check_guarded(t, n * sizeof *in);
        uint8_t *want = check_guarded(t, n), *got = check_guarded(t, n);
        fill_hostile(t, in, n, scale);
        crl_quantize8_ref(want, in, n, scale, zero, lift);
        k.quantize(got, in, n, scale, zero, lift);
        if (!check_equal(t, want, got, n, "n=%zu scale %a zero %d lift %d", n, (double)scale, zero, lift)) return;
        const float wild = round % 5 ? scale : round % 2 ? 3e36f : 1e-42f;
        const uint8_t flip = check_range(t, 0, 1) ? 0x80 : 0;
        crl_dequantize8_ref(want_f, got, n, wild, zero + lift, flip);
        k.dequantize(got_f, got, n, wild, zero + lift, flip);
        if (!check_equal(t, want_f, got_f, n * sizeof *got_f, "to floats, n=%zu scale %a zero %d", n, (double)wild, zero)) return;
        check_release(t);
    }
    static float in[16384];
    static uint8_t out[16384];
    check_bench(t, 16384, k.quantize(out, in, 16384, 0.1f, 3, 0));
    check_name(t, "dequantize8");
    check_bench(t, 16384, k.dequantize(in, out, 16384, 0.1f, 3, 0));
}
