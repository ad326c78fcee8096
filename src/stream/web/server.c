/* SPDX-License-Identifier: Apache-2.0 */
/* What visitors of the page ask for.
 *
 * Each connection has a thread of libmicrohttpd's, which waits for the next picture or line; a visitor who is slow gets fewer
 * pictures, and nobody waits for him. */
#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/origin.h"
#include "stream/web/web.h"

#define BOUNDARY "corallite-frame"
#define JSON "application/json"
#define METRICS "text/plain; version=0.0.4"

/* One visitor of /stream.mjpg or /events, and what is being sent. */
typedef struct visitor {
    crl_web *web;
    bool pictures;
    uint64_t next;
    crl_web_text *text;
    char head[160]; /* before the text, and after it */
    size_t head_size, sent; /* of head, text and tail together */
    const char *tail;
} visitor;

/* ---- what goes on and on ---- */

/* Waits for something new, half a second at most. The lock is held. */
static void wait_for_event(crl_web_site *s)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_nsec += 500000000;
    if (t.tv_nsec >= 1000000000) t.tv_sec++, t.tv_nsec -= 1000000000;
    pthread_cond_timedwait(&s->event, &s->lock, &t);
}

/* The lock is held. */
static bool is_over(const crl_web *w)
{
    return w->gone || w->site->closing;
}

static bool has_next(const visitor *v)
{
    return v->pictures ? v->web->picture && v->web->n_pictures > v->next : v->web->n_events > v->next;
}

/* The lock is held. */
static void take_next(visitor *v)
{
    crl_web *w = v->web;
    if (v->pictures) {
        v->next = w->n_pictures;
        v->text = w->picture;
        v->head_size = (size_t)snprintf(v->head, sizeof v->head,
                                        "--" BOUNDARY "\r\nContent-Type: image/jpeg\r\nContent-Length: %zu\r\n\r\n",
                                        v->text->size);
        v->tail = "\r\n";
    } else {
        if (w->n_events - v->next > CRL_WEB_EVENTS) v->next = w->n_events - CRL_WEB_EVENTS; /* older ones are gone */
        v->text = w->events[v->next++ % CRL_WEB_EVENTS];
        v->head_size = (size_t)snprintf(v->head, sizeof v->head, "data: ");
        v->tail = "\n"; /* the line has one of its own */
    }
    v->text->holders++;
    v->sent = 0;
}

static size_t copy_part(const visitor *v, size_t at, char *to, size_t most)
{
    const struct {
        const char *bytes;
        size_t size;
    } parts[] = { { v->head, v->head_size }, { v->text->bytes, v->text->size }, { v->tail, strlen(v->tail) } };
    for (int i = 0; i < 3; i++) {
        if (at >= parts[i].size) {
            at -= parts[i].size;
            continue;
        }
        const size_t n = parts[i].size - at < most ? parts[i].size - at : most;
        memcpy(to, parts[i].bytes + at, n);
        return n;
    }
    return 0;
}

static ssize_t give(void *user, uint64_t position, char *to, size_t most)
{
    visitor *v = user;
    crl_web *w = v->web;
    (void)position;
    pthread_mutex_lock(&w->site->lock);
    if (v->text && v->sent == v->head_size + v->text->size + strlen(v->tail)) {
        crl_web_drop(v->text);
        v->text = NULL;
    }
    if (!v->text && !is_over(w) && !has_next(v)) wait_for_event(w->site);
    const bool over = is_over(w);
    if (!v->text && !over && has_next(v)) take_next(v);
    pthread_mutex_unlock(&w->site->lock);
    if (over) return MHD_CONTENT_READER_END_OF_STREAM;
    if (!v->text) { /* a remark that nobody sees, by which it shows whether the visitor is still there */
        if (v->pictures || most < 3) return 0;
        memcpy(to, ":\n\n", 3);
        return 3;
    }
    const size_t n = copy_part(v, v->sent, to, most);
    v->sent += n;
    return (ssize_t)n;
}

