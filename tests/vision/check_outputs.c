/* SPDX-License-Identifier: Apache-2.0 */
/* Decoders of outputs, on tensors made by hand. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "checks.h"

void check_floats(check *t, unsigned cpu)
{
    (void)cpu;
    static const float scales[] = { 0.5f, 0.25f };
    static const int32_t zeroes[] = { 3, -1 };
    const crl_quant one = { scales, zeroes, 1, 0 }, two = { scales, zeroes, 2, 1 };
    uint8_t u8[4] = { 0, 3, 255, 4 };
    int8_t s8[8] = { -128, 127, 0, 1, 2, 3, 4, 5 };
    int16_t s16[2] = { -32768, 32767 };
    int32_t s32[2] = { INT32_MIN, 7 };
    int64_t s64[2] = { INT64_MIN, 7 };
    float f32[2] = { 1.5f, -INFINITY }, out[8];
    const struct {
        crl_tensor v;
        float want[8];
    } cases[] = {
        { tensor_of(CRL_UINT8, (crl_shape){ 2, { 1, 4 } }, u8, &one), { -1.5f, 0.0f, 126.0f, 0.5f } },
        { tensor_of(CRL_UINT8, (crl_shape){ 1, { 4 } }, u8, NULL), { 0.0f, 3.0f, 255.0f, 4.0f } },
        { tensor_of(CRL_INT8, (crl_shape){ 3, { 2, 2, 2 } }, s8, &two), { -65.5f, 62.0f, 0.25f, 0.5f, -0.5f, 0.0f, 1.25f, 1.5f } },
        { tensor_of(CRL_INT16, (crl_shape){ 1, { 2 } }, s16, &one), { -16385.5f, 16382.0f } },
        { tensor_of(CRL_INT32, (crl_shape){ 1, { 2 } }, s32, NULL), { -2147483648.0f, 7.0f } },
        { tensor_of(CRL_INT64, (crl_shape){ 1, { 2 } }, s64, NULL), { -9223372036854775808.0f, 7.0f } },
        { tensor_of(CRL_FLOAT32, (crl_shape){ 1, { 2 } }, f32, &one), { 1.5f, -INFINITY } },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const size_t n = crl_shape_count(&cases[i].v.shape);
        crl_error err;
        if (check_that(t, !crl_tensor_floats(&cases[i].v, out, n, &err), "case %zu: %s", i, err.text))
            check_equal_f32(t, cases[i].want, out, n, 0, "case %zu", i);
        check_that(t, crl_tensor_floats(&cases[i].v, out, n + 1, NULL) == CRL_ERR_ARGUMENT, "case %zu: room for one more", i);
    }
    const crl_quant wrong = { scales, zeroes, 2, 5 };
    crl_tensor bad = tensor_of(CRL_UINT8, (crl_shape){ 1, { 4 } }, u8, &wrong);
    check_that(t, crl_tensor_floats(&bad, out, 4, NULL) == CRL_ERR_ARGUMENT, "scales on axis 5");
    bad = tensor_of(CRL_STRING, (crl_shape){ 1, { 4 } }, u8, NULL);
    check_that(t, crl_tensor_floats(&bad, out, 4, NULL) == CRL_ERR_UNSUPPORTED, "strings are no numbers");
    bad = tensor_of(CRL_UINT8, (crl_shape){ 1, { 4 } }, u8, NULL);
    bad.bytes = 3;
    check_that(t, crl_tensor_floats(&bad, out, 4, NULL) == CRL_ERR_ARGUMENT, "3 bytes for 4 values");
}

void check_topk(check *t, unsigned cpu)
{
    (void)cpu;
    crl_class out[64];
    int32_t n;
    float scores[] = { 0.25f, -1.0f, 0.5f, NAN, 0.25f, 0.5f, 0.0f };
    const crl_tensor v = tensor_of(CRL_FLOAT32, (crl_shape){ 4, { 1, 1, 1, 7 } }, scores, NULL);
    static const int32_t order[] = { 2, 5, 0, 4, 6, 1 };
    for (int32_t cap = 0; cap <= 7; cap++) {
        check_that(t, !crl_topk(&v, -INFINITY, out, cap, &n, NULL) && n == (cap < 6 ? cap : 6), "cap %d: %d classes", cap, n);
        for (int32_t i = 0; i < n; i++)
            check_that(t, out[i].index == order[i] && out[i].score == scores[order[i]], "cap %d, place %d: class %d", cap, i, out[i].index);
    }
    check_that(t, !crl_topk(&v, 0.25f, out, 7, &n, NULL) && n == 4, "%d classes at or above 0.25", n);
    check_that(t, !crl_topk(&v, 0.0f, out, 7, &n, NULL) && n == 5, "%d classes at or above 0", n);
    check_that(t, !crl_topk(&v, 1.0f, out, 7, &n, NULL) && n == 0, "%d classes at or above 1", n);
    crl_tensor none = tensor_of(CRL_FLOAT32, (crl_shape){ 2, { 1, 0 } }, NULL, NULL);
    check_that(t, !crl_topk(&none, 0.0f, out, 7, &n, NULL) && n == 0, "classes out of nothing");

    /* Against a plain sort of noise with many equals. */
    for (int round = 0; round < check_rounds(t, 200); round++) {
        uint8_t q[60];
        bool used[60] = { false };
        const int32_t count = check_range(t, 1, 60), cap = check_range(t, 1, 64), least = check_range(t, 0, 10);
        for (int32_t i = 0; i < count; i++) q[i] = (uint8_t)check_range(t, 0, 12);
        const crl_tensor u8 = tensor_of(CRL_UINT8, (crl_shape){ 2, { 1, count } }, q, NULL);
        if (!check_that(t, !crl_topk(&u8, (float)least, out, cap, &n, NULL), "failed")) return;
        for (int32_t place = 0; place < cap; place++) {
            int32_t best = -1;
            for (int32_t i = 0; i < count; i++)
                if (!used[i] && q[i] >= least && (best < 0 || q[i] > q[best])) best = i;
            if (!check_that(t, best < 0 ? n == place : place < n && out[place].index == best, "place %d of %d", place, n)) return;
            if (best < 0) break;
            used[best] = true;
        }
    }
}

