/* SPDX-License-Identifier: Apache-2.0 */
/* Results drawn into a picture. */
#include "base/error.h"
#include "session/session.h"

/* Letters and memory are kept from picture to picture. */
static crl_status make_painter(crl_session *s, crl_error *err)
{
    return s->painter ? CRL_OK : crl_painter_new(&s->painter, err);
}

static crl_status draw_detections(crl_session *s, crl_image *image, crl_error *err)
{
    const crl_results *r = &s->results;
    const crl_status status = make_painter(s, err);
    if (status) return status;
    for (int32_t i = 0; i < r->n_detections; i++) crl_session_expect_letters(s, r->detections[i].index);
    return crl_painter_detections(s->painter, image, r->detections, r->n_detections, s->setup.labels, err);
}

static crl_status draw_segments(crl_session *s, crl_image *image, crl_error *err)
{
    const crl_results *r = &s->results;
    const crl_status status = make_painter(s, err);
    if (status) return status;
    for (int32_t i = 0; i < r->n_segments; i++)
        if (r->segments[i].index) crl_session_expect_letters(s, r->segments[i].index);
    return crl_painter_segmentation(s->painter, image, &s->read, s->setup.labels, err);
}

crl_status crl_session_draw(crl_session *s, crl_image *image, crl_error *err)
{
    const crl_results *r = &s->results;
    if (!s->has_results) return crl_fail(err, CRL_ERR_STATE, "there are no results to draw: no run has ended well since");
    switch (r->purpose) {
    case CRL_PURPOSE_DETECT: return draw_detections(s, image, err);
    case CRL_PURPOSE_SEGMENT: return draw_segments(s, image, err);
    case CRL_PURPOSE_POSE: return crl_draw_poses(image, r->poses, r->n_poses, crl_session_threshold(s), err);
    case CRL_PURPOSE_CLASSIFY:
    case CRL_PURPOSE_EMBED:
    case CRL_PURPOSE_RAW:
    case CRL_PURPOSE_UNKNOWN: break;
    }
    return CRL_OK;
}
