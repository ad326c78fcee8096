/* SPDX-License-Identifier: Apache-2.0 */
/* One change after the other to a copy of a model. */
#include "mutate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MAX_CONST = 1 << 16, EXTRA_INPUTS = 64 };

/* The parts of a subgraph that changes are made to. */
typedef struct parts {
    crl_pile *pile;
    crl_subgraph *graph;
    crl_tensor_def *tensors;
    crl_operator *ops;
    int32_t *inputs;
    choices *c;
    char *text;
} parts;

/* 0 to n - 1; 0 when there are no choices left. */
static uint32_t pick(choices *c, size_t n)
{
    if (!c->left || !n) return 0;
    uint32_t v = *c->at++;
    c->left--;
    if (n > 256 && c->left) v = v << 8 | *c->at++, c->left--;
    return (uint32_t)(v % n);
}

#define PICK(c, list) (list)[pick((c), sizeof(list) / sizeof(list)[0])]

static const int32_t sizes[] = { 0, 1, 2, 3, 4, 5, 8, 17, 255, 256, 65536, 1 << 24, INT32_MAX };
static const int64_t integers[] = { -1, 0, 1, 2, 3, 4, -2, 7, 8, 9, -9, 100, 255, 256, 65535, -128, INT32_MAX, INT32_MIN,
                                    INT64_MAX, INT64_MIN };
static const float reals[] = { 0, 1, -1, 0.5f, 1e-30f, 1e30f, NAN, INFINITY, -INFINITY, 1e-45f, 255, -1000 };

/* --- tensors -------------------------------------------------------------------------------------------- */

/* Elements, where the shape is one that a file may have: a zero does not excuse the other dimensions. */
static bool fits(const crl_shape *s, size_t *n)
{
    size_t spread = 16;
    *n = 1;
    for (int32_t d = 0; d < s->rank; d++) {
        if ((s->dim[d] && !crl_size_mul(spread, (size_t)s->dim[d], &spread)) || spread > PTRDIFF_MAX / 2) return false;
        *n *= (size_t)s->dim[d];
    }
    return true;
}

static size_t const_bytes(crl_type type, size_t n)
{
    return type == CRL_INT4 ? (n + 1) / 2 : n * crl_type_bytes(type);
}

/* Data for a constant of a new shape or type: what there was, over and over. */
static bool refill(const parts *p, crl_tensor_def *t)
{
    size_t n;
    if (!t->data) return true;
    if (!fits(&t->shape, &n) || n > MAX_CONST || (!crl_type_bytes(t->type) && t->type != CRL_INT4)) return false;
    const size_t bytes = const_bytes(t->type, n);
    uint8_t *data = crl_pile_alloc(p->pile, bytes);
    if (!data) return false;
    for (size_t i = 0; t->bytes && i < bytes; i++) data[i] = ((const uint8_t *)t->data)[i % t->bytes];
    t->data = data;
    t->bytes = bytes;
    /* What the reader found to fit the old shape. */
    t->sparsity = NULL;
    t->quant.block = 0;
    return true;
}

static void change_shape(const parts *p, crl_tensor_def *t)
{
    crl_tensor_def changed = *t;
    crl_shape *s = &changed.shape;
    size_t n;
    switch (pick(p->c, 5)) {
    case 4: /* nothing, a huge number of times */
        for (int32_t d = 0; d < s->rank; d++) s->dim[d] = pick(p->c, 2) ? 1 << 20 : s->dim[d];
        if (s->rank) s->dim[pick(p->c, (size_t)s->rank)] = 0;
        break;
    case 0: /* a dimension fewer */
        if (s->rank) s->dim[--s->rank] = 0;
        break;
    case 1: /* one more, in front */
        if (s->rank == CRL_MAX_RANK) return;
        memmove(s->dim + 1, s->dim, (size_t)s->rank++ * sizeof *s->dim);
        s->dim[0] = PICK(p->c, sizes);
        break;
    case 2: /* as many as there can be */
        for (; s->rank < CRL_MAX_RANK; s->rank++) s->dim[s->rank] = 1;
        break;
    default:
        if (s->rank) s->dim[pick(p->c, (size_t)s->rank)] = PICK(p->c, sizes);
        break;
    }
    if (!fits(s, &n) || !refill(p, &changed)) return;
    changed.shape_signature = changed.shape;
    *t = changed;
}

