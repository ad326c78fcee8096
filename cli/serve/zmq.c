/* SPDX-License-Identifier: Apache-2.0 */
/* The endpoint at which Frigate asks, for clients with a REQ socket; libzmq is loaded when it is wanted. See frigate.h.
 *
 * The socket is a ROUTER, and what a REP would do is done here: a message is its way back, an empty part, and what is said. A REP of libzmq 4.3
 * loses the next client's answer when who sent no empty part is gone before that is seen.
 *
 * Frames do not say which model they are for: it is the one that was named last, or the first detector that is served. */
#include <dlfcn.h>
#include <errno.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "io/file.h"
#include "io/say.h"
#include "serve/frigate.h"
#include "serve/http.h"
#include "serve/run.h"

/* Of zmq.h, version 4. */
enum { ROUTER = 6, SNDMORE = 2, LINGER = 17, MAXMSGSIZE = 22, RCVHWM = 24, RCVTIMEO = 27, SNDTIMEO = 28 };
enum { MOST_BYTES = 256 << 20, AHEAD = 1 /* messages of a client that are read before it is its turn */, HOPS = 4 };
typedef struct message {
    alignas(void *) unsigned char room[64];
} message;

static struct {
    void *(*ctx_new)(void);
    int (*ctx_term)(void *context);
    void *(*socket)(void *context, int type);
    int (*close)(void *socket);
    int (*bind)(void *socket, const char *endpoint);
    int (*set)(void *socket, int option, const void *value, size_t bytes);
    int (*init)(message *m);
    int (*receive)(message *m, void *socket, int flags);
    void *(*data)(message *m);
    size_t (*size)(const message *m);
    int (*more)(const message *m);
    int (*move)(message *to, message *from);
    int (*release)(message *m);
    int (*send)(void *socket, const void *bytes, size_t n, int flags);
    int (*error)(void);
    const char *(*error_text)(int number);
} zmq;

/* A message as it came. */
typedef struct letter {
    message hops[HOPS]; /* the way back: the client, and what lies between, such as a proxy */
    message parts[2];
    int n_hops, n; /* also those beyond, which are dropped */
} letter;

struct cli_frigate {
    cli_shop *shop;
    cli_slot *slot; /* that was named; NULL: none was */
    void *context, *socket;
    letter letter; /* that is being answered */
    atomic_bool ending;
    pthread_t thread;
};

static bool load(void)
{
    static const char *const names[] = { "zmq_ctx_new",  "zmq_ctx_term",   "zmq_socket",   "zmq_close",
                                         "zmq_bind",     "zmq_setsockopt", "zmq_msg_init", "zmq_msg_recv",
                                         "zmq_msg_data", "zmq_msg_size",   "zmq_msg_more", "zmq_msg_move", "zmq_msg_close",
                                         "zmq_send",     "zmq_errno",      "zmq_strerror" };
    _Static_assert(sizeof zmq == sizeof names / sizeof *names * sizeof(void *), "a name for each function");
    void *file = dlopen("libzmq.so.5", RTLD_NOW | RTLD_LOCAL);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        void *found = file ? dlsym(file, names[i]) : NULL;
        if (!found) {
            cli_error("the library libzmq is missing, which --zmq needs; on Debian it is in the package libzmq5");
            return false;
        }
        memcpy((char *)&zmq + i * sizeof found, &found, sizeof found); /* POSIX: functions have addresses as objects do */
    }
    return true;
}

/* ---- answers ---- */

/* One part, or two (`second` NULL: one). What is for a client who has gone is lost by itself. */
static void reply(cli_frigate *f, const void *first, size_t n, const void *second, size_t m)
{
    for (int i = 0; i < f->letter.n_hops; i++) zmq.send(f->socket, zmq.data(&f->letter.hops[i]), zmq.size(&f->letter.hops[i]), SNDMORE);
    zmq.send(f->socket, "", 0, SNDMORE);
    zmq.send(f->socket, first, n, second ? SNDMORE : 0);
    if (second) zmq.send(f->socket, second, m, 0);
}

static void say(cli_frigate *f, const char *first, bool a, const char *second, bool b)
{
    char text[128];
    const int n = snprintf(text, sizeof text, "{\"%s\": %s, \"%s\": %s}", first, a ? "true" : "false", second, b ? "true" : "false");
    reply(f, text, (size_t)n, NULL, 0);
}

static void refuse(cli_frigate *f, const char *why)
{
    cli_text t = { 0 };
    cli_text_put(&t, "{\"error\":");
    cli_text_string(&t, why);
    cli_text_put(&t, "}");
    reply(f, t.lost ? "{}" : t.bytes, t.lost ? 2 : t.n, NULL, 0);
    cli_text_free(&t);
}

static void greet(cli_frigate *f, const cli_frigate_message *m)
{
    cli_slot *slot = cli_shop_find(f->shop, m->model, strlen(m->model));
    if (slot) f->slot = slot;
    say(f, "model_available", slot, "model_loaded", slot && cli_shop_is_ready(f->shop, slot));
}

