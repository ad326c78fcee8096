/* SPDX-License-Identifier: Apache-2.0 */
/* check --serve and compile --serve: a page at the loopback address. A model that is dropped there is posted here, and what check finds, the page of
 * inspect, or the compiled model is the answer. Nothing is kept, and nobody but this machine's own browsers is answered: a Host that is another's name for this
 * address is refused.
 *
 * libmicrohttpd is loaded when it is needed. Its few functions and numbers that are used have been the same since 0.9.7x. */
#include "report/serve.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <corallite/check.h>

#include "report/check_json.h"
#include "cmd.h"
#include "report/graph_page.h"
#include "report/inspected.h"
#include "io/json.h"
#include "io/say.h"

extern const char cli_serve_page_begin[], cli_serve_page_end[];

enum { MOST_BYTES = 256 << 20, YES = 1, NO = 0, OK = 200, BAD_REQUEST = 400, FORBIDDEN = 403, NOT_FOUND = 404, TOO_LARGE = 413 };
/* Of microhttpd.h. */
enum { USE_INTERNAL_THREAD = 8, OPTION_END = 0, OPTION_CONNECTIONS = 2, OPTION_TIMEOUT = 3, OPTION_COMPLETED = 4, OPTION_ADDRESS = 6, HEADER = 1,
       ARGUMENT = 8, COPY = 2, INFO_LISTEN_FD = 2 };

/* What is served. */
typedef struct serving {
    cli_serve_compile *compile; /* NULL: models are only checked */
    const void *user;
} serving;

typedef struct connection connection;
typedef struct response response;
typedef struct daemon_ daemon_;
typedef int handler(void *user, connection *c, const char *url, const char *method, const char *version, const char *data, size_t *bytes, void **state);
typedef union info {
    int fd;
} info;

static struct {
    daemon_ *(*start)(unsigned flags, uint16_t port, void *accept, void *accept_user, handler *handle, void *user, ...);
    void (*stop)(daemon_ *d);
    const info *(*get_info)(daemon_ *d, int what, ...);
    const char *(*value)(connection *c, int kind, const char *key);
    response *(*from_buffer)(size_t bytes, void *data, int mode);
    int (*add_header)(response *r, const char *name, const char *value);
    int (*queue)(connection *c, unsigned status, response *r);
    void (*destroy)(response *r);
} mhd;

static bool load(void)
{
    static const char *const names[] = { "MHD_start_daemon", "MHD_stop_daemon", "MHD_get_daemon_info", "MHD_lookup_connection_value",
                                         "MHD_create_response_from_buffer", "MHD_add_response_header", "MHD_queue_response", "MHD_destroy_response" };
    _Static_assert(sizeof mhd == sizeof names / sizeof *names * sizeof(void *), "a name for each function");
    void *file = dlopen("libmicrohttpd.so.12", RTLD_NOW | RTLD_LOCAL);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        void *found = file ? dlsym(file, names[i]) : NULL;
        if (!found) {
            cli_error("the library libmicrohttpd is missing, which --serve needs; on Debian it is in the package libmicrohttpd12 or libmicrohttpd12t64");
            return false;
        }
        memcpy((char *)&mhd + i * sizeof found, &found, sizeof found); /* POSIX: functions have addresses as objects do */
    }
    return true;
}

/* ---- answers ---- */

static int answer(connection *c, unsigned status, const char *type, const void *data, size_t bytes)
{
    response *r = mhd.from_buffer(bytes, (void *)(uintptr_t)data, COPY);
    if (!r) return NO;
    mhd.add_header(r, "Content-Type", type);
    mhd.add_header(r, "Cache-Control", "no-store");
    mhd.add_header(r, "X-Content-Type-Options", "nosniff");
    const int done = mhd.queue(c, status, r);
    mhd.destroy(r);
    return done;
}

static int answer_json(connection *c, unsigned status, json_t *o)
{
    char *text = json_dumps(o, JSON_COMPACT | JSON_REAL_PRECISION(9));
    json_decref(o);
    if (!text) return NO;
    const int done = answer(c, status, "application/json", text, strlen(text));
    free(text);
    return done;
}

static int answer_error(connection *c, unsigned status, const char *text)
{
    json_t *o = json_object();
    json_object_set_new(o, "error", cli_json_text(text));
    return answer_json(c, status, o);
}

/* ---- what is posted ---- */

typedef struct upload {
    uint8_t *bytes;
    size_t n, room;
    bool too_large;
} upload;

static void receive(upload *u, const char *data, size_t n)
{
    if (u->too_large || n > MOST_BYTES - u->n) {
        u->too_large = true;
        return;
    }
    if (u->n + n > u->room) {
        const size_t room = u->n + n + (u->n + n) / 2;
        uint8_t *more = realloc(u->bytes, room);
        if (!more) {
            u->too_large = true;
            return;
        }
        u->bytes = more;
        u->room = room;
    }
    memcpy(u->bytes + u->n, data, n);
    u->n += n;
}

