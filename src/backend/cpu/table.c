/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of one 8-bit value: the operators' own invoke fills a table once, look-ups do the rest.
 *
 * Takes every operator that maps one 8-bit tensor, element by element, to another (LOGISTIC, TANH, RELU6,
 * requantisation, ...), arithmetic between such a tensor and one constant (x - 127, x * 0.5), and chains of those
 * whose inner tensors nobody else reads, whatever their types (DEQUANTIZE, SQRT, QUANTIZE). */
#include <string.h>

#include "backend/cpu/rules.h"
#include "kernels/lut.h"

typedef struct table_step {
    crl_lut_u8_fn *lut;
    const crl_tensor *in;
    crl_tensor *out;
    int32_t tasks;
    size_t bytes_per_task;
    uint8_t table[256];
} table_step;

static void run_task(void *ctx, int i, int thread)
{
    (void)thread;
    const table_step *p = ctx;
    const size_t at = (size_t)i * p->bytes_per_task, left = p->out->bytes - at;
    p->lut((uint8_t *)p->out->data + at, (const uint8_t *)p->in->data + at, left < p->bytes_per_task ? left : p->bytes_per_task,
           p->table);
}

static crl_status run_table(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)err;
    crl_pool_run(work->pool, ((const table_step *)step->params)->tasks, run_task, (void *)(uintptr_t)step->params);
    return CRL_OK;
}

enum { MAX_CHAIN = 8, WIDEST = 8 /* bytes of an element */, PIECE = 4096 /* bytes, the least of a task */ };

typedef struct chain {
    crl_node *node[MAX_CHAIN];
    int32_t varying[MAX_CHAIN]; /* the input that is the chain, not a constant */
    int32_t n;
} chain;

/* Runs an operator on 256 elements, in the raw form of the model. */
static crl_status ask_operator(const crl_lower *l, const crl_node *node, int32_t varying, void *raw_in, void *raw_out, crl_error *err)
{
    crl_tensor in = *node->in[varying], out = *node->out[0];
    in.shape = out.shape = (crl_shape){ .rank = 1, .dim = { 256 } };
    in.data = raw_in;
    in.bytes = 256 * crl_type_bytes(in.type);
    out.data = raw_out;
    out.bytes = 256 * crl_type_bytes(out.type);
    crl_tensor *ins[2], *outs[1] = { &out };
    for (int32_t i = 0; i < node->n_in; i++) ins[i] = i == varying ? &in : node->in[i];
    crl_node probe = { .type = node->type, .def = node->def, .index = node->index,
                       .in = ins, .n_in = node->n_in, .out = outs, .n_out = 1, .pile = crl_pile_beside(&l->pile) };
    crl_status s = probe.type->prepare(&probe, err);
    void *scratch = s || !probe.scratch_bytes ? NULL : crl_pile_alloc(&probe.pile, probe.scratch_bytes);
    if (!s && probe.scratch_bytes && !scratch) s = crl_fail_memory(err, "a table");
    if (!s) s = probe.type->invoke(&probe, &(crl_work){ .scratch = scratch }, err);
    crl_pile_free(&probe.pile);
    return s;
}

static crl_status ask_chain(const crl_lower *l, const chain *c, uint8_t raw_out[256], crl_error *err)
{
    _Alignas(64) uint8_t room[2][256 * WIDEST];
    for (int i = 0; i < 256; i++) room[0][i] = (uint8_t)i;
    for (int32_t k = 0; k < c->n; k++) {
        crl_status s = ask_operator(l, c->node[k], c->varying[k], room[k % 2], room[(k + 1) % 2], err);
        if (s) return s;
    }
    memcpy(raw_out, room[c->n % 2], 256);
    return CRL_OK;
}

static crl_status lower_chain(crl_lower *l, const chain *c, const uint8_t raw_out[256], crl_error *err)
{
    crl_node *last = c->node[c->n - 1];
    const crl_tensor *in = c->node[0]->in[c->varying[0]], *out = last->out[0];
    const crl_form form_in = crl_lower_form(l, in);
    const int32_t from = crl_lower_read(l, in, form_in, err), to = crl_lower_write(l, out, CRL_FORM_KERNEL, err);
    if (from < 0 || to < 0) return CRL_ERR_MEMORY;
    table_step *p = crl_pile_alloc(&l->schedule->pile, sizeof *p);
    crl_step *step = crl_schedule_add_step(l->schedule, last, err);
    if (!p || !step) return crl_fail_memory(err, "a table");
    const uint8_t flip_in = form_in == CRL_FORM_KERNEL && crl_lower_flips(in) ? 0x80 : 0;
    const uint8_t flip_out = crl_lower_flips(out) ? 0x80 : 0;
    for (int i = 0; i < 256; i++) p->table[i] = raw_out[i ^ flip_in] ^ flip_out;
    crl_lut_kernels k;
    crl_lut_kernels_init(&k, l->cpu);
    p->lut = k.u8;
    p->in = crl_lower_tensor_of(l, from);
    p->out = crl_lower_tensor_of(l, to);
    p->tasks = crl_lower_share(l, (uint64_t)out->bytes * k.work, (out->bytes + PIECE - 1) / PIECE, &p->bytes_per_task);
    p->bytes_per_task *= PIECE;
    for (int32_t i = 1; i < c->n; i++) l->done[c->node[i]->index] = true;
    step->run = run_table;
    step->params = p;
    step->kernel = k.name;
    step->weight_bytes = sizeof p->table;
    return crl_step_touches(l->schedule, step, &from, 1, &to, 1, err);
}

