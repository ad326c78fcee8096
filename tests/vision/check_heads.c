/* SPDX-License-Identifier: Apache-2.0 */
/* Detectors: against NumPy's results, on whatever outputs may hold, and their speed. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "checks.h"
#include "drawn.h"

/* ---- drawn outputs: tools/oracle/gen_heads.py has the same ---- */

typedef struct golden_output {
    crl_type type;
    int32_t anchors;
    const char *channels; /* roles: 'b' box, 'o' objectness, 's' score, 'c' class */
    int axis;             /* of the anchors */
    float scale;
    int32_t zero;
    float box_times; /* more of boxes, FLOAT32 only */
    int32_t rare;    /* scores that are not eighths */
} golden_output;

typedef struct golden_head {
    const char *name;
    uint32_t seed;
    crl_head head;
    bool found; /* by itself */
    crl_score_form scores;
    crl_box_unit boxes;
    float threshold, iou;
    bool agnostic;
    golden_output outputs[2];
    int32_t n;
    crl_detection results[24];
} golden_head;

#include "golden_heads.h"

enum { HEIGHT = 64, WIDTH = 96 }; /* of the input */

static const crl_letterbox frame = { 240, 160, 200, 160, WIDTH, HEIGHT, 80, 64 };

static crl_tensor picture_input(int32_t height, int32_t width)
{
    return (crl_tensor){ .name = "picture", .type = CRL_UINT8, .shape = { 4, { 1, height, width, 3 } } };
}

static int32_t drawn_byte(const golden_output *o, size_t i, int32_t channel, uint32_t seed, bool corners)
{
    const int32_t v = drawn_noise((uint32_t)i, seed);
    switch (o->channels[channel]) {
    case 'o':
    case 's': return v >= o->rare ? v : v / 8;
    case 'c': return v % 7;
    default: return corners ? v / 2 + (channel >= 2 ? 128 : 0) : v;
    }
}

static void draw_element(const golden_output *o, void *data, size_t i, int32_t channel, int32_t byte)
{
    const char role = o->channels[channel];
    if (o->type == CRL_UINT8)
        ((uint8_t *)data)[i] = (uint8_t)byte;
    else if (o->type == CRL_INT8)
        ((int8_t *)data)[i] = (int8_t)(byte - 128);
    else if (o->type == CRL_INT16)
        ((int16_t *)data)[i] = (int16_t)((byte - 128) * 256);
    else
        ((float *)data)[i] = role == 'c' ? (float)byte : o->scale * (float)(byte - o->zero) * (role == 'b' ? o->box_times : 1.0f);
}

/* In memory that ends at an unmapped page. */
static crl_tensor draw_output(check *t, const golden_output *o, uint32_t seed, bool corners)
{
    const int32_t channels = (int32_t)strlen(o->channels);
    crl_tensor v = { .name = "it", .type = o->type, .shape = { 3, { 1, o->anchors, channels } } };
    if (o->axis == 2) v.shape.dim[1] = channels, v.shape.dim[2] = o->anchors;
    v.bytes = crl_shape_count(&v.shape) * crl_type_bytes(o->type);
    v.data = check_guarded(t, v.bytes);
    if (o->type != CRL_FLOAT32) v.quant = (crl_quant){ &o->scale, &o->zero, 1, 0 };
    const size_t n = crl_shape_count(&v.shape);
    for (size_t i = 0; i < n; i++) {
        const int32_t channel = (int32_t)(o->axis == 1 ? i % (size_t)channels : i / (size_t)o->anchors);
        draw_element(o, v.data, i, channel, drawn_byte(o, i, channel, seed, corners));
    }
    return v;
}

static void draw_anchors(crl_anchor *a, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        uint8_t v[4];
        for (int k = 0; k < 4; k++) v[k] = drawn_noise((uint32_t)(4 * i + k), 77);
        a[i] = (crl_anchor){ (float)v[0] / 255, (float)v[1] / 255, ((float)v[2] + 16) / 512, ((float)v[3] + 16) / 512 };
    }
}

static void compare(check *t, const golden_head *g, const crl_detection *got, int32_t n)
{
    check_that(t, n == g->n, "%s: %d detections, not %d", g->name, n, g->n);
    for (int32_t i = 0; i < n && i < g->n; i++) {
        const crl_detection *want = &g->results[i];
        const float *a = &want->box.x0, *b = &got[i].box.x0;
        bool same = got[i].index == want->index && fabsf(got[i].score - want->score) < 1e-5f;
        for (int k = 0; k < 4; k++) same = same && fabsf(a[k] - b[k]) < 2e-3f;
        if (!check_that(t, same, "%s, %d: class %d, %g at %g,%g %g,%g, not class %d, %g at %g,%g %g,%g", g->name, i, got[i].index,
                        (double)got[i].score, (double)b[0], (double)b[1], (double)b[2], (double)b[3], want->index, (double)want->score,
                        (double)a[0], (double)a[1], (double)a[2], (double)a[3]))
            return;
    }
}

