/* SPDX-License-Identifier: Apache-2.0 */
/* Spectrograms of sound, and cepstral coefficients of them. All in double; inputs and results are float.
 *
 *   spectrogram: windows of `window` samples, `stride` apart, each weighed by a Hann window, filled with 0 to a power of two,
 *                and transformed; re * re + im * im of the frequencies from 0 to the half
 *   mel bands:   sums of the square roots of a spectrogram's row, weighed by triangles that overlap by half, and that are
 *                equally wide in mel, 1127 ln(1 + Hz / 700)
 *   mfcc:        cosine transform of the logarithms of the bands, each at least 1e-12
 *
 * Source: TensorFlow Lite, kernels/internal/spectrogram.cc, mfcc_mel_filterbank.cc, mfcc_dct.cc. */
#ifndef CRL_KERNELS_SPECTROGRAM_H
#define CRL_KERNELS_SPECTROGRAM_H

#include <stdint.h>

#include "kernels/fft.h"

typedef struct crl_spectrogram {
    size_t samples, channels; /* of the sound, [samples, channels] */
    size_t window, stride, rows;
    bool squared;             /* else the square root of it */
    double *weights;          /* [window], to be filled by make */
    crl_rfft fft;             /* of the least power of two that is not below window, at least 2 */
} crl_spectrogram;

void crl_spectrogram_make(crl_spectrogram *s);
/* out [channels, rows, fft.n/2 + 1]; room [fft.n] */
void crl_spectrogram_ref(float *out, const float *in, const crl_spectrogram *s, double *room);

typedef struct crl_mfcc {
    size_t n_rows;
    int32_t n_bins;           /* frequencies of the spectrogram, 2 or more */
    int32_t n_bands, n_coefficients;
    double rate;              /* samples a second, above 0 */
    double lowest, highest;   /* Hz, 0 <= lowest < highest */
    double *center;           /* [n_bands + 1] of the triangles, in mel */
    double *weights;          /* [n_bins] of the band whose falling side a frequency is on; the next one has the rest */
    int32_t *band;            /* [n_bins], from -1 */
    double *cosines;          /* [n_coefficients, n_bands] */
    int32_t first, end;       /* frequencies that count; end > n_bins: there are too few, and all results are 0 */
} crl_mfcc;

/* Fills the tables, whose memory is the caller's, and first and end. */
void crl_mfcc_make(crl_mfcc *m);
/* in [n_rows, n_bins], out [n_rows, n_coefficients]; room [n_bands] */
void crl_mfcc_ref(float *out, const float *in, const crl_mfcc *m, double *room);

#endif
