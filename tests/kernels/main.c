/* SPDX-License-Identifier: Apache-2.0 */
/* Every level of every kernel family against its definition, bit for bit. */
#include "areas.h"
#include "checks.h"

int area_kernels(int argc, char **argv)
{
    static const check_case cases[] = {
        { "argmax8", check_argmax8, true },
        { "argmax8_columns", check_argmax8_columns, true },
        { "argmax8_maxima", check_argmax8_maxima, true },
        { "average8", check_average8, true },
        { "blend", check_blend, true },
        { "blend_sum", check_blend_sum, true },
        { "blend_fit", check_blend_fit, true },
        { "gemm", check_gemm, true },
        { "detection8", check_detection8, true },
        { "dwpack", check_dwpack, true },
        { "dw_f32", check_dw_f32, true },
        { "dw_s16", check_dw_s16, true },
        { "gemm_f32", check_gemm_f32, true },
        { "gemm_s16", check_gemm_s16, true },
        { "gemm_f32_scratch", check_gemm_f32_scratch, true },
        { "gemm_sums", check_gemm_sums, true },
        { "hybrid", check_hybrid, true },
        { "gemm_avx2", check_gemm_avx2, false },
        { "gemm_evex", check_gemm_evex, false },
        { "gemm_tiles", check_gemm_tiles, false },
        { "fixed16", check_fixed16, false },
        { "fixed16_rows", check_fixed16_rows, true },
        { "heap", check_heap, false },
        { "lstm8", check_lstm8, true },
        { "lut", check_lut, true },
        { "resize8", check_resize8, true },
        { "matmul8", check_matmul8, true },
        { "matmul8_fully", check_matmul8_fully, true },
        { "nearest", check_nearest, false },
        { "pair8", check_pair8, false },
        { "peak", check_peak, true },
        { "pool_f32", check_pool_f32, true },
        { "exp_f32", check_exp_f32, true },
        { "softmax_f32", check_softmax_f32, true },
        { "map_f32", check_map_f32, true },
        { "posenet_masks", check_posenet_masks, false },
        { "pool8", check_pool8, true },
        { "product8", check_product8, true },
        { "quant8", check_quant8, true },
        { "requant_lanes", check_requant_lanes, true },
        { "requant_single", check_requant_single, true },
        { "requant_proof", check_requant_proof, true },
        { "row16", check_row16, true },
        { "sigmoid16", check_sigmoid16, true },
        { "softmax8", check_softmax8, true },
        { "strided", check_strided, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
