/* SPDX-License-Identifier: Apache-2.0 */
/* The module of libmosquitto: how messages get to a broker. What they say is stream/events.h's.
 *
 * Looking up a name, and connecting to a machine that is switched off, take libmosquitto minutes, and nothing breaks them off. All of it is
 * done in a thread of the line's own, which is left alone with it where it does not come back in time, and frees it then. */
#include <errno.h>
#include <mosquitto.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "stream/module.h"

static const crl_host *lent;

typedef struct line {
    struct mosquitto *mosquitto;
    atomic_int state; /* 0: connecting, 1: connected, else lost, by MOSQ_ERR_ */
    atomic_int refused; /* by the broker: CONNACK_ */
    atomic_int waiting; /* messages that are not out yet */
    atomic_int code;    /* why there is no connection, by MOSQ_ERR_ */
    atomic_int reason;  /* errno, where that says to look there */
    crl_mqtt_broker broker;
    struct timespec until; /* it is waited for */
    pthread_t thread;
    atomic_int owners; /* who has it: whoever opened it, and the thread; the last one frees it */
} line;

enum { CONNECTING, CONNECTED, LOST };
enum { PATIENCE_S = 3 };

static void on_connect(struct mosquitto *m, void *user, int code)
{
    line *l = user;
    if (code) atomic_store(&l->refused, code);
    if (atomic_load(&l->owners) == 1) mosquitto_disconnect(m); /* nobody waits for it any more */
    atomic_store(&l->state, code ? LOST : CONNECTED);
}

static void on_disconnect(struct mosquitto *m, void *user, int code)
{
    (void)m, (void)code;
    atomic_store(&((line *)user)->state, LOST);
}

static void on_publish(struct mosquitto *m, void *user, int number)
{
    (void)m, (void)number;
    atomic_fetch_sub(&((line *)user)->waiting, 1);
}

static void sleep_ms(int ms)
{
    const struct timespec t = { 0, ms * 1000000L };
    nanosleep(&t, NULL);
}

static crl_status refuse(const line *l, int code, crl_error *err)
{
    const crl_mqtt_broker *b = &l->broker;
    const int refused = atomic_load(&l->refused);
    const char *why = refused ? mosquitto_connack_string(refused) : code == MOSQ_ERR_ERRNO ? strerror(atomic_load(&l->reason)) : mosquitto_strerror(code);
    size_t n = strlen(why);
    while (n && why[n - 1] == '.') n--;
    if (refused)
        return lent->fail(
            err, CRL_ERR_IO,
            "MQTT: the broker at %s:%d refuses (%.*s); name and password go before the host: mqtt://name:password@host",
            b->host, b->port, (int)n, why);
    return lent->fail(err, CRL_ERR_IO,
                      "MQTT: no broker answers at %s:%d (%.*s): see whether one runs there, and listens to that port",
                      b->host, b->port, (int)n, why);
}

static void free_line(line *l)
{
    mosquitto_destroy(l->mosquitto);
    lent->free(l);
}

static void *serve(void *of)
{
    line *l = of;
    const int code = mosquitto_connect(l->mosquitto, l->broker.host, l->broker.port, 15);
    if (!code && atomic_load(&l->owners) == 2) mosquitto_loop_forever(l->mosquitto, -1, 1);
    if (code) {
        atomic_store(&l->reason, errno);
        atomic_store(&l->code, code);
        atomic_store(&l->state, LOST);
    }
    if (atomic_fetch_sub(&l->owners, 1) == 1) free_line(l);
    return NULL;
}

static void close_line(void *self)
{
    line *l = self;
    /* Messages that are under way, the last one that nobody is here included, have a moment. */
    for (int i = 0; i < 40 && atomic_load(&l->state) == CONNECTED && atomic_load(&l->waiting) > 0; i++) sleep_ms(10);
    mosquitto_disconnect(l->mosquitto); /* in order: the broker would take silence for the end, and give the last will */
    for (int i = 0; i < 30 && atomic_load(&l->owners) == 2; i++) sleep_ms(10);
    const pthread_t thread = l->thread;
    if (atomic_fetch_sub(&l->owners, 1) == 2) {
        pthread_detach(thread);
        return;
    }
    pthread_join(thread, NULL);
    free_line(l);
}

