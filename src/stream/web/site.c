/* SPDX-License-Identifier: Apache-2.0 */
/* An address that is listened at, and the cameras there: see web.h. */
#define _GNU_SOURCE /* getrandom */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "stream/web/web.h"

/* ---- cameras ---- */

void crl_web_release(crl_web *w)
{
    if (--w->holders) return;
    crl_web_drop(w->picture);
    for (int i = 0; i < CRL_WEB_EVENTS; i++) crl_web_drop(w->events[i]);
    crl_web_host->free(w);
}

void crl_web_enter(crl_web *w)
{
    crl_web_site *s = w->site;
    pthread_mutex_lock(&s->lock);
    crl_web **place = &s->cameras;
    while (*place && strcmp((*place)->name, w->name) < 0) place = &(*place)->next;
    w->next = *place;
    *place = w;
    w->gone = false;
    w->is_there = true;
    pthread_mutex_unlock(&s->lock);
}

void crl_web_leave(crl_web *w)
{
    crl_web_site *s = w->site;
    pthread_mutex_lock(&s->lock);
    crl_web **place = &s->cameras;
    while (*place != w) place = &(*place)->next;
    *place = w->next;
    w->gone = true;
    w->is_there = false;
    pthread_cond_broadcast(&s->event);
    while (w->busy) pthread_cond_wait(&s->event, &s->lock);
    pthread_mutex_unlock(&s->lock);
}

/* ---- sites ---- */

static pthread_mutex_t sites_lock = PTHREAD_MUTEX_INITIALIZER;
static crl_web_site *sites; /* those with names */

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

static const char *address_of(const crl_web_options *o)
{
    return o->address && strcmp(o->address, "localhost") ? o->address : "127.0.0.1";
}

static crl_status set_up(crl_web_site *s, const crl_web_options *o, crl_error *err)
{
    const char *address = address_of(o);
    if (strlen(address) >= sizeof s->address) return crl_web_host->fail(err, CRL_ERR_ARGUMENT, "%.80s: no address to listen at", address);
    strcpy(s->address, address);
    s->port = o->port ? o->port : 8080;
    s->named = o->camera;
    if (o->token && strlen(o->token) >= CRL_WEB_TOKEN)
        return crl_web_host->fail(err, CRL_ERR_ARGUMENT, "a token of %zu letters, at most %d are supported", strlen(o->token), CRL_WEB_TOKEN - 1);
    if (o->token) strcpy(s->token, o->token);
    else if (!is_loopback(address) && !make_token(s->token))
        return crl_web_host->fail(err, CRL_ERR_STATE, "the system has no random numbers for a token");
    const bool six = strchr(address, ':') != NULL;
    snprintf(s->url, sizeof s->url, "http://%s%s%s:%d/%s%s", six ? "[" : "", address, six ? "]" : "", s->port, *s->token ? "?token=" : "", s->token);
    return CRL_OK;
}

static void free_site(crl_web_site *s)
{
    if (s->daemon) {
        pthread_mutex_lock(&s->lock);
        s->closing = true;
        pthread_cond_broadcast(&s->event);
        pthread_mutex_unlock(&s->lock);
        MHD_stop_daemon(s->daemon);
    }
    pthread_cond_destroy(&s->event);
    pthread_mutex_destroy(&s->lock);
    crl_web_host->free(s);
}

static crl_status new_site(crl_web_site **out, const crl_web_options *o, crl_error *err)
{
    crl_web_site *s = crl_web_host->alloc(sizeof *s);
    if (!s) return crl_web_host->fail_memory(err, "a web page");
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&s->event, &clock);
    pthread_condattr_destroy(&clock);
    pthread_mutex_init(&s->lock, NULL);
    s->users = 1;
    crl_status status = set_up(s, o, err);
    if (!status) status = crl_web_site_listen(s, err);
    if (status) free_site(s);
    else *out = s;
    return status;
}

/* The lock of sites is held. One with another token is another one, and finds the port in use. */
static crl_web_site *find(const crl_web_options *o)
{
    crl_web_site *s = o->camera ? sites : NULL;
    const int port = o->port ? o->port : 8080;
    while (s && (s->port != port || strcmp(s->address, address_of(o)) || (o->token && strcmp(s->token, o->token)))) s = s->next;
    return s;
}

crl_status crl_web_site_open(crl_web_site **out, const crl_web_options *o, crl_error *err)
{
    pthread_mutex_lock(&sites_lock);
    crl_web_site *s = find(o);
    crl_status status = CRL_OK;
    if (s) s->users++;
    else if (!(status = new_site(&s, o, err)) && s->named) {
        s->next = sites;
        sites = s;
    }
    pthread_mutex_unlock(&sites_lock);
    *out = s;
    return status;
}

crl_status crl_web_site_listen(crl_web_site *s, crl_error *err)
{
    if (!s->daemon) s->daemon = crl_web_serve(s, err);
    return s->daemon ? CRL_OK : err->status;
}

void crl_web_site_close(crl_web_site *s)
{
    pthread_mutex_lock(&sites_lock);
    const bool last = !--s->users;
    crl_web_site **place = &sites;
    while (last && *place && *place != s) place = &(*place)->next;
    if (last && *place) *place = s->next;
    pthread_mutex_unlock(&sites_lock);
    if (last) free_site(s);
}
