/* SPDX-License-Identifier: Apache-2.0 */
/* A scene that moves: see scene.h. */
#include "stream/scene.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "stream/signs.h"
#include "vision/vision.h"

enum { ROWS = 2 };

/* In pixels, and pixels a second; negative: to the left. */
typedef struct row {
    int32_t side;
    double y, speed, spacing, sway;
    uint8_t *signs[CRL_SIGNS]; /* 4 bytes a pixel, side x side of them and a clear edge of one */
} row;

struct crl_scene {
    int32_t width, height;
    row rows[ROWS];
    uint8_t *wall; /* RGB without gaps */
};

/* ---- what is where ---- */

/* Places of signs in the row are numbered from the first that ever comes; this one's left edge. */
static double left_of(const crl_scene *s, const row *r, int32_t number, double seconds)
{
    /* At the beginning the first one is half way across. */
    const double way = fabs(r->speed) * seconds - number * r->spacing + 0.5 * s->width;
    return r->speed > 0 ? way - r->side : s->width - way;
}

static double top_of(const row *r, int32_t number, double seconds)
{
    return r->y + r->sway * sin(1.3 * seconds + 0.9 * number);
}

/* No two neighbours are the same, and each comes as often as the others. */
static int32_t class_of(int32_t k, int32_t number)
{
    return (5 * number + 7 * k) % CRL_SIGNS;
}

int32_t crl_scene_signs(const crl_scene *s, double seconds, crl_scene_sign out[CRL_SCENE_MOST])
{
    int32_t n = 0;
    for (int32_t k = 0; k < ROWS; k++) {
        const row *r = &s->rows[k];
        const double passed = (fabs(r->speed) * seconds + 0.5 * s->width) / r->spacing;
        const int32_t last = (int32_t)floor(passed), first = (int32_t)fmax(floor(passed - (s->width + r->side) / r->spacing), 0.0);
        for (int32_t number = first; number <= last && n < CRL_SCENE_MOST; number++) {
            const int32_t index = class_of(k, number);
            const crl_box e = crl_sign_extent(index);
            const double x = left_of(s, r, number, seconds), y = top_of(r, number, seconds);
            const double x0 = x + (double)e.x0 * r->side, x1 = x + (double)e.x1 * r->side;
            const double left = fmax(x0, 0.0), right = fmin(x1, s->width);
            if (right <= left) continue;
            crl_scene_sign *sign = &out[n++];
            *sign = (crl_scene_sign){ .number = number, .row = k };
            sign->truth.index = index;
            sign->truth.score = (float)((right - left) / (x1 - x0));
            sign->truth.box = (crl_box){ (float)left, (float)(y + (double)e.y0 * r->side), (float)right, (float)(y + (double)e.y1 * r->side) };
        }
    }
    return n;
}

/* ---- drawing ---- */

/* Between four pixels, two of a line and two of the next; weights are in 256ths. */
static void blend(uint8_t *to, const uint8_t *line, const uint8_t *next, const int weight[4])
{
    unsigned sum[4];
    for (int c = 0; c < 4; c++) sum[c] = (unsigned)(line[c] * weight[0] + line[4 + c] * weight[1] + next[c] * weight[2] + next[4 + c] * weight[3]);
    if (!sum[3]) return;
    for (int c = 0; c < 3; c++) to[c] = (uint8_t)((sum[c] + 128) / 256 + (to[c] * (65280 - sum[3]) + 32640) / 65280);
}

/* The sign has a clear edge of one pixel, so that there are always four. */
static void put(const crl_image *image, const uint8_t *sign, int32_t side, double x, double y)
{
    const int32_t left = (int32_t)floor(x), top = (int32_t)floor(y);
    const int fx = (int)((x - left) * 16), fy = (int)((y - top) * 16);
    const int weight[4] = { fx * fy, (16 - fx) * fy, fx * (16 - fy), (16 - fx) * (16 - fy) };
    const int32_t first = left < 0 ? -left : 0, end = left + side < image->width ? side + 1 : image->width - left;
    for (int32_t j = 0; j <= side; j++) {
        if (top + j < 0 || top + j >= image->height) continue;
        const uint8_t *line = sign + 4 * (size_t)j * (size_t)(side + 2), *next = line + 4 * (size_t)(side + 2);
        for (int32_t i = first; i < end; i++)
            blend(image->data + (size_t)(top + j) * image->stride + 3 * (size_t)(left + i), line + 4 * i, next + 4 * i, weight);
    }
}

