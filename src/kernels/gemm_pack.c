/* SPDX-License-Identifier: Apache-2.0 */
/* Packing of a layer's weights into panels (gemm_panel.h), once, at load. */
#include <string.h>

#include "base/error.h"
#include "kernels/gemm_panel.h"

enum {
    PROOF_PIXELS = 16, /* with fewer outputs per channel a proof costs more than it saves */
    SLICE_STEPS = 32   /* steps packed together, so that the part of the panel that is written fits the cache */
};

/* What the weights of a tap add up to, minus their zero point. */
typedef struct row_sums {
    int64_t positive, negative;
    bool clipped; /* some weight is not within int8 */
} row_sums;

static int32_t weight(const crl_gemm_spec *s, size_t at)
{
    return (s->filter_signed ? ((const int8_t *)s->filter)[at] : ((const uint8_t *)s->filter)[at]) - s->filter_zero;
}

/* Weights within int8, and what they add up to. Two loops with one body, for the sake of the vectoriser. */
static row_sums clip_u8(int8_t *to, const uint8_t *from, size_t n, int32_t zero)
{
    int32_t sum = 0, magnitude = 0, rest = 0;
    for (size_t i = 0; i < n; i++) {
        const int32_t v = from[i] - zero, c = v > 127 ? 127 : v < -128 ? -128 : v;
        to[i] = (int8_t)c;
        rest |= v ^ c;
        sum += v;
        magnitude += v < 0 ? -v : v;
    }
    return (row_sums){ (sum + magnitude) / 2, (sum - magnitude) / 2, rest != 0 };
}

static row_sums clip_s8(int8_t *to, const int8_t *from, size_t n, int32_t zero)
{
    int32_t sum = 0, magnitude = 0, rest = 0;
    for (size_t i = 0; i < n; i++) {
        const int32_t v = from[i] - zero, c = v > 127 ? 127 : v < -128 ? -128 : v;
        to[i] = (int8_t)c;
        rest |= v ^ c;
        sum += v;
        magnitude += v < 0 ? -v : v;
    }
    return (row_sums){ (sum + magnitude) / 2, (sum - magnitude) / 2, rest != 0 };
}

typedef struct packing {
    crl_gemm *g;
    const crl_gemm_spec *spec;
    size_t tap_weights;  /* of the filter, per tap of the product */
    size_t tap_bytes;    /* of a clipped row, per tap: whole steps of four */
    int8_t *clipped;     /* [out_c][taps][tap_bytes] */
    bool *needs_extra;   /* [out_c]: a weight was clipped */
    int32_t *bias;       /* [out_c] */
    crl_requant_range *range;
    crl_requant_proof *proof;
    uint8_t *pieces;     /* [taps][tap_bytes / 4]: extra steps of the panel at hand */
} packing;

