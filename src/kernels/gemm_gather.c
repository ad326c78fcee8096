/* SPDX-License-Identifier: Apache-2.0 */
/* Windows of a convolution, copied so that all bytes of each lie side by side, in the order of the filter.
 *
 * A window is made of runs: of whole filter rows, whose taps follow each other in the picture, or of single taps where
 * they do not. Runs are copied in moves of 16 or 32 bytes, each of which may write beyond its run what the next one
 * writes again.
 *
 * Most windows of a large picture need no copy: runs are the taps of the product then, which lie in the picture as they do in a
 * copy, though further apart. None does in a copy of the picture with its padding, a band of rows at a time. */
#include <string.h>

#include "kernels/gemm_panel.h"

enum {
    MOST_RUNS = 16,   /* of short ones */
    SHORT_BYTES = 32, /* what one or two moves copy */
    BLOCK_BYTES = 16384, BLOCK_ROWS = 480, /* windows at once: they stay in the first-level cache */
    BAND_BYTES = 32768, BAND_COLUMNS = 96, /* where outputs are many, copied windows cost little beside their products; */
    BAND_WIDTH = 4                         /* where rows are short, they fill no tile */
};

static bool taps_follow(const crl_gemm *g)
{
    return g->window.dilation_w == 1 && g->in_stride == (size_t)g->window.in_c;
}

static size_t run_bytes(const crl_gemm *g)
{
    const size_t c = (size_t)g->window.in_c;
    return taps_follow(g) ? c * (size_t)g->window.filter_w : c;
}

static int32_t run_count(const crl_gemm *g)
{
    return taps_follow(g) ? g->window.filter_h : g->window.filter_h * g->window.filter_w;
}

bool crl_gemm_gather_pays(const crl_gemm *g)
{
    enum { CHANNELS = 16 }; /* below, copying a window costs less than a pointer for each of its taps */
    return g->window.in_c < CHANNELS && g->window.filter_w > 1 && run_count(g) <= MOST_RUNS;
}

int32_t crl_gemm_gather_rows(const crl_gemm *g)
{
    const int32_t step = g->level.row_step, fit = (int32_t)(BLOCK_BYTES / g->window_bytes) / step * step;
    return fit < step ? step : fit > BLOCK_ROWS ? BLOCK_ROWS / step * step : fit;
}

size_t crl_gemm_gather_bytes(const crl_gemm *g)
{
    return (size_t)g->block_rows * g->window_bytes + SHORT_BYTES;
}

size_t crl_gemm_gather_outside_bytes(const crl_gemm *g)
{
    return run_bytes(g) + SHORT_BYTES;
}

/* Windows of one output row; tap 0 of window 0 is at column x0 of the input. */
typedef struct line {
    const crl_gemm *g;
    const uint8_t *at, *end; /* channel 0 of input row 0, and the end of the input */
    int32_t y, x0;
} line;

/* A window ends with a whole step of four channels; the weights beyond its taps are 0. */
static void clear_rest(const crl_gemm *g, uint8_t *window)
{
    for (size_t i = run_bytes(g) * (size_t)run_count(g); i < g->window_bytes; i++) window[i] = 0;
}

static const uint8_t *row_of(const line *l, int32_t fy)
{
    const crl_window *w = &l->g->window;
    const int32_t y = l->y * w->stride_h - w->pad_top + fy * w->dilation_h;
    return y >= 0 && y < w->in_h ? l->at + (size_t)y * (size_t)w->in_w * l->g->in_stride : NULL;
}

/* A row of taps that follow each other from column x on, where some may lie outside. */
static void copy_run(const line *l, uint8_t *to, const uint8_t *row, int64_t x)
{
    const crl_window *w = &l->g->window;
    const size_t c = (size_t)w->in_c;
    int64_t from = x < 0 ? -x : 0, end = w->in_w - x; /* taps inside */
    if (from > w->filter_w) from = w->filter_w;
    if (end > w->filter_w) end = w->filter_w;
    if (!row || end <= from) {
        memcpy(to, l->g->outside, (size_t)w->filter_w * c);
        return;
    }
    memcpy(to, l->g->outside, (size_t)from * c);
    memcpy(to + (size_t)from * c, row + (size_t)(x + from) * c, (size_t)(end - from) * c);
    memcpy(to + (size_t)end * c, l->g->outside, (size_t)(w->filter_w - end) * c);
}

/* Window m, where some of its taps may lie outside. */
static void copy_any(const line *l, uint8_t *to, int32_t m)
{
    const crl_window *w = &l->g->window;
    const size_t c = (size_t)w->in_c;
    const bool follow = taps_follow(l->g);
    clear_rest(l->g, to);
    for (int32_t fy = 0; fy < w->filter_h; fy++) {
        const uint8_t *row = row_of(l, fy);
        int64_t x = l->x0 + m * w->stride_w;
        if (follow) {
            copy_run(l, to, row, x);
            to += (size_t)w->filter_w * c;
            continue;
        }
        for (int32_t fx = 0; fx < w->filter_w; fx++, x += w->dilation_w, to += c)
            memcpy(to, row && x >= 0 && x < w->in_w ? row + (size_t)x * l->g->in_stride : l->g->outside, c);
    }
}

