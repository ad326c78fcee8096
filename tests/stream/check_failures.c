/* SPDX-License-Identifier: Apache-2.0 */
/* Sources and sinks that fail: the rest goes on, and says so. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "checks.h"
#include "stream/stream.h"

typedef struct play {
    made_source source;
    made_sink sinks[2];
    made_notices notices;
    crl_stream_options options;
    int n_sinks;
    crl_stream_counts counts;
    crl_error err;
} play;

static play *new_play(void)
{
    play *p = calloc(1, sizeof *p);
    p->n_sinks = 1;
    return p;
}

static crl_status run(check *t, play *p)
{
    crl_stream *s;
    crl_session *session = made_session(t);
    const crl_source source = made_source_of(&p->source);
    p->options.notice = made_notice, p->options.report = made_report, p->options.user = &p->notices;
    crl_status status = crl_stream_new(&s, &source, session, &p->options, &p->err);
    check_that(t, !status, "%s", p->err.text);
    for (int i = 0; i < p->n_sinks; i++) {
        const crl_sink sink = made_sink_of(&p->sinks[i]);
        check_that(t, !crl_stream_add(s, &sink, &p->err), "%s", p->err.text);
    }
    status = crl_stream_run(s, &p->err);
    crl_stream_counts_now(s, &p->counts);
    crl_stream_free(s);
    crl_session_close(session);
    check_that(t, p->source.given == p->source.back, "of %d frames %d came back", p->source.given, p->source.back);
    for (int i = 0; i < p->n_sinks; i++) check_that(t, p->sinks[i].freed == 1, "sink %d is left", i);
    return status;
}

/* A camera is unplugged, and back after three attempts: views of its last frame say so meanwhile. */
void check_source_lost(check *t, unsigned cpu)
{
    (void)cpu;
    for (int mode = 0; mode < 2; mode++) {
        play *p = new_play();
        p->source = (made_source){
            .frames = 12, .fails_at = 6, .fails_to_start = 2, .pause_ms = 4, .live = true, .returns = true
        }; /* back after 1.75 s: an emulator is done with the last frame */
        p->options.mode = (crl_stream_mode)mode;
        p->sinks[0].pictures = true;
        check_that(t, !run(t, p), "%s", p->err.text);
        check_that(t, p->source.starts == 4 && p->counts.losses == 1, "%d starts, %d losses", p->source.starts, (int)p->counts.losses);
        check_that(t, !p->source.held, "%d frames of a camera that had gone were held when it came back", p->source.held);
        check_that(t, p->notices.n == 2 && p->notices.kinds[0] == CRL_NOTICE_SOURCE_LOST && p->notices.kinds[1] == CRL_NOTICE_SOURCE_BACK,
                   "%d notices: %s", p->notices.n, p->notices.last);
        int again = 0, fresh_again = 0;
        for (int i = 0; i < p->sinks[0].views; i++)
            again += p->sinks[0].again[i],
                fresh_again += i && !p->sinks[0].again[i] && p->sinks[0].numbers[i] == p->sinks[0].numbers[i - 1];
        check_that(t, again >= 1 && !fresh_again && p->sinks[0].notes >= 1, "%d views again, %d as new, %d notes",
                   again, fresh_again, p->sinks[0].notes);
        check_that(t, strstr(p->sinks[0].note, "camera 7") != NULL, "the note is \"%s\"", p->sinks[0].note);
        check_that(t, p->counts.taken == 12, "%d frames", (int)p->counts.taken);
        free(p);
    }
}

/* What is not there at the start is waited for, where that was asked for: meanwhile a view that shows no frame says what is wrong. */
void check_patience(check *t, unsigned cpu)
{
    (void)cpu;
    for (int mode = 0; mode < 2; mode++) {
        play *p = new_play();
        p->source = (made_source){ .frames = 80, .at_start = 2, .pause_ms = 20, .live = true, .returns = true };
        p->options.mode = (crl_stream_mode)mode;
        p->options.patient = true;
        p->n_sinks = 2;
        p->sinks[0].pictures = true;
        p->sinks[1] = (made_sink){ .at_start = 1, .returns = true };
        check_that(t, !run(t, p), "%s", p->err.text);
        check_that(t, p->source.starts == 3 && p->counts.taken == 80, "%d starts, %d frames", p->source.starts, (int)p->counts.taken);
        check_that(t, p->sinks[0].again[0] && strstr(p->sinks[0].note, "camera 7"), "view 0 is of a frame, and its note is \"%s\"", p->sinks[0].note);
        check_that(t, p->sinks[1].starts == 2 && p->sinks[1].views > 0,
                   "the sink was started %d times and shown %d views", p->sinks[1].starts, p->sinks[1].views);
        check_that(t, p->notices.n == 4, "%d notices: %s", p->notices.n, p->notices.last);
        /* What happens around a frame wakes a sink that has nothing to do; two of those do not wake each other. */
        check_that(t, p->sinks[0].idles < 20 * 80, "a sink that waited for 80 frames was awake %d times", p->sinks[0].idles);
        free(p);
    }
}