/* A model that is sent is kept in memory, under its name; it takes the place of none that the server was started with. */
static void take(cli_frigate *f, const cli_frigate_message *m, const void *bytes, size_t n)
{
    crl_error err;
    cli_slot *slot = cli_shop_find(f->shop, m->model, strlen(m->model));
    if (!slot) slot = cli_shop_add(f->shop, m->model, strlen(m->model), true);
    const bool may = slot && slot->replaceable, loaded = may && !cli_shop_load(f->shop, slot, bytes, n, &err);
    if (loaded) f->slot = slot;
    else
        cli_warning("--zmq: model %s was sent, and not taken: %s", m->model,
                    !slot  ? "there are too many models"
                    : !may ? "one of that name is served"
                           : err.text);
    say(f, "model_saved", may, "model_loaded", loaded);
}

static void look(cli_frigate *f, const cli_frigate_message *m, const void *pixels)
{
    static const char head[] = "{\"shape\": [20, 6], \"dtype\": \"float32\"}";
    cli_slot *slot = f->slot ? f->slot : cli_shop_detector(f->shop, NULL, 0);
    cli_frigate_ask a = { .work = { .kind = CLI_ASK_FRIGATE, .begun_ns = cli_now_ns() }, .pixels = pixels, .width = m->width, .height = m->height,
                          .lock = PTHREAD_MUTEX_INITIALIZER, .answered = PTHREAD_COND_INITIALIZER };
    const cli_put put = slot ? cli_shop_put(f->shop, slot, &a.work) : CLI_PUT_UNLOADED;
    if (put) {
        if (slot) cli_count_answer(&slot->counters, 503, a.work.begun_ns);
        refuse(f, put == CLI_PUT_FULL ? "too many frames wait" : "no detector is served");
        return;
    }
    pthread_mutex_lock(&a.lock);
    while (!a.done) pthread_cond_wait(&a.answered, &a.lock);
    pthread_mutex_unlock(&a.lock);
    if (a.status) {
        refuse(f, a.err.text);
        return;
    }
    reply(f, head, sizeof head - 1, a.rows, sizeof a.rows);
}

static void answer(cli_frigate *f)
{
    cli_frigate_message m;
    crl_error err;
    message *first = &f->letter.parts[0], *second = &f->letter.parts[1];
    const size_t body = f->letter.n > 1 ? zmq.size(second) : 0;
    if (f->letter.n > 2)
        refuse(f, "a message has one part or two");
    else if (cli_frigate_parse(&m, zmq.data(first), zmq.size(first), body, &err))
        refuse(f, err.text);
    else if (m.kind == CLI_FRIGATE_HAS)
        greet(f, &m);
    else if (m.kind == CLI_FRIGATE_TAKE)
        take(f, &m, zmq.data(second), body);
    else
        look(f, &m, zmq.data(second));
}

/* ---- messages ---- */

/* Where the next part is kept: hops until an empty part, then two; NULL: nowhere. */
static message *place(letter *l, bool *on_way, size_t bytes)
{
    if (*on_way && !bytes && l->n_hops) {
        *on_way = false;
        return NULL;
    }
    if (*on_way) return l->n_hops++ < HOPS ? &l->hops[l->n_hops - 1] : NULL;
    return l->n++ < 2 ? &l->parts[l->n - 1] : NULL;
}

/* All parts of a message. false: there is none yet, or none that could be answered. */
static bool receive(cli_frigate *f)
{
    letter *l = &f->letter;
    bool on_way = true;
    l->n_hops = l->n = 0;
    for (bool more = true; more;) {
        message part;
        zmq.init(&part);
        if (zmq.receive(&part, f->socket, 0) < 0) {
            zmq.release(&part);
            return false;
        }
        more = zmq.more(&part);
        message *to = place(l, &on_way, zmq.size(&part));
        if (to) {
            zmq.init(to);
            zmq.move(to, &part);
        }
        zmq.release(&part);
    }
    return l->n > 0 && l->n_hops <= HOPS;
}

static void *serve(void *user)
{
    cli_frigate *f = user;
    while (!atomic_load(&f->ending)) {
        if (receive(f)) answer(f);
        for (int i = 0; i < f->letter.n_hops && i < HOPS; i++) zmq.release(&f->letter.hops[i]);
        for (int i = 0; i < f->letter.n && i < 2; i++) zmq.release(&f->letter.parts[i]);
    }
    return NULL;
}

/* ---- starting and stopping ---- */

