/* SPDX-License-Identifier: Apache-2.0 */
/* See pair.h. */
#include "pair.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "compile/constants.h"
#include "compile/pack.h"
#include "package/isa.h"

enum { INPUTS = 8, OUTPUTS = 4, MOST = 128 };

typedef struct maker {
    crl_pile pile;
    crl_tree *root, *graph;
} maker;

static crl_tree *add(maker *m, crl_tree *node, int field, int kind)
{
    enum { ROOM = 8 };
    crl_tree_value *v = crl_tree_at(node, field);
    if (!v->present) *v = (crl_tree_value){ .tables = crl_pile_array(&m->pile, ROOM, sizeof(crl_tree *)), .present = true };
    assert(v->tables && v->n < ROOM);
    return v->tables[v->n++] = crl_tree_new(&m->pile, kind);
}

static const void *keep(maker *m, const void *bytes, size_t n)
{
    void *copy = crl_pile_alloc(&m->pile, n);
    assert(copy);
    return memcpy(copy, bytes, n);
}

static void set_list(maker *m, crl_tree *node, int field, const void *v, uint32_t n, size_t size)
{
    *crl_tree_at(node, field) = (crl_tree_value){ .list = keep(m, v, n * size), .n = n, .present = true };
}

static void add_tensor(maker *m, const char *name, int type, const int32_t *shape, uint32_t rank, float scale, int64_t zero, const void *data,
                       size_t bytes)
{
    crl_tree *t = add(m, m->graph, CRL_FIELD_SUB_GRAPH_TENSORS, CRL_TABLE_TENSOR), *q = crl_tree_new(&m->pile, CRL_TABLE_QUANTIZATION_PARAMETERS);
    const uint32_t buffers = crl_tree_at(m->root, CRL_FIELD_MODEL_BUFFERS)->n;
    set_list(m, t, CRL_FIELD_TENSOR_NAME, name, (uint32_t)strlen(name), 1);
    set_list(m, t, CRL_FIELD_TENSOR_SHAPE, shape, rank, 4);
    made_number(t, CRL_FIELD_TENSOR_TYPE, type);
    made_number(t, CRL_FIELD_TENSOR_BUFFER, data ? buffers : 0);
    set_list(m, q, CRL_FIELD_QUANTIZATION_PARAMETERS_SCALE, &scale, 1, 4);
    set_list(m, q, CRL_FIELD_QUANTIZATION_PARAMETERS_ZERO_POINT, &zero, 1, 8);
    *crl_tree_at(t, CRL_FIELD_TENSOR_QUANTIZATION) = (crl_tree_value){ .table = q, .present = true };
    if (data) set_list(m, add(m, m->root, CRL_FIELD_MODEL_BUFFERS, CRL_TABLE_BUFFER), CRL_FIELD_BUFFER_DATA, data, (uint32_t)bytes, 1);
}

static void begin(maker *m)
{
    *m = (maker){ .root = NULL };
    m->root = crl_tree_new(&m->pile, CRL_TABLE_MODEL);
    made_number(m->root, CRL_FIELD_MODEL_VERSION, 3);
    m->graph = add(m, m->root, CRL_FIELD_MODEL_SUBGRAPHS, CRL_TABLE_SUB_GRAPH);
    add(m, m->root, CRL_FIELD_MODEL_BUFFERS, CRL_TABLE_BUFFER);
}

static uint8_t *finish(maker *m, size_t *size)
{
    uint8_t *bytes;
    const crl_status s = crl_tree_write(m->root, "TFL3", NULL, &bytes, size, NULL);
    assert(!s);
    (void)s;
    crl_pile_free(&m->pile);
    return bytes;
}

static void add_ends(maker *m, int32_t input, int32_t output)
{
    set_list(m, m->graph, CRL_FIELD_SUB_GRAPH_INPUTS, &input, 1, 4);
    set_list(m, m->graph, CRL_FIELD_SUB_GRAPH_OUTPUTS, &output, 1, 4);
}

