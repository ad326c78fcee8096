/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures against Pillow's, and the decoders of outputs against what they promise. */
#include "areas.h"
#include "checks.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"

uint8_t *read_image_file(check *t, const char *name, size_t *size)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/tests/data/images/%s", SOURCE_ROOT, name);
    uint8_t *bytes;
    crl_error err = { 0 };
    check_that(t, !crl_file_read(&bytes, size, path, 1 << 24, &err), "%s", err.text);
    return bytes;
}

crl_image guarded_image(check *t, int32_t width, int32_t height, int32_t channels, size_t gap)
{
    const size_t row = (size_t)width * (size_t)channels, stride = row + gap;
    return (crl_image){ width, height, channels, stride, check_guarded(t, stride * (size_t)(height - 1) + row) };
}

crl_tensor tensor_of(crl_type type, crl_shape shape, void *data, const crl_quant *quant)
{
    crl_tensor v = { .name = "it", .type = type, .shape = shape, .data = data };
    if (quant) v.quant = *quant;
    v.bytes = crl_shape_count(&shape) * crl_type_bytes(type);
    return v;
}

int area_vision(int argc, char **argv)
{
    static const check_case cases[] = {
        { "decode", check_decode, false },
        { "decode_small", check_decode_small, false },
        { "decode_turned", check_decode_turned, false },
        { "decode_hostile", check_decode_hostile, false },
        { "decode_damaged", check_decode_damaged, false },
        { "save", check_save, false },
        { "encode", check_encode, false },
        { "recognise", check_recognise, false },
        { "input_layouts", check_input_layouts, false },
        { "save_fails_whole", check_save_fails_whole, false },
        { "resize", check_resize, true },
        { "resize_memory", check_resize_memory, false },
        { "resize_arguments", check_resize_arguments, false },
        { "input", check_input, true },
        { "input_normalised", check_input_normalised, false },
        { "input_letterbox", check_input_letterbox, true },
        { "input_refused", check_input_refused, false },
        { "frames", check_frames, true },
        { "colours", check_colours, true },
        { "converters", check_converters, true },
        { "converting_time", check_converting_time, true },
        { "frames_refused", check_frames_refused, false },
        { "frames_wrapped", check_frames_wrapped, false },
        { "labels", check_labels, false },
        { "labels_forms", check_labels_forms, false },
        { "labels_fit", check_labels_fit, false },
        { "labels_refused", check_labels_refused, false },
        { "floats", check_floats, false },
        { "topk", check_topk, false },
        { "detections", check_detections, false },
        { "heads", check_heads, false },
        { "heads_order", check_heads_order, false },
        { "heads_threshold", check_heads_threshold, false },
        { "heads_edges", check_heads_edges, false },
        { "heads_masks", check_heads_masks, false },
        { "heads_refused", check_heads_refused, false },
        { "heads_changed", check_heads_changed, false },
        { "heads_anything", check_heads_anything, false },
        { "heads_speed", check_heads_speed, false },
        { "poses", check_poses, false },
        { "masks", check_masks, false },
        { "draw", check_draw, false },
        { "draw_wide", check_draw_wide, false },
        { "draw_memory", check_draw_memory, false },
        { "draw_crowd", check_draw_crowd, false },
        { "draw_shades", check_draw_shades, false },
        { "draw_text", check_draw_text, false },
        { "draw_scripts", check_draw_scripts, false },
        { "draw_painter", check_draw_painter, false },
        { "draw_texts", check_draw_texts, false },
        { "draw_overlay", check_draw_overlay, false },
        { "draw_places", check_draw_places, false },
        { "draw_layers", check_draw_layers, false },
        { "draw_fallback", check_draw_fallback, false },
        { "draw_masks", check_draw_masks, false },
        { "draw_captions", check_draw_captions, false },
        { "draw_anything", check_draw_anything, false },
        { "vision_memory", check_vision_memory, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
