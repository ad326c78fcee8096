/* SPDX-License-Identifier: Apache-2.0 */
/* Layers of floats as matrix products: packing, and the way from the window to pointers. */
#include "kernels/gemm_f32.h"

#include <math.h>
#include <string.h>

#include "base/cpu.h"
#include "base/error.h"
#include "kernels/gemm_f32_panel.h"

enum {
    FEW_CHANNELS = 16,  /* of a tap: with fewer, the inner loop runs over a row of the filter, or a window that was copied, */
    FEW_FLOATS = 4,     /* where the rows have fewer floats than this: it has to be worth its start */
    BLOCK_ROWS = 60,    /* a multiple of all row steps */
    GATHER_BYTES = 1 << 16,
    MOST_POINTERS = 1 << 17 /* in scratch: filters may have millions of taps */
};

static const crl_gemm_f32_level *level_of(unsigned cpu)
{
#if CRL_ARCH_X86_64
    static const crl_gemm_f32_level avx2 = { "gemm_f32 avx2", 8, 2, 6, false, crl_gemm_f32_block_avx2 };
    static const crl_gemm_f32_level avx512vnni = { "gemm_f32 avx512vnni", 16, 4, 6, true, crl_gemm_f32_block_avx512vnni };
    if (cpu & CRL_CPU_AVX512VNNI) return &avx512vnni;
    if (cpu & CRL_CPU_AVX2) return &avx2;
#elif CRL_ARCH_ARM64
    static const crl_gemm_f32_level neon = { "gemm_f32 neon", 4, 4, 6, false, crl_gemm_f32_block_neon };
    if (cpu & CRL_CPU_NEON) return &neon;
#endif
    (void)cpu;
    return NULL;
}

static size_t filter_size(const crl_window *w)
{
    return (size_t)w->filter_h * (size_t)w->filter_w * (size_t)w->in_c;
}

static bool leaves_picture(const crl_window *w)
{
    return w->pad_top > 0 || w->pad_left > 0 ||
           (int64_t)(w->out_h - 1) * w->stride_h + (int64_t)(w->filter_h - 1) * w->dilation_h - w->pad_top >= w->in_h ||
           (int64_t)(w->out_w - 1) * w->stride_w + (int64_t)(w->filter_w - 1) * w->dilation_w - w->pad_left >= w->in_w;
}

static bool all_finite(const float *x, size_t n)
{
    float sum = 0; /* of zeros, or NaN */
    for (size_t i = 0; i < n; i++) sum += x[i] * 0;
    return sum == 0;
}

/* Pointers to all taps of a block. */
static size_t pointers(const crl_gemm_f32 *g)
{
    return (size_t)g->taps * (size_t)g->block_rows;
}

/* Whether a row of the filter sees floats that lie side by side. */
static bool rows_are_whole(const crl_gemm_f32 *g)
{
    return g->window.dilation_w == 1 && g->in_stride == (size_t)g->window.in_c;
}

static void shape_product(crl_gemm_f32 *g)
{
    const crl_window *w = &g->window;
    const size_t bytes = filter_size(w) * sizeof(float);
    g->gathered = w->filter_h * w->filter_w > 1 && w->in_c < FEW_CHANNELS && bytes * (size_t)g->level.row_step <= GATHER_BYTES;
    g->in_place = g->gathered && rows_are_whole(g) && w->filter_w * w->in_c >= FEW_FLOATS;
    g->taps = g->in_place ? w->filter_h : g->gathered ? 1 : w->filter_h * w->filter_w;
    g->channels = (int32_t)(filter_size(w) / (size_t)g->taps);
    const int32_t rows = crl_gemm_f32_rows(g);
    g->block_rows = rows < BLOCK_ROWS ? rows : BLOCK_ROWS;
    while (g->block_rows > 1 && ((g->gathered && (size_t)g->block_rows * bytes > GATHER_BYTES) || pointers(g) > MOST_POINTERS))
        g->block_rows--;
}

static int32_t panels(const crl_gemm_f32 *g, crl_gemm_f32_panel *panel)
{
    int32_t n = 0;
    for (int32_t first = 0; first < g->window.out_c; n++) {
        const int32_t left = g->window.out_c - first, lanes = g->level.lanes;
        int32_t vectors = g->level.vectors;
        /* What half a vector holds in the end gets one, and those before it are whole. */
        const bool fits_half = g->level.halves && (left - 1) % lanes < lanes / 2, half = fits_half && left <= lanes / 2;
        while (vectors > (fits_half && !half ? left / lanes : (left + lanes - 1) / lanes)) vectors /= 2;
        const int32_t width = half ? lanes / 2 : vectors * lanes, columns = left < width ? left : width;
        if (panel)
            panel[n] = (crl_gemm_f32_panel){ .first = first, .columns = columns, .vectors = vectors, .half = half, .width = (size_t)width };
        first += columns;
    }
    return n;
}

size_t crl_gemm_f32_weights(const crl_gemm_f32 *g)
{
    return g->n_weights;
}

