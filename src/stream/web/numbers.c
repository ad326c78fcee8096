/* SPDX-License-Identifier: Apache-2.0 */
/* What is counted, for programs: JSON, and the text of Prometheus. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stream/web/web.h"

/* Text that stands in JSON or in a label of Prometheus. */
static void quote(char *to, size_t size, const char *from)
{
    size_t n = 0;
    for (; *from && n + 2 < size; from++) {
        if (*from == '"' || *from == '\\') to[n++] = '\\';
        to[n++] = (unsigned char)*from < ' ' ? ' ' : *from;
    }
    to[n] = 0;
}

/* The numbers of a camera as they are now, and whether frames come; the caller keeps its stream there. */
static bool look(crl_web *w, crl_stream_counts *c, char note[512])
{
    pthread_mutex_lock(&w->site->lock);
    *c = w->counts;
    quote(note, 512, w->note);
    pthread_mutex_unlock(&w->site->lock);
    if (w->stream) crl_web_host->counts(w->stream, c);
    return !*note;
}

static void put_status(FILE *to, crl_web *w)
{
    char note[512];
    crl_stream_counts c;
    look(w, &c, note);
    fprintf(to,
            "{\"taken\": %llu, \"played\": %llu, \"detected\": %llu, \"not_played\": %llu, \"not_detected\": %llu, \"not_delivered\": %llu, "
            "\"losses\": %llu, \"playback_fps\": %.2f, \"detection_fps\": %.2f, \"detection_ms\": %.2f, \"latency_ms\": %.2f, "
            "\"overlay_ms\": %.2f, \"overlay_p90_ms\": %.2f, \"controls\": %s, \"paused\": %s, \"threshold\": %.3f, \"note\": \"%s\"}",
            (unsigned long long)c.taken, (unsigned long long)c.played, (unsigned long long)c.detected, (unsigned long long)c.not_played,
            (unsigned long long)c.not_detected, (unsigned long long)c.not_delivered, (unsigned long long)c.losses, c.playback_fps, c.detection_fps,
            c.detection_ms, c.latency_ms, c.overlay_ms, c.overlay_p90_ms, w->stream ? "true" : "false",
            w->stream && crl_web_host->paused(w->stream) ? "true" : "false", w->stream ? (double)crl_web_host->threshold(w->stream) : 0.0, note);
}

/* ---- all cameras ---- */

/* Keeps the streams of all cameras there: the next one after `w`, NULL: the first one. The one before is let go. */
static crl_web *next_camera(crl_web_site *s, crl_web *w)
{
    pthread_mutex_lock(&s->lock);
    crl_web *next = w ? w->next : s->cameras;
    if (w && w->gone) /* the list goes on behind its name */
        for (next = s->cameras; next && strcmp(next->name, w->name) <= 0;) next = next->next;
    if (next) next->holders++, next->busy++;
    if (w) {
        w->busy--;
        crl_web_release(w);
        pthread_cond_broadcast(&s->event);
    }
    pthread_mutex_unlock(&s->lock);
    return next;
}

/* The text of a stream in memory. */
static char *close_text(FILE *to, char **text)
{
    const bool good = !ferror(to);
    if (!fclose(to) && good) return *text;
    free(*text);
    return NULL;
}

char *crl_web_status(crl_web *w)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    if (!to) return NULL;
    put_status(to, w);
    fputc('\n', to);
    return close_text(to, &text);
}

char *crl_web_status_all(crl_web_site *s)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    if (!to) return NULL;
    fputs("{\"cameras\": {", to);
    bool first = true;
    for (crl_web *w = next_camera(s, NULL); w; w = next_camera(s, w)) {
        char name[2 * CRL_WEB_NAME];
        quote(name, sizeof name, w->name);
        fprintf(to, "%s\"%s\": ", first ? "" : ", ", name);
        put_status(to, w);
        first = false;
    }
    fputs("}}\n", to);
    return close_text(to, &text);
}

/* ---- https://prometheus.io/docs/instrumenting/exposition_formats/ ---- */

typedef struct sample {
    crl_stream_counts counts;
    char name[2 * CRL_WEB_NAME]; /* quoted; empty: none */
    bool well;
} sample;

