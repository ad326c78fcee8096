/* SPDX-License-Identifier: Apache-2.0 */
/* Resizing, byte for byte as Pillow's Image.resize() does it for 8 bits a channel.
 *
 * Each output pixel is a weighted sum of the input pixels around it, along the row and along the column, in two
 * passes with a rounding to bytes between them. The reach of the filter grows with the scale when shrinking. Weights
 * are computed in double, made to sum to 1, and rounded to 22 fractional bits, which leaves sums room in 32 bits:
 *
 *   out = clamp((2^21 + sum(weight[i] * in[first + i])) >> 22)
 *
 * What Pillow computes is defined by the order of its operations in double, so that order is kept here. So is the
 * order of the passes, which shows in the last bit: rows first, but columns first when the height shrinks, and by
 * more than twice the pixels by which the width does. (Pillow up to version 12 had rows first always.)
 *
 * Pillow runs the first pass over the whole picture and keeps the result. Here each input row goes straight into the
 * output rows that want it, so that memory does not depend on the picture's height. Integer sums do not depend on
 * order: the bytes are the same. Shrinking, few output rows want one input row, and each has an accumulator;
 * growing, an output row wants few input rows, and those are kept.
 *
 * Source: Pillow 13, libImaging/Resample.c and Geometry.c (the nearest filter). */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "vision/vision.h"

enum { FRACTION = 22 };

typedef struct kernel {
    double (*at)(double x);
    double reach;
} kernel;

static double bilinear(double x)
{
    x = fabs(x);
    return x < 1.0 ? 1.0 - x : 0.0;
}

static double bicubic(double x)
{
    const double a = -0.5;
    x = fabs(x);
    if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
    if (x < 2.0) return (((x - 5.0) * x + 8.0) * x - 4.0) * a;
    return 0.0;
}

static double sinc(double x)
{
    if (x == 0.0) return 1.0;
    x = x * 3.14159265358979323846;
    return sin(x) / x;
}

static double lanczos(double x)
{
    return x >= -3.0 && x < 3.0 ? sinc(x) * sinc(x / 3.0) : 0.0;
}

/* Weights of one direction. */
typedef struct weights {
    int32_t n_out;
    int32_t room;   /* weights for each output */
    int32_t *first; /* [n_out] input */
    int32_t *n;     /* [n_out] inputs, at most `room`; first and first + n never fall */
    int32_t *w;     /* [n_out][room] */
} weights;

static void free_weights(weights *k)
{
    crl_free(k->first);
    crl_free(k->n);
    crl_free(k->w);
}

static bool make_weights(weights *k, int32_t n_in, float from, float to, int32_t n_out, kernel f)
{
    const double scale = (double)(to - from) / n_out, stretch = scale < 1.0 ? 1.0 : scale;
    const double reach = f.reach * stretch, step = 1.0 / stretch;
    k->n_out = n_out;
    k->room = (int32_t)ceil(reach) * 2 + 1;
    k->first = crl_alloc_array((size_t)n_out, sizeof *k->first);
    k->n = crl_alloc_array((size_t)n_out, sizeof *k->n);
    k->w = crl_alloc_array((size_t)n_out, (size_t)k->room * sizeof *k->w);
    double *real = crl_alloc_array((size_t)k->room, sizeof *real);
    const bool ok = k->first && k->n && k->w && real;
    for (int32_t o = 0; ok && o < n_out; o++) {
        const double centre = from + (o + 0.5) * scale;
        int32_t first = (int32_t)(centre - reach + 0.5), end = (int32_t)(centre + reach + 0.5);
        if (first < 0) first = 0;
        if (end > n_in) end = n_in;
        double sum = 0.0;
        for (int32_t i = 0; i < end - first; i++) {
            real[i] = f.at((i + first - centre + 0.5) * step);
            sum += real[i];
        }
        int32_t *w = k->w + (size_t)o * (size_t)k->room;
        for (int32_t i = 0; i < end - first; i++) {
            const double share = (sum != 0.0 ? real[i] / sum : real[i]) * (1 << FRACTION);
            w[i] = (int32_t)(share < 0.0 ? share - 0.5 : share + 0.5);
        }
        k->first[o] = first;
        k->n[o] = end - first;
    }
    crl_free(real);
    return ok;
}

static inline int32_t weight(const weights *k, int32_t o, int32_t i)
{
    return k->w[(size_t)o * (size_t)k->room + (size_t)i];
}

