/* SPDX-License-Identifier: Apache-2.0 */
/* Every form of the requant family against the definition: random accumulators, and for the proved forms every
 * accumulator next to a step and, for small ranges, all of them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "checks.h"
#include "kernels/requant.h"

/* Scales and clamps as models have them, and stranger ones. */
static void random_layer(check *t, crl_requant *q, crl_scale scale[16], double real[16], crl_requant_range range[16])
{
    q->zero_point = check_edgy(t, 0, 255);
    q->min = check_range(t, 0, 1) ? q->zero_point : check_edgy(t, 0, 255);
    q->max = check_range(t, 0, 1) ? 255 : check_edgy(t, q->min, 255);
    if (check_range(t, 0, 3) == 0) q->min = 0;
    const bool is_real = check_range(t, 0, 7) == 0;
    q->scale = is_real ? NULL : scale;
    q->real = is_real ? real : NULL;
    q->single = NULL;
    for (int i = 0; i < 16; i++) {
        const int32_t shift = check_range(t, 0, 3) ? check_range(t, -12, -5) : check_range(t, -31, 4);
        scale[i] = (crl_scale){ check_edgy(t, 1 << 30, INT32_MAX), shift };
        if (check_range(t, 0, 40) == 0) scale[i].mult = 0;
        real[i] = check_range(t, 0, 7) ? ldexp(check_range(t, 1, INT32_MAX), shift - 31) : nextafter(0.5, 0);
        if (check_range(t, 0, 1)) real[i] += ldexp(real[i], -52) * check_range(t, -(1 << 20), 1 << 20);
        /* To the ends of int32, as channels with a bias of 2^30 reach. */
        const int32_t top = shift > 0 ? (1 << check_range(t, 1, 30 - shift)) - 1 : INT32_MAX >> check_range(t, 0, 29);
        range[i].min = -check_edgy(t, 0, top);
        range[i].max = check_edgy(t, range[i].min, top);
    }
}

static struct {
    uint8_t *out;
    int32_t *acc;
} guarded;

static void guard(check *t)
{
    guarded.out = check_guarded(t, 16);
    guarded.acc = check_guarded(t, 16 * sizeof *guarded.acc);
}

static bool lanes_agree(check *t, const crl_requant_kernels *k, const crl_requant *q, const crl_requant_lanes *lanes,
                        crl_requant_form form, const int32_t channel[16], const int32_t acc[16])
{
    uint8_t want[16], *got = guarded.out;
    memcpy(guarded.acc, acc, 16 * sizeof *guarded.acc);
    k->lanes(got, guarded.acc, lanes, form, q);
    for (int i = 0; i < 16; i++) want[i] = channel[i] < 0 ? got[i] : (uint8_t)crl_requant_apply(acc[i], q, (size_t)channel[i]);
    return check_equal(t, want, got, 16, "form %d zero %d clamp %d..%d", form, q->zero_point, q->min, q->max);
}

void check_requant_lanes(check *t, unsigned cpu)
{
    crl_requant_kernels k;
    crl_requant_kernels_init(&k, cpu);
    if (!check_variant(t, k.lanes, "requant_lanes")) return;
    guard(t);
    int forms[7] = { 0 };
    for (int round = 0; round < 3000; round++) {
        crl_requant q;
        crl_scale scale[16];
        double real[16];
        crl_requant_range range[16];
        random_layer(t, &q, scale, real, range);
        int32_t channel[16], acc[16];
        bool fits = true;
        for (int i = 0; i < 16; i++) {
            channel[i] = check_range(t, 0, 20) ? check_range(t, 0, 15) : -1;
            fits = fits && crl_requant_fits(&q, (size_t)i, range[i]);
        }
        if (!fits) continue;
        _Alignas(64) crl_requant_lanes lanes;
        const bool prove = check_range(t, 0, 1);
        crl_requant_proof proof[16];
        crl_requant_prove(proof, &q, 16, range, prove ? &k : NULL, NULL);
        const crl_requant_form form = crl_requant_lanes_init(&lanes, &q, proof, channel);
        forms[form]++;
        for (int n = 0; n < 8; n++) {
            for (int i = 0; i < 16; i++) {
                const crl_requant_range r = range[channel[i] < 0 ? 0 : channel[i]];
                const bool near_zero = check_range(t, 0, 3) == 0 && r.min <= 0 && r.max >= 0; /* the signs meet there */
                acc[i] = channel[i] < 0 ? 0 : near_zero ? r.max > 0 : check_edgy(t, r.min, r.max);
            }
            if (!lanes_agree(t, &k, &q, &lanes, form, channel, acc)) return;
        }
    }
    const bool floats = k.check != NULL;
    check_that(t, forms[CRL_REQUANT_EXACT_CUT] && forms[CRL_REQUANT_EXACT_ANY] && forms[CRL_REQUANT_REAL] &&
                      (!floats || (forms[CRL_REQUANT_FLOAT_CUT] && forms[CRL_REQUANT_FLOAT_ANY])),
               "a form was never chosen: %d %d %d %d %d", forms[CRL_REQUANT_EXACT_CUT], forms[CRL_REQUANT_EXACT_ANY],
               forms[CRL_REQUANT_REAL], forms[CRL_REQUANT_FLOAT_CUT], forms[CRL_REQUANT_FLOAT_ANY]);
}

