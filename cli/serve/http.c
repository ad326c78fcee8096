/* SPDX-License-Identifier: Apache-2.0 */
/* See http.h. */
#include "serve/http.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "io/say.h"
#include "serve/mhd.h"
#include "serve/text.h"

/* What a client is doing; the time that it may take for it depends on that. */
typedef enum doing { IDLE, SENDING_TO_US, WAITING, TAKING } doing;

typedef struct client {
    struct client *next, *before;
    int fd;
    doing what;
    bool cut;
    int ends; /* looks in a row at which there was nothing but the end of what it sends */
    uint64_t since_ns;
} client;

struct cli_http {
    cli_http_options o;
    mhd_daemon *daemon;
    int port, listening; /* listening: -1, or a socket that nobody is let in by any more */
    pthread_mutex_t lock;
    pthread_cond_t wake;
    client clients; /* the head of a ring */
    int n_clients, n_requests;
    bool ending;
    atomic_bool leaving;
    atomic_size_t held, unproved; /* bytes of all bodies; of those of nobody knows whom */
    pthread_t watch;
};

enum { SWALLOWED = 64 << 20, FIRST_BYTES = 65536, UNPROVED_PART = 4, ENDS = 10 };

static const mhd_table *mhd;

uint64_t cli_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* ---- clients, and those who are too slow ---- */

static void notify(void *user, mhd_connection *c, void **context, int event)
{
    cli_http *h = user;
    client *k = *context;
    pthread_mutex_lock(&h->lock);
    if (event == 0 && (k = calloc(1, sizeof *k))) {
        k->fd = mhd->connection_info(c, MHD_INFO_FD)->fd;
        k->since_ns = cli_now_ns();
        k->next = &h->clients;
        k->before = h->clients.before;
        k->before->next = k->next->before = k;
        h->n_clients++;
        *context = k;
    } else if (event && k) {
        k->before->next = k->next;
        k->next->before = k->before;
        h->n_clients--;
        free(k);
        *context = NULL;
    }
    pthread_mutex_unlock(&h->lock);
}

static void note(cli_http *h, mhd_connection *c, doing what)
{
    const mhd_info *info = mhd->connection_info(c, MHD_INFO_CONTEXT);
    client *k = info ? info->socket_context : NULL;
    if (!k) return;
    pthread_mutex_lock(&h->lock);
    k->what = what;
    k->since_ns = cli_now_ns();
    pthread_mutex_unlock(&h->lock);
}

/* The lock is held. The thread that moves bytes sees the end, and forgets the client. */
static void cut_off(client *k)
{
    shutdown(k->fd, SHUT_RDWR);
    k->cut = true;
}

/* A client that is gone amid a request. libmicrohttpd does not see an end that comes together with bytes, and would hold its body, and the
 * server's own end, until its time is over. Who has said all and only waits is not SENDING_TO_US any more by the tenth look. */
