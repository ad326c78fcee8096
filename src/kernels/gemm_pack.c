/* SPDX-License-Identifier: Apache-2.0 */
/* Packing of a layer's weights into panels (gemm_panel.h), once, at load. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/threads.h"
#include "kernels/gemm_clip.h"

enum {
    PROOF_PIXELS = 16,   /* with fewer outputs per channel a proof costs more than it saves in some hundred runs; */
    PROOF_COLUMNS = 256, /* small layers, of networks that take microseconds and run all day, have it */
    SLICE_STEPS = 32,  /* steps packed together, so that the part of the panel that is written fits the cache */
    MOST_AT_ONCE = 16, /* panels that threads pack side by side */
    MOST_COLUMNS = 64, /* of a panel, at all levels that are not ROWS */
    WORTH_BYTES = 1 << 16 /* weights of a layer that more than one thread packs */
};

typedef struct packing {
    crl_gemm *g;
    const crl_gemm_spec *spec;
    crl_gemm_clip_kernels clip;
    size_t taps;        /* of the product; ROWS has all of them in one */
    size_t tap_weights; /* of the filter, per tap */
    size_t tap_steps;   /* steps of four in it, rounded up */
    size_t all_steps;   /* taps * tap_steps */
    /* of the panel at hand; its filters in the order of its outputs */
    int8_t *clipped;    /* [columns][all_steps][4]: the main part */
    bool *lost;         /* [columns][all_steps]: where the main part lacks something */
    uint8_t *pieces;    /* [all_steps]: extra steps */
    /* of all outputs */
    int32_t *bias;
    crl_requant_range *range;
    crl_requant_proof *proof;
} packing;

static int32_t lowest(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static size_t weight_index(const packing *p, int32_t o, size_t tap, size_t channel)
{
    return ((size_t)o * p->taps + tap) * p->tap_weights + channel;
}

/* What a column of the panel computes: the output's number within the panel, -1 for none. */
static int32_t output_of(const crl_gemm *g, const crl_gemm_panel *panel, int32_t column)
{
    const int32_t vector = column / g->level.lanes, element = column % g->level.lanes;
    if (g->sums) return column < panel->columns ? column : -1;
    const int32_t whole = panel->vectors - panel->halved;
    const int32_t at = vector < whole ? (element / 4 * whole + vector) * 4 + element % 4
                                      : whole * g->level.lanes + element % (g->level.lanes / 2);
    return vector < panel->vectors && at < panel->columns ? at : -1;
}

/* The folded bias of an output and the accumulators that it can reach. */
static crl_status digest_sums(packing *p, int32_t o, crl_gemm_sums sums, crl_error *err)
{
    const crl_gemm_spec *s = p->spec;
    const int64_t za = s->in_zero, b = s->bias ? s->bias[o] : 0;
    const int64_t least = b - za * sums.positive + (255 - za) * sums.negative;
    const int64_t most = b + (255 - za) * sums.positive - za * sums.negative;
    const int64_t zero = p->g->level.kind == CRL_GEMM_ROWS ? za - 128 : za;                   /* with bit 7 flipped */
    p->bias[o] = (int32_t)(uint32_t)(uint64_t)(b - zero * (sums.positive + sums.negative)); /* wraps, as sums do */
    p->range[o] = (crl_requant_range){ 0, 0 };
    if (s->sums || crl_requant_is_silent(&s->requant, (size_t)o)) return CRL_OK; /* any accumulator will do */
    if (least < INT32_MIN || most > INT32_MAX)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "accumulators of output %d exceed 32 bits", o);
    p->range[o] = (crl_requant_range){ (int32_t)least, (int32_t)most };
    if (crl_requant_fits(&s->requant, (size_t)o, p->range[o])) return CRL_OK;
    const int64_t nearer = crl_requant_nearer(&s->requant, (size_t)o, p->range[o]);
    p->bias[o] = (int32_t)((uint32_t)p->bias[o] + (uint32_t)(uint64_t)nearer);
    p->range[o] = (crl_requant_range){ (int32_t)(least + nearer), (int32_t)(most + nearer) };
    if (!crl_requant_fits(&s->requant, (size_t)o, p->range[o]))
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "the scale of output %d is too large for its accumulators", o);
    return CRL_OK;
}

