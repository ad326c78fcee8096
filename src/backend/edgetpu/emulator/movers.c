/* SPDX-License-Identifier: Apache-2.0 */
/* What moves data inside of a tile, between rows of its wide memory and words of its narrow one, and biases into the tensor unit. */
#include <string.h>

#include "backend/edgetpu/emulator/inside.h"

enum { ROW_WORDS = EMU_ROW / 4, STORE_SCALES = 0, STORE_BIASES = 1 };

/* ---- wide to narrow ------------------------------------------------------------------------------------------ */

static bool read_row(crl_emulator *e, int32_t tile, crl_emu_unit *u)
{
    const crl_emu_move *m = &u->op->u.move;
    if (!crl_emu_ready(&e->tile[tile], &u->op->waits, &u->source, false, &u->block)) return false;
    const uint8_t *row = crl_emu_wide(e, u->op, tile, crl_walk_address(&m->source, &u->source), EMU_ROW);
    if (!row) return false;
    memcpy(u->row, row, EMU_ROW);
    u->begun = true;
    u->words = 0;
    return true;
}

static void leave_row(crl_emu_unit *u)
{
    u->begun = false;
    crl_walk_step(&u->op->u.move.source, &u->source);
}

/* Two words of a table of biases (at 64 and on) or of scales (before). */
static bool store_pair(crl_emulator *e, int32_t tile, crl_emu_unit *u)
{
    crl_emu_tile *t = &e->tile[tile];
    const int64_t to = crl_walk_address(&u->op->u.move.target, &u->target);
    crl_emu_store *s = &t->store[t->stored & 1];
    if (to < 0 || to / 64 > STORE_BIASES || to % 64 >= EMU_OUTPUTS / 2)
        return crl_emu_fault(e, u->op, tile, "reaches place %lld of the store of biases and scales", (long long)to);
    const int64_t c = to % 64 * 2;
    if (to / 64 == STORE_SCALES) memcpy(&s->scale[c], u->row + 4 * u->words, 8);
    else memcpy(&s->bias[c], u->row + 4 * u->words, 8);
    u->words += 2;
    return true;
}

static bool write_word(crl_emulator *e, int32_t tile, crl_emu_unit *u)
{
    uint8_t *word = crl_emu_word(e, u->op, tile, 4 * crl_walk_address(&u->op->u.move.target, &u->target));
    if (!word) return false;
    memcpy(word, u->row + 4 * u->words++, 4);
    return true;
}

static bool narrow_step(crl_emulator *e, int32_t tile, crl_emu_unit *u)
{
    const crl_emu_move *m = &u->op->u.move;
    if (!u->begun && !read_row(e, tile, u)) return false;
    if (u->skipped < m->skip) {
        u->skipped++;
        u->words++;
    } else {
        crl_emu_tile *t = &e->tile[tile];
        if (!crl_emu_ready(t, &u->op->waits, &u->target, true, &u->block)) return false;
        if (!(m->to_store ? store_pair(e, tile, u) : write_word(e, tile, u))) return false;
        const int32_t levels = crl_walk_step(&m->target, &u->target);
        if (m->to_store && levels >= m->target.turn) t->stored++;
        crl_emu_pass(t, m->done, levels, m->to_store ? EMU_WIDE_TO_SCALING : EMU_WIDE_TO_NARROW);
        if (levels >= m->flush) u->words = ROW_WORDS;
        if (levels == CRL_WALK_LEVELS) crl_emu_finish(u);
    }
    if (u->op && u->words >= ROW_WORDS) leave_row(u);
    return true;
}

bool crl_emu_narrow_step(crl_emulator *e, int32_t tile, crl_emu_unit *u)
{
    int32_t n = 0;
    while (n < EMU_AT_ONCE && u->op && narrow_step(e, tile, u)) n++;
    e->work += (uint64_t)n;
    return n > 0;
}

/* ---- narrow to wide ------------------------------------------------------------------------------------------ */

/* Words of so many places each, one after another, become as many words of the places' bytes, or pairs of bytes. */
static void transpose(uint8_t *row, const uint8_t *words, uint32_t n, uint32_t places)
{
    const uint32_t size = 4 / places;
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < places; k++)
            memcpy(row + (i / places * places + k) * 4 + i % places * size, words + 4 * i + k * size, size);
}

static bool write_row(crl_emulator *e, int32_t tile, crl_emu_unit *u)
{
    const crl_emu_move *m = &u->op->u.move;
    uint8_t *row = crl_emu_wide(e, u->op, tile, crl_walk_address(&m->target, &u->target), EMU_ROW);
    if (!row) return false;
    if (m->transposes) transpose(row, u->row, u->words, (uint32_t)m->transposes);
    else memcpy(row, u->row, 4 * u->words);
    u->words = 0;
    u->begun = false;
    crl_emu_pass(&e->tile[tile], m->done, crl_walk_step(&m->target, &u->target), EMU_NARROW_TO_WIDE);
    return true;
}

static bool widen_step(crl_emulator *e, int32_t tile, crl_emu_unit *u)
{
    const crl_emu_move *m = &u->op->u.move;
    const crl_emu_tile *t = &e->tile[tile];
    if (!u->begun && !crl_emu_ready(t, &u->op->waits, &u->target, true, &u->block)) return false;
    u->begun = true;
    if (!crl_emu_ready(t, &u->op->waits, &u->source, false, &u->block)) return false;
    const uint8_t *word = crl_emu_word(e, u->op, tile, 4 * crl_walk_address(&m->source, &u->source));
    if (!word) return false;
    memcpy(u->row + 4 * u->words++, word, 4);
    const int32_t levels = crl_walk_step(&m->source, &u->source);
    if ((u->words == ROW_WORDS || levels >= m->flush) && !write_row(e, tile, u)) return false;
    if (levels == CRL_WALK_LEVELS) crl_emu_finish(u);
    return true;
}

bool crl_emu_widen_step(crl_emulator *e, int32_t tile, crl_emu_unit *u)
{
    int32_t n = 0;
    while (n < EMU_AT_ONCE && u->op && widen_step(e, tile, u)) n++;
    e->work += (uint64_t)n;
    return n > 0;
}
