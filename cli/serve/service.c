/* SPDX-License-Identifier: Apache-2.0 */
/* Starting, signals, ending: see service.h. */
#define _GNU_SOURCE /* getrandom */
#include "serve/service.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <time.h>

#include <jansson.h>

#include "catalogue/shelf.h"
#include "io/say.h"
#include "models/model.h"
#include "serve/run.h"
#include "serve/server.h"
#include "watch/notify.h"

typedef struct service {
    cli_server server;
    crl_pool *pool;
    char *resolved[2 * CLI_SERVED_MODELS]; /* files that names stand for */
    int n_resolved;
    bool made_token; /* which clients have to be told */
} service;

/* ---- which models ---- */

/* "NAME=FILE": where FILE begins; `*n` gets the letters of the name, 0: there is none. */
static const char *split(const char *text, size_t *n)
{
    const char *equals = strchr(text, '=');
    const bool named = equals && !memchr(text, '/', (size_t)(equals - text));
    *n = named ? (size_t)(equals - text) : 0;
    return named ? equals + 1 : text;
}

/* A file of the shelf in the place of its name; NULL after saying what is wrong. */
static const char *resolve(service *s, cli_kind kind, const char *name)
{
    char *file;
    if (cli_shelf_resolve(kind, name, &file)) return NULL;
    if (file && s->n_resolved < 2 * CLI_SERVED_MODELS) s->resolved[s->n_resolved++] = file;
    return file ? file : name;
}

static int add_model(service *s, const char *text)
{
    size_t n;
    const char *file = split(text, &n), *name = text;
    if (!n) { /* the file's own */
        const char *slash = strrchr(file, '/');
        name = slash ? slash + 1 : file;
        n = strlen(name);
        if (n > 7 && !strcmp(name + n - 7, ".tflite")) n -= 7;
    }
    if (cli_shop_find(&s->server.shop, name, n)) {
        cli_error("--model %s: another model is called %.*s; name this one as in --model NAME=FILE", text, (int)n, name);
        return CLI_USAGE;
    }
    cli_slot *slot = cli_shop_add(&s->server.shop, name, n, false);
    if (!slot) {
        cli_error("--model %s: a name is expected, NAME=FILE, of letters, digits, '.', '_' and '-', for at most %d models", text, CLI_SERVED_MODELS);
        return CLI_USAGE;
    }
    slot->file = resolve(s, CLI_MODEL, file);
    char *labels = slot->file ? cli_shelf_labels(slot->file) : NULL;
    if (labels && s->n_resolved < 2 * CLI_SERVED_MODELS) slot->labels = s->resolved[s->n_resolved++] = labels;
    return slot->file ? CLI_DONE : CLI_FAILED;
}

static int add_labels(service *s, const char *text)
{
    size_t n;
    const char *file = split(text, &n);
    cli_slot *slot = n ? cli_shop_find(&s->server.shop, text, n) : &s->server.shop.slots[0];
    if (!slot) {
        cli_error("--labels %s: no model has that name", text);
        return CLI_USAGE;
    }
    slot->labels = resolve(s, CLI_LABELS, file);
    return slot->labels ? CLI_DONE : CLI_FAILED;
}

static int add_builtin(service *s, const char *name, const cli_builtin *model)
{
    if (!model->model) {
        cli_error("no model given; name one with --model FILE");
        return CLI_USAGE;
    }
    cli_shop_add(&s->server.shop, name, strlen(name), false)->builtin = model;
    return CLI_DONE;
}

static int add_models(service *s, const cli_serve_settings *o)
{
    int code = CLI_DONE;
    for (int i = 0; i < o->models.n && !code; i++) code = add_model(s, o->models.items[i]);
    for (int i = 0; i < o->operands.n && !code; i++) code = add_model(s, o->operands.items[i]);
    if (!code && !s->server.shop.n) code = add_builtin(s, "signs_detector", &cli_signs_detector);
    if (!code && s->server.shop.n == 1 && s->server.shop.slots[0].builtin) code = add_builtin(s, "signs_classifier", &cli_signs_classifier);
    for (int i = 0; i < o->labels.n && !code; i++) code = add_labels(s, o->labels.items[i]);
    return code;
}

