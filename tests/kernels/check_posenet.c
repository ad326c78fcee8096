/* SPDX-License-Identifier: Apache-2.0 */
/* Masks of people: cells whose long offsets lead to a pose belong to it. */
#include "checks.h"
#include "kernels/posenet.h"

#include <string.h>

enum { HEIGHT = 7, WIDTH = 10, HALF = WIDTH / 2, CELLS = HEIGHT * WIDTH, POSES = 2, ROOM = 3, STRIDE = 16,
       KEYPOINTS = CRL_POSE_KEYPOINTS };

/* Where keypoint k of a pose lies, in cells: pose 0 in the left half, pose 1 in the right one. */
static float place(int pose, int k, int axis)
{
    return axis == 0 ? (float)(k % HEIGHT) : (float)(pose * HALF + k % HALF);
}

/* From each cell straight to the keypoints of the pose of its half. */
static void lead(float *offsets, const int pose_of_half[2])
{
    for (int i = 0; i < CELLS; i++)
        for (int k = 0; k < KEYPOINTS; k++) {
            const int y = i / WIDTH, x = i % WIDTH, pose = pose_of_half[x >= HALF];
            offsets[i * 2 * KEYPOINTS + k] = place(pose, k, 0) - (float)y;
            offsets[i * 2 * KEYPOINTS + KEYPOINTS + k] = place(pose, k, 1) - (float)x;
        }
}

static void masks_are(check *t, const int pose_of_half[2], float count, const char *what)
{
    static float offsets[CELLS * 2 * KEYPOINTS], keypoints[ROOM * KEYPOINTS * 2], masks[ROOM * CELLS];
    const crl_posenet_params p = { .height = HEIGHT, .width = WIDTH, .max_detections = ROOM, .stride = STRIDE };
    const crl_posenet_output out = { .keypoints = keypoints, .count = &count };
    lead(offsets, pose_of_half);
    for (int i = 0; i < POSES * KEYPOINTS * 2; i++)
        keypoints[i] = STRIDE * place(i / (2 * KEYPOINTS), i / 2 % KEYPOINTS, i % 2);
    memset(masks, 0x55, sizeof masks);
    crl_posenet_masks(&p, offsets, &out, masks);
    for (int pose = 0; pose < ROOM; pose++)
        for (int i = 0; i < CELLS; i++) {
            const int half = i % WIDTH >= HALF, mine = count > 1 ? pose_of_half[half] : 0;
            const float want = (float)pose < count && mine == pose ? 1 : 0, got = masks[pose * CELLS + i];
            if (!check_that(t, got == want, "%s: cell %d of mask %d is %g", what, i, pose, (double)got)) return;
        }
}

void check_posenet_masks(check *t, unsigned cpu)
{
    (void)cpu;
    masks_are(t, (const int[]){ 0, 1 }, 2, "each half its own");
    masks_are(t, (const int[]){ 1, 1 }, 2, "all the second's");
    masks_are(t, (const int[]){ 0, 1 }, 1, "one pose");
    masks_are(t, (const int[]){ 0, 1 }, 0, "no pose");
}
