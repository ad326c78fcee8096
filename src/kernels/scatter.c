/* SPDX-License-Identifier: Apache-2.0 */
/* The way from pictures to lists and lines: see scatter.h. */
#include <math.h>
#include <string.h>

#include "base/cpu.h"
#include "base/error.h"
#include "kernels/scatter_level.h"

static const crl_scatter_level *level_of(unsigned cpu)
{
#if CRL_ARCH_X86_64
    static const crl_scatter_level avx2 = { "scatter avx2", 8, crl_scatter_list, crl_scatter_add_avx2, crl_scatter_finish_avx2 };
    static const crl_scatter_level avx512vnni = { "scatter avx512vnni", 16, crl_scatter_list_avx512vnni, crl_scatter_add_avx512vnni,
                                                  crl_scatter_finish_avx512vnni };
    if (cpu & CRL_CPU_AVX512VNNI) return &avx512vnni;
    if (cpu & CRL_CPU_AVX2) return &avx2;
#elif CRL_ARCH_ARM64
    static const crl_scatter_level neon = { "scatter neon", 4, crl_scatter_list, crl_scatter_add_neon, crl_scatter_finish_neon };
    if (cpu & CRL_CPU_NEON) return &neon;
#endif
    (void)cpu;
    return NULL;
}

uint32_t crl_scatter_list(float *x, uint32_t *at, const float *from, size_t n, uint32_t step)
{
    uint32_t k = 0;
    for (size_t i = 0; i < n; i++) {
        x[k] = from[i];
        at[k] = (uint32_t)i * step;
        k += from[i] != 0;
    }
    return k;
}

static float scale_of(const crl_hybrid_matrix *m, size_t output)
{
    return m->row_scale ? m->row_scale[output] : m->scale;
}

static bool has_kernel(const crl_scatter_spec *spec, size_t width)
{
    const crl_window *w = &spec->window;
    for (int32_t o = 0; o < w->out_c; o++)
        if (!isfinite(scale_of(spec->filter, (size_t)o))) return false;
    return width <= UINT32_MAX / (size_t)w->in_c;
}

static crl_status pack(crl_scatter *s, const crl_scatter_spec *spec, crl_error *err)
{
    const crl_window *w = &spec->window;
    const size_t ins = (size_t)w->in_c, outs = (size_t)w->out_c, columns = (size_t)w->filter_w * outs;
    float *weights = crl_pile_array(spec->pile, (size_t)w->filter_h * ins * s->width, sizeof *weights);
    float *scale = crl_pile_array(spec->pile, s->width, sizeof *scale), *bias = crl_pile_array(spec->pile, s->period, sizeof *bias);
    if (!weights || !scale || !bias) return crl_fail_memory(err, "packed weights");
    for (size_t o = 0; o < outs; o++)
        for (size_t tap = 0; tap < (size_t)w->filter_h * (size_t)w->filter_w; tap++) {
            const int8_t *from = spec->filter->weights + (o * (size_t)w->filter_h * (size_t)w->filter_w + tap) * ins;
            float *to = weights + tap / (size_t)w->filter_w * ins * s->width + tap % (size_t)w->filter_w * outs + o;
            for (size_t k = 0; k < ins; k++) to[k * s->width] = from[k];
        }
    for (size_t c = 0; c < columns; c++) scale[c] = scale_of(spec->filter, c % outs);
    for (size_t i = 0; spec->bias && i < s->period; i++) bias[i] = spec->bias[i % outs];
    s->weights = weights;
    s->scale = scale;
    s->bias = bias;
    return CRL_OK;
}

