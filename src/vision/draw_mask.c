/* SPDX-License-Identifier: Apache-2.0 */
/* Drawing a segmentation: classes tinted and outlined, and a legend.
 *
 * The picture is worked on in tiles. Where a tile and its surroundings are of one class it is tinted and that is all;
 * elsewhere a map of classes is made of it, with a margin, and in that each pixel's distance from another class, from
 * which follow outlines. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "vision/painter.h"
#include "vision/vision.h"

/* MOST_SIDE: of a tile with its margins, in samples; draw_classes() has the numbers. */
enum { TILE = 64, MOST_SIDE = 160 };

typedef struct overlay {
    crl_painter *painter;
    crl_image *image;
    const crl_image *mask;
    double to_mask_x, to_mask_y; /* pixels of the mask for one of the picture */
    bool present[CRL_MASK_CLASSES];
    crl_colour colours[CRL_MASK_CLASSES];
    int32_t detail; /* samples for a pixel, each way */
    int32_t line, hem; /* samples nearer to another class than this, squared, belong to an outline or to its hem */
    int32_t margin; /* samples around a tile */
    int32_t side;   /* samples of a tile with its margin */
    uint8_t *classes, *across; /* [side][side] class, and distance to another one in its row, up to the margin */
} overlay;

/* Samples of one row. */
typedef struct samples {
    uint8_t *classes;
    int16_t depths[MOST_SIDE]; /* squared distances from another class, up to the margin's */
} samples;

/* ---- colours ---- */

typedef struct ground {
    uint64_t sum[3], n;
} ground;

/* The mean colour of the picture under each class, from some hundred thousand pixels. */
static void look_under(const overlay *o, ground *grounds)
{
    const int32_t step = (int32_t)fmax(1.0, sqrt((double)o->image->width * o->image->height / 300000.0));
    for (int32_t y = step / 2; y < o->image->height; y += step)
        for (int32_t x = step / 2; x < o->image->width; x += step) {
            const uint8_t *from = o->mask->data + (size_t)(y * o->to_mask_y) * o->mask->stride;
            ground *g = &grounds[from[(size_t)(x * o->to_mask_x)]];
            const uint8_t *p = o->image->data + (size_t)y * o->image->stride + 3 * (size_t)x;
            for (int c = 0; c < 3; c++) g->sum[c] += p[c];
            g->n++;
        }
}

/* How well a colour stands out from what is under a class and from the colours of the classes before it. */
static double prominence(const overlay *o, const ground *g, int32_t class, crl_colour colour)
{
    double least = 1.0;
    if (g->n) {
        crl_colour under;
        for (int c = 0; c < 3; c++) under.rgb[c] = (uint8_t)(g->sum[c] / g->n);
        least = crl_colour_distance(colour, under);
    }
    for (int32_t i = 1; i < class; i++)
        if (o->present[i]) least = fmin(least, 1.5 * crl_colour_distance(colour, o->colours[i]));
    return least;
}

/* A class keeps its own colour, that of its boxes, unless it would be hard to see here. */
static crl_status choose_colours(overlay *o, crl_error *err)
{
    ground *grounds = crl_room_get(&o->painter->grounds, CRL_MASK_CLASSES, sizeof *grounds);
    if (!grounds) return crl_fail_memory(err, "drawing");
    memset(grounds, 0, CRL_MASK_CLASSES * sizeof *grounds);
    look_under(o, grounds);
    for (int32_t class = 1; class < CRL_MASK_CLASSES; class++) {
        if (!o->present[class]) continue;
        double best = -1.0;
        for (int32_t other = 0; other < 24 && best < 0.22; other++) {
            const crl_colour colour = crl_class_colour(class + other / 2, other % 2 ? 2 : 0);
            const double p = prominence(o, &grounds[class], class, colour);
            if (p > best) best = p, o->colours[class] = colour;
        }
    }
    return CRL_OK;
}

/* ---- classes of points ---- */

