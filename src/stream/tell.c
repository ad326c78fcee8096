/* SPDX-License-Identifier: Apache-2.0 */
/* Views as JSON: the one place where their keys are written (include/corallite/stream.h). */
#include <string.h>

#include "base/error.h"
#include "session/tell.h"
#include "stream/stream.h"

/* In milliseconds, to the microsecond. */
static void put_time(crl_json *w, const char *key, uint64_t ns)
{
    crl_json_put(w, key);
    crl_json_float(w, (float)((double)((ns + 500) / 1000) / 1000.0));
}

static void put_zones(crl_json *w, const crl_view *v, int32_t track)
{
    bool first = true;
    crl_json_put(w, ", \"zones\": [");
    for (int32_t i = 0; i < v->n_areas; i++) {
        if (!(v->zones[track] >> i & 1)) continue;
        if (!first) crl_json_put(w, ", ");
        crl_json_text(w, v->areas[i].name);
        first = false;
    }
    crl_json_put(w, "]");
}

/* {"gate": {"in": 3, "out": 1}, "door": {"in": 2, "out": 1, "now": 1}} */
static void put_areas(crl_json *w, const crl_view *v)
{
    bool first = true;
    crl_json_put(w, ", \"areas\": {");
    for (int32_t i = 0; i < v->n_areas; i++) {
        const crl_area_count *c = &v->areas[i];
        if (c->kind == CRL_AREA_MASK) continue;
        if (!first) crl_json_put(w, ", ");
        crl_json_text(w, c->name);
        crl_json_put(w, ": {\"in\": ");
        crl_json_int(w, c->in);
        crl_json_put(w, ", \"out\": ");
        crl_json_int(w, c->out);
        if (c->kind == CRL_AREA_ZONE) crl_json_put(w, ", \"now\": ");
        if (c->kind == CRL_AREA_ZONE) crl_json_int(w, (uint64_t)c->now);
        crl_json_put(w, "}");
        first = false;
    }
    crl_json_put(w, "}");
}

/* ", "class": {"index": 7, "label": "first aid", "score": 0.98}" */
static void put_kind(crl_json *w, const crl_view *v, const crl_class *kind)
{
    if (kind->index < 0) return;
    crl_json_put(w, ", \"class\": ");
    crl_tell_class(w, 0, kind->index, crl_labels_get(v->kind_labels, kind->index));
    crl_tell_score(w, kind->score);
    crl_json_put(w, "}");
}

static void put_tracks(crl_json *w, const crl_view *v)
{
    for (int32_t i = 0; i < v->n_tracks; i++) {
        const crl_track *t = &v->tracks[i];
        const bool second = v->second_from && t->index >= v->second_from;
        crl_tell_class(w, i, second ? t->index - v->second_from : t->index, crl_labels_get(v->labels, t->index));
        crl_tell_score(w, t->score);
        crl_tell_box(w, &t->box);
        crl_json_put(w, ", \"id\": ");
        crl_json_int(w, t->id);
        if (t->detection < 0) crl_json_put(w, ", \"hidden\": true");
        if (v->second_from) crl_json_put(w, second ? ", \"model\": 2" : ", \"model\": 1");
        if (v->kinds) put_kind(w, v, &v->kinds[i]);
        if (v->n_areas) put_zones(w, v, i);
        crl_json_put(w, "}");
    }
}

static void put_poses(crl_json *w, const crl_view *v)
{
    for (int32_t i = 0; i < v->n_poses; i++) crl_tell_pose(w, i, &v->poses[i]);
}

static void put_classes(crl_json *w, const crl_view *v)
{
    for (int32_t i = 0; i < v->n_classes; i++) {
        const crl_class *c = &v->classes[i];
        crl_tell_class(w, i, c->index, crl_labels_get(v->labels, c->index));
        crl_tell_score(w, c->score);
        crl_json_put(w, "}");
    }
}

static void put_gone(crl_json *w, const crl_view *v)
{
    crl_json_put(w, ", \"gone\": [");
    for (int32_t i = 0; i < v->n_gone; i++) {
        if (i) crl_json_put(w, ", ");
        crl_json_int(w, v->gone[i].id);
    }
    crl_json_put(w, "]");
}

/* {"cup": 3, "pen": 0}: the pictures of what is taught, in the order of its keys */
static void put_lessons(crl_json *w, const crl_view *v)
{
    crl_json_put(w, ", \"lessons\": {");
    for (int32_t i = 0; i < CRL_STREAM_LESSONS && v->lessons[i] >= 0; i++) {
        const char *label = crl_labels_get(v->labels, i);
        if (i) crl_json_put(w, ", ");
        crl_json_text(w, label ? label : "");
        crl_json_put(w, ": ");
        crl_json_int(w, (uint64_t)v->lessons[i]);
    }
    crl_json_put(w, "}");
}

/* Thousandths of a second are what anybody can use; a float would lose them after some hours. */
static void put_seconds(crl_json *w, uint64_t ns)
{
    char text[4];
    const uint64_t ms = (ns + 500000) / 1000000;
    crl_json_int(w, ms / 1000);
    text[0] = (char)('0' + ms % 1000 / 100), text[1] = (char)('0' + ms % 100 / 10), text[2] = (char)('0' + ms % 10), text[3] = 0;
    crl_json_put(w, ".");
    crl_json_put(w, text);
}

crl_status crl_view_json(crl_buffer *b, const crl_view *v)
{
    crl_json w = { .b = b };
    crl_json_put(&w, "{\"frame\": ");
    crl_json_int(&w, v->seen_number);
    crl_json_put(&w, ", \"time\": ");
    put_seconds(&w, v->seen_time_ns);
    crl_json_put(&w, v->purpose == CRL_PURPOSE_POSE ? ", \"poses\": [" : ", \"results\": [");
    if (v->purpose == CRL_PURPOSE_POSE) put_poses(&w, v);
    else if (v->purpose == CRL_PURPOSE_CLASSIFY) put_classes(&w, v);
    else put_tracks(&w, v);
    crl_json_put(&w, "]");
    if (v->purpose == CRL_PURPOSE_DETECT) put_gone(&w, v);
    if (v->n_areas) put_areas(&w, v);
    if (v->lessons) put_lessons(&w, v);
    put_time(&w, ", \"detection_ms\": ", v->input_ns + v->run_ns + v->read_ns);
    put_time(&w, ", \"overlay_ms\": ", v->drawn_ns - v->seen_captured_ns);
    if (v->note) {
        crl_json_put(&w, ", \"note\": ");
        crl_json_text(&w, v->note);
    }
    crl_json_put(&w, "}\n");
    return w.failed ? CRL_ERR_MEMORY : CRL_OK;
}
