/* SPDX-License-Identifier: Apache-2.0 */
/* The scalar core, and the feeds between host, scalar memory and ring. */
#include <math.h>
#include <string.h>

#include "backend/edgetpu/emulator/inside.h"
#include "base/error.h"
#include "package/isa.h"

/* ---- the host -------------------------------------------------------------------------------------------------- */

static bool is_of(const crl_tpu_move *m, bool activations)
{
    return m->kind == CRL_TPU_SEND && m->tag == (activations ? CRL_TPU_INPUT : CRL_TPU_PARAMETERS);
}

/* Bytes of all the transfers of a kind, one after another. */
static void fetch(const crl_emulator *e, bool activations, uint64_t from, uint8_t *to, uint64_t n)
{
    for (int32_t i = 0; i < e->script->n && n; i++) {
        const crl_tpu_move *m = &e->script->moves[i];
        if (!is_of(m, activations)) continue;
        if (from >= m->bytes) {
            from -= m->bytes;
            continue;
        }
        const uint8_t *memory = m->port ? m->port->buffer ? m->port->buffer : m->port->now : m->memory;
        const uint64_t part = m->bytes - from < n ? m->bytes - from : n;
        memcpy(to, memory + m->offset + from, (size_t)part);
        to += part;
        n -= part;
        from = 0;
    }
    memset(to, 0, (size_t)n);
}

static uint64_t all_bytes(const crl_emulator *e, bool activations)
{
    uint64_t sum = 0;
    for (int32_t i = 0; i < e->script->n; i++)
        if (is_of(&e->script->moves[i], activations)) sum += e->script->moves[i].bytes;
    return sum;
}

/* The host gets bytes, in the order of its transfers. Returns how many it had room for. */
static uint64_t give(crl_emulator *e, const uint8_t *bytes, uint64_t n)
{
    uint64_t at = e->core.given, given = 0;
    for (int32_t i = 0; i < e->script->n && given < n; i++) {
        const crl_tpu_move *m = &e->script->moves[i];
        if (m->kind != CRL_TPU_RECEIVE) continue;
        if (at >= m->bytes) {
            at -= m->bytes;
            continue;
        }
        uint8_t *memory = m->port ? m->port->buffer : m->memory;
        const uint64_t part = m->bytes - at < n - given ? m->bytes - at : n - given;
        memcpy(memory + m->offset + at, bytes + given, (size_t)part);
        given += part;
        at = 0;
    }
    e->core.given += given;
    return given;
}

/* A descriptor: the host is asked for a transfer. */
static bool issue(crl_emulator *e, const crl_emu_op *op)
{
    enum { INPUT = 1, PARAMETERS = 2, OUTPUT = 3, INTERRUPT = 4 };
    crl_emu_core *c = &e->core;
    const uint32_t bytes = c->word[2], tag = c->word[3];
    if (tag == INPUT || tag == PARAMETERS) {
        c->sent[tag == INPUT] += bytes;
        if (c->sent[tag == INPUT] > all_bytes(e, tag == INPUT)) return crl_emu_fault(e, op, -1, "asks for more bytes than the host has to send");
    } else if (tag == OUTPUT) {
        c->asked += bytes;
    } else if (tag < INTERRUPT || tag > 7) {
        return crl_emu_fault(e, op, -1, "asks for a transfer of kind %u, 1 to 7 are known", tag);
    }
    return true;
}

/* ---- feeds ------------------------------------------------------------------------------------------------------- */

static bool begin_feed(crl_emulator *e, const crl_emu_op *op)
{
    crl_emu_core *c = &e->core;
    const crl_emu_feed *f = &op->u.feed;
    const int32_t number = (int32_t)(op - e->program->ops);
    if (op->opcode == CRL_ISA_POP) {
        c->popped[f->activations] = c->next_pop[f->activations];
        c->next_pop[f->activations] += f->n * f->size;
        c->first_from[f->activations] = c->last_from[f->activations] = f->from;
        return true;
    }
    int32_t *n = op->opcode == CRL_ISA_INFEED ? &c->n_infeeds : &c->n_outfeeds;
    if (*n == EMU_LINK) return false;
    if (op->opcode == CRL_ISA_INFEED) {
        c->bases[*n] = c->popped[f->activations];
        c->infeeds[(*n)++] = number;
    } else {
        c->outfeeds[(*n)++] = number;
    }
    return true;
}

