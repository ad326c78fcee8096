/* SPDX-License-Identifier: Apache-2.0 */
/* Outputs to results. Memory grows to what a run asks for, and is kept for the next. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cpu.h"
#include "base/error.h"
#include "session/session.h"

/* What the command line has had for defaults since the first demos. */
static const struct {
    int32_t top_k;
    float threshold;
} defaults[CRL_PURPOSE_RAW + 1] = {
    [CRL_PURPOSE_CLASSIFY] = { 3, -INFINITY },
    [CRL_PURPOSE_DETECT] = { 10, 0.5f },
    [CRL_PURPOSE_POSE] = { 10, 0.25f },
};

float crl_session_threshold(const crl_session *s)
{
    float own;
    if (s->setup.has_threshold) return s->setup.threshold;
    if (s->results.purpose == CRL_PURPOSE_CLASSIFY && crl_model_score_threshold(s->model, 0, &own)) return own;
    return defaults[s->results.purpose].threshold;
}

/* How many results to make room for: as many as asked for, but no more than the largest output has values. */
static int32_t most_results(const crl_session *s)
{
    const int32_t wanted = s->setup.top_k ? s->setup.top_k : defaults[s->setup.purpose].top_k;
    size_t most = 0;
    for (int32_t i = 0; i < s->n_outputs; i++) {
        const size_t n = crl_shape_count(&s->outputs[i]->shape);
        if (n > most) most = n;
    }
    return most < (size_t)wanted ? (int32_t)most : wanted;
}

/* Room for n results of `size` bytes, not kept from before when it grows. */
static void *make_room(crl_session *s, size_t n, size_t size, crl_error *err)
{
    size_t bytes;
    if (!crl_size_mul(n, size, &bytes)) bytes = SIZE_MAX;
    if (s->found && bytes <= s->room) return s->found;
    crl_free(s->found);
    s->room = 0;
    s->found = crl_alloc(bytes);
    if (s->found)
        s->room = bytes;
    else
        crl_fail_memory(err, "results");
    return s->found;
}

static crl_status read_classes(crl_session *s, crl_error *err)
{
    crl_results *r = &s->results;
    const int32_t most = most_results(s);
    crl_session_fit_labels(s, (int32_t)crl_shape_count(&s->outputs[0]->shape), true);
    crl_class *found = make_room(s, (size_t)most, sizeof *found, err);
    r->classes = found;
    return found ? crl_topk(s->outputs[0], crl_session_threshold(s), found, most, &r->n_classes, err) : CRL_ERR_MEMORY;
}

static crl_status read_detections(crl_session *s, crl_error *err)
{
    crl_results *r = &s->results;
    const int32_t most = most_results(s);
    crl_detection *found = make_room(s, (size_t)most, sizeof *found, err);
    r->detections = found;
    if (!found) return CRL_ERR_MEMORY;
    /* Where shapes are known only now, they may be others than those of the run before. */
    crl_status status = s->setup.detecting && !crl_session_is_open(s) ? CRL_OK : crl_session_make_detector(s, err);
    if (!status)
        status = crl_detector_read(s->setup.detecting, s->outputs, s->n_outputs, &r->frame, crl_session_threshold(s), found, most,
                                   &r->n_detections, err);
    if (status) return status;
    const int32_t classes = crl_detector_classes(s->setup.detecting);
    crl_session_fit_labels(s, classes ? classes : crl_model_detector_classes(s->model), classes > 0);
    for (int32_t i = 0; i < r->n_detections; i++) crl_session_expect_classes(s, found[i].index + 1);
    return CRL_OK;
}

static crl_status read_poses(crl_session *s, crl_error *err)
{
    crl_results *r = &s->results;
    const int32_t most = most_results(s);
    crl_pose *found = make_room(s, (size_t)most, sizeof *found, err);
    r->poses = found;
    return found ? crl_poses_read(s->outputs, s->n_outputs, &r->frame, crl_session_threshold(s), found, most, &r->n_poses, err)
                 : CRL_ERR_MEMORY;
}

