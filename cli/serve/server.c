/* SPDX-License-Identifier: Apache-2.0 */
/* Which request is for what, and who may ask: see server.h. */
#include "serve/server.h"

#include <stdlib.h>
#include <string.h>

#include <corallite/version.h>

#include "base/origin.h"
#include "serve/deepstack.h"
#include "serve/run.h"

#define JSON "application/json"

/* What a path is for. */
typedef enum what {
    NOTHING,
    LIVE,
    READY,
    SERVER,
    MODEL,
    MODEL_READY,
    INFER,
    INDEX,
    LOAD,
    UNLOAD,
    METRICS,
    DETECTION,
    FACE,
    CUSTOM,
    CUSTOM_LIST
} what;

typedef struct route {
    what what;
    const char *name; /* of a model, in the path */
    size_t n;
} route;

static bool is_rest(const char *at, const char *text)
{
    return !strcmp(at, text);
}

/* Behind "/v2/models/": NAME, NAME/ready, NAME/infer, each also with versions/1 in between. */
static route route_model(const char *at)
{
    route r = { .name = at, .n = strcspn(at, "/") };
    at += r.n;
    if (!strncmp(at, "/versions/1", 11) && (!at[11] || at[11] == '/')) at += 11;
    r.what = !r.n ? NOTHING : !*at ? MODEL : is_rest(at, "/ready") ? MODEL_READY : is_rest(at, "/infer") ? INFER : NOTHING;
    return r;
}

static route route_repository(const char *at)
{
    route r = { .what = is_rest(at, "index") ? INDEX : NOTHING };
    if (strncmp(at, "models/", 7)) return r;
    r.name = at + 7;
    r.n = strcspn(r.name, "/");
    r.what = is_rest(r.name + r.n, "/load") ? LOAD : is_rest(r.name + r.n, "/unload") ? UNLOAD : NOTHING;
    return r;
}

static route route_vision(const char *at)
{
    if (is_rest(at, "detection")) return (route){ .what = DETECTION };
    if (is_rest(at, "face")) return (route){ FACE, "face", 4 };
    if (is_rest(at, "custom/list")) return (route){ .what = CUSTOM_LIST };
    if (!strncmp(at, "custom/", 7) && at[7] && !strchr(at + 7, '/')) return (route){ CUSTOM, at + 7, strlen(at + 7) };
    return (route){ 0 };
}

static route find_route(const cli_request *r)
{
    static const struct {
        const char *path;
        what what;
    } fixed[] = { { "/v2/health/live", LIVE },
                  { "/v2/health/ready", READY },
                  { "/v2", SERVER },
                  { "/v2/", SERVER },
                  { "/", SERVER },
                  { "/metrics", METRICS } };
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        if (!strcmp(r->path, fixed[i].path)) return (route){ .what = fixed[i].what };
    if (!strncmp(r->path, "/v2/models/", 11)) return route_model(r->path + 11);
    if (!strncmp(r->path, "/v2/repository/", 15)) return route_repository(r->path + 15);
    if (!strncmp(r->path, "/v1/vision/", 11)) return route_vision(r->path + 11);
    return (route){ 0 };
}

static bool is_post(what w)
{
    return w == INFER || w == INDEX || w == LOAD || w == UNLOAD || w == DETECTION || w == FACE || w == CUSTOM;
}

static bool is_vision(what w)
{
    return w == DETECTION || w == FACE || w == CUSTOM;
}

/* As the interface that was asked tells of failures. */
static void refuse(cli_request *r, what w, int status, const char *text)
{
    if (is_vision(w))
        cli_deepstack_refuse(r, status, text);
    else
        cli_request_refuse(r, status, "%s", text);
}

/* ---- who may ---- */

static bool has_token(const cli_server *s, const cli_request *r)
{
    const char *header = cli_request_header(r, "Authorization"), *token = cli_request_argument(r, "token");
    if (!*s->token) return true;
    if (header && !strncmp(header, "Bearer ", 7)) token = header + 7;
    return token && crl_same_secret(s->token, token);
}

