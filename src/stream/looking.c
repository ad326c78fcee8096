/* SPDX-License-Identifier: Apache-2.0 */
/* What a stream's models make of a frame: the first, the second, tiles, and the classifier on the boxes of what is there. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "stream/stream.h"
#include "stream/tiles.h"
#include "vision/labels.h"

struct crl_looking {
    crl_tiled *list; /* [n] of `room` */
    crl_detection *found; /* [room] */
    int32_t n, room;
    crl_labels *labels; /* of both detectors, written under the stream's lock; NULL: those of the first are all */
    int32_t offset;     /* of the second one's classes */
    struct named { uint32_t id; crl_class class; } *named; /* [n_named] tracks that the classifier has seen */
    int32_t n_named, named_room;
};

/* ---- making ---- */

static crl_status check_part(crl_session *session, crl_purpose purpose, const char *what, crl_error *err)
{
    crl_recognition r;
    if (crl_session_recognise(session, &r, NULL) || r.fits >> purpose & 1 || !r.fits) return CRL_OK;
    return crl_fail(err, CRL_ERR_UNSUPPORTED, "%s is to be %s, and this model is %s", what,
                    purpose == CRL_PURPOSE_CLASSIFY ? "a classifier" : "a detector",
                    r.what ? r.what : "something else");
}

static crl_status check(const crl_stream_options *o, crl_session *first, crl_error *err)
{
    if (o->tiles_x < 0 || o->tiles_y < 0 || o->tiles_x > CRL_TILES_MOST || o->tiles_y > CRL_TILES_MOST)
        return crl_fail(err, CRL_ERR_ARGUMENT, "%d x %d tiles; up to %d x %d are cut", o->tiles_x, o->tiles_y, CRL_TILES_MOST, CRL_TILES_MOST);
    crl_status s = CRL_OK;
    if (o->second || o->classifier || o->tiles_x > 1 || o->tiles_y > 1)
        s = check_part(first, CRL_PURPOSE_DETECT, "the model whose boxes these are about", err);
    if (!s && o->second) s = check_part(o->second, CRL_PURPOSE_DETECT, "the second model", err);
    if (!s && o->classifier) s = check_part(o->classifier, CRL_PURPOSE_CLASSIFY, "what looks at boxes", err);
    return s;
}

crl_status crl_looking_new(crl_stream *s, const crl_stream_options *o, crl_error *err)
{
    enum { UNNAMED = 256 };
    const crl_labels *own = crl_session_labels(s->session);
    const crl_status status = check(o, s->session, err);
    if (status) return status;
    s->looking = crl_alloc(sizeof *s->looking);
    if (!s->looking) return crl_fail_memory(err, "a stream");
    /* Behind those that the first detector has names for, and one more: the first frame may show that they begin with 1. */
    if (o->second) s->looking->offset = own ? crl_labels_end(own) + 1 : UNNAMED;
    return CRL_OK;
}

void crl_looking_free(crl_looking *l)
{
    if (!l) return;
    crl_free(l->list);
    crl_free(l->found);
    crl_free(l->named);
    crl_labels_free(l->labels);
    crl_free(l);
}

int32_t crl_stream_second_from(const crl_stream *s)
{
    return s->looking->offset;
}

const crl_labels *crl_stream_labels(const crl_stream *s)
{
    if (s->options.teacher) return s->options.teacher->labels;
    return s->looking->labels ? s->looking->labels : crl_session_labels(s->session);
}

/* After the first frame, which may have put labels right. */
static crl_status join_labels(crl_stream *s, crl_error *err)
{
    crl_looking *l = s->looking;
    crl_labels *both;
    if (l->labels) return CRL_OK;
    const crl_status status = crl_labels_join(&both, crl_session_labels(s->session), crl_session_labels(s->options.second), l->offset, err);
    if (status) return status;
    pthread_mutex_lock(&s->lock);
    l->labels = both;
    pthread_mutex_unlock(&s->lock);
    return CRL_OK;
}

/* ---- detectors ---- */

static bool make_room(crl_looking *l, int32_t more)
{
    if (l->n + more <= l->room) return true;
    const int32_t room = 2 * (l->n + more);
    crl_tiled *list = crl_alloc_array((size_t)room, sizeof *list);
    crl_detection *found = crl_alloc_array((size_t)room, sizeof *found);
    if (!list || !found) {
        crl_free(list);
        crl_free(found);
        return false;
    }
    if (l->n) memcpy(list, l->list, (size_t)l->n * sizeof *list);
    crl_free(l->list);
    crl_free(l->found);
    l->list = list, l->found = found, l->room = room;
    return true;
}

static void add_times(crl_seen *w, const crl_results *r)
{
    w->input_ns += r->input_ns, w->run_ns += r->run_ns, w->read_ns += r->read_ns;
}

/* Adds what a detector finds in a part of the frame; its classes are `offset` higher. */
static crl_status add_part(crl_stream *s, crl_session *session, const crl_grab *grab, const crl_box *part, int32_t offset, crl_error *err)
{
    crl_looking *l = s->looking;
    const crl_results *r;
    const crl_status status = crl_session_run_part(session, &grab->format, &grab->frame, part, &r, err);
    if (status) return status;
    add_times(&s->working, r);
    if (!make_room(l, r->n_detections)) return crl_fail_memory(err, "detections");
    for (int32_t i = 0; i < r->n_detections; i++) {
        crl_detection d = r->detections[i];
        d.index += offset;
        d.box = (crl_box){ d.box.x0 + part->x0, d.box.y0 + part->y0, d.box.x1 + part->x0, d.box.y1 + part->y0 };
        l->list[l->n++] = (crl_tiled){ .detection = d, .cut = crl_tile_cuts(part, &d.box, grab->format.width, grab->format.height) };
    }
    return CRL_OK;
}

