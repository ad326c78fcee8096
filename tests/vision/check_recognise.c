/* SPDX-License-Identifier: Apache-2.0 */
/* What a model is for: by shapes alone, and where those do not tell by scales, the last operator, labels. */
#include <string.h>

#include "checks.h"

enum { MOST = 6 };

/* "1,10,4 1,10": shapes of outputs; the number of them. */
static int32_t read_shapes(const char *text, crl_tensor *tensors)
{
    int32_t n = 0;
    for (; *text && n < MOST; n++) {
        crl_shape *s = &tensors[n].shape;
        *s = (crl_shape){ .rank = 1 };
        for (; *text && *text != ' '; text++)
            if (*text == ',')
                s->rank++;
            else
                s->dim[s->rank - 1] = s->dim[s->rank - 1] * 10 + (*text - '0');
        if (*text) text++;
    }
    return n;
}

static crl_recognition recognise(const char *shapes, crl_type type, float scale, const char *last, int32_t labels)
{
    static const int32_t zero = 0;
    crl_tensor tensors[MOST] = { 0 };
    const crl_tensor *outputs[MOST];
    const crl_tensor input = { .type = CRL_UINT8, .shape = { 4, { 1, 320, 416, 3 } } };
    const int32_t n = read_shapes(shapes, tensors);
    for (int32_t i = 0; i < n; i++) {
        tensors[i].type = type;
        if (scale > 0) tensors[i].quant = (crl_quant){ .scale = &scale, .zero_point = &zero, .n = 1 };
        outputs[i] = &tensors[i];
    }
    return crl_recognise(outputs, n, &input, last, labels);
}