static void leave(void *user)
{
    visitor *v = user;
    crl_web_site *s = v->web->site;
    pthread_mutex_lock(&s->lock);
    crl_web_drop(v->text);
    v->web->watching -= v->pictures;
    crl_web_release(v->web);
    pthread_mutex_unlock(&s->lock);
    free(v);
}

static struct MHD_Response *go_on(crl_web *w, bool pictures)
{
    visitor *v = calloc(1, sizeof *v);
    if (!v) return NULL;
    v->web = w;
    v->pictures = pictures;
    pthread_mutex_lock(&w->site->lock);
    w->watching += pictures;
    w->holders++;
    v->next = pictures ? 0 : w->n_events;
    pthread_mutex_unlock(&w->site->lock);
    struct MHD_Response *r = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 32768, give, v, leave);
    if (!r) leave(v);
    else MHD_add_response_header(r, "Content-Type", pictures ? "multipart/x-mixed-replace; boundary=" BOUNDARY : "text/event-stream");
    return r;
}

/* ---- what is answered at once ---- */

static struct MHD_Response *text_response(const char *type, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static struct MHD_Response *text_response(const char *type, const char *fmt, ...)
{
    char text[4096];
    va_list args;
    va_start(args, fmt);
    const int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    struct MHD_Response *r = MHD_create_response_from_buffer(n < (int)sizeof text ? (size_t)n : sizeof text - 1, text, MHD_RESPMEM_MUST_COPY);
    if (r) MHD_add_response_header(r, "Content-Type", type);
    return r;
}

/* `text` is for free(); NULL is none. */
static struct MHD_Response *own_text(const char *type, char *text)
{
    struct MHD_Response *r = text ? MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE) : NULL;
    if (r) MHD_add_response_header(r, "Content-Type", type);
    else free(text);
    return r;
}

static struct MHD_Response *page(const char *const *parts)
{
    size_t size = 0;
    for (int i = 0; parts[i]; i++) size += strlen(parts[i]);
    char *text = malloc(size + 1), *to = text;
    for (int i = 0; text && parts[i]; i++) to = stpcpy(to, parts[i]);
    struct MHD_Response *r = own_text("text/html; charset=utf-8", text);
    if (!r) return NULL;
    MHD_add_response_header(r, "Content-Security-Policy",
                            "default-src 'none'; img-src 'self'; connect-src 'self'; style-src 'unsafe-inline'; "
                            "script-src 'unsafe-inline'");
    return r;
}

static struct MHD_Response *snapshot(crl_web *w)
{
    struct MHD_Response *r = NULL;
    pthread_mutex_lock(&w->site->lock);
    w->asked_ns = crl_web_host->now();
    const uint64_t had = w->n_pictures;
    for (int i = 0; i < 4 && w->n_pictures == had && !is_over(w); i++) wait_for_event(w->site);
    if (w->picture) r = MHD_create_response_from_buffer(w->picture->size, w->picture->bytes, MHD_RESPMEM_MUST_COPY);
    pthread_mutex_unlock(&w->site->lock);
    if (r) MHD_add_response_header(r, "Content-Type", "image/jpeg");
    return r;
}

static struct MHD_Response *control(crl_web *w, struct MHD_Connection *c, unsigned *code)
{
    crl_error err;
    const char *paused = MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, "paused");
    const char *threshold = MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, "threshold");
    const char *lesson = MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, "lesson");
    char *end = NULL;
    *code = MHD_HTTP_BAD_REQUEST;
    if (!w->stream || (!paused && !threshold && !lesson)) return text_response("text/plain", "paused, threshold or lesson is expected\n");
    if (paused && strcmp(paused, "0") && strcmp(paused, "1")) return text_response("text/plain", "paused is 0 or 1\n");
    const double value = threshold ? strtod(threshold, &end) : 0;
    if (threshold && (end == threshold || *end)) return text_response("text/plain", "threshold is a number from 0 to 1\n");
    if (threshold && crl_web_host->set_threshold(w->stream, (float)value, &err)) return text_response("text/plain", "%s\n", err.text);
    if (lesson &&
        crl_web_host->teach(w->stream, lesson[0] >= '0' && lesson[0] <= '9' && !lesson[1] ? lesson[0] - '0' : 0, &err))
        return text_response("text/plain", "%s\n", err.text);
    if (paused) crl_web_host->pause(w->stream, *paused == '1');
    *code = MHD_HTTP_OK;
    return own_text(JSON, crl_web_status(w));
}

