/* SPDX-License-Identifier: Apache-2.0 */
/* From detections to tracks: see include/corallite/tracker.h for the method and its sources. */
#include <corallite/tracker.h>

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "track/assign.h"
#include "track/motion.h"

/* What boxes share in the second step, in a new thing's second frame, and when two tracks are of one thing: ByteTrack's; with
 * where a track was seen last: OC-SORT's. */
#define OVERLAP_OF_POOR 0.5f
#define OVERLAP_OF_LAST 0.3f
#define OVERLAP_OF_NEW 0.3f
#define OVERLAP_OF_SAME 0.85f
enum { MOST_TAUGHT = 32 }; /* points of the way that a track is taught when it comes back */

typedef enum track_state {
    TRACK_NEW,  /* does not count yet */
    TRACK_SEEN, /* was detected in the last update */
    TRACK_LOST
} track_state;

typedef struct kept_track {
    crl_track public; /* as it was when it was seen last, but for `detection` */
    track_state state;
    int32_t in_a_row; /* updates that detected it: of a new one */
    int32_t missed;   /* updates since it was detected */
    crl_motion motion; /* now */
    crl_motion before; /* when it was seen last */
} kept_track;

/* A row or column of an assignment: which track or detection. */
typedef struct list {
    int32_t *item; /* [capacity] */
    int32_t n;
} list;

struct crl_tracker {
    crl_tracker_options options;
    bool begun; /* there was a frame */
    double time;
    uint32_t next_id;
    kept_track *tracks; /* [capacity], as they began */
    int32_t n_tracks;
    const crl_detection *detections; /* of this update */
    bool *taken;        /* [capacity]: of `chosen` */
    list chosen;        /* detections with a score of `low` and more, best first */
    list rows, columns; /* rows: of tracks, columns: of `chosen` */
    int32_t *of_row;    /* [capacity] */
    float *cost;        /* [capacity][capacity] */
    crl_assignment assignment;
    crl_track *shown, *gone; /* [capacity] */
    int32_t n_shown, n_gone;
    void *memory; /* of all these */
};

/* ---- making ---- */

static float or_default(float value, float otherwise)
{
    return value == 0 ? otherwise : value;
}

static crl_status check_options(crl_tracker_options *o, crl_error *err)
{
    const crl_status s = crl_check_reserved(o->reserved, sizeof o->reserved / sizeof *o->reserved, "crl_tracker_options", err);
    if (s) return s;
    o->high = or_default(o->high, 0.5f);
    o->low = or_default(o->low, o->high < 0.1f ? o->high : 0.1f);
    o->start = or_default(o->start, o->high);
    o->overlap = or_default(o->overlap, 0.2f);
    o->remember = or_default(o->remember, 1.5f);
    o->hold = or_default(o->hold, o->remember < 0.3f ? o->remember : 0.3f);
    if (!o->confirm) o->confirm = 2;
    if (!o->capacity) o->capacity = 128;
    const struct {
        const char *name;
        float value, most;
    } range[] = { { "high", o->high, 1 }, { "low", o->low, o->high }, { "start", o->start, 1 }, { "overlap", o->overlap, 1 },
                  { "remember", o->remember, 3600 }, { "hold", o->hold, o->remember } };
    for (size_t i = 0; i < sizeof range / sizeof *range; i++)
        if (!(range[i].value > 0 && range[i].value <= range[i].most))
            return crl_fail(err, CRL_ERR_ARGUMENT, "tracker: %s %g; more than 0 and at most %g is accepted", range[i].name,
                            (double)range[i].value, (double)range[i].most);
    if (o->confirm < 1 || o->confirm > 100)
        return crl_fail(err, CRL_ERR_ARGUMENT, "tracker: confirm %d; 1 to 100 is accepted", o->confirm);
    if (o->capacity < 1 || o->capacity > CRL_MAX_TRACKS)
        return crl_fail(err, CRL_ERR_ARGUMENT, "tracker: capacity %d; 1 to %d is accepted", o->capacity, CRL_MAX_TRACKS);
    return CRL_OK;
}

