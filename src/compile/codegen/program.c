/* SPDX-License-Identifier: Apache-2.0 */
/* See program.h. Source: programs of public compiled models, in which every bit that is written here is the same wherever its instruction
 * has the same use; what the fields mean is in docs/formats/edgetpu-isa.md. */
#include "compile/codegen/program.h"

#include <assert.h>
#include <string.h>

uint8_t *crl_program_add(crl_program *p, int opcode)
{
    const crl_isa_op *op = crl_isa_find((unsigned)opcode);
    assert(op);
    const size_t bytes = (size_t)op->words * CRL_ISA_WORD;
    if (p->n + bytes > p->room && !p->failed) {
        const size_t room = 2 * p->room + 16384;
        uint8_t *more = crl_alloc(room);
        if (more && p->n) memcpy(more, p->bytes, p->n);
        crl_free(p->bytes);
        p->bytes = more;
        p->room = room;
        p->failed = !more;
    }
    uint8_t *at = p->failed ? p->scratch : p->bytes + p->n;
    memset(at, 0, bytes);
    crl_isa_put(at, 6, 6, (uint64_t)opcode);
    if (crl_isa_field_of(op, "sequence")) crl_isa_write(at, "sequence", p->sequence++);
    if (!p->failed) p->n += bytes;
    return at;
}

/* An instruction without its tiles and number. */
static void copy_bare(uint8_t *to, const uint8_t *at, size_t bytes)
{
    memcpy(to, at, bytes);
    crl_isa_write(to, "tiles", 0);
    crl_isa_write(to, "sequence", 0);
}

void crl_program_join(crl_program *p, size_t begin)
{
    uint8_t last[sizeof p->scratch], other[sizeof p->scratch];
    if (p->failed || begin >= p->n) return;
    const size_t bytes = (size_t)crl_isa_find(crl_isa_opcode(p->bytes + begin))->words * CRL_ISA_WORD;
    const uint8_t *added = p->bytes + p->n - bytes;
    copy_bare(last, added, bytes);
    for (uint8_t *at = p->bytes + begin; at < added; at += bytes) {
        copy_bare(other, at, bytes);
        if (memcmp(last, other, bytes)) continue;
        crl_isa_write(at, "tiles", crl_isa_read(at, "tiles") | crl_isa_read(added, "tiles"));
        p->n -= bytes;
        p->sequence--;
        return;
    }
}

void crl_program_release(crl_program *p)
{
    crl_free(p->bytes);
    *p = (crl_program){ 0 };
}

void crl_isa_write_at(uint8_t *at, const char *name, unsigned k, uint64_t value)
{
    const crl_isa_field *f = crl_isa_field_of(crl_isa_find(crl_isa_opcode(at)), name);
    assert(f && k < f->n);
    crl_isa_set(at, f, k, value);
}

/* Step k of a walk: its stride, less what the levels inside have walked. */
static int32_t relative(int32_t levels, const crl_level *level, int32_t k)
{
    int32_t walked = 0;
    for (int32_t i = 0; i < k && i < levels; i++) walked += (level[i].n - 1) * level[i].stride;
    return (k < levels ? level[k].stride : 0) - walked;
}

static int32_t levels_of(const uint8_t *at, const char *name)
{
    return crl_isa_field_of(crl_isa_find(crl_isa_opcode(at)), name)->n;
}

void crl_walk_write(uint8_t *at, const char *step, const char *count, int32_t levels, const crl_level *level)
{
    const int32_t n = levels_of(at, step);
    for (int32_t k = 0; k < n; k++) {
        crl_isa_write_at(at, step, (unsigned)k, (uint64_t)(int64_t)relative(levels, level, k));
        if (k < levels) crl_isa_write_at(at, count, (unsigned)k, (uint64_t)(level[k].n - 1));
    }
}

void crl_walk_write_fine(uint8_t *at, const char *name, int32_t levels, const crl_level *level)
{
    char step[16], count[16], next[16], low[16];
    const size_t n = strlen(name);
    assert(n < 8);
    memcpy(step, name, n), memcpy(count, name, n), memcpy(next, name, n), memcpy(low, name, n);
    memcpy(step + n, "_step", 6), memcpy(count + n, "_count", 7), memcpy(next + n, "_next", 6), memcpy(low + n, "_low", 5);
    const int32_t all = levels_of(at, step);
    for (int32_t k = 0; k < all; k++) {
        const int64_t v = relative(levels, level, k);
        crl_isa_write_at(at, step, (unsigned)k, (uint64_t)(v >> 2));
        if (k)
            crl_isa_write_at(at, next, (unsigned)k - 1, (uint64_t)v & 3);
        else
            crl_isa_write(at, low, (uint64_t)v & 3);
        if (k < levels) crl_isa_write_at(at, count, (unsigned)k, (uint64_t)(level[k].n - 1));
    }
}

