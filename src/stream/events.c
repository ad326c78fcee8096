/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of what happens: see events.h. */
#include "stream/events.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <corallite/version.h>

#include "base/error.h"
#include "base/json.h"
#include "stream/stream.h"

/* A thing that stays is told of so often; one that nothing was heard of for so long has gone. Seconds. */
#define UPDATE 1.0
#define FORGET 10.0

/* ---- words ---- */

/* A level of a topic: no wildcards, no slashes, no blanks. */
static void tame(char *to, size_t room, const char *from, bool levels)
{
    size_t n = 0;
    for (; *from && n + 1 < room; from++) {
        const unsigned char c = (unsigned char)*from;
        to[n++] = (c == '/' && !levels) || c <= ' ' || c == '+' || c == '#' || c == 0x7f ? '_' : (char)c;
    }
    to[n] = 0;
}

static void label_of(const crl_labels *labels, int32_t index, char buf[64])
{
    const char *label = crl_labels_get(labels, index);
    if (label) snprintf(buf, 64, "%s", label);
    else snprintf(buf, 64, "class %d", index);
}

/* Home Assistant's ids are letters, digits, and underscores. */
static void id_of(char *to, size_t room, const char *from)
{
    size_t n = 0;
    for (; *from && n + 1 < room; from++) {
        const char c = *from;
        to[n++] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? c : '_';
    }
    to[n] = 0;
}

void crl_events_available(const crl_events *e, char topic[CRL_TOPIC])
{
    snprintf(topic, CRL_TOPIC, "%s%s%s/available", e->prefix, e->one_of_several ? "/" : "", e->one_of_several ? e->camera : "");
}

static crl_status publish_text(crl_events *e, const char *topic, const char *text, crl_error *err)
{
    return e->publish(e->user, topic, text, strlen(text), true, err);
}

static crl_status publish_payload(crl_events *e, const char *topic, const crl_json *w, bool retain, crl_error *err)
{
    if (w->failed) return crl_fail_memory(err, "a message");
    return e->publish(e->user, topic, e->payload.data, e->payload.size, retain, err);
}

static void put_number(crl_json *w, const char *key, double value, int digits)
{
    char text[48];
    snprintf(text, sizeof text, "%.*f", digits, value);
    char *comma = strchr(text, ','); /* of some locales */
    if (comma) *comma = '.';
    crl_json_put(w, key);
    crl_json_put(w, text);
}

static double wall_clock(uint64_t ns)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9 - (double)(crl_stream_now() - ns) / 1e9;
}

/* ---- discovery ---- */

static void put_member(crl_json *w, const char *key, const char *text)
{
    crl_json_put(w, key);
    crl_json_text(w, text);
}

/* A number of things, or whether there is any. `label` is "all" for all of them. */
static crl_status discover(crl_events *e, const char *label, bool binary, crl_error *err)
{
    char topic[CRL_TOPIC], state[CRL_TOPIC], available[CRL_TOPIC], level[64], camera[64], object[64], unique[160], name[160];
    crl_json w = { .b = &e->payload };
    if (!*e->discovery) return CRL_OK;
    tame(level, sizeof level, label, false);
    id_of(camera, sizeof camera, e->camera);
    id_of(object, sizeof object, label);
    crl_events_available(e, available);
    snprintf(topic, sizeof topic, "%s/%s/corallite_%s/%s/config", e->discovery, binary ? "binary_sensor" : "sensor", camera, object);
    snprintf(state, sizeof state, "%s/%s/%s", e->prefix, e->camera, level);
    snprintf(unique, sizeof unique, "corallite_%s_%s_%s", camera, object, binary ? "occupancy" : "count");
    snprintf(name, sizeof name, "%s %s", label, binary ? "there" : "count");
    e->payload.size = 0;
    put_member(&w, "{\"name\": ", name);
    put_member(&w, ", \"unique_id\": ", unique);
    put_member(&w, ", \"object_id\": ", unique);
    put_member(&w, ", \"state_topic\": ", state);
    put_member(&w, ", \"availability_topic\": ", available);
    crl_json_put(&w, ", \"payload_available\": \"online\", \"payload_not_available\": \"offline\"");
    if (binary) crl_json_put(&w, ", \"value_template\": \"{{ 'ON' if value | int(0) > 0 else 'OFF' }}\", \"device_class\": \"occupancy\"");
    else crl_json_put(&w, ", \"state_class\": \"measurement\", \"unit_of_measurement\": \"objects\", \"icon\": \"mdi:counter\"");
    snprintf(unique, sizeof unique, "corallite_%s", camera);
    put_member(&w, ", \"device\": {\"identifiers\": [", unique);
    put_member(&w, "], \"name\": ", e->camera);
    put_member(&w, ", \"manufacturer\": \"Corallite\", \"model\": \"watch\", \"sw_version\": ", crl_version());
    crl_json_put(&w, "}}");
    return publish_payload(e, topic, &w, true, err);
}