static void change_type(const parts *p, crl_tensor_def *t)
{
    crl_tensor_def changed = *t;
    size_t n;
    changed.type = (crl_type)pick(p->c, CRL_BFLOAT16 + 1);
    if (fits(&t->shape, &n) && refill(p, &changed)) *t = changed;
}

static void change_quant(const parts *p, crl_tensor_def *t)
{
    static const int32_t counts[] = { 0, 1, 2, 3, 5, 16 };
    crl_quant q = { .n = PICK(p->c, counts), .axis = pick(p->c, 6) };
    float *scale = crl_pile_array(p->pile, (size_t)q.n, sizeof *scale);
    int32_t *zero = crl_pile_array(p->pile, (size_t)q.n, sizeof *zero);
    if (!scale || !zero) return;
    for (int32_t i = 0; i < q.n; i++) {
        scale[i] = PICK(p->c, reals);
        zero[i] = (int32_t)PICK(p->c, integers);
    }
    q.scale = scale;
    q.zero_point = zero;
    t->quant = q;
}

static void change_values(const parts *p, crl_tensor_def *t)
{
    const size_t size = crl_type_bytes(t->type);
    if (!t->data || !size || size > 8 || t->bytes > MAX_CONST) return;
    uint8_t *data = crl_pile_alloc(p->pile, t->bytes);
    if (!data) return;
    memcpy(data, t->data, t->bytes);
    const bool all = pick(p->c, 2);
    const size_t n = t->bytes / size, one = pick(p->c, n ? n : 1);
    for (size_t i = all ? 0 : one; i < n && (all || i == one); i++) {
        const int64_t v = PICK(p->c, integers);
        const float f = PICK(p->c, reals);
        if (t->type == CRL_FLOAT32)
            memcpy(data + i * size, &f, size);
        else
            memcpy(data + i * size, &v, size);
    }
    t->data = data;
}

static void to_input(const parts *p, int32_t tensor)
{
    for (int32_t i = 0; i < p->graph->n_inputs; i++)
        if (p->inputs[i] == tensor) return;
    if (p->graph->n_inputs < EXTRA_INPUTS) p->inputs[p->graph->n_inputs++] = tensor;
}

/* What was known, or kept, is given when the model runs. */
static void forget_value(const parts *p, int32_t tensor)
{
    crl_tensor_def *t = &p->tensors[tensor];
    if ((!t->data && !t->is_variable) || p->graph->n_inputs == EXTRA_INPUTS) return;
    t->data = NULL;
    t->bytes = 0;
    t->is_variable = false;
    to_input(p, tensor);
}

static void change_tensor(const parts *p)
{
    const int32_t i = (int32_t)pick(p->c, (size_t)p->graph->n_tensors);
    crl_tensor_def *t = &p->tensors[i];
    const uint32_t how = pick(p->c, 6);
    static const char *const hows[] = { "shape", "type", "quantisation", "values", "values forgotten", "shape" };
    snprintf(p->text + strlen(p->text), 80, " tensor %d: %s;", i, hows[how]);
    switch (how) {
    case 1: change_type(p, t); break;
    case 2: change_quant(p, t); break;
    case 3: change_values(p, t); break;
    case 4: forget_value(p, i); break;
    default: change_shape(p, t); break;
    }
}

/* --- operators -------------------------------------------------------------------------------------------- */

static int32_t *copy_list(const parts *p, const int32_t *list, int32_t n, int32_t room)
{
    int32_t *copy = crl_pile_array(p->pile, (size_t)(n + room), sizeof *copy);
    if (copy && n) memcpy(copy, list, (size_t)n * sizeof *copy);
    return copy;
}

