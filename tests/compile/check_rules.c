/* SPDX-License-Identifier: Apache-2.0 */
/* Rules one by one, on models of one operator; then models of several. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <corallite/check.h>

#include "checks.h"
#include "compile/rules.h"
#include "model/graft.h"
#include "ops/codes.h"

/* ---- small models ---- */

typedef struct made {
    crl_pile pile;
    crl_graft g;
    uint8_t *bytes;
    crl_model *model;
    int32_t ends[3]; /* output and inputs of the graph */
} made;

static void begin(made *m)
{
    memset(m, 0, sizeof *m);
    m->g.pile = &m->pile;
    m->g.root = crl_graft_table(&m->g, CRL_TABLE_MODEL);
    m->g.graph = crl_graft_table(&m->g, CRL_TABLE_SUB_GRAPH);
    crl_graft_number(&m->g, m->g.root, CRL_FIELD_MODEL_VERSION, 3);
    crl_graft_add(&m->g, m->g.root, CRL_FIELD_MODEL_SUBGRAPHS, m->g.graph);
    crl_graft_add(&m->g, m->g.root, CRL_FIELD_MODEL_BUFFERS, crl_graft_table(&m->g, CRL_TABLE_BUFFER));
}

/* "1x8x8x3". */
static crl_shape shape_of(const char *text)
{
    crl_shape s = { 0 };
    for (const char *at = text; at && *at; at = strchr(at, 'x'), at = at ? at + 1 : NULL) s.dim[s.rank++] = atoi(at);
    return s;
}

static int32_t add(made *m, const char *shape, crl_type type, const void *data, size_t bytes)
{
    const bool real = type == CRL_FLOAT32, wide = type == CRL_INT32;
    return crl_graft_add_tensor(&m->g, &(crl_graft_tensor){ .name = "t", .type = type, .shape = shape_of(shape),
                                                            .scale = real || wide ? 0 : 0.5f, .data = data, .bytes = bytes });
}

/* `other` is a second input, or -1. */
static void end(check *t, made *m, int32_t input, int32_t other, int32_t output)
{
    size_t size;
    crl_error err = { 0 };
    m->ends[0] = output;
    m->ends[1] = input;
    m->ends[2] = other;
    crl_graft_list(&m->g, m->g.graph, CRL_FIELD_SUB_GRAPH_INPUTS, &m->ends[1], other < 0 ? 1 : 2);
    crl_graft_list(&m->g, m->g.graph, CRL_FIELD_SUB_GRAPH_OUTPUTS, &m->ends[0], 1);
    if (!check_that(t, !m->g.failed && !crl_tree_write(m->g.root, "TFL3", NULL, &m->bytes, &size, &err), "%s", err.text)) return;
    check_that(t, !crl_model_open(&m->model, m->bytes, size, &err), "%s", err.text);
}

static void finish(made *m)
{
    crl_model_close(m->model);
    crl_free(m->bytes);
    crl_pile_free(&m->pile);
}

static void option(made *m, crl_tree *options, const char *name, int64_t value)
{
    if (options && name) crl_graft_number(&m->g, options, crl_graft_option(options, name), value);
}

/* ---- one operator ---- */

/* What stands beside the data: nothing, another tensor, or constants. */
typedef enum operand { NONE, COMPUTED, AXES, WEIGHTS } operand;

typedef struct rule_case {
    int32_t code;
    const char *in, *out;
    operand operand;
    const char *operand_shape; /* of WEIGHTS and COMPUTED; of AXES the numbers */
    const char *option;
    int32_t value;
    int32_t version, runtime;
    crl_type type; /* of data; 0: INT8 */
    crl_mapping want;
    const char *reason; /* a piece of it */
} rule_case;

