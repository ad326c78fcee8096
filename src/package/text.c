/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions as lines of text, and back:
 *
 *   tensor tiles=0xffff sequence=214 loop=3,8,27,0,3 in=4096 ... multiplier=0.0022948 bits@1930=0x1
 *
 * Fields of several numbers end with the last that is not 0. What no field names is bits@PLACE. A float whose digits would not give
 * the same bits is written as 0x and its bits. */
#include <corallite/package.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "package/isa.h"

enum { MOST_BYTES = CRL_ISA_WORD * CRL_ISA_MOST_WORDS, PIECE = 32 };

typedef struct line {
    char *text;
    size_t size, n; /* n goes on where the text ends */
} line;

static void add(line *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void add(line *l, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const int n = vsnprintf(l->n < l->size ? l->text + l->n : NULL, l->n < l->size ? l->size - l->n : 0, fmt, args);
    va_end(args);
    if (n > 0) l->n += (size_t)n;
}

/* What only matters to who writes the same words again. */
static bool is_detail(const char *name)
{
    static const char *const details[] = { "sequence", "in_low", "out_low", "par_low", "sum_low", "in_next", "out_next", "par_next", "sum_next",
                                           "in_step", "out_step", "par_step", "sum_step", "in_count", "out_count", "par_count",
                                           "sum_count", "in_flags", "out_flags", "par_flags", "sum_flags", "op0", "op2", "op3", "set",
                                           "levels", "to_levels", "out_level", "par_level", "group_level", "scaling", "rewind" };
    for (size_t i = 0; i < sizeof details / sizeof details[0]; i++)
        if (!strcmp(name, details[i])) return true;
    return false;
}

static void add_value(line *l, const crl_isa_field *f, uint64_t v)
{
    const uint32_t bits = (uint32_t)v;
    float x;
    char digits[32];
    switch ((crl_isa_kind)f->kind) {
    case CRL_ISA_UNSIGNED: add(l, "%llu", (unsigned long long)v); return;
    case CRL_ISA_SIGNED: add(l, "%lld", (long long)crl_isa_signed(v, f->width)); return;
    case CRL_ISA_FLOAT: {
        memcpy(&x, &bits, sizeof x);
        snprintf(digits, sizeof digits, "%.9g", (double)x);
        const float again = strtof(digits, NULL);
        if (strspn(digits, "-+.0123456789e") == strlen(digits) && !memcmp(&again, &x, sizeof x)) {
            add(l, "%s", digits);
            return;
        }
        break;
    }
    case CRL_ISA_MASK:
    case CRL_ISA_RAW: break;
    }
    add(l, "0x%llx", (unsigned long long)v);
}

static void add_field(line *l, const uint8_t *at, const crl_isa_field *f)
{
    int n = f->n;
    while (n && !crl_isa_get(at, f, (unsigned)n - 1)) n--;
    if (!n) return;
    add(l, " %s=", f->name);
    for (int k = 0; k < n; k++) {
        if (k) add(l, ",");
        add_value(l, f, crl_isa_get(at, f, (unsigned)k));
    }
}

/* Bits that no field names. */
static void add_rest(line *l, const uint8_t *at, const crl_isa_op *op)
{
    uint8_t rest[MOST_BYTES + 8] = { 0 };
    const unsigned bits = op->words * 128u;
    memcpy(rest, at, bits / 8);
    for (int32_t i = 0; i < op->n_fields; i++)
        for (unsigned k = 0; k < op->fields[i].n; k++) crl_isa_set(rest, &op->fields[i], k, 0);
    for (unsigned b = 0; b < bits; b++) {
        if (!(rest[b / 8] >> b % 8 & 1)) continue;
        const unsigned n = bits - b < PIECE ? bits - b : PIECE;
        add(l, " bits@%u=0x%llx", b, (unsigned long long)crl_isa_bits(rest, b, n));
        b += n - 1;
    }
}

size_t crl_instruction_text(const crl_disassembly *p, int32_t i, bool whole, char *text, size_t size)
{
    const crl_instruction *in = &p->instructions[i];
    const uint8_t *at = p->executable->chunks[in->chunk].bytes + (size_t)in->word * CRL_ISA_WORD;
    const crl_isa_op *op = crl_isa_find((unsigned)in->opcode);
    line l = { text, size, 0 };
    if (size) *text = 0;
    add(&l, "%s", op->name);
    for (int32_t k = 0; k < op->n_fields; k++) {
        const crl_isa_field *f = &op->fields[k];
        if (strcmp(f->name, "opcode") && (whole || !is_detail(f->name))) add_field(&l, at, f);
    }
    if (whole) add_rest(&l, at, op);
    return l.n;
}

/* ---- and back ---------------------------------------------------------------------------------- */

typedef struct assembler {
    uint8_t *bytes;
    size_t size, room;
    int line;
    crl_error *err;
} assembler;

static crl_status refuse(const assembler *a, const char *what, const char *word)
{
    return crl_fail(a->err, CRL_ERR_FORMAT, "line %d: \"%.60s\" %s", a->line, word, what);
}

/* Room for an instruction of the greatest length. The bytes are for the caller's free(). */
static crl_status grow(assembler *a)
{
    if (a->room - a->size >= MOST_BYTES) return CRL_OK;
    const size_t room = 2 * a->room + 16 * (size_t)MOST_BYTES;
    uint8_t *larger = crl_alloc_allowed(room) ? realloc(a->bytes, room) : NULL;
    if (!larger) return crl_fail_memory(a->err, "a program");
    a->bytes = larger;
    a->room = room;
    return CRL_OK;
}

static const crl_isa_op *find_name(const char *name)
{
    for (int32_t i = 0; i < crl_isa_n_ops; i++)
        if (!strcmp(crl_isa_ops[i].name, name)) return &crl_isa_ops[i];
    return NULL;
}

/* A number of `width` bits; false: it is none, or does not fit. `*end` is behind it. */
static bool read_number(const char *text, const crl_isa_field *f, char **end, uint64_t *v)
{
    const bool hex = text[0] == '0' && text[1] == 'x';
    const uint64_t most = ((uint64_t)1 << f->width) - 1;
    errno = 0;
    if (f->kind == CRL_ISA_FLOAT && !hex) {
        const float x = strtof(text, end);
        uint32_t bits;
        memcpy(&bits, &x, sizeof bits);
        *v = bits;
        return *end != text;
    }
    if (f->kind == CRL_ISA_SIGNED && !hex) {
        const long long x = strtoll(text, end, 10), limit = (long long)1 << (f->width - 1);
        *v = (uint64_t)x & most;
        return *end != text && !errno && x >= -limit && x < limit;
    }
    *v = strtoull(text, end, hex ? 16 : 10);
    return *end != text && *text != '-' && !errno && *v <= most;
}

/* "name=1,2,3" or "bits@7=0x1" */
static crl_status put_word(const assembler *a, uint8_t *at, const crl_isa_op *op, char *word)
{
    char *equals = strchr(word, '='), *end;
    if (!equals) return refuse(a, "is no field=value", word);
    *equals = 0;
    if (!strncmp(word, "bits@", 5)) {
        const unsigned long bit = strtoul(word + 5, &end, 10);
        const crl_isa_field rest = { "", (uint16_t)bit, PIECE, CRL_ISA_MASK, 1, 0 };
        uint64_t v;
        if (*end || end == word + 5 || bit >= op->words * 128u) return refuse(a, "is no bit of this instruction", word);
        if (!read_number(equals + 1, &rest, &end, &v) || *end) return refuse(a, "is no number of 32 bits", equals + 1);
        for (unsigned i = 0; i < PIECE && v >> i; i++) {
            if (bit + i >= op->words * 128u) return refuse(a, "reaches behind the instruction", word);
            if (v >> i & 1) crl_isa_put(at, (unsigned)bit + i, 1, 1);
        }
        return CRL_OK;
    }
    const crl_isa_field *f = crl_isa_field_of(op, word);
    if (!f || !strcmp(word, "opcode")) return refuse(a, "is no field of this instruction", word);
    end = equals;
    for (unsigned k = 0; !k || *end; k++) {
        const char *from = end + 1;
        uint64_t v;
        if (k == f->n) return refuse(a, "has too many numbers", word);
        if (!read_number(from, f, &end, &v) || (*end && *end != ',')) return refuse(a, "is no number that fits here", from);
        crl_isa_set(at, f, k, v);
    }
    return CRL_OK;
}

static crl_status put_line(assembler *a, char *text)
{
    char *rest, *word = strtok_r(text, " \t\r", &rest);
    if (!word) return CRL_OK;
    const crl_isa_op *op = find_name(word);
    if (!op) return refuse(a, "is no instruction", word);
    crl_status s = grow(a);
    if (s) return s;
    uint8_t at[MOST_BYTES + 8] = { 0 };
    at[0] = (uint8_t)(op->opcode << 6);
    at[1] = (uint8_t)(op->opcode >> 2);
    while (!s && (word = strtok_r(NULL, " \t\r", &rest))) s = put_word(a, at, op, word);
    memcpy(a->bytes + a->size, at, op->words * (size_t)CRL_ISA_WORD);
    a->size += op->words * (size_t)CRL_ISA_WORD;
    return s;
}

crl_status crl_assemble(const char *text, uint8_t **bytes, size_t *size, crl_error *err)
{
    *bytes = NULL;
    *size = 0;
    assembler a = { .err = err };
    size_t longest = 0;
    for (const char *p = text; *p; p += *p == '\n') {
        const size_t n = strcspn(p, "\n");
        longest = n > longest ? n : longest;
        p += n;
    }
    char *copy = crl_alloc(longest + 1);
    crl_status s = copy ? grow(&a) : crl_fail_memory(err, "a line");
    while (!s && *text) {
        const size_t n = strcspn(text, "\n");
        memcpy(copy, text, n);
        copy[n] = 0;
        copy[strcspn(copy, "#")] = 0;
        a.line++;
        s = put_line(&a, copy);
        text += n + (text[n] == '\n');
    }
    crl_free(copy);
    if (s) {
        free(a.bytes);
        return s;
    }
    *bytes = a.bytes;
    *size = a.size;
    return CRL_OK;
}