static void change_option(const parts *p, crl_operator *op)
{
    if (!op->n_options) return;
    crl_option *options = crl_pile_array(p->pile, (size_t)op->n_options, sizeof *options);
    int32_t *list = crl_pile_array(p->pile, 10, sizeof *list);
    if (!options || !list) return;
    memcpy(options, op->options, (size_t)op->n_options * sizeof *options);
    crl_option *o = &options[pick(p->c, (size_t)op->n_options)];
    snprintf(p->text + strlen(p->text), 80, " %.40s;", o->name);
    o->i = o->kind == CRL_OPTION_BOOL ? pick(p->c, 2) : PICK(p->c, integers);
    o->f = PICK(p->c, reals);
    if (o->kind == CRL_OPTION_INTS) {
        o->n = (int32_t)pick(p->c, 11);
        for (int32_t i = 0; i < o->n; i++) list[i] = (int32_t)PICK(p->c, integers);
        o->v = list;
    }
    op->options = options;
}

/* A tensor that any operator may read: a constant, a variable, or an input. */
static int32_t known_tensor(const parts *p)
{
    const int32_t first = (int32_t)pick(p->c, (size_t)p->graph->n_tensors);
    for (int32_t i = 0; i < p->graph->n_tensors; i++) {
        const int32_t k = (first + i) % p->graph->n_tensors;
        bool known = p->tensors[k].data || p->tensors[k].is_variable;
        for (int32_t n = 0; n < p->graph->n_inputs; n++) known = known || p->inputs[n] == k;
        if (known) return k;
    }
    return -1;
}

static void change_inputs(const parts *p, crl_operator *op)
{
    int32_t *inputs = copy_list(p, op->inputs, op->n_inputs, 1);
    if (!inputs) return;
    switch (pick(p->c, 4)) {
    case 0: op->n_inputs -= op->n_inputs > 0; break;
    case 1: inputs[op->n_inputs++] = known_tensor(p); break;
    case 2:
        if (op->n_inputs) inputs[pick(p->c, (size_t)op->n_inputs)] = -1;
        break;
    default:
        if (op->n_inputs) inputs[pick(p->c, (size_t)op->n_inputs)] = known_tensor(p);
        break;
    }
    op->inputs = inputs;
}

/* Outputs that are gone are read by nobody any more. */
static void change_outputs(const parts *p, crl_operator *op)
{
    int32_t *outputs = copy_list(p, op->outputs, op->n_outputs, 1);
    if (!outputs || !op->n_outputs || p->graph->n_operators > 1) return;
    const int32_t k = pick(p->c, 2) ? op->n_outputs - 1 : (int32_t)pick(p->c, (size_t)op->n_outputs), gone = outputs[k];
    int32_t n = 0;
    int32_t *list = copy_list(p, p->graph->outputs, p->graph->n_outputs, 0);
    if (!list) return;
    for (int32_t i = 0; i < p->graph->n_outputs; i++)
        if (list[i] != gone) list[n++] = list[i];
    p->graph->outputs = list;
    p->graph->n_outputs = n;
    if (k == op->n_outputs - 1)
        op->n_outputs--;
    else
        outputs[k] = -1;
    op->outputs = outputs;
}

static void change_custom(const parts *p, crl_operator *op)
{
    if (!op->custom_bytes) return;
    uint8_t *bytes = crl_pile_alloc(p->pile, op->custom_bytes);
    if (!bytes) return;
    memcpy(bytes, op->custom_options, op->custom_bytes);
    if (pick(p->c, 4) == 0)
        op->custom_bytes = pick(p->c, op->custom_bytes);
    else
        bytes[pick(p->c, op->custom_bytes)] = (uint8_t)pick(p->c, 256);
    op->custom_options = bytes;
}