static bool next_feed(crl_emulator *e, crl_emu_feeding *f, int32_t *list, int32_t *n)
{
    if (!*n) return false;
    *f = (crl_emu_feeding){ .op = &e->program->ops[list[0]], .base = e->core.bases[0] };
    --*n;
    memmove(list, list + 1, (size_t)*n * sizeof *list);
    if (list == e->core.infeeds) memmove(e->core.bases, e->core.bases + 1, (size_t)*n * sizeof *e->core.bases);
    return true;
}

/* Places are stored without what is above twice the size of the buffers. They only grow: pieces of parameters do not overlap, those of
 * inputs may. */
static void place_infeed(crl_emu_core *c, crl_emu_feeding *f)
{
    enum { ACTIVATIONS_WRAP = 1 << 15, PARAMETERS_WRAP = 1 << 11 };
    const crl_emu_feed *feed = &f->op->u.feed;
    const uint64_t wrap = feed->activations ? ACTIVATIONS_WRAP : PARAMETERS_WRAP;
    uint64_t from = feed->from;
    if (feed->scalar) return;
    if (from < c->last_from[feed->activations]) from += (c->last_from[feed->activations] - from + wrap - 1) / wrap * wrap;
    /* One more bit is in the units that have to be there. */
    if (feed->activations && (uint16_t)(from - c->first_from[1] + ACTIVATIONS_WRAP) == (uint16_t)(feed->after - 1)) from += ACTIVATIONS_WRAP;
    c->last_from[feed->activations] = feed->activations ? from : from + feed->n;
    f->base += (from - c->first_from[feed->activations]) * feed->size;
}

static bool is_fed(const crl_emulator *e, const crl_emu_feeding *f, uint64_t units)
{
    const crl_emu_feed *feed = &f->op->u.feed;
    if (feed->scalar) return (int16_t)(uint16_t)(e->core.written - (feed->after - 1 + f->done + units)) >= 0;
    return e->core.sent[feed->activations] >= f->base + (f->done + units) * feed->size;
}

/* Two windows of scalar memory are written in turn, and read so. */
static uint32_t *scalar_word(crl_emu_core *c, const crl_emu_feed *feed, uint64_t i)
{
    return &c->memory[(feed->from + i % (2 * feed->window)) % EMU_SCALAR_WORDS];
}

static bool step_infeed(crl_emulator *e)
{
    crl_emu_core *c = &e->core;
    crl_emu_feeding *f = &c->infeed;
    if (!f->op) {
        if (!next_feed(e, f, c->infeeds, &c->n_infeeds)) return false;
        place_infeed(c, f);
    }
    const crl_emu_feed *feed = &f->op->u.feed;
    crl_emu_packet packet = { .words = feed->packet };
    uint64_t units = 4 * (uint64_t)feed->packet / feed->size;
    units = units > feed->n - f->done ? feed->n - f->done : units ? units : 1;
    if (!is_fed(e, f, units)) return false;
    if (feed->scalar)
        for (uint64_t i = 0; i < units; i++) memcpy(packet.bytes + 4 * i, scalar_word(c, feed, f->done + i), 4);
    else
        fetch(e, feed->activations, f->base + f->done * feed->size, packet.bytes, units * feed->size > EMU_ROW ? EMU_ROW : units * feed->size);
    if (!crl_emu_send(e, &packet, feed->to, 0)) return false;
    c->fed += feed->scalar;
    f->done += units;
    if (f->done >= feed->n) f->op = NULL;
    return true;
}

static bool take_packet(crl_emulator *e, crl_emu_feeding *f, const crl_emu_packet *packet)
{
    crl_emu_core *c = &e->core;
    const crl_emu_feed *feed = &f->op->u.feed;
    const uint64_t left = feed->n - f->done, most = EMU_ROW / feed->size, units = left < most ? left : most;
    if (feed->scalar) {
        for (uint64_t i = 0; i < units; i++) memcpy(scalar_word(c, feed, f->done + i), packet->bytes + 4 * i, 4);
        c->written += feed->feeds_on ? (uint32_t)units : 0;
    } else if (give(e, packet->bytes, units * feed->size) < units * feed->size) {
        return crl_emu_fault(e, f->op, -1, "sends more bytes than the host expects");
    }
    f->done += units;
    if (f->done < feed->n) return true;
    f->op = NULL;
    c->written += !feed->scalar; /* what goes to the host counts once */
    return true;
}

/* Whether the window that is to be written has been read. */
static bool is_free(const crl_emu_core *c, const crl_emu_feeding *f)
{
    enum { PACKET = 4, BITS = 14 };
    const crl_emu_feed *feed = &f->op->u.feed;
    if (!feed->feeds_on || f->done % feed->window) return true;
    const uint32_t ahead = c->fed - (feed->ahead + (uint32_t)((f->done + feed->window) / PACKET));
    return !(ahead >> (BITS - 1) & 1);
}