typedef struct runs {
    int32_t n;
    size_t bytes;
    const uint8_t *at[MOST_RUNS];
    size_t step[MOST_RUNS];
} runs;

/* Short runs of n windows. `count` and `move` are constants; with a count of 0 there are r->n. */
static inline __attribute__((always_inline)) void copy_short(const runs *r, uint8_t *to, size_t channels, int32_t n,
                                                             int32_t count, size_t move)
{
    if (count == 3) {
        const uint8_t *r0 = r->at[0], *r1 = r->at[1], *r2 = r->at[2];
        const size_t s0 = r->step[0], s1 = r->step[1], s2 = r->step[2], bytes = r->bytes;
        for (int32_t m = 0; m < n; m++, to += channels, r0 += s0, r1 += s1, r2 += s2) {
            memcpy(to, r0, move);
            memcpy(to + bytes, r1, move);
            memcpy(to + 2 * bytes, r2, move);
        }
        return;
    }
    for (int32_t m = 0; m < n; m++, to += channels)
        for (int32_t i = 0; i < r->n; i++) memcpy(to + (size_t)i * r->bytes, r->at[i] + (size_t)m * r->step[i], move);
}

/* A run of 16 bytes or more, exactly. */
static inline void copy_long(uint8_t *to, const uint8_t *from, size_t bytes)
{
    for (size_t i = 0; i + 16 < bytes; i += 16) memcpy(to + i, from + i, 16);
    memcpy(to + bytes - 16, from + bytes - 16, 16);
}

/* The windows first .. last-1 of a line whose taps are all within the width; what is left for copy_any at the end. */
static int32_t copy_inner(const line *l, uint8_t *to, int32_t first, int32_t last)
{
    const crl_window *w = &l->g->window;
    const size_t channels = l->g->window_bytes;
    const int32_t n = run_count(l->g), per_row = n / w->filter_h;
    const bool is_short = run_bytes(l->g) <= SHORT_BYTES && n <= MOST_RUNS;
    runs r = { .n = n, .bytes = run_bytes(l->g) };
    to += (size_t)first * channels;
    for (int32_t i = 0; i < n && last > first; i++) {
        const uint8_t *row = row_of(l, i / per_row);
        const int32_t x = l->x0 + first * w->stride_w + i % per_row * w->dilation_w;
        const uint8_t *at = row ? row + (size_t)x * l->g->in_stride : l->g->outside;
        const size_t step = row ? (size_t)w->stride_w * l->g->in_stride : 0;
        if (is_short) { /* moves must not read beyond the input */
            while (row && last > first && (size_t)(l->end - at) < (size_t)(last - 1 - first) * step + SHORT_BYTES) last--;
            r.at[i] = at;
            r.step[i] = step;
        } else {
            uint8_t *run = to + (size_t)i * r.bytes;
            for (int32_t m = first; m < last; m++, run += channels, at += step) {
                if (r.bytes >= 16)
                    copy_long(run, at, r.bytes);
                else
                    memcpy(run, at, r.bytes);
            }
        }
    }
    if (is_short && n == 3 && r.bytes <= 16)
        copy_short(&r, to, channels, last - first, 3, 16);
    else if (is_short && r.bytes <= 16)
        copy_short(&r, to, channels, last - first, 0, 16);
    else if (is_short)
        copy_short(&r, to, channels, last - first, 0, 32);
    const size_t move = is_short ? r.bytes <= 16 ? 16 : 32 : r.bytes;
    for (int32_t m = first; m < last && (size_t)(n - 1) * r.bytes + move < channels; m++, to += channels)
        clear_rest(l->g, to);
    return last;
}

static void copy_line(const line *l, uint8_t *to, int32_t n)
{
    const crl_window *w = &l->g->window;
    const size_t channels = l->g->window_bytes;
    const int32_t reach = w->in_w - 1 - (w->filter_w - 1) * w->dilation_w - l->x0;
    int32_t first = l->x0 < 0 ? (-l->x0 + w->stride_w - 1) / w->stride_w : 0;
    int32_t last = reach < 0 ? 0 : reach / w->stride_w + 1;
    if (last > n) last = n;
    if (first > last) first = last;
    for (int32_t m = 0; m < first; m++) copy_any(l, to + (size_t)m * channels, m);
    last = copy_inner(l, to, first, last);
    for (int32_t m = last; m < n; m++) copy_any(l, to + (size_t)m * channels, m);
}