/* ---- who may, and what for ---- */

static bool may(const crl_web_site *w, struct MHD_Connection *c)
{
    if (!*w->token) return true;
    const char *token = MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, "token"),
               *header = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Authorization");
    if (!token && header && !strncmp(header, "Bearer ", 7)) token = header + 7;
    return token && crl_same_secret(w->token, token);
}

/* Without a token only names of this machine count. */
static bool is_own_name(const crl_web_site *w, struct MHD_Connection *c)
{
    return *w->token || crl_is_own_name(MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Host"), w->address);
}

static bool is_foreign(struct MHD_Connection *c)
{
    return crl_is_foreign(MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Host"), MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Origin"));
}

static struct MHD_Response *no_such(const crl_web_site *s, unsigned *code)
{
    *code = MHD_HTTP_NOT_FOUND;
    if (s->named) return text_response("text/plain", "there are /, /status, /metrics, and /CAMERA/ for each camera\n");
    return text_response("text/plain", "there are /, /stream.mjpg, /snapshot.jpg, /events, /status and /metrics\n");
}

static struct MHD_Response *respond_for(crl_web *w, struct MHD_Connection *c, const char *path, const char *method, unsigned *code)
{
    const bool get = !strcmp(method, "GET") || !strcmp(method, "HEAD");
    if (!strcmp(path, "/control") && is_foreign(c)) {
        *code = MHD_HTTP_FORBIDDEN;
        return text_response("text/plain", "this is for the page's own buttons\n");
    }
    if (!strcmp(path, "/control") && !strcmp(method, "POST")) return control(w, c, code);
    if (get && !strcmp(path, "/")) return page(crl_web_page);
    if (get && !strcmp(path, "/stream.mjpg")) return go_on(w, true);
    if (get && !strcmp(path, "/events")) return go_on(w, false);
    if (get && !strcmp(path, "/snapshot.jpg")) return snapshot(w);
    if (get && !strcmp(path, "/status")) return own_text(JSON, crl_web_status(w));
    if (get && !strcmp(path, "/metrics")) return own_text(METRICS, crl_web_metrics(w->site));
    return no_such(w->site, code);
}

/* The camera below whose name a path is, NULL: none; *path gets what follows. It stays until give_camera(). */
static crl_web *take_camera(crl_web_site *s, const char **path)
{
    const char *name = *path + 1, *end = s->named ? strchr(name, '/') : *path;
    const size_t n = s->named && end ? (size_t)(end - name) : 0;
    if (!end) return NULL;
    pthread_mutex_lock(&s->lock);
    crl_web *w = s->cameras;
    while (w && (strlen(w->name) != n || memcmp(w->name, name, n))) w = w->next;
    if (w) w->holders++, w->busy++;
    pthread_mutex_unlock(&s->lock);
    *path = end;
    return w;
}

static void give_camera(crl_web_site *s, crl_web *w)
{
    pthread_mutex_lock(&s->lock);
    w->busy--;
    crl_web_release(w);
    pthread_cond_broadcast(&s->event);
    pthread_mutex_unlock(&s->lock);
}

static struct MHD_Response *respond(crl_web_site *s, struct MHD_Connection *c, const char *path, const char *method, unsigned *code)
{
    const bool all = s->named && (!strcmp(method, "GET") || !strcmp(method, "HEAD"));
    *code = MHD_HTTP_FORBIDDEN;
    if (!is_own_name(s, c)) return text_response("text/plain", "this page has another name\n");
    if (!may(s, c)) return text_response("text/plain", "a token is needed: the address that corallite has printed ends in it\n");
    *code = MHD_HTTP_OK;
    if (all && !strcmp(path, "/")) return page(crl_web_overview);
    if (all && !strcmp(path, "/status")) return own_text(JSON, crl_web_status_all(s));
    if (all && !strcmp(path, "/metrics")) return own_text(METRICS, crl_web_metrics(s));
    crl_web *w = *path == '/' ? take_camera(s, &path) : NULL;
    if (!w) return no_such(s, code);
    struct MHD_Response *r = respond_for(w, c, path, method, code);
    give_camera(s, w);
    return r;
}