static const rule_case cases[] = {
    { CRL_OP_RELU, "1x8x8x4", "1x8x8x4", NONE, NULL, NULL, 0, 1, 0, 0, CRL_MAPPED, NULL },
    { CRL_OP_RELU, "1x8x8x4", "1x8x8x4", NONE, NULL, NULL, 0, 1, 10, 0, CRL_UNMAPPED_TYPE, "before runtime 12" },
    { CRL_OP_RELU, "1x8x8x4", "1x8x8x4", NONE, NULL, NULL, 0, 1, 10, CRL_UINT8, CRL_MAPPED, NULL },
    { CRL_OP_RELU, "1x8x8x4", "1x8x8x4", NONE, NULL, NULL, 0, 1, 0, CRL_INT16, CRL_UNMAPPED_TYPE, "INT16" },
    { CRL_OP_RELU, "1x8x8x4", "1x8x8x4", NONE, NULL, NULL, 0, 1, 0, CRL_INT32, CRL_UNMAPPED_TYPE, "INT32" },
    { CRL_OP_RELU, "2x8x8x4", "2x8x8x4", NONE, NULL, NULL, 0, 1, 0, 0, CRL_UNMAPPED_RANK, "[2,8,8,4]" },
    { CRL_OP_RELU, "1x1x8x8x4", "1x1x8x8x4", NONE, NULL, NULL, 0, 1, 0, 0, CRL_MAPPED, NULL },
    { CRL_OP_HARD_SWISH, "1x8x8x4", "1x8x8x4", NONE, NULL, NULL, 0, 1, 0, 0, CRL_UNMAPPED_OPERATOR, "HARD_SWISH" },
    { CRL_OP_LEAKY_RELU, "1x8x8x4", "1x8x8x4", NONE, NULL, NULL, 0, 1, 0, 0, CRL_UNMAPPED_OPERATOR, "LEAKY_RELU" },
    { CRL_OP_ADD, "1x8x8x4", "1x8x8x4", COMPUTED, "1x8x8x4", NULL, 0, 1, 0, 0, CRL_MAPPED, NULL },
    { CRL_OP_BATCH_MATMUL, "1x8x4", "1x8x8", COMPUTED, "1x4x8", NULL, 0, 1, 0, 0, CRL_UNMAPPED_OPERATOR, "BATCH_MATMUL" },
    { CRL_OP_AVERAGE_POOL_2D, "1x8x8x4", "1x4x4x4", NONE, NULL, "fused_activation_function", 1, 1, 0, 0, CRL_UNMAPPED_LIMIT, "RELU" },
    { CRL_OP_MAX_POOL_2D, "1x8x8x4", "1x4x4x4", NONE, NULL, "fused_activation_function", 0, 1, 0, 0, CRL_MAPPED, NULL },
    { CRL_OP_CONV_2D, "1x8x8x4", "1x8x8x8", WEIGHTS, "8x3x3x4", "dilation_w_factor", 2, 1, 0, 0, CRL_UNMAPPED_LIMIT, "1 in height, 2 in width" },
    { CRL_OP_CONV_2D, "1x8x8x4", "1x8x8x8", WEIGHTS, "8x3x3x4", NULL, 0, 1, 0, 0, CRL_MAPPED, NULL },
    { CRL_OP_CONV_2D, "1x8x8x4", "1x8x8x8", WEIGHTS, "8x3x1x4", "dilation_h_factor", 2, 1, 0, 0, CRL_MAPPED, NULL },
    { CRL_OP_CONV_2D, "1x8x8x4", "1x8x8x8", COMPUTED, "8x3x3x4", NULL, 0, 1, 0, 0, CRL_UNMAPPED_NOT_CONSTANT, "input 1" },
    { CRL_OP_FULLY_CONNECTED, "1x16", "1x8", WEIGHTS, "8x16", NULL, 0, 1, 0, 0, CRL_MAPPED, NULL },
    { CRL_OP_FULLY_CONNECTED, "4x16", "4x8", WEIGHTS, "8x16", NULL, 0, 1, 0, 0, CRL_UNMAPPED_LIMIT, "[4,8]" },
    { CRL_OP_FULLY_CONNECTED, "1x16", "1x100000", WEIGHTS, "100000x16", NULL, 0, 1, 0, 0, CRL_UNMAPPED_LIMIT, "100000" },
    { CRL_OP_FULLY_CONNECTED, "1x16", "1x8", WEIGHTS, "8x16", "weights_format", 1, 1, 0, 0, CRL_UNMAPPED_LIMIT, "shuffled" },
    { CRL_OP_MEAN, "1x7x7x64", "1x64", AXES, "1,2", NULL, 0, 1, 0, 0, CRL_MAPPED, NULL },
    { CRL_OP_MEAN, "1x7x7x64", "7x7x64", AXES, "0", NULL, 0, 1, 0, 0, CRL_UNMAPPED_LIMIT, "batch" },
    { CRL_OP_MEAN, "1x7x7x63", "1x7x7", AXES, "3", NULL, 0, 1, 0, 0, CRL_UNMAPPED_LIMIT, "63 channels" },
    { CRL_OP_MEAN, "1x7x7x64", "1x7x7", AXES, "3", NULL, 0, 1, 0, 0, CRL_MAPPED, NULL },
    { CRL_OP_MEAN, "1x7x7x64", "1x7x7", AXES, "3", NULL, 0, 1, 12, 0, CRL_UNMAPPED_LIMIT, "runtime 12" },
    { CRL_OP_MEAN, "1x256x128x3", "1x3", AXES, "1,2", NULL, 0, 1, 0, 0, CRL_UNMAPPED_LIMIT, "32768" },
    { CRL_OP_MEAN, "1x64x128x3", "1x3", AXES, "1,2", NULL, 0, 1, 0, 0, CRL_MAPPED, NULL },
    { CRL_OP_REDUCE_MAX, "1x7x7x64", "1x64", AXES, "1,2", NULL, 0, 1, 13, 0, CRL_UNMAPPED_OPERATOR, "needs runtime 14" },
    { CRL_OP_TRANSPOSE, "1x8x8x4", "1x8x4x8", AXES, "0,1,3,2", NULL, 0, 1, 0, 0, CRL_MAPPED, NULL },
    { CRL_OP_TRANSPOSE, "1x20x20x144", "1x144x20x20", AXES, "0,3,1,2", NULL, 0, 1, 0, 0, CRL_MAPPED, NULL },
    { CRL_OP_TRANSPOSE, "1x20x20x256", "1x256x20x20", AXES, "0,3,1,2", NULL, 0, 1, 0, 0, CRL_UNMAPPED_LIMIT, "[1,256,20,20] are 102400 bytes" },
    { CRL_OP_TRANSPOSE, "1x8x8x4", "1x8x4x8", AXES, "0,1,3,2", NULL, 0, 1, 13, 0, CRL_UNMAPPED_OPERATOR, "needs runtime 14" },
    { CRL_OP_RESHAPE, "1x20x20x144", "1x400x144", AXES, "1,400,144", NULL, 0, 1, 0, 0, CRL_MAPPED, NULL },
    { CRL_OP_RESHAPE, "1x80x80x144", "1x6400x144", AXES, "1,6400,144", NULL, 0, 1, 0, 0, CRL_UNMAPPED_LIMIT, "[1,6400,144]" },
    { CRL_OP_RESHAPE, "1x32x32x255", "1x1024x3x85", AXES, "1,1024,3,85", NULL, 0, 1, 0, 0, CRL_MAPPED, NULL },
    { CRL_OP_RESHAPE, "1x48x48x255", "1x2304x3x85", AXES, "1,2304,3,85", NULL, 0, 1, 0, 0, CRL_UNMAPPED_LIMIT, "587520" },
    { CRL_OP_RESIZE_BILINEAR, "1x24x24x24", "1x48x48x24", AXES, "48,48", NULL, 0, 1, 0, 0, CRL_MAPPED, NULL },
    { CRL_OP_RESIZE_BILINEAR, "1x1x1x256", "1x33x33x256", AXES, "33,33", NULL, 0, 1, 0, 0, CRL_UNMAPPED_LIMIT, "[1,1,1,256] to [1,33,33,256]" },
    { CRL_OP_RESIZE_BILINEAR, "1x33x33x19", "1x513x513x19", AXES, "513,513", NULL, 0, 1, 0, 0, CRL_UNMAPPED_LIMIT, "output too large" },
    { CRL_OP_RESIZE_BILINEAR, "1x24x24x24", "1x48x48x24", AXES, "48,48", NULL, 0, 3, 13, 0, CRL_UNMAPPED_VERSION, "version 3" },
    { CRL_OP_SOFTMAX, "1x1001", "1x1001", NONE, NULL, NULL, 0, 1, 0, 0, CRL_MAPPED, NULL },
    { CRL_OP_SOFTMAX, "1x4x16", "1x4x16", NONE, NULL, NULL, 0, 1, 0, 0, CRL_UNMAPPED_LIMIT, "[1,4,16]" },
    { CRL_OP_SOFTMAX, "1x20000", "1x20000", NONE, NULL, NULL, 0, 1, 0, 0, CRL_UNMAPPED_LIMIT, "20000" },
    { CRL_OP_PRELU, "1x8x8x4", "1x8x8x4", WEIGHTS, "1x1x4", NULL, 0, 1, 0, 0, CRL_MAPPED, NULL },
    { CRL_OP_PRELU, "1x8x8x4", "1x8x8x4", WEIGHTS, "8x8x4", NULL, 0, 1, 0, 0, CRL_UNMAPPED_LIMIT, "[8,8,4]" },
    { CRL_OP_QUANTIZE, "1x8x8x4", "1x8x8x4", NONE, NULL, NULL, 0, 1, 0, 0, CRL_MAPPED, NULL },
};

