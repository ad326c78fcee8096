/* SPDX-License-Identifier: Apache-2.0 */
/* Drawing poses: skeletons, left and right told apart by colour. */
#include <math.h>

#include "base/error.h"
#include "vision/paint.h"
#include "vision/vision.h"

/* Pairs of keypoints that a limb joins, and its side: 0 left, 1 right, 2 middle. */
static const struct {
    int a, b, side;
} limbs[] = {
    { 0, 1, 0 },   { 0, 2, 1 },   { 1, 3, 0 },   { 2, 4, 1 },   { 5, 6, 2 },   { 5, 7, 0 },   { 7, 9, 0 },
    { 6, 8, 1 },   { 8, 10, 1 },  { 5, 11, 0 },  { 6, 12, 1 },  { 11, 12, 2 }, { 11, 13, 0 }, { 13, 15, 0 },
    { 12, 14, 1 }, { 14, 16, 1 },
};

static const crl_colour sides[] = { { { 41, 204, 230 } }, { { 255, 158, 51 } }, { { 245, 235, 107 } } };
static const crl_colour white = { { 255, 255, 255 } };

static bool is_seen(const crl_keypoint *k, float threshold)
{
    return k->score >= threshold && isfinite(k->x) && isfinite(k->y);
}

/* The larger side of what is seen of a person. */
static double extent(const crl_pose *p, float threshold)
{
    double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;
    for (int i = 0; i < CRL_KEYPOINTS; i++) {
        const crl_keypoint *k = &p->keypoints[i];
        if (!is_seen(k, threshold)) continue;
        x0 = fmin(x0, k->x), x1 = fmax(x1, k->x), y0 = fmin(y0, k->y), y1 = fmax(y1, k->y);
    }
    return fmax(fmax(x1 - x0, y1 - y0), 0.0);
}

static void draw_pose(crl_image *image, const crl_pose *p, float threshold, double unit)
{
    /* Thinner for a person far away. */
    const double line = fmax(fmin(4.5 * unit, 0.022 * extent(p, threshold)), 1.6), hem = fmax(1.0, 0.35 * line);
    for (int pass = 0; pass < 2; pass++) /* all hems lie below all lines */
        for (size_t i = 0; i < sizeof limbs / sizeof limbs[0]; i++) {
            const crl_keypoint *a = &p->keypoints[limbs[i].a], *b = &p->keypoints[limbs[i].b];
            if (!is_seen(a, threshold) || !is_seen(b, threshold)) continue;
            const crl_colour colour = pass ? sides[limbs[i].side] : crl_dark;
            crl_paint_line(image, a->x, a->y, b->x, b->y, pass ? line : line + 2.0 * hem, colour, pass ? 1.0 : 0.6);
        }
    for (int i = 0; i < CRL_KEYPOINTS; i++) {
        const crl_keypoint *k = &p->keypoints[i];
        if (!is_seen(k, threshold)) continue;
        /* Odd keypoints are the left ones, the nose is neither. */
        const crl_colour colour = i == 0 ? sides[2] : sides[i % 2 == 0];
        crl_paint_line(image, k->x, k->y, k->x, k->y, 2.4 * line + 2.0 * hem, crl_dark, 0.6);
        crl_paint_line(image, k->x, k->y, k->x, k->y, 2.4 * line, colour, 1.0);
        crl_paint_line(image, k->x, k->y, k->x, k->y, 1.1 * line, white, 1.0);
    }
}

crl_status crl_draw_poses(crl_image *image, const crl_pose *poses, int32_t n, float threshold, crl_error *err)
{
    const crl_status s = crl_paint_check(image, err);
    if (s) return s;
    const double unit = crl_paint_unit(image);
    for (int32_t i = n; i-- > 0;) draw_pose(image, &poses[i], threshold, unit);
    return CRL_OK;
}