/* Gives out parts of `memory`, or counts them where there is none. */
static void *part(char *memory, size_t *at, size_t n, size_t size)
{
    void *p = memory ? memory + *at : NULL;
    *at += crl_size_align(n * size, 16);
    return p;
}

/* Capacities are small: nothing here overflows. */
static size_t lay_out(crl_tracker *t, char *memory)
{
    const size_t n = (size_t)t->options.capacity;
    size_t at = 0;
    t->tracks = part(memory, &at, n, sizeof *t->tracks);
    t->shown = part(memory, &at, n, sizeof *t->shown);
    t->gone = part(memory, &at, n, sizeof *t->gone);
    t->cost = part(memory, &at, n * n, sizeof *t->cost);
    t->taken = part(memory, &at, n, sizeof *t->taken);
    t->chosen.item = part(memory, &at, n, sizeof(int32_t));
    t->rows.item = part(memory, &at, n, sizeof(int32_t));
    t->columns.item = part(memory, &at, n, sizeof(int32_t));
    t->of_row = part(memory, &at, n, sizeof(int32_t));
    t->assignment = (crl_assignment){
        .row_price = part(memory, &at, n, sizeof(double)),
        .column_price = part(memory, &at, 2 * n, sizeof(double)),
        .shortest = part(memory, &at, 2 * n, sizeof(double)),
        .row_of = part(memory, &at, 2 * n, sizeof(int32_t)),
        .before = part(memory, &at, 2 * n, sizeof(int32_t)),
        .done = part(memory, &at, 2 * n, sizeof(bool)),
    };
    return at;
}

crl_status crl_tracker_new(crl_tracker **out, const crl_tracker_options *options, crl_error *err)
{
    crl_tracker_options o = options ? *options : (crl_tracker_options){ 0 };
    *out = NULL;
    const crl_status s = check_options(&o, err);
    if (s) return s;
    crl_tracker *t = crl_alloc(sizeof *t);
    if (!t) return crl_fail_memory(err, "a tracker");
    t->options = o;
    t->memory = crl_alloc(lay_out(t, NULL));
    if (!t->memory) {
        crl_free(t);
        return crl_fail_memory(err, "a tracker");
    }
    lay_out(t, t->memory);
    crl_tracker_reset(t);
    *out = t;
    return CRL_OK;
}

void crl_tracker_free(crl_tracker *t)
{
    if (!t) return;
    crl_free(t->memory);
    crl_free(t);
}

void crl_tracker_reset(crl_tracker *t)
{
    t->begun = false;
    t->next_id = 1;
    t->n_tracks = t->n_shown = t->n_gone = 0;
}

/* ---- detections ---- */

static bool is_sound(const crl_detection *d)
{
    const float area = (d->box.x1 - d->box.x0) * (d->box.y1 - d->box.y0);
    return isfinite(area) && isfinite(d->score) && d->box.x1 > d->box.x0 && d->box.y1 > d->box.y0;
}

/* Best first; equal scores as they were given. */
static void choose(crl_tracker *t, int32_t n)
{
    list *c = &t->chosen;
    c->n = 0;
    for (int32_t i = 0; i < n; i++) {
        const crl_detection *d = &t->detections[i];
        if (!is_sound(d) || d->score < t->options.low) continue;
        int32_t at = c->n;
        if (at == t->options.capacity && t->detections[c->item[--at]].score >= d->score) continue;
        for (; at > 0 && t->detections[c->item[at - 1]].score < d->score; at--) c->item[at] = c->item[at - 1];
        c->item[at] = i;
        if (c->n < t->options.capacity) c->n++;
    }
    memset(t->taken, 0, (size_t)c->n * sizeof *t->taken);
}