void crl_gemm_f32_pack(const crl_gemm_f32 *g, float *to, const float *filter, size_t k_step, size_t o_step)
{
    const size_t size = filter_size(&g->window);
    for (int32_t i = 0; i < g->n_panels; i++) {
        const crl_gemm_f32_panel *p = &g->panel[i];
        const size_t width = p->width, columns = (size_t)p->columns;
        const float *from = filter + (size_t)p->first * o_step;
        for (size_t k = 0; k < size; k++, to += width) {
            for (size_t c = 0; c < columns; c++) to[c] = from[k * k_step + c * o_step];
            for (size_t c = columns; c < width; c++) to[c] = 0;
        }
    }
}

static crl_status lay_out(crl_gemm_f32 *g, const crl_gemm_f32_spec *spec, crl_error *err)
{
    g->n_panels = panels(g, NULL);
    g->panel = crl_pile_array(spec->pile, (size_t)g->n_panels, sizeof *g->panel);
    g->outside = crl_pile_array(spec->pile, (size_t)spec->window.in_c, sizeof(float));
    if (!g->panel || !g->outside) return crl_fail_memory(err, "packed weights");
    panels(g, g->panel);
    for (int32_t i = 0; i < g->n_panels; i++) {
        crl_gemm_f32_panel *p = &g->panel[i];
        const size_t width = p->width;
        float *bias = crl_pile_array(spec->pile, width, sizeof(float));
        if (!bias) return crl_fail_memory(err, "packed weights");
        if (spec->bias) memcpy(bias, spec->bias + p->first, (size_t)p->columns * sizeof *bias);
        p->bias = bias;
        p->at = g->n_weights;
        g->n_weights += filter_size(&spec->window) * width;
    }
    return CRL_OK;
}

static crl_status pack(crl_gemm_f32 *g, const crl_gemm_f32_spec *spec, crl_error *err)
{
    crl_status s = lay_out(g, spec, err);
    if (s || !spec->filter) return s;
    float *weights = crl_pile_array(spec->pile, g->n_weights, sizeof *weights);
    if (!weights) return crl_fail_memory(err, "packed weights");
    crl_gemm_f32_pack(g, weights, spec->filter, 1, filter_size(&spec->window));
    g->weights = weights;
    g->packed_bytes = g->n_weights * sizeof *weights;
    return CRL_OK;
}

crl_status crl_gemm_f32_new(crl_gemm_f32 **out, const crl_gemm_f32_spec *spec, unsigned cpu, crl_error *err)
{
    *out = NULL;
    const crl_gemm_f32_level *level = level_of(cpu);
    if (!level) return crl_fail(err, CRL_ERR_UNSUPPORTED, "no fast layer of floats for level %s", crl_cpu_name(cpu));
    if (spec->filter && leaves_picture(&spec->window) && !all_finite(spec->filter, (size_t)spec->window.out_c * filter_size(&spec->window)))
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "a weight is not finite");
    crl_gemm_f32 *g = crl_pile_alloc(spec->pile, sizeof *g);
    if (!g) return crl_fail_memory(err, "a layer");
    *g = (crl_gemm_f32){ .level = *level, .window = spec->window, .min = spec->min, .max = spec->max, .mode = spec->mode,
                         .in_stride = spec->in_stride ? spec->in_stride : (size_t)spec->window.in_c,
                         .out_stride = spec->out_stride ? spec->out_stride : (size_t)spec->window.out_c };
    shape_product(g);
    const crl_status s = pack(g, spec, err);
    if (!s) *out = g;
    return s;
}

int32_t crl_gemm_f32_rows(const crl_gemm_f32 *g)
{
    return g->window.batch * g->window.out_h * g->window.out_w;
}

uint64_t crl_gemm_f32_macs(const crl_gemm_f32 *g)
{
    return (uint64_t)crl_gemm_f32_rows(g) * (uint64_t)g->window.out_c * filter_size(&g->window);
}

int32_t crl_gemm_f32_row_step(const crl_gemm_f32 *g)
{
    return g->level.row_step;
}

int32_t crl_gemm_f32_panels(const crl_gemm_f32 *g)
{
    return g->n_panels;
}

size_t crl_gemm_f32_packed_bytes(const crl_gemm_f32 *g)
{
    return g->packed_bytes;
}

const char *crl_gemm_f32_name(const crl_gemm_f32 *g)
{
    return g->level.name;
}

size_t crl_gemm_f32_scratch_bytes(const crl_gemm_f32 *g)
{
    const size_t bytes = crl_size_align(pointers(g) * sizeof(uint8_t *), 64);
    return bytes + (g->gathered ? (size_t)g->block_rows * filter_size(&g->window) * sizeof(float) : 0);
}

static inline void copy_floats(float *to, const float *from, size_t n)
{
    size_t i = 0;
    for (; i + 4 <= n; i += 4) memcpy(to + i, from + i, 4 * sizeof *to);
    for (; i < n; i++) to[i] = from[i];
}

static inline void clear_floats(float *to, size_t n)
{
    for (size_t i = 0; i < n; i++) to[i] = 0;
}

