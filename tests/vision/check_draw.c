/* SPDX-License-Identifier: Apache-2.0 */
/* Drawing: it happens where it should and nowhere else, and survives any numbers. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "checks.h"

static crl_image black(check *t, int32_t width, int32_t height)
{
    const crl_image image = guarded_image(t, width, height, 3, 0);
    memset(image.data, 0, image.stride * (size_t)height);
    return image;
}

static long lit(const crl_image *image, int32_t x0, int32_t y0, int32_t x1, int32_t y1)
{
    long n = 0;
    for (int32_t y = y0; y < y1; y++)
        for (int32_t x = x0; x < x1; x++) {
            const uint8_t *p = image->data + (size_t)y * image->stride + 3 * (size_t)x;
            n += p[0] > 40 || p[1] > 40 || p[2] > 40;
        }
    return n;
}

static bool lacks_cairo(check *t)
{
    crl_image image = black(t, 8, 8);
    crl_error err = { 0 };
    if (crl_draw_detections(&image, NULL, 0, NULL, &err) != CRL_ERR_UNSUPPORTED) return false;
    check_skip(t, "%s", err.text);
    return true;
}

void check_draw(check *t, unsigned cpu)
{
    (void)cpu;
    crl_image image = black(t, 400, 300), small = black(t, 8, 8);
    crl_image mask = { 2, 2, 1, 2, (uint8_t[]){ 0, 1, 0, 2 } };
    check_that(t, !crl_draw_mask(&small, &mask, NULL), "a mask cannot be drawn");
    check_that(t, lit(&small, 0, 0, 4, 8) == 0 && lit(&small, 4, 0, 8, 8) == 32, "%ld pixels of the mask", lit(&small, 0, 0, 8, 8));
    check_that(t, small.data[3 * 4] == 70 && small.data[small.stride * 4 + 3 * 4 + 1] == 70, "colours of the mask");
    check_that(t, crl_draw_mask(&mask, &mask, NULL) == CRL_ERR_ARGUMENT, "a mask in a grey picture");
    if (lacks_cairo(t)) return;

    crl_error err;
    const crl_detection d = { 3, 0.5f, { 100, 100, 300, 250 } };
    if (!check_that(t, !crl_draw_detections(&image, &d, 1, NULL, &err), "%s", err.text)) return;
    check_that(t, lit(&image, 100, 120, 103, 230) > 200, "no line at the left");
    check_that(t, lit(&image, 110, 110, 290, 240) == 0, "something inside the box");
    check_that(t, lit(&image, 100, 70, 300, 99) > 300, "no chip above the box");
    check_that(t, lit(&image, 0, 0, 400, 70) == 0 && lit(&image, 0, 256, 400, 300) == 0, "something far from the box");

    crl_pose pose = { .score = 1 };
    for (int i = 0; i < CRL_KEYPOINTS; i++) pose.keypoints[i] = (crl_keypoint){ 200, 150, i == 5 || i == 7 ? 0.9f : 0.1f };
    pose.keypoints[7].x = 260;
    image = black(t, 400, 300);
    check_that(t, !crl_draw_poses(&image, &pose, 1, 0.5f, NULL) && lit(&image, 205, 145, 255, 155) > 40, "no limb");
    image = black(t, 400, 300);
    check_that(t, !crl_draw_poses(&image, &pose, 1, 0.95f, NULL) && lit(&image, 0, 0, 400, 300) == 0, "limbs of unsure points");

    const crl_image grey = { 8, 8, 1, 8, small.data };
    crl_image copy = grey;
    check_that(t, crl_draw_detections(&copy, &d, 1, NULL, NULL) == CRL_ERR_ARGUMENT, "a grey picture was drawn into");
    check_that(t, crl_draw_poses(&copy, &pose, 1, 0, NULL) == CRL_ERR_ARGUMENT, "a grey picture was drawn into");
}

static float any_number(check *t)
{
    static const float odd[] = { NAN, INFINITY, -INFINITY, 0.0f, -0.0f, FLT_MAX, -FLT_MAX, 1e9f, -1e9f, FLT_MIN };
    const int32_t i = check_range(t, 0, 19);
    return i < 10 ? odd[i] : (float)check_range(t, -50, 400) * 0.5f;
}

void check_draw_anything(check *t, unsigned cpu)
{
    (void)cpu;
    if (lacks_cairo(t)) return;
    crl_labels *labels;
    static const char text[] = "0 a\n1 a name that is longer than any of the pictures here is wide, by far, and then some more of it, "
                               "on and on, until it does not fit into the room that is kept for it \xe2\x80\x94 \xe2\x80\x94 \xe2\x80\x94 \xe2\x80\x94 \xe2\x80\x94\n2 \xe2\x80\x94\n";
    if (!check_that(t, !crl_labels_parse(&labels, text, sizeof text - 1, NULL), "no labels")) return;
    for (int round = 0; round < 60; round++) {
        crl_image image = black(t, check_edgy(t, 1, 200), check_edgy(t, 1, 200));
        crl_detection d[6];
        const int32_t n = check_range(t, 0, 6);
        for (int32_t i = 0; i < n; i++)
            d[i] = (crl_detection){ check_edgy(t, -3, INT32_MAX), any_number(t), { any_number(t), any_number(t), any_number(t), any_number(t) } };
        for (int32_t i = 0; i < n; i++)
            if (check_range(t, 0, 1)) d[i].index = check_range(t, 0, 2);
        crl_error err;
        check_that(t, !crl_draw_detections(&image, d, n, labels, &err), "%s", err.text);
        crl_pose pose = { .score = any_number(t) };
        for (int i = 0; i < CRL_KEYPOINTS; i++) pose.keypoints[i] = (crl_keypoint){ any_number(t), any_number(t), any_number(t) };
        check_that(t, !crl_draw_poses(&image, &pose, 1, any_number(t), &err), "%s", err.text);
    }
    crl_labels_free(labels);
}
