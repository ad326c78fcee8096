/* SPDX-License-Identifier: Apache-2.0 */
/* Operators and options of the TensorFlow Lite schema. Written by tools/gen_schema.py: edit that. */
#include "model/schema.h"

static const char *const padding[] = {
    "SAME",
    "VALID",
};

static const char *const activationfunctiontype[] = {
    "NONE",
    "RELU",
    "RELU_N1_TO_1",
    "RELU6",
    "TANH",
    "SIGN_BIT",
};

static const char *const tensortype[] = {
    "FLOAT32",
    "FLOAT16",
    "INT32",
    "UINT8",
    "INT64",
    "STRING",
    "BOOL",
    "INT16",
    "COMPLEX64",
    "INT8",
    "FLOAT64",
    "COMPLEX128",
    "UINT64",
    "RESOURCE",
    "VARIANT",
    "UINT32",
    "UINT16",
    "INT4",
    "BFLOAT16",
    "INT2",
    "UINT4",
    "FLOAT8_E4M3FN",
    "FLOAT8_E5M2",
};

static const char *const lshprojectiontype[] = {
    "UNKNOWN",
    "SPARSE",
    "DENSE",
};

static const char *const fullyconnectedoptionsweightsformat[] = {
    "DEFAULT",
    "SHUFFLED4x16INT8",
};

static const char *const lstmkerneltype[] = {
    "FULL",
    "BASIC",
};

static const char *const combinertype[] = {
    "SUM",
    "MEAN",
    "SQRTN",
};

static const char *const mirrorpadmode[] = {
    "REFLECT",
    "SYMMETRIC",
};

static const char *const stablehlocomparisondirection[] = {
    "STABLEHLO_COMPARISON_DIRECTION_EQ",
    "STABLEHLO_COMPARISON_DIRECTION_NE",
    "STABLEHLO_COMPARISON_DIRECTION_GE",
    "STABLEHLO_COMPARISON_DIRECTION_GT",
    "STABLEHLO_COMPARISON_DIRECTION_LE",
    "STABLEHLO_COMPARISON_DIRECTION_LT",
};

static const char *const stablehlocomparisontype[] = {
    "STABLEHLO_COMPARISON_TYPE_NOTYPE",
    "STABLEHLO_COMPARISON_TYPE_FLOAT",
    "STABLEHLO_COMPARISON_TYPE_FLOAT_TOTAL_ORDER",
    "STABLEHLO_COMPARISON_TYPE_SIGNED",
    "STABLEHLO_COMPARISON_TYPE_UNSIGNED",
};

static const char *const rngalgorithm[] = {
    "DEFAULT",
    "PHILOX",
    "THREEFRY",
};

static const char *const reducewindowfunction[] = {
    "UNSUPPORTED",
    "ADD",
    "MUL",
    "MINIMUM",
    "MAXIMUM",
    "ALL",
    "ANY",
};

static const char *const customoptionsformat[] = {
    "FLEXBUFFERS",
};

const crl_schema_enum crl_schema_enums[] = {
    { 0 },
    { padding, 2 },
    { activationfunctiontype, 6 },
    { tensortype, 23 },
    { lshprojectiontype, 3 },
    { fullyconnectedoptionsweightsformat, 2 },
    { lstmkerneltype, 2 },
    { combinertype, 3 },
    { mirrorpadmode, 2 },
    { stablehlocomparisondirection, 6 },
    { stablehlocomparisontype, 5 },
    { rngalgorithm, 3 },
    { reducewindowfunction, 7 },
    { customoptionsformat, 1 },
};

static const crl_schema_field conv2doptions[] = {
    { "padding", 0, CRL_SCHEMA_I8, 1, 0 },
    { "stride_w", 1, CRL_SCHEMA_I32, 0, 0 },
    { "stride_h", 2, CRL_SCHEMA_I32, 0, 0 },
    { "fused_activation_function", 3, CRL_SCHEMA_I8, 2, 0 },
    { "dilation_w_factor", 4, CRL_SCHEMA_I32, 0, 1 },
    { "dilation_h_factor", 5, CRL_SCHEMA_I32, 0, 1 },
    { "quantized_bias_type", 6, CRL_SCHEMA_I8, 3, 0 },
};

static const crl_schema_field depthwiseconv2doptions[] = {
    { "padding", 0, CRL_SCHEMA_I8, 1, 0 },
    { "stride_w", 1, CRL_SCHEMA_I32, 0, 0 },
    { "stride_h", 2, CRL_SCHEMA_I32, 0, 0 },
    { "depth_multiplier", 3, CRL_SCHEMA_I32, 0, 0 },
    { "fused_activation_function", 4, CRL_SCHEMA_I8, 2, 0 },
    { "dilation_w_factor", 5, CRL_SCHEMA_I32, 0, 1 },
    { "dilation_h_factor", 6, CRL_SCHEMA_I32, 0, 1 },
};

static const crl_schema_field concatembeddingsoptions[] = {
    { "num_channels", 0, CRL_SCHEMA_I32, 0, 0 },
    { "num_columns_per_channel", 1, CRL_SCHEMA_INTS, 0, 0 },
    { "embedding_dim_per_channel", 2, CRL_SCHEMA_INTS, 0, 0 },
};

static const crl_schema_field lshprojectionoptions[] = {
    { "type", 0, CRL_SCHEMA_I8, 4, 0 },
};

static const crl_schema_field pool2doptions[] = {
    { "padding", 0, CRL_SCHEMA_I8, 1, 0 },
    { "stride_w", 1, CRL_SCHEMA_I32, 0, 0 },
    { "stride_h", 2, CRL_SCHEMA_I32, 0, 0 },
    { "filter_width", 3, CRL_SCHEMA_I32, 0, 0 },
    { "filter_height", 4, CRL_SCHEMA_I32, 0, 0 },
    { "fused_activation_function", 5, CRL_SCHEMA_I8, 2, 0 },
};

static const crl_schema_field svdfoptions[] = {
    { "rank", 0, CRL_SCHEMA_I32, 0, 0 },
    { "fused_activation_function", 1, CRL_SCHEMA_I8, 2, 0 },
    { "asymmetric_quantize_inputs", 2, CRL_SCHEMA_BOOL, 0, 0 },
};

static const crl_schema_field rnnoptions[] = {
    { "fused_activation_function", 0, CRL_SCHEMA_I8, 2, 0 },
    { "asymmetric_quantize_inputs", 1, CRL_SCHEMA_BOOL, 0, 0 },
};

