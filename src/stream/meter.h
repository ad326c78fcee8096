/* SPDX-License-Identifier: Apache-2.0 */
/* Frames per second and latencies, as people read them: of the last few frames, not since the start. */
#ifndef CRL_STREAM_METER_H
#define CRL_STREAM_METER_H

#include <corallite/stream.h>

enum { CRL_METER_FRAMES = 15, CRL_METER_LATENCIES = 512 };

typedef struct crl_latencies {
    float ms[CRL_METER_LATENCIES];
    uint64_t n; /* that came; the newest stand in the ring */
} crl_latencies;

typedef struct crl_meter {
    uint64_t began_ns;  /* when the views that are counted now began: the one before them was played; 0: none was */
    int views, detections;
    double detection_ms; /* of those detections, their sum */
    crl_latencies latency, overlay;
} crl_meter;

void crl_meter_detected(crl_meter *m, double ms);
/* A frame was played. true: it was the last of 15, and the counts have new numbers. */
bool crl_meter_played(crl_meter *m, uint64_t now_ns, crl_stream_counts *counts);
/* The time begins anew: between two frames there was none. */
void crl_meter_pause(crl_meter *m);
void crl_latencies_add(crl_latencies *l, double ms);
/* What a share of them does not exceed; 0 where there are none. */
double crl_latencies_share(const crl_latencies *l, double share);

#endif
