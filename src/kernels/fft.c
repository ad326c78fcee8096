/* SPDX-License-Identifier: Apache-2.0 */
/* The definition of Fourier transforms. */
#include "kernels/fft.h"

#include <math.h>

#include "base/alloc.h"

/* --- factors ------------------------------------------------------------------------------------------ */

static double eighth(void)
{
    return cos(atan(1.0));
}

/* Cosine and sine of j/m of a full circle, or of three times that. The product with pi/4 is rounded, once (twice with
 * 3); then only powers of two follow. */
static crl_complex angle(size_t j, size_t m, bool thrice)
{
    const double quarter = atan(1.0);
    const double x = (thrice ? 3 * quarter : quarter) * (double)j * 8 / (double)m;
    return (crl_complex){ cos(x), sin(x) };
}

/* The first transform of all makes factors of odd j from both neighbours. */
static crl_complex between(size_t j, size_t m, bool thrice)
{
    const double h = eighth(), scale = 0.5 / angle(1, m, thrice).re;
    const crl_complex a = j == 1 ? (crl_complex){ 1, 0 } : angle(j - 1, m, thrice);
    const crl_complex b = j + 1 == m / 8 ? (crl_complex){ thrice ? -h : h, h } : angle(j + 1, m, thrice);
    return (crl_complex){ scale * (a.re + b.re), scale * (a.im + b.im) };
}

static crl_turn turn_any(double re, double im)
{
    return (crl_turn){ re, im, CRL_TURN_ANY };
}

static crl_turn turn_negated(double re, double im)
{
    return (crl_turn){ re, im, CRL_TURN_NEGATED };
}

static crl_turn turn_fixed(crl_turn_kind kind)
{
    const double h = eighth();
    return (crl_turn){ h, h, kind };
}

/* W and W3 of blocks of m, m >= 4: the first eighth, which the second one mirrors. */
static void make_plain(crl_turn *turns, size_t m, bool first)
{
    const size_t q = m / 4;
    crl_turn *w = turns, *w3 = turns + q;
    w[0] = w3[0] = turn_fixed(CRL_TURN_NONE);
    for (size_t j = 1; 2 * j < q; j++) {
        const bool odd = first && m >= 32 && j % 2;
        const crl_complex one = odd ? between(j, m, false) : angle(j, m, false);
        const crl_complex three = odd ? between(j, m, true) : angle(j, m, true);
        w[j] = turn_any(one.re, one.im);
        w[q - j] = turn_any(one.im, one.re);
        w3[j] = turn_any(three.re, three.im);
        w3[q - j] = turn_any(-three.im, -three.re);
    }
    if (q > 1) {
        w[q / 2] = turn_fixed(CRL_TURN_1_EIGHTH);
        w3[q / 2] = turn_fixed(m == 8 ? CRL_TURN_I_1_EIGHTH : CRL_TURN_3_EIGHTHS);
    }
    if (m == 16) { /* third powers out of first ones */
        w3[1] = turn_any(w[1].im, w[1].re);
        w3[3] = turn_negated(w[1].re, w[1].im);
    }
}

/* V and V3 of blocks of m, m >= 4. */
static void make_turned(crl_turn *turns, size_t m)
{
    const size_t q = m / 4;
    crl_turn *v = turns, *v3 = turns + 2 * q;
    v[0] = v3[0] = turn_fixed(CRL_TURN_NONE);
    v[q] = turn_fixed(CRL_TURN_1_EIGHTH);
    v3[q] = turn_fixed(CRL_TURN_I_1_EIGHTH);
    for (size_t j = 1; j < q; j++) {
        const crl_complex one = angle(j, 2 * m, false), three = angle(j, 2 * m, true);
        v[j] = turn_any(one.re, one.im);
        v[2 * q - j] = turn_any(one.im, one.re);
        v3[j] = turn_any(three.re, three.im);
        v3[2 * q - j] = turn_any(-three.im, -three.re);
    }
    if (q > 1) {
        const crl_turn middle = v[q / 2];
        v3[q / 2] = turn_any(middle.im, middle.re);
        v3[q / 2 + q] = turn_negated(middle.re, middle.im);
    }
    if (m == 16) { /* v3[3] and v3[7] are negated later: turned_pass */
        const crl_turn three = v3[1];
        v3[5] = turn_negated(v[1].re, -v[1].im);
        v3[3] = turn_any(v[1].im, -v[1].re);
        v3[7] = turn_any(three.im, three.re);
    }
}

size_t crl_fft_turns(size_t n)
{
    size_t turns = n / 2;
    for (size_t m = n / 4; m >= 4; m /= 4) turns += m / 2 + m;
    return n >= 4 ? turns : 0;
}

