/* SPDX-License-Identifier: Apache-2.0 */
/* Plain loops, and the dispatch. */
#include "kernels/pool8.h"

#include "base/cpu.h"
#include "base/fixed.h"

typedef struct place {
    const uint8_t *from; /* channel 0 of the first tap inside the input */
    int32_t rows, columns;
} place;

static place find(const uint8_t *in, const crl_window *w, int32_t row, int32_t x)
{
    const crl_taps ty = crl_window_taps_y(w, row % w->out_h), tx = crl_window_taps_x(w, x);
    return (place){ in + crl_window_in(w, row / w->out_h, ty.origin + ty.first, tx.origin + tx.first), ty.end - ty.first,
                    tx.end - tx.first };
}

void crl_average_pool8_ref(uint8_t *out, const uint8_t *in, const crl_pool8 *p, int32_t first, int32_t end)
{
    const crl_window *w = &p->window;
    const size_t channels = (size_t)w->in_c, stride = (size_t)w->in_w * channels;
    out += (size_t)first * (size_t)w->out_w * channels;
    for (int32_t row = first; row < end; row++)
        for (int32_t x = 0; x < w->out_w; x++, out += channels) {
            const place f = find(in, w, row, x);
            const int32_t n = f.rows * f.columns;
            for (size_t c = 0; c < channels; c++) {
                int32_t sum = -n * p->lift;
                for (int32_t i = 0; i < f.rows; i++)
                    for (int32_t k = 0; k < f.columns; k++) sum += f.from[(size_t)i * stride + (size_t)k * channels + c];
                out[c] = (uint8_t)crl_clamp((sum > 0 ? sum + n / 2 : sum - n / 2) / n + p->lift, p->min, p->max);
            }
        }
}

void crl_max_pool8_ref(uint8_t *out, const uint8_t *in, const crl_pool8 *p, int32_t first, int32_t end)
{
    const crl_window *w = &p->window;
    const size_t channels = (size_t)w->in_c, stride = (size_t)w->in_w * channels;
    out += (size_t)first * (size_t)w->out_w * channels;
    for (int32_t row = first; row < end; row++)
        for (int32_t x = 0; x < w->out_w; x++, out += channels) {
            const place f = find(in, w, row, x);
            for (size_t c = 0; c < channels; c++) {
                int32_t most = p->min;
                for (int32_t i = 0; i < f.rows; i++)
                    for (int32_t k = 0; k < f.columns; k++) {
                        const int32_t v = f.from[(size_t)i * stride + (size_t)k * channels + c];
                        most = v > most ? v : most;
                    }
                out[c] = (uint8_t)(most > p->max ? p->max : most);
            }
        }
}

void crl_pool8_kernels_init(crl_pool8_kernels *k, unsigned cpu)
{
    (void)cpu;
    *k = (crl_pool8_kernels){ "pool8 ref", crl_average_pool8_ref, crl_max_pool8_ref };
#if CRL_ARCH_X86_64
    if (cpu & CRL_CPU_AVX2) *k = (crl_pool8_kernels){ "pool8 avx2", crl_average_pool8_avx2, crl_max_pool8_avx2 };
#elif CRL_ARCH_ARM64 || CRL_ARCH_ARM32
    if (cpu & CRL_CPU_NEON) *k = (crl_pool8_kernels){ "pool8 neon", crl_average_pool8_neon, crl_max_pool8_neon };
#endif
}
