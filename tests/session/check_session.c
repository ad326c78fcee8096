/* SPDX-License-Identifier: Apache-2.0 */
/* What a session finds, refuses and says. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checks.h"
#include "tiny.h"

static crl_session *open_it(check *t, const crl_model *model, const crl_session_options *options)
{
    crl_session *s;
    crl_error err;
    check_that(t, !crl_session_open(&s, model, options, &err), "%s", err.text);
    return s;
}

static const crl_results *run_it(check *t, crl_session *s, int32_t width, int32_t height)
{
    const crl_results *r = NULL;
    const crl_image picture = made_picture(t, width, height);
    crl_error err;
    if (s) check_that(t, !crl_session_run(s, &picture, &r, &err), "%s", err.text);
    return r;
}

static bool is_detection(const crl_detection *d, int32_t index, float score, crl_box box)
{
    return d->index == index && d->score == score && d->box.x0 == box.x0 && d->box.y0 == box.y0 && d->box.x1 == box.x1 &&
           d->box.y1 == box.y1;
}

static void detections(check *t)
{
    crl_model *model = made_detector(t);
    crl_session *s = open_it(t, model, NULL);
    const crl_results *r = run_it(t, s, 40, 20);
    if (r && check_that(t, r->purpose == CRL_PURPOSE_DETECT && r->n_detections == 2, "%d detections", r->n_detections)) {
        check_that(t, is_detection(&r->detections[0], 3, 0.875f, (crl_box){ 20, 0, 30, 20 }), "the first is another");
        check_that(t, is_detection(&r->detections[1], 1, 0.5f, (crl_box){ 0, 5, 40, 10 }), "the second is another");
    }
    crl_session_close(s);
    const crl_session_options few = { .has_threshold = true, .threshold = 0, .top_k = 1, .keep_aspect_ratio = true };
    s = open_it(t, model, &few);
    r = run_it(t, s, 40, 20);
    if (r) check_that(t, r->n_detections == 1 && is_detection(&r->detections[0], 3, 0.875f, (crl_box){ 20, 0, 30, 20 }),
                      "with the aspect ratio kept %d detections", r->n_detections);
    crl_session_close(s);
    crl_model_close(model);
}

static void raw_detections(check *t)
{
    crl_model *model = made_yolo(t);
    crl_session *s = open_it(t, model, NULL);
    const crl_results *r = run_it(t, s, 40, 20);
    if (r && check_that(t, r->purpose == CRL_PURPOSE_DETECT && r->n_detections == 1, "%d detections", r->n_detections))
        check_that(t, is_detection(&r->detections[0], 1, 0.75f, (crl_box){ 10, 0, 30, 20 }), "another one");
    const crl_session_options stretched = { .fit = CRL_FIT_STRETCH }, corner = { .fit = CRL_FIT_CORNER };
    const crl_session_options grey = { .has_padding = true, .padding = 256 }, unknown = { .order = (crl_channel_order)3 };
    crl_session_configure(s, &stretched, NULL);
    r = run_it(t, s, 40, 20);
    check_that(t, r && is_detection(&r->detections[0], 1, 0.75f, (crl_box){ 10, 5, 30, 15 }), "another one where it is stretched");
    crl_session_configure(s, &corner, NULL);
    r = run_it(t, s, 40, 20);
    check_that(t, r && is_detection(&r->detections[0], 1, 0.75f, (crl_box){ 10, 10, 30, 20 }), "another one in the corner");
    check_that(t, crl_session_configure(s, &grey, NULL) == CRL_ERR_ARGUMENT, "a padding of 256");
    check_that(t, crl_session_configure(s, &unknown, NULL) == CRL_ERR_ARGUMENT, "an order that nobody knows");
    const crl_session_options pixels = { .detector = { CRL_HEAD_YOLOV8, .boxes = CRL_BOXES_PIXELS } },
                              chosen = { .detector = { CRL_HEAD_YOLO_CHOSEN } };
    crl_error err;
    check_that(t, !crl_session_configure(s, &pixels, &err), "%s", err.text);
    r = run_it(t, s, 32, 32);
    if (r) check_that(t, r->n_detections == 1 && r->detections[0].box.x1 == 0.75f, "%d in pixels", r->n_detections);
    check_that(t, crl_session_configure(s, &chosen, &err) == CRL_ERR_UNSUPPORTED && strstr(err.text, "[1,n,6]"), "%s", err.text);
    check_that(t, run_it(t, s, 32, 32) != NULL, "no longer as it was before");
    crl_session_close(s);
    crl_model_close(model);
}

/* Raw outputs of an SSD, with anchors of the caller's. */
static void anchored_detections(check *t)
{
    const float boxes[2][4] = { { 0 } }, scores[2][3] = { { 0, 0, 0 }, { 0, 0.25f, 0.75f } };
    const made_output outputs[] = { { CRL_FLOAT32, { 3, { 1, 2, 4 } }, boxes, 0 }, { CRL_FLOAT32, { 3, { 1, 2, 3 } }, scores, 0 } };
    crl_anchor table[] = { { 0 }, { 0.5f, 0.5f, 0.5f, 0.5f } };
    const crl_anchors anchors = { table, 2, 2, 1, 1, 1, 1, .exponential = true }; /* the first of three columns is background */
    crl_model *model = made_model(t, 32, 32, outputs, 2);
    crl_session *s;
    crl_error err;
    check_that(t, crl_session_open(&s, model, NULL, &err) == CRL_ERR_ARGUMENT && strstr(err.text, "no table"), "%s", err.text);
    s = open_it(t, model, &(crl_session_options){ .detector = { .anchors = &anchors } });
    table[1].width = 9; /* which is not needed any more */
    const crl_results *r = run_it(t, s, 40, 20);
    if (r && check_that(t, r->n_detections == 1, "%d detections", r->n_detections))
        check_that(t, is_detection(&r->detections[0], 1, 0.75f, (crl_box){ 10, 5, 30, 15 }), "another one");
    crl_session_close(s);
    crl_model_close(model);
}