static crl_status discover_both(crl_events *e, const char *label, crl_error *err)
{
    const crl_status s = discover(e, label, false, err);
    return s ? s : discover(e, label, true, err);
}

/* ---- counts ---- */

static crl_status tell_count(crl_events *e, const char *label, int32_t n, crl_error *err)
{
    char topic[CRL_TOPIC], level[64], text[16];
    tame(level, sizeof level, label, false);
    snprintf(topic, sizeof topic, "%s/%s/%s", e->prefix, e->camera, level);
    snprintf(text, sizeof text, "%d", n);
    return publish_text(e, topic, text, err);
}

/* Those that changed; a label is made known when its first thing comes. */
static crl_status tell_counts(crl_events *e, const crl_labels *labels, crl_error *err)
{
    static const int32_t none[CRL_EVENTS_LABELS];
    int32_t now[CRL_EVENTS_LABELS];
    memcpy(now, none, sizeof now);
    crl_status s = CRL_OK;
    for (int32_t i = 0; i < e->n_known; i++)
        if (e->known[i].track.index >= 0 && e->known[i].track.index < CRL_EVENTS_LABELS) now[e->known[i].track.index]++;
    for (int32_t k = 0; k < CRL_EVENTS_LABELS && !s; k++) {
        char label[64];
        if (e->count[k] == now[k] || (e->count[k] < 0 && !now[k])) continue;
        label_of(labels, k, label);
        if (e->count[k] < 0) s = discover_both(e, label, err);
        if (!s) s = tell_count(e, label, now[k], err);
        if (!s) e->count[k] = now[k];
    }
    if (!s && e->all != e->n_known) {
        s = tell_count(e, "all", e->n_known, err);
        if (!s) e->all = e->n_known;
    }
    return s;
}

/* ---- events ---- */

static void put_zones(crl_json *w, const crl_events *e, const char *key, uint32_t bits)
{
    bool first = true;
    crl_json_put(w, key);
    for (int32_t i = 0; i < e->n_zones; i++) {
        if (!(bits >> i & 1)) continue;
        if (!first) crl_json_put(w, ", ");
        crl_json_text(w, e->zones[i]);
        first = false;
    }
    crl_json_put(w, "]");
}

static void put_thing(crl_json *w, const crl_events *e, const crl_known *k, const crl_labels *labels, bool over)
{
    char text[96], label[64];
    const crl_box *b = &k->track.box;
    const double width = fmax((double)b->x1 - b->x0, 0), height = fmax((double)b->y1 - b->y0, 0);
    label_of(labels, k->track.index, label);
    snprintf(text, sizeof text, "%.0f-%u", e->began, (unsigned)k->id);
    put_member(w, "{\"id\": ", text);
    put_member(w, ", \"camera\": ", e->camera);
    put_number(w, ", \"frame_time\": ", k->seen, 3);
    put_member(w, ", \"label\": ", label);
    if (*k->kind) {
        put_member(w, ", \"sub_label\": [", k->kind);
        put_number(w, ", ", (double)k->kind_score, 4);
    }
    put_number(w, *k->kind ? "], \"top_score\": " : ", \"sub_label\": null, \"top_score\": ", (double)k->top_score, 4);
    put_number(w, ", \"false_positive\": false, \"start_time\": ", k->start, 3);
    if (over) put_number(w, ", \"end_time\": ", k->seen, 3);
    else crl_json_put(w, ", \"end_time\": null");
    put_number(w, ", \"score\": ", (double)k->track.score, 4);
    put_number(w, ", \"box\": [", floor((double)b->x0), 0);
    put_number(w, ", ", floor((double)b->y0), 0);
    put_number(w, ", ", ceil((double)b->x1), 0);
    put_number(w, ", ", ceil((double)b->y1), 0);
    put_number(w, "], \"area\": ", width * height, 0);
    put_number(w, ", \"ratio\": ", height > 0 ? width / height : 0, 2);
    put_zones(w, e, ", \"current_zones\": [", k->zones);
    put_zones(w, e, ", \"entered_zones\": [", k->entered);
    crl_json_put(w, ", \"active\": true, \"stationary\": false, \"has_clip\": false, \"has_snapshot\": false}");
}

static crl_status tell(crl_events *e, const char *type, const crl_known *before, const crl_known *after, const crl_labels *labels, crl_error *err)
{
    char topic[CRL_TOPIC];
    crl_json w = { .b = &e->payload };
    e->payload.size = 0;
    put_member(&w, "{\"type\": ", type);
    crl_json_put(&w, ", \"before\": ");
    put_thing(&w, e, before, labels, false);
    crl_json_put(&w, ", \"after\": ");
    put_thing(&w, e, after, labels, !strcmp(type, "end"));
    crl_json_put(&w, "}");
    snprintf(topic, sizeof topic, "%s/events", e->prefix);
    return publish_payload(e, topic, &w, false, err);
}

