/* SPDX-License-Identifier: Apache-2.0 */
/* Drawing in detail: which chip lies where, what is on top, and what keeps lines and letters apart from their ground. */
#include <math.h>
#include <string.h>

#include "checks.h"
#include "drawn.h"
#include "vision/painter.h"
#include "vision/vision.h"

enum { WIDTH = 1600, HEIGHT = 1200 };

static crl_image filled(check *t, int32_t width, int32_t height, crl_colour colour)
{
    const crl_image image = guarded_image(t, width, height, 3, 0);
    for (int32_t y = 0; y < height; y++)
        for (int32_t x = 0; x < width; x++) memcpy(image.data + (size_t)y * image.stride + 3 * (size_t)x, colour.rgb, 3);
    return image;
}

static crl_colour at(const crl_image *image, int32_t x, int32_t y)
{
    crl_colour k;
    memcpy(k.rgb, image->data + (size_t)y * image->stride + 3 * (size_t)x, 3);
    return k;
}

/* Pixels of a rectangle that differ from a colour by more than `least`. */
static long unlike(const crl_image *image, int32_t x0, int32_t y0, int32_t x1, int32_t y1, crl_colour colour, double least)
{
    long n = 0;
    for (int32_t y = y0; y < y1; y++)
        for (int32_t x = x0; x < x1; x++) n += crl_colour_distance(at(image, x, y), colour) > least;
    return n;
}

static const crl_colour none = { { 0, 0, 0 } }, white = { { 255, 255, 255 } };

/* The chips of a scene, as they are in the painter until its next picture. */
static const crl_chip *draw(check *t, crl_painter *p, crl_image *image, const crl_detection *d, int32_t n)
{
    crl_error err = { .text = "" };
    return check_that(t, !crl_painter_detections(p, image, d, n, NULL, &err), "%s", err.text) ? p->chips.data : NULL;
}

/* ---- places ---- */

static bool is_inside(const crl_chip *c, const crl_box *b)
{
    return c->x > b->x0 && c->x + c->width < b->x1 && c->y >= b->y0 && c->y + c->height < b->y1;
}

static double covered(const crl_chip *c, const crl_box *b)
{
    const double w = fmin(c->x + c->width, b->x1) - fmax(c->x, b->x0), h = fmin(c->y + c->height, b->y1) - fmax(c->y, b->y0);
    return w > 0 && h > 0 ? w * h / (((double)b->x1 - b->x0) * ((double)b->y1 - b->y0)) : 0;
}

typedef struct seen {
    double normal; /* size of letters for a large box */
    int without_percent, smaller, missing;
} seen;

/* What holds of every chip that found a place; the first of a class may be put anywhere. */
static void check_chips(check *t, const crl_chip *chips, const crl_detection *d, int32_t n, seen *s)
{
    for (int32_t i = 0; i < n; i++) {
        const crl_chip *c = &chips[i];
        const crl_box *b = &d[i].box;
        const double side = sqrt(((double)b->x1 - b->x0) * ((double)b->y1 - b->y0));
        s->missing += !c->shown;
        if (!c->shown) continue;
        check_that(t, c->x >= 0 && c->y >= 0 && c->x + c->width <= WIDTH && c->y + c->height <= HEIGHT,
                   "chip %d leaves the picture", i);
        check_that(t, c->name.size <= fmax(0.3 * side, 0.62 * s->normal) && c->name.size >= 9,
                   "letters of %g for a box of %g", c->name.size, side);
        s->without_percent += !*c->percent.string;
        s->smaller += *c->percent.string && c->name.size < fmin(0.26 * side, s->normal) - 0.5;
        if (i == 0) continue;
        for (int32_t k = 0; k < i; k++) check_that(t, !chips[k].shown || !crl_chip_meets(c, &chips[k]), "chips %d and %d meet", k, i);
        for (int32_t k = 0; k < n; k++)
            check_that(t, covered(c, &d[k].box) <= 0.36, "chip %d hides %g of box %d", i, covered(c, &d[k].box), k);
        const bool beside = fabs(c->x - b->x1) <= 1.5 || fabs(c->x + c->width - b->x0) <= 1.5;
        const bool along = fabs(c->y + c->height - b->y0) <= 1.5 || fabs(c->y - b->y0) <= 1.5 || fabs(c->y - b->y1) <= 1.5;
        check_that(t, along && (beside || (c->x < b->x1 && c->x + c->width > b->x0)), "chip %d at %g, %g is not at its box", i, c->x, c->y);
        check_that(t, !is_inside(c, b) || (double)b->y1 - b->y0 >= 2.9 * c->height, "chip %d fills a small box", i);
    }
}

