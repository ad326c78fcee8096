/* SPDX-License-Identifier: Apache-2.0 */
/* The sink that tells a broker what happens: events.h over a line of a module. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "stream/events.h"
#include "stream/module.h"

typedef struct mqtt_sink {
    const crl_mqtt *mqtt;
    crl_mqtt_broker broker;
    void *line; /* NULL: there is none */
    crl_events events;
    char available[CRL_TOPIC];
} mqtt_sink;

/* ---- addresses ---- */

/* mqtt://name:password@host:port/prefix; all but the host may be left out. */
static crl_status parse(crl_mqtt_broker *b, char *prefix, size_t room, const char *url, crl_error *err)
{
    crl_address a;
    const char *rest = url;
    if (!strncmp(rest, "mqtts://", 8)) b->tls = true, rest += 8;
    else if (!strncmp(rest, "mqtt://", 7)) rest += 7;
    else if (strstr(rest, "://")) return crl_fail(err, CRL_ERR_ARGUMENT, "%s: mqtt:// or mqtts:// is expected", url);
    /* A password is nobody's business. */
    if (!crl_address_parse(&a, rest, b->tls ? 8883 : 1883, false))
        return crl_fail(err, CRL_ERR_ARGUMENT, "no address of a broker; mqtt://name:password@host:port/topic is one, of which the host is enough");
    memcpy(b->host, a.host, sizeof b->host);
    memcpy(b->user, a.user, sizeof b->user);
    memcpy(b->password, a.password, sizeof b->password);
    b->port = a.port;
    snprintf(prefix, room, "%.60s", *a.path ? a.path : "corallite");
    return CRL_OK;
}

/* ---- the sink ---- */

static crl_status start(void *self, crl_error *err)
{
    mqtt_sink *m = self;
    crl_status s = m->line ? CRL_OK : m->mqtt->open(&m->line, &m->broker, err);
    if (!s) s = m->mqtt->wait(m->line, err);
    if (s == CRL_ERR_TIMEOUT) return s;
    if (s) {
        if (m->line) m->mqtt->close(m->line);
        m->line = NULL;
        return s;
    }
    m->events.user = m->line;
    return crl_events_begin(&m->events, err);
}

static crl_status check_line(mqtt_sink *m, crl_error *err)
{
    return m->mqtt->is_up(m->line) ? CRL_OK : crl_fail(err, CRL_ERR_IO, "MQTT: the broker at %s:%d has gone", m->broker.host, m->broker.port);
}

static crl_status show(void *self, const crl_view *view, crl_error *err)
{
    mqtt_sink *m = self;
    const crl_status s = check_line(m, err);
    return s ? s : crl_events_view(&m->events, view, err);
}

static crl_status idle(void *self, crl_error *err)
{
    return check_line(self, err);
}

static crl_status stop(void *self, crl_error *err)
{
    mqtt_sink *m = self;
    if (!m->line) return CRL_OK;
    /* A line that is down gets no farewell: the broker gives the last will. What is there stays known for the next line. */
    const crl_status s = m->mqtt->is_up(m->line) ? crl_events_end(&m->events, err) : CRL_OK;
    m->mqtt->close(m->line);
    m->line = NULL;
    return s;
}

static void free_mqtt(void *self)
{
    mqtt_sink *m = self;
    if (m->line) m->mqtt->close(m->line);
    crl_events_fini(&m->events);
    crl_free(m);
}

crl_status crl_sink_mqtt(crl_sink *out, const crl_mqtt_options *o, crl_error *err)
{
    static const crl_sink_type type = { .kind = "MQTT",
                                        .returns = true,
                                        .queue = 32,
                                        .start = start,
                                        .show = show,
                                        .idle = idle,
                                        .stop = stop,
                                        .free = free_mqtt };
    const crl_module *module;
    char prefix[64];
    *out = (crl_sink){ 0 };
    crl_status s = crl_check_reserved(o->reserved, sizeof o->reserved / sizeof *o->reserved, "crl_mqtt_options", err);
    mqtt_sink *m = s ? NULL : crl_alloc(sizeof *m);
    if (!m) return s ? s : crl_fail_memory(err, "MQTT");
    s = parse(&m->broker, prefix, sizeof prefix, o->broker, err);
    if (!s) s = crl_module_load(&module, "mqtt", "brokers", "libmosquitto1", err);
    if (s) {
        crl_free(m);
        return s;
    }
    m->mqtt = module->mqtt;
    crl_events_init(&m->events, prefix, o->camera ? o->camera : "camera", o->discovery ? o->discovery : "homeassistant");
    m->events.publish = m->mqtt->publish;
    m->events.one_of_several = o->one_of_several;
    crl_events_available(&m->events, m->available);
    m->broker.will_topic = m->available, m->broker.will = "offline";
    *out = (crl_sink){ .type = &type, .self = m };
    return CRL_OK;
}