static void completed(void *user, connection *c, void **state, int why)
{
    (void)user;
    (void)c;
    (void)why;
    upload *u = *state;
    if (!u) return;
    free(u->bytes);
    free(u);
    *state = NULL;
}

static int check_upload(connection *c, const upload *u, const char *name, bool page)
{
    crl_model *m;
    crl_check *k;
    crl_error err;
    if (crl_model_open(&m, u->bytes, u->n, &err)) return answer_error(c, BAD_REQUEST, err.text);
    int done;
    if (page) {
        size_t bytes;
        char *text = cli_graph_page_text(m, name, cli_inspected_json(m, name), NULL, &bytes);
        done = text ? answer(c, OK, "text/html; charset=utf-8", text, bytes) : NO;
        free(text);
    } else if (crl_check_new(&k, m, NULL, &err)) {
        done = answer_error(c, BAD_REQUEST, err.text);
    } else {
        done = answer_json(c, OK, cli_check_json(m, k, name));
        crl_check_free(k);
    }
    crl_model_close(m);
    return done;
}

static int compile_upload(connection *c, const upload *u, const serving *s)
{
    crl_model *m;
    crl_error err;
    uint8_t *bytes;
    size_t n;
    if (crl_model_open(&m, u->bytes, u->n, &err)) return answer_error(c, BAD_REQUEST, err.text);
    const crl_status status = s->compile(s->user, m, &bytes, &n, &err);
    crl_model_close(m);
    if (status) return answer_error(c, BAD_REQUEST, err.text);
    const int done = answer(c, OK, "application/octet-stream", bytes, n);
    free(bytes);
    return done;
}

/* Pages of others are not let in: neither those whose name leads here (DNS rebinding), nor those that post to this address. */
static bool is_ours(connection *c)
{
    const char *host = mhd.value(c, HEADER, "Host"), *origin = mhd.value(c, HEADER, "Origin"), *from = origin ? strstr(origin, "://") : NULL;
    if (!host || (strncmp(host, "127.0.0.1:", 10) && strncmp(host, "localhost:", 10))) return false;
    return !origin || (from && !strcmp(from + 3, host));
}

static int handle(void *user, connection *c, const char *url, const char *method, const char *version, const char *data, size_t *bytes, void **state)
{
    const serving *s = user;
    (void)version;
    if (!is_ours(c)) return answer_error(c, FORBIDDEN, "this page is for 127.0.0.1 only");
    if (!strcmp(method, "GET")) {
        const char *what = s->compile ? "compile" : "check";
        if (!strcmp(url, "/what")) return answer(c, OK, "text/plain", what, strlen(what));
        if (strcmp(url, "/")) return answer_error(c, NOT_FOUND, "there is nothing here");
        return answer(c, OK, "text/html; charset=utf-8", cli_serve_page_begin, (size_t)(cli_serve_page_end - cli_serve_page_begin));
    }
    const bool page = !strcmp(url, "/page"), compiles = s->compile && !strcmp(url, "/compile");
    if (strcmp(method, "POST") || (!page && !compiles && strcmp(url, "/check"))) return answer_error(c, NOT_FOUND, "there is nothing here");
    upload *u = *state;
    if (!u) {
        *state = calloc(1, sizeof *u);
        return *state ? YES : NO;
    }
    if (*bytes) {
        receive(u, data, *bytes);
        *bytes = 0;
        return YES;
    }
    if (u->too_large) return answer_error(c, TOO_LARGE, "the file is too large: 256 MiB are accepted");
    if (compiles) return compile_upload(c, u, s);
    const char *name = mhd.value(c, ARGUMENT, "name");
    return check_upload(c, u, name && *name ? name : "model.tflite", page);
}

/* ---- serving ---- */

int cli_serve(int port, cli_serve_compile *compile, const void *user)
{
    serving s = { compile, user };
    if (!load()) return CLI_FAILED;
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &ends, NULL); /* for the server's thread, too */
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = { htonl(INADDR_LOOPBACK) } };
    daemon_ *d = mhd.start(USE_INTERNAL_THREAD, (uint16_t)port, NULL, NULL, handle, &s, OPTION_ADDRESS, (struct sockaddr *)&at, OPTION_CONNECTIONS, 16u,
                           OPTION_TIMEOUT, 60u, OPTION_COMPLETED, completed, NULL, OPTION_END);
    const info *where = d ? mhd.get_info(d, INFO_LISTEN_FD) : NULL;
    socklen_t size = sizeof at;
    if (!where || getsockname(where->fd, (struct sockaddr *)&at, &size)) {
        cli_error("nothing can be served at port %d of 127.0.0.1; another program may have it: give --port another number", port);
        if (d) mhd.stop(d);
        return CLI_FAILED;
    }
    cli_note("%s at http://127.0.0.1:%d/ (Ctrl-C ends it)", compile ? "compile" : "check", ntohs(at.sin_port));
    int signal_number;
    sigwait(&ends, &signal_number);
    mhd.stop(d);
    return CLI_DONE;
}