/* ROWS: -128 is one too many, since two products are added in 16 bits. */
static void raise_lowest(int8_t *w, bool *lost, size_t n)
{
    for (int8_t *at = w; (at = memchr(at, -128 & 0xFF, n - (size_t)(at - w))) != NULL; at++) {
        *at = -127;
        lost[(at - w) / 4] = true;
    }
}

/* Clips the filters of a panel. */
static crl_status digest(packing *p, const crl_gemm_panel *panel, crl_error *err)
{
    const crl_gemm *g = p->g;
    memset(p->lost, 0, (size_t)panel->columns * p->all_steps * sizeof *p->lost);
    for (int32_t i = 0; i < panel->columns; i++) {
        crl_gemm_sums sums = { 0, 0, false };
        for (size_t t = 0; t < p->taps; t++) {
            const size_t step = (size_t)i * p->all_steps + t * p->tap_steps;
            const size_t from = weight_index(p, panel->first + i, t, 0);
            const crl_gemm_sums r = crl_gemm_clip(&p->clip, p->spec, p->clipped + 4 * step, from, p->tap_weights);
            sums.positive += r.positive;
            sums.negative += r.negative;
            if (g->level.kind == CRL_GEMM_PAIRS)
                p->clip.bound(p->clipped + 4 * step, p->lost + step, (size_t)g->steps, g->level.group);
            if (g->level.kind == CRL_GEMM_ROWS) raise_lowest(p->clipped + 4 * step, p->lost + step, p->tap_weights);
            for (size_t k = 0; r.clipped && k < p->tap_weights; k++) {
                const int32_t w = crl_gemm_weight(p->spec, from + k);
                if (w > 127 || w < -128) p->lost[step + k / 4] = true;
            }
        }
        const crl_status s = digest_sums(p, panel->first + i, sums, err);
        if (s) return s;
    }
    return CRL_OK;
}

/* What a step lacks after the main part, which for all but WIDE and ROWS ends before an incomplete step. */
static void remains(const packing *p, const crl_gemm_panel *panel, int32_t output, size_t step, int32_t rest[4])
{
    const size_t tap = step / p->tap_steps, channel = step % p->tap_steps * 4;
    const crl_gemm_kind kind = p->g->level.kind;
    const bool in_main = kind == CRL_GEMM_WIDE || kind == CRL_GEMM_ROWS || channel < 4 * (size_t)p->g->steps;
    const int8_t *main = p->clipped + 4 * ((size_t)output * p->all_steps + step);
    for (size_t j = 0; j < 4; j++) {
        if (channel + j >= p->tap_weights)
            rest[j] = 0;
        else
            rest[j] = crl_gemm_weight(p->spec, weight_index(p, panel->first + output, tap, channel + j)) -
                      (in_main ? main[j] : 0);
    }
}

/* One extra step certainly holds it, of whatever kind: within int8, no two weights of a pair beyond their bound. */
static bool fits_one(const int32_t rest[4])
{
    return abs(rest[0]) + abs(rest[1]) <= 127 && abs(rest[2]) + abs(rest[3]) <= 127;
}