static bool has_hung_up(client *k)
{
    char byte;
    const bool end = k->what == SENDING_TO_US && !recv(k->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    k->ends = end ? k->ends + 1 : 0;
    return k->ends >= ENDS;
}

static void cut_slow_ones(cli_http *h, uint64_t now)
{
    for (client *k = h->clients.next; k != &h->clients; k = k->next) {
        if (!k->cut && has_hung_up(k)) cut_off(k);
        const double s = (double)(now - k->since_ns) / 1e9, most = k->what == IDLE ? h->o.idle_s : h->o.request_s;
        if (!k->cut && k->what != WAITING && s > most) cut_off(k);
    }
}

/* Where connections get scarce: the one that has been idle, or in the way, for longest, after half a second. */
static bool cut_oldest(cli_http *h, uint64_t now)
{
    client *oldest = NULL;
    int n = 0;
    for (client *k = h->clients.next; k != &h->clients; k = k->next) {
        if (k->cut) continue;
        n++;
        if (k->what != WAITING && now - k->since_ns > 500000000 && (!oldest || k->since_ns < oldest->since_ns)) oldest = k;
    }
    if (n <= h->o.connections * 3 / 4 || !oldest) return false;
    cut_off(oldest);
    return true;
}

static void *watch(void *user)
{
    cli_http *h = user;
    pthread_mutex_lock(&h->lock);
    while (!h->ending) {
        const uint64_t now = cli_now_ns();
        cut_slow_ones(h, now);
        while (cut_oldest(h, now)) continue;
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        t.tv_nsec += 100000000;
        if (t.tv_nsec >= 1000000000) t.tv_sec++, t.tv_nsec -= 1000000000;
        pthread_cond_timedwait(&h->wake, &h->lock, &t);
    }
    pthread_mutex_unlock(&h->lock);
    return NULL;
}

/* ---- requests ---- */

const char *cli_request_header(const cli_request *r, const char *name)
{
    return mhd->value(r->connection, MHD_HEADER, name);
}

const char *cli_request_argument(const cli_request *r, const char *name)
{
    return mhd->value(r->connection, MHD_ARGUMENT, name);
}

uint32_t cli_request_peer(const cli_request *r)
{
    const mhd_info *info = mhd->connection_info(r->connection, MHD_INFO_CLIENT);
    const struct sockaddr *a = info ? info->address : NULL;
    const bool six = a && a->sa_family == AF_INET6;
    const uint8_t *bytes = !a ? NULL : six ? ((const struct sockaddr_in6 *)(const void *)a)->sin6_addr.s6_addr
                                           : (const uint8_t *)&((const struct sockaddr_in *)(const void *)a)->sin_addr;
    uint32_t hash = 2166136261u; /* FNV-1a; of IPv6 the network, of which a client has as many addresses as it likes */
    for (int i = 0; bytes && i < (six ? 8 : 4); i++) hash = (hash ^ bytes[i]) * 16777619u;
    return hash;
}

void cli_request_answer(cli_request *r, int status, const char *type, char *text, size_t bytes)
{
    free(r->text);
    r->status = text ? status : 503;
    r->type = type;
    r->text = text;
    r->bytes = text ? bytes : 0;
    if (r->status == 503 || r->status == 429) cli_request_add_header(r, "Retry-After", "1");
}

void cli_request_add_header(cli_request *r, const char *name, const char *value)
{
    for (int i = 0; i < 2; i++) {
        if (*r->extra[i][0] && strcmp(r->extra[i][0], name)) continue;
        snprintf(r->extra[i][0], sizeof r->extra[i][0], "%s", name);
        snprintf(r->extra[i][1], sizeof r->extra[i][1], "%s", value);
        return;
    }
}

void cli_request_refuse(cli_request *r, int status, const char *fmt, ...)
{
    char said[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(said, sizeof said, fmt, args);
    va_end(args);
    cli_text t = { 0 };
    cli_text_put(&t, "{\"error\":");
    cli_text_string(&t, said);
    cli_text_put(&t, "}");
    if (t.lost) cli_text_free(&t);
    cli_request_answer(r, status, "application/json", t.bytes, t.n);
}

static void release(cli_request *r, size_t n)
{
    atomic_fetch_sub(&r->http->held, n);
    if (r->unproved) atomic_fetch_sub(&r->http->unproved, n);
}

static bool hold(cli_request *r, size_t n)
{
    cli_http *h = r->http;
    bool fits = atomic_fetch_add(&h->held, n) + n <= h->o.body_bytes;
    if (r->unproved && atomic_fetch_add(&h->unproved, n) + n > h->o.body_bytes / UNPROVED_PART) fits = false;
    if (!fits) release(r, n);
    return fits;
}

static void drop_body(cli_request *r)
{
    release(r, r->room);
    free(r->body);
    r->body = NULL;
    r->room = r->n = 0;
}

/* Whether there may be so many bytes more; an answer where not. */
static bool may_come(cli_request *r, size_t more)
{
    if (more <= r->limit - r->n) return true;
    cli_request_refuse(r, 413, "the body is too large: %zu bytes are accepted here", r->limit);
    return false;
}

/* Room for so many bytes more; an answer where there is none. */
static bool reserve(cli_request *r, size_t more)
{
    if (!may_come(r, more)) return false;
    if (r->n + more <= r->room) return true;
    size_t room = r->n + more + (r->n ? r->n / 2 : 0);
    if (room > r->limit) room = r->limit;
    const bool has_room = hold(r, room - r->room);
    uint8_t *body = has_room ? realloc(r->body, room) : NULL;
    if (!body) {
        if (has_room) release(r, room - r->room);
        cli_request_refuse(r, 503, "no memory for the body now; try again");
        return false;
    }
    r->body = body;
    r->room = room;
    return true;
}

static void receive(cli_request *r, const char *data, size_t n)
{
    if (r->refused) return;
    if (!reserve(r, n)) {
        r->refused = true;
        drop_body(r);
        return;
    }
    memcpy(r->body + r->n, data, n);
    r->n += n;
    if (!r->unproved || r->n < r->next_look) return;
    r->next_look = 2 * r->n; /* so that all looks together see each byte twice at most */
    if (!r->http->o.prove(r->http->o.user, r)) return;
    atomic_fetch_sub(&r->http->unproved, r->room);
    r->unproved = false;
}

/* What is announced gets its room at once, where it is known who asks, or its answer: behind the body, which nobody keeps, for most clients look
 * for it only then; at once where that is long. Returns whether it is. */
static bool announce(cli_request *r)
{
    const char *length = cli_request_header(r, "Content-Length");
    const unsigned long long n = length ? strtoull(length, NULL, 10) : 0;
    const size_t bytes = n > SIZE_MAX / 2 ? SIZE_MAX / 2 : (size_t)n;
    if (!r->status && may_come(r, bytes)) reserve(r, r->unproved && bytes > FIRST_BYTES ? FIRST_BYTES : bytes);
    r->refused = r->status != 0;
    return r->refused && n > SWALLOWED;
}

typedef struct said {
    int lengths, hosts, broken;
} said;

/* Of RFC 9110: a name is a token (5.6.2), a value has no control characters but tabs (5.5). What is a header to one program and none to another
 * is how a length is hidden from one of them. */
static bool is_header(const char *key, const char *value)
{
    bool good = *key;
    for (; *key && good; key++) good = isalnum((unsigned char)*key) || strchr("!#$%&'*+-.^_`|~", *key);
    for (; value && *value && good; value++) good = !iscntrl((unsigned char)*value) || *value == '\t';
    return good;
}

static int count_header(void *user, int kind, const char *key, const char *value)
{
    said *n = user;
    (void)kind;
    n->broken += !is_header(key, value);
    n->lengths += !strcasecmp(key, "Content-Length") || !strcasecmp(key, "Transfer-Encoding");
    n->hosts += !strcasecmp(key, "Host");
    return MHD_YES;
}

/* Two lengths: a proxy in front may go by the other one, and take for the next request what belongs to this one (RFC 9112, 6.3). Likewise two
 * hosts; and none is right before HTTP/1.1 alone (3.2). Nor is there one way to read a name with a blank before its colon (RFC 9112, 5.1). */
static bool is_ambiguous(cli_request *r, const char *version)
{
    said n = { 0 };
    mhd->values(r->connection, MHD_HEADER, count_header, &n);
    const bool anonymous = !n.hosts && strcmp(version, "HTTP/1.0");
    if (!n.broken && n.lengths < 2 && n.hosts < 2 && !anonymous) return false;
    cli_request_refuse(r, 400, n.broken        ? "a header's name has a blank or the like in it, or its value a control character"
                               : n.lengths > 1 ? "the length of the body is said more than once"
                               : anonymous     ? "the header Host is missing, which HTTP/1.1 asks for"
                                               : "the header Host is there more than once");
    cli_request_add_header(r, "Connection", "close");
    return true;
}

/* Decodes %XX in its place, but for %00, behind which nobody would see the rest of a name. */
static size_t unescape(void *user, mhd_connection *c, char *text)
{
    char *to = text, digits[3] = "";
    (void)user, (void)c;
    for (const char *from = text; *from;) {
        const bool coded = *from == '%' && isxdigit((unsigned char)from[1]) && isxdigit((unsigned char)from[2]);
        if (coded) memcpy(digits, from + 1, 2);
        const char letter = coded ? (char)strtoul(digits, NULL, 16) : *from;
        *to++ = letter ? letter : *from;
        from += coded && letter ? 3 : 1;
    }
    *to = 0;
    return (size_t)(to - text);
}

static int send_answer(cli_request *r)
{
    cli_http *h = r->http;
    mhd_response *m = mhd->from_buffer(r->bytes, r->text ? r->text : (void *)"", r->text ? MHD_MUST_FREE : MHD_MUST_COPY);
    if (!m) return MHD_NO;
    r->text = NULL;
    if (r->type) mhd->add_header(m, "Content-Type", r->type);
    mhd->add_header(m, "Cache-Control", "no-store");
    mhd->add_header(m, "X-Content-Type-Options", "nosniff");
    for (int i = 0; i < 2; i++)
        if (*r->extra[i][0]) mhd->add_header(m, r->extra[i][0], r->extra[i][1]);
    if (atomic_load(&h->leaving)) mhd->add_header(m, "Connection", "close");
    drop_body(r);
    note(h, r->connection, TAKING);
    const int done = mhd->queue(r->connection, (unsigned)r->status, m);
    mhd->destroy(m);
    return done;
}

static cli_request *make_request(cli_http *h, mhd_connection *c, const char *url, const char *method)
{
    cli_request *r = calloc(1, sizeof *r);
    if (!r) return NULL;
    r->http = h;
    r->connection = c;
    r->method = method;
    r->work.begun_ns = cli_now_ns();
    snprintf(r->path, sizeof r->path, "%s", url);
    note(h, c, SENDING_TO_US);
    pthread_mutex_lock(&h->lock);
    h->n_requests++;
    pthread_mutex_unlock(&h->lock);
    h->o.begin(h->o.user, r);
    return r;
}

static int handle(void *user, mhd_connection *c, const char *url, const char *method, const char *version,
                  const char *data, size_t *bytes, void **state)
{
    cli_http *h = user;
    cli_request *r = *state;
    if (!r) {
        *state = r = make_request(h, c, url, method);
        if (!r) return MHD_NO;
        return is_ambiguous(r, version) || announce(r) ? send_answer(r) : MHD_YES;
    }
    if (*bytes) {
        receive(r, data, *bytes);
        *bytes = 0;
        return MHD_YES;
    }
    if (r->status) return send_answer(r);
    note(h, c, WAITING);
    mhd->suspend(c); /* before somebody else can resume it */
    h->o.handle(h->o.user, r);
    if (!r->later) mhd->resume(c); /* and then the answer is there */
    return MHD_YES;
}

void cli_http_done(cli_request *r)
{
    mhd->resume(r->connection);
}

static void completed(void *user, mhd_connection *c, void **state, int why)
{
    cli_http *h = user;
    cli_request *r = *state;
    (void)why;
    if (!r) return;
    if (h->o.sent) h->o.sent(h->o.user, r);
    note(h, c, IDLE);
    drop_body(r);
    free(r->text);
    free(r);
    *state = NULL;
    pthread_mutex_lock(&h->lock);
    h->n_requests--;
    pthread_mutex_unlock(&h->lock);
}

/* ---- starting and stopping ---- */

/* libmicrohttpd has errors to tell of single connections, which are nobody's business. */
static void say_nothing(void *user, const char *fmt, va_list args)
{
    (void)user, (void)fmt, (void)args;
}

static void refuse(const cli_http *h, int reason)
{
    const char *at = h->o.address;
    if (reason == EADDRINUSE)
        cli_error("port %d of %s is in use by another program; --port chooses another one", h->o.port, at);
    else if (reason == EACCES)
        cli_error("port %d is for root alone; --port chooses another one, from 1024 on", h->o.port);
    else if (reason == EADDRNOTAVAIL)
        cli_error("%s is no address of this machine", at);
    else if (reason == EAGAIN)
        cli_error("port %d of %s: the system gives no more threads; "
                  "raise the limit of tasks (ulimit -u, TasksMax of a unit) or of memory (ulimit -v)", h->o.port, at);
    else if (reason == EMFILE || reason == ENFILE)
        cli_error("port %d of %s: too many files are open; raise the limit (ulimit -n)", h->o.port, at);
    else
        cli_error("port %d of %s: %s", h->o.port, at, reason ? strerror(reason) : "it cannot be listened at");
}

static bool listen_at(cli_http *h)
{
    struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons((uint16_t)h->o.port) };
    struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)h->o.port) };
    const bool is_six = strchr(h->o.address, ':') != NULL;
    if (inet_pton(is_six ? AF_INET6 : AF_INET, h->o.address, is_six ? (void *)&six.sin6_addr : (void *)&four.sin_addr) != 1) {
        cli_error("%s: no address to listen at; 127.0.0.1 is this machine alone, 0.0.0.0 all that reach it", h->o.address);
        return false;
    }
    const struct sockaddr *address = is_six ? (struct sockaddr *)&six : (struct sockaddr *)&four;
    errno = 0;
    h->daemon = mhd->start(MHD_INTERNAL_THREAD | MHD_EPOLL | MHD_SUSPENDS | (is_six ? MHD_SIX : 0), (uint16_t)h->o.port,
                           NULL, NULL, handle, h, MHD_LOGGER, say_nothing, NULL, MHD_UNESCAPE, unescape, NULL, MHD_ADDRESS, address, MHD_CONNECTIONS,
                           (unsigned)h->o.connections, MHD_MEMORY, (size_t)32768, MHD_COMPLETED, completed, h,
                           MHD_NOTIFY, notify, h, MHD_END);
    if (!h->daemon) {
        refuse(h, errno);
        return false;
    }
    socklen_t size = sizeof six; /* the larger one */
    const mhd_info *where = mhd->get_info(h->daemon, MHD_LISTENS);
    if (where && !getsockname(where->fd, (struct sockaddr *)&six, &size)) h->port = ntohs(six.sin6_port); /* which both have in one place */
    return true;
}

