/* SPDX-License-Identifier: Apache-2.0 */
/* See edit.h. */
#include "compile/edit.h"

#include <string.h>

#include "package/isa.h"

uint8_t *crl_edit_at(const crl_edit *e, int32_t i)
{
    const crl_instruction *in = &e->program->instructions[i];
    const crl_chunk *chunk = &e->program->executable->chunks[in->chunk];
    return e->to + (chunk->bytes - e->from) + (size_t)in->word * CRL_ISA_WORD;
}

/* ---- tensor instructions ---------------------------------------------------------------------- */

static const char *const names[CRL_CONSTANTS] = { "weight_zero", "in_zero", "multiplier", "high", "low", "offset", "out_zero" };

crl_constants crl_edit_read(const uint8_t *at)
{
    uint32_t v[CRL_CONSTANTS];
    for (int i = 0; i < CRL_CONSTANTS; i++) v[i] = (uint32_t)crl_isa_read(at, names[i]);
    return (crl_constants){ v[0], v[1], v[2], v[3], v[4], v[5], v[6] };
}

void crl_edit_write(uint8_t *at, const crl_constants *c)
{
    const uint32_t v[CRL_CONSTANTS] = { c->weight_zero, c->in_zero, c->multiplier, c->high, c->low, c->offset, c->out_zero };
    for (int i = 0; i < CRL_CONSTANTS; i++) crl_isa_write(at, names[i], v[i]);
}

bool crl_edit_same(const crl_constants *a, const crl_constants *b)
{
    return !memcmp(a, b, sizeof *a);
}

static float float_of(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* What moves numbers as they are, or belongs to no scale: helpers of a softmax that the releases of 2021 and later compute on tiles. */
static bool depends_on_nothing(const crl_constants *c)
{
    static const float fixed[] = { 1.0f, 1.52590219e-05f /* 1 / 65535 */, 1.19214164e-07f };
    const float high = float_of(c->high), low = float_of(c->low);
    bool known = false;
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++) known |= float_of(c->multiplier) == fixed[i];
    const bool wide = high > 1e30f && low < -1e30f;
    return known && !c->weight_zero && !c->in_zero && !c->offset && !c->out_zero &&
           (wide || (low == 0 && (high == 255 || high == 32768 || high == 65535)));
}

/* Of the pairs that have the constants of an instruction, the next one after `from`; -1: there is none. What the operator `last`, whose
 * instructions came before, was computed from cannot come behind it; `last` -1: all may. */
static int32_t next_pair(crl_edit *e, const crl_constants *now, int per_channel, int32_t last, int32_t from)
{
    for (int32_t k = from + 1; k < e->constants->n && e->work; k++) {
        const crl_constants_pair *p = &e->constants->pairs[k];
        const uint64_t cost = last < 0 ? 1 : 1 + (uint64_t)last; /* of looking back from `last` */
        e->work = e->work > cost ? e->work - cost : 0;
        if (!crl_edit_same(&p->side[0], now) || (p->per_channel >= 0 && p->per_channel != per_channel)) continue;
        if (last < 0 || p->op < 0 || !crl_twin_needs(e->twin, last, p->op)) return k;
    }
    return -1;
}

/* The pair that all agree with; -1: there is none, -2: they do not agree. */
static int32_t agreed(crl_edit *e, const crl_constants *now, int per_channel, int32_t last)
{
    const int32_t first = next_pair(e, now, per_channel, last, -1);
    for (int32_t k = first; k >= 0; k = next_pair(e, now, per_channel, last, k))
        if (!crl_edit_same(&e->constants->pairs[k].side[1], &e->constants->pairs[first].side[1])) return -2;
    return first;
}