static inline uint8_t to_byte(int32_t sum)
{
    const int32_t v = sum >> FRACTION;
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

static void resample_row_1(uint8_t *restrict out, const uint8_t *restrict in, const weights *k)
{
    for (int32_t o = 0; o < k->n_out; o++) {
        const int32_t *w = k->w + (size_t)o * (size_t)k->room;
        const uint8_t *p = in + k->first[o];
        int32_t sum = 1 << (FRACTION - 1);
        for (int32_t i = 0; i < k->n[o]; i++) sum += w[i] * p[i];
        out[o] = to_byte(sum);
    }
}

static void resample_row_3(uint8_t *restrict out, const uint8_t *restrict in, const weights *k)
{
    for (int32_t o = 0; o < k->n_out; o++, out += 3) {
        const int32_t *w = k->w + (size_t)o * (size_t)k->room;
        const uint8_t *p = in + 3 * (size_t)k->first[o];
        int32_t r = 1 << (FRACTION - 1), g = r, b = r;
        for (int32_t i = 0; i < k->n[o]; i++, p += 3) {
            r += w[i] * p[0];
            g += w[i] * p[1];
            b += w[i] * p[2];
        }
        out[0] = to_byte(r);
        out[1] = to_byte(g);
        out[2] = to_byte(b);
    }
}

/* One resizing under way. A row of the column pass has n bytes: the input's width, or with rows first the output's. */
typedef struct job {
    const crl_image *in;
    int32_t height; /* of the output */
    bool rows_first;
    bool stretch_x; /* off: the rows are as wide as they should be */
    weights x, y;
    size_t n;
    int32_t slots; /* shrinking: accumulators; growing: rows kept */
    int32_t *sums; /* [slots][n], growing [n] */
    uint8_t *rows; /* [slots][n], shrinking [n] */
    uint8_t *line; /* [n] */
    uint8_t *out;  /* a row of the output */
    void (*row)(void *user, int32_t y, const uint8_t *pixels);
    void *user;
} job;

static void resample_row(const job *j, uint8_t *to, const uint8_t *from)
{
    if (j->in->channels == 1) resample_row_1(to, from, &j->x);
    else resample_row_3(to, from, &j->x);
}

/* Row y as the column pass wants it: made in `to`, or where it lies in the picture. */
static const uint8_t *fetch(const job *j, int32_t y, uint8_t *to)
{
    const uint8_t *in = j->in->data + (size_t)y * j->in->stride;
    if (!j->stretch_x || !j->rows_first) return in;
    resample_row(j, to, in);
    return to;
}

/* A row that comes from the column pass. */
static void deliver(const job *j, int32_t y, const uint8_t *line)
{
    if (j->stretch_x && !j->rows_first) {
        resample_row(j, j->out, line);
        line = j->out;
    }
    j->row(j->user, y, line);
}

static void add_row(int32_t *restrict sums, const uint8_t *restrict row, size_t n, int32_t w)
{
    for (size_t i = 0; i < n; i++) sums[i] += w * row[i];
}

static void finish_row(uint8_t *restrict out, const int32_t *restrict sums, size_t n)
{
    for (size_t i = 0; i < n; i++) out[i] = to_byte(sums[i]);
}

static void clear_sums(int32_t *sums, size_t n)
{
    for (size_t i = 0; i < n; i++) sums[i] = 1 << (FRACTION - 1);
}

/* Input rows in turn. Output rows next..end-1 want row y; output o is in accumulator o % slots. */
static void shrink_columns(const job *j)
{
    const weights *k = &j->y;
    int32_t next = 0, end = 0;
    for (int32_t y = k->first[0]; next < k->n_out; y++) {
        for (; end < k->n_out && k->first[end] <= y; end++)
            clear_sums(j->sums + (size_t)(end % j->slots) * j->n, j->n);
        const uint8_t *row = fetch(j, y, j->rows);
        for (int32_t o = next; o < end; o++)
            add_row(j->sums + (size_t)(o % j->slots) * j->n, row, j->n, weight(k, o, y - k->first[o]));
        for (; next < end && k->first[next] + k->n[next] == y + 1; next++) {
            finish_row(j->line, j->sums + (size_t)(next % j->slots) * j->n, j->n);
            deliver(j, next, j->line);
        }
    }
}

/* Output rows in turn. Input row y is kept in slot y % slots. */
static void grow_columns(const job *j)
{
    const weights *k = &j->y;
    int32_t have = k->first[0];
    for (int32_t o = 0; o < k->n_out; o++) {
        const int32_t first = k->first[o], end = first + k->n[o];
        clear_sums(j->sums, j->n);
        for (int32_t y = first; y < end; y++) {
            uint8_t *slot = j->rows + (size_t)(y % j->slots) * j->n;
            if (y >= have) {
                const uint8_t *row = fetch(j, y, slot);
                if (row != slot) memcpy(slot, row, j->n);
                have = y + 1;
            }
            add_row(j->sums, slot, j->n, weight(k, o, y - first));
        }
        finish_row(j->line, j->sums, j->n);
        deliver(j, o, j->line);
    }
}

/* How many output rows want one input row, at most. */
static int32_t most_wanted(const weights *k)
{
    int32_t most = 1;
    for (int32_t o = 0, next = 0; o < k->n_out; o++) {
        while (k->first[next] + k->n[next] <= k->first[o]) next++;
        if (o - next + 1 > most) most = o - next + 1;
    }
    return most;
}

static crl_status run(job *j, const crl_box *box, int32_t out_width, kernel f, crl_error *err)
{
    const int32_t width = j->in->width, height = j->in->height;
    j->stretch_x = out_width != width || box->x0 != 0.0f || box->x1 != (float)width;
    const bool stretch_y = j->height != height || box->y0 != 0.0f || box->y1 != (float)height;
    const bool shrink = box->y1 - box->y0 > (float)j->height;
    j->rows_first = !(height > j->height && height - j->height > 2 * (width - out_width));
    j->n = (size_t)(j->rows_first ? out_width : width) * (size_t)j->in->channels;
    bool ok = true;
    if (j->stretch_x) ok = make_weights(&j->x, width, box->x0, box->x1, out_width, f);
    if (ok && stretch_y) ok = make_weights(&j->y, height, box->y0, box->y1, j->height, f);
    if (ok && stretch_y) {
        j->slots = shrink ? most_wanted(&j->y) : j->y.room;
        j->sums = crl_alloc_array(j->n * sizeof *j->sums, shrink ? (size_t)j->slots : 1);
        j->rows = crl_alloc_array(j->n, shrink ? 1 : (size_t)j->slots);
        j->line = crl_alloc(j->n);
        ok = j->sums && j->rows && j->line;
    }
    if (ok) j->out = crl_alloc((size_t)out_width * (size_t)j->in->channels);
    if (!ok || !j->out) return crl_fail_memory(err, "resizing a picture");
    if (!stretch_y)
        for (int32_t y = 0; y < height; y++) deliver(j, y, fetch(j, y, j->out));
    else if (shrink) shrink_columns(j);
    else grow_columns(j);
    return CRL_OK;
}

/* The input column or row under the middle of each output; -1 outside, where Pillow leaves black. The running sum
 * is Pillow's: o * scale would round otherwise. */
static void fill_nearest(int32_t *index, int32_t n_in, float from, float to, int32_t n_out)
{
    const double scale = (double)(to - from) / n_out;
    double at = from + scale * 0.5;
    for (int32_t o = 0; o < n_out; o++, at += scale) index[o] = at >= 0.0 && at < n_in ? (int32_t)at : -1;
}

static crl_status nearest(job *j, const crl_box *box, int32_t out_width, crl_error *err)
{
    const size_t channels = (size_t)j->in->channels;
    int32_t *columns = crl_alloc_array((size_t)out_width, sizeof *columns);
    int32_t *rows = crl_alloc_array((size_t)j->height, sizeof *rows);
    const size_t n = (size_t)out_width * channels;
    j->out = crl_alloc(n);
    const bool ok = columns && rows && j->out;
    if (ok) {
        fill_nearest(columns, j->in->width, box->x0, box->x1, out_width);
        fill_nearest(rows, j->in->height, box->y0, box->y1, j->height);
    }
    for (int32_t y = 0; ok && y < j->height; y++) {
        const uint8_t *in = rows[y] < 0 ? NULL : j->in->data + (size_t)rows[y] * j->in->stride;
        memset(j->out, 0, n);
        for (int32_t x = 0; in && x < out_width; x++) {
            if (columns[x] < 0) continue;
            const uint8_t *p = in + (size_t)columns[x] * channels;
            uint8_t *to = j->out + (size_t)x * channels;
            to[0] = p[0];
            if (channels == 3) to[1] = p[1], to[2] = p[2];
        }
        j->row(j->user, y, j->out);
    }
    crl_free(columns);
    crl_free(rows);
    return ok ? CRL_OK : crl_fail_memory(err, "resizing a picture");
}

crl_status crl_resize_rows(const crl_image *image, const crl_box *box, int32_t out_width, int32_t out_height,
                           crl_resample resample, void (*row)(void *user, int32_t y, const uint8_t *pixels), void *user,
                           crl_error *err)
{
    static const kernel filters[] = {
        [CRL_RESAMPLE_BILINEAR] = { bilinear, 1.0 },
        [CRL_RESAMPLE_BICUBIC] = { bicubic, 2.0 },
        [CRL_RESAMPLE_LANCZOS] = { lanczos, 3.0 },
    };
    crl_status s = crl_image_check(image, "picture", err);
    if (!s && (unsigned)resample > CRL_RESAMPLE_LANCZOS)
        s = crl_fail(err, CRL_ERR_ARGUMENT, "resampling filter %d; 0 to 3 are accepted", (int)resample);
    if (s) return s;
    const float width = (float)image->width, height = (float)image->height;
    const crl_box part = box ? *box : (crl_box){ 0.0f, 0.0f, width, height };
    if (!(part.x0 >= 0.0f && part.x1 > part.x0 && part.x1 <= width && part.y0 >= 0.0f && part.y1 > part.y0 &&
          part.y1 <= height))
        return crl_fail(err, CRL_ERR_ARGUMENT, "box %g,%g to %g,%g is no part of a picture of %d x %d pixels", part.x0,
                        part.y0, part.x1, part.y1, image->width, image->height);

    job j = { .in = image, .height = out_height, .row = row, .user = user };
    if (part.x0 == floorf(part.x0) && part.x1 - part.x0 == (float)out_width && part.y0 == floorf(part.y0) &&
        part.y1 - part.y0 == (float)out_height) {
        const uint8_t *from = image->data + (size_t)part.y0 * image->stride + (size_t)part.x0 * (size_t)image->channels;
        for (int32_t y = 0; y < out_height; y++) row(user, y, from + (size_t)y * image->stride);
    } else if (resample == CRL_RESAMPLE_NEAREST) {
        s = nearest(&j, &part, out_width, err);
    } else {
        s = run(&j, &part, out_width, filters[resample], err);
    }
    free_weights(&j.x);
    free_weights(&j.y);
    crl_free(j.sums);
    crl_free(j.rows);
    crl_free(j.line);
    crl_free(j.out);
    return s;
}

static void copy_row(void *user, int32_t y, const uint8_t *pixels)
{
    const crl_image *out = user;
    memcpy(out->data + (size_t)y * out->stride, pixels, (size_t)out->width * (size_t)out->channels);
}

crl_status crl_image_resize(const crl_image *out, const crl_image *image, const crl_box *box, crl_resample filter,
                            crl_error *err)
{
    const crl_status s = crl_image_check(out, "resized picture", err);
    if (s) return s;
    if (out->channels != image->channels)
        return crl_fail(err, CRL_ERR_ARGUMENT, "resizing %d channels into %d; they have to be the same", image->channels,
                        out->channels);
    return crl_resize_rows(image, box, out->width, out->height, filter, copy_row, (void *)out, err);
}

static const char *const names[] = {
    [CRL_RESAMPLE_BILINEAR] = "bilinear",
    [CRL_RESAMPLE_NEAREST] = "nearest",
    [CRL_RESAMPLE_BICUBIC] = "bicubic",
    [CRL_RESAMPLE_LANCZOS] = "lanczos",
};

const char *crl_resample_name(crl_resample filter)
{
    return (unsigned)filter <= CRL_RESAMPLE_LANCZOS ? names[filter] : "?";
}

crl_status crl_resample_parse(crl_resample *out, const char *name, crl_error *err)
{
    for (int i = CRL_RESAMPLE_BILINEAR; i <= CRL_RESAMPLE_LANCZOS; i++)
        if (!strcmp(name, names[i])) {
            *out = (crl_resample)i;
            return CRL_OK;
        }
    return crl_fail(err, CRL_ERR_ARGUMENT, "\"%s\" is no resampling filter; nearest, bilinear, bicubic, lanczos are", name);
}
