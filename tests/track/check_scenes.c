/* SPDX-License-Identifier: Apache-2.0 */
/* Scenes of things that walk about, hide each other and are detected badly, tracked by the tracker and by the plain way: the
 * box that overlaps most. The measures are those of CLEAR MOT (Bernardin and Stiefelhagen 2008). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "checks.h"

enum { THINGS = 9, FRAMES = 300, MOST = 64, SCENES = 20 };

typedef struct walk {
    float x, y, width, height, amplitude_x, amplitude_y, speed_x, speed_y, phase;
} walk;

typedef struct measures {
    int things, missed, false_alarms, switches;
    int last[THINGS]; /* the number that each had */
} measures;

static float unit(check *t)
{
    return (float)check_range(t, 0, 1 << 20) / (1 << 20);
}

static walk new_walk(check *t)
{
    const float size = 45 + 55 * unit(t);
    return (walk){ 120 + 400 * unit(t), 100 + 280 * unit(t), size, size * (1.1f + unit(t)), 60 + 200 * unit(t), 20 + 60 * unit(t),
                   0.5f + unit(t), 0.3f + unit(t), 6 * unit(t) };
}

static crl_box where(const walk *w, int f)
{
    const float s = (float)f / 30, x = w->x + w->amplitude_x * sinf(w->speed_x * s + w->phase);
    const float y = w->y + w->amplitude_y * sinf(w->speed_y * s + 2 * w->phase);
    return (crl_box){ x - w->width / 2, y - w->height / 2, x + w->width / 2, y + w->height / 2 };
}

static float overlap(const crl_box *a, const crl_box *b)
{
    const float w = fminf(a->x1, b->x1) - fmaxf(a->x0, b->x0), h = fminf(a->y1, b->y1) - fmaxf(a->y0, b->y0);
    if (w <= 0 || h <= 0) return 0;
    return w * h / ((a->x1 - a->x0) * (a->y1 - a->y0) + (b->x1 - b->x0) * (b->y1 - b->y0) - w * h);
}

/* What is seen of thing i, counted on a grid: those with a lower edge are in front. */
static float visible(const crl_box *boxes, int i)
{
    int seen = 0;
    for (int k = 0; k < 100; k++) {
        const float x = boxes[i].x0 + (boxes[i].x1 - boxes[i].x0) * ((float)(k % 10) + 0.5f) / 10;
        const float y = boxes[i].y0 + (boxes[i].y1 - boxes[i].y0) * ((float)(k / 10) + 0.5f) / 10;
        bool hidden = false;
        for (int j = 0; j < THINGS && !hidden; j++)
            hidden = j != i && boxes[j].y1 > boxes[i].y1 && x > boxes[j].x0 && x < boxes[j].x1 && y > boxes[j].y0 && y < boxes[j].y1;
        seen += !hidden;
    }
    return (float)seen / 100;
}

static float tremble(check *t, float size)
{
    return size * 0.05f * (unit(t) + unit(t) - 1);
}

/* A detector that misses one in twenty, scores what is half hidden low, and sees things that are not there. */
static int32_t detect(check *t, const crl_box *boxes, const float *seen, crl_detection *out)
{
    int32_t n = 0;
    for (int i = 0; i < THINGS; i++) {
        const float w = boxes[i].x1 - boxes[i].x0, h = boxes[i].y1 - boxes[i].y0;
        if (seen[i] < 0.3f || unit(t) < 0.05f) continue;
        out[n++] = (crl_detection){ .score = seen[i] < 0.7f ? 0.15f + 0.3f * unit(t) : 0.6f + 0.35f * unit(t),
                                    .box = { boxes[i].x0 + tremble(t, w), boxes[i].y0 + tremble(t, h), boxes[i].x1 + tremble(t, w),
                                             boxes[i].y1 + tremble(t, h) } };
    }
    if (unit(t) < 0.3f) {
        const float x = 600 * unit(t), y = 400 * unit(t);
        out[n++] = (crl_detection){ .score = 0.1f + 0.6f * unit(t), .box = { x, y, x + 30 + 60 * unit(t), y + 30 + 90 * unit(t) } };
    }
    return n;
}