/* How many extra steps each step needs in this panel; their number altogether. */
static int32_t count_pieces(packing *p, const crl_gemm_panel *panel)
{
    const crl_gemm *g = p->g;
    const size_t main_steps = (size_t)g->steps;
    int32_t total = 0;
    for (size_t s = 0; s < p->all_steps; s++) p->pieces[s] = s % p->tap_steps >= main_steps;
    for (int32_t i = 0; i < panel->columns; i++) {
        const bool *lost = p->lost + (size_t)i * p->all_steps;
        for (size_t s = 0; s < p->all_steps; s++) {
            const bool outside = s % p->tap_steps >= main_steps;
            if (!lost[s] && !outside) { /* on to the next that is, where all steps are in the main part */
                if (p->tap_steps > main_steps) continue;
                const bool *next = memchr(lost + s, true, p->all_steps - s);
                if (!next) break;
                s = (size_t)(next - lost);
            }
            int32_t rest[4];
            int8_t piece[4];
            uint8_t n = 0;
            remains(p, panel, i, s, rest);
            if (p->pieces[s] > 0 && fits_one(rest)) continue;
            for (; rest[0] || rest[1] || rest[2] || rest[3]; n++) crl_gemm_take(g->level.kind, rest, piece);
            if (n > p->pieces[s]) p->pieces[s] = n;
        }
    }
    for (size_t s = 0; s < p->all_steps; s++) total += p->pieces[s];
    return total;
}

/* Four weights of a column for every step, `width` columns apart; eight columns at once. */
static void pack_main(const packing *p, int8_t *to, const crl_gemm_panel *panel)
{
    const crl_gemm *g = p->g;
    const size_t width = (size_t)(panel->vectors * g->level.lanes), steps = (size_t)g->steps;
    for (size_t t = 0; t < (size_t)g->taps; t++)
        for (size_t s0 = 0; s0 < steps; s0 += SLICE_STEPS) {
            const size_t s1 = s0 + SLICE_STEPS < steps ? s0 + SLICE_STEPS : steps;
            for (size_t column = 0; column < width; column += 8) {
                const int8_t *from[8];
                for (size_t c = 0; c < 8; c++) {
                    const int32_t i = output_of(g, panel, (int32_t)(column + c));
                    from[c] = i < 0 ? NULL : p->clipped + 4 * ((size_t)i * p->all_steps + t * p->tap_steps + s0);
                }
                p->clip.columns(to + ((t * steps + s0) * width + column) * 4, width * 4, from, s1 - s0);
            }
        }
}

/* WIDE: two weights of a column for every half of a step. */
static void pack_wide(const packing *p, int16_t *to, const crl_gemm_panel *panel)
{
    const crl_gemm *g = p->g;
    const size_t width = (size_t)(panel->vectors * g->level.lanes);
    for (size_t s0 = 0; s0 < p->all_steps; s0 += SLICE_STEPS)
        for (size_t column = 0; column < width; column++) {
            const int32_t i = output_of(g, panel, (int32_t)column);
            if (i < 0) continue;
            int16_t *at = to + (s0 * 2 * width + column) * 2;
            for (size_t s = s0; s < s0 + SLICE_STEPS && s < p->all_steps; s++) {
                const int8_t *from = p->clipped + 4 * ((size_t)i * p->all_steps + s);
                int32_t rest[4] = { 0, 0, 0, 0 };
                if (p->lost[(size_t)i * p->all_steps + s]) remains(p, panel, i, s, rest);
                for (size_t half = 0; half < 4; half += 2, at += 2 * width) {
                    at[0] = (int16_t)(from[half] + rest[half]);
                    at[1] = (int16_t)(from[half + 1] + rest[half + 1]);
                }
            }
        }
}

static void pack_extra(const packing *p, int8_t *to, crl_gemm_extra *extra, const crl_gemm_panel *panel)
{
    const crl_gemm *g = p->g;
    const int32_t width = panel->vectors * g->level.lanes, tap_steps = (int32_t)p->tap_steps;
    int32_t output[MOST_COLUMNS];
    for (int32_t column = 0; column < width; column++) output[column] = output_of(g, panel, column);
    for (int32_t s = 0; s < (int32_t)p->all_steps; s++) {
        const int32_t n = p->pieces[s], channel = s % tap_steps * 4;
        const bool in_main = s % tap_steps < g->steps;
        for (int32_t column = 0; column < width && n > 0; column++) {
            const int32_t i = output[column];
            if (i < 0 || (in_main && !p->lost[(size_t)i * p->all_steps + (size_t)s])) continue; /* nothing: it is zero */
            int32_t rest[4];
            remains(p, panel, i, (size_t)s, rest);
            for (int32_t k = 0; k < n; k++) crl_gemm_take(g->level.kind, rest, to + (k * width + column) * 4);
        }
        for (int32_t k = 0; k < n; k++, to += width * 4)
            *extra++ = (crl_gemm_extra){ s / tap_steps, channel, lowest(4, g->gathered ? 4 : (int32_t)p->tap_weights - channel) };
    }
}

