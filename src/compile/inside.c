/* SPDX-License-Identifier: Apache-2.0 */
/* See inside.h. A package has products of scales, and no scales: a tensor may be taken twice as large where the weights that make it are, and
 * nothing is computed otherwise. So weights keep the scales that they have where they can, the tensors' follow; and operators keep the
 * constants themselves (model/chip.h), for no scales may give them to the last bit. */
#include "compile/inside.h"

#include <math.h>
#include <string.h>

#include <corallite/reweight.h>

#include "compile/allot.h"
#include "compile/edit.h"
#include "compile/follow.h"
#include "compile/parameters.h"
#include "model/chip.h"
#include "model/holder.h"
#include "package/isa.h"

enum { OP_PAD = 34, OP_SQUEEZE = 43, OP_EXPAND_DIMS = 70 };

typedef struct inside {
    crl_subgraph *graph; /* of the twin, which is changed */
    crl_pile *owned;     /* what it keeps */
    const crl_twin *w;
    const crl_disassembly *program;
    const crl_allotted *allotted; /* [operators] */
    const crl_layer_tables *tables;
    const bool *moves; /* [operators] what comes out has the scale of what goes in */
    bool *pinned; /* [tensors] its scale is known */
} inside;

static float float_of(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static crl_tensor_def *tensor(const inside *k, int32_t t)
{
    return (crl_tensor_def *)(uintptr_t)&k->graph->tensors[t];
}

static bool has_8_bits(const crl_tensor_def *t)
{
    return t->type == CRL_UINT8 || t->type == CRL_INT8;
}

/* One scale and the zero point as the chip has it. false: no memory. */
static bool set_quant(const inside *k, int32_t t, float scale, uint32_t stored_zero)
{
    crl_tensor_def *to = tensor(k, t);
    float *s = crl_pile_array(k->owned, 1, sizeof *s);
    int32_t *z = crl_pile_array(k->owned, 1, sizeof *z);
    if (!s || !z) return false;
    *s = scale;
    *z = (int32_t)stored_zero - (to->type == CRL_INT8 ? 128 : 0);
    to->quant.scale = s;
    to->quant.zero_point = z;
    return true;
}

/* ---- which operators there are -------------------------------------------------------------------- */

/* It gives what it takes, in another order. */
static bool only_moves(const crl_subgraph *g, const crl_operator *op)
{
    static const int32_t codes[] = { CRL_OP_RESHAPE, CRL_OP_MAX_POOL, CRL_OP_QUANTIZE, CRL_OP_CONCATENATION, OP_PAD, OP_SQUEEZE, OP_EXPAND_DIMS };
    bool known = false;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) known |= op->code == codes[i];
    if (!known || !op->n_inputs || op->inputs[0] < 0 || op->n_outputs != 1) return false;
    const crl_tensor_def *out = &g->tensors[op->outputs[0]];
    bool same = has_8_bits(out) && out->quant.n == 1;
    for (int32_t i = 0; same && i < (op->code == CRL_OP_CONCATENATION ? op->n_inputs : 1); i++) {
        const crl_tensor_def *in = op->inputs[i] < 0 ? NULL : &g->tensors[op->inputs[i]];
        same = in && has_8_bits(in) && in->quant.n == 1 && in->quant.scale[0] == out->quant.scale[0] && crl_stored_zero(in) == crl_stored_zero(out);
    }
    return same;
}

/* It scales what a layer gives, and nothing else reads that: the chip scales its sums to this output at once. */
static bool is_fused(const crl_twin *w, int32_t index)
{
    const crl_subgraph *g = w->side[0];
    const crl_operator *op = &g->operators[index];
    if (op->code != CRL_OP_QUANTIZE || op->n_inputs != 1 || op->inputs[0] < 0 || op->n_outputs != 1 ||
        w->reader[op->inputs[0]] != index)
        return false;
    const crl_tensor_def *in = &g->tensors[op->inputs[0]], *out = &g->tensors[op->outputs[0]];
    for (int32_t i = 0; i < index; i++)
        if (crl_has_weights(&g->operators[i]) && g->operators[i].outputs[0] == op->inputs[0])
            return w->mapped[i] && has_8_bits(in) && has_8_bits(out) && in->quant.n == 1 && out->quant.n == 1;
    return false;
}

