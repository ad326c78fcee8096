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
    int found = 0;
    for (int i = 0; i < n && found < MOST_CROSSINGS; i++) {
        const int16_t *a = corner[i], *b = corner[(i + 1) % n];
        if ((a[1] <= y) == (b[1] <= y)) continue;
        const double at = a[0] + (y - a[1]) * (b[0] - a[0]) / (b[1] - a[1]);
        int k = found++;
        for (; k > 0 && x[k - 1] > at; k--) x[k] = x[k - 1];
        x[k] = at;
    }
    return found;
}

/* The first point at or right of a place. */
static int32_t point_at(double x, int32_t side)
{
    const double p = ceil(x * side * POINTS / UNITS - 0.5);
    return (int32_t)fmin(fmax(p, 0.0), (double)side * POINTS);
}

static void fill(uint16_t *samples, int32_t side, const int16_t (*corner)[2], int n)
{
    double x[MOST_CROSSINGS];
    for (int32_t row = 0; row < side * POINTS; row++) {
        const int found = cross(corner, n, (row + 0.5) * UNITS / ((double)side * POINTS), x);
        uint16_t *line = samples + (size_t)(row / POINTS) * (size_t)side;
        for (int k = 0; k + 1 < found; k += 2)
            for (int32_t p = point_at(x[k], side), end = point_at(x[k + 1], side); p < end; p++)
                line[p / POINTS] |= (uint16_t)(1u << (row % POINTS * POINTS + p % POINTS));
    }
}

static void lay(uint8_t *rgba, const uint16_t *samples, int32_t side, const uint8_t *rgb)
{
    for (size_t i = 0; i < (size_t)side * (size_t)side; i++) {
        const int share = __builtin_popcount(samples[i]);
        uint8_t *p = rgba + 4 * i;
        for (int c = 0; c < 4 && share; c++) p[c] = (uint8_t)((p[c] * (16 - share) + (c < 3 ? rgb[c] : 255) * share + 8) / 16);
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