crl_status crl_scatter_new(crl_scatter **out, const crl_scatter_spec *spec, unsigned cpu, crl_error *err)
{
    *out = NULL;
    const crl_scatter_level *level = level_of(cpu);
    const crl_window *w = &spec->window;
    const size_t outs = (size_t)w->out_c, columns = (size_t)w->filter_w * outs, width = crl_size_align(columns, 16);
    if (!level || !has_kernel(spec, width)) return crl_fail(err, CRL_ERR_UNSUPPORTED, "no fast transposed convolution for it");
    crl_scatter *s = crl_pile_alloc(spec->pile, sizeof *s);
    if (!s) return crl_fail_memory(err, "a layer");
    *s = (crl_scatter){ .level = *level, .window = *w, .min = spec->min, .max = spec->max };
    s->width = crl_size_align(columns, level->lanes);
    s->step = (size_t)w->stride_w * outs;
    const size_t spread = (size_t)(w->in_w - 1) * s->step + columns, seen = ((size_t)w->pad_left + (size_t)w->out_w) * outs;
    s->line = crl_size_align((spread > seen ? spread : seen) + CRL_SCATTER_SLACK, 16);
    s->room = crl_size_align((size_t)w->in_c + CRL_SCATTER_SLACK, 16);
    s->rows = (w->filter_h - 1) / w->stride_h + 1;
    s->period = outs % level->lanes ? outs * level->lanes : outs;
    const crl_status status = pack(s, spec, err);
    if (!status) *out = s;
    return status;
}

size_t crl_scatter_packed_bytes(const crl_scatter *s)
{
    return (size_t)s->window.filter_h * (size_t)s->window.in_c * s->width * sizeof(float);
}

const char *crl_scatter_name(const crl_scatter *s)
{
    return s->level.name;
}

/* What a thread works with. Lists of input row y are at y % rows. */
typedef struct place {
    float *line, *x;
    uint32_t *at, *n;
    int32_t *listed; /* [rows] which row it is; -1: none */
} place;

/* Elements of 4 bytes, on boundaries of 64 bytes. */
static size_t lay_out(place *p, const crl_scatter *s, void *scratch)
{
    const size_t rows = (size_t)s->rows, pixels = rows * (size_t)s->window.in_w, lists = pixels * s->room;
    uint32_t *at = scratch;
    if (p) *p = (place){ (float *)at, (float *)(at + s->line), at + s->line + lists, at + s->line + 2 * lists,
                         (int32_t *)(at + s->line + 2 * lists + crl_size_align(pixels, 16)) };
    return s->line + 2 * lists + crl_size_align(pixels, 16) + crl_size_align(rows, 16);
}

size_t crl_scatter_scratch_bytes(const crl_scatter *s)
{
    return lay_out(NULL, s, NULL) * sizeof(float);
}

static crl_scatter_row list_row(const crl_scatter *s, const place *p, const float *in, int32_t y)
{
    const crl_window *w = &s->window;
    const size_t ring = (size_t)(y % s->rows), pixels = (size_t)w->in_w;
    const crl_scatter_row row = { p->x + ring * pixels * s->room, p->at + ring * pixels * s->room, p->n + ring * pixels };
    if (p->listed[ring] == y) return row;
    p->listed[ring] = y;
    const float *from = in + crl_window_in(w, 0, y, 0);
    for (size_t i = 0; i < pixels; i++, from += w->in_c)
        row.n[i] = s->level.list(row.x + i * s->room, row.at + i * s->room, from, (size_t)w->in_c, (uint32_t)s->width);
    return row;
}

void crl_scatter_run(const crl_scatter *s, float *out, const float *in, float scale, int32_t row0, int32_t row1, void *scratch)
{
    const crl_window *w = &s->window;
    place p;
    lay_out(&p, s, scratch);
    for (int32_t i = 0; i < s->rows; i++) p.listed[i] = -1;
    const size_t n = (size_t)w->out_w * (size_t)w->out_c;
    for (int32_t oy = row0; oy < row1; oy++) {
        for (size_t i = 0; i < s->line; i++) p.line[i] = 0;
        /* Input rows y that see it by row oy + pad_top - y * stride_h of the filter. */
        const int32_t last = (oy + w->pad_top) / w->stride_h;
        for (int32_t y = last - s->rows + 1 > 0 ? last - s->rows + 1 : 0; y <= last && y < w->in_h; y++) {
            const int32_t fy = oy + w->pad_top - y * w->stride_h;
            if (fy >= w->filter_h) continue;
            const crl_scatter_row row = list_row(s, &p, in, y);
            s->level.add(s, p.line, &row, s->weights + (size_t)fy * (size_t)w->in_c * s->width, scale);
        }
        s->level.finish(s, out + (size_t)oy * n, p.line + (size_t)w->pad_left * (size_t)w->out_c, n);
    }
}
