/* SPDX-License-Identifier: Apache-2.0 */
/* The search for constants, the definition of the kernel, the dispatch. */
#include "kernels/blend.h"

#include <math.h>

#include "base/cpu.h"

static int32_t target_at(const crl_blend_target *t, int32_t x)
{
    return crl_scale_apply(x, t->scale) + t->zero;
}

void crl_blend_bounds_ref(const crl_blend *c, const crl_blend_target *t, crl_blend_side side, int64_t *low, int64_t *high)
{
    *low = INT64_MIN;
    *high = INT64_MAX;
    for (int32_t row = 0; row < 256 && *low <= *high; row++) {
        const int32_t a = crl_blend_row(row);
        for (int32_t b = 0; b < 256; b++) {
            if (!crl_blend_asks(side, t->fa[a] + t->fb[b])) continue;
            const int32_t y = crl_clamp(target_at(t, t->fa[a] + t->fb[b]), t->min, t->max);
            const int64_t least = ((int64_t)y << c->shift) - (int64_t)a * c->ka - (int64_t)b * c->kb;
            if (y > t->min && least > *low) *low = least;
            if (y < t->max && least + (INT64_C(1) << c->shift) - 1 < *high) *high = least + (INT64_C(1) << c->shift) - 1;
        }
    }
}

/* The middle of the offsets with which ka and kb serve the pairs of a side; false: there are none. */
static bool find_offset(const crl_blend *c, const crl_blend_target *t, const crl_blend_kernels *k, crl_blend_side side,
                        int64_t *middle)
{
    int64_t low, high;
    k->bounds(c, t, side, &low, &high);
    if (low > high) return false;
    /* An output that is never above its least value bounds nothing from below. */
    if (low == INT64_MIN) low = high == INT64_MAX ? 0 : high;
    if (high == INT64_MAX) high = low;
    *middle = low + (high - low) / 2;
    return true;
}

static bool fits_int32(int64_t v)
{
    return v >= INT32_MIN && v <= INT32_MAX;
}

/* With `offset`, all of a * ka + b * kb + offset fits. */
static bool fits_sum(const crl_blend *c, int64_t offset)
{
    const int64_t top = 255 * ((int64_t)(c->ka > 0 ? c->ka : 0) + (c->kb > 0 ? c->kb : 0)) + offset;
    const int64_t bottom = 255 * ((int64_t)(c->ka < 0 ? c->ka : 0) + (c->kb < 0 ? c->kb : 0)) + offset;
    return fits_int32(top) && fits_int32(bottom) && fits_int32(offset);
}

/* Whether ka and kb of *c serve with one offset. */
static bool find_line(crl_blend *c, const crl_blend_target *t, const crl_blend_kernels *k)
{
    int64_t offset;
    if (!find_offset(c, t, k, CRL_BLEND_ALL, &offset) || !fits_sum(c, offset)) return false;
    c->offset = (int32_t)offset;
    return true;
}

/* The least a * ka + b * kb of sums that are not below zero; false: one below zero reaches it as well. */
static bool find_zero(const crl_blend *c, const crl_blend_target *t, int32_t *zero)
{
    int32_t below = INT32_MIN, above = INT32_MAX;
    for (int32_t a = 0; a < 256; a++)
        for (int32_t b = 0; b < 256; b++) {
            const bool is_below = t->fa[a] + t->fb[b] < 0;
            const int32_t v = a * c->ka + b * c->kb;
            if (is_below && v > below) below = v;
            if (!is_below && v < above) above = v;
        }
    *zero = above;
    return below < above;
}

/* Whether ka and kb of *c serve with two offsets. */
static bool find_halves(crl_blend *c, const crl_blend_target *t, const crl_blend_kernels *k)
{
    int64_t below, above;
    int32_t zero;
    /* Those above first: with a ReLU all others are clamped, and it takes longest to see that nothing is wrong. */
    if (!find_offset(c, t, k, CRL_BLEND_ABOVE, &above) || !find_offset(c, t, k, CRL_BLEND_BELOW, &below) ||
        !find_zero(c, t, &zero))
        return false;
    const int64_t offset = -(int64_t)zero;
    if (!fits_sum(c, offset) || !fits_sum(c, below) || !fits_sum(c, above)) return false;
    if (!fits_int32(below - offset) || !fits_int32(above - offset)) return false;
    c->split = true;
    c->offset = (int32_t)offset;
    c->below = (int32_t)(below - offset);
    c->above = (int32_t)(above - offset);
    return true;
}

