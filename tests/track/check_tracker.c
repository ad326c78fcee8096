/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of detections, one frame after the other. Frames are a thirtieth of a second apart. */
#include <math.h>
#include <string.h>

#include "checks.h"

static crl_detection thing(float x, float y, float score, int32_t index)
{
    return (crl_detection){ .index = index, .score = score, .box = { x, y, x + 40, y + 60 } };
}

static crl_tracker *make(check *t, const crl_tracker_options *o)
{
    crl_tracker *k;
    crl_error err;
    check_that(t, !crl_tracker_new(&k, o, &err), "%s", err.text);
    return k;
}

/* The tracks after frame f. */
static const crl_track *frame(check *t, crl_tracker *k, int f, const crl_detection *d, int32_t n_detections, int32_t *n)
{
    const crl_track *out;
    crl_error err = { 0 };
    check_that(t, !crl_tracker_update(k, f / 30.0, d, n_detections, &out, n, &err), "frame %d: %s", f, err.text);
    return out;
}

/* Two things cross each other's way and keep their numbers. */
void check_numbers(check *t, unsigned cpu)
{
    (void)cpu;
    crl_tracker *k = make(t, NULL);
    int32_t n;
    for (int f = 0; f < 100 && k; f++) {
        const crl_detection d[] = { thing(4.0f * (float)f, 100, 0.9f, 0), thing(400 - 4.0f * (float)f, 130, 0.8f, 0) };
        const crl_detection turned[] = { d[1], d[0] };
        const crl_track *now = frame(t, k, f, f % 2 ? turned : d, 2, &n);
        if (!check_that(t, n == 2 && now[0].id == 1 && now[1].id == 2, "frame %d: %d tracks", f, n)) break;
        check_equal_f32(t, &d[0].box.x0, &now[0].box.x0, 4, 0, "frame %d, the first", f);
        check_that(t, now[0].detection == f % 2 && now[1].detection == !(f % 2), "frame %d: detections", f);
        check_that(t, now[0].begun == 0 && now[0].seen == f / 30.0, "frame %d: times", f);
        if (f > 50)
            check_that(t, fabsf(now[0].velocity_x - 120) < 3 && fabsf(now[0].velocity_y) < 1, "%g pixels a second",
                       (double)now[0].velocity_x);
        if (f > 50) check_that(t, fabsf(now[1].smooth.x0 - d[1].box.x0) < 1, "smooth is off by %g", (double)(now[1].smooth.x0 - d[1].box.x0));
    }
    crl_tracker_free(k);
}

/* Half hidden things score low: enough to go on, not to begin. */
void check_poor_scores(check *t, unsigned cpu)
{
    (void)cpu;
    crl_tracker *k = make(t, NULL);
    int32_t n;
    for (int f = 0; f < 60 && k; f++) {
        const crl_detection d[] = { thing(3.0f * (float)f, 50, f < 10 || f > 40 ? 0.7f : 0.2f, 0), thing(500, 300, 0.3f, 0) };
        const crl_track *now = frame(t, k, f, d, 2, &n);
        if (!check_that(t, n == 1 && now[0].id == 1 && now[0].detection == 0, "frame %d: %d tracks", f, n)) break;
    }
    const crl_detection below = thing(180, 50, 0.09f, 0);
    if (k) frame(t, k, 60, &below, 1, &n);
    const crl_track *now = k ? frame(t, k, 61, &below, 1, &n) : NULL;
    check_that(t, now && n == 1 && now[0].detection == -1, "a score below all");
    crl_tracker_free(k);
}