/* An output pixel: the picture it sees, and where in it. */
typedef struct place {
    const float *picture;
    int32_t y, x;
} place;

/* What a row of the filter sees in row y of the picture. */
static void copy_row(const crl_gemm_f32 *g, float *to, const place *p, int32_t y)
{
    const crl_window *w = &g->window;
    const size_t channels = (size_t)w->in_c;
    const float *line = p->picture + (size_t)y * (size_t)w->in_w * g->in_stride;
    const bool whole = rows_are_whole(g);
    for (int32_t fx = 0, n; fx < w->filter_w; fx += n, to += (size_t)n * channels) {
        const int32_t x = p->x + fx * w->dilation_w;
        n = 1;
        if (x < 0 || x >= w->in_w) {
            clear_floats(to, channels);
            continue;
        }
        if (whole) n = w->filter_w - fx < w->in_w - x ? w->filter_w - fx : w->in_w - x;
        copy_floats(to, line + (size_t)x * g->in_stride, (size_t)n * channels);
    }
}

/* All taps of a window side by side; those outside the picture are 0. */
static void copy_window(const crl_gemm_f32 *g, float *to, const place *p)
{
    const crl_window *w = &g->window;
    const size_t each = (size_t)w->filter_w * (size_t)w->in_c;
    for (int32_t fy = 0; fy < w->filter_h; fy++, to += each) {
        const int32_t y = p->y + fy * w->dilation_h;
        if (y < 0 || y >= w->in_h)
            clear_floats(to, each);
        else
            copy_row(g, to, p, y);
    }
}

static bool is_inside(const crl_window *w, const place *p)
{
    return p->y >= 0 && p->y + (w->filter_h - 1) * w->dilation_h < w->in_h && p->x >= 0 &&
           p->x + (w->filter_w - 1) * w->dilation_w < w->in_w;
}

/* Points at what n rows from m on see: rows of the filter in the picture, where all of the window lies inside and each of its rows side by side;
 * else copied to `to`. */
static void point_windows(const crl_gemm_f32 *g, const uint8_t **pixel, float *to, const float *in, int32_t m, int32_t n)
{
    const crl_window *w = &g->window;
    const size_t line = (size_t)w->in_w * g->in_stride, size = filter_size(w), step = (size_t)g->block_rows;
    int32_t b = m / w->out_w / w->out_h, y = m / w->out_w % w->out_h, x = m % w->out_w;
    for (int32_t i = 0; i < n; i++, to += size) {
        const place p = { in + (size_t)b * (size_t)w->in_h * line, y * w->stride_h - w->pad_top, x * w->stride_w - w->pad_left };
        const bool there = g->in_place && is_inside(w, &p);
        if (!there) copy_window(g, to, &p);
        const float *at = there ? p.picture + (size_t)p.y * line + (size_t)p.x * g->in_stride : to;
        const size_t next = there ? (size_t)w->dilation_h * line : (size_t)g->channels;
        for (int32_t tap = 0; tap < g->taps; tap++, at += next) pixel[(size_t)tap * step + (size_t)i] = (const uint8_t *)at;
        if (++x < w->out_w) continue;
        x = 0;
        if (++y < w->out_h) continue;
        y = 0;
        b++;
    }
}

/* Rows of the next block of `left`: blocks are about as large as each other, since each reads all weights. */
static int32_t block_rows(const crl_gemm_f32 *g, int32_t left)
{
    const int32_t most = g->block_rows, step = g->level.row_step, blocks = (left + most - 1) / most;
    const int32_t n = ((left + blocks - 1) / blocks + step - 1) / step * step;
    return n < most ? (n < left ? n : left) : most < left ? most : left;
}

void crl_gemm_f32_run(const crl_gemm_f32 *g, float *out, const float *in, int32_t row0, int32_t row1, int32_t panel0,
                      int32_t panel1, void *scratch)
{
    crl_gemm_f32_run_with(g, g->weights, out, in, row0, row1, panel0, panel1, scratch);
}

void crl_gemm_f32_run_with(const crl_gemm_f32 *g, const float *weights, float *out, const float *in, int32_t row0, int32_t row1,
                           int32_t panel0, int32_t panel1, void *scratch)
{
    const uint8_t **pixel = scratch;
    float *copied = (float *)(pixel + crl_size_align(pointers(g) * sizeof(uint8_t *), 64) / sizeof(uint8_t *));
    for (int32_t m = row0, n; m < row1; m += n) {
        n = block_rows(g, row1 - m);
        if (g->gathered)
            point_windows(g, pixel, copied, in, m, n);
        else
            crl_window_point(&g->window, g->in_stride * sizeof(float), (const uint8_t *)g->outside, pixel, (size_t)g->block_rows,
                             (const uint8_t *)in, m, n);
        const crl_gemm_f32_block block = { pixel, (size_t)g->block_rows, n, weights, out + (size_t)m * g->out_stride };
        g->level.block(g, &block, panel0, panel1);
    }
}
