/* SPDX-License-Identifier: Apache-2.0 */
/* See allot.h. Operators stand in the program in the order in which their weights lie. A large layer is
 * computed in pieces, between which pieces of others may stand: an instruction is the next operator's, another piece of one before, or of none. */
#include "compile/allot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compile/edit.h"
#include "compile/pack.h"
#include "package/isa.h"

enum { KIND_WORDS = 0x16, KIND_AVERAGE = 0xe, FORM_ZEROS = 8, FUNCTION_LOGISTIC = 1 };

/* A tensor instruction. */
typedef struct event {
    crl_constants constants;
    int64_t reduction;
    uint32_t kind, form, function;
    bool per_channel;
    uint32_t in, out; /* where it begins to read and to write, in bytes of narrow memory */
    int32_t index;    /* in the program */
} event;

/* An operator that has constants of its own. */
typedef struct wanted {
    int32_t op;
    int64_t reduction;
    int32_t maker;   /* of its first input: place in this list; -1: none of them */
    int32_t maker2;  /* of its second, of an ADD */
    int32_t in_zero; /* of the first, where none */
    int32_t out_zero; /* of the output; -1: not known */
    /* Of a layer: */
    bool has_weights, scales_differ;
    uint32_t weight_zero; /* as the instruction has it */
} wanted;

/* A way through the program so far, which has given constants to the first operators. */
typedef struct way {
    int32_t *events; /* [operators] */
    bool open;       /* there is such a way; */
    bool several;    /* there are several that differ */
} way;

typedef struct assignment {
    const crl_twin *w;
    wanted *ops;
    int32_t n_ops;
    event *events;
    int32_t n_events;
    way *ways; /* [n_ops + 1], by how many operators have their constants */
    const bool *known_zero; /* [tensors] */
    bool helpers; /* instructions behind all operators may be a softmax's */
} assignment;

