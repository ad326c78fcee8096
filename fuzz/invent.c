/* SPDX-License-Identifier: Apache-2.0 */
/* From choices to a plan of tensors and operators, from the plan to a FlatBuffer. */
#include "invent.h"

#include <string.h>

#include "model/schema.h"
#include "ops/op.h"

enum { MAX_TENSORS = 40, MAX_OPS = 4, MAX_ARGS = 8, MAX_CONST = 512, MAX_GRAPHS = 3 };
enum { IF = 118, WHILE = 119, CALL_ONCE = 129, VAR_HANDLE = 142, READ_VARIABLE = 143, ASSIGN_VARIABLE = 144 };

typedef struct choices {
    const uint8_t *at;
    size_t left;
} choices;

typedef struct tensor {
    int type;
    int rank;
    int32_t dim[9];
    bool constant;
    int n_scales, axis;
    float scale;
    int64_t zero;
    uint8_t seed; /* of the data: 0 to 15 small numbers that count up from it, else noise */
} tensor;

typedef struct op {
    const crl_op_type *type;
    int in[MAX_ARGS], n_in;
    int out[MAX_ARGS], n_out;
} op;

typedef struct plan {
    tensor tensors[MAX_TENSORS];
    int n_tensors;
    op ops[MAX_OPS];
    int n_ops;
    int living[MAX_TENSORS], n_living; /* values that an operator may read */
    bool called;                       /* by another graph: it has inputs[] and outputs[], and no others */
    int inputs[MAX_ARGS], n_inputs, outputs[MAX_ARGS], n_outputs;
} plan;

/* Graph 0 may call the others, graph 1 the last one. */
typedef struct plans {
    plan graph[MAX_GRAPHS];
    int n;
} plans;

/* 0 to n - 1; 0 when there are no choices left. */
static unsigned pick(choices *c, unsigned n)
{
    if (!c->left) return 0;
    c->left--;
    return *c->at++ % n;
}

#define PICK(c, list) (list)[pick((c), sizeof(list) / sizeof(list)[0])]

/* --- the plan --------------------------------------------------------------------------------------- */

static size_t count(const tensor *t)
{
    size_t n = 1;
    for (int i = 0; i < t->rank; i++) n *= (size_t)t->dim[i];
    return n;
}

static void pick_quant(choices *c, tensor *t)
{
    static const float scales[] = { 0.5f, 1, 0.0078125f, 0.1f, 3, 1.0f / 255, 1e-6f, 0.25f, 200, 0.00390625f, 1e10f, 0 };
    t->n_scales = 0;
    if (t->type != CRL_INT8 && t->type != CRL_UINT8 && t->type != CRL_INT16 && t->type != CRL_INT32) return;
    const unsigned how = pick(c, 12);
    t->n_scales = how < 10 ? 1 : how == 10 ? 0 : 2; /* 2: one for each index of the axis */
    t->scale = PICK(c, scales);
    static const int64_t zeros[] = { 0, 0, 3, -1, 127, -128, 128, 255 };
    t->zero = PICK(c, zeros);
    if (t->type == CRL_INT8) t->zero = t->zero > 127 ? 127 : t->zero;
    if (t->type == CRL_UINT8) t->zero &= 255;
    t->axis = t->rank ? (int)pick(c, (unsigned)t->rank) : 0;
}

static void pick_shape(choices *c, tensor *t, const tensor *like)
{
    static const int32_t dims[] = { 1, 2, 3, 4, 8, 5, 1, 2, 7, 16, 17, 0, 33 };
    static const int ranks[] = { 4, 4, 4, 2, 3, 1, 0, 5, 4, 6, 8, 2 };
    const unsigned how = like ? pick(c, 8) : 7;
    if (how < 4) {
        t->rank = like->rank;
        memcpy(t->dim, like->dim, sizeof t->dim);
    } else if (how == 4) { /* broadcasts */
        t->rank = like->rank;
        for (int i = 0; i < t->rank; i++) t->dim[i] = pick(c, 2) ? like->dim[i] : 1;
    } else if (how == 5) { /* a vector for the last dimension */
        t->rank = 1;
        t->dim[0] = like->rank ? like->dim[like->rank - 1] : 1;
    } else {
        t->rank = PICK(c, ranks);
        for (int i = 0; i < t->rank; i++) t->dim[i] = PICK(c, dims);
    }
    for (int i = 0; count(t) > 4096; i++) t->dim[i] = 1;
}

