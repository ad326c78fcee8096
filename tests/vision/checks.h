/* SPDX-License-Identifier: Apache-2.0 */
/* The checks of the vision layer. */
#ifndef TESTS_VISION_CHECKS_H
#define TESTS_VISION_CHECKS_H

#include <corallite/vision.h>

#include "check.h"

void check_decode(check *t, unsigned cpu);
void check_decode_small(check *t, unsigned cpu);
void check_decode_turned(check *t, unsigned cpu);
void check_decode_hostile(check *t, unsigned cpu);
void check_decode_damaged(check *t, unsigned cpu);
void check_save(check *t, unsigned cpu);
void check_recognise(check *t, unsigned cpu);
void check_input_layouts(check *t, unsigned cpu);
void check_encode(check *t, unsigned cpu);
void check_save_fails_whole(check *t, unsigned cpu);
void check_resize(check *t, unsigned cpu);
void check_resize_memory(check *t, unsigned cpu);
void check_resize_arguments(check *t, unsigned cpu);
void check_input(check *t, unsigned cpu);
void check_input_normalised(check *t, unsigned cpu);
void check_input_letterbox(check *t, unsigned cpu);
void check_input_refused(check *t, unsigned cpu);
void check_frames(check *t, unsigned cpu);
void check_colours(check *t, unsigned cpu);
void check_converters(check *t, unsigned cpu);
void check_converting_time(check *t, unsigned cpu);
void check_frames_refused(check *t, unsigned cpu);
void check_frames_wrapped(check *t, unsigned cpu);
void check_labels(check *t, unsigned cpu);
void check_labels_forms(check *t, unsigned cpu);
void check_labels_fit(check *t, unsigned cpu);
void check_labels_refused(check *t, unsigned cpu);
void check_floats(check *t, unsigned cpu);
void check_topk(check *t, unsigned cpu);
void check_detections(check *t, unsigned cpu);
void check_heads(check *t, unsigned cpu);
void check_heads_order(check *t, unsigned cpu);
void check_heads_threshold(check *t, unsigned cpu);
void check_heads_edges(check *t, unsigned cpu);
void check_heads_masks(check *t, unsigned cpu);
void check_heads_refused(check *t, unsigned cpu);
void check_heads_changed(check *t, unsigned cpu);
void check_heads_anything(check *t, unsigned cpu);
void check_heads_speed(check *t, unsigned cpu);
void check_poses(check *t, unsigned cpu);
void check_masks(check *t, unsigned cpu);
void check_draw(check *t, unsigned cpu);
void check_draw_wide(check *t, unsigned cpu);
void check_draw_memory(check *t, unsigned cpu);
void check_draw_crowd(check *t, unsigned cpu);
void check_draw_shades(check *t, unsigned cpu);
void check_draw_text(check *t, unsigned cpu);
void check_draw_scripts(check *t, unsigned cpu);
void check_draw_painter(check *t, unsigned cpu);
void check_draw_texts(check *t, unsigned cpu);
void check_draw_overlay(check *t, unsigned cpu);
void check_draw_places(check *t, unsigned cpu);
void check_draw_layers(check *t, unsigned cpu);
void check_draw_fallback(check *t, unsigned cpu);
void check_draw_masks(check *t, unsigned cpu);
void check_draw_captions(check *t, unsigned cpu);
void check_draw_anything(check *t, unsigned cpu);
void check_vision_memory(check *t, unsigned cpu);

/* tests/data/images/NAME, as crl_alloc()ed bytes; fails the check when it cannot be read. */
uint8_t *read_image_file(check *t, const char *name, size_t *size);
/* Memory of the check, freed with it, as a picture whose rows have a gap of `gap` bytes. */
crl_image guarded_image(check *t, int32_t width, int32_t height, int32_t channels, size_t gap);
/* Caps what the public functions choose: CRL_CPU. */
void use_level(unsigned cpu);
/* An output tensor over the caller's memory. `quant` may be NULL. */
crl_tensor tensor_of(crl_type type, crl_shape shape, void *data, const crl_quant *quant);

#endif
