/* SPDX-License-Identifier: Apache-2.0 */
/* The plain form of the lanes, their parameters, and the dispatch. */
#include "kernels/requant.h"

#include <math.h>
#include <string.h>

#include "base/cpu.h"

static int32_t form_apply(int32_t acc, const crl_requant_lanes *lanes, int i, crl_requant_form form, int32_t zero_point)
{
    const float f = (float)acc, a = lanes->u.f.a[i], b = lanes->u.f.b[i];
    const crl_scale s = { lanes->mult[i], lanes->left[i] - lanes->right[i] };
    switch (form) {
    case CRL_REQUANT_FLOAT_CUT: return (int32_t)lrintf(fmaf(f, a, b)) + CRL_REQUANT_CENTRE;
    case CRL_REQUANT_FLOAT_ANY: return (int32_t)lrintf(fmaf(f, a, copysignf(b, f))) + zero_point;
    case CRL_REQUANT_PATCHED_CUT:
        return (int32_t)lrintf(fmaf(f, a, b)) + (acc == lanes->up[i]) - (acc == lanes->down[i]) + CRL_REQUANT_CENTRE;
    case CRL_REQUANT_PATCHED_ANY:
        return (int32_t)lrintf(fmaf(f, a, copysignf(b, f))) + (acc == lanes->up[i]) - (acc == lanes->down[i]) +
               zero_point;
    case CRL_REQUANT_REAL: return crl_requant_round(acc * lanes->u.real[i]) + zero_point;
    default: return crl_scale_apply(acc, s) + zero_point;
    }
}

void crl_requant_lanes_ref(uint8_t out[16], const int32_t acc[16], const crl_requant_lanes *lanes,
                           crl_requant_form form, const crl_requant *q)
{
    for (int i = 0; i < 16; i++) {
        const int32_t v = form_apply(acc[i], lanes, i, form, q->zero_point);
        out[i] = (uint8_t)(v < q->min ? q->min : v > q->max ? q->max : v);
    }
}

bool crl_requant_fits(const crl_requant *q, size_t c, crl_requant_range range)
{
    const int64_t low = -(int64_t)range.min, high = range.max, most = low > high ? low : high;
    if (q->real) return (double)most * q->real[c] < (double)(1 << 30);
    if (q->single) return (double)most * (double)q->single[c] < (double)(1 << 30);
    const crl_scale s = q->scale[c];
    if (s.shift < -31 || s.shift > 29) return false;
    const int limit = 61 - s.shift; /* 30 bits after a shift by 31 - s.shift */
    if (limit <= 62 && most * s.mult >> limit) return false;
    if (s.shift > 0) return most >> (30 - s.shift) == 0;
    /* The kernels add half before the shift to the right, in 32 bits. Any accumulator will do but the one that means that
     * there is nothing to patch: layers that TensorFlow trained to silence have biases of 2^30. */
    const int64_t half = s.shift < 0 ? INT64_C(1) << (-s.shift - 1) : 0;
    return most <= INT32_MAX && (most * s.mult >> 31) + 1 + half <= INT32_MAX;
}

int64_t crl_requant_nearer(const crl_requant *q, size_t c, crl_requant_range range)
{
    const int32_t output = crl_requant_apply(range.min, q, c);
    const int64_t sign = range.max < 0 ? 1 : -1, end = sign > 0 ? range.max : range.min;
    if (output != crl_requant_apply(range.max, q, c) || (range.min <= 0 && range.max >= 0)) return 0;
    int64_t good = 0, bad = -sign * end + 1; /* the definition is monotone; `bad` passes 0, or gives another output */
    while (bad - good > 1) {
        const int64_t middle = good + (bad - good) / 2;
        if (crl_requant_apply((int32_t)(end + sign * middle), q, c) == output)
            good = middle;
        else
            bad = middle;
    }
    return sign * good;
}