/* The four outputs of a detector, of 5 slots. */
typedef struct detector {
    float boxes[5][4], classes[5], scores[5], count;
    crl_tensor v[4]; /* boxes, classes, scores, count */
} detector;

static void fill_detector(detector *d)
{
    *d = (detector){ .boxes = { { 0.1f, 0.2f, 0.5f, 0.6f }, { -0.5f, 0.25f, 1.5f, 2.0f }, { 0.0f, 0.0f, 1.0f, 1.0f },
                                { 0.25f, NAN, 0.5f, 0.5f }, { 0.0f, 0.0f, 0.5f, 0.5f } },
                     .classes = { 7, 2, 1, 0, 0 }, .scores = { 0.5f, 0.75f, 0.5f, 0.9f, 0.95f }, .count = 4 };
    d->v[0] = tensor_of(CRL_FLOAT32, (crl_shape){ 3, { 1, 5, 4 } }, d->boxes, NULL);
    d->v[1] = tensor_of(CRL_FLOAT32, (crl_shape){ 2, { 1, 5 } }, d->classes, NULL);
    d->v[2] = tensor_of(CRL_FLOAT32, (crl_shape){ 2, { 1, 5 } }, d->scores, NULL);
    d->v[3] = tensor_of(CRL_FLOAT32, (crl_shape){ 1, { 1 } }, &d->count, NULL);
}