/* The input that varies when the operator is a function of its elements alone: the only one, or the one beside
 * a constant of one element. -1: it is not. */
static int32_t varying_input(const crl_node *node)
{
    static const int32_t unary[] = { CRL_OP_CAST, CRL_OP_DEQUANTIZE, CRL_OP_ELU, CRL_OP_EXP, CRL_OP_GELU, CRL_OP_HARD_SWISH,
                                     CRL_OP_LEAKY_RELU, CRL_OP_LOG, CRL_OP_LOGISTIC, CRL_OP_NEG, CRL_OP_QUANTIZE, CRL_OP_RELU,
                                     CRL_OP_RELU6, CRL_OP_RELU_0_TO_1, CRL_OP_RELU_N1_TO_1, CRL_OP_RSQRT, CRL_OP_SQRT,
                                     CRL_OP_SQUARE, CRL_OP_TANH };
    static const int32_t binary[] = { CRL_OP_ADD, CRL_OP_DIV, CRL_OP_MUL, CRL_OP_SUB };
    if (node->n_out != 1 || node->out[0]->flags & CRL_TENSOR_VARIABLE || crl_type_bytes(node->out[0]->type) == 0 || crl_type_bytes(node->out[0]->type) > WIDEST) return -1;
    if (node->n_in == 1) {
        for (size_t i = 0; i < sizeof unary / sizeof unary[0]; i++)
            if (node->def->code == unary[i] && !(node->in[0]->flags & CRL_TENSOR_CONST)) return 0;
        return -1;
    }
    for (size_t k = 0; node->n_in == 2 && k < sizeof binary / sizeof binary[0]; k++) {
        if (node->def->code != binary[k]) continue;
        for (int32_t i = 0; i < 2; i++) {
            const crl_tensor *x = node->in[i], *c = node->in[1 - i];
            if ((c->flags & CRL_TENSOR_CONST) && crl_shape_count(&c->shape) == 1 && !(x->flags & CRL_TENSOR_CONST) &&
                crl_shape_count(&x->shape) == crl_shape_count(&node->out[0]->shape))
                return i;
        }
    }
    return -1;
}

/* Follows the chain from a node while it is worth it: *c ends at the last 8-bit tensor; n is 0 when there is none. */
static void follow(const crl_lower *l, crl_node *node, chain *c)
{
    chain all = { .n = 0 };
    c->n = 0;
    while (all.n < MAX_CHAIN) {
        const int32_t varying = varying_input(node);
        if (varying < 0) return;
        all.node[all.n] = node;
        all.varying[all.n++] = varying;
        if (crl_lower_is_8bit(node->out[0])) *c = all;
        const crl_lower_tensor *out = &l->tensors[crl_graph_index(l->graph, node->out[0])];
        if (out->n_uses != 1 || out->user < 0 || l->done[out->user]) return;
        node = &l->graph->nodes[out->user];
        const int32_t next = varying_input(node);
        if (next < 0 || node->in[next] != all.node[all.n - 1]->out[0]) return;
    }
}

/* A table that maps every value to itself, in kernel form: QUANTIZE between uint8 and int8 of one scale. */
static bool is_sign_change(const crl_node *node)
{
    const crl_quant *a = &node->in[0]->quant, *b = &node->out[0]->quant;
    return a->n == 1 && b->n == 1 && a->scale[0] == b->scale[0] && node->in[0]->type != node->out[0]->type &&
           crl_lower_zero(node->in[0]) == crl_lower_zero(node->out[0]);
}

crl_status crl_lower_table(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const int32_t varying = varying_input(node);
    if (varying < 0 || !crl_lower_is_8bit(node->in[varying])) return CRL_OK;
    chain c;
    follow(l, node, &c);
    if (!c.n) return CRL_OK;
    /* An operator that refuses some values (SQRT of a negative one) has to see those that come. */
    uint8_t raw_out[256];
    crl_status s = ask_chain(l, &c, raw_out, err);
    if (s) return s == CRL_ERR_MEMORY ? s : CRL_OK;
    *taken = true;
    if (c.n == 1 && node->def->code == CRL_OP_QUANTIZE && is_sign_change(node)) {
        const int32_t from = crl_lower_read(l, node->in[0], CRL_FORM_KERNEL, err);
        if (from < 0) return CRL_ERR_MEMORY;
        return crl_lower_view(l, node->out[0], CRL_FORM_KERNEL, from, 0, err);
    }
    return lower_chain(l, &c, raw_out, err);
}
