/* SPDX-License-Identifier: Apache-2.0 */
/* Detections from 8-bit encodings and scores, with fast suppression (detection.h): the same outputs, byte for byte, from
 * tables of what each byte stands for.
 *
 * Larger bytes are larger scores. So the best class of a box is found among bytes, boxes come in order by counting, and
 * exponentials have 256 arguments.
 *
 * encodings [n_boxes][length], scores [n_boxes][n_columns], both unsigned bytes. */
#ifndef CRL_KERNELS_DETECTION8_H
#define CRL_KERNELS_DETECTION8_H

#include "kernels/argmax8.h"
#include "kernels/detection.h"

typedef struct crl_detection8 {
    const crl_detection_params *params;
    const float *anchors;     /* [n_boxes][4] */
    int32_t length;           /* bytes of an encoding, at least 4 */
    crl_argmax8_maxima_fn *maxima;
    float score[256];
    double center[2][256], half[2][256]; /* y, x; h, w: before they meet the anchor */
} crl_detection8;

/* `encoding` and `score` are what the bytes stand for; the arrays behind `params` and `anchors` are borrowed. False where the
 * way does not serve: suppression within classes, or scores that do not rise with their bytes. */
bool crl_detection8_init(crl_detection8 *d, const crl_detection_params *params, int32_t length, const float *anchors,
                         const float encoding[256], const float score[256], unsigned cpu);

/* Bytes of scratch that crl_detection8_run needs. */
size_t crl_detection8_scratch(const crl_detection8 *d);

/* False, and no output, when a box has its ends the wrong way round. */
bool crl_detection8_run(const crl_detection8 *d, const uint8_t *encodings, const uint8_t *scores,
                        const crl_detection_output *out, void *scratch);

#endif