static const crl_schema_field fullyconnectedoptions[] = {
    { "fused_activation_function", 0, CRL_SCHEMA_I8, 2, 0 },
    { "weights_format", 1, CRL_SCHEMA_I8, 5, 0 },
    { "keep_num_dims", 2, CRL_SCHEMA_BOOL, 0, 0 },
    { "asymmetric_quantize_inputs", 3, CRL_SCHEMA_BOOL, 0, 0 },
    { "quantized_bias_type", 4, CRL_SCHEMA_I8, 3, 0 },
};

static const crl_schema_field softmaxoptions[] = {
    { "beta", 0, CRL_SCHEMA_F32, 0, 0 },
};

static const crl_schema_field concatenationoptions[] = {
    { "axis", 0, CRL_SCHEMA_I32, 0, 0 },
    { "fused_activation_function", 1, CRL_SCHEMA_I8, 2, 0 },
};

static const crl_schema_field addoptions[] = {
    { "fused_activation_function", 0, CRL_SCHEMA_I8, 2, 0 },
    { "pot_scale_int16", 1, CRL_SCHEMA_BOOL, 0, 1 },
};

static const crl_schema_field l2normoptions[] = {
    { "fused_activation_function", 0, CRL_SCHEMA_I8, 2, 0 },
};

static const crl_schema_field localresponsenormalizationoptions[] = {
    { "radius", 0, CRL_SCHEMA_I32, 0, 0 },
    { "bias", 1, CRL_SCHEMA_F32, 0, 0 },
    { "alpha", 2, CRL_SCHEMA_F32, 0, 0 },
    { "beta", 3, CRL_SCHEMA_F32, 0, 0 },
};

static const crl_schema_field lstmoptions[] = {
    { "fused_activation_function", 0, CRL_SCHEMA_I8, 2, 0 },
    { "cell_clip", 1, CRL_SCHEMA_F32, 0, 0 },
    { "proj_clip", 2, CRL_SCHEMA_F32, 0, 0 },
    { "kernel_type", 3, CRL_SCHEMA_I8, 6, 0 },
    { "asymmetric_quantize_inputs", 4, CRL_SCHEMA_BOOL, 0, 0 },
};

static const crl_schema_field resizebilinearoptions[] = {
    { "align_corners", 2, CRL_SCHEMA_BOOL, 0, 0 },
    { "half_pixel_centers", 3, CRL_SCHEMA_BOOL, 0, 0 },
};

static const crl_schema_field calloptions[] = {
    { "subgraph", 0, CRL_SCHEMA_U32, 0, 0 },
};

static const crl_schema_field reshapeoptions[] = {
    { "new_shape", 0, CRL_SCHEMA_INTS, 0, 0 },
};

static const crl_schema_field skipgramoptions[] = {
    { "ngram_size", 0, CRL_SCHEMA_I32, 0, 0 },
    { "max_skip_size", 1, CRL_SCHEMA_I32, 0, 0 },
    { "include_all_ngrams", 2, CRL_SCHEMA_BOOL, 0, 0 },
};

static const crl_schema_field spacetodepthoptions[] = {
    { "block_size", 0, CRL_SCHEMA_I32, 0, 0 },
};

static const crl_schema_field embeddinglookupsparseoptions[] = {
    { "combiner", 0, CRL_SCHEMA_I8, 7, 0 },
};

static const crl_schema_field muloptions[] = {
    { "fused_activation_function", 0, CRL_SCHEMA_I8, 2, 0 },
};

static const crl_schema_field gatheroptions[] = {
    { "axis", 0, CRL_SCHEMA_I32, 0, 0 },
    { "batch_dims", 1, CRL_SCHEMA_I32, 0, 0 },
};

static const crl_schema_field reduceroptions[] = {
    { "keep_dims", 0, CRL_SCHEMA_BOOL, 0, 0 },
};

static const crl_schema_field suboptions[] = {
    { "fused_activation_function", 0, CRL_SCHEMA_I8, 2, 0 },
    { "pot_scale_int16", 1, CRL_SCHEMA_BOOL, 0, 1 },
};

static const crl_schema_field divoptions[] = {
    { "fused_activation_function", 0, CRL_SCHEMA_I8, 2, 0 },
};

static const crl_schema_field squeezeoptions[] = {
    { "squeeze_dims", 0, CRL_SCHEMA_INTS, 0, 0 },
};

static const crl_schema_field sequencernnoptions[] = {
    { "time_major", 0, CRL_SCHEMA_BOOL, 0, 0 },
    { "fused_activation_function", 1, CRL_SCHEMA_I8, 2, 0 },
    { "asymmetric_quantize_inputs", 2, CRL_SCHEMA_BOOL, 0, 0 },
};

static const crl_schema_field stridedsliceoptions[] = {
    { "begin_mask", 0, CRL_SCHEMA_I32, 0, 0 },
    { "end_mask", 1, CRL_SCHEMA_I32, 0, 0 },
    { "ellipsis_mask", 2, CRL_SCHEMA_I32, 0, 0 },
    { "new_axis_mask", 3, CRL_SCHEMA_I32, 0, 0 },
    { "shrink_axis_mask", 4, CRL_SCHEMA_I32, 0, 0 },
    { "offset", 5, CRL_SCHEMA_BOOL, 0, 0 },
};

static const crl_schema_field splitoptions[] = {
    { "num_splits", 0, CRL_SCHEMA_I32, 0, 0 },
};

static const crl_schema_field castoptions[] = {
    { "in_data_type", 0, CRL_SCHEMA_I8, 3, 0 },
    { "out_data_type", 1, CRL_SCHEMA_I8, 3, 0 },
};

static const crl_schema_field argmaxoptions[] = {
    { "output_type", 0, CRL_SCHEMA_I8, 3, 0 },
};

static const crl_schema_field transposeconvoptions[] = {
    { "padding", 0, CRL_SCHEMA_I8, 1, 0 },
    { "stride_w", 1, CRL_SCHEMA_I32, 0, 0 },
    { "stride_h", 2, CRL_SCHEMA_I32, 0, 0 },
    { "fused_activation_function", 3, CRL_SCHEMA_I8, 2, 0 },
    { "quantized_bias_type", 4, CRL_SCHEMA_I8, 3, 0 },
};