static uint8_t mask_at(const overlay *o, int32_t x, int32_t y)
{
    const crl_image *m = o->mask;
    x = x < 0 ? 0 : x < m->width ? x : m->width - 1;
    y = y < 0 ? 0 : y < m->height ? y : m->height - 1;
    return m->data[(size_t)y * m->stride + (size_t)x];
}

/* A coordinate of a sample in the mask. Where the mask is coarser than the picture, a sample lies between two of its pixels,
 * `part` of the way from the first. */
typedef struct place {
    int32_t first, second;
    double part;
} place;

static int32_t within(double v, int32_t n)
{
    return v < 0 ? 0 : v < n ? (int32_t)v : n - 1;
}

static place place_of(const overlay *o, int32_t start, int32_t i, double to_mask, int32_t n)
{
    const double at = (start + (i - o->margin + 0.5) / o->detail) * to_mask;
    if (o->to_mask_x >= 1.0 || o->to_mask_y >= 1.0) return (place){ within(floor(at), n), within(floor(at), n), 0.0 };
    const double first = floor(at - 0.5);
    return (place){ within(first, n), within(first + 1.0, n), at - 0.5 - first };
}

/* Between four pixels of the mask the class is the one with the largest part, so that outlines run smoothly and not in steps. */
static uint8_t largest_part(const uint8_t classes[4], double x, double y)
{
    const double parts[4] = { (1.0 - x) * (1.0 - y), x * (1.0 - y), (1.0 - x) * y, x * y };
    double most = -1.0;
    uint8_t best = 0;
    for (int i = 0; i < 4; i++) {
        double part = 0.0;
        for (int k = 0; k < 4; k++) part += classes[k] == classes[i] ? parts[k] : 0.0;
        if (part > most) most = part, best = classes[i];
    }
    return best;
}

/* Classes of samples of one row. */
static void map_row(const overlay *o, uint8_t *classes, const place *columns, place y)
{
    const uint8_t *above = o->mask->data + (size_t)y.first * o->mask->stride, *below = o->mask->data + (size_t)y.second * o->mask->stride;
    for (int32_t i = 0; i < o->side; i++) {
        const place x = columns[i];
        const uint8_t four[4] = { above[x.first], above[x.second], below[x.first], below[x.second] };
        const bool same = four[0] == four[1] && four[0] == four[2] && four[0] == four[3];
        classes[i] = same ? four[0] : largest_part(four, x.part, y.part);
    }
}

/* Whether all of a tile and its margin are of one class. */
static bool is_uniform(const overlay *o, int32_t x, int32_t y)
{
    const double margin = (double)o->margin / o->detail + 1.0;
    const int32_t x0 = (int32_t)floor((x - margin) * o->to_mask_x) - 1, y0 = (int32_t)floor((y - margin) * o->to_mask_y) - 1;
    const int32_t x1 = (int32_t)ceil((x + TILE + margin) * o->to_mask_x) + 1;
    const int32_t y1 = (int32_t)ceil((y + TILE + margin) * o->to_mask_y) + 1;
    const int32_t from = x0 < 0 ? 0 : x0, to = x1 < o->mask->width ? x1 : o->mask->width - 1;
    const uint8_t class = mask_at(o, x0, y0);
    for (int32_t row = y0 < 0 ? 0 : y0; row <= y1 && row < o->mask->height; row++) {
        const uint8_t *p = o->mask->data + (size_t)row * o->mask->stride;
        for (int32_t column = from; column <= to; column++)
            if (p[column] != class) return false;
    }
    return true;
}

