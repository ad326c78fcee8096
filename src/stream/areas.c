/* SPDX-License-Identifier: Apache-2.0 */
/* Zones, lines and masks: see areas.h. */
#include "stream/areas.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

/* ---- setting ---- */

static crl_status check(const crl_area *a, int32_t i, crl_error *err)
{
    static const int32_t least[] = { 3, 2, 3 };
    static const char *const kinds[] = { "zone", "line", "mask" };
    if ((int)a->kind < 0 || a->kind > CRL_AREA_MASK) return crl_fail(err, CRL_ERR_ARGUMENT, "area %d: kind %d, there are 0 to 2", i, (int)a->kind);
    const char *kind = kinds[a->kind], *name = a->name ? a->name : "";
    const int32_t most = a->kind == CRL_AREA_LINE ? 2 : CRL_AREA_POINTS;
    if (!*name && a->kind != CRL_AREA_MASK) return crl_fail(err, CRL_ERR_ARGUMENT, "area %d: a %s without a name", i, kind);
    if (strlen(name) >= CRL_AREA_NAME)
        return crl_fail(err, CRL_ERR_ARGUMENT, "%s %.60s..: a name of %zu bytes, at most %d are supported", kind, name,
                        strlen(name), CRL_AREA_NAME - 1);
    if (a->n_points < least[a->kind] || a->n_points > most)
        return crl_fail(err, CRL_ERR_ARGUMENT, "%s %s: %d points, %d to %d are expected", kind, name, a->n_points, least[a->kind], most);
    for (int32_t k = 0; k < a->n_points; k++)
        if (!(a->points[k].x >= 0 && a->points[k].x <= 1 && a->points[k].y >= 0 && a->points[k].y <= 1))
            return crl_fail(err, CRL_ERR_ARGUMENT,
                            "%s %s: point %d is %g, %g; fractions of the picture are expected, from 0 to 1", kind, name,
                            k, (double)a->points[k].x, (double)a->points[k].y);
    return crl_check_reserved(a->reserved, sizeof a->reserved / sizeof *a->reserved, "crl_area", err);
}

crl_status crl_areas_set(crl_areas *a, const crl_area *list, int32_t n, crl_error *err)
{
    if (n < 0 || n > CRL_AREAS_MOST) return crl_fail(err, CRL_ERR_ARGUMENT, "%d zones, lines and masks, at most %d are supported", n, CRL_AREAS_MOST);
    for (int32_t i = 0; i < n; i++) {
        const crl_status s = check(&list[i], i, err);
        if (s) return s;
        snprintf(a->names[i], CRL_AREA_NAME, "%s", list[i].name ? list[i].name : "");
        memcpy(a->points[i], list[i].points, (size_t)list[i].n_points * sizeof *list[i].points);
        a->list[i] = (crl_area){ .kind = list[i].kind, .name = a->names[i], .points = a->points[i], .n_points = list[i].n_points };
        a->counts[i] = (crl_area_count){ .kind = list[i].kind, .name = a->names[i] };
    }
    a->n = n;
    return CRL_OK;
}

/* ---- counting ---- */