/* Columns are those that nobody has, with scores from `from` to below `to`. */
static void list_columns(crl_tracker *t, float from, float to)
{
    t->columns.n = 0;
    for (int32_t i = 0; i < t->chosen.n; i++) {
        const float score = t->detections[t->chosen.item[i]].score;
        if (!t->taken[i] && score >= from && score < to) t->columns.item[t->columns.n++] = i;
    }
}

/* ---- pairs ---- */

static float overlap(const crl_box *a, const crl_box *b)
{
    const float width = fminf(a->x1, b->x1) - fmaxf(a->x0, b->x0), height = fminf(a->y1, b->y1) - fmaxf(a->y0, b->y0);
    if (!(width > 0 && height > 0)) return 0;
    const float both = width * height;
    return both / ((a->x1 - a->x0) * (a->y1 - a->y0) + (b->x1 - b->x0) * (b->y1 - b->y0) - both);
}

/* A track comes back: the way in between was a straight one, and its filter is taught that from where it was seen last. */
static void teach(kept_track *k, const crl_box *now, double time)
{
    const crl_box from = k->public.box;
    const int32_t n = k->missed < MOST_TAUGHT ? k->missed : MOST_TAUGHT;
    const double steps = (time - k->public.seen) / CRL_STEP / (n + 1);
    k->motion = k->before;
    for (int32_t i = 1; i <= n; i++) {
        const float part = (float)i / (float)(n + 1);
        const crl_box between = { from.x0 + part * (now->x0 - from.x0), from.y0 + part * (now->y0 - from.y0),
                                  from.x1 + part * (now->x1 - from.x1), from.y1 + part * (now->y1 - from.y1) };
        crl_motion_predict(&k->motion, steps, false);
        crl_motion_correct(&k->motion, &between);
    }
    crl_motion_predict(&k->motion, steps, false);
}

static void see(crl_tracker *t, kept_track *k, int32_t detection)
{
    const crl_detection *d = &t->detections[detection];
    if (k->missed) teach(k, &d->box, t->time);
    crl_motion_correct(&k->motion, &d->box);
    k->before = k->motion;
    k->missed = 0;
    k->in_a_row++;
    if (k->state != TRACK_NEW) k->state = TRACK_SEEN;
    k->public.index = d->index;
    k->public.score = d->score;
    k->public.box = d->box;
    k->public.seen = t->time;
    k->public.detection = detection;
}

/* Pairs the tracks in `rows` with the detections in `columns`, by where they are expected or where they were seen last. */
static void pair(crl_tracker *t, bool expect, float least)
{
    const int32_t stride = t->options.capacity;
    if (!t->rows.n || !t->columns.n) return;
    for (int32_t i = 0; i < t->rows.n; i++) {
        const kept_track *k = &t->tracks[t->rows.item[i]];
        const crl_box box = expect ? crl_motion_box(&k->motion) : k->public.box;
        for (int32_t j = 0; j < t->columns.n; j++) {
            const crl_detection *d = &t->detections[t->chosen.item[t->columns.item[j]]];
            const bool alike = t->options.agnostic || d->index == k->public.index;
            t->cost[(int64_t)i * stride + j] = alike ? 1 - overlap(&box, &d->box) : 1;
        }
    }
    /* A cost of `limit` makes no pair: an overlap of exactly `least` is to make one. */
    crl_assign(&t->assignment, t->cost, stride, t->rows.n, t->columns.n, nextafterf(1 - least, 2), t->of_row);
    for (int32_t i = 0; i < t->rows.n; i++) {
        if (t->of_row[i] < 0) continue;
        const int32_t column = t->columns.item[t->of_row[i]];
        t->taken[column] = true;
        see(t, &t->tracks[t->rows.item[i]], t->chosen.item[column]);
    }
}

/* Rows are the tracks that have no detection yet and are of one of two states. */
static void list_rows(crl_tracker *t, track_state a, track_state b)
{
    t->rows.n = 0;
    for (int32_t i = 0; i < t->n_tracks; i++) {
        const kept_track *k = &t->tracks[i];
        if (k->public.detection < 0 && (k->state == a || k->state == b)) t->rows.item[t->rows.n++] = i;
    }
}

