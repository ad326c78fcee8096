/* SPDX-License-Identifier: Apache-2.0 */
/* Layers as matrix products: choice of the level, and the way from the window to pointers. */
#include "kernels/gemm.h"

#include <string.h>

#include "base/cpu.h"
#include "base/error.h"
#include "kernels/gemm_panel.h"

enum {
    STRIP_CHANNELS = 16, /* below, copying rows costs less than a pointer for every pixel and tap */
    STRIP_ROWS = 4,      /* output rows whose input is copied at once: neighbours share it */
    WIDE_BYTES = 32768   /* of widened activations in a block */
};

/* The levels, and for avx2 the ways to multiply with it. */
static const crl_gemm_level *level_of(unsigned cpu, const crl_gemm_spec *spec)
{
#if CRL_ARCH_X86_64
    static const crl_gemm_level avx2[] = {
        { "gemm avx2", CRL_GEMM_PAIRS, 1, 8, 1, 12, crl_gemm_block_avx2 },
        { "gemm avx2", CRL_GEMM_PAIRS, 2, 8, 1, 10, crl_gemm_block_avx2 },
        { "gemm avx2", CRL_GEMM_PAIRS, 4, 8, 1, 8, crl_gemm_block_avx2 },
        { "gemm_wide avx2", CRL_GEMM_WIDE, 1, 8, 2, 6, crl_gemm_wide_avx2 },
    };
    static const crl_gemm_level avxvnni = { "gemm avxvnni", CRL_GEMM_DOT, 1, 8, 2, 12, crl_gemm_block_avxvnni };
    static const crl_gemm_level avx512vnni = { "gemm avx512vnni", CRL_GEMM_DOT, 1, 16, 4, 12, crl_gemm_block_avx512vnni };
    if (cpu & CRL_CPU_AVX512VNNI) return &avx512vnni;
    if (cpu & CRL_CPU_AVXVNNI) return &avxvnni;
    if (cpu & CRL_CPU_AVX2) return crl_gemm_cheapest(avx2, sizeof avx2 / sizeof avx2[0], spec, cpu);
#endif
    (void)cpu;
    (void)spec;
    return NULL;
}

/* Bytes of a copied row: all columns that the taps of an output row touch, and what the last step of four reads
 * beyond. */
static size_t strip_row_bytes(const crl_gemm *g)
{
    const crl_window *w = &g->window;
    const size_t columns = (size_t)(w->out_w - 1) * (size_t)w->stride_w + (size_t)w->filter_w;
    return columns * (size_t)w->in_c + 3;
}

static int32_t strip_rows(const crl_window *w)
{
    return (STRIP_ROWS - 1) * w->stride_h + (w->filter_h - 1) * w->dilation_h + 1;
}

static void shape_product(crl_gemm *g)
{
    const crl_window *w = &g->window;
    g->strips = w->in_c < STRIP_CHANNELS && w->filter_w > 1 && w->dilation_w == 1 && g->in_stride == (size_t)w->in_c;
    g->taps = g->strips ? w->filter_h : w->filter_h * w->filter_w;
    g->channels = g->strips ? (w->filter_w * w->in_c + 3) / 4 * 4 : w->in_c;
    g->steps = g->channels / 4;
    g->wide_steps = (g->channels + 3) / 4 * g->taps;
    /* Pointers and activations of a block stay in the first-level cache while all panels pass over them. */
    g->block_rows = g->taps > 9 ? 48 : 96;
    if (g->level.kind == CRL_GEMM_WIDE) {
        g->block_rows = WIDE_BYTES / (8 * g->wide_steps) / g->level.row_step * g->level.row_step;
        if (g->block_rows < g->level.row_step) g->block_rows = g->level.row_step;
        if (g->block_rows > 96) g->block_rows = 96;
    }
}

crl_status crl_gemm_new_at(crl_gemm **out, const crl_gemm_spec *spec, const crl_gemm_level *level, unsigned cpu,
                           crl_error *err)
{
    *out = NULL;
    crl_gemm *g = crl_alloc(sizeof *g);
    if (!g) return crl_fail_memory(err, "a layer");
    g->level = *level;
    g->window = spec->window;
    g->in_zero = spec->in_zero;
    g->in_stride = spec->in_stride ? spec->in_stride : (size_t)spec->window.in_c;
    g->out_stride = spec->out_stride ? spec->out_stride : (size_t)spec->window.out_c;
    g->out = spec->requant;
    g->out.scale = NULL; /* borrowed */
    g->out.real = NULL;
    g->pile = spec->pile ? spec->pile : &g->own;
    shape_product(g);
    uint8_t *outside = crl_pile_alloc(g->pile, (size_t)g->window.in_c);
    if (outside) memset(outside, g->in_zero, (size_t)g->window.in_c);
    g->outside = outside;
    const crl_status s = outside ? crl_gemm_pack(g, spec, cpu, err) : crl_fail_memory(err, "a row of padding");
    if (s)
        crl_gemm_free(g);
    else
        *out = g;
    return s;
}