/* Fills `classes` and `across` for the tile at x, y, as far down as the picture goes. */
static void map_tile(const overlay *o, int32_t x, int32_t y, int32_t bottom)
{
    const int32_t side = o->side, rows = (bottom - y) * o->detail + 2 * o->margin, most = o->margin;
    place columns[MOST_SIDE];
    for (int32_t i = 0; i < side; i++) columns[i] = place_of(o, x, i, o->to_mask_x, o->mask->width);
    for (int32_t row = 0; row < rows; row++) {
        uint8_t *classes = o->classes + (size_t)row * (size_t)side, *across = o->across + (size_t)row * (size_t)side;
        map_row(o, classes, columns, place_of(o, y, row, o->to_mask_y, o->mask->height));
        int32_t run = most;
        for (int32_t i = 0; i < side; i++) {
            run = i && classes[i] != classes[i - 1] ? 1 : run < most ? run + 1 : most;
            across[i] = (uint8_t)run;
        }
        run = most;
        for (int32_t i = side - 1; i-- > 0;) {
            run = classes[i] != classes[i + 1] ? 1 : run < most ? run + 1 : most;
            if (run < across[i]) across[i] = (uint8_t)run;
        }
    }
}

/* Lowers depths by a row that is `down` samples away, squared. */
static void measure_by(int16_t *restrict depths, const uint8_t *restrict own, const uint8_t *restrict classes,
                       const uint8_t *restrict across, int32_t n, int16_t down)
{
    for (int32_t i = 0; i < n; i++) {
        const int16_t there = across[i], same = (int16_t)-(classes[i] == own[i]);
        const int16_t depth = (int16_t)((there & same) * (there & same) + down), before = depths[i];
        depths[i] = depth < before ? depth : before;
    }
}

/* How far the samples of a row are from another class. */
static void measure_row(const overlay *o, int32_t row, samples *s)
{
    const int32_t side = o->side;
    const int16_t most = (int16_t)(o->margin * o->margin);
    s->classes = o->classes + (size_t)row * (size_t)side;
    for (int32_t i = 0; i < side; i++) s->depths[i] = most;
    for (int32_t dy = -o->margin; dy <= o->margin; dy++) {
        const uint8_t *classes = s->classes + dy * side, *across = o->across + (size_t)(row + dy) * (size_t)side;
        measure_by(s->depths, s->classes, classes, across, side, (int16_t)(dy * dy));
    }
}

/* ---- pixels ---- */

/* What is tinted loses its own colour first, so that the tint is the class's on every ground. */
static void tint(uint8_t *pixel, crl_colour colour)
{
    const uint8_t grey = (uint8_t)((77 * pixel[0] + 151 * pixel[1] + 28 * pixel[2]) >> 8);
    crl_paint_pixel(pixel, (crl_colour){ { grey, grey, grey } }, 0.7);
    crl_paint_pixel(pixel, colour, 0.45);
}

/* One sample: `pixel` is what is there. An outline lies within its class; around it, on the clear ground, a dark hem. */
static void draw_sample(const overlay *o, uint8_t *pixel, uint8_t class, bool edge)
{
    if (class) {
        tint(pixel, o->colours[class]);
        if (edge) crl_paint_pixel(pixel, o->colours[class], 1.0);
    } else if (edge)
        crl_paint_pixel(pixel, crl_dark, 0.6);
}

/* A pixel whose samples begin at `column` of each of the rows. */
static void draw_pixel(const overlay *o, uint8_t *pixel, const samples *rows, int32_t column)
{
    uint8_t classes[4];
    bool edges[4], alike = true;
    const int32_t n = o->detail * o->detail;
    for (int32_t i = 0; i < n; i++) {
        const samples *s = &rows[i / o->detail];
        const int32_t x = column + i % o->detail;
        classes[i] = s->classes[x];
        edges[i] = s->depths[x] < (classes[i] ? o->line : o->hem);
        alike = alike && classes[i] == classes[0] && edges[i] == edges[0];
    }
    if (alike) {
        draw_sample(o, pixel, classes[0], edges[0]);
        return;
    }
    int32_t sum[3] = { 0 };
    for (int32_t i = 0; i < n; i++) {
        uint8_t sample[3] = { pixel[0], pixel[1], pixel[2] };
        draw_sample(o, sample, classes[i], edges[i]);
        for (int c = 0; c < 3; c++) sum[c] += sample[c];
    }
    for (int c = 0; c < 3; c++) pixel[c] = (uint8_t)((sum[c] + n / 2) / n);
}

