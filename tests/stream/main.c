/* SPDX-License-Identifier: Apache-2.0 */
/* Streams: sources, what is seen, views, sinks, and what happens when one of them fails. */
#include "areas.h"
#include "checks.h"
#include "models.h"

int area_stream(int argc, char **argv)
{
    static const check_case cases[] = {
        { "area_shapes", check_area_shapes, false },
        { "area_counts", check_area_counts, false },
        { "area_masks", check_area_masks, false },
        { "areas_refused", check_areas_refused, false },
        { "areas_counted", check_areas_counted, false },
        { "blocks", check_blocks, false },
        { "meter", check_meter, false },
        { "json_line", check_json_line, false },
        { "signs", check_signs, false },
        { "scene", check_scene, false },
        { "test_source", check_test_source, false },
        { "raw_frames", check_raw_frames, false },
        { "pictures", check_pictures, false },
        { "sources_refused", check_sources_refused, false },
        { "tiles", check_tiles, false },
        { "tiles_merged", check_tiles_merged, false },
        { "labels_joined", check_labels_joined, false },
        { "small_things", check_small_things, false },
        { "several_models", check_several_models, false },
        { "teaching", check_teaching, false },
        { "models_refused", check_models_refused, false },
        { "sync", check_sync, false },
        { "async", check_async, false },
        { "last", check_last, false },
        { "stopping", check_stopping, false },
        { "stream_refused", check_stream_refused, false },
        { "source_lost", check_source_lost, false },
        { "source_fails", check_source_fails, false },
        { "slow_sink", check_slow_sink, false },
        { "sink_lost", check_sink_lost, false },
        { "sink_cancels", check_sink_cancels, false },
        { "no_reader", check_no_reader, false },
        { "patience", check_patience, false },
        { "turns", check_turns, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