static bool step_outfeed(crl_emulator *e)
{
    crl_emu_core *c = &e->core;
    if (!c->outfeed.op && !next_feed(e, &c->outfeed, c->outfeeds, &c->n_outfeeds)) return false;
    if (!c->queued || !is_free(c, &c->outfeed) || !take_packet(e, &c->outfeed, &c->queue[0])) return false;
    c->queued--;
    memmove(&c->queue[0], &c->queue[1], (size_t)c->queued * sizeof c->queue[0]);
    return true;
}

bool crl_emu_feeds_step(crl_emulator *e)
{
    const bool out = step_outfeed(e);
    return (!e->status && step_infeed(e)) || out;
}

/* Units of the scalar side: 0 the core, 1 and 2 pops, 3 infeed, 4 outfeed. */
bool crl_emu_feeds_idle(const crl_emulator *e, uint32_t units)
{
    enum { INFEED = 1 << 3, OUTFEED = 1 << 4 };
    const crl_emu_core *c = &e->core;
    return !(units & INFEED && (c->infeed.op || c->n_infeeds)) && !(units & OUTFEED && (c->outfeed.op || c->n_outfeeds));
}

/* ---- the core ------------------------------------------------------------------------------------------------------ */

static float as_float(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static uint32_t as_bits(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static uint32_t nearest(float x)
{
    if (!(x > -2147483648.0f)) return 0x80000000u;
    if (x >= 2147483648.0f) return 0x7fffffffu;
    return (uint32_t)(int32_t)lrintf(x);
}

static bool compare(unsigned how, uint32_t a, uint32_t b)
{
    switch (how) {
    case 0x9: return a == b;
    case 0xa: return a != b;
    case 0xb: return (int32_t)a > (int32_t)b;
    case 0xc: return (int32_t)a < (int32_t)b;
    case 0xd: return a >= b;
    default: return (int32_t)a >= (int32_t)b;
    }
}

static uint32_t compute(unsigned how, uint32_t a, uint32_t b)
{
    const float x = as_float(a), y = as_float(b);
    switch (how) {
    case 0x1: return a + b;
    case 0x2: return a - b;
    case 0x3: return a & b;
    case 0x4: return a | b;
    case 0x5: return a ^ b;
    case 0x6: return a << (b & 31);
    case 0x7: return a >> (b & 31);
    case 0x8: return (uint32_t)((int32_t)a >> (b & 31));
    case 0x10: return as_bits((float)(int32_t)b);
    case 0x11: return nearest(y);
    case 0x12: return as_bits(x + y);
    case 0x13: return as_bits(x - y);
    case 0x14: return as_bits(x * y);
    case 0x15: return as_bits(x > y ? x : y);
    case 0x16: return as_bits(x < y ? x : y);
    default: return b;
    }
}

/* What a bundle writes; its slots read the registers as they were. */
static void load(crl_emu_core *c, const crl_emu_scalar *a, const uint32_t *reg)
{
    enum { ADDRESS = 1, STREAM = 3, INCREMENT = 1 << 5 };
    if (!a->load) return;
    const uint32_t r = a->load_at % EMU_REGISTERS, at = a->load == ADDRESS ? a->load_at : reg[r];
    if (a->load == STREAM && a->load_at & INCREMENT) c->reg[r] = reg[r] + 1;
    c->reg[a->load_to] = c->memory[at % EMU_SCALAR_WORDS];
}

static bool store(crl_emulator *e, const crl_emu_op *op, const uint32_t *reg)
{
    enum { ADDRESS = 2, REGISTER = 4, STREAM = 6, INCREMENT = 1 << 5, PUSH = 8, WORD = 0xa, ISSUE = 0xc };
    crl_emu_core *c = &e->core;
    const crl_emu_scalar *a = &op->u.scalar;
    const uint32_t value = reg[a->store_from], r = a->store_at % EMU_REGISTERS;
    switch (a->store) {
    case ADDRESS: c->memory[a->store_at % EMU_SCALAR_WORDS] = value; return true;
    case STREAM:
        if (a->store_at & INCREMENT) c->reg[r] = reg[r] + 1;
        c->memory[reg[r] % EMU_SCALAR_WORDS] = value;
        return true;
    case REGISTER: c->memory[reg[r] % EMU_SCALAR_WORDS] = value; return true;
    case PUSH: return give(e, (const uint8_t *)&value, 4) == 4 || crl_emu_fault(e, op, -1, "sends more bytes than the host expects");
    case WORD: c->word[a->store_at % 4] = value; return true;
    case ISSUE: return issue(e, op);
    default: return true;
    }
}

static bool run_bundle(crl_emulator *e, const crl_emu_op *op)
{
    enum { IMMEDIATE = 0x20, RECIPROCAL = 2 };
    crl_emu_core *c = &e->core;
    const crl_emu_scalar *a = &op->u.scalar;
    if (a->predicated && c->predicate[a->predicate] != a->polarity) return true;
    uint32_t reg[EMU_REGISTERS];
    memcpy(reg, c->reg, sizeof reg);
    const unsigned how = a->operation & 31;
    const uint32_t x = reg[a->a], y = a->operation & IMMEDIATE ? a->b : reg[a->b % EMU_REGISTERS];
    load(c, a, reg);
    if (!store(e, op, reg)) return false;
    if (how >= 0x9 && how <= 0xe) c->predicate[a->to % EMU_PREDICATES] = compare(how, x, y);
    else if (how) c->reg[a->to] = compute(how, x, y);
    if (a->special) {
        const float v = as_float(reg[a->special_from]);
        c->reg[a->special_to] = as_bits(a->special == RECIPROCAL ? 1 / v : exp2f(v));
    }
    return true;
}

static bool block(crl_emu_core *c, const char *what)
{
    c->block = (crl_emu_block){ what, -1, 0, 0 };
    return false;
}

static bool core_wait(crl_emulator *e, const crl_emu_core_wait *w)
{
    enum { PRODUCER_A = 5, PRODUCER_B = 6 };
    crl_emu_core *c = &e->core;
    for (int32_t t = 0; t < EMU_TILES; t++) {
        const crl_emu_tile *tile = &e->tile[t];
        if (w->tokens >> t & 1 && !tile->tokens) return block(c, "tiles");
        for (int32_t k = PRODUCER_A; k <= PRODUCER_B; k++)
            if (w->waits >> k & 1 && tile->counter[EMU_RING_PRODUCER_A + k - PRODUCER_A] < w->threshold[k]) return block(c, "rows from tiles");
    }
    if (!crl_emu_feeds_idle(e, w->units)) return block(c, "transfers");
    for (int32_t t = 0; t < EMU_TILES; t++)
        if (w->tokens >> t & 1) e->tile[t].tokens--;
    if (w->set >> 4 & 1) c->written = w->value;
    return true;
}

static bool log_op(crl_emulator *e, const crl_emu_op *op)
{
    if (e->logged == e->program->log_room) return crl_emu_fault(e, op, -1, "is sent to the tiles again and again");
    e->program->log[e->logged++] = (int32_t)(op - e->program->ops);
    return true;
}

/* The next instruction; false: it waits. */
static bool execute(crl_emulator *e, const crl_emu_op *op, int32_t *next)
{
    crl_emu_core *c = &e->core;
    switch (op->opcode) {
    case CRL_ISA_ALU: return run_bundle(e, op);
    case CRL_ISA_WAIT: return core_wait(e, &op->u.core_wait);
    case CRL_ISA_POP:
    case CRL_ISA_INFEED:
    case CRL_ISA_OUTFEED: return begin_feed(e, op) || block(c, "transfers");
    case CRL_ISA_BRANCH:
        if (c->predicate[0]) *next = op->u.target;
        return true;
    case CRL_ISA_LOOP:
        if (!op->u.loop.count) {
            *next = op->u.loop.end;
            return true;
        }
        if (c->loops == EMU_LOOPS) return crl_emu_fault(e, op, -1, "is the fifth loop in one another");
        c->loop[c->loops++] = (crl_emu_loop){ *next, op->u.loop.end, op->u.loop.count };
        return true;
    case CRL_ISA_HALT:
    case CRL_ISA_START:
    case CRL_ISA_END: return true;
    default: return log_op(e, op);
    }
}

bool crl_emu_core_step(crl_emulator *e)
{
    crl_emu_core *c = &e->core;
    if (c->halted) return false;
    const crl_emu_op *op = &e->program->ops[c->pc];
    int32_t next = c->pc + 1;
    if (!execute(e, op, &next)) return false;
    while (c->loops && next == c->loop[c->loops - 1].end) {
        if (--c->loop[c->loops - 1].left) {
            next = c->loop[c->loops - 1].from;
            break;
        }
        c->loops--;
    }
    c->pc = next;
    c->halted = next >= e->program->n;
    return true;
}