/* Bits that are 1 in every instruction of a use, and that no field names. */
static void put_constant(uint8_t *at, int32_t n, const uint16_t *bits)
{
    for (int32_t i = 0; i < n; i++) crl_isa_put(at, bits[i], 1, 1);
}

#define PUT_CONSTANT(at, ...) put_constant(at, (int32_t)(sizeof((uint16_t[]){ __VA_ARGS__ }) / sizeof(uint16_t)), (uint16_t[]){ __VA_ARGS__ })

/* ---- fences and the scalar core -------------------------------------------------------------------- */

enum { MOVE = 0xf, MOVE_IMMEDIATE = 0x2f, TILES_AND_SCALAR = 0xc, ALL_UNITS = 0x3ff };

void crl_fence(crl_program *p, uint32_t counters, uint32_t units, bool token)
{
    uint8_t *at = crl_program_add(p, CRL_ISA_FENCE);
    crl_isa_write(at, "tiles", CRL_ALL_TILES);
    crl_isa_write(at, "counters", counters);
    crl_isa_write(at, "units", units);
    crl_isa_write(at, "token", token);
    if (!token) return;
    at = crl_program_add(p, CRL_ISA_WAIT);
    crl_isa_write(at, "tiles", CRL_ALL_TILES);
    crl_isa_write(at, "for_tokens", 1);
    crl_isa_write(at, "token_tiles", CRL_ALL_TILES);
    crl_isa_write(at, "units", TILES_AND_SCALAR);
}

void crl_drain(crl_program *p)
{
    crl_fence(p, 0, ALL_UNITS, true);
}

void crl_set_counters(crl_program *p, uint32_t counters, uint32_t value)
{
    uint8_t *at = crl_program_add(p, CRL_ISA_WAIT);
    crl_isa_write(at, "counters", counters);
    crl_isa_write(at, "value", value);
    crl_isa_write(at, "units", TILES_AND_SCALAR);
}

static void put_move(crl_program *p, int to, int from)
{
    uint8_t *at = crl_program_add(p, CRL_ISA_ALU);
    crl_isa_write(at, "operation", MOVE);
    crl_isa_write(at, "to", (uint64_t)to);
    crl_isa_write(at, "b", (uint64_t)from);
}

static void put_immediate(crl_program *p, int to, uint32_t value)
{
    uint8_t *at = crl_program_add(p, CRL_ISA_ALU);
    crl_isa_write(at, "operation", MOVE_IMMEDIATE);
    crl_isa_write(at, "to", (uint64_t)to);
    crl_isa_write(at, "b", value);
}

/* An immediate that a driver writes half of an address into. */
static void put_address(crl_program *p, int to, crl_package_base base, bool upper)
{
    enum { IMMEDIATE = 70 }; /* bit of an ALU bundle */
    if (p->n_places < CRL_PLACES_MOST) p->places[p->n_places++] = (crl_place){ base, upper, (uint32_t)(8 * p->n + IMMEDIATE) };
    put_immediate(p, to, 0);
}

void crl_address(crl_program *p, crl_package_base base)
{
    put_address(p, 10, base, true);
    put_address(p, 11, base, false);
}

void crl_address_copy(crl_program *p, int to, int low, int high)
{
    put_move(p, to + 1, low);
    put_move(p, to, high);
}

/* A word of the descriptor from a register; `load`: the next word into register `to` meanwhile. */
static void put_word(crl_program *p, int word, int from, int to, uint32_t load)
{
    enum { DESCRIPTOR = 0xa };
    uint8_t *at = crl_program_add(p, CRL_ISA_ALU);
    crl_isa_write(at, "store", DESCRIPTOR);
    crl_isa_write(at, "store_at", (uint64_t)word);
    crl_isa_write(at, "store_from", (uint64_t)from);
    if (to < 0) return;
    crl_isa_write(at, "operation", MOVE_IMMEDIATE);
    crl_isa_write(at, "to", (uint64_t)to);
    crl_isa_write(at, "b", load);
}

void crl_transfer(crl_program *p, int from, uint32_t bytes, crl_tag tag)
{
    enum { ISSUE = 0xc };
    const int to = from + 2;
    put_move(p, to, from + 1);
    put_move(p, to + 1, from);
    put_word(p, 0, to, -1, 0);
    put_word(p, 1, to + 1, to + 2, bytes);
    put_word(p, 2, to + 2, to + 3, tag);
    put_word(p, 3, to + 3, -1, 0);
    crl_isa_write(crl_program_add(p, CRL_ISA_ALU), "store", ISSUE);
}

/* ---- streams from the host ------------------------------------------------------------------------- */

