/* SPDX-License-Identifier: Apache-2.0 */
/* All checks of kernel families; each in its own check_<family>.c, listed in main.c. */
#ifndef CHECK_KERNELS_CHECKS_H
#define CHECK_KERNELS_CHECKS_H

#include "check.h"

void check_argmax8(check *t, unsigned cpu);
void check_argmax8_columns(check *t, unsigned cpu);
void check_argmax8_maxima(check *t, unsigned cpu);
void check_average8(check *t, unsigned cpu);
void check_blend(check *t, unsigned cpu);
void check_blend_sum(check *t, unsigned cpu);
void check_blend_fit(check *t, unsigned cpu);
void check_blend_tables(check *t, unsigned cpu);
void check_detection8(check *t, unsigned cpu);
void check_gemm(check *t, unsigned cpu);
void check_dot8(check *t, unsigned cpu);
void check_dwpack(check *t, unsigned cpu);
void check_gemm_avx2(check *t, unsigned cpu);
void check_gemm_evex(check *t, unsigned cpu);
void check_gemm_tiles(check *t, unsigned cpu);
void check_dw_f32(check *t, unsigned cpu);
void check_dw_s16(check *t, unsigned cpu);
void check_gemm_f32(check *t, unsigned cpu);
void check_gemm_f32_scratch(check *t, unsigned cpu);
void check_gemm_s16(check *t, unsigned cpu);
void check_prelu8(check *t, unsigned cpu);
void check_row16(check *t, unsigned cpu);
void check_sigmoid16(check *t, unsigned cpu);
void check_gemm_sums(check *t, unsigned cpu);
void check_gemm_threads(check *t, unsigned cpu);
void check_hybrid(check *t, unsigned cpu);
void check_fixed16(check *t, unsigned cpu);
void check_fixed16_rows(check *t, unsigned cpu);
void check_heap(check *t, unsigned cpu);
void check_lstm8(check *t, unsigned cpu);
void check_recurrent(check *t, unsigned cpu);
void check_lut(check *t, unsigned cpu);
void check_resize8(check *t, unsigned cpu);
void check_matmul8(check *t, unsigned cpu);
void check_matmul8_fully(check *t, unsigned cpu);
void check_nearest(check *t, unsigned cpu);
void check_pair8(check *t, unsigned cpu);
void check_pool_f32(check *t, unsigned cpu);
void check_exp_f32(check *t, unsigned cpu);
void check_softmax_f32(check *t, unsigned cpu);
void check_resize_f32(check *t, unsigned cpu);
void check_map_f32(check *t, unsigned cpu);
void check_posenet_masks(check *t, unsigned cpu);
void check_peak(check *t, unsigned cpu);
void check_pool8(check *t, unsigned cpu);
void check_average_chip(check *t, unsigned cpu);
void check_softmax_chip(check *t, unsigned cpu);
void check_spline(check *t, unsigned cpu);
void check_affine8(check *t, unsigned cpu);
void check_mix8(check *t, unsigned cpu);
void check_mix_factors(check *t, unsigned cpu);
void check_product8(check *t, unsigned cpu);
void check_quant8(check *t, unsigned cpu);
void check_requant_bounds(check *t, unsigned cpu);
void check_requant_lanes(check *t, unsigned cpu);
void check_requant_proof(check *t, unsigned cpu);
void check_requant_single(check *t, unsigned cpu);
void check_scatter(check *t, unsigned cpu);
void check_softmax8(check *t, unsigned cpu);
void check_strided(check *t, unsigned cpu);
void check_copy_rows(check *t, unsigned cpu);
void check_window(check *t, unsigned cpu);

#endif