/* A proved channel has to be right on its whole range: walk all of a short one, and of a long one the
 * neighbourhoods of the steps, found by bisection with the definition, and the ends. */
static bool whole_range(check *t, const crl_requant_kernels *k, const crl_requant *q, const crl_requant_lanes *lanes,
                        crl_requant_form form, const int32_t channel[16], crl_requant_range r)
{
    int32_t acc[16];
    int n = 0;
    if ((int64_t)r.max - r.min < 3000) {
        for (int64_t x = r.min; x <= r.max; x++) {
            acc[n++] = (int32_t)x;
            for (int i = n; i < 16; i++) acc[i] = (int32_t)x;
            if (n == 16 && !lanes_agree(t, k, q, lanes, form, channel, acc)) return false;
            n %= 16;
        }
        return lanes_agree(t, k, q, lanes, form, channel, acc);
    }
    for (int32_t j = crl_requant_apply(r.min, q, 0); j <= crl_requant_apply(r.max, q, 0); j++) {
        int32_t lo = r.min, hi = r.max; /* the first x that gives j or more */
        while (lo < hi) {
            const int32_t mid = (int32_t)(((int64_t)lo + hi) >> 1);
            if (crl_requant_apply(mid, q, 0) >= j)
                hi = mid;
            else
                lo = mid + 1;
        }
        for (int i = 0; i < 16; i++) {
            const int64_t x = i == 15 ? r.max : (int64_t)lo + i - 7;
            acc[i] = x < r.min ? r.min : x > r.max ? r.max : (int32_t)x;
        }
        if (!lanes_agree(t, k, q, lanes, form, channel, acc)) return false;
    }
    return true;
}

/* The arithmetic of the Edge TPU: a float32 product, ties to even, whatever the clamp. */
void check_requant_single(check *t, unsigned cpu)
{
    crl_requant_kernels k;
    crl_requant_kernels_init(&k, cpu);
    if (!check_variant(t, k.lanes, "requant_single")) return;
    uint8_t *got = check_guarded(t, 16);
    int32_t *acc = check_guarded(t, 16 * sizeof *acc);
    float *single = check_guarded(t, 16 * sizeof *single);
    static const int32_t channel[16] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
    for (int round = 0; round < 3000; round++) {
        const int32_t zero = check_edgy(t, 0, 255), min = check_range(t, 0, 1) ? zero : check_range(t, 0, 255);
        const crl_requant q = { .single = single, .zero_point = zero, .min = min, .max = check_range(t, min, 255) };
        uint8_t want[16];
        for (int i = 0; i < 16; i++) {
            /* Powers of two make ties; past 24 bits the accumulator itself is rounded. */
            const float a = check_range(t, 0, 1) ? ldexpf(1, check_range(t, -12, 0))
                                                 : ldexpf((float)check_range(t, 1 << 23, (1 << 24) - 1), check_range(t, -36, -24));
            const int32_t most = (int32_t)fminf((check_range(t, 0, 9) ? 600 : 1 << 29) / a, 1 << 30);
            single[i] = a;
            acc[i] = check_edgy(t, -most, most);
            if (!check_that(t, crl_requant_fits(&q, (size_t)i, (crl_requant_range){ -most, most }), "%d * %g refused", most, (double)a)) return;
            const int32_t v = (int32_t)lrintf((float)acc[i] * a) + zero;
            want[i] = (uint8_t)(v < q.min ? q.min : v > q.max ? q.max : v);
            if (!check_that(t, crl_requant_apply(acc[i], &q, (size_t)i) == want[i], "%d * %g defined wrongly", acc[i], (double)a)) return;
        }
        _Alignas(64) crl_requant_lanes lanes;
        const crl_requant_form form = crl_requant_lanes_init(&lanes, &q, NULL, channel);
        if (!check_that(t, form == CRL_REQUANT_FLOAT_ANY, "form %d", form)) return;
        k.lanes(got, acc, &lanes, form, &q);
        if (!check_equal(t, want, got, 16, "zero %d clamp %d..%d", zero, q.min, q.max)) return;
    }
}

