/* SPDX-License-Identifier: Apache-2.0 */
/* See isa.h. */
#include "package/isa.h"

#include <assert.h>
#include <string.h>

const crl_isa_op *crl_isa_find(unsigned opcode)
{
    for (int32_t i = 0; i < crl_isa_n_ops; i++)
        if (crl_isa_ops[i].opcode == opcode) return &crl_isa_ops[i];
    return NULL;
}

const crl_isa_field *crl_isa_field_of(const crl_isa_op *op, const char *name)
{
    for (int32_t i = 0; i < op->n_fields; i++)
        if (!strcmp(op->fields[i].name, name)) return &op->fields[i];
    return NULL;
}

uint64_t crl_isa_bits(const uint8_t *at, unsigned first, unsigned width)
{
    uint64_t v = 0;
    const unsigned from = first / 8, n = (first + width + 7) / 8 - from;
    for (unsigned i = 0; i < n; i++) v |= (uint64_t)at[from + i] << 8 * i;
    return v >> first % 8 & (((uint64_t)1 << width) - 1);
}

void crl_isa_put(uint8_t *at, unsigned first, unsigned width, uint64_t value)
{
    const unsigned from = first / 8, n = (first + width + 7) / 8 - from;
    const uint64_t mask = (((uint64_t)1 << width) - 1) << first % 8;
    value = value << first % 8 & mask;
    for (unsigned i = 0; i < n; i++) at[from + i] = (uint8_t)((at[from + i] & ~(mask >> 8 * i)) | value >> 8 * i);
}

static const crl_isa_field *field_at(const uint8_t *at, const char *name)
{
    const crl_isa_op *op = crl_isa_find(crl_isa_opcode(at));
    const crl_isa_field *f = op ? crl_isa_field_of(op, name) : NULL;
    assert(f);
    return f;
}

uint64_t crl_isa_read(const uint8_t *at, const char *name)
{
    return crl_isa_get(at, field_at(at, name), 0);
}

void crl_isa_write(uint8_t *at, const char *name, uint64_t value)
{
    crl_isa_set(at, field_at(at, name), 0, value);
}
