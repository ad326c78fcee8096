/* SPDX-License-Identifier: Apache-2.0 */
/* The search for constants, the definition of the kernel, the dispatch. */
#include "kernels/blend.h"

#include <math.h>

#include "base/cpu.h"

static int32_t target_at(const crl_blend_target *t, int32_t x)
{
    return crl_scale_apply(x, t->scale) + t->zero;
}

/* step[j], j in min+1..max: the least x whose output is j or more. */
static void find_steps(int64_t step[257], const crl_blend_target *t, int64_t lowest, int64_t highest)
{
    const double per_unit = ldexp((double)t->scale.mult, t->scale.shift - 31);
    for (int32_t j = t->min + 1; j <= t->max; j++) {
        const double guess = (j - t->zero - 0.5) / per_unit;
        int64_t x = guess < (double)lowest ? lowest : guess > (double)highest ? highest : (int64_t)guess;
        while (x <= highest && target_at(t, (int32_t)x) < j) x++;
        while (x > lowest && target_at(t, (int32_t)(x - 1)) >= j) x--;
        step[j] = x; /* highest + 1 when j is never reached, lowest when always */
    }
}

/* The offsets with which ka, kb and shift serve all pairs: *low to *high, empty when *low > *high. */
static void offsets(const crl_blend *c, const crl_blend_target *t, const int64_t step[257], int64_t *low, int64_t *high)
{
    *low = INT64_MIN;
    *high = INT64_MAX;
    const bool rising = t->fb[255] >= t->fb[0];
    /* Rows far apart first: constants that do not serve are found out after a few. */
    for (int32_t row = 0; row < 256 && *low <= *high; row++) {
        const int32_t a = row * 97 % 256;
        int32_t y = t->min;
        for (int32_t i = 0; i < 256; i++) {
            const int32_t b = rising ? i : 255 - i;
            const int64_t x = (int64_t)t->fa[a] + t->fb[b];
            while (y < t->max && x >= step[y + 1]) y++;
            const int64_t v = (int64_t)a * c->ka + (int64_t)b * c->kb;
            const int64_t least = ((int64_t)y << c->shift) - v;
            if (y > t->min && least > *low) *low = least;
            if (y < t->max && least + (INT64_C(1) << c->shift) - 1 < *high) *high = least + (INT64_C(1) << c->shift) - 1;
        }
    }
}

bool crl_blend_fit(crl_blend *c, const crl_blend_target *t)
{
    const int64_t a0 = t->fa[0], a1 = t->fa[255], b0 = t->fb[0], b1 = t->fb[255];
    const int64_t lowest = (a0 < a1 ? a0 : a1) + (b0 < b1 ? b0 : b1);
    const int64_t highest = (a0 < a1 ? a1 : a0) + (b0 < b1 ? b1 : b0);
    if (lowest <= INT32_MIN || highest >= INT32_MAX || t->scale.mult <= 0 || t->scale.shift > 0) return false;
    int64_t step[257];
    find_steps(step, t, lowest, highest);
    const double per_unit = ldexp((double)t->scale.mult, t->scale.shift - 31);
    const double ra = (double)(a1 - a0) / 255 * per_unit, rb = (double)(b1 - b0) / 255 * per_unit;
    /* The sum has to stay within 31 bits, each constant within 26 (two 16-bit halves of 15 and 11 bits). */
    int32_t shift = 22;
    while (shift > 8 && (fabs(ra) + fabs(rb) + 2) * 256 * ldexp(1, shift) >= 2147483647.0) shift--;
    if (shift <= 8) return false;
    const int32_t ka = (int32_t)lrint(ldexp(ra, shift)), kb = (int32_t)lrint(ldexp(rb, shift));
    static const int8_t nudge[][2] = { { 0, 0 }, { 1, 0 }, { 0, 1 }, { -1, 0 }, { 0, -1 }, { 1, -1 }, { -1, 1 }, { 1, 1 }, { -1, -1 } };
    for (size_t i = 0; i < sizeof nudge / sizeof nudge[0]; i++) {
        *c = (crl_blend){ .ka = ka + nudge[i][0], .kb = kb + nudge[i][1], .shift = shift, .min = t->min, .max = t->max };
        int64_t low, high;
        offsets(c, t, step, &low, &high);
        if (low > high || low == INT64_MIN || high == INT64_MAX) continue;
        const int64_t middle = low + (high - low) / 2;
        const int64_t top = 255 * ((int64_t)(c->ka > 0 ? c->ka : 0) + (c->kb > 0 ? c->kb : 0)) + middle;
        const int64_t bottom = 255 * ((int64_t)(c->ka < 0 ? c->ka : 0) + (c->kb < 0 ? c->kb : 0)) + middle;
        if (top > INT32_MAX || bottom < INT32_MIN || middle > INT32_MAX || middle < INT32_MIN) continue;
        c->offset = (int32_t)middle;
        return true;
    }
    return false;
}

void crl_blend_u8_ref(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n, const crl_blend *c)
{
    for (size_t i = 0; i < n; i++) {
        const int32_t v = (a[i] * c->ka + b[i] * c->kb + c->offset) >> c->shift;
        out[i] = (uint8_t)crl_clamp(v, c->min, c->max);
    }
}

bool crl_blend_sum_fits(const crl_blend_target *t)
{
    int64_t most = 0;
    for (int i = 0; i < 256; i++)
        for (int side = 0; side < 2; side++) {
            const int64_t v = side ? t->fb[i] : t->fa[i];
            if (v > most || -v > most) most = v < 0 ? -v : v;
        }
    return 2 * most < 1 << 30 && t->scale.mult >= 0 && t->scale.shift <= 0 && t->scale.shift >= -31;
}

void crl_blend_sum_u8_ref(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n, const crl_blend_target *t)
{
    for (size_t i = 0; i < n; i++) {
        const int32_t v = target_at(t, t->fa[a[i]] + t->fb[b[i]]);
        out[i] = (uint8_t)crl_clamp(v, t->min, t->max);
    }
}

void crl_blend_kernels_init(crl_blend_kernels *k, unsigned cpu)
{
    (void)cpu;
    *k = (crl_blend_kernels){ crl_blend_u8_ref, crl_blend_sum_u8_ref, "blend ref", "sum ref" };
#if CRL_ARCH_X86_64
    if (cpu & CRL_CPU_AVX2)
        *k = (crl_blend_kernels){ crl_blend_u8_avx2, crl_blend_sum_u8_avx2, "blend avx2", "sum avx2" };
    if (cpu & CRL_CPU_AVX512VNNI) {
        k->u8 = crl_blend_u8_avx512vnni;
        k->name = "blend avx512vnni";
    }
#endif
}