/* n bytes of every column, `stride` bytes apart, side by side. A size that is known is one move. */
static void gather_columns(int8_t *to, const int8_t *from, size_t stride, size_t columns, size_t n)
{
    for (size_t column = 0; column < columns; column++, from += stride, to += n) {
        if (n == 4)
            memcpy(to, from, 4);
        else if (n == 8)
            memcpy(to, from, 8);
        else
            memcpy(to, from, 16);
    }
}

/* ROWS: all columns of a step, then the next step; columns that do not exist stay zero. */
static void pack_rows(const packing *p, int8_t *to, const crl_gemm_panel *panel)
{
    const crl_gemm *g = p->g;
    const size_t width = (size_t)(panel->vectors * g->level.lanes), depth = (size_t)g->level.depth;
    const size_t bytes = p->all_steps * 4;
    for (size_t k = 0; k < bytes; k += depth) {
        const size_t n = bytes - k < depth ? bytes - k : depth;
        gather_columns(to, p->clipped + k, bytes, (size_t)panel->columns, n);
        to += width * n;
    }
}

/* ROWS: how many extra steps each unit of channels needs; their number altogether. */
static int32_t count_row_pieces(packing *p, const crl_gemm_panel *panel)
{
    const size_t in_unit = (size_t)p->g->level.unit / 4;
    int32_t total = 0;
    memset(p->pieces, 0, p->all_steps);
    for (int32_t i = 0; i < panel->columns; i++) {
        const bool *lost = p->lost + (size_t)i * p->all_steps;
        for (const bool *at = lost; (at = memchr(at, true, (size_t)(lost + p->all_steps - at))) != NULL; at++) {
            int32_t rest[4];
            int8_t piece[4];
            uint8_t n = 0, *pieces = &p->pieces[(size_t)(at - lost) / in_unit];
            remains(p, panel, i, (size_t)(at - lost), rest);
            for (; rest[0] || rest[1] || rest[2] || rest[3]; n++) crl_gemm_take(CRL_GEMM_ROWS, rest, piece);
            if (n > *pieces) *pieces = n;
        }
    }
    for (size_t u = 0; u < p->all_steps / in_unit; u++) total += p->pieces[u];
    return total;
}

static void pack_row_extra(const packing *p, int8_t *to, crl_gemm_extra *extra, const crl_gemm_panel *panel)
{
    const crl_gemm *g = p->g;
    const size_t width = (size_t)(panel->vectors * g->level.lanes), unit = (size_t)g->level.unit;
    for (size_t u = 0; u < p->all_steps * 4 / unit; u++) {
        const size_t n = p->pieces[u];
        for (size_t column = 0; n > 0 && column < (size_t)panel->columns; column++)
            for (size_t q = 0; q < unit; q += 4) {
                const size_t step = (u * unit + q) / 4;
                if (!p->lost[column * p->all_steps + step]) continue; /* nothing: it is zero */
                int32_t rest[4];
                remains(p, panel, (int32_t)column, step, rest);
                for (size_t k = 0; k < n; k++) crl_gemm_take(CRL_GEMM_ROWS, rest, to + (k * width + column) * unit + q);
            }
        for (size_t k = 0; k < n; k++, to += width * unit)
            *extra++ = (crl_gemm_extra){ 0, (int32_t)(u * unit), (int32_t)unit };
    }
}

static void *keep(crl_gemm *g, size_t n, size_t size)
{
    g->packed_bytes += n * size;
    return crl_pile_array(g->pile, n, size);
}

