/* SPDX-License-Identifier: Apache-2.0 */
/* The tensor unit: one step takes a word of four inputs from narrow memory, and for each of up to 64 outputs four weights from wide
 * memory. When the loops that add up have come to their end, the sums are scaled and written. */
#include <math.h>
#include <string.h>

#include "backend/edgetpu/emulator/inside.h"
#include "package/isa.h"

/* ---- at the beginning of a group of channels ------------------------------------------------------------------- */

static bool read_zeros(crl_emulator *e, int32_t tile, crl_emu_unit *u)
{
    const crl_emu_tensor *t = &u->op->u.tensor;
    if (!t->has_zeros) {
        for (int32_t c = 0; c < EMU_OUTPUTS; c++) u->zeros[c] = t->weight_zero;
        return true;
    }
    if (!u->begun) u->zero_at = t->zero_from;
    const uint8_t *row = crl_emu_wide(e, u->op, tile, u->zero_at * (EMU_ROW / EMU_UNIT), EMU_ROW);
    if (!row) return false;
    for (int32_t c = 0; c < EMU_OUTPUTS; c++) memcpy(&u->zeros[c], row + 4 * c, 4);
    u->zero_at += t->zero_each;
    if (u->zero_at > t->zero_end) u->zero_at = t->zero_from;
    return true;
}

/* Biases and scales that came last; waiting for them is a wait of the instruction's. */
static bool begin_group(crl_emulator *e, int32_t tile, crl_emu_unit *u)
{
    const crl_emu_tensor *t = &u->op->u.tensor;
    crl_emu_tile *at = &e->tile[tile];
    for (int32_t c = 0; c < EMU_OUTPUTS; c++) {
        u->bias[c] = t->offset;
        u->scale[c] = 1;
    }
    if (t->has_bias || t->has_scales) {
        const uint32_t half = at->used++ & 1;
        if (half >= at->stored) return crl_emu_fault(e, u->op, tile, "uses biases or scales that were not loaded");
        const crl_emu_store *s = &at->store[half];
        for (int32_t c = 0; c < EMU_OUTPUTS; c++) {
            if (t->has_bias) u->bias[c] = (int32_t)((uint32_t)u->bias[c] + (uint32_t)s->bias[c]);
            if (t->has_scales) u->scale[c] = s->scale[c];
        }
    }
    const bool read = read_zeros(e, tile, u);
    u->begun = true;
    return read;
}

/* ---- sums ---------------------------------------------------------------------------------------------------------- */

static int32_t channels_now(const crl_emu_tensor *t, const crl_emu_unit *u)
{
    return u->loop.index[t->group_level] + 1 == t->loop.count[t->group_level] ? t->last_channels : t->channels;
}

static bool is_first_sum(const crl_emu_tensor *t, const crl_emu_unit *u)
{
    for (int32_t k = t->inner; k < CRL_WALK_LEVELS; k++)
        if (t->outer >> k & 1 && u->loop.index[k]) return false;
    return true;
}

static bool is_last_sum(const crl_emu_tensor *t, const crl_emu_unit *u)
{
    for (int32_t k = t->inner; k < CRL_WALK_LEVELS; k++)
        if (t->outer >> k & 1 && u->loop.index[k] + 1 < t->loop.count[k]) return false;
    return true;
}

static bool begin_sums(crl_emulator *e, int32_t tile, crl_emu_unit *u)
{
    const crl_emu_tensor *t = &u->op->u.tensor;
    if (t->products == EMU_GREATEST) {
        for (int32_t c = 0; c < EMU_OUTPUTS; c++) u->sums[c] = INT32_MIN;
        return true;
    }
    if (is_first_sum(t, u)) {
        memcpy(u->sums, u->bias, sizeof u->sums);
        return true;
    }
    const uint8_t *row = crl_emu_wide(e, u->op, tile, crl_walk_address(&t->sum, &u->sum), EMU_ROW);
    if (row) memcpy(u->sums, row, EMU_ROW);
    return row;
}

/* Sums stay at the ends of their range: what fills up a softmax's classes has the least number as its bias, and a byte below the zero point
 * on top of that. */
static int32_t added(int32_t sum, int64_t more)
{
    const int64_t all = sum + more;
    return all < INT32_MIN ? INT32_MIN : all > INT32_MAX ? INT32_MAX : (int32_t)all;
}