static void classes(check *t)
{
    static const char names[] = "zero\none\ntwo\nthree\nfour\n";
    crl_model *model = made_classifier(t);
    const crl_session_options options = { .labels_text = names, .labels_bytes = sizeof names - 1 };
    crl_session *s = open_it(t, model, &options);
    const crl_results *r = run_it(t, s, 9, 7);
    if (r && check_that(t, r->purpose == CRL_PURPOSE_CLASSIFY && r->n_classes == 3, "%d classes", r->n_classes)) {
        check_that(t, r->classes[0].index == 2 && r->classes[0].score == 0.5f && r->classes[2].index == 1, "other classes");
        check_that(t, !strcmp(crl_session_label(s, 2), "two") && !crl_session_label(s, 5), "other labels");
    }
    crl_session_close(s);
    crl_model_close(model);
}

/* What the model says of the least score counts, unless the caller says another. */
static void unknown_classes(check *t)
{
    static const uint8_t scores[] = { 64, 32, 128, 0, 16 };
    const made_output output = { CRL_UINT8, { 2, { 1, 5 } }, scores, 0.00390625f, 0.25f },
                      high = { CRL_UINT8, { 2, { 1, 5 } }, scores, 0.00390625f, 0.75f };
    const crl_session_options all = { .has_threshold = true, .threshold = 0 };
    crl_model *model = made_model(t, 8, 8, &output, 1);
    crl_session *s = open_it(t, model, NULL);
    const crl_results *r = run_it(t, s, 9, 7);
    check_that(t, r && r->n_classes == 2 && r->classes[1].index == 0, "%d classes from 0.25 on", r ? r->n_classes : -1);
    crl_session_configure(s, &all, NULL);
    r = run_it(t, s, 9, 7);
    check_that(t, r && r->n_classes == 3, "%d classes from 0 on", r ? r->n_classes : -1);
    crl_session_close(s);
    crl_model_close(model);
    model = made_model(t, 8, 8, &high, 1);
    s = open_it(t, model, NULL);
    r = run_it(t, s, 9, 7);
    check_that(t, r && r->purpose == CRL_PURPOSE_CLASSIFY && !r->n_classes, "%d classes, which are unknown", r ? r->n_classes : -1);
    crl_session_close(s);
    crl_model_close(model);
}

