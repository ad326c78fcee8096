/* SPDX-License-Identifier: Apache-2.0 */
/* Decoding of poses, to be checked by eye: see posenet.h. */
#include "kernels/posenet.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "kernels/heap.h"

enum { KEYPOINTS = CRL_POSE_KEYPOINTS, EDGES = CRL_POSE_EDGES, REFINEMENTS = 5, LONG_STEPS = 3, RADIUS = 1 };

/* The skeleton: keypoints in COCO's order (0 nose, 1 left eye, 2 right eye, 3 left ear, ... 16 right ankle).
 * Forward from [0] to [1], backward the other way round. */
static const uint8_t edges[EDGES][2] = {
    { 0, 1 }, { 1, 3 },  { 0, 2 },   { 2, 4 },   { 0, 5 }, { 5, 7 },  { 7, 9 },   { 5, 11 },
    { 11, 13 }, { 13, 15 }, { 0, 6 }, { 6, 8 }, { 8, 10 }, { 6, 12 }, { 12, 14 }, { 14, 16 },
};

typedef struct point {
    float y, x;
} point;

typedef struct pose {
    point at[KEYPOINTS];
    float score[KEYPOINTS];
} pose;

typedef struct maps {
    int32_t height, width;
    const float *heat, *near, *mid;
} maps;

static float clamp(float v, float lo, float hi)
{
    return v < lo ? lo : hi < v ? hi : v;
}

/* The two cells around x of n, and how far it is from the first. */
static void around(float x, int32_t n, int32_t *floor_x, int32_t *ceil_x, float *part)
{
    const float inside = isnan(x) ? 0 : clamp(x, 0, (float)(n - 1));
    *floor_x = (int32_t)floorf(inside);
    *ceil_x = (int32_t)ceilf(inside);
    *part = x - (float)*floor_x;
}

/* One channel of a map at a position between cells. */
static float sample(const maps *m, const float *map, int32_t channels, point at, int32_t channel)
{
    int32_t y0, y1, x0, x1;
    float py, px;
    around(at.y, m->height, &y0, &y1, &py);
    around(at.x, m->width, &x0, &x1, &px);
    const float *c = map + channel;
    const size_t row = (size_t)m->width * (size_t)channels;
    const size_t top = (size_t)y0 * row, bottom = (size_t)y1 * row;
    const size_t left = (size_t)x0 * (size_t)channels, right = (size_t)x1 * (size_t)channels;
    return (1 - py) * ((1 - px) * c[top + left] + px * c[top + right]) +
           py * ((1 - px) * c[bottom + left] + px * c[bottom + right]);
}

static point moved(const maps *m, point from, float dy, float dx)
{
    return (point){ clamp(from.y + dy, 0, (float)(m->height - 1)), clamp(from.x + dx, 0, (float)(m->width - 1)) };
}

/* Along an edge by the mid offsets, then some times to the keypoint nearby by the short ones. Edge 16, the first
 * of those backward, reads channels of another pair: so does the source, and its results are the reference. */
static point follow(const maps *m, point from, int32_t edge, int32_t target)
{
    const int32_t y_channel = edge > EDGES ? edge + EDGES : edge;
    point at = moved(m, from, sample(m, m->mid, 4 * EDGES, from, y_channel),
                     sample(m, m->mid, 4 * EDGES, from, y_channel + EDGES));
    for (int i = 0; i < REFINEMENTS; i++)
        at = moved(m, at, sample(m, m->near, 2 * KEYPOINTS, at, target),
                   sample(m, m->near, 2 * KEYPOINTS, at, target + KEYPOINTS));
    return at;
}

/* Grows a pose from one keypoint. `queue` holds candidates, each a keypoint, a place and a score. */
static void grow(const maps *m, point root, int32_t root_id, pose *p)
{
    enum { MOST = 2 * EDGES + 1 };
    point at[MOST];
    int32_t id[MOST], queue[MOST];
    float score[MOST];
    size_t made = 0, waiting = 0;
    bool done[KEYPOINTS] = { false };
    at[0] = root, id[0] = root_id, score[0] = sample(m, m->heat, KEYPOINTS, root, root_id);
    queue[waiting++] = (int32_t)made++;
    while (waiting) {
        const int32_t next = queue[0];
        crl_heap_pop(queue, waiting--, score);
        const int32_t from = id[next];
        if (done[from]) continue;
        done[from] = true;
        p->at[from] = at[next];
        p->score[from] = score[next];
        for (int32_t e = 0; e < 2 * EDGES; e++) {
            const int32_t start = edges[e % EDGES][e / EDGES], end = edges[e % EDGES][1 - e / EDGES];
            if (start != from || done[end]) continue;
            at[made] = follow(m, at[next], e, end);
            id[made] = end;
            score[made] = sample(m, m->heat, KEYPOINTS, at[made], end);
            queue[waiting++] = (int32_t)made++;
            crl_heap_push(queue, waiting, score);
        }
    }
}