static void check_golden(check *t, const golden_head *g, bool told)
{
    crl_anchor table[150];
    const crl_anchors anchors = { table, 150, .x_scale = 10, .y_scale = 10, .w_scale = 5, .h_scale = 5, .exponential = true, .logits = true };
    const crl_tensor input = picture_input(HEIGHT, WIDTH);
    const bool corners = g->head == CRL_HEAD_YOLO_CORNERS || g->head == CRL_HEAD_YOLO_CHOSEN;
    const int32_t n_outputs = g->outputs[1].anchors ? 2 : 1;
    crl_tensor v[2];
    const crl_tensor *outputs[2] = { &v[0], &v[1] };
    for (int32_t i = 0; i < n_outputs; i++) v[i] = draw_output(t, &g->outputs[i], g->seed + (uint32_t)i, corners);
    draw_anchors(table, 150);
    crl_detector_options options = { .iou = g->iou, .agnostic = g->agnostic };
    if (g->head == CRL_HEAD_SSD_RAW) options.anchors = &anchors;
    if (told || !g->found) options.head = g->head;
    if (told) {
        options.scores = g->scores;
        if (g->boxes != CRL_BOXES_CELLS || g->head == CRL_HEAD_YOLOX) options.boxes = g->boxes;
    }
    crl_detector *d;
    crl_error err;
    if (!check_that(t, !crl_detector_new(&d, outputs, n_outputs, &input, &options, &err), "%s: %s", g->name, err.text)) return;
    check_that(t, crl_detector_head(d) == g->head, "%s: taken for %s", g->name, crl_head_name(crl_detector_head(d)));
    crl_detection got[24];
    int32_t n;
    for (int round = 0; round < 2; round++) { /* a frame knows nothing of the one before */
        if (!check_that(t, !crl_detector_read(d, outputs, n_outputs, &frame, g->threshold, got, 24, &n, &err), "%s: %s", g->name, err.text)) break;
        compare(t, g, got, n);
    }
    check_that(t, !crl_detector_read(d, outputs, n_outputs, &frame, g->threshold, got, 1, &n, &err) && n == 1, "%s: the best of all", g->name);
    check_that(t, !crl_detector_read(d, outputs, n_outputs, &frame, NAN, got, 24, &n, &err) && n == 0, "%s: %d reach no number", g->name, n);
    check_that(t, !crl_detector_read(d, outputs, n_outputs, &frame, -INFINITY, got, 24, &n, &err) && n > 0, "%s: nothing at all", g->name);
    crl_detector_free(d);
    check_release(t);
}

void check_heads(check *t, unsigned cpu)
{
    (void)cpu;
    for (size_t i = 0; i < sizeof golden_heads / sizeof golden_heads[0]; i++) {
        check_golden(t, &golden_heads[i], true);
        check_golden(t, &golden_heads[i], false);
    }
}

/* ---- thresholds ---- */

enum { PLACES = 512 };

/* Boxes of their own for PLACES anchors, none of which meet, and a score for each: how many reach the threshold. */
static int32_t count_reaching(check *t, const crl_tensor *scores, crl_score_form form, float threshold)
{
    static float boxes[PLACES][4];
    static crl_detection out[PLACES];
    for (int i = 0; i < PLACES; i++) {
        const float x = (float)(i % 32) / 32, y = (float)(i / 32) / 32;
        boxes[i][0] = x, boxes[i][1] = y, boxes[i][2] = x + 0.02f, boxes[i][3] = y + 0.02f;
    }
    const crl_tensor v = { .name = "boxes", .type = CRL_FLOAT32, .shape = { 3, { 1, PLACES, 4 } }, .data = boxes, .bytes = sizeof boxes };
    const crl_tensor *outputs[] = { &v, scores }, input = picture_input(64, 64);
    const crl_letterbox whole = { 64, 64, 64, 64, 64, 64, 64, 64 };
    const crl_detector_options options = { CRL_HEAD_YOLO_CORNERS, .scores = form, .iou = 1 };
    crl_detector *d;
    crl_error err;
    int32_t n = -1;
    if (!check_that(t, !crl_detector_new(&d, outputs, 2, &input, &options, &err), "%s", err.text)) return -1;
    check_that(t, !crl_detector_read(d, outputs, 2, &whole, threshold, out, PLACES, &n, &err), "%s", err.text);
    crl_detector_free(d);
    return n;
}

/* Thresholds that are the score of something stored, and their neighbours: exactly what is at least that is found. */
void check_heads_threshold(check *t, unsigned cpu)
{
    (void)cpu;
    static const crl_type types[] = { CRL_UINT8, CRL_INT8, CRL_INT16, CRL_FLOAT32 };
    static const float coarse = 1.0f / 32, fine = 1.0f / 4096;
    static const int32_t zero = 7;
    static float numbers[PLACES], room[PLACES];
    for (int type = 0; type < 4; type++)
        for (int logits = 0; logits < 2; logits++) {
            crl_tensor s = { .name = "s", .type = types[type], .shape = { 3, { 1, PLACES, 1 } }, .data = room, .bytes = sizeof room };
            if (types[type] != CRL_FLOAT32) s.quant = (crl_quant){ type == 2 ? &fine : &coarse, &zero, 1, 0 };
            for (int i = 0; i < PLACES; i++) {
                const int32_t q = type == 0 ? i & 255 : type == 1 ? (i & 255) - 128 : check_range(t, -32768, 32767);
                if (type == 0) ((uint8_t *)s.data)[i] = (uint8_t)q;
                if (type == 1) ((int8_t *)s.data)[i] = (int8_t)q;
                if (type == 2) ((int16_t *)s.data)[i] = (int16_t)q;
                if (type == 3) room[i] = (float)q / 4096;
                const float x = type == 3 ? room[i] : (type == 2 ? fine : coarse) * (float)(q - zero);
                numbers[i] = logits ? 1 / (1 + expf(-x)) : x;
            }
            for (int round = 0; round < check_rounds(t, 200); round++) {
                const float base = numbers[check_range(t, 0, PLACES - 1)];
                const float towards[] = { -INFINITY, base, INFINITY }, threshold = nextafterf(base, towards[round % 3]);
                int32_t want = 0;
                for (int i = 0; i < PLACES; i++) want += numbers[i] >= threshold;
                const int32_t n = count_reaching(t, &s, logits ? CRL_SCORES_LOGITS : CRL_SCORES_PROBABILITIES, threshold);
                if (!check_that(t, n == want, "%s%s: %d at least %.9g, not %d", crl_type_name(types[type]), logits ? " logits" : "", n,
                                (double)threshold, want))
                    break;
            }
        }
}

