/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions: every allocation failed in turn, and none for the next picture of the same size. */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "areas.h"
#include "base/alloc.h"
#include "count_malloc.h"
#include "session/checks.h"

static const char names[] = "zero\none\ntwo\n";

/* One for each purpose, and boxes that are yet to be chosen. */
static const struct {
    const char *name;
    crl_model *(*make)(check *t);
    crl_purpose purpose;
} kinds[] = {
    { "classes", made_classifier, CRL_PURPOSE_CLASSIFY }, { "detections", made_detector, CRL_PURPOSE_DETECT },
    { "a mask", made_segmenter, CRL_PURPOSE_SEGMENT },    { "poses", made_pose, CRL_PURPOSE_POSE },
    { "a vector", made_vector, CRL_PURPOSE_EMBED },       { "raw detections", made_yolo, CRL_PURPOSE_DETECT },
};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

static crl_session_options options_of(int kind)
{
    return (crl_session_options){ .purpose = kinds[kind].purpose, .name = kinds[kind].name, .labels_text = names,
                                  .labels_bytes = sizeof names - 1, .engine = { .threads = 1 } };
}

/* ---- nothing for the next picture ---- */

static crl_status one_picture(crl_session *s, const crl_image *image, crl_image *canvas, crl_error *err)
{
    const crl_results *r;
    const char *text;
    crl_status status = crl_session_run(s, image, &r, err);
    if (!status) status = crl_session_json(s, "a.jpg", &text, NULL, err);
    return status || !canvas ? status : crl_session_draw(s, canvas, err);
}

static void count_allocations(check *t, crl_session *s, const char *what, const crl_image *image, crl_image *canvas)
{
    crl_error err = { .text = "" };
    crl_status status = one_picture(s, image, canvas, &err);
    const long before = count_malloc_calls();
    for (int i = 0; i < 3 && !status; i++) status = one_picture(s, image, canvas, &err);
    check_that(t, !status, "%s: %s", what, err.text);
    check_that(t, count_malloc_calls() == before, "%s%s: %ld allocations for three pictures", what, canvas ? ", drawn" : "",
               count_malloc_calls() - before);
}

/* Frames of one camera are made ready once, and so are those of several, and parts of them, that come in turn. */
static void frames_allocate_nothing(check *t, unsigned cpu)
{
    (void)cpu;
    crl_error err = { .text = "" };
    crl_session *s;
    crl_frame frame;
    const crl_results *r;
    const crl_frame_format format = { .width = 64, .height = 48, .pixels = CRL_PIXELS_NV12 };
    const size_t bytes = 64 * 48 * 3 / 2;
    const uint8_t *pixels = check_guarded(t, bytes);
    crl_status status = crl_session_open_file(&s, SOURCE_ROOT "/tests/data/tiny_u8.tflite", NULL, &err);
    if (!check_that(t, !status, "%s", err.text)) return;
    status = crl_frame_wrap(&frame, &format, pixels, bytes, 0, &err);
    const crl_frame_format other = { .width = 32, .height = 48, .pixels = CRL_PIXELS_NV12 };
    const crl_box part = { 8, 8, 40, 40 };
    long before = 0;
    for (int i = 0; i < 6 && !status; i++) {
        status = crl_session_run_frame(s, &format, &frame, &r, &err);
        if (!status) status = crl_session_run_frame(s, &other, &frame, &r, &err);
        if (!status) status = crl_session_run_part(s, &format, &frame, &part, &r, &err);
        if (!i) before = count_malloc_calls();
    }
    check_that(t, !status && count_malloc_calls() == before, "%ld allocations for five frames of each kind %s",
               count_malloc_calls() - before, err.text);
    crl_session_close(s);
}