static int32_t add_operand(made *m, const rule_case *c)
{
    static const uint8_t weights[100000 * 16];
    int32_t *axes = crl_graft_take(&m->g, 8, sizeof *axes);
    switch (c->operand) {
    case NONE: return -1;
    case COMPUTED: return add(m, c->operand_shape, CRL_INT8, NULL, 0);
    case WEIGHTS: {
        const crl_shape s = shape_of(c->operand_shape);
        return add(m, c->operand_shape, CRL_INT8, weights, crl_shape_count(&s));
    }
    case AXES: break;
    }
    int n = 0;
    for (const char *at = c->operand_shape; at && axes; at = strchr(at, ','), at = at ? at + 1 : NULL) axes[n++] = atoi(at);
    char shape[16];
    snprintf(shape, sizeof shape, "%d", n);
    return add(m, shape, CRL_INT32, axes, 4 * (size_t)n);
}

static void try_case(check *t, const rule_case *c)
{
    made m;
    begin(&m);
    const crl_type type = c->type ? c->type : CRL_INT8;
    const int32_t in = add(&m, c->in, type, NULL, 0), out = add(&m, c->out, type, NULL, 0), other = add_operand(&m, c);
    const int32_t inputs[2] = { in, other };
    crl_tree *options = crl_graft_add_operator(&m.g, c->code, c->version, inputs, other < 0 ? 1 : 2, out);
    if (c->code == CRL_OP_CONV_2D) {
        option(&m, options, "dilation_w_factor", 1);
        option(&m, options, "dilation_h_factor", 1);
    }
    option(&m, options, c->option, c->value);
    end(t, &m, in, c->operand == COMPUTED ? other : -1, out);
    crl_check *k = NULL;
    crl_error err = { 0 };
    const crl_check_options asked = { .runtime = c->runtime };
    if (m.model && check_that(t, !crl_check_new(&k, m.model, &asked, &err), "%s", err.text)) {
        const crl_check_op *op = &k->ops[0];
        const int row = (int)(c - cases);
        check_that(t, op->mapping == c->want, "row %d: \"%s\", not \"%s\"", row, crl_mapping_text(op->mapping), crl_mapping_text(c->want));
        check_that(t, !c->reason == !op->reason && (!c->reason || strstr(op->reason, c->reason)), "row %d: \"%s\" has no \"%s\"", row,
                   op->reason ? op->reason : "", c->reason ? c->reason : "");
        check_that(t, c->want == CRL_MAPPED || (op->cure && *op->cure), "row %d: no cure", row);
    }
    crl_check_free(k);
    finish(&m);
}