static crl_status read_embedding(crl_session *s, crl_error *err)
{
    crl_results *r = &s->results;
    const size_t n = crl_shape_count(&s->outputs[0]->shape);
    if (n > CRL_EMBEDDING_VALUES)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "output 0 has %zu values, an embedding at most %d", n, CRL_EMBEDDING_VALUES);
    float *found = make_room(s, n, sizeof *found, err);
    r->embedding = found;
    r->n_embedding = n;
    return found ? crl_tensor_floats(s->outputs[0], found, n, err) : CRL_ERR_MEMORY;
}

static void copy_row(void *user, int32_t y, const uint8_t *pixels)
{
    const crl_image *mask = user;
    memcpy(mask->data + (size_t)y * mask->stride, pixels, (size_t)mask->width);
}

/* Memory and tables for masks of these sizes. */
static crl_status make_stretcher(crl_session *s, const crl_frame_format *read, int32_t width, int32_t height, crl_error *err)
{
    if (s->stretcher && s->stretched.width == read->width && s->stretched.height == read->height && s->mask.width == width &&
        s->mask.height == height)
        return CRL_OK;
    crl_resampler_free(s->stretcher);
    crl_image_fini(&s->mask);
    s->stretcher = NULL;
    s->stretched = *read;
    crl_geometry g = { .source = *read, .part = { 0, 0, read->width, read->height }, .channels = 1, .width = width, .height = height,
                       .box = { 0, 0, (float)read->width, (float)read->height }, .filter = CRL_RESAMPLE_NEAREST };
    crl_status status = crl_image_init(&s->mask, width, height, 1, err);
    if (!status) status = crl_cpu_choose(&g.cpu, NULL, err);
    return status ? status : crl_resampler_new(&s->stretcher, &g, err);
}

/* The mask in the picture's size, without mixing classes. */
static crl_status fit_mask(crl_session *s, crl_error *err)
{
    crl_frame_format format;
    crl_frame frame;
    crl_status status = crl_frame_of_image(&frame, &format, &s->read, err);
    if (!status) status = make_stretcher(s, &format, s->results.frame.picture_width, s->results.frame.picture_height, err);
    if (status) return status;
    crl_resampler_run(s->stretcher, &frame, copy_row, &s->mask);
    return CRL_OK;
}

/* The classes that occur, the largest first, of equals the lower number. */
static void list_segments(crl_session *s)
{
    uint64_t pixels[CRL_MASK_CLASSES];
    int32_t n = 0;
    crl_mask_count(&s->mask, pixels);
    for (int32_t c = 0; c < CRL_MASK_CLASSES; c++) {
        if (!pixels[c]) continue;
        crl_session_expect_classes(s, c + 1);
        int32_t at = n++;
        for (; at > 0 && s->segments[at - 1].pixels < pixels[c]; at--) s->segments[at] = s->segments[at - 1];
        s->segments[at] = (crl_segment){ c, pixels[c] };
    }
    s->results.n_segments = n;
}

static crl_status read_mask(crl_session *s, crl_error *err)
{
    crl_results *r = &s->results;
    const crl_shape *shape = &s->outputs[0]->shape;
    if (!s->segments) s->segments = crl_alloc_array(CRL_MASK_CLASSES, sizeof *s->segments);
    if (!s->segments) return crl_fail_memory(err, "results");
    crl_status status = crl_mask_read_again(&s->read, s->outputs[0], &r->frame, err);
    if (!status) status = fit_mask(s, err);
    if (status) return status;
    crl_session_fit_labels(s, shape->rank == 4 && shape->dim[3] > 1 ? shape->dim[3] : 0, false);
    list_segments(s);
    r->segments = s->segments;
    r->mask = &s->mask;
    return CRL_OK;
}

crl_status crl_session_read(crl_session *s, crl_error *err)
{
    switch (s->setup.purpose) {
    case CRL_PURPOSE_CLASSIFY: return read_classes(s, err);
    case CRL_PURPOSE_DETECT: return read_detections(s, err);
    case CRL_PURPOSE_SEGMENT: return read_mask(s, err);
    case CRL_PURPOSE_POSE: return read_poses(s, err);
    case CRL_PURPOSE_EMBED: return read_embedding(s, err);
    case CRL_PURPOSE_RAW: return CRL_OK;
    case CRL_PURPOSE_UNKNOWN: break;
    }
    return crl_fail(err, CRL_ERR_STATE, "nothing was chosen to be read");
}