void crl_gemm_gather(const crl_gemm *g, uint8_t *windows, const uint8_t *in, int32_t from, int32_t n)
{
    const crl_window *w = &g->window;
    const size_t picture = (size_t)w->in_h * (size_t)w->in_w * g->in_stride;
    const uint8_t *end = in + (size_t)w->batch * picture - (g->in_stride - (size_t)w->in_c);
    for (int32_t m = 0; m < n;) {
        const int32_t row = (from + m) / w->out_w, x = (from + m) % w->out_w;
        const int32_t left = w->out_w - x < n - m ? w->out_w - x : n - m;
        const line l = { g, in + (size_t)(row / w->out_h) * picture, end, row % w->out_h, x * w->stride_w - w->pad_left };
        copy_line(&l, windows + (size_t)m * g->window_bytes, left);
        m += left;
    }
}

int32_t crl_gemm_run_count(const crl_gemm *g)
{
    return run_count(g);
}

int32_t crl_gemm_run_bytes(const crl_gemm *g)
{
    return (int32_t)run_bytes(g);
}

bool crl_gemm_can_stay(const crl_gemm *g)
{
    const size_t bytes = run_bytes(g);
    return g->level.runs && bytes % 4 == 0 && bytes <= INT32_MAX;
}

bool crl_gemm_place_taps(crl_gemm *g)
{
    const crl_window *w = &g->window;
    const int32_t per_row = g->in_place ? g->taps / w->filter_h : 1;
    size_t *copied = crl_pile_array(g->pile, (size_t)g->taps, sizeof *copied);
    size_t *inside = crl_pile_array(g->pile, (size_t)g->taps, sizeof *inside);
    if (!copied || !inside) return false;
    for (int32_t i = 0; i < g->taps; i++) {
        const size_t y = (size_t)(i / per_row) * (size_t)w->dilation_h, x = (size_t)(i % per_row) * (size_t)w->dilation_w;
        copied[i] = (size_t)i * (size_t)g->channels;
        inside[i] = y * (g->band_rows ? g->band_stride : (size_t)w->in_w * g->in_stride) + x * g->in_stride;
    }
    g->copied = copied;
    g->inside = inside;
    return true;
}

int32_t crl_gemm_inside(const crl_gemm *g, int32_t m, int32_t n, size_t *at)
{
    const crl_window *w = &g->window;
    const int32_t row = m / w->out_w, column = m % w->out_w;
    const int32_t y = row % w->out_h * w->stride_h - w->pad_top, x = column * w->stride_w - w->pad_left;
    const int32_t down = w->in_h - 1 - (w->filter_h - 1) * w->dilation_h - y;
    const int32_t right = w->in_w - 1 - (w->filter_w - 1) * w->dilation_w - x;
    if (y < 0 || x < 0 || down < 0 || right < 0) return 0;
    *at = (((size_t)(row / w->out_h) * (size_t)w->in_h + (size_t)y) * (size_t)w->in_w + (size_t)x) * g->in_stride;
    const int32_t reach = right / w->stride_w + 1, left = w->out_w - column;
    const int32_t most = left < n ? left : n;
    return reach < most ? reach : most;
}

/* Input rows under `rows` rows of outputs. */
static size_t rows_under(const crl_window *w, int32_t rows)
{
    return (size_t)(rows - 1) * (size_t)w->stride_h + (size_t)(w->filter_h - 1) * (size_t)w->dilation_h + 1;
}

void crl_gemm_shape_band(crl_gemm *g)
{
    const crl_window *w = &g->window;
    if (!g->in_place || g->in_stride != (size_t)w->in_c || w->out_c > BAND_COLUMNS || w->out_w < BAND_WIDTH) return;
    const size_t wide = (size_t)(w->out_w - 1) * (size_t)w->stride_w + (size_t)(w->filter_w - 1) * (size_t)w->dilation_w + 1;
    g->band_stride = wide * g->in_stride;
    const size_t fit = BAND_BYTES / g->band_stride, least = rows_under(w, 2);
    if (fit < least) return;
    const size_t rows = 2 + (fit - least) / (size_t)w->stride_h;
    g->band_rows = rows < (size_t)w->out_h ? (int32_t)rows : w->out_h;
}

size_t crl_gemm_band_bytes(const crl_gemm *g)
{
    return rows_under(&g->window, g->band_rows) * g->band_stride;
}

void crl_gemm_copy_band(const crl_gemm *g, uint8_t *band, const uint8_t *picture, int32_t y, int32_t rows)
{
    const crl_window *w = &g->window;
    const size_t wide = g->band_stride / g->in_stride, left = (size_t)w->pad_left < wide ? (size_t)w->pad_left : wide;
    const size_t inside = wide - left < (size_t)w->in_w ? wide - left : (size_t)w->in_w, right = wide - left - inside;
    const int64_t top = (int64_t)y * w->stride_h - w->pad_top, end = top + (int64_t)rows_under(w, rows);
    for (int64_t row = top; row < end; row++, band += g->band_stride) {
        if (row < 0 || row >= w->in_h) {
            memset(band, *g->outside, g->band_stride);
            continue;
        }
        memset(band, *g->outside, left * g->in_stride);
        memcpy(band + left * g->in_stride, picture + (size_t)row * (size_t)w->in_w * g->in_stride, inside * g->in_stride);
        memset(band + (left + inside) * g->in_stride, *g->outside, right * g->in_stride);
    }
}
