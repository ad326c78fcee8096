/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of one 8-bit value: the operators' own invoke fills a table once, look-ups do the rest.
 *
 * A group is a connected set of operators that go element by element (LOGISTIC, RELU6, MUL, QUANTIZE, ...), whose only
 * input that varies is one 8-bit tensor and whose only output that others read is one 8-bit tensor: however they are
 * connected, and whatever types are between, the group is a function of one byte.
 *
 *   x --> LOGISTIC --> MUL --> y        x --> ADD 3 --> RELU6 --> MUL --> MUL 1/6 --> y
 *    `-----------------^                 `------------------------^                          */
#include <string.h>

#include "backend/cpu/rules.h"
#include "backend/cpu/spread.h"
#include "kernels/lut.h"

typedef struct table_step {
    crl_spread spread; /* of bytes */
    crl_lut_u8_fn *lut;
    uint8_t table[256];
} table_step;

static void units(const void *params, size_t first, size_t end)
{
    const table_step *p = params;
    p->lut((uint8_t *)p->spread.out->data + first, (const uint8_t *)p->spread.in->data + first, end - first, p->table);
}

enum {
    MAX_GROUP = 24,
    AHEAD = 64,   /* operators to look at in search of the next one of a group */
    MOST_IN = 3,  /* inputs of an operator */
    WIDEST = 8,   /* bytes of an element */
    PIECE = 4096  /* bytes, the least of a task */
};

typedef struct group {
    const crl_tensor *source;
    crl_node *node[MAX_GROUP]; /* in the order of the graph */
    int32_t n;
} group;

/* Which node of the group writes the tensor; -1: none. */
static int32_t maker(const group *g, const crl_tensor *tensor)
{
    for (int32_t i = 0; i < g->n; i++)
        if (g->node[i]->out[0] == tensor) return i;
    return -1;
}

/* Runs an operator on 256 elements, in the raw form of the model. raw_in[i] is NULL for a constant. */
static crl_status ask_operator(const crl_lower *l, const crl_node *node, void *const raw_in[MOST_IN], void *raw_out, crl_error *err)
{
    crl_tensor in[MOST_IN], out = *node->out[0];
    crl_tensor *ins[MOST_IN], *outs[1] = { &out };
    out.shape = (crl_shape){ .rank = 1, .dim = { 256 } };
    out.data = raw_out;
    out.bytes = 256 * crl_type_bytes(out.type);
    for (int32_t i = 0; i < node->n_in; i++) {
        in[i] = *node->in[i];
        ins[i] = &in[i];
        if (!raw_in[i]) continue;
        in[i].shape = out.shape;
        in[i].data = raw_in[i];
        in[i].bytes = 256 * crl_type_bytes(in[i].type);
    }
    crl_node probe = { .type = node->type, .def = node->def, .index = node->index,
                       .on_chip = node->on_chip, .in = ins, .n_in = node->n_in, .out = outs, .n_out = 1, .pile = crl_pile_beside(&l->pile) };
    crl_status s = probe.type->prepare(&probe, err);
    void *scratch = s || !probe.scratch_bytes ? NULL : crl_pile_alloc(&probe.pile, probe.scratch_bytes);
    if (!s && probe.scratch_bytes && !scratch) s = crl_fail_memory(err, "a table");
    if (!s) s = probe.type->invoke(&probe, &(crl_work){ .scratch = scratch }, err);
    crl_pile_free(&probe.pile);
    return s;
}

/* What the last node of the group makes of every byte. */
static crl_status ask_group(const crl_lower *l, const group *g, uint8_t raw_out[256], crl_error *err)
{
    enum { ROOM = 256 * WIDEST };
    crl_pile pile = crl_pile_beside(&l->pile);
    uint8_t *rooms = crl_pile_array(&pile, (size_t)g->n + 1, ROOM);
    crl_status s = rooms ? CRL_OK : crl_fail_memory(err, "a table");
    for (int i = 0; !s && i < 256; i++) rooms[i] = (uint8_t)i;
    for (int32_t k = 0; !s && k < g->n; k++) {
        const crl_node *node = g->node[k];
        void *in[MOST_IN] = { NULL };
        for (int32_t i = 0; i < node->n_in; i++) {
            const int32_t from = maker(g, node->in[i]);
            if (node->in[i] == g->source) in[i] = rooms;
            else if (from >= 0) in[i] = rooms + (from + 1) * ROOM;
        }
        s = ask_operator(l, node, in, rooms + (k + 1) * ROOM, err);
    }
    if (!s) memcpy(raw_out, rooms + g->n * ROOM, 256);
    crl_pile_free(&pile);
    return s;
}

