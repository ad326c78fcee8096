/* SPDX-License-Identifier: Apache-2.0 */
/* The sink that is a page on the web: see web.h. */
#include "stream/web/web.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    pthread_mutex_lock(&w->site->lock);
    const bool watched = w->watching || (w->asked_ns && crl_web_host->now() - w->asked_ns < 2000000000u) || !w->picture;
    pthread_mutex_unlock(&w->site->lock);
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
    pthread_mutex_lock(&w->site->lock);
    crl_web_drop(w->picture);
    w->picture = text;
    w->n_pictures++;
    pthread_mutex_unlock(&w->site->lock);
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
    pthread_mutex_lock(&w->site->lock);
    crl_web_text **place = &w->events[w->n_events++ % CRL_WEB_EVENTS];
    crl_web_drop(*place);
    *place = text;
    pthread_mutex_unlock(&w->site->lock);
    return CRL_OK;
}

static crl_status show(void *self, const crl_view *v, crl_error *err)
{
    crl_web *w = self;
    crl_status s = is_watched(w) ? show_picture(w, v, err) : CRL_OK;
    if (!s && v->fresh) s = show_event(w, v, err);
    pthread_mutex_lock(&w->site->lock);
    w->counts = v->counts;
    snprintf(w->note, sizeof w->note, "%s", v->note ? v->note : "");
    pthread_cond_broadcast(&w->site->event);
    pthread_mutex_unlock(&w->site->lock);
    return s;
}

/* ---- from the start to the end ---- */

/* The first time it has been started already, by whoever is told its address. */
static crl_status start(void *self, crl_error *err)
{
    crl_web *w = self;
    const crl_status s = crl_web_site_listen(w->site, err);
    if (!s && !w->is_there) crl_web_enter(w);
    return s;
}

static crl_status stop(void *self, crl_error *err)
{
    crl_web *w = self;
    (void)err;
    if (w->is_there) crl_web_leave(w);
    return CRL_OK;
}

static void free_web(void *self)
{
    crl_web *w = self;
    crl_web_site *site = w->site;
    if (w->is_there) crl_web_leave(w);
    pthread_mutex_lock(&site->lock);
    crl_web_release(w);
    pthread_mutex_unlock(&site->lock);
    crl_web_site_close(site);
}

static crl_status open_sink(crl_sink *out, const void *options, crl_error *err)
{
    static const crl_sink_type type = { .kind = "web page",
                                        .pictures = true,
                                        .returns = true,
                                        .queue = 1,
                                        .start = start,
                                        .show = show,
                                        .stop = stop,
                                        .free = free_web };
    const crl_web_sink *given = options;
    const crl_web_options *o = given->options;
    if (o->camera && (!*o->camera || strlen(o->camera) >= CRL_WEB_NAME))
        return crl_web_host->fail(err, CRL_ERR_ARGUMENT, "camera \"%.80s\": a name of 1 to %d letters is expected", o->camera, CRL_WEB_NAME - 1);
    crl_web *w = crl_web_host->alloc(sizeof *w);
    if (!w) return crl_web_host->fail_memory(err, "a web page");
    const crl_status s = crl_web_site_open(&w->site, o, err);
    if (s) {
        crl_web_host->free(w);
        return s;
    }
    w->holders = 1;
    w->stream = o->stream;
    if (o->camera) strcpy(w->name, o->camera);
    crl_web_enter(w);
    if (given->url) strcpy(given->url, w->site->url);
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
