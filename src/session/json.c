/* SPDX-License-Identifier: Apache-2.0 */
/* Results as JSON: the one place where their keys are written (include/corallite/session.h). */
#include "base/error.h"
#include "base/json.h"
#include "session/session.h"
#include "session/tell.h"

/* ---- results ---- */

void crl_tell_class(crl_json *w, int32_t i, int32_t index, const char *label)
{
    crl_json_put(w, i ? ", {\"index\": " : "{\"index\": ");
    crl_json_int(w, (uint64_t)index);
    crl_json_put(w, ", \"label\": ");
    crl_json_text(w, label);
}

void crl_tell_score(crl_json *w, float score)
{
    crl_json_put(w, ", \"score\": ");
    crl_json_float(w, score);
}

void crl_tell_box(crl_json *w, const crl_box *box)
{
    const float edges[4] = { box->x0, box->y0, box->x1, box->y1 };
    crl_json_put(w, ", \"box\": [");
    for (int k = 0; k < 4; k++) {
        if (k) crl_json_put(w, ", ");
        crl_json_float(w, edges[k]);
    }
    crl_json_put(w, "]");
}

static void put_classes(crl_json *w, const crl_session *s)
{
    crl_json_put(w, "\"results\": [");
    for (int32_t i = 0; i < s->results.n_classes; i++) {
        const crl_class *c = &s->results.classes[i];
        crl_tell_class(w, i, c->index, crl_session_label(s, c->index));
        crl_tell_score(w, c->score);
        crl_json_put(w, "}");
    }
    crl_json_put(w, "]");
}

static void put_detections(crl_json *w, const crl_session *s)
{
    crl_json_put(w, "\"results\": [");
    for (int32_t i = 0; i < s->results.n_detections; i++) {
        const crl_detection *d = &s->results.detections[i];
        crl_tell_class(w, i, d->index, crl_session_label(s, d->index));
        crl_tell_score(w, d->score);
        crl_tell_box(w, &d->box);
        crl_json_put(w, "}");
    }
    crl_json_put(w, "]");
}

static void put_segments(crl_json *w, const crl_session *s)
{
    crl_json_put(w, "\"classes\": [");
    for (int32_t i = 0; i < s->results.n_segments; i++) {
        crl_tell_class(w, i, s->results.segments[i].index, crl_session_label(s, s->results.segments[i].index));
        crl_json_put(w, ", \"pixels\": ");
        crl_json_int(w, s->results.segments[i].pixels);
        crl_json_put(w, "}");
    }
    crl_json_put(w, "]");
}

static void put_keypoint(crl_json *w, int k, const crl_keypoint *p)
{
    crl_json_put(w, k ? ", {\"name\": " : "{\"name\": ");
    crl_json_text(w, crl_keypoint_name(k));
    crl_json_put(w, ", \"x\": ");
    crl_json_float(w, p->x);
    crl_json_put(w, ", \"y\": ");
    crl_json_float(w, p->y);
    crl_json_put(w, ", \"score\": ");
    crl_json_float(w, p->score);
    crl_json_put(w, "}");
}

void crl_tell_pose(crl_json *w, int32_t i, const crl_pose *pose)
{
    crl_json_put(w, i ? ", {\"score\": " : "{\"score\": ");
    crl_json_float(w, pose->score);
    crl_json_put(w, ", \"keypoints\": [");
    for (int k = 0; k < CRL_KEYPOINTS; k++) put_keypoint(w, k, &pose->keypoints[k]);
    crl_json_put(w, "]}");
}

static void put_poses(crl_json *w, const crl_session *s)
{
    crl_json_put(w, "\"poses\": [");
    for (int32_t i = 0; i < s->results.n_poses; i++) crl_tell_pose(w, i, &s->results.poses[i]);
    crl_json_put(w, "]");
}

static void put_embedding(crl_json *w, const crl_session *s)
{
    crl_json_put(w, "\"embedding\": [");
    for (size_t i = 0; i < s->results.n_embedding; i++) {
        if (i) crl_json_put(w, ", ");
        crl_json_float(w, s->results.embedding[i]);
    }
    crl_json_put(w, "]");
}

static void put_results(crl_json *w, const crl_session *s)
{
    switch (s->results.purpose) {
    case CRL_PURPOSE_CLASSIFY: put_classes(w, s); break;
    case CRL_PURPOSE_DETECT: put_detections(w, s); break;
    case CRL_PURPOSE_SEGMENT: put_segments(w, s); break;
    case CRL_PURPOSE_POSE: put_poses(w, s); break;
    case CRL_PURPOSE_EMBED: put_embedding(w, s); break;
    case CRL_PURPOSE_RAW: crl_json_put(w, "\"results\": []"); break;
    case CRL_PURPOSE_UNKNOWN: break;
    }
}

crl_status crl_session_json(crl_session *s, const char *image, const char **text, size_t *bytes, crl_error *err)
{
    *text = NULL;
    if (!s->has_results) return crl_fail(err, CRL_ERR_STATE, "there are no results to tell: no run has ended well since");
    crl_json w = { .b = &s->json };
    s->json.size = 0;
    crl_json_put(&w, "{");
    if (image) {
        crl_json_put(&w, "\"image\": ");
        crl_json_text(&w, image);
        crl_json_put(&w, ", ");
    }
    put_results(&w, s);
    crl_json_bytes(&w, "}", 2); /* with its zero */
    if (w.failed) return crl_fail_memory(err, "results as JSON");
    *text = (const char *)s->json.data;
    if (bytes) *bytes = s->json.size - 1;
    return CRL_OK;
}