static int falling(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

/* The strictest bounds of some steps are the strictest of those that each has alone. */
static bool bounds_agree(check *t, const crl_requant_kernels *k)
{
    const crl_requant_form form = check_range(t, 0, 1) ? CRL_REQUANT_FLOAT_CUT : CRL_REQUANT_FLOAT_ANY;
    const int32_t first = check_range(t, 1, 255);
    crl_requant_steps s = { .scale = ldexp(check_range(t, 1 << 30, INT32_MAX), -31 - check_range(t, 1, 10)), .zero_point = check_edgy(t, 0, 255),
                            .first = first, .n = check_range(t, 1, 256 - first) };
    s.offset = check_range(t, 0, 1) * ldexp(1, -10);
    k->steps(&s);
    const double a = (double)(float)s.scale;
    double lo[256 + 2], hi[256 + 2], all_lo, all_hi, los[3], his[3];
    for (int32_t i = 0; i < s.n; i++) {
        crl_requant_steps one = { .scale = s.scale, .offset = s.offset, .zero_point = s.zero_point, .first = s.first + i, .n = 1 };
        for (int j = 0; j < 16; j++) one.at[j] = s.at[i];
        k->bounds(&one, a, form, &lo[i], &hi[i]);
        hi[i] = -hi[i];
    }
    for (int i = 0; i < 2; i++) lo[s.n + i] = hi[s.n + i] = -INFINITY;
    qsort(lo, (size_t)s.n, sizeof *lo, falling);
    qsort(hi, (size_t)s.n, sizeof *hi, falling);
    k->bounds(&s, a, form, &all_lo, &all_hi);
    k->strictest(&s, a, form, los, his);
    bool ok = all_lo == lo[0] && all_hi == -hi[0];
    for (int i = 0; i < 3; i++) ok = ok && los[i] == lo[i] && his[i] == -hi[i];
    return check_that(t, ok, "%d steps from %d, zero %d, form %d: %.17g %.17g %.17g; %.17g %.17g %.17g", s.n, s.first, s.zero_point, form,
                      los[0], los[1], los[2], his[0], his[1], his[2]);
}

void check_requant_bounds(check *t, unsigned cpu)
{
    crl_requant_kernels k;
    crl_requant_kernels_init(&k, cpu);
    if (!k.strictest || !check_variant(t, k.strictest, "requant_bounds")) return;
    for (int round = 0; round < check_rounds(t, 300); round++)
        if (!bounds_agree(t, &k)) return;
}

void check_requant_proof(check *t, unsigned cpu)
{
    crl_requant_kernels k;
    crl_requant_kernels_init(&k, cpu);
    if (!k.check || !check_variant(t, k.check, "requant_proof")) return;
    guard(t);
    static const int32_t channel[16];
    int tried = 0, proved = 0, patched = 0, reals = 0;
    for (int round = 0; round < 1000; round++) {
        crl_requant q;
        crl_scale scale[16];
        double real[16];
        crl_requant_range range[16];
        random_layer(t, &q, scale, real, range);
        const bool is_real = check_range(t, 0, 2) == 0;
        q.scale = is_real ? NULL : scale;
        q.real = is_real ? real : NULL;
        if (is_real && check_range(t, 0, 1)) real[0] = ldexp(check_range(t, 1, 3), check_range(t, -9, -2)); /* ties */
        if (!crl_requant_fits(&q, 0, range[0])) continue;
        _Alignas(64) crl_requant_lanes lanes;
        crl_requant_proof proof;
        crl_requant_prove(&proof, &q, 1, range, &k, NULL);
        const crl_requant_form form = crl_requant_lanes_init(&lanes, &q, &proof, channel);
        const bool hard = crl_requant_apply(range[0].max, &q, 0) - crl_requant_apply(range[0].min, &q, 0) >= 17;
        tried += hard;
        if (form == CRL_REQUANT_EXACT_ANY || form == CRL_REQUANT_EXACT_CUT || form == CRL_REQUANT_REAL) continue;
        reals += hard && is_real;
        proved += hard;
        patched += form == CRL_REQUANT_PATCHED_ANY || form == CRL_REQUANT_PATCHED_CUT;
        if (!whole_range(t, &k, &q, &lanes, form, channel, range[0])) return;
    }
    check_that(t, proved * 4 > tried, "only %d of %d channels with many steps were proved", proved, tried);
    check_that(t, reals > 0, "no channel of `real` was proved");
    check_that(t, patched > 0, "no channel was patched");

    /* A layer like those of MobileNet: how long does a channel take? */
    enum { CHANNELS = 1024 };
    static crl_scale scale[CHANNELS];
    crl_requant_range range[CHANNELS];
    const crl_requant q = { .scale = scale, .zero_point = 0, .min = 0, .max = 255 };
    for (int i = 0; i < CHANNELS; i++) {
        scale[i] = (crl_scale){ check_range(t, 1 << 30, INT32_MAX), check_range(t, -9, -6) };
        range[i] = (crl_requant_range){ -check_range(t, 1000, 300000), check_range(t, 1000, 300000) };
    }
    static crl_requant_proof proof[CHANNELS];
    check_bench(t, CHANNELS, crl_requant_prove(proof, &q, CHANNELS, range, &k, NULL));
}
