/* SPDX-License-Identifier: Apache-2.0 */
/* Resizing frames of one geometry: see resampler.h. */
#include "vision/resampler.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "vision/rows.h"

enum { GROUP = CRL_ROW_GROUP };

/* As many bytes of rows may be kept for one output row. */
enum { MOST_KEPT = 1 << 21 };

typedef enum way { COPY, NEAREST, PASSES } way;

struct crl_resampler {
    crl_geometry g;
    crl_row_source source;
    crl_row_kernels kernels;
    way way;
    bool stretch_x, stretch_y; /* off: the pass leaves all as it is */
    bool rows_first;
    size_t n; /* bytes of a row of the column pass: the input's width, or with rows first the output's */

    crl_weights x, y;
    /* Outputs of `x` whose windows lie too near the end of a frame's own rows, where the kernels would read past it: they
     * take copies of the ends. */
    crl_weights inner, tail;
    int32_t tail_first; /* input pixel */
    uint8_t *tails[GROUP];

    uint8_t *made[GROUP];  /* source rows, converted */
    uint8_t *lines[GROUP]; /* columns first: from the column pass. [0]: rows first, too */
    uint8_t *out[GROUP];   /* output rows */

    uint8_t *kept; /* [slots][pitch], of the column pass; row y is in slot y % slots */
    int32_t slots;
    size_t pitch, shift;  /* of slots; and where in one the row begins */
    const uint8_t **rows; /* [y.taps], of one output */
    int32_t *sums;        /* [slots][n], where rows are not kept; output o is in o % slots */

    int32_t *columns, *lanes; /* nearest: the input column and row of each output */
    crl_pile pile;
};

/* A frame under way. */
typedef struct job {
    crl_resampler *r;
    const crl_frame *frame;
    crl_row_fn *row;
    void *user;
    int32_t have;  /* input rows kept, up to this one */
    int32_t ready; /* columns first: lines that wait for the row pass, */
    int32_t next;  /* for output rows from this one on */
} job;

/* ---- the row pass ---- */

static void across(const crl_resampler *r, uint8_t *const out[GROUP], const uint8_t *const in[GROUP], const crl_weights *k)
{
    if (r->g.channels == 1) r->kernels.across_1(out, in, k);
    else r->kernels.across_3(out, in, k);
}

/* In rows that a frame has, which end where its memory may. */
static void across_frame(crl_resampler *r, uint8_t *const out[GROUP], const uint8_t *const in[GROUP])
{
    const size_t channels = (size_t)r->g.channels, from = channels * (size_t)r->tail_first;
    if (r->inner.n_out) across(r, out, in, &r->inner);
    if (!r->tail.n_out) return;
    uint8_t *ends[GROUP];
    const uint8_t *tails[GROUP];
    for (int i = 0; i < GROUP; i++) {
        if (!i || in[i] != in[i - 1])
            memcpy(r->tails[i], in[i] + from, channels * (size_t)r->source.part.width - from);
        tails[i] = i && in[i] == in[i - 1] ? tails[i - 1] : r->tails[i];
        ends[i] = out[i] + channels * (size_t)r->inner.n_out;
    }
    across(r, ends, tails, &r->tail);
}

/* Source rows y .. y+n-1, n at most GROUP, through the row pass into `to`; what of `to` is past n is as the last. */
static void make_rows(const job *j, int32_t y, int32_t n, uint8_t *to[GROUP])
{
    crl_resampler *r = j->r;
    const uint8_t *in[GROUP];
    for (int32_t i = 0; i < GROUP; i++) {
        if (i >= n) to[i] = to[i - 1], in[i] = in[i - 1];
        else in[i] = crl_row_source_get(&r->source, j->frame, y + i, r->made[i]);
    }
    if (crl_row_source_is_direct(&r->source)) across_frame(r, to, in);
    else across(r, to, in, &r->x);
}

/* ---- the column pass ---- */

/* Output row y, which is in lines[ready]. Where the row pass comes last it waits for a group. */
static void deliver(job *j, int32_t y)
{
    crl_resampler *r = j->r;
    if (r->rows_first || !r->stretch_x) {
        j->row(j->user, y, r->lines[0]);
        return;
    }
    if (++j->ready < GROUP && y + 1 < r->g.height) return;
    const uint8_t *in[GROUP];
    uint8_t *out[GROUP];
    for (int32_t i = 0; i < GROUP; i++) {
        const int32_t from = i < j->ready ? i : j->ready - 1;
        in[i] = r->lines[from];
        out[i] = r->out[from];
    }
    across(r, out, in, &r->x);
    for (int32_t i = 0; i < j->ready; i++) j->row(j->user, j->next++, r->out[i]);
    j->ready = 0;
}