void crl_fft_make(crl_fft *f, size_t n, crl_turn *room)
{
    *f = (crl_fft){ .n = n };
    int level = 0;
    for (size_t m = n; m >= 4; m /= 4, level++) {
        f->level[level].plain = room;
        make_plain(room, m, m == n);
        room += m / 2;
        if (m == n) continue;
        f->level[level].turned = room;
        make_turned(room, m);
        room += m;
    }
}

/* --- transforms --------------------------------------------------------------------------------------- */

static crl_complex turn(const crl_turn *t, crl_complex x)
{
    const crl_complex y = { t->re * x.re - t->im * x.im, t->re * x.im + t->im * x.re };
    switch (t->kind) {
    case CRL_TURN_NONE: return x;
    case CRL_TURN_ANY: return y;
    case CRL_TURN_NEGATED: return (crl_complex){ -y.re, -y.im };
    case CRL_TURN_1_EIGHTH: return (crl_complex){ t->re * (x.re - x.im), t->re * (x.im + x.re) };
    case CRL_TURN_3_EIGHTHS: return (crl_complex){ -t->re * (x.re + x.im), -t->re * (x.im - x.re) };
    case CRL_TURN_I_1_EIGHTH: return (crl_complex){ -(t->re * (x.im + x.re)), t->re * (x.re - x.im) };
    }
    return y;
}

static crl_complex sum(crl_complex a, crl_complex b)
{
    return (crl_complex){ a.re + b.re, a.im + b.im };
}

static crl_complex difference(crl_complex a, crl_complex b)
{
    return (crl_complex){ a.re - b.re, a.im - b.im };
}

static crl_complex plus_i(crl_complex a, crl_complex b)
{
    return (crl_complex){ a.re - b.im, a.im + b.re };
}

static crl_complex minus_i(crl_complex a, crl_complex b)
{
    return (crl_complex){ a.re + b.im, a.im - b.re };
}

static void plain_pass(crl_complex *x, size_t q, const crl_turn *w)
{
    for (size_t k = 0; k < q; k++) {
        crl_complex *a = x + k, *b = a + q, *c = b + q, *d = c + q;
        const crl_complex s = sum(*a, *c), t = difference(*a, *c), u = sum(*b, *d), v = difference(*b, *d);
        *a = sum(s, u);
        *b = difference(s, u);
        *c = turn(&w[k], plus_i(t, v));
        *d = turn(&w[k + q], minus_i(t, v));
    }
}

static void turned_pass(crl_complex *x, size_t q, const crl_turn *v)
{
    for (size_t k = 0; k < q; k++) {
        crl_complex *a = x + k, *b = a + q, *c = b + q, *d = c + q;
        const crl_complex s = turn(&v[k], plus_i(*a, *c)), u = turn(&v[k + q], plus_i(*b, *d));
        const crl_complex t = turn(&v[k + 2 * q], minus_i(*a, *c)), r = turn(&v[k + 3 * q], minus_i(*b, *d));
        *a = sum(s, u);
        *b = difference(s, u);
        *c = sum(t, r);
        *d = difference(t, r);
    }
    if (q == 4) {
        x[11] = (crl_complex){ -x[11].re, -x[11].im };
        x[15] = (crl_complex){ -x[15].re, -x[15].im };
    }
}

/* A block of m, whose parents are `level` passes. */
static void block(const crl_fft *f, int level, crl_complex *x, size_t m, bool turned)
{
    const size_t q = m / 4;
    if (m == 1) return;
    if (m == 2) {
        const crl_complex a = x[0], b = x[1];
        x[0] = turned ? plus_i(a, b) : sum(a, b);
        x[1] = turned ? minus_i(a, b) : difference(a, b);
        return;
    }
    if (turned)
        turned_pass(x, q, f->level[level].turned);
    else
        plain_pass(x, q, f->level[level].plain);
    block(f, level + 1, x, q, false);
    block(f, level + 1, x + q, q, true);
    block(f, level + 1, x + 2 * q, q, false);
    block(f, level + 1, x + 3 * q, q, turned);
}

void crl_fft_run(const crl_fft *f, crl_complex *x)
{
    block(f, 0, x, f->n, false);
    for (size_t i = 1, j = 0; i < f->n; i++) { /* j counts with its bits the other way round */
        size_t bit = f->n / 2;
        for (; j & bit; bit /= 2) j ^= bit;
        j ^= bit;
        if (j <= i) continue;
        const crl_complex t = x[i];
        x[i] = x[j];
        x[j] = t;
    }
}

/* --- real numbers ------------------------------------------------------------------------------------- */

size_t crl_rfft_bytes(size_t n)
{
    return crl_fft_turns(n / 2) * sizeof(crl_turn) + n / 4 * sizeof(double);
}