/* Crowds of boxes of one class, of all sizes, by hundreds. */
void check_draw_places(check *t, unsigned cpu)
{
    (void)cpu;
    enum { N = 200, SCENES = 12 };
    const int scenes = check_rounds(t, SCENES);
    crl_image image = filled(t, WIDTH, HEIGHT, none);
    crl_painter p = { 0 };
    seen s = { 0 };
    const crl_detection high = { 1, 0.9f, { 100, 5, 400, 300 } };
    const crl_chip *chips = draw(t, &p, &image, &high, 1);
    if (!chips) return;
    /* No room above: in the corner, not moved over the edge. */
    check_that(t, chips->shown && chips->y == 5, "a chip without room above its box lies at %g", chips->y);
    s.normal = chips->name.size;
    for (uint32_t scene = 0; scene < (uint32_t)scenes; scene++) {
        crl_detection d[N];
        for (uint32_t i = 0; i < N; i++) {
            uint8_t r[4];
            for (uint32_t k = 0; k < 4; k++) r[k] = drawn_noise(4 * i + k, 3 * scene + 1);
            const float w = (float)(20 + r[2] * (1 + i % 4) / 2), h = (float)(20 + r[3] * (1 + i % 4) / 2);
            const float x = (float)r[0] / 255 * (WIDTH - w), y = (float)r[1] / 255 * (HEIGHT - h);
            d[i] = (crl_detection){ 1, 0.9f - 0.01f * (float)i, { x, y, x + w, y + h } };
        }
        chips = draw(t, &p, &image, d, N);
        if (!chips) break;
        check_chips(t, chips, d, N, &s);
    }
    check_that(t, s.without_percent * SCENES > 20 * scenes && s.smaller * SCENES > 5 * scenes && s.missing * SCENES > 50 * scenes,
               "%d chips without a percentage, %d smaller, %d boxes without", s.without_percent, s.smaller, s.missing);

    /* Of each class one is named, be there room or not; what is no box is not. */
    crl_image narrow = filled(t, 60, 40, none);
    const crl_detection whole[] = { { 1, 0.9f, { 0, 0, 60, 40 } }, { 2, 0.8f, { 0, 0, 60, 40 } }, { 2, 0.7f, { 0, 0, 60, 40 } },
                                    { 3, 0.6f, { 0, NAN, 60, 40 } }, { 4, 0.6f, { 0, 0, INFINITY, 40 } } };
    chips = draw(t, &p, &narrow, whole, 5);
    check_that(t, chips && chips[0].shown && chips[1].shown && !chips[2].shown && !chips[3].shown && !chips[4].shown,
               "which classes are named is wrong");
    crl_painter_fini(&p);
}

/* ---- colours ---- */

/* The better box is on top; boxes of two classes keep the colours of their classes; every line can be seen on its own
 * colour. */
void check_draw_layers(check *t, unsigned cpu)
{
    (void)cpu;
    crl_image image = filled(t, WIDTH, HEIGHT, none);
    crl_painter p = { 0 };
    const crl_detection d[2] = { { 1, 0.9f, { 100, 150, 300, 400 } }, { 2, 0.8f, { 200, 100, 400, 250 } } };
    const crl_colour first = crl_class_colour(1, 0), second = crl_class_colour(2, 0);
    if (!draw(t, &p, &image, d, 2)) return;
    const double one = crl_colour_distance(at(&image, 102, 300), first), two = crl_colour_distance(at(&image, 397, 180), second);
    check_that(t, one < 0.03 && two < 0.03, "boxes of two classes that overlap have other shades: %g, %g off", one, two);
    check_that(t, crl_colour_distance(at(&image, 202, 152), first) < 0.05, "the better box is not on top");

    crl_image same = filled(t, WIDTH, HEIGHT, first);
    const crl_chip *chips = draw(t, &p, &same, d, 1);
    if (!chips) return;
    const long hem = unlike(&same, 90, 250, 112, 350, first, 0.1);
    check_that(t, hem > 150, "a frame cannot be seen on its own colour: %ld pixels", hem);
    const int32_t left = (int32_t)chips->x, top = (int32_t)chips->y, bottom = (int32_t)(chips->y + chips->height);
    check_that(t, unlike(&same, left - 3, top + 6, left + 1, bottom - 6, first, 0.1) >= bottom - top - 13,
               "a chip cannot be seen on its own colour");
    const int32_t right = (int32_t)(chips->x + chips->width), percent = right - chips->percent.width - 8;
    check_that(t, *chips->percent.string && unlike(&same, percent, top + 3, right - 3, bottom - 3, first, 0.3) > 40,
               "the percentage is not written");
    crl_chip wild;
    crl_chip_make(&p.texts, &wild, &image, "cat", 0, 1e30, 20);
    check_that(t, !strcmp(wild.percent.string, "(9900%)"), "a score of 1e30 is %s", wild.percent.string);
    crl_painter_fini(&p);
}