static void masks(check *t)
{
    crl_model *model = made_segmenter(t);
    crl_session *s = open_it(t, model, NULL);
    const crl_results *r = run_it(t, s, 16, 16);
    if (r && check_that(t, r->purpose == CRL_PURPOSE_SEGMENT && r->n_segments == 3, "%d segments", r->n_segments)) {
        check_that(t, r->mask && r->mask->width == 16 && r->mask->height == 16, "the mask is not of the picture's size");
        check_that(t, r->segments[0].index == 7 && r->segments[0].pixels == 128 && r->segments[1].pixels == 124 &&
                      r->segments[2].index == 2 && r->segments[2].pixels == 4, "other segments");
    }
    crl_session_close(s);
    crl_model_close(model);
}

static void poses_and_vectors(check *t)
{
    crl_model *model = made_pose(t);
    crl_session *s = open_it(t, model, NULL);
    const crl_results *r = run_it(t, s, 17, 34);
    if (r && check_that(t, r->purpose == CRL_PURPOSE_POSE && r->n_poses == 1, "%d poses", r->n_poses))
        check_that(t, r->poses[0].keypoints[8].y == 16 && r->poses[0].keypoints[8].x == 8.5f, "another pose");
    crl_session_close(s);
    crl_model_close(model);
    model = made_vector(t);
    s = open_it(t, model, &(crl_session_options){ .purpose = CRL_PURPOSE_EMBED });
    r = run_it(t, s, 8, 8);
    if (r) check_that(t, r->n_embedding == 6 && r->embedding[1] == 1.5f, "%zu values", r->n_embedding);
    crl_session_close(s);
    crl_model_close(model);
}

void check_purposes(check *t, unsigned cpu)
{
    (void)cpu;
    detections(t);
    raw_detections(t);
    anchored_detections(t);
    classes(t);
    unknown_classes(t);
    masks(t);
    poses_and_vectors(t);
}

void check_choosing(check *t, unsigned cpu)
{
    (void)cpu;
    crl_error err = { .status = CRL_OK };
    crl_session *s;
    const crl_results *r;
    crl_recognition what;
    const crl_image picture = made_picture(t, 4, 4);
    crl_model *model = made_vector(t);
    crl_status status = crl_session_open(&s, model, NULL, &err);
    check_that(t, status == CRL_ERR_UNSUPPORTED && !s && strstr(err.text, "CRL_PURPOSE_CLASSIFY or CRL_PURPOSE_EMBED"), "%s", err.text);
    status = crl_session_open(&s, model, &(crl_session_options){ .purpose = CRL_PURPOSE_POSE, .name = "m" }, &err);
    check_that(t, status == CRL_ERR_UNSUPPORTED && !strncmp(err.text, "m: the model gives no poses: ", 29), "%s", err.text);
    status = crl_session_open(&s, model, &(crl_session_options){ .choose_later = true }, &err);
    if (check_that(t, !status, "%s", err.text)) {
        check_that(t, crl_session_run(s, &picture, &r, &err) == CRL_ERR_STATE && !r, "it runs unasked");
        check_that(t, !crl_session_recognise(s, &what, &err) && what.fits == (1u << CRL_PURPOSE_CLASSIFY | 1u << CRL_PURPOSE_EMBED),
                   "fits %x", what.fits);
        check_that(t, crl_session_choose(s, (crl_purpose)9, &err) == CRL_ERR_ARGUMENT, "purpose 9 is taken");
        check_that(t, crl_session_choose(s, CRL_PURPOSE_DETECT, &err) == CRL_ERR_UNSUPPORTED, "it detects");
        check_that(t, !crl_session_choose(s, CRL_PURPOSE_EMBED, &err) && !crl_session_run(s, &picture, &r, &err), "%s", err.text);
        /* Results of another kind take other room. */
        check_that(t, !crl_session_choose(s, CRL_PURPOSE_CLASSIFY, &err) && !crl_session_run(s, &picture, &r, &err) &&
                      r->n_classes == 3 && r->n_embedding == 0, "%s", err.text);
        const char *text;
        check_that(t, !crl_session_choose(s, CRL_PURPOSE_RAW, &err) && !crl_session_run(s, &picture, &r, &err) && r->purpose == CRL_PURPOSE_RAW &&
                      !r->n_classes && !crl_session_json(s, NULL, &text, NULL, &err) && !strcmp(text, "{\"results\": []}"), "%s", err.text);
    }
    crl_session_close(s);
    crl_model_close(model);
}

