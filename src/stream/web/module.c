/* SPDX-License-Identifier: Apache-2.0 */
/* The sink that is a page on the web: see web.h. */
#define _GNU_SOURCE /* getrandom */
#include "stream/web/web.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

const crl_host *crl_web_host;

void crl_web_drop(crl_web_text *text)
{
    if (!text || --text->holders) return;
    free(text->bytes);
    crl_web_host->free(text);
}

/* `bytes` are for free(), and the text's from now on. */
static crl_web_text *new_text(char *bytes, size_t size)
{
    crl_web_text *text = bytes ? crl_web_host->alloc(sizeof *text) : NULL;
    if (text) *text = (crl_web_text){ bytes, size, 1 };
    else free(bytes);
    return text;
}

/* ---- views ---- */

/* Somebody looks, or asked for a picture a moment ago. */
static bool is_watched(crl_web *w)
{
    pthread_mutex_lock(&w->lock);
    const bool watched = w->watching || (w->asked_ns && crl_web_host->now() - w->asked_ns < 2000000000u) || !w->picture;
    pthread_mutex_unlock(&w->lock);
    return watched;
}

static crl_status show_picture(crl_web *w, const crl_view *v, crl_error *err)
{
    void *bytes;
    size_t size;
    const crl_status s = crl_web_host->encode(&bytes, &size, v->image, ".jpg", err);
    if (s) return s;
    crl_web_text *text = new_text(bytes, size);
    if (!text) return crl_web_host->fail_memory(err, "a web page");
    pthread_mutex_lock(&w->lock);
    crl_web_drop(w->picture);
    w->picture = text;
    w->n_pictures++;
    pthread_mutex_unlock(&w->lock);
    return CRL_OK;
}

static crl_status show_event(crl_web *w, const crl_view *v, crl_error *err)
{
    crl_buffer line = { 0 };
    crl_status s = crl_web_host->view_json(&line, v);
    char *bytes = s ? NULL : malloc(line.size);
    if (bytes) memcpy(bytes, line.data, line.size);
    crl_web_text *text = new_text(bytes, line.size);
    crl_web_host->buffer_fini(&line);
    if (!text) return crl_web_host->fail_memory(err, "a web page");
    pthread_mutex_lock(&w->lock);
    crl_web_text **place = &w->events[w->n_events++ % CRL_WEB_EVENTS];
    crl_web_drop(*place);
    *place = text;
    pthread_mutex_unlock(&w->lock);
    return CRL_OK;
}

static crl_status show(void *self, const crl_view *v, crl_error *err)
{
    crl_web *w = self;
    crl_status s = is_watched(w) ? show_picture(w, v, err) : CRL_OK;
    if (!s && v->fresh) s = show_event(w, v, err);
    pthread_mutex_lock(&w->lock);
    w->counts = v->counts;
    snprintf(w->note, sizeof w->note, "%s", v->note ? v->note : "");
    pthread_cond_broadcast(&w->event);
    pthread_mutex_unlock(&w->lock);
    return s;
}

/* ---- from the start to the end ---- */

/* The first time it has been started already, by whoever is told its address. */
static crl_status start(void *self, crl_error *err)
{
    crl_web *w = self;
    return w->daemon ? CRL_OK : crl_web_start(w, err);
}

static crl_status stop(void *self, crl_error *err)
{
    (void)err;
    crl_web_stop(self);
    return CRL_OK;
}

static void free_web(void *self)
{
    crl_web *w = self;
    crl_web_stop(w);
    crl_web_drop(w->picture);
    for (int i = 0; i < CRL_WEB_EVENTS; i++) crl_web_drop(w->events[i]);
    pthread_cond_destroy(&w->event);
    pthread_mutex_destroy(&w->lock);
    crl_web_host->free(w);
}

static bool is_loopback(const char *address)
{
    return !strncmp(address, "127.", 4) || !strcmp(address, "::1") || !strcmp(address, "localhost");
}

/* What somebody who does not know it cannot guess: 128 bits. */
static bool make_token(char token[CRL_WEB_TOKEN])
{
    uint8_t bytes[(CRL_WEB_TOKEN - 1) / 2];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) return false;
    for (size_t i = 0; i < sizeof bytes; i++) snprintf(token + 2 * i, 3, "%02x", bytes[i]);
    return true;
}

static crl_status set_up(crl_web *w, const crl_web_options *o, crl_error *err)
{
    const char *address = o->address ? o->address : "127.0.0.1";
    if (!strcmp(address, "localhost")) address = "127.0.0.1";
    if (strlen(address) >= sizeof w->address) return crl_web_host->fail(err, CRL_ERR_ARGUMENT, "%.80s: no address to listen at", address);
    strcpy(w->address, address);
    w->port = o->port ? o->port : 8080;
    w->stream = o->stream;
    if (o->token && strlen(o->token) >= CRL_WEB_TOKEN)
        return crl_web_host->fail(err, CRL_ERR_ARGUMENT, "a token of %zu letters, at most %d are supported", strlen(o->token), CRL_WEB_TOKEN - 1);
    if (o->token) strcpy(w->token, o->token);
    else if (!is_loopback(address) && !make_token(w->token)) return crl_web_host->fail(err, CRL_ERR_STATE, "the system has no random numbers for a token");
    const bool six = strchr(address, ':') != NULL;
    snprintf(w->url, sizeof w->url, "http://%s%s%s:%d/%s%s", six ? "[" : "", address, six ? "]" : "", w->port, *w->token ? "?token=" : "", w->token);
    return CRL_OK;
}

static crl_status open_sink(crl_sink *out, const void *options, crl_error *err)
{
    static const crl_sink_type type = { .kind = "web page", .pictures = true, .returns = true, .queue = 1, .start = start, .show = show, .stop = stop, .free = free_web };
    const crl_web_sink *given = options;
    crl_web *w = crl_web_host->alloc(sizeof *w);
    if (!w) return crl_web_host->fail_memory(err, "a web page");
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&w->event, &clock);
    pthread_condattr_destroy(&clock);
    pthread_mutex_init(&w->lock, NULL);
    crl_status s = set_up(w, given->options, err);
    if (!s) s = crl_web_start(w, err);
    if (s) {
        free_web(w);
        return s;
    }
    if (given->url) strcpy(given->url, w->url);
    *out = (crl_sink){ .type = &type, .self = w };
    return CRL_OK;
}

__attribute__((visibility("default"))) const crl_module *crl_module_open(const crl_host *host);

const crl_module *crl_module_open(const crl_host *host)
{
    static const crl_module module = { .abi = CRL_MODULE_ABI, .sink = open_sink };
    crl_web_host = host;
    return &module;
}
