/* SPDX-License-Identifier: Apache-2.0 */
/* What can be said of a package without a device. Rules that every compiled model known keeps. */
#include "package/verify.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "package/isa.h"

void crl_verify_say(const crl_verifier *v, const char *fmt, ...)
{
    char text[256], place[320];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    snprintf(place, sizeof place, "%s: %s", v->who, text);
    v->fault(v->user, place);
}

const uint8_t *crl_verify_at(const crl_disassembly *d, int32_t i)
{
    const crl_instruction *in = &d->instructions[i];
    return d->executable->chunks[in->chunk].bytes + (size_t)in->word * CRL_ISA_WORD;
}

/* ---- chunks -------------------------------------------------------------------------------------- */

static bool is_nothing(const uint8_t *at)
{
    static const uint8_t nothing[CRL_ISA_WORD] = { 0, CRL_ISA_ALU >> 2 };
    return !memcmp(at, nothing, sizeof nothing);
}

/* Instructions first to end - 1 are a chunk. Between halt and end are four empty bundles; three in the longest chunk that there is. */
static void verify_chunk(const crl_verifier *v, const crl_disassembly *d, int32_t first, int32_t end, bool last)
{
    enum { FEWEST = 3, MOST = 4 };
    const int32_t chunk = d->instructions[first].chunk;
    const size_t words = d->executable->chunks[chunk].size / CRL_ISA_WORD;
    int32_t starts = 0, halts = 0, ends = 0, halt = -1;
    for (int32_t i = first; i < end; i++) {
        starts += d->instructions[i].opcode == CRL_ISA_START;
        ends += d->instructions[i].opcode == CRL_ISA_END;
        if (d->instructions[i].opcode != CRL_ISA_HALT) continue;
        halt = i;
        halts++;
    }
    bool whole = starts == 1 && halts == 1 && ends == 1 && d->instructions[first].opcode == CRL_ISA_START &&
                 d->instructions[end - 1].opcode == CRL_ISA_END && end - 2 - halt >= FEWEST && end - 2 - halt <= MOST;
    for (int32_t i = halt + 1; whole && i < end - 1; i++) whole = d->instructions[i].opcode == CRL_ISA_ALU && is_nothing(crl_verify_at(d, i));
    if (!whole) {
        crl_verify_say(v, "chunk %d does not go from one start to one halt, empty bundles and one end", chunk);
        return;
    }
    const uint64_t bits = crl_isa_read(crl_verify_at(d, first), "bits"), code = crl_isa_read(crl_verify_at(d, halt), "code");
    if (bits != 128 * (words - 2))
        crl_verify_say(v, "chunk %d says that %llu bits follow, there are %zu", chunk, (unsigned long long)bits,
                       128 * (words - 2));
    if (last ? code != 4 : code > 1)
        crl_verify_say(v, "chunk %d halts with code %llu, %s is expected", chunk, (unsigned long long)code, last ? "4" : "0 or 1");
}

void crl_verify_frame(const crl_verifier *v, const crl_disassembly *d)
{
    uint64_t next = 0;
    bool gap = false;
    for (int32_t i = 0, first = 0; i < d->n; i++) {
        const crl_instruction *in = &d->instructions[i];
        const bool ends = i + 1 == d->n || d->instructions[i + 1].chunk != in->chunk;
        if (in->opcode < CRL_ISA_ALU) { /* goes to tiles */
            const uint64_t now = crl_isa_read(crl_verify_at(d, i), "sequence");
            if (now != next && !gap)
                crl_verify_say(v, "instruction %d has number %llu, %llu is next", i, (unsigned long long)now,
                               (unsigned long long)next);
            gap |= now != next;
            next++;
        }
        if (!ends) continue;
        verify_chunk(v, d, first, i + 1, i + 1 == d->n);
        first = i + 1;
    }
    if (next > 1 << 14) crl_verify_say(v, "%llu instructions for tiles, 16384 can be numbered", (unsigned long long)next);
}

/* ---- wide memory --------------------------------------------------------------------------------- */

enum { ROW = 4, WIDE_UNITS = 8320 };

/* The least and the greatest address of a walk, from its base on; far out where it leaves all memory. */
static void walk(const uint8_t *at, const crl_isa_field *step, const crl_isa_field *count, int64_t *low, int64_t *high)
{
    static const int64_t far_out = INT64_C(1) << 24; /* times a count of 16 bits it is still a number */
    int64_t gone = 0; /* by the inner levels */
    *low = *high = 0;
    for (unsigned k = 0; k < step->n; k++) {
        const int64_t n = (int64_t)crl_isa_get(at, count, k), stride = crl_isa_signed(crl_isa_get(at, step, k), step->width) + gone;
        if (stride < -far_out || stride > far_out) {
            if (n) *(stride < 0 ? low : high) += stride;
            return;
        }
        gone += n * stride;
        *(stride < 0 ? low : high) += n * stride;
    }
}

/* Rows that an instruction writes from `base` on: those of a ring, or of a walk. */
static crl_extent rows(const uint8_t *at, const crl_isa_op *op, uint32_t base, const char *step, const char *count)
{
    int64_t low, high;
    const uint64_t slots = crl_isa_get(at, crl_isa_field_of(op, "slots"), 0), circular = crl_isa_get(at, crl_isa_field_of(op, "circular"), 0);
    walk(at, crl_isa_field_of(op, step), crl_isa_field_of(op, count), &low, &high);
    const int64_t n = slots > 1 || circular ? (int64_t)slots : high + 1;
    const int64_t from = base + (low < 0 && !circular ? low * ROW : 0), to = base + (n > 1 ? n : 1) * ROW;
    return (crl_extent){ (uint32_t)crl_isa_get(at, crl_isa_field_of(op, "tiles"), 0), from > 0 ? (uint32_t)from : 0,
                         to < UINT32_MAX ? (uint32_t)to : UINT32_MAX };
}