crl_status crl_gemm_new(crl_gemm **out, const crl_gemm_spec *spec, unsigned cpu, crl_error *err)
{
    *out = NULL;
    const crl_gemm_level *level = level_of(cpu, spec);
    if (!level)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "no fast convolution for level %s", crl_cpu_name(cpu));
    return crl_gemm_new_at(out, spec, level, cpu, err);
}

void crl_gemm_free(crl_gemm *g)
{
    if (!g) return;
    crl_pile_free(&g->own);
    crl_free(g);
}

int32_t crl_gemm_rows(const crl_gemm *g)
{
    return g->window.batch * g->window.out_h * g->window.out_w;
}

int32_t crl_gemm_row_step(const crl_gemm *g)
{
    /* Strips copy the input of whole output rows. */
    return g->strips ? STRIP_ROWS * g->window.out_w : g->level.row_step;
}

int32_t crl_gemm_panels(const crl_gemm *g)
{
    return g->n_panels;
}

size_t crl_gemm_packed_bytes(const crl_gemm *g)
{
    return g->packed_bytes;
}

uint64_t crl_gemm_macs(const crl_gemm *g)
{
    const crl_window *w = &g->window;
    return (uint64_t)crl_gemm_rows(g) * (uint64_t)w->out_c * (uint64_t)w->filter_h * (uint64_t)w->filter_w *
           (uint64_t)w->in_c;
}

const char *crl_gemm_name(const crl_gemm *g)
{
    return g->level.name;
}

static size_t pointer_bytes(const crl_gemm *g)
{
    return (size_t)g->taps * (size_t)g->block_rows * sizeof(const uint8_t *);
}

static size_t wide_bytes(const crl_gemm *g)
{
    return g->level.kind == CRL_GEMM_WIDE ? (size_t)g->block_rows * (size_t)g->wide_steps * 4 * sizeof(int16_t) : 0;
}

/* Scratch: pointers, then widened rows, then a strip of the picture. */
size_t crl_gemm_scratch_bytes(const crl_gemm *g)
{
    const size_t strip = g->strips ? (size_t)strip_rows(&g->window) * strip_row_bytes(g) : 0;
    return pointer_bytes(g) + wide_bytes(g) + strip;
}

/* An output pixel. Pointers are worked out a run at a time: pixels of one output row. */
typedef struct place {
    int32_t b, y, x;
} place;

static place place_of(const crl_window *w, int32_t row)
{
    const int32_t line = row / w->out_w;
    return (place){ line / w->out_h, line % w->out_h, row % w->out_w };
}

