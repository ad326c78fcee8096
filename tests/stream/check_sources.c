/* SPDX-License-Identifier: Apache-2.0 */
/* Sources that need no library: the scene, raw frames, pictures. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "checks.h"
#include "stream/scene.h"
#include "stream/stream.h"

static crl_status take(const crl_source *s, crl_grab *g, int timeout_ms, crl_error *err)
{
    return s->type->take(s->self, g, timeout_ms, err);
}

void check_test_source(check *t, unsigned cpu)
{
    (void)cpu;
    crl_source s;
    crl_grab g;
    crl_error err;
    /* Unpaced: each frame, and then the end. */
    const crl_source_options every = { .fps = INFINITY, .frames = 3 };
    check_that(t, !crl_source_open(&s, "test", &every, &err) && !s.type->live && !s.type->start(s.self, &err), "%s", err.text);
    for (int i = 0; i < 3; i++) {
        check_that(t, !take(&s, &g, 0, &err) && !g.end && g.format.width == 320 && g.format.height == 240, "%s", err.text);
        check_that(t, g.time_ns == (uint64_t)(i / 30.0 * 1e9), "frame %d is at %llu", i, (unsigned long long)g.time_ns);
        s.type->give_back(s.self, &g);
    }
    check_that(t, !take(&s, &g, 0, &err) && g.end, "it does not end");
    s.type->stop(s.self);
    s.type->free(s.self);
    /* Paced: it is waited for, no longer than asked; frames that nobody took are over. */
    const crl_source_options slow = { .fps = 10, .width = 32, .height = 32 };
    check_that(t, !crl_source_open(&s, "test", &slow, &err) && s.type->live && !s.type->start(s.self, &err), "%s", err.text);
    check_that(t, !take(&s, &g, 100, &err) && g.time_ns == 0, "the first frame");
    s.type->give_back(s.self, &g);
    check_that(t, take(&s, &g, 1, &err) == CRL_ERR_TIMEOUT, "the second comes too soon");
    const struct timespec pause = { 0, 350000000 };
    nanosleep(&pause, NULL);
    check_that(t, !take(&s, &g, 100, &err) && g.time_ns >= 299999999, "old frames are given: %llu", (unsigned long long)g.time_ns);
    s.type->give_back(s.self, &g);
    s.type->stop(s.self);
    s.type->free(s.self);
}

void check_raw_frames(check *t, unsigned cpu)
{
    (void)cpu;
    int ends[2];
    crl_source s;
    crl_grab g;
    crl_error err;
    const crl_source_options o = { .width = 6, .height = 4 };
    static uint8_t bytes[36 * 2 + 10];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)i;
    if (!check_that(t, !pipe(ends), "no pipe")) return;
    check_that(t, !crl_source_raw(&s, ends[0], &o, &err) && !s.type->start(s.self, &err), "%s", err.text);
    check_that(t, take(&s, &g, 5, &err) == CRL_ERR_TIMEOUT, "a frame from nowhere");
    check_that(t, write(ends[1], bytes, 20) == 20 && take(&s, &g, 5, &err) == CRL_ERR_TIMEOUT, "half a frame is one");
    check_that(t, write(ends[1], bytes + 20, sizeof bytes - 20) > 0, "the pipe is full");
    crl_grab both[2];
    for (int i = 0; i < 2; i++) {
        check_that(t, !take(&s, &both[i], 100, &err) && !both[i].end, "%s", err.text);
        const crl_frame *f = &both[i].frame;
        check_that(t, both[i].format.pixels == CRL_PIXELS_I420 && f->stride[0] == 6 && f->stride[1] == 3, "another format");
        check_that(t, f->plane[0][0] == 36 * i && f->plane[1][0] == 36 * i + 24 && f->plane[2][5] == 36 * i + 35, "frame %d has other bytes", i);
    }
    s.type->give_back(s.self, &both[1]);
    s.type->give_back(s.self, &both[0]);
    close(ends[1]);
    check_that(t,
               take(&s, &g, 100, &err) == CRL_ERR_FORMAT && strstr(err.text, "2 whole frames and 10 bytes") &&
                   strstr(err.text, "6 x 4 i420 has 36"),
               "%s", err.text);
    s.type->stop(s.self);
    s.type->free(s.self);
    close(ends[0]);
}

void check_pictures(check *t, unsigned cpu)
{
    (void)cpu;
    static const char *const paths[] = { SOURCE_ROOT "/examples/scene_1.jpg", SOURCE_ROOT "/README.md", SOURCE_ROOT "/examples/scene_2.jpg" };
    made_notices notices = { 0 };
    made_sink *sink = calloc(1, sizeof *sink);
    crl_session *session = made_session(t);
    crl_source source;
    crl_stream *s;
    crl_error err;
    const crl_sink as_sink = made_sink_of(sink);
    const crl_stream_options options = { .notice = made_notice, .user = &notices };
    check_that(t, !crl_source_pictures(&source, paths, 3, NULL, &err), "%s", err.text);
    check_that(t, !crl_stream_new(&s, &source, session, &options, &err) && !crl_stream_add(s, &as_sink, &err), "%s", err.text);
    check_that(t, !crl_stream_run(s, &err), "%s", err.text);
    crl_stream_free(s);
    check_that(t, sink->views == 2 && notices.n == 1 && notices.kinds[0] == CRL_NOTICE_FRAME_LOST && strstr(notices.last, "README.md"),
               "%d views, %d notices: %s", sink->views, notices.n, notices.last);
    crl_session_close(session);
    free(sink);
}

void check_sources_refused(check *t, unsigned cpu)
{
    (void)cpu;
    crl_source s;
    crl_error err;
    const crl_source_options wrong[] = { { .width = -1, .height = 1 }, { .width = 5 }, { .fps = -1 }, { .fps = NAN }, { .reserved = { 1 } } };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        check_that(t, crl_source_open(&s, "test", &wrong[i], &err) == CRL_ERR_ARGUMENT && !s.type, "options %d are taken", (int)i);
    const crl_source_options large = { .width = 70000, .height = 10 };
    check_that(t,
               crl_source_open(&s, "test", &large, &err) == CRL_ERR_UNSUPPORTED &&
                   crl_source_open(&s, "-", &large, &err) == CRL_ERR_UNSUPPORTED,
               "too large a scene");
    /* By GStreamer, where it is, or by nobody. */
    const crl_status status = crl_source_open(&s, "no such thing", NULL, &err);
    check_that(t, (status == CRL_ERR_UNSUPPORTED || status == CRL_ERR_IO) && !s.type, "%s", err.text);
}