static int32_t lowest(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

/* Clips every filter and works out which accumulators it can reach. */
static crl_status digest(packing *p, crl_error *err)
{
    const crl_gemm_spec *s = p->spec;
    const size_t taps = (size_t)p->g->taps, length = taps * p->tap_weights;
    const int64_t za = s->in_zero;
    for (int32_t o = 0; o < p->g->window.out_c; o++) {
        const int64_t b = s->bias ? s->bias[o] : 0;
        int64_t positive = 0, negative = 0;
        for (size_t t = 0; t < taps; t++) {
            const size_t from = (size_t)o * length + t * p->tap_weights;
            int8_t *to = p->clipped + ((size_t)o * taps + t) * p->tap_bytes;
            const row_sums r = s->filter_signed
                                   ? clip_s8(to, (const int8_t *)s->filter + from, p->tap_weights, s->filter_zero)
                                   : clip_u8(to, (const uint8_t *)s->filter + from, p->tap_weights, s->filter_zero);
            positive += r.positive;
            negative += r.negative;
            p->needs_extra[o] = p->needs_extra[o] || r.clipped;
        }
        const int64_t least = b - za * positive + (255 - za) * negative;
        const int64_t most = b + (255 - za) * positive - za * negative;
        if (least < INT32_MIN || most > INT32_MAX)
            return crl_fail(err, CRL_ERR_UNSUPPORTED, "accumulators of output %d exceed 32 bits", o);
        p->range[o] = (crl_requant_range){ (int32_t)least, (int32_t)most };
        if (!crl_requant_fits(&s->requant, (size_t)o, p->range[o]))
            return crl_fail(err, CRL_ERR_UNSUPPORTED, "the scale of output %d is too large for its accumulators", o);
        p->bias[o] = (int32_t)(uint32_t)(uint64_t)(b - za * (positive + negative)); /* wraps, as sums do */
    }
    return CRL_OK;
}

/* Channel of a column of the panel, -1 where there is none. */
static int32_t channel_of(const crl_gemm *g, const crl_gemm_panel *panel, int32_t column)
{
    const int32_t vector = column / g->level.lanes, element = column % g->level.lanes;
    const int32_t at = (element / 4 * panel->vectors + vector) * 4 + element % 4;
    return vector < panel->vectors && at < panel->columns ? panel->first + at : -1;
}

/* The weight of a channel that is still missing after `pieces` clipped ones. */
static int32_t missing(int32_t w, int32_t pieces)
{
    for (; pieces > 0; pieces--) w -= w > 127 ? 127 : w < -128 ? -128 : w;
    return w;
}

static size_t weight_index(const packing *p, int32_t o, size_t tap, size_t channel)
{
    return ((size_t)o * (size_t)p->g->taps + tap) * p->tap_weights + channel;
}

/* How many extra steps each group of four channels needs in this panel; their number altogether. */
static int32_t count_pieces(packing *p, const crl_gemm_panel *panel)
{
    const size_t groups = p->tap_bytes / 4, steps = (size_t)p->g->steps;
    int32_t total = 0;
    for (size_t t = 0; t < (size_t)p->g->taps; t++)
        for (size_t s = 0; s < groups; s++) p->pieces[t * groups + s] = s >= steps;
    for (int32_t o = panel->first; o < panel->first + panel->columns; o++) {
        if (!p->needs_extra[o]) continue;
        for (size_t t = 0; t < (size_t)p->g->taps; t++)
            for (size_t k = 0; k < p->tap_weights; k++) {
                uint8_t *n = &p->pieces[t * groups + k / 4];
                const int32_t w = weight(p->spec, weight_index(p, o, t, k));
                while (missing(w, *n + (k / 4 < steps))) ++*n;
            }
    }
    for (size_t i = 0; i < (size_t)p->g->taps * groups; i++) total += p->pieces[i];
    return total;
}

/* Column `position` of the main part: four weights for every step, `width` columns apart. */
static void pack_main(const packing *p, int8_t *to, const crl_gemm_panel *panel)
{
    const crl_gemm *g = p->g;
    const size_t width = (size_t)(panel->vectors * g->level.lanes), steps = (size_t)g->steps;
    for (size_t t = 0; t < (size_t)g->taps; t++)
        for (size_t s0 = 0; s0 < steps; s0 += SLICE_STEPS) {
            const size_t s1 = s0 + SLICE_STEPS < steps ? s0 + SLICE_STEPS : steps;
            for (size_t column = 0; column < width; column++) {
                const int32_t o = channel_of(g, panel, (int32_t)column);
                if (o < 0) continue;
                const int8_t *from = p->clipped + ((size_t)o * (size_t)g->taps + t) * p->tap_bytes;
                int8_t *at = to + ((t * steps + s0) * width + column) * 4;
                for (size_t s = s0; s < s1; s++, at += width * 4) memcpy(at, from + s * 4, 4);
            }
        }
}

static void pack_extra(const packing *p, int8_t *to, crl_gemm_extra *extra, const crl_gemm_panel *panel)
{
    const crl_gemm *g = p->g;
    const size_t groups = p->tap_bytes / 4;
    const int32_t width = panel->vectors * g->level.lanes;
    for (int32_t t = 0; t < g->taps; t++)
        for (int32_t s = 0; s < (int32_t)groups; s++) {
            const bool in_main = s < g->steps;
            const int32_t n = lowest(4, (int32_t)p->tap_weights - 4 * s);
            for (int32_t piece = 0; piece < p->pieces[(size_t)t * groups + (size_t)s]; piece++) {
                *extra++ = (crl_gemm_extra){ t, 4 * s, n };
                for (int32_t column = 0; column < width; column++, to += 4) {
                    const int32_t o = channel_of(g, panel, column);
                    for (int32_t j = 0; j < n && o >= 0; j++) {
                        const int32_t w = weight(p->spec, weight_index(p, o, (size_t)t, (size_t)(4 * s + j)));
                        const int32_t rest = missing(w, piece + in_main);
                        to[j] = (int8_t)(rest > 127 ? 127 : rest < -128 ? -128 : rest);
                    }
                }
            }
        }
}

static void *keep(crl_gemm *g, size_t n, size_t size)
{
    g->packed_bytes += n * size;
    return crl_pile_array(&g->pile, n, size);
}

static crl_status pack_panel(packing *p, crl_gemm_panel *panel, crl_error *err)
{
    crl_gemm *g = p->g;
    const int32_t width = panel->vectors * g->level.lanes, blocks = (width + 15) / 16;
    panel->n_extra = count_pieces(p, panel);
    const size_t step_bytes = (size_t)width * 4, main_steps = (size_t)g->taps * (size_t)g->steps;
    int8_t *weights = keep(g, main_steps + (size_t)panel->n_extra, step_bytes);
    int32_t *bias = keep(g, (size_t)width, sizeof *bias);
    crl_requant_lanes *requant = keep(g, (size_t)blocks, sizeof *requant);
    crl_requant_form *forms = keep(g, (size_t)blocks, sizeof *forms);
    crl_gemm_extra *extra = keep(g, (size_t)panel->n_extra, sizeof *extra);
    if (!weights || !bias || !requant || !forms || !extra) return crl_fail_memory(err, "packed weights");
    pack_main(p, weights, panel);
    pack_extra(p, weights + main_steps * step_bytes, extra, panel);
    for (int32_t column = 0; column < width; column++) {
        const int32_t o = channel_of(g, panel, column);
        bias[column] = o < 0 ? 0 : p->bias[o];
    }
    for (int32_t b = 0; b < blocks; b++) {
        int32_t channel[16];
        for (int32_t i = 0; i < 16; i++) channel[i] = channel_of(g, panel, 16 * b + i);
        forms[b] = crl_requant_lanes_init(&requant[b], &p->spec->requant, p->proof, channel);
        panel->form = b == 0 || forms[b] == panel->form ? forms[b] : CRL_REQUANT_EXACT_ANY;
    }
    panel->weights = weights;
    panel->bias = bias;
    panel->lanes = requant;
    panel->forms = forms;
    panel->extra = extra;
    return CRL_OK;
}

/* Whole panels of the full width, then ever narrower ones. */
static int32_t cut_into_panels(const crl_gemm *g, crl_gemm_panel *panel)
{
    int32_t n = 0;
    for (int32_t first = 0; first < g->window.out_c; n++) {
        const int32_t left = (g->window.out_c - first + g->level.lanes - 1) / g->level.lanes;
        int32_t vectors = g->level.vectors;
        while (vectors > left) vectors /= 2;
        const int32_t columns = lowest(vectors * g->level.lanes, g->window.out_c - first);
        if (panel) panel[n] = (crl_gemm_panel){ .first = first, .columns = columns, .vectors = vectors };
        first += columns;
    }
    return n;
}

static crl_status pack(packing *p, unsigned cpu, crl_error *err)
{
    crl_gemm *g = p->g;
    const crl_status s = digest(p, err);
    if (s) return s;
    crl_requant_kernels k;
    crl_requant_kernels_init(&k, cpu);
    const bool prove = (int64_t)g->window.batch * g->window.out_h * g->window.out_w >= PROOF_PIXELS;
    crl_requant_prove(p->proof, &p->spec->requant, (size_t)g->window.out_c, p->range, prove ? &k : NULL);
    g->n_panels = cut_into_panels(g, NULL);
    g->panel = keep(g, (size_t)g->n_panels, sizeof *g->panel);
    if (!g->panel) return crl_fail_memory(err, "packed weights");
    cut_into_panels(g, g->panel);
    for (int32_t i = 0; i < g->n_panels; i++) {
        const crl_status e = pack_panel(p, &g->panel[i], err);
        if (e) return e;
    }
    return CRL_OK;
}

crl_status crl_gemm_pack(crl_gemm *g, const crl_gemm_spec *spec, unsigned cpu, crl_error *err)
{
    const crl_window *w = &g->window;
    const size_t out_c = (size_t)w->out_c;
    crl_pile pile = { 0 };
    packing p = { .g = g, .spec = spec };
    p.tap_weights = (size_t)w->filter_h * (size_t)w->filter_w * (size_t)w->in_c / (size_t)g->taps;
    p.tap_bytes = (p.tap_weights + 3) / 4 * 4;
    p.clipped = crl_pile_array(&pile, out_c, (size_t)g->taps * p.tap_bytes);
    p.needs_extra = crl_pile_array(&pile, out_c, sizeof *p.needs_extra);
    p.bias = crl_pile_array(&pile, out_c, sizeof *p.bias);
    p.range = crl_pile_array(&pile, out_c, sizeof *p.range);
    p.proof = crl_pile_array(&pile, out_c, sizeof *p.proof);
    p.pieces = crl_pile_array(&pile, (size_t)g->taps, p.tap_bytes / 4);
    const bool ready = p.clipped && p.needs_extra && p.bias && p.range && p.proof && p.pieces;
    const crl_status s = ready ? pack(&p, cpu, err) : crl_fail_memory(err, "packing weights");
    crl_pile_free(&pile);
    return s;
}