/* Other options while it is open, and what refused ones leave. */
void check_configured(check *t, unsigned cpu)
{
    (void)cpu;
    static const char names[] = "zero\none\ntwo\nthree\n";
    crl_error err = { .status = CRL_OK };
    crl_model *model = made_detector(t);
    crl_session *s = open_it(t, model, &(crl_session_options){ .name = "m", .labels_text = names, .labels_bytes = sizeof names - 1 });
    const crl_results *r = run_it(t, s, 40, 20);
    if (s && r) {
        const char *text;
        check_that(t, r->n_detections == 2 && !strcmp(crl_session_label(s, 3), "three"), "%d detections", r->n_detections);
        const crl_status status = crl_session_configure(s, &(crl_session_options){ .labels = "/no/such/file" }, &err);
        check_that(t, status == CRL_ERR_IO && !strcmp(crl_session_label(s, 3), "three"), "%s", err.text);
        check_that(t, crl_session_json(s, NULL, &text, NULL, &err) == CRL_ERR_STATE, "results that are gone are told");
        r = run_it(t, s, 40, 20);
        check_that(t, r && r->n_detections == 2, "after a refusal something else is found");
        const crl_session_options all = { .has_threshold = true, .threshold = 0.25f };
        check_that(t, !crl_session_configure(s, &all, &err) && !crl_session_label(s, 3), "%s", err.text);
        r = run_it(t, s, 40, 20);
        check_that(t, r && r->n_detections == 3, "the threshold is the old one");
        check_that(t, crl_session_choose(s, CRL_PURPOSE_POSE, &err) && !strncmp(err.text, "m: ", 3), "%s", err.text);
    }
    crl_session_close(s);
    crl_model_close(model);
}

/* What the outputs are is seen only when there are some. */
void check_late_shapes(check *t, unsigned cpu)
{
    (void)cpu;
    crl_error err = { .status = CRL_OK };
    crl_recognition what;
    const crl_results *r;
    crl_model *model = made_late(t);
    crl_session *s = open_it(t, model, &(crl_session_options){ .purpose = CRL_PURPOSE_EMBED });
    crl_image picture = made_picture(t, 4, 4); /* its first pixel is black */
    if (s && check_that(t, !crl_session_run(s, &picture, &r, &err), "%s", err.text))
        check_that(t, r->n_embedding == 4 * 45 && r->embedding[2] == 1, "%zu values", r->n_embedding);
    memset(picture.data, 0, 48);
    if (s && check_that(t, !crl_session_run(s, &picture, &r, &err), "%s", err.text))
        check_that(t, !r->n_embedding && r->embedding, "of nothing %zu values", r->n_embedding);
    crl_session_close(s);
    s = open_it(t, model, &(crl_session_options){ .choose_later = true, .name = "m" });
    if (s) {
        check_that(t, !crl_session_recognise(s, &what, &err), "%s", err.text);
        check_that(t, !crl_session_choose(s, CRL_PURPOSE_POSE, &err), "%s", err.text);
        picture.data[5] = 9;
        check_that(t, crl_session_run(s, &picture, &r, &err) == CRL_ERR_UNSUPPORTED && !r && strstr(err.text, "[1,4]"), "%s", err.text);
    }
    crl_session_close(s);
    crl_model_close(model);
}

