/* SPDX-License-Identifier: Apache-2.0 */
/* See served.h. */
#include "serve/served.h"

#include <corallite/device.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "io/file.h"
#include "io/say.h"
#include "models/model.h"
#include "serve/http.h"

const double cli_latency_ms[CLI_LATENCIES] = { 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10000 };

/* ---- a version ---- */

static void release(void *user)
{
    cli_served *v = user;
    for (int i = 0; i < CLI_LANE_SEATS; i++) {
        if (v->seats[i].session)
            crl_session_close(v->seats[i].session);
        else
            crl_engine_free(v->seats[i].engine);
    }
    crl_model_close(v->model);
    crl_model_close(v->twin);
    free(v->bytes);
    free(v);
}

/* It is read again while it is served: from a pipe there would be nothing more, and waiting for it would be the end. What is not there, opening it
 * says. */
static crl_status expect_file(const char *path, crl_error *err)
{
    struct stat st;
    return path && !stat(path, &st) ? cli_expect_regular(path, err) : CRL_OK;
}

static crl_status open_file(cli_served *v, const cli_shop *shop, const void *bytes, size_t n, crl_error *err)
{
    const cli_slot *slot = v->slot;
    crl_status s = expect_file(slot->labels, err);
    if (!s && !bytes) s = expect_file(slot->file, err);
    if (s) return s;
    if (bytes) {
        v->bytes = malloc(n);
        if (!v->bytes) return cli_fail(err, CRL_ERR_MEMORY, "no memory for the model");
        s = crl_model_open(&v->model, memcpy(v->bytes, bytes, n), n, err);
    } else if (slot->file)
        s = crl_model_open_file(&v->model, slot->file, err);
    else
        s = crl_model_open(&v->model, slot->builtin->model,
                           (size_t)((const char *)slot->builtin->model_end - (const char *)slot->builtin->model), err);
    return s || !slot->file || bytes ? s : crl_engine_choose_model(&v->model, &v->twin, slot->file, NULL, &shop->engine, err);
}

/* A session where a picture goes in, and what comes out is of a kind; else an engine. */
static crl_status open_seat(cli_served *v, const cli_shop *shop, int i, crl_error *err)
{
    const cli_slot *slot = v->slot;
    crl_session_options o = { .engine = shop->engine, .name = slot->name, .labels = slot->labels, .exif_orientation = true, .top_k = 100,
                              .has_threshold = true, .threshold = 0.1f };
    o.engine.twin = v->twin;
    if (i) o.engine.notice = NULL; /* what is to be said of the model, the first has said */
    if (!slot->labels && slot->builtin) {
        o.labels_text = slot->builtin->labels;
        o.labels_bytes = (size_t)(slot->builtin->labels_end - slot->builtin->labels);
    }
    crl_recognition r;
    crl_status s = crl_session_open(&v->seats[i].session, v->model, &o, err);
    if (!s) {
        v->seats[i].engine = crl_session_engine(v->seats[i].session);
        v->purpose = crl_session_recognise(v->seats[i].session, &r, NULL) ? CRL_PURPOSE_UNKNOWN : r.purpose;
        return CRL_OK;
    }
    if (s != CRL_ERR_UNSUPPORTED || slot->labels) return s;
    return crl_engine_new(&v->seats[i].engine, v->model, &o.engine, err);
}

/* The tensor's name, where it has one that no other has, else its number. */
static crl_status describe(cli_port *ports, int n, const crl_tensor *t, const char *what, crl_error *err)
{
    cli_port *p = &ports[n];
    p->type = t->type;
    p->shape = t->shape;
    bool good = *t->name && strlen(t->name) < sizeof p->name;
    for (int i = 0; i < n && good; i++) good = strcmp(ports[i].name, t->name) != 0;
    if (good)
        strcpy(p->name, t->name);
    else
        snprintf(p->name, sizeof p->name, "%s_%d", what, n);
    for (int32_t i = 0; t->flags & CRL_TENSOR_DYNAMIC && i < p->shape.rank; i++) p->shape.dim[i] = -1;
    if (cli_v2_type(t->type)) return CRL_OK;
    return cli_fail(err, CRL_ERR_UNSUPPORTED, "%s '%.80s' is of type %s, which cannot be served", what, p->name, crl_type_name(t->type));
}

static crl_status describe_ports(cli_served *v, crl_error *err)
{
    const crl_engine *e = v->seats[0].engine;
    cli_ports *p = &v->ports;
    p->batch = 1;
    p->n_in = crl_engine_input_count(e);
    p->n_out = crl_engine_output_count(e);
    if (p->n_in > CLI_V2_PORTS || p->n_out > CLI_V2_PORTS || !p->n_in)
        return cli_fail(err, CRL_ERR_UNSUPPORTED, "%d inputs and %d outputs; 1 to %d are served", p->n_in, p->n_out, CLI_V2_PORTS);
    crl_status s = CRL_OK;
    for (int i = 0; i < p->n_in && !s; i++) s = describe(p->in, i, crl_engine_input(v->seats[0].engine, i), "input", err);
    for (int i = 0; i < p->n_out && !s; i++) s = describe(p->out, i, crl_engine_output(e, i), "output", err);
    return s;
}