/* ---- ties, order, and what is refused ---- */

/* Rows of YOLOv5: x, y, width, height, objectness, two scores. */
static int32_t read_rows(check *t, float (*rows)[7], int32_t n, const crl_detector_options *options, crl_detection *out, int32_t cap)
{
    crl_tensor v = { .name = "rows", .type = CRL_FLOAT32, .shape = { 3, { 1, n, 7 } }, .data = rows, .bytes = (size_t)n * sizeof *rows };
    const crl_tensor *outputs[] = { &v }, input = picture_input(100, 100);
    const crl_letterbox whole = { 100, 100, 100, 100, 100, 100, 100, 100 };
    crl_detector *d;
    crl_error err;
    int32_t found = -1;
    if (!check_that(t, !crl_detector_new(&d, outputs, 1, &input, options, &err), "%s", err.text)) return -1;
    check_that(t, !crl_detector_read(d, outputs, 1, &whole, 0.5f, out, cap, &found, &err), "%s", err.text);
    crl_detector_free(d);
    return found;
}

void check_heads_order(check *t, unsigned cpu)
{
    (void)cpu;
    enum { N = 8 };
    const crl_detector_options v5 = { .head = CRL_HEAD_YOLOV5 }, agnostic = { .head = CRL_HEAD_YOLOV5, .agnostic = true },
                               all = { .head = CRL_HEAD_YOLOV5, .iou = 1 };
    float rows[N][7] = {
        { 0.2f, 0.2f, 0.2f, 0.2f, 1, 0, 0.75f },    { 0.2f, 0.2f, 0.2f, 0.2f, 1, 0.75f, 0.75f }, /* the first of equal classes */
        { 0.2f, 0.2f, 0.2f, 0.2f, 1, 0.75f, 0 },    { 0.7f, 0.7f, 0.2f, 0.2f, 0.75f, 1, 0 },
        { 0.71f, 0.7f, 0.2f, 0.2f, 1, 0.76f, 0 },   { 0.5f, 0.5f, 0.2f, 0.2f, 0.49f, 1, 1 },     /* below the threshold */
        { 0.5f, 0.5f, NAN, 0.2f, 1, 1, 1 },         { 1.5f, 0.5f, 0.2f, 0.2f, 1, 1, 1 },         /* outside */
    };
    crl_detection out[N];
    int32_t n = read_rows(t, rows, N, &v5, out, N);
    check_that(t, n == 3 && out[0].index == 0 && out[0].score == 0.76f && out[1].index == 0 && out[1].box.x0 < 20 && out[2].index == 1,
               "%d by class", n);
    n = read_rows(t, rows, N, &agnostic, out, N);
    check_that(t, n == 2 && out[1].index == 0, "%d whatever the class", n);
    n = read_rows(t, rows, N, &all, out, N);
    check_that(t, n == 5, "%d that overlap", n);
    n = read_rows(t, rows, N, &v5, out, 2);
    check_that(t, n == 2, "%d in room for 2", n);
    check_that(t, out[0].reserved[0] == 0 && out[0].reserved[9] == 0, "reserved words of a result");
}

/* Numbers at the edges of what makes sense: what a detector for pictures of 32 x 32 finds in these outputs. */
static int32_t read_small(check *t, const crl_tensor *const *outputs, int32_t n_outputs, crl_detector_options options, float threshold,
                          crl_detection *out)
{
    const crl_letterbox whole = { 32, 32, 32, 32, 32, 32, 32, 32 };
    const crl_tensor input = picture_input(32, 32);
    crl_detector *d;
    crl_error err;
    int32_t n = -1;
    if (!check_that(t, !crl_detector_new(&d, outputs, n_outputs, &input, &options, &err), "%s", err.text)) return -1;
    check_that(t, !crl_detector_read(d, outputs, n_outputs, &whole, threshold, out, 32, &n, &err), "%s", err.text);
    crl_detector_free(d);
    return n;
}