static void pair_all(crl_tracker *t)
{
    list_columns(t, t->options.high, INFINITY);
    list_rows(t, TRACK_SEEN, TRACK_LOST);
    pair(t, true, t->options.overlap);
    list_columns(t, t->options.low, t->options.high);
    list_rows(t, TRACK_SEEN, TRACK_SEEN);
    pair(t, true, OVERLAP_OF_POOR);
    list_columns(t, t->options.high, INFINITY);
    list_rows(t, TRACK_SEEN, TRACK_LOST); /* it stood still, or turned back, behind what hid it */
    pair(t, false, OVERLAP_OF_LAST);
    list_columns(t, t->options.high, INFINITY);
    list_rows(t, TRACK_NEW, TRACK_NEW);
    pair(t, true, OVERLAP_OF_NEW);
}

/* ---- coming and going ---- */

static void predict(crl_tracker *t, double time)
{
    const double steps = t->begun ? (time - t->time) / CRL_STEP : 0;
    for (int32_t i = 0; i < t->n_tracks; i++) {
        t->tracks[i].public.detection = -1;
        crl_motion_predict(&t->tracks[i].motion, steps, t->tracks[i].missed > 0);
    }
}

static void give_up(crl_tracker *t, const kept_track *k)
{
    if (k->state != TRACK_NEW) t->gone[t->n_gone++] = k->public;
}

static bool is_too_old(const crl_tracker *t, const kept_track *k)
{
    return t->time - k->public.seen > (double)t->options.remember;
}

/* What flashed up once. */
static bool has_not_stayed(const crl_tracker *t, const kept_track *k)
{
    (void)t;
    return k->state == TRACK_NEW && k->public.detection < 0;
}

/* The same, and those that began later move up. */
static void take_out(crl_tracker *t, int32_t at)
{
    give_up(t, &t->tracks[at]);
    t->n_tracks--;
    memmove(&t->tracks[at], &t->tracks[at + 1], (size_t)(t->n_tracks - at) * sizeof *t->tracks);
}

static void give_up_if(crl_tracker *t, bool (*over)(const crl_tracker *t, const kept_track *k))
{
    int32_t n = 0;
    for (int32_t i = 0; i < t->n_tracks; i++) {
        if (over(t, &t->tracks[i]))
            give_up(t, &t->tracks[i]);
        else if (n++ != i)
            t->tracks[n - 1] = t->tracks[i];
    }
    t->n_tracks = n;
}

/* One thing may have two tracks after it was half hidden: the one that is lost lies on one that is seen. That which began first
 * stays, with what the other saw. */
static void join(crl_tracker *t)
{
    for (int32_t i = 0; i < t->n_tracks; i++) {
        kept_track *lost = &t->tracks[i];
        if (lost->state == TRACK_NEW || lost->public.detection >= 0) continue;
        const crl_box expected = crl_motion_box(&lost->motion);
        for (int32_t j = 0; j < t->n_tracks; j++) {
            kept_track *seen = &t->tracks[j];
            if (seen->state == TRACK_NEW || seen->public.detection < 0 || seen->public.index != lost->public.index ||
                overlap(&expected, &seen->public.box) <= OVERLAP_OF_SAME)
                continue;
            const int32_t other = seen->public.begun < lost->public.begun ? i : j;
            if (other == j) see(t, lost, seen->public.detection);
            take_out(t, other);
            i--; /* what is at i now has not been looked at, or is found seen */
            break;
        }
    }
}

/* The track that was lost longest gives its place to one that begins; -1: none is lost. */
static int32_t longest_lost(const crl_tracker *t)
{
    int32_t found = -1;
    for (int32_t i = 0; i < t->n_tracks; i++) {
        const crl_track *k = &t->tracks[i].public;
        if (k->detection < 0 && (found < 0 || k->seen < t->tracks[found].public.seen)) found = i;
    }
    return found;
}

