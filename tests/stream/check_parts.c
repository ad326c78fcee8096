/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks, averages, and the line of JSON. */
#include <math.h>
#include <string.h>

#include "checks.h"
#include "stream/stream.h"

void check_blocks(check *t, unsigned cpu)
{
    (void)cpu;
    crl_blocks b;
    crl_blocks_init(&b);
    char *one = crl_blocks_take(&b, 1000), *two = crl_blocks_take(&b, 1000);
    if (!check_that(t, one && two && one != two && (uintptr_t)one % 64 == 0, "two blocks")) return;
    memset(one, 1, 1000);
    crl_blocks_give(&b, one);
    check_that(t, crl_blocks_take(&b, 1000) == one, "a block was not used again");
    char *other = crl_blocks_take(&b, 2000);
    crl_blocks_give(&b, two); /* of a size that is not wanted any more */
    crl_blocks_give(&b, other);
    check_that(t, crl_blocks_take(&b, 2000) == other, "the other one neither");
    crl_blocks_give(&b, one);
    crl_blocks_give(&b, other);
    crl_blocks_give(&b, NULL);
    crl_blocks_fini(&b);
}

void check_meter(check *t, unsigned cpu)
{
    (void)cpu;
    crl_meter m = { 0 };
    crl_stream_counts c = { 0 };
    uint64_t now = 1000000000;
    int full = 0;
    for (int i = 0; i <= 30; i++, now += 40000000) {
        if (i % 2) crl_meter_detected(&m, 7.5);
        crl_latencies_add(&m.overlay, i < 15 ? 50 : 10 + i % 3);
        full += crl_meter_played(&m, now, &c);
    }
    check_that(t, full == 2, "%d times 15 views of 31", full);
    check_that(t, fabs(c.playback_fps - 25) < 1e-6 && fabs(c.detection_fps - 25.0 * 7 / 15) < 2, "%g and %g a second",
               c.playback_fps, c.detection_fps);
    check_that(t, fabs(c.detection_ms - 7.5) < 1e-6, "%g ms", c.detection_ms);
    crl_latencies l = { 0 };
    check_that(t, crl_latencies_share(&l, 0.5) == 0, "a median of nothing");
    for (int i = 1; i <= 600; i++) crl_latencies_add(&l, i); /* of which 89 to 600 are kept */
    check_that(t, crl_latencies_share(&l, 0.5) == 344 && crl_latencies_share(&l, 0.9) == 549 && crl_latencies_share(&l, 1) == 600,
               "shares %g %g %g", crl_latencies_share(&l, 0.5), crl_latencies_share(&l, 0.9), crl_latencies_share(&l, 1));
    crl_meter_pause(&m);
    check_that(t, !crl_meter_played(&m, now + 5000000000u, &c) && m.views == 0, "time that did not count does");
}

void check_json_line(check *t, unsigned cpu)
{
    (void)cpu;
    static const char want[] =
        "{\"frame\": 41, \"time\": 3723.045, \"results\": [{\"index\": 1, \"label\": \"yield\", \"score\": 0.5, \"box\": [1.0, 2.5, 30.0, 40.0], "
        "\"id\": 3}, {\"index\": 9, \"label\": null, \"score\": 0.25, \"box\": [0.0, 0.0, 8.0, 8.0], \"id\": 4, \"hidden\": true}], "
        "\"gone\": [1, 2], \"detection_ms\": 6.5, \"overlay_ms\": 12.25, \"note\": \"camera \\\"7\\\"\"}\n";
    crl_labels *labels;
    if (!check_that(t, !crl_labels_parse(&labels, "stop\nyield\n", 11, NULL), "labels")) return;
    const crl_track tracks[] = { { .id = 3, .index = 1, .score = 0.5f, .box = { 1, 2.5f, 30, 40 } },
                                 { .id = 4, .index = 9, .score = 0.25f, .detection = -1, .box = { 0, 0, 8, 8 } } };
    const crl_track gone[] = { { .id = 1 }, { .id = 2 } };
    crl_view v = { .fresh = true, .seen_number = 41, .seen_time_ns = 3723044600000, .seen_captured_ns = 1000000, .drawn_ns = 13250000,
                   .purpose = CRL_PURPOSE_DETECT, .tracks = tracks, .n_tracks = 2, .gone = gone, .n_gone = 2, .labels = labels,
                   .input_ns = 500000, .run_ns = 5000000, .read_ns = 1000000, .note = "camera \"7\"" };
    crl_buffer b = { 0 };
    check_that(t, !crl_view_json(&b, &v), "no memory");
    check_that(t, b.size == sizeof want - 1 && !memcmp(b.data, want, b.size), "%.*s", (int)b.size, (const char *)b.data);
    b.size = 0;
    const crl_class classes[] = { { .index = 0, .score = 0.75f } };
    v = (crl_view){ .purpose = CRL_PURPOSE_CLASSIFY, .classes = classes, .n_classes = 1, .labels = labels };
    static const char other[] = "{\"frame\": 0, \"time\": 0.000, \"results\": [{\"index\": 0, \"label\": \"stop\", \"score\": 0.75}], "
                                "\"detection_ms\": 0.0, \"overlay_ms\": 0.0}\n";
    check_that(t, !crl_view_json(&b, &v) && b.size == sizeof other - 1 && !memcmp(b.data, other, b.size), "%.*s", (int)b.size, (const char *)b.data);
    crl_buffer_fini(&b);
    crl_labels_free(labels);
}
