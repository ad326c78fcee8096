/* SPDX-License-Identifier: Apache-2.0 */
/* Tiles, and the order in which everything goes on: see inside.h.
 *
 * In a round each unit does what it can, those that use data before those that bring it. The scalar core only goes on when nothing
 * else does. When that does not either, the program waits for ever. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "backend/edgetpu/emulator/inside.h"
#include "base/error.h"
#include "package/isa.h"

static const uint64_t MOST_WORK = UINT64_C(1) << 28;

crl_emulator *crl_emulator_make(crl_pile *pile)
{
    crl_emulator *e = crl_pile_alloc(pile, sizeof *e);
    for (int32_t t = 0; e && t < EMU_TILES; t++) {
        e->tile[t].narrow = crl_pile_alloc(pile, EMU_NARROW);
        e->tile[t].wide = crl_pile_alloc(pile, EMU_WIDE);
        if (!e->tile[t].narrow || !e->tile[t].wide) return NULL;
    }
    return e;
}

/* ---- what goes wrong ----------------------------------------------------------------------------------------- */

static int32_t number_of(const crl_emulator *e, const crl_emu_op *op)
{
    return (int32_t)(op - e->program->ops);
}

bool crl_emu_fault(crl_emulator *e, const crl_emu_op *op, int32_t tile, const char *fmt, ...)
{
    char what[160], where[32] = "";
    va_list args;
    if (e->status) return false;
    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    if (tile >= 0) snprintf(where, sizeof where, " on tile %d", tile);
    e->status = crl_fail(e->err, CRL_ERR_FORMAT, "instruction %d (word %d, %s)%s %s", number_of(e, op), op->word,
                         crl_isa_find(op->opcode)->name, where, what);
    return false;
}

uint8_t *crl_emu_wide(crl_emulator *e, const crl_emu_op *op, int32_t tile, int64_t unit, int64_t bytes)
{
    if (unit >= 0 && unit <= EMU_WIDE / EMU_UNIT && unit * EMU_UNIT + bytes <= EMU_WIDE) return e->tile[tile].wide + unit * EMU_UNIT;
    crl_emu_fault(e, op, tile, "reaches unit %lld of wide memory, which has %d", (long long)unit, EMU_WIDE / EMU_UNIT);
    return NULL;
}

uint8_t *crl_emu_word(crl_emulator *e, const crl_emu_op *op, int32_t tile, int64_t byte)
{
    if (byte >= 0 && byte <= EMU_NARROW - 4) return e->tile[tile].narrow + byte;
    crl_emu_fault(e, op, tile, "reaches byte %lld of narrow memory, which has %d", (long long)byte, EMU_NARROW);
    return NULL;
}

/* ---- waiting ------------------------------------------------------------------------------------------------- */

static const char *const counters[EMU_COUNTERS] = {
    "AVDATA", "PARAMETERS", "PARTIAL_SUMS", "MESH_NORTH_IN", "MESH_EAST_IN", "MESH_SOUTH_IN", "MESH_WEST_IN", "MESH_NORTH_OUT",
    "MESH_EAST_OUT", "MESH_SOUTH_OUT", "MESH_WEST_OUT", "WIDE_TO_NARROW", "WIDE_TO_SCALING", "NARROW_TO_WIDE", "RING_READ_A",
    "RING_READ_B", "RING_WRITE", "RING_PRODUCER_A", "RING_PRODUCER_B"
};

bool crl_emu_ready(const crl_emu_tile *t, const crl_emu_waits *waits, const crl_walk_at *at, bool of_target, crl_emu_block *block)
{
    for (int32_t i = 0; i < waits->n; i++) {
        const crl_emu_wait *w = &waits->wait[i];
        if (w->of_target != of_target || !crl_walk_begins(at, w->level)) continue;
        const uint16_t want = (uint16_t)(w->start + at->passes[w->level] * w->each);
        if ((int16_t)(uint16_t)(t->counter[w->counter] - want) >= 0) continue;
        *block = (crl_emu_block){ "a counter", w->counter, t->counter[w->counter], want };
        return false;
    }
    return true;
}

