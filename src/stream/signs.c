/* SPDX-License-Identifier: Apache-2.0 */
/* Drawing signs: see signs.h. Polygons are filled at 4 x 4 points of each pixel. */
#include "stream/signs.h"

#include <math.h>
#include <string.h>

typedef struct layer {
    uint8_t sign, rgb[3], n_polygons;
} layer;

#include "stream/signs_shapes.h"

enum { POINTS = 4, UNITS = 10000, MOST_CROSSINGS = 64 };

/* Where a horizontal line meets the edges of a polygon, from left to right. */
static int cross(const int16_t (*corner)[2], int n, double y, double *x)
{
    const int whole = (int)floor(y);
    int found = 0;
    for (int i = 0, last = n - 1; i < n && found < MOST_CROSSINGS; last = i++) {
        const int16_t *a = corner[last], *b = corner[i];
        if ((a[1] <= whole) == (b[1] <= whole)) continue;
        const double at = a[0] + (y - a[1]) * (b[0] - a[0]) / (b[1] - a[1]);
        int k = found++;
        for (; k > 0 && x[k - 1] > at; k--) x[k] = x[k - 1];
        x[k] = at;
    }
    return found;
}

/* The first point at or right of a place. */
static uint32_t point_at(double x, int32_t side)
{
    const double p = ceil(x * side * POINTS / UNITS - 0.5);
    return (uint32_t)fmin(fmax(p, 0.0), (double)side * POINTS);
}

/* Marks the points from `first` to before `end` of one of the POINTS rows of a line of pixels. */
static void mark(uint16_t *line, uint32_t first, uint32_t end, uint32_t row)
{
    for (uint32_t p = first, next; p < end; p = next) {
        next = (p / POINTS + 1) * POINTS;
        const uint32_t stop = next < end ? next : end, points = ((1u << (stop - p)) - 1) << p % POINTS;
        line[p / POINTS] |= (uint16_t)(points << row * POINTS);
    }
}

static void fill(uint16_t *samples, int32_t side, const int16_t (*corner)[2], int n)
{
    double x[MOST_CROSSINGS];
    int16_t top = corner[0][1], foot = top;
    for (int i = 1; i < n; i++) {
        if (corner[i][1] < top) top = corner[i][1];
        if (corner[i][1] > foot) foot = corner[i][1];
    }
    for (uint32_t row = point_at(top, side), last = point_at(foot, side); row < last; row++) {
        const int found = cross(corner, n, (row + 0.5) * UNITS / ((double)side * POINTS), x);
        uint16_t *line = samples + (size_t)(row / POINTS) * (size_t)side;
        for (int k = 0; k + 1 < found; k += 2) mark(line, point_at(x[k], side), point_at(x[k + 1], side), row % POINTS);
    }
}

static void lay(uint8_t *rgba, const uint16_t *samples, int32_t side, const uint8_t *rgb)
{
    for (size_t i = 0; i < (size_t)side * (size_t)side; i++) {
        if (!samples[i]) continue;
        const int share = __builtin_popcount(samples[i]);
        uint8_t *p = rgba + 4 * i;
        for (int c = 0; c < 4; c++) p[c] = (uint8_t)((p[c] * (16 - share) + (c < 3 ? rgb[c] : 255) * share + 8) / 16);
    }
}

void crl_sign_draw(uint8_t *rgba, uint16_t *samples, int32_t side, int32_t sign)
{
    const uint8_t *count = polygons;
    const int16_t (*corner)[2] = corners;
    memset(rgba, 0, 4 * (size_t)side * (size_t)side);
    for (size_t k = 0; k < sizeof layers / sizeof *layers; k++) {
        const bool own = layers[k].sign == sign;
        if (own) memset(samples, 0, sizeof *samples * (size_t)side * (size_t)side);
        for (int i = 0; i < layers[k].n_polygons; i++, corner += *count++)
            if (own) fill(samples, side, corner, *count);
        if (own) lay(rgba, samples, side, layers[k].rgb);
    }
}

crl_box crl_sign_extent(int32_t sign)
{
    const uint8_t *count = polygons;
    const int16_t (*corner)[2] = corners;
    crl_box box = { 1, 1, 0, 0 };
    for (size_t k = 0; k < sizeof layers / sizeof *layers; k++)
        for (int i = 0; i < layers[k].n_polygons; i++, corner += *count++)
            for (int p = 0; p < *count && layers[k].sign == sign; p++) {
                const float x = (float)corner[p][0] / UNITS, y = (float)corner[p][1] / UNITS;
                box.x0 = fminf(box.x0, x), box.y0 = fminf(box.y0, y);
                box.x1 = fmaxf(box.x1, x), box.y1 = fmaxf(box.y1, y);
            }
    return box;
}
