/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the outputs of a detector, and of a pose model: shapes, types, scales, options and data.
 *
 *   0 head   1 form of scores   2 unit of boxes   3 outputs, bit 7: suppress whatever the class, bit 5: scores of named classes
 *   alone, bit 4: an angle behind them   4,5 sides of the input / 8
 *   6 labels   7 threshold, overlap   then 8 bytes for each output: type, rank, dimensions (16 bits each, the first is 1)
 *   and the exponent of its scale; 0: none. The rest is data, over and over. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <corallite/vision.h>

#include "fuzz.h"

enum { OUTPUTS = 4, HEAD = 8, OUTPUT = 8, MOST = 1 << 21, CAP = 64 };

typedef struct output {
    crl_tensor tensor;
    float scale;
    int32_t zero;
} output;

/* The tensor that 8 bytes describe, with data in memory of its own. false: it is too large. */
static bool make(output *m, const uint8_t *p, const uint8_t *fill, size_t n)
{
    static const crl_type types[] = { CRL_FLOAT32, CRL_UINT8, CRL_INT8, CRL_INT16, CRL_INT32, CRL_FLOAT64 };
    static const int32_t anchors[] = { 0, 1, 84, 126, 252, 300, 2100, 8400 };
    crl_tensor *t = &m->tensor;
    *t = (crl_tensor){ .name = "o", .type = types[p[0] % 6], .shape = { p[1] % 5, { 1 } } };
    for (int32_t d = 1; d < t->shape.rank; d++) t->shape.dim[d] = d < 3 ? p[2 * d] | (p[2 * d + 1] & 3) << 8 : 1;
    if (p[1] & 0x80 && t->shape.rank > 2) t->shape.dim[1 + (p[1] >> 6 & 1)] = anchors[p[1] >> 3 & 7];
    if (p[7]) {
        m->scale = ldexpf(1.0f, p[7] % 64 - 40);
        m->zero = (int8_t)p[6];
        t->quant = (crl_quant){ &m->scale, &m->zero, 1, 0 };
    }
    t->bytes = crl_shape_count(&t->shape) * crl_type_bytes(t->type);
    uint8_t *data = t->bytes <= MOST ? malloc(t->bytes) : NULL;
    for (size_t i = 0; data && i < t->bytes; i++) data[i] = fill[i % n];
    t->data = data;
    return data;
}

static void check_results(const crl_detection *out, int32_t n, float threshold)
{
    for (int32_t i = 0; i < n; i++) {
        const crl_box b = out[i].box;
        if (!(b.x0 >= 0 && b.x1 >= b.x0 && b.x1 <= 90 && b.y0 >= 0 && b.y1 >= b.y0 && b.y1 <= 100)) abort();
        if (!(out[i].score >= threshold) || out[i].index < 0 || (i && out[i].score > out[i - 1].score)) abort();
    }
}

static void read_poses(const crl_tensor *const *outputs, int32_t n_outputs, const crl_letterbox *frame, float threshold)
{
    crl_pose out[CAP];
    int32_t n;
    if (crl_poses_read(outputs, n_outputs, frame, threshold, out, CAP, &n, NULL)) return;
    if (n < 0 || n > CAP) abort();
    for (int32_t i = 0; i < n; i++)
        if (!(out[i].score >= threshold) || (i && out[i].score > out[i - 1].score)) abort();
}

static void read(const uint8_t *p, const crl_tensor *const *outputs, int32_t n_outputs)
{
    crl_anchor table[300];
    for (int i = 0; i < 300; i++) table[i] = (crl_anchor){ (float)(i % 10) / 10, 0.5f, 0.1f, (float)i / 300 };
    const crl_anchors anchors = { table, 300, p[6], .x_scale = 10, .y_scale = 10, .w_scale = 5, .h_scale = 5,
                                  .exponential = true, .logits = p[6] & 1 };
    const crl_tensor input = { .name = "i", .type = CRL_UINT8, .shape = { 4, { 1, 8 * p[4], 8 * p[5], 3 } } };
    const crl_letterbox frame = { 100, 100, 90, 100, 8 * p[5], 8 * p[4], 8 * p[5], 8 * p[4] };
    const crl_detector_options options = { .head = (crl_head)(p[0] % 11), .scores = (crl_score_form)(p[1] % 4),
                                           .boxes = (crl_box_unit)(p[2] % 5), .iou = (float)(p[7] >> 4) / 15,
                                           .agnostic = p[3] & 0x80, .named = p[3] & 0x20, .turned = p[3] & 0x10,
                                           .labels = p[6], .anchors = p[3] & 0x40 ? &anchors : NULL };
    const float threshold = (p[7] & 15) == 15 ? -INFINITY : (float)(p[7] & 15) / 15;
    crl_detector *d;
    crl_detection out[CAP];
    int32_t n;
    crl_error err = { 0 };
    (void)crl_recognise(outputs, n_outputs, &input, NULL, p[6]);
    read_poses(outputs, n_outputs, &frame, threshold);
    if (crl_detector_new(&d, outputs, n_outputs, &input, &options, &err)) {
        if (d || !*err.text) abort();
        return;
    }
    if (crl_detector_read(d, outputs, n_outputs, &frame, threshold, out, CAP, &n, &err) ? n : n > CAP) abort();
    check_results(out, n, threshold);
    crl_detector_free(d);
}

int fuzz_heads(const uint8_t *bytes, size_t size)
{
    output m[OUTPUTS];
    const crl_tensor *outputs[OUTPUTS] = { NULL };
    if (size < HEAD) return 0;
    const int32_t n = bytes[3] % (OUTPUTS + 1);
    const size_t head = HEAD + (size_t)n * OUTPUT;
    if (size <= head) return 0;
    int32_t made = 0;
    while (made < n && make(&m[made], bytes + HEAD + made * OUTPUT, bytes + head, size - head)) {
        outputs[made] = &m[made].tensor;
        made++;
    }
    if (made == n) read(bytes, outputs, n);
    for (int32_t i = 0; i < made; i++) free(m[i].tensor.data);
    return 0;
}