void check_rules_hold(check *t, unsigned cpu)
{
    (void)cpu;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) try_case(t, &cases[i]);
}

/* The pieces that docs/operators.md is made of fit, and every operator that has one is one that is taken. */
void check_limits_fit(check *t, unsigned cpu)
{
    (void)cpu;
    char limits[CRL_RULE_TEXT];
    int taken = 0;
    for (int32_t code = 0; code < 210; code++) {
        const int32_t runtime = crl_rules_of(code, limits);
        check_that(t, strlen(limits) < CRL_RULE_TEXT - 1, "limits of %d are cut", code);
        check_that(t, runtime >= 0 || !*limits, "operator %d has limits and is not taken", code);
        taken += runtime >= 0;
    }
    check_that(t, taken == 41, "%d operators are taken", taken);
    check_that(t, crl_rules_of(CRL_OP_ARG_MAX, limits) < 0, "ARG_MAX stays on the CPU");
}

/* ---- several operators ---- */

/* A chain of operators by their codes on one tensor of 8 bits; of -1 on, QUANTIZE from and DEQUANTIZE to floats. */
static void chain(check *t, made *m, const int32_t *codes, int n)
{
    begin(m);
    int32_t at = add(m, "1x8x8x4", codes[0] == CRL_OP_QUANTIZE ? CRL_FLOAT32 : CRL_INT8, NULL, 0);
    const int32_t first = at;
    for (int i = 0; i < n; i++) {
        const int32_t next = add(m, "1x8x8x4", codes[i] == CRL_OP_DEQUANTIZE ? CRL_FLOAT32 : CRL_INT8, NULL, 0);
        crl_graft_add_operator(&m->g, codes[i], 1, &at, 1, next);
        at = next;
    }
    end(t, m, first, -1, at);
}