/* As many columns as places: planes, as the exporter has them. */
static void square(check *t)
{
    float v[21][21] = { { 0 } };
    for (int k = 0; k < 4; k++) v[k][3] = 0.5f;
    v[4][3] = 0.75f;
    const crl_tensor output = { .name = "v", .type = CRL_FLOAT32, .shape = { 3, { 1, 21, 21 } }, .data = v, .bytes = sizeof v };
    const crl_tensor *outputs[] = { &output };
    crl_detection out[32];
    const int32_t n = read_small(t, outputs, 1, (crl_detector_options){ 0 }, 0.25f, out);
    check_that(t, n == 1 && out[0].index == 0 && out[0].box.x0 == 8, "%d in a square", n);
}

static void endless_corners(check *t)
{
    float corners[2][4] = { { -INFINITY, 0, 0.5f, 0.5f }, { 0, 0, 0.5f, 0.5f } }, ones[2] = { 1, 1 };
    const crl_tensor b = { .name = "b", .type = CRL_FLOAT32, .shape = { 3, { 1, 2, 4 } }, .data = corners, .bytes = sizeof corners };
    const crl_tensor s = { .name = "s", .type = CRL_FLOAT32, .shape = { 3, { 1, 2, 1 } }, .data = ones, .bytes = sizeof ones };
    const crl_tensor *outputs[] = { &b, &s };
    crl_detection out[32];
    const int32_t n = read_small(t, outputs, 2, (crl_detector_options){ CRL_HEAD_YOLO_CORNERS, .iou = 1 }, 0.5f, out);
    check_that(t, n == 1, "%d with endless corners", n);
}

/* Powers that no float holds; the certain bin is the distance. */
static void steep_distributions(check *t)
{
    static float bins[21][64], scores[21][2];
    for (int k = 0; k < 4; k++) bins[0][16 * k + 1] = 500;
    scores[0][0] = 2, scores[1][0] = -2;
    const crl_tensor b = { .name = "b", .type = CRL_FLOAT32, .shape = { 3, { 1, 21, 64 } }, .data = bins, .bytes = sizeof bins };
    const crl_tensor s = { .name = "s", .type = CRL_FLOAT32, .shape = { 3, { 1, 21, 2 } }, .data = scores, .bytes = sizeof scores };
    const crl_tensor *outputs[] = { &s, &b };
    crl_detection out[32];
    const int32_t n = read_small(t, outputs, 2, (crl_detector_options){ 0 }, 0.75f, out);
    check_that(t, n == 1 && out[0].box.x0 == 0 && out[0].box.x1 == 12, "%d, to %g", n, (double)out[0].box.x1);
}

/* Rows that are not used may hold anything: scores of chosen boxes are never logits. */
static void unused_rows(check *t)
{
    float rows[2][6] = { { 0, 0, 0.5f, 0.5f, 0.75f, 3 }, { 0, 0, 0, 0, -1, 0 } };
    const crl_tensor output = { .name = "c", .type = CRL_FLOAT32, .shape = { 3, { 1, 2, 6 } }, .data = rows, .bytes = sizeof rows };
    const crl_tensor *outputs[] = { &output };
    crl_detection out[32];
    const int32_t n = read_small(t, outputs, 1, (crl_detector_options){ CRL_HEAD_YOLO_CHOSEN }, 0.5f, out);
    check_that(t, n == 1 && out[0].score == 0.75f && out[0].index == 3, "%d chosen", n);
}

/* One step below 0 is a rounding, not a logit. */
static void coarse_scores(check *t)
{
    static const float half = 0.5f;
    static const int32_t two = 2;
    uint8_t rows[21][6];
    memset(rows, 2, sizeof rows);
    memset(rows[0], 3, 4);
    rows[0][4] = 4, rows[1][4] = 1;
    const crl_tensor output = { .name = "q", .type = CRL_UINT8, .shape = { 3, { 1, 21, 6 } }, .quant = { &half, &two, 1, 0 }, .data = rows,
                                .bytes = sizeof rows };
    const crl_tensor *outputs[] = { &output };
    crl_detection out[32];
    const int32_t n = read_small(t, outputs, 1, (crl_detector_options){ CRL_HEAD_YOLOV8, .boxes = CRL_BOXES_RELATIVE }, 0.9f, out);
    check_that(t, n == 1 && out[0].score == 1, "%d beside a rounding", n);
}