void check_refused(check *t, unsigned cpu)
{
    (void)cpu;
    static const struct {
        crl_session_options options;
        const char *text;
    } cases[] = {
        { { .reserved[3] = 1 }, "reserved[3]" },
        { { .top_k = -1 }, "top_k -1" },
        { { .has_threshold = true, .threshold = NAN }, "threshold nan" },
        { { .n_mean = 4 }, "4 values of mean" },
        { { .n_std = 1 }, "std 0" },
        { { .n_mean = 2, .mean = { 1, 2 } }, "2 values of mean and std for an input of 3 channels" },
        { { .resample = (crl_resample)7 }, "7" },
        { { .engine.threads = -3 }, "-3" },
        { { .purpose = (crl_purpose)77 }, "purpose 77" },
        { { .labels = "/no/such/file" }, "/no/such/file: cannot open" },
    };
    crl_model *model = made_detector(t);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        crl_session *s;
        crl_error err = { .status = CRL_OK };
        const crl_status status = crl_session_open(&s, model, &cases[i].options, &err);
        check_that(t, status && status == err.status && !s && strstr(err.text, cases[i].text), "case %zu: %s: \"%s\"", i,
                   crl_status_name(status), err.text);
        check_that(t, cases[i].options.labels || status == CRL_ERR_ARGUMENT, "case %zu: %s", i, crl_status_name(status));
        crl_session_close(s);
    }
    crl_session *s = open_it(t, model, NULL);
    crl_error err = { .status = CRL_OK };
    const crl_results *r;
    const crl_frame frame = { .stride = { 0 } };
    const crl_frame_format format = { .width = 4, .height = 4 };
    check_that(t, s && crl_session_run(s, NULL, &r, &err) == CRL_ERR_ARGUMENT && !r && strstr(err.text, "no picture"), "%s", err.text);
    check_that(t, s && crl_session_run_frame(s, NULL, &frame, &r, &err) == CRL_ERR_ARGUMENT && !r && strstr(err.text, "no frame"), "%s", err.text);
    check_that(t, s && crl_session_run_frame(s, &format, NULL, &r, &err) == CRL_ERR_ARGUMENT && !r && strstr(err.text, "no frame"), "%s", err.text);
    check_that(t, s && crl_session_draw(s, NULL, &err) == CRL_ERR_STATE, "%s", err.text);
    if (run_it(t, s, 40, 20)) check_that(t, crl_session_draw(s, NULL, &err) == CRL_ERR_ARGUMENT && strstr(err.text, "NULL"), "%s", err.text);
    crl_session_close(s);
    crl_model_close(model);
    check_that(t, crl_session_open_file(&s, "/no/such/model", NULL, &err) == CRL_ERR_IO && !s, "a model that is not there opens");
}

/* Of the model of tests/model, whose metadata say (pixel - 127) / 128 and whose input has scale 0.5 and zero point -1. Opening
 * tries the input on black. */
static void norm_case(check *t, const crl_model *model, crl_session_options o, int8_t want)
{
    o.choose_later = true;
    crl_session *s = open_it(t, model, &o);
    if (!s) return;
    const int8_t black = *(const int8_t *)crl_engine_input(crl_session_engine(s), 0)->data;
    check_that(t, black == want, "black is %d, %d is expected", black, want);
    crl_session_close(s);
}

/* A YOLO detector whose 8-bit input has this scale, and what a white pixel becomes. */
static void range_case(check *t, float scale, uint8_t want)
{
    static float v[6][21];
    static build b;
    static const float usual = 0.0078125f; /* of made_constants(), the only one in the file */
    const made_output output = { CRL_FLOAT32, { 3, { 1, 6, 21 } }, v, 0 };
    crl_model *model;
    crl_error err;
    made_constants(&b, 32, 32, &output, 1);
    for (size_t i = 0; i < b.n; i += 4)
        if (!memcmp(b.bytes + i, &usual, 4)) memcpy(b.bytes + i, &scale, 4);
    if (!check_that(t, !crl_model_open(&model, b.bytes, b.n, &err), "%s", err.text)) return;
    crl_session *s = open_it(t, model, NULL);
    uint8_t white[3] = { 255, 255, 255 };
    const crl_results *r;
    if (s) {
        check_that(t, !crl_session_run(s, &(crl_image){ 1, 1, 3, 3, white }, &r, &err), "%s", err.text);
        const uint8_t got = *(const uint8_t *)crl_engine_input(crl_session_engine(s), 0)->data;
        check_that(t, got == want, "scale %g: white is %d, %d is expected", (double)scale, got, want);
    }
    crl_session_close(s);
    crl_model_close(model);
}

