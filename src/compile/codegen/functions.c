/* SPDX-License-Identifier: Apache-2.0 */
/* See functions.h. */
#include "compile/codegen/functions.h"

#include <assert.h>

#include "compile/codegen/moves.h"

enum { COEFFICIENTS = 40, PLACES = 7, MODE = 3 };

/* Ascending powers, as bits of float32: 256 / (1 + exp(-x)); 65535 * exp(x); 46340 / sqrt(x) for x of 1 to 4. Source: ten loads of each in
 * public packages, all the same. */
static const struct {
    uint32_t coefficient[COEFFICIENTS], place[PLACES];
} tables[] = {
    {
        {
            0x4200549c, 0x415db7c6, 0x40111a70, 0x3e29f7bb, 0x3b95f260, 0x4304a187, 0x42ab6803, 0x41aee024, 0x40251eb8, 0x3df136b6,
            0x43077562, 0x42a46b63, 0x418371fd, 0x3f05681a, 0xbe04c80f, 0x4300006a, 0x427fe396, 0xbea8c7fe, 0xc0c9f57d, 0xbf94c0e4,
            0x430000b8, 0x427fb331, 0x3ef2682d, 0xc0cf35b5, 0x3f9cb2b2, 0x42ddc7c6, 0x42c56c6f, 0xc1d72011, 0x405be5c6, 0xbe2ff6d3,
            0x4343d750, 0x41efbc0b, 0xc0b6a9cd, 0x3efb0c86, 0xbc82c2d7, 0x4374cc57, 0x4085560c, 0xbf168355, 0x3d187e2a, 0xba69a584,
        },
        { 0xc0b479b1, 0xc03dc92e, 0xbfaba1f5, 0x3db069f8, 0x3fe71fbc, 0x4099a343, 0x41078f0a },
    },
    {
        {
            0x44e5f55c, 0x441d8dc9, 0x42a2afa8, 0x4095cab4, 0x3dcf45c2,
            0x4659a168, 0x45d554f6, 0x44a0412a, 0x42d9b585, 0x4060d81f,
            0x470121be, 0x46a24017, 0x459fe964, 0x44112fbe, 0x41cb5dd3,
            0x47449ff0, 0x4715e4c2, 0x4639c0ca, 0x44da36f1, 0x42ca1d8d,
            0x476d9bf8, 0x4751c52c, 0x469f09c7, 0x45702e8d, 0x4394ba1d,
            0x477d4a57, 0x4774d594, 0x46daa6a6, 0x45d3725e, 0x4434d33d,
            0x477ff661, 0x477f9434, 0x46fc2a11, 0x461a0641, 0x44c72aea,
            0x477fff00, 0x477ffef3, 0x46fffa9e, 0x462a207c, 0x451c7c63,
        },
        { 0xc0ff9475, 0xc0af6050, 0xc07bb089, 0xc02cb4ec, 0xbfe0f9a9, 0xbf6abd95, 0xbe32671f },
    },
    {
        {
            0x47d62fb4, 0xc803f636, 0x47db5722, 0xc740be35, 0x460a357b,
            0x47c2e514, 0xc7c6c3c5, 0x4788a6ad, 0xc6c69257, 0x456b57aa,
            0x47af3d7e, 0xc7907d9a, 0x47209fc4, 0xc63cb459, 0x44b4d079,
            0x479d13d2, 0xc75017dd, 0x46b9cf3f, 0xc5af4fb6, 0x4406e281,
            0x478c9847, 0xc7153a9e, 0x46558933, 0xc5217249, 0x434718c8,
            0x477cee8c, 0xc6d93e73, 0x45fb974c, 0xc499f9b3, 0x4299ba81,
            0x476756f3, 0xc6a64a81, 0x45a14319, 0xc4256088, 0x420a6991,
            0x476756f3, 0xc6a64a81, 0x45a14319, 0xc4256088, 0x420a6991,
        },
        { 0x3f96545a, 0x3fb9f21d, 0x3fe5fda8, 0x401006eb, 0x40332a53, 0x405bff99, 0x7f800000 },
    },
};

static_assert(CRL_IDENTITY_UNIT == CRL_TOP - CRL_ROW_UNITS, "the last row");

void crl_fill_identity(crl_program *p, int32_t narrow, bool last)
{
    for (int i = 0; i < CRL_WORD; i++) {
        uint8_t *at = crl_program_add(p, CRL_ISA_NORTH);
        crl_isa_write(at, "tiles", CRL_ALL_TILES);
        crl_isa_write(at, "to", (uint64_t)(narrow + CRL_WORD * i));
        crl_isa_write_at(at, "to_step", 0, 1);
        if (last && i == CRL_WORD - 1) crl_isa_write(at, "to_mode", 3);
        crl_isa_write(at, "fills", 1);
        crl_isa_write(at, "fill", UINT64_C(1) << 8 * i);
    }
}

void crl_put_identity(crl_program *p, int32_t narrow)
{
    crl_fill_identity(p, narrow, true);
    crl_widen_identity(p, narrow, CRL_IDENTITY_UNIT);
}

void crl_function_write(uint8_t *at, crl_function function)
{
    for (unsigned i = 0; i < COEFFICIENTS; i++) crl_isa_write_at(at, "coefficient", i, tables[function].coefficient[i]);
    for (unsigned i = 0; i < PLACES; i++) crl_isa_write_at(at, "place", i, tables[function].place[i]);
    crl_isa_write(at, "mode", MODE);
}

void crl_put_function(crl_program *p, uint32_t tiles, crl_function function)
{
    enum { COUNTERS = 7, TENSOR = 1 };
    crl_fence(p, COUNTERS, TENSOR, false);
    uint8_t *at = crl_program_add(p, CRL_ISA_TABLE);
    crl_isa_write(at, "tiles", tiles);
    crl_function_write(at, function);
}
