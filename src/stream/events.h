/* SPDX-License-Identifier: Apache-2.0 */
/* What happens, as messages for others: a thing comes, is still there, goes. Topics and keys are those of Frigate, which home
 * automation knows, and Home Assistant is told what there is by its discovery. Who carries the messages is not known here.
 *
 *   PREFIX/available          online, offline; PREFIX/CAMERA/available where it is one of several
 *   PREFIX/events             {"type": "new" | "update" | "end", "before": {..}, "after": {..}}
 *   PREFIX/CAMERA/LABEL, ../all   how many are there now
 *   DISCOVERY/sensor/.., DISCOVERY/binary_sensor/..   for Home Assistant, once for each label
 *
 * Sources  https://docs.frigate.video/integrations/mqtt, https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery */
#ifndef CRL_STREAM_EVENTS_H
#define CRL_STREAM_EVENTS_H

#include <corallite/stream.h>

#include "base/buffer.h"

enum { CRL_EVENTS_MOST = 256, CRL_EVENTS_LABELS = 512, CRL_TOPIC = 256 };

/* A thing that is there. */
typedef struct crl_known {
    uint32_t id;
    crl_track track; /* as it was last */
    char kind[64];   /* what the classifier says of it; empty: nothing */
    float kind_score;
    float top_score;
    uint32_t zones, entered;  /* bits: in which it is, in which it was */
    double start, seen, told; /* seconds since 1970; told: in an event */
    bool here;                /* in this view */
} crl_known;

typedef struct crl_events {
    char prefix[64], discovery[64], camera[64]; /* as in topics; an empty discovery: none */
    bool one_of_several;          /* its availability is its own */
    double began;                 /* stands in ids, so that those of two runs differ */
    crl_known known[CRL_EVENTS_MOST];
    int32_t n_known;
    int32_t count[CRL_EVENTS_LABELS]; /* that was told, of each class; -1: nothing yet */
    char zones[32][48];           /* names of areas */
    int32_t n_zones;
    int32_t all;                  /* the same of all together */
    crl_buffer payload;
    const crl_labels *labels;     /* of the last view */
    crl_status (*publish)(void *user, const char *topic, const void *payload, size_t size, bool retain, crl_error *err);
    void *user;
} crl_events;

/* Sets what is not known yet; `publish` and `one_of_several` are the caller's to set. Blanks and what means something
 * in topics become underscores. */
void crl_events_init(crl_events *e, const char *prefix, const char *camera, const char *discovery);
void crl_events_fini(crl_events *e);
/* After each connection: that it is there, and what there is. */
crl_status crl_events_begin(crl_events *e, crl_error *err);
crl_status crl_events_view(crl_events *e, const crl_view *v, crl_error *err);
/* Ends what is there, and says that nobody is. */
crl_status crl_events_end(crl_events *e, crl_error *err);
/* Of the last will. */
void crl_events_available(const crl_events *e, char topic[CRL_TOPIC]);

#endif