/* By the parity of edges to the right. */
bool crl_area_has(const crl_area *area, crl_point p)
{
    bool inside = false;
    for (int32_t i = 0, k = area->n_points - 1; i < area->n_points; k = i++) {
        const crl_point a = area->points[i], b = area->points[k];
        if ((a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x) inside = !inside;
    }
    return inside;
}

/* On which side of the line from a to b: positive on the right, as one looks along it. */
static float side(crl_point a, crl_point b, crl_point p)
{
    return (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x);
}

/* 1: from the left to the right; -1: back; 0: the way does not cross the line. A point on the line is on its left. */
static int crossing(const crl_area *line, crl_point from, crl_point to)
{
    const crl_point a = line->points[0], b = line->points[1];
    const bool before = side(a, b, from) > 0, after = side(a, b, to) > 0;
    if (before == after || (side(from, to, a) > 0) == (side(from, to, b) > 0)) return 0;
    return after ? 1 : -1;
}

static crl_footprint *find(crl_areas *a, uint32_t id)
{
    for (int32_t i = 0; i < a->n_things; i++)
        if (a->things[i].id == id) return &a->things[i];
    return NULL;
}

static uint32_t zones_of(const crl_areas *a, crl_point p)
{
    uint32_t bits = 0;
    for (int32_t i = 0; i < a->n; i++)
        if (a->list[i].kind == CRL_AREA_ZONE && crl_area_has(&a->list[i], p)) bits |= 1u << i;
    return bits;
}

static void count_one(crl_areas *a, crl_footprint *f, bool is_new, crl_point p, uint32_t inside)
{
    const uint32_t entered = is_new ? inside : inside & ~f->inside, left = is_new ? 0 : f->inside & ~inside;
    for (int32_t i = 0; i < a->n; i++) {
        crl_area_count *c = &a->counts[i];
        const int way = a->list[i].kind == CRL_AREA_LINE && !is_new ? crossing(&a->list[i], f->at, p) : 0;
        c->in += (entered >> i & 1) + (way > 0);
        c->out += (left >> i & 1) + (way < 0);
    }
}

void crl_areas_count(crl_areas *a, const crl_track *tracks, int32_t n, int32_t width, int32_t height, uint32_t *zones)
{
    for (int32_t i = 0; i < a->n_things; i++) a->things[i].here = false;
    for (int32_t i = 0; i < a->n; i++) a->counts[i].now = 0;
    for (int32_t i = 0; i < n; i++) {
        const crl_box *b = &tracks[i].smooth;
        const crl_point p = { (b->x0 + b->x1) / 2 / (float)width, b->y1 / (float)height };
        const uint32_t inside = zones_of(a, p);
        crl_footprint *f = find(a, tracks[i].id);
        const bool is_new = !f;
        if (is_new && a->n_things == CRL_AREA_THINGS) continue;
        if (is_new) f = &a->things[a->n_things++];
        count_one(a, f, is_new, p, inside);
        *f = (crl_footprint){ .id = tracks[i].id, .at = p, .inside = inside, .here = true };
        zones[i] = inside;
        for (int32_t k = 0; k < a->n; k++) a->counts[k].now += (int32_t)(inside >> k & 1);
    }
    /* Numbers that come back are those of things that were hidden, and hold for a second or two: what is not here now is kept as
     * long as there is room. */
    for (int32_t i = a->n_things; i-- > 0 && a->n_things > CRL_AREA_THINGS / 2;)
        if (!a->things[i].here) a->things[i] = a->things[--a->n_things];
}

/* ---- masks ---- */

static void blacken(const crl_area *area, crl_image *image)
{
    for (int32_t y = 0; y < image->height; y++) {
        float x[CRL_AREA_POINTS];
        int n = 0;
        /* A pixel goes where any of it might be under the mask: its row is looked at above, in the middle and below. */
        for (int k = 0; k < 3; k++) {
            const float at = ((float)y + 0.5f * (float)k) / (float)image->height;
            n = 0;
            for (int32_t i = 0, j = area->n_points - 1; i < area->n_points; j = i++) {
                const crl_point a = area->points[i], b = area->points[j];
                if ((a.y > at) == (b.y > at)) continue;
                const float cut = (b.x - a.x) * (at - a.y) / (b.y - a.y) + a.x;
                int m = n++;
                for (; m > 0 && x[m - 1] > cut; m--) x[m] = x[m - 1];
                x[m] = cut;
            }
            for (int i = 0; i + 1 < n; i += 2) {
                const int32_t from = (int32_t)fmaxf(floorf(x[i] * (float)image->width), 0),
                              to = (int32_t)fminf(ceilf(x[i + 1] * (float)image->width), (float)image->width);
                if (to > from) memset(image->data + (size_t)y * image->stride + 3 * (size_t)from, 0, 3 * (size_t)(to - from));
            }
        }
    }
}

void crl_areas_mask(const crl_areas *a, crl_image *image)
{
    for (int32_t i = 0; i < a->n; i++)
        if (a->list[i].kind == CRL_AREA_MASK) blacken(&a->list[i], image);
}