static const crl_schema_field sparsetodenseoptions[] = {
    { "validate_indices", 0, CRL_SCHEMA_BOOL, 0, 0 },
};

static const crl_schema_field shapeoptions[] = {
    { "out_type", 0, CRL_SCHEMA_I8, 3, 0 },
};

static const crl_schema_field argminoptions[] = {
    { "output_type", 0, CRL_SCHEMA_I8, 3, 0 },
};

static const crl_schema_field fakequantoptions[] = {
    { "min", 0, CRL_SCHEMA_F32, 0, 0 },
    { "max", 1, CRL_SCHEMA_F32, 0, 0 },
    { "num_bits", 2, CRL_SCHEMA_I32, 0, 0 },
    { "narrow_range", 3, CRL_SCHEMA_BOOL, 0, 0 },
};

static const crl_schema_field packoptions[] = {
    { "values_count", 0, CRL_SCHEMA_I32, 0, 0 },
    { "axis", 1, CRL_SCHEMA_I32, 0, 0 },
};

static const crl_schema_field onehotoptions[] = {
    { "axis", 0, CRL_SCHEMA_I32, 0, 0 },
};

static const crl_schema_field unpackoptions[] = {
    { "num", 0, CRL_SCHEMA_I32, 0, 0 },
    { "axis", 1, CRL_SCHEMA_I32, 0, 0 },
};

static const crl_schema_field bidirectionalsequencelstmoptions[] = {
    { "fused_activation_function", 0, CRL_SCHEMA_I8, 2, 0 },
    { "cell_clip", 1, CRL_SCHEMA_F32, 0, 0 },
    { "proj_clip", 2, CRL_SCHEMA_F32, 0, 0 },
    { "merge_outputs", 3, CRL_SCHEMA_BOOL, 0, 0 },
    { "time_major", 4, CRL_SCHEMA_BOOL, 0, 1 },
    { "asymmetric_quantize_inputs", 5, CRL_SCHEMA_BOOL, 0, 0 },
};

static const crl_schema_field bidirectionalsequencernnoptions[] = {
    { "time_major", 0, CRL_SCHEMA_BOOL, 0, 0 },
    { "fused_activation_function", 1, CRL_SCHEMA_I8, 2, 0 },
    { "merge_outputs", 2, CRL_SCHEMA_BOOL, 0, 0 },
    { "asymmetric_quantize_inputs", 3, CRL_SCHEMA_BOOL, 0, 0 },
};

static const crl_schema_field unidirectionalsequencelstmoptions[] = {
    { "fused_activation_function", 0, CRL_SCHEMA_I8, 2, 0 },
    { "cell_clip", 1, CRL_SCHEMA_F32, 0, 0 },
    { "proj_clip", 2, CRL_SCHEMA_F32, 0, 0 },
    { "time_major", 3, CRL_SCHEMA_BOOL, 0, 0 },
    { "asymmetric_quantize_inputs", 4, CRL_SCHEMA_BOOL, 0, 0 },
    { "diagonal_recurrent_tensors", 5, CRL_SCHEMA_BOOL, 0, 0 },
};

static const crl_schema_field resizenearestneighboroptions[] = {
    { "align_corners", 0, CRL_SCHEMA_BOOL, 0, 0 },
    { "half_pixel_centers", 1, CRL_SCHEMA_BOOL, 0, 0 },
};

static const crl_schema_field leakyreluoptions[] = {
    { "alpha", 0, CRL_SCHEMA_F32, 0, 0 },
};

static const crl_schema_field mirrorpadoptions[] = {
    { "mode", 0, CRL_SCHEMA_I8, 8, 0 },
};

static const crl_schema_field splitvoptions[] = {
    { "num_splits", 0, CRL_SCHEMA_I32, 0, 0 },
};

static const crl_schema_field uniqueoptions[] = {
    { "idx_out_type", 0, CRL_SCHEMA_I8, 3, 2 },
};

static const crl_schema_field reversesequenceoptions[] = {
    { "seq_dim", 0, CRL_SCHEMA_I32, 0, 0 },
    { "batch_dim", 1, CRL_SCHEMA_I32, 0, 0 },
};

static const crl_schema_field ifoptions[] = {
    { "then_subgraph_index", 0, CRL_SCHEMA_I32, 0, 0 },
    { "else_subgraph_index", 1, CRL_SCHEMA_I32, 0, 0 },
};

static const crl_schema_field whileoptions[] = {
    { "cond_subgraph_index", 0, CRL_SCHEMA_I32, 0, 0 },
    { "body_subgraph_index", 1, CRL_SCHEMA_I32, 0, 0 },
};

static const crl_schema_field depthtospaceoptions[] = {
    { "block_size", 0, CRL_SCHEMA_I32, 0, 0 },
};

static const crl_schema_field batchmatmuloptions[] = {
    { "adj_x", 0, CRL_SCHEMA_BOOL, 0, 0 },
    { "adj_y", 1, CRL_SCHEMA_BOOL, 0, 0 },
    { "asymmetric_quantize_inputs", 2, CRL_SCHEMA_BOOL, 0, 0 },
};

static const crl_schema_field cumsumoptions[] = {
    { "exclusive", 0, CRL_SCHEMA_BOOL, 0, 0 },
    { "reverse", 1, CRL_SCHEMA_BOOL, 0, 0 },
};

static const crl_schema_field callonceoptions[] = {
    { "init_subgraph_index", 0, CRL_SCHEMA_I32, 0, 0 },
};

static const crl_schema_field conv3doptions[] = {
    { "padding", 0, CRL_SCHEMA_I8, 1, 0 },
    { "stride_d", 1, CRL_SCHEMA_I32, 0, 0 },
    { "stride_w", 2, CRL_SCHEMA_I32, 0, 0 },
    { "stride_h", 3, CRL_SCHEMA_I32, 0, 0 },
    { "fused_activation_function", 4, CRL_SCHEMA_I8, 2, 0 },
    { "dilation_d_factor", 5, CRL_SCHEMA_I32, 0, 1 },
    { "dilation_w_factor", 6, CRL_SCHEMA_I32, 0, 1 },
    { "dilation_h_factor", 7, CRL_SCHEMA_I32, 0, 1 },
};

static const crl_schema_field hashtableoptions[] = {
    { "table_id", 0, CRL_SCHEMA_I32, 0, 0 },
    { "key_dtype", 1, CRL_SCHEMA_I8, 3, 0 },
    { "value_dtype", 2, CRL_SCHEMA_I8, 3, 0 },
};