int32_t crl_extents_of(const crl_disassembly *d, crl_extent *extents)
{
    int32_t n = 0;
    for (int32_t i = 0; i < d->n; i++) {
        const uint8_t *at = crl_verify_at(d, i);
        const crl_isa_op *op = crl_isa_find((unsigned)d->instructions[i].opcode);
        switch (op->opcode) {
        case CRL_ISA_CONSUME:
        case CRL_ISA_CONSUME2: /* the lowest bits say that rows follow a bias */
            if (extents) extents[n] = rows(at, op, (uint32_t)crl_isa_read(at, "to") & ~3u, "step", "count");
            n++;
            break;
        case CRL_ISA_WIDEN:
            if (extents) extents[n] = rows(at, op, (uint32_t)crl_isa_read(at, "to"), "to_step", "to_count");
            n++;
            break;
        default: break;
        }
    }
    return n;
}

/* ---- all ------------------------------------------------------------------------------------------ */

static crl_status list_extents(const crl_disassembly *d, crl_extent **extents, int32_t *n, crl_error *err)
{
    *n = d ? crl_extents_of(d, NULL) : 0;
    *extents = crl_alloc_array((size_t)*n + 1, sizeof **extents);
    if (!*extents) return crl_fail_memory(err, "extents");
    if (d) crl_extents_of(d, *extents);
    return CRL_OK;
}

/* Programs of that many writes are not compared: those that are known have thousands. */
static bool too_many(int32_t n, int32_t m)
{
    return (uint64_t)n * (uint64_t)m > UINT64_C(1) << 28;
}

/* The first pair that overlap. */
static bool overlap(const crl_extent *a, int32_t n, const crl_extent *b, int32_t m, crl_extent *x, crl_extent *y)
{
    for (int32_t i = 0; i < n; i++)
        for (int32_t k = 0; k < m; k++) {
            if (!(a[i].tiles & b[k].tiles) || a[i].from >= b[k].to || b[k].from >= a[i].to) continue;
            *x = a[i];
            *y = b[k];
            return true;
        }
    return false;
}

static void verify_memory(const crl_verifier *v, const crl_extent *cached, int32_t n, const crl_extent *written, int32_t m)
{
    crl_extent x, y;
    for (int k = 0; k < 2; k++)
        for (int32_t i = 0; i < (k ? m : n); i++)
            if ((k ? written : cached)[i].to > WIDE_UNITS) {
                crl_verify_say(v, "something is written up to unit %u of wide memory, which has %d", (k ? written : cached)[i].to, WIDE_UNITS);
                return;
            }
    if (too_many(n, m))
        crl_verify_say(v, "%d and %d pieces of wide memory are written to, which are too many to be compared", n, m);
    else if (overlap(cached, n, written, m, &x, &y))
        crl_verify_say(v, "parameters at units %u to %u of wide memory are written over, at %u to %u of the same tile",
                       x.from, x.to - 1, y.from, y.to - 1);
}

crl_status crl_package_verify(const crl_package *p, void (*fault)(void *user, const char *text), void *user, crl_error *err)
{
    crl_verifier v = { fault, user, NULL };
    crl_disassembly *d[2] = { NULL, NULL };
    crl_extent *extents[2] = { NULL, NULL };
    int32_t n[2] = { 0, 0 };
    const crl_executable *executables[2] = { p->caching, p->running };
    static const char *const names[] = { "the caching program", "the running program" };
    crl_status s = CRL_OK;
    for (int k = 0; k < 2 && !s; k++) {
        v.who = names[k];
        if (executables[k]) s = crl_disassemble(&d[k], executables[k], err);
        if (s) crl_within(err, s, "%s", names[k]);
        if (!s && d[k]) {
            crl_verify_frame(&v, d[k]);
            crl_verify_transfers(&v, d[k]);
        }
        if (!s) s = list_extents(d[k], &extents[k], &n[k], err);
    }
    if (!s) verify_memory(&v, extents[0], n[0], extents[1], n[1]);
    for (int k = 0; k < 2; k++) {
        crl_free(extents[k]);
        crl_disassembly_free(d[k]);
    }
    return s;
}

/* Whether what one package writes leaves the other's cached parameters alone. */
crl_status crl_packages_together(const crl_package *resident, const crl_package *other, bool *together, crl_error *err)
{
    crl_disassembly *d[3] = { NULL, NULL, NULL };
    crl_extent *extents[3] = { NULL, NULL, NULL }, x, y;
    int32_t n[3] = { 0, 0, 0 };
    const crl_executable *executables[3] = { resident->caching, other->caching, other->running };
    crl_status s = CRL_OK;
    *together = true;
    for (int k = 0; k < 3 && !s; k++) {
        if (executables[k]) s = crl_disassemble(&d[k], executables[k], err);
        if (!s) s = list_extents(d[k], &extents[k], &n[k], err);
    }
    for (int k = 1; k < 3 && !s; k++)
        if (too_many(n[0], n[k]) || overlap(extents[0], n[0], extents[k], n[k], &x, &y)) *together = false;
    for (int k = 0; k < 3; k++) {
        crl_free(extents[k]);
        crl_disassembly_free(d[k]);
    }
    return s;
}