static size_t width_of(const crl_gemm *g, const crl_gemm_panel *panel)
{
    return (size_t)(panel->vectors * g->level.lanes);
}

static size_t main_bytes(const packing *p, const crl_gemm_panel *panel)
{
    const crl_gemm *g = p->g;
    const size_t width = width_of(g, panel);
    if (g->level.kind == CRL_GEMM_WIDE) return p->all_steps * width * 4 * sizeof(int16_t);
    return (g->level.kind == CRL_GEMM_ROWS ? p->all_steps : (size_t)g->taps * (size_t)g->steps) * width * 4;
}

/* What a panel will take. */
static crl_status measure_panel(packing *p, crl_gemm_panel *panel, crl_error *err)
{
    const crl_gemm_kind kind = p->g->level.kind;
    const crl_status s = digest(p, panel, err);
    if (s || kind == CRL_GEMM_WIDE) return s;
    panel->n_extra = kind == CRL_GEMM_ROWS ? count_row_pieces(p, panel) : count_pieces(p, panel);
    return CRL_OK;
}

/* Room for it. */
static crl_status keep_panel(packing *p, crl_gemm_panel *panel, crl_error *err)
{
    crl_gemm *g = p->g;
    const size_t extra_bytes = width_of(g, panel) * (size_t)(g->level.kind == CRL_GEMM_ROWS ? g->level.unit : 4);
    panel->weights = keep(g, main_bytes(p, panel) + (size_t)panel->n_extra * extra_bytes, 1);
    panel->extra = g->level.kind == CRL_GEMM_WIDE ? NULL : keep(g, (size_t)panel->n_extra, sizeof *panel->extra);
    if (!panel->weights || (!panel->extra && g->level.kind != CRL_GEMM_WIDE)) return crl_fail_memory(err, "packed weights");
    return CRL_OK;
}

static void fill_panel(const packing *p, const crl_gemm_panel *panel)
{
    int8_t *weights = (int8_t *)(uintptr_t)panel->weights; /* not shared yet */
    crl_gemm_extra *extra = (crl_gemm_extra *)(uintptr_t)panel->extra;
    switch (p->g->level.kind) {
    case CRL_GEMM_WIDE: pack_wide(p, (int16_t *)(void *)weights, panel); break;
    case CRL_GEMM_ROWS:
        pack_rows(p, weights, panel);
        pack_row_extra(p, weights + main_bytes(p, panel), extra, panel);
        break;
    default:
        pack_main(p, weights, panel);
        pack_extra(p, weights + main_bytes(p, panel), extra, panel);
        break;
    }
}

/* Panels that are packed side by side, each with a room of its own. */
typedef struct batch {
    packing room[MOST_AT_ONCE];
    crl_gemm_panel *panel; /* the first */
    crl_status status[MOST_AT_ONCE];
    crl_error err[MOST_AT_ONCE];
} batch;

static void measure_task(void *ctx, int i, int thread)
{
    (void)thread;
    batch *b = ctx;
    b->status[i] = measure_panel(&b->room[i], &b->panel[i], &b->err[i]);
}

static void fill_task(void *ctx, int i, int thread)
{
    (void)thread;
    const batch *b = ctx;
    fill_panel(&b->room[i], &b->panel[i]);
}

/* Measures, finds room and fills; what comes from the pile comes in order, by the caller. */
static crl_status pack_batch(batch *b, int32_t n, crl_error *err)
{
    packing *p = &b->room[0];
    crl_pool_run(p->spec->pool, n, measure_task, b);
    crl_status s = CRL_OK;
    for (int32_t i = 0; i < n && !s; i++) {
        s = b->status[i];
        if (s && err) *err = b->err[i];
        if (!s) s = keep_panel(p, &b->panel[i], err);
    }
    if (!s) crl_pool_run(p->spec->pool, n, fill_task, b);
    return s;
}

static int32_t panels_at_once(const packing *p)
{
    const int32_t n = p->g->n_panels, threads = p->spec->pool ? crl_pool_threads(p->spec->pool) : 1;
    if ((size_t)p->g->window.out_c * p->all_steps * 4 < WORTH_BYTES) return 1;
    return lowest(lowest(n, threads), MOST_AT_ONCE);
}