void check_partition(check *t, unsigned cpu)
{
    (void)cpu;
    static const struct {
        int32_t codes[6];
        int n;
        const char *want; /* M mapped, F in front, O own reason, B behind */
        int32_t first;
    } chains[] = {
        { { CRL_OP_RELU, CRL_OP_RELU6 }, 2, "MM", -1 },
        { { CRL_OP_QUANTIZE, CRL_OP_RELU, CRL_OP_DEQUANTIZE }, 3, "FMO", 2 },
        { { CRL_OP_HARD_SWISH, CRL_OP_RELU, CRL_OP_HARD_SWISH, CRL_OP_RELU }, 4, "FMOB", 2 },
        { { CRL_OP_RELU, CRL_OP_ELU, CRL_OP_RELU, CRL_OP_HARD_SWISH, CRL_OP_RELU }, 5, "MOBOB", 1 },
        { { CRL_OP_ELU, CRL_OP_HARD_SWISH }, 2, "FF", 0 },
    };
    for (size_t k = 0; k < sizeof chains / sizeof *chains; k++) {
        made m;
        crl_check *c = NULL;
        chain(t, &m, chains[k].codes, chains[k].n);
        if (m.model && check_that(t, !crl_check_new(&c, m.model, NULL, NULL), "chain %zu", k)) {
            char got[8] = "";
            for (int i = 0; i < c->n_ops && i < 7; i++)
                got[i] = !c->ops[i].mapping ? 'M' : c->ops[i].mapping == CRL_UNMAPPED_SUBGRAPH ? 'B' : c->ops[i].behind < 0 ? 'F' : 'O';
            check_that(t, !strcmp(got, chains[k].want), "chain %zu is %s, not %s", k, got, chains[k].want);
            check_that(t, c->first_cpu == chains[k].first, "chain %zu: op %d is first, not %d", k, c->first_cpu, chains[k].first);
        }
        crl_check_free(c);
        finish(&m);
    }
}

