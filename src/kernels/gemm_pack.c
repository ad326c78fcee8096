/* SPDX-License-Identifier: Apache-2.0 */
/* Packing of a layer's weights into panels (gemm_panel.h), once, at load. */
#include <string.h>

#include "base/error.h"
#include "kernels/gemm_panel.h"

enum {
    PROOF_PIXELS = 16, /* with fewer outputs per channel a proof costs more than it saves */
    SLICE_STEPS = 32   /* steps packed together, so that the part of the panel that is written fits the cache */
};

static int32_t weight(const crl_gemm_spec *s, size_t at)
{
    return (s->filter_signed ? ((const int8_t *)s->filter)[at] : ((const uint8_t *)s->filter)[at]) - s->filter_zero;
}

/* What the weights of a tap add up to, minus their zero point. */
typedef struct tap_sums {
    int64_t positive, negative;
    bool clipped; /* some weight is not within int8 */
} tap_sums;

/* Weights within int8, and their sums. Two loops with one body, for the sake of the vectoriser. */
static tap_sums clip_u8(int8_t *to, const uint8_t *from, size_t n, int32_t zero)
{
    int32_t sum = 0, magnitude = 0, rest = 0;
    for (size_t i = 0; i < n; i++) {
        const int32_t v = from[i] - zero, c = v > 127 ? 127 : v < -128 ? -128 : v;
        to[i] = (int8_t)c;
        rest |= v ^ c;
        sum += v;
        magnitude += v < 0 ? -v : v;
    }
    return (tap_sums){ (sum + magnitude) / 2, (sum - magnitude) / 2, rest != 0 };
}

static tap_sums clip_s8(int8_t *to, const int8_t *from, size_t n, int32_t zero)
{
    int32_t sum = 0, magnitude = 0, rest = 0;
    for (size_t i = 0; i < n; i++) {
        const int32_t v = from[i] - zero, c = v > 127 ? 127 : v < -128 ? -128 : v;
        to[i] = (int8_t)c;
        rest |= v ^ c;
        sum += v;
        magnitude += v < 0 ? -v : v;
    }
    return (tap_sums){ (sum + magnitude) / 2, (sum - magnitude) / 2, rest != 0 };
}

static tap_sums clip_tap(const crl_gemm_spec *s, int8_t *to, size_t from, size_t n)
{
    return s->filter_signed ? clip_s8(to, (const int8_t *)s->filter + from, n, s->filter_zero)
                            : clip_u8(to, (const uint8_t *)s->filter + from, n, s->filter_zero);
}

/* PAIRS: one pair of channels in `group` steps that follow each other. Takes from the later weights what exceeds the
 * bounds; false: nothing did. */
static bool bound_pair(int8_t *w, int32_t group)
{
    int32_t positive = 0, negative = 0;
    bool changed = false;
    for (int32_t i = 0; i < 2 * group; i++) {
        int8_t *v = &w[i / 2 * 4 + i % 2];
        if (positive + *v > 128) *v = (int8_t)(128 - positive), changed = true;
        if (negative + *v < -128) *v = (int8_t)(-128 - negative), changed = true;
        if (*v > 0) positive += *v;
        if (*v < 0) negative += *v;
    }
    return changed;
}

/* As bound_pair for the steps of a tap, whose incomplete last group goes step by step. Marks the steps of groups that
 * lost something; returns how many. */
static size_t bound_tap(int8_t *w, bool *lost, size_t steps, int32_t group)
{
    size_t marked = 0;
    for (size_t s = 0; s < steps;) {
        const int32_t n = s + (size_t)group <= steps ? group : 1;
        const bool first = bound_pair(w + 4 * s, n), second = bound_pair(w + 4 * s + 2, n);
        for (int32_t i = 0; i < n; i++, s++) {
            lost[s] = lost[s] || first || second;
            marked += first || second;
        }
    }
    return marked;
}

typedef struct packing {
    crl_gemm *g;
    const crl_gemm_spec *spec;
    size_t tap_weights;  /* of the filter, per tap of the product */
    size_t tap_steps;    /* steps of four in it, rounded up: so many the following arrays have */
    int8_t *clipped;     /* [out_c][taps][tap_steps][4]: the main part */
    bool *lost;          /* [out_c][taps][tap_steps]: where the main part lacks something */
    int32_t *bias;       /* [out_c] */
    crl_requant_range *range;
    crl_requant_proof *proof;
    uint8_t *pieces;     /* [taps][tap_steps]: extra steps of the panel at hand */
} packing;