void check_norms(check *t, unsigned cpu)
{
    (void)cpu;
    static tiny tiny_model;
    crl_model *model;
    crl_error err;
    tiny_build(&tiny_model);
    if (!check_that(t, !crl_model_open(&model, tiny_model.b.bytes, tiny_model.b.n, &err), "%s", err.text)) return;
    norm_case(t, model, (crl_session_options){ 0 }, -128);
    norm_case(t, model, (crl_session_options){ .n_mean = 1, .mean = { 64 } }, -2);
    norm_case(t, model, (crl_session_options){ .n_std = 1, .std = { 1 } }, -128);
    norm_case(t, model, (crl_session_options){ .n_std = 3, .std = { 12.7f, 1, 1 } }, -21);
    crl_model_close(model);
    range_case(t, 0.00390625f, 255);
    range_case(t, 0.0078125f, 255);
    range_case(t, 0.02f, 50); /* 1, where 5.1 is the most */
    range_case(t, 1, 255);
}

void check_notices(check *t, unsigned cpu)
{
    (void)cpu;
    heard h = { 0 };
    crl_model *model = made_classifier(t);
    const char *few = "zero\none\n";
    crl_session_options o = { .name = "m", .labels_text = few, .labels_bytes = strlen(few), .engine = { .notice = hear, .notice_user = &h } };
    crl_session *s = open_it(t, model, &o);
    check_that(t, h.n == 0, "%s", h.last);
    for (int i = 0; i < 2; i++) run_it(t, s, 5, 5);
    check_that(t, h.n == 1 && !strcmp(h.last, "m: 2 labels, but the model has 5 classes; numbers stand in for the rest"),
               "%d notices, the last \"%s\"", h.n, h.last);
    crl_session_close(s);
    crl_model_close(model);
    model = made_detector(t);
    s = open_it(t, model, &o);
    run_it(t, s, 5, 5);
    check_that(t, h.n == 2 && strstr(h.last, "2 labels, but the model has at least 4 classes"), "%s", h.last);
    crl_session_close(s);
    crl_model_close(model);
}

static uint8_t *read_all(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    uint8_t *bytes = f ? malloc(1 << 20) : NULL;
    *n = bytes ? fread(bytes, 1, 1 << 20, f) : 0;
    if (f) fclose(f);
    return bytes;
}

static bool write_all(const char *path, const uint8_t *bytes, size_t n)
{
    FILE *f = fopen(path, "wb");
    const bool ok = f && fwrite(bytes, 1, n, f) == n;
    if (f) fclose(f);
    return ok;
}

/* Renames the operator of a detector to what the Edge TPU's compiler writes. */
static bool compile(uint8_t *bytes, size_t n)
{
    static const char old[] = "TFLite_Detection_PostProcess", name[] = "edgetpu-custom-op";
    for (size_t i = 4; i + sizeof old <= n; i++) {
        if (memcmp(bytes + i, old, sizeof old)) continue;
        memset(bytes + i, 0, sizeof old);
        memcpy(bytes + i, name, sizeof name);
        bytes[i - 4] = sizeof name - 1;
        return true;
    }
    return false;
}