static void add_bytes(crl_emu_unit *u, const crl_emu_tensor *t, const uint8_t *x, const uint8_t *w, int32_t channels)
{
    const int32_t x0 = x[0] - t->in_zero, x1 = x[1] - t->in_zero, x2 = x[2] - t->in_zero, x3 = x[3] - t->in_zero;
    for (int32_t c = 0; c < channels; c++, w += 4) {
        const int64_t z = u->zeros[c];
        u->sums[c] = added(u->sums[c], x0 * (w[0] - z) + x1 * (w[1] - z) + x2 * (w[2] - z) + x3 * (w[3] - z));
    }
}

static int32_t byte_or_pair(const uint8_t *at, bool wide)
{
    return wide ? at[0] | at[1] << 8 : at[0];
}

static void add_single(crl_emu_unit *u, const crl_emu_tensor *t, const uint8_t *x, const uint8_t *w, int32_t channels)
{
    const int32_t x0 = byte_or_pair(x, t->wide_in) - t->in_zero;
    for (int32_t c = 0; c < channels; c++, w += 4)
        u->sums[c] = added(u->sums[c], x0 * (byte_or_pair(w, t->wide_weights) - (int64_t)u->zeros[c]));
}

static void take_greatest(crl_emu_unit *u, const uint8_t *w, int32_t channels)
{
    for (int32_t c = 0; c < channels; c++, w += 4)
        if (w[0] > u->sums[c]) u->sums[c] = w[0];
}

static void add_pairs(crl_emu_unit *u, int32_t x0, int32_t x1, const uint8_t *w, bool wide, int32_t channels)
{
    const int32_t second = wide ? 2 : 1;
    for (int32_t c = 0; c < channels; c++, w += 4) {
        const int64_t z = u->zeros[c];
        u->sums[c] = added(u->sums[c], x0 * (byte_or_pair(w, wide) - z) + x1 * (byte_or_pair(w + second, wide) - z));
    }
}

static bool add_products(crl_emulator *e, int32_t tile, crl_emu_unit *u, int32_t channels)
{
    enum { COLUMNS = EMU_ROW / EMU_UNIT };
    const crl_emu_tensor *t = &u->op->u.tensor;
    const bool is_column = t->products == EMU_SINGLE || t->products == EMU_GREATEST;
    const int64_t at = crl_walk_address(&t->par, &u->par), column = is_column ? at & (COLUMNS - 1) : 0;
    const uint8_t *x = crl_emu_word(e, u->op, tile, crl_walk_address(&t->in, &u->source));
    const uint8_t *w = x ? crl_emu_wide(e, u->op, tile, at - column, 4 * channels) : NULL;
    if (!w) return false;
    if (column + (t->wide_weights ? 2 : 1) > COLUMNS) return crl_emu_fault(e, u->op, tile, "takes 16 bits from the last byte of a word");
    switch (t->products) {
    case EMU_BYTES: add_bytes(u, t, x, w, channels); break;
    case EMU_PAIRS:
        add_pairs(u, byte_or_pair(x, t->wide_in) - t->in_zero,
                  byte_or_pair(x + (t->wide_in ? 2 : 1), t->wide_in) - t->in_zero, w, t->wide_weights, channels);
        break;
    case EMU_SINGLE: add_single(u, t, x, w + column, channels); break;
    case EMU_GREATEST: take_greatest(u, w + column, channels); break;
    case EMU_TOTAL: add_pairs(u, 1, 1, w, true, channels); break;
    }
    e->work += (uint64_t)channels / 16 + 1;
    return true;
}

/* ---- results --------------------------------------------------------------------------------------------------------- */

static float by_table(const crl_emu_table *table, float x)
{
    enum { PIECES = 8, DEGREE = 4 };
    int32_t i = 0;
    while (i < PIECES - 1 && x >= table->place[i]) i++;
    const float *c = table->coefficient[i];
    float v = c[DEGREE];
    for (int32_t k = DEGREE - 1; k >= 0; k--) v = v * x + c[k];
    return v;
}

/* The table has it for x of 1 to 4: the root of other powers of four is a power of two. */
static float by_root(const crl_emu_table *table, float x)
{
    int exponent;
    if (!(x > 0)) return INFINITY;
    float m = 2 * frexpf(x, &exponent); /* [1, 2) * 2^exponent */
    exponent--;
    if (exponent & 1) {
        m *= 2;
        exponent--;
    }
    return ldexpf(by_table(table, m), -exponent / 2);
}