static float float_of(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* ---- what an operator has to look like ----------------------------------------------------------- */

int64_t crl_allot_reduction(const crl_twin *w, int32_t index)
{
    const crl_operator *op = &w->side[0]->operators[index];
    crl_layer_view v;
    switch (op->code) {
    case CRL_OP_CONV:
    case CRL_OP_DEPTHWISE:
    case CRL_OP_DENSE:
        if (!crl_layer_of(&v, w, CRL_SIDE_A, index)) return 0;
        return (int64_t)v.kh * v.kw * ((v.inputs + 3) / 4);
    case CRL_OP_ADD: return op->n_inputs == 2 ? 4 : 0;
    case CRL_OP_AVERAGE_POOL: return crl_twin_option(op, "filter_width") * crl_twin_option(op, "filter_height");
    case CRL_OP_LOGISTIC: return 1;
    default: return 0;
    }
}

static bool fits_weights(const wanted *o, const event *e)
{
    if (e->function || e->kind == KIND_WORDS || e->kind == KIND_AVERAGE || (e->form && e->form != FORM_ZEROS)) return false;
    if (o->scales_differ && float_of(e->constants.multiplier) != 1.0f) return false;
    return o->has_weights && e->per_channel == o->scales_differ && e->constants.weight_zero == o->weight_zero && !e->constants.offset;
}

static bool fits_kind(const assignment *a, const wanted *o, const event *e)
{
    switch (a->w->side[0]->operators[o->op].code) {
    case CRL_OP_ADD: return e->kind == KIND_WORDS;
    case CRL_OP_AVERAGE_POOL: return e->kind == KIND_AVERAGE && !e->constants.offset;
    case CRL_OP_LOGISTIC: return e->function == FUNCTION_LOGISTIC;
    default: return fits_weights(o, e);
    }
}

/* The zero point of what comes in; an average has it where others have that of their weights, and an ADD in its offset. */
static bool takes_zero(const assignment *a, const wanted *o, const event *e, uint32_t zero)
{
    const int32_t code = a->w->side[0]->operators[o->op].code;
    if (code == CRL_OP_ADD) return true;
    return e->constants.in_zero == zero || (code == CRL_OP_AVERAGE_POOL && e->constants.weight_zero == zero && !e->constants.in_zero);
}

static bool fits(const assignment *a, int32_t place, const event *e, const way *before)
{
    const wanted *o = &a->ops[place];
    const float m = float_of(e->constants.multiplier);
    if (o->out_zero >= 0 && e->constants.out_zero != (uint32_t)o->out_zero) return false;
    if (e->reduction != o->reduction || !fits_kind(a, o, e) || !(m > 0) || !isfinite(m) || e->constants.out_zero > 255 ||
        !(float_of(e->constants.low) <= float_of(e->constants.high)))
        return false;
    if (o->maker < 0) return takes_zero(a, o, e, (uint32_t)o->in_zero);
    return takes_zero(a, o, e, a->events[before->events[o->maker]].constants.out_zero);
}

/* What moves bytes as they are, or helps a softmax. */
static bool is_loose(const event *e)
{
    static const float fixed[] = { 1.0f, 1.52590219e-05f /* 1 / 65535 */, 1.19214164e-07f };
    const float high = float_of(e->constants.high), low = float_of(e->constants.low), m = float_of(e->constants.multiplier);
    const bool none = !e->constants.weight_zero && !e->constants.in_zero && !e->constants.offset && !e->constants.out_zero;
    if (e->function > FUNCTION_LOGISTIC || (high > 1e30f && low < -1e30f && m == 1)) return true;
    return none && (m == fixed[1] || m == fixed[2]);
}

/* ---- lists of both -------------------------------------------------------------------------------- */

/* An operator, and when it is computed. */
typedef struct turn {
    int32_t op;
    size_t rank;
} turn;

static int earlier(const void *a, const void *b)
{
    const turn *x = a, *y = b;
    return x->rank != y->rank ? (x->rank > y->rank) - (x->rank < y->rank) : (x->op > y->op) - (x->op < y->op);
}

/* Layers in the order in which they lie, others behind what they take. NULL: no memory. */
static turn *order_of(const crl_twin *w, const crl_layer_tables *tables, crl_pile *pile)
{
    const crl_subgraph *g = w->side[0];
    turn *order = crl_pile_array(pile, (size_t)g->n_operators + 1, sizeof *order);
    size_t *made = crl_pile_array(pile, (size_t)g->n_tensors + 1, sizeof *made);
    for (int32_t i = 0; order && made && i < g->n_operators; i++) {
        const crl_operator *op = &g->operators[i];
        size_t rank = 0;
        for (int32_t k = 0; k < op->n_inputs; k++)
            if (op->inputs[k] >= 0 && made[op->inputs[k]] > rank) rank = made[op->inputs[k]];
        if (w->mapped[i] && crl_has_weights(op)) rank = tables[i].at + 1;
        for (int32_t k = 0; k < op->n_outputs; k++) made[op->outputs[k]] = rank;
        order[i] = (turn){ i, rank };
    }
    if (!order || !made) return NULL;
    qsort(order, (size_t)g->n_operators, sizeof *order, earlier);
    return order;
}

/* What of a layer shows in its instructions, whatever its scales are. */
static void look_at_layer(const crl_twin *w, wanted *o)
{
    crl_layer_view v;
    o->has_weights = crl_has_weights(&w->side[0]->operators[o->op]) && crl_layer_of(&v, w, CRL_SIDE_A, o->op);
    if (!o->has_weights) return;
    o->scales_differ = v.scales_differ;
    o->weight_zero = v.n_scales > 1 ? 0 : (uint32_t)(v.zero[0] + v.zero_more);
}

static crl_status list_operators(assignment *a, const crl_layer_tables *tables, crl_pile *pile, crl_error *err)
{
    const crl_subgraph *g = a->w->side[0];
    int32_t *maker = crl_pile_array(pile, (size_t)g->n_tensors + 1, sizeof *maker);
    int32_t *zero = crl_pile_array(pile, (size_t)g->n_tensors + 1, sizeof *zero); /* where no operator has made it */
    a->ops = crl_pile_array(pile, (size_t)g->n_operators + 1, sizeof *a->ops);
    const turn *order = order_of(a->w, tables, pile);
    if (!a->ops || !maker || !zero || !order) return crl_fail_memory(err, "operators");
    for (int32_t t = 0; t < g->n_tensors; t++) maker[t] = -1, zero[t] = crl_stored_zero(&g->tensors[t]);
    for (int32_t turns = 0; turns < g->n_operators; turns++) {
        const int32_t i = order[turns].op;
        const crl_operator *op = &g->operators[i];
        if (!a->w->mapped[i] || !op->n_inputs || op->inputs[0] < 0 || !op->n_outputs) continue;
        const int64_t reduction = crl_allot_reduction(a->w, i);
        int32_t made = maker[op->inputs[0]]; /* what only moves bytes leaves the zero point as it is */
        if (reduction) {
            a->ops[a->n_ops] = (wanted){ .op = i, .reduction = reduction, .maker = made, .in_zero = zero[op->inputs[0]],
                                         .maker2 = op->n_inputs > 1 && op->inputs[1] >= 0 ? maker[op->inputs[1]] : -1,
                                         .out_zero = a->known_zero[op->outputs[0]] ? crl_stored_zero(&g->tensors[op->outputs[0]]) : -1 };
            look_at_layer(a->w, &a->ops[a->n_ops]);
            made = a->n_ops++;
        }
        for (int32_t k = 0; k < op->n_outputs; k++) maker[op->outputs[k]] = made, zero[op->outputs[k]] = zero[op->inputs[0]];
    }
    return CRL_OK;
}

static event read_event(const uint8_t *at, int32_t index)
{
    const crl_isa_field *loop = crl_isa_field_of(crl_isa_find(CRL_ISA_TENSOR), "loop");
    event e = { .constants = crl_edit_read(at),
                .reduction = 1,
                .kind = (uint32_t)crl_isa_read(at, "op2"),
                .form = (uint32_t)crl_isa_read(at, "op3"),
                .function = (uint32_t)crl_isa_read(at, "function"),
                .per_channel = crl_isa_read(at, "per_channel"),
                .in = (uint32_t)crl_isa_read(at, "in"),
                .out = (uint32_t)crl_isa_read(at, "out"),
                .index = index };
    for (unsigned k = 0; k < loop->n; k++)
        if (crl_isa_read(at, "reduces") >> k & 1 && e.reduction < INT32_MAX) e.reduction *= (int64_t)crl_isa_get(at, loop, k) + 1;
    return e;
}

static crl_status list_events(assignment *a, const crl_disassembly *program, crl_pile *pile, crl_error *err)
{
    a->events = crl_pile_array(pile, (size_t)program->n + 1, sizeof *a->events);
    if (!a->events) return crl_fail_memory(err, "instructions");
    for (int32_t i = 0; i < program->n; i++) {
        const crl_instruction *in = &program->instructions[i];
        if (in->opcode != CRL_ISA_TENSOR) continue;
        a->events[a->n_events++] = read_event(program->executable->chunks[in->chunk].bytes + (size_t)in->word * CRL_ISA_WORD, i);
    }
    return CRL_OK;
}

/* ---- ways ------------------------------------------------------------------------------------------ */

/* A layer's pieces need not sum up in the same way. */
static bool same_kind(const event *a, const event *b)
{
    return crl_edit_same(&a->constants, &b->constants) && a->reduction == b->reduction &&
           (a->kind == KIND_WORDS) == (b->kind == KIND_WORDS) && (a->kind == KIND_AVERAGE) == (b->kind == KIND_AVERAGE);
}

static bool is_piece(const assignment *a, const way *so_far, int32_t n, const event *e)
{
    for (int32_t k = n - 1; k >= 0; k--)
        if (same_kind(&a->events[so_far->events[k]], e)) return true;
    return false;
}

static bool same_ways(const assignment *a, const way *x, const int32_t *events, int32_t last, int32_t n)
{
    for (int32_t k = 0; k < n; k++) {
        const int32_t other = k < n - 1 ? events[k] : last;
        if (!crl_edit_same(&a->events[x->events[k]].constants, &a->events[other].constants)) return false;
    }
    return true;
}

/* Event i: from many operators to few, so that each way grows from one that ends before it. */
static void step(assignment *a, int32_t i)
{
    const event *e = &a->events[i];
    for (int32_t n = a->n_ops; n >= 0; n--) {
        way *to = &a->ways[n];
        if (to->open) to->open = is_loose(e) || (n == a->n_ops && a->helpers) || is_piece(a, to, n, e);
        if (!n || !a->ways[n - 1].open || !fits(a, n - 1, e, &a->ways[n - 1])) continue;
        const way *from = &a->ways[n - 1];
        if (to->open) {
            to->several |= from->several || !same_ways(a, to, from->events, i, n);
            continue;
        }
        memcpy(to->events, from->events, (size_t)(n - 1) * sizeof *to->events);
        to->events[n - 1] = i;
        to->several = from->several;
        to->open = true;
    }
}

static crl_status make_ways(assignment *a, crl_pile *pile, crl_error *err)
{
    const size_t n = (size_t)a->n_ops + 1;
    int32_t *room = crl_pile_array(pile, n * n, sizeof *room);
    a->ways = crl_pile_array(pile, n, sizeof *a->ways);
    if (!room || !a->ways) return crl_fail_memory(err, "ways through a program");
    for (size_t k = 0; k < n; k++) a->ways[k].events = room + k * n;
    a->ways[0].open = true;
    return CRL_OK;
}

/* ---- factors of an ADD ------------------------------------------------------------------------------ */

/* What ten fills have that make the weights of an ADD: a, a << 16, 0, a, a << 16, b, b << 16, 0, b, b << 16. */
static bool read_fills(const uint32_t *fill, uint32_t *a, uint32_t *b)
{
    *a = fill[0];
    *b = fill[5];
    return *a && *b && *a < 1 << 15 && *b < 1 << 15 && fill[1] == *a << 16 && !fill[2] && fill[3] == *a && fill[4] == fill[1] &&
           fill[6] == *b << 16 && !fill[7] && fill[8] == *b && fill[9] == fill[6];
}

/* The operand that an ADD reads first lies where it begins to read: 0 or 1; -1: that does not tell. */
static int first_operand(const assignment *a, const wanted *o, const way *all)
{
    if (o->maker < 0 || o->maker2 < 0 || o->maker == o->maker2) return -1;
    const uint32_t in = a->events[all->events[o - a->ops]].in, x = a->events[all->events[o->maker]].out, y = a->events[all->events[o->maker2]].out;
    return (x == in) == (y == in) ? -1 : y == in;
}

/* Those in front of the ADD, that of its first operand first where that is known. */
static bool find_factors(const assignment *a, const crl_disassembly *program, const wanted *o, const way *all, crl_allotted *to)
{
    enum { FILLS = 10 };
    uint32_t fill[FILLS] = { 0 }, x = 0, y = 0;
    bool found = false;
    const int32_t until = a->events[all->events[o - a->ops]].index, before = o > a->ops ? a->events[all->events[o - a->ops - 1]].index : 0;
    for (int32_t i = before; i < until; i++) {
        const crl_instruction *in = &program->instructions[i];
        const uint8_t *at = program->executable->chunks[in->chunk].bytes + (size_t)in->word * CRL_ISA_WORD;
        uint32_t p, q;
        if (in->opcode < CRL_ISA_SOUTH || in->opcode > CRL_ISA_EAST || !crl_isa_read(at, "fills")) continue;
        memmove(fill, fill + 1, sizeof fill - sizeof *fill);
        fill[FILLS - 1] = (uint32_t)crl_isa_read(at, "fill");
        if (read_fills(fill, &p, &q)) x = p, y = q, found = true;
    }
    const int first = first_operand(a, o, all);
    to->factor[0] = first == 1 ? y : x;
    to->factor[1] = first == 1 ? x : y;
    to->in_order = first >= 0 || x == y;
    return found;
}

crl_status crl_allot(crl_allotted *of, bool *found, const crl_twin *w, const crl_disassembly *program, const crl_layer_tables *tables,
                     const bool *known_zero, crl_pile *pile, crl_error *err)
{
    static const uint64_t most = UINT64_C(1) << 28; /* steps: the largest model that is known takes a hundredth */
    assignment a = { .w = w, .known_zero = known_zero };
    for (int32_t i = 0; i < w->side[0]->n_operators; i++) a.helpers |= w->mapped[i] && w->side[0]->operators[i].code == CRL_OP_SOFTMAX;
    *found = false;
    crl_status s = list_operators(&a, tables, pile, err);
    if (!s) s = list_events(&a, program, pile, err);
    if (s) return s;
    if (!a.n_ops || (uint64_t)a.n_ops * (uint64_t)a.n_ops * (uint64_t)a.n_events > most) return CRL_OK;
    s = make_ways(&a, pile, err);
    if (s) return s;
    for (int32_t i = 0; i < a.n_events; i++) step(&a, i);
    const way *all = &a.ways[a.n_ops];
    *found = all->open && !all->several;
    for (int32_t k = 0; k < a.n_ops && *found; k++) {
        crl_allotted *to = &of[a.ops[k].op];
        *to = (crl_allotted){ .given = true, .constants = a.events[all->events[k]].constants };
        if (w->side[0]->operators[a.ops[k].op].code == CRL_OP_ADD) *found = find_factors(&a, program, &a.ops[k], all, to);
    }
    return CRL_OK;
}
