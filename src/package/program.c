/* SPDX-License-Identifier: Apache-2.0 */
/* From chunks to instructions. */
#include <corallite/package.h>

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "package/isa.h"

typedef struct holder {
    crl_disassembly program; /* first */
    crl_instruction instructions[];
} holder;

/* Walks a chunk from `at`, the number of instructions so far. `to` NULL: they are only counted. Returns their number, -1 after a fault. */
static int32_t walk(const crl_executable *e, int32_t chunk, int32_t at, crl_instruction *to, crl_error *err)
{
    const crl_chunk *c = &e->chunks[chunk];
    const int32_t words = (int32_t)(c->size / CRL_ISA_WORD);
    for (int32_t word = 0; word < words;) {
        const unsigned opcode = crl_isa_opcode(c->bytes + (size_t)word * CRL_ISA_WORD);
        const crl_isa_op *op = crl_isa_find(opcode);
        if (!op) {
            crl_fail(err, CRL_ERR_FORMAT, "chunk %d: word %d of %d has the opcode %02x, which is not known", chunk, word, words, opcode);
            return -1;
        }
        if (op->words > words - word) {
            crl_fail(err, CRL_ERR_FORMAT, "chunk %d: it ends in the %s of %d words at word %d of %d", chunk, op->name, op->words, word, words);
            return -1;
        }
        if (to)
            to[at] = (crl_instruction){ .chunk = chunk, .word = word, .words = op->words, .opcode = op->opcode, .name = op->name };
        at++;
        word += op->words;
    }
    return at;
}

crl_status crl_disassemble(crl_disassembly **out, const crl_executable *e, crl_error *err)
{
    *out = NULL;
    int32_t n = 0;
    for (int32_t i = 0; i < e->n_chunks; i++)
        if ((n = walk(e, i, n, NULL, err)) < 0) return CRL_ERR_FORMAT;
    holder *h = crl_alloc(sizeof *h + (size_t)n * sizeof *h->instructions);
    if (!h) return crl_fail_memory(err, "a program");
    for (int32_t i = 0, at = 0; i < e->n_chunks; i++) at = walk(e, i, at, h->instructions, NULL);
    h->program = (crl_disassembly){ .instructions = h->instructions, .n = n, .executable = e };
    *out = &h->program;
    return CRL_OK;
}

void crl_disassembly_free(crl_disassembly *program)
{
    crl_free(program);
}

/* ---- what they are for ------------------------------------------------------------------------ */

/* By the counters that the engine waits for: docs/formats/edgetpu-isa.md. */
static const char *tensor_role(const uint8_t *at)
{
    enum { NARROWED = 11, SCALED = 12, WIDENED = 13, READ = 14, READ2 = 15 };
    const crl_isa_field *counter = crl_isa_field_of(crl_isa_find(crl_isa_opcode(at)), "counter");
    switch (crl_isa_opcode(at)) {
    case CRL_ISA_MAX: return "maximum";
    case CRL_ISA_SUM: return "sum";
    case CRL_ISA_TENSOR5: return "";
    default: break;
    }
    switch (crl_isa_get(at, counter, 0)) {
    case READ2: return "convolution";
    case READ: return crl_isa_read(at, "channels") == 3 ? "depthwise, or few channels" : "convolution";
    case SCALED: return "dense layer";
    case WIDENED: return "element-wise";
    case NARROWED: return "copy of an input";
    default: return "pool or copy";
    }
}

static const char *mesh_role(const uint8_t *at)
{
    if (crl_isa_read(at, "fills")) return "fill";
    const bool sends = crl_isa_read(at, "mode") != 0, takes = crl_isa_read(at, "to_mode") != 0;
    return sends && takes ? "pass on" : sends ? "send" : takes ? "receive" : "exchange";
}

static const char *fence_role(const uint8_t *at)
{
    if (crl_isa_read(at, "last")) return "end of the program";
    if (crl_isa_read(at, "counters")) return crl_isa_read(at, "value") ? "wait for counters" : "counters back to 0";
    return crl_isa_read(at, "token") ? "drain, and tell the scalar core" : "drain";
}

static const char *alu_role(const uint8_t *at)
{
    switch (crl_isa_read(at, "store")) {
    case 0x4:
    case 0x6:
    case 0x2: return "store";
    case 0x8: return "push into a transfer";
    case 0xa: return "describe a transfer";
    case 0xc: return "issue a transfer";
    default: break;
    }
    if (crl_isa_read(at, "special")) return "special function";
    if (crl_isa_read(at, "load")) return "load";
    return crl_isa_read(at, "operation") ? "" : "nothing";
}

static const char *wait_role(const uint8_t *at)
{
    if (crl_isa_read(at, "for_tokens")) return "for tiles";
    if (crl_isa_read(at, "counters")) return crl_isa_read(at, "waits") ? "for counters" : "set counters";
    return "for units";
}

static const char *narrow_role(const uint8_t *at)
{
    static const char *const roles[] = { "receive from the ring", "slice of an input", "bias load", "" };
    return roles[crl_isa_read(at, "mode")];
}

static const char *produce_role(const uint8_t *at)
{
    switch (crl_isa_read(at, "role")) {
    case 20: return "output";
    case 4: return "parameters";
    case 12: return "to the scalar core";
    default: return "";
    }
}

const char *crl_instruction_role(const crl_disassembly *p, int32_t i)
{
    const crl_instruction *in = &p->instructions[i];
    const uint8_t *at = p->executable->chunks[in->chunk].bytes + (size_t)in->word * CRL_ISA_WORD;
    switch (in->opcode) {
    case CRL_ISA_TENSOR:
    case CRL_ISA_MAX:
    case CRL_ISA_SUM:
    case CRL_ISA_TENSOR5: return tensor_role(at);
    case CRL_ISA_SOUTH:
    case CRL_ISA_SOUTH + 1:
    case CRL_ISA_SOUTH + 2:
    case CRL_ISA_EAST: return mesh_role(at);
    case CRL_ISA_FENCE: return fence_role(at);
    case CRL_ISA_ALU: return alu_role(at);
    case CRL_ISA_WAIT: return wait_role(at);
    case CRL_ISA_NARROW: return narrow_role(at);
    case CRL_ISA_PRODUCE: return produce_role(at);
    case CRL_ISA_WIDEN: return crl_isa_read(at, "transpose") ? "transpose for a pool" : "";
    case CRL_ISA_POP: return crl_isa_read(at, "activations") ? "input" : "parameters";
    case CRL_ISA_INFEED:
        return crl_isa_read(at, "from_scalar") ? "from the scalar core" : crl_isa_read(at, "activations") ? "input" : "parameters";
    case CRL_ISA_OUTFEED: return crl_isa_read(at, "to_scalar") ? "to the scalar core" : "to the host";
    case CRL_ISA_HALT: return crl_isa_read(at, "code") == 4 ? "of the last chunk" : "another chunk follows";
    default: return "";
    }
}
