/* SPDX-License-Identifier: Apache-2.0 */
/* Frames per second and latencies: see meter.h. */
#include "stream/meter.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void crl_latencies_add(crl_latencies *l, double ms)
{
    l->ms[l->n++ % CRL_METER_LATENCIES] = (float)ms;
}

static int by_size(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

double crl_latencies_share(const crl_latencies *l, double share)
{
    float sorted[CRL_METER_LATENCIES];
    const size_t n = l->n < CRL_METER_LATENCIES ? (size_t)l->n : CRL_METER_LATENCIES;
    if (!n) return 0;
    memcpy(sorted, l->ms, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_size);
    return sorted[(size_t)fmin(ceil(share * (double)n), (double)n) - (share > 0)];
}

void crl_meter_detected(crl_meter *m, double ms)
{
    m->detections++;
    m->detection_ms += ms;
}

static void begin(crl_meter *m, uint64_t now_ns)
{
    m->began_ns = now_ns;
    m->views = m->detections = 0;
    m->detection_ms = 0;
}

bool crl_meter_played(crl_meter *m, uint64_t now_ns, crl_stream_counts *c)
{
    if (!m->began_ns) {
        begin(m, now_ns);
        return false;
    }
    if (++m->views < CRL_METER_FRAMES) return false;
    const double seconds = (double)(now_ns - m->began_ns) / 1e9;
    c->playback_fps = seconds > 0 ? m->views / seconds : 0;
    c->detection_fps = seconds > 0 ? m->detections / seconds : 0;
    c->detection_ms = m->detections ? m->detection_ms / m->detections : 0;
    c->latency_ms = crl_latencies_share(&m->latency, 0.5);
    c->overlay_ms = crl_latencies_share(&m->overlay, 0.5);
    c->overlay_p90_ms = crl_latencies_share(&m->overlay, 0.9);
    begin(m, now_ns);
    return true;
}

void crl_meter_pause(crl_meter *m)
{
    m->began_ns = 0;
}
