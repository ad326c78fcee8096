/* SPDX-License-Identifier: Apache-2.0 */
/* Opening, running, closing: see include/corallite/session.h. */
#include "session/session.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/error.h"

char *crl_session_copy(const char *text)
{
    const size_t n = strlen(text) + 1;
    char *copy = crl_alloc(n);
    if (copy) memcpy(copy, text, n);
    return copy;
}

void crl_session_say(const crl_session *s, crl_notice_kind kind, const crl_error *err)
{
    crl_notify(&s->notifier, kind, "%s", err->text);
}

crl_status crl_session_within(const crl_session *s, crl_error *err, crl_status status)
{
    return s->setup.name && *s->setup.name ? crl_within(err, status, "%s", s->setup.name) : status;
}

/* ---- options ---- */

static void release_setup(crl_session_setup *setup)
{
    crl_detector_free(setup->detecting);
    crl_free(setup->own_anchors);
    crl_labels_free(setup->labels);
    crl_free(setup->looked_at);
    crl_free(setup->labels_file);
    crl_free(setup->name);
    *setup = (crl_session_setup){ 0 };
}

static crl_status make_setup(crl_session_setup *setup, const crl_session_options *o, const char *name, crl_error *err)
{
    const crl_status status = crl_check_reserved(o->reserved, sizeof o->reserved / sizeof *o->reserved, "crl_session_options", err);
    if (status) return status;
    if (o->top_k < 0) return crl_fail(err, CRL_ERR_ARGUMENT, "top_k %d; 0 or more is accepted", o->top_k);
    if (o->has_threshold && isnan(o->threshold)) return crl_fail(err, CRL_ERR_ARGUMENT, "threshold nan; a number is accepted");
    setup->top_k = o->top_k;
    setup->has_threshold = o->has_threshold;
    setup->threshold = o->threshold;
    setup->exif_orientation = o->exif_orientation;
    if (o->name) name = o->name;
    if (!name) return CRL_OK;
    setup->name = crl_session_copy(name);
    return setup->name ? CRL_OK : crl_fail_memory(err, "a session");
}

/* What needs the engine; the setup is in its place. */
static crl_status apply_setup(crl_session *s, const crl_session_options *o, crl_error *err)
{
    crl_status status = crl_session_load_labels(s, o, err);
    if (!status) status = crl_session_read_task(s, err);
    if (!status) status = crl_session_set_detector(s, o, err);
    if (!status) status = crl_session_set_input(s, o, err);
    if (!status) status = crl_session_set_purpose(s, o, err);
    return status;
}

crl_status crl_session_configure(crl_session *s, const crl_session_options *options, crl_error *err)
{
    const crl_session_options o = options ? *options : (crl_session_options){ 0 };
    crl_session_setup next = { 0 }, before = s->setup;
    crl_status status = make_setup(&next, &o, before.name, err);
    s->has_results = false;
    s->setup = next;
    crl_session_forget_frames(s);
    if (!status) status = apply_setup(s, &o, err);
    if (status) {
        crl_session_forget_frames(s);
        release_setup(&s->setup);
        s->setup = before;
    } else
        release_setup(&before);
    return status;
}

/* ---- opening ---- */

static crl_status make_engine(crl_session *s, const crl_session_options *o, crl_error *err)
{
    const crl_status status = crl_engine_new(&s->engine, s->model, &o->engine, err);
    if (status == CRL_ERR_ARGUMENT) return status; /* of an option, not of the model */
    return status ? crl_session_within(s, err, status) : CRL_OK;
}

static crl_status list_outputs(crl_session *s, crl_error *err)
{
    s->n_outputs = crl_engine_output_count(s->engine);
    if (!s->n_outputs)
        return crl_session_within(s, err, crl_fail(err, CRL_ERR_UNSUPPORTED, "the model has no output"));
    s->outputs = crl_alloc_array((size_t)s->n_outputs, sizeof *s->outputs);
    if (!s->outputs) return crl_fail_memory(err, "a session");
    for (int32_t i = 0; i < s->n_outputs; i++) s->outputs[i] = crl_engine_output(s->engine, i);
    return CRL_OK;
}

static crl_status open_session(crl_session **out, crl_model *owned, const crl_model *model, const char *name,
                               const crl_session_options *options, crl_error *err)
{
    const crl_session_options o = options ? *options : (crl_session_options){ 0 };
    crl_session *s = crl_alloc(sizeof *s);
    if (!s) {
        crl_model_close(owned);
        return crl_fail_memory(err, "a session");
    }
    s->owned = owned;
    s->model = model;
    s->notifier = (crl_notifier){ o.engine.notice, o.engine.notice_user };
    crl_status status = make_setup(&s->setup, &o, name, err);
    if (!status) {
        status = crl_session_find_input(model, &s->input, err);
        if (status) crl_session_within(s, err, status);
    }
    if (!status) status = make_engine(s, &o, err);
    if (!status) status = list_outputs(s, err);
    if (!status) status = apply_setup(s, &o, err);
    if (status) {
        crl_session_close(s);
        return status;
    }
    *out = s;
    return CRL_OK;
}