static bool local_maximum(const maps *m, int32_t y, int32_t x, int32_t id)
{
    const float score = m->heat[((size_t)y * (size_t)m->width + (size_t)x) * KEYPOINTS + (size_t)id];
    const int32_t y0 = y > RADIUS ? y - RADIUS : 0, y1 = y + RADIUS < m->height ? y + RADIUS : m->height - 1;
    const int32_t x0 = x > RADIUS ? x - RADIUS : 0, x1 = x + RADIUS < m->width ? x + RADIUS : m->width - 1;
    for (int32_t v = y0; v <= y1; v++)
        for (int32_t u = x0; u <= x1; u++)
            if (m->heat[((size_t)v * (size_t)m->width + (size_t)u) * KEYPOINTS + (size_t)id] > score) return false;
    return true;
}

/* Queue of the possible roots, as indices of the heatmaps. */
static size_t find_roots(const maps *m, float threshold, int32_t *queue)
{
    size_t n = 0;
    int32_t i = 0;
    for (int32_t y = 0; y < m->height; y++)
        for (int32_t x = 0; x < m->width; x++)
            for (int32_t id = 0; id < KEYPOINTS; id++, i++) {
                if (!(m->heat[i] >= threshold) || !local_maximum(m, y, x, id)) continue;
                queue[n++] = i;
                crl_heap_push(queue, n, m->heat);
            }
    return n;
}

static bool near_to(point a, point b, float squared_radius)
{
    const float dy = b.y - a.y, dx = b.x - a.x;
    return dy * dy + dx * dx <= squared_radius;
}

/* Average of the scores, largest first; those that are hidden count as 0. */
static float average(const float *score, const bool *hidden)
{
    int32_t order[KEYPOINTS], room[KEYPOINTS];
    crl_sort_stable(order, KEYPOINTS, score, room);
    float sum = 0;
    for (int k = 0; k < KEYPOINTS; k++)
        if (!hidden[order[k]]) sum += score[order[k]];
    return sum / KEYPOINTS;
}

/* All poses by their roots, best first: their number. */
static int32_t find_poses(const crl_posenet_params *p, const maps *m, int32_t *queue, pose *poses, float *scores)
{
    static const bool none[KEYPOINTS] = { false };
    const float logit = (float)-log(1.0f / (p->score_threshold + 1e-6) - 1.0f);
    const float squared_radius = p->nms_radius * p->nms_radius;
    size_t waiting = find_roots(m, logit, queue);
    int32_t n = 0;
    while (n < p->max_detections && waiting) {
        const int32_t root = queue[0];
        crl_heap_pop(queue, waiting--, m->heat);
        const int32_t id = root % KEYPOINTS, cell = root / KEYPOINTS;
        const float *offsets = m->near + (size_t)cell * 2 * KEYPOINTS;
        const point center = { (float)(cell / m->width), (float)(cell % m->width) };
        const point at = moved(m, center, offsets[id], offsets[id + KEYPOINTS]);
        bool taken = false;
        for (int32_t i = 0; i < n && !taken; i++) taken = near_to(at, poses[i].at[id], squared_radius);
        if (taken) continue;
        grow(m, at, id, &poses[n]);
        for (int k = 0; k < KEYPOINTS; k++) poses[n].score[k] = 1.0f / (1.0f + expf(-poses[n].score[k]));
        scores[n] = average(poses[n].score, none);
        if (scores[n] >= p->score_threshold) n++;
    }
    return n;
}

