/* SPDX-License-Identifier: Apache-2.0 */
/* The scalar core's arithmetic, as far as it makes descriptors of transfers: four words (address, twice; bytes; tag) that are issued.
 * Tags: 1 input, 2 parameters, 3 output, from 4 on interrupts. Loops and branches are gone through once: no descriptor is in one. */
#include "package/isa.h"
#include "package/verify.h"

enum { REGISTERS = 32, PREDICATES = 8, DESCRIPTOR = 4, STORE_WORD = 0xa, ISSUE = 0xc };

typedef struct core {
    uint32_t reg[REGISTERS], word[DESCRIPTOR];
    bool predicate[PREDICATES];
} core;

typedef struct fields {
    const crl_isa_field *predicated, *predicate, *polarity, *store, *store_at, *store_from, *operation, *to, *a, *b;
} fields;

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
    switch (how) {
    case 0x1: return a + b;
    case 0x2: return a - b;
    case 0x3: return a & b;
    case 0x4: return a | b;
    case 0x5: return a ^ b;
    case 0x6: return a << (b & 31);
    case 0x7: return a >> (b & 31);
    case 0x8: return (uint32_t)((int32_t)a >> (b & 31));
    case 0xf: return b;
    default: return 0; /* floats, which no descriptor is made of */
    }
}

/* One bundle: its slots see the registers as they were. Returns whether it issues a descriptor. */
static bool step(core *c, const fields *f, const uint8_t *at)
{
    if (crl_isa_get(at, f->predicated, 0) && c->predicate[crl_isa_get(at, f->predicate, 0)] != (crl_isa_get(at, f->polarity, 0) != 0)) return false;
    const uint64_t store = crl_isa_get(at, f->store, 0), operation = crl_isa_get(at, f->operation, 0), to = crl_isa_get(at, f->to, 0);
    const uint32_t a = c->reg[crl_isa_get(at, f->a, 0)], immediate = (uint32_t)crl_isa_get(at, f->b, 0);
    const uint32_t b = operation & 0x20 ? immediate : c->reg[immediate % REGISTERS];
    const unsigned how = operation & 0x1f;
    if (store == STORE_WORD) c->word[crl_isa_get(at, f->store_at, 0) % DESCRIPTOR] = c->reg[crl_isa_get(at, f->store_from, 0)];
    if (how >= 0x9 && how <= 0xe)
        c->predicate[to % PREDICATES] = compare(how, a, b);
    else if (how)
        c->reg[to] = compute(how, a, b);
    return store == ISSUE;
}

static uint32_t tag_of(const crl_hint *h)
{
    enum { INPUT = 1, PARAMETERS = 2, OUTPUT = 3, INTERRUPT = 4 };
    if (h->kind == CRL_HINT_INTERRUPT) return INTERRUPT + (uint32_t)h->interrupt;
    return h->base == CRL_BASE_INPUT ? INPUT : h->base == CRL_BASE_PARAMETERS ? PARAMETERS : OUTPUT;
}

/* The next hint that a descriptor serves, from i on. */
static int32_t next_hint(const crl_executable *e, int32_t i)
{
    while (i < e->n_hints && e->hints[i].kind != CRL_HINT_TRANSFER && e->hints[i].kind != CRL_HINT_INTERRUPT) i++;
    return i;
}

void crl_verify_transfers(const crl_verifier *v, const crl_disassembly *d)
{
    const crl_isa_op *op = crl_isa_find(CRL_ISA_ALU);
    const fields f = { crl_isa_field_of(op, "predicated"), crl_isa_field_of(op, "predicate"), crl_isa_field_of(op, "polarity"),
                       crl_isa_field_of(op, "store"), crl_isa_field_of(op, "store_at"), crl_isa_field_of(op, "store_from"),
                       crl_isa_field_of(op, "operation"), crl_isa_field_of(op, "to"), crl_isa_field_of(op, "a"), crl_isa_field_of(op, "b") };
    const crl_executable *e = d->executable;
    core c = { .reg = { 0 } };
    size_t served = 0; /* bytes of the hint that is at */
    int32_t hint = next_hint(e, 0);
    if (!e->deterministic || e->scratch_bytes) return; /* more is asked for than the hints say */
    for (int32_t i = 0; i < d->n; i++) {
        if (d->instructions[i].opcode != CRL_ISA_ALU || !step(&c, &f, crl_verify_at(d, i))) continue;
        if (hint == e->n_hints) {
            crl_verify_say(v, "instruction %d asks for a transfer that no hint is for", i);
            return;
        }
        const crl_hint *h = &e->hints[hint];
        if (c.word[3] != tag_of(h)) {
            crl_verify_say(v, "instruction %d asks for a transfer of kind %u, hint %d is of kind %u", i, c.word[3], hint, tag_of(h));
            return;
        }
        served += h->kind == CRL_HINT_TRANSFER ? c.word[2] : 0;
        if (served > h->size) {
            crl_verify_say(v, "instruction %d asks for %u bytes, which makes %zu of hint %d's %zu", i, c.word[2], served, hint, h->size);
            return;
        }
        if (served < h->size) continue;
        served = 0;
        hint = next_hint(e, hint + 1);
    }
    if (hint < e->n_hints) crl_verify_say(v, "no transfer is asked for that hint %d is for", hint);
}