static crl_status stuck_at(crl_emulator *e, const crl_emu_op *op, int32_t tile, const crl_emu_block *b)
{
    if (b->counter >= 0)
        crl_emu_fault(e, op, tile, "waits for ever: %s is %u, %u is awaited", counters[b->counter], b->have, b->want);
    else
        crl_emu_fault(e, op, tile, "waits for ever, for %s", b->what ? b->what : "what does not come");
    return e->status;
}

/* The instruction that was issued first of those that wait. */
static crl_status stuck(crl_emulator *e)
{
    int64_t first = e->logged;
    int32_t tile = -1;
    const crl_emu_unit *unit = NULL;
    for (int32_t t = 0; t < EMU_TILES; t++)
        for (int32_t k = 0; k < EMU_UNITS; k++) {
            const crl_emu_unit *u = &e->tile[t].unit[k];
            if (!u->op || u->cursor > first) continue;
            if (u->cursor == first && unit) continue;
            first = u->cursor;
            unit = u;
            tile = t;
        }
    if (unit) return stuck_at(e, unit->op, tile, &unit->block);
    for (int32_t t = 0; t < EMU_TILES; t++)
        if (e->tile[t].cursor < e->logged) return stuck_at(e, &e->program->ops[e->program->log[e->tile[t].cursor]], t, &e->tile[t].block);
    if (e->core.infeed.op) return stuck_at(e, e->core.infeed.op, -1, &(crl_emu_block){ "data or receivers", -1, 0, 0 });
    if (e->core.outfeed.op) return stuck_at(e, e->core.outfeed.op, -1, &(crl_emu_block){ "data", -1, 0, 0 });
    return stuck_at(e, &e->program->ops[e->core.pc], -1, &e->core.block);
}

/* ---- units ------------------------------------------------------------------------------------------------------ */

void crl_emu_finish(crl_emu_unit *u)
{
    u->op = NULL;
    u->cursor++;
}

/* The next instruction of a unit that its tile has come by. */
static bool take(crl_emulator *e, int32_t tile, int32_t unit)
{
    crl_emu_tile *t = &e->tile[tile];
    crl_emu_unit *u = &t->unit[unit];
    for (; u->cursor < t->cursor; u->cursor++) {
        const crl_emu_op *op = &e->program->ops[e->program->log[u->cursor]];
        if (op->unit != unit || !(op->tiles >> tile & 1)) continue;
        const int64_t cursor = u->cursor;
        memset(u, 0, sizeof *u);
        u->cursor = cursor;
        u->op = op;
        return true;
    }
    return false;
}

static bool step_unit(crl_emulator *e, int32_t tile, int32_t unit)
{
    static crl_emu_step *const steps[EMU_UNITS] = {
        [EMU_TENSOR] = crl_emu_tensor_step,     [EMU_TO_NARROW] = crl_emu_narrow_step,  [EMU_TO_WIDE] = crl_emu_widen_step,
        [EMU_CONSUME_A] = crl_emu_consume_step, [EMU_CONSUME_B] = crl_emu_consume_step, [EMU_PRODUCE] = crl_emu_produce_step,
        [EMU_SOUTH] = crl_emu_mesh_step,        [EMU_WEST] = crl_emu_mesh_step,         [EMU_NORTH] = crl_emu_mesh_step,
        [EMU_EAST] = crl_emu_mesh_step
    };
    crl_emu_unit *u = &e->tile[tile].unit[unit];
    const bool taken = !u->op && take(e, tile, unit);
    if (!u->op) return false;
    u->block = (crl_emu_block){ NULL, -1, 0, 0 };
    return steps[unit](e, tile, u) || taken;
}

/* ---- tiles ------------------------------------------------------------------------------------------------------- */

static bool are_idle(crl_emulator *e, int32_t tile, uint32_t units)
{
    for (int32_t k = 0; k < EMU_UNITS; k++)
        if (units >> k & 1 && (e->tile[tile].unit[k].op || take(e, tile, k))) return false;
    return true;
}