void check_recognise(check *t, unsigned cpu)
{
    (void)cpu;
    enum { U = (int)CRL_PURPOSE_UNKNOWN, C = CRL_PURPOSE_CLASSIFY, D = CRL_PURPOSE_DETECT, S = CRL_PURPOSE_SEGMENT,
           P = CRL_PURPOSE_POSE, E = CRL_PURPOSE_EMBED };
    static const struct {
        const char *shapes;
        crl_type type;
        float scale;
        const char *last;
        int32_t labels;
        int purpose, also; /* `also`: another decoder that fits, or none */
        const char *part;  /* of `what` */
        crl_head head;     /* AUTO: not looked at */
    } cases[] = {
        { "1,10,4 1,10 1,10 1", CRL_FLOAT32, 0, NULL, 0, D, U, "detector" },
        { "1,40,4 1,40 1,40 1 1,8,8,320", CRL_FLOAT32, 0, NULL, 0, D, U, "detector" },
        { "1,25 1,25,4 1 1,25", CRL_FLOAT32, 0, NULL, 0, D, U, "detector" },
        { "1 1,25 1,25 1,25,4", CRL_FLOAT32, 0, NULL, 0, D, U, "detector" },
        { "1,10,4 1,10 1,11 1", CRL_FLOAT32, 0, NULL, 0, U, E, NULL },
        { "1,1,17,3", CRL_FLOAT32, 0, NULL, 0, P, U, "pose" },
        { "1,20,17,2 1,20,17 1,20 1", CRL_FLOAT32, 0, NULL, 0, P, U, "pose" },
        /* 40 x 52 + 20 x 26 + 10 x 13 cells */
        { "1,84,2730", CRL_FLOAT32, 0, NULL, 0, D, U, "YOLO", CRL_HEAD_YOLOV8 },
        { "1,5,2730", CRL_FLOAT32, 0, NULL, 0, D, U, "YOLO", CRL_HEAD_YOLOV8 },
        { "1,4,2730", CRL_FLOAT32, 0, NULL, 0, U, E, NULL },
        { "1,56,2730", CRL_FLOAT32, 0, NULL, 0, P, U, "YOLO pose", CRL_HEAD_YOLOV8 },
        { "1,2730,56", CRL_FLOAT32, 0, NULL, 0, P, U, "YOLO pose", CRL_HEAD_YOLOV8 },
        { "1,896,16 1,896,1", CRL_FLOAT32, 0, NULL, 0, D, U, "face detector", CRL_HEAD_MEDIAPIPE },
        { "1,2016,1 1,2016,18", CRL_FLOAT32, 0, NULL, 0, D, U, "palm detector", CRL_HEAD_MEDIAPIPE },
        { "1,512,16 1,512,1 1,384,1 1,384,16", CRL_FLOAT32, 0, NULL, 0, U, U, "two parts" },
        { "1,6,56", CRL_FLOAT32, 0, NULL, 0, P, U, "pose" },
        { "1,56,2730", CRL_FLOAT32, 0, NULL, 52, D, U, "YOLO", CRL_HEAD_YOLOV8 },
        { "1,2730,6", CRL_INT8, 0.1f, NULL, 0, D, U, "YOLO", CRL_HEAD_YOLOX },
        { "1,2730,6", CRL_INT8, 0.1f, NULL, 2, D, U, "YOLO", CRL_HEAD_YOLOV8 },
        { "1,2730,85", CRL_FLOAT32, 0, NULL, 0, D, U, "YOLO", CRL_HEAD_YOLOX },
        { "1,2730,84", CRL_FLOAT32, 0, NULL, 0, D, U, "YOLO", CRL_HEAD_YOLOV8 },
        { "1,8190,85", CRL_FLOAT32, 0, NULL, 0, D, U, "YOLO", CRL_HEAD_YOLOV5 },
        { "1,85,8190", CRL_FLOAT32, 0, NULL, 0, D, U, "YOLO", CRL_HEAD_YOLOV5 },
        { "1,8191,85", CRL_FLOAT32, 0, NULL, 0, U, E, NULL },
        { "1,1950,85", CRL_FLOAT32, 0, NULL, 0, D, U, "YOLO", CRL_HEAD_YOLOV5 },
        { "1,2765,112", CRL_FLOAT32, 0, NULL, 0, U, U, "NanoDet" },
        { "1,2730,112", CRL_FLOAT32, 0, NULL, 0, U, U, "NanoDet" },
        { "1,2730,112", CRL_FLOAT32, 0, NULL, 107, D, U, "YOLO", CRL_HEAD_YOLOX },
        { "1,84,2765", CRL_FLOAT32, 0, NULL, 0, D, U, "YOLO", CRL_HEAD_YOLOV8 },
        { "1,2765,4 1,80,2765", CRL_FLOAT32, 0, NULL, 0, D, U, "apart", CRL_HEAD_YOLO_CORNERS },
        { "1,2730,80 1,2730,64", CRL_UINT8, 0.1f, NULL, 0, D, U, "apart", CRL_HEAD_YOLO_SPLIT },
        { "1,2730,64 1,2730,80 1,2730,1", CRL_INT8, 0.1f, NULL, 0, D, U, "apart", CRL_HEAD_YOLO_SPLIT },
        { "1,80,2730 1,64,2730", CRL_FLOAT32, 0, NULL, 0, D, U, "apart", CRL_HEAD_YOLO_SPLIT },
        { "1,2730,4 1,2730,80", CRL_FLOAT32, 0, NULL, 0, D, U, "apart", CRL_HEAD_YOLO_CORNERS },
        { "1,300,6", CRL_FLOAT32, 0, NULL, 0, D, U, "itself", CRL_HEAD_YOLO_CHOSEN },
        { "1,40,52,18 1,20,26,18 1,10,13,18", CRL_UINT8, 0.1f, NULL, 0, U, U, "YOLO" },
        { "1,10,13,3,6 1,20,26,3,6 1,40,52,3,6", CRL_UINT8, 0.1f, NULL, 0, U, U, "YOLO" },
        { "1,116,2730 1,80,104,32", CRL_FLOAT32, 0, NULL, 0, D, U, "YOLO", CRL_HEAD_YOLOV8 },
        { "1,80,104,32 1,56,2730", CRL_FLOAT32, 0, NULL, 0, D, U, "YOLO", CRL_HEAD_YOLOV8 },
        { "1,80,104,32 1,36,2730", CRL_FLOAT32, 0, NULL, 0, U, S, NULL },
        { "1,1917,4 1,1917,91", CRL_UINT8, 0.1f, NULL, 0, D, U, "to be chosen", CRL_HEAD_SSD_RAW },
        { "1,4200,2 1,4200,4 1,4200,10", CRL_FLOAT32, 0, NULL, 0, D, U, "to be chosen", CRL_HEAD_SSD_RAW },
        { "1,5", CRL_UINT8, 1.0f / 256, NULL, 0, C, E, "classifier" },
        { "1,1,1,5", CRL_FLOAT32, 0, "SOFTMAX", 0, C, E, "classifier" },
        { "1,5,1", CRL_FLOAT32, 0, "LOGISTIC", 0, C, E, "classifier" },
        { "5", CRL_UINT8, 0.1f, "FULLY_CONNECTED", 5, C, E, "classifier" },
        { "1,5", CRL_UINT8, 0.1f, "FULLY_CONNECTED", 6, U, C, "vector" },
        { "1,1001", CRL_UINT8, 0.1f, "FULLY_CONNECTED", 0, C, E, "classifier" },
        { "1,1,1,512", CRL_UINT8, 0.1f, "AVERAGE_POOL_2D", 0, E, U, "features" },
        { "1,512", CRL_FLOAT32, 0, "L2_NORMALIZATION", 0, E, U, "features" },
        { "1,512", CRL_INT8, 1.0f / 128, NULL, 0, E, U, "features" },
        { "1,512", CRL_FLOAT32, 0, "MEAN", 512, C, E, "classifier" },
        { "1,128", CRL_FLOAT32, 0, "FULLY_CONNECTED", 0, U, C, "vector" },
        { "1,320,416", CRL_INT64, 0, "ARG_MAX", 0, S, U, "segmentation" },
        { "1,320,416,1", CRL_UINT8, 0, NULL, 0, S, U, "segmentation" },
        { "1,80,104,16", CRL_FLOAT32, 0, NULL, 0, U, S, "joints" },
        { "1,320,416,17", CRL_FLOAT32, 0, NULL, 0, S, U, "segmentation" },
        { "1,320,416,1", CRL_UINT8, 1.0f / 256, "LOGISTIC", 0, U, E, "every pixel" },
        { "1,160,208", CRL_FLOAT32, 0, NULL, 0, U, E, "every pixel" },
        { "1,197,768", CRL_FLOAT32, 0, NULL, 0, U, E, NULL },
        { "1,40,52,19", CRL_INT8, 0.1f, NULL, 0, S, U, "segmentation" },
        { "1,320,416,3", CRL_INT8, 0.1f, NULL, 0, U, S, "picture" },
        { "1,640,832,3", CRL_FLOAT32, 0, NULL, 0, U, E, "larger" },
        { "1,10,13,125", CRL_FLOAT32, 0, NULL, 0, U, E, "features" },
        { "1,20,26,512", CRL_FLOAT32, 0, NULL, 0, U, E, "features" },
        { "1,5 1,3", CRL_UINT8, 1.0f / 256, "SOFTMAX", 0, U, C, NULL },
        { "0,4", CRL_FLOAT32, 0, NULL, 0, U, E, NULL },
        { "", CRL_FLOAT32, 0, NULL, 0, U, E, NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const crl_recognition r =
            recognise(cases[i].shapes, cases[i].type, cases[i].scale, cases[i].last, cases[i].labels);
        const bool named = cases[i].part ? r.what && strstr(r.what, cases[i].part) : !r.what;
        check_that(t, (int)r.purpose == cases[i].purpose && named, "%s: purpose %d, \"%s\"", cases[i].shapes, r.purpose,
                   r.what ? r.what : "");
        check_that(t, !cases[i].head || r.head == cases[i].head, "%s, %d labels: %s", cases[i].shapes, cases[i].labels, crl_head_name(r.head));
        const unsigned least = (cases[i].purpose ? 1u << cases[i].purpose : 0) | (cases[i].also ? 1u << cases[i].also : 0);
        check_that(t, (r.fits & least) == least && (least || !r.fits), "%s: fits 0x%x, not 0x%x", cases[i].shapes, r.fits, least);
    }
    check_that(t, crl_recognise(NULL, 0, NULL, NULL, 0).purpose == CRL_PURPOSE_UNKNOWN, "nothing is something");
    const crl_tensor maps = { .name = "m", .type = CRL_FLOAT32, .shape = { 4, { 1, 16, 16, 17 } } }, *outputs[] = { &maps };
    const crl_tensor input = { .name = "i", .type = CRL_UINT8, .shape = { 4, { 1, 64, 64, 3 } } };
    check_that(t, crl_recognise(outputs, 1, &input, NULL, 0).fits == (1u << CRL_PURPOSE_SEGMENT | 1u << CRL_PURPOSE_POSE), "17 heat maps");
}

void check_input_layouts(check *t, unsigned cpu)
{
    (void)cpu;
    static const struct {
        const char *shape;
        crl_type type;
        const char *part; /* of the text; NULL: a picture fits */
    } cases[] = {
        { "1,224,224,3", CRL_UINT8, NULL },
        { "1,28,28,1", CRL_FLOAT32, NULL },
        { "1,28,28", CRL_INT16, NULL },
        { "1,3,224,224", CRL_FLOAT32, "channels first" },
        { "1,1,28,28", CRL_FLOAT32, "channels first" },
        { "1,224,224,4", CRL_UINT8, "RGBA" },
        { "2,224,224,3", CRL_UINT8, "several pictures" },
        { "224,224,3", CRL_UINT8, "no batch" },
        { "1,224,224,3", CRL_INT32, "INT32 [1,224,224,3], no picture" },
        { "1,1,1,1024", CRL_UINT8, "no picture" },
        { "1,16000", CRL_FLOAT32, "no picture" },
        { "1,0,224,3", CRL_UINT8, "no picture" },
        { "1,70000,2,3", CRL_UINT8, "past the limit" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        crl_tensor tensor[MOST] = { { .name = "x" } };
        crl_error err = { 0 };
        read_shapes(cases[i].shape, tensor);
        tensor[0].type = cases[i].type;
        const crl_status s = crl_input_check(&tensor[0], &err);
        check_that(t, cases[i].part ? s == CRL_ERR_UNSUPPORTED && strstr(err.text, cases[i].part) : !s, "%s: status %d, \"%s\"",
                   cases[i].shape, s, err.text);
    }
}