/* Of MediaPipe's 896 faces in 128 x 128, two of a cell and one of the second grid: centres count from the middle of the cell. */
static void mediapipe_faces(check *t)
{
    static float boxes[896][16], logits[896];
    for (int i = 0; i < 896; i++) logits[i] = -100;
    const int32_t anchors[] = { 2 * (16 * 3 + 5), 2 * (16 * 3 + 5) + 1, 512 + 6 * (8 * 7 + 1) + 5 };
    static const float want[][3] = { { 36, 20, 16 }, { 44, 28, 8 }, { 8, 104, 32 } }; /* left, top, side */
    for (int i = 0; i < 3; i++) {
        float *v = boxes[anchors[i]];
        v[0] = v[1] = i == 1 ? 4 : 0, v[2] = v[3] = want[i][2];
        logits[anchors[i]] = (float)(3 - i);
    }
    const crl_tensor b = { .name = "b", .type = CRL_FLOAT32, .shape = { 3, { 1, 896, 16 } }, .data = boxes, .bytes = sizeof boxes };
    const crl_tensor s = { .name = "s", .type = CRL_FLOAT32, .shape = { 3, { 1, 896, 1 } }, .data = logits, .bytes = sizeof logits };
    const crl_tensor *orders[][2] = { { &b, &s }, { &s, &b } }, input = picture_input(128, 128);
    const crl_letterbox whole = { 128, 128, 128, 128, 128, 128, 128, 128 };
    for (int i = 0; i < 2; i++) {
        crl_detector *d;
        crl_detection out[8];
        int32_t n = 0;
        crl_error err;
        if (!check_that(t, !crl_detector_new(&d, orders[i], 2, &input, NULL, &err), "%s", err.text)) return;
        check_that(t, !crl_detector_read(d, orders[i], 2, &whole, 0.5f, out, 8, &n, &err) && n == 3, "%d faces", n);
        for (int k = 0; k < n && k < 3; k++)
            check_that(t, fabsf(out[k].box.x0 - want[k][0]) < 1e-3f && fabsf(out[k].box.y0 - want[k][1]) < 1e-3f &&
                       fabsf(out[k].box.x1 - out[k].box.x0 - want[k][2]) < 1e-3f,
                       "face %d at %g,%g to %g", k, (double)out[k].box.x0, (double)out[k].box.y0, (double)out[k].box.x1);
        crl_detector_free(d);
    }
}

/* Corners in the place of centre and size, which all 525 anchors show; with one that cannot be, they are not. */
static void corners_of_v8(check *t)
{
    enum { N = 525 };
    static float v[5][N];
    const crl_tensor output = { .name = "v", .type = CRL_FLOAT32, .shape = { 3, { 1, 5, N } }, .data = v, .bytes = sizeof v };
    const crl_tensor *outputs[] = { &output }, input = picture_input(160, 160);
    const crl_letterbox whole = { 160, 160, 160, 160, 160, 160, 160, 160 };
    for (int i = 0; i < N; i++) v[0][i] = v[1][i] = (float)(i % 20) / 20, v[2][i] = v[3][i] = v[0][i] + 0.05f;
    v[0][7] = 0.5f, v[1][7] = 0.25f, v[2][7] = 0.75f, v[3][7] = 0.75f, v[4][7] = 0.875f;
    for (int centres = 0; centres < 2; centres++) {
        crl_detector *d;
        crl_detection out[4];
        int32_t n = 0;
        crl_error err;
        if (centres) v[3][400] = 0, v[1][400] = 0.5f;
        if (!check_that(t, !crl_detector_new(&d, outputs, 1, &input, NULL, &err), "%s", err.text)) return;
        check_that(t, !crl_detector_read(d, outputs, 1, &whole, 0.5f, out, 4, &n, &err) && n == 1, "%d boxes", n);
        check_that(t, out[0].box.x0 == (centres ? 20 : 80) && out[0].box.x1 == (centres ? 140 : 120), "centres %d: %g to %g", centres,
                   (double)out[0].box.x0, (double)out[0].box.x1);
        crl_detector_free(d);
    }
}

/* Pixels, objectness and scores in steps of 2: the last two are percents. */
static void percents(check *t)
{
    static const float two = 2;
    static const int32_t zero = 0;
    uint8_t rows[63][6] = { { 8, 8, 4, 4, 40, 50 }, { 4, 4, 4, 4, 2, 50 } };
    const crl_tensor output = { .name = "q", .type = CRL_UINT8, .shape = { 3, { 1, 63, 6 } }, .quant = { &two, &zero, 1, 0 }, .data = rows,
                                .bytes = sizeof rows };
    const crl_tensor *outputs[] = { &output };
    crl_detection out[32];
    const int32_t n = read_small(t, outputs, 1, (crl_detector_options){ CRL_HEAD_YOLOV5 }, 0.5f, out);
    check_that(t, n == 1 && fabsf(out[0].score - 0.8f) < 1e-6f && out[0].box.x0 == 12, "%d in percents, %g", n, (double)out[0].score);
}

/* A scale that goes beyond 2 because of logits or weights: fractions all the same. One that reaches the input's width: pixels. */
static void shared_scales(check *t)
{
    static const float scales[] = { 0.0125f, 0.125f };
    static const int32_t zero = 0;
    uint8_t rows[21][6] = { { 40, 40, 40, 40, 60, 0 } };
    for (int i = 0; i < 2; i++) {
        const crl_tensor output = { .name = "q", .type = CRL_UINT8, .shape = { 3, { 1, 21, 6 } }, .quant = { &scales[i], &zero, 1, 0 },
                                    .data = rows, .bytes = sizeof rows };
        const crl_tensor *outputs[] = { &output };
        crl_detection out[32];
        const int32_t n = read_small(t, outputs, 1, (crl_detector_options){ CRL_HEAD_YOLOV8 }, 0.5f, out);
        const float left = i ? 2.5f : 8; /* half of 5 pixels, or of half the picture */
        check_that(t, n == 1 && fabsf(out[0].box.x0 - left) < 1e-4f, "scale %g: %d, from %g", (double)scales[i], n, (double)out[0].box.x0);
    }
}

void check_heads_edges(check *t, unsigned cpu)
{
    (void)cpu;
    square(t);
    endless_corners(t);
    steep_distributions(t);
    unused_rows(t);
    coarse_scores(t);
    shared_scales(t);
    percents(t);
    mediapipe_faces(t);
    corners_of_v8(t);
}

