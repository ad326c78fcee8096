/* SPDX-License-Identifier: Apache-2.0 */
/* Sources and sinks that do what they are told: see checks.h. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "checks.h"
#include "stream/stream.h"

static void sleep_ms(int ms)
{
    const struct timespec t = { ms / 1000, ms % 1000 * 1000000L };
    nanosleep(&t, NULL);
}

crl_session *made_session(check *t)
{
    crl_session *s;
    crl_error err;
    const crl_session_options o = { .has_threshold = true, .threshold = 0.1f, .top_k = 30, .engine.threads = 1 };
    check_that(t, !crl_session_open_file(&s, SOURCE_ROOT "/models/signs_detector.tflite", &o, &err), "%s", err.text);
    return s;
}

/* ---- source ---- */

static crl_status source_start(void *self, crl_error *err)
{
    made_source *m = self;
    m->starts++;
    m->held = m->given - __atomic_load_n(&m->back, __ATOMIC_SEQ_CST);
    const bool refuses = m->starts <= m->at_start || (m->given && m->fails_to_start-- > 0);
    if (refuses && err) snprintf(err->text, sizeof err->text, "camera 7: it is not there");
    return refuses ? CRL_ERR_DEVICE : CRL_OK;
}

static crl_status source_take(void *self, crl_grab *out, int timeout_ms, crl_error *err)
{
    made_source *m = self;
    (void)timeout_ms;
    *out = (crl_grab){ .end = m->frames && m->given == m->frames };
    if (out->end) return CRL_OK;
    if (m->fails_at && m->given == m->fails_at) {
        m->fails_at = 0;
        snprintf(err->text, sizeof err->text, "camera 7: it was unplugged");
        return CRL_ERR_DEVICE;
    }
    if (m->pause_ms) sleep_ms(m->pause_ms);
    out->format = (crl_frame_format){ .width = 64, .height = 48, .pixels = CRL_PIXELS_GRAY8 };
    out->frame.plane[0] = m->pixels;
    out->frame.stride[0] = 64;
    out->captured_ns = out->time_ns = crl_stream_now();
    m->given++;
    return CRL_OK;
}

static void source_give_back(void *self, crl_grab *grab)
{
    made_source *m = self;
    (void)grab;
    __atomic_fetch_add(&m->back, 1, __ATOMIC_SEQ_CST);
}

static void source_stop(void *self)
{
    ((made_source *)self)->stops++;
}

static void source_free(void *self)
{
    ((made_source *)self)->freed++;
}

crl_source made_source_of(made_source *m)
{
    m->type = (crl_source_type){ .kind = "camera",
                                 .live = m->live,
                                 .returns = m->returns,
                                 .start = source_start,
                                 .take = source_take,
                                 .give_back = source_give_back,
                                 .stop = source_stop,
                                 .free = source_free };
    return (crl_source){ .type = &m->type, .self = m };
}

/* ---- sink ---- */

static crl_status sink_start(void *self, crl_error *err)
{
    made_sink *m = self;
    m->starts++;
    if (m->starts > m->at_start && (m->starts == 1 || m->fails_to_start-- <= 0)) return CRL_OK;
    snprintf(err->text, sizeof err->text, "film.mp4: no space left");
    return CRL_ERR_IO;
}

static crl_status sink_show(void *self, const crl_view *v, crl_error *err)
{
    made_sink *m = self;
    if (m->fails_at && m->views == m->fails_at) {
        m->fails_at = 0;
        snprintf(err->text, sizeof err->text, "film.mp4: no space left");
        return m->how;
    }
    if (m->slow_ms) sleep_ms(m->slow_ms);
    if (m->look) m->look(m->user, v);
    if (m->views < MADE_MOST) {
        m->numbers[m->views] = v->number;
        m->again[m->views] = v->again;
        m->fresh[m->views] = v->fresh;
    }
    m->views++;
    m->notes += v->note != NULL;
    if (v->note) snprintf(m->note, sizeof m->note, "%s", v->note);
    return CRL_OK;
}

static crl_status sink_idle(void *self, crl_error *err)
{
    (void)err;
    ((made_sink *)self)->idles++;
    return CRL_OK;
}

static crl_status sink_stop(void *self, crl_error *err)
{
    (void)err;
    ((made_sink *)self)->stops++;
    return CRL_OK;
}

static void sink_free(void *self)
{
    ((made_sink *)self)->freed++;
}

crl_sink made_sink_of(made_sink *m)
{
    m->type = (crl_sink_type){ .kind = "film", .pictures = m->pictures, .returns = m->returns, .queue = m->queue,
                               .start = sink_start, .show = sink_show, .idle = sink_idle, .stop = sink_stop, .free = sink_free };
    return (crl_sink){ .type = &m->type, .self = m };
}

/* ---- the rest ---- */

void made_notice(void *user, const crl_notice *notice)
{
    made_notices *n = user;
    if (n->n < 32) n->kinds[n->n++] = notice->kind;
    snprintf(n->last, sizeof n->last, "%s", notice->text);
}

void made_report(void *user, const crl_stream_counts *counts)
{
    (void)counts;
    ((made_notices *)user)->reports++;
}

double made_iou(const crl_box *a, const crl_box *b)
{
    const double w = fmin(a->x1, b->x1) - fmax(a->x0, b->x0), h = fmin(a->y1, b->y1) - fmax(a->y0, b->y0);
    if (w <= 0 || h <= 0) return 0;
    const double first = ((double)a->x1 - a->x0) * ((double)a->y1 - a->y0), second = ((double)b->x1 - b->x0) * ((double)b->y1 - b->y0);
    return w * h / (first + second - w * h);
}
