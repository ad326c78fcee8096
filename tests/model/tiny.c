/* SPDX-License-Identifier: Apache-2.0 */
/* The model of the checks. */
#include "tiny.h"

#include <string.h>

typedef struct tensor_spec {
    const char *name;
    int type;
    int32_t shape[4];
    int rank;
    int buffer;
    int n_scales;
    float scale[2];
    int64_t zero[2];
} tensor_spec;

static const tensor_spec main_tensors[N_TENSORS] = {
    [X] = { "x", 9, { 1, 2, 2, 3 }, 4, 0, 1, { 0.5f }, { -1 } },
    [W] = { "w", 9, { 2, 3 }, 2, 1, 2, { 0.25f, 0.125f }, { 0, 0 } },
    [B] = { "b", 2, { 2 }, 1, 2, 2, { 0.125f, 0.0625f }, { 0, 0 } },
    [Y] = { "y", 9, { 4, 2 }, 2, 0, 1, { 1.0f }, { 3 } },
    [SHAPE] = { "shape", 2, { 3 }, 1, 3, 0, { 0 }, { 0 } },
    [Z] = { "z", 9, { 1, 4, 2 }, 3, 0, 1, { 1.0f }, { 3 } },
};

/* {"angle": 90, "fast": true, "name": "left", "scale": 0.5, "tags": [1, 2, 3]} as a FlexBuffer. */
static const uint8_t twist_options[] = {
    'a', 'n', 'g', 'l', 'e', 0, 'f', 'a', 's', 't', 0, 'n', 'a', 'm', 'e', 0, 4, 'l', 'e', 'f', 't', 0, 's', 'c', 'a',
    'l', 'e', 0, 't', 'a', 'g', 's', 0, 3, 1, 2, 3, 5, 38, 33, 29, 19, 14, 0, 6, 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0, 90, 0,
    0, 0, 1, 0, 0, 0, 47, 0, 0, 0, 0, 0, 0, 63, 38, 0, 0, 0, 6, 106, 20, 14, 44, 25, 38, 1,
};

static void tensors(tiny *t, size_t subgraph)
{
    build *b = &t->b;
    build_link(b, subgraph, SUB_TENSORS);
    t->v_tensors = build_vector(b, N_TENSORS, 4);
    for (int i = 0; i < N_TENSORS; i++) {
        const tensor_spec *s = &main_tensors[i];
        build_link_item(b, t->v_tensors, i);
        const size_t tensor = t->tensor[i] = build_table(b, T_FIELDS);
        build_link(b, tensor, T_SHAPE);
        t->shape[i] = build_ints(b, s->shape, (size_t)s->rank);
        build_u8(b, tensor, T_TYPE, (uint8_t)s->type);
        build_i32(b, tensor, T_BUFFER, s->buffer);
        build_link(b, tensor, T_NAME);
        build_text(b, s->name);
        build_link(b, tensor, T_QUANT);
        const size_t quant = t->quant[i] = build_table(b, Q_FIELDS);
        if (!s->n_scales) continue;
        build_link(b, quant, Q_SCALE);
        t->scale[i] = build_vector(b, (size_t)s->n_scales, 4);
        memcpy(b->bytes + t->scale[i], s->scale, 4 * (size_t)s->n_scales);
        build_link(b, quant, Q_ZERO);
        t->zero[i] = build_vector(b, (size_t)s->n_scales, 8);
        memcpy(b->bytes + t->zero[i], s->zero, 8 * (size_t)s->n_scales);
    }
    /* The input's height and width are open. */
    build_link(b, t->tensor[X], T_SIGNATURE);
    build_ints(b, (const int32_t[]){ 1, -1, -1, 3 }, 4);
}

static void operator_(tiny *t, size_t vector, int at, int i, int code, const int32_t *in, int n_in, int32_t out)
{
    build *b = &t->b;
    build_link_item(b, vector, at);
    const size_t op = t->op[i] = build_table(b, OP_FIELDS);
    build_i32(b, op, OP_CODE, code);
    build_link(b, op, OP_INPUTS);
    t->op_inputs[i] = build_ints(b, in, (size_t)n_in);
    build_link(b, op, OP_OUTPUTS);
    t->op_outputs[i] = build_ints(b, &out, 1);
}

