/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes and colours: see paint.h. */
#include "vision/paint.h"

#include <math.h>
#include <string.h>

#include "base/error.h"

static const double pi = 3.14159265358979323846;

/* Unlike fmin and fmax these need no call. No number here is a NaN. */
static double lesser(double a, double b)
{
    return a < b ? a : b;
}

static double greater(double a, double b)
{
    return a > b ? a : b;
}

static double clamp(double v, double low, double high)
{
    return v < low ? low : v > high ? high : v;
}

/* ---- colours ---- */

static double gamma_of(double v)
{
    v = clamp(v, 0.0, 1.0);
    return v <= 0.0031308 ? 12.92 * v : 1.055 * pow(v, 1.0 / 2.4) - 0.055;
}

static double linear_of(uint8_t byte)
{
    const double v = byte / 255.0;
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

/* Source: OKLCH; B. Ottosson, "A perceptual color space for image processing". */
static crl_colour from_oklch(double lightness, double chroma, double degrees)
{
    const double a = chroma * cos(degrees * pi / 180.0), b = chroma * sin(degrees * pi / 180.0);
    double l = lightness + 0.3963377774 * a + 0.2158037573 * b;
    double m = lightness - 0.1055613458 * a - 0.0638541728 * b;
    double s = lightness - 0.0894841775 * a - 1.2914855480 * b;
    l = l * l * l, m = m * m * m, s = s * s * s;
    const double rgb[3] = { 4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
                            -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
                            -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s };
    crl_colour k;
    for (int c = 0; c < 3; c++) k.rgb[c] = (uint8_t)(255.0 * gamma_of(rgb[c]) + 0.5);
    return k;
}

static void to_oklab(crl_colour k, double lab[3])
{
    const double r = linear_of(k.rgb[0]), g = linear_of(k.rgb[1]), b = linear_of(k.rgb[2]);
    const double l = cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
    const double m = cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
    const double s = cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
    lab[0] = 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s;
    lab[1] = 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s;
    lab[2] = 0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s;
}

crl_colour crl_class_colour(int32_t index, int32_t shade)
{
    static const struct {
        double lightness, chroma, turn;
    } shades[CRL_SHADES] = { { 0.74, 0.16, 0.0 }, { 0.92, 0.09, 8.0 }, { 0.60, 0.17, -8.0 }, { 0.82, 0.14, 28.0 } };
    const double hue = 142.0 + 137.50776405 * (index % 360) + shades[shade].turn;
    return from_oklch(shades[shade].lightness, shades[shade].chroma, fmod(hue, 360.0));
}

double crl_colour_distance(crl_colour a, crl_colour b)
{
    double p[3], q[3];
    to_oklab(a, p), to_oklab(b, q);
    return sqrt((p[0] - q[0]) * (p[0] - q[0]) + (p[1] - q[1]) * (p[1] - q[1]) + (p[2] - q[2]) * (p[2] - q[2]));
}

double crl_colour_lightness(crl_colour a)
{
    double lab[3];
    to_oklab(a, lab);
    return lab[0];
}

/* ---- pictures ---- */

crl_status crl_paint_check(const crl_image *image, crl_error *err)
{
    const crl_status s = crl_image_check(image, "picture", err);
    if (s || image->channels == 3) return s;
    return crl_fail(err, CRL_ERR_ARGUMENT, "picture of %d channels to draw into; 3 are accepted", image->channels);
}

double crl_paint_unit(const crl_image *image)
{
    const double mean = sqrt((double)image->width * image->height), least = fmin(image->width, image->height);
    return fmax(fmin(mean / 1000.0, least / 250.0), 0.5);
}

void crl_paint_pixel(uint8_t *pixel, crl_colour colour, double share)
{
    const int part = (int)(share * 256.0 + 0.5);
    for (int c = 0; c < 3; c++) pixel[c] = (uint8_t)((pixel[c] * (256 - part) + colour.rgb[c] * part + 128) >> 8);
}

/* ---- sheets ---- */

/* The part of a sheet at x, y that is within the picture: columns and rows of the sheet, from the first to before the last. */
typedef struct part {
    int32_t x0, x1, y0, y1;
} part;

static part part_within(const crl_image *image, const crl_sheet *s, int32_t x, int32_t y)
{
    const int64_t left = (int64_t)x + s->left, top = (int64_t)y + s->top;
    const int64_t x1 = image->width - left < s->width ? image->width - left : s->width;
    const int64_t y1 = image->height - top < s->height ? image->height - top : s->height;
    const int64_t x0 = left < 0 ? -left : 0, y0 = top < 0 ? -top : 0;
    if (x0 >= x1 || y0 >= y1) return (part){ 0, 0, 0, 0 };
    return (part){ (int32_t)x0, (int32_t)x1, (int32_t)y0, (int32_t)y1 };
}

static uint8_t *pixel_of(const crl_image *image, const crl_sheet *s, int32_t x, int32_t y)
{
    return image->data + (size_t)(y + s->top) * image->stride + 3 * (size_t)(x + s->left);
}

void crl_paint_covers(crl_image *image, const uint8_t *covers, const crl_sheet *sheet, int32_t x, int32_t y, crl_colour colour)
{
    const part p = part_within(image, sheet, x, y);
    for (int32_t row = p.y0; row < p.y1; row++) {
        const uint8_t *cover = covers + (size_t)row * (size_t)sheet->width + (size_t)p.x0;
        uint8_t *pixel = pixel_of(image, sheet, x + p.x0, y + row);
        for (int32_t column = p.x0; column < p.x1; column++, cover++, pixel += 3)
            if (*cover) crl_paint_pixel(pixel, colour, *cover / 255.0);
    }
}

void crl_paint_words(crl_image *image, const uint8_t *words, const crl_sheet *sheet, int32_t x, int32_t y)
{
    const part p = part_within(image, sheet, x, y);
    for (int32_t row = p.y0; row < p.y1; row++) {
        const uint8_t *from = words + 4 * ((size_t)row * (size_t)sheet->width + (size_t)p.x0);
        uint8_t *pixel = pixel_of(image, sheet, x + p.x0, y + row);
        for (int32_t column = p.x0; column < p.x1; column++, from += 4, pixel += 3) {
            uint32_t word;
            memcpy(&word, from, 4);
            const uint32_t rest = 255 - (word >> 24);
            for (int c = 0; c < 3 && word; c++) {
                const uint32_t sum = (word >> (16 - 8 * c) & 255) + (pixel[c] * rest + 127) / 255;
                pixel[c] = (uint8_t)(sum < 255 ? sum : 255);
            }
        }
    }
}

/* ---- shapes ---- */

/* Columns or rows whose centres lie within low..high and 0..n. */
typedef struct span {
    int32_t from, to;
} span;

static span clip(double low, double high, int32_t n)
{
    return (span){ (int32_t)clamp(floor(low), 0.0, n), (int32_t)clamp(ceil(high), 0.0, n) };
}

/* A rectangle with round corners by its middle and half sides, those without the corners. */
typedef struct plate {
    double x, y, half_width, half_height, radius;
    double reach;  /* how far from its outline a pixel may be painted */
    bool filled;
    crl_colour colour;
    double share;
} plate;

/* How much of a pixel is painted whose centre is that far outside the inner rectangle, along x and y. */
static double plate_cover(const plate *p, double dx, double dy)
{
    const double outer = dx > 0.0 && dy > 0.0 ? sqrt(dx * dx + dy * dy) : greater(greater(dx, dy), 0.0);
    const double d = outer + lesser(greater(dx, dy), 0.0) - p->radius; /* less than 0 inside */
    return clamp(p->filled ? 0.5 - d : p->reach - fabs(d), 0.0, 1.0);
}

static void paint_evenly(crl_image *image, crl_colour colour, double share, int32_t y, span columns)
{
    uint8_t *pixel = image->data + (size_t)y * image->stride + 3 * (size_t)columns.from;
    if (share > 0.0)
        for (int32_t x = columns.from; x < columns.to; x++, pixel += 3) crl_paint_pixel(pixel, colour, share);
}

/* The columns low..high of a row. Between the corners it is the same all along. */
static void paint_run(crl_image *image, const plate *p, int32_t y, double low, double high)
{
    const double dy = fabs(y + 0.5 - p->y) - p->half_height;
    const span all = clip(low, high, image->width);
    span middle = { all.to, all.to };
    if (dy > 0.0 || p->radius >= p->reach) {
        middle = clip(ceil(p->x - p->half_width), floor(p->x + p->half_width), image->width);
        if (middle.from < all.from) middle.from = all.from;
        if (middle.to > all.to) middle.to = all.to;
        if (middle.from >= middle.to) middle = (span){ all.to, all.to };
        paint_evenly(image, p->colour, p->share * plate_cover(p, 0.0, dy), y, middle);
    }
    for (int32_t x = all.from; x < all.to; x++) {
        if (x == middle.from) x = middle.to;
        if (x >= all.to) break;
        const double cover = plate_cover(p, fabs(x + 0.5 - p->x) - p->half_width, dy);
        if (cover > 0.0) crl_paint_pixel(image->data + (size_t)y * image->stride + 3 * (size_t)x, p->colour, cover * p->share);
    }
}

static void paint_plate(crl_image *image, const crl_box *box, double radius, plate p)
{
    if (!isfinite(box->x0) || !isfinite(box->y0) || !isfinite(box->x1) || !isfinite(box->y1)) return;
    const double width = greater((double)box->x1 - box->x0, 0.0), height = greater((double)box->y1 - box->y0, 0.0);
    p.radius = lesser(radius, lesser(width, height) / 2.0);
    p.x = box->x0 + width / 2.0, p.y = box->y0 + height / 2.0;
    p.half_width = width / 2.0 - p.radius, p.half_height = height / 2.0 - p.radius;
    const double left = p.x - width / 2.0, right = p.x + width / 2.0;
    const double top = p.y - height / 2.0, bottom = p.y + height / 2.0, rim = p.radius + p.reach + 1.0;
    const span rows = clip(top - p.reach - 1.0, bottom + p.reach + 1.0, image->height);
    for (int32_t y = rows.from; y < rows.to; y++) {
        const bool in_rim = y < top + rim || y > bottom - rim || right - left < 2.0 * rim;
        if (p.filled || in_rim) paint_run(image, &p, y, left - p.reach - 1.0, right + p.reach + 1.0);
        else { /* straight sides */
            paint_run(image, &p, y, left - p.reach - 0.5, left + p.reach + 0.5);
            paint_run(image, &p, y, right - p.reach - 0.5, right + p.reach + 0.5);
        }
    }
}

void crl_paint_frame(crl_image *image, const crl_box *box, double radius, double width, crl_colour colour, double share)
{
    paint_plate(image, box, radius, (plate){ .reach = width / 2.0 + 0.5, .colour = colour, .share = share });
}

void crl_paint_panel(crl_image *image, const crl_box *box, double radius, crl_colour colour, double share)
{
    paint_plate(image, box, radius, (plate){ .reach = 0.5, .filled = true, .colour = colour, .share = share });
}

void crl_paint_line(crl_image *image, double ax, double ay, double bx, double by, double width, crl_colour colour,
                    double share)
{
    if (!isfinite(ax) || !isfinite(ay) || !isfinite(bx) || !isfinite(by)) return;
    const double reach = width / 2.0 + 0.5, dx = bx - ax, dy = by - ay, square = dx * dx + dy * dy;
    const span rows = clip(lesser(ay, by) - reach, greater(ay, by) + reach, image->height);
    for (int32_t row = rows.from; row < rows.to; row++) {
        /* Only the part of the line that is near the row, and what lies around that. */
        const double y = row + 0.5, near = reach + 0.5;
        double t0 = 0.0, t1 = 1.0;
        if (fabs(dy) > 1e-9) {
            const double s = (y - near - ay) / dy, t = (y + near - ay) / dy;
            t0 = clamp(lesser(s, t), 0.0, 1.0), t1 = clamp(greater(s, t), 0.0, 1.0);
        }
        const double x0 = ax + t0 * dx, x1 = ax + t1 * dx;
        const span columns = clip(lesser(x0, x1) - reach, greater(x0, x1) + reach, image->width);
        uint8_t *pixel = image->data + (size_t)row * image->stride + 3 * (size_t)columns.from;
        for (int32_t column = columns.from; column < columns.to; column++, pixel += 3) {
            const double x = column + 0.5;
            const double t = square > 0.0 ? clamp(((x - ax) * dx + (y - ay) * dy) / square, 0.0, 1.0) : 0.0;
            const double ex = x - ax - t * dx, ey = y - ay - t * dy;
            const double cover = clamp(reach - sqrt(ex * ex + ey * ey), 0.0, 1.0);
            if (cover > 0.0) crl_paint_pixel(pixel, colour, cover * share);
        }
    }
}