static uint8_t *slot(const crl_resampler *r, int32_t y)
{
    return r->kept + (size_t)(y % r->slots) * r->pitch;
}

/* Keeps input rows up to `end`, one or a group more at a time; none past `last` is wanted by anyone. */
static void keep_rows(job *j, int32_t end, int32_t last)
{
    crl_resampler *r = j->r;
    while (j->have < end) {
        int32_t n = 1;
        uint8_t *to[GROUP] = { slot(r, j->have) };
        if (r->stretch_x && r->rows_first) {
            for (n = 1; n < GROUP && j->have + n < last; n++) to[n] = slot(r, j->have + n);
            make_rows(j, j->have, n, to);
        } else
            crl_row_source_get(&r->source, j->frame, j->have, to[0]);
        j->have += n;
    }
}

static bool is_kept(const crl_resampler *r)
{
    return (r->stretch_x && r->rows_first) || !crl_row_source_is_direct(&r->source);
}

static void down_kept(job *j)
{
    crl_resampler *r = j->r;
    const crl_weights *k = &r->y;
    const int32_t last = k->first[k->n_out - 1] + k->n[k->n_out - 1];
    const bool kept = is_kept(r);
    j->have = k->first[0];
    for (int32_t o = 0; o < k->n_out; o++) {
        const int32_t first = k->first[o], n = k->n[o];
        if (kept) keep_rows(j, first + n, last);
        for (int32_t i = 0; i < k->taps; i++) {
            const int32_t y = first + (i < n ? i : n - 1);
            r->rows[i] = kept ? slot(r, y) + r->shift : crl_row_source_get(&r->source, j->frame, y, NULL);
        }
        r->kernels.down(r->lines[j->ready], r->rows, k, o, r->n);
        deliver(j, o);
    }
}

static void add_row(int32_t *restrict sums, const uint8_t *restrict row, size_t n, int32_t w)
{
    for (size_t i = 0; i < n; i++) sums[i] += w * row[i];
}

static void clear_sums(int32_t *sums, size_t n)
{
    for (size_t i = 0; i < n; i++) sums[i] = CRL_ROW_HALF;
}

/* Input rows in turn. Output rows next..end-1 want row y. */
static void down_summed(job *j)
{
    crl_resampler *r = j->r;
    const crl_weights *k = &r->y;
    int32_t next = 0, end = 0;
    for (int32_t y = k->first[0]; next < k->n_out; y++) {
        for (; end < k->n_out && k->first[end] <= y; end++) clear_sums(r->sums + (size_t)(end % r->slots) * r->n, r->n);
        uint8_t *to[GROUP] = { r->kept };
        const uint8_t *row = r->kept;
        if (r->stretch_x && r->rows_first) make_rows(j, y, 1, to);
        else row = crl_row_source_get(&r->source, j->frame, y, r->kept);
        for (int32_t o = next; o < end; o++)
            add_row(r->sums + (size_t)(o % r->slots) * r->n, row, r->n, crl_weight(k, o, y - k->first[o]));
        for (; next < end && k->first[next] + k->n[next] == y + 1; next++) {
            const int32_t *sums = r->sums + (size_t)(next % r->slots) * r->n;
            for (size_t i = 0; i < r->n; i++) r->lines[j->ready][i] = crl_row_byte(sums[i]);
            deliver(j, next);
        }
    }
}

/* ---- other ways ---- */

/* The row pass alone. */
static void only_across(job *j)
{
    crl_resampler *r = j->r;
    for (int32_t y = 0; y < r->g.height; y += GROUP) {
        const int32_t n = r->g.height - y < GROUP ? r->g.height - y : GROUP;
        uint8_t *to[GROUP];
        memcpy(to, r->out, sizeof to);
        make_rows(j, y, n, to);
        for (int32_t i = 0; i < n; i++) j->row(j->user, y + i, to[i]);
    }
}

static void copy(const job *j)
{
    const crl_resampler *r = j->r;
    const int32_t y0 = (int32_t)r->g.box.y0;
    const size_t x0 = (size_t)r->g.box.x0 * (size_t)r->g.channels;
    for (int32_t y = 0; y < r->g.height; y++)
        j->row(j->user, y, crl_row_source_get(&r->source, j->frame, y0 + y, r->made[0]) + x0);
}