/* Every operator on the chip is of a kind that is understood; a softmax may be the last. */
static bool all_known(const crl_twin *w, const bool *moves)
{
    for (int32_t i = 0; i < w->side[0]->n_operators; i++) {
        const crl_operator *op = &w->side[0]->operators[i];
        if (!w->mapped[i] || crl_allot_reduction(w, i) > 0 || moves[i]) continue;
        if (op->code != CRL_OP_SOFTMAX || w->reader[op->outputs[0]] >= 0) return false;
    }
    return true;
}

/* A bias that several layers have cannot become one of each. */
static bool biases_are_single(const crl_twin *w)
{
    for (int32_t i = 0; i < w->side[0]->n_operators; i++) {
        const crl_operator *op = &w->side[0]->operators[i];
        if (w->mapped[i] && crl_has_weights(op) && op->n_inputs > 2 && op->inputs[2] >= 0 && w->reader[op->inputs[2]] != i) return false;
    }
    return true;
}

/* ---- scales that are known ------------------------------------------------------------------------ */

/* The scale of what a softmax takes: on tiles it multiplies by it; on the scalar core it is the only immediate factor beside the two that all
 * have. 0: not found, or several. */
static float softmax_scale(const crl_disassembly *program)
{
    enum { MULTIPLY = 0x34 };
    static const float log2_e = 1.44269502f, whole = 256, least = -13.0380983f;
    float scale = 0;
    for (int32_t i = 0; i < program->n; i++) {
        const crl_instruction *in = &program->instructions[i];
        const uint8_t *at = program->executable->chunks[in->chunk].bytes + (size_t)in->word * CRL_ISA_WORD;
        float x = 0;
        if (in->opcode == CRL_ISA_ALU && crl_isa_read(at, "operation") == MULTIPLY) x = float_of((uint32_t)crl_isa_read(at, "b"));
        if (in->opcode == CRL_ISA_TENSOR) {
            const crl_constants c = crl_edit_read(at);
            if (c.in_zero == 255 && !c.high && float_of(c.low) == least && !crl_isa_read(at, "per_channel")) x = float_of(c.multiplier);
        }
        if (!x || x == log2_e || x == whole || x == scale) continue;
        if (scale || !(x > 0) || !isfinite(x)) return 0;
        scale = x;
    }
    return scale;
}

static bool pin(inside *k, int32_t t, float scale, uint32_t stored_zero)
{
    k->pinned[t] = true;
    return set_quant(k, t, scale, stored_zero);
}

static int32_t moved_inputs(const crl_operator *op)
{
    return op->code == CRL_OP_CONCATENATION ? op->n_inputs : 1;
}

/* From the end to the beginning: outputs have their scales and zero points in the compiled model, and so has what only moves to such a place.
 * false: no memory. */
static bool pin_ends(inside *k)
{
    for (int32_t i = k->graph->n_operators - 1; i >= 0; i--) {
        const crl_operator *op = &k->graph->operators[i];
        if (!k->w->mapped[i] || !k->moves[i] || !k->pinned[op->outputs[0]]) continue;
        const crl_tensor_def *out = tensor(k, op->outputs[0]);
        for (int32_t n = 0; n < moved_inputs(op); n++)
            if (!k->pinned[op->inputs[n]] && !pin(k, op->inputs[n], crl_stored_scale(out), (uint32_t)crl_stored_zero(out))) return false;
    }
    return true;
}

/* What a table or a softmax takes, and what only moves to such a place. What goes into one tensor has one scale, whichever. */
static bool pin_scales(inside *k, bool *memory)
{
    *memory = true;
    for (int32_t i = k->graph->n_operators - 1; i >= 0; i--) {
        const crl_operator *op = &k->graph->operators[i];
        if (!k->w->mapped[i] || op->n_outputs != 1 || op->inputs[0] < 0) continue;
        float scale = 0;
        if (k->moves[i] && (k->pinned[op->outputs[0]] || op->code == CRL_OP_CONCATENATION)) scale = crl_stored_scale(tensor(k, op->outputs[0]));
        if (op->code == CRL_OP_LOGISTIC) scale = float_of(k->allotted[i].constants.multiplier);
        if (op->code == CRL_OP_SOFTMAX && !(scale = softmax_scale(k->program))) return false;
        for (int32_t n = 0; scale > 0 && n < moved_inputs(op); n++) {
            const crl_tensor_def *in = tensor(k, op->inputs[n]);
            if (k->pinned[op->inputs[n]] && crl_stored_scale(in) != scale) return false;
            *memory = pin(k, op->inputs[n], scale, (uint32_t)crl_stored_zero(in));
            if (!*memory) return false;
        }
    }
    return true;
}

