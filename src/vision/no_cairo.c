/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in for draw.c in a build without cairo. */
#include "base/error.h"
#include "vision/vision.h"

static crl_status lacking(crl_error *err)
{
    return crl_fail(err, CRL_ERR_UNSUPPORTED, "drawing needs cairo, which this build of corallite lacks");
}

crl_status crl_draw_detections(crl_image *image, const crl_detection *detections, int32_t n, const crl_labels *labels,
                               crl_error *err)
{
    (void)image, (void)detections, (void)n, (void)labels;
    return lacking(err);
}

crl_status crl_draw_poses(crl_image *image, const crl_pose *poses, int32_t n, float threshold, crl_error *err)
{
    (void)image, (void)poses, (void)n, (void)threshold;
    return lacking(err);
}