static void pictures_allocate_nothing(check *t, unsigned cpu)
{
    (void)cpu;
    crl_image image = made_picture(t, 160, 120);
    for (int k = 0; k < N_KINDS; k++) {
        const crl_session_options o = options_of(k);
        crl_error err = { .text = "" };
        crl_session *s;
        crl_model *model = kinds[k].make(t);
        if (check_that(t, !crl_session_open(&s, model, &o, &err), "%s", err.text)) {
            count_allocations(t, s, kinds[k].name, &image, NULL);
            count_allocations(t, s, kinds[k].name, &image, &image);
        }
        crl_session_close(s);
        crl_model_close(model);
    }
}

/* ---- every allocation refused ---- */

typedef struct refusal {
    atomic_long seen;
    long fail_at;
} refusal;

static bool allow(void *user, size_t bytes)
{
    (void)bytes;
    refusal *r = user;
    return atomic_fetch_add(&r->seen, 1) != r->fail_at;
}

/* Open, run on two sizes, tell, draw, change options. A session that has failed to do so may be run again: `*usable` gets
 * whether it was. */
static crl_status scenario(const crl_model *model, const crl_session_options *o, crl_image pictures[2], bool *usable,
                           crl_error *err)
{
    crl_session *s;
    crl_session_options others = *o;
    others.top_k = 2;
    *usable = true;
    crl_status status = crl_session_open(&s, model, o, err);
    if (status && s) return CRL_OK; /* `*out` has to be NULL after a failure: let the check see it */
    const bool opened = !status;
    for (int i = 0; i < 2 && !status; i++) status = one_picture(s, &pictures[i], &pictures[i], err);
    if (!status) status = crl_session_configure(s, &others, err);
    if (!status) status = one_picture(s, &pictures[0], &pictures[0], err);
    if (opened && status) {
        crl_error unread;
        crl_alloc_hook(NULL, NULL);
        *usable = !one_picture(s, &pictures[0], &pictures[0], &unread);
    }
    crl_session_close(s);
    return status;
}

static bool refuse_each(check *t, const crl_model *model, int kind, crl_image pictures[2])
{
    const crl_session_options o = options_of(kind);
    const char *what = kinds[kind].name;
    crl_error err = { .text = "" };
    bool usable;
    if (!check_that(t, !scenario(model, &o, pictures, &usable, &err), "%s: %s", what, err.text)) return false;
    const int step = 8 / check_rounds(t, 8); /* every one, or a sample */
    for (long fail_at = check_range(t, 0, step - 1);; fail_at += step) {
        refusal r = { .fail_at = fail_at };
        const long before = count_malloc_living();
        crl_alloc_hook(allow, &r);
        const crl_status s = scenario(model, &o, pictures, &usable, &err);
        crl_alloc_hook(NULL, NULL);
        const long leaked = count_malloc_living() - before;
        if (!check_that(t, !leaked, "%s: allocation %ld refused, %ld blocks leaked", what, fail_at, leaked)) return false;
        if (!check_that(t, usable, "%s: allocation %ld refused, and the session is of no use afterwards", what, fail_at)) return false;
        if (r.seen <= fail_at)
            return check_that(t, !s && fail_at > 10, "%s: only %ld allocations, does the hook work?", what, fail_at);
        if (!check_that(t, s == CRL_ERR_MEMORY && err.status == s, "%s: allocation %ld refused, and the answer is %s: \"%s\"", what,
                        fail_at, crl_status_name(s), err.text))
            return false;
    }
}

static void fail_each_allocation(check *t, unsigned cpu)
{
    (void)cpu;
    crl_image pictures[2] = { made_picture(t, 160, 120), made_picture(t, 64, 64) };
    for (int k = 0; k < N_KINDS; k++) {
        crl_model *model = kinds[k].make(t);
        if (model) refuse_each(t, model, k, pictures);
        crl_model_close(model);
    }
}

int area_session_memory(int argc, char **argv)
{
    static const check_case cases[] = {
        { "pictures_allocate_nothing", pictures_allocate_nothing, false },
        { "frames_allocate_nothing", frames_allocate_nothing, false },
        { "fail_each_allocation", fail_each_allocation, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
