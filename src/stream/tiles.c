/* SPDX-License-Identifier: Apache-2.0 */
/* Tiles: see tiles.h. */
#include "stream/tiles.h"

#include <math.h>
#include <stdlib.h>

static const double shared = 0.2, one_thing = 0.5;

/* One direction: n tiles of one size, of which each begins before the last one ends. */
static void place(int32_t length, int32_t n, int32_t i, float *from, float *to)
{
    const int32_t size = (int32_t)ceil(length / (n - (n - 1) * shared));
    const int32_t begin = n > 1 ? (int32_t)(((int64_t)(length - size) * i + (n - 1) / 2) / (n - 1)) : 0;
    *from = (float)begin;
    *to = (float)(begin + size);
}

crl_box crl_tile_at(int32_t width, int32_t height, int32_t nx, int32_t ny, int32_t i)
{
    crl_box tile;
    place(width, nx, i % nx, &tile.x0, &tile.x1);
    place(height, ny, i / nx, &tile.y0, &tile.y1);
    return tile;
}

/* Detectors end a box a little before the border: a hundredth of the tile. */
static bool ends(double at, double border, double frame, double margin)
{
    return fabs(border - frame) >= 1 && fabs(at - border) <= margin;
}

bool crl_tile_cuts(const crl_box *tile, const crl_box *box, int32_t width, int32_t height)
{
    const double x = fmax(2, ((double)tile->x1 - tile->x0) / 100), y = fmax(2, ((double)tile->y1 - tile->y0) / 100);
    return ends(box->x0, tile->x0, 0, x) || ends(box->x1, tile->x1, width, x) || ends(box->y0, tile->y0, 0, y) || ends(box->y1, tile->y1, height, y);
}

static double area(const crl_box *b)
{
    return fmax((double)b->x1 - b->x0, 0) * fmax((double)b->y1 - b->y0, 0);
}

static bool are_one(const crl_tiled *a, const crl_tiled *b)
{
    const crl_box *p = &a->detection.box, *q = &b->detection.box;
    const double width = fmin(p->x1, q->x1) - fmax(p->x0, q->x0), height = fmin(p->y1, q->y1) - fmax(p->y0, q->y0);
    if (a->detection.index != b->detection.index || width <= 0 || height <= 0) return false;
    const double common = width * height, whole = area(p) + area(q) - common;
    return common >= one_thing * whole || ((a->cut || b->cut) && common >= one_thing * fmin(area(p), area(q)));
}

/* No two are equal that are not the same: sorting always gives one order. */
static int by_score(const void *a, const void *b)
{
    const crl_detection *p = &((const crl_tiled *)a)->detection, *q = &((const crl_tiled *)b)->detection;
    const float keys[][2] = { { q->score, p->score },
                              { (float)p->index, (float)q->index },
                              { p->box.x0, q->box.x0 },
                              { p->box.y0, q->box.y0 },
                              { p->box.x1, q->box.x1 } };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (keys[i][0] < keys[i][1] || keys[i][0] > keys[i][1]) return keys[i][0] < keys[i][1] ? -1 : 1;
    return 0;
}

static int by_worth(const void *a, const void *b)
{
    const crl_tiled *p = a, *q = b;
    return p->cut != q->cut ? (p->cut ? 1 : -1) : by_score(a, b);
}

int32_t crl_tiles_merge(crl_tiled *list, int32_t n)
{
    int32_t kept = 0;
    qsort(list, (size_t)n, sizeof *list, by_worth);
    for (int32_t i = 0; i < n; i++) {
        bool known = false;
        for (int32_t k = 0; k < kept && !known; k++) known = are_one(&list[k], &list[i]);
        if (!known) list[kept++] = list[i];
    }
    qsort(list, (size_t)kept, sizeof *list, by_score);
    return kept;
}