static int add_tensor(plan *p, const tensor *t)
{
    if (p->n_tensors == MAX_TENSORS) return 0;
    p->tensors[p->n_tensors] = *t;
    return p->n_tensors++;
}

/* Numbers for shapes, axes, paddings: a constant vector of int32 or int64. */
static int add_numbers(plan *p, choices *c)
{
    tensor t = { .type = pick(c, 8) ? CRL_INT32 : CRL_INT64, .rank = (int)pick(c, 3), .constant = true };
    for (int i = 0; i < t.rank; i++) t.dim[i] = i ? 2 : (int32_t)pick(c, 6);
    t.seed = (uint8_t)pick(c, 16);
    return add_tensor(p, &t);
}

static int add_input(plan *p, choices *c, const tensor *like)
{
    static const int types[] = { CRL_INT8, CRL_UINT8, CRL_FLOAT32, CRL_INT32, CRL_INT16, CRL_BOOL, CRL_INT64, CRL_INT8 };
    const unsigned how = pick(c, 16);
    if (p->n_living && how < 6) return p->living[p->n_living - 1 - (int)pick(c, (unsigned)p->n_living)];
    if (like && how < 9) return add_numbers(p, c);
    if (like && how == 9) return -1;
    tensor t = { .type = like && like->type != CRL_RESOURCE && how < 14 ? like->type : PICK(c, types) };
    pick_shape(c, &t, like);
    pick_quant(c, &t);
    t.constant = p->called || (like && count(&t) <= MAX_CONST && pick(c, 2));
    if (p->called && count(&t) > MAX_CONST / 8) t.rank = 0;
    t.seed = (uint8_t)pick(c, 256);
    const int i = add_tensor(p, &t);
    if (!t.constant) p->living[p->n_living++] = i;
    return i;
}

/* Convolutions and their like want inputs that fit one another. */
static void add_filter_and_bias(plan *p, choices *c, op *o)
{
    static const int32_t outs[] = { 1, 2, 8, 5, 16, 17, 32 };
    const tensor in = p->tensors[o->in[0]];
    const int32_t channels = in.rank ? in.dim[in.rank - 1] : 1, out = PICK(c, outs);
    const int32_t h = 1 + (int32_t)pick(c, 3), w = 1 + (int32_t)pick(c, 3);
    tensor f = { .type = in.type == CRL_INT16 ? CRL_INT8 : in.type, .constant = true, .scale = 0.01f, .zero = 0 };
    int32_t made = out;
    if (o->type->code == 9) { /* FULLY_CONNECTED */
        f.rank = 2;
        f.dim[0] = out;
        f.dim[1] = channels;
    } else {
        const bool depthwise = o->type->code == 4;
        const int32_t many = channels * (1 + (int32_t)pick(c, 2));
        f.rank = 4;
        f.dim[0] = depthwise ? 1 : out;
        f.dim[1] = h;
        f.dim[2] = w;
        f.dim[3] = depthwise ? many : channels;
        if (depthwise) made = many;
        f.axis = depthwise ? 3 : 0;
    }
    while (count(&f) > 2048) f.dim[f.rank - 1] = f.dim[0] = made = 1;
    f.n_scales = f.type == CRL_FLOAT32 ? 0 : pick(c, 2) ? 1 : 2;
    if (f.type == CRL_UINT8) f.zero = 128, f.n_scales = 1;
    f.seed = (uint8_t)(16 + pick(c, 240));
    o->in[1] = add_tensor(p, &f);
    tensor b = { .type = f.type == CRL_FLOAT32 ? CRL_FLOAT32 : in.type == CRL_INT16 && pick(c, 2) ? CRL_INT64 : CRL_INT32,
                 .rank = 1, .dim = { made }, .constant = true, .n_scales = f.n_scales, .scale = in.scale * 0.01f };
    if (b.type != CRL_INT32) b.n_scales = 0;
    b.seed = (uint8_t)pick(c, 256);
    o->in[2] = pick(c, 8) ? add_tensor(p, &b) : -1;
    o->n_in = 3;
}