static void nearest(const job *j)
{
    const crl_resampler *r = j->r;
    const size_t channels = (size_t)r->g.channels;
    uint8_t *out = r->out[0];
    for (int32_t y = 0; y < r->g.height; y++) {
        if (y && r->lanes[y] == r->lanes[y - 1]) {
            j->row(j->user, y, out);
            continue;
        }
        memset(out, 0, (size_t)r->g.width * channels);
        const uint8_t *in = r->lanes[y] < 0 ? NULL : crl_row_source_get(&r->source, j->frame, r->lanes[y], r->made[0]);
        for (int32_t x = 0; in && x < r->g.width; x++) {
            if (r->columns[x] < 0) continue;
            const uint8_t *p = in + (size_t)r->columns[x] * channels;
            uint8_t *to = out + (size_t)x * channels;
            to[0] = p[0];
            if (channels == 3) to[1] = p[1], to[2] = p[2];
        }
        j->row(j->user, y, out);
    }
}

void crl_resampler_run(crl_resampler *r, const crl_frame *frame, crl_row_fn *row, void *user)
{
    job j = { .r = r, .frame = frame, .row = row, .user = user };
    if (r->way == COPY) copy(&j);
    else if (r->way == NEAREST) nearest(&j);
    else if (!r->stretch_y) only_across(&j);
    else if (r->sums) down_summed(&j);
    else down_kept(&j);
}

/* ---- making one ---- */

/* The input column or row under the middle of each output; -1 outside, where Pillow leaves black. The running sum
 * is Pillow's: o * scale would round otherwise. */
static void fill_nearest(int32_t *index, int32_t n_in, float from, float to, int32_t n_out)
{
    const double scale = (double)(to - from) / n_out;
    double at = from + scale * 0.5;
    for (int32_t o = 0; o < n_out; o++, at += scale) index[o] = at >= 0.0 && at < n_in ? (int32_t)at : -1;
}

static bool make_nearest(crl_resampler *r)
{
    const crl_box *b = &r->g.box;
    r->columns = crl_pile_array(&r->pile, (size_t)r->g.width, sizeof *r->columns);
    r->lanes = crl_pile_array(&r->pile, (size_t)r->g.height, sizeof *r->lanes);
    if (!r->columns || !r->lanes) return false;
    fill_nearest(r->columns, r->source.part.width, b->x0, b->x1, r->g.width);
    fill_nearest(r->lanes, r->source.part.height, b->y0, b->y1, r->g.height);
    return true;
}

/* A group of rows of n bytes; the kernels of the row pass may read a window and a little past them. */
static bool make_group(crl_resampler *r, uint8_t *group[GROUP], size_t n, int32_t rows)
{
    const size_t behind = (size_t)r->x.taps * (size_t)r->g.channels + CRL_ROW_SLACK;
    for (int32_t i = 0; i < rows; i++)
        if ((group[i] = crl_pile_alloc(&r->pile, n + behind)) == NULL) return false;
    return true;
}

/* Parts the outputs of the row pass into those whose windows the frame's own rows hold, and the rest. */
static bool part_tail(crl_resampler *r)
{
    const crl_weights *k = &r->x;
    const size_t channels = (size_t)r->g.channels, width = (size_t)r->source.part.width;
    int32_t safe = 0;
    while (safe < k->n_out && channels * (size_t)(k->first[safe] + k->taps) + CRL_ROW_SLACK <= channels * width) safe++;
    r->inner = r->tail = *k;
    r->inner.n_out = safe;
    r->tail.n_out = k->n_out - safe;
    if (!r->tail.n_out) return true;
    r->tail_first = k->first[safe];
    r->tail.first = crl_pile_array(&r->pile, (size_t)r->tail.n_out, sizeof *r->tail.first);
    if (!r->tail.first) return false;
    for (int32_t o = 0; o < r->tail.n_out; o++) r->tail.first[o] = k->first[safe + o] - r->tail_first;
    r->tail.n += safe;
    r->tail.whole += (size_t)safe * (size_t)k->taps;
    r->tail.low += (size_t)safe * (size_t)k->taps;
    r->tail.high += (size_t)safe * (size_t)k->taps;
    return make_group(r, r->tails, channels * (width - (size_t)r->tail_first), GROUP);
}

/* How many output rows want one input row, at most. */
static int32_t most_wanted(const crl_weights *k)
{
    int32_t most = 1;
    for (int32_t o = 0, next = 0; o < k->n_out; o++) {
        while (k->first[next] + k->n[next] <= k->first[o]) next++;
        if (o - next + 1 > most) most = o - next + 1;
    }
    return most;
}

