/* SPDX-License-Identifier: Apache-2.0 */
/* What prepare makes of TFLite_Detection_PostProcess; crl_node.params points here. */
#ifndef CRL_OPS_DETECTION_POSTPROCESS_H
#define CRL_OPS_DETECTION_POSTPROCESS_H

#include "kernels/detection.h"
#include "ops/op.h"

/* Inputs. */
enum { CRL_DETECTION_BOXES, CRL_DETECTION_SCORES, CRL_DETECTION_ANCHORS };

typedef struct crl_postprocess {
    crl_detection_params select;
    int32_t length; /* elements of an encoding */
} crl_postprocess;

/* What a byte of a UINT8 input stands for. */
float crl_detection_real(const crl_tensor *t, uint8_t q);

/* The sentence for a box with its ends the wrong way round. */
crl_status crl_detection_bad_box(crl_error *err);

#endif