static int newest(const plan *p, int type)
{
    for (int i = p->n_living - 1; i >= 0; i--)
        if (p->tensors[p->living[i]].type == type) return p->living[i];
    return -1;
}

/* Conditions are one BOOL, handles are handles; the rest comes as it comes. */
static void suit_inputs(plan *p, op *o)
{
    const int code = o->type->code;
    if ((code == IF || code == WHILE) && o->n_in) {
        int condition = newest(p, CRL_BOOL);
        if (condition < 0 || count(&p->tensors[condition]) != 1) {
            condition = add_tensor(p, &(tensor){ .type = CRL_BOOL, .constant = p->called });
            if (!p->called) p->living[p->n_living++] = condition;
        }
        o->in[0] = condition;
    }
    const int handle = newest(p, CRL_RESOURCE);
    if ((code == READ_VARIABLE || code == ASSIGN_VARIABLE) && handle >= 0) o->in[0] = handle;
}

static void plan_op(plan *p, choices *c, int32_t n_types)
{
    op *o = &p->ops[p->n_ops++];
    /* Twice, for there may be more than 256 one day. */
    o->type = crl_op_at((int32_t)((pick(c, 256) << 8 | pick(c, 256)) % (unsigned)n_types));
    const crl_op_type *type = o->type;
    int most = type->in_max < 0 || type->in_max > MAX_ARGS ? MAX_ARGS : type->in_max;
    o->n_in = type->in_min < most ? type->in_min + (int)pick(c, (unsigned)(most - type->in_min + 1)) : type->in_min;
    if (o->n_in > MAX_ARGS) o->n_in = MAX_ARGS;
    for (int i = 0; i < o->n_in; i++) {
        const bool first = i == 0 || o->in[0] < 0;
        o->in[i] = add_input(p, c, first ? NULL : &p->tensors[o->in[0]]);
        if (first && (type->code == 3 || type->code == 4 || type->code == 9) && pick(c, 8)) {
            add_filter_and_bias(p, c, o);
            break;
        }
    }
    suit_inputs(p, o);
    most = type->out_max < 0 || type->out_max > MAX_ARGS ? MAX_ARGS : type->out_max;
    if (type->code == WHILE)
        o->n_out = o->n_in;
    else
        o->n_out = type->out_min < most ? type->out_min + (int)pick(c, (unsigned)(most - type->out_min + 1)) : type->out_min;
    const tensor like = o->n_in && o->in[0] >= 0 ? p->tensors[o->in[0]] : (tensor){ .type = CRL_INT8, .scale = 1 };
    for (int i = 0; i < o->n_out; i++) {
        static const int types[] = { CRL_INT8, CRL_UINT8, CRL_FLOAT32, CRL_INT32, CRL_INT16, CRL_BOOL, CRL_INT64 };
        tensor t = like;
        t.constant = false;
        if (!pick(c, 4) || t.type == CRL_RESOURCE) t.type = PICK(c, types);
        if (pick(c, 3) || t.n_scales > 1) pick_quant(c, &t);
        if (t.n_scales > 1) t.n_scales = 1;
        const int from = type->code == IF ? i + 1 : i;
        if ((type->code == IF || type->code == WHILE) && from < o->n_in && o->in[from] >= 0) {
            t = p->tensors[o->in[from]];
            t.constant = false;
        }
        if (type->code == VAR_HANDLE) t = (tensor){ .type = CRL_RESOURCE };
        o->out[i] = add_tensor(p, &t);
        p->living[p->n_living++] = o->out[i];
    }
}

static void plan_ops(plan *p, choices *c, int n)
{
    int32_t n_types = 0;
    while (crl_op_at(n_types)) n_types++;
    for (int i = 0; i < n && p->n_tensors + 2 * MAX_ARGS + 3 < MAX_TENSORS; i++) plan_op(p, c, n_types);
}

