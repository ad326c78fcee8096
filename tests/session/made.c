/* SPDX-License-Identifier: Apache-2.0 */
/* Models whose outputs are constants, or known after a run, and what else the checks share. */
#include <stdio.h>
#include <string.h>

#include "checks.h"
#include "tiny.h"

static void add_tensor(build *b, size_t list, int i, const crl_shape *shape, crl_type type, int buffer, float scale)
{
    char name[16];
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
    int32_t numbers[8];
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

crl_model *made_model(check *t, int32_t height, int32_t width, const made_output *outputs, int n)
{
    static build b;
    crl_error err;
    crl_model *model = NULL;
    const crl_shape input = { 4, { 1, height, width, 3 } };
    build_begin(&b, "TFL3");
    const size_t root = build_table(&b, MODEL_FIELDS);
    build_i32(&b, root, MODEL_VERSION, 3);
    add_codes(&b, root, !outputs[0].data);
    add_subgraph(&b, root, &input, outputs, n);
    build_link(&b, root, MODEL_BUFFERS);
    const size_t list = build_vector(&b, (size_t)n + 1, 4);
    for (int i = 0; i <= n; i++) {
        build_link_item(&b, list, i);
        const size_t buffer = build_table(&b, BUF_FIELDS);
        if (!i || !outputs[i - 1].data) continue;
        build_link(&b, buffer, BUF_DATA);
        build_bytes(&b, outputs[i - 1].data, crl_shape_count(&outputs[i - 1].shape) * crl_type_bytes(outputs[i - 1].type));
    }
    uint8_t *bytes = check_guarded(t, b.n); /* the model borrows them */
    memcpy(bytes, b.bytes, b.n);
    check_that(t, !crl_model_open(&model, bytes, b.n, &err), "%s", err.text);
    return model;
}

crl_model *made_classifier(check *t)
{
    static const uint8_t scores[] = { 64, 32, 128, 0, 16 };
    return made_model(t, 8, 8, &(made_output){ CRL_UINT8, { 2, { 1, 5 } }, scores, 0.00390625f }, 1);
}

crl_model *made_detector(check *t)
{
    static const float boxes[] = { 0.25f, 0, 0.5f, 1, 0, 0.5f, 2, 0.75f, 0, 0, 1, 1 }, classes[] = { 1, 3, 0 };
    static const float scores[] = { 0.5f, 0.875f, 0.25f }, count = 3;
    const made_output outputs[] = { { CRL_FLOAT32, { 3, { 1, 3, 4 } }, boxes, 0 }, { CRL_FLOAT32, { 2, { 1, 3 } }, classes, 0 },
                                    { CRL_FLOAT32, { 2, { 1, 3 } }, scores, 0 },   { CRL_FLOAT32, { 1, { 1 } }, &count, 0 } };
    return made_model(t, 8, 8, outputs, 4);
}

/* YOLOv8 in planes: one anchor of 21 has a box, and its second class. */
crl_model *made_yolo(check *t)
{
    float v[6][21] = { { 0 } };
    for (int k = 0; k < 4; k++) v[k][3] = 0.5f;
    v[5][3] = 0.75f;
    return made_model(t, 32, 32, &(made_output){ CRL_FLOAT32, { 3, { 1, 6, 21 } }, v, 0 }, 1);
}

/* Class 0 above, 7 below; one pixel of 2. */
crl_model *made_segmenter(check *t)
{
    uint8_t classes[64] = { 0 };
    memset(classes + 32, 7, 32);
    classes[0] = 2;
    return made_model(t, 8, 8, &(made_output){ CRL_UINT8, { 3, { 1, 8, 8 } }, classes, 0 }, 1);
}

crl_model *made_pose(check *t)
{
    float points[17][3];
    for (int k = 0; k < 17; k++) {
        points[k][0] = (float)k / 17;
        points[k][1] = 0.5f;
        points[k][2] = 0.75f;
    }
    return made_model(t, 8, 8, &(made_output){ CRL_FLOAT32, { 4, { 1, 1, 17, 3 } }, points, 0 }, 1);
}

crl_model *made_vector(check *t)
{
    static const float values[] = { 0, 1.5f, -0.1f, 1e-7f, 3e20f, 16777216 };
    return made_model(t, 8, 8, &(made_output){ CRL_FLOAT32, { 2, { 1, 6 } }, values, 0 }, 1);
}

crl_image made_picture(check *t, int32_t width, int32_t height)
{
    const size_t stride = (size_t)width * 3;
    crl_image image = { width, height, 3, stride, check_guarded(t, stride * (size_t)height) };
    for (size_t i = 0; i < stride * (size_t)height; i++) image.data[i] = (uint8_t)(i / 3 * 5);
    return image;
}

void hear(void *user, const crl_notice *notice)
{
    heard *h = user;
    h->n++;
    snprintf(h->last, sizeof h->last, "%s", notice->text);
}

crl_model *made_late(check *t)
{
    return made_model(t, 4, 4, &(made_output){ CRL_INT64, { 2, { 1, 4 } }, NULL, 0 }, 1);
}