/* ---- operator by operator ------------------------------------------------------------------------- */

/* An activation that ends before the tensor does says how large a step is; one that does not, how large at most, as a negative number. 0: there is
 * none that ends. */
static float scale_of_activation(const crl_operator *op, const crl_constants *c)
{
    enum { RELU_N1_TO_1 = 2, RELU6 = 3 };
    const int64_t activation = crl_twin_option(op, "fused_activation_function");
    const float high = float_of(c->high), end = activation == RELU6 ? 6 : activation == RELU_N1_TO_1 ? 1 : 0;
    if (!(end > 0) || !(high > 0)) return 0;
    return high < (float)(255 - (int32_t)c->out_zero) - 0.01f ? end / high : -end / high;
}

static struct crl_chip_constants *new_constants(const inside *k, const crl_allotted *a)
{
    struct crl_chip_constants *c = crl_pile_alloc(k->owned, sizeof *c);
    if (c)
        *c = (struct crl_chip_constants){ .multiplier = float_of(a->constants.multiplier), .low = float_of(a->constants.low),
                                          .high = float_of(a->constants.high) };
    return c;
}

/* The output has the scale that is known for it, or `scale`. */
static bool set_output(const inside *k, int32_t index, float scale)
{
    const crl_operator *op = &k->graph->operators[index];
    const crl_constants *c = &k->allotted[index].constants;
    const float of_activation = scale_of_activation(op, c);
    if (of_activation > 0) scale = of_activation;
    if (of_activation < 0) scale = fminf(scale, -of_activation);
    if (k->pinned[op->outputs[0]]) scale = crl_stored_scale(tensor(k, op->outputs[0]));
    return set_quant(k, op->outputs[0], scale, c->out_zero);
}

static void *keep_copy(const inside *k, const void *from, size_t n, size_t size)
{
    void *to = crl_pile_array(k->owned, n, size);
    if (to) memcpy(to, from, n * size);
    return to;
}

/* Scales of weights that make the multipliers of the output's scale, and of the bias, which is in units of both. */
static bool set_weight_scales(const inside *k, const crl_operator *op, const struct crl_chip_constants *c)
{
    const float in = crl_stored_scale(tensor(k, op->inputs[0])), out = crl_stored_scale(tensor(k, op->outputs[0]));
    for (int32_t which = 1; which < 3 && which < op->n_inputs; which++) {
        if (op->inputs[which] < 0) continue;
        crl_quant *q = &tensor(k, op->inputs[which])->quant;
        if (q->n < 1) continue;
        float *scale = crl_pile_array(k->owned, (size_t)q->n, sizeof *scale);
        if (!scale) return false;
        for (int32_t i = 0; i < q->n; i++) {
            const float m = c->multipliers && i < c->n ? c->multipliers[i] : c->multiplier;
            scale[i] = which == 1 ? m * out / in : m * out;
        }
        q->scale = scale;
    }
    return true;
}

static bool set_layer(const inside *k, int32_t index, struct crl_chip_constants *c)
{
    const crl_operator *op = &k->graph->operators[index];
    const crl_layer_tables *t = &k->tables[index];
    if (t->multipliers) {
        c->multipliers = keep_copy(k, t->multipliers, (size_t)t->n, sizeof *t->multipliers);
        c->n = t->n;
        if (!c->multipliers) return false;
    }
    if (t->biases) {
        tensor(k, op->inputs[2])->data = keep_copy(k, t->biases, (size_t)t->n, sizeof *t->biases);
        if (!tensor(k, op->inputs[2])->data) return false;
    }
    const float m = c->multipliers ? c->multipliers[0] : c->multiplier;
    const float product = crl_stored_scale(tensor(k, op->inputs[0])) * crl_stored_scale(tensor(k, op->inputs[1]));
    return set_output(k, index, product / m) && set_weight_scales(k, op, c);
}

static bool same_offset(const crl_constants *c, const uint32_t factor[2], int32_t x, int32_t y)
{
    return c->offset == 0u - (factor[0] * (uint32_t)x + factor[1] * (uint32_t)y);
}