/* Lines a little flatter than the true one, with two offsets: small sums are ties, larger ones, whose scales were rounded down,
 * no more. Rounding ka and kb is nothing beside 2^-13, and that is nothing beside what lies between ties. */
static bool fit_halves(crl_blend *c, const crl_blend_target *t, double ra, double rb, const crl_blend_kernels *k)
{
    static const bool flat[][2] = { { true, true }, { false, true }, { true, false } };
    for (size_t i = 0; i < sizeof flat / sizeof flat[0]; i++) {
        c->ka = (int32_t)lrint(ldexp(flat[i][0] ? ra * (1 - ldexp(1, -13)) : ra, c->shift));
        c->kb = (int32_t)lrint(ldexp(flat[i][1] ? rb * (1 - ldexp(1, -13)) : rb, c->shift));
        if (find_halves(c, t, k)) return true;
    }
    return false;
}

bool crl_blend_fit(crl_blend *c, const crl_blend_target *t, const crl_blend_kernels *k)
{
    if (!crl_blend_sum_fits(t) || t->scale.mult == 0) return false;
    const int64_t a0 = t->fa[0], a1 = t->fa[255], b0 = t->fb[0], b1 = t->fb[255];
    const double per_unit = ldexp((double)t->scale.mult, t->scale.shift - 31);
    const double ra = (double)(a1 - a0) / 255 * per_unit, rb = (double)(b1 - b0) / 255 * per_unit;
    /* The sum has to stay within 31 bits, each constant within 26 (two 16-bit halves of 15 and 11 bits). */
    int32_t shift = 22;
    while (shift > 8 && (fabs(ra) + fabs(rb) + 2) * 256 * ldexp(1, shift) >= 2147483647.0) shift--;
    if (shift <= 8) return false;
    *c = (crl_blend){ .shift = shift, .min = t->min, .max = t->max };
    const int32_t ka = (int32_t)lrint(ldexp(ra, shift)), kb = (int32_t)lrint(ldexp(rb, shift));
    static const int8_t nudge[][2] = { { 0, 0 }, { 1, 0 }, { 0, 1 }, { -1, 0 }, { 0, -1 }, { 1, -1 }, { -1, 1 }, { 1, 1 }, { -1, -1 } };
    for (size_t i = 0; i < sizeof nudge / sizeof nudge[0]; i++) {
        c->ka = ka + nudge[i][0];
        c->kb = kb + nudge[i][1];
        if (find_line(c, t, k)) return true;
    }
    /* Ties go away from zero, so that what is right for those above zero is wrong below: a line that is a little too steep
     * goes between them. Scales that are powers of two make many. */
    for (int step = -22; step <= -12; step++) {
        c->ka = (int32_t)lrint(ldexp(ra * (1 + ldexp(1, step)), shift));
        c->kb = (int32_t)lrint(ldexp(rb * (1 + ldexp(1, step)), shift));
        if (find_line(c, t, k)) return true;
    }
    return fit_halves(c, t, ra, rb, k);
}

void crl_blend_u8_ref(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n, const crl_blend *c)
{
    for (size_t i = 0; i < n; i++) {
        const int32_t v = a[i] * c->ka + b[i] * c->kb + c->offset, w = !c->split ? v : v < 0 ? v + c->below : v + c->above;
        out[i] = (uint8_t)crl_clamp(w >> c->shift, c->min, c->max);
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
    *k = (crl_blend_kernels){ crl_blend_u8_ref, crl_blend_sum_u8_ref, crl_blend_bounds_ref, NULL, "blend ref", "sum ref", NULL };
#if CRL_ARCH_X86_64
    if (cpu & CRL_CPU_AVX2)
        *k = (crl_blend_kernels){ crl_blend_u8_avx2, crl_blend_sum_u8_avx2, crl_blend_bounds_avx2, NULL, "blend avx2", "sum avx2", NULL };
    if (cpu & CRL_CPU_AVX512VNNI) {
        k->u8 = crl_blend_u8_avx512vnni;
        k->name = "blend avx512vnni";
    }
    if (cpu & CRL_CPU_VBMI) {
        k->sum = crl_blend_sum_u8_vbmi;
        k->sum_name = "sum vbmi";
        k->tables = crl_blend_tables_u8_vbmi;
        k->lower = crl_blend_lower_vbmi;
        k->tables_name = "tables vbmi";
    }
#elif CRL_ARCH_ARM64 || CRL_ARCH_ARM32
    if (cpu & CRL_CPU_NEON)
        *k = (crl_blend_kernels){ crl_blend_u8_neon, crl_blend_sum_u8_neon, crl_blend_bounds_neon, NULL, "blend neon", "sum neon", NULL };
#endif
}
