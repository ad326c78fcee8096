/* SPDX-License-Identifier: Apache-2.0 */
/* Who is connected, and who makes room where there are too many: a connection has a thread, and browsers keep some that they do not use. */
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "stream/web/web.h"

/* One connection. The site has a list, from the one that has been idle for longest to the newest. */
struct crl_web_guest {
    crl_web_guest *next;
    int fd;
    struct in6_addr from; /* whose it is */
    bool busy; /* it is being answered */
    bool cut;
};

/* An address of IPv4, or the network of one of IPv6: the other half of that is the client's to choose. */
static struct in6_addr whose(const struct sockaddr *client)
{
    struct in6_addr from = { 0 };
    if (client && client->sa_family == AF_INET) {
        memcpy(&from.s6_addr[12], &((const struct sockaddr_in *)(const void *)client)->sin_addr, 4);
    } else if (client && client->sa_family == AF_INET6) {
        from = ((const struct sockaddr_in6 *)(const void *)client)->sin6_addr;
        if (!IN6_IS_ADDR_V4MAPPED(&from)) memset(&from.s6_addr[8], 0, 8);
    }
    return from;
}

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

/* The lock is held. Connections of the same client. */
static int count_of(const crl_web_site *s, const crl_web_guest *like)
{
    int n = 0;
    for (const crl_web_guest *g = s->guests; g; g = g->next) n += !g->cut && !memcmp(&g->from, &like->from, sizeof g->from);
    return n;
}

/* The lock is held. Of those that are not being answered one goes, the new one only where all others are; its thread sees the end. It is the
 * longest idle one of the client with most connections: who takes all there are, and never asks to the end, makes room for others himself. */
static void make_room(const crl_web_site *s)
{
    int n = 0, most = 0;
    crl_web_guest *idle = NULL;
    for (crl_web_guest *g = s->guests; g; g = g->next) {
        n += !g->cut;
        const int of = g->busy || g->cut ? 0 : count_of(s, g);
        if (of > most) most = of, idle = g;
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
        g->from = whose(MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr);
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
