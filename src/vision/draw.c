/* SPDX-License-Identifier: Apache-2.0 */
/* Drawing results into pictures, by cairo.
 *
 * Everything scales with one unit, a thousandth of the picture's geometric mean side, within bounds that keep small
 * pictures legible. Colours of classes lie on a circle of one lightness, so that one colour of letters suits each. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cairo.h>

#include "base/alloc.h"
#include "base/error.h"
#include "vision/vision.h"

static const double pi = 3.14159265358979323846;

/* A picture being drawn into: cairo has pixels of its own kind. */
typedef struct canvas {
    crl_image *image;
    cairo_surface_t *surface;
    cairo_t *cairo;
    double unit; /* pixels */
} canvas;

typedef struct colour {
    double r, g, b;
} colour;

static double clamp(double v, double low, double high)
{
    return v < low ? low : v > high ? high : v;
}

static crl_status fail_cairo(cairo_status_t status, crl_error *err)
{
    if (status == CAIRO_STATUS_NO_MEMORY) return crl_fail_memory(err, "drawing");
    return crl_fail(err, CRL_ERR_UNSUPPORTED, "cairo cannot draw this: %s", cairo_status_to_string(status));
}

/* cairo's pixels are 32-bit words, 0x00RRGGBB in the machine's own byte order. */
static void copy_pixels(const canvas *c, bool to_cairo)
{
    cairo_surface_flush(c->surface);
    uint8_t *words = cairo_image_surface_get_data(c->surface);
    const size_t stride = (size_t)cairo_image_surface_get_stride(c->surface);
    for (int32_t y = 0; y < c->image->height; y++) {
        uint8_t *p = c->image->data + (size_t)y * c->image->stride;
        uint8_t *q = words + (size_t)y * stride;
        for (int32_t x = 0; x < c->image->width; x++, p += 3, q += 4) {
            uint32_t word;
            if (to_cairo) {
                word = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
                memcpy(q, &word, 4);
            } else {
                memcpy(&word, q, 4);
                p[0] = (uint8_t)(word >> 16);
                p[1] = (uint8_t)(word >> 8);
                p[2] = (uint8_t)word;
            }
        }
    }
    if (to_cairo) cairo_surface_mark_dirty(c->surface);
}

static crl_status open_canvas(canvas *c, crl_image *image, crl_error *err)
{
    crl_status s = crl_image_check(image, "picture", err);
    if (!s && image->channels != 3)
        s = crl_fail(err, CRL_ERR_ARGUMENT, "picture of %d channels to draw into; 3 are accepted", image->channels);
    if (s) return s;
    *c = (canvas){ .image = image };
    c->unit = clamp(sqrt((double)image->width * image->height) / 1000.0, 0.42, 4.0);
    c->surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, image->width, image->height);
    const cairo_status_t made = cairo_surface_status(c->surface);
    if (made) {
        cairo_surface_destroy(c->surface);
        return fail_cairo(made, err);
    }
    copy_pixels(c, true);
    c->cairo = cairo_create(c->surface);
    cairo_set_line_join(c->cairo, CAIRO_LINE_JOIN_ROUND);
    cairo_set_line_cap(c->cairo, CAIRO_LINE_CAP_ROUND);
    return CRL_OK;
}

/* Gives the drawing to the picture, unless something went wrong on the way. */
static crl_status close_canvas(canvas *c, crl_error *err)
{
    const cairo_status_t status = cairo_status(c->cairo);
    cairo_destroy(c->cairo);
    if (!status) copy_pixels(c, false);
    cairo_surface_destroy(c->surface);
    return status ? fail_cairo(status, err) : CRL_OK;
}

static double gamma_of(double v)
{
    v = clamp(v, 0.0, 1.0);
    return v <= 0.0031308 ? 12.92 * v : 1.055 * pow(v, 1.0 / 2.4) - 0.055;
}

/* Neighbouring classes are a golden angle apart on the circle of hues, so that any few of them differ clearly.
 * Source: OKLCH with lightness 0.74 and chroma 0.16; B. Ottosson, "A perceptual color space for image processing". */