static bool is_call(const op *o)
{
    return o->type->code == IF || o->type->code == WHILE || o->type->code == CALL_ONCE;
}

/* A graph for a call: its inputs are the arguments; its outputs have the types of the results where it has such. */
static void plan_callee(plan *p, choices *c, const plan *caller, const op *o, bool condition)
{
    *p = (plan){ .called = true };
    for (int i = o->type->code == IF; i < o->n_in; i++) {
        if (o->in[i] < 0) continue;
        tensor t = caller->tensors[o->in[i]];
        t.constant = false;
        p->living[p->n_living++] = p->inputs[p->n_inputs++] = add_tensor(p, &t);
    }
    plan_ops(p, c, (int)pick(c, 3));
    const int wanted = condition ? 1 : o->n_out;
    for (int i = 0; i < wanted && p->n_living; i++) {
        const int found = newest(p, condition ? CRL_BOOL : caller->tensors[o->out[i]].type);
        const int any = p->living[pick(c, (unsigned)p->n_living)];
        p->outputs[p->n_outputs++] = found >= 0 && pick(c, 8) ? found : any;
    }
}

static void make_plans(plans *all, choices *c)
{
    *all = (plans){ .n = 1 };
    plan *p = &all->graph[0];
    plan_ops(p, c, 1 + (int)pick(c, MAX_OPS));
    for (int i = 0; i < p->n_ops && all->n == 1; i++) {
        if (!is_call(&p->ops[i])) continue;
        plan_callee(&all->graph[1], c, p, &p->ops[i], p->ops[i].type->code == WHILE);
        plan_callee(&all->graph[2], c, p, &p->ops[i], false);
        all->n = MAX_GRAPHS;
    }
}

/* --- the file --------------------------------------------------------------------------------------- */

static void write_data(build *b, size_t vector, const tensor *t)
{
    static const size_t sizes[] = { [CRL_FLOAT32] = 4, [CRL_INT32] = 4, [CRL_UINT8] = 1, [CRL_INT64] = 8, [CRL_BOOL] = 1,
                                    [CRL_INT16] = 2, [CRL_INT8] = 1, [CRL_RESOURCE] = 0 };
    const size_t n = count(t), size = sizes[t->type];
    build_link_item(b, vector, 0);
    const size_t buffer = build_table(b, 3);
    build_link(b, buffer, 0);
    const size_t at = build_vector(b, n * size, 1);
    uint32_t noise = t->seed;
    for (size_t i = 0; i < n; i++) {
        noise = noise * 1664525 + 1013904223;
        const int64_t small = t->seed % 8 - 2 + (int64_t)i * (t->seed / 8), any = (int8_t)(noise >> 24);
        const int64_t v = t->seed < 16 ? small : any;
        const float f = (float)v * 0.25f;
        const uint8_t bit = noise >> 31;
        const void *from = t->type == CRL_FLOAT32 ? (const void *)&f : t->type == CRL_BOOL ? (const void *)&bit : &v;
        memcpy(b->bytes + at + i * size, from, size);
    }
}

static void write_tensor(build *b, const tensor *t, int buffer)
{
    const size_t table = build_table(b, 11);
    build_link(b, table, 0);
    build_ints(b, t->dim, (size_t)t->rank);
    build_u8(b, table, 1, (uint8_t)t->type);
    build_i32(b, table, 2, buffer);
    if (!t->n_scales) return;
    const size_t n = t->n_scales == 1 || !t->rank ? 1 : (size_t)t->dim[t->axis];
    build_link(b, table, 4);
    const size_t quant = build_table(b, 7);
    build_link(b, quant, 2);
    const size_t scale = build_vector(b, n, 4);
    for (size_t i = 0; i < n; i++) {
        const float s = t->scale * (float)(1 + i % 3);
        memcpy(b->bytes + scale + 4 * i, &s, sizeof s);
    }
    build_link(b, quant, 3);
    const size_t zero = build_vector(b, n, 8);
    for (size_t i = 0; i < n; i++) memcpy(b->bytes + zero + 8 * i, &t->zero, sizeof t->zero);
    build_i32(b, quant, 6, t->axis);
}