void crl_scene_draw(crl_scene *s, double seconds, const crl_image *image)
{
    crl_scene_sign signs[CRL_SCENE_MOST];
    const int32_t n = crl_scene_signs(s, seconds, signs);
    const size_t line = 3 * (size_t)s->width;
    for (int32_t y = 0; y < s->height; y++) memcpy(image->data + (size_t)y * image->stride, s->wall + (size_t)y * line, line);
    for (int32_t i = 0; i < n; i++) {
        const row *r = &s->rows[signs[i].row];
        put(image, r->signs[signs[i].truth.index], r->side, left_of(s, r, signs[i].number, seconds), top_of(r, signs[i].number, seconds));
    }
}

/* ---- making ---- */

/* A plastered wall, lit from the upper left, with a skirting at its foot. */
static void paint_wall(crl_scene *s)
{
    uint32_t noise = 1;
    for (int32_t y = 0; y < s->height; y++)
        for (int32_t x = 0; x < s->width; x++) {
            const double u = (double)x / s->width, v = (double)y / s->height;
            const double light = 1.0 - 0.28 * hypot(u - 0.2, v - 0.15) + 0.015 * sin(37.0 * u + 11.0 * v) * sin(29.0 * v - 7.0 * u);
            noise = noise * 1664525u + 1013904223u;
            const double grain = (double)(noise >> 24) / 255.0 * 5.0 - 2.5;
            const bool foot = v > 0.965;
            const double rgb[3] = { foot ? 96 : 176, foot ? 78 : 172, foot ? 64 : 160 };
            for (int c = 0; c < 3; c++)
                s->wall[3 * ((size_t)y * (size_t)s->width + (size_t)x) + (size_t)c] = (uint8_t)fmin(fmax(rgb[c] * light + grain, 0.0), 255.0);
        }
}

static bool make_row(crl_scene *s, int32_t k, double share, double speed)
{
    row *r = &s->rows[k];
    r->side = (int32_t)fmax(round(share * s->height), 4.0);
    r->y = (0.27 + 0.46 * k) * s->height - 0.5 * r->side;
    r->speed = speed * s->width;
    r->spacing = 1.45 * r->side;
    r->sway = 0.015 * s->height;
    const size_t side = (size_t)r->side, wide = side + 2;
    uint16_t *samples = crl_alloc_array(side * side, sizeof *samples);
    uint8_t *sign = crl_alloc_array(side * side, 4);
    for (int32_t i = 0; i < CRL_SIGNS && samples && sign; i++) {
        r->signs[i] = crl_alloc_array(wide * wide, 4);
        if (!r->signs[i]) break;
        crl_sign_draw(sign, samples, r->side, i);
        for (size_t y = 0; y < side; y++) memcpy(r->signs[i] + 4 * ((y + 1) * wide + 1), sign + 4 * y * side, 4 * side);
    }
    crl_free(samples);
    crl_free(sign);
    return r->signs[CRL_SIGNS - 1] != NULL;
}

crl_status crl_scene_new(crl_scene **out, int32_t width, int32_t height, crl_error *err)
{
    *out = NULL;
    const crl_status status = crl_image_check_size(width, height, 3, "a scene", err);
    if (status) return status;
    crl_scene *s = crl_alloc(sizeof *s);
    if (!s) return crl_fail_memory(err, "a scene");
    s->width = width, s->height = height;
    s->wall = crl_alloc_array((size_t)width * (size_t)height, 3);
    if (!s->wall || !make_row(s, 0, 0.36, 0.17) || !make_row(s, 1, 0.42, -0.13)) {
        crl_scene_free(s);
        return crl_fail_memory(err, "a scene");
    }
    paint_wall(s);
    *out = s;
    return CRL_OK;
}

void crl_scene_free(crl_scene *s)
{
    if (!s) return;
    for (int k = 0; k < ROWS; k++)
        for (int i = 0; i < CRL_SIGNS; i++) crl_free(s->rows[k].signs[i]);
    crl_free(s->wall);
    crl_free(s);
}