void crl_rfft_make(crl_rfft *f, size_t n, void *room)
{
    const size_t m = n / 4;
    crl_turn *turns = room;
    double *c = (double *)(void *)(turns + crl_fft_turns(n / 2));
    *f = (crl_rfft){ .n = n, .cosines = c };
    crl_fft_make(&f->half, n / 2, turns);
    for (size_t j = 1; 2 * j < m; j++) { /* an eighth of the circle, in n parts */
        const crl_complex z = angle(j, n, false);
        c[j] = 0.5 * z.re;
        c[m - j] = 0.5 * z.im;
    }
    if (m > 1) c[m / 2] = 0.5 * eighth();
}

void crl_rfft_run(const crl_rfft *f, double *x)
{
    const size_t n = f->n;
    if (n >= 4) crl_fft_run(&f->half, (crl_complex *)(void *)x);
    for (size_t j = 1; j < n / 4; j++) {
        double *a = x + 2 * j, *b = x + n - 2 * j;
        const double re = 0.5 - f->cosines[n / 4 - j], im = f->cosines[j];
        const double xr = a[0] - b[0], xi = a[1] + b[1];
        const double yr = re * xr - im * xi, yi = re * xi + im * xr;
        a[0] -= yr;
        a[1] -= yi;
        b[0] += yr;
        b[1] -= yi;
    }
    const double last = x[0] - x[1];
    x[0] += x[1];
    x[1] = last;
}

/* --- pictures ----------------------------------------------------------------------------------------- */

bool crl_rfft2d_room(const crl_rfft2d *p, size_t *bytes)
{
    size_t rows;
    return crl_size_mul(p->h, p->w + 2, &rows) && crl_size_add(rows, 2 * p->h, &rows) &&
           crl_size_mul(rows, sizeof(double), bytes);
}

static void fill_rows(double *rows, const float *in, const crl_rfft2d *p)
{
    for (size_t y = 0; y < p->h; y++)
        for (size_t x = 0; x < p->w + 2; x++)
            *rows++ = y < p->in_h && x < p->in_w && x < p->w ? (double)in[y * p->in_w + x] : 0;
}

static void transform_columns(double *rows, const crl_rfft2d *p, crl_complex *column)
{
    const size_t stride = p->w + 2;
    for (size_t x = 0; x + 1 < p->w; x += 2) {
        for (size_t y = 0; y < p->h; y++) column[y] = (crl_complex){ rows[y * stride + x], rows[y * stride + x + 1] };
        crl_fft_run(&p->column, column);
        for (size_t y = 0; y < p->h; y++) {
            rows[y * stride + x] = column[y].re;
            rows[y * stride + x + 1] = column[y].im;
        }
    }
}

/* The first column of pairs is that of two real columns, of the frequencies 0 and w/2: takes them apart, and moves the
 * latter to the end. */
static void part_columns(double *rows, const crl_rfft2d *p)
{
    const size_t stride = p->w + 2, half = p->h / 2;
    double *middle = rows + half * stride;
    for (size_t y = 1; y < half; y++) {
        double *a = rows + y * stride, *b = rows + (p->h - y) * stride;
        b[0] = 0.5 * (a[0] - b[0]);
        a[0] -= b[0];
        b[1] = 0.5 * (a[1] + b[1]);
        a[1] -= b[1];
    }
    for (size_t y = half + 1; y < p->h; y++) {
        double *a = rows + (p->h - y) * stride, *b = rows + y * stride;
        const double re = b[0], im = b[1];
        b[p->w] = im;
        b[p->w + 1] = re;
        a[p->w] = im;
        a[p->w + 1] = -re;
        b[0] = a[0];
        b[1] = -a[1];
    }
    const double last = rows[1];
    rows[p->w + 1] = 0;
    rows[1] = 0;
    middle[p->w] = middle[1];
    middle[p->w + 1] = 0;
    middle[1] = 0;
    rows[p->w] = last;
}

void crl_rfft2d_ref(float *out, const float *in, const crl_rfft2d *p, double *room)
{
    const size_t stride = p->w + 2;
    double *rows = room;
    fill_rows(rows, in, p);
    for (size_t y = 0; y < p->h; y++) crl_rfft_run(&p->row, rows + y * stride);
    transform_columns(rows, p, (crl_complex *)(void *)(rows + p->h * stride));
    part_columns(rows, p);
    for (size_t y = 0; y < p->h; y++)
        for (size_t x = 0; x < p->w / 2 + 1; x++) {
            *out++ = (float)rows[y * stride + 2 * x];
            *out++ = (float)-rows[y * stride + 2 * x + 1];
        }
}
