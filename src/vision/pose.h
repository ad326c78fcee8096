/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that read poses share. */
#ifndef CRL_VISION_POSE_H
#define CRL_VISION_POSE_H

#include <corallite/vision.h>

/* Whether the outputs are one of rows of 56 numbers, as a YOLO pose model has them. */
bool crl_is_yolo_pose(const crl_tensor *const *outputs, int32_t n);
/* Adds to the *n poses of `out`, as crl_poses_read() does; at most 64. */
crl_status crl_yolo_poses_read(const crl_tensor *output, const crl_letterbox *frame, float threshold, crl_pose *out, int32_t cap,
                               int32_t *n, crl_error *err);

#endif
