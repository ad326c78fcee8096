/* SPDX-License-Identifier: Apache-2.0 */
/* A softmax on the tiles, as compilers of 2021 have it: the functions that it loads, and the sum of its exponentials. */
#include "reemit.h"

#include "compile/codegen/program.h"

enum { COEFFICIENTS = 40, PLACES = 7, EXPONENTIAL = 5, ROOT = 7 };

/* Eight polynomials, ascending powers, and where they meet, as bits of float32: 65535 * exp(x), and 46340 / sqrt(x) for
 * x of 1 to 4. Source: ten loads of each in public packages, all the same. */
static const struct {
    uint32_t coefficient[COEFFICIENTS], place[PLACES];
} tables[2] = {
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

static const uint8_t *words_of(const walk *w, int32_t i)
{
    const crl_instruction *in = &w->program->instructions[i];
    return w->executable->chunks[in->chunk].bytes + (size_t)in->word * CRL_ISA_WORD;
}

/* What the function is for is said by the first instruction that uses it. */
static uint64_t next_function(const walk *w)
{
    for (int32_t i = w->i + 1; i < w->program->n; i++) {
        const int32_t opcode = w->program->instructions[i].opcode;
        if (opcode == CRL_ISA_TENSOR || opcode == CRL_ISA_SUM) return crl_isa_read(words_of(w, i), "function");
    }
    return 0;
}

bool reemit_function(walk *w)
{
    const uint64_t function = next_function(w);
    if (function != EXPONENTIAL && function != ROOT) return false;
    const int k = function == ROOT;
    for (unsigned i = 0; i < COEFFICIENTS; i++) crl_isa_write_at(w->to, "coefficient", i, tables[k].coefficient[i]);
    for (unsigned i = 0; i < PLACES; i++) crl_isa_write_at(w->to, "place", i, tables[k].place[i]);
    crl_isa_write(w->to, "mode", 3);
    return true;
}

/* Words of two exponentials, one in each row of a buffer of four; how many there are is what the move before it brings. */
bool reemit_sum(walk *w)
{
    enum { ROWS = 4, UNITS = 4, INFINITE = 0x7f800000, INVERSE = 0x37800080 /* 1 / 65535 */ };
    if (!w->i || w->program->instructions[w->i - 1].opcode != CRL_ISA_WIDEN) return false;
    const uint32_t n = (uint32_t)crl_isa_get(words_of(w, w->i - 1), crl_isa_field_of(crl_isa_find(CRL_ISA_WIDEN), "count"), 0) + 1;
    const uint32_t times = (n + ROWS - 1) / ROWS, last = n % ROWS;
    const struct { const char *name; uint64_t value; } fields[] = {
        { "last", last ? last - 1 : 0 }, { "last_level", last > 0 }, { "out", crl_isa_read(w->at, "out") }, { "out_flags", 3 },
        { "par", crl_isa_read(w->at, "par") }, { "par_flags", 0x40 }, { "par_rows", ROWS }, { "par_last", last ? last - 1 : 0 },
        { "par_last_level", last > 0 }, { "par_skip", last ? UNITS * (ROWS - last) : 0 }, { "sum_flags", 0x840 }, { "waits", 1 }, { "par_level", 1 },
        { "op2", 0x16 }, { "group_level", 1 }, { "reduces", 3 }, { "last_channels", 3 }, { "channels", 3 }, { "function", ROOT },
        { "multiplier", INVERSE }, { "high", INFINITE }, { "low", INFINITE | UINT32_C(1) << 31 }
    };
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) crl_isa_write(w->to, fields[i].name, fields[i].value);
    for (unsigned k = 0; k < 8; k++) {
        crl_isa_write_at(w->to, "out_step", k, (uint64_t)(k < 4 ? 1 : -1));
        crl_isa_write_at(w->to, "par_step", k, (uint64_t)(k ? 1 - ROWS : 1));
    }
    crl_isa_write_at(w->to, "out_next", 7, 3);
    crl_isa_write_at(w->to, "par_next", 7, 1);
    crl_isa_write_at(w->to, "loop", 0, ROWS - 1), crl_isa_write_at(w->to, "loop", 1, times - 1);
    crl_isa_write_at(w->to, "par_count", 0, ROWS - 1), crl_isa_write_at(w->to, "par_count", 1, times - 1);
    crl_isa_write_at(w->to, "out_count", 0, 1);
    crl_isa_write_at(w->to, "sum_count", 0, n - 1);
    crl_isa_write_at(w->to, "counter", 0, 13), crl_isa_write_at(w->to, "level", 0, 1);
    crl_isa_write_at(w->to, "start", 0, 1), crl_isa_write_at(w->to, "each", 0, 1), crl_isa_write_at(w->to, "set", 0, 1);
    return true;
}