void check_session_twin(check *t, unsigned cpu)
{
    (void)cpu;
    char folder[] = "/tmp/crl_session_XXXXXX", compiled[64], plain[64];
    heard h = { 0 };
    size_t n;
    crl_error err;
    crl_session *s;
    const crl_session_options o = { .engine = { .notice = hear, .notice_user = &h } };
    uint8_t *bytes = read_all(SOURCE_ROOT "/models/signs_detector.tflite", &n);
    if (!check_that(t, mkdtemp(folder) && bytes, "no folder, or no model")) return;
    snprintf(compiled, sizeof compiled, "%s/x_edgetpu.tflite", folder);
    snprintf(plain, sizeof plain, "%s/x.tflite", folder);
    bool ok = write_all(plain, bytes, n) && compile(bytes, n) && write_all(compiled, bytes, n);
    check_that(t, ok, "the files are not written");
    if (check_that(t, !crl_session_open_file(&s, compiled, &o, &err), "%s", err.text))
        check_that(t,
                   h.n == 1 && strstr(h.last, "x_edgetpu.tflite is compiled for an Edge TPU; /tmp/") &&
                       !crl_model_is_compiled(crl_session_model(s)),
                   "%d notices, \"%s\"", h.n, h.last);
    crl_session_close(s);
    unlink(plain);
    const crl_status status = crl_session_open_file(&s, compiled, &o, &err);
    check_that(t, status == CRL_ERR_DEVICE && !s && strstr(err.text, "beside it as x.tflite"), "without its twin: %s", err.text);
    unlink(compiled);
    rmdir(folder);
    free(bytes);
}

/* The picture of a file belongs to the session, and may be drawn into. */
void check_files(check *t, unsigned cpu)
{
    (void)cpu;
    crl_error err = { .status = CRL_OK };
    const crl_results *r;
    crl_session *s;
    crl_status status = crl_session_open_file(&s, SOURCE_ROOT "/tests/data/tiny_u8.tflite", NULL, &err);
    if (!check_that(t, !status, "%s", err.text)) return;
    status = crl_session_run_file(s, SOURCE_ROOT "/tests/data/images/rgb_24.bmp", &r, &err);
    if (check_that(t, !status, "%s", err.text))
        check_that(t, r->picture && r->picture->channels == 3 && r->n_classes == 3, "%d classes", r->n_classes);
    status = crl_session_run_file(s, SOURCE_ROOT "/tests/session/check_session.c", &r, &err);
    check_that(t, status == CRL_ERR_FORMAT && !r, "a text is taken for a picture");
    check_that(t, crl_session_draw(s, NULL, &err) == CRL_ERR_STATE, "what is not there is drawn");
    crl_session_close(s);
}

/* Boxes are drawn where they are. */
void check_drawn(check *t, unsigned cpu)
{
    (void)cpu;
    crl_error err = { .status = CRL_OK };
    const crl_results *r;
    crl_model *model = made_detector(t);
    crl_session *s = open_it(t, model, NULL);
    crl_image picture = made_picture(t, 160, 120);
    memset(picture.data, 0, picture.stride * 120);
    crl_status status = s ? crl_session_run(s, &picture, &r, &err) : CRL_ERR_STATE;
    if (!status) status = crl_session_draw(s, &picture, &err);
    if (check_that(t, !status, "%s", err.text)) {
        const uint8_t *edge = picture.data + 60 * picture.stride + 3 * 80;
        check_that(t, edge[0] | edge[1] | edge[2], "there is no edge at 80, 60");
    }
    crl_session_close(s);
    crl_model_close(model);
}

/* The input after a run, which leaves it as it is. */
static uint64_t sum_of_input(const crl_session *s)
{
    const crl_tensor *t = crl_engine_input(crl_session_engine((crl_session *)s), 0);
    uint64_t sum = 14695981039346656037u;
    for (size_t i = 0; i < t->bytes; i++) sum = (sum ^ ((const uint8_t *)t->data)[i]) * 1099511628211u;
    return sum;
}

static void frame_case(check *t, crl_session *s, const crl_frame_format *format)
{
    crl_error err = { .status = CRL_OK };
    const crl_results *r;
    crl_frame frame;
    enum { BYTES = 3 * 31 * 21 * 2 };
    uint8_t *bytes = check_guarded(t, BYTES);
    check_fill(t, bytes, BYTES);
    const crl_image whole = { format->width, format->height, 3, 3 * (size_t)format->width, check_guarded(t, BYTES) };
    crl_status status = crl_frame_wrap(&frame, format, bytes, BYTES, 0, &err);
    if (!status) status = crl_frame_to_image(&whole, format, &frame, &err);
    if (!status) status = crl_session_run(s, &whole, &r, &err);
    const uint64_t want = status ? 0 : sum_of_input(s);
    if (!status) status = crl_session_run_frame(s, format, &frame, &r, &err);
    if (!check_that(t, !status, "%s: %s", crl_pixels_name(format->pixels), err.text)) return;
    check_that(t, sum_of_input(s) == want, "%s goes another way into the input than a picture of it", crl_pixels_name(format->pixels));
    check_that(t, r->frame.picture_width == format->width && !r->picture && r->n_classes == 3, "%d classes", r->n_classes);
    check_release(t);
}