static crl_status add_model(crl_stream *s, crl_session *session, const crl_grab *grab, int32_t offset, crl_error *err)
{
    const int32_t width = grab->format.width, height = grab->format.height;
    const int32_t nx = s->options.tiles_x > 1 ? s->options.tiles_x : 1, ny = s->options.tiles_y > 1 ? s->options.tiles_y : 1;
    const crl_box whole = { 0, 0, (float)width, (float)height };
    crl_status status = add_part(s, session, grab, &whole, offset, err);
    for (int32_t i = 0; nx * ny > 1 && i < nx * ny && !status; i++) {
        const crl_box tile = crl_tile_at(width, height, nx, ny, i);
        status = add_part(s, session, grab, &tile, offset, err);
    }
    return status;
}

crl_status crl_stream_look(crl_stream *s, const crl_grab *grab, crl_results *out, crl_error *err)
{
    crl_looking *l = s->looking;
    const crl_results *r;
    const bool tiled = s->options.tiles_x > 1 || s->options.tiles_y > 1;
    s->working.input_ns = s->working.run_ns = s->working.read_ns = 0;
    if (!tiled && !s->options.second) {
        const crl_status status = crl_session_run_frame(s->session, &grab->format, &grab->frame, &r, err);
        if (status) return status;
        add_times(&s->working, r);
        *out = *r;
        return CRL_OK;
    }
    l->n = 0;
    crl_status status = add_model(s, s->session, grab, 0, err);
    if (!status && s->options.second) status = add_model(s, s->options.second, grab, l->offset, err);
    if (!status && s->options.second) status = join_labels(s, err);
    if (status) return status;
    if (tiled) l->n = crl_tiles_merge(l->list, l->n);
    for (int32_t i = 0; i < l->n; i++) l->found[i] = l->list[i].detection;
    *out = (crl_results){ .purpose = CRL_PURPOSE_DETECT, .detections = l->found, .n_detections = l->n };
    return CRL_OK;
}

/* ---- the classifier ---- */

/* The box in whole pixels, those at its edges too, as far as it is in the frame. false: nothing of it is. */
static bool part_of(const crl_box *box, const crl_frame_format *f, crl_box *part)
{
    *part = (crl_box){ fmaxf(floorf(box->x0), 0), fmaxf(floorf(box->y0), 0), fminf(ceilf(box->x1), (float)f->width),
                       fminf(ceilf(box->y1), (float)f->height) };
    return part->x1 > part->x0 && part->y1 > part->y0;
}

static crl_class *find_named(crl_looking *l, uint32_t id)
{
    for (int32_t i = 0; i < l->n_named; i++)
        if (l->named[i].id == id) return &l->named[i].class;
    return NULL;
}

/* Forgets tracks that are no longer there, and makes room for all that are. */
static bool update_named(crl_looking *l, const crl_seen *w)
{
    int32_t n = 0;
    for (int32_t i = 0; i < l->n_named; i++) {
        bool there = false;
        for (int32_t k = 0; k < w->n_tracks && !there; k++) there = w->tracks[k].id == l->named[i].id;
        if (there) l->named[n++] = l->named[i];
    }
    l->n_named = n;
    if (w->n_tracks <= l->named_room) return true;
    struct named *larger = crl_alloc_array((size_t)w->n_tracks, sizeof *larger);
    if (!larger) return false;
    if (n) memcpy(larger, l->named, (size_t)n * sizeof *larger);
    crl_free(l->named);
    l->named = larger, l->named_room = w->n_tracks;
    return true;
}

static crl_status classify(crl_stream *s, const crl_grab *grab, const crl_track *t, crl_class *out, crl_error *err)
{
    const crl_results *r;
    crl_box part;
    if (t->detection < 0 || !part_of(&t->box, &grab->format, &part)) return CRL_OK; /* it is what it was */
    const crl_status status = crl_session_run_part(s->options.classifier, &grab->format, &grab->frame, &part, &r, err);
    if (status) return status;
    add_times(&s->working, r);
    *out = r->n_classes ? r->classes[0] : (crl_class){ .index = -1 };
    return CRL_OK;
}

crl_status crl_stream_name(crl_stream *s, const crl_grab *grab, crl_class *kinds, crl_error *err)
{
    crl_looking *l = s->looking;
    crl_seen *w = &s->working;
    if (!update_named(l, w)) return crl_fail_memory(err, "classes");
    for (int32_t i = 0; i < w->n_tracks; i++) {
        crl_class *known = find_named(l, w->tracks[i].id);
        if (!known) {
            l->named[l->n_named++] = (struct named){ w->tracks[i].id, { .index = -1 } };
            known = &l->named[l->n_named - 1].class;
        }
        const crl_status status = classify(s, grab, &w->tracks[i], known, err);
        if (status) return status;
        kinds[i] = *known;
    }
    return CRL_OK;
}