/* Whether the request comes from where it may; answered where not. Forms bring their token with them: of those it is seen later. */
static bool is_admitted(cli_server *s, cli_request *r, what w)
{
    const char *host = cli_request_header(r, "Host"), *origin = cli_request_header(r, "Origin");
    if ((!*s->token && !crl_is_own_name(host, s->address)) || crl_is_foreign(host, origin)) {
        atomic_fetch_add(&s->foreign, 1);
        refuse(r, w, 403, "pages of others are not answered, nor is another's name for this address");
        return false;
    }
    if (w == LIVE || w == READY) return true; /* whoever keeps it running need not know the token */
    if (!cli_rate_may(&s->rate, cli_request_peer(r), cli_now_ns())) { /* before the token, so that it is not guessed faster */
        atomic_fetch_add(&s->limited, 1);
        refuse(r, w, 429, "that was often; try again in a second");
        return false;
    }
    r->unproved = !has_token(s, r);
    if (r->unproved && !is_vision(w)) {
        atomic_fetch_add(&s->foreign, 1);
        refuse(r, w, 401, "a token is needed: Authorization: Bearer TOKEN");
        cli_request_add_header(r, "WWW-Authenticate", "Bearer");
        return false;
    }
    return true;
}

/* ---- before the body ---- */

static cli_slot *slot_of(cli_server *s, const route *to)
{
    if (to->what != DETECTION) return cli_shop_find(&s->shop, to->name, to->n);
    cli_slot *named = cli_shop_find(&s->shop, "detection", 9);
    return named ? named : cli_shop_detector(&s->shop, NULL, 0);
}

/* How large the body may be; an answer where there is no such model. */
static void bound_body(cli_server *s, cli_request *r, const route *to)
{
    cli_slot *slot = slot_of(s, to);
    r->user = slot;
    r->limit = is_vision(to->what) ? s->picture_bytes : 4096;
    if (!slot)
        refuse(r, to->what, 404,
               to->what == DETECTION ? "no detector is served"
               : to->what == FACE    ? "no model is served under the name 'face'"
                                     : "no model of that name is served; /v2/repository/index lists them");
    cli_ports *ports = to->what == INFER && slot ? malloc(sizeof *ports) : NULL;
    if (ports && cli_shop_ports(&s->shop, slot, ports, NULL))
        r->limit = cli_v2_most_bytes(ports);
    else if (ports)
        refuse(r, to->what, 503, "the model is not loaded now");
    else if (to->what == INFER && slot)
        refuse(r, to->what, 503, "no memory for the request now; try again");
    free(ports);
}

void cli_server_begin(void *user, cli_request *r)
{
    cli_server *s = user;
    const route to = find_route(r);
    const bool get = !strcmp(r->method, "GET") || !strcmp(r->method, "HEAD"), post = !strcmp(r->method, "POST");
    const char *encoding = cli_request_header(r, "Content-Encoding");
    if (!is_admitted(s, r, to.what)) return;
    if (!to.what)
        cli_request_refuse(r, 404, "there is nothing here; docs/serving.md tells what is served");
    else if (is_post(to.what) ? !post : to.what == CUSTOM_LIST ? !post && !get : !get) {
        refuse(r, to.what, 405, is_post(to.what) ? "POST is expected" : "GET is expected");
        cli_request_add_header(r, "Allow", is_post(to.what) ? "POST" : "GET, HEAD");
    } else if (encoding && strcmp(encoding, "identity"))
        refuse(r, to.what, 415, "the body is to come as it is, not compressed");
    else if (is_post(to.what) && to.what != INDEX)
        bound_body(s, r, &to);
    else
        r->limit = 4096;
}

/* ---- answers ---- */

static void answer(cli_request *r, int status, cli_text *t)
{
    if (t->lost) cli_text_free(t);
    cli_request_answer(r, status, JSON, t->bytes, t->n);
}

static bool is_ready(cli_server *s)
{
    const int n = cli_shop_count(&s->shop);
    bool ready = !atomic_load(&s->leaving);
    for (int i = 0; i < n && ready; i++) ready = s->shop.slots[i].replaceable || cli_shop_is_ready(&s->shop, &s->shop.slots[i]);
    return ready;
}

static void tell_server(cli_text *t)
{
    cli_text_format(t, "{\"name\":\"corallite\",\"version\":\"%s\",\"extensions\":[\"model_repository\",\"binary_tensor_data\"]}", crl_version());
}

static void tell_model(cli_server *s, cli_request *r, const route *to, cli_text *t)
{
    cli_slot *slot = cli_shop_find(&s->shop, to->name, to->n);
    cli_ports *ports = malloc(sizeof *ports);
    const bool ready = slot && ports && cli_shop_ports(&s->shop, slot, ports, NULL);
    if (!ports)
        t->lost = true;
    else if (!slot)
        cli_request_refuse(r, 404, "no model of that name is served; /v2/repository/index lists them");
    else if (to->what == MODEL_READY) {
        cli_text_format(t, "{\"name\":\"%s\",\"ready\":%s}", slot->name, ready ? "true" : "false");
        answer(r, ready ? 200 : 503, t);
    } else if (!ready)
        cli_request_refuse(r, 503, "the model is not loaded now");
    else
        cli_v2_metadata(t, slot->name, ports);
    free(ports);
}