/* Rooms are in `pile`. */
static crl_status pack_weights(const packing *p, crl_pile *pile, crl_error *err)
{
    crl_gemm *g = p->g;
    const size_t columns = (size_t)lowest(g->window.out_c, g->level.vectors * g->level.lanes);
    const int32_t at_once = panels_at_once(p);
    batch *b = crl_pile_alloc(pile, sizeof *b);
    if (!b) return crl_fail_memory(err, "packing weights");
    for (int32_t i = 0; i < at_once; i++) {
        packing *room = &b->room[i];
        *room = *p;
        room->clipped = crl_pile_array(pile, columns, p->all_steps * 4);
        room->lost = crl_pile_array(pile, columns, p->all_steps * sizeof *p->lost);
        room->pieces = crl_pile_array(pile, p->all_steps, sizeof *p->pieces);
        if (!room->clipped || !room->lost || !room->pieces) return crl_fail_memory(err, "packing weights");
    }
    for (int32_t first = 0; first < g->n_panels; first += at_once) {
        b->panel = g->panel + first;
        const crl_status s = pack_batch(b, lowest(at_once, g->n_panels - first), err);
        if (s) return s;
    }
    return CRL_OK;
}

/* Blocks of 16 columns, the last one of a panel perhaps of fewer. */
static size_t blocks_of(const crl_gemm *g, const crl_gemm_panel *panel)
{
    return ((size_t)(panel->vectors * g->level.lanes) + 15) / 16;
}

static size_t all_blocks(const crl_gemm *g)
{
    size_t n = 0;
    for (int32_t i = 0; i < g->n_panels; i++) n += blocks_of(g, &g->panel[i]);
    return n;
}

/* The outputs that the columns of a block belong to, -1: none. */
static void channels_of(const crl_gemm *g, const crl_gemm_panel *panel, size_t block, int32_t channel[16])
{
    for (int32_t c = 0; c < 16; c++) {
        const int32_t output = output_of(g, panel, 16 * (int32_t)block + c);
        channel[c] = output < 0 ? -1 : panel->first + output;
    }
}

static crl_status pack_biases(packing *p, crl_error *err)
{
    crl_gemm *g = p->g;
    int32_t *bias = keep(g, all_blocks(g) * 16, sizeof *bias), channel[16];
    if (!bias) return crl_fail_memory(err, "packed biases");
    for (int32_t i = 0; i < g->n_panels; i++) {
        crl_gemm_panel *panel = &g->panel[i];
        panel->bias = bias;
        for (size_t k = 0; k < blocks_of(g, panel); k++, bias += 16) {
            channels_of(g, panel, k, channel);
            for (int c = 0; c < 16; c++) bias[c] = channel[c] < 0 ? 0 : p->bias[channel[c]];
        }
    }
    return CRL_OK;
}

/* Once the ranges of all outputs are known. */
static crl_status pack_requant(packing *p, unsigned cpu, crl_error *err)
{
    crl_gemm *g = p->g;
    const crl_requant *q = &p->spec->requant;
    crl_requant_kernels k;
    crl_requant_kernels_init(&k, cpu);
    const bool prove = crl_gemm_rows(g) >= PROOF_PIXELS || g->window.out_c <= PROOF_COLUMNS;
    crl_requant_prove(p->proof, q, (size_t)g->window.out_c, p->range, prove ? &k : NULL, p->spec->pool);
    crl_requant_lanes *lanes = keep(g, all_blocks(g), sizeof *lanes);
    crl_requant_form *forms = keep(g, all_blocks(g), sizeof *forms);
    if (!lanes || !forms) return crl_fail_memory(err, "packed requantisation");
    for (int32_t i = 0; i < g->n_panels; i++) {
        crl_gemm_panel *panel = &g->panel[i];
        panel->lanes = lanes;
        panel->forms = forms;
        for (size_t b = 0; b < blocks_of(g, panel); b++, lanes++, forms++) {
            int32_t channel[16];
            channels_of(g, panel, b, channel);
            *forms = crl_requant_lanes_init(lanes, q, p->proof, channel);
            panel->form = b == 0 ? *forms : crl_requant_form_common(*forms, panel->form);
        }
    }
    return CRL_OK;
}