crl_status crl_session_open(crl_session **out, const crl_model *model, const crl_session_options *options, crl_error *err)
{
    *out = NULL;
    return open_session(out, NULL, model, NULL, options, err);
}

crl_status crl_session_open_file(crl_session **out, const char *path, const crl_session_options *options, crl_error *err)
{
    crl_session_options o = options ? *options : (crl_session_options){ 0 };
    crl_model *model, *twin = NULL;
    *out = NULL;
    crl_status s = crl_model_open_file(&model, path, err);
    if (s) return s;
    s = crl_engine_choose_model(&model, &twin, path, NULL, &o.engine, err);
    if (s) {
        crl_model_close(model);
        return s;
    }
    if (twin) o.engine.twin = twin;
    s = open_session(out, model, model, path, &o, err);
    if (s)
        crl_model_close(twin);
    else
        (*out)->owned_twin = twin;
    return s;
}

void crl_session_close(crl_session *s)
{
    if (!s) return;
    crl_engine_free(s->engine);
    crl_model_close(s->owned);
    crl_model_close(s->owned_twin);
    release_setup(&s->setup);
    crl_image_fini(&s->picture);
    crl_session_forget_frames(s);
    crl_resampler_free(s->stretcher);
    crl_painter_free(s->painter);
    crl_image_fini(&s->read);
    crl_image_fini(&s->mask);
    crl_buffer_fini(&s->json);
    crl_free(s->segments);
    crl_free(s->found);
    crl_free(s->outputs);
    crl_free(s);
}

const crl_model *crl_session_model(const crl_session *s)
{
    return s->model;
}

crl_engine *crl_session_engine(crl_session *s)
{
    return s->engine;
}

/* ---- running ---- */

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* What takes how long is told by each part's end. */
static crl_status run(crl_session *s, const crl_frame_format *format, const crl_frame *frame, const crl_box *part, crl_error *err)
{
    const uint64_t start = now_ns();
    crl_engine_reset(s->engine);
    crl_status status = format && frame ? crl_session_fill(s, format, frame, part, err) : crl_fail(err, CRL_ERR_ARGUMENT, "no frame (NULL)");
    if (status) return status;
    const uint64_t filled = now_ns();
    status = crl_engine_run(s->engine, err);
    if (status) return status;
    const uint64_t ran = now_ns();
    s->has_run = true;
    status = crl_session_check_purpose(s, err);
    if (!status) status = crl_session_read(s, err);
    s->results.input_ns = filled - start;
    s->results.run_ns = ran - filled;
    s->results.read_ns = now_ns() - ran;
    return status;
}

crl_status crl_session_run_part(crl_session *s, const crl_frame_format *format, const crl_frame *frame, const crl_box *part,
                                const crl_results **out, crl_error *err)
{
    *out = NULL;
    s->has_results = false;
    s->results = (crl_results){ .purpose = s->setup.purpose };
    const crl_status status = s->setup.purpose ? run(s, format, frame, part, err)
                                               : crl_fail(err, CRL_ERR_STATE, "the session was not told what to read: "
                                                          "crl_session_choose() comes before the first run");
    if (status) return crl_session_within(s, err, status);
    s->has_results = true;
    *out = &s->results;
    return CRL_OK;
}

crl_status crl_session_run_frame(crl_session *s, const crl_frame_format *format, const crl_frame *frame, const crl_results **out,
                                 crl_error *err)
{
    return crl_session_run_part(s, format, frame, NULL, out, err);
}

crl_status crl_session_run(crl_session *s, const crl_image *image, const crl_results **out, crl_error *err)
{
    crl_frame_format format;
    crl_frame frame;
    *out = NULL;
    s->has_results = false;
    const crl_status status = crl_frame_of_image(&frame, &format, image, err);
    return status ? crl_session_within(s, err, status) : crl_session_run_frame(s, &format, &frame, out, err);
}

crl_status crl_session_run_file(crl_session *s, const char *path, const crl_results **out, crl_error *err)
{
    const crl_image_options options = { .channels = 3, .exif_orientation = s->setup.exif_orientation };
    *out = NULL;
    s->has_results = false;
    crl_image_fini(&s->picture);
    crl_status status = crl_image_load(&s->picture, path, &options, err);
    if (!status) status = crl_session_run(s, &s->picture, out, err);
    if (!status) s->results.picture = &s->picture;
    return status;
}
