/* SPDX-License-Identifier: Apache-2.0 */
/* Rows by tables: see softmax_chip.h. */
#include "kernels/softmax_chip.h"

#include <math.h>

#include "base/cpu.h"
#include "kernels/element.h"

enum { LANES = CRL_SOFTMAX_CHIP_LANES };

void crl_softmax_chip_kernels_init(crl_softmax_chip_kernels *k, unsigned cpu)
{
    crl_lut_kernels lut;
    crl_lut_kernels_init(&lut, cpu);
    *k = (crl_softmax_chip_kernels){ "softmax_chip ref", lut.u8, crl_softmax_chip_exponentials_ref, crl_softmax_chip_steps_ref,
                                     crl_softmax_chip_outputs_ref };
#if CRL_ARCH_X86_64
    if (cpu & CRL_CPU_AVX2) {
        k->name = "softmax_chip avx2";
        k->exponentials = crl_softmax_chip_exponentials_avx2;
        k->steps = crl_softmax_chip_steps_avx2;
        k->outputs = crl_softmax_chip_outputs_avx2;
    }
#endif
}

/* Bytes as numbers from `least` on, so that both types are alike: the smallest of a row, or less, where lanes begin, and the
 * largest. */
static void range_of(const uint8_t *in, size_t n, uint8_t flip, int32_t *bottom, int32_t *top)
{
    uint8_t low = UINT8_MAX, high = 0;
    for (size_t i = 0; i < n; i++) {
        const uint8_t x = in[i] ^ flip;
        low = x < low ? x : low;
        high = x > high ? x : high;
    }
    *bottom = low / LANES * LANES;
    *top = high;
}

static int32_t n_of(int32_t bottom, int32_t top)
{
    return (top - bottom) / LANES * LANES + LANES;
}

static float add_up(const float *e, const uint8_t *in, size_t n, uint8_t flip, float sum)
{
    for (size_t i = 0; i < n; i++) sum += e[in[i] ^ flip];
    return sum;
}

/* The same bits without waiting for each addition. A sum between two powers of two is a whole number of its last place's units, and
 * adds to it what an exponential has of those, rounded; only halves depend on the sum. So exponentials are rounded first, by a
 * table, and what remains are integers, as long as the next power of two is not reached: there some are added as floats. */
static float add_up_long(const float *e, const uint8_t *in, size_t n, uint8_t flip, int32_t bottom, int32_t top,
                         const crl_softmax_chip_kernels *k)
{
    enum { BYTES = 256, HEAD = 64 /* until then the sum doubles all the time */, CHUNK = 16, PLACES = 24 };
    int32_t step[BYTES];
    float sum = add_up(e, in, HEAD, flip, 0);
    size_t i = HEAD;
    while (i + CHUNK <= n) {
        int exponent;
        frexpf(sum, &exponent);
        const float unit = ldexpf(1, exponent - PLACES);
        const bool whole = sum > 1e-20f && k->steps(step + bottom, e + bottom, n_of(bottom, top), 1 / unit);
        for (int32_t all = whole ? (int32_t)(sum / unit) : 0; whole && i + CHUNK <= n; i += CHUNK) {
            int32_t more[4] = { 0 };
            for (int j = 0; j < CHUNK; j++) more[j % 4] += step[in[i + (size_t)j] ^ flip];
            const int32_t sum_of_more = more[0] + more[1] + more[2] + more[3];
            if (all + sum_of_more >= CRL_SOFTMAX_CHIP_STEPS) break;
            all += sum_of_more;
            sum = (float)all * unit;
        }
        const size_t few = i + CHUNK <= n ? CHUNK : 0;
        sum = add_up(e, in + i, few, flip, sum);
        i += few;
    }
    return add_up(e, in + i, n - i, flip, sum);
}

/* A table of what lies between the smallest and the largest byte. */
static void one_row(uint8_t *out, const uint8_t *in, const crl_softmax_chip *p, const crl_softmax_chip_kernels *k)
{
    enum { BYTES = 256, LONG = 200 };
    const int32_t least = crl_type_min(p->type);
    const uint8_t flip = p->type == CRL_INT8 ? 0x80 : 0;
    int32_t bottom, top;
    range_of(in, p->depth, flip, &bottom, &top);
    float e[BYTES];
    k->exponentials(e + bottom, bottom + least, n_of(bottom, top), crl_softmax_chip_real(top + least, p), p);
    const float sum = p->depth < LONG ? add_up(e, in, p->depth, flip, 0) : add_up_long(e, in, p->depth, flip, bottom, top, k);
    uint8_t y[BYTES] = { 0 }, table[BYTES];
    k->outputs(y + bottom, e + bottom, n_of(bottom, top), 1.0f / sum, p);
    for (int32_t b = 0; b < BYTES; b++) table[b] = y[b ^ flip];
    k->lut(out, in, p->depth, table);
}

void crl_softmax_chip_rows(uint8_t *out, const uint8_t *in, const crl_softmax_chip *p, const crl_softmax_chip_kernels *k,
                           size_t first, size_t end)
{
    if (p->tiles) crl_softmax_tiles_rows(out, in, p, k->lut, first, end);
    for (size_t row = first; !p->tiles && row < end; row++) one_row(out + row * p->depth, in + row * p->depth, p, k);
}