/* Hidden for a while: held at first, then not shown, then the same number again; where it is expected, it is. */
void check_hidden(check *t, unsigned cpu)
{
    (void)cpu;
    crl_tracker *k = make(t, NULL);
    int32_t n;
    for (int f = 0; f < 80 && k; f++) {
        const bool hidden = f >= 30 && f < 60;
        const crl_detection d = thing(3.0f * (float)f, 50, 0.8f, 0);
        const crl_track *now = frame(t, k, f, &d, !hidden, &n);
        const bool held = hidden && f <= 29 + 9;
        if (!check_that(t, n == (!hidden || held), "frame %d: %d tracks", f, n) || !n) continue;
        check_that(t, now[0].id == 1, "frame %d: track %u", f, now[0].id);
        check_that(t, fabsf(now[0].box.x0 - d.box.x0) < 4, "frame %d: off by %g", f, (double)(now[0].box.x0 - d.box.x0));
        int32_t gone;
        crl_tracker_gone(k, &gone);
        check_that(t, !gone, "frame %d: %d gone", f, gone);
    }
    crl_tracker_free(k);
}

/* It stood still while it was hidden, which is where nobody expected it. */
void check_stood_still(check *t, unsigned cpu)
{
    (void)cpu;
    crl_tracker *k = make(t, NULL);
    int32_t n;
    const crl_track *now = NULL;
    for (int f = 0; f < 30 && k; f++) {
        const crl_detection d = thing(100 + 4.0f * (float)f, 50, 0.8f, 0);
        now = frame(t, k, f, &d, 1, &n);
    }
    for (int f = 30; f < 50 && k; f++) now = frame(t, k, f, NULL, 0, &n);
    const crl_detection back = thing(100 + 4.0f * 29, 50, 0.8f, 0);
    if (k) now = frame(t, k, 50, &back, 1, &n);
    if (now && check_that(t, n == 1 && now[0].id == 1, "it is another one"))
        check_that(t, fabsf(now[0].velocity_x) < 15, "%g pixels a second after standing still", (double)now[0].velocity_x);
    crl_tracker_free(k);
}

/* Whoever comes back knows as much as one that was seen on a straight way all the time. */
void check_taught(check *t, unsigned cpu)
{
    (void)cpu;
    crl_tracker *hidden = make(t, NULL), *watched = make(t, NULL);
    int32_t n;
    const crl_track *a = NULL, *b = NULL;
    for (int f = 0; f < 50 && hidden && watched; f++) {
        const float from = 100 + 4.0f * 29, to = from + 60;
        const crl_detection d = thing(f < 30 ? 100 + 4.0f * (float)f : from + (to - from) * (float)(f - 29) / 20, 50, 0.8f, 0);
        a = frame(t, hidden, f, &d, f < 30 || f == 49, &n);
        b = frame(t, watched, f, &d, 1, &n);
    }
    if (a && b && check_that(t, a[0].id == 1 && b[0].id == 1, "it is another one")) {
        check_that(t, fabsf(a[0].velocity_x - b[0].velocity_x) < 0.01f, "%g and %g pixels a second",
                   (double)a[0].velocity_x, (double)b[0].velocity_x);
        check_that(t, fabsf(a[0].smooth.x0 - b[0].smooth.x0) < 0.001f, "at %g and %g", (double)a[0].smooth.x0, (double)b[0].smooth.x0);
    }
    crl_tracker_free(hidden);
    crl_tracker_free(watched);
}

/* What flashes up once does not count, but in the first frame. */
void check_confirming(check *t, unsigned cpu)
{
    (void)cpu;
    const crl_tracker_options options = { .confirm = 3 };
    crl_tracker *k = make(t, &options);
    int32_t n;
    const crl_detection first = thing(10, 10, 0.9f, 0), flash = thing(300, 10, 0.9f, 0), stays = thing(300, 200, 0.9f, 0);
    for (int f = 0; f < 12 && k; f++) {
        crl_detection d[3] = { first, stays, flash };
        const crl_track *now = frame(t, k, f, d, f < 4 ? 1 : f < 8 ? 2 : f % 2 ? 2 : 3, &n);
        const int32_t want = f < 6 ? 1 : 2;
        if (!check_that(t, n == want && now[0].id == 1 && (n < 2 || now[1].id == 2), "frame %d: %d tracks", f, n)) break;
        if (n == 2) check_that(t, now[1].begun == 4 / 30.0, "it began at %g", now[1].begun);
    }
    crl_tracker_free(k);
}