/* `last` is the operator before; `*op` becomes the one that the instruction belongs to: -1 where that is none. */
static crl_status edit_tensor(crl_edit *e, int32_t i, int32_t last, int32_t *op)
{
    uint8_t *at = crl_edit_at(e, i);
    const crl_constants now = crl_edit_read(at);
    const int per_channel = (int)crl_isa_read(at, "per_channel");
    int32_t k = agreed(e, &now, per_channel, -1);
    if (k == -2) k = agreed(e, &now, per_channel, last);
    *op = -1;
    e->tensors++;
    if (!e->work)
        return crl_fail(e->err, CRL_ERR_UNSUPPORTED, "the template has too many instructions, and its model too many operators, to be compared");
    if (k == -2)
        return crl_fail(e->err, CRL_ERR_UNSUPPORTED,
                        "instruction %d %s may belong to several operators, with the same constants in the template's model and others in this one; take "
                        "a template whose layers differ in their scales", i, e->program->instructions[i].name);
    if (k >= 0) {
        e->named++;
        *op = e->constants->pairs[k].op;
        crl_edit_write(at, &e->constants->pairs[k].side[1]);
        return CRL_OK;
    }
    if (depends_on_nothing(&now) || !e->changed) return CRL_OK;
    return crl_fail(e->err, CRL_ERR_UNSUPPORTED,
                    "instruction %d %s has constants of no operator of the template's model (multiplier %.9g, zero points %u, %u, %u), and scales "
                    "differ; take a template with this model's scales, or of another release", i, e->program->instructions[i].name,
                    (double)float_of(now.multiplier), now.weight_zero, now.in_zero, now.out_zero);
}

bool crl_edit_is_tensor(int32_t opcode)
{
    return opcode == CRL_ISA_TENSOR || opcode == CRL_ISA_MAX || opcode == CRL_ISA_SUM || opcode == CRL_ISA_TENSOR5;
}

void crl_edit_explain(crl_edit *e, int32_t *ops)
{
    int32_t last = -1;
    for (int32_t i = 0; i < e->program->n; i++) {
        ops[i] = -1;
        if (!crl_edit_is_tensor(e->program->instructions[i].opcode)) continue;
        const uint8_t *at = crl_edit_at(e, i);
        const crl_constants now = crl_edit_read(at);
        const int per_channel = (int)crl_isa_read(at, "per_channel");
        int32_t k = next_pair(e, &now, per_channel, last, -1);
        if (k < 0) k = next_pair(e, &now, per_channel, -1, -1);
        ops[i] = k < 0 ? -1 : e->constants->pairs[k].op;
        if (ops[i] >= 0) last = ops[i];
    }
}

/* ---- fills ------------------------------------------------------------------------------------- */

enum { ADD_FILLS = 10 };

/* Which weight, and in which half, each of the ten fills of an ADD has; the third and the eighth are zero. `first` is the operand that
 * comes first, which is either. */
static uint32_t add_fill(const crl_add *add, int first, int k)
{
    static const int8_t which[ADD_FILLS] = { 0, 0, -1, 0, 0, 1, 1, -1, 1, 1 };
    static const uint8_t shift[ADD_FILLS] = { 0, 16, 0, 0, 16, 0, 16, 0, 0, 16 };
    return which[k] < 0 ? 0 : add->k[which[k] ^ first] << shift[k];
}

static bool has_add_fills(const crl_edit *e, const int32_t *fills, const crl_add *add, int first)
{
    for (int k = 0; k < ADD_FILLS; k++)
        if (crl_isa_read(crl_edit_at(e, fills[k]), "fill") != add_fill(add, first, k)) return false;
    return true;
}

static bool is_mesh(int32_t opcode)
{
    return opcode >= CRL_ISA_SOUTH && opcode <= CRL_ISA_EAST;
}