static crl_status lower_group(crl_lower *l, const group *g, const uint8_t raw_out[256], crl_error *err)
{
    const crl_tensor *in = g->source, *out = g->node[g->n - 1]->out[0];
    const crl_lower_tensor *result = &l->tensors[crl_graph_index(l->graph, out)];
    const crl_form form_in = crl_lower_form(l, in), form_out = result->user < 0 ? CRL_FORM_RAW : CRL_FORM_KERNEL;
    crl_step *step;
    table_step *p = crl_spread_add(l, g->node[g->n - 1], in, NULL, form_in, form_out, sizeof *p, &step, err);
    if (!p) return CRL_ERR_MEMORY;
    const uint8_t flip_in = form_in == CRL_FORM_KERNEL && crl_lower_flips(in) ? 0x80 : 0;
    const uint8_t flip_out = form_out == CRL_FORM_KERNEL && crl_lower_flips(out) ? 0x80 : 0;
    for (int i = 0; i < 256; i++) p->table[i] = raw_out[i ^ flip_in] ^ flip_out;
    crl_lut_kernels k;
    crl_lut_kernels_init(&k, l->cpu);
    p->lut = k.u8;
    crl_spread_share(&p->spread, l, units, p->spread.out->bytes, PIECE, (uint64_t)out->bytes * k.work);
    for (int32_t i = 1; i < g->n; i++) l->done[g->node[i]->index] = true;
    step->kernel = k.name;
    step->weight_bytes = sizeof p->table;
    return g->n > 1 ? crl_lower_name(l, step, (const crl_node *const *)g->node, g->n, err) : CRL_OK;
}

static bool by_element(const crl_node *node)
{
    static const int32_t code[] = {
        CRL_OP_ABS, CRL_OP_ADD, CRL_OP_CAST, CRL_OP_CEIL, CRL_OP_COS, CRL_OP_DEQUANTIZE, CRL_OP_DIV, CRL_OP_ELU, CRL_OP_EQUAL,
        CRL_OP_EXP, CRL_OP_FLOOR, CRL_OP_FLOOR_DIV, CRL_OP_FLOOR_MOD, CRL_OP_GELU, CRL_OP_GREATER, CRL_OP_GREATER_EQUAL,
        CRL_OP_HARD_SWISH, CRL_OP_LEAKY_RELU, CRL_OP_LESS, CRL_OP_LESS_EQUAL, CRL_OP_LOG, CRL_OP_LOGICAL_AND, CRL_OP_LOGICAL_NOT,
        CRL_OP_LOGICAL_OR, CRL_OP_LOGISTIC, CRL_OP_MAXIMUM, CRL_OP_MINIMUM, CRL_OP_MUL, CRL_OP_NEG, CRL_OP_NOT_EQUAL, CRL_OP_POW,
        CRL_OP_PRELU, CRL_OP_QUANTIZE, CRL_OP_RELU, CRL_OP_RELU6, CRL_OP_RELU_0_TO_1, CRL_OP_RELU_N1_TO_1, CRL_OP_ROUND,
        CRL_OP_RSQRT, CRL_OP_SELECT, CRL_OP_SELECT_V2, CRL_OP_SIGN, CRL_OP_SIN, CRL_OP_SQRT, CRL_OP_SQUARE,
        CRL_OP_SQUARED_DIFFERENCE, CRL_OP_SUB, CRL_OP_TANH };
    for (size_t i = 0; i < sizeof code / sizeof code[0]; i++)
        if (node->def->code == code[i]) return true;
    return false;
}