static void tell_index(cli_server *s, cli_text *t)
{
    const int n = cli_shop_count(&s->shop);
    cli_text_put(t, "[");
    for (int i = 0; i < n; i++) {
        cli_slot *slot = &s->shop.slots[i];
        pthread_mutex_lock(&s->shop.lock);
        cli_text_format(t, "%s{\"name\":\"%s\",\"version\":\"1\",\"state\":\"%s\",\"reason\":", i ? "," : "",
                        slot->name, slot->current ? "READY" : "UNAVAILABLE");
        cli_text_string(t, slot->why);
        pthread_mutex_unlock(&s->shop.lock);
        cli_text_put(t, "}");
    }
    cli_text_put(t, "]");
}

static void tell_custom(cli_server *s, cli_text *t)
{
    int told = 0;
    const int n = cli_shop_count(&s->shop);
    cli_text_put(t, "{\"success\":true,\"models\":[");
    for (int i = 0; i < n; i++)
        if (cli_shop_is_ready(&s->shop, &s->shop.slots[i])) cli_text_format(t, "%s\"%s\"", told++ ? "," : "", s->shop.slots[i].name);
    cli_text_put(t, "]}");
}

/* ---- what takes time ---- */

bool cli_server_prove(void *user, const cli_request *r)
{
    return cli_deepstack_may(r, ((const cli_server *)user)->token);
}

static void queue(cli_server *s, cli_request *r, what w)
{
    cli_slot *slot = r->user;
    if (r->unproved && !cli_server_prove(s, r)) {
        atomic_fetch_add(&s->foreign, 1);
        refuse(r, w, 401, "a token is needed: Authorization: Bearer TOKEN, or api_key in the form");
        return;
    }
    r->work.kind = w == INFER ? CLI_ASK_INFER : w == FACE ? CLI_ASK_FACE : CLI_ASK_DETECT;
    r->later = true; /* before a worker has it */
    const cli_put put = cli_shop_put(&s->shop, slot, &r->work);
    if (!put) return;
    r->later = false;
    refuse(r, w, 503, put == CLI_PUT_FULL ? "the queue of the model is full; try again" : "the model is not loaded now");
    cli_count_answer(&slot->counters, 503, r->work.begun_ns);
}

void cli_server_control(void *user, int seat, cli_work *const *work, int n)
{
    cli_server *s = user;
    (void)seat;
    for (int i = 0; i < n; i++) {
        cli_request *r = (cli_request *)work[i];
        cli_slot *slot = r->user;
        cli_text t = { 0 };
        crl_error err;
        crl_status status = CRL_OK;
        if (work[i]->kind == UNLOAD)
            cli_shop_unload(&s->shop, slot);
        else if (!slot->replaceable)
            status = cli_shop_load(&s->shop, slot, NULL, 0, &err);
        cli_text_put(&t, "{}");
        if (status)
            cli_request_refuse(r, status == CRL_ERR_MEMORY || atomic_load(&s->leaving) ? 503 : 400, "%s", err.text);
        else
            answer(r, 200, &t);
        if (status) cli_text_free(&t);
        cli_http_done(r);
    }
}

static void control(cli_server *s, cli_request *r, what w)
{
    r->work.kind = (int)w;
    r->later = true;
    if (cli_queue_put(s->shop.queue, &s->control, &r->work)) return;
    r->later = false;
    cli_request_refuse(r, 503, "models are being loaded; try again");
}

void cli_server_handle(void *user, cli_request *r)
{
    cli_server *s = user;
    const route to = find_route(r);
    cli_text t = { 0 };
    switch (to.what) {
    case LIVE: cli_text_put(&t, "{\"live\":true}"); break;
    case READY:
        cli_text_format(&t, "{\"ready\":%s}", is_ready(s) ? "true" : "false");
        answer(r, is_ready(s) ? 200 : 503, &t);
        return;
    case SERVER: tell_server(&t); break;
    case MODEL:
    case MODEL_READY: tell_model(s, r, &to, &t); break;
    case INDEX: tell_index(s, &t); break;
    case CUSTOM_LIST: tell_custom(s, &t); break;
    case METRICS:
        cli_server_metrics(s, r->http, &t);
        answer(r, 200, &t);
        r->type = "text/plain; version=0.0.4";
        return;
    case LOAD:
    case UNLOAD: control(s, r, to.what); return;
    default: queue(s, r, to.what); return;
    }
    if (!r->status) answer(r, 200, &t);
}