static int32_t lowest(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

/* Channel 0 of an input pixel. */
static const uint8_t *input(const crl_gemm *g, const uint8_t *in, int32_t b, int32_t y, int32_t x)
{
    const crl_window *w = &g->window;
    return in + (((size_t)b * (size_t)w->in_h + (size_t)y) * (size_t)w->in_w + (size_t)x) * g->in_stride;
}

/* One tap of a run of n output pixels, where input row y exists: the first looks at column x. */
static void point_tap(const crl_gemm *g, const uint8_t **to, const uint8_t *in, int32_t b, int32_t y, int32_t x,
                      int32_t n)
{
    const crl_window *w = &g->window;
    const int32_t stride = w->stride_w;
    int32_t first = x < 0 ? (-x + stride - 1) / stride : 0, end = x >= w->in_w ? 0 : (w->in_w - 1 - x) / stride + 1;
    end = lowest(end, n);
    first = lowest(first, end);
    for (int32_t m = 0; m < first; m++) to[m] = g->outside;
    if (first < end) {
        const uint8_t *at = input(g, in, b, y, x + first * stride);
        const size_t step = (size_t)stride * g->in_stride;
        for (int32_t m = first; m < end; m++, at += step) to[m] = at;
    }
    for (int32_t m = end; m < n; m++) to[m] = g->outside;
}

/* Pointers for `n` rows from `from` on, every tap. */
static void point(const crl_gemm *g, const uint8_t **pixel, const uint8_t *in, int32_t from, int32_t n)
{
    const crl_window *w = &g->window;
    const size_t stride = (size_t)g->block_rows;
    if (w->filter_h == 1 && w->filter_w == 1 && w->stride_h == 1 && w->stride_w == 1 && w->pad_top == 0 &&
        w->pad_left == 0 && w->in_w == w->out_w && w->in_h == w->out_h) {
        const uint8_t *first = in + (size_t)from * g->in_stride;
        for (int32_t m = 0; m < n; m++) pixel[m] = first + (size_t)m * g->in_stride;
        return;
    }
    for (int32_t m = 0; m < n;) {
        const place p = place_of(w, from + m);
        const int32_t run = lowest(w->out_w - p.x, n - m);
        const uint8_t **to = pixel + m;
        for (int32_t fy = 0; fy < w->filter_h; fy++) {
            const int32_t y = p.y * w->stride_h - w->pad_top + fy * w->dilation_h;
            for (int32_t fx = 0; fx < w->filter_w; fx++, to += stride) {
                const int32_t x = p.x * w->stride_w - w->pad_left + fx * w->dilation_w;
                if (y >= 0 && y < w->in_h)
                    point_tap(g, to, in, p.b, y, x, run);
                else
                    for (int32_t i = 0; i < run; i++) to[i] = g->outside;
            }
        }
        m += run;
    }
}

/* Input rows from output row (b, y) on, each with its border. */
static void copy_strip(const crl_gemm *g, uint8_t *strip, const uint8_t *in, int32_t b, int32_t y)
{
    const crl_window *w = &g->window;
    const size_t bytes = strip_row_bytes(g), c = (size_t)w->in_c, border = (size_t)w->pad_left * c;
    const size_t room = bytes - 3 > border ? bytes - 3 - border : 0;
    const size_t row = (size_t)w->in_w * c < room ? (size_t)w->in_w * c : room;
    for (int32_t i = 0; i < strip_rows(w); i++, strip += bytes) {
        const int32_t iy = y * w->stride_h - w->pad_top + i;
        if (iy < 0 || iy >= w->in_h || row == 0) {
            memset(strip, g->in_zero, bytes);
            continue;
        }
        memset(strip, g->in_zero, border);
        memcpy(strip + border, input(g, in, b, iy, 0), row);
        memset(strip + border + row, g->in_zero, bytes - border - row);
    }
}

/* Rows from..from+n-1, of output rows y0 and following, in a strip. */
static void point_strip(const crl_gemm *g, const uint8_t **pixel, const uint8_t *strip, int32_t y0, int32_t from,
                        int32_t n)
{
    const crl_window *w = &g->window;
    const size_t bytes = strip_row_bytes(g), step = (size_t)w->stride_w * (size_t)w->in_c;
    for (int32_t m = 0; m < n;) {
        const place p = place_of(w, from + m);
        const int32_t run = lowest(w->out_w - p.x, n - m);
        for (int32_t fy = 0; fy < g->taps; fy++) {
            const uint8_t **to = pixel + (size_t)fy * (size_t)g->block_rows + (size_t)m;
            const int32_t row = (p.y - y0) * w->stride_h + fy * w->dilation_h;
            const uint8_t *at = strip + (size_t)row * bytes + (size_t)p.x * step;
            for (int32_t i = 0; i < run; i++, at += step) to[i] = at;
        }
        m += run;
    }
}

void crl_gemm_run(const crl_gemm *g, uint8_t *out, const uint8_t *in, int32_t row0, int32_t row1, int32_t panel0,
                  int32_t panel1, void *scratch)
{
    const crl_window *w = &g->window;
    const uint8_t **pixel = scratch;
    int16_t *wide = (int16_t *)(void *)((uint8_t *)scratch + pointer_bytes(g));
    uint8_t *strip = (uint8_t *)scratch + pointer_bytes(g) + wide_bytes(g);
    int32_t strip_y = 0, strip_end = row0; /* rows before strip_end lie in the strip */
    for (int32_t m = row0; m < row1;) {
        int32_t n = row1 - m < g->block_rows ? row1 - m : g->block_rows;
        if (g->strips) {
            if (m == strip_end) {
                const place p = place_of(w, m);
                const int32_t lines = w->out_h - p.y < STRIP_ROWS ? w->out_h - p.y : STRIP_ROWS;
                copy_strip(g, strip, in, p.b, p.y);
                strip_y = p.y;
                strip_end = (p.b * w->out_h + p.y + lines) * w->out_w;
            }
            if (n > strip_end - m) n = strip_end - m;
            point_strip(g, pixel, strip, strip_y, m, n);
        } else {
            point(g, pixel, in, m, n);
        }
        const crl_gemm_block block = { pixel, (size_t)g->block_rows, wide, n, out + (size_t)m * g->out_stride };
        g->level.block(g, &block, panel0, panel1);
        m += n;
    }
}