static bool make_room(crl_tracker *t)
{
    if (t->n_tracks < t->options.capacity) return true;
    const int32_t at = longest_lost(t);
    if (at < 0) return false;
    take_out(t, at);
    return true;
}

static void begin(crl_tracker *t)
{
    list_columns(t, t->options.high > t->options.start ? t->options.high : t->options.start, INFINITY);
    for (int32_t i = 0; i < t->columns.n && make_room(t); i++) {
        const int32_t detection = t->chosen.item[t->columns.item[i]];
        kept_track *k = &t->tracks[t->n_tracks++];
        *k = (kept_track){ .state = TRACK_NEW, .public.begun = t->time };
        crl_motion_start(&k->motion, &t->detections[detection].box);
        see(t, k, detection);
    }
}

/* New ones count from now on that were detected often enough; those without a detection are lost. */
static void advance(crl_tracker *t, bool first)
{
    for (int32_t i = 0; i < t->n_tracks; i++) {
        kept_track *k = &t->tracks[i];
        if (k->public.detection < 0) {
            k->state = TRACK_LOST;
            k->missed++;
        } else if (k->state == TRACK_NEW && (first || k->in_a_row >= t->options.confirm)) {
            k->state = TRACK_SEEN;
            k->public.id = t->next_id++;
        }
    }
}

static crl_track shown(const kept_track *k)
{
    crl_track out = k->public;
    out.smooth = crl_motion_box(&k->motion);
    if (out.detection < 0) out.box = out.smooth;
    out.velocity_x = (float)(k->motion.centre_x.v / CRL_STEP);
    out.velocity_y = (float)(k->motion.centre_y.v / CRL_STEP);
    return out;
}

/* By their ids: a track that counts later may have begun before another. */
static void show(crl_tracker *t)
{
    t->n_shown = 0;
    for (int32_t i = 0; i < t->n_tracks; i++) {
        const kept_track *k = &t->tracks[i];
        if (k->state == TRACK_NEW) continue;
        if (k->state == TRACK_LOST && t->time - k->public.seen > (double)t->options.hold) continue;
        const crl_track one = shown(k);
        int32_t at = t->n_shown++;
        for (; at > 0 && t->shown[at - 1].id > one.id; at--) t->shown[at] = t->shown[at - 1];
        t->shown[at] = one;
    }
}

static void sort_gone(crl_tracker *t)
{
    for (int32_t i = 1; i < t->n_gone; i++) {
        const crl_track one = t->gone[i];
        int32_t at = i;
        for (; at > 0 && t->gone[at - 1].id > one.id; at--) t->gone[at] = t->gone[at - 1];
        t->gone[at] = one;
    }
}

crl_status crl_tracker_update(crl_tracker *t, double time, const crl_detection *detections, int32_t n_detections,
                              const crl_track **out, int32_t *n, crl_error *err)
{
    *out = t->shown;
    *n = 0;
    if (!isfinite(time)) return crl_fail(err, CRL_ERR_ARGUMENT, "tracker: the time is %g", time);
    if (t->begun && time < t->time)
        return crl_fail(err, CRL_ERR_ARGUMENT, "tracker: the time %.6f is before the last one, %.6f; crl_tracker_reset() begins anew",
                        time, t->time);
    const bool first = !t->begun;
    predict(t, time);
    t->begun = true;
    t->time = time;
    t->detections = detections;
    t->n_gone = 0;
    give_up_if(t, is_too_old); /* first: after a pause, what is there is something else */
    choose(t, n_detections);
    pair_all(t);
    give_up_if(t, has_not_stayed);
    join(t);
    begin(t);
    advance(t, first);
    show(t);
    sort_gone(t);
    *n = t->n_shown;
    return CRL_OK;
}

const crl_track *crl_tracker_gone(const crl_tracker *t, int32_t *n)
{
    *n = t->n_gone;
    return t->gone;
}