cli_http *cli_http_start(const cli_http_options *options)
{
    mhd = cli_mhd();
    cli_http *h = mhd ? cli_alloc(1, sizeof *h) : NULL;
    if (!h) return NULL;
    h->o = *options;
    if (!h->o.connections) h->o.connections = 512;
    if (h->o.idle_s <= 0) h->o.idle_s = 60;
    if (h->o.request_s <= 0) h->o.request_s = 30;
    if (!h->o.body_bytes) h->o.body_bytes = (size_t)256 << 20;
    h->port = h->o.port;
    h->listening = -1;
    h->clients.next = h->clients.before = &h->clients;
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_mutex_init(&h->lock, NULL);
    pthread_cond_init(&h->wake, &clock);
    pthread_condattr_destroy(&clock);
    if (!listen_at(h)) {
        free(h);
        return NULL;
    }
    if (pthread_create(&h->watch, NULL, watch, h)) {
        cli_error("the system gives no thread to watch the connections; "
                  "raise the limit of tasks (ulimit -u, TasksMax of a unit) or of memory (ulimit -v)");
        mhd->stop(h->daemon);
        free(h);
        return NULL;
    }
    return h;
}

int cli_http_port(const cli_http *h)
{
    return h->port;
}

int cli_http_connections(cli_http *h)
{
    pthread_mutex_lock(&h->lock);
    const int n = h->n_clients;
    pthread_mutex_unlock(&h->lock);
    return n;
}