static void main_subgraph(tiny *t)
{
    build *b = &t->b;
    const size_t s = t->subgraph[0] = build_table(b, SUB_FIELDS);
    build_link(b, s, SUB_NAME);
    build_text(b, "main");
    tensors(t, s);
    build_link(b, s, SUB_INPUTS);
    t->inputs = build_ints(b, (const int32_t[]){ X }, 1);
    build_link(b, s, SUB_OUTPUTS);
    t->outputs = build_ints(b, (const int32_t[]){ Z }, 1);
    build_link(b, s, SUB_OPERATORS);
    t->v_operators = build_vector(b, 2, 4);
    operator_(t, t->v_operators, 0, 0, 0, (const int32_t[]){ X, W, B }, 3, Y);
    build_u8(b, t->op[0], OP_OPTIONS_TYPE, 8); /* FullyConnectedOptions */
    build_link(b, t->op[0], OP_OPTIONS);
    t->fc_options = build_table(b, 3);
    build_u8(b, t->fc_options, 0, 1); /* fused RELU */
    operator_(t, t->v_operators, 1, 1, 1, (const int32_t[]){ Y, SHAPE }, 2, Z);
}

static void body_subgraph(tiny *t)
{
    build *b = &t->b;
    static const char *const names[] = { "in", "out" };
    const size_t s = t->subgraph[1] = build_table(b, SUB_FIELDS);
    build_link(b, s, SUB_NAME);
    build_text(b, "body");
    build_link(b, s, SUB_TENSORS);
    const size_t v = build_vector(b, 2, 4);
    for (int i = 0; i < 2; i++) {
        build_link_item(b, v, i);
        const size_t tensor = build_table(b, T_FIELDS);
        build_link(b, tensor, T_SHAPE);
        build_ints(b, (const int32_t[]){ 1 }, 1);
        build_link(b, tensor, T_NAME);
        build_text(b, names[i]);
    }
    build_link(b, s, SUB_INPUTS);
    build_ints(b, (const int32_t[]){ 0 }, 1);
    build_link(b, s, SUB_OUTPUTS);
    build_ints(b, (const int32_t[]){ 1 }, 1);
    build_link(b, s, SUB_OPERATORS);
    const size_t operators = build_vector(b, 1, 4);
    operator_(t, operators, 0, 2, 2, (const int32_t[]){ 0 }, 1, 1);
    build_link(b, t->op[2], OP_CUSTOM);
    build_bytes(b, twist_options, sizeof twist_options);
}

/* Two anchors, and how boxes are read beside them. */
static void write_anchors(build *m)
{
    build_begin(m, "V001");
    const size_t root = build_table(m, 3);
    build_link(m, root, 1);
    const size_t options = build_table(m, 1);
    build_link(m, options, 0);
    const size_t schema = build_table(m, 1);
    build_link(m, schema, 0);
    const size_t anchors = build_vector(m, 2, 4);
    for (int i = 0; i < 2; i++) {
        build_link_item(m, anchors, i);
        const size_t anchor = build_table(m, 4);
        for (int k = 0; k < 4; k++) build_f32(m, anchor, k, 0.5f * (float)i + 0.125f * (float)k);
    }
    build_link(m, root, 2);
    const size_t decoding = build_table(m, 12);
    build_i32(m, decoding, 0, 2);
    for (int k = 6; k < 10; k++) build_f32(m, decoding, k, (float)k);
    build_u8(m, decoding, 10, 1);
}

/* x is (pixel - 127) / 128, the labels of z are in labels.txt, its scores count from 0.75 on. */
static void write_metadata(build *m)
{
    static build nested;
    write_anchors(&nested);
    build_begin(m, "M001");
    const size_t root = build_table(m, 4);
    build_link(m, root, 3);
    const size_t subgraphs = build_vector(m, 1, 4);
    build_link_item(m, subgraphs, 0);
    const size_t s = build_table(m, 10);
    build_link(m, s, 2);
    const size_t inputs = build_vector(m, 1, 4);
    build_link_item(m, inputs, 0);
    const size_t in = build_table(m, 7);
    build_link(m, in, 4);
    const size_t units = build_vector(m, 1, 4);
    build_link_item(m, units, 0);
    const size_t unit = build_table(m, 2);
    build_u8(m, unit, 0, 1);
    build_link(m, unit, 1);
    const size_t norm = build_table(m, 2);
    const float mean = 127, std[] = { 128, 128, 128 };
    build_link(m, norm, 0);
    memcpy(m->bytes + build_vector(m, 1, 4), &mean, sizeof mean);
    build_link(m, norm, 1);
    memcpy(m->bytes + build_vector(m, 3, 4), std, sizeof std);
    build_link(m, s, 3);
    const size_t outputs = build_vector(m, 1, 4);
    build_link_item(m, outputs, 0);
    const size_t out = build_table(m, 7);
    build_link(m, out, 4);
    const size_t scoring = build_vector(m, 1, 4);
    build_link_item(m, scoring, 0);
    const size_t least = build_table(m, 2);
    build_u8(m, least, 0, 3);
    build_link(m, least, 1);
    build_f32(m, build_table(m, 1), 0, 0.75f);
    build_link(m, out, 6);
    const size_t files = build_vector(m, 2, 4);
    for (int i = 0; i < 2; i++) {
        build_link_item(m, files, i);
        const size_t file = build_table(m, 4);
        build_link(m, file, 0);
        build_text(m, i ? "labels.txt" : "etiketten.txt");
        build_u8(m, file, 2, 2);
        if (i) continue;
        build_link(m, file, 3);
        build_text(m, "de");
    }
    build_link(m, s, 9);
    const size_t customs = build_vector(m, 1, 4);
    build_link_item(m, customs, 0);
    const size_t custom = build_table(m, 2);
    build_link(m, custom, 0);
    build_text(m, "DETECTOR_METADATA");
    build_link(m, custom, 1);
    build_bytes(m, nested.bytes, nested.n);
}