static const crl_schema_field varhandleoptions[] = {
    { "container", 0, CRL_SCHEMA_TEXT, 0, 0 },
    { "shared_name", 1, CRL_SCHEMA_TEXT, 0, 0 },
};

static const crl_schema_field randomoptions[] = {
    { "seed", 0, CRL_SCHEMA_I64, 0, 0 },
    { "seed2", 1, CRL_SCHEMA_I64, 0, 0 },
};

static const crl_schema_field bucketizeoptions[] = {
    { "boundaries", 0, CRL_SCHEMA_FLOATS, 0, 0 },
};

static const crl_schema_field geluoptions[] = {
    { "approximate", 0, CRL_SCHEMA_BOOL, 0, 0 },
};

static const crl_schema_field stablehloconcatenateoptions[] = {
    { "dimension", 0, CRL_SCHEMA_I64, 0, 0 },
};

static const crl_schema_field stablehlobroadcastindimoptions[] = {
    { "broadcast_dimensions", 0, CRL_SCHEMA_LONGS, 0, 0 },
};

static const crl_schema_field stablehlosliceoptions[] = {
    { "start_indices", 0, CRL_SCHEMA_LONGS, 0, 0 },
    { "limit_indices", 1, CRL_SCHEMA_LONGS, 0, 0 },
    { "strides", 2, CRL_SCHEMA_LONGS, 0, 0 },
};

static const crl_schema_field stablehloconvolutionoptions[] = {
    { "window_strides", 0, CRL_SCHEMA_LONGS, 0, 0 },
    { "padding", 1, CRL_SCHEMA_LONGS, 0, 0 },
    { "lhs_dilation", 2, CRL_SCHEMA_LONGS, 0, 0 },
    { "rhs_dilation", 3, CRL_SCHEMA_LONGS, 0, 0 },
    { "input_batch_dimension", 5, CRL_SCHEMA_I64, 0, 0 },
    { "input_feature_dimension", 6, CRL_SCHEMA_I64, 0, 0 },
    { "input_spatial_dimensions", 7, CRL_SCHEMA_LONGS, 0, 0 },
    { "kernel_input_feature_dimension", 8, CRL_SCHEMA_I64, 0, 0 },
    { "kernel_output_feature_dimension", 9, CRL_SCHEMA_I64, 0, 0 },
    { "kernel_spatial_dimensions", 10, CRL_SCHEMA_LONGS, 0, 0 },
    { "output_batch_dimension", 11, CRL_SCHEMA_I64, 0, 0 },
    { "output_feature_dimension", 12, CRL_SCHEMA_I64, 0, 0 },
    { "output_spatial_dimensions", 13, CRL_SCHEMA_LONGS, 0, 0 },
    { "feature_group_count", 14, CRL_SCHEMA_I64, 0, 0 },
    { "batch_group_count", 15, CRL_SCHEMA_I64, 0, 0 },
};

static const crl_schema_field stablehlocustomcalloptions[] = {
    { "call_target_name", 0, CRL_SCHEMA_TEXT, 0, 0 },
    { "has_side_effect", 1, CRL_SCHEMA_BOOL, 0, 0 },
    { "backend_config", 2, CRL_SCHEMA_TEXT, 0, 0 },
    { "api_version", 3, CRL_SCHEMA_I32, 0, 0 },
    { "called_computations", 4, CRL_SCHEMA_INTS, 0, 0 },
};

static const crl_schema_field stablehloreduceoptions[] = {
    { "dimensions", 0, CRL_SCHEMA_LONGS, 0, 0 },
    { "body_subgraph_index", 1, CRL_SCHEMA_I32, 0, 0 },
};

static const crl_schema_field stablehloscatteroptions[] = {
    { "indices_are_sorted", 0, CRL_SCHEMA_BOOL, 0, 0 },
    { "update_window_dims", 1, CRL_SCHEMA_LONGS, 0, 0 },
    { "inserted_window_dims", 2, CRL_SCHEMA_LONGS, 0, 0 },
    { "scatter_dims_to_operand_dims", 3, CRL_SCHEMA_LONGS, 0, 0 },
    { "index_vector_dim", 4, CRL_SCHEMA_I64, 0, 0 },
    { "unique_indices", 5, CRL_SCHEMA_BOOL, 0, 0 },
    { "update_computation_subgraph_index", 6, CRL_SCHEMA_I32, 0, 0 },
};

static const crl_schema_field stablehlocompareoptions[] = {
    { "comparison_direction", 0, CRL_SCHEMA_U32, 9, 0 },
    { "compare_type", 1, CRL_SCHEMA_U32, 10, 0 },
};

static const crl_schema_field stablehlodynamicsliceoptions[] = {
    { "slice_sizes", 0, CRL_SCHEMA_LONGS, 0, 0 },
};

static const crl_schema_field stablehlopadoptions[] = {
    { "edge_padding_low", 0, CRL_SCHEMA_LONGS, 0, 0 },
    { "edge_padding_high", 1, CRL_SCHEMA_LONGS, 0, 0 },
    { "interior_padding", 2, CRL_SCHEMA_LONGS, 0, 0 },
};

static const crl_schema_field stablehloiotaoptions[] = {
    { "iota_dimension", 0, CRL_SCHEMA_I64, 0, 0 },
};

static const crl_schema_field stablehlodotgeneraloptions[] = {
    { "lhs_batching_dimensions", 0, CRL_SCHEMA_LONGS, 0, 0 },
    { "rhs_batching_dimensions", 1, CRL_SCHEMA_LONGS, 0, 0 },
    { "lhs_contracting_dimensions", 2, CRL_SCHEMA_LONGS, 0, 0 },
    { "rhs_contracting_dimensions", 3, CRL_SCHEMA_LONGS, 0, 0 },
};

static const crl_schema_field stablehloreducewindowoptions[] = {
    { "window_dimensions", 0, CRL_SCHEMA_LONGS, 0, 0 },
    { "window_strides", 1, CRL_SCHEMA_LONGS, 0, 0 },
    { "base_dilations", 2, CRL_SCHEMA_LONGS, 0, 0 },
    { "window_dilations", 3, CRL_SCHEMA_LONGS, 0, 0 },
    { "padding", 4, CRL_SCHEMA_LONGS, 0, 0 },
    { "body_subgraph_index", 5, CRL_SCHEMA_I32, 0, 0 },
};

