/* SPDX-License-Identifier: Apache-2.0 */
/* The definitions of spectrograms and cepstral coefficients. */
#include "kernels/spectrogram.h"

#include <math.h>

/* --- spectrograms ------------------------------------------------------------------------------------- */

void crl_spectrogram_make(crl_spectrogram *s)
{
    const double pi = atan(1.0) * 4;
    for (size_t i = 0; i < s->window; i++) s->weights[i] = 0.5 - 0.5 * cos(2 * pi * (double)i / (double)s->window);
}

void crl_spectrogram_ref(float *out, const float *in, const crl_spectrogram *s, double *room)
{
    const size_t n = s->fft.n;
    for (size_t c = 0; c < s->channels; c++)
        for (size_t r = 0; r < s->rows; r++) {
            for (size_t i = 0; i < n; i++)
                room[i] = i < s->window ? (double)in[(r * s->stride + i) * s->channels + c] * s->weights[i] : 0;
            crl_rfft_run(&s->fft, room);
            for (size_t f = 0; f <= n / 2; f++) { /* the ends are real; the last one lies behind the first */
                const double re = room[f < n / 2 ? 2 * f : 1], im = f > 0 && f < n / 2 ? room[2 * f + 1] : 0;
                const float power = (float)(re * re + im * im);
                *out++ = s->squared ? power : sqrtf(power);
            }
        }
}

/* --- cepstral coefficients ---------------------------------------------------------------------------- */

static double mel(double hertz)
{
    return 1127.0 * log1p(hertz / 700.0);
}

static int32_t to_index(double x, int32_t most)
{
    return x < (double)most ? (int32_t)x : most;
}

static void make_bands(crl_mfcc *m)
{
    const double low = mel(m->lowest), width = (mel(m->highest) - low) / (double)(m->n_bands + 1);
    const double step = 0.5 * m->rate / (double)(m->n_bins - 1); /* from one frequency to the next */
    for (int32_t i = 0; i <= m->n_bands; i++) m->center[i] = low + width * (double)(i + 1);
    m->first = to_index(1.5 + m->lowest / step, m->n_bins);
    m->end = to_index(m->highest / step, m->n_bins) + 1;
    int32_t above = 0; /* the first center that is not below */
    for (int32_t i = m->first; i < m->end && i < m->n_bins; i++) {
        const double x = mel((double)i * step);
        while (above < m->n_bands && m->center[above] < x) above++;
        const double before = above ? m->center[above - 1] : low;
        m->band[i] = above - 1;
        m->weights[i] = (m->center[above] - x) / (m->center[above] - before);
    }
}

void crl_mfcc_make(crl_mfcc *m)
{
    const double scale = sqrt(2.0 / m->n_bands), step = atan(1.0) * 4 / m->n_bands;
    make_bands(m);
    for (int32_t i = 0; i < m->n_coefficients; i++)
        for (int32_t j = 0; j < m->n_bands; j++)
            m->cosines[(size_t)i * (size_t)m->n_bands + (size_t)j] = scale * cos(i * step * (j + 0.5));
}

static void sum_bands(double *bands, const float *in, const crl_mfcc *m)
{
    for (int32_t b = 0; b < m->n_bands; b++) bands[b] = 0;
    for (int32_t i = m->first; i < m->end; i++) {
        const double x = sqrt((double)in[i]), part = x * m->weights[i];
        const int32_t b = m->band[i];
        if (b >= 0) bands[b] += part;
        if (b + 1 < m->n_bands) bands[b + 1] += x - part;
    }
    for (int32_t b = 0; b < m->n_bands; b++) bands[b] = log(bands[b] < 1e-12 ? 1e-12 : bands[b]);
}

void crl_mfcc_ref(float *out, const float *in, const crl_mfcc *m, double *room)
{
    const bool enough = m->end <= m->n_bins;
    for (size_t r = 0; r < m->n_rows; r++, in += m->n_bins) {
        if (enough) sum_bands(room, in, m);
        const double *cosine = m->cosines;
        for (int32_t i = 0; i < m->n_coefficients; i++) {
            double sum = 0;
            for (int32_t b = 0; enough && b < m->n_bands; b++) sum += *cosine++ * room[b];
            *out++ = (float)sum;
        }
    }
}
