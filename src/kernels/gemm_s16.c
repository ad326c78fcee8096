/* SPDX-License-Identifier: Apache-2.0 */
/* Layers of 16-bit activations as matrix products: packing, and the way from the window to pointers. */
#include "kernels/gemm_s16.h"

#include <string.h>

#include "base/cpu.h"
#include "base/error.h"
#include "kernels/gemm_s16_panel.h"

enum {
    FEW_CHANNELS = 16,  /* of a tap: with fewer, windows are copied so that the inner loop is worth its start */
    BLOCK_ROWS = 48,    /* a multiple of all row steps */
    GATHER_BYTES = 1 << 16,
    MOST_POINTERS = 1 << 17 /* in scratch: filters may have millions of taps */
};

/* Few outputs fill vectors of 512 bits badly. */
static const crl_gemm_s16_level *level_of(unsigned cpu, int32_t outs)
{
    (void)outs;
#if CRL_ARCH_X86_64
    static const crl_gemm_s16_level avx2 = { "gemm_s16 avx2", 8, 2, false, 1, 6, false, crl_gemm_s16_block_avx2 };
    static const crl_gemm_s16_level avxvnni = { "gemm_s16 avxvnni", 8, 2, false, 1, 6, false, crl_gemm_s16_block_avxvnni };
    static const crl_gemm_s16_level avx512vnni = { "gemm_s16 avx512vnni", 16, 2, false, 2, 6, false, crl_gemm_s16_block_avx512vnni };
    if ((cpu & CRL_CPU_AVX512VNNI) && outs > 16) return &avx512vnni;
    if (cpu & CRL_CPU_AVXVNNI) return &avxvnni;
    if (cpu & CRL_CPU_AVX2) return &avx2;
#elif CRL_ARCH_ARM64 || CRL_ARCH_ARM32
    static const crl_gemm_s16_level neon = { "gemm_s16 neon", 4, 4, true, 1, 6, true, crl_gemm_s16_block_neon };
    if (cpu & CRL_CPU_NEON) return &neon;
#endif
    (void)cpu;
    return NULL;
}

static size_t filter_size(const crl_window *w)
{
    return (size_t)w->filter_h * (size_t)w->filter_w * (size_t)w->in_c;
}

/* Pointers to the pixels under all taps of the window, and, behind the pointers, gathered rows. */
static size_t pointers(const crl_gemm_s16 *g)
{
    return (size_t)g->window.filter_h * (size_t)g->window.filter_w * (size_t)g->block_rows;
}

/* Numbers of a gathered row. */
static size_t padded(const crl_gemm_s16 *g, size_t n)
{
    return crl_size_align(n, (size_t)g->level.group);
}

/* Channels that are no whole groups are gathered whatever that takes: a group must not reach into what lies behind. */
static bool is_gathered(const crl_gemm_s16 *g)
{
    const crl_window *w = &g->window;
    const size_t bytes = padded(g, filter_size(w)) * sizeof(int16_t);
    if (w->in_c % g->level.group) return true;
    return w->filter_h * w->filter_w > 1 && w->in_c < FEW_CHANNELS && bytes * (size_t)g->level.row_step <= GATHER_BYTES;
}

static void shape_product(crl_gemm_s16 *g)
{
    const crl_window *w = &g->window;
    const size_t numbers = padded(g, filter_size(w));
    g->gathered = is_gathered(g);
    g->taps = g->gathered ? 1 : w->filter_h * w->filter_w;
    g->channels = g->gathered ? (int32_t)numbers : w->in_c;
    const int32_t rows = crl_gemm_s16_rows(g);
    g->block_rows = rows < BLOCK_ROWS ? rows : BLOCK_ROWS;
    while (g->block_rows > 1 &&
           ((g->gathered && (size_t)g->block_rows * numbers * sizeof(int16_t) > GATHER_BYTES) || pointers(g) > MOST_POINTERS))
        g->block_rows--;
}

static int32_t units_of(const crl_gemm_s16 *g, int32_t left)
{
    const int32_t unit = 2 * g->level.lanes;
    return g->level.units > 1 && left > unit ? 2 : 1;
}

static int32_t panels(const crl_gemm_s16 *g)
{
    int32_t n = 0;
    for (int32_t first = 0; first < g->window.out_c; n++) first += units_of(g, g->window.out_c - first) * 2 * g->level.lanes;
    return n;
}