static bool make_columns(crl_resampler *r)
{
    const crl_box *b = &r->g.box;
    if (!crl_weights_make(&r->y, &r->pile, r->source.part.height, b->y0, b->y1, r->g.height, r->g.filter, CRL_DOWN_STEP))
        return false;
    r->slots = r->y.taps + GROUP;
    r->pitch = crl_size_align(r->n + CRL_ROW_SLACK, 64);
    r->shift = r->stretch_x && r->rows_first ? 0 : crl_row_source_shift(&r->source);
    const bool many = (is_kept(r) ? r->pitch : sizeof *r->rows) * (size_t)r->slots > MOST_KEPT;
    if (many) {
        r->slots = most_wanted(&r->y);
        r->sums = crl_pile_array(&r->pile, (size_t)r->slots, r->n * sizeof *r->sums);
        r->kept = crl_pile_alloc(&r->pile, r->pitch);
        return r->sums && r->kept;
    }
    r->rows = crl_pile_array(&r->pile, (size_t)r->y.taps, sizeof *r->rows);
    r->kept = crl_pile_array(&r->pile, is_kept(r) ? (size_t)r->slots : 1, r->pitch);
    return r->rows && r->kept;
}

static bool make_passes(crl_resampler *r)
{
    const crl_box *b = &r->g.box;
    const int32_t width = r->source.part.width, height = r->source.part.height;
    r->stretch_x = r->g.width != width || b->x0 != 0.0f || b->x1 != (float)width;
    r->stretch_y = r->g.height != height || b->y0 != 0.0f || b->y1 != (float)height;
    r->rows_first = !(height > r->g.height && height - r->g.height > 2 * (width - r->g.width));
    r->n = (size_t)(r->rows_first ? r->g.width : width) * (size_t)r->g.channels;
    bool ok = true;
    if (r->stretch_x)
        ok = crl_weights_make(&r->x, &r->pile, width, b->x0, b->x1, r->g.width, r->g.filter, crl_row_step(r->g.channels)) &&
             part_tail(r);
    if (ok && r->stretch_y) ok = make_columns(r);
    return ok && make_group(r, r->lines, r->n, GROUP);
}

static crl_status check(const crl_geometry *g, crl_error *err)
{
    const crl_status s = crl_format_check(&g->source, err);
    if (s) return s;
    if ((unsigned)g->filter > CRL_RESAMPLE_LANCZOS)
        return crl_fail(err, CRL_ERR_ARGUMENT, "resampling filter %d; 0 to 3 are accepted", (int)g->filter);
    const crl_box *b = &g->box;
    if (b->x0 >= 0.0f && b->x1 > b->x0 && b->x1 <= (float)g->part.width && b->y0 >= 0.0f && b->y1 > b->y0 &&
        b->y1 <= (float)g->part.height)
        return CRL_OK;
    return crl_fail(err, CRL_ERR_ARGUMENT, "box %g,%g to %g,%g is no part of a picture of %d x %d pixels", b->x0, b->y0, b->x1,
                    b->y1, g->part.width, g->part.height);
}

static bool is_copy(const crl_geometry *g)
{
    const crl_box *b = &g->box;
    return b->x0 == floorf(b->x0) && b->x1 - b->x0 == (float)g->width && b->y0 == floorf(b->y0) &&
           b->y1 - b->y0 == (float)g->height;
}

crl_status crl_resampler_new(crl_resampler **out, const crl_geometry *geometry, crl_error *err)
{
    *out = NULL;
    const crl_status s = check(geometry, err);
    if (s) return s;
    crl_resampler *r = crl_alloc(sizeof *r);
    if (!r) return crl_fail_memory(err, "resizing a picture");
    r->g = *geometry;
    crl_row_source_init(&r->source, &geometry->source, geometry->part, geometry->channels, geometry->cpu);
    crl_row_kernels_init(&r->kernels, geometry->cpu);
    r->way = is_copy(geometry) ? COPY : geometry->filter == CRL_RESAMPLE_NEAREST ? NEAREST : PASSES;
    const size_t channels = (size_t)geometry->channels;
    bool ok = r->way == COPY || (r->way == NEAREST ? make_nearest(r) : make_passes(r));
    if (ok) ok = make_group(r, r->out, channels * (size_t)geometry->width, GROUP);
    if (ok && !crl_row_source_is_direct(&r->source))
        ok = make_group(r, r->made, channels * ((size_t)geometry->part.width + 1), GROUP);
    if (!ok) {
        crl_resampler_free(r);
        return crl_fail_memory(err, "resizing a picture");
    }
    *out = r;
    return CRL_OK;
}

void crl_resampler_free(crl_resampler *r)
{
    if (!r) return;
    crl_pile_free(&r->pile);
    crl_free(r);
}