/* Tracks of one frame beside what is there. Who is hidden is neither missed nor a false alarm. */
static void measure(measures *m, const crl_box *boxes, const float *seen, const crl_track *tracks, int32_t n)
{
    bool used[MOST] = { false };
    for (int i = 0; i < THINGS; i++) {
        int32_t found = -1;
        for (int32_t k = 0; k < n; k++)
            if (!used[k] && (int)tracks[k].id == m->last[i] && overlap(&tracks[k].box, &boxes[i]) >= 0.5f) found = k;
        float best = 0.5f;
        for (int32_t k = 0; k < n && (found < 0 || (int)tracks[found].id != m->last[i]); k++) {
            const float o = overlap(&tracks[k].box, &boxes[i]);
            if (!used[k] && o >= best) {
                best = o;
                found = k;
            }
        }
        m->things += seen[i] >= 0.3f;
        if (found < 0) {
            m->missed += seen[i] >= 0.3f;
            continue;
        }
        used[found] = true;
        m->switches += m->last[i] && m->last[i] != (int)tracks[found].id;
        m->last[i] = (int)tracks[found].id;
    }
    for (int32_t k = 0; k < n; k++) m->false_alarms += !used[k];
}

/* ---- the plain way ---- */

typedef struct plain {
    crl_track tracks[MOST];
    int32_t n;
    int last_seen[MOST];
    uint32_t next;
} plain;

/* A detection belongs to the track whose last box it overlaps most; a track ends that is not seen for a third of a second. */
static int32_t plain_update(plain *p, int f, const crl_detection *d, int32_t n_detections, crl_track *out)
{
    bool used[MOST] = { false };
    int32_t n = 0;
    for (int32_t i = 0; i < p->n;) {
        int32_t best = -1;
        for (int32_t j = 0; j < n_detections; j++)
            if (!used[j] && d[j].score >= 0.5f &&
                overlap(&p->tracks[i].box, &d[j].box) >= (best < 0 ? 0.3f : overlap(&p->tracks[i].box, &d[best].box)))
                best = j;
        if (best >= 0) {
            used[best] = true;
            p->tracks[i].box = d[best].box;
            p->last_seen[i] = f;
            out[n++] = p->tracks[i];
        } else if (f - p->last_seen[i] > 10) {
            p->n--;
            memmove(&p->tracks[i], &p->tracks[i + 1], (size_t)(p->n - i) * sizeof *p->tracks);
            memmove(&p->last_seen[i], &p->last_seen[i + 1], (size_t)(p->n - i) * sizeof *p->last_seen);
            continue;
        }
        i++;
    }
    for (int32_t j = 0; j < n_detections && p->n < MOST; j++) {
        if (used[j] || d[j].score < 0.5f) continue;
        p->last_seen[p->n] = f;
        out[n++] = p->tracks[p->n++] = (crl_track){ .id = ++p->next, .box = d[j].box };
    }
    return n;
}

static void run_scene(check *t, crl_tracker *tracker, measures *ours, measures *plains)
{
    walk walks[THINGS];
    static plain p;
    memset(&p, 0, sizeof p);
    for (int i = 0; i < THINGS; i++) walks[i] = new_walk(t);
    memset(ours->last, 0, sizeof ours->last);
    memset(plains->last, 0, sizeof plains->last);
    for (int f = 0; f < FRAMES; f++) {
        crl_box boxes[THINGS];
        float seen[THINGS];
        crl_detection d[MOST];
        crl_track out[MOST];
        for (int i = 0; i < THINGS; i++) boxes[i] = where(&walks[i], f);
        for (int i = 0; i < THINGS; i++) seen[i] = visible(boxes, i);
        const int32_t n = detect(t, boxes, seen, d);
        const crl_track *tracks;
        int32_t n_tracks;
        crl_error err;
        if (!check_that(t, !crl_tracker_update(tracker, f / 30.0, d, n, &tracks, &n_tracks, &err), "%s", err.text)) return;
        measure(ours, boxes, seen, tracks, n_tracks);
        n_tracks = plain_update(&p, f, d, n, out);
        measure(plains, boxes, seen, out, n_tracks);
    }
    crl_tracker_reset(tracker);
}

static double mota(const measures *m)
{
    return 1 - (double)(m->missed + m->false_alarms + m->switches) / m->things;
}

static void tell(const char *who, const measures *m)
{
    printf("     %s: MOTA %.3f, of %d things %d missed, %d false alarms, %d switches\n", who, mota(m), m->things,
           m->missed, m->false_alarms, m->switches);
}

void check_scenes(check *t, unsigned cpu)
{
    (void)cpu;
    crl_tracker *tracker;
    crl_error err;
    measures ours = { 0 }, plains = { 0 };
    if (!check_that(t, !crl_tracker_new(&tracker, NULL, &err), "%s", err.text)) return;
    for (int i = 0; i < SCENES; i++) run_scene(t, tracker, &ours, &plains);
    tell("the tracker", &ours);
    tell("the plain way", &plains);
    check_that(t, mota(&ours) > mota(&plains) + 0.1, "MOTA %.3f, the plain way %.3f", mota(&ours), mota(&plains));
    check_that(t, ours.switches * 2 < plains.switches, "%d switches, the plain way %d", ours.switches, plains.switches);
    crl_tracker_free(tracker);
}