static colour class_colour(int32_t index)
{
    const double hue = fmod(142.0 + 137.50776405 * (index % 360), 360.0) * pi / 180.0, lightness = 0.74, chroma = 0.16;
    const double a = chroma * cos(hue), b = chroma * sin(hue);
    double l = lightness + 0.3963377774 * a + 0.2158037573 * b;
    double m = lightness - 0.1055613458 * a - 0.0638541728 * b;
    double s = lightness - 0.0894841775 * a - 1.2914855480 * b;
    l = l * l * l, m = m * m * m, s = s * s * s;
    return (colour){ gamma_of(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
                     gamma_of(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
                     gamma_of(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s) };
}

static void set_colour(const canvas *c, colour k, double alpha)
{
    cairo_set_source_rgba(c->cairo, k.r, k.g, k.b, alpha);
}

static void rounded(cairo_t *cr, double x, double y, double w, double h, double radius)
{
    const double r = fmin(radius, fmin(w, h) / 2.0);
    cairo_new_sub_path(cr);
    cairo_arc(cr, x + w - r, y + r, r, -pi / 2.0, 0.0);
    cairo_arc(cr, x + w - r, y + h - r, r, 0.0, pi / 2.0);
    cairo_arc(cr, x + r, y + h - r, r, pi / 2.0, pi);
    cairo_arc(cr, x + r, y + r, r, pi, 1.5 * pi);
    cairo_close_path(cr);
}

/* The frame of a box: a dark hem under the coloured line keeps it visible on a ground of its own colour. */
static void draw_box(const canvas *c, const crl_detection *d)
{
    const double line = fmax(1.5, 3.4 * c->unit), radius = 6.0 * c->unit;
    /* Lines are drawn on their middle: half of one goes inwards, so that at the edge of the picture none is cut. */
    const double x = d->box.x0 + line / 2.0, y = d->box.y0 + line / 2.0;
    const double w = fmax(d->box.x1 - d->box.x0 - line, 1.0), h = fmax(d->box.y1 - d->box.y0 - line, 1.0);
    rounded(c->cairo, x, y, w, h, radius);
    cairo_set_source_rgba(c->cairo, 0.0, 0.0, 0.0, 0.45);
    cairo_set_line_width(c->cairo, line + fmax(1.0, 1.6 * c->unit));
    cairo_stroke_preserve(c->cairo);
    set_colour(c, class_colour(d->index), 1.0);
    cairo_set_line_width(c->cairo, line);
    cairo_stroke(c->cairo);
}

typedef struct chip {
    double x, y, w, h;
    double text_x, text_y;
    char text[200];
} chip;

/* Cuts the last UTF-8 character off. */
static void drop_character(char *text)
{
    size_t n = strlen(text);
    while (n && ((unsigned char)text[n - 1] & 0xc0) == 0x80) n--;
    if (n) text[n - 1] = 0;
}

/* "NAME  87%", its end replaced by dots until it is no wider than the picture. */
static void write_chip(const canvas *c, chip *k, const crl_detection *d, const crl_labels *labels)
{
    const double pad_x = 8.0 * c->unit, pad_y = 5.0 * c->unit;
    const char *label = crl_labels_get(labels, d->index);
    char name[160], percent[16];
    if (label) snprintf(name, sizeof name, "%s", label);
    else snprintf(name, sizeof name, "%d", d->index);
    if (label && strlen(label) >= sizeof name) drop_character(name); /* it may be a part of one */
    snprintf(percent, sizeof percent, "%.0f%%", 100.0 * clamp(d->score, -99.0, 99.0));
    snprintf(k->text, sizeof k->text, "%s  %s", name, percent);
    cairo_text_extents_t t;
    for (;;) {
        cairo_text_extents(c->cairo, k->text, &t);
        if (!name[0] || t.x_advance + 2.0 * pad_x <= c->image->width) break;
        drop_character(name);
        snprintf(k->text, sizeof k->text, "%s\xe2\x80\xa6 %s", name, percent);
    }
    cairo_font_extents_t f;
    cairo_font_extents(c->cairo, &f);
    k->w = t.x_advance + 2.0 * pad_x;
    k->h = f.ascent + f.descent + 2.0 * pad_y;
    k->text_x = pad_x;
    k->text_y = pad_y + f.ascent;
}

static bool overlaps(const chip *a, const chip *b)
{
    return a->x < b->x + b->w && b->x < a->x + a->w && a->y < b->y + b->h && b->y < a->y + a->h;
}

/* Above the box, in its corner where it is large enough, below it, or at its right end: the first place that is within
 * the picture and free. */
static void place_chip(const canvas *c, chip *k, const crl_box *box, const chip *placed, int32_t n)
{
    const double gap = 2.0 * c->unit, width = c->image->width, height = c->image->height;
    const bool large = box->x1 - box->x0 >= k->w && box->y1 - box->y0 >= 3.0 * k->h;
    const double inside = large ? box->y0 : -1.0;
    const double places[][2] = {
        { box->x0, box->y0 - k->h - gap },        { box->x0, inside },          { box->x0, box->y1 + gap },
        { box->x1 - k->w, box->y0 - k->h - gap }, { box->x1 - k->w, inside },   { box->x1 - k->w, box->y1 + gap },
        { box->x0, box->y0 },
    };
    const size_t n_places = sizeof places / sizeof places[0];
    for (size_t i = 0; i <= n_places; i++) {
        /* None is free: then the usual place, moved into the picture. */
        const double *at = places[i < n_places ? i : 0];
        k->x = clamp(at[0], 0.0, fmax(width - k->w, 0.0));
        k->y = clamp(at[1], 0.0, fmax(height - k->h, 0.0));
        bool free = k->y == at[1];
        for (int32_t p = 0; p < n && free; p++) free = !overlaps(k, &placed[p]);
        if (free) return;
    }
}

static void draw_chip(const canvas *c, const chip *k, int32_t index)
{
    rounded(c->cairo, k->x, k->y, k->w, k->h, 6.0 * c->unit);
    set_colour(c, class_colour(index), 0.94);
    cairo_fill(c->cairo);
    cairo_set_source_rgb(c->cairo, 0.06, 0.07, 0.10);
    cairo_move_to(c->cairo, k->x + k->text_x, k->y + k->text_y);
    cairo_show_text(c->cairo, k->text);
}

static void set_font(const canvas *c)
{
    cairo_select_font_face(c->cairo, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD);
    cairo_set_font_size(c->cairo, fmax(9.0, 21.0 * c->unit));
}

crl_status crl_draw_detections(crl_image *image, const crl_detection *detections, int32_t n, const crl_labels *labels,
                               crl_error *err)
{
    if (n < 0) return crl_fail(err, CRL_ERR_ARGUMENT, "%d detections to draw", n);
    chip *chips = crl_alloc_array((size_t)n, sizeof *chips);
    if (!chips) return crl_fail_memory(err, "drawing");
    canvas c;
    const crl_status s = open_canvas(&c, image, err);
    if (s) {
        crl_free(chips);
        return s;
    }
    set_font(&c);
    for (int32_t i = n; i-- > 0;) draw_box(&c, &detections[i]); /* the best on top */
    for (int32_t i = 0; i < n; i++) {
        write_chip(&c, &chips[i], &detections[i], labels);
        place_chip(&c, &chips[i], &detections[i].box, chips, i);
    }
    for (int32_t i = n; i-- > 0;) draw_chip(&c, &chips[i], detections[i].index);
    crl_free(chips);
    return close_canvas(&c, err);
}

/* Pairs of keypoints that a limb joins, and its side: 0 left, 1 right, 2 middle. */
static const struct {
    int a, b, side;
} limbs[] = {
    { 0, 1, 0 },   { 0, 2, 1 },   { 1, 3, 0 },   { 2, 4, 1 },   { 5, 6, 2 },   { 5, 7, 0 },   { 7, 9, 0 },
    { 6, 8, 1 },   { 8, 10, 1 },  { 5, 11, 0 },  { 6, 12, 1 },  { 11, 12, 2 }, { 11, 13, 0 }, { 13, 15, 0 },
    { 12, 14, 1 }, { 14, 16, 1 },
};

static const colour sides[] = { { 0.16, 0.80, 0.90 }, { 1.00, 0.62, 0.20 }, { 0.96, 0.92, 0.42 } };

static bool is_seen(const crl_keypoint *k, float threshold)
{
    return k->score >= threshold && isfinite(k->x) && isfinite(k->y);
}

static void draw_pose(const canvas *c, const crl_pose *p, float threshold)
{
    cairo_t *cr = c->cairo;
    const double line = fmax(2.0, 5.0 * c->unit), hem = fmax(1.0, 1.6 * c->unit);
    for (int pass = 0; pass < 2; pass++) /* all hems lie below all lines */
        for (size_t i = 0; i < sizeof limbs / sizeof limbs[0]; i++) {
            const crl_keypoint *a = &p->keypoints[limbs[i].a], *b = &p->keypoints[limbs[i].b];
            if (!is_seen(a, threshold) || !is_seen(b, threshold)) continue;
            cairo_move_to(cr, a->x, a->y);
            cairo_line_to(cr, b->x, b->y);
            if (pass) set_colour(c, sides[limbs[i].side], 1.0);
            else cairo_set_source_rgba(cr, 0.0, 0.0, 0.0, 0.45);
            cairo_set_line_width(cr, pass ? line : line + hem);
            cairo_stroke(cr);
        }
    for (int i = 0; i < CRL_KEYPOINTS; i++) {
        const crl_keypoint *k = &p->keypoints[i];
        if (!is_seen(k, threshold)) continue;
        cairo_new_sub_path(cr);
        cairo_arc(cr, k->x, k->y, line * 1.15, 0.0, 2.0 * pi);
        cairo_set_source_rgb(cr, 1.0, 1.0, 1.0);
        cairo_fill_preserve(cr);
        /* Odd keypoints are the left ones, the nose is neither. */
        set_colour(c, i == 0 ? sides[2] : sides[i % 2 == 0], 1.0);
        cairo_set_line_width(cr, line * 0.6);
        cairo_stroke(cr);
    }
}

crl_status crl_draw_poses(crl_image *image, const crl_pose *poses, int32_t n, float threshold, crl_error *err)
{
    canvas c;
    const crl_status s = open_canvas(&c, image, err);
    if (s) return s;
    for (int32_t i = n; i-- > 0;) draw_pose(&c, &poses[i], threshold);
    return close_canvas(&c, err);
}