/* Where the program does not tell which factor is whose, the offset may, which has the zero points of both. */
static bool set_factors(const inside *k, int32_t index, struct crl_chip_constants *c)
{
    const crl_operator *op = &k->graph->operators[index];
    const int32_t x = crl_stored_zero(tensor(k, op->inputs[0])), y = crl_stored_zero(tensor(k, op->inputs[1]));
    const crl_allotted *a = &k->allotted[index];
    const uint32_t turned[2] = { a->factor[1], a->factor[0] };
    const bool one = same_offset(&a->constants, a->factor, x, y), other = same_offset(&a->constants, turned, x, y);
    memcpy(c->factor, one ? a->factor : turned, sizeof c->factor);
    return a->in_order ? one : one != other;
}

/* false: it is not understood, or `*memory` becomes false. */
static bool set_operator(const inside *k, int32_t index, bool *memory)
{
    crl_operator *op = (crl_operator *)(uintptr_t)&k->graph->operators[index];
    const float in = crl_stored_scale(tensor(k, op->inputs[0]));
    struct crl_chip_constants *c = new_constants(k, &k->allotted[index]);
    *memory = c != NULL;
    if (!c) return false;
    if (crl_has_weights(op)) {
        *memory = set_layer(k, index, c);
    } else if (op->code == CRL_OP_ADD) {
        if (!set_factors(k, index, c)) return false;
        const int larger = c->factor[1] > c->factor[0];
        *memory = set_output(k, index, crl_stored_scale(tensor(k, op->inputs[larger])) / (float)c->factor[larger] / c->multiplier);
    } else if (op->code == CRL_OP_AVERAGE_POOL) {
        *memory = set_output(k, index, in / (c->multiplier * (float)crl_allot_reduction(k->w, index)));
    } else { /* LOGISTIC: its scales are known, and it has no other constants */
        return *memory = set_output(k, index, crl_stored_scale(tensor(k, op->outputs[0])));
    }
    op->chip = c;
    return *memory;
}

/* What only moves gives the scale that it takes. Its output may be known already, and is the same then. */
static bool carry(const inside *k, const crl_operator *op)
{
    const crl_tensor_def *in = tensor(k, op->inputs[0]);
    return set_quant(k, op->outputs[0], crl_stored_scale(in), (uint32_t)crl_stored_zero(in));
}

/* Scales that came out of a package that somebody broke may be none. */
static bool are_scales(const crl_subgraph *g)
{
    for (int32_t t = 0; t < g->n_tensors; t++) {
        const crl_quant *q = &g->tensors[t].quant;
        for (int32_t i = 0; i < q->n; i++)
            if (!isfinite(q->scale[i]) || q->scale[i] < 0 || (!q->scale[i] && !g->tensors[t].data)) return false;
    }
    return true;
}

static crl_status set_all(bool *taken, const inside *k, crl_error *err)
{
    bool known = true, memory = true;
    for (int32_t i = 0; i < k->graph->n_operators && known; i++) {
        const crl_operator *op = &k->graph->operators[i];
        if (!k->w->mapped[i] || op->code == CRL_OP_SOFTMAX) continue;
        if (k->moves[i])
            known = memory = carry(k, op);
        else
            known = set_operator(k, i, &memory);
    }
    *taken = known && are_scales(k->graph);
    return memory ? CRL_OK : crl_fail_memory(err, "constants of a package");
}

/* ---- all together ---------------------------------------------------------------------------------- */

/* Outputs of the compiled operator have their scales in the compiled model. */
static void pin_outputs(const inside *k, const crl_model *compiled, int32_t op)
{
    const crl_subgraph *outer = &compiled->subgraphs[0];
    for (int32_t i = 0; i < outer->operators[op].n_outputs; i++)
        for (int32_t t = 0; t < k->graph->n_tensors; t++) {
            const char *name = outer->tensors[outer->operators[op].outputs[i]].name, *mine = k->graph->tensors[t].name;
            if (name && mine && !strcmp(name, mine)) k->pinned[t] = true;
        }
}