static crl_status set_up(line *l, crl_error *err)
{
    const crl_mqtt_broker *b = &l->broker;
    int code = mosquitto_will_set(l->mosquitto, b->will_topic, (int)strlen(b->will), b->will, 1, true);
    if (!code && *b->user) code = mosquitto_username_pw_set(l->mosquitto, b->user, *b->password ? b->password : NULL);
    if (!code && b->tls) code = mosquitto_tls_set(l->mosquitto, NULL, "/etc/ssl/certs", NULL, NULL, NULL);
    atomic_store(&l->reason, errno);
    return code ? refuse(l, code, err) : CRL_OK;
}

static crl_status open_line(void **out, const crl_mqtt_broker *b, crl_error *err)
{
    line *l = lent->alloc(sizeof *l);
    *out = NULL;
    if (l) l->mosquitto = mosquitto_new(NULL, true, l);
    if (!l || !l->mosquitto) {
        lent->free(l);
        return lent->fail_memory(err, "MQTT");
    }
    mosquitto_connect_callback_set(l->mosquitto, on_connect);
    mosquitto_disconnect_callback_set(l->mosquitto, on_disconnect);
    mosquitto_publish_callback_set(l->mosquitto, on_publish);
    l->broker = *b;
    clock_gettime(CLOCK_MONOTONIC, &l->until);
    l->until.tv_sec += PATIENCE_S;
    atomic_store(&l->owners, 2);
    crl_status s = set_up(l, err);
    if (!s && mosquitto_threaded_set(l->mosquitto, true)) s = refuse(l, MOSQ_ERR_NOT_SUPPORTED, err);
    if (!s && pthread_create(&l->thread, NULL, serve, l)) s = lent->fail(err, CRL_ERR_MEMORY, "MQTT: the system gives no thread");
    if (s) free_line(l);
    else *out = l;
    return s;
}

static crl_status wait_for_answer(void *self, crl_error *err)
{
    line *l = self;
    struct timespec now;
    for (int i = 0; i < 5 && atomic_load(&l->state) == CONNECTING; i++) sleep_ms(10);
    if (atomic_load(&l->state) == CONNECTED) return CRL_OK;
    clock_gettime(CLOCK_MONOTONIC, &now);
    const bool late = now.tv_sec > l->until.tv_sec || (now.tv_sec == l->until.tv_sec && now.tv_nsec >= l->until.tv_nsec);
    if (atomic_load(&l->state) == CONNECTING && !late) return CRL_ERR_TIMEOUT;
    const int code = atomic_load(&l->code);
    return refuse(l, code ? code : MOSQ_ERR_NO_CONN, err);
}

static crl_status publish(void *self, const char *topic, const void *payload, size_t size, bool retain, crl_error *err)
{
    line *l = self;
    if (atomic_load(&l->state) != CONNECTED) return lent->fail(err, CRL_ERR_IO, "MQTT: the broker has closed the connection");
    atomic_fetch_add(&l->waiting, 1);
    const int code = mosquitto_publish(l->mosquitto, NULL, topic, (int)size, payload, 1, retain);
    if (!code) return CRL_OK;
    atomic_fetch_sub(&l->waiting, 1);
    return lent->fail(err, CRL_ERR_IO, "MQTT: %s: %s", topic, mosquitto_strerror(code));
}

static bool is_up(void *self)
{
    return atomic_load(&((line *)self)->state) == CONNECTED;
}

__attribute__((visibility("default"))) const crl_module *crl_module_open(const crl_host *host);

const crl_module *crl_module_open(const crl_host *host)
{
    static const crl_mqtt mqtt = { .open = open_line, .wait = wait_for_answer, .publish = publish, .is_up = is_up, .close = close_line };
    static const crl_module module = { .abi = CRL_MODULE_ABI, .mqtt = &mqtt };
    lent = host;
    mosquitto_lib_init();
    return &module;
}
