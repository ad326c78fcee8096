/* SPDX-License-Identifier: Apache-2.0 */
/* What is computed of each output alone, in its place: RELU and its kin, LOGISTIC. Words go through the identity, by which the engine scales,
 * clamps and looks them up.
 *
 * Source: LOGISTIC behind a dense layer in a public model of the compiler's last release (fredriktegnell/edgetpu-tcn); the same instruction
 * on flat tensors and on pictures in the softmax and in the changes of scale of others (LibrEdgeTPU, prbodmann/Coral-TPU). */
#include "compile/codegen/codegen.h"

#include "compile/codegen/moves.h"
#include "compile/edit.h"

enum {
    IDENTITY_UNIT = CRL_TOP - CRL_ROW_UNITS,
    COEFFICIENTS = 40, PLACES = 7, MODE = 3, LOGISTIC = 1
};

/* Eight polynomials of degree 4, ascending powers, in which a logistic function is 256 times as large, and where they meet, as bits of
 * float32. Source: ten loads in public packages, all the same. */
static const uint32_t coefficients[COEFFICIENTS] = {
    0x4200549c, 0x415db7c6, 0x40111a70, 0x3e29f7bb, 0x3b95f260, 0x4304a187, 0x42ab6803, 0x41aee024, 0x40251eb8, 0x3df136b6,
    0x43077562, 0x42a46b63, 0x418371fd, 0x3f05681a, 0xbe04c80f, 0x4300006a, 0x427fe396, 0xbea8c7fe, 0xc0c9f57d, 0xbf94c0e4,
    0x430000b8, 0x427fb331, 0x3ef2682d, 0xc0cf35b5, 0x3f9cb2b2, 0x42ddc7c6, 0x42c56c6f, 0xc1d72011, 0x405be5c6, 0xbe2ff6d3,
    0x4343d750, 0x41efbc0b, 0xc0b6a9cd, 0x3efb0c86, 0xbc82c2d7, 0x4374cc57, 0x4085560c, 0xbf168355, 0x3d187e2a, 0xba69a584,
};
static const uint32_t places[PLACES] = { 0xc0b479b1, 0xc03dc92e, 0xbfaba1f5, 0x3db069f8, 0x3fe71fbc, 0x4099a343, 0x41078f0a };

static void put_identity(crl_program *p, int32_t narrow)
{
    for (int i = 0; i < CRL_WORD; i++) {
        uint8_t *at = crl_program_add(p, CRL_ISA_NORTH);
        crl_isa_write(at, "tiles", CRL_ALL_TILES);
        crl_isa_write(at, "to", (uint64_t)(narrow + CRL_WORD * i));
        crl_isa_write_at(at, "to_step", 0, 1);
        if (i == CRL_WORD - 1) crl_isa_write(at, "to_mode", 3);
        crl_isa_write(at, "fills", 1);
        crl_isa_write(at, "fill", UINT64_C(1) << 8 * i);
    }
    crl_widen_identity(p, narrow, IDENTITY_UNIT);
}

static void put_function(crl_program *p, uint32_t tiles)
{
    enum { COUNTERS = 7, TENSOR = 1 };
    crl_fence(p, COUNTERS, TENSOR, false);
    uint8_t *at = crl_program_add(p, CRL_ISA_TABLE);
    crl_isa_write(at, "tiles", tiles);
    for (unsigned i = 0; i < COEFFICIENTS; i++) crl_isa_write_at(at, "coefficient", i, coefficients[i]);
    for (unsigned i = 0; i < PLACES; i++) crl_isa_write_at(at, "place", i, places[i]);
    crl_isa_write(at, "mode", MODE);
}

/* Words of a position are the outer loop; of a flat tensor it is the only one. */
static void put_each(crl_program *p, uint32_t tile, const crl_each *e, const crl_constants *c, bool function)
{
    uint8_t *at = crl_program_add(p, CRL_ISA_TENSOR);
    const bool flat = e->positions == 1, one = flat && e->words == 1;
    const int32_t bytes = CRL_WORD * e->words, n = flat ? 1 : 2;
    const crl_level level[] = { { CRL_WORD, 1 }, { bytes, e->positions }, { CRL_WORD, e->words } };
    const crl_level still[] = { { one, flat ? e->words : e->positions }, { 0, e->words } };
    crl_isa_write(at, "tiles", tile);
    for (int32_t k = 0; k < n; k++) crl_isa_write_at(at, "loop", (unsigned)k, (uint64_t)(still[k].n - 1));
    crl_isa_write(at, "in", (uint64_t)e->at);
    crl_walk_write_fine(at, "in", 3, level);
    crl_isa_write_at(at, "in_next", 7, 3);
    crl_isa_write(at, "in_flags", 1);
    crl_isa_write(at, "out", (uint64_t)e->at);
    crl_walk_write_fine(at, "out", 3, level);
    crl_isa_write_at(at, "out_next", 7, 3);
    crl_isa_write(at, "out_flags", 1);
    crl_isa_write(at, "par", IDENTITY_UNIT);
    crl_walk_write_fine(at, "par", n, still);
    crl_walk_write_fine(at, "sum", n, still);
    crl_isa_write(at, "sum_flags", one ? 0 : 0x800);
    crl_isa_write(at, "op0", 1);
    crl_isa_write(at, "out_level", 2);
    crl_isa_write(at, "waits", 1);
    crl_isa_write(at, "par_level", !flat || one);
    crl_isa_write_at(at, "counter", 0, CRL_WIDENED);
    crl_isa_write_at(at, "level", 0, (uint64_t)n);
    crl_isa_write_at(at, "start", 0, 1);
    crl_isa_write_at(at, "each", 0, 1);
    crl_isa_write_at(at, "set", 0, 1);
    crl_isa_write(at, "op2", 6);
    crl_isa_write(at, "group_level", !flat);
    crl_isa_write(at, "last_channels", CRL_WORD - 1);
    crl_isa_write(at, "channels", CRL_WORD - 1);
    crl_isa_write(at, "function", function ? LOGISTIC : 0);
    crl_edit_write(at, c);
}

void crl_codegen_each(crl_program *p, const crl_form *form, const crl_each *each, int32_t narrow, const crl_constants *c)
{
    const bool function = form->each == CRL_OP_LOGISTIC;
    uint32_t tiles = 0;
    for (int32_t t = 0; t < CRL_TILES; t++) tiles |= (uint32_t)(each[t].words > 0) << t;
    crl_fence(p, CRL_ALL_COUNTERS, CRL_ALL_UNITS, false);
    put_identity(p, narrow);
    if (function) put_function(p, tiles);
    const size_t begin = p->n;
    for (int32_t t = 0; t < CRL_TILES; t++) {
        if (!each[t].words) continue;
        put_each(p, 1u << t, &each[t], c, function);
        crl_program_join(p, begin);
    }
    crl_fence(p, CRL_ALL_COUNTERS, CRL_ALL_UNITS, false);
    crl_drain(p);
}