/* Weights from..end - 1 of one output, `group` of them side by side or `next` apart, and the groups `step` apart. */
static void pack_column(int16_t *to, const int8_t *filter, size_t from, size_t end, size_t group, size_t next, size_t step)
{
    to += from / group * step;
    for (size_t k = from; k < end; k += group, to += step)
        for (size_t i = 0; i < group && k + i < end; i++) to[i * next] = filter[k + i];
}

/* [taps][groups][vectors][lanes][group] of a panel, or with the last two the other way round. `to` is zeros. Some weights of all
 * columns at a time: those have a place in the cache. */
static void pack_panel(const crl_gemm_s16 *g, int16_t *to, const crl_gemm_s16_panel *p, const int8_t *filter)
{
    enum { SOME = 128 }; /* a multiple of all groups */
    const size_t lanes = (size_t)g->level.lanes, group = (size_t)g->level.group, size = filter_size(&g->window);
    const size_t step = (size_t)p->units * 2 * lanes * group;
    for (size_t from = 0; from < size; from += SOME)
        for (int32_t v = 0; v < 2 * p->units; v++)
            for (size_t i = 0; i < lanes; i++) {
                const crl_unit16 *u = &p->unit[v / 2];
                const int32_t column = crl_unit16_column(v % 2, (int32_t)i);
                if (column >= u->columns) continue;
                int16_t *at = to + (size_t)v * lanes * group + (g->level.by_lane ? i : i * group);
                pack_column(at, filter + (size_t)(u->first + column) * size, from, size - from < SOME ? size : from + SOME, group,
                            g->level.by_lane ? lanes : 1, step);
            }
}

static void add_up_weights(uint64_t *sum, const int8_t *filter, size_t outs, size_t size)
{
    for (size_t o = 0; o < outs; o++) {
        sum[o] = 0;
        for (size_t k = 0; k < size; k++) sum[o] += (uint64_t)(filter[o * size + k] < 0 ? -filter[o * size + k] : filter[o * size + k]);
    }
}

static crl_status pack(crl_gemm_s16 *g, const crl_gemm_s16_spec *spec, const uint64_t *sums, crl_error *err)
{
    const int32_t lanes = g->level.lanes, unit = 2 * lanes, outs = g->window.out_c;
    int32_t first = 0;
    for (int32_t i = 0; i < g->n_panels; i++) {
        crl_gemm_s16_panel *p = &g->panel[i];
        p->units = units_of(g, outs - first);
        p->at = g->n_weights;
        for (int32_t k = 0; k < p->units; k++, first += unit) {
            const int32_t columns = outs - first < unit ? outs - first : unit;
            const crl_status s = crl_unit16_init(&p->unit[k], &g->out, first, columns, lanes, sums, g->pieces, g->level.integers, spec->pile, err);
            if (s) return s;
        }
        g->n_weights += (size_t)g->taps * (size_t)g->channels * (size_t)(p->units * unit);
    }
    int16_t *weights = crl_pile_array(spec->pile, g->n_weights, sizeof *weights);
    if (!weights) return crl_fail_memory(err, "packed weights");
    for (int32_t i = 0; i < g->n_panels; i++) pack_panel(g, weights + g->panel[i].at, &g->panel[i], spec->filter);
    g->weights = weights;
    return CRL_OK;
}

static crl_status make(crl_gemm_s16 *g, const crl_gemm_s16_spec *spec, crl_error *err)
{
    const size_t outs = (size_t)spec->window.out_c;
    g->n_panels = panels(g);
    g->panel = crl_pile_array(spec->pile, (size_t)g->n_panels, sizeof *g->panel);
    g->outside = crl_pile_array(spec->pile, (size_t)spec->window.in_c, sizeof *g->outside);
    crl_pile pile = crl_pile_beside(spec->pile);
    uint64_t *sums = crl_pile_array(&pile, outs, sizeof *sums);
    crl_status s = CRL_OK;
    if (!g->panel || !g->outside || !sums) {
        s = crl_fail_memory(err, "packed weights");
    } else {
        add_up_weights(sums, spec->filter, outs, filter_size(&spec->window));
        for (size_t o = 0; o < outs && spec->out.wide; o++) g->pieces = g->pieces || sums[o] > CRL_UNIT16_SAFE;
        s = pack(g, spec, sums, err);
    }
    crl_pile_free(&pile);
    return s;
}