static void draw_tile(const overlay *o, int32_t x, int32_t y)
{
    const int32_t right = o->image->width - x < TILE ? o->image->width : x + TILE;
    const int32_t bottom = o->image->height - y < TILE ? o->image->height : y + TILE;
    const bool uniform = is_uniform(o, x, y);
    const uint8_t class = mask_at(o, (int32_t)(x * o->to_mask_x), (int32_t)(y * o->to_mask_y));
    if (uniform && !class) return;
    if (!uniform) map_tile(o, x, y, bottom);
    samples rows[2];
    for (int32_t row = y; row < bottom; row++) {
        for (int32_t i = 0; i < o->detail && !uniform; i++) measure_row(o, o->margin + (row - y) * o->detail + i, &rows[i]);
        uint8_t *pixel = o->image->data + (size_t)row * o->image->stride + 3 * (size_t)x;
        for (int32_t column = x; column < right; column++, pixel += 3) {
            if (uniform) tint(pixel, o->colours[class]);
            else draw_pixel(o, pixel, rows, o->margin + (column - x) * o->detail);
        }
    }
}

/* ---- the legend ---- */

enum { MOST_NAMES = 12 };

/* The classes that take most of the picture, largest first. */
static int32_t largest(const overlay *o, int32_t order[MOST_NAMES], double shares[MOST_NAMES])
{
    uint64_t pixels[CRL_MASK_CLASSES];
    crl_mask_count(o->mask, pixels);
    int32_t n = 0;
    for (; n < MOST_NAMES; n++) {
        int32_t best = 0;
        for (int32_t c = 1; c < CRL_MASK_CLASSES; c++)
            if (pixels[c] && (!best || pixels[c] > pixels[best])) best = c;
        if (!best) break;
        order[n] = best;
        shares[n] = (double)pixels[best] / ((double)o->mask->width * o->mask->height);
        pixels[best] = 0;
    }
    return n;
}

/* The corner, 0 to 3, where a legend of that size hides the least of what was found. */
static int best_corner(const overlay *o, double width, double height)
{
    int best = 0;
    uint64_t least = UINT64_MAX;
    const int32_t w = (int32_t)fmin(width * o->to_mask_x + 1.0, o->mask->width);
    const int32_t h = (int32_t)fmin(height * o->to_mask_y + 1.0, o->mask->height);
    for (int corner = 0; corner < 4; corner++) {
        uint64_t hidden = 0;
        const int32_t x0 = corner % 2 ? o->mask->width - w : 0, y0 = corner / 2 ? o->mask->height - h : 0;
        for (int32_t y = y0; y < y0 + h; y++)
            for (int32_t x = x0; x < x0 + w; x++) hidden += mask_at(o, x, y) != 0;
        if (hidden < least) least = hidden, best = corner;
    }
    return best;
}

static crl_status draw_legend(const overlay *o, const crl_labels *labels, crl_error *err)
{
    int32_t order[MOST_NAMES];
    double shares[MOST_NAMES], width = 0.0, height = 0.0;
    const int32_t n = largest(o, order, shares);
    crl_chip *chips = crl_room_get(&o->painter->chips, (size_t)n, sizeof *chips);
    if (!chips) return crl_fail_memory(err, "drawing");
    const double unit = crl_paint_unit(o->image), gap = ceil(3.0 * unit), edge = ceil(10.0 * unit);
    for (int32_t i = 0; i < n; i++) {
        crl_chip_make(&o->painter->texts, &chips[i], o->image, crl_labels_get(labels, order[i]), order[i], shares[i], fmax(22.0 * unit, 11.0));
        chips[i].colour = o->colours[order[i]];
        width = fmax(width, chips[i].width);
        height += chips[i].height + gap;
    }
    const int corner = best_corner(o, width + edge, height + edge);
    double y = corner / 2 ? fmax(o->image->height - height - edge + gap, 0.0) : edge;
    crl_status s = CRL_OK;
    for (int32_t i = 0; i < n && !s; i++) {
        chips[i].x = fmax(corner % 2 ? o->image->width - edge - chips[i].width : edge, 0.0);
        chips[i].x = fmin(chips[i].x, o->image->width - chips[i].width);
        chips[i].y = y;
        if (y + chips[i].height <= o->image->height) s = crl_chip_write(&o->painter->texts, o->image, &chips[i], err);
        y += chips[i].height + gap;
    }
    return s;
}