static enum MHD_Result answer(void *user, struct MHD_Connection *c, const char *path, const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **state)
{
    static int seen;
    (void)version, (void)upload;
    if (!*state) { /* the first call has the head only */
        *state = &seen;
        return MHD_YES;
    }
    if (*upload_size) { /* nothing that is sent is wanted */
        *upload_size = 0;
        return MHD_YES;
    }
    unsigned code;
    crl_web_guest_is_busy(user, c, true);
    struct MHD_Response *r = respond(user, c, path, method, &code);
    if (!r) return MHD_NO;
    MHD_add_response_header(r, "Cache-Control", "no-store");
    MHD_add_response_header(r, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(r, "Referrer-Policy", "no-referrer");
    const enum MHD_Result result = MHD_queue_response(c, code, r);
    MHD_destroy_response(r);
    return result;
}

static void completed(void *user, struct MHD_Connection *c, void **state, enum MHD_RequestTerminationCode why)
{
    (void)state, (void)why;
    crl_web_guest_is_busy(user, c, false);
}

/* ---- starting and stopping ---- */

/* libmicrohttpd has errors to tell of single connections, which are nobody's business. */
static void say_nothing(void *user, const char *fmt, va_list args)
{
    (void)user, (void)fmt, (void)args;
}

static crl_status refuse(const crl_web_site *s, int reason, crl_error *err)
{
    if (reason == EADDRINUSE)
        return crl_web_host->fail(err, CRL_ERR_IO,
                                  "port %d of %s is in use by another program; --port chooses another one", s->port,
                                  s->address);
    if (reason == EACCES) return crl_web_host->fail(err, CRL_ERR_IO, "port %d is for root alone; --port chooses another one, from 1024 on", s->port);
    if (reason == EADDRNOTAVAIL) return crl_web_host->fail(err, CRL_ERR_IO, "%s is no address of this machine", s->address);
    return crl_web_host->fail(err, CRL_ERR_IO, "port %d of %s: %s", s->port, s->address, reason ? strerror(reason) : "it cannot be listened at");
}

struct MHD_Daemon *crl_web_serve(crl_web_site *s, crl_error *err)
{
    struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons((uint16_t)s->port) };
    struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)s->port) };
    const bool is_six = strchr(s->address, ':') != NULL;
    if (inet_pton(is_six ? AF_INET6 : AF_INET, s->address, is_six ? (void *)&six.sin6_addr : (void *)&four.sin_addr) != 1) {
        crl_web_host->fail(err, CRL_ERR_ARGUMENT,
                           "%s: no address to listen at; 127.0.0.1 is this machine alone, 0.0.0.0 all that reach it",
                           s->address);
        return NULL;
    }
    const struct sockaddr *address = is_six ? (struct sockaddr *)&six : (struct sockaddr *)&four;
    errno = 0;
    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | (is_six ? MHD_USE_IPv6 : 0),
                         (uint16_t)s->port, NULL, NULL, answer, s, MHD_OPTION_EXTERNAL_LOGGER, say_nothing, NULL,
                         MHD_OPTION_SOCK_ADDR, address, MHD_OPTION_CONNECTION_LIMIT,
                         CRL_WEB_VISITORS + 4u /* so that a new one is seen, and another one cut off */,
                         MHD_OPTION_CONNECTION_TIMEOUT, 30u, MHD_OPTION_NOTIFY_CONNECTION, crl_web_guest_notify, s,
                         MHD_OPTION_NOTIFY_COMPLETED, completed, s, MHD_OPTION_END);
    if (!daemon) refuse(s, errno, err);
    return daemon;
}
