/* SPDX-License-Identifier: Apache-2.0 */
/* See run.h. */
#include "serve/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/say.h"
#include "serve/deepstack.h"

static int status_of(crl_status s)
{
    return s == CRL_ERR_MEMORY ? 503 : s == CRL_ERR_ARGUMENT || s == CRL_ERR_FORMAT || s == CRL_ERR_UNSUPPORTED ? 400 : 500;
}

static void finish(cli_served *v, cli_request *r)
{
    cli_count_answer(&v->slot->counters, r->status, r->work.begun_ns);
    cli_http_done(r);
}

static crl_status run_engine(cli_served *v, int seat, int rows, crl_error *err)
{
    cli_counters *c = &v->slot->counters;
    const uint64_t start = cli_now_ns();
    crl_engine_reset(v->seats[seat].engine);
    const crl_status s = crl_engine_run(v->seats[seat].engine, err);
    atomic_fetch_add(&c->run_ns, cli_now_ns() - start);
    atomic_fetch_add(&c->runs, 1);
    atomic_fetch_add(&c->rows, (unsigned)rows);
    return s;
}

/* ---- tensors: several requests in one run, where the model has a batch ---- */

typedef struct asked {
    cli_request *r;
    cli_v2_request q;
} asked;

static void answer_rows(cli_served *v, int seat, asked *a, int first)
{
    cli_text t = { 0 };
    size_t json_bytes;
    crl_tensor values[CLI_V2_PORTS];
    for (int i = 0; i < v->ports.n_out; i++) {
        values[i] = *crl_engine_output(v->seats[seat].engine, i);
        if (v->ports.batch == 1) continue;
        const size_t row = values[i].bytes / (size_t)v->ports.batch;
        values[i].data = (uint8_t *)values[i].data + row * (size_t)first;
        values[i].shape.dim[0] = a->q.rows;
    }
    cli_v2_answer(&t, &json_bytes, v->slot->name, &a->q, &v->ports, values);
    if (t.lost) {
        cli_text_free(&t);
        cli_request_refuse(a->r, 503, "no memory for the answer now; try again");
        return;
    }
    char length[24];
    snprintf(length, sizeof length, "%zu", json_bytes);
    cli_request_answer(a->r, 200, json_bytes ? "application/octet-stream" : "application/json", t.bytes, t.n);
    if (json_bytes) cli_request_add_header(a->r, "Inference-Header-Content-Length", length);
}

/* One run for `n` requests, whose rows fit together. */
static void run_rows(cli_served *v, int seat, asked *a, int n)
{
    crl_error err;
    int rows = 0;
    for (int k = 0; k < n; k++) {
        for (int i = 0; i < v->ports.n_in; i++) {
            crl_tensor *t = crl_engine_input(v->seats[seat].engine, i);
            const size_t row = t->bytes / (size_t)v->ports.batch;
            if (a[k].q.in[i].bytes) memcpy((uint8_t *)t->data + row * (size_t)rows, a[k].q.in[i].data, a[k].q.in[i].bytes);
        }
        rows += a[k].q.rows;
    }
    const crl_status s = run_engine(v, seat, rows, &err);
    for (int k = 0, first = 0; k < n; k++) {
        if (s)
            cli_request_refuse(a[k].r, status_of(s) == 400 ? 422 : status_of(s), "%s", err.text);
        else
            answer_rows(v, seat, &a[k], first);
        first += a[k].q.rows;
        cli_v2_release(&a[k].q);
        finish(v, a[k].r);
    }
}

static size_t header_length(const cli_request *r)
{
    const char *length = cli_request_header(r, "Inference-Header-Content-Length");
    char *end = NULL;
    if (!length) return SIZE_MAX;
    const unsigned long long n = strtoull(length, &end, 10);
    return *length >= '0' && *length <= '9' && !*end && n < SIZE_MAX ? (size_t)n : SIZE_MAX - 1; /* more than any body */
}

static bool read_request(cli_served *v, asked *a, cli_request *r)
{
    crl_error err;
    a->r = r;
    const crl_status s = cli_v2_parse(&a->q, r->body ? r->body : (const uint8_t *)"", r->n, header_length(r), &v->ports, &err);
    if (!s) return true;
    cli_v2_release(&a->q);
    cli_request_refuse(r, status_of(s), "%s", err.text);
    finish(v, r);
    return false;
}