crl_status crl_gemm_s16_new(crl_gemm_s16 **out, const crl_gemm_s16_spec *spec, unsigned cpu, crl_error *err)
{
    *out = NULL;
    const crl_gemm_s16_level *level = level_of(cpu, spec->window.out_c);
    if (!level) return crl_fail(err, CRL_ERR_UNSUPPORTED, "no fast layer of 16 bits for level %s", crl_cpu_name(cpu));
    crl_gemm_s16 *g = crl_pile_alloc(spec->pile, sizeof *g);
    if (!g) return crl_fail_memory(err, "a layer");
    *g = (crl_gemm_s16){ .level = *level, .window = spec->window, .out = spec->out,
                         .in_stride = spec->in_stride ? spec->in_stride : (size_t)spec->window.in_c,
                         .out_stride = spec->out_stride ? spec->out_stride : (size_t)spec->window.out_c };
    shape_product(g);
    const crl_status s = make(g, spec, err);
    if (!s) *out = g;
    return s;
}

int32_t crl_gemm_s16_rows(const crl_gemm_s16 *g)
{
    return g->window.batch * g->window.out_h * g->window.out_w;
}

uint64_t crl_gemm_s16_macs(const crl_gemm_s16 *g)
{
    return (uint64_t)crl_gemm_s16_rows(g) * (uint64_t)g->window.out_c * filter_size(&g->window);
}

int32_t crl_gemm_s16_row_step(const crl_gemm_s16 *g)
{
    return g->level.row_step;
}

int32_t crl_gemm_s16_panels(const crl_gemm_s16 *g)
{
    return g->n_panels;
}

size_t crl_gemm_s16_packed_bytes(const crl_gemm_s16 *g)
{
    return g->n_weights * sizeof *g->weights;
}

const char *crl_gemm_s16_name(const crl_gemm_s16 *g)
{
    return g->level.name;
}

static size_t pointer_bytes(const crl_gemm_s16 *g)
{
    return crl_size_align((pointers(g) + (size_t)g->block_rows) * sizeof(uint8_t *), 64);
}

size_t crl_gemm_s16_scratch_bytes(const crl_gemm_s16 *g)
{
    return crl_size_align(pointer_bytes(g) + (g->gathered ? (size_t)g->block_rows * (size_t)g->channels * sizeof(int16_t) : 0), 64);
}

/* Copies what n rows see to `to`, all taps of a row side by side and zeros behind them, and points at the rows. Taps of a row of
 * the filter that lie side by side in the picture too are one copy. */
static void gather(const crl_gemm_s16 *g, int16_t *to, const uint8_t **row, const uint8_t *const *pixel, int32_t n)
{
    const size_t channels = (size_t)g->window.in_c * sizeof *to, across = (size_t)g->window.filter_w;
    const size_t taps = (size_t)g->window.filter_h * across, step = (size_t)g->block_rows;
    const size_t left = (size_t)g->channels * sizeof *to - taps * channels;
    uint8_t *at = (uint8_t *)to;
    for (int32_t m = 0; m < n; m++) {
        row[m] = at;
        for (size_t t = 0; t < taps; t += across) {
            const uint8_t *const *from = pixel + t * step + (size_t)m;
            const bool together = (uintptr_t)from[(across - 1) * step] - (uintptr_t)from[0] == (across - 1) * channels;
            const size_t copies = together ? 1 : across, bytes = together ? across * channels : channels;
            for (size_t i = 0; i < copies; i++, at += bytes) memcpy(at, from[i * step], bytes);
        }
        memset(at, 0, left);
        at += left;
    }
}

void crl_gemm_s16_run(const crl_gemm_s16 *g, int16_t *out, const int16_t *in, int32_t row0, int32_t row1, int32_t panel0,
                      int32_t panel1, void *scratch)
{
    const uint8_t **pixel = scratch, **row = pixel + pointers(g);
    int16_t *gathered = (int16_t *)(void *)((uint8_t *)scratch + pointer_bytes(g));
    for (int32_t m = row0, n; m < row1; m += n) {
        n = row1 - m < g->block_rows ? row1 - m : g->block_rows;
        crl_window_point(&g->window, g->in_stride * sizeof *in, (const uint8_t *)g->outside, pixel, (size_t)g->block_rows,
                         (const uint8_t *)in, m, n);
        if (g->gathered) gather(g, gathered, row, pixel, n);
        const crl_gemm_s16_block block = { g->gathered ? row : pixel, (size_t)g->block_rows, n, out + (size_t)m * g->out_stride };
        g->level.block(g, &block, panel0, panel1);
    }
}