/* Those of a call: which graphs. A caller comes before what it calls, mostly. */
static void write_call(build *b, choices *c, size_t table, const crl_op_type *type, int graph)
{
    const int kind = crl_schema_operators[type->code].options;
    build_u8(b, table, 3, (uint8_t)kind);
    build_link(b, table, 4);
    const size_t t = build_table(b, 2);
    for (int i = 0; i < crl_schema_tables[kind].n; i++)
        build_i32(b, t, i, pick(c, 8) ? (graph + 1 + i < MAX_GRAPHS ? graph + 1 + i : MAX_GRAPHS - 1) : (int32_t)pick(c, MAX_GRAPHS));
}

static void write_options(build *b, choices *c, size_t table, const crl_op_type *type)
{
    if (type->code == CRL_CUSTOM) {
        build_link(b, table, 5);
        const size_t n = c->left < 64 ? c->left : 64;
        build_bytes(b, c->at, n);
        return;
    }
    const int kind = crl_schema_operators[type->code].options;
    const crl_schema_table *options = &crl_schema_tables[kind];
    const crl_schema_field *fields = &crl_schema_fields[options->first];
    if (!options->n || !pick(c, 8)) return;
    const int first_of_second = crl_schema_unions[CRL_UNION_BUILTIN_OPTIONS2].first;
    const bool second = kind >= first_of_second;
    build_u8(b, table, second ? 11 : 3, (uint8_t)(second ? kind - first_of_second + 1 : kind));
    build_link(b, table, second ? 12 : 4);
    const size_t t = build_table(b, fields[options->n - 1].id + 1);
    for (int i = 0; i < options->n; i++) {
        static const int32_t ints[] = { 1, 1, 2, 1, 3, 0, -1, 4, 2, -2, 8, INT32_MAX, INT32_MIN };
        static const float floats[] = { 1, 0, 0.5f, -1, 6, 1e30f, 1e-30f };
        const crl_schema_field *f = &fields[i];
        switch ((crl_schema_kind)f->kind) {
        case CRL_SCHEMA_BOOL: build_u8(b, t, f->id, (uint8_t)pick(c, 2)); break;
        case CRL_SCHEMA_I8:
            build_u8(b, t, f->id, (uint8_t)pick(c, f->of ? (unsigned)crl_schema_enums[f->of].n : 3));
            break;
        case CRL_SCHEMA_F32: build_f32(b, t, f->id, PICK(c, floats)); break;
        case CRL_SCHEMA_INTS: {
            int32_t list[4];
            const size_t n = pick(c, 5);
            for (size_t k = 0; k < n; k++) list[k] = PICK(c, ints);
            build_link(b, t, f->id);
            build_ints(b, list, n);
            break;
        }
        case CRL_SCHEMA_LONGS: {
            const size_t n = pick(c, 5);
            build_link(b, t, f->id);
            const size_t at = build_vector(b, n, 8);
            for (size_t k = 0; k < n; k++) {
                const int64_t v = PICK(c, ints);
                memcpy(b->bytes + at + 8 * k, &v, sizeof v);
            }
            break;
        }
        case CRL_SCHEMA_I32:
        case CRL_SCHEMA_U32: build_i32(b, t, f->id, PICK(c, ints)); break;
        default: break;
        }
    }
}

static void write_op(build *b, choices *c, const op *o, int code, int graph)
{
    const size_t table = build_table(b, 13);
    int32_t list[MAX_ARGS];
    build_i32(b, table, 0, code);
    for (int i = 0; i < o->n_in; i++) list[i] = o->in[i];
    build_link(b, table, 1);
    build_ints(b, list, (size_t)o->n_in);
    for (int i = 0; i < o->n_out; i++) list[i] = o->out[i];
    build_link(b, table, 2);
    build_ints(b, list, (size_t)o->n_out);
    if (is_call(o))
        write_call(b, c, table, o->type, graph);
    else
        write_options(b, c, table, o->type);
}