static crl_known *find(crl_events *e, uint32_t id)
{
    for (int32_t i = 0; i < e->n_known; i++)
        if (e->known[i].id == id) return &e->known[i];
    return NULL;
}

/* True: it is another kind of thing now. */
static bool set_kind(crl_known *k, const crl_view *v, int32_t track)
{
    char before[sizeof k->kind];
    memcpy(before, k->kind, sizeof before);
    *k->kind = 0;
    if (!v->kinds || v->kinds[track].index < 0) return *before != 0;
    label_of(v->kind_labels, v->kinds[track].index, k->kind);
    k->kind_score = v->kinds[track].score;
    return strcmp(before, k->kind) != 0;
}

static crl_status see(crl_events *e, const crl_view *v, int32_t track, double now, crl_error *err)
{
    const crl_track *t = &v->tracks[track];
    const uint32_t zones = v->zones ? v->zones[track] : 0;
    crl_known *k = find(e, t->id);
    if (!k && (t->detection < 0 || e->n_known == CRL_EVENTS_MOST)) return CRL_OK;
    const bool is_new = !k;
    if (is_new) {
        k = &e->known[e->n_known++];
        *k = (crl_known){ .id = t->id, .start = now, .top_score = t->score };
    }
    const crl_known before = is_new ? (crl_known){ .id = t->id, .track = *t, .start = now, .seen = now, .top_score = t->score } : *k;
    k->here = true;
    const bool is_other = set_kind(k, v, track);
    const bool moved = k->zones != zones || is_other; /* from zone to zone: that is told at once */
    k->zones = zones;
    k->entered |= zones;
    k->track = *t;
    if (t->detection >= 0) k->seen = now;
    k->top_score = fmaxf(k->top_score, t->score);
    if (!is_new && !moved && now - k->told < UPDATE) return CRL_OK;
    k->told = now;
    return tell(e, is_new ? "new" : "update", &before, k, v->labels, err);
}

static crl_status lose(crl_events *e, crl_known *k, const crl_labels *labels, crl_error *err)
{
    const crl_known last = *k;
    *k = e->known[--e->n_known];
    return tell(e, "end", &last, &last, labels, err);
}

crl_status crl_events_view(crl_events *e, const crl_view *v, crl_error *err)
{
    if (!v->fresh || v->purpose != CRL_PURPOSE_DETECT) return CRL_OK;
    const double now = wall_clock(v->seen_captured_ns);
    e->labels = v->labels;
    e->n_zones = v->n_areas;
    for (int32_t i = 0; i < v->n_areas && i < 32; i++) snprintf(e->zones[i], sizeof e->zones[i], "%s", v->areas[i].name);
    crl_status s = CRL_OK;
    for (int32_t i = 0; i < e->n_known; i++) e->known[i].here = false;
    for (int32_t i = 0; i < v->n_tracks && !s; i++) s = see(e, v, i, now, err);
    for (int32_t i = 0; i < v->n_gone && !s; i++) {
        crl_known *k = find(e, v->gone[i].id);
        if (k) s = lose(e, k, v->labels, err);
    }
    /* Of those that fell out with a view that was not delivered, or with another threshold, nobody says that they have gone. */
    for (int32_t i = e->n_known; i-- > 0 && !s;)
        if (!e->known[i].here && now - e->known[i].seen > FORGET) s = lose(e, &e->known[i], v->labels, err);
    return s ? s : tell_counts(e, v->labels, err);
}

/* ---- from the beginning to the end ---- */

void crl_events_init(crl_events *e, const char *prefix, const char *camera, const char *discovery)
{
    *e = (crl_events){ .all = -1, .began = floor(wall_clock(crl_stream_now())) };
    tame(e->prefix, sizeof e->prefix, prefix, true);
    tame(e->camera, sizeof e->camera, camera, false);
    tame(e->discovery, sizeof e->discovery, discovery, true);
    for (int32_t i = 0; i < CRL_EVENTS_LABELS; i++) e->count[i] = -1;
}

void crl_events_fini(crl_events *e)
{
    crl_buffer_fini(&e->payload);
}

crl_status crl_events_begin(crl_events *e, crl_error *err)
{
    char topic[CRL_TOPIC];
    crl_events_available(e, topic);
    e->all = -1; /* the broker may have forgotten */
    for (int32_t i = 0; i < CRL_EVENTS_LABELS; i++) e->count[i] = -1;
    const crl_status s = publish_text(e, topic, "online", err);
    return s ? s : discover_both(e, "all", err);
}

crl_status crl_events_end(crl_events *e, crl_error *err)
{
    char topic[CRL_TOPIC];
    crl_status s = CRL_OK;
    while (e->n_known && !s) s = lose(e, &e->known[e->n_known - 1], e->labels, err);
    if (!s) s = tell_counts(e, e->labels, err);
    crl_events_available(e, topic);
    return s ? s : publish_text(e, topic, "offline", err);
}
