/* SPDX-License-Identifier: Apache-2.0 */
/* check --serve and compile --serve: a page at the loopback address. A model that is dropped there is posted here, and
 * what check finds, the page of inspect, or the compiled model is the answer. Nothing is kept, and nobody but this
 * machine's own browsers is answered: a Host that is another's name for this address is refused. */
#include "report/serve.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <corallite/check.h>

#include "base/origin.h"
#include "report/check_json.h"
#include "cmd.h"
#include "report/graph_page.h"
#include "report/inspected.h"
#include "io/json.h"
#include "io/say.h"
#include "serve/http.h"

extern const char cli_serve_page_begin[], cli_serve_page_end[];

enum { MOST_BYTES = 256 << 20, OK = 200, BAD_REQUEST = 400, FORBIDDEN = 403, NOT_FOUND = 404 };

/* What is served. */
typedef struct serving {
    cli_serve_compile *compile; /* NULL: models are only checked */
    const void *user;
} serving;

/* ---- answers ---- */

static void answer_copy(cli_request *r, const char *type, const void *data, size_t bytes)
{
    char *text = malloc(bytes + 1);
    if (text) memcpy(text, data, bytes);
    cli_request_answer(r, OK, type, text, bytes);
}

static void answer_json(cli_request *r, json_t *o)
{
    char *text = json_dumps(o, JSON_COMPACT | JSON_REAL_PRECISION(9));
    json_decref(o);
    cli_request_answer(r, OK, "application/json", text, text ? strlen(text) : 0);
}

/* ---- what is posted ---- */

static void check_upload(cli_request *r, const char *name, bool page)
{
    crl_model *m;
    crl_check *k;
    crl_error err;
    if (crl_model_open(&m, r->body, r->n, &err)) {
        cli_request_refuse(r, BAD_REQUEST, "%s", err.text);
        return;
    }
    if (page) {
        size_t bytes;
        char *text = cli_graph_page_text(m, name, cli_inspected_json(m, name), NULL, &bytes);
        cli_request_answer(r, OK, "text/html; charset=utf-8", text, bytes);
    } else if (crl_check_new(&k, m, NULL, &err)) {
        cli_request_refuse(r, BAD_REQUEST, "%s", err.text);
    } else {
        answer_json(r, cli_check_json(m, k, name));
        crl_check_free(k);
    }
    crl_model_close(m);
}

static void compile_upload(cli_request *r, const serving *s)
{
    crl_model *m;
    crl_error err;
    uint8_t *bytes;
    size_t n;
    crl_status status = crl_model_open(&m, r->body, r->n, &err);
    if (!status) {
        status = s->compile(s->user, m, &bytes, &n, &err);
        crl_model_close(m);
    }
    if (status)
        cli_request_refuse(r, BAD_REQUEST, "%s", err.text);
    else
        cli_request_answer(r, OK, "application/octet-stream", (char *)bytes, n);
}

static bool is_upload(const serving *s, const cli_request *r)
{
    return !strcmp(r->method, "POST") && (!strcmp(r->path, "/page") || !strcmp(r->path, "/check") || (s->compile && !strcmp(r->path, "/compile")));
}

static void begin(void *user, cli_request *r)
{
    const serving *s = user;
    const char *host = cli_request_header(r, "Host");
    const bool page = !strcmp(r->method, "GET") && (!strcmp(r->path, "/") || !strcmp(r->path, "/what"));
    if (!host || !crl_is_own_name(host, NULL) || crl_is_foreign(host, cli_request_header(r, "Origin")))
        cli_request_refuse(r, FORBIDDEN, "this page is for 127.0.0.1 only");
    else if (!page && !is_upload(s, r))
        cli_request_refuse(r, NOT_FOUND, "there is nothing here");
    r->limit = page ? 0 : MOST_BYTES;
}

static void handle(void *user, cli_request *r)
{
    const serving *s = user;
    const char *what = s->compile ? "compile" : "check", *name = cli_request_argument(r, "name");
    if (!strcmp(r->path, "/"))
        answer_copy(r, "text/html; charset=utf-8", cli_serve_page_begin, (size_t)(cli_serve_page_end - cli_serve_page_begin));
    else if (!strcmp(r->path, "/what"))
        answer_copy(r, "text/plain", what, strlen(what));
    else if (!strcmp(r->path, "/compile"))
        compile_upload(r, s);
    else
        check_upload(r, name && *name ? name : "model.tflite", !strcmp(r->path, "/page"));
}

/* ---- serving ---- */

int cli_serve(int port, cli_serve_compile *compile, const void *user)
{
    serving s = { compile, user };
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &ends, NULL); /* for the server's threads, too */
    const cli_http_options o = { .address = "127.0.0.1",
                                 .port = port,
                                 .connections = 64,
                                 .body_bytes = (size_t)2 * MOST_BYTES,
                                 .user = &s,
                                 .begin = begin,
                                 .handle = handle };
    cli_http *http = cli_http_start(&o);
    if (!http) return CLI_FAILED;
    cli_note("%s at http://127.0.0.1:%d/ (Ctrl-C ends it)", compile ? "compile" : "check", cli_http_port(http));
    int signal_number;
    sigwait(&ends, &signal_number);
    cli_http_stop(http);
    return CLI_DONE;
}