static void buffers(tiny *t)
{
    build *b = &t->b;
    static build metadata;
    write_metadata(&metadata);
    const int8_t w[] = { 1, -2, 3, 4, -5, 6 };
    const int32_t bias[] = { 10, -10 }, shape[] = { 1, 4, 2 };
    const struct {
        const void *data;
        size_t bytes;
    } data[N_BUFFERS] = { { NULL, 0 }, { w, sizeof w }, { bias, sizeof bias }, { shape, sizeof shape },
                          { metadata.bytes, metadata.n } };
    build_link(b, t->model, MODEL_BUFFERS);
    const size_t v = build_vector(b, N_BUFFERS, 4);
    for (int i = 0; i < N_BUFFERS; i++) {
        build_link_item(b, v, i);
        t->buffer[i] = build_table(b, BUF_FIELDS);
        if (!data[i].bytes) continue;
        build_link(b, t->buffer[i], BUF_DATA);
        build_bytes(b, data[i].data, data[i].bytes);
    }
}

static void codes(tiny *t)
{
    build *b = &t->b;
    build_link(b, t->model, MODEL_CODES);
    t->v_codes = build_vector(b, N_CODES, 4);
    static const uint8_t code[N_CODES] = { 9, 22, 32 };
    for (int i = 0; i < N_CODES; i++) {
        build_link_item(b, t->v_codes, i);
        t->code[i] = build_table(b, CODE_FIELDS);
        build_u8(b, t->code[i], CODE_OLD, code[i]);
        build_i32(b, t->code[i], CODE_NEW, code[i]);
    }
    build_link(b, t->code[2], CODE_CUSTOM);
    build_text(b, "Twist");
    build_i32(b, t->code[0], CODE_VERSION, 4);
}

static void names(tiny *t)
{
    build *b = &t->b;
    build_link(b, t->model, MODEL_DESCRIPTION);
    build_text(b, "a model for checks");
    build_link(b, t->model, MODEL_METADATA);
    const size_t metadata = build_vector(b, 1, 4);
    build_link_item(b, metadata, 0);
    t->metadata = build_table(b, 2);
    build_link(b, t->metadata, 0);
    build_text(b, "TFLITE_METADATA");
    build_i32(b, t->metadata, 1, 4);
    build_link(b, t->model, MODEL_SIGNATURES);
    const size_t signatures = build_vector(b, 1, 4);
    build_link_item(b, signatures, 0);
    t->signature = build_table(b, 5);
    build_link(b, t->signature, 2);
    build_text(b, "serve");
    for (int k = 0; k < 2; k++) {
        build_link(b, t->signature, k);
        const size_t v = build_vector(b, 1, 4);
        build_link_item(b, v, 0);
        const size_t map = build_table(b, 2);
        build_link(b, map, 0);
        build_text(b, k ? "scores" : "image");
        build_i32(b, map, 1, k ? Z : X);
        if (!k) t->map_in = map;
    }
}

void tiny_build(tiny *t)
{
    build *b = &t->b;
    build_begin(b, "TFL3");
    t->model = build_table(b, MODEL_FIELDS);
    build_i32(b, t->model, MODEL_VERSION, 3);
    codes(t);
    build_link(b, t->model, MODEL_SUBGRAPHS);
    t->v_subgraphs = build_vector(b, 2, 4);
    build_link_item(b, t->v_subgraphs, 0);
    main_subgraph(t);
    build_link_item(b, t->v_subgraphs, 1);
    body_subgraph(t);
    names(t);
    buffers(t);
    t->model_bytes = b->n;
    build_archive(b, "labels.txt", "cat\ndog\n");
}
