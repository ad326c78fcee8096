/* SPDX-License-Identifier: Apache-2.0 */
/* Programs: divided into instructions, written as text, and the same words made of the text again. */
#include <corallite/package.h>

#include <stdlib.h>
#include <string.h>

#include "areas.h"
#include "check.h"
#include "make.h"
#include "package/isa.h"
#include "real.h"

/* All lines of a program, whole, and all its words. Both for free(). */
static char *disassemble(const crl_disassembly *p, uint8_t **words, size_t *size)
{
    size_t n = 0, at = 0;
    *size = 0;
    for (int32_t i = 0; i < p->n; i++) {
        n += crl_instruction_text(p, i, true, NULL, 0) + 1;
        *size += (size_t)p->instructions[i].words * CRL_ISA_WORD;
    }
    char *text = calloc(n + 1, 1);
    *words = calloc(*size, 1);
    size_t word = 0;
    for (int32_t i = 0; i < p->n && text && *words; i++) {
        const crl_instruction *in = &p->instructions[i];
        at += crl_instruction_text(p, i, true, text + at, n + 1 - at);
        text[at++] = '\n';
        memcpy(*words + word, p->executable->chunks[in->chunk].bytes + (size_t)in->word * CRL_ISA_WORD, (size_t)in->words * CRL_ISA_WORD);
        word += (size_t)in->words * CRL_ISA_WORD;
    }
    return text;
}

static void goes_round(check *t, const char *name, const crl_executable *e)
{
    crl_disassembly *p;
    crl_error err = { .text = "" };
    if (!check_that(t, !crl_disassemble(&p, e, &err), "%s: %s", name, err.text)) return;
    uint8_t *words, *again = NULL;
    size_t size, n = 0, bytes = 0;
    char *text = disassemble(p, &words, &size);
    for (int32_t i = 0; i < e->n_chunks; i++) bytes += e->chunks[i].size;
    check_that(t, bytes == size, "%s: instructions of %zu bytes in chunks of %zu", name, size, bytes);
    if (check_that(t, !crl_assemble(text, &again, &n, &err), "%s: %s", name, err.text))
        check_that(t, n == size && !memcmp(words, again, size), "%s: other words came back", name);
    for (int32_t i = 0; i < p->n; i++)
        if (!check_that(t, crl_instruction_role(p, i) && crl_instruction_text(p, i, false, NULL, 0) > 2, "%s: instruction %d", name, i)) break;
    free(text);
    free(words);
    free(again);
    crl_disassembly_free(p);
}

static void both_go_round(check *t, const char *name, const crl_package *p)
{
    for (int32_t i = 0; i < p->n_executables; i++) goes_round(t, name, &p->executables[i]);
}

static void real_programs_go_round(check *t, unsigned cpu)
{
    (void)cpu;
    real_packages(t, both_go_round);
}

/* Any bits at all, of every opcode. */
static void noise_goes_round(check *t, unsigned cpu)
{
    (void)cpu;
    for (int round = 0; round < check_rounds(t, 60); round++) {
        uint8_t bytes[40 * CRL_ISA_MOST_WORDS * CRL_ISA_WORD];
        size_t n = 0;
        for (int32_t i = 0; i < crl_isa_n_ops; i++) {
            const size_t size = crl_isa_ops[i].words * (size_t)CRL_ISA_WORD;
            if (round % 2)
                check_fill(t, bytes + n, size);
            else
                memset(bytes + n, round & 2 ? 0xff : 0, size);
            crl_isa_put(bytes + n, 6, 6, crl_isa_ops[i].opcode);
            n += size;
        }
        const crl_chunk chunk = { .bytes = bytes, .size = n };
        const crl_executable e = { .chunks = &chunk, .n_chunks = 1 };
        goes_round(t, "noise", &e);
    }
}

