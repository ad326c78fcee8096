/* SPDX-License-Identifier: Apache-2.0 */
/* Zones, lines and masks. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "checks.h"
#include "stream/scene.h"
#include "stream/stream.h"

static const crl_point left[] = { { 0, 0 }, { 0.5f, 0 }, { 0.5f, 1 }, { 0, 1 } };
static const crl_point gate[] = { { 0.5f, 0 }, { 0.5f, 1 } };
static const crl_point bent[] = { { 0.1f, 0.1f }, { 0.9f, 0.1f }, { 0.9f, 0.9f }, { 0.5f, 0.3f }, { 0.1f, 0.9f } };

void check_area_shapes(check *t, unsigned cpu)
{
    (void)cpu;
    const crl_area area = { .kind = CRL_AREA_ZONE, .name = "bent", .points = bent, .n_points = 5 };
    static const struct { crl_point p; bool inside; } places[] = { { { 0.5f, 0.2f }, true }, { { 0.2f, 0.6f }, true }, { { 0.5f, 0.6f }, false },
                                                                   { { 0.05f, 0.5f }, false }, { { 0.8f, 0.7f }, true }, { { 0.95f, 0.2f }, false } };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        check_that(t, crl_area_has(&area, places[i].p) == places[i].inside, "%g, %g", (double)places[i].p.x, (double)places[i].p.y);
}

/* A thing goes over a line and back, in a zone and out of it; one that is new there has come in, and has crossed nothing. */
void check_area_counts(check *t, unsigned cpu)
{
    (void)cpu;
    static const float way[] = { 10, 30, 45, 55, 70, 51, 49, 20, 80 };
    static const uint64_t crossed[][2] = { { 0, 0 }, { 0, 0 }, { 0, 0 }, { 0, 1 }, { 0, 1 }, { 0, 1 }, { 1, 1 }, { 1, 1 }, { 1, 2 } };
    static const uint64_t entered[][3] = { { 1, 0, 1 }, { 1, 0, 1 }, { 1, 0, 1 }, { 1, 1, 0 }, { 1, 1, 0 },
                                           { 1, 1, 0 }, { 2, 1, 1 }, { 2, 1, 1 }, { 2, 2, 0 } };
    crl_areas *a = calloc(1, sizeof *a);
    const crl_area list[] = { { .kind = CRL_AREA_LINE, .name = "gate", .points = gate, .n_points = 2 },
                              { .kind = CRL_AREA_ZONE, .name = "left", .points = left, .n_points = 4 } };
    check_that(t, !crl_areas_set(a, list, 2, NULL), "two areas");
    for (size_t i = 0; i < sizeof way / sizeof *way; i++) {
        uint32_t zones[1];
        const crl_track k = { .id = 7, .smooth = { way[i] - 5, 20, way[i] + 5, 60 } };
        crl_areas_count(a, &k, 1, 100, 100, zones);
        check_that(t, a->counts[0].in == crossed[i][0] && a->counts[0].out == crossed[i][1], "step %d: %d in, %d out",
                   (int)i, (int)a->counts[0].in, (int)a->counts[0].out);
        check_that(t,
                   a->counts[1].in == entered[i][0] && a->counts[1].out == entered[i][1] &&
                       a->counts[1].now == (int)entered[i][2],
                   "step %d: zone %d %d %d", (int)i, (int)a->counts[1].in, (int)a->counts[1].out, a->counts[1].now);
        check_that(t, zones[0] == (way[i] < 50 ? 2u : 0u), "step %d: it is in %x", (int)i, zones[0]);
    }
    /* Past the end of the line is no crossing. */
    static const crl_point half[] = { { 0.5f, 0 }, { 0.5f, 0.4f } };
    const crl_area shorter = { .kind = CRL_AREA_LINE, .name = "gate", .points = half, .n_points = 2 };
    memset(a, 0, sizeof *a);
    crl_areas_set(a, &shorter, 1, NULL);
    for (int i = 0; i < 2; i++) {
        uint32_t zones[1];
        const crl_track k = { .id = 1, .smooth = { 20 + 40.0f * (float)i, 20, 40 + 40.0f * (float)i, 60 } };
        crl_areas_count(a, &k, 1, 100, 100, zones);
    }
    check_that(t, !a->counts[0].in && !a->counts[0].out, "it goes round the line and is counted");
    /* More things than there is room for are not counted, and nothing else. */
    for (uint32_t id = 1; id < 5000; id++) {
        uint32_t zones[1];
        const crl_track k = { .id = id, .smooth = { 0, 0, 10, 10 } };
        crl_areas_count(a, &k, 1, 100, 100, zones);
    }
    check_that(t, a->n_things <= CRL_AREA_THINGS, "%d things", a->n_things);
    free(a);
}