/* ---- the whole ---- */

/* The least square of a distance in samples that is `pixels` of the picture, or more. */
static int32_t square_of(const overlay *o, double pixels)
{
    int32_t n = 0;
    while (n <= o->margin * o->margin && (sqrt(n) - 0.5) / o->detail < pixels) n++;
    return n;
}

static crl_status draw_classes(overlay *o, crl_error *err)
{
    uint64_t pixels[CRL_MASK_CLASSES];
    crl_mask_count(o->mask, pixels);
    for (int32_t i = 0; i < CRL_MASK_CLASSES; i++) o->present[i] = pixels[i] != 0;
    const crl_status s = choose_colours(o, err);
    if (s) return s;
    const double unit = crl_paint_unit(o->image);
    /* Thin lines have two samples for a pixel, and a margin of up to 10 samples; others one, and up to 26. */
    const double line = fmin(fmax(2.6 * unit, 1.3), 24.0);
    o->detail = unit < 1.5 ? 2 : 1;
    o->margin = (int32_t)ceil(line * o->detail) + 2;
    o->side = TILE * o->detail + 2 * o->margin;
    o->line = square_of(o, line);
    o->hem = square_of(o, 0.6 * line);
    o->classes = crl_room_get(&o->painter->tile, 2 * (size_t)o->side, (size_t)o->side);
    if (!o->classes) return crl_fail_memory(err, "drawing");
    o->across = o->classes + (size_t)o->side * (size_t)o->side;
    for (int32_t y = 0; y < o->image->height; y += TILE)
        for (int32_t x = 0; x < o->image->width; x += TILE) draw_tile(o, x, y);
    return CRL_OK;
}

static crl_status draw(crl_painter *painter, crl_image *image, const crl_image *mask, const crl_labels *labels, bool legend,
                       crl_error *err)
{
    crl_status s = crl_paint_check(image, err);
    if (!s) s = crl_image_check(mask, "mask", err);
    if (!s && mask->channels != 1)
        s = crl_fail(err, CRL_ERR_ARGUMENT, "mask of %d channels; 1 is accepted", mask->channels);
    if (s) return s;
    overlay o = { .painter = painter, .image = image, .mask = mask };
    o.to_mask_x = (double)mask->width / image->width, o.to_mask_y = (double)mask->height / image->height;
    s = draw_classes(&o, err);
    return s || !legend ? s : draw_legend(&o, labels, err);
}

crl_status crl_painter_mask(crl_painter *painter, crl_image *image, const crl_image *mask, crl_error *err)
{
    return draw(painter, image, mask, NULL, false, err);
}

crl_status crl_painter_segmentation(crl_painter *painter, crl_image *image, const crl_image *mask, const crl_labels *labels,
                                    crl_error *err)
{
    return draw(painter, image, mask, labels, true, err);
}

crl_status crl_draw_mask(crl_image *image, const crl_image *mask, crl_error *err)
{
    crl_painter painter = { 0 };
    const crl_status s = draw(&painter, image, mask, NULL, false, err);
    crl_painter_fini(&painter);
    return s;
}

crl_status crl_draw_segmentation(crl_image *image, const crl_image *mask, const crl_labels *labels, crl_error *err)
{
    crl_painter painter = { 0 };
    const crl_status s = draw(&painter, image, mask, labels, true, err);
    crl_painter_fini(&painter);
    return s;
}