static int load_models(service *s)
{
    crl_error err;
    for (int i = 0; i < s->server.shop.n; i++) {
        cli_slot *slot = &s->server.shop.slots[i];
        if (cli_shop_load(&s->server.shop, slot, NULL, 0, &err)) return cli_failed(&err);
    }
    return CLI_DONE;
}

/* Whether a signal to end waits: sigtimedwait() hands out SIGHUP first, as often as it comes. */
static bool must_end(void)
{
    sigset_t waiting;
    return !sigpending(&waiting) && (sigismember(&waiting, SIGTERM) == 1 || sigismember(&waiting, SIGINT) == 1);
}

/* Models that cannot be read stay as they are. */
static void load_again(service *s)
{
    crl_error err;
    const int n = cli_shop_count(&s->server.shop);
    cli_notify("RELOADING=1");
    cli_notify_loading();
    for (int i = 0; i < n && !must_end(); i++) {
        cli_slot *slot = &s->server.shop.slots[i];
        if (slot->replaceable) continue;
        if (cli_shop_load(&s->server.shop, slot, NULL, 0, &err))
            cli_warning("%s stays as it was: %s", slot->name, err.text);
        else
            cli_note("%s was read again", slot->name);
    }
    cli_notify_loaded();
    cli_notify("READY=1");
}

/* ---- starting ---- */

static bool is_loopback(const char *address)
{
    return !strncmp(address, "127.", 4) || !strcmp(address, "::1");
}

/* 128 bits that nobody can guess, where it was not said and others reach this; that is said. */
static int set_token(cli_server *s, const char *given, bool *made)
{
    uint8_t bytes[16];
    const char *token = given ? given : getenv("CORALLITE_TOKEN");
    if (token && strlen(token) >= CLI_TOKEN) {
        cli_error("a token of %zu letters, at most %d are supported", strlen(token), CLI_TOKEN - 1);
        return CLI_USAGE;
    }
    if (token) strcpy(s->token, token);
    if ((token && *token) || is_loopback(s->address)) return CLI_DONE;
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
        cli_error("the system has no random numbers for a token; say one with --token");
        return CLI_FAILED;
    }
    for (size_t i = 0; i < sizeof bytes; i++) snprintf(s->token + 2 * i, 3, "%02x", bytes[i]);
    *made = true;
    return CLI_DONE;
}

static void control_gone(void *user)
{
    (void)user;
}

static int start_queue(service *s, const cli_serve_settings *o)
{
    crl_error err;
    cli_shop *shop = &s->server.shop;
    cli_engine_settings engine = o->engine;
    if (crl_pool_new(&s->pool, engine.threads, &err)) return cli_failed(&err);
    engine.pool = s->pool;
    shop->engine = cli_engine_options(&engine);
    shop->seats = o->engines ? o->engines : crl_pool_threads(s->pool);
    if (shop->seats > CLI_LANE_SEATS) shop->seats = CLI_LANE_SEATS;
    shop->depth = o->queue;
    shop->run = cli_serve_run;
    shop->queue = cli_queue_new(shop->seats + 1); /* one more, so that a model which is loaded takes none away */
    if (!shop->queue) {
        cli_error("the system gives no threads; raise the limit of tasks (ulimit -u, TasksMax of a unit) or of memory (ulimit -v)");
        return CLI_FAILED;
    }
    s->server.control = (cli_lane){ .seats = 1, .most = 1, .depth = 16, .user = &s->server, .run = cli_server_control, .gone = control_gone };
    cli_queue_open(shop->queue, &s->server.control);
    return CLI_DONE;
}

/* A file for each connection, as far as the system lets; how many connections that are, beside the models' files and Frigate's. */
static int allow_files(int connections)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit)) return connections;
    const rlim_t wanted = (rlim_t)connections + 256;
    if (limit.rlim_cur >= wanted) return connections;
    limit.rlim_cur = limit.rlim_max == RLIM_INFINITY || limit.rlim_max > wanted ? wanted : limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= wanted) return connections;
    const int fit = (int)(limit.rlim_cur > 512 ? limit.rlim_cur - 256 : limit.rlim_cur / 2);
    if (fit >= connections) return connections;
    cli_warning("%d connections instead of %d: the process may have %d files open; raise its limit (ulimit -n)", fit,
                connections, (int)limit.rlim_cur);
    return fit;
}

