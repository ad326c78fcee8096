/* SPDX-License-Identifier: Apache-2.0 */
/* Every allocation of a picture's way failed in turn: an error that says so, and nothing half done. */
#include <string.h>

#include "base/alloc.h"
#include "checks.h"

/* The hook: refuses allocation number `fail_at`. */
typedef struct refusal {
    long seen, fail_at;
} refusal;

static bool allow(void *user, size_t bytes)
{
    (void)bytes;
    refusal *r = user;
    return r->seen++ != r->fail_at;
}

/* Decode, turn, resize into a tensor of int16, read labels and a mask, draw, prepare a detector, save to nowhere. */
static crl_status scenario(const uint8_t *bytes, size_t size, crl_error *err)
{
    static int16_t room[12 * 16 * 3];
    static const float scale = 0.01f;
    static const int32_t zero = 0;
    const crl_shape shape = { 4, { 1, 12, 16, 3 } };
    crl_tensor input = tensor_of(CRL_INT16, shape, room, &(crl_quant){ &scale, &zero, 1, 0 });
    const crl_tensor output = tensor_of(CRL_INT16, shape, room, NULL);
    const crl_anchor anchor[12] = { { 0 } };
    const crl_anchors anchors = { anchor, 12, .x_scale = 1, .y_scale = 1, .w_scale = 1, .h_scale = 1 };
    const crl_tensor heads[2] = { tensor_of(CRL_FLOAT32, (crl_shape){ 3, { 1, 12, 4 } }, NULL, NULL),
                                  tensor_of(CRL_FLOAT32, (crl_shape){ 3, { 1, 12, 2 } }, NULL, NULL) };
    const crl_tensor *const raw[] = { &heads[0], &heads[1] };
    crl_image image, mask = { 0 };
    crl_labels *labels = NULL;
    crl_detector *detector = NULL;
    crl_letterbox frame;
    crl_status s = crl_image_decode(&image, bytes, size, &(crl_image_options){ 0, true }, err);
    for (int filter = 0; filter < 4 && !s; filter++)
        s = crl_image_to_tensor(&image, &input, &(crl_input_options){ .resample = (crl_resample)filter }, &frame, err);
    if (!s) s = crl_labels_parse(&labels, "{\"0\": \"a\", \"1\": \"b\"}", 20, err);
    if (!s) s = crl_mask_read(&mask, &output, &frame, err);
    if (!s && image.channels == 3) {
        const crl_detection d = { 1, 0.5f, { 1, 1, 5, 5 } };
        s = crl_draw_detections(&image, &d, 1, labels, err);
        if (!s) s = crl_draw_segmentation(&image, &mask, labels, err);
    }
    if (!s) s = crl_detector_new(&detector, raw, 2, &input, &(crl_detector_options){ CRL_HEAD_SSD_RAW, .anchors = &anchors }, err);
    if (!s) s = crl_image_save(&image, "/dev/null/x.png", err);
    if (s == CRL_ERR_IO || s == CRL_ERR_UNSUPPORTED) s = CRL_OK;
    crl_detector_free(detector);
    crl_labels_free(labels);
    crl_image_fini(&mask);
    crl_image_fini(&image);
    return s;
}

void check_vision_memory(check *t, unsigned cpu)
{
    (void)cpu;
    static const char *const names[] = { "orientation_6.jpg", "cmyk.jpg", "orientation_8_late.png", "interlaced_grey_16.png",
                                         "palette_4.png", "orientation_ztxt.png", "animated_offset.webp", "offset_transparent.gif",
                                         "rle_8.bmp", "rgb_24.bmp", "plain.ppm", "raw.pgm" };
    const int32_t furthest = check_rounds(t, 8) < 8 ? 15 : 1; /* a sample of them */
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t size;
        uint8_t *bytes = read_image_file(t, names[i], &size);
        if (!bytes) return;
        for (long fail_at = 0;; fail_at += check_range(t, 1, furthest)) {
            refusal r = { .fail_at = fail_at };
            crl_error err = { 0 };
            crl_alloc_hook(allow, &r);
            const crl_status s = scenario(bytes, size, &err);
            crl_alloc_hook(NULL, NULL);
            if (r.seen <= fail_at) {
                check_that(t, !s, "%s: %s", names[i], err.text);
                break;
            }
            /* libpng does without what it cannot allocate for chunks that say nothing about pixels. */
            if (!check_that(t, s == CRL_ERR_MEMORY || (s == CRL_OK && strstr(names[i], ".png")),
                            "%s: allocation %ld refused: status %d, \"%s\"", names[i], fail_at, s, err.text))
                break;
        }
        crl_free(bytes);
    }
}
