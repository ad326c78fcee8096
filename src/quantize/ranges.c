/* SPDX-License-Identifier: Apache-2.0 */
/* See ranges.h. */
#include "quantize/ranges.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"

enum { BINS = 2 * CRL_HISTOGRAM_HALF };

/* ---- seeing ---- */

/* In lanes, so that a compiler may do several at once. A number that is not finite makes `odd` NaN, and 0 stays 0. */
static bool find_ends(const float *v, size_t n, float *low, float *high)
{
    enum { LANES = 16 };
    float least[LANES] = { 0 }, most[LANES] = { 0 }, odd[LANES] = { 0 };
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; k++) {
            const float x = v[i + k];
            least[k] = x < least[k] ? x : least[k];
            most[k] = x > most[k] ? x : most[k];
            odd[k] += x * 0.0f;
        }
    for (size_t k = 0; i < n; i++, k++) {
        least[k] = fminf(least[k], v[i]);
        most[k] = fmaxf(most[k], v[i]);
        odd[k] += v[i] * 0.0f;
    }
    float all = 0;
    *low = *high = 0;
    for (size_t k = 0; k < LANES; k++) {
        *low = fminf(*low, least[k]);
        *high = fmaxf(*high, most[k]);
        all += odd[k];
    }
    return all == 0;
}

/* Bins of twice the width, until `exponent` is theirs. */
static void widen(crl_histogram *s, int exponent)
{
    for (; s->exponent < exponent; s->exponent++) {
        uint64_t *const zero = s->bins + CRL_HISTOGRAM_HALF;
        for (int i = 0; i < CRL_HISTOGRAM_HALF; i++) zero[i] = i < CRL_HISTOGRAM_HALF / 2 ? zero[2 * i] + zero[2 * i + 1] : 0;
        for (int i = 1; i <= CRL_HISTOGRAM_HALF; i++) zero[-i] = i <= CRL_HISTOGRAM_HALF / 2 ? zero[-2 * i] + zero[-2 * i + 1] : 0;
    }
}

/* The width at which HALF bins hold a number: |x| < HALF * 2^exponent. */
static int exponent_for(float most)
{
    int e;
    frexpf(most, &e);
    return e - 10;
}

static bool count_all(crl_histogram *s, const float *v, size_t n)
{
    const float most = fmaxf(-s->low, s->high);
    if (most > 0) {
        const int e = exponent_for(most);
        if (!s->bins) {
            s->bins = crl_alloc_array(BINS, sizeof *s->bins);
            s->exponent = e;
        }
        if (!s->bins) return false;
        widen(s, e);
    }
    const double per = ldexp(1, -s->exponent);
    for (size_t i = 0; i < n; i++) {
        if (v[i] == 0)
            s->zeros++;
        else
            s->bins[CRL_HISTOGRAM_HALF + (int)floor((double)v[i] * per)]++;
    }
    return true;
}

bool crl_histogram_add(crl_histogram *s, const float *v, size_t n, bool count, size_t *bad)
{
    float low, high;
    *bad = n;
    if (!find_ends(v, n, &low, &high)) {
        for (size_t i = n; i-- > 0;)
            if (!isfinite(v[i])) *bad = i;
        return false;
    }
    s->low = fminf(s->low, low);
    s->high = fmaxf(s->high, high);
    s->seen = true;
    return !count || count_all(s, v, n);
}

void crl_histogram_release(crl_histogram *s)
{
    crl_free(s->bins);
    *s = (crl_histogram){ 0 };
}

/* ---- choosing ---- */

static double edge(const crl_histogram *s, int bin)
{
    return ldexp(bin - CRL_HISTOGRAM_HALF, s->exponent);
}

static double all_seen(const crl_histogram *s)
{
    double n = (double)s->zeros;
    for (int i = 0; i < BINS; i++) n += (double)s->bins[i];
    return n;
}

/* Goes in from both ends by whole bins, as long as no more is left out than may be. */
static void percentile_range(const crl_histogram *s, double percentile, float *low, float *high)
{
    const double most = all_seen(s) * (100 - percentile) / 100;
    double out = 0;
    int i = 0;
    while (i < CRL_HISTOGRAM_HALF && out + (double)s->bins[i] <= most) out += (double)s->bins[i++];
    *low = fmaxf(s->low, (float)edge(s, i));
    out = 0;
    i = BINS;
    while (i > CRL_HISTOGRAM_HALF && out + (double)s->bins[i - 1] <= most) out += (double)s->bins[--i];
    *high = fminf(s->high, (float)edge(s, i));
}

/* The squared error of all numbers: a twelfth of a step squared where they are rounded, and how far it is where they are clipped. */
static double error_of(const crl_histogram *s, double low, double high)
{
    const double width = ldexp(1, s->exponent), step = (high - low) / 255;
    double inside = 0, clipped = 0;
    for (int i = 0; i < BINS; i++) {
        if (!s->bins[i]) continue;
        const double n = (double)s->bins[i], at = edge(s, i) + width / 2;
        const double off = at < low ? low - at : at > high ? at - high : 0;
        inside += n;
        clipped += n * off * off;
    }
    return inside * step * step / 12 + clipped;
}

/* Either end in its turn takes the best of so many parts of the way to 0, until nothing changes. */
static void mse_range(const crl_histogram *s, float *low, float *high)
{
    enum { PARTS = 64, ROUNDS = 4 };
    int part[2] = { PARTS, PARTS };
    const double end[2] = { (double)s->low / PARTS, (double)s->high / PARTS };
    double least = error_of(s, (double)s->low, (double)s->high);
    bool changed = true;
    for (int round = 0; round < ROUNDS && changed; round++) {
        changed = false;
        for (int k = 0; k < 2; k++)
            for (int p = PARTS; p >= 1 && end[k] != 0; p--) {
                const double error = k ? error_of(s, end[0] * part[0], end[1] * p) : error_of(s, end[0] * p, end[1] * part[1]);
                if (!(error < least)) continue;
                least = error;
                part[k] = p;
                changed = true;
            }
    }
    *low = (float)(end[0] * part[0]);
    *high = (float)(end[1] * part[1]);
}

void crl_histogram_range(const crl_histogram *s, crl_calibration how, double percentile, float *low, float *high)
{
    *low = s->low;
    *high = s->high;
    if (!s->bins) return;
    if (how == CRL_CALIBRATION_PERCENTILE) percentile_range(s, percentile, low, high);
    if (how == CRL_CALIBRATION_MSE) mse_range(s, low, high);
}
