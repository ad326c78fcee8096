/* SPDX-License-Identifier: Apache-2.0 */
/* Layers as matrix products: choice of the level, and the way from the window to pointers. */
#include "kernels/gemm.h"

#include <string.h>

#include "base/cpu.h"
#include "base/error.h"
#include "kernels/gemm_panel.h"

enum {
    WIDE_BYTES = 32768, /* of activations in a block that the kernel copies */
    SPAN_BYTES = 16384, /* of those that it reads in the picture, */
    MOST_ROWS = 480     /* and how many rows */
};

#if CRL_ARCH_X86_64
/* A product of tiles takes as long for a few channels as for 64: they have to be half full at least. */
static bool tiles_pay(const crl_window *w)
{
    const int64_t rows = (int64_t)w->batch * w->out_h * w->out_w, channels = (int64_t)w->filter_h * w->filter_w * w->in_c;
    if (rows < 16 || channels < 64 || channels > INT32_MAX) return false;
    const int32_t steps = (int32_t)(channels / 4);
    return steps / crl_gemm_tile_steps(steps) <= channels / 32;
}
#endif

/* The levels, and for avx2 the ways to multiply with it. */
static const crl_gemm_level *level_of(unsigned cpu, const crl_gemm_spec *spec)
{
#if CRL_ARCH_X86_64
    static const crl_gemm_level avx2[] = {
        { "gemm avx2", CRL_GEMM_PAIRS, 1, 8, 1, 12, crl_gemm_block_avx2, true },
        { "gemm avx2", CRL_GEMM_PAIRS, 2, 8, 1, 10, crl_gemm_block_avx2, true },
        { "gemm avx2", CRL_GEMM_PAIRS, 4, 8, 1, 8, crl_gemm_block_avx2, true },
        { "gemm_wide avx2", CRL_GEMM_WIDE, 1, 8, 2, 6, crl_gemm_wide_avx2, true },
    };
    static const crl_gemm_level amx = { "gemm amx", CRL_GEMM_DOT, 1, 16, 4, 32, crl_gemm_block_amx, true,
                                        .begin = crl_gemm_begin_amx, .end = crl_gemm_end_amx };
    static const crl_gemm_level avxvnni = { "gemm avxvnni", CRL_GEMM_DOT, 1, 8, 2, 12, crl_gemm_block_avxvnni, true,
                                            .runs = true };
    static const crl_gemm_level avx512vnni = { "gemm avx512vnni", CRL_GEMM_DOT, 1, 16, 4, 12, crl_gemm_block_avx512vnni,
                                               .even = true, .halves = true, .runs = true };
    if ((cpu & CRL_CPU_AMX) && tiles_pay(&spec->window)) return &amx;
    if (cpu & CRL_CPU_AVX512VNNI) return &avx512vnni;
    if (cpu & CRL_CPU_AVXVNNI) return &avxvnni;
    if (cpu & CRL_CPU_AVX2) return crl_gemm_cheapest(avx2, sizeof avx2 / sizeof avx2[0], spec, cpu);
#elif CRL_ARCH_ARM64
    static const crl_gemm_level neon = { "gemm neon", CRL_GEMM_ROWS, 1, 4, 4, 4, crl_gemm_block_neon,
                                         .depth = 16, .unit = 8 };
    static const crl_gemm_level neondot = { "gemm neondot", CRL_GEMM_ROWS, 1, 4, 4, 4, crl_gemm_block_neondot,
                                            .depth = 4, .unit = 4 };
    static const crl_gemm_level i8mm = { "gemm i8mm", CRL_GEMM_ROWS, 1, 4, 4, 4, crl_gemm_block_i8mm,
                                         .depth = 8, .unit = 8 };
    if (cpu & CRL_CPU_I8MM) return &i8mm;
    if (cpu & CRL_CPU_NEONDOT) return &neondot;
    if (cpu & CRL_CPU_NEON) return &neon;
#elif CRL_ARCH_ARM32
    static const crl_gemm_level neon = { "gemm neon", CRL_GEMM_ROWS, 1, 4, 4, 2, crl_gemm_block_neon,
                                         .depth = 16, .unit = 8 };
    static const crl_gemm_level neondot = { "gemm neondot", CRL_GEMM_ROWS, 1, 4, 2, 4, crl_gemm_block_neondot,
                                            .depth = 4, .unit = 4 };
    if (cpu & CRL_CPU_NEONDOT) return &neondot;
    if (cpu & CRL_CPU_NEON) return &neon;
#endif
    (void)cpu;
    (void)spec;
    return NULL;
}

