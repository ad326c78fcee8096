/* SPDX-License-Identifier: Apache-2.0 */
/* Drawing detections: a frame for each, and a chip where there is room. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "vision/painter.h"
#include "vision/vision.h"

typedef struct scene {
    crl_text_cache *texts;
    crl_image *image;
    const crl_detection *detections;
    const crl_labels *labels;
    const char *const *names; /* [n]; NULL: labels alone */
    int32_t n, n_chips;
    double unit;
    crl_chip *chips; /* [n_chips], of the best detections */
    uint8_t *shades; /* [n_chips] */
    const crl_box *captions; /* [n_captions] */
    int n_captions;
} scene;

static bool is_finite_box(const crl_box *b)
{
    return isfinite(b->x0) && isfinite(b->y0) && isfinite(b->x1) && isfinite(b->y1);
}

static double area(const crl_box *b)
{
    return fmax((double)b->x1 - b->x0, 0.0) * fmax((double)b->y1 - b->y0, 0.0);
}

static double shared_area(const crl_box *a, const crl_box *b)
{
    const double width = fmin(a->x1, b->x1) - fmax(a->x0, b->x0), height = fmin(a->y1, b->y1) - fmax(a->y0, b->y0);
    return width > 0.0 && height > 0.0 ? width * height : 0.0;
}

/* The side of a square as large as the box. */
static double side_of(const crl_box *b)
{
    return sqrt(fmin(area(b), 1e12));
}

/* ---- frames ---- */

/* Boxes of one class that overlap get different shades, as far as there are any. */
static void choose_shades(scene *s)
{
    for (int32_t i = 0; i < s->n_chips; i++) {
        bool used[CRL_SHADES] = { false };
        for (int32_t k = 0; k < i; k++)
            if (s->detections[k].index == s->detections[i].index &&
                shared_area(&s->detections[k].box, &s->detections[i].box) > 0.0)
                used[s->shades[k]] = true;
        int32_t shade = 0;
        while (shade < CRL_SHADES && used[shade]) shade++;
        s->shades[i] = (uint8_t)(shade < CRL_SHADES ? shade : i % CRL_SHADES);
    }
}

static crl_colour colour_of(const scene *s, int32_t i)
{
    return crl_class_colour(s->detections[i].index, i < s->n_chips ? s->shades[i] : 0);
}

/* A dark hem on both sides of the coloured line keeps it visible on a ground of its own colour. */
static void draw_frame(const scene *s, int32_t i)
{
    const crl_box *b = &s->detections[i].box;
    const double least = fmin((double)b->x1 - b->x0, (double)b->y1 - b->y0);
    const double line = fmax(fmin(3.4 * s->unit, 0.07 * least), 1.4), radius = fmin(6.0 * s->unit, 0.12 * least);
    /* Lines are drawn on their middle: half of one goes inwards, so that at the edge of the picture none is cut. */
    const float half = (float)(line / 2.0);
    const crl_box middle = { b->x0 + half, b->y0 + half, b->x1 - half, b->y1 - half };
    crl_paint_frame(s->image, &middle, radius, line + fmax(1.0, 0.5 * line), crl_dark, 0.55);
    crl_paint_frame(s->image, &middle, radius, line, colour_of(s, i), 1.0);
}

/* ---- chips ---- */

/* No chip lies on another or on a caption, nor hides much of a box. */
static bool is_free(const scene *s, const crl_chip *chip, int32_t own)
{
    for (int32_t i = 0; i < own; i++)
        if (s->chips[i].shown && crl_chip_meets(chip, &s->chips[i])) return false;
    const crl_box at = { (float)chip->x, (float)chip->y, (float)(chip->x + chip->width), (float)(chip->y + chip->height) };
    for (int i = 0; i < s->n_captions; i++)
        if (shared_area(&at, &s->captions[i]) > 0.0) return false;
    for (int32_t i = 0; i < s->n_chips; i++)
        if (shared_area(&at, &s->detections[i].box) > 0.35 * area(&s->detections[i].box)) return false;
    return true;
}

/* Above the box, in its corner where it is large enough, below it, at its right end, beside it: the first place that is
 * within the picture and free. `force`: else the first of them, moved into the picture. */