/* ---- whether the first dimension is a batch ---- */

static int32_t first_dimension(const cli_ports *p)
{
    const int32_t n = p->in[0].shape.rank ? p->in[0].shape.dim[0] : 1;
    bool same = n > 1 && n <= CLI_LANE_BATCH;
    for (int i = 0; i < p->n_in; i++) same = same && p->in[i].shape.rank && p->in[i].shape.dim[0] == n;
    for (int i = 0; i < p->n_out; i++) same = same && p->out[i].shape.rank && p->out[i].shape.dim[0] == n;
    return same ? n : 1;
}

static void rotate(void *data, size_t bytes, size_t by)
{
    uint8_t *d = data, kept[64];
    for (size_t done = 0, part; done < by; done += part) { /* a few bytes of the first row at a time, behind the others */
        part = by - done < sizeof kept ? by - done : sizeof kept;
        memcpy(kept, d, part);
        memmove(d, d + part, bytes - part);
        memcpy(d + bytes - part, kept, part);
    }
}

/* Rows that are one further in the inputs have to be one further in the outputs, to the bit: then no row knows of another. */
static bool rows_are_apart(crl_engine *e, const cli_ports *p, int32_t rows)
{
    uint64_t state = 1;
    void *before[CLI_V2_PORTS] = { 0 };
    bool same = true;
    for (int i = 0; i < p->n_in; i++) cli_fill_random(crl_engine_input(e, i)->data, p->in[i].type, crl_engine_input(e, i)->bytes, &state);
    crl_engine_reset(e);
    same = !crl_engine_run(e, NULL);
    for (int i = 0; i < p->n_out && same; i++) {
        const crl_tensor *t = crl_engine_output(e, i);
        same = (before[i] = malloc(t->bytes + 1)) != NULL;
        if (same) memcpy(before[i], t->data, t->bytes);
        if (same && t->bytes) rotate(before[i], t->bytes, t->bytes / (size_t)rows);
    }
    for (int i = 0; i < p->n_in && same; i++) {
        const crl_tensor *t = crl_engine_input(e, i);
        rotate(t->data, t->bytes, t->bytes / (size_t)rows);
    }
    crl_engine_reset(e);
    same = same && !crl_engine_run(e, NULL);
    for (int i = 0; i < p->n_out && same; i++) same = !memcmp(before[i], crl_engine_output(e, i)->data, crl_engine_output(e, i)->bytes);
    for (int i = 0; i < p->n_out; i++) free(before[i]);
    return same;
}

/* ---- loading ---- */

/* Edge TPUs that a compiled model may run on: each is for one engine, which others on it would only keep waiting. */
static int devices_for(const crl_engine_options *o)
{
    int32_t n = 0;
    crl_device first;
    if (o->device || (o->backend != CRL_BACKEND_AUTO && o->backend != CRL_BACKEND_EDGETPU)) return 1;
    return !crl_devices_list(&first, 1, &n, NULL) && n > 1 ? (int)n : 1;
}

static crl_status make(cli_served **out, cli_shop *shop, cli_slot *slot, const void *bytes, size_t n, crl_error *err)
{
    cli_served *v = calloc(1, sizeof *v);
    if (!v) return cli_fail(err, CRL_ERR_MEMORY, "no memory for the model");
    v->slot = slot;
    v->shop = shop;
    crl_status s = open_file(v, shop, bytes, n, err);
    int seats = !s && crl_model_is_compiled(v->model) ? devices_for(&shop->engine) : shop->seats;
    if (seats > shop->seats) seats = shop->seats;
    for (int i = 0; i < seats && !s; i++) s = open_seat(v, shop, i, err);
    if (!s) s = describe_ports(v, err);
    if (s) {
        release(v);
        return s;
    }
    const int32_t rows = first_dimension(&v->ports);
    if (rows > 1 && rows_are_apart(v->seats[0].engine, &v->ports, rows)) v->ports.batch = rows;
    v->lane = (cli_lane){ .seats = seats, .most = v->ports.batch, .depth = shop->depth, .user = v, .run = shop->run, .gone = release };
    *out = v;
    return CRL_OK;
}

/* What takes the place of the version in use; NULL: nothing. */
static void put_in_place(cli_shop *shop, cli_slot *slot, cli_served *v)
{
    if (v) cli_queue_open(shop->queue, &v->lane);
    pthread_mutex_lock(&shop->lock);
    cli_served *old = slot->current;
    slot->current = v;
    pthread_mutex_unlock(&shop->lock);
    if (old) cli_queue_close(shop->queue, &old->lane);
}