/* Weights of masks are no scores, wherever the masks are. */
void check_heads_masks(check *t, unsigned cpu)
{
    (void)cpu;
    float rows[21][9] = { { 0.5f, 0.5f, 0.5f, 0.5f, 0.75f, 0.5f, 9, 9, 9 }, { 0.5f, 0.5f, 0.5f, 0.5f, 0.25f, 0.125f, -9, 9, 9 } };
    float masks[8 * 8 * 3] = { 0 };
    const crl_tensor v = { .name = "rows", .type = CRL_FLOAT32, .shape = { 3, { 1, 21, 9 } }, .data = rows, .bytes = sizeof rows };
    const crl_tensor m = { .name = "masks", .type = CRL_FLOAT32, .shape = { 4, { 1, 8, 8, 3 } }, .data = masks, .bytes = sizeof masks };
    const crl_tensor *orders[][2] = { { &v, &m }, { &m, &v } }, input = picture_input(32, 32);
    for (int i = 0; i < 2; i++) {
        crl_detector *d;
        crl_detection out[4];
        int32_t n;
        crl_error err;
        if (!check_that(t, !crl_detector_new(&d, orders[i], 2, &input, &(crl_detector_options){ CRL_HEAD_YOLOV8 }, &err), "%s", err.text)) return;
        check_that(t, crl_detector_classes(d) == 2, "%d classes", crl_detector_classes(d));
        check_that(t, !crl_detector_read(d, orders[i], 2, &frame, 0.5f, out, 4, &n, &err) && n == 1 && out[0].index == 0 && out[0].score == 0.75f,
                   "%d boxes", n);
        crl_detector_free(d);
    }
}