static bool place_chip(const scene *s, crl_chip *chip, int32_t own, bool force)
{
    const crl_box *box = &s->detections[own].box;
    const double width = s->image->width, height = s->image->height, right = box->x1 - chip->width;
    const bool large = right >= box->x0 && (double)box->y1 - box->y0 >= 3.0 * chip->height;
    const double inside = large ? box->y0 : -1.0, above = box->y0 - chip->height;
    const double places[][2] = {
        { box->x0, above }, { box->x0, inside }, { box->x0, box->y1 }, { right, above }, { right, inside },
        { right, box->y1 }, { box->x1, box->y0 }, { box->x0 - chip->width, box->y0 },
    };
    const int n_places = (int)(sizeof places / sizeof places[0]);
    for (int i = 0; i < n_places + force; i++) {
        const double *at = places[i < n_places ? i : 0];
        chip->x = round(fmin(fmax(at[0], 0.0), fmax(width - chip->width, 0.0)));
        chip->y = round(fmin(fmax(at[1], 0.0), fmax(height - chip->height, 0.0)));
        /* Along the box it may be moved, away from it not. */
        const bool near = fabs(chip->y - at[1]) < 1.0 && (i < 6 || fabs(chip->x - at[0]) < 1.0);
        if (i == n_places || (near && is_free(s, chip, own))) return true;
    }
    return false;
}

static const char *name_of(const scene *s, int32_t i)
{
    return s->names && s->names[i] ? s->names[i] : NULL;
}

static bool is_named(const scene *s, int32_t own)
{
    const char *name = name_of(s, own);
    for (int32_t i = 0; i < own; i++) {
        const char *other = name_of(s, i);
        if (!s->chips[i].shown || s->detections[i].index != s->detections[own].index) continue;
        if (name && other ? !strcmp(name, other) : name == other) return true;
    }
    return false;
}

/* A chip as large as suits the picture and the box, in half pixels, so that there are few sizes; where there is no
 * room, a smaller one, then one without the percentage. A class that is named elsewhere can do without. */
static void add_chip(scene *s, int32_t i)
{
    const crl_detection *d = &s->detections[i];
    crl_chip *chip = &s->chips[i];
    *chip = (crl_chip){ 0 };
    if (!is_finite_box(&d->box)) return;
    const char *label = name_of(s, i) ? name_of(s, i) : crl_labels_get(s->labels, d->index);
    const double normal = fmax(22.0 * s->unit, 11.0), least = fmax(0.6 * normal, 9.0);
    const double size = fmin(fmax(round(0.56 * side_of(&d->box)) / 2.0, least), normal);
    const double scores[] = { d->score, d->score, NAN }, sizes[] = { size, least, least };
    bool placed = false;
    for (int step = 0; step < 3 && !placed; step++) {
        if (step == 1 && size == least) continue;
        crl_chip_make(s->texts, chip, s->image, label, d->index, scores[step], sizes[step]);
        placed = place_chip(s, chip, i, false);
    }
    chip->shown = placed || (!is_named(s, i) && place_chip(s, chip, i, true));
    chip->colour = colour_of(s, i);
}

crl_status crl_painter_named(crl_painter *painter, crl_image *image, const crl_detection *detections, int32_t n, const crl_labels *labels,
                             const char *const *names, crl_error *err)
{
    crl_status status = crl_paint_check(image, err);
    if (status) return status;
    if (n < 0) return crl_fail(err, CRL_ERR_ARGUMENT, "%d detections to draw", n);
    scene s = { .texts = &painter->texts, .image = image, .detections = detections, .labels = labels, .names = names, .n = n,
                .n_chips = n < CRL_MOST_CHIPS ? n : CRL_MOST_CHIPS, .captions = painter->captions, .n_captions = painter->n_captions,
                .unit = crl_paint_unit(image) };
    s.chips = crl_room_get(&painter->chips, (size_t)s.n_chips, CRL_CHIP_ROOM);
    if (!s.chips) return crl_fail_memory(err, "drawing");
    s.shades = (uint8_t *)(s.chips + s.n_chips);
    choose_shades(&s);
    for (int32_t i = n; i-- > 0;) draw_frame(&s, i); /* the best on top */
    for (int32_t i = 0; i < s.n_chips; i++) add_chip(&s, i);
    for (int32_t i = s.n_chips; i-- > 0 && !status;)
        if (s.chips[i].shown) status = crl_chip_write(s.texts, image, &s.chips[i], err);
    return status;
}

crl_status crl_painter_detections(crl_painter *painter, crl_image *image, const crl_detection *detections, int32_t n,
                                  const crl_labels *labels, crl_error *err)
{
    return crl_painter_named(painter, image, detections, n, labels, NULL, err);
}

crl_status crl_draw_detections(crl_image *image, const crl_detection *detections, int32_t n, const crl_labels *labels,
                               crl_error *err)
{
    crl_painter painter = { 0 };
    const crl_status s = crl_painter_detections(&painter, image, detections, n, labels, err);
    crl_painter_fini(&painter);
    return s;
}
