/* SPDX-License-Identifier: Apache-2.0 */
/* Fourier transforms of a power of two of numbers, in double.
 *
 *   X[f] = sum over k of x[k] * exp(+2 pi i f k / n)
 *
 * Split radix, decimated in frequency. A block of n is cut into quarters a, b, c, d by one pass of butterflies,
 *
 *   plain:    a + c + (b + d)        turned:   (a + ic) V[k] + (b + id) V[k + n/4]
 *             a + c - (b + d)                  (a + ic) V[k] - (b + id) V[k + n/4]
 *             (a - c + i(b - d)) W[k]          (a - ic) V3[k] + (b - id) V3[k + n/4]
 *             (a - c - i(b - d)) W3[k]         (a - ic) V3[k] - (b - id) V3[k + n/4]
 *
 * where W[k] = exp(2 pi i k / n), W3 its third power, V[k] = exp(pi i k / n), V3 its third power. Of the new blocks the
 * second is turned, the fourth is what its parent was, the others are plain. Results come out in bit-reversed order.
 *
 * The reference's library is Ooura's. It takes the same steps, so results agree to the last bit if each factor is the same
 * one: which of several formulas gives it, and how a multiplication by it is written, is in fft.c.
 * Source: Takuya Ooura, General Purpose FFT Package, its documentation and the order of operations of its split radix version. */
#ifndef CRL_KERNELS_FFT_H
#define CRL_KERNELS_FFT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct crl_complex {
    double re, im;
} crl_complex;

/* A factor of absolute value 1, and how to multiply by it. */
typedef enum crl_turn_kind {
    CRL_TURN_NONE,       /* 1 */
    CRL_TURN_ANY,        /* re + i im */
    CRL_TURN_NEGATED,    /* -(re + i im), the product being negated */
    CRL_TURN_1_EIGHTH,   /* exp(i pi/4) */
    CRL_TURN_3_EIGHTHS,  /* exp(3i pi/4) */
    CRL_TURN_I_1_EIGHTH, /* i exp(i pi/4) */
} crl_turn_kind;

typedef struct crl_turn {
    double re, im;
    crl_turn_kind kind;
} crl_turn;

enum { CRL_FFT_MOST_LEVELS = 16 };

typedef struct crl_fft {
    size_t n;
    struct {
        const crl_turn *plain;  /* [n/2] W, W3; n is that of the level: a quarter of the level before */
        const crl_turn *turned; /* [n] V, V3 */
    } level[CRL_FFT_MOST_LEVELS];
} crl_fft;

/* Factors that a transform of n complex numbers needs, n a power of two up to 2^30. */
size_t crl_fft_turns(size_t n);
/* `room` has as many, and stays. */
void crl_fft_make(crl_fft *f, size_t n, crl_turn *room);
void crl_fft_run(const crl_fft *f, crl_complex *x);

/* Of n real numbers, n a power of two: x[n] becomes X[0], X[n/2], and real and imaginary parts of X[1] to X[n/2 - 1].
 * With n = 1, x[1] is read and written, too. */
typedef struct crl_rfft {
    size_t n;
    crl_fft half;
    const double *cosines; /* [n/4] half a cosine */
} crl_rfft;

/* Bytes of tables for n numbers, a multiple of 8; n up to 2^30. */
size_t crl_rfft_bytes(size_t n);
void crl_rfft_make(crl_rfft *f, size_t n, void *room);
void crl_rfft_run(const crl_rfft *f, double *x);

/* Of pictures of real numbers: in [in_h, in_w], cut or filled with 0 to [h, w] -> [h, w/2 + 1], with exp(-...) now.
 * Source: TensorFlow Lite, kernels/rfft2d.cc. */
typedef struct crl_rfft2d {
    size_t in_h, in_w, h, w;
    crl_rfft row;
    crl_fft column;
} crl_rfft2d;

/* Bytes of room, which crl_rfft2d_ref uses; false when they overflow. */
bool crl_rfft2d_room(const crl_rfft2d *p, size_t *bytes);
/* out [h, w/2 + 1] pairs */
void crl_rfft2d_ref(float *out, const float *in, const crl_rfft2d *p, double *room);

#endif