static void put_heading(FILE *to, const char *name, const char *type, const char *help)
{
    fprintf(to, "# HELP corallite_%s %s\n# TYPE corallite_%s %s\n", name, help, name, type);
}

/* corallite_NAME{camera="..",LABEL}, without what is empty. */
static void put_name(FILE *to, const sample *s, const char *name, const char *label)
{
    fprintf(to, "corallite_%s", name);
    if (!*s->name && !*label) return;
    fprintf(to, "{%s%s%s%s%s}", *s->name ? "camera=\"" : "", s->name, *s->name ? "\"" : "", *s->name && *label ? "," : "", label);
}

static void put_frames(FILE *to, const sample *s)
{
    const crl_stream_counts *c = &s->counts;
    const struct { const char *label; uint64_t n;
    } states[] = {
        { "state=\"taken\"", c->taken },
        { "state=\"played\"", c->played },
        { "state=\"detected\"", c->detected },
        { "state=\"not_played\"", c->not_played },
        { "state=\"not_detected\"", c->not_detected },
        { "state=\"not_delivered\"", c->not_delivered },
    };
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        put_name(to, s, "frames_total", states[i].label);
        fprintf(to, " %llu\n", (unsigned long long)states[i].n);
    }
}

static void put_gauge(FILE *to, const sample *s, const char *name, const char *label, double value)
{
    put_name(to, s, name, label);
    fprintf(to, " %.6g\n", value);
}

static void put_metrics(FILE *to, const sample *samples, size_t n)
{
    put_heading(to, "frames_total", "counter", "Frames by what became of them.");
    for (size_t i = 0; i < n; i++) put_frames(to, &samples[i]);
    put_heading(to, "source_losses_total", "counter", "How often the source was lost.");
    for (size_t i = 0; i < n; i++) {
        put_name(to, &samples[i], "source_losses_total", "");
        fprintf(to, " %llu\n", (unsigned long long)samples[i].counts.losses);
    }
    put_heading(to, "source_up", "gauge", "Whether frames come.");
    for (size_t i = 0; i < n; i++) put_gauge(to, &samples[i], "source_up", "", samples[i].well);
    put_heading(to, "fps", "gauge", "Frames a second, of the last 15.");
    for (size_t i = 0; i < n; i++) {
        put_gauge(to, &samples[i], "fps", "of=\"playback\"", samples[i].counts.playback_fps);
        put_gauge(to, &samples[i], "fps", "of=\"detection\"", samples[i].counts.detection_fps);
    }
    put_heading(to, "detection_seconds", "gauge", "Time that the model takes for a frame.");
    for (size_t i = 0; i < n; i++) put_gauge(to, &samples[i], "detection_seconds", "", samples[i].counts.detection_ms / 1e3);
    put_heading(to, "overlay_seconds", "gauge", "From the capture of a frame until what was seen in it is drawn.");
    for (size_t i = 0; i < n; i++) {
        put_gauge(to, &samples[i], "overlay_seconds", "quantile=\"0.5\"", samples[i].counts.overlay_ms / 1e3);
        put_gauge(to, &samples[i], "overlay_seconds", "quantile=\"0.9\"", samples[i].counts.overlay_p90_ms / 1e3);
    }
}

char *crl_web_metrics(crl_web_site *s)
{
    char *text = NULL, note[512];
    size_t size, n = 0, room = 0;
    sample *samples = NULL;
    crl_web *w = next_camera(s, NULL);
    while (w) {
        if (n == room) {
            room = 2 * room + 8;
            sample *more = realloc(samples, room * sizeof *samples);
            if (!more) break;
            samples = more;
        }
        samples[n].well = look(w, &samples[n].counts, note);
        quote(samples[n].name, sizeof samples[n].name, w->name);
        n++;
        w = next_camera(s, w);
    }
    if (w) { /* no memory: the one at hand is let go */
        pthread_mutex_lock(&s->lock);
        w->busy--;
        crl_web_release(w);
        pthread_cond_broadcast(&s->event);
        pthread_mutex_unlock(&s->lock);
    }
    FILE *to = w ? NULL : open_memstream(&text, &size);
    if (to) put_metrics(to, samples, n);
    free(samples);
    return to ? close_text(to, &text) : NULL;
}
