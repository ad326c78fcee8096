/* SPDX-License-Identifier: Apache-2.0 */
/* What takes rows from the ring into wide memory, and sends them; and the mesh between neighbours. */
#include <string.h>

#include "backend/edgetpu/emulator/inside.h"
#include "package/isa.h"

/* ---- consumers ------------------------------------------------------------------------------------------------- */

static void drop_packet(crl_emu_tile *t, int32_t port)
{
    t->queued[port]--;
    memmove(&t->queue[port][0], &t->queue[port][1], (size_t)t->queued[port] * sizeof t->queue[port][0]);
}

/* Rows of biases and scales that come before those of a pass. */
static int64_t bias_row(crl_emu_unit *u)
{
    const crl_emu_move *m = &u->op->u.move;
    const int64_t row = m->bias_from + u->bias_at;
    u->bias_left--;
    u->bias_at = row + EMU_ROW / EMU_UNIT > m->bias_end ? 0 : u->bias_at + EMU_ROW / EMU_UNIT;
    return row;
}

/* One row in a round: what comes is used before more does. */
bool crl_emu_consume_step(crl_emulator *e, int32_t tile, crl_emu_unit *u)
{
    const crl_emu_move *m = &u->op->u.move;
    crl_emu_tile *t = &e->tile[tile];
    if (!crl_emu_ready(t, &u->op->waits, &u->target, true, &u->block)) return false;
    if (!t->queued[m->port]) {
        u->block = (crl_emu_block){ "a row from the ring", -1, 0, 0 };
        return false;
    }
    if (m->has_bias && !u->begun && crl_walk_begins(&u->target, m->bias_level)) u->bias_left = m->bias_rows;
    u->begun = true;
    const bool is_bias = u->bias_left > 0;
    const crl_emu_packet *packet = &t->queue[m->port][0];
    uint8_t *row = crl_emu_wide(e, u->op, tile, is_bias ? bias_row(u) : crl_walk_address(&m->target, &u->target), EMU_ROW);
    if (!row) return false;
    memcpy(row, packet->bytes, 4 * packet->words);
    drop_packet(t, m->port);
    if (is_bias) return true;
    u->begun = false;
    const int32_t levels = crl_walk_step(&m->target, &u->target);
    crl_emu_pass(t, m->done, levels, m->port ? EMU_RING_READ_B : EMU_RING_READ_A);
    if (levels == CRL_WALK_LEVELS) crl_emu_finish(u);
    return true;
}

/* ---- producers --------------------------------------------------------------------------------------------------- */

bool crl_emu_send(crl_emulator *e, const crl_emu_packet *packet, uint32_t to, int32_t port)
{
    crl_emu_core *core = &e->core;
    if (to >> EMU_TILES && core->queued == EMU_QUEUE) return false;
    for (int32_t t = 0; t < EMU_TILES; t++)
        if (to >> t & 1 && e->tile[t].queued[port] == EMU_QUEUE) return false;
    if (to >> EMU_TILES) core->queue[core->queued++] = *packet;
    for (int32_t t = 0; t < EMU_TILES; t++)
        if (to >> t & 1) e->tile[t].queue[port][e->tile[t].queued[port]++] = *packet;
    e->work += EMU_TILES;
    return true;
}

/* All tiles see what was produced. */
static void count_produced(crl_emulator *e, const crl_emu_move *m, int32_t levels)
{
    if (m->flush < 0 || levels < m->flush) return;
    for (int32_t t = 0; t < EMU_TILES; t++) {
        if (!m->port || m->to >> EMU_TILES) e->tile[t].counter[EMU_RING_PRODUCER_A]++;
        if (m->port) e->tile[t].counter[EMU_RING_PRODUCER_B]++;
    }
}

bool crl_emu_produce_step(crl_emulator *e, int32_t tile, crl_emu_unit *u)
{
    const crl_emu_move *m = &u->op->u.move;
    crl_emu_tile *t = &e->tile[tile];
    if (!crl_emu_ready(t, &u->op->waits, &u->source, false, &u->block)) return false;
    const uint8_t *row = crl_emu_wide(e, u->op, tile, crl_walk_address(&m->source, &u->source), EMU_ROW);
    if (!row) return false;
    crl_emu_packet packet = { .words = EMU_ROW / 4 };
    memcpy(packet.bytes, row, EMU_ROW);
    if (!crl_emu_send(e, &packet, m->to, m->port)) {
        u->block = (crl_emu_block){ "receivers", -1, 0, 0 };
        return false;
    }
    const int32_t levels = crl_walk_step(&m->source, &u->source);
    crl_emu_pass(t, m->done, levels, EMU_RING_WRITE);
    count_produced(e, m, levels);
    if (levels == CRL_WALK_LEVELS) crl_emu_finish(u);
    return true;
}

