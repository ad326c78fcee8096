/* SPDX-License-Identifier: Apache-2.0 */
/* Depthwise convolutions of 16-bit activations: packing and dispatch. Their definition is in depthwise.c. */
#include "kernels/dw_s16.h"

#include "base/cpu.h"
#include "base/error.h"
#include "kernels/dw_s16_panel.h"

/* Few channels fill vectors of 512 bits badly. */
static const crl_dw_s16_level *level_of(unsigned cpu, int32_t outs)
{
    (void)outs;
#if CRL_ARCH_X86_64
    static const crl_dw_s16_level avx2 = { "dw_s16 avx2", 8, true, false, crl_dw_s16_rows_avx2 };
    static const crl_dw_s16_level avxvnni = { "dw_s16 avxvnni", 8, true, false, crl_dw_s16_rows_avxvnni };
    static const crl_dw_s16_level avx512vnni = { "dw_s16 avx512vnni", 16, true, false, crl_dw_s16_rows_avx512vnni };
    if ((cpu & CRL_CPU_AVX512VNNI) && outs >= 32) return &avx512vnni;
    if (cpu & CRL_CPU_AVXVNNI) return &avxvnni;
    if (cpu & CRL_CPU_AVX2) return &avx2;
#elif CRL_ARCH_ARM64 || CRL_ARCH_ARM32
    static const crl_dw_s16_level neon = { "dw_s16 neon", 4, false, true, crl_dw_s16_rows_neon };
    if (cpu & CRL_CPU_NEON) return &neon;
#endif
    (void)cpu;
    return NULL;
}

static int32_t taps_of(const crl_window *w)
{
    return w->filter_h * w->filter_w;
}

static crl_dw_s16_tap tap_at(const crl_window *w, int32_t tap)
{
    crl_dw_s16_tap t = { .y = tap / w->filter_w * w->dilation_h, .x = tap % w->filter_w * w->dilation_w };
    t.offset = ((ptrdiff_t)t.y * w->in_w + t.x) * w->in_c;
    return t;
}

static int8_t weight(const crl_dw_s16_spec *spec, int32_t tap, int32_t o)
{
    return tap < taps_of(&spec->window) ? spec->filter[(size_t)tap * (size_t)spec->window.out_c + (size_t)o] : 0;
}

static void pack_unit(const crl_dw_s16 *d, int16_t *to, const crl_unit16 *u, const crl_dw_s16_spec *spec)
{
    const int32_t lanes = d->level.lanes;
    for (int32_t pair = 0; pair < d->pairs; pair++, to += 4 * lanes)
        for (int32_t v = 0; v < 2; v++)
            for (int32_t i = 0; i < lanes; i++) {
                const int32_t column = crl_unit16_column(v, i);
                if (column >= u->columns) continue;
                const int16_t first = weight(spec, 2 * pair, u->first + column), second = weight(spec, 2 * pair + 1, u->first + column);
                to[d->level.paired ? 2 * (v * lanes + i) : column] = first;
                to[d->level.paired ? 2 * (v * lanes + i) + 1 : 2 * lanes + column] = second;
            }
}

/* The last unit overlaps the one before it, where there is one. */
static crl_status pack(crl_dw_s16 *d, const crl_dw_s16_spec *spec, const uint64_t *sums, crl_error *err)
{
    const int32_t outs = spec->window.out_c, wide = 2 * d->level.lanes;
    const size_t each = (size_t)d->pairs * (size_t)(2 * wide);
    int16_t *weights = crl_pile_array(spec->pile, (size_t)d->n_units, each * sizeof *weights);
    if (!weights) return crl_fail_memory(err, "packed weights");
    for (int32_t i = 0; i < d->n_units; i++) {
        int32_t first = i * wide;
        if (first + wide > outs && outs >= wide) first = outs - wide;
        const crl_status s = crl_unit16_init(&d->unit[i], &d->out, first, outs - first < wide ? outs - first : wide, d->level.lanes,
                                             sums, false, d->level.integers, spec->pile, err);
        if (s) return s;
        pack_unit(d, weights + (size_t)i * each, &d->unit[i], spec);
    }
    d->weights = weights;
    d->n_weights = (size_t)d->n_units * each;
    return CRL_OK;
}

/* Gives the largest. */
static uint64_t add_up_weights(uint64_t *sum, const crl_dw_s16_spec *spec)
{
    uint64_t most = 0;
    for (int32_t o = 0; o < spec->window.out_c; o++) {
        sum[o] = 0;
        for (int32_t t = 0; t < taps_of(&spec->window); t++) {
            const int32_t w = weight(spec, t, o);
            sum[o] += (uint64_t)(w < 0 ? -w : w);
        }
        if (sum[o] > most) most = sum[o];
    }
    return most;
}

static crl_status make(crl_dw_s16 *d, const crl_dw_s16_spec *spec, crl_error *err)
{
    const int32_t wide = 2 * d->level.lanes, taps = taps_of(&spec->window);
    d->pairs = taps / 2 + taps % 2;
    d->n_units = (spec->window.out_c - 1) / wide + 1;
    d->unit = crl_pile_array(spec->pile, (size_t)d->n_units, sizeof *d->unit);
    d->outside = crl_pile_array(spec->pile, (size_t)spec->window.in_c, sizeof *d->outside);
    crl_dw_s16_tap *tap = crl_pile_array(spec->pile, (size_t)d->pairs, 2 * sizeof *tap);
    crl_pile pile = crl_pile_beside(spec->pile);
    uint64_t *sums = crl_pile_array(&pile, (size_t)spec->window.out_c, sizeof *sums);
    crl_status s;
    if (!d->unit || !d->outside || !tap || !sums) {
        s = crl_fail_memory(err, "packed weights");
    } else if (add_up_weights(sums, spec) > CRL_UNIT16_SAFE) {
        s = crl_fail(err, CRL_ERR_UNSUPPORTED, "sums of a channel may exceed 32 bits");
    } else {
        for (int32_t t = 0; t < 2 * d->pairs; t++) tap[t] = tap_at(&spec->window, t < taps ? t : 0);
        d->tap = tap;
        s = pack(d, spec, sums, err);
    }
    crl_pile_free(&pile);
    return s;
}

crl_status crl_dw_s16_new(crl_dw_s16 **out, const crl_dw_s16_spec *spec, unsigned cpu, crl_error *err)
{
    *out = NULL;
    const crl_dw_s16_level *level = level_of(cpu, spec->window.out_c);
    if (!level) return crl_fail(err, CRL_ERR_UNSUPPORTED, "no fast layer of 16 bits for level %s", crl_cpu_name(cpu));
    crl_dw_s16 *d = crl_pile_alloc(spec->pile, sizeof *d);
    if (!d) return crl_fail_memory(err, "a layer");
    *d = (crl_dw_s16){ .level = *level, .window = spec->window, .out = spec->out, .multiplier = spec->window.out_c / spec->window.in_c };
    const crl_status s = make(d, spec, err);
    if (!s) *out = d;
    return s;
}

size_t crl_dw_s16_packed_bytes(const crl_dw_s16 *d)
{
    return d->n_weights * sizeof *d->weights;
}

const char *crl_dw_s16_name(const crl_dw_s16 *d)
{
    return d->level.name;
}

void crl_dw_s16_run(const crl_dw_s16 *d, int16_t *out, const int16_t *in, int32_t row0, int32_t row1)
{
    d->level.rows(d, out, in, row0, row1);
}
