/* SPDX-License-Identifier: Apache-2.0 */
/* Layers of floats as matrix products: packing, and the way from the window to pointers. */
#include "kernels/gemm_f32.h"

#include <math.h>
#include <string.h>

#include "base/cpu.h"
#include "base/error.h"
#include "kernels/gemm_f32_panel.h"

enum {
    FEW_CHANNELS = 16,  /* of a tap: with fewer, windows are copied so that the inner loop is worth its start */
    BLOCK_ROWS = 48,    /* a multiple of all row steps */
    GATHER_BYTES = 1 << 16,
    MOST_POINTERS = 1 << 17 /* in scratch: filters may have millions of taps */
};

static const crl_gemm_f32_level *level_of(unsigned cpu)
{
#if CRL_ARCH_X86_64
    static const crl_gemm_f32_level avx2 = { "gemm_f32 avx2", 8, 2, 6, crl_gemm_f32_block_avx2 };
    static const crl_gemm_f32_level avx512vnni = { "gemm_f32 avx512vnni", 16, 4, 6, crl_gemm_f32_block_avx512vnni };
    if (cpu & CRL_CPU_AVX512VNNI) return &avx512vnni;
    if (cpu & CRL_CPU_AVX2) return &avx2;
#elif CRL_ARCH_ARM64
    static const crl_gemm_f32_level neon = { "gemm_f32 neon", 4, 4, 6, crl_gemm_f32_block_neon };
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

/* Pointers to the pixels under all taps of the window, and, behind the pointers, gathered rows. */
static size_t pointers(const crl_gemm_f32 *g)
{
    return (size_t)g->window.filter_h * (size_t)g->window.filter_w * (size_t)g->block_rows;
}

static void shape_product(crl_gemm_f32 *g)
{
    const crl_window *w = &g->window;
    const size_t bytes = filter_size(w) * sizeof(float);
    g->gathered = w->filter_h * w->filter_w > 1 && w->in_c < FEW_CHANNELS && bytes * (size_t)g->level.row_step <= GATHER_BYTES;
    g->taps = g->gathered ? 1 : w->filter_h * w->filter_w;
    g->channels = g->gathered ? (int32_t)filter_size(w) : w->in_c;
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
        while (vectors > (left + lanes - 1) / lanes) vectors /= 2;
        const int32_t columns = left < vectors * lanes ? left : vectors * lanes;
        if (panel) panel[n] = (crl_gemm_f32_panel){ .first = first, .columns = columns, .vectors = vectors };
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
        const size_t width = (size_t)(p->vectors * g->level.lanes), columns = (size_t)p->columns;
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
        const size_t width = (size_t)(p->vectors * g->level.lanes);
        float *bias = crl_pile_array(spec->pile, width, sizeof(float));
        if (!bias) return crl_fail_memory(err, "packed weights");
        if (spec->bias) memcpy(bias, spec->bias + p->first, (size_t)p->columns * sizeof *bias);
        p->bias = bias;
        if (spec->mode == CRL_GEMM_F32_TERMS) {
            float *scale = crl_pile_array(spec->pile, width, sizeof(float));
            if (!scale) return crl_fail_memory(err, "packed weights");
            memcpy(scale, spec->scale + p->first, (size_t)p->columns * sizeof *scale);
            p->scale = scale;
        }
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
    if (spec->mode == CRL_GEMM_F32_TERMS) g->level.vectors /= 2;
    shape_product(g);
    const crl_status s = pack(g, spec, err);
    if (!s) *out = g;
    return s;
}

void crl_gemm_f32_set_in_scale(crl_gemm_f32 *g, float scale)
{
    g->in_scale = scale;
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
    return bytes + (g->gathered ? (size_t)g->block_rows * ((size_t)g->channels * sizeof(float) + sizeof(uint8_t *)) : 0);
}

static inline void copy_floats(float *to, const float *from, size_t n)
{
    size_t i = 0;
    for (; i + 4 <= n; i += 4) memcpy(to + i, from + i, 4 * sizeof *to);
    for (; i < n; i++) to[i] = from[i];
}

/* Copies what n rows see to `to`, all taps of a row side by side, and points at the rows. Taps of a row of the filter that lie
 * side by side in the picture too are one copy. */
static void gather(const crl_gemm_f32 *g, float *to, const uint8_t **row, const uint8_t *const *pixel, int32_t n)
{
    const size_t channels = (size_t)g->window.in_c, across = (size_t)g->window.filter_w;
    const size_t taps = (size_t)g->window.filter_h * across, step = (size_t)g->block_rows;
    const size_t span = (across - 1) * channels * sizeof *to;
    for (int32_t m = 0; m < n; m++) {
        row[m] = (const uint8_t *)to;
        for (size_t t = 0; t < taps; t += across) {
            const uint8_t *const *at = pixel + t * step + (size_t)m;
            const bool together = (uintptr_t)at[(across - 1) * step] - (uintptr_t)at[0] == span;
            const size_t each = together ? across * channels : channels;
            for (size_t i = 0; i < across; i += each / channels, to += each)
                copy_floats(to, (const float *)(const void *)at[i * step], each);
        }
    }
}

void crl_gemm_f32_run(const crl_gemm_f32 *g, float *out, const float *in, int32_t row0, int32_t row1, int32_t panel0,
                      int32_t panel1, void *scratch)
{
    crl_gemm_f32_run_with(g, g->weights, out, in, row0, row1, panel0, panel1, scratch);
}

void crl_gemm_f32_run_with(const crl_gemm_f32 *g, const float *weights, float *out, const float *in, int32_t row0, int32_t row1,
                           int32_t panel0, int32_t panel1, void *scratch)
{
    const uint8_t **pixel = scratch, **row = pixel + crl_size_align(pointers(g) * sizeof(uint8_t *), 64) / sizeof(uint8_t *);
    float *gathered = (float *)(row + g->block_rows);
    for (int32_t m = row0, n; m < row1; m += n) {
        n = row1 - m < g->block_rows ? row1 - m : g->block_rows;
        crl_window_point(&g->window, g->in_stride * sizeof(float), (const uint8_t *)g->outside, pixel,
                         (size_t)g->block_rows, (const uint8_t *)in, m, n);
        if (g->gathered) gather(g, gathered, row, pixel, n);
        const crl_gemm_f32_block block = { g->gathered ? row : pixel, (size_t)g->block_rows, n, weights,
                                           out + (size_t)m * g->out_stride };
        g->level.block(g, &block, panel0, panel1);
    }
}
