/* SPDX-License-Identifier: Apache-2.0 */
/* Filters and their weights: see weights.h. */
#include "vision/weights.h"

#include <math.h>

typedef struct kernel {
    double (*at)(double x);
    double reach;
} kernel;

static double bilinear(double x)
{
    x = fabs(x);
    return x < 1.0 ? 1.0 - x : 0.0;
}

static double bicubic(double x)
{
    const double a = -0.5;
    x = fabs(x);
    if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
    if (x < 2.0) return (((x - 5.0) * x + 8.0) * x - 4.0) * a;
    return 0.0;
}

static double sinc(double x)
{
    if (x == 0.0) return 1.0;
    x = x * 3.14159265358979323846;
    return sin(x) / x;
}

static double lanczos(double x)
{
    return x >= -3.0 && x < 3.0 ? sinc(x) * sinc(x / 3.0) : 0.0;
}

static const kernel filters[] = {
    [CRL_RESAMPLE_BILINEAR] = { bilinear, 1.0 },
    [CRL_RESAMPLE_BICUBIC] = { bicubic, 2.0 },
    [CRL_RESAMPLE_LANCZOS] = { lanczos, 3.0 },
};

/* One direction as it is stretched. */
typedef struct stretch {
    double from, scale; /* inputs for one output */
    double reach, step; /* of the filter, in inputs; and what one input is to it */
} stretch;

static double centre_of(const stretch *s, int32_t o)
{
    return s->from + (o + 0.5) * s->scale;
}

/* Which inputs each output wants; the most that one wants. */
static int32_t find_inputs(crl_weights *k, const stretch *s, int32_t n_in)
{
    int32_t most = 1;
    for (int32_t o = 0; o < k->n_out; o++) {
        const double centre = centre_of(s, o);
        int32_t first = (int32_t)(centre - s->reach + 0.5), end = (int32_t)(centre + s->reach + 0.5);
        if (first < 0) first = 0;
        if (end > n_in) end = n_in;
        k->first[o] = first;
        k->n[o] = end - first;
        if (k->n[o] > most) most = k->n[o];
    }
    return most;
}

/* `real` has room for as many numbers as an output has taps. */
static void weigh(crl_weights *k, const stretch *s, const kernel *f, double *real, int32_t o)
{
    const double centre = centre_of(s, o);
    double sum = 0.0;
    for (int32_t i = 0; i < k->n[o]; i++) {
        real[i] = f->at((i + k->first[o] - centre + 0.5) * s->step);
        sum += real[i];
    }
    const size_t at = (size_t)o * (size_t)k->taps;
    for (int32_t i = 0; i < k->n[o]; i++) {
        const double share = (sum != 0.0 ? real[i] / sum : real[i]) * (1 << CRL_WEIGHT_BITS);
        const int32_t w = (int32_t)(share < 0.0 ? share - 0.5 : share + 0.5), low = ((w + 32768) & 65535) - 32768;
        k->whole[at + (size_t)i] = w;
        k->low[at + (size_t)i] = (int16_t)low;
        k->high[at + (size_t)i] = (int16_t)((w - low) / 65536);
        if (w < low) k->positive = false;
    }
}

bool crl_weights_make(crl_weights *k, crl_pile *pile, int32_t n_in, float from, float to, int32_t n_out,
                      crl_resample filter, int32_t step)
{
    const kernel *f = &filters[filter];
    const double scale = (double)(to - from) / n_out, larger = scale < 1.0 ? 1.0 : scale;
    const stretch s = { from, scale, f->reach * larger, 1.0 / larger };
    *k = (crl_weights){ .n_out = n_out, .positive = true };
    k->first = crl_pile_array(pile, (size_t)n_out, sizeof *k->first);
    k->n = crl_pile_array(pile, (size_t)n_out, sizeof *k->n);
    if (!k->first || !k->n) return false;
    k->taps = (find_inputs(k, &s, n_in) + step - 1) / step * step;
    size_t bytes;
    if (!crl_size_mul((size_t)n_out * sizeof *k->low, (size_t)k->taps, &bytes)) return false;
    k->whole = crl_pile_array(pile, (size_t)n_out, (size_t)k->taps * sizeof *k->whole);
    k->low = crl_pile_alloc(pile, bytes + CRL_WEIGHTS_BEHIND * sizeof *k->low);
    k->high = crl_pile_alloc(pile, bytes + CRL_WEIGHTS_BEHIND * sizeof *k->high);
    double *real = crl_alloc_array((size_t)k->taps, sizeof *real);
    const bool ok = k->whole && k->low && k->high && real;
    for (int32_t o = 0; ok && o < n_out; o++) weigh(k, &s, f, real, o);
    crl_free(real);
    return ok;
}