static void accesses_bits(check *t, unsigned cpu)
{
    (void)cpu;
    for (int round = 0; round < check_rounds(t, 3000); round++) {
        uint8_t bytes[16], before[16];
        check_fill(t, bytes, sizeof bytes);
        memcpy(before, bytes, sizeof bytes);
        const unsigned width = (unsigned)check_range(t, 1, 37), first = (unsigned)check_range(t, 0, 128 - (int)width);
        const uint64_t v = check_random(t) & (((uint64_t)1 << width) - 1);
        crl_isa_put(bytes, first, width, v);
        check_that(t, crl_isa_bits(bytes, first, width) == v, "%u bits at %u", width, first);
        for (unsigned b = 0; b < 128; b++)
            if (b < first || b >= first + width)
                check_that(t, !((bytes[b / 8] ^ before[b / 8]) >> b % 8 & 1), "%u bits at %u: bit %u changed", width, first, b);
    }
    check_that(t, crl_isa_signed(0x1ffff, 17) == -1 && crl_isa_signed(0xffff, 17) == 65535, "signs");
}

static void refuses_broken_programs(check *t, unsigned cpu)
{
    (void)cpu;
    made m;
    made_begin(&m);
    crl_chunk chunk = { .bytes = m.program[0], .size = 112 };
    const crl_executable e = { .chunks = &chunk, .n_chunks = 1 };
    crl_disassembly *p;
    crl_error err = { .text = "" };
    check_that(t, !crl_disassemble(&p, &e, &err) && p->n == 7 && p->instructions[1].opcode == CRL_ISA_HALT, "%s", err.text);
    crl_disassembly_free(p);
    crl_isa_put(m.program[0] + 32, 6, 6, 0);
    check_that(t, crl_disassemble(&p, &e, &err) && !p && strstr(err.text, "word 2 of 7 has the opcode 00"), "%s", err.text);
    crl_isa_put(m.program[0] + 32, 6, 6, CRL_ISA_TENSOR);
    check_that(t, crl_disassemble(&p, &e, &err) && !p && strstr(err.text, "ends in the tensor of 17 words at word 2 of 7"), "%s", err.text);
    made_end(&m);
}

static void refuses_broken_text(check *t, unsigned cpu)
{
    (void)cpu;
    static const struct {
        const char *text, *says;
    } cases[] = {
        { "stop", "line 1: \"stop\" is no instruction" },
        { "\n# nothing\nhalt code=32", "line 3: \"32\" is no number that fits here" },
        { "halt code=-1", "no number that fits" },
        { "halt code", "no field=value" },
        { "halt code=1,2", "too many numbers" },
        { "halt codes=1", "\"codes\" is no field" },
        { "halt opcode=1", "no field" },
        { "halt bits@128=0x1", "no bit of this instruction" },
        { "halt bits@127=0x3", "reaches behind" },
        { "halt bits@x=0x1", "no bit" },
        { "tensor offset=2147483648", "no number" },
        { "tensor loop=1,,2", "no number" },
        { "tensor multiplier=", "no number" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t *bytes;
        size_t n;
        crl_error err = { .text = "" };
        const crl_status s = crl_assemble(cases[i].text, &bytes, &n, &err);
        check_that(t, s && !bytes && strstr(err.text, cases[i].says), "%s: \"%s\"", cases[i].text, err.text);
        free(bytes);
    }
    uint8_t *bytes;
    size_t n;
    crl_error err = { .text = "" };
    if (check_that(t, !crl_assemble("halt code=4 # of the last\n\nend bits=128", &bytes, &n, &err), "%s", err.text)) {
        check_that(t, n == 32 && crl_isa_read(bytes, "code") == 4 && crl_isa_opcode(bytes + 16) == CRL_ISA_END, "two instructions");
        free(bytes);
    }
}

int area_program(int argc, char **argv)
{
    static const check_case cases[] = {
        { "accesses_bits", accesses_bits, false },
        { "noise_goes_round", noise_goes_round, false },
        { "real_programs_go_round", real_programs_go_round, false },
        { "refuses_broken_programs", refuses_broken_programs, false },
        { "refuses_broken_text", refuses_broken_text, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