static void shape_product(crl_gemm *g)
{
    const crl_window *w = &g->window;
    g->gathered = crl_gemm_gather_pays(g) || (g->level.even && !crl_window_is_plain(w));
    g->in_place = g->gathered && crl_gemm_can_stay(g);
    g->taps = g->in_place ? crl_gemm_run_count(g) : g->gathered ? 1 : w->filter_h * w->filter_w;
    g->channels = g->in_place   ? crl_gemm_run_bytes(g)
                  : g->gathered ? (w->filter_h * w->filter_w * w->in_c + 3) / 4 * 4
                                : w->in_c;
    g->window_bytes = (size_t)g->taps * (size_t)g->channels;
    g->steps = g->channels / 4;
    g->wide_steps = (g->channels + 3) / 4 * g->taps;
    /* Pointers and activations of a block stay in the first-level cache while all panels pass over them. */
    g->block_rows = g->gathered ? crl_gemm_gather_rows(g) : g->taps > 9 ? 48 : 96;
    if (g->level.kind == CRL_GEMM_WIDE) {
        g->block_rows = WIDE_BYTES / (8 * g->wide_steps) / g->level.row_step * g->level.row_step;
        if (g->block_rows < g->level.row_step) g->block_rows = g->level.row_step;
        if (g->block_rows > 96) g->block_rows = 96;
    }
    if (g->level.kind == CRL_GEMM_ROWS) {
        const size_t step = (size_t)g->level.row_step;
        g->row_bytes = ((size_t)w->filter_h * (size_t)w->filter_w * (size_t)w->in_c + 15) / 16 * 16;
        const size_t rows = WIDE_BYTES / g->row_bytes / step * step;
        g->block_rows = rows < step ? (int32_t)step : rows > 96 ? 96 : (int32_t)rows;
    }
}

/* Spans of windows in place are made of whole tiles: of 12 rows, of 6 where all panels are of the widest, of 8 with 40 columns.
 * What they read stays in the first-level cache. */
static void shape_spans(crl_gemm *g)
{
    const crl_gemm_panel *last = &g->panel[g->n_panels - 1];
    const int32_t step = g->level.row_step;
    g->span_rows = last->vectors == g->level.vectors ? step / 2 : last->halved && last->vectors == 3 ? 2 * step : step;
    const size_t bytes = (size_t)g->window.stride_w * g->in_stride * (size_t)g->window.filter_h;
    const size_t most = SPAN_BYTES / bytes / (size_t)g->span_rows * (size_t)g->span_rows;
    g->span_most = most < (size_t)g->span_rows ? g->span_rows : most > MOST_ROWS ? MOST_ROWS : (int32_t)most;
}

crl_status crl_gemm_new_at(crl_gemm **out, const crl_gemm_spec *spec, const crl_gemm_level *level, unsigned cpu,
                           crl_error *err)
{
    *out = NULL;
    crl_gemm *g = spec->pile ? crl_pile_alloc(spec->pile, sizeof *g) : crl_alloc(sizeof *g);
    if (!g) return crl_fail_memory(err, "a layer");
    g->level = *level;
    g->window = spec->window;
    g->in_zero = spec->in_zero;
    g->in_stride = spec->in_stride ? spec->in_stride : (size_t)spec->window.in_c;
    g->out_stride = spec->out_stride ? spec->out_stride : (size_t)spec->window.out_c * (spec->sums ? sizeof(int32_t) : 1);
    g->out = spec->requant;
    g->out.scale = NULL; /* borrowed */
    g->out.real = NULL;
    g->sums = spec->sums;
    if (spec->sums) g->level.halves = false;
    g->pile = spec->pile ? spec->pile : &g->own;
    shape_product(g);
    g->outside_bytes = g->gathered ? crl_gemm_gather_outside_bytes(g) : (size_t)g->window.in_c;
    g->outside = crl_pile_alloc(g->pile, g->outside_bytes);
    if (g->outside) crl_gemm_set_outside(g, (uint8_t)g->in_zero);
    crl_gemm_shape_band(g);
    const bool ready = g->outside && crl_gemm_place_taps(g);
    const crl_status s = ready ? crl_gemm_pack(g, spec, cpu, err) : crl_fail_memory(err, "a row of padding");
    if (!s && g->in_place) shape_spans(g);
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
    if (!g || g->pile != &g->own) return;
    crl_pile_free(&g->own);
    crl_free(g);
}

void crl_gemm_set_outside(crl_gemm *g, uint8_t value)
{
    memset(g->outside, value, g->outside_bytes);
}

int32_t crl_gemm_rows(const crl_gemm *g)
{
    return g->window.batch * g->window.out_h * g->window.out_w;
}

int32_t crl_gemm_row_step(const crl_gemm *g)
{
    return g->level.row_step;
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
    return g->level.even ? 0 : (size_t)g->taps * (size_t)g->block_rows * sizeof(const uint8_t *);
}

