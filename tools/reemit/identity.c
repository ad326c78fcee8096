/* SPDX-License-Identifier: Apache-2.0 */
/* The 4 x 4 identity by which words are copied: four fills of a word each, sometimes 64 words of zeros behind them, and
 * a row of wide memory, or two. */
#include "reemit.h"

#include "compile/codegen/moves.h"

enum { FILLS = 4, ZEROS = 64 };

static const uint8_t *words_of(const walk *w, int32_t i)
{
    const crl_instruction *in = &w->program->instructions[i];
    return w->executable->chunks[in->chunk].bytes + (size_t)in->word * CRL_ISA_WORD;
}

static bool is_fill(const walk *w, int32_t i)
{
    return i >= 0 && i < w->program->n && w->program->instructions[i].opcode == CRL_ISA_NORTH && crl_isa_read(words_of(w, i), "fills");
}

/* Fills one behind the other that end here, and all of the run. */
static int32_t fills_to(const walk *w, int32_t i)
{
    int32_t n = 0;
    while (is_fill(w, i - n)) n++;
    return n;
}

static int32_t run_at(const walk *w, int32_t i)
{
    int32_t end = i;
    while (is_fill(w, end + 1)) end++;
    return fills_to(w, end);
}

bool reemit_fill(walk *w)
{
    const int32_t run = run_at(w, w->i), k = fills_to(w, w->i) - 1;
    if (k < 0 || (run != FILLS && run != FILLS + 1)) return false;
    const bool zeros = k == FILLS;
    crl_isa_write(w->to, "to", crl_isa_read(w->at, "to"));
    crl_walk_write(w->to, "to_step", "to_count", 1, (crl_level[]){ { 1, zeros ? ZEROS : 1 } });
    crl_isa_write(w->to, "to_levels", zeros);
    crl_isa_write(w->to, "to_mode", k == run - 1 && run == FILLS ? 3 : 0); /* a move waits for the last of four; behind five there is a fence */
    crl_isa_write(w->to, "fills", 1);
    crl_isa_write(w->to, "fill", zeros ? 0 : UINT64_C(1) << 8 * k);
    return true;
}

/* Words that fills have announced, since that was set back. */
void reemit_count_fills(walk *w)
{
    const int32_t opcode = w->program->instructions[w->i].opcode;
    if (opcode == CRL_ISA_FENCE && crl_isa_read(w->at, "counters") >> CRL_SOUTH_IN & 1) w->filled = 0;
    if (is_fill(w, w->i)) w->filled += crl_isa_read(w->at, "to_mode") & 1;
}

bool reemit_identity(walk *w)
{
    const bool fenced = w->i && w->program->instructions[w->i - 1].opcode == CRL_ISA_FENCE;
    const int32_t last = w->i - 1 - fenced, run = fills_to(w, last);
    if (run != FILLS + fenced) return false;
    const int32_t words = fenced ? FILLS + ZEROS : FILLS;
    crl_isa_write(w->to, "from", crl_isa_read(words_of(w, last - run + 1), "to") / CRL_WORD);
    crl_walk_write(w->to, "step", "count", 1, (crl_level[]){ { 1, words } });
    crl_isa_write(w->to, "levels", 1);
    crl_isa_write(w->to, "to", crl_isa_read(w->at, "to"));
    crl_walk_write(w->to, "to_step", "to_count", 1, (crl_level[]){ { 1, fenced ? 2 : 1 } });
    crl_isa_write(w->to, "to_levels", fenced);
    if (!fenced) crl_record_write(w->to, 0, (crl_record){ CRL_SOUTH_IN, 1, w->filled, 0, false });
    if (!fenced || w->release.merged) crl_record_write(w->to, !fenced, crl_record_end);
    crl_isa_write(w->to, "done_at", 1);
    if (w->release.merged) crl_isa_put(w->to, CRL_WIDEN_RECORD, 2, 3); /* it counts; before, a fence waits for it */
    return true;
}