/* Letters that are not our own are written by the system's fonts, where it has some. */
void check_draw_fallback(check *t, unsigned cpu)
{
    (void)cpu;
    static const char word[] = "\xd0\xba\xd0\xbe\xd1\x88\xd0\xba\xd0\xb0 cat";
    crl_error err;
    crl_text_cache texts = { 0 };
    crl_text text;
    if (crl_draw_check_label(word, &err)) {
        check_skip(t, "%s", err.text);
        return;
    }
    crl_text_label(&texts, &text, word, 7, 24, 500);
    check_that(t, text.shaped && !strcmp(text.string, word), "\"%s\"", text.string);
    crl_text_cache_fini(&texts);
}

/* ---- masks ---- */

/* Around a class there is a dark line, its ground gives up its colour, slanting borders are smooth, and the legend is where the
 * picture is clear. */
void check_draw_masks(check *t, unsigned cpu)
{
    (void)cpu;
    uint8_t halves[8 * 8];
    for (int i = 0; i < 64; i++) halves[i] = i / 8 < 4;
    const crl_image above = { 8, 8, 1, 8, halves };
    crl_image image = filled(t, 160, 160, white), red = filled(t, 160, 160, (crl_colour){ { 200, 40, 40 } });
    check_that(t, !crl_draw_mask(&image, &above, NULL) && !crl_draw_mask(&red, &above, NULL), "no overlay");
    check_that(t, unlike(&image, 0, 80, 160, 86, white, 0.1) > 150 && !unlike(&image, 0, 100, 160, 160, white, 0), "no dark line outside");
    const crl_colour tinted = at(&red, 80, 40);
    crl_colour plain = { { 80, 80, 80 } };
    crl_image grey = filled(t, 160, 160, plain);
    check_that(t, !crl_draw_mask(&grey, &above, NULL), "no overlay");
    const double kept = crl_colour_distance(tinted, at(&grey, 80, 40));
    check_that(t, kept < 0.07, "the ground keeps its colour: %g", kept);

    uint8_t slanting[8 * 8];
    for (int i = 0; i < 64; i++) slanting[i] = i % 8 < i / 8;
    const crl_image slope = { 8, 8, 1, 8, slanting };
    crl_image smooth = filled(t, 40, 40, white);
    check_that(t, !crl_draw_mask(&smooth, &slope, NULL), "no overlay");
    uint8_t values[256] = { 0 };
    int n = 0;
    for (int32_t y = 0; y < 40; y++)
        for (int32_t x = 0; x < 40; x++) n += !values[at(&smooth, x, y).rgb[1]]++;
    check_that(t, n >= 13, "%d shades of a slanting border", n);

    enum { ACROSS = 800, DOWN = 600 };
    crl_image large = filled(t, ACROSS, DOWN, none), plainly = filled(t, ACROSS, DOWN, none);
    check_that(t, !crl_draw_segmentation(&large, &above, NULL, NULL) && !crl_draw_mask(&plainly, &above, NULL), "no overlay");
    long top = 0, bottom = 0;
    for (int32_t y = 0; y < DOWN; y++)
        for (int32_t x = 0; x < ACROSS; x++)
            *(y < DOWN / 2 ? &top : &bottom) += memcmp(at(&large, x, y).rgb, at(&plainly, x, y).rgb, 3) != 0;
    check_that(t, bottom > 300 && !top, "the legend: %ld pixels above, %ld below", top, bottom);
}