/* The walk through the buffer of a stream, which is gone round as often as the stream needs. */
static void put_stream(uint8_t *at, bool activations, uint32_t units)
{
    const uint32_t buffer = activations ? 16384 : 1024, passes = (units + buffer - 1) / buffer, last = units - buffer * (passes - 1);
    crl_isa_write(at, "activations", activations);
    crl_isa_write(at, "stride0", 1);
    if (units == 1) return; /* there is nothing to walk */
    crl_isa_write(at, "limit0", buffer - 1);
    crl_isa_write(at, "stride1", (uint64_t)-(int64_t)(buffer - 1));
    crl_isa_write(at, "limit1", passes - 1);
    crl_isa_write(at, "stride2", (uint64_t)-(int64_t)(buffer - 1));
    if (last == buffer) return;
    crl_isa_write(at, "last", last - 1);
    crl_isa_write(at, "partial", 1);
    crl_isa_write(at, "rewind", activations ? (uint64_t)-(int64_t)last : buffer - last);
}

void crl_pop(crl_program *p, bool activations, uint32_t units)
{
    uint8_t *at = crl_program_add(p, CRL_ISA_POP);
    put_stream(at, activations, units);
    if (activations) {
        PUT_CONSTANT(at, 121, 124, 140, 174, 178, 199, 215);
        return;
    }
    PUT_CONSTANT(at, 121, 124, 136, 174, 177, 178, 199, 215);
    crl_isa_write(at, "whole", units % 2 == 0 || units >= 2048);
    crl_isa_write(at, "ahead", (uint64_t)-(int64_t)(units / 2 < 1024 ? units / 2 : 1024));
}

void crl_infeed(crl_program *p, bool activations, uint32_t from, uint32_t units, uint32_t tiles, int32_t lanes)
{
    uint8_t *at = crl_program_add(p, CRL_ISA_INFEED);
    put_stream(at, activations, units);
    crl_isa_write(at, "from", activations ? from : from % 2048);
    crl_isa_write(at, "after", from + 1);
    crl_isa_write(at, "to_tiles", tiles);
    crl_isa_write(at, "lanes", (uint64_t)(lanes - 1));
    if (activations)
        PUT_CONSTANT(at, 157, 160, 176, 311, 336, 352, 392, 434, 435, 436, 437);
    else
        PUT_CONSTANT(at, 157, 160, 172, 311, 314, 336, 352, 392, 434, 435, 436, 437);
}

/* ---- begin and end ----------------------------------------------------------------------------------- */

void crl_program_begin(crl_program *p, bool caching)
{
    enum { TILE_COUNTERS = 0x7ffff, SCALAR_COUNTERS = 0x1ff, SCALAR_UNITS = 0x1f };
    crl_program_add(p, CRL_ISA_START);
    uint8_t *at = crl_program_add(p, CRL_ISA_FENCE);
    crl_isa_write(at, "tiles", CRL_ALL_TILES);
    crl_isa_write(at, "outermost", caching);
    crl_isa_write(at, "counters", TILE_COUNTERS);
    crl_isa_write(at, "units", ALL_UNITS);
    crl_isa_write(at, "token", 1);
    at = crl_program_add(p, CRL_ISA_WAIT);
    crl_isa_write(at, "tiles", CRL_ALL_TILES);
    crl_isa_write(at, "counters", SCALAR_COUNTERS);
    crl_isa_write(at, "for_tokens", 1);
    crl_isa_write(at, "token_tiles", CRL_ALL_TILES);
    crl_isa_write(at, "units", SCALAR_UNITS);
    put_address(p, 1, CRL_BASE_PARAMETERS, false);
    put_address(p, 0, CRL_BASE_PARAMETERS, true);
    if (caching) return;
    put_address(p, 3, CRL_BASE_SCRATCH, false);
    put_address(p, 2, CRL_BASE_SCRATCH, true);
    crl_set_counters(p, 0x5, 0);
    crl_drain(p);
}

void crl_program_end(crl_program *p, bool caching)
{
    enum { LAST = 3, LAST_CHUNK = 4, EMPTY = 4, END_BITS = 128 };
    uint8_t *at = crl_program_add(p, CRL_ISA_FENCE);
    crl_isa_write(at, "tiles", CRL_ALL_TILES);
    crl_isa_write(at, "outermost", caching);
    crl_isa_write(at, "units", ALL_UNITS);
    crl_isa_write(at, "token", 1);
    crl_isa_write(at, "last", LAST);
    at = crl_program_add(p, CRL_ISA_WAIT);
    crl_isa_write(at, "tiles", CRL_ALL_TILES);
    crl_isa_write(at, "for_tokens", 1);
    crl_isa_write(at, "token_tiles", CRL_ALL_TILES);
    crl_isa_write(at, "units", TILES_AND_SCALAR);
    const int first = caching ? 2 : 4;
    put_immediate(p, first, 0);
    put_immediate(p, first + 1, 0);
    crl_transfer(p, first, 0, CRL_TAG_DONE);
    crl_isa_write(crl_program_add(p, CRL_ISA_HALT), "code", LAST_CHUNK);
    for (int i = 0; i < EMPTY; i++) crl_program_add(p, CRL_ISA_ALU);
    crl_isa_write(crl_program_add(p, CRL_ISA_END), "bits", END_BITS);
    if (!p->failed) crl_isa_write(p->bytes, "bits", 128 * (p->n / CRL_ISA_WORD - 2));
}
