/* SPDX-License-Identifier: Apache-2.0 */
/* See script.h. Source: programs of public compiled models. */
#include "script.h"

#include <string.h>

#include "package/isa.h"

enum {
    MOVE = 0xf,
    MOVE_IMMEDIATE = 0x2f,
    ADD_IMMEDIATE = 0x21,
    AND_IMMEDIATE = 0x23,
    LESS_IMMEDIATE = 0x2c,
    NOT_EQUAL = 0xa,
    DESCRIPTOR = 0xa,
    ISSUE = 0xc,
    PUSH = 8
};

static uint8_t *add(script *s, bool place)
{
    static uint8_t over[SCRIPT_WORD];
    if (s->n == SCRIPT_MOST) return over;
    s->place[s->n] = place ? s->places++ : -1;
    uint8_t *at = s->bundles[s->n++];
    memset(at, 0, SCRIPT_WORD);
    crl_isa_put(at, 6, 6, CRL_ISA_ALU);
    return at;
}

static void alu(script *s, int operation, int to, int a, uint32_t b)
{
    uint8_t *at = add(s, false);
    crl_isa_write(at, "operation", (uint64_t)operation);
    crl_isa_write(at, "to", (uint64_t)to);
    crl_isa_write(at, "a", (uint64_t)a);
    crl_isa_write(at, "b", b);
}

static void predicate(script *s, int which)
{
    uint8_t *at = s->bundles[s->n - 1];
    crl_isa_write(at, "predicated", 1);
    crl_isa_write(at, "predicate", (uint64_t)which);
    crl_isa_write(at, "polarity", 1);
}

static void immediate(script *s, int to, bool place)
{
    uint8_t *at = add(s, place);
    crl_isa_write(at, "operation", MOVE_IMMEDIATE);
    crl_isa_write(at, "to", (uint64_t)to);
}

/* (high, low) + 0 into (new_high, new_low), in 64 bits or as two moves. */
static void copy(script *s, bool adds, int low, int high, int new_low, int new_high, int spare)
{
    if (!adds) {
        alu(s, MOVE, new_low, 0, (uint32_t)low);
        alu(s, MOVE, new_high, 0, (uint32_t)high);
        return;
    }
    alu(s, LESS_IMMEDIATE, 0, low, 0);
    alu(s, NOT_EQUAL, 1, low, (uint32_t)low);
    alu(s, AND_IMMEDIATE, spare, low, 0x7fffffff);
    alu(s, ADD_IMMEDIATE, spare, spare, 0), predicate(s, 0);
    alu(s, LESS_IMMEDIATE, 1, spare, 0), predicate(s, 0);
    alu(s, ADD_IMMEDIATE, new_low, low, 0);
    alu(s, ADD_IMMEDIATE, new_high, high, 0);
    alu(s, ADD_IMMEDIATE, new_high, new_high, 1), predicate(s, 1);
}

static void word(script *s, int number, int from, int to, uint32_t value)
{
    uint8_t *at = add(s, false);
    crl_isa_write(at, "store", DESCRIPTOR);
    crl_isa_write(at, "store_at", (uint64_t)number);
    crl_isa_write(at, "store_from", (uint64_t)from);
    if (to < 0) return;
    crl_isa_write(at, "operation", MOVE_IMMEDIATE);
    crl_isa_write(at, "to", (uint64_t)to);
    crl_isa_write(at, "b", value);
}

/* From an address in `base` (high) and base + 1 (low). */
static void transfer(script *s, bool adds, int base, uint32_t bytes, uint32_t tag)
{
    const int to = base + 2;
    copy(s, adds, base + 1, base, to, to + 1, to + 4);
    word(s, 0, to, -1, 0);
    word(s, 1, to + 1, to + 2, bytes);
    word(s, 2, to + 2, to + 3, tag);
    word(s, 3, to + 3, -1, 0);
    crl_isa_write(add(s, false), "store", ISSUE);
}

static void write_transfer(script *s, const crl_hint *h, bool caching, bool adds)
{
    const int base = caching ? 2 : 4, high = adds ? 11 : 10;
    uint32_t tag = 2;
    if (h->base == CRL_BASE_INPUT || h->base == CRL_BASE_OUTPUT) {
        tag = h->base == CRL_BASE_INPUT ? 1 : 3;
        immediate(s, high, true);
        immediate(s, high + 1, true);
        copy(s, adds, high + 1, high, base + 1, base, base + 2);
    } else
        copy(s, adds, 1, 0, base + 1, base, base + 2);
    transfer(s, adds, base, (uint32_t)h->size, tag);
}

void script_write(script *s, const crl_executable *e, bool caching, bool adds)
{
    enum { EMPTY = 4, DONE = 4 };
    s->n = s->next = s->places = 0;
    immediate(s, 1, true), immediate(s, 0, true);
    if (!caching) immediate(s, 3, true), immediate(s, 2, true);
    for (int32_t i = 0; i < e->n_hints; i++)
        if (e->hints[i].kind == CRL_HINT_TRANSFER) write_transfer(s, &e->hints[i], caching, adds);
    const int base = caching ? 2 : 4;
    immediate(s, base, false), immediate(s, base + 1, false);
    transfer(s, adds, base, 0, DONE);
    for (int i = 0; i < EMPTY; i++) add(s, false);
}

int32_t script_place(const crl_executable *e, const crl_disassembly *d, int32_t i)
{
    const crl_instruction *in = &d->instructions[i];
    int32_t before = 0;
    for (int32_t c = 0; c < in->chunk; c++) before += e->chunks[c].n_relocations;
    const crl_chunk *chunk = &e->chunks[in->chunk];
    for (int32_t k = 0; k < chunk->n_relocations; k++)
        if (chunk->relocations[k].bit / (8 * SCRIPT_WORD) == (uint32_t)in->word) return before + k;
    return -1;
}

bool script_next(script *s, const uint8_t *at, uint8_t *to, int32_t place)
{
    if (crl_isa_read(at, "load") || crl_isa_read(at, "special") || crl_isa_read(at, "store") == PUSH) return false;
    if (place >= 0) {
        int32_t k = 0;
        while (k < s->n && s->place[k] != place) k++;
        if (k == s->n) return false;
        s->next = k;
    }
    if (s->next == s->n) return false;
    memcpy(to, s->bundles[s->next++], SCRIPT_WORD);
    return true;
}