/* Keypoints that lie on those of a better pose do not count. */
static void rescore(const pose *poses, const int32_t *order, int32_t n, float squared_radius, float *scores)
{
    for (int32_t i = 0; i < n; i++) {
        const pose *p = &poses[order[i]];
        bool hidden[KEYPOINTS] = { false };
        for (int32_t k = 0; k < i; k++)
            for (int j = 0; j < KEYPOINTS; j++)
                if (near_to(p->at[j], poses[order[k]].at[j], squared_radius)) hidden[j] = true;
        scores[order[i]] = average(p->score, hidden);
    }
}

/* Poses and their scores, then indices. */
size_t crl_posenet_scratch(const crl_posenet_params *p)
{
    const size_t most = (size_t)p->max_detections, cells = (size_t)p->height * (size_t)p->width;
    return most * (sizeof(pose) + sizeof(float) + 2 * sizeof(int32_t)) + cells * KEYPOINTS * sizeof(int32_t);
}

void crl_posenet_decode(const crl_posenet_params *p, const float *heatmaps, const float *short_offsets,
                        const float *mid_offsets, const crl_posenet_output *out, void *scratch)
{
    const size_t most = (size_t)p->max_detections;
    pose *poses = scratch;
    float *scores = (float *)(poses + most);
    int32_t *order = (int32_t *)(scores + most), *room = order + most, *queue = room + most;
    const maps m = { p->height, p->width, heatmaps, short_offsets, mid_offsets };
    const int32_t found = find_poses(p, &m, queue, poses, scores);
    crl_sort_stable(order, (size_t)found, scores, room);
    rescore(poses, order, found, p->nms_radius * p->nms_radius, scores);
    crl_sort_stable(order, (size_t)found, scores, room);

    memset(out->keypoints, 0, most * KEYPOINTS * 2 * sizeof(float));
    memset(out->keypoint_scores, 0, most * KEYPOINTS * sizeof(float));
    memset(out->scores, 0, most * sizeof(float));
    int32_t n = 0;
    for (; n < found && scores[order[n]] >= p->score_threshold; n++) {
        const pose *from = &poses[order[n]];
        for (int k = 0; k < KEYPOINTS; k++) {
            out->keypoints[(n * KEYPOINTS + k) * 2] = from->at[k].y * (float)p->stride;
            out->keypoints[(n * KEYPOINTS + k) * 2 + 1] = from->at[k].x * (float)p->stride;
            out->keypoint_scores[n * KEYPOINTS + k] = from->score[k];
        }
        out->scores[n] = scores[order[n]];
    }
    out->count[0] = (float)n;
}

/* The pose nearest to where a cell sees its keypoints. */
static int32_t pose_of(const crl_posenet_params *p, const maps *m, const float *long_offsets, point cell,
                       const float *keypoints, int32_t n)
{
    point seen[KEYPOINTS];
    for (int k = 0; k < KEYPOINTS; k++) {
        point at = cell;
        for (int i = 0; i < LONG_STEPS; i++)
            at = moved(m, at, sample(m, long_offsets, 2 * KEYPOINTS, at, k),
                       sample(m, long_offsets, 2 * KEYPOINTS, at, k + KEYPOINTS));
        seen[k] = (point){ at.y * (float)p->stride, at.x * (float)p->stride };
    }
    int32_t best = 0;
    float least = 0;
    for (int32_t i = 0; i < n; i++, keypoints += 2 * KEYPOINTS) {
        float sum = 0;
        for (int k = 0; k < KEYPOINTS; k++) {
            const float dy = keypoints[2 * k] - seen[k].y, dx = keypoints[2 * k + 1] - seen[k].x;
            sum += dy * dy + dx * dx;
        }
        if (i > 0 && !(sum < least)) continue;
        best = i;
        least = sum;
    }
    return best;
}

void crl_posenet_masks(const crl_posenet_params *p, const float *long_offsets, const crl_posenet_output *out, float *masks)
{
    const maps m = { .height = p->height, .width = p->width };
    const size_t cells = (size_t)p->height * (size_t)p->width;
    const int32_t n = (int32_t)out->count[0];
    memset(masks, 0, (size_t)p->max_detections * cells * sizeof *masks);
    for (size_t i = 0; n > 0 && i < cells; i++) {
        const point cell = { (float)(i / (size_t)p->width), (float)(i % (size_t)p->width) };
        masks[(size_t)pose_of(p, &m, long_offsets, cell, out->keypoints, n) * cells + i] = 1;
    }
}