uint8_t *pair_model(bool second, const pair_change *change, size_t *size)
{
    maker m;
    uint8_t weights[MOST * INPUTS];
    int32_t bias[MOST];
    const bool other = second && !change->same;
    const bool heavy = other && !change->same_weights && !change->same_layer;
    const int32_t outputs = second && change->outputs ? change->outputs : OUTPUTS;
    for (int i = 0; i < outputs * INPUTS; i++) weights[i] = (uint8_t)(heavy ? 7 * i + 1 : 11 * i + 3);
    for (int i = 0; i < outputs; i++) bias[i] = other && change->no_bias ? 0 : heavy ? 100 - i : 20 + i;
    begin(&m);
    add_tensor(&m, "in", 3, (int32_t[]){ 1, INPUTS }, 2, 0.5f, 128, NULL, 0);
    add_tensor(&m, "weights", 3, (int32_t[]){ outputs, INPUTS }, 2, other && !change->same_layer ? 0.03f : 0.02f, heavy ? 99 : 120, weights, (size_t)outputs * INPUTS);
    add_tensor(&m, "bias", 2, (int32_t[]){ outputs }, 1, 0.01f, 0, bias, (size_t)outputs * 4);
    add_tensor(&m, second && change->name ? change->name : "out", 3, (int32_t[]){ 1, outputs }, 2, other ? 0.25f : 0.125f,
               other && change->zero_point_0 ? 0 : other ? 77 : 66, NULL, 0);
    made_number(add(&m, m.root, CRL_FIELD_MODEL_OPERATOR_CODES, CRL_TABLE_OPERATOR_CODE), CRL_FIELD_OPERATOR_CODE_DEPRECATED_BUILTIN_CODE, 9);
    for (int i = 0; i < (second && change->operators ? change->operators : 1); i++) {
        crl_tree *op = add(&m, m.graph, CRL_FIELD_SUB_GRAPH_OPERATORS, CRL_TABLE_OPERATOR);
        if (i) add_tensor(&m, "more", 3, (int32_t[]){ 1, outputs }, 2, 0.25f, 77, NULL, 0);
        const int32_t inputs[] = { 0, 1, 2 }, out = i ? 4 : 3;
        set_list(&m, op, CRL_FIELD_OPERATOR_INPUTS, inputs, 3, 4);
        set_list(&m, op, CRL_FIELD_OPERATOR_OUTPUTS, &out, 1, 4);
    }
    add_ends(&m, 0, 3);
    return finish(&m, size);
}

/* The programs of the made package, with the one instruction of the layer, and as many bytes of parameters. */
static void put_programs(made *p, const crl_constants *c, size_t parameters)
{
    char tensor[512], bytes[64];
    float multiplier, high, low;
    memcpy(&multiplier, &c->multiplier, 4);
    memcpy(&high, &c->high, 4);
    memcpy(&low, &c->low, 4);
    snprintf(tensor, sizeof tensor,
             "tensor tiles=0x1 counter=12 weight_zero=%u in_zero=%u multiplier=%.9g high=%.9g low=%.9g out_zero=%u\nwiden sequence=1", c->weight_zero,
             c->in_zero, (double)multiplier, (double)high, (double)low, c->out_zero);
    snprintf(bytes, sizeof bytes, "b=%#zx", parameters);
    bool done = made_program(p, 0, made_running, "widen", tensor) && made_program(p, 1, made_caching, "b=0x40", bytes);
    if (done) { /* and the first word, which counts bits */
        uint8_t *start = (uint8_t *)crl_tree_at(p->chunk[0], CRL_FIELD_INSTRUCTION_BITSTREAM_BITSTREAM)->list;
        crl_isa_write(start, "bits", crl_isa_read(start, "bits") + CRL_ISA_MOST_WORDS * 128);
    }
    assert(done);
    (void)done;
}