void check_detections(check *t, unsigned cpu)
{
    (void)cpu;
    detector d;
    fill_detector(&d);
    const crl_letterbox frame = { 200.0f, 100.0f, 160, 100, 320, 320, 256, 320 };
    const crl_tensor *orders[][4] = { { &d.v[0], &d.v[1], &d.v[2], &d.v[3] }, { &d.v[2], &d.v[0], &d.v[3], &d.v[1] },
                                      { &d.v[3], &d.v[2], &d.v[1], &d.v[0] } };
    crl_detection out[8];
    int32_t n;
    for (size_t o = 0; o < 3; o++) {
        crl_error err;
        if (!check_that(t, !crl_detections_read(orders[o], 4, &frame, 0.5f, out, 8, &n, &err), "order %zu: %s", o, err.text)) return;
        /* The slot with a box that is not a number is dropped, and so is the one past the count. */
        static const crl_detection want[] = { { 2, 0.75f, { 50, 0, 160, 100 } }, { 1, 0.5f, { 0, 0, 160, 100 } },
                                              { 7, 0.5f, { 40, 10, 120, 50 } } };
        check_that(t, n == 3, "order %zu: %d detections", o, n);
        for (int32_t i = 0; i < n && i < 3; i++) {
            check_that(t, out[i].index == want[i].index && out[i].score == want[i].score, "order %zu, %d: class %d", o, i, out[i].index);
            check_equal_f32(t, &want[i].box.x0, &out[i].box.x0, 4, 1, "order %zu, box %d", o, i);
        }
        check_that(t, !crl_detections_read(orders[o], 4, &frame, 0.5f, out, 1, &n, NULL) && n == 1 && out[0].index == 2, "the best of all");
        check_that(t, !crl_detections_read(orders[o], 4, &frame, 0.6f, out, 8, &n, NULL) && n == 1, "%d above 0.6", n);
        check_that(t, !crl_detections_read(orders[o], 4, &frame, 0.5f, out, 0, &n, NULL) && n == 0, "%d in no room", n);
    }
    const crl_letterbox moved = { 200.0f, 100.0f, 160, 100, 320, 320, 256, 320, 64, 32 };
    check_that(t, !crl_detections_read(orders[0], 4, &moved, 0.5f, out, 8, &n, NULL) && n == 3, "%d where it is moved", n);
    check_equal_f32(t, (const float[]){ 0, 0, 80, 40 }, &out[2].box.x0, 4, 1, "a box where the picture is moved");
    static const float counts[] = { NAN, -1.0f, 0.0f, INFINITY, 1e30f };
    for (size_t i = 0; i < 5; i++) {
        d.count = counts[i];
        check_that(t, !crl_detections_read(orders[0], 4, &frame, 0.0f, out, 8, &n, NULL) && n == (i < 3 ? 0 : 4),
                   "count %g: %d", (double)counts[i], n);
    }
    crl_detection turned[8];
    d.count = 4;
    check_that(t, !crl_detections_read(orders[0], 4, &frame, 0.5f, out, 8, &n, NULL) && n == 3, "%d again", n);
    for (int i = 0; i < 2; i++) { /* top below bottom, left behind right */
        const float first = d.boxes[0][i];
        d.boxes[0][i] = d.boxes[0][i + 2];
        d.boxes[0][i + 2] = first;
    }
    check_that(t, !crl_detections_read(orders[0], 4, &frame, 0.5f, turned, 8, &n, NULL) && n == 3 && !memcmp(turned, out, 3 * sizeof *out),
               "a box with its corners exchanged");
    d.count = 5;
    d.classes[0] = NAN, d.classes[1] = 1e20f, d.classes[2] = -3.0f;
    check_that(t, !crl_detections_read(orders[0], 4, &frame, 0.0f, out, 8, &n, NULL) && n == 1, "classes that are none: %d kept", n);

    crl_error err;
    const crl_tensor *mixed[] = { &d.v[1], &d.v[0], &d.v[2], &d.v[3] };
    check_that(t, crl_detections_read(mixed, 4, &frame, 0.0f, out, 8, &n, &err) == CRL_ERR_UNSUPPORTED && strstr(err.text, "[1,5] [1,5,4] [1,5] [1]"),
               "%s", err.text);
    check_that(t, crl_detections_read(orders[0], 3, &frame, 0.0f, out, 8, &n, NULL) == CRL_ERR_UNSUPPORTED, "three outputs");
    check_that(t, crl_detections_read(orders[0], 0, &frame, 0.0f, out, 8, &n, NULL) == CRL_ERR_UNSUPPORTED, "no outputs");
}

/* Numbers k of row i of [1,56,4] or [1,4,56]. */
static float *yolo_number(float *v, bool planes, int i, int k)
{
    return v + (planes ? k * 4 + i : i * 56 + k);
}