/* Inputs are what no operator writes, outputs are what the operators write: all of it, so that all is compared. */
static void write_ends(build *b, const plan *p, size_t subgraph)
{
    if (p->called) {
        build_link(b, subgraph, 1);
        build_ints(b, (const int32_t *)p->inputs, (size_t)p->n_inputs);
        build_link(b, subgraph, 2);
        build_ints(b, (const int32_t *)p->outputs, (size_t)p->n_outputs);
        return;
    }
    int32_t in[MAX_TENSORS], out[MAX_TENSORS];
    bool written[MAX_TENSORS] = { false };
    size_t n_in = 0, n_out = 0;
    for (int i = 0; i < p->n_ops; i++)
        for (int k = 0; k < p->ops[i].n_out; k++) {
            written[p->ops[i].out[k]] = true;
            out[n_out++] = p->ops[i].out[k];
        }
    for (int i = 0; i < p->n_tensors; i++)
        if (!written[i] && !p->tensors[i].constant) in[n_in++] = i;
    build_link(b, subgraph, 1);
    build_ints(b, in, n_in);
    build_link(b, subgraph, 2);
    build_ints(b, out, n_out);
}

static void write_codes(build *b, const plans *all, size_t model)
{
    int n = 0, code = 0;
    for (int g = 0; g < all->n; g++) n += all->graph[g].n_ops;
    build_link(b, model, 1);
    const size_t codes = build_vector(b, (size_t)n, 4);
    for (int g = 0; g < all->n; g++)
        for (int i = 0; i < all->graph[g].n_ops; i++) {
            const crl_op_type *type = all->graph[g].ops[i].type;
            build_link_item(b, codes, code++);
            const size_t table = build_table(b, 4);
            build_i32(b, table, 3, type->code);
            if (type->code != CRL_CUSTOM) continue;
            build_link(b, table, 1);
            build_text(b, type->name);
        }
}

/* `code` and `buffer` are what the graphs before have used up. */
static void write_graph(build *b, choices *c, const plan *p, int graph, int code, int buffer)
{
    const size_t subgraph = build_table(b, 5);
    build_link(b, subgraph, 0);
    const size_t tensors = build_vector(b, (size_t)p->n_tensors, 4);
    for (int i = 0; i < p->n_tensors; i++) {
        build_link_item(b, tensors, i);
        write_tensor(b, &p->tensors[i], p->tensors[i].constant ? buffer + i : 0);
    }
    write_ends(b, p, subgraph);
    build_link(b, subgraph, 3);
    const size_t ops = build_vector(b, (size_t)p->n_ops, 4);
    for (int i = 0; i < p->n_ops; i++) {
        build_link_item(b, ops, i);
        write_op(b, c, &p->ops[i], code + i, graph);
    }
}

/* One for each tensor of each graph, behind the empty one. */
static void write_buffers(build *b, const plans *all, size_t model)
{
    size_t n = 1, at = 0;
    for (int g = 0; g < all->n; g++) n += (size_t)all->graph[g].n_tensors;
    build_link(b, model, 4);
    const size_t buffers = build_vector(b, n, 4);
    build_link_item(b, buffers, 0);
    build_table(b, 3);
    for (int g = 0; g < all->n; g++)
        for (int i = 0; i < all->graph[g].n_tensors; i++) {
            const tensor *t = &all->graph[g].tensors[i];
            at++;
            if (t->constant && count(t)) {
                write_data(b, buffers + 4 * at, t);
                continue;
            }
            build_link_item(b, buffers, (int)at);
            build_table(b, 3);
        }
}

void invent_model(build *b, const uint8_t *bytes, size_t n)
{
    choices c = { bytes, n };
    static plans all;
    make_plans(&all, &c);
    build_begin(b, "TFL3");
    const size_t model = build_table(b, 8);
    build_i32(b, model, 0, 3);
    write_codes(b, &all, model);
    build_link(b, model, 2);
    const size_t subgraphs = build_vector(b, (size_t)all.n, 4);
    for (int g = 0, code = 0, buffer = 1; g < all.n; g++) {
        build_link_item(b, subgraphs, g);
        write_graph(b, &c, &all.graph[g], g, code, buffer);
        code += all.graph[g].n_ops;
        buffer += all.graph[g].n_tensors;
    }
    write_buffers(b, &all, model);
}