void check_gone(check *t, unsigned cpu)
{
    (void)cpu;
    const crl_tracker_options options = { .remember = 0.5f, .hold = 0.1f };
    crl_tracker *k = make(t, &options);
    int32_t n, gone;
    const crl_detection d[] = { thing(10, 10, 0.9f, 3), thing(300, 10, 0.7f, 0) };
    for (int f = 0; f < 10 && k; f++) frame(t, k, f, d, 2, &n);
    for (int f = 10; f < 40 && k; f++) {
        frame(t, k, f, d, 1, &n);
        const crl_track *left = crl_tracker_gone(k, &gone);
        const int32_t want = f == 9 + 16; /* the first frame that is more than half a second later */
        if (!check_that(t, gone == want, "frame %d: %d gone", f, gone)) break;
        if (gone)
            check_that(t, left[0].id == 2 && left[0].index == 0 && left[0].seen == 9 / 30.0 && left[0].box.x0 == 300,
                       "track %u, last seen %g", left[0].id, left[0].seen);
    }
    if (k) {
        const crl_track *now = frame(t, k, 40, d, 2, &n);
        now = frame(t, k, 41, d, 2, &n);
        check_that(t, n == 2 && now[1].id == 3, "a number that was given twice");
        now = frame(t, k, 1000, d, 2, &n);
        crl_tracker_gone(k, &gone);
        check_that(t, n == 0 && gone == 2, "after a long pause %d tracks, %d gone", n, gone);
        crl_tracker_reset(k);
        now = frame(t, k, 0, d, 2, &n);
        check_that(t, n == 2 && now[0].id == 1, "after a reset");
    }
    crl_tracker_free(k);
}

void check_classes(check *t, unsigned cpu)
{
    (void)cpu;
    for (int agnostic = 0; agnostic < 2; agnostic++) {
        const crl_tracker_options options = { .agnostic = agnostic };
        crl_tracker *k = make(t, &options);
        int32_t n;
        const crl_track *now = NULL;
        for (int f = 0; f < 6 && k; f++) {
            const crl_detection d = thing(10 + (float)f, 10, 0.9f, f < 3 ? 1 : 2);
            now = frame(t, k, f, &d, 1, &n);
        }
        if (agnostic)
            check_that(t, now && n == 1 && now[0].id == 1 && now[0].index == 2, "%d tracks", n);
        else
            check_that(t, now && n == 2 && now[0].detection == -1 && now[1].id == 2 && now[1].index == 2, "%d tracks", n);
        crl_tracker_free(k);
    }
}

/* More than there is room for: the best are kept; a lost one gives its place away. */
void check_crowded(check *t, unsigned cpu)
{
    (void)cpu;
    const crl_tracker_options options = { .capacity = 4 };
    crl_tracker *k = make(t, &options);
    int32_t n, gone = -1;
    crl_detection d[9];
    for (int i = 0; i < 9; i++) d[i] = thing(100.0f * (float)i, 10, 0.6f + 0.04f * (float)(i * 5 % 9), 0);
    const crl_track *now = k ? frame(t, k, 0, d, 9, &n) : NULL;
    if (now && check_that(t, n == 4, "%d tracks", n))
        for (int i = 0; i < 4; i++) check_that(t, now[i].score > 0.6f + 0.04f * 4.5f, "%g is among the best", (double)now[i].score);
    crl_detection other[4];
    for (int i = 0; i < 4; i++) other[i] = thing(100.0f * (float)i, 300, 0.9f, 0);
    if (k) frame(t, k, 1, other, 4, &n);
    now = k ? frame(t, k, 2, other, 4, &n) : NULL;
    check_that(t, now && n == 4 && now[0].id == 5, "%d tracks", n);
    if (k) crl_tracker_gone(k, &gone);
    check_that(t, k && gone == 0, "%d gone, of before", gone);
    crl_tracker_free(k);
}