void check_kinds(check *t, unsigned cpu)
{
    (void)cpu;
    static const struct {
        crl_type data, weights;
        crl_check_kind want;
        const char *advice;
    } kinds[] = {
        { CRL_INT8, CRL_INT8, CRL_CHECK_QUANTISED, NULL },
        { CRL_UINT8, CRL_UINT8, CRL_CHECK_QUANTISED, NULL },
        { CRL_FLOAT32, CRL_FLOAT32, CRL_CHECK_FLOAT, "full integer quantisation" },
        { CRL_FLOAT32, CRL_INT8, CRL_CHECK_DYNAMIC_RANGE, "dynamic range" },
        { CRL_INT16, CRL_INT8, CRL_CHECK_INT16, "16 bits" },
    };
    static const uint8_t weights[8 * 16 * 4];
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        made m;
        crl_check *c = NULL;
        begin(&m);
        const int32_t in = add(&m, "1x16", kinds[k].data, NULL, 0), out = add(&m, "1x8", kinds[k].data, NULL, 0);
        const int32_t w = add(&m, "8x16", kinds[k].weights, weights, 8 * 16 * crl_type_bytes(kinds[k].weights));
        const int32_t inputs[2] = { in, w };
        crl_graft_add_operator(&m.g, CRL_OP_FULLY_CONNECTED, 1, inputs, 2, out);
        end(t, &m, in, -1, out);
        if (m.model && check_that(t, !crl_check_new(&c, m.model, NULL, NULL), "kind %zu", k)) {
            check_that(t, c->kind == kinds[k].want, "kind %zu is %d", k, (int)c->kind);
            check_that(t, !kinds[k].advice == !c->advice && (!c->advice || strstr(c->advice, kinds[k].advice)), "kind %zu: %s", k,
                       c->advice ? c->advice : "no advice");
            check_that(t, (c->n_mapped == 1) == (c->kind == CRL_CHECK_QUANTISED), "kind %zu: %d mapped", k, c->n_mapped);
        }
        crl_check_free(c);
        finish(&m);
    }
}

/* Channels that come to the front, and positions of a row that become channels, take matrices: as in five exports of YOLOv8. */
void check_transposes(check *t, unsigned cpu)
{
    (void)cpu;
    static const int32_t axes[] = { 0, 3, 1, 2 };
    static const struct {
        const char *in, *turned, *flat;
        size_t transpose, reshape;
    } shapes[] = {
        { "1x20x20x144", "1x144x20x20", "1x144x400", 12864, 0 },
        { "1x10x10x144", "1x144x10x10", "1x144x100", 2624, 15872 },
        { "1x20x20x65", "1x65x20x20", "1x65x400", 35840, 0 },
    };
    for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++) {
        made m;
        crl_check *c = NULL;
        begin(&m);
        const int32_t in = add(&m, shapes[k].in, CRL_INT8, NULL, 0), turned = add(&m, shapes[k].turned, CRL_INT8, NULL, 0);
        const int32_t flat = add(&m, shapes[k].flat, CRL_INT8, NULL, 0), order = add(&m, "4", CRL_INT32, axes, sizeof axes);
        const int32_t inputs[2] = { in, order };
        crl_graft_add_operator(&m.g, CRL_OP_TRANSPOSE, 1, inputs, 2, turned);
        crl_graft_add_operator(&m.g, CRL_OP_RESHAPE, 1, &turned, 1, flat);
        end(t, &m, in, -1, flat);
        if (m.model && check_that(t, !crl_check_new(&c, m.model, NULL, NULL), "%s is not judged", shapes[k].in))
            check_that(t, c->n_mapped == 2 && c->ops[0].parameter_bytes == shapes[k].transpose && c->ops[1].parameter_bytes == shapes[k].reshape,
                       "%s: %d mapped, %zu and %zu bytes", shapes[k].in, c->n_mapped, c->ops[0].parameter_bytes, c->ops[1].parameter_bytes);
        crl_check_free(c);
        finish(&m);
    }
}