/* Whether the operator is a function of what the group has so far, and of constants of one element. */
static bool joins(const group *g, const crl_node *node)
{
    if (!by_element(node) || node->n_in < 1 || node->n_in > MOST_IN || node->n_out != 1) return false;
    const crl_tensor *out = node->out[0];
    const size_t width = crl_type_bytes(out->type), count = crl_shape_count(&g->source->shape);
    if (out->flags & CRL_TENSOR_VARIABLE || width == 0 || width > WIDEST || crl_shape_count(&out->shape) != count) return false;
    bool varies = false;
    for (int32_t i = 0; i < node->n_in; i++) {
        const crl_tensor *in = node->in[i];
        if (!in) return false;
        if (in == g->source || maker(g, in) >= 0) varies = true;
        else if (!(in->flags & CRL_TENSOR_CONST) || crl_shape_count(&in->shape) != 1) return false;
    }
    return varies;
}

/* All that is a function of `source`, from a node on, as far as it is worth looking. */
static void collect(const crl_lower *l, const crl_node *from, group *g)
{
    const int32_t end = l->schedule->span.to;
    for (int32_t k = from->index, last = k; k < end && k - last <= AHEAD && g->n < MAX_GROUP; k++) {
        crl_node *node = &l->graph->nodes[k];
        if (l->done[k] || !joins(g, node)) continue;
        g->node[g->n++] = node;
        last = k;
    }
}

static int32_t reads_of(const crl_node *node, const crl_tensor *tensor)
{
    int32_t n = 0;
    for (int32_t i = 0; i < node->n_in; i++) n += node->in[i] == tensor;
    return n;
}

/* Leaves of `all` what node `last` needs. false: others need some of that as well, or the first node is not among it. */
static bool end_at(const crl_lower *l, const group *all, int32_t last, group *g)
{
    bool needed[MAX_GROUP] = { false };
    needed[last] = true;
    for (int32_t k = last; k >= 0; k--) {
        const crl_tensor *out = all->node[k]->out[0];
        int32_t reads = 0;
        for (int32_t j = k + 1; j <= last; j++)
            if (needed[j]) reads += reads_of(all->node[j], out);
        if (k == last || !reads) continue;
        needed[k] = true;
        if (l->tensors[crl_graph_index(l->graph, out)].n_uses != reads) return false;
    }
    *g = (group){ .source = all->source };
    for (int32_t k = 0; k <= last; k++)
        if (needed[k]) g->node[g->n++] = all->node[k];
    return needed[0];
}

/* A table that maps every value to itself, in kernel form: QUANTIZE between uint8 and int8 of one scale. */
static bool is_sign_change(const crl_node *node)
{
    const crl_quant *a = &node->in[0]->quant, *b = &node->out[0]->quant;
    return a->n == 1 && b->n == 1 && a->scale[0] == b->scale[0] && node->in[0]->type != node->out[0]->type &&
           crl_lower_zero(node->in[0]) == crl_lower_zero(node->out[0]);
}

static crl_status lower_from(crl_lower *l, crl_node *node, const crl_tensor *source, bool *taken, crl_error *err)
{
    group all = { .source = source }, g;
    collect(l, node, &all);
    for (int32_t last = all.n - 1; last >= 0 && all.node[0] == node; last--) {
        if (!crl_lower_is_8bit(all.node[last]->out[0]) || !end_at(l, &all, last, &g)) continue;
        /* An operator that refuses some values (SQRT of a negative one) has to see those that come. */
        uint8_t raw_out[256];
        crl_status s = ask_group(l, &g, raw_out, err);
        if (s == CRL_ERR_MEMORY) return s;
        if (s) continue;
        *taken = true;
        if (g.n > 1 || node->def->code != CRL_OP_QUANTIZE || !is_sign_change(node)) return lower_group(l, &g, raw_out, err);
        const int32_t from = crl_lower_read(l, source, CRL_FORM_KERNEL, err);
        return from < 0 ? CRL_ERR_MEMORY : crl_lower_view(l, node->out[0], CRL_FORM_KERNEL, from, 0, err);
    }
    return CRL_OK;
}

crl_status crl_lower_table(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    if (!by_element(node)) return CRL_OK;
    for (int32_t i = 0; i < node->n_in; i++)
        if (node->in[i] && crl_lower_is_8bit(node->in[i]) && !(node->in[i]->flags & CRL_TENSOR_CONST))
            return lower_from(l, node, node->in[i], taken, err);
    return CRL_OK;
}