void check_odd_detections(check *t, unsigned cpu)
{
    (void)cpu;
    crl_tracker *k = make(t, NULL);
    int32_t n;
    crl_detection d[] = { thing(10, 10, NAN, 0), thing(10, 10, INFINITY, 0), thing(NAN, 10, 0.9f, 0), thing(10, INFINITY, 0.9f, 0),
                          { .score = 0.9f, .box = { 10, 10, 10, 50 } }, { .score = 0.9f, .box = { 50, 10, 10, 50 } },
                          { .score = 0.9f, .box = { -3e38f, -3e38f, 3e38f, 3e38f } }, thing(200, 200, 0.9f, 0) };
    for (int f = 0; f < 5 && k; f++) {
        const crl_track *now = frame(t, k, f, d, 8, &n);
        check_that(t, n == 1 && now[0].detection == 7, "%d tracks", n);
    }
    for (int round = check_rounds(t, 400); round > 0 && k; round--) { /* any bits at all */
        crl_detection noise[12];
        check_fill(t, noise, sizeof noise);
        for (int i = 0; i < 12; i++) {
            noise[i].index = check_range(t, 0, 1);
            if (check_range(t, 0, 1)) noise[i].score = 0.6f;
            if (check_range(t, 0, 1)) noise[i].box = thing((float)check_range(t, -50, 700), (float)check_range(t, -50, 500), 0, 0).box;
        }
        const crl_track *now = frame(t, k, 1000 - round, noise, 12, &n);
        for (int32_t i = 0; i < n; i++)
            if (!check_that(t,
                            isfinite(now[i].smooth.x0 + now[i].box.x1 + now[i].velocity_x) &&
                                (!i || now[i].id > now[i - 1].id),
                            "track %d", i))
                round = 0;
    }
    crl_tracker_free(k);
}

void check_tracker_refused(check *t, unsigned cpu)
{
    (void)cpu;
    static const struct {
        crl_tracker_options options;
        const char *says;
    } bad[] = {
        { { .high = 1.5f }, "high 1.5" }, { { .high = NAN }, "high" }, { { .low = 0.6f }, "low 0.6; more than 0 and at most 0.5" },
        { { .overlap = -1 }, "overlap -1" }, { { .remember = 1e9f }, "remember" }, { { .hold = 2 }, "hold 2" }, { { .confirm = -1 }, "confirm -1" },
        { { .capacity = CRL_MAX_TRACKS + 1 }, "capacity 1025" }, { { .reserved = { 1 } }, "crl_tracker_options" },
    };
    crl_tracker *k;
    crl_error err;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const crl_status s = crl_tracker_new(&k, &bad[i].options, &err);
        check_that(t, s == CRL_ERR_ARGUMENT && !k && strstr(err.text, bad[i].says), "%zu: %s", i, err.text);
    }
    k = make(t, NULL);
    const crl_track *out;
    int32_t n;
    if (k) frame(t, k, 10, NULL, 0, &n);
    check_that(t, k && crl_tracker_update(k, 9 / 30.0, NULL, 0, &out, &n, &err) == CRL_ERR_ARGUMENT && strstr(err.text, "before"), "back in time");
    check_that(t, k && crl_tracker_update(k, NAN, NULL, 0, &out, &n, &err) == CRL_ERR_ARGUMENT, "no time");
    check_that(t, k && !crl_tracker_update(k, 10 / 30.0, NULL, 0, &out, &n, &err), "the same time again");
    crl_tracker_free(k);
    crl_tracker_free(NULL);
}

/* Fifty things that walk to and fro. */
void check_speed(check *t, unsigned cpu)
{
    (void)cpu;
    enum { THINGS = 50 };
    crl_tracker *k = make(t, NULL);
    crl_detection d[THINGS];
    const crl_track *out;
    int32_t n = 0;
    int f = 0;
    check_name(t, "crl_tracker_update of 50 things");
    if (!k) return;
    check_bench(t, 1, {
        for (int i = 0; i < THINGS; i++)
            d[i] = thing(60.0f * (float)(i % 10) + 20 * sinf((float)(f + i) / 20), 80.0f * (float)(i / 10), 0.8f, 0);
        crl_tracker_update(k, f++ / 30.0, d, THINGS, &out, &n, NULL);
    });
    check_that(t, !f || n == THINGS, "%d tracks", n);
    crl_tracker_free(k);
}
