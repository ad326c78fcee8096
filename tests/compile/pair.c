/* SPDX-License-Identifier: Apache-2.0 */
/* See pair.h. */
#include "pair.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "compile/constants.h"
#include "compile/pack.h"
#include "graph.h"
#include "package/isa.h"

enum { INPUTS = 8, OUTPUTS = 4, MOST = 128 };

static void add_tensor(graph *g, const char *name, int type, const int32_t *shape, uint32_t rank, float scale, int64_t zero, const void *data,
                       size_t bytes)
{
    graph_tensor t = { .name = name, .type = type, .rank = rank, .n_scales = 1, .scale = &scale, .zero = zero, .data = data, .bytes = bytes };
    memcpy(t.shape, shape, rank * sizeof *shape);
    graph_add_tensor(g, &t);
}

uint8_t *pair_model(bool second, const pair_change *change, size_t *size)
{
    graph g;
    uint8_t weights[MOST * INPUTS];
    int32_t bias[MOST];
    const bool other = second && !change->same;
    const bool heavy = other && !change->same_weights && !change->same_layer;
    const int32_t outputs = second && change->outputs ? change->outputs : OUTPUTS;
    for (int i = 0; i < outputs * INPUTS; i++) weights[i] = (uint8_t)(heavy ? 7 * i + 1 : 11 * i + 3);
    for (int i = 0; i < outputs; i++) bias[i] = other && change->no_bias ? 0 : heavy ? 100 - i : 20 + i;
    graph_begin(&g);
    add_tensor(&g, "in", 3, (int32_t[]){ 1, INPUTS }, 2, 0.5f, 128, NULL, 0);
    add_tensor(&g, "weights", 3, (int32_t[]){ outputs, INPUTS }, 2, other && !change->same_layer ? 0.03f : 0.02f,
               heavy ? 99 : 120, weights, (size_t)outputs * INPUTS);
    add_tensor(&g, "bias", 2, (int32_t[]){ outputs }, 1, 0.01f, 0, bias, (size_t)outputs * 4);
    add_tensor(&g, second && change->name ? change->name : "out", 3, (int32_t[]){ 1, outputs }, 2, other ? 0.25f : 0.125f,
               other && change->zero_point_0 ? 0 : other ? 77 : 66, NULL, 0);
    graph_add_code(&g, CRL_OP_DENSE);
    for (int i = 0; i < (second && change->operators ? change->operators : 1); i++) {
        if (i) add_tensor(&g, "more", 3, (int32_t[]){ 1, outputs }, 2, 0.25f, 77, NULL, 0);
        graph_add_operator(&g, 0, (int32_t[]){ 0, 1, 2 }, 3, i ? 4 : 3);
    }
    graph_ends(&g, 0, 3);
    return graph_finish(&g, size);
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
    graph g;
    made p;
    graph_begin(&g);
    made_begin(&p);
    fill_package(&p, &g.pile);
    made_finish(&p);
    add_tensor(&g, "in", 3, (int32_t[]){ 1, INPUTS }, 2, 0.5f, 128, NULL, 0);
    add_tensor(&g, "out", 3, (int32_t[]){ 1, OUTPUTS }, 2, 0.125f, 66, NULL, 0);
    graph_add_code(&g, CRL_CUSTOM);
    graph_list(&g, crl_tree_at(g.root, CRL_FIELD_MODEL_OPERATOR_CODES)->tables[0], CRL_FIELD_OPERATOR_CODE_CUSTOM_CODE, name, sizeof name - 1, 1);
    crl_tree *op = graph_add_operator(&g, 0, (int32_t[]){ 0 }, 1, 1);
    graph_list(&g, op, CRL_FIELD_OPERATOR_CUSTOM_OPTIONS, p.options, (uint32_t)p.options_bytes, 1);
    graph_ends(&g, 0, 1);
    made_end(&p);
    return graph_finish(&g, size);
}
