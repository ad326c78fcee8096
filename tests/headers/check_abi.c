/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of what include/corallite/version.h promises: the version as text and as number, reserved words that have to be 0
 * in options and that are 0 in results. */
#include <corallite/corallite.h>

#include <stdio.h>
#include <string.h>

#include "areas.h"
#include "check.h"

static void version_is_one(check *t, unsigned cpu)
{
    (void)cpu;
    char text[32];
    snprintf(text, sizeof text, "%d.%d.%d", CRL_VERSION_MAJOR, CRL_VERSION_MINOR, CRL_VERSION_PATCH);
    check_that(t, !strcmp(text, CRL_VERSION) && !strcmp(text, crl_version()), "%s, \"%s\" and \"%s\"", text, CRL_VERSION, crl_version());
    check_that(t, crl_version_number() == CRL_VERSION_NUMBER, "%d is linked, not %d", crl_version_number(), CRL_VERSION_NUMBER);
}

static bool is_refused(check *t, crl_status s, const crl_error *err, const char *what)
{
    return check_that(t, s == CRL_ERR_ARGUMENT && strstr(err->text, what) && strstr(err->text, "later version"), "%s: %s, \"%s\"", what,
                      crl_status_name(s), s ? err->text : "");
}

static void reserved_words_of_options_are_zero(check *t, unsigned cpu)
{
    (void)cpu;
    crl_error err;
    crl_model *model = NULL;
    if (!check_that(t, !crl_model_open_file(&model, SOURCE_ROOT "/tests/data/tiny_u8.tflite", &err), "%s", err.text)) return;
    const crl_compile_options refused = { .reserved = { 1 } };
    uint8_t *bytes;
    size_t size;
    is_refused(t, crl_compile(model, &refused, &bytes, &size, NULL, &err), &err, "crl_compile_options.reserved");
    const size_t words = sizeof((crl_engine_options *)0)->reserved / sizeof(uintptr_t);
    for (size_t i = 0; i < words; i++) {
        crl_engine_options o = { .threads = 1 };
        o.reserved[i] = 1;
        crl_engine *engine;
        is_refused(t, crl_engine_new(&engine, model, &o, &err), &err, "crl_engine_options.reserved");
        check_that(t, !engine, "an engine in spite of word %zu", i);
    }
    crl_model_close(model);

    crl_image image;
    crl_image_options image_options = { .channels = 3 };
    image_options.reserved[1] = 7;
    is_refused(t, crl_image_decode(&image, "P5 1 1 255 x", 12, &image_options, &err), &err, "crl_image_options.reserved[1]");

    uint8_t pixel[3] = { 1, 2, 3 }, room[3];
    image = (crl_image){ 1, 1, 3, 3, pixel };
    crl_tensor input = { .name = "in", .type = CRL_UINT8, .shape = { 4, { 1, 1, 1, 3 } }, .data = room, .bytes = 3 };
    crl_input_options input_options = { 0 };
    check_that(t, !crl_image_to_tensor(&image, &input, &input_options, NULL, &err), "zeroes are refused: %s", err.text);
    input_options.reserved[7] = 1;
    is_refused(t, crl_image_to_tensor(&image, &input, &input_options, NULL, &err), &err, "crl_input_options.reserved[7]");
}

static bool all_zero(const void *p, size_t bytes)
{
    const uint8_t *b = p;
    size_t n = 0;
    while (n < bytes && !b[n]) n++;
    return n == bytes;
}

/* Where the caller's memory was noise before. */
static void reserved_words_of_results_are_zero(check *t, unsigned cpu)
{
    (void)cpu;
    float boxes[4] = { 0, 0, 1, 1 }, classes[1] = { 0 }, scores[1] = { 0.5f }, count[1] = { 1 }, points[51] = { 0.5f };
    const crl_tensor out[4] = { { .name = "boxes", .type = CRL_FLOAT32, .shape = { 3, { 1, 1, 4 } }, .data = boxes, .bytes = sizeof boxes },
                                { .name = "classes", .type = CRL_FLOAT32, .shape = { 2, { 1, 1 } }, .data = classes, .bytes = 4 },
                                { .name = "scores", .type = CRL_FLOAT32, .shape = { 2, { 1, 1 } }, .data = scores, .bytes = 4 },
                                { .name = "count", .type = CRL_FLOAT32, .shape = { 1, { 1 } }, .data = count, .bytes = 4 } };
    const crl_tensor *const outputs[4] = { &out[0], &out[1], &out[2], &out[3] };
    const crl_tensor body = { .name = "points", .type = CRL_FLOAT32, .shape = { 4, { 1, 1, 17, 3 } }, .data = points, .bytes = sizeof points };
    const crl_tensor *const bodies[1] = { &body };
    uint8_t pixel[3] = { 1, 2, 3 }, room[3];
    const crl_image image = { 1, 1, 3, 3, pixel };
    crl_tensor input = { .name = "in", .type = CRL_UINT8, .shape = { 4, { 1, 1, 1, 3 } }, .data = room, .bytes = 3 };

    crl_letterbox frame;
    crl_detection detection;
    crl_pose pose;
    check_fill(t, &frame, sizeof frame);
    check_fill(t, &detection, sizeof detection);
    check_fill(t, &pose, sizeof pose);
    int32_t n_detections = 0, n_poses = 0;
    crl_error err;
    crl_status s = crl_image_to_tensor(&image, &input, NULL, &frame, &err);
    if (!s) s = crl_detections_read(outputs, 4, &frame, 0, &detection, 1, &n_detections, &err);
    if (!s) s = crl_poses_read(bodies, 1, &frame, -1, &pose, 1, &n_poses, &err);
    if (!check_that(t, !s, "%s", err.text)) return;
    check_that(t, n_detections == 1 && n_poses == 1, "%d detections, %d poses", n_detections, n_poses);
    check_that(t, all_zero(frame.reserved, sizeof frame.reserved), "crl_letterbox.reserved is not 0");
    check_that(t, all_zero(detection.reserved, sizeof detection.reserved), "crl_detection.reserved is not 0");
    check_that(t, all_zero(pose.reserved, sizeof pose.reserved), "crl_pose.reserved is not 0");
}

int area_abi(int argc, char **argv)
{
    static const check_case cases[] = {
        { "reserved_words_of_options_are_zero", reserved_words_of_options_are_zero, false },
        { "reserved_words_of_results_are_zero", reserved_words_of_results_are_zero, false },
        { "version_is_one", version_is_one, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