/* Four rows: the second lies upon the first, the third is elsewhere, the fourth would be the best and has a joint nowhere. */
static void yolo_poses(check *t, bool planes, bool pixels, bool bytes)
{
    const crl_letterbox frame = { 200.0f, 100.0f, 160, 100, 400, 200, 320, 200 };
    static const float rows[4][5] = { { 0.25f, 0.5f, 0.25f, 0.5f, 0.75f }, { 0.25f, 0.5f, 0.25f, 0.375f, 0.5f },
                                      { 0.75f, 0.5f, 0.25f, 0.5f, 0.625f }, { 0.75f, 0.75f, 0.25f, 0.5f, 0.875f } };
    static const float scale = 1.0f / 64;
    static const int32_t zero = 16;
    float v[4 * 56];
    uint8_t q[4 * 56];
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < 56; k++) {
            const bool x = k < 5 ? k == 0 || k == 2 : k % 3 == 2, y = k < 5 ? k == 1 || k == 3 : k % 3 == 0;
            *yolo_number(v, planes, i, k) = (k < 5 ? rows[i][k] : 0.5f) * (!pixels ? 1 : x ? 400 : y ? 200 : 1);
        }
    if (!bytes) *yolo_number(v, planes, 3, 20) = NAN;
    if (bytes) *yolo_number(v, planes, 3, 2) = 0; /* bytes are never nowhere: a box without area */
    for (int i = 0; i < 4 * 56; i++) q[i] = bytes ? (uint8_t)(v[i] * 64 + 16) : 0;
    const crl_shape shape = { 3, { 1, planes ? 56 : 4, planes ? 4 : 56 } };
    crl_tensor output = tensor_of(bytes ? CRL_UINT8 : CRL_FLOAT32, shape, bytes ? (void *)q : v, NULL);
    if (bytes) output.quant = (crl_quant){ &scale, &zero, 1, 0 };
    const crl_tensor *outputs[] = { &output };
    crl_pose out[4];
    int32_t n;
    check_that(t, !crl_poses_read(outputs, 1, &frame, 0.25f, out, 4, &n, NULL) && n == 2, "%d poses of YOLO", n);
    check_that(t, out[0].score == 0.75f && out[1].score == 0.625f, "%g, %g", (double)out[0].score, (double)out[1].score);
    check_that(t, out[1].keypoints[16].x == 100 && out[1].keypoints[16].y == 50 && out[1].keypoints[16].score == 0.5f, "at %g,%g",
               (double)out[1].keypoints[16].x, (double)out[1].keypoints[16].y);
    check_that(t, !crl_poses_read(outputs, 1, &frame, 0.25f, out, 1, &n, NULL) && n == 1 && out[0].score == 0.75f, "the best of YOLO's");
    crl_letterbox moved = frame;
    moved.left = 80, moved.top = 20;
    check_that(t, !crl_poses_read(outputs, 1, &moved, 0.25f, out, 4, &n, NULL) && out[1].keypoints[16].x == 60 && out[1].keypoints[16].y == 40,
               "YOLO's moved to %g,%g", (double)out[1].keypoints[16].x, (double)out[1].keypoints[16].y);
}

static void multiposes(check *t)
{
    const crl_letterbox frame = { 200.0f, 100.0f, 160, 100, 400, 200, 320, 200 };
    float v[6][56] = { { 0 } };
    for (int k = 0; k < 51; k++) v[4][k] = k % 3 == 0 ? 0.5f : 0.25f;
    v[4][55] = 0.75f;
    const crl_tensor output = tensor_of(CRL_FLOAT32, (crl_shape){ 3, { 1, 6, 56 } }, v, NULL), *outputs[] = { &output };
    crl_pose out[4];
    int32_t n;
    check_that(t, !crl_poses_read(outputs, 1, &frame, 0.25f, out, 4, &n, NULL) && n == 1, "%d poses of six", n);
    check_that(t, out[0].score == 0.75f && out[0].keypoints[9].x == 50 && out[0].keypoints[9].y == 50, "at %g", (double)out[0].keypoints[9].x);
    crl_letterbox moved = frame;
    moved.left = 80, moved.top = 20;
    check_that(t, !crl_poses_read(outputs, 1, &moved, 0.25f, out, 4, &n, NULL) && out[0].keypoints[9].x == 10 && out[0].keypoints[9].y == 40,
               "one of six moved to %g,%g", (double)out[0].keypoints[9].x, (double)out[0].keypoints[9].y);
}

static void heat_maps(check *t)
{
    const crl_letterbox frame = { 200.0f, 100.0f, 160, 100, 400, 200, 320, 200 };
    static float v[4][5][17];
    for (int k = 0; k < 17; k++) v[k % 4][k % 5][k] = 0.5f, v[3][4][k] += 0.25f;
    const crl_tensor output = tensor_of(CRL_FLOAT32, (crl_shape){ 4, { 1, 4, 5, 17 } }, v, NULL), *outputs[] = { &output };
    crl_pose out[4];
    int32_t n;
    check_that(t, !crl_poses_read(outputs, 1, &frame, 0.25f, out, 4, &n, NULL) && n == 1, "%d poses of heat maps", n);
    check_that(t, out[0].score == 0.5f && out[0].keypoints[7].x == 100 && out[0].keypoints[7].y == 87.5f, "%g: at %g,%g",
               (double)out[0].score, (double)out[0].keypoints[7].x, (double)out[0].keypoints[7].y);
    check_that(t, !crl_poses_read(outputs, 1, &frame, 0.75f, out, 4, &n, NULL) && n == 0, "%d poses above 0.75", n);
}