static int32_t scaled(const crl_emu_tensor *t, const crl_emu_table *table, int32_t sum, float scale)
{
    const int32_t most = t->wide_out ? UINT16_MAX : UINT8_MAX;
    float y = (float)sum * scale * t->multiplier;
    y = y > t->high ? t->high : y;
    y = y < t->low ? t->low : y;
    if (t->function) y = t->function == EMU_BY_TABLE ? by_table(table, y) : by_root(table, y);
    if (!(y > -65536)) return 0; /* not a number, or far below */
    const long v = (y > 65536 ? 65536 : lrintf(y)) + t->out_zero;
    return (int32_t)(v < 0 ? 0 : v > most ? most : v);
}

/* Four outputs are a word, or two where they have 16 bits. */
static bool write_word(crl_emulator *e, int32_t tile, crl_emu_unit *u, const uint8_t word[4])
{
    const crl_emu_tensor *t = &u->op->u.tensor;
    uint8_t *out = crl_emu_word(e, u->op, tile, crl_walk_address(&t->out, &u->target));
    if (!out) return false;
    memcpy(out, word, 4);
    crl_emu_pass(&e->tile[tile], t->done, crl_walk_step(&t->out, &u->target), EMU_AVDATA);
    return true;
}

static bool write_results(crl_emulator *e, int32_t tile, crl_emu_unit *u, int32_t channels)
{
    const crl_emu_tensor *t = &u->op->u.tensor;
    const int32_t size = t->wide_out ? 2 : 1, in_word = 4 / size;
    for (int32_t c = 0; c < channels; c += in_word) {
        uint8_t word[4];
        for (int32_t k = 0; k < in_word; k++) {
            const int32_t more = t->products == EMU_GREATEST ? u->bias[c + k] : 0;
            const int32_t v = scaled(t, &e->tile[tile].table, u->sums[c + k] + more, u->scale[c + k]);
            word[size * k] = (uint8_t)v;
            if (t->wide_out) word[2 * k + 1] = (uint8_t)(v >> 8);
        }
        if (!write_word(e, tile, u, word)) return false;
    }
    return true;
}

static bool keep_sums(crl_emulator *e, int32_t tile, crl_emu_unit *u)
{
    uint8_t *row = crl_emu_wide(e, u->op, tile, crl_walk_address(&u->op->u.tensor.sum, &u->sum), EMU_ROW);
    if (row) memcpy(row, u->sums, EMU_ROW);
    return row;
}

/* ---- steps --------------------------------------------------------------------------------------------------------------- */

static bool step(crl_emulator *e, int32_t tile, crl_emu_unit *u)
{
    const crl_emu_tensor *t = &u->op->u.tensor;
    if (crl_walk_begins(&u->loop, t->group_level) && !begin_group(e, tile, u)) return false;
    const int32_t channels = channels_now(t, u);
    if (crl_walk_begins(&u->loop, t->inner) && !begin_sums(e, tile, u)) return false;
    if (!add_products(e, tile, u, channels)) return false;
    const bool is_last = is_last_sum(t, u);
    const int32_t levels = crl_walk_step(&t->loop, &u->loop);
    if (levels >= t->inner) {
        if ((t->keeps_all || !is_last) && !keep_sums(e, tile, u)) return false;
        if (is_last && !write_results(e, tile, u, channels)) return false;
    }
    crl_walk_step(&t->in, &u->source);
    crl_walk_step(&t->sum, &u->sum);
    crl_emu_pass(&e->tile[tile], t->filled, crl_walk_step(&t->par, &u->par), EMU_PARAMETERS);
    if (levels == CRL_WALK_LEVELS) crl_emu_finish(u);
    return true;
}

bool crl_emu_tensor_step(crl_emulator *e, int32_t tile, crl_emu_unit *u)
{
    bool any = false;
    if (u->op->opcode == CRL_ISA_TABLE) {
        e->tile[tile].table = u->op->u.table;
        crl_emu_finish(u);
        return true;
    }
    for (int32_t i = 0; i < EMU_AT_ONCE && u->op; i++) {
        if (!crl_emu_ready(&e->tile[tile], &u->op->waits, &u->loop, false, &u->block)) return any;
        if (!step(e, tile, u)) return false;
        any = true;
    }
    return any;
}