static crl_status take(bool *taken, inside *k, const crl_model *compiled, int32_t op, const crl_package *package, crl_pile *pile, crl_error *err)
{
    crl_subgraph *g = k->graph;
    crl_twin w;
    crl_error ignored;
    int32_t missing = -1;
    bool found = false;
    crl_allotted *allotted = crl_pile_array(pile, (size_t)g->n_operators + 1, sizeof *allotted);
    crl_layer_tables *tables = crl_pile_array(pile, (size_t)g->n_operators + 1, sizeof *tables);
    bool *moves = crl_pile_array(pile, (size_t)g->n_operators + 1, sizeof *moves);
    k->pinned = crl_pile_array(pile, (size_t)g->n_tensors + 1, sizeof *k->pinned);
    if (!allotted || !tables || !moves || !k->pinned) return crl_fail_memory(err, "constants of a package");
    crl_status s = crl_twin_find(&w, &(crl_model){ .subgraphs = g, .n_subgraphs = 1 }, &(crl_model){ .subgraphs = g, .n_subgraphs = 1 }, compiled, op,
                                 pile, &ignored);
    for (int32_t i = 0; !s && i < g->n_operators; i++) moves[i] = only_moves(g, &g->operators[i]) || is_fused(&w, i);
    k->moves = moves;
    crl_twin_take_ends(g, &compiled->subgraphs[0]);
    k->w = &w;
    pin_outputs(k, compiled, op);
    if (!s && !pin_ends(k)) return crl_fail_memory(err, "constants of a package");
    if (!s && (!all_known(&w, moves) || !biases_are_single(&w))) return CRL_OK;
    if (!s) s = crl_parameters_read(&w, package, pile, tables, &missing, &ignored);
    if (!s && missing < 0) s = crl_allot(allotted, &found, &w, k->program, tables, k->pinned, pile, &ignored);
    if (s == CRL_ERR_MEMORY) return crl_fail_memory(err, "constants of a package");
    if (s || !found) return CRL_OK;
    k->allotted = allotted;
    k->tables = tables;
    bool memory;
    if (!pin_scales(k, &memory)) return memory ? CRL_OK : crl_fail_memory(err, "constants of a package");
    return set_all(taken, k, err);
}

/* What a twin was, to be put back. */
typedef struct before {
    crl_quant *quant;    /* [tensors] */
    const void **data;
} before;

static bool keep(before *b, const crl_subgraph *g, crl_pile *pile)
{
    b->quant = crl_pile_array(pile, (size_t)g->n_tensors + 1, sizeof *b->quant);
    b->data = crl_pile_array(pile, (size_t)g->n_tensors + 1, sizeof *b->data);
    for (int32_t t = 0; b->quant && b->data && t < g->n_tensors; t++) b->quant[t] = g->tensors[t].quant, b->data[t] = g->tensors[t].data;
    return b->quant && b->data;
}

static void put_back(const before *b, crl_subgraph *g)
{
    for (int32_t t = 0; t < g->n_tensors; t++) {
        crl_tensor_def *to = (crl_tensor_def *)(uintptr_t)&g->tensors[t];
        to->quant = b->quant[t];
        to->data = b->data[t];
    }
    for (int32_t i = 0; i < g->n_operators; i++) ((crl_operator *)(uintptr_t)&g->operators[i])->chip = NULL;
}

crl_status crl_twin_take_inside(bool *taken, crl_model *twin, const crl_model *compiled, int32_t op, crl_error *err)
{
    crl_pile pile = { 0 };
    crl_package *package = NULL;
    crl_disassembly *program = NULL;
    crl_error ignored;
    before was;
    inside k = { .graph = (crl_subgraph *)(uintptr_t)&twin->subgraphs[0], .owned = &((crl_model_holder *)twin)->pile };
    *taken = false;
    crl_status s = keep(&was, k.graph, &pile) ? CRL_OK : crl_fail_memory(err, "constants of a package");
    crl_status t = s ? s : crl_package_open(&package, compiled, op, &ignored);
    if (!t) t = crl_disassemble(&program, package->running, &ignored);
    k.program = program;
    if (!t) s = take(taken, &k, compiled, op, package, &pile, err);
    crl_twin_verified v = { .layers = 0 };
    if (!s && *taken) t = crl_twin_verify(&v, compiled, op, twin, &ignored);
    *taken = *taken && !s && !t && v.layers && v.layers_equal == v.layers && v.constants_equal == v.constants;
    if (t == CRL_ERR_MEMORY && !s) s = crl_fail_memory(err, "constants of a package");
    if (!*taken && was.quant && was.data) put_back(&was, k.graph);
    crl_pile_free(&pile);
    crl_disassembly_free(program);
    crl_package_close(package);
    return s;
}
