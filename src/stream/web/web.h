/* SPDX-License-Identifier: Apache-2.0 */
/* The module of libmicrohttpd: the sink that is a page on the web.
 *
 *   module.c the sink, what visitors share -> site.c an address and the cameras there
 *   server.c what visitors ask for, guests.c which connections they have -> numbers.c status and metrics, page.c the
 * page of a camera, overview.c that of several
 *
 * One camera without a name has an address to itself. Cameras with names share one: each is below its name, and before
 * them is a page of all. */
#ifndef CRL_STREAM_WEB_WEB_H
#define CRL_STREAM_WEB_WEB_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdbool.h>

#include "stream/module.h"

extern const crl_host *crl_web_host;

enum { CRL_WEB_VISITORS = 16, CRL_WEB_EVENTS = 64, CRL_WEB_TOKEN = 33, CRL_WEB_NAME = 33 };

/* Bytes that several visitors read. */
typedef struct crl_web_text {
    char *bytes;
    size_t size;
    int holders; /* under the lock */
} crl_web_text;

struct crl_web;
typedef struct crl_web_guest crl_web_guest;

/* An address that is listened at. */
typedef struct crl_web_site {
    char address[64], token[CRL_WEB_TOKEN]; /* an empty token: none is asked for */
    char url[160];
    int port;
    bool named; /* several cameras may be there, below their names */
    struct MHD_Daemon *daemon;
    struct crl_web_site *next; /* of this program's sites */
    int users;                 /* both under the lock of sites */

    pthread_mutex_t lock;
    pthread_cond_t event;
    /* Under the lock. */
    bool closing;
    crl_web_guest *guests; /* all connections */
    struct crl_web *cameras; /* by name; of two with the same name the newer one is first */
} crl_web_site;

/* What visitors see of a camera. It lives as long as somebody holds it. */
typedef struct crl_web {
    crl_web_site *site;
    crl_stream *stream; /* NULL: the page controls nothing */
    char name[CRL_WEB_NAME]; /* empty: none */
    bool is_there; /* at the site; of the sink's thread */

    /* Under the site's lock. */
    struct crl_web *next;
    bool gone;                 /* no visitor is to begin anything, nor to look at `stream` */
    int holders, busy;         /* busy: visitors who look at `stream` */
    int watching;              /* visitors who look at pictures */
    uint64_t asked_ns;         /* when somebody asked for one picture */
    crl_web_text *picture;     /* the newest, NULL: none */
    uint64_t n_pictures;
    crl_web_text *events[CRL_WEB_EVENTS]; /* a ring of lines */
    uint64_t n_events;
    crl_stream_counts counts;
    char note[256];
} crl_web;

/* ---- site.c ---- */

/* The site of the options, which is made and listened at where it is not there yet. */
crl_status crl_web_site_open(crl_web_site **out, const crl_web_options *o, crl_error *err);
/* Begins to listen again, where it was closed. */
crl_status crl_web_site_listen(crl_web_site *s, crl_error *err);
/* One user less: the last one ends it. */
void crl_web_site_close(crl_web_site *s);
/* Shows a camera, and takes it away, which waits for visitors who look at its stream. */
void crl_web_enter(crl_web *w);
void crl_web_leave(crl_web *w);
void crl_web_release(crl_web *w); /* the lock is held: one holder less */

/* ---- server.c ---- */

struct MHD_Daemon *crl_web_serve(crl_web_site *s, crl_error *err);

/* ---- guests.c ---- */

/* MHD_NotifyConnectionCallback: with more than CRL_WEB_VISITORS connections, one that is idle is cut off, of the client who has most. */
void crl_web_guest_notify(void *site, struct MHD_Connection *c, void **context, enum MHD_ConnectionNotificationCode what);
/* Who is busy, which is being answered, is not. */
void crl_web_guest_is_busy(crl_web_site *s, struct MHD_Connection *c, bool busy);

/* ---- numbers.c ---- */

/* Text for free(), NULL without memory. What is counted at a camera, as JSON; of all cameras of a site; of all, for Prometheus. */
char *crl_web_status(crl_web *w);
char *crl_web_status_all(crl_web_site *s);
char *crl_web_metrics(crl_web_site *s);

/* The lock is held. */
void crl_web_drop(crl_web_text *text); /* accepts NULL */

/* The parts of the pages, NULL ends. */
extern const char *const crl_web_page[];
extern const char *const crl_web_overview[];

#endif