static size_t wide_bytes(const crl_gemm *g)
{
    if (g->level.kind == CRL_GEMM_ROWS) return ((size_t)g->block_rows + 2) * g->row_bytes;
    return g->level.kind == CRL_GEMM_WIDE ? (size_t)g->block_rows * (size_t)g->wide_steps * 4 * sizeof(int16_t) : 0;
}

/* Scratch: pointers, then widened rows, then gathered windows; or a band. */
size_t crl_gemm_scratch_bytes(const crl_gemm *g)
{
    if (g->band_rows) return crl_gemm_band_bytes(g);
    return pointer_bytes(g) + wide_bytes(g) + (g->gathered ? crl_gemm_gather_bytes(g) : 0);
}

static int32_t lowest(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

/* How many rows from m on the kernel may read where they lie, of `left`; *at: where the first begins. */
static int32_t rows_in_place(const crl_gemm *g, int32_t m, int32_t left, size_t *at)
{
    const int32_t n = crl_gemm_inside(g, m, lowest(left, g->span_most), at);
    return n < left ? n - n % g->span_rows : n;
}

/* How many rows from m on are copied: up to the next that are not. */
static int32_t rows_to_copy(const crl_gemm *g, int32_t m, int32_t left)
{
    const int32_t most = lowest(left, g->block_rows);
    size_t at;
    if (!g->in_place) return most;
    int32_t n = g->span_rows;
    while (n < most && rows_in_place(g, m + n, left - n, &at) == 0) n += g->span_rows;
    return lowest(n, most);
}

/* Row by row of outputs, in bands of the picture. */
static void run_bands(const crl_gemm *g, uint8_t *out, const uint8_t *in, int32_t row0, int32_t row1, int32_t panel0,
                      int32_t panel1, uint8_t *band)
{
    const crl_window *w = &g->window;
    const size_t step = g->in_stride * (size_t)w->stride_w, picture = (size_t)w->in_h * (size_t)w->in_w * g->in_stride;
    int32_t end = 0; /* the row of outputs behind the band */
    const uint8_t *first = band;
    for (int32_t m = row0; m < row1; first += g->band_stride * (size_t)w->stride_h) {
        const int32_t row = m / w->out_w, x = m % w->out_w, n = lowest(w->out_w - x, row1 - m);
        if (row >= end) {
            const int32_t y = row % w->out_h, last = (row1 - 1) / w->out_w;
            const int32_t rows = lowest(lowest(g->band_rows, w->out_h - y), last + 1 - row);
            crl_gemm_copy_band(g, band, in + (size_t)(row / w->out_h) * picture, y, rows);
            end = row + rows;
            first = band;
        }
        const crl_gemm_block block = { .first = first + (size_t)x * step, .step = step, .taps = g->inside, .n = n,
                                       .out = out + (size_t)m * g->out_stride };
        g->level.block(g, &block, panel0, panel1);
        m += n;
    }
}

void crl_gemm_run(const crl_gemm *g, uint8_t *out, const uint8_t *in, int32_t row0, int32_t row1, int32_t panel0,
                  int32_t panel1, void *scratch)
{
    const uint8_t **pixel = scratch;
    int16_t *wide = (int16_t *)(void *)((uint8_t *)scratch + pointer_bytes(g));
    uint8_t *windows = (uint8_t *)scratch + pointer_bytes(g) + wide_bytes(g);
    if (g->band_rows) {
        run_bands(g, out, in, row0, row1, panel0, panel1, scratch);
        return;
    }
    if (g->level.begin) g->level.begin(g);
    for (int32_t m = row0; m < row1;) {
        size_t at = (size_t)m * g->in_stride;
        int32_t n = g->in_place ? rows_in_place(g, m, row1 - m, &at) : g->gathered ? 0 : lowest(row1 - m, g->block_rows);
        const bool copied = n == 0;
        if (copied) {
            n = rows_to_copy(g, m, row1 - m);
            crl_gemm_gather(g, windows, in, m, n);
        }
        const uint8_t *first = copied ? windows : in + at;
        const size_t step = copied ? g->window_bytes : g->in_stride * (size_t)g->window.stride_w;
        if (!g->level.even) {
            if (copied)
                for (int32_t i = 0; i < n; i++) pixel[i] = windows + (size_t)i * step;
            else
                crl_window_point(&g->window, g->in_stride, g->outside, pixel, (size_t)g->block_rows, in, m, n);
        }
        const crl_gemm_block block = { pixel, (size_t)g->block_rows, first, step, copied ? g->copied : g->inside,
                                       wide, n, out + (size_t)m * g->out_stride };
        g->level.block(g, &block, panel0, panel1);
        m += n;
    }
    if (g->level.end) g->level.end();
}
