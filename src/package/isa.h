/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions and their fields as data. isa_table.c is written by tools/gen_isa.py from tools/edgetpu_isa.txt, and so is
 * docs/formats/edgetpu-isa.md.
 *
 *   const crl_isa_op *op = crl_isa_find(crl_isa_opcode(at));
 *   crl_isa_get(at, crl_isa_field_of(op, "multiplier"), 0) */
#ifndef CRL_PACKAGE_ISA_H
#define CRL_PACKAGE_ISA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CRL_ISA_WORD = 16, CRL_ISA_MOST_WORDS = 17 };

/* Opcodes that code asks for. */
enum {
    CRL_ISA_TENSOR = 0x01,
    CRL_ISA_MAX = 0x02,
    CRL_ISA_SUM = 0x03,
    CRL_ISA_TENSOR5 = 0x05,
    CRL_ISA_PRODUCE = 0x10,
    CRL_ISA_CONSUME = 0x11,
    CRL_ISA_CONSUME2 = 0x12,
    CRL_ISA_WIDEN = 0x13,
    CRL_ISA_NARROW = 0x14,
    CRL_ISA_SOUTH = 0x15,
    CRL_ISA_WEST = 0x16,
    CRL_ISA_NORTH = 0x17,
    CRL_ISA_EAST = 0x18,
    CRL_ISA_TABLE = 0x19,
    CRL_ISA_FENCE = 0x1a,
    CRL_ISA_ALU = 0x20,
    CRL_ISA_HALT = 0x21,
    CRL_ISA_BRANCH = 0x22,
    CRL_ISA_LOOP = 0x23,
    CRL_ISA_WAIT = 0x24,
    CRL_ISA_POP = 0x25,
    CRL_ISA_INFEED = 0x26,
    CRL_ISA_OUTFEED = 0x27,
    CRL_ISA_START = 0x3e,
    CRL_ISA_END = 0x3f
};

typedef enum crl_isa_kind {
    CRL_ISA_UNSIGNED,
    CRL_ISA_SIGNED,
    CRL_ISA_FLOAT,
    CRL_ISA_MASK, /* shown in hex */
    CRL_ISA_RAW   /* a float or anything else, shown in hex */
} crl_isa_kind;

typedef struct crl_isa_field {
    const char *name;
    uint16_t first; /* bit, from the lowest of the instruction */
    uint8_t width;  /* at most 37 */
    uint8_t kind;
    uint8_t n, pitch; /* so many of them, bits from one to the next */
} crl_isa_field;

typedef struct crl_isa_op {
    uint8_t opcode, words;
    const char *name;
    const crl_isa_field *fields; /* by their first bits */
    int32_t n_fields;
} crl_isa_op;

extern const crl_isa_op crl_isa_ops[]; /* by opcode */
extern const int32_t crl_isa_n_ops;

/* NULL: there is none. */
const crl_isa_op *crl_isa_find(unsigned opcode);
const crl_isa_field *crl_isa_field_of(const crl_isa_op *op, const char *name);

static inline unsigned crl_isa_opcode(const uint8_t *at)
{
    return (at[0] >> 6) | (at[1] & 15u) << 2;
}

/* Bits of an instruction, `width` at most 57. */
uint64_t crl_isa_bits(const uint8_t *at, unsigned first, unsigned width);
void crl_isa_put(uint8_t *at, unsigned first, unsigned width, uint64_t value);

/* Number `k` of a field, as it stands there. */
static inline uint64_t crl_isa_get(const uint8_t *at, const crl_isa_field *f, unsigned k)
{
    return crl_isa_bits(at, f->first + k * f->pitch, f->width);
}

static inline void crl_isa_set(uint8_t *at, const crl_isa_field *f, unsigned k, uint64_t value)
{
    crl_isa_put(at, f->first + k * f->pitch, f->width, value);
}

static inline int64_t crl_isa_signed(uint64_t value, unsigned width)
{
    return (int64_t)(value << (64 - width)) >> (64 - width);
}

/* A field by its name, of an instruction whose opcode has it (assert). */
uint64_t crl_isa_read(const uint8_t *at, const char *name);
void crl_isa_write(uint8_t *at, const char *name, uint64_t value);

#endif