/* At the start it is an error, and so it is where there is no way back. */
void check_source_fails(check *t, unsigned cpu)
{
    (void)cpu;
    for (int k = 0; k < 4; k++) {
        play *p = new_play();
        p->source = (made_source){ .fails_at = k & 1 ? 5 : 0, .at_start = !(k & 1), .live = k & 2, .returns = !(k & 1), .pause_ms = 1 };
        check_that(t, run(t, p) == CRL_ERR_DEVICE && strstr(p->err.text, "camera 7"), "%d: %s", k, p->err.text);
        check_that(t, p->sinks[0].stops == 1, "%d: the sink was not closed", k);
        free(p);
    }
}

/* Without those that show the last frame again, because its results came after it. */
static int frames_of(const made_sink *sink)
{
    int n = 0;
    for (int i = 0; i < sink->views && i < MADE_MOST; i++) n += !sink->again[i];
    return n;
}

/* One that is slow loses frames, the other one does not; where no frame may be lost it is waited for. */
void check_slow_sink(check *t, unsigned cpu)
{
    (void)cpu;
    for (int mode = 0; mode < 2; mode++) {
        play *p = new_play();
        p->source = (made_source){ .frames = 40, .pause_ms = mode ? 0 : 8, .live = true };
        p->options.mode = (crl_stream_mode)mode;
        p->n_sinks = 2;
        p->sinks[0].slow_ms = mode ? 4 : 60;
        p->sinks[1].queue = 64;
        check_that(t, !run(t, p), "%s", p->err.text);
        const int slow = p->sinks[0].views, quick = p->sinks[1].views;
        check_that(t, frames_of(&p->sinks[1]) == (int)p->counts.played, "%d of %d", frames_of(&p->sinks[1]), (int)p->counts.played);
        if (mode) check_that(t, slow == 40 && quick == 40 && !p->counts.not_delivered, "%d and %d views of 40", slow, quick);
        else
            check_that(t, slow < quick && (int)p->counts.not_delivered == quick - slow, "%d and %d views, %d lost",
                       slow, quick, (int)p->counts.not_delivered);
        free(p);
    }
}

/* A disk is full for a while: the film goes on later, the other sink does not notice. */
void check_sink_lost(check *t, unsigned cpu)
{
    (void)cpu;
    play *p = new_play();
    p->source = (made_source){ .frames = 70, .pause_ms = 20, .live = true };
    p->n_sinks = 2;
    p->sinks[0] = (made_sink){ .fails_at = 5, .how = CRL_ERR_IO, .returns = true };
    p->sinks[1].queue = 64;
    check_that(t, !run(t, p), "%s", p->err.text);
    check_that(t, p->sinks[0].starts == 2 && p->sinks[0].stops == 2, "%d starts, %d stops", p->sinks[0].starts, p->sinks[0].stops);
    check_that(t, p->notices.n == 2 && p->notices.kinds[0] == CRL_NOTICE_SINK_LOST && p->notices.kinds[1] == CRL_NOTICE_SINK_BACK, "%d notices: %s",
               p->notices.n, p->notices.last);
    check_that(t, frames_of(&p->sinks[1]) == (int)p->counts.played, "the other one: %d views of %d", frames_of(&p->sinks[1]), (int)p->counts.played);
    check_that(t, p->sinks[0].views > 5 && p->sinks[0].views < p->sinks[1].views, "%d views", p->sinks[0].views);
    free(p);
    /* One that does not come back is an error when it was the last. */
    p = new_play();
    p->source = (made_source){ .pause_ms = 2, .live = true };
    p->sinks[0] = (made_sink){ .fails_at = 5, .how = CRL_ERR_IO };
    check_that(t, run(t, p) == CRL_ERR_IO && strstr(p->err.text, "film.mp4"), "%s", p->err.text);
    free(p);
}

/* A window is closed. */
void check_sink_cancels(check *t, unsigned cpu)
{
    (void)cpu;
    play *p = new_play();
    p->source = (made_source){ .pause_ms = 2, .live = true };
    p->n_sinks = 2;
    p->sinks[0] = (made_sink){ .fails_at = 5, .how = CRL_ERR_CANCELLED };
    check_that(t, !run(t, p), "%s", p->err.text);
    check_that(t, p->sinks[1].stops == 1 && !p->notices.n, "%d notices", p->notices.n);
    free(p);
}

/* A reader of JSON that has stopped reading does not keep the stream from its end. */
void check_no_reader(check *t, unsigned cpu)
{
    (void)cpu;
    int ends[2];
    crl_stream *s;
    crl_sink sink;
    crl_error err;
    made_source m = { .pause_ms = 20, .live = true };
    crl_session *session = made_session(t);
    const crl_source source = made_source_of(&m);
    if (!check_that(t, !pipe(ends), "no pipe")) return;
    /* Filled up to the last byte. */
    static const char block[1024];
    for (int i = 0; i < 64; i++)
        if (write(ends[1], block, sizeof block) != sizeof block) break;
    const crl_stream_options options = { .frames = 30 };
    check_that(t,
               !crl_stream_new(&s, &source, session, &options, &err) && !crl_sink_json(&sink, ends[1], &err) &&
                   !crl_stream_add(s, &sink, &err),
               "%s", err.text);
    const uint64_t begun = crl_stream_now();
    check_that(t, !crl_stream_run(s, &err), "%s", err.text);
    const double seconds = (double)(crl_stream_now() - begun) / 1e9;
    check_that(t, seconds > 0.5 && seconds < 30, "it took %g seconds", seconds);
    crl_stream_free(s);
    crl_session_close(session);
    close(ends[0]);
    close(ends[1]);
}