/* What `fixed` has for lane i. */
static void set_fixed(crl_requant_lanes *lanes, int i, crl_scale s, const crl_requant_proof *proof)
{
    lanes->u.f.a[i] = proof->a;
    lanes->u.f.b[i] = proof->b;
    lanes->mult[i] = s.mult;
    lanes->left[i] = s.shift > 0 ? s.shift : 0;
    lanes->right[i] = s.shift > 0 ? 0 : -s.shift;
    lanes->half[i] = lanes->right[i] ? (int32_t)(1u << (lanes->right[i] - 1)) : 0;
    lanes->up[i] = proof->up;
    lanes->down[i] = proof->down;
}

static crl_requant_form fixed_form(bool found, bool patched, bool cut)
{
    if (found && !patched) return cut ? CRL_REQUANT_FLOAT_CUT : CRL_REQUANT_FLOAT_ANY;
    if (found) return cut ? CRL_REQUANT_PATCHED_CUT : CRL_REQUANT_PATCHED_ANY;
    return cut ? CRL_REQUANT_EXACT_CUT : CRL_REQUANT_EXACT_ANY;
}

crl_requant_form crl_requant_lanes_init(crl_requant_lanes *lanes, const crl_requant *q,
                                        const crl_requant_proof *proof, const int32_t channel[16])
{
    bool found = !q->real || proof, patched = false, any = false;
    for (int i = 0; i < 16 && found && !q->single; i++) found = channel[i] < 0 || !proof || proof[channel[i]].found;
    for (int i = 0; i < 16 && proof && !q->single; i++) any = any || (channel[i] >= 0 && proof[channel[i]].any);
    const bool cut = q->min >= q->zero_point && !any;
    memset(lanes, 0, sizeof *lanes);
    for (int i = 0; i < 16; i++) {
        const int32_t c = channel[i];
        lanes->up[i] = lanes->down[i] = CRL_REQUANT_NONE;
        if (c < 0) {
            if ((q->scale || (q->real && found)) && cut) lanes->u.f.b[i] = (float)(q->zero_point - CRL_REQUANT_CENTRE);
        } else if (q->real && !found) {
            lanes->u.real[i] = q->real[c];
        } else if (q->single) {
            lanes->u.f.a[i] = q->single[c];
        } else {
            set_fixed(lanes, i, q->scale ? q->scale[c] : (crl_scale){ 0, 0 }, &proof[c]);
            patched = patched || proof[c].up != CRL_REQUANT_NONE || proof[c].down != CRL_REQUANT_NONE;
        }
    }
    if (q->real && !found) return CRL_REQUANT_REAL;
    return q->single ? CRL_REQUANT_FLOAT_ANY : fixed_form(found, patched, cut);
}

void crl_requant_kernels_init(crl_requant_kernels *k, unsigned cpu)
{
    *k = (crl_requant_kernels){ .lanes = crl_requant_lanes_ref };
    (void)cpu;
#if CRL_ARCH_X86_64
    if (cpu & CRL_CPU_AVX2) {
        k->lanes = crl_requant_lanes_avx2;
        k->steps = crl_requant_steps_avx2;
        k->bounds = crl_requant_bounds_avx2;
        k->strictest = crl_requant_strictest_avx2;
        k->check = crl_requant_check_avx2;
    }
    if (cpu & CRL_CPU_AVX512VNNI) {
        k->lanes = crl_requant_lanes_avx512vnni;
        k->steps = crl_requant_steps_avx512vnni;
        k->bounds = crl_requant_bounds_avx512vnni;
        k->strictest = crl_requant_strictest_avx512vnni;
        k->check = crl_requant_check_avx512vnni;
    }
#elif CRL_ARCH_ARM64 || CRL_ARCH_ARM32
    /* No loops for a proof: the integers are as short as the proved forms. */
    if (cpu & CRL_CPU_NEON) k->lanes = crl_requant_lanes_neon;
#endif
}