/* A frame is what a picture made of it would be. */
/* A part of a frame gives what a picture of it does, also after another part. */
static void parts(check *t, crl_session *s)
{
    uint8_t bytes[30 * 20 * 3];
    check_fill(t, bytes, sizeof bytes);
    const crl_frame_format format = { .width = 30, .height = 20 };
    const crl_frame frame = { .plane = { bytes }, .stride = { 90 } };
    const crl_box boxes[] = { { 0, 0, 30, 20 }, { 7, 3, 23, 20 }, { 8, 3, 24, 20 }, { 29, 19, 30, 20 } };
    for (size_t i = 0; i < sizeof boxes / sizeof boxes[0]; i++) {
        const crl_box b = boxes[i];
        const int32_t x = (int32_t)b.x0, y = (int32_t)b.y0;
        const crl_image view = { (int32_t)b.x1 - x, (int32_t)b.y1 - y, 3, 90, bytes + y * 90 + x * 3 };
        const crl_results *r;
        crl_class want[5];
        crl_error err;
        const bool ok = !crl_session_run(s, &view, &r, &err);
        const int32_t n = ok && r->n_classes < 5 ? r->n_classes : 0;
        for (int32_t k = 0; k < n; k++) want[k] = r->classes[k];
        if (!check_that(t, ok && !crl_session_run_part(s, &format, &frame, &b, &r, &err), "%s", err.text)) return;
        check_that(t, n > 0 && r->n_classes == n && !memcmp(want, r->classes, (size_t)n * sizeof *want), "part %zu is another picture", i);
        check_that(t, r->frame.picture_width == view.width && r->frame.picture_height == view.height, "part %zu has another size", i);
    }
    const crl_results *r;
    check_that(t, crl_session_run_part(s, &format, &frame, &(crl_box){ 0, 0, 31, 20 }, &r, NULL) == CRL_ERR_ARGUMENT && !r, "beyond the frame");
    check_that(t, crl_session_run_part(s, &format, &frame, &(crl_box){ 0, 0, 0.5f, 20 }, &r, NULL) == CRL_ERR_ARGUMENT, "half a pixel");
}

void check_session_frames(check *t, unsigned cpu)
{
    (void)cpu;
    crl_error err = { .status = CRL_OK };
    crl_session *s;
    const crl_results *r = NULL;
    if (!check_that(t, !crl_session_open_file(&s, SOURCE_ROOT "/tests/data/tiny_u8.tflite", NULL, &err), "%s", err.text)) return;
    for (int pixels = CRL_PIXELS_RGB; pixels <= CRL_PIXELS_UYVY; pixels++) {
        frame_case(t, s, &(crl_frame_format){ .width = 31, .height = 21, .pixels = (crl_pixels)pixels });
        frame_case(t, s, &(crl_frame_format){ 16, 16, (crl_pixels)pixels, CRL_YUV_BT709, .full_range = true });
    }
    parts(t, s);
    const crl_frame_format none = { .width = 4, .height = 4, .pixels = (crl_pixels)77 }, rgb = { .width = 4, .height = 4 };
    const crl_frame empty = { .plane = { NULL } };
    check_that(t, crl_session_run_frame(s, &none, &empty, &r, &err) == CRL_ERR_ARGUMENT && !r, "pixels 77 are taken");
    check_that(t, crl_session_run_frame(s, &rgb, &empty, &r, &err) == CRL_ERR_ARGUMENT && !r, "no plane is taken");
    crl_session_close(s);
}