static const crl_schema_field stablehlosortoptions[] = {
    { "dimension", 0, CRL_SCHEMA_I64, 0, 0 },
    { "is_stable", 1, CRL_SCHEMA_BOOL, 0, 0 },
    { "comparator_subgraph_index", 2, CRL_SCHEMA_I32, 0, 0 },
};

static const crl_schema_field stablehlowhileoptions[] = {
    { "cond_subgraph_index", 0, CRL_SCHEMA_I32, 0, 0 },
    { "body_subgraph_index", 1, CRL_SCHEMA_I32, 0, 0 },
};

static const crl_schema_field stablehlogatheroptions[] = {
    { "offset_dims", 0, CRL_SCHEMA_LONGS, 0, 0 },
    { "collapsed_slice_dims", 1, CRL_SCHEMA_LONGS, 0, 0 },
    { "start_index_map", 2, CRL_SCHEMA_LONGS, 0, 0 },
    { "index_vector_dim", 3, CRL_SCHEMA_I64, 0, 0 },
    { "slice_sizes", 4, CRL_SCHEMA_LONGS, 0, 0 },
    { "indices_are_sorted", 5, CRL_SCHEMA_BOOL, 0, 0 },
};

static const crl_schema_field stablehlotransposeoptions[] = {
    { "permutation", 0, CRL_SCHEMA_LONGS, 0, 0 },
};

static const crl_schema_field stablehlorngbitgeneratoroptions[] = {
    { "algorithm", 0, CRL_SCHEMA_I8, 11, 0 },
};

static const crl_schema_field reducewindowoptions[] = {
    { "reduce_function", 0, CRL_SCHEMA_I32, 12, 0 },
};

static const crl_schema_field stablehlocompositeoptions[] = {
    { "name", 0, CRL_SCHEMA_TEXT, 0, 0 },
    { "decomposition_subgraph_index", 1, CRL_SCHEMA_I32, 0, 0 },
    { "composite_attributes_format", 3, CRL_SCHEMA_I8, 13, 0 },
    { "version", 4, CRL_SCHEMA_I32, 0, 0 },
};

static const crl_schema_field stablehlocaseoptions[] = {
    { "branch_subgraph_indices", 0, CRL_SCHEMA_INTS, 0, 0 },
};

