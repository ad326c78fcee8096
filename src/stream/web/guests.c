/* SPDX-License-Identifier: Apache-2.0 */
/* Who is connected, and who makes room where there are too many: a connection has a thread, and browsers keep some that they do not use. */
#include <microhttpd.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "stream/web/web.h"

/* One connection. The site has a list, from the one that has been idle for longest to the newest. */
struct crl_web_guest {
    crl_web_guest *next;
    int fd;
    bool busy; /* it is being answered */
    bool cut;
};

/* The lock is held. */
static void append(crl_web_site *s, crl_web_guest *g)
{
    crl_web_guest **end = &s->guests;
    while (*end) end = &(*end)->next;
    g->next = NULL;
    *end = g;
}

/* The lock is held. */
static void take_out(crl_web_site *s, const crl_web_guest *g)
{
    crl_web_guest **place = &s->guests;
    while (*place != g) place = &(*place)->next;
    *place = g->next;
}

/* The lock is held. Whoever is not being answered goes, the new one only where all others are; its thread sees the end. */
static void make_room(const crl_web_site *s)
{
    int n = 0;
    crl_web_guest *idle = NULL;
    for (crl_web_guest *g = s->guests; g; g = g->next) {
        n += !g->cut;
        if (!idle && !g->busy && !g->cut) idle = g;
    }
    if (n <= CRL_WEB_VISITORS || !idle) return;
    shutdown(idle->fd, SHUT_RDWR);
    idle->cut = true;
}

void crl_web_guest_notify(void *site, struct MHD_Connection *c, void **context, enum MHD_ConnectionNotificationCode what)
{
    crl_web_site *s = site;
    crl_web_guest *g = *context;
    pthread_mutex_lock(&s->lock);
    if (what == MHD_CONNECTION_NOTIFY_STARTED && (g = calloc(1, sizeof *g))) {
        g->fd = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
        append(s, g);
        make_room(s);
        *context = g;
    } else if (what == MHD_CONNECTION_NOTIFY_CLOSED && g) {
        take_out(s, g);
        free(g);
        *context = NULL;
    }
    pthread_mutex_unlock(&s->lock);
}

void crl_web_guest_is_busy(crl_web_site *s, struct MHD_Connection *c, bool busy)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    crl_web_guest *g = info ? info->socket_context : NULL;
    if (!g) return;
    pthread_mutex_lock(&s->lock);
    g->busy = busy;
    take_out(s, g);
    append(s, g);
    pthread_mutex_unlock(&s->lock);
}