/* Of a model that is compiled its own operator is mapped, and nothing else. */
void check_compiled(check *t, unsigned cpu)
{
    (void)cpu;
    made m;
    crl_check *c = NULL;
    begin(&m);
    const int32_t in = add(&m, "1x8x8x4", CRL_INT8, NULL, 0), between = add(&m, "1x8x8x4", CRL_INT8, NULL, 0);
    const int32_t out = add(&m, "1x8x8x4", CRL_INT8, NULL, 0);
    crl_graft_add_operator(&m.g, CRL_CUSTOM, 1, &in, 1, between);
    crl_graft_text(&m.g, crl_tree_at(m.g.root, CRL_FIELD_MODEL_OPERATOR_CODES)->tables[0], CRL_FIELD_OPERATOR_CODE_CUSTOM_CODE, "edgetpu-custom-op");
    crl_graft_add_operator(&m.g, CRL_OP_RELU, 1, &between, 1, out);
    end(t, &m, in, -1, out);
    if (m.model && check_that(t, !crl_check_new(&c, m.model, NULL, NULL), "it is not judged")) {
        check_that(t, c->kind == CRL_CHECK_COMPILED && c->n_mapped == 1 && !c->ops[0].mapping, "its own operator");
        check_that(t, c->ops[1].mapping == CRL_UNMAPPED_SUBGRAPH && strstr(c->ops[1].reason, "left"), "the other one");
        check_that(t, c->n_latency == 0 && c->first_cpu == 1, "nothing is foretold");
    }
    crl_check_free(c);
    finish(&m);
}

typedef struct refusal {
    long seen, fail_at;
} refusal;

static bool allow(void *user, size_t bytes)
{
    (void)bytes;
    refusal *r = user;
    return r->seen++ != r->fail_at;
}

/* Each allocation fails in its turn. */
void check_memory(check *t, unsigned cpu)
{
    (void)cpu;
    made m;
    chain(t, &m, (const int32_t[]){ CRL_OP_RELU, CRL_OP_ELU, CRL_OP_RELU }, 3);
    crl_status s = CRL_ERR_MEMORY;
    for (long fail_at = 0; m.model && s == CRL_ERR_MEMORY && fail_at < 200; fail_at++) {
        refusal r = { 0, fail_at };
        crl_check *c = NULL;
        crl_error err = { 0 };
        crl_alloc_hook(allow, &r);
        s = crl_check_new(&c, m.model, NULL, &err);
        crl_alloc_hook(NULL, NULL);
        check_that(t, !s == (c != NULL) && (!s || s == CRL_ERR_MEMORY), "allocation %ld: %s", fail_at, err.text);
        crl_check_free(c);
    }
    check_that(t, !s, "with memory it works");
    finish(&m);
}

void check_options_refused(check *t, unsigned cpu)
{
    (void)cpu;
    made m;
    crl_check *c = NULL;
    crl_error err = { 0 };
    chain(t, &m, (const int32_t[]){ CRL_OP_RELU }, 1);
    if (m.model) {
        check_that(t, crl_check_new(&c, m.model, &(crl_check_options){ .runtime = 15 }, &err) == CRL_ERR_ARGUMENT && !c, "runtime 15");
        check_that(t, strstr(err.text, "15") && strstr(err.text, "14"), "%s", err.text);
        check_that(t,
                   crl_check_new(&c, m.model, &(crl_check_options){ .compiler = 13 }, &err) == CRL_ERR_ARGUMENT &&
                       strstr(err.text, "16"),
                   "compiler 13");
        crl_check_options reserved = { 0 };
        reserved.reserved[3] = 1;
        check_that(t, crl_check_new(&c, m.model, &reserved, &err) == CRL_ERR_ARGUMENT && !c, "a reserved word");
    }
    crl_check_free(NULL);
    finish(&m);
}