/* By BuiltinOptions, the type of the union; then those of BuiltinOptions2. */
const crl_schema_options crl_schema_option_tables[] = {
    { "NONE", NULL, 0 },
    { "Conv2DOptions", conv2doptions, 7 },
    { "DepthwiseConv2DOptions", depthwiseconv2doptions, 7 },
    { "ConcatEmbeddingsOptions", concatembeddingsoptions, 3 },
    { "LSHProjectionOptions", lshprojectionoptions, 1 },
    { "Pool2DOptions", pool2doptions, 6 },
    { "SVDFOptions", svdfoptions, 3 },
    { "RNNOptions", rnnoptions, 2 },
    { "FullyConnectedOptions", fullyconnectedoptions, 5 },
    { "SoftmaxOptions", softmaxoptions, 1 },
    { "ConcatenationOptions", concatenationoptions, 2 },
    { "AddOptions", addoptions, 2 },
    { "L2NormOptions", l2normoptions, 1 },
    { "LocalResponseNormalizationOptions", localresponsenormalizationoptions, 4 },
    { "LSTMOptions", lstmoptions, 5 },
    { "ResizeBilinearOptions", resizebilinearoptions, 2 },
    { "CallOptions", calloptions, 1 },
    { "ReshapeOptions", reshapeoptions, 1 },
    { "SkipGramOptions", skipgramoptions, 3 },
    { "SpaceToDepthOptions", spacetodepthoptions, 1 },
    { "EmbeddingLookupSparseOptions", embeddinglookupsparseoptions, 1 },
    { "MulOptions", muloptions, 1 },
    { "PadOptions", NULL, 0 },
    { "GatherOptions", gatheroptions, 2 },
    { "BatchToSpaceNDOptions", NULL, 0 },
    { "SpaceToBatchNDOptions", NULL, 0 },
    { "TransposeOptions", NULL, 0 },
    { "ReducerOptions", reduceroptions, 1 },
    { "SubOptions", suboptions, 2 },
    { "DivOptions", divoptions, 1 },
    { "SqueezeOptions", squeezeoptions, 1 },
    { "SequenceRNNOptions", sequencernnoptions, 3 },
    { "StridedSliceOptions", stridedsliceoptions, 6 },
    { "ExpOptions", NULL, 0 },
    { "TopKV2Options", NULL, 0 },
    { "SplitOptions", splitoptions, 1 },
    { "LogSoftmaxOptions", NULL, 0 },
    { "CastOptions", castoptions, 2 },
    { "DequantizeOptions", NULL, 0 },
    { "MaximumMinimumOptions", NULL, 0 },
    { "ArgMaxOptions", argmaxoptions, 1 },
    { "LessOptions", NULL, 0 },
    { "NegOptions", NULL, 0 },
    { "PadV2Options", NULL, 0 },
    { "GreaterOptions", NULL, 0 },
    { "GreaterEqualOptions", NULL, 0 },
    { "LessEqualOptions", NULL, 0 },
    { "SelectOptions", NULL, 0 },
    { "SliceOptions", NULL, 0 },
    { "TransposeConvOptions", transposeconvoptions, 5 },
    { "SparseToDenseOptions", sparsetodenseoptions, 1 },
    { "TileOptions", NULL, 0 },
    { "ExpandDimsOptions", NULL, 0 },
    { "EqualOptions", NULL, 0 },
    { "NotEqualOptions", NULL, 0 },
    { "ShapeOptions", shapeoptions, 1 },
    { "PowOptions", NULL, 0 },
    { "ArgMinOptions", argminoptions, 1 },
    { "FakeQuantOptions", fakequantoptions, 4 },
    { "PackOptions", packoptions, 2 },
    { "LogicalOrOptions", NULL, 0 },
    { "OneHotOptions", onehotoptions, 1 },
    { "LogicalAndOptions", NULL, 0 },
    { "LogicalNotOptions", NULL, 0 },
    { "UnpackOptions", unpackoptions, 2 },
    { "FloorDivOptions", NULL, 0 },
    { "SquareOptions", NULL, 0 },
    { "ZerosLikeOptions", NULL, 0 },
    { "FillOptions", NULL, 0 },
    { "BidirectionalSequenceLSTMOptions", bidirectionalsequencelstmoptions, 6 },
    { "BidirectionalSequenceRNNOptions", bidirectionalsequencernnoptions, 4 },
    { "UnidirectionalSequenceLSTMOptions", unidirectionalsequencelstmoptions, 6 },
    { "FloorModOptions", NULL, 0 },
    { "RangeOptions", NULL, 0 },
    { "ResizeNearestNeighborOptions", resizenearestneighboroptions, 2 },
    { "LeakyReluOptions", leakyreluoptions, 1 },
    { "SquaredDifferenceOptions", NULL, 0 },
    { "MirrorPadOptions", mirrorpadoptions, 1 },
    { "AbsOptions", NULL, 0 },
    { "SplitVOptions", splitvoptions, 1 },
    { "UniqueOptions", uniqueoptions, 1 },
    { "ReverseV2Options", NULL, 0 },
    { "AddNOptions", NULL, 0 },
    { "GatherNdOptions", NULL, 0 },
    { "CosOptions", NULL, 0 },
    { "WhereOptions", NULL, 0 },
    { "RankOptions", NULL, 0 },
    { "ReverseSequenceOptions", reversesequenceoptions, 2 },
    { "MatrixDiagOptions", NULL, 0 },
    { "QuantizeOptions", NULL, 0 },
    { "MatrixSetDiagOptions", NULL, 0 },
    { "HardSwishOptions", NULL, 0 },
    { "IfOptions", ifoptions, 2 },
    { "WhileOptions", whileoptions, 2 },
    { "DepthToSpaceOptions", depthtospaceoptions, 1 },
    { "NonMaxSuppressionV4Options", NULL, 0 },
    { "NonMaxSuppressionV5Options", NULL, 0 },
    { "ScatterNdOptions", NULL, 0 },
    { "SelectV2Options", NULL, 0 },
    { "DensifyOptions", NULL, 0 },
    { "SegmentSumOptions", NULL, 0 },
    { "BatchMatMulOptions", batchmatmuloptions, 3 },
    { "CumsumOptions", cumsumoptions, 2 },
    { "CallOnceOptions", callonceoptions, 1 },
    { "BroadcastToOptions", NULL, 0 },
    { "Rfft2dOptions", NULL, 0 },
    { "Conv3DOptions", conv3doptions, 8 },
    { "HashtableOptions", hashtableoptions, 3 },
    { "HashtableFindOptions", NULL, 0 },
    { "HashtableImportOptions", NULL, 0 },
    { "HashtableSizeOptions", NULL, 0 },
    { "VarHandleOptions", varhandleoptions, 2 },
    { "ReadVariableOptions", NULL, 0 },
    { "AssignVariableOptions", NULL, 0 },
    { "RandomOptions", randomoptions, 2 },
    { "BucketizeOptions", bucketizeoptions, 1 },
    { "GeluOptions", geluoptions, 1 },
    { "DynamicUpdateSliceOptions", NULL, 0 },
    { "UnsortedSegmentProdOptions", NULL, 0 },
    { "UnsortedSegmentMaxOptions", NULL, 0 },
    { "UnsortedSegmentMinOptions", NULL, 0 },
    { "UnsortedSegmentSumOptions", NULL, 0 },
    { "ATan2Options", NULL, 0 },
    { "SignOptions", NULL, 0 },
    { "BitcastOptions", NULL, 0 },
    { "BitwiseXorOptions", NULL, 0 },
    { "RightShiftOptions", NULL, 0 },
    { "StablehloConcatenateOptions", stablehloconcatenateoptions, 1 },
    { "StablehloBroadcastInDimOptions", stablehlobroadcastindimoptions, 1 },
    { "StablehloSliceOptions", stablehlosliceoptions, 3 },
    { "StablehloConvolutionOptions", stablehloconvolutionoptions, 15 },
    { "StablehloCustomCallOptions", stablehlocustomcalloptions, 5 },
    { "StablehloReduceOptions", stablehloreduceoptions, 2 },
    { "StablehloScatterOptions", stablehloscatteroptions, 7 },
    { "StablehloCompareOptions", stablehlocompareoptions, 2 },
    { "StablehloDynamicSliceOptions", stablehlodynamicsliceoptions, 1 },
    { "StablehloPadOptions", stablehlopadoptions, 3 },
    { "StablehloIotaOptions", stablehloiotaoptions, 1 },
    { "StablehloDotGeneralOptions", stablehlodotgeneraloptions, 4 },
    { "StablehloReduceWindowOptions", stablehloreducewindowoptions, 6 },
    { "StablehloSortOptions", stablehlosortoptions, 3 },
    { "StablehloWhileOptions", stablehlowhileoptions, 2 },
    { "StablehloGatherOptions", stablehlogatheroptions, 6 },
    { "StablehloTransposeOptions", stablehlotransposeoptions, 1 },
    { "DilateOptions", NULL, 0 },
    { "StablehloRngBitGeneratorOptions", stablehlorngbitgeneratoroptions, 1 },
    { "ReduceWindowOptions", reducewindowoptions, 1 },
    { "StableHLOCompositeOptions", stablehlocompositeoptions, 4 },
    { "StablehloShiftLeftOptions", NULL, 0 },
    { "StablehloCaseOptions", stablehlocaseoptions, 1 },
};
const int32_t crl_schema_n_option_tables = sizeof crl_schema_option_tables / sizeof crl_schema_option_tables[0];
const int32_t crl_schema_second_options = 127;