void check_poses(check *t, unsigned cpu)
{
    (void)cpu;
    check_that(t, !strcmp(crl_keypoint_name(0), "nose") && !strcmp(crl_keypoint_name(16), "right_ankle"), "names");
    check_that(t, !crl_keypoint_name(-1) && !crl_keypoint_name(17), "names out of range");
    const crl_letterbox frame = { 200.0f, 100.0f, 160, 100, 400, 200, 320, 200 };
    crl_pose out[4];
    int32_t n;

    float movenet[CRL_KEYPOINTS][3];
    for (int i = 0; i < CRL_KEYPOINTS; i++) movenet[i][0] = 0.5f, movenet[i][1] = 0.25f, movenet[i][2] = i ? 0.5f : 0.33f;
    const crl_tensor one = tensor_of(CRL_FLOAT32, (crl_shape){ 4, { 1, 1, 17, 3 } }, movenet, NULL);
    const crl_tensor *single[] = { &one };
    check_that(t, !crl_poses_read(single, 1, &frame, 0.0f, out, 4, &n, NULL) && n == 1, "%d poses", n);
    check_that(t, fabsf(out[0].score - 0.49f) < 1e-6f && out[0].keypoints[3].x == 50.0f && out[0].keypoints[3].y == 50.0f, "%g at %g,%g",
               (double)out[0].score, (double)out[0].keypoints[3].x, (double)out[0].keypoints[3].y);
    check_that(t, !crl_poses_read(single, 1, &frame, 0.6f, out, 4, &n, NULL) && n == 0, "%d poses above 0.6", n);
    const crl_letterbox moved = { 200.0f, 100.0f, 160, 100, 400, 200, 320, 200, 80, 20 };
    check_that(t, !crl_poses_read(single, 1, &moved, 0.0f, out, 4, &n, NULL) && out[0].keypoints[3].x == 10.0f && out[0].keypoints[3].y == 40.0f,
               "moved to %g,%g", (double)out[0].keypoints[3].x, (double)out[0].keypoints[3].y);

    float places[3][CRL_KEYPOINTS][2], scores[3][CRL_KEYPOINTS], poses[3] = { 0.2f, 0.9f, 0.8f }, count = 2;
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < CRL_KEYPOINTS; i++)
            places[k][i][0] = 20.0f * (float)k, places[k][i][1] = 10.0f * (float)i, scores[k][i] = 0.1f * (float)k;
    const crl_tensor v[4] = { tensor_of(CRL_FLOAT32, (crl_shape){ 4, { 1, 3, 17, 2 } }, places, NULL),
                              tensor_of(CRL_FLOAT32, (crl_shape){ 3, { 1, 3, 17 } }, scores, NULL),
                              tensor_of(CRL_FLOAT32, (crl_shape){ 2, { 1, 3 } }, poses, NULL),
                              tensor_of(CRL_FLOAT32, (crl_shape){ 1, { 1 } }, &count, NULL) };
    const crl_tensor *decoded[] = { &v[0], &v[1], &v[2], &v[3] };
    check_that(t, !crl_poses_read(decoded, 4, &frame, 0.1f, out, 4, &n, NULL) && n == 2, "%d poses", n);
    check_that(t, out[0].score == 0.9f && out[0].keypoints[4].x == 20.0f && out[0].keypoints[4].y == 10.0f, "best %g at %g,%g",
               (double)out[0].score, (double)out[0].keypoints[4].x, (double)out[0].keypoints[4].y);
    check_that(t, !crl_poses_read(decoded, 4, &frame, 0.1f, out, 1, &n, NULL) && n == 1 && out[0].score == 0.9f, "the best of all");
    check_that(t, !crl_poses_read(decoded, 4, &moved, 0.1f, out, 4, &n, NULL) && out[0].keypoints[4].x == -20.0f && out[0].keypoints[4].y == 0.0f,
               "moved to %g,%g", (double)out[0].keypoints[4].x, (double)out[0].keypoints[4].y);
    places[1][5][0] = NAN;
    check_that(t, !crl_poses_read(decoded, 4, &frame, 0.1f, out, 4, &n, NULL) && n == 1, "a pose that is not a number: %d", n);
    crl_error err;
    check_that(t,
               crl_poses_read(decoded + 1, 3, &frame, 0.1f, out, 4, &n, &err) == CRL_ERR_UNSUPPORTED &&
                   strstr(err.text, "[1,3,17]"),
               "%s", err.text);
    check_that(t, crl_poses_read(decoded, 0, &frame, 0.1f, out, 4, &n, NULL) == CRL_ERR_UNSUPPORTED, "no outputs");
    for (int i = 0; i < 4; i++) yolo_poses(t, i & 1, i & 2, false);
    for (int i = 0; i < 2; i++) yolo_poses(t, i, false, true);
    multiposes(t);
    heat_maps(t);
}

