/* SPDX-License-Identifier: Apache-2.0 */
/* A softmax on the tiles, as compilers of 2021 have it: the functions that it loads, and the sum of its exponentials. */
#include "reemit.h"

#include "compile/codegen/functions.h"

enum { EXPONENTIAL = 5, ROOT = 7 };

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
    crl_function_write(w->to, function == ROOT ? CRL_FUNCTION_ROOT : CRL_FUNCTION_EXPONENTIAL);
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