void check_heads_refused(check *t, unsigned cpu)
{
    (void)cpu;
    static const float scales[] = { 1, 1 }, minus[] = { -1 };
    static const int32_t zeroes[] = { 0, 0 };
    const crl_tensor input = picture_input(HEIGHT, WIDTH);
    float none[4] = { 0 };
    const crl_tensor rows = { .name = "rows", .type = CRL_UINT8, .shape = { 3, { 1, 126, 9 } } };
    crl_tensor odd = rows, two = rows, negative = rows, doubles = rows, flat = rows;
    odd.shape.dim[1] = 127;
    two.quant = (crl_quant){ scales, zeroes, 2, 2 };
    negative.quant = (crl_quant){ minus, zeroes, 1, 0 };
    doubles.type = CRL_FLOAT64;
    flat.shape.rank = 2;
    const crl_anchor table[2] = { { 0 } };
    const crl_anchors few = { table, 2, .x_scale = 1, .y_scale = 1, .w_scale = 1, .h_scale = 1 }, zero = { table, 126, .x_scale = 1 };
    const crl_tensor boxes = { .name = "boxes", .type = CRL_FLOAT32, .shape = { 3, { 1, 126, 4 } }, .data = none, .bytes = 16 };
    const crl_tensor single = { .name = "rows", .type = CRL_FLOAT32, .shape = { 3, { 1, 126, 1 } } };
    const crl_tensor endless = { .name = "masks", .type = CRL_FLOAT32, .shape = { 4, { 1, 0, 1, INT32_MAX } } };
    const struct {
        const crl_tensor *outputs[2];
        crl_detector_options options;
        crl_status status;
        const char *says;
    } cases[] = {
        { { &odd }, { CRL_HEAD_AUTO }, CRL_ERR_UNSUPPORTED, "1 outputs [1,127,9] are those of no detector" },
        { { &odd }, { CRL_HEAD_YOLOX }, CRL_ERR_UNSUPPORTED, "[1,127,9] are not those of yolox, which has [1,n,5+c]" },
        { { &flat }, { CRL_HEAD_YOLOV8 }, CRL_ERR_UNSUPPORTED, "[1,126] are not those of yolov8" },
        { { &rows }, { CRL_HEAD_YOLO_CHOSEN }, CRL_ERR_UNSUPPORTED, "yolo-chosen, which has [1,n,6]" },
        { { &single, &endless }, { CRL_HEAD_YOLOV5 }, CRL_ERR_UNSUPPORTED, "not those of yolov5" },
        { { &single, &endless }, { CRL_HEAD_YOLOV8 }, CRL_ERR_UNSUPPORTED, "not those of yolov8" },
        { { &two }, { CRL_HEAD_AUTO }, CRL_ERR_UNSUPPORTED, "2 scales" },
        { { &negative }, { CRL_HEAD_AUTO }, CRL_ERR_UNSUPPORTED, "scale -1" },
        { { &doubles }, { CRL_HEAD_AUTO }, CRL_ERR_UNSUPPORTED, "FLOAT64" },
        { { &rows }, { .iou = 1.5f }, CRL_ERR_ARGUMENT, "1.5" },
        { { &rows }, { .iou = NAN }, CRL_ERR_ARGUMENT, "nan" },
        { { &rows }, { .head = (crl_head)99 }, CRL_ERR_ARGUMENT, "99" },
        { { &rows }, { CRL_HEAD_YOLOV8, .boxes = CRL_BOXES_CELLS }, CRL_ERR_ARGUMENT, "cells" },
        { { &boxes, &rows }, { CRL_HEAD_SSD_RAW }, CRL_ERR_ARGUMENT, "no table" },
        { { &boxes, &rows }, { CRL_HEAD_SSD_RAW, .anchors = &few }, CRL_ERR_ARGUMENT, "2 anchors for 126" },
        { { &boxes, &rows }, { CRL_HEAD_SSD_RAW, .anchors = &zero }, CRL_ERR_ARGUMENT, "scale of 0" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        crl_detector *d = NULL;
        crl_error err = { 0 };
        const crl_status s = crl_detector_new(&d, cases[i].outputs, cases[i].outputs[1] ? 2 : 1, &input, &cases[i].options, &err);
        check_that(t, s == cases[i].status && !d && strstr(err.text, cases[i].says), "case %zu: %s", i, err.text);
        crl_detector_free(d);
    }
}

/* A detector reads outputs like those that it was made for, with data. */
void check_heads_changed(check *t, unsigned cpu)
{
    (void)cpu;
    const crl_tensor input = picture_input(HEIGHT, WIDTH);
    const crl_tensor rows = { .name = "rows", .type = CRL_UINT8, .shape = { 3, { 1, 126, 9 } } };
    crl_tensor odd = rows;
    odd.shape.dim[1] = 127;
    crl_detector *d;
    check_that(t, crl_detector_new(&d, NULL, 0, &input, NULL, NULL) == CRL_ERR_UNSUPPORTED && !d, "no outputs");
    const crl_tensor *outputs[] = { &rows };
    check_that(t, crl_detector_new(&d, outputs, 1, NULL, &(crl_detector_options){ CRL_HEAD_YOLOV8 }, NULL) == CRL_ERR_ARGUMENT, "no input");
    crl_detection out[1];
    int32_t n = 7;
    if (!check_that(t, !crl_detector_new(&d, outputs, 1, &input, NULL, NULL), "rows")) return;
    check_that(t, crl_detector_read(d, outputs, 1, &frame, 0, out, 1, &n, NULL) == CRL_ERR_ARGUMENT && !n, "no data");
    outputs[0] = &odd;
    check_that(t, crl_detector_read(d, outputs, 1, &frame, 0, out, 1, &n, NULL) == CRL_ERR_ARGUMENT && !n, "another shape");
    check_that(t, crl_detector_read(d, outputs, 0, &frame, 0, out, 1, &n, NULL) == CRL_ERR_ARGUMENT && !n, "no outputs now");
    crl_detector_free(d);
}

/* ---- anything ---- */

/* Outputs of every head, full of one number or of noise: time and memory are bounded, results make sense. */
void check_heads_anything(check *t, unsigned cpu)
{
    (void)cpu;
    enum { CELLS = 8400, CLASSES = 2, CAP = 20000 };
    const float fills[] = { 0, 1, -1, 0.5f, NAN, INFINITY, -INFINITY, 3.4e38f, 1e-45f };
    static float room[CELLS * 64], scores[CELLS * CLASSES];
    static crl_detection out[CAP];
    crl_tensor v = { .name = "it", .type = CRL_FLOAT32, .data = room, .bytes = sizeof room };
    crl_tensor s = { .name = "s", .type = CRL_FLOAT32, .shape = { 3, { 1, CELLS, CLASSES } }, .data = scores, .bytes = sizeof scores };
    const crl_tensor *outputs[] = { &v, &s };
    const struct {
        crl_head head;
        int32_t channels, n;
    } heads[] = { { CRL_HEAD_YOLOV5, 7, 1 }, { CRL_HEAD_YOLOV8, 6, 1 }, { CRL_HEAD_YOLO_SPLIT, 64, 2 }, { CRL_HEAD_YOLO_CORNERS, 4, 2 },
                  { CRL_HEAD_YOLO_CHOSEN, 6, 1 }, { CRL_HEAD_YOLOX, 7, 1 } };
    for (size_t h = 0; h < sizeof heads / sizeof heads[0]; h++) {
        /* The first has more cells than are looked at; of others a sample has fewer. */
        const int32_t side = h && check_rounds(t, 8) < 8 ? 160 : 640, cells = side * side / 64 * 21 / 16;
        const crl_tensor input = picture_input(side, side);
        v.shape = (crl_shape){ 3, { 1, cells, heads[h].channels } };
        s.shape.dim[1] = cells;
        crl_detector *d;
        crl_error err;
        if (!check_that(t,
                        !crl_detector_new(&d, outputs, heads[h].n, &input, &(crl_detector_options){ heads[h].head },
                                          &err),
                        "%s", err.text))
            return;
        for (size_t k = 0; k <= sizeof fills / sizeof fills[0]; k++) {
            const bool noise = k == sizeof fills / sizeof fills[0];
            if (noise) check_fill(t, room, sizeof room), check_fill(t, scores, sizeof scores);
            for (size_t i = 0; !noise && i < CELLS * 64; i++) room[i] = fills[k];
            for (size_t i = 0; !noise && i < CELLS * CLASSES; i++) scores[i] = fills[k];
            int32_t n;
            check_that(t, !crl_detector_read(d, outputs, heads[h].n, &frame, -INFINITY, out, CAP, &n, NULL) && n <= 8192, "%d results", n);
            for (int32_t i = 0; i < n; i++) {
                const crl_box b = out[i].box;
                const bool sound = b.x0 >= 0 && b.x1 > b.x0 && b.x1 <= 200 && b.y0 >= 0 && b.y1 > b.y0 && b.y1 <= 160 && out[i].index >= 0;
                if (!check_that(t, sound && (!i || out[i].score <= out[i - 1].score), "head %zu, fill %zu, result %d", h, k, i)) break;
            }
        }
        crl_detector_free(d);
    }
    const crl_tensor input = picture_input(640, 640);
    v.shape.dim[1] = s.shape.dim[1] = 0;
    v.shape.dim[2] = 6;
    v.data = NULL;
    crl_detector *d;
    int32_t n;
    if (!check_that(t, !crl_detector_new(&d, outputs, 1, &input, &(crl_detector_options){ CRL_HEAD_YOLO_CHOSEN }, NULL), "no anchors")) return;
    check_that(t, !crl_detector_read(d, outputs, 1, &frame, 0, out, CAP, &n, NULL) && n == 0, "%d out of nothing", n);
    crl_detector_free(d);
}

/* ---- speed ---- */

/* A frame of 2,100 anchors and 80 classes, of which some dozens of anchors reach the threshold, in nests as objects make. */
static void fill_frame(check *t, crl_tensor *v, bool planes)
{
    const size_t n = crl_shape_count(&v->shape);
    const int32_t low = v->type == CRL_INT8 ? -128 : 0;
    for (size_t i = 0; i < n; i++) {
        const size_t anchor = planes ? i % 2100 : i / (size_t)v->shape.dim[2];
        const int32_t byte = anchor % 300 < 6 ? check_range(t, 100, 255) : check_range(t, 0, 100);
        if (v->type == CRL_FLOAT32)
            ((float *)v->data)[i] = (float)byte / 255;
        else if (v->type == CRL_INT16)
            ((int16_t *)v->data)[i] = (int16_t)(byte * 128);
        else
            ((uint8_t *)v->data)[i] = (uint8_t)(byte + low);
    }
}

static void bench_frame(check *t, const char *name, crl_head head, crl_type type, bool planes, float threshold)
{
    static const float one = 1.0f / 255, eighth = 1.0f / 32, fine = 1.0f / 32640;
    static const int32_t zero = 0, low = -128, middle = 128;
    const bool split = head == CRL_HEAD_YOLO_SPLIT;
    const crl_tensor input = picture_input(320, 320);
    const int32_t channels = split ? 80 : 84;
    crl_tensor v[2] = { { .name = "scores", .type = type, .shape = { 3, { 1, 2100, channels } } },
                        { .name = "boxes", .type = type, .shape = { 3, { 1, 2100, 64 } } } };
    if (planes) v[0].shape = (crl_shape){ 3, { 1, channels, 2100 } };
    const crl_tensor *outputs[] = { &v[0], &v[1] };
    for (int i = 0; i < 2; i++) {
        v[i].bytes = crl_shape_count(&v[i].shape) * crl_type_bytes(type);
        v[i].data = check_guarded(t, v[i].bytes);
        if (type != CRL_FLOAT32)
            v[i].quant = (crl_quant){ split ? &eighth : type == CRL_INT16 ? &fine : &one,
                                      split && type == CRL_UINT8 ? &middle : type == CRL_INT8 && !split ? &low : &zero, 1, 0 };
        fill_frame(t, &v[i], planes);
    }
    crl_detector *d;
    crl_detection out[100];
    int32_t n;
    crl_error err;
    if (!check_that(t, !crl_detector_new(&d, outputs, split ? 2 : 1, &input, &(crl_detector_options){ head }, &err), "%s", err.text)) return;
    check_name(t, name);
    check_that(t, !crl_detector_read(d, outputs, split ? 2 : 1, &frame, threshold, out, 100, &n, &err) && n > 0, "%s: %d", name, n);
    check_bench(t, 1, crl_detector_read(d, outputs, split ? 2 : 1, &frame, threshold, out, 100, &n, &err));
    crl_detector_free(d);
    check_release(t);
}

void check_heads_speed(check *t, unsigned cpu)
{
    (void)cpu;
    bench_frame(t, "split uint8", CRL_HEAD_YOLO_SPLIT, CRL_UINT8, false, 0.5f);
    bench_frame(t, "split int8", CRL_HEAD_YOLO_SPLIT, CRL_INT8, false, 0.5f);
    bench_frame(t, "split uint8, all reach it", CRL_HEAD_YOLO_SPLIT, CRL_UINT8, false, 0);
    bench_frame(t, "yolov8 planes uint8", CRL_HEAD_YOLOV8, CRL_UINT8, true, 0.5f);
    bench_frame(t, "yolov8 planes int8", CRL_HEAD_YOLOV8, CRL_INT8, true, 0.5f);
    bench_frame(t, "yolov8 rows int8", CRL_HEAD_YOLOV8, CRL_INT8, false, 0.5f);
    bench_frame(t, "yolov8 planes int16", CRL_HEAD_YOLOV8, CRL_INT16, true, 0.5f);
    bench_frame(t, "yolov8 planes float", CRL_HEAD_YOLOV8, CRL_FLOAT32, true, 0.5f);
    bench_frame(t, "yolov8 rows float", CRL_HEAD_YOLOV8, CRL_FLOAT32, false, 0.5f);
}
