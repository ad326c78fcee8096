/* SPDX-License-Identifier: Apache-2.0 */
/* Models of constants: see constants.h. */
#include "constants.h"

#include <stdio.h>
#include <string.h>

#include "tiny.h"

static void add_tensor(build *b, size_t list, int i, const crl_shape *shape, crl_type type, int buffer, float scale)
{
    char name[24];
    build_link_item(b, list, i);
    const size_t tensor = build_table(b, T_FIELDS);
    build_link(b, tensor, T_SHAPE);
    build_ints(b, shape->dim, (size_t)shape->rank);
    build_u8(b, tensor, T_TYPE, (uint8_t)type);
    build_i32(b, tensor, T_BUFFER, buffer);
    build_link(b, tensor, T_NAME);
    snprintf(name, sizeof name, "tensor %d", i);
    build_text(b, name);
    if (scale <= 0) return;
    build_link(b, tensor, T_QUANT);
    const size_t quant = build_table(b, Q_FIELDS);
    build_link(b, quant, Q_SCALE);
    memcpy(b->bytes + build_vector(b, 1, 4), &scale, 4);
    build_link(b, quant, Q_ZERO);
    build_vector(b, 1, 8);
}

static void add_subgraph(build *b, size_t model, const crl_shape *input, const made_output *outputs, int n)
{
    int32_t numbers[MADE_OUTPUTS];
    build_link(b, model, MODEL_SUBGRAPHS);
    build_link_item(b, build_vector(b, 1, 4), 0);
    const size_t graph = build_table(b, SUB_FIELDS);
    build_link(b, graph, SUB_TENSORS);
    const size_t list = build_vector(b, (size_t)n + 1, 4);
    add_tensor(b, list, 0, input, CRL_UINT8, 0, 0.0078125f);
    for (int i = 0; i < n; i++) {
        add_tensor(b, list, i + 1, &outputs[i].shape, outputs[i].type, outputs[i].data ? i + 1 : 0, outputs[i].scale);
        numbers[i] = i + 1;
    }
    build_link(b, graph, SUB_INPUTS);
    build_ints(b, &(int32_t){ 0 }, 1);
    build_link(b, graph, SUB_OUTPUTS);
    build_ints(b, numbers, (size_t)n);
    build_link(b, graph, SUB_OPERATORS);
    if (outputs[0].data) {
        build_vector(b, 0, 4);
        return;
    }
    build_link_item(b, build_vector(b, 1, 4), 0);
    const size_t op = build_table(b, OP_FIELDS);
    build_link(b, op, OP_INPUTS);
    build_ints(b, &(int32_t){ 0 }, 1);
    build_link(b, op, OP_OUTPUTS);
    build_ints(b, &(int32_t){ 1 }, 1);
}

/* WHERE, if that is asked for: the places of pixels that are not black. */
static void add_codes(build *b, size_t model, bool where)
{
    build_link(b, model, MODEL_CODES);
    const size_t list = build_vector(b, where, 4);
    if (!where) return;
    build_link_item(b, list, 0);
    const size_t code = build_table(b, CODE_FIELDS);
    build_u8(b, code, CODE_OLD, 109);
    build_i32(b, code, CODE_NEW, 109);
}

/* Metadata, in the buffer behind those of the outputs. */
static void add_metadata(build *b, size_t model, size_t buffer, int number, float least)
{
    static build m;
    build_begin(&m, "M001");
    const size_t root = build_table(&m, 4);
    build_link(&m, root, 3);
    build_link_item(&m, build_vector(&m, 1, 4), 0);
    const size_t graph = build_table(&m, 4);
    build_link(&m, graph, 3);
    build_link_item(&m, build_vector(&m, 1, 4), 0);
    const size_t output = build_table(&m, 5);
    build_link(&m, output, 4);
    build_link_item(&m, build_vector(&m, 1, 4), 0);
    const size_t unit = build_table(&m, 2);
    build_u8(&m, unit, 0, 3); /* ScoreThresholdingOptions */
    build_link(&m, unit, 1);
    build_f32(&m, build_table(&m, 1), 0, least);
    build_link(b, buffer, BUF_DATA);
    build_bytes(b, m.bytes, m.n);
    build_link(b, model, MODEL_METADATA);
    build_link_item(b, build_vector(b, 1, 4), 0);
    const size_t entry = build_table(b, 2);
    build_link(b, entry, 0);
    build_text(b, "TFLITE_METADATA");
    build_i32(b, entry, 1, number);
}

void made_constants(build *b, int32_t height, int32_t width, const made_output *outputs, int n)
{
    const crl_shape input = { 4, { 1, height, width, 3 } };
    build_begin(b, "TFL3");
    const size_t root = build_table(b, MODEL_FIELDS);
    build_i32(b, root, MODEL_VERSION, 3);
    add_codes(b, root, !outputs[0].data);
    add_subgraph(b, root, &input, outputs, n);
    build_link(b, root, MODEL_BUFFERS);
    const bool described = outputs[0].least > 0;
    const size_t list = build_vector(b, (size_t)n + 1 + described, 4);
    for (int i = 0; i <= n + described; i++) {
        build_link_item(b, list, i);
        const size_t buffer = build_table(b, BUF_FIELDS);
        if (i > n) add_metadata(b, root, buffer, i, outputs[0].least);
        if (i > n) break;
        if (!i || !outputs[i - 1].data) continue;
        build_link(b, buffer, BUF_DATA);
        build_bytes(b, outputs[i - 1].data, crl_shape_count(&outputs[i - 1].shape) * crl_type_bytes(outputs[i - 1].type));
    }
}