size_t cli_http_body_bytes(cli_http *h)
{
    return atomic_load(&h->held);
}

/* Whether there was no request for so long, within `seconds`. */
static bool wait_for_rest(cli_http *h, double rest, double seconds)
{
    const uint64_t start = cli_now_ns();
    uint64_t last = start;
    for (;;) {
        const uint64_t now = cli_now_ns();
        pthread_mutex_lock(&h->lock);
        if (h->n_requests) last = now;
        pthread_mutex_unlock(&h->lock);
        if (now - last >= (uint64_t)(rest * 1e9)) return true;
        if ((double)(now - start) / 1e9 > seconds) return false;
        nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
    }
}

/* Who has connected already is answered, who comes later refused by the system at once: one who waited in the socket until the end would lose
 * what he has sent. */
static void let_in_last_ones(cli_http *h)
{
    struct sockaddr_in6 address; /* the larger one */
    socklen_t bytes = sizeof address;
    fcntl(h->listening, F_SETFL, O_NONBLOCK);
    for (int fd; (fd = accept(h->listening, (struct sockaddr *)&address, &bytes)) >= 0; bytes = sizeof address) {
        fcntl(fd, F_SETFD, FD_CLOEXEC);
        mhd->add(h->daemon, fd, &address, bytes);
    }
    shutdown(h->listening, SHUT_RDWR);
}

bool cli_http_drain(cli_http *h, double seconds)
{
    atomic_store(&h->leaving, true);
    wait_for_rest(h, 0.1, seconds < 1 ? seconds : 1); /* those who have connected, and were not seen yet */
    if (h->listening < 0 && (h->listening = mhd->quiesce(h->daemon)) >= 0) let_in_last_ones(h);
    return wait_for_rest(h, 0.1, seconds); /* also for those to be seen */
}

void cli_http_stop(cli_http *h)
{
    if (!h) return;
    pthread_mutex_lock(&h->lock);
    h->ending = true;
    pthread_cond_signal(&h->wake);
    pthread_mutex_unlock(&h->lock);
    pthread_join(h->watch, NULL);
    mhd->stop(h->daemon);
    if (h->listening >= 0) close(h->listening);
    pthread_cond_destroy(&h->wake);
    pthread_mutex_destroy(&h->lock);
    free(h);
}