void check_masks(check *t, unsigned cpu)
{
    (void)cpu;
    int64_t classes[2][3] = { { 0, 1, 2 }, { 255, 4, 5 } };
    int8_t scores[2][3][2] = { { { 1, 2 }, { 2, 1 }, { 3, 3 } }, { { -5, -4 }, { 0, 0 }, { 127, -128 } } };
    uint64_t pixels[CRL_MASK_CLASSES];
    crl_image mask;
    crl_error err;
    const crl_tensor whole = tensor_of(CRL_INT64, (crl_shape){ 3, { 1, 2, 3 } }, classes, NULL);
    if (!check_that(t, !crl_mask_read(&mask, &whole, NULL, &err), "%s", err.text)) return;
    check_equal(t, ((const uint8_t[]){ 0, 1, 2, 255, 4, 5 }), mask.data, 6, "classes of pixels");
    crl_mask_count(&mask, pixels);
    check_that(t, pixels[0] == 1 && pixels[255] == 1 && pixels[3] == 0, "%d pixels of class 255", (int)pixels[255]);
    crl_image_fini(&mask);

    const crl_tensor scored = tensor_of(CRL_INT8, (crl_shape){ 4, { 1, 2, 3, 2 } }, scores, NULL);
    if (!check_that(t, !crl_mask_read(&mask, &scored, NULL, &err), "%s", err.text)) return;
    check_equal(t, ((const uint8_t[]){ 1, 0, 0, 1, 0, 0 }), mask.data, 6, "classes of the best scores");
    crl_image_fini(&mask);

    /* Padding is cut off: 6 of 9 columns and all rows of the input are picture, so 2 of 3 columns of the output. */
    const crl_letterbox frame = { 30.0f, 20.0f, 20, 20, 9, 6, 6, 6 };
    if (!check_that(t, !crl_mask_read(&mask, &whole, &frame, &err), "%s", err.text)) return;
    check_that(t, mask.width == 2 && mask.height == 2 && mask.data[2] == 255, "%d x %d", mask.width, mask.height);
    crl_image_fini(&mask);

    /* In the middle: columns 3 to 5 of 9. */
    const crl_letterbox centred = { 30.0f, 20.0f, 10, 20, 9, 6, 3, 6, 3, 0 };
    if (!check_that(t, !crl_mask_read(&mask, &whole, &centred, &err), "%s", err.text)) return;
    check_that(t, mask.width == 1 && mask.height == 2 && mask.data[0] == 1 && mask.data[mask.stride] == 4, "%d x %d", mask.width, mask.height);
    crl_image_fini(&mask);

    classes[1][1] = 256;
    check_that(t, crl_mask_read(&mask, &whole, NULL, &err) == CRL_ERR_UNSUPPORTED && strstr(err.text, "class 256") && !mask.data, "%s", err.text);
    const crl_tensor flat = tensor_of(CRL_INT64, (crl_shape){ 2, { 2, 3 } }, classes, NULL);
    check_that(t, crl_mask_read(&mask, &flat, NULL, &err) == CRL_ERR_UNSUPPORTED && strstr(err.text, "[2,3]"), "%s", err.text);

    static const uint8_t want[][3] = { { 0, 0, 0 }, { 128, 0, 0 }, { 0, 128, 0 }, { 128, 128, 0 }, { 0, 0, 128 } };
    uint8_t got[3];
    for (int32_t i = 0; i < 5; i++) {
        crl_mask_colour(i, got);
        check_equal(t, want[i], got, 3, "colour %d", i);
    }
    crl_mask_colour(15, got);
    check_equal(t, ((const uint8_t[]){ 192, 128, 128 }), got, 3, "colour of a person");
    crl_mask_colour(255, got);
    check_equal(t, ((const uint8_t[]){ 224, 224, 192 }), got, 3, "colour of a border");
}