static void change_operator(const parts *p)
{
    crl_operator *op = &p->ops[pick(p->c, (size_t)p->graph->n_operators)];
    const uint32_t how = pick(p->c, 5);
    static const char *const hows[] = { "options", "options", "inputs", "outputs", "custom options" };
    snprintf(p->text + strlen(p->text), 80, " %.40s: %s;", op->name, hows[how]);
    switch (how) {
    case 2: change_inputs(p, op); break;
    case 3: change_outputs(p, op); break;
    case 4:
        change_custom(p, op);
        if (op->n_intermediates) op->n_intermediates = (int32_t)pick(p->c, (size_t)op->n_intermediates);
        break;
    default: change_option(p, op); break;
    }
}

static const int32_t *rename_in(const parts *p, const int32_t *list, int32_t n, int32_t from, int32_t to)
{
    int32_t *copy = copy_list(p, list, n, 0);
    for (int32_t i = 0; copy && i < n; i++)
        if (copy[i] == from) copy[i] = to;
    return copy ? copy : list;
}

/* A subgraph that is called takes one tensor for two arguments, and reads that one instead of the other. */
static void change_callee(const parts *p, const crl_model *original)
{
    if (original->n_subgraphs < 2) return;
    crl_subgraph *g = p->graph + 1 + pick(p->c, (size_t)original->n_subgraphs - 1);
    crl_operator *ops = crl_pile_array(p->pile, (size_t)g->n_operators, sizeof *ops);
    if (!ops || g->n_inputs < 2) return;
    if (g->n_operators) memcpy(ops, g->operators, (size_t)g->n_operators * sizeof *ops);
    const int32_t from = g->inputs[pick(p->c, (size_t)g->n_inputs)], to = g->inputs[pick(p->c, (size_t)g->n_inputs)];
    g->inputs = rename_in(p, g->inputs, g->n_inputs, from, to);
    g->outputs = rename_in(p, g->outputs, g->n_outputs, from, to);
    for (int32_t i = 0; i < g->n_operators; i++) ops[i].inputs = rename_in(p, ops[i].inputs, ops[i].n_inputs, from, to);
    g->operators = ops;
    snprintf(p->text + strlen(p->text), 80, " %.40s: one input twice;", g->name);
}

bool mutant_make(mutant *m, const crl_model *original, choices *c)
{
    *m = (mutant){ .model = *original, .text = "" };
    const crl_subgraph *g = &original->subgraphs[0];
    crl_subgraph *graphs = crl_pile_array(&m->pile, (size_t)original->n_subgraphs, sizeof *graphs);
    parts p = { .pile = &m->pile, .graph = graphs, .c = c, .text = m->text };
    p.tensors = crl_pile_array(&m->pile, (size_t)g->n_tensors, sizeof *p.tensors);
    p.ops = crl_pile_array(&m->pile, (size_t)g->n_operators, sizeof *p.ops);
    p.inputs = copy_list(&p, g->inputs, g->n_inputs, EXTRA_INPUTS);
    if (!graphs || !p.tensors || !p.ops || !p.inputs || g->n_inputs > EXTRA_INPUTS) return false;
    memcpy(graphs, original->subgraphs, (size_t)original->n_subgraphs * sizeof *graphs);
    memcpy(p.tensors, g->tensors, (size_t)g->n_tensors * sizeof *p.tensors);
    memcpy(p.ops, g->operators, (size_t)g->n_operators * sizeof *p.ops);
    graphs[0].tensors = p.tensors;
    graphs[0].operators = p.ops;
    graphs[0].inputs = p.inputs;
    m->model.subgraphs = graphs;
    for (uint32_t i = 0, n = 1 + pick(c, 4) / 3; i < n; i++) {
        const uint32_t what = pick(c, original->n_subgraphs > 1 ? 5 : 4);
        if (what == 4)
            change_callee(&p, original);
        else if (what % 2)
            change_tensor(&p);
        else
            change_operator(&p);
    }
    return true;
}

void mutant_free(mutant *m)
{
    crl_pile_free(&m->pile);
}
