/* SPDX-License-Identifier: Apache-2.0 */
/* The module of libmicrohttpd: the sink that is a page on the web.
 *
 *   module.c the sink, what visitors share -> server.c what they ask for -> page.c the page */
#ifndef CRL_STREAM_WEB_WEB_H
#define CRL_STREAM_WEB_WEB_H

#include <pthread.h>
#include <stdbool.h>

#include "stream/module.h"

struct MHD_Daemon;

extern const crl_host *crl_web_host;

enum { CRL_WEB_VISITORS = 16, CRL_WEB_EVENTS = 64, CRL_WEB_TOKEN = 33 };

/* Bytes that several visitors read. */
typedef struct crl_web_text {
    char *bytes;
    size_t size;
    int holders; /* under the lock */
} crl_web_text;

typedef struct crl_web {
    crl_stream *stream; /* NULL: the page controls nothing */
    char address[64], token[CRL_WEB_TOKEN]; /* an empty token: none is asked for */
    char url[160];
    int port;
    struct MHD_Daemon *daemon;

    pthread_mutex_t lock;
    pthread_cond_t event;
    /* Under the lock. */
    bool closing;
    int watching;              /* visitors who look at pictures */
    uint64_t asked_ns;         /* when somebody asked for one picture */
    crl_web_text *picture;     /* the newest, NULL: none */
    uint64_t n_pictures;
    crl_web_text *events[CRL_WEB_EVENTS]; /* a ring of lines */
    uint64_t n_events;
    crl_stream_counts counts;
    char note[256];
} crl_web;

crl_status crl_web_start(crl_web *w, crl_error *err);
void crl_web_stop(crl_web *w);

/* The lock is held. */
void crl_web_drop(crl_web_text *text); /* accepts NULL */

/* The parts of the page, NULL ends. */
extern const char *const crl_web_page[];

#endif
