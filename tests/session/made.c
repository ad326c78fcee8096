/* SPDX-License-Identifier: Apache-2.0 */
/* Models for the checks, and what else these share. */
#include <stdio.h>
#include <string.h>

#include "checks.h"

crl_model *made_model(check *t, int32_t height, int32_t width, const made_output *outputs, int n)
{
    static build b;
    crl_error err;
    crl_model *model = NULL;
    made_constants(&b, height, width, outputs, n);
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