/* By BuiltinOperator; the number is that of the options above, 0: none. */
const crl_schema_operator crl_schema_operators[] = {
    { "ADD", 11 }, /* 0 */
    { "AVERAGE_POOL_2D", 5 }, /* 1 */
    { "CONCATENATION", 10 }, /* 2 */
    { "CONV_2D", 1 }, /* 3 */
    { "DEPTHWISE_CONV_2D", 2 }, /* 4 */
    { "DEPTH_TO_SPACE", 94 }, /* 5 */
    { "DEQUANTIZE", 38 }, /* 6 */
    { "EMBEDDING_LOOKUP", 0 }, /* 7 */
    { "FLOOR", 0 }, /* 8 */
    { "FULLY_CONNECTED", 8 }, /* 9 */
    { "HASHTABLE_LOOKUP", 0 }, /* 10 */
    { "L2_NORMALIZATION", 12 }, /* 11 */
    { "L2_POOL_2D", 5 }, /* 12 */
    { "LOCAL_RESPONSE_NORMALIZATION", 13 }, /* 13 */
    { "LOGISTIC", 0 }, /* 14 */
    { "LSH_PROJECTION", 4 }, /* 15 */
    { "LSTM", 14 }, /* 16 */
    { "MAX_POOL_2D", 5 }, /* 17 */
    { "MUL", 21 }, /* 18 */
    { "RELU", 0 }, /* 19 */
    { "RELU_N1_TO_1", 0 }, /* 20 */
    { "RELU6", 0 }, /* 21 */
    { "RESHAPE", 17 }, /* 22 */
    { "RESIZE_BILINEAR", 15 }, /* 23 */
    { "RNN", 7 }, /* 24 */
    { "SOFTMAX", 9 }, /* 25 */
    { "SPACE_TO_DEPTH", 19 }, /* 26 */
    { "SVDF", 6 }, /* 27 */
    { "TANH", 0 }, /* 28 */
    { "CONCAT_EMBEDDINGS", 3 }, /* 29 */
    { "SKIP_GRAM", 18 }, /* 30 */
    { "CALL", 16 }, /* 31 */
    { "CUSTOM", 0 }, /* 32 */
    { "EMBEDDING_LOOKUP_SPARSE", 20 }, /* 33 */
    { "PAD", 22 }, /* 34 */
    { "UNIDIRECTIONAL_SEQUENCE_RNN", 31 }, /* 35 */
    { "GATHER", 23 }, /* 36 */
    { "BATCH_TO_SPACE_ND", 24 }, /* 37 */
    { "SPACE_TO_BATCH_ND", 25 }, /* 38 */
    { "TRANSPOSE", 26 }, /* 39 */
    { "MEAN", 27 }, /* 40 */
    { "SUB", 28 }, /* 41 */
    { "DIV", 29 }, /* 42 */
    { "SQUEEZE", 30 }, /* 43 */
    { "UNIDIRECTIONAL_SEQUENCE_LSTM", 71 }, /* 44 */
    { "STRIDED_SLICE", 32 }, /* 45 */
    { "BIDIRECTIONAL_SEQUENCE_RNN", 70 }, /* 46 */
    { "EXP", 33 }, /* 47 */
    { "TOPK_V2", 34 }, /* 48 */
    { "SPLIT", 35 }, /* 49 */
    { "LOG_SOFTMAX", 36 }, /* 50 */
    { "DELEGATE", 0 }, /* 51 */
    { "BIDIRECTIONAL_SEQUENCE_LSTM", 69 }, /* 52 */
    { "CAST", 37 }, /* 53 */
    { "PRELU", 0 }, /* 54 */
    { "MAXIMUM", 39 }, /* 55 */
    { "ARG_MAX", 40 }, /* 56 */
    { "MINIMUM", 39 }, /* 57 */
    { "LESS", 41 }, /* 58 */
    { "NEG", 42 }, /* 59 */
    { "PADV2", 43 }, /* 60 */
    { "GREATER", 44 }, /* 61 */
    { "GREATER_EQUAL", 45 }, /* 62 */
    { "LESS_EQUAL", 46 }, /* 63 */
    { "SELECT", 47 }, /* 64 */
    { "SLICE", 48 }, /* 65 */
    { "SIN", 0 }, /* 66 */
    { "TRANSPOSE_CONV", 49 }, /* 67 */
    { "SPARSE_TO_DENSE", 50 }, /* 68 */
    { "TILE", 51 }, /* 69 */
    { "EXPAND_DIMS", 52 }, /* 70 */
    { "EQUAL", 53 }, /* 71 */
    { "NOT_EQUAL", 54 }, /* 72 */
    { "LOG", 0 }, /* 73 */
    { "SUM", 27 }, /* 74 */
    { "SQRT", 0 }, /* 75 */
    { "RSQRT", 0 }, /* 76 */
    { "SHAPE", 55 }, /* 77 */
    { "POW", 56 }, /* 78 */
    { "ARG_MIN", 57 }, /* 79 */
    { "FAKE_QUANT", 58 }, /* 80 */
    { "REDUCE_PROD", 27 }, /* 81 */
    { "REDUCE_MAX", 27 }, /* 82 */
    { "PACK", 59 }, /* 83 */
    { "LOGICAL_OR", 60 }, /* 84 */
    { "ONE_HOT", 61 }, /* 85 */
    { "LOGICAL_AND", 62 }, /* 86 */
    { "LOGICAL_NOT", 63 }, /* 87 */
    { "UNPACK", 64 }, /* 88 */
    { "REDUCE_MIN", 27 }, /* 89 */
    { "FLOOR_DIV", 65 }, /* 90 */
    { "REDUCE_ANY", 27 }, /* 91 */
    { "SQUARE", 66 }, /* 92 */
    { "ZEROS_LIKE", 67 }, /* 93 */
    { "FILL", 68 }, /* 94 */
    { "FLOOR_MOD", 72 }, /* 95 */
    { "RANGE", 73 }, /* 96 */
    { "RESIZE_NEAREST_NEIGHBOR", 74 }, /* 97 */
    { "LEAKY_RELU", 75 }, /* 98 */
    { "SQUARED_DIFFERENCE", 76 }, /* 99 */
    { "MIRROR_PAD", 77 }, /* 100 */
    { "ABS", 78 }, /* 101 */
    { "SPLIT_V", 79 }, /* 102 */
    { "UNIQUE", 80 }, /* 103 */
    { "CEIL", 0 }, /* 104 */
    { "REVERSE_V2", 81 }, /* 105 */
    { "ADD_N", 82 }, /* 106 */
    { "GATHER_ND", 83 }, /* 107 */
    { "COS", 84 }, /* 108 */
    { "WHERE", 85 }, /* 109 */
    { "RANK", 86 }, /* 110 */
    { "ELU", 0 }, /* 111 */
    { "REVERSE_SEQUENCE", 87 }, /* 112 */
    { "MATRIX_DIAG", 88 }, /* 113 */
    { "QUANTIZE", 89 }, /* 114 */
    { "MATRIX_SET_DIAG", 90 }, /* 115 */
    { "ROUND", 0 }, /* 116 */
    { "HARD_SWISH", 91 }, /* 117 */
    { "IF", 92 }, /* 118 */
    { "WHILE", 93 }, /* 119 */
    { "NON_MAX_SUPPRESSION_V4", 95 }, /* 120 */
    { "NON_MAX_SUPPRESSION_V5", 96 }, /* 121 */
    { "SCATTER_ND", 97 }, /* 122 */
    { "SELECT_V2", 98 }, /* 123 */
    { "DENSIFY", 99 }, /* 124 */
    { "SEGMENT_SUM", 100 }, /* 125 */
    { "BATCH_MATMUL", 101 }, /* 126 */
    { "PLACEHOLDER_FOR_GREATER_OP_CODES", 0 }, /* 127 */
    { "CUMSUM", 102 }, /* 128 */
    { "CALL_ONCE", 103 }, /* 129 */
    { "BROADCAST_TO", 104 }, /* 130 */
    { "RFFT2D", 105 }, /* 131 */
    { "CONV_3D", 106 }, /* 132 */
    { "IMAG", 0 }, /* 133 */
    { "REAL", 0 }, /* 134 */
    { "COMPLEX_ABS", 0 }, /* 135 */
    { "HASHTABLE", 107 }, /* 136 */
    { "HASHTABLE_FIND", 108 }, /* 137 */
    { "HASHTABLE_IMPORT", 109 }, /* 138 */
    { "HASHTABLE_SIZE", 110 }, /* 139 */
    { "REDUCE_ALL", 27 }, /* 140 */
    { "CONV_3D_TRANSPOSE", 106 }, /* 141 */
    { "VAR_HANDLE", 111 }, /* 142 */
    { "READ_VARIABLE", 112 }, /* 143 */
    { "ASSIGN_VARIABLE", 113 }, /* 144 */
    { "BROADCAST_ARGS", 0 }, /* 145 */
    { "RANDOM_STANDARD_NORMAL", 114 }, /* 146 */
    { "BUCKETIZE", 115 }, /* 147 */
    { "RANDOM_UNIFORM", 114 }, /* 148 */
    { "MULTINOMIAL", 114 }, /* 149 */
    { "GELU", 116 }, /* 150 */
    { "DYNAMIC_UPDATE_SLICE", 117 }, /* 151 */
    { "RELU_0_TO_1", 0 }, /* 152 */
    { "UNSORTED_SEGMENT_PROD", 118 }, /* 153 */
    { "UNSORTED_SEGMENT_MAX", 119 }, /* 154 */
    { "UNSORTED_SEGMENT_SUM", 121 }, /* 155 */
    { "ATAN2", 122 }, /* 156 */
    { "UNSORTED_SEGMENT_MIN", 120 }, /* 157 */
    { "SIGN", 123 }, /* 158 */
    { "BITCAST", 124 }, /* 159 */
    { "BITWISE_XOR", 125 }, /* 160 */
    { "RIGHT_SHIFT", 126 }, /* 161 */
    { "STABLEHLO_LOGISTIC", 0 }, /* 162 */
    { "STABLEHLO_ADD", 0 }, /* 163 */
    { "STABLEHLO_DIVIDE", 0 }, /* 164 */
    { "STABLEHLO_MULTIPLY", 0 }, /* 165 */
    { "STABLEHLO_MAXIMUM", 0 }, /* 166 */
    { "STABLEHLO_RESHAPE", 0 }, /* 167 */
    { "STABLEHLO_CLAMP", 0 }, /* 168 */
    { "STABLEHLO_CONCATENATE", 127 }, /* 169 */
    { "STABLEHLO_BROADCAST_IN_DIM", 128 }, /* 170 */
    { "STABLEHLO_CONVOLUTION", 130 }, /* 171 */
    { "STABLEHLO_SLICE", 129 }, /* 172 */
    { "STABLEHLO_CUSTOM_CALL", 131 }, /* 173 */
    { "STABLEHLO_REDUCE", 132 }, /* 174 */
    { "STABLEHLO_ABS", 0 }, /* 175 */
    { "STABLEHLO_AND", 0 }, /* 176 */
    { "STABLEHLO_COSINE", 0 }, /* 177 */
    { "STABLEHLO_EXPONENTIAL", 0 }, /* 178 */
    { "STABLEHLO_FLOOR", 0 }, /* 179 */
    { "STABLEHLO_LOG", 0 }, /* 180 */
    { "STABLEHLO_MINIMUM", 0 }, /* 181 */
    { "STABLEHLO_NEGATE", 0 }, /* 182 */
    { "STABLEHLO_OR", 0 }, /* 183 */
    { "STABLEHLO_POWER", 0 }, /* 184 */
    { "STABLEHLO_REMAINDER", 0 }, /* 185 */
    { "STABLEHLO_RSQRT", 0 }, /* 186 */
    { "STABLEHLO_SELECT", 0 }, /* 187 */
    { "STABLEHLO_SUBTRACT", 0 }, /* 188 */
    { "STABLEHLO_TANH", 0 }, /* 189 */
    { "STABLEHLO_SCATTER", 133 }, /* 190 */
    { "STABLEHLO_COMPARE", 134 }, /* 191 */
    { "STABLEHLO_CONVERT", 0 }, /* 192 */
    { "STABLEHLO_DYNAMIC_SLICE", 135 }, /* 193 */
    { "STABLEHLO_DYNAMIC_UPDATE_SLICE", 0 }, /* 194 */
    { "STABLEHLO_PAD", 136 }, /* 195 */
    { "STABLEHLO_IOTA", 137 }, /* 196 */
    { "STABLEHLO_DOT_GENERAL", 138 }, /* 197 */
    { "STABLEHLO_REDUCE_WINDOW", 139 }, /* 198 */
    { "STABLEHLO_SORT", 140 }, /* 199 */
    { "STABLEHLO_WHILE", 141 }, /* 200 */
    { "STABLEHLO_GATHER", 142 }, /* 201 */
    { "STABLEHLO_TRANSPOSE", 143 }, /* 202 */
    { "DILATE", 144 }, /* 203 */
    { "STABLEHLO_RNG_BIT_GENERATOR", 145 }, /* 204 */
    { "REDUCE_WINDOW", 146 }, /* 205 */
    { "STABLEHLO_COMPOSITE", 147 }, /* 206 */
    { "STABLEHLO_SHIFT_LEFT", 148 }, /* 207 */
    { "STABLEHLO_CBRT", 0 }, /* 208 */
    { "STABLEHLO_CASE", 149 }, /* 209 */
};
const int32_t crl_schema_n_operators = sizeof crl_schema_operators / sizeof crl_schema_operators[0];