/* Before instruction `until`, the last ten fills in a row that are those of the ADD. */
static crl_status edit_add(const crl_edit *e, int32_t op, int32_t from, int32_t until)
{
    crl_add a, b;
    if (!crl_add_of(&a, e->twin, CRL_SIDE_A, op) || !crl_add_of(&b, e->twin, CRL_SIDE_B, op))
        return crl_fail(e->err, CRL_ERR_UNSUPPORTED, "op %d ADD: its inputs have scales that differ by more than 32767 times", op);
    int32_t fills[ADD_FILLS], n = 0, found[ADD_FILLS];
    int first = -1;
    for (int32_t i = from; i < until; i++) {
        if (!is_mesh(e->program->instructions[i].opcode) || !crl_isa_read(crl_edit_at(e, i), "fills")) continue;
        if (n == ADD_FILLS) memmove(fills, fills + 1, (ADD_FILLS - 1) * sizeof *fills), n--;
        fills[n++] = i;
        for (int order = 0; order < 2 && n == ADD_FILLS; order++)
            if (has_add_fills(e, fills, &a, order)) {
                memcpy(found, fills, sizeof found);
                first = order;
                break;
            }
    }
    if (a.k[0] == b.k[0] && a.k[1] == b.k[1]) return CRL_OK;
    if (first >= 0 && a.k[0] == a.k[1])
        return crl_fail(e->err, CRL_ERR_UNSUPPORTED,
                        "op %d ADD: its inputs have equal scales in the template's model, so that it cannot be told which weight is whose; take a "
                        "template where they differ", op);
    if (first >= 0) {
        for (int k = 0; k < ADD_FILLS; k++) crl_isa_write(crl_edit_at(e, found[k]), "fill", add_fill(&b, first, k));
        return CRL_OK;
    }
    return crl_fail(e->err, CRL_ERR_UNSUPPORTED,
                    "op %d ADD: the weights %u and %u of its inputs are not in the template, so %u and %u cannot be written; take a template "
                    "of a later release", op, a.k[0], a.k[1], b.k[0], b.k[1]);
}

/* Borders of the layer that follows: its input's zero point, four times. */
static crl_status edit_borders(const crl_edit *e, int32_t op, int32_t from, int32_t until)
{
    const crl_operator *o = &e->twin->side[0]->operators[op];
    const uint32_t a = (uint32_t)crl_stored_zero(crl_twin_tensor(e->twin, CRL_SIDE_A, o->inputs[0]));
    const uint32_t b = (uint32_t)crl_stored_zero(crl_twin_tensor(e->twin, CRL_SIDE_B, o->inputs[0]));
    if (a == b || (o->code != CRL_OP_CONV && o->code != CRL_OP_DEPTHWISE)) return CRL_OK;
    for (int32_t i = from; i < until; i++) {
        uint8_t *at = crl_edit_at(e, i);
        if (!is_mesh(e->program->instructions[i].opcode) || !crl_isa_read(at, "fills") || crl_isa_read(at, "fill") != a * 0x01010101u) continue;
        if (!a)
            return crl_fail(e->err, CRL_ERR_UNSUPPORTED,
                            "op %d %s: the zero point of its input is 0 in the template's model and %u in this one, and fills of 0 may be borders or "
                            "not; take a template where it is not 0", op, o->name, b);
        crl_isa_write(at, "fill", b * 0x01010101u);
    }
    return CRL_OK;
}

crl_status crl_edit_constants(crl_edit *e)
{
    int32_t since = 0, last = -1;
    for (int32_t i = 0; i < e->program->n; i++) {
        int32_t op;
        if (!crl_edit_is_tensor(e->program->instructions[i].opcode)) continue;
        crl_status s = edit_tensor(e, i, last, &op);
        if (s) return s;
        if (op < 0) continue;
        if (op != last) { /* further instructions of an operator have nothing in front of them */
            const bool adds = e->twin->side[0]->operators[op].code == CRL_OP_ADD;
            s = adds ? edit_add(e, op, since, i) : edit_borders(e, op, since, i);
            if (s) return s;
        }
        last = op;
        since = i + 1;
    }
    return CRL_OK;
}