/* The full width, or what is cheapest of the rest. */
static crl_gemm_panel next_panel(const crl_gemm *g, int32_t first)
{
    enum { HALF_ROWS = 4 }; /* kernels of halved panels make as many at once */
    const int32_t lanes = g->level.lanes, half = lanes / 2, left = g->window.out_c - first;
    const bool halves = g->level.halves && crl_gemm_rows(g) >= HALF_ROWS;
    crl_gemm_panel p = { .first = first, .vectors = g->level.vectors };
    if (halves && ((left > lanes && left <= lanes + half) || (left > 2 * lanes && left <= 2 * lanes + half))) {
        p.vectors = left / lanes + 1;
        p.halved = true;
        p.columns = left;
        return p;
    }
    /* Three and a half vectors are two, and one and a half. */
    if (halves && left > 3 * lanes && left <= 3 * lanes + half) p.vectors = 2;
    while (p.vectors > (left + lanes - 1) / lanes) p.vectors /= 2;
    p.columns = lowest(p.vectors * lanes, left);
    return p;
}

/* Whole panels of the full width, then ever narrower ones. */
static int32_t cut_into_panels(const crl_gemm *g, crl_gemm_panel *panel)
{
    int32_t n = 0;
    for (int32_t first = 0; first < g->window.out_c; n++) {
        const crl_gemm_panel next = next_panel(g, first);
        if (panel) panel[n] = next;
        first += next.columns;
    }
    return n;
}

static crl_status pack(packing *p, crl_pile *pile, unsigned cpu, crl_error *err)
{
    crl_gemm *g = p->g;
    g->n_panels = cut_into_panels(g, NULL);
    g->panel = keep(g, (size_t)g->n_panels, sizeof *g->panel);
    if (!g->panel) return crl_fail_memory(err, "packed weights");
    cut_into_panels(g, g->panel);
    crl_status s = pack_weights(p, pile, err);
    if (!s) s = pack_biases(p, err);
    if (s || !p->spec->sums) return s ? s : pack_requant(p, cpu, err);
    for (int32_t i = 0; i < g->n_panels; i++) g->panel[i].form = CRL_REQUANT_SUMS;
    return CRL_OK;
}

crl_status crl_gemm_pack(crl_gemm *g, const crl_gemm_spec *spec, unsigned cpu, crl_error *err)
{
    const crl_window *w = &g->window;
    const size_t out_c = (size_t)w->out_c;
    crl_pile pile = crl_pile_beside(g->pile);
    packing p = { .g = g, .spec = spec };
    crl_gemm_clip_kernels_init(&p.clip, cpu);
    p.taps = g->level.kind == CRL_GEMM_ROWS ? 1 : (size_t)g->taps;
    p.tap_weights = (size_t)w->filter_h * (size_t)w->filter_w * (size_t)w->in_c / p.taps;
    p.tap_steps = (p.tap_weights + 3) / 4;
    if (g->level.unit) p.tap_steps = (p.tap_steps * 4 + (size_t)g->level.unit - 1) / (size_t)g->level.unit * (size_t)g->level.unit / 4;
    p.all_steps = p.taps * p.tap_steps;
    p.bias = crl_pile_array(&pile, out_c, sizeof *p.bias);
    p.range = crl_pile_array(&pile, out_c, sizeof *p.range);
    p.proof = crl_pile_array(&pile, out_c, sizeof *p.proof);
    const bool ready = p.bias && p.range && p.proof;
    const crl_status s = ready ? pack(&p, &pile, cpu, err) : crl_fail_memory(err, "packing weights");
    crl_pile_free(&pile);
    return s;
}
