/* SPDX-License-Identifier: Apache-2.0 */
/* Boxes of an SSD from their encodings, and non-maximum suppression: TFLite_Detection_PostProcess.
 *
 *   center = encoding / scale * anchor size + anchor center        (y and x)
 *   half   = exp(encoding / scale) * anchor size / 2               (h and w)
 *   box    = top, left, bottom, right = center - half .. center + half
 *
 * Products are computed in double and rounded to float once, as in the reference; so results are its bytes.
 * Source: TensorFlow Lite, kernels/detection_postprocess.cc. */
#ifndef CRL_KERNELS_DETECTION_H
#define CRL_KERNELS_DETECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct crl_detection_params {
    int32_t n_boxes;
    int32_t n_classes;     /* without the background */
    int32_t n_columns;     /* of the scores: n_classes, or one more, the background in front */
    int32_t max_detections;
    int32_t max_classes;   /* per box; fast suppression only */
    int32_t per_class;     /* detections of one class; regular suppression only */
    bool regular;          /* suppression within each class; fast: boxes against boxes by their best class */
    float score_threshold;
    float iou_threshold;   /* in (0, 1] */
    float scale[4];        /* of encodings: y, x, h, w */
} crl_detection_params;

typedef struct crl_detection_output {
    float *boxes;   /* [max_detections * max_classes][4] */
    float *classes; /* [max_detections * max_classes], without the background */
    float *scores;  /* [max_detections * max_classes] */
    float *count;   /* [1] */
} crl_detection_output;

/* Decodes one box: encoding and anchor are y, x, h, w. */
void crl_detection_decode(float box[4], const float encoding[4], const float anchor[4], const float scale[4]);

/* Shared area over joint area of two boxes. */
float crl_detection_overlap(const float a[4], const float b[4]);

/* Zeroes all rows. */
void crl_detection_clear(const crl_detection_params *p, const crl_detection_output *out);

/* Bytes of scratch that crl_detection_select needs. */
size_t crl_detection_scratch(const crl_detection_params *p);

/* Chooses among boxes [n_boxes][4] by scores [n_boxes][n_columns]. Rows past what is found are zeroed. False,
 * and no output, when a box has its ends the wrong way round. */
bool crl_detection_select(const crl_detection_params *p, const float *boxes, const float *scores,
                          const crl_detection_output *out, void *scratch);

#endif