/* The program and the parameters of the first variant take the place of the made package's own. */
static void fill_package(made *p, crl_pile *pile)
{
    size_t size;
    crl_model *a;
    crl_twin twin = { .side = { NULL, NULL } };
    crl_layer_view v;
    uint8_t *bytes = pair_model(false, &(pair_change){ 0 }, &size), *parameters;
    int32_t same[] = { 0, 1, 2, 3 }, reader[] = { 0, 0, 0, -1 };
    bool mapped[] = { true };
    crl_constants_table table;
    crl_status s = crl_model_open(&a, bytes, size, NULL);
    assert(!s);
    (void)s;
    twin = (crl_twin){ .side = { &a->subgraphs[0], &a->subgraphs[0] }, .b_of = same, .reader = reader, .mapped = mapped, .wide_op = -1 };
    const bool known = crl_layer_of(&v, &twin, CRL_SIDE_A, 0) && !crl_constants_find(&table, &twin, pile, NULL) && table.n;
    assert(known);
    (void)known;
    const crl_pack_choice choice = { .out = 3, .sixteen_rows = true };
    const size_t n = crl_pack(&v, &twin, CRL_SIDE_A, 0, &choice, NULL);
    parameters = crl_pile_alloc(pile, n);
    assert(parameters);
    crl_pack(&v, &twin, CRL_SIDE_A, 0, &choice, parameters);
    *crl_tree_at(p->executable[1], CRL_FIELD_EXECUTABLE_PARAMETERS) = (crl_tree_value){ .list = parameters, .n = (uint32_t)n, .present = true };
    made_number(made_hint(p, 1, 1), CRL_FIELD_DMA_DESCRIPTOR_HINT_SIZE_IN_BYTES, (int64_t)n);
    put_programs(p, &table.pairs[0].side[0], n);
    crl_tree *numerics = crl_tree_at(p->output, CRL_FIELD_LAYER_NUMERICS)->table;
    made_number(numerics, CRL_FIELD_NUMERICS_CONSTANTS_ZERO_POINT, 66);
    crl_tree_at(numerics, CRL_FIELD_NUMERICS_CONSTANTS_DEQUANTIZATION_FACTOR)->f = 0.125f;
    crl_model_close(a);
    crl_free(bytes);
}

uint8_t *pair_template(size_t *size)
{
    static const char name[] = CRL_EDGETPU_OP;
    maker m;
    made p;
    begin(&m);
    made_begin(&p);
    fill_package(&p, &m.pile);
    made_finish(&p);
    add_tensor(&m, "in", 3, (int32_t[]){ 1, INPUTS }, 2, 0.5f, 128, NULL, 0);
    add_tensor(&m, "out", 3, (int32_t[]){ 1, OUTPUTS }, 2, 0.125f, 66, NULL, 0);
    crl_tree *code = add(&m, m.root, CRL_FIELD_MODEL_OPERATOR_CODES, CRL_TABLE_OPERATOR_CODE);
    made_number(code, CRL_FIELD_OPERATOR_CODE_DEPRECATED_BUILTIN_CODE, CRL_CUSTOM);
    set_list(&m, code, CRL_FIELD_OPERATOR_CODE_CUSTOM_CODE, name, sizeof name - 1, 1);
    crl_tree *op = add(&m, m.graph, CRL_FIELD_SUB_GRAPH_OPERATORS, CRL_TABLE_OPERATOR);
    const int32_t in = 0, out = 1;
    set_list(&m, op, CRL_FIELD_OPERATOR_INPUTS, &in, 1, 4);
    set_list(&m, op, CRL_FIELD_OPERATOR_OUTPUTS, &out, 1, 4);
    set_list(&m, op, CRL_FIELD_OPERATOR_CUSTOM_OPTIONS, p.options, (uint32_t)p.options_bytes, 1);
    add_ends(&m, 0, 1);
    made_end(&p);
    return finish(&m, size);
}