void check_area_masks(check *t, unsigned cpu)
{
    (void)cpu;
    enum { W = 61, H = 47 };
    static uint8_t pixels[3 * W * H];
    crl_areas *a = calloc(1, sizeof *a);
    crl_image image = { W, H, 3, 3 * W, pixels };
    const crl_area mask = { .kind = CRL_AREA_MASK, .points = bent, .n_points = 5 };
    check_that(t, !crl_areas_set(a, &mask, 1, NULL), "a mask");
    memset(pixels, 200, sizeof pixels);
    crl_areas_mask(a, &image);
    for (int32_t y = 0; y < H; y++)
        for (int32_t x = 0; x < W; x++) {
            const crl_point middle = { ((float)x + 0.5f) / W, ((float)y + 0.5f) / H };
            const uint8_t *p = pixels + 3 * (y * W + x);
            if (crl_area_has(&mask, middle)) check_that(t, !p[0] && !p[1] && !p[2], "%d, %d is seen", x, y);
            /* A pixel beside it may go, but not one two pixels away. */
            bool near = false;
            for (int k = 0; k < 25; k++)
                near = near || crl_area_has(&mask, (crl_point){ middle.x + (float)(k % 5 - 2) / W,
                                                                middle.y + (float)(k / 5 - 2) / H });
            if (!near) check_that(t, p[0] == 200 && p[1] == 200 && p[2] == 200, "%d, %d is gone", x, y);
        }
    free(a);
}

void check_areas_refused(check *t, unsigned cpu)
{
    (void)cpu;
    static const crl_point far[] = { { 0, 0 }, { 2, 0 }, { 0, 1 } };
    static const char name[] = "a name of more bytes than there are in the room that names have";
    const crl_area wrong[] = { { .kind = (crl_area_kind)3, .name = "x", .points = left, .n_points = 4 },
                               { .name = NULL, .points = left, .n_points = 4 },
                               { .name = "x", .points = left, .n_points = 2 },
                               { .name = "x", .points = left, .n_points = 65 },
                               { .name = "x", .points = far, .n_points = 3 },
                               { .kind = CRL_AREA_LINE, .name = "x", .points = left, .n_points = 3 },
                               { .name = name, .points = left, .n_points = 4 },
                               { .name = "x", .points = left, .n_points = 4, .reserved = { 1 } } };
    crl_areas *a = calloc(1, sizeof *a);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        check_that(t, crl_areas_set(a, &wrong[i], 1, NULL) == CRL_ERR_ARGUMENT, "area %d is taken", (int)i);
    check_that(t, crl_areas_set(a, wrong, 33, NULL) == CRL_ERR_ARGUMENT, "33 areas are taken");
    free(a);
}

/* ---- end to end ---- */

typedef struct counter {
    uint64_t in, out;
    double last; /* seconds, of the last view */
} counter;

static void look(void *user, const crl_view *v)
{
    counter *c = user;
    if (v->n_areas) c->in = v->areas[0].in, c->out = v->areas[0].out;
    c->last = (double)v->seen_time_ns / 1e9;
}

/* Signs that pass the middle of the scene, as it says itself: those of the upper row go to the right, which is out. */
static void passed(const crl_scene *s, double until, uint64_t by_row[2])
{
    crl_scene_sign now[CRL_SCENE_MOST];
    float before[2][128];
    for (int k = 0; k < 256; k++) before[k / 128][k % 128] = NAN;
    by_row[0] = by_row[1] = 0;
    for (double at = 0; at <= until + 1e-6; at += 1 / 30.0) {
        const int32_t n = crl_scene_signs(s, at, now);
        for (int32_t i = 0; i < n && now[i].number < 128; i++) {
            const float x = (now[i].truth.box.x0 + now[i].truth.box.x1) / 2 - 160;
            float *old = &before[now[i].row][now[i].number];
            if (now[i].truth.score >= 1 && *old * x < 0) by_row[now[i].row]++;
            *old = now[i].truth.score >= 1 ? x : NAN;
        }
    }
}

void check_areas_counted(check *t, unsigned cpu)
{
    (void)cpu;
    const crl_area list[] = { { .kind = CRL_AREA_LINE, .name = "gate", .points = gate, .n_points = 2 } };
    const crl_source_options every = { .width = 320, .height = 240, .fps = INFINITY, .frames = (uint64_t)check_rounds(t, 480) };
    const crl_stream_options options = { .areas = list, .n_areas = 1 };
    counter c = { 0 };
    made_sink *sink = calloc(1, sizeof *sink);
    *sink = (made_sink){ .look = look, .user = &c };
    const crl_sink as_sink = made_sink_of(sink);
    crl_session *session = made_session(t);
    crl_scene *scene = NULL;
    crl_source source;
    crl_stream *s = NULL;
    crl_error err;
    uint64_t truth[2];
    check_that(t,
               !crl_source_open(&source, "test", &every, &err) &&
                   !crl_stream_new(&s, &source, session, &options, &err) && !crl_stream_add(s, &as_sink, &err),
               "%s", err.text);
    check_that(t, !crl_stream_run(s, &err) && !crl_scene_new(&scene, 320, 240, &err), "%s", err.text);
    passed(scene, c.last, truth);
    /* One more or less: boxes tremble, and the last frame may have one on the line. */
    check_that(t,
               llabs((long long)c.out - (long long)truth[0]) <= 1 && llabs((long long)c.in - (long long)truth[1]) <= 1,
               "%d in and %d out, where %d and %d passed", (int)c.in, (int)c.out, (int)truth[1], (int)truth[0]);
    crl_scene_free(scene);
    crl_stream_free(s);
    crl_session_close(session);
    free(sink);
}