static bool pass_fence(crl_emulator *e, int32_t tile, const crl_emu_op *op)
{
    crl_emu_tile *t = &e->tile[tile];
    const crl_emu_fence *f = &op->u.fence;
    if (!are_idle(e, tile, f->units)) {
        t->block = (crl_emu_block){ "its units", -1, 0, 0 };
        return false;
    }
    for (int32_t k = EMU_RING_PRODUCER_A; k <= EMU_RING_PRODUCER_B; k++) {
        if (!(k == EMU_RING_PRODUCER_A ? f->waits_a : f->waits_b) || t->counter[k] >= f->produced) continue;
        t->block = (crl_emu_block){ "a counter", k, t->counter[k], f->produced };
        return false;
    }
    for (int32_t k = 0; k < EMU_COUNTERS; k++)
        if (f->counters >> k & 1) t->counter[k] = f->value;
    if (f->counters >> EMU_WIDE_TO_SCALING & 1) t->stored = t->used = 0; /* its halves are taken from the first one on again */
    t->tokens += f->token;
    return true;
}

/* A tile goes by what was issued, up to a fence that holds it. */
static bool step_tile(crl_emulator *e, int32_t tile)
{
    crl_emu_tile *t = &e->tile[tile];
    bool any = false;
    for (; t->cursor < e->logged; t->cursor++, any = true) {
        const crl_emu_op *op = &e->program->ops[e->program->log[t->cursor]];
        if (op->unit == EMU_UNITS && op->tiles >> tile & 1 && !pass_fence(e, tile, op)) break;
    }
    return any;
}

static bool step_tiles(crl_emulator *e)
{
    bool any = false;
    for (int32_t t = 0; t < EMU_TILES && !e->status; t++) {
        any |= step_tile(e, t);
        for (int32_t k = 0; k < EMU_UNITS && !e->status; k++) any |= step_unit(e, t, k);
    }
    return any;
}

static bool is_over(const crl_emulator *e)
{
    if (!e->core.halted || !crl_emu_feeds_idle(e, UINT32_MAX)) return false;
    for (int32_t t = 0; t < EMU_TILES; t++) {
        if (e->tile[t].cursor < e->logged) return false;
        for (int32_t k = 0; k < EMU_UNITS; k++)
            if (e->tile[t].unit[k].op) return false;
    }
    return true;
}

/* Memories stay; all else begins anew. */
static void reset(crl_emulator *e)
{
    for (int32_t t = 0; t < EMU_TILES; t++) {
        crl_emu_tile *tile = &e->tile[t];
        uint8_t *narrow = tile->narrow, *wide = tile->wide;
        memset(tile, 0, sizeof *tile);
        tile->narrow = narrow;
        tile->wide = wide;
    }
    memset(&e->core, 0, sizeof e->core);
    e->logged = 0;
    e->work = 0;
    e->status = CRL_OK;
}

static crl_status check_end(crl_emulator *e)
{
    if (e->core.given != e->core.asked)
        return crl_fail(e->err, CRL_ERR_FORMAT, "the program ends with %llu bytes for the host, of %llu that it announced",
                        (unsigned long long)e->core.given, (unsigned long long)e->core.asked);
    return CRL_OK;
}

crl_status crl_emulator_run(crl_emulator *e, const crl_emu_program *program, const crl_tpu_script *script, uint64_t work_limit,
                            crl_error *err)
{
    const uint64_t limit = work_limit ? work_limit : MOST_WORK;
    reset(e);
    e->program = program;
    e->script = script;
    e->err = err;
    while (!e->status) {
        const bool tiles = step_tiles(e);
        if (e->status) break;
        e->work += EMU_TILES;
        if (e->work > limit)
            return crl_fail(err, CRL_ERR_TIMEOUT,
                            "the program needs more than %llu steps of the emulator; a higher work limit allows them",
                            (unsigned long long)limit);
        if (crl_emu_feeds_step(e) || tiles) continue;
        if (crl_emu_core_step(e) || e->status) continue;
        return is_over(e) ? check_end(e) : stuck(e);
    }
    return e->status;
}