/* ---- pictures ---- */

static void detect(cli_served *v, int seat, cli_request *r)
{
    const uint64_t start = cli_now_ns();
    cli_deepstack(v, seat, r, r->work.kind == CLI_ASK_FACE);
    atomic_fetch_add(&v->slot->counters.run_ns, cli_now_ns() - start);
    atomic_fetch_add(&v->slot->counters.runs, 1);
    atomic_fetch_add(&v->slot->counters.rows, 1);
    finish(v, r);
}

/* ---- Frigate's frames ---- */

static crl_status look(cli_served *v, int seat, cli_frigate_ask *a, crl_error *err)
{
    crl_session *session = v->seats[seat].session;
    const crl_results *found;
    const crl_image image = { .width = a->width,
                              .height = a->height,
                              .channels = 3,
                              .stride = (size_t)a->width * 3,
                              .data = (uint8_t *)(uintptr_t)a->pixels };
    if (!session || v->purpose != CRL_PURPOSE_DETECT) return cli_fail(err, CRL_ERR_UNSUPPORTED, "%s is no detector", v->slot->name);
    const crl_status s = crl_session_run(session, &image, &found, err);
    memset(a->rows, 0, sizeof a->rows);
    for (int32_t i = 0; !s && i < found->n_detections && i < CLI_FRIGATE_ROWS; i++) {
        const crl_detection *d = &found->detections[i];
        const float w = (float)a->width, h = (float)a->height;
        const float row[6] = { (float)d->index, d->score, d->box.y0 / h, d->box.x0 / w, d->box.y1 / h, d->box.x1 / w };
        memcpy(a->rows[i], row, sizeof row);
    }
    return s;
}

void cli_frigate_run(cli_served *v, int seat, cli_frigate_ask *a)
{
    cli_counters *c = &v->slot->counters;
    const uint64_t start = cli_now_ns();
    crl_error err;
    const crl_status s = look(v, seat, a, &err);
    atomic_fetch_add(&c->run_ns, cli_now_ns() - start);
    atomic_fetch_add(&c->runs, 1);
    atomic_fetch_add(&c->rows, 1);
    cli_count_answer(c, s == CRL_OK ? 200 : s == CRL_ERR_MEMORY ? 503 : 400, a->work.begun_ns);
    pthread_mutex_lock(&a->lock);
    a->status = s;
    if (s) a->err = err;
    a->done = true;
    pthread_cond_signal(&a->answered);
    pthread_mutex_unlock(&a->lock);
}

/* ---- all ---- */

/* What is still waiting when the time to end is over. */
static void send_away(cli_served *v, cli_request *r)
{
    if (r->work.kind == CLI_ASK_INFER)
        cli_request_refuse(r, 503, "the server is ending");
    else
        cli_deepstack_refuse(r, 503, "the server is ending");
    finish(v, r);
}

void cli_serve_run(void *version, int seat, cli_work *const *work, int n)
{
    cli_served *v = version;
    asked *a = calloc((size_t)n, sizeof *a);
    const uint64_t now = cli_now_ns();
    int ready = 0, rows = 0;
    crl_pool_enter(v->shop->engine.pool);
    for (int i = 0; i < n; i++) {
        cli_request *r = (cli_request *)work[i];
        atomic_fetch_add(&v->slot->counters.wait_ns, now - work[i]->begun_ns);
        if (work[i]->kind == CLI_ASK_FRIGATE)
            cli_frigate_run(v, seat, (cli_frigate_ask *)work[i]);
        else if (atomic_load(&v->shop->late))
            send_away(v, r);
        else if (work[i]->kind != CLI_ASK_INFER)
            detect(v, seat, r);
        else if (!a) {
            cli_request_refuse(r, 503, "no memory for the request now; try again");
            finish(v, r);
        } else if (read_request(v, &a[ready], r)) {
            if (rows + a[ready].q.rows > v->ports.batch) { /* those before fill a run */
                run_rows(v, seat, a, ready);
                a[0] = a[ready];
                ready = rows = 0;
            }
            rows += a[ready++].q.rows;
        }
    }
    if (ready) run_rows(v, seat, a, ready);
    crl_pool_leave(v->shop->engine.pool);
    free(a);
}