/* There is no token here: only this machine's own programs may ask. libzmq takes a port that is too large for the rest of it. */
static bool is_own(const char *endpoint)
{
    if (!strncmp(endpoint, "ipc://", 6)) return endpoint[6] != 0;
    const char *colon = strrchr(endpoint, ':'), *port = colon ? colon + 1 : "";
    const size_t digits = strspn(port, "0123456789");
    const bool is_port = digits && digits <= 5 && !port[digits] && atoi(port) >= 1 && atoi(port) <= 65535;
    return is_port && (!strncmp(endpoint, "tcp://127.", 10) || !strncmp(endpoint, "tcp://localhost:", 16));
}

static void cannot_bind(const char *endpoint, int reason)
{
    if (reason == ENOENT)
        cli_error("--zmq %s: there is no such folder; make it first", endpoint);
    else if (reason == EACCES)
        cli_error("--zmq %s: no permission; choose a folder that may be written to, or a port from 1024 on", endpoint);
    else if (reason == EADDRINUSE)
        cli_error("--zmq %s: that is in use by another program; choose another name or port", endpoint);
    else if (reason == ENAMETOOLONG)
        cli_error("--zmq %s: the name of a socket has at most %zu letters", endpoint, sizeof((struct sockaddr_un *)NULL)->sun_path - 1);
    else
        cli_error("--zmq %s: %s", endpoint, zmq.error_text(reason));
}

/* libzmq removes what has the endpoint's name, whatever that is: fine for what an earlier server has left, and for nothing else. */
static bool is_free(const char *endpoint)
{
    const char *file = endpoint + strlen("ipc://");
    struct sockaddr_un where = { .sun_family = AF_UNIX };
    struct stat found;
    if (strncmp(endpoint, "ipc://", 6) || strlen(file) >= sizeof where.sun_path || lstat(file, &found)) return true;
    if (!S_ISSOCK(found.st_mode)) {
        cli_error("--zmq %s: there is a file of that name, which is no socket; choose another name", endpoint);
        return false;
    }
    strcpy(where.sun_path, file);
    const int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const bool used = s >= 0 && (!connect(s, (const struct sockaddr *)&where, sizeof where) || errno == EAGAIN);
    if (s >= 0) close(s);
    if (used) cli_error("--zmq %s: another program answers there; choose another name", endpoint);
    return !used;
}

static bool open_socket(cli_frigate *f, const char *endpoint)
{
    const int64_t most = MOST_BYTES;
    f->context = zmq.ctx_new();
    f->socket = f->context ? zmq.socket(f->context, ROUTER) : NULL;
    if (!f->socket) {
        cli_error("--zmq: %s", zmq.error_text(zmq.error()));
        return false;
    }
    zmq.set(f->socket, LINGER, &(int){ 0 }, sizeof(int));
    zmq.set(f->socket, RCVTIMEO, &(int){ 100 }, sizeof(int));
    zmq.set(f->socket, SNDTIMEO, &(int){ 1000 }, sizeof(int));
    zmq.set(f->socket, RCVHWM, &(int){ AHEAD }, sizeof(int));
    zmq.set(f->socket, MAXMSGSIZE, &most, sizeof most);
    if (!zmq.bind(f->socket, endpoint)) return true;
    cannot_bind(endpoint, zmq.error());
    return false;
}

/* Nobody else between the look whether the name is free and the socket that takes it: of two that are started at once the later one would remove
 * the other's, which then waits where no client comes. */
static cli_frigate *start_alone(cli_shop *shop, const char *endpoint)
{
    if (!is_free(endpoint) || !load()) return NULL;
    cli_frigate *f = cli_alloc(1, sizeof *f);
    f->shop = shop;
    const bool opened = open_socket(f, endpoint);
    if (opened && !pthread_create(&f->thread, NULL, serve, f)) return f;
    if (opened) cli_error("--zmq %s: the system gives no thread; raise the limit of tasks (ulimit -u, TasksMax of a unit) or of memory (ulimit -v)", endpoint);
    if (f->socket) zmq.close(f->socket);
    if (f->context) zmq.ctx_term(f->context);
    free(f);
    return NULL;
}

cli_frigate *cli_frigate_start(cli_shop *shop, const char *endpoint)
{
    crl_error err;
    cli_file_lock lock = { NULL, -1 };
    if (!is_own(endpoint)) {
        cli_error("--zmq %s: ipc:///FILE or tcp://127.0.0.1:PORT is expected, for whoever reaches this socket may use it", endpoint);
        return NULL;
    }
    const bool is_file = !strncmp(endpoint, "ipc://", 6) && endpoint[6] != '@';
    const bool taken = is_file && cli_lock(&lock, endpoint + 6, &err);
    if (taken) cli_error("--zmq %s: another program answers there; choose another name", endpoint);
    cli_frigate *f = taken ? NULL : start_alone(shop, endpoint);
    cli_unlock(&lock);
    return f;
}

void cli_frigate_stop(cli_frigate *f)
{
    if (!f) return;
    atomic_store(&f->ending, true);
    pthread_join(f->thread, NULL);
    zmq.close(f->socket);
    zmq.ctx_term(f->context);
    free(f);
}