/* ---- mesh ---------------------------------------------------------------------------------------------------------- */

/* Where words go in a direction, and the counters of who sends and who receives. */
typedef struct direction {
    int32_t down, right, out, in;
} direction;

static const direction directions[EMU_SIDE] = { { 1, 0, EMU_SOUTH_OUT, EMU_NORTH_IN },
                                                { 0, -1, EMU_WEST_OUT, EMU_EAST_IN },
                                                { -1, 0, EMU_NORTH_OUT, EMU_SOUTH_IN },
                                                { 0, 1, EMU_EAST_OUT, EMU_WEST_IN } };

static crl_emu_tile *neighbour(crl_emulator *e, int32_t tile, const direction *d)
{
    const int32_t row = tile / EMU_SIDE + d->down, column = tile % EMU_SIDE + d->right;
    return row < 0 || row >= EMU_SIDE || column < 0 || column >= EMU_SIDE ? NULL : &e->tile[row * EMU_SIDE + column];
}

static bool send_word(crl_emulator *e, int32_t tile, crl_emu_unit *u, int32_t k)
{
    const crl_emu_mesh *m = &u->op->u.mesh;
    crl_emu_tile *to = neighbour(e, tile, &directions[k]);
    if (!to) return crl_emu_fault(e, u->op, tile, "sends to a neighbour that is not there");
    if (!crl_emu_ready(&e->tile[tile], &u->op->waits, &u->source, false, &u->block)) return false;
    if (to->linked[k] == EMU_LINK) {
        u->block = (crl_emu_block){ "its neighbour to take words", -1, 0, 0 };
        return false;
    }
    const uint8_t *word = crl_emu_word(e, u->op, tile, crl_walk_address(&m->source, &u->source));
    if (!word) return false;
    memcpy(&to->link[k][to->linked[k]++], word, 4);
    const int32_t levels = crl_walk_step(&m->source, &u->source);
    crl_emu_pass(&e->tile[tile], m->sent, levels, directions[k].out);
    u->sent_all = levels == CRL_WALK_LEVELS;
    return true;
}

static bool receive_word(crl_emulator *e, int32_t tile, crl_emu_unit *u, int32_t k)
{
    const crl_emu_mesh *m = &u->op->u.mesh;
    crl_emu_tile *t = &e->tile[tile];
    if (!crl_emu_ready(t, &u->op->waits, &u->target, true, &u->block)) return false;
    if (!m->fills && !t->linked[k]) {
        u->block = (crl_emu_block){ "words from its neighbour", -1, 0, 0 };
        return false;
    }
    uint8_t *word = crl_emu_word(e, u->op, tile, crl_walk_address(&m->target, &u->target));
    if (!word) return false;
    memcpy(word, m->fills ? &m->fill : &t->link[k][0], 4);
    if (!m->fills) memmove(&t->link[k][0], &t->link[k][1], --t->linked[k] * sizeof t->link[k][0]);
    const int32_t levels = crl_walk_step(&m->target, &u->target);
    crl_emu_pass(t, m->received, levels, directions[k].in);
    u->received_all = levels == CRL_WALK_LEVELS;
    return true;
}

bool crl_emu_mesh_step(crl_emulator *e, int32_t tile, crl_emu_unit *u)
{
    const crl_emu_mesh *m = &u->op->u.mesh;
    const int32_t k = u->op->opcode - CRL_ISA_SOUTH;
    bool any = false, goes_on = true;
    for (int32_t i = 0; i < EMU_AT_ONCE && goes_on && !e->status; i++) {
        goes_on = m->receives && !u->received_all && receive_word(e, tile, u, k);
        if (m->sends && !u->sent_all && !e->status && send_word(e, tile, u, k)) goes_on = true;
        any |= goes_on;
        e->work++;
    }
    if (e->status || (m->sends && !u->sent_all) || (m->receives && !u->received_all)) return any;
    crl_emu_finish(u);
    return true;
}