crl_status cli_shop_load(cli_shop *shop, cli_slot *slot, const void *bytes, size_t n, crl_error *err)
{
    cli_served *v = NULL;
    crl_error own;
    if (!err) err = &own;
    pthread_mutex_lock(&shop->loading);
    const crl_status s = shop->closed ? cli_fail(err, CRL_ERR_UNSUPPORTED, "the server is ending") : make(&v, shop, slot, bytes, n, err);
    if (!s) put_in_place(shop, slot, v);
    pthread_mutex_lock(&shop->lock);
    snprintf(slot->why, sizeof slot->why, "%s", s ? err->text : "");
    pthread_mutex_unlock(&shop->lock);
    pthread_mutex_unlock(&shop->loading);
    return s;
}

void cli_shop_unload(cli_shop *shop, cli_slot *slot)
{
    pthread_mutex_lock(&shop->loading);
    put_in_place(shop, slot, NULL);
    pthread_mutex_lock(&shop->lock);
    snprintf(slot->why, sizeof slot->why, "unloaded");
    pthread_mutex_unlock(&shop->lock);
    pthread_mutex_unlock(&shop->loading);
}

void cli_shop_close(cli_shop *shop)
{
    pthread_mutex_lock(&shop->loading);
    shop->closed = true;
    pthread_mutex_unlock(&shop->loading);
    for (int i = 0; i < cli_shop_count(shop); i++) cli_shop_unload(shop, &shop->slots[i]);
}

/* ---- by name ---- */

/* The lock is held. */
static cli_slot *find(cli_shop *shop, const char *name, size_t n)
{
    for (int i = 0; i < shop->n; i++)
        if (strlen(shop->slots[i].name) == n && !memcmp(shop->slots[i].name, name, n)) return &shop->slots[i];
    return NULL;
}

cli_slot *cli_shop_find(cli_shop *shop, const char *name, size_t n)
{
    pthread_mutex_lock(&shop->lock);
    cli_slot *slot = find(shop, name, n);
    pthread_mutex_unlock(&shop->lock);
    return slot;
}

int cli_shop_count(cli_shop *shop)
{
    pthread_mutex_lock(&shop->lock);
    const int n = shop->n;
    pthread_mutex_unlock(&shop->lock);
    return n;
}

cli_slot *cli_shop_add(cli_shop *shop, const char *name, size_t n, bool replaceable)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    bool good = n && n < sizeof shop->slots->name;
    for (size_t i = 0; i < n && good; i++) good = name[i] && strchr(letters, name[i]);
    pthread_mutex_lock(&shop->lock);
    cli_slot *slot = good && shop->n < CLI_SERVED_MODELS && !find(shop, name, n) ? &shop->slots[shop->n] : NULL;
    if (slot) {
        memcpy(slot->name, name, n);
        slot->replaceable = replaceable;
        shop->n++;
    }
    pthread_mutex_unlock(&shop->lock);
    return slot;
}

cli_put cli_shop_put(cli_shop *shop, cli_slot *slot, cli_work *work)
{
    pthread_mutex_lock(&shop->lock);
    cli_put result = slot->current ? CLI_PUT_FULL : CLI_PUT_UNLOADED;
    if (slot->current && cli_queue_put(shop->queue, &slot->current->lane, work)) result = CLI_PUT;
    pthread_mutex_unlock(&shop->lock);
    return result;
}

bool cli_shop_is_ready(cli_shop *shop, const cli_slot *slot)
{
    pthread_mutex_lock(&shop->lock);
    const bool ready = slot->current;
    pthread_mutex_unlock(&shop->lock);
    return ready;
}

int cli_shop_waiting(cli_shop *shop, const cli_slot *slot)
{
    pthread_mutex_lock(&shop->lock);
    const int n = slot->current ? cli_queue_waiting(shop->queue, &slot->current->lane) : 0;
    pthread_mutex_unlock(&shop->lock);
    return n;
}

bool cli_shop_ports(cli_shop *shop, const cli_slot *slot, cli_ports *out, crl_purpose *purpose)
{
    pthread_mutex_lock(&shop->lock);
    const cli_served *v = slot->current;
    if (v) *out = v->ports;
    if (v && purpose) *purpose = v->purpose;
    pthread_mutex_unlock(&shop->lock);
    return v;
}

cli_slot *cli_shop_detector(cli_shop *shop, const char *named, size_t n)
{
    cli_slot *found = named ? cli_shop_find(shop, named, n) : NULL;
    pthread_mutex_lock(&shop->lock);
    for (int i = 0; i < shop->n && !found && !named; i++)
        if (shop->slots[i].current && shop->slots[i].current->purpose == CRL_PURPOSE_DETECT) found = &shop->slots[i];
    pthread_mutex_unlock(&shop->lock);
    return found;
}

void cli_count_answer(cli_counters *c, int status, uint64_t begun_ns)
{
    const uint64_t took = cli_now_ns() - begun_ns;
    int i = 0;
    atomic_fetch_add(status == 200 ? &c->answered : status == 503 ? &c->busy : status < 500 ? &c->refused : &c->failed, 1);
    if (status != 200) return;
    while (i < CLI_LATENCIES - 1 && (double)took > cli_latency_ms[i] * 1e6) i++;
    atomic_fetch_add(&c->latency[i], 1);
    atomic_fetch_add(&c->total_ns, took);
}
