/* SPDX-License-Identifier: Apache-2.0 */
/* The module of libmosquitto: how messages get to a broker. What they say is stream/events.h's. */
#include <errno.h>
#include <mosquitto.h>
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
} line;

enum { CONNECTING, CONNECTED, LOST };

static void on_connect(struct mosquitto *m, void *user, int code)
{
    (void)m;
    line *l = user;
    if (code) atomic_store(&l->refused, code);
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

static crl_status refuse(const line *l, const crl_mqtt_broker *b, int code, crl_error *err)
{
    const int refused = atomic_load(&l->refused);
    const char *why = refused ? mosquitto_connack_string(refused) : code == MOSQ_ERR_ERRNO ? strerror(errno) : mosquitto_strerror(code);
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

static void close_line(void *self)
{
    line *l = self;
    /* Messages that are under way, the last one that nobody is here included, have a moment. */
    for (int i = 0; i < 40 && atomic_load(&l->state) == CONNECTED && atomic_load(&l->waiting) > 0; i++) sleep_ms(10);
    mosquitto_disconnect(l->mosquitto);
    mosquitto_loop_stop(l->mosquitto, false); /* not by force: the broker would take silence for the end, and give the last will */
    mosquitto_destroy(l->mosquitto);
    lent->free(l);
}

static crl_status set_up(line *l, const crl_mqtt_broker *b, crl_error *err)
{
    int code = mosquitto_will_set(l->mosquitto, b->will_topic, (int)strlen(b->will), b->will, 1, true);
    if (!code && *b->user) code = mosquitto_username_pw_set(l->mosquitto, b->user, *b->password ? b->password : NULL);
    if (!code && b->tls) code = mosquitto_tls_set(l->mosquitto, NULL, "/etc/ssl/certs", NULL, NULL, NULL);
    return code ? refuse(l, b, code, err) : CRL_OK;
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
    crl_status s = set_up(l, b, err);
    int code = s ? 0 : mosquitto_connect(l->mosquitto, b->host, b->port, 15);
    if (!s && !code) code = mosquitto_loop_start(l->mosquitto);
    for (int i = 0; !s && !code && i < 300 && atomic_load(&l->state) == CONNECTING; i++) sleep_ms(10);
    if (!s && (code || atomic_load(&l->state) != CONNECTED)) s = refuse(l, b, code ? code : MOSQ_ERR_NO_CONN, err);
    if (s) close_line(l);
    else *out = l;
    return s;
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
    static const crl_mqtt mqtt = { .open = open_line, .publish = publish, .is_up = is_up, .close = close_line };
    static const crl_module module = { .abi = CRL_MODULE_ABI, .mqtt = &mqtt };
    lent = host;
    mosquitto_lib_init();
    return &module;
}