static int32_t lowest(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static size_t weight_index(const packing *p, int32_t o, size_t tap, size_t channel)
{
    return ((size_t)o * (size_t)p->g->taps + tap) * p->tap_weights + channel;
}

static size_t step_index(const packing *p, int32_t o, size_t tap, size_t step)
{
    return ((size_t)o * (size_t)p->g->taps + tap) * p->tap_steps + step;
}

/* What is left of a step's weights after the main part; all of it beyond the main steps. */
static void remains(const packing *p, int32_t o, size_t tap, size_t step, int32_t rest[4])
{
    const int8_t *main = p->clipped + 4 * step_index(p, o, tap, step);
    const bool in_main = step < (size_t)p->g->steps;
    for (size_t j = 0; j < 4; j++) {
        const bool exists = 4 * step + j < p->tap_weights;
        rest[j] = exists ? weight(p->spec, weight_index(p, o, tap, 4 * step + j)) - (in_main ? main[j] : 0) : 0;
    }
}

/* Takes as much of the rest as one extra step can hold. */
static void take(crl_gemm_kind kind, int32_t rest[4], int8_t piece[4])
{
    for (int32_t j = 0; j < 4; j++) piece[j] = (int8_t)(rest[j] > 127 ? 127 : rest[j] < -128 ? -128 : rest[j]);
    if (kind == CRL_GEMM_PAIRS) {
        bound_pair(piece, 1);
        bound_pair(piece + 2, 1);
    }
    for (int32_t j = 0; j < 4; j++) rest[j] -= piece[j];
}

/* Clips every filter and works out which accumulators it can reach. */
static crl_status digest(packing *p, crl_error *err)
{
    const crl_gemm_spec *s = p->spec;
    const crl_gemm_level *level = &p->g->level;
    const size_t taps = (size_t)p->g->taps, main_steps = (size_t)p->g->steps;
    const int64_t za = s->in_zero;
    for (int32_t o = 0; o < p->g->window.out_c; o++) {
        const int64_t b = s->bias ? s->bias[o] : 0;
        int64_t positive = 0, negative = 0;
        for (size_t t = 0; t < taps; t++) {
            const size_t step = step_index(p, o, t, 0);
            const tap_sums r = clip_tap(s, p->clipped + 4 * step, weight_index(p, o, t, 0), p->tap_weights);
            positive += r.positive;
            negative += r.negative;
            if (level->kind == CRL_GEMM_PAIRS)
                bound_tap(p->clipped + 4 * step, p->lost + step, main_steps, level->group);
            for (size_t k = 0; r.clipped && k < p->tap_weights; k++) {
                const int32_t w = weight(s, weight_index(p, o, t, k));
                p->lost[step + k / 4] = p->lost[step + k / 4] || w > 127 || w < -128;
            }
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

/* How many extra steps each step needs in this panel; their number altogether. */
static int32_t count_pieces(packing *p, const crl_gemm_panel *panel)
{
    const crl_gemm *g = p->g;
    const size_t all_steps = (size_t)g->taps * p->tap_steps;
    int32_t total = 0;
    if (g->level.kind == CRL_GEMM_WIDE) return 0;
    for (size_t i = 0; i < all_steps; i++) p->pieces[i] = i % p->tap_steps >= (size_t)g->steps;
    for (int32_t o = panel->first; o < panel->first + panel->columns; o++) {
        const bool *lost = p->lost + step_index(p, o, 0, 0);
        for (size_t i = 0; i < all_steps; i++) {
            const bool in_main = i % p->tap_steps < (size_t)g->steps;
            if (in_main && !lost[i]) continue;
            int32_t rest[4];
            int8_t piece[4];
            uint8_t n = 0;
            remains(p, o, i / p->tap_steps, i % p->tap_steps, rest);
            for (; rest[0] || rest[1] || rest[2] || rest[3]; n++) take(g->level.kind, rest, piece);
            if (n > p->pieces[i]) p->pieces[i] = n;
        }
    }
    for (size_t i = 0; i < all_steps; i++) total += p->pieces[i];
    return total;
}

/* Four weights of a column for every step, `width` columns apart. */
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
                const int8_t *from = p->clipped + 4 * step_index(p, o, t, 0);
                int8_t *at = to + ((t * steps + s0) * width + column) * 4;
                for (size_t s = s0; s < s1; s++, at += width * 4) memcpy(at, from + s * 4, 4);
            }
        }
}

/* WIDE: two weights of a column for every half of a step. */
static void pack_wide(const packing *p, int16_t *to, const crl_gemm_panel *panel)
{
    const crl_gemm *g = p->g;
    const size_t width = (size_t)(panel->vectors * g->level.lanes), taps = (size_t)g->taps;
    for (size_t t = 0; t < taps; t++)
        for (size_t k0 = 0; k0 < p->tap_weights; k0 += 2 * SLICE_STEPS) {
            const size_t k1 = k0 + 2 * SLICE_STEPS < p->tap_weights ? k0 + 2 * SLICE_STEPS : p->tap_weights;
            for (size_t column = 0; column < width; column++) {
                const int32_t o = channel_of(g, panel, (int32_t)column);
                if (o < 0) continue;
                const size_t from = weight_index(p, o, t, 0);
                int16_t *at = to + (t * p->tap_steps * 2 * width + column) * 2;
                for (size_t k = k0; k < k1; k++)
                    at[k / 2 * 2 * width + k % 2] = (int16_t)weight(p->spec, from + k);
            }
        }
}

static void pack_extra(const packing *p, int8_t *to, crl_gemm_extra *extra, const crl_gemm_panel *panel)
{
    const crl_gemm *g = p->g;
    const int32_t width = panel->vectors * g->level.lanes, tap_steps = (int32_t)p->tap_steps;
    for (int32_t i = 0; i < g->taps * tap_steps; i++) {
        const int32_t tap = i / tap_steps, step = i % tap_steps, n = p->pieces[i];
        for (int32_t column = 0; column < width && n > 0; column++) {
            const int32_t o = channel_of(g, panel, column);
            if (o < 0) continue;
            int32_t rest[4];
            remains(p, o, (size_t)tap, (size_t)step, rest);
            for (int32_t k = 0; k < n; k++) take(g->level.kind, rest, to + (k * width + column) * 4);
        }
        for (int32_t k = 0; k < n; k++, to += width * 4)
            *extra++ = (crl_gemm_extra){ tap, 4 * step, lowest(4, (int32_t)p->tap_weights - 4 * step) };
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
    const bool wide = g->level.kind == CRL_GEMM_WIDE;
    const size_t step_bytes = (size_t)width * (wide ? 8 : 4);
    const size_t main_steps = wide ? (size_t)g->wide_steps : (size_t)g->taps * (size_t)g->steps;
    int8_t *weights = keep(g, main_steps + (size_t)panel->n_extra, step_bytes);
    int32_t *bias = keep(g, (size_t)width, sizeof *bias);
    crl_requant_lanes *requant = keep(g, (size_t)blocks, sizeof *requant);
    crl_requant_form *forms = keep(g, (size_t)blocks, sizeof *forms);
    crl_gemm_extra *extra = keep(g, (size_t)panel->n_extra, sizeof *extra);
    if (!weights || !bias || !requant || !forms || !extra) return crl_fail_memory(err, "packed weights");
    if (wide)
        pack_wide(p, (int16_t *)(void *)weights, panel);
    else
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
    p.tap_steps = (p.tap_weights + 3) / 4;
    p.clipped = crl_pile_array(&pile, out_c, (size_t)g->taps * p.tap_steps * 4);
    p.lost = crl_pile_array(&pile, out_c, (size_t)g->taps * p.tap_steps * sizeof *p.lost);
    p.bias = crl_pile_array(&pile, out_c, sizeof *p.bias);
    p.range = crl_pile_array(&pile, out_c, sizeof *p.range);
    p.proof = crl_pile_array(&pile, out_c, sizeof *p.proof);
    p.pieces = crl_pile_array(&pile, (size_t)g->taps, p.tap_steps);
    const bool ready = p.clipped && p.lost && p.bias && p.range && p.proof && p.pieces;
    const crl_status s = ready ? pack(&p, cpu, err) : crl_fail_memory(err, "packing weights");
    crl_pile_free(&pile);
    return s;
}

/* Instructions per row and 8 columns; an extra step also loads its pointers, activations are widened once for all
 * columns. */
static double cost(const crl_gemm_level *level, size_t steps, size_t lost, int32_t out_c)
{
    if (level->kind == CRL_GEMM_WIDE) return (4.2 + 16.0 / out_c) * (double)steps;
    return (level->group == 1 ? 3 : level->group == 2 ? 2.5 : 2.25) * (double)steps + 4.5 * (double)lost;
}

const crl_gemm_level *crl_gemm_cheapest(const crl_gemm_level *levels, size_t n, const crl_gemm_spec *spec)
{
    /* A sample tells enough: some panels of 8 filters, and of each the first steps. */
    enum { SAMPLES = 4, STEPS = 64 };
    const crl_window *w = &spec->window;
    const size_t length = (size_t)w->filter_h * (size_t)w->filter_w * (size_t)w->in_c;
    const size_t steps = length / 4 < STEPS ? length / 4 : STEPS, filters = (size_t)w->out_c;
    const crl_gemm_level *best = NULL;
    double least = 0;
    for (size_t i = 0; i < n; i++) {
        size_t all = 0, lost = 0;
        for (size_t sample = 0; sample < SAMPLES; sample++) {
            bool marks[STEPS] = { false };
            const size_t first = filters * sample / SAMPLES;
            for (size_t o = first; o < first + 8 && o < filters; o++) {
                int8_t clipped[4 * STEPS];
                clip_tap(spec, clipped, o * length, steps * 4);
                if (levels[i].kind == CRL_GEMM_PAIRS) bound_tap(clipped, marks, steps, levels[i].group);
            }
            all += steps;
            for (size_t s = 0; s < steps; s++) lost += marks[s];
        }
        const double c = cost(&levels[i], all, lost, w->out_c);
        if (!best || c < least) {
            best = &levels[i];
            least = c;
        }
    }
    return best;
}
