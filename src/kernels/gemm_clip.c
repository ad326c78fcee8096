/* SPDX-License-Identifier: Apache-2.0 */
/* Clipping by the book, the choice between ways to multiply, and the dispatch. */
#include "kernels/gemm_clip.h"

#include <string.h>

#include "base/cpu.h"

static int8_t within_s8(int32_t v)
{
    return (int8_t)(v > 127 ? 127 : v < -128 ? -128 : v);
}

crl_gemm_sums crl_gemm_clip_u8_ref(int8_t *to, const uint8_t *from, size_t n, int32_t zero)
{
    crl_gemm_sums s = { 0, 0, false };
    for (size_t i = 0; i < n; i++) {
        const int32_t v = from[i] - zero;
        to[i] = within_s8(v);
        s.clipped = s.clipped || to[i] != v;
        *(v > 0 ? &s.positive : &s.negative) += v;
    }
    return s;
}

crl_gemm_sums crl_gemm_clip_s8_ref(int8_t *to, const int8_t *from, size_t n, int32_t zero)
{
    crl_gemm_sums s = { 0, 0, false };
    for (size_t i = 0; i < n; i++) {
        const int32_t v = from[i] - zero;
        to[i] = within_s8(v);
        s.clipped = s.clipped || to[i] != v;
        *(v > 0 ? &s.positive : &s.negative) += v;
    }
    return s;
}

/* A pair of channels in `group` steps: 2 * group weights. The later ones lose; false: none did. */
static bool bound_pair(int8_t *w, int32_t group)
{
    int32_t positive = 0, negative = 0;
    bool lost = false;
    for (int32_t i = 0; i < 2 * group; i++) {
        int8_t *v = &w[i / 2 * 4 + i % 2];
        const int32_t kept = positive + *v > 128 ? 128 - positive : negative + *v < -128 ? -128 - negative : *v;
        lost = lost || kept != *v;
        *v = (int8_t)kept;
        *(kept > 0 ? &positive : &negative) += kept;
    }
    return lost;
}

void crl_gemm_bound_ref(int8_t *w, bool *lost, size_t steps, int32_t group)
{
    for (size_t s = 0; s < steps;) {
        const int32_t n = s + (size_t)group <= steps ? group : 1;
        const bool first = bound_pair(w + 4 * s, n), second = bound_pair(w + 4 * s + 2, n);
        for (int32_t i = 0; i < n; i++, s++) lost[s] = lost[s] || first || second;
    }
}

void crl_gemm_columns_ref(int8_t *to, size_t stride, const int8_t *const from[8], size_t steps)
{
    for (int i = 0; i < 8; i++)
        for (size_t s = 0; from[i] && s < steps; s++) memcpy(to + s * stride + 4 * i, from[i] + 4 * s, 4);
}

void crl_gemm_take(crl_gemm_kind kind, int32_t rest[4], int8_t piece[4])
{
    for (int32_t j = 0; j < 4; j++) piece[j] = within_s8(rest[j]);
    for (int32_t j = 0; j < 4 && kind == CRL_GEMM_ROWS; j++) piece[j] = piece[j] < -127 ? -127 : piece[j];
    if (kind == CRL_GEMM_PAIRS) {
        bound_pair(piece, 1);
        bound_pair(piece + 2, 1);
    }
    for (int32_t j = 0; j < 4; j++) rest[j] -= piece[j];
}

/* A sample of the filters tells enough: some panels of 8, and of each the first steps. */
enum { SAMPLES = 4, PANEL = 8, STEPS = 64 };

/* How many of the first `steps` steps of a panel need an extra one. */
static size_t lost_steps(const crl_gemm_clip_kernels *k, const crl_gemm_spec *spec, int32_t group, size_t panel,
                         size_t steps)
{
    const crl_window *w = &spec->window;
    const size_t length = (size_t)w->filter_h * (size_t)w->filter_w * (size_t)w->in_c, filters = (size_t)w->out_c;
    bool lost[STEPS] = { false };
    size_t n = 0;
    for (size_t o = panel; o < panel + PANEL && o < filters; o++) {
        int8_t whole[4 * STEPS], bounded[4 * STEPS];
        bool groups[STEPS] = { false };
        crl_gemm_clip(k, spec, whole, o * length, steps * 4);
        memcpy(bounded, whole, steps * 4);
        k->bound(bounded, groups, steps, group);
        for (size_t s = 0; s < steps; s++) lost[s] = lost[s] || memcmp(whole + 4 * s, bounded + 4 * s, 4) != 0;
    }
    for (size_t s = 0; s < steps; s++) n += lost[s];
    return n;
}

/* Instructions for a row and 8 columns; an extra step also loads its pointers, activations are widened once for all
 * columns. With few rows weights wait for memory, and an extra step is not hidden behind anything. */
static double cost(const crl_gemm_level *level, size_t steps, size_t lost, const crl_window *w)
{
    const bool few_rows = (int64_t)w->batch * w->out_h * w->out_w < 4;
    if (level->kind == CRL_GEMM_WIDE) return few_rows ? 6.0 * (double)steps : (4.2 + 16.0 / w->out_c) * (double)steps;
    return (level->group == 1 ? 3 : level->group == 2 ? 2.5 : 2.25) * (double)steps +
           (few_rows ? 15 : 4.5) * (double)lost;
}

const crl_gemm_level *crl_gemm_cheapest(const crl_gemm_level *levels, size_t n, const crl_gemm_spec *spec,
                                        unsigned cpu)
{
    crl_gemm_clip_kernels k;
    crl_gemm_clip_kernels_init(&k, cpu);
    const crl_window *w = &spec->window;
    const size_t all = (size_t)w->filter_h * (size_t)w->filter_w * (size_t)w->in_c / 4, filters = (size_t)w->out_c;
    const size_t steps = all < STEPS ? all : STEPS;
    const crl_gemm_level *best = NULL;
    double least = 0;
    for (size_t i = 0; i < n; i++) {
        size_t lost = 0;
        for (size_t s = 0; s < SAMPLES && levels[i].kind == CRL_GEMM_PAIRS; s++)
            lost += lost_steps(&k, spec, levels[i].group, filters * s / SAMPLES, steps);
        const double c = cost(&levels[i], SAMPLES * steps, lost, w);
        if (!best || c < least) {
            best = &levels[i];
            least = c;
        }
    }
    return best;
}

void crl_gemm_clip_kernels_init(crl_gemm_clip_kernels *k, unsigned cpu)
{
    *k = (crl_gemm_clip_kernels){ crl_gemm_clip_u8_ref, crl_gemm_clip_s8_ref, crl_gemm_bound_ref, crl_gemm_columns_ref };
    (void)cpu;
#if CRL_ARCH_X86_64
    if (cpu & CRL_CPU_AVX2)
        *k = (crl_gemm_clip_kernels){ crl_gemm_clip_u8_avx2, crl_gemm_clip_s8_avx2, crl_gemm_bound_avx2,
                                      crl_gemm_columns_avx2 };
#elif CRL_ARCH_ARM64 || CRL_ARCH_ARM32
    if (cpu & CRL_CPU_NEON) {
        k->u8 = crl_gemm_clip_u8_neon;
        k->s8 = crl_gemm_clip_s8_neon;
    }
#endif
}