static int start_http(service *s, const cli_serve_settings *o)
{
    const cli_http_options http = { .address = s->server.address, .port = o->port, .connections = allow_files(o->connections), .idle_s = o->idle_s,
                                    .request_s = o->request_s, .body_bytes = (size_t)o->body_mib << 20, .user = &s->server,
                                    .begin = cli_server_begin, .prove = cli_server_prove, .handle = cli_server_handle };
    s->server.picture_bytes = (size_t)o->picture_mib << 20;
    s->server.rate.per_second = o->rate;
    s->server.http = cli_http_start(&http);
    return s->server.http ? CLI_DONE : CLI_FAILED;
}

/* ---- until a signal ---- */

static void wait_for_end(service *s, const sigset_t *signals)
{
    const double watchdog = cli_notify_watchdog_ms();
    const struct timespec most = { .tv_sec = watchdog > 0 ? (time_t)(watchdog / 2000) : 3600,
                                   .tv_nsec = watchdog > 0 && watchdog < 2000 ? 100000000 : 0 };
    for (;;) {
        const int number = sigtimedwait(signals, NULL, &most);
        if (number > 0 && (number != SIGHUP || must_end())) return;
        if (number == SIGHUP) load_again(s);
        cli_notify("WATCHDOG=1");
    }
}

/* What was asked is answered first, within the time that there is; who asks again is sent away. */
static void end(service *s, double grace)
{
    cli_shop *shop = &s->server.shop;
    atomic_store(&s->server.leaving, true);
    cli_notify("STOPPING=1");
    cli_frigate_stop(s->server.frigate);
    const bool late = s->server.http && !cli_http_drain(s->server.http, grace);
    atomic_store(&shop->late, late);
    if (late && grace > 0) cli_warning("not all requests were sent, answered and taken in %g s", grace);
    cli_shop_close(shop);
    if (shop->queue) {
        cli_queue_close(shop->queue, &s->server.control);
        cli_queue_drain(shop->queue);
    }
    if (late) cli_http_drain(s->server.http, 0.2); /* who was sent away is told */
    cli_http_stop(s->server.http);
    cli_queue_free(shop->queue);
    crl_pool_free(s->pool);
}

static int start(service *s, const cli_serve_settings *o)
{
    int code = add_models(s, o);
    if (!code) code = set_token(&s->server, o->token, &s->made_token);
    if (!code) code = start_queue(s, o);
    if (!code) code = load_models(s);
    if (!code) code = start_http(s, o);
    if (!code && o->zmq && !(s->server.frigate = cli_frigate_start(&s->server.shop, o->zmq))) code = CLI_FAILED;
    return code;
}

int cli_serve_models(const cli_serve_settings *o)
{
    service *s = cli_alloc(1, sizeof *s);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL); /* for all threads */
    signal(SIGPIPE, SIG_IGN);
    json_set_alloc_funcs(malloc, free); /* without memory a request is refused, and the program goes on */
    s->server.address = strcmp(o->address, "localhost") ? o->address : "127.0.0.1";
    pthread_mutex_init(&s->server.shop.lock, NULL);
    pthread_mutex_init(&s->server.shop.loading, NULL);
    const int code = start(s, o);
    if (!code) {
        const bool six = strchr(s->server.address, ':');
        if (s->made_token) cli_note("clients need this token: Authorization: Bearer %s", s->server.token);
        const int n = cli_shop_count(&s->server.shop);
        cli_note("%d model%s at http://%s%s%s:%d/ (Ctrl-C ends it)", n, n == 1 ? "" : "s", six ? "[" : "", s->server.address,
                 six ? "]" : "", cli_http_port(s->server.http));
        cli_notify("READY=1");
        wait_for_end(s, &signals);
    }
    end(s, code ? 0 : o->grace_s);
    for (int i = 0; i < s->n_resolved; i++) free(s->resolved[i]);
    free(s);
    return code;
}
