/* SPDX-License-Identifier: Apache-2.0 */
/* The TensorFlow Lite schema, those of its metadata and of compiled packages. Written by tools/gen_schema.py
 * from tools/tflite_schema.txt: edit that. */
#include "model/schema.h"

static const char *const padding[] = {
    "SAME", "VALID"
};

static const char *const activationfunctiontype[] = {
    "NONE", "RELU", "RELU_N1_TO_1", "RELU6", "TANH", "SIGN_BIT"
};

static const char *const tensortype[] = {
    "FLOAT32", "FLOAT16", "INT32", "UINT8", "INT64", "STRING", "BOOL", "INT16", "COMPLEX64", "INT8", "FLOAT64",
    "COMPLEX128", "UINT64", "RESOURCE", "VARIANT", "UINT32", "UINT16", "INT4", "BFLOAT16", "INT2", "UINT4",
    "FLOAT8_E4M3FN", "FLOAT8_E5M2"
};

static const char *const lshprojectiontype[] = {
    "UNKNOWN", "SPARSE", "DENSE"
};

static const char *const fullyconnectedoptionsweightsformat[] = {
    "DEFAULT", "SHUFFLED4x16INT8"
};

static const char *const lstmkerneltype[] = {
    "FULL", "BASIC"
};

static const char *const combinertype[] = {
    "SUM", "MEAN", "SQRTN"
};

static const char *const mirrorpadmode[] = {
    "REFLECT", "SYMMETRIC"
};

static const char *const stablehlocomparisondirection[] = {
    "STABLEHLO_COMPARISON_DIRECTION_EQ", "STABLEHLO_COMPARISON_DIRECTION_NE", "STABLEHLO_COMPARISON_DIRECTION_GE",
    "STABLEHLO_COMPARISON_DIRECTION_GT", "STABLEHLO_COMPARISON_DIRECTION_LE", "STABLEHLO_COMPARISON_DIRECTION_LT"
};

static const char *const stablehlocomparisontype[] = {
    "STABLEHLO_COMPARISON_TYPE_NOTYPE", "STABLEHLO_COMPARISON_TYPE_FLOAT",
    "STABLEHLO_COMPARISON_TYPE_FLOAT_TOTAL_ORDER", "STABLEHLO_COMPARISON_TYPE_SIGNED",
    "STABLEHLO_COMPARISON_TYPE_UNSIGNED"
};

static const char *const rngalgorithm[] = {
    "DEFAULT", "PHILOX", "THREEFRY"
};

static const char *const reducewindowfunction[] = {
    "UNSUPPORTED", "ADD", "MUL", "MINIMUM", "MAXIMUM", "ALL", "ANY"
};

static const char *const customoptionsformat[] = {
    "FLEXBUFFERS"
};

static const char *const dimensiontype[] = {
    "DENSE", "SPARSE_CSR"
};

static const char *const associatedfiletype[] = {
    "UNKNOWN", "DESCRIPTIONS", "TENSOR_AXIS_LABELS", "TENSOR_VALUE_LABELS", "TENSOR_AXIS_SCORE_CALIBRATION",
    "VOCABULARY", "SCANN_INDEX_FILE"
};

static const char *const colorspacetype[] = {
    "UNKNOWN", "RGB", "GRAYSCALE"
};

static const char *const boundingboxtype[] = {
    "UNKNOWN", "BOUNDARIES", "UPPER_LEFT", "CENTER"
};

static const char *const coordinatetype[] = {
    "RATIO", "PIXEL"
};

static const char *const scoretransformationtype[] = {
    "IDENTITY", "LOG", "INVERSE_LOGISTIC"
};

static const char *const executabletype[] = {
    "STAND_ALONE", "PARAMETER_CACHING", "EXECUTION_ONLY"
};

static const char *const fielddescription[] = {
    "OUTPUT_ACTIVATION", "INPUT_ACTIVATION", "PARAMETER", "SCRATCH"
};

static const char *const fieldposition[] = {
    "LOWER", "UPPER"
};

static const char *const hintdirection[] = {
    "INFEED", "OUTFEED"
};

static const char *const layerdatatype[] = {
    "FIXED_POINT8", "FIXED_POINT16", "SIGNED_FIXED_POINT32", "BFLOAT", "HALF", "SINGLE", "UNKNOWN6", "UNKNOWN7",
    "SIGNED_FIXED_POINT8", "SIGNED_FIXED_POINT16"
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
    { dimensiontype, 2 },
    { associatedfiletype, 7 },
    { colorspacetype, 3 },
    { boundingboxtype, 4 },
    { coordinatetype, 2 },
    { scoretransformationtype, 3 },
    { executabletype, 3 },
    { fielddescription, 4 },
    { fieldposition, 2 },
    { hintdirection, 2 },
    { layerdatatype, 10 },
};

const crl_schema_field crl_schema_fields[] = {
    /* Model */
    { "version", 0, CRL_SCHEMA_U32, 0, 0, false },
    { "operator_codes", 1, CRL_SCHEMA_TABLES, 173, 0, false },
    { "subgraphs", 2, CRL_SCHEMA_TABLES, 174, 0, false },
    { "description", 3, CRL_SCHEMA_TEXT, 0, 0, false },
    { "buffers", 4, CRL_SCHEMA_TABLES, 181, 0, false },
    { "metadata_buffer", 5, CRL_SCHEMA_INTS, 0, 0, false },
    { "metadata", 6, CRL_SCHEMA_TABLES, 182, 0, false },
    { "signature_defs", 7, CRL_SCHEMA_TABLES, 183, 0, false },
    { "external_buffer_groups", 8, CRL_SCHEMA_TABLES, 185, 0, false },
    { "external_buffers", 9, CRL_SCHEMA_TABLES, 186, 0, false },
    /* OperatorCode */
    { "deprecated_builtin_code", 0, CRL_SCHEMA_I8, 0, 0, false },
    { "custom_code", 1, CRL_SCHEMA_TEXT, 0, 0, false },
    { "version", 2, CRL_SCHEMA_I32, 0, 1, false },
    { "builtin_code", 3, CRL_SCHEMA_I32, 0, 0, false },
    /* SubGraph */
    { "tensors", 0, CRL_SCHEMA_TABLES, 175, 0, false },
    { "inputs", 1, CRL_SCHEMA_INTS, 0, 0, false },
    { "outputs", 2, CRL_SCHEMA_INTS, 0, 0, false },
    { "operators", 3, CRL_SCHEMA_TABLES, 180, 0, false },
    { "name", 4, CRL_SCHEMA_TEXT, 0, 0, false },
    { "debug_metadata_index", 5, CRL_SCHEMA_I32, 0, -1, false },
    /* Tensor */
    { "shape", 0, CRL_SCHEMA_INTS, 0, 0, false },
    { "type", 1, CRL_SCHEMA_I8, 3, 0, false },
    { "buffer", 2, CRL_SCHEMA_U32, 0, 0, false },
    { "name", 3, CRL_SCHEMA_TEXT, 0, 0, false },
    { "quantization", 4, CRL_SCHEMA_TABLE, 177, 0, false },
    { "is_variable", 5, CRL_SCHEMA_BOOL, 0, 0, false },
    { "sparsity", 6, CRL_SCHEMA_TABLE, 178, 0, false },
    { "shape_signature", 7, CRL_SCHEMA_INTS, 0, 0, false },
    { "has_rank", 8, CRL_SCHEMA_BOOL, 0, 0, false },
    { "variant_tensors", 9, CRL_SCHEMA_TABLES, 176, 0, false },
    { "external_buffer", 10, CRL_SCHEMA_U32, 0, 0, false },
    /* VariantSubType */
    { "shape", 0, CRL_SCHEMA_INTS, 0, 0, false },
    { "type", 1, CRL_SCHEMA_I8, 3, 0, false },
    { "has_rank", 2, CRL_SCHEMA_BOOL, 0, 0, false },
    /* QuantizationParameters */
    { "min", 0, CRL_SCHEMA_FLOATS, 0, 0, false },
    { "max", 1, CRL_SCHEMA_FLOATS, 0, 0, false },
    { "scale", 2, CRL_SCHEMA_FLOATS, 0, 0, false },
    { "zero_point", 3, CRL_SCHEMA_LONGS, 0, 0, false },
    { "details_type", 4, CRL_SCHEMA_TYPE, 0, 0, false },
    { "details", 5, CRL_SCHEMA_UNION, 0, 0, false },
    { "quantized_dimension", 6, CRL_SCHEMA_I32, 0, 0, false },
    /* SparsityParameters */
    { "traversal_order", 0, CRL_SCHEMA_INTS, 0, 0, false },
    { "block_map", 1, CRL_SCHEMA_INTS, 0, 0, false },
    { "dim_metadata", 2, CRL_SCHEMA_TABLES, 179, 0, false },
    /* DimensionMetadata */
    { "format", 0, CRL_SCHEMA_I8, 14, 0, false },
    { "dense_size", 1, CRL_SCHEMA_I32, 0, 0, false },
    { "array_segments_type", 2, CRL_SCHEMA_TYPE, 1, 0, false },
    { "array_segments", 3, CRL_SCHEMA_UNION, 1, 0, false },
    { "array_indices_type", 4, CRL_SCHEMA_TYPE, 1, 0, false },
    { "array_indices", 5, CRL_SCHEMA_UNION, 1, 0, false },
    /* Operator */
    { "opcode_index", 0, CRL_SCHEMA_U32, 0, 0, false },
    { "inputs", 1, CRL_SCHEMA_INTS, 0, 0, false },
    { "outputs", 2, CRL_SCHEMA_INTS, 0, 0, false },
    { "builtin_options_type", 3, CRL_SCHEMA_TYPE, 2, 0, false },
    { "builtin_options", 4, CRL_SCHEMA_UNION, 2, 0, false },
    { "custom_options", 5, CRL_SCHEMA_BYTES, 0, 0, false },
    { "custom_options_format", 6, CRL_SCHEMA_I8, 13, 0, false },
    { "mutating_variable_inputs", 7, CRL_SCHEMA_BOOLS, 0, 0, false },
    { "intermediates", 8, CRL_SCHEMA_INTS, 0, 0, false },
    { "large_custom_options_offset", 9, CRL_SCHEMA_U64, 0, 0, false },
    { "large_custom_options_size", 10, CRL_SCHEMA_U64, 0, 0, false },
    { "builtin_options_2_type", 11, CRL_SCHEMA_TYPE, 3, 0, false },
    { "builtin_options_2", 12, CRL_SCHEMA_UNION, 3, 0, false },
    { "debug_metadata_index", 13, CRL_SCHEMA_I32, 0, -1, false },
    /* Buffer */
    { "data", 0, CRL_SCHEMA_BYTES, 0, 0, false },
    { "offset", 1, CRL_SCHEMA_U64, 0, 0, false },
    { "size", 2, CRL_SCHEMA_U64, 0, 0, false },
    /* Metadata */
    { "name", 0, CRL_SCHEMA_TEXT, 0, 0, false },
    { "buffer", 1, CRL_SCHEMA_U32, 0, 0, false },
    /* SignatureDef */
    { "inputs", 0, CRL_SCHEMA_TABLES, 184, 0, false },
    { "outputs", 1, CRL_SCHEMA_TABLES, 184, 0, false },
    { "signature_key", 2, CRL_SCHEMA_TEXT, 0, 0, false },
    { "subgraph_index", 4, CRL_SCHEMA_U32, 0, 0, true },
    /* TensorMap */
    { "name", 0, CRL_SCHEMA_TEXT, 0, 0, false },
    { "tensor_index", 1, CRL_SCHEMA_U32, 0, 0, false },
    /* ExternalBufferGroup */
    { "name", 0, CRL_SCHEMA_TEXT, 0, 0, false },
    /* ExternalBuffer */
    { "id", 0, CRL_SCHEMA_U32, 0, 0, false },
    { "group", 1, CRL_SCHEMA_U32, 0, 0, false },
    { "offset", 2, CRL_SCHEMA_U64, 0, 0, false },
    { "length", 3, CRL_SCHEMA_U64, 0, 0, false },
    { "packing", 4, CRL_SCHEMA_TEXT, 0, 0, false },
    /* CustomQuantization */
    { "custom", 0, CRL_SCHEMA_BYTES, 0, 0, false },
    /* BlockwiseQuantization */
    { "scales", 0, CRL_SCHEMA_I32, 0, 0, false },
    { "zero_points", 1, CRL_SCHEMA_I32, 0, 0, false },
    { "block_size", 2, CRL_SCHEMA_I32, 0, 0, false },
    { "block_shape", 3, CRL_SCHEMA_INTS, 0, 0, false },
    /* MultiAxisQuantization */
    { "scales", 0, CRL_SCHEMA_I32, 0, 0, false },
    { "zero_points", 1, CRL_SCHEMA_I32, 0, 0, false },
    { "block_size", 2, CRL_SCHEMA_I32, 0, 0, false },
    { "quantized_dimensions", 3, CRL_SCHEMA_INTS, 0, 0, false },
    /* Int32Vector */
    { "values", 0, CRL_SCHEMA_INTS, 0, 0, false },
    /* Uint16Vector */
    { "values", 0, CRL_SCHEMA_SHORTS, 0, 0, false },
    /* Uint8Vector */
    { "values", 0, CRL_SCHEMA_BYTES, 0, 0, false },
    /* ModelMetadata */
    { "name", 0, CRL_SCHEMA_TEXT, 0, 0, false },
    { "description", 1, CRL_SCHEMA_TEXT, 0, 0, false },
    { "version", 2, CRL_SCHEMA_TEXT, 0, 0, false },
    { "subgraph_metadata", 3, CRL_SCHEMA_TABLES, 188, 0, false },
    { "author", 4, CRL_SCHEMA_TEXT, 0, 0, false },
    { "license", 5, CRL_SCHEMA_TEXT, 0, 0, false },
    { "associated_files", 6, CRL_SCHEMA_TABLES, 190, 0, false },
    { "min_parser_version", 7, CRL_SCHEMA_TEXT, 0, 0, false },
    /* SubGraphMetadata */
    { "name", 0, CRL_SCHEMA_TEXT, 0, 0, false },
    { "description", 1, CRL_SCHEMA_TEXT, 0, 0, false },
    { "input_tensor_metadata", 2, CRL_SCHEMA_TABLES, 189, 0, false },
    { "output_tensor_metadata", 3, CRL_SCHEMA_TABLES, 189, 0, false },
    { "associated_files", 4, CRL_SCHEMA_TABLES, 190, 0, false },
    { "input_process_units", 5, CRL_SCHEMA_TABLES, 195, 0, false },
    { "output_process_units", 6, CRL_SCHEMA_TABLES, 195, 0, false },
    { "input_tensor_groups", 7, CRL_SCHEMA_TABLES, 196, 0, false },
    { "output_tensor_groups", 8, CRL_SCHEMA_TABLES, 196, 0, false },
    { "custom_metadata", 9, CRL_SCHEMA_TABLES, 197, 0, false },
    /* TensorMetadata */
    { "name", 0, CRL_SCHEMA_TEXT, 0, 0, false },
    { "description", 1, CRL_SCHEMA_TEXT, 0, 0, false },
    { "dimension_names", 2, CRL_SCHEMA_TEXTS, 0, 0, false },
    { "content", 3, CRL_SCHEMA_TABLE, 191, 0, false },
    { "process_units", 4, CRL_SCHEMA_TABLES, 195, 0, false },
    { "stats", 5, CRL_SCHEMA_TABLE, 193, 0, false },
    { "associated_files", 6, CRL_SCHEMA_TABLES, 190, 0, false },
    /* AssociatedFile */
    { "name", 0, CRL_SCHEMA_TEXT, 0, 0, false },
    { "description", 1, CRL_SCHEMA_TEXT, 0, 0, false },
    { "type", 2, CRL_SCHEMA_I8, 15, 0, false },
    { "locale", 3, CRL_SCHEMA_TEXT, 0, 0, false },
    { "version", 4, CRL_SCHEMA_TEXT, 0, 0, false },
    /* Content */
    { "content_properties_type", 0, CRL_SCHEMA_TYPE, 4, 0, false },
    { "content_properties", 1, CRL_SCHEMA_UNION, 4, 0, false },
    { "range", 2, CRL_SCHEMA_TABLE, 192, 0, false },
    /* ValueRange */
    { "min", 0, CRL_SCHEMA_I32, 0, 0, false },
    { "max", 1, CRL_SCHEMA_I32, 0, 0, false },
    /* Stats */
    { "max", 0, CRL_SCHEMA_FLOATS, 0, 0, false },
    { "min", 1, CRL_SCHEMA_FLOATS, 0, 0, false },
    /* ImageSize */
    { "width", 0, CRL_SCHEMA_U32, 0, 0, false },
    { "height", 1, CRL_SCHEMA_U32, 0, 0, false },
    /* ProcessUnit */
    { "options_type", 0, CRL_SCHEMA_TYPE, 5, 0, false },
    { "options", 1, CRL_SCHEMA_UNION, 5, 0, false },
    /* TensorGroup */
    { "name", 0, CRL_SCHEMA_TEXT, 0, 0, false },
    { "tensor_names", 1, CRL_SCHEMA_TEXTS, 0, 0, false },
    /* CustomMetadata */
    { "name", 0, CRL_SCHEMA_TEXT, 0, 0, false },
    { "data", 1, CRL_SCHEMA_BYTES, 0, 0, false },
    /* ObjectDetectorOptions */
    { "min_parser_version", 0, CRL_SCHEMA_TEXT, 0, 0, false },
    { "ssd_anchors_options", 1, CRL_SCHEMA_TABLE, 199, 0, false },
    { "tensors_decoding_options", 2, CRL_SCHEMA_TABLE, 202, 0, false },
    /* SsdAnchorsOptions */
    { "fixed_anchors_schema", 0, CRL_SCHEMA_TABLE, 200, 0, false },
    /* FixedAnchorsSchema */
    { "anchors", 0, CRL_SCHEMA_TABLES, 201, 0, false },
    /* FixedAnchor */
    { "x_center", 0, CRL_SCHEMA_F32, 0, 0, false },
    { "y_center", 1, CRL_SCHEMA_F32, 0, 0, false },
    { "width", 2, CRL_SCHEMA_F32, 0, 0, false },
    { "height", 3, CRL_SCHEMA_F32, 0, 0, false },
    /* TensorsDecodingOptions */
    { "num_classes", 0, CRL_SCHEMA_I32, 0, 0, false },
    { "num_boxes", 1, CRL_SCHEMA_I32, 0, 0, false },
    { "num_coords", 2, CRL_SCHEMA_I32, 0, 0, false },
    { "keypoint_coord_offset", 3, CRL_SCHEMA_I32, 0, 0, false },
    { "num_keypoints", 4, CRL_SCHEMA_I32, 0, 0, false },
    { "num_values_per_keypoint", 5, CRL_SCHEMA_I32, 0, 0, false },
    { "x_scale", 6, CRL_SCHEMA_F32, 0, 0, false },
    { "y_scale", 7, CRL_SCHEMA_F32, 0, 0, false },
    { "w_scale", 8, CRL_SCHEMA_F32, 0, 0, false },
    { "h_scale", 9, CRL_SCHEMA_F32, 0, 0, false },
    { "apply_exponential_on_box_size", 10, CRL_SCHEMA_BOOL, 0, 0, false },
    { "sigmoid_score", 11, CRL_SCHEMA_BOOL, 0, 0, false },
    /* ImageProperties */
    { "color_space", 0, CRL_SCHEMA_I8, 16, 0, false },
    { "default_size", 1, CRL_SCHEMA_TABLE, 194, 0, false },
    /* BoundingBoxProperties */
    { "index", 0, CRL_SCHEMA_UINTS, 0, 0, false },
    { "type", 1, CRL_SCHEMA_I8, 17, 0, false },
    { "coordinate_type", 2, CRL_SCHEMA_I8, 18, 0, false },
    /* AudioProperties */
    { "sample_rate", 0, CRL_SCHEMA_U32, 0, 0, false },
    { "channels", 1, CRL_SCHEMA_U32, 0, 0, false },
    /* NormalizationOptions */
    { "mean", 0, CRL_SCHEMA_FLOATS, 0, 0, false },
    { "std", 1, CRL_SCHEMA_FLOATS, 0, 0, false },
    /* ScoreCalibrationOptions */
    { "score_transformation", 0, CRL_SCHEMA_I8, 19, 0, false },
    { "default_score", 1, CRL_SCHEMA_F32, 0, 0, false },
    /* ScoreThresholdingOptions */
    { "global_score_threshold", 0, CRL_SCHEMA_F32, 0, 0, false },
    /* BertTokenizerOptions */
    { "vocab_file", 0, CRL_SCHEMA_TABLES, 190, 0, false },
    /* SentencePieceTokenizerOptions */
    { "sentencePiece_model", 0, CRL_SCHEMA_TABLES, 190, 0, false },
    { "vocab_file", 1, CRL_SCHEMA_TABLES, 190, 0, false },
    /* RegexTokenizerOptions */
    { "delim_regex_pattern", 0, CRL_SCHEMA_TEXT, 0, 0, false },
    { "vocab_file", 1, CRL_SCHEMA_TABLES, 190, 0, false },
    /* Package */
    { "min_runtime_version", 0, CRL_SCHEMA_I32, 0, 0, false },
    { "serialized_multi_executable", 1, CRL_SCHEMA_BYTES, 0, 0, false },
    { "signature", 2, CRL_SCHEMA_BYTES, 0, 0, false },
    { "keypair_version", 3, CRL_SCHEMA_I32, 0, 0, false },
    { "compiler_version", 4, CRL_SCHEMA_TEXT, 0, 0, false },
    { "virtual_chip_id", 5, CRL_SCHEMA_I32, 0, 0, false },
    { "multi_chip_package", 6, CRL_SCHEMA_TABLES, 204, 0, false },
    { "model_identifier", 7, CRL_SCHEMA_TEXT, 0, 0, false },
    /* SerializedPackage */
    { "serialized_package", 0, CRL_SCHEMA_BYTES, 0, 0, false },
    /* MultiExecutable */
    { "serialized_executables", 0, CRL_SCHEMA_TEXTS, 0, 0, false },
    /* Executable */
    { "version", 0, CRL_SCHEMA_I32, 0, 0, false },
    { "name", 1, CRL_SCHEMA_TEXT, 0, 0, false },
    { "serialized_model", 2, CRL_SCHEMA_BYTES, 0, 0, false },
    { "batch_size", 3, CRL_SCHEMA_I32, 0, 0, false },
    { "scratch_size_bytes", 4, CRL_SCHEMA_I32, 0, 0, false },
    { "instruction_bitstreams", 5, CRL_SCHEMA_TABLES, 207, 0, false },
    { "parameters", 6, CRL_SCHEMA_BYTES, 0, 0, false },
    { "dma_hints", 7, CRL_SCHEMA_TABLE, 210, 0, false },
    { "input_layers", 8, CRL_SCHEMA_TABLES, 212, 0, false },
    { "output_layers", 9, CRL_SCHEMA_TABLES, 212, 0, false },
    { "chip", 10, CRL_SCHEMA_TEXT, 0, 0, false },
    { "estimated_cycles", 11, CRL_SCHEMA_I32, 0, 0, false },
    { "used_narrow_memory_bytes_per_tile", 12, CRL_SCHEMA_I32, 0, 0, false },
    { "type", 13, CRL_SCHEMA_I16, 20, 0, false },
    { "parameter_caching_token", 14, CRL_SCHEMA_U64, 0, 0, false },
    { "use_tpu_dram_for_parameters", 15, CRL_SCHEMA_BOOL, 0, 0, false },
    { "estimated_cycles_64bit", 16, CRL_SCHEMA_I64, 0, 0, false },
    /* InstructionBitstream */
    { "bitstream", 0, CRL_SCHEMA_BYTES, 0, 0, false },
    { "field_offsets", 1, CRL_SCHEMA_TABLES, 208, 0, false },
    /* FieldOffset */
    { "meta", 0, CRL_SCHEMA_TABLE, 209, 0, false },
    { "offset_bit", 1, CRL_SCHEMA_I32, 0, 0, false },
    /* Meta */
    { "desc", 0, CRL_SCHEMA_I16, 21, 0, false },
    { "batch", 1, CRL_SCHEMA_I32, 0, 0, false },
    { "name", 2, CRL_SCHEMA_TEXT, 0, 0, false },
    { "position", 3, CRL_SCHEMA_I16, 22, 0, false },
    /* DmaHints */
    { "hints", 0, CRL_SCHEMA_TABLES, 211, 0, false },
    { "fully_deterministic", 1, CRL_SCHEMA_BOOL, 0, 0, false },
    /* DmaHint */
    { "any_hint_type", 0, CRL_SCHEMA_TYPE, 6, 0, false },
    { "any_hint", 1, CRL_SCHEMA_UNION, 6, 0, false },
    { "direction", 2, CRL_SCHEMA_I16, 23, 0, false },
    /* Layer */
    { "name", 0, CRL_SCHEMA_TEXT, 0, 0, false },
    { "size_bytes", 1, CRL_SCHEMA_I32, 0, 0, false },
    { "y_dim", 2, CRL_SCHEMA_I32, 0, 0, false },
    { "x_dim", 3, CRL_SCHEMA_I32, 0, 0, false },
    { "z_dim", 4, CRL_SCHEMA_I32, 0, 0, false },
    { "numerics", 5, CRL_SCHEMA_TABLE, 213, 0, false },
    { "data_type", 6, CRL_SCHEMA_I16, 24, 0, false },
    { "any_layer_type", 7, CRL_SCHEMA_TYPE, 7, 0, false },
    { "any_layer", 8, CRL_SCHEMA_UNION, 7, 0, false },
    { "execution_count_per_inference", 9, CRL_SCHEMA_I32, 0, 1, false },
    { "cache_on_dram", 10, CRL_SCHEMA_BOOL, 0, 0, false },
    { "shape", 11, CRL_SCHEMA_TABLE, 215, 0, false },
    /* NumericsConstants */
    { "zero_point", 0, CRL_SCHEMA_I32, 0, 0, false },
    { "dequantization_factor", 1, CRL_SCHEMA_F32, 0, 0, false },
    /* OutputLayout */
    { "y_coordinate_to_linear_tile_id_map", 0, CRL_SCHEMA_INTS, 0, 0, false },
    { "x_coordinate_to_linear_tile_id_map", 1, CRL_SCHEMA_INTS, 0, 0, false },
    { "linearized_tile_byte_offset", 2, CRL_SCHEMA_INTS, 0, 0, false },
    { "x_coordinate_to_local_byte_offset", 3, CRL_SCHEMA_INTS, 0, 0, false },
    { "y_coordinate_to_local_y_offset", 4, CRL_SCHEMA_INTS, 0, 0, false },
    { "x_coordinate_to_local_y_row_size", 5, CRL_SCHEMA_INTS, 0, 0, false },
    /* TensorShape */
    { "dimension", 0, CRL_SCHEMA_LONGS, 0, 0, false },
    /* DmaDescriptorHint */
    { "meta", 0, CRL_SCHEMA_TABLE, 209, 0, false },
    { "offset_in_bytes", 1, CRL_SCHEMA_I32, 0, 0, false },
    { "size_in_bytes", 2, CRL_SCHEMA_I32, 0, 0, false },
    /* InstructionHint */
    { "instruction_chunk_index", 0, CRL_SCHEMA_I32, 0, 0, false },
    /* InterruptHint */
    { "type", 0, CRL_SCHEMA_I16, 0, 0, false },
    /* OutputLayer */
    { "layout", 0, CRL_SCHEMA_TABLE, 214, 0, false },
    { "data_type", 1, CRL_SCHEMA_I16, 0, 0, false },
    /* Conv2DOptions */
    { "padding", 0, CRL_SCHEMA_I8, 1, 0, false },
    { "stride_w", 1, CRL_SCHEMA_I32, 0, 0, false },
    { "stride_h", 2, CRL_SCHEMA_I32, 0, 0, false },
    { "fused_activation_function", 3, CRL_SCHEMA_I8, 2, 0, false },
    { "dilation_w_factor", 4, CRL_SCHEMA_I32, 0, 1, false },
    { "dilation_h_factor", 5, CRL_SCHEMA_I32, 0, 1, false },
    { "quantized_bias_type", 6, CRL_SCHEMA_I8, 3, 0, false },
    /* DepthwiseConv2DOptions */
    { "padding", 0, CRL_SCHEMA_I8, 1, 0, false },
    { "stride_w", 1, CRL_SCHEMA_I32, 0, 0, false },
    { "stride_h", 2, CRL_SCHEMA_I32, 0, 0, false },
    { "depth_multiplier", 3, CRL_SCHEMA_I32, 0, 0, false },
    { "fused_activation_function", 4, CRL_SCHEMA_I8, 2, 0, false },
    { "dilation_w_factor", 5, CRL_SCHEMA_I32, 0, 1, false },
    { "dilation_h_factor", 6, CRL_SCHEMA_I32, 0, 1, false },
    /* ConcatEmbeddingsOptions */
    { "num_channels", 0, CRL_SCHEMA_I32, 0, 0, false },
    { "num_columns_per_channel", 1, CRL_SCHEMA_INTS, 0, 0, false },
    { "embedding_dim_per_channel", 2, CRL_SCHEMA_INTS, 0, 0, false },
    /* LSHProjectionOptions */
    { "type", 0, CRL_SCHEMA_I8, 4, 0, false },
    /* Pool2DOptions */
    { "padding", 0, CRL_SCHEMA_I8, 1, 0, false },
    { "stride_w", 1, CRL_SCHEMA_I32, 0, 0, false },
    { "stride_h", 2, CRL_SCHEMA_I32, 0, 0, false },
    { "filter_width", 3, CRL_SCHEMA_I32, 0, 0, false },
    { "filter_height", 4, CRL_SCHEMA_I32, 0, 0, false },
    { "fused_activation_function", 5, CRL_SCHEMA_I8, 2, 0, false },
    /* SVDFOptions */
    { "rank", 0, CRL_SCHEMA_I32, 0, 0, false },
    { "fused_activation_function", 1, CRL_SCHEMA_I8, 2, 0, false },
    { "asymmetric_quantize_inputs", 2, CRL_SCHEMA_BOOL, 0, 0, false },
    /* RNNOptions */
    { "fused_activation_function", 0, CRL_SCHEMA_I8, 2, 0, false },
    { "asymmetric_quantize_inputs", 1, CRL_SCHEMA_BOOL, 0, 0, false },
    /* FullyConnectedOptions */
    { "fused_activation_function", 0, CRL_SCHEMA_I8, 2, 0, false },
    { "weights_format", 1, CRL_SCHEMA_I8, 5, 0, false },
    { "keep_num_dims", 2, CRL_SCHEMA_BOOL, 0, 0, false },
    { "asymmetric_quantize_inputs", 3, CRL_SCHEMA_BOOL, 0, 0, false },
    { "quantized_bias_type", 4, CRL_SCHEMA_I8, 3, 0, false },
    { "quant_spec", 5, CRL_SCHEMA_BYTES, 0, 0, false },
    /* SoftmaxOptions */
    { "beta", 0, CRL_SCHEMA_F32, 0, 0, false },
    /* ConcatenationOptions */
    { "axis", 0, CRL_SCHEMA_I32, 0, 0, false },
    { "fused_activation_function", 1, CRL_SCHEMA_I8, 2, 0, false },
    /* AddOptions */
    { "fused_activation_function", 0, CRL_SCHEMA_I8, 2, 0, false },
    { "pot_scale_int16", 1, CRL_SCHEMA_BOOL, 0, 1, false },
    /* L2NormOptions */
    { "fused_activation_function", 0, CRL_SCHEMA_I8, 2, 0, false },
    /* LocalResponseNormalizationOptions */
    { "radius", 0, CRL_SCHEMA_I32, 0, 0, false },
    { "bias", 1, CRL_SCHEMA_F32, 0, 0, false },
    { "alpha", 2, CRL_SCHEMA_F32, 0, 0, false },
    { "beta", 3, CRL_SCHEMA_F32, 0, 0, false },
    /* LSTMOptions */
    { "fused_activation_function", 0, CRL_SCHEMA_I8, 2, 0, false },
    { "cell_clip", 1, CRL_SCHEMA_F32, 0, 0, false },
    { "proj_clip", 2, CRL_SCHEMA_F32, 0, 0, false },
    { "kernel_type", 3, CRL_SCHEMA_I8, 6, 0, false },
    { "asymmetric_quantize_inputs", 4, CRL_SCHEMA_BOOL, 0, 0, false },
    /* ResizeBilinearOptions */
    { "align_corners", 2, CRL_SCHEMA_BOOL, 0, 0, false },
    { "half_pixel_centers", 3, CRL_SCHEMA_BOOL, 0, 0, false },
    /* CallOptions */
    { "subgraph", 0, CRL_SCHEMA_U32, 0, 0, true },
    /* ReshapeOptions */
    { "new_shape", 0, CRL_SCHEMA_INTS, 0, 0, false },
    /* SkipGramOptions */
    { "ngram_size", 0, CRL_SCHEMA_I32, 0, 0, false },
    { "max_skip_size", 1, CRL_SCHEMA_I32, 0, 0, false },
    { "include_all_ngrams", 2, CRL_SCHEMA_BOOL, 0, 0, false },
    /* SpaceToDepthOptions */
    { "block_size", 0, CRL_SCHEMA_I32, 0, 0, false },
    /* EmbeddingLookupSparseOptions */
    { "combiner", 0, CRL_SCHEMA_I8, 7, 0, false },
    /* MulOptions */
    { "fused_activation_function", 0, CRL_SCHEMA_I8, 2, 0, false },
    /* GatherOptions */
    { "axis", 0, CRL_SCHEMA_I32, 0, 0, false },
    { "batch_dims", 1, CRL_SCHEMA_I32, 0, 0, false },
    /* ReducerOptions */
    { "keep_dims", 0, CRL_SCHEMA_BOOL, 0, 0, false },
    /* SubOptions */
    { "fused_activation_function", 0, CRL_SCHEMA_I8, 2, 0, false },
    { "pot_scale_int16", 1, CRL_SCHEMA_BOOL, 0, 1, false },
    /* DivOptions */
    { "fused_activation_function", 0, CRL_SCHEMA_I8, 2, 0, false },
    /* SqueezeOptions */
    { "squeeze_dims", 0, CRL_SCHEMA_INTS, 0, 0, false },
    /* SequenceRNNOptions */
    { "time_major", 0, CRL_SCHEMA_BOOL, 0, 0, false },
    { "fused_activation_function", 1, CRL_SCHEMA_I8, 2, 0, false },
    { "asymmetric_quantize_inputs", 2, CRL_SCHEMA_BOOL, 0, 0, false },
    /* StridedSliceOptions */
    { "begin_mask", 0, CRL_SCHEMA_I32, 0, 0, false },
    { "end_mask", 1, CRL_SCHEMA_I32, 0, 0, false },
    { "ellipsis_mask", 2, CRL_SCHEMA_I32, 0, 0, false },
    { "new_axis_mask", 3, CRL_SCHEMA_I32, 0, 0, false },
    { "shrink_axis_mask", 4, CRL_SCHEMA_I32, 0, 0, false },
    { "offset", 5, CRL_SCHEMA_BOOL, 0, 0, false },
    /* SplitOptions */
    { "num_splits", 0, CRL_SCHEMA_I32, 0, 0, false },
    /* CastOptions */
    { "in_data_type", 0, CRL_SCHEMA_I8, 3, 0, false },
    { "out_data_type", 1, CRL_SCHEMA_I8, 3, 0, false },
    /* ArgMaxOptions */
    { "output_type", 0, CRL_SCHEMA_I8, 3, 0, false },
    /* TransposeConvOptions */
    { "padding", 0, CRL_SCHEMA_I8, 1, 0, false },
    { "stride_w", 1, CRL_SCHEMA_I32, 0, 0, false },
    { "stride_h", 2, CRL_SCHEMA_I32, 0, 0, false },
    { "fused_activation_function", 3, CRL_SCHEMA_I8, 2, 0, false },
    { "quantized_bias_type", 4, CRL_SCHEMA_I8, 3, 0, false },
    /* SparseToDenseOptions */
    { "validate_indices", 0, CRL_SCHEMA_BOOL, 0, 0, false },
    /* ShapeOptions */
    { "out_type", 0, CRL_SCHEMA_I8, 3, 0, false },
    /* ArgMinOptions */
    { "output_type", 0, CRL_SCHEMA_I8, 3, 0, false },
    /* FakeQuantOptions */
    { "min", 0, CRL_SCHEMA_F32, 0, 0, false },
    { "max", 1, CRL_SCHEMA_F32, 0, 0, false },
    { "num_bits", 2, CRL_SCHEMA_I32, 0, 0, false },
    { "narrow_range", 3, CRL_SCHEMA_BOOL, 0, 0, false },
    /* PackOptions */
    { "values_count", 0, CRL_SCHEMA_I32, 0, 0, false },
    { "axis", 1, CRL_SCHEMA_I32, 0, 0, false },
    /* OneHotOptions */
    { "axis", 0, CRL_SCHEMA_I32, 0, 0, false },
    /* UnpackOptions */
    { "num", 0, CRL_SCHEMA_I32, 0, 0, false },
    { "axis", 1, CRL_SCHEMA_I32, 0, 0, false },
    /* BidirectionalSequenceLSTMOptions */
    { "fused_activation_function", 0, CRL_SCHEMA_I8, 2, 0, false },
    { "cell_clip", 1, CRL_SCHEMA_F32, 0, 0, false },
    { "proj_clip", 2, CRL_SCHEMA_F32, 0, 0, false },
    { "merge_outputs", 3, CRL_SCHEMA_BOOL, 0, 0, false },
    { "time_major", 4, CRL_SCHEMA_BOOL, 0, 1, false },
    { "asymmetric_quantize_inputs", 5, CRL_SCHEMA_BOOL, 0, 0, false },
    /* BidirectionalSequenceRNNOptions */
    { "time_major", 0, CRL_SCHEMA_BOOL, 0, 0, false },
    { "fused_activation_function", 1, CRL_SCHEMA_I8, 2, 0, false },
    { "merge_outputs", 2, CRL_SCHEMA_BOOL, 0, 0, false },
    { "asymmetric_quantize_inputs", 3, CRL_SCHEMA_BOOL, 0, 0, false },
    /* UnidirectionalSequenceLSTMOptions */
    { "fused_activation_function", 0, CRL_SCHEMA_I8, 2, 0, false },
    { "cell_clip", 1, CRL_SCHEMA_F32, 0, 0, false },
    { "proj_clip", 2, CRL_SCHEMA_F32, 0, 0, false },
    { "time_major", 3, CRL_SCHEMA_BOOL, 0, 0, false },
    { "asymmetric_quantize_inputs", 4, CRL_SCHEMA_BOOL, 0, 0, false },
    { "diagonal_recurrent_tensors", 5, CRL_SCHEMA_BOOL, 0, 0, false },
    /* ResizeNearestNeighborOptions */
    { "align_corners", 0, CRL_SCHEMA_BOOL, 0, 0, false },
    { "half_pixel_centers", 1, CRL_SCHEMA_BOOL, 0, 0, false },
    /* LeakyReluOptions */
    { "alpha", 0, CRL_SCHEMA_F32, 0, 0, false },
    /* MirrorPadOptions */
    { "mode", 0, CRL_SCHEMA_I8, 8, 0, false },
    /* SplitVOptions */
    { "num_splits", 0, CRL_SCHEMA_I32, 0, 0, false },
    /* UniqueOptions */
    { "idx_out_type", 0, CRL_SCHEMA_I8, 3, 2, false },
    /* ReverseSequenceOptions */
    { "seq_dim", 0, CRL_SCHEMA_I32, 0, 0, false },
    { "batch_dim", 1, CRL_SCHEMA_I32, 0, 0, false },
    /* IfOptions */
    { "then_subgraph_index", 0, CRL_SCHEMA_I32, 0, 0, true },
    { "else_subgraph_index", 1, CRL_SCHEMA_I32, 0, 0, true },
    /* WhileOptions */
    { "cond_subgraph_index", 0, CRL_SCHEMA_I32, 0, 0, true },
    { "body_subgraph_index", 1, CRL_SCHEMA_I32, 0, 0, true },
    /* DepthToSpaceOptions */
    { "block_size", 0, CRL_SCHEMA_I32, 0, 0, false },
    /* BatchMatMulOptions */
    { "adj_x", 0, CRL_SCHEMA_BOOL, 0, 0, false },
    { "adj_y", 1, CRL_SCHEMA_BOOL, 0, 0, false },
    { "asymmetric_quantize_inputs", 2, CRL_SCHEMA_BOOL, 0, 0, false },
    /* CumsumOptions */
    { "exclusive", 0, CRL_SCHEMA_BOOL, 0, 0, false },
    { "reverse", 1, CRL_SCHEMA_BOOL, 0, 0, false },
    /* CallOnceOptions */
    { "init_subgraph_index", 0, CRL_SCHEMA_I32, 0, 0, true },
    /* Conv3DOptions */
    { "padding", 0, CRL_SCHEMA_I8, 1, 0, false },
    { "stride_d", 1, CRL_SCHEMA_I32, 0, 0, false },
    { "stride_w", 2, CRL_SCHEMA_I32, 0, 0, false },
    { "stride_h", 3, CRL_SCHEMA_I32, 0, 0, false },
    { "fused_activation_function", 4, CRL_SCHEMA_I8, 2, 0, false },
    { "dilation_d_factor", 5, CRL_SCHEMA_I32, 0, 1, false },
    { "dilation_w_factor", 6, CRL_SCHEMA_I32, 0, 1, false },
    { "dilation_h_factor", 7, CRL_SCHEMA_I32, 0, 1, false },
    /* HashtableOptions */
    { "table_id", 0, CRL_SCHEMA_I32, 0, 0, false },
    { "key_dtype", 1, CRL_SCHEMA_I8, 3, 0, false },
    { "value_dtype", 2, CRL_SCHEMA_I8, 3, 0, false },
    /* VarHandleOptions */
    { "container", 0, CRL_SCHEMA_TEXT, 0, 0, false },
    { "shared_name", 1, CRL_SCHEMA_TEXT, 0, 0, false },
    /* RandomOptions */
    { "seed", 0, CRL_SCHEMA_I64, 0, 0, false },
    { "seed2", 1, CRL_SCHEMA_I64, 0, 0, false },
    /* BucketizeOptions */
    { "boundaries", 0, CRL_SCHEMA_FLOATS, 0, 0, false },
    /* GeluOptions */
    { "approximate", 0, CRL_SCHEMA_BOOL, 0, 0, false },
    /* StablehloConcatenateOptions */
    { "dimension", 0, CRL_SCHEMA_I64, 0, 0, false },
    /* StablehloBroadcastInDimOptions */
    { "broadcast_dimensions", 0, CRL_SCHEMA_LONGS, 0, 0, false },
    /* StablehloSliceOptions */
    { "start_indices", 0, CRL_SCHEMA_LONGS, 0, 0, false },
    { "limit_indices", 1, CRL_SCHEMA_LONGS, 0, 0, false },
    { "strides", 2, CRL_SCHEMA_LONGS, 0, 0, false },
    /* StablehloConvolutionOptions */
    { "window_strides", 0, CRL_SCHEMA_LONGS, 0, 0, false },
    { "padding", 1, CRL_SCHEMA_LONGS, 0, 0, false },
    { "lhs_dilation", 2, CRL_SCHEMA_LONGS, 0, 0, false },
    { "rhs_dilation", 3, CRL_SCHEMA_LONGS, 0, 0, false },
    { "window_reversal", 4, CRL_SCHEMA_BOOLS, 0, 0, false },
    { "input_batch_dimension", 5, CRL_SCHEMA_I64, 0, 0, false },
    { "input_feature_dimension", 6, CRL_SCHEMA_I64, 0, 0, false },
    { "input_spatial_dimensions", 7, CRL_SCHEMA_LONGS, 0, 0, false },
    { "kernel_input_feature_dimension", 8, CRL_SCHEMA_I64, 0, 0, false },
    { "kernel_output_feature_dimension", 9, CRL_SCHEMA_I64, 0, 0, false },
    { "kernel_spatial_dimensions", 10, CRL_SCHEMA_LONGS, 0, 0, false },
    { "output_batch_dimension", 11, CRL_SCHEMA_I64, 0, 0, false },
    { "output_feature_dimension", 12, CRL_SCHEMA_I64, 0, 0, false },
    { "output_spatial_dimensions", 13, CRL_SCHEMA_LONGS, 0, 0, false },
    { "feature_group_count", 14, CRL_SCHEMA_I64, 0, 0, false },
    { "batch_group_count", 15, CRL_SCHEMA_I64, 0, 0, false },
    { "precision_config", 16, CRL_SCHEMA_UINTS, 0, 0, false },
    /* StablehloCustomCallOptions */
    { "call_target_name", 0, CRL_SCHEMA_TEXT, 0, 0, false },
    { "has_side_effect", 1, CRL_SCHEMA_BOOL, 0, 0, false },
    { "backend_config", 2, CRL_SCHEMA_TEXT, 0, 0, false },
    { "api_version", 3, CRL_SCHEMA_I32, 0, 0, false },
    { "called_computations", 4, CRL_SCHEMA_INTS, 0, 0, false },
    { "custom_attributes", 5, CRL_SCHEMA_BYTES, 0, 0, false },
    /* StablehloReduceOptions */
    { "dimensions", 0, CRL_SCHEMA_LONGS, 0, 0, false },
    { "body_subgraph_index", 1, CRL_SCHEMA_I32, 0, 0, true },
    /* StablehloScatterOptions */
    { "indices_are_sorted", 0, CRL_SCHEMA_BOOL, 0, 0, false },
    { "update_window_dims", 1, CRL_SCHEMA_LONGS, 0, 0, false },
    { "inserted_window_dims", 2, CRL_SCHEMA_LONGS, 0, 0, false },
    { "scatter_dims_to_operand_dims", 3, CRL_SCHEMA_LONGS, 0, 0, false },
    { "index_vector_dim", 4, CRL_SCHEMA_I64, 0, 0, false },
    { "unique_indices", 5, CRL_SCHEMA_BOOL, 0, 0, false },
    { "update_computation_subgraph_index", 6, CRL_SCHEMA_I32, 0, 0, true },
    /* StablehloCompareOptions */
    { "comparison_direction", 0, CRL_SCHEMA_U32, 9, 0, false },
    { "compare_type", 1, CRL_SCHEMA_U32, 10, 0, false },
    /* StablehloDynamicSliceOptions */
    { "slice_sizes", 0, CRL_SCHEMA_LONGS, 0, 0, false },
    /* StablehloPadOptions */
    { "edge_padding_low", 0, CRL_SCHEMA_LONGS, 0, 0, false },
    { "edge_padding_high", 1, CRL_SCHEMA_LONGS, 0, 0, false },
    { "interior_padding", 2, CRL_SCHEMA_LONGS, 0, 0, false },
    /* StablehloIotaOptions */
    { "iota_dimension", 0, CRL_SCHEMA_I64, 0, 0, false },
    /* StablehloDotGeneralOptions */
    { "lhs_batching_dimensions", 0, CRL_SCHEMA_LONGS, 0, 0, false },
    { "rhs_batching_dimensions", 1, CRL_SCHEMA_LONGS, 0, 0, false },
    { "lhs_contracting_dimensions", 2, CRL_SCHEMA_LONGS, 0, 0, false },
    { "rhs_contracting_dimensions", 3, CRL_SCHEMA_LONGS, 0, 0, false },
    { "precision_config", 4, CRL_SCHEMA_UINTS, 0, 0, false },
    /* StablehloReduceWindowOptions */
    { "window_dimensions", 0, CRL_SCHEMA_LONGS, 0, 0, false },
    { "window_strides", 1, CRL_SCHEMA_LONGS, 0, 0, false },
    { "base_dilations", 2, CRL_SCHEMA_LONGS, 0, 0, false },
    { "window_dilations", 3, CRL_SCHEMA_LONGS, 0, 0, false },
    { "padding", 4, CRL_SCHEMA_LONGS, 0, 0, false },
    { "body_subgraph_index", 5, CRL_SCHEMA_I32, 0, 0, true },
    /* StablehloSortOptions */
    { "dimension", 0, CRL_SCHEMA_I64, 0, 0, false },
    { "is_stable", 1, CRL_SCHEMA_BOOL, 0, 0, false },
    { "comparator_subgraph_index", 2, CRL_SCHEMA_I32, 0, 0, true },
    /* StablehloWhileOptions */
    { "cond_subgraph_index", 0, CRL_SCHEMA_I32, 0, 0, true },
    { "body_subgraph_index", 1, CRL_SCHEMA_I32, 0, 0, true },
    /* StablehloGatherOptions */
    { "offset_dims", 0, CRL_SCHEMA_LONGS, 0, 0, false },
    { "collapsed_slice_dims", 1, CRL_SCHEMA_LONGS, 0, 0, false },
    { "start_index_map", 2, CRL_SCHEMA_LONGS, 0, 0, false },
    { "index_vector_dim", 3, CRL_SCHEMA_I64, 0, 0, false },
    { "slice_sizes", 4, CRL_SCHEMA_LONGS, 0, 0, false },
    { "indices_are_sorted", 5, CRL_SCHEMA_BOOL, 0, 0, false },
    /* StablehloTransposeOptions */
    { "permutation", 0, CRL_SCHEMA_LONGS, 0, 0, false },
    /* StablehloRngBitGeneratorOptions */
    { "algorithm", 0, CRL_SCHEMA_I8, 11, 0, false },
    /* ReduceWindowOptions */
    { "reduce_function", 0, CRL_SCHEMA_I32, 12, 0, false },
    /* StableHLOCompositeOptions */
    { "name", 0, CRL_SCHEMA_TEXT, 0, 0, false },
    { "decomposition_subgraph_index", 1, CRL_SCHEMA_I32, 0, 0, true },
    { "composite_attributes", 2, CRL_SCHEMA_BYTES, 0, 0, false },
    { "composite_attributes_format", 3, CRL_SCHEMA_I8, 13, 0, false },
    { "version", 4, CRL_SCHEMA_I32, 0, 0, false },
    /* StablehloCaseOptions */
    { "branch_subgraph_indices", 0, CRL_SCHEMA_INTS, 0, 0, false },
};

const crl_schema_table crl_schema_tables[] = {
    { "NONE", 0, 0 },
    { "Conv2DOptions", 244, 7 },
    { "DepthwiseConv2DOptions", 251, 7 },
    { "ConcatEmbeddingsOptions", 258, 3 },
    { "LSHProjectionOptions", 261, 1 },
    { "Pool2DOptions", 262, 6 },
    { "SVDFOptions", 268, 3 },
    { "RNNOptions", 271, 2 },
    { "FullyConnectedOptions", 273, 6 },
    { "SoftmaxOptions", 279, 1 },
    { "ConcatenationOptions", 280, 2 },
    { "AddOptions", 282, 2 },
    { "L2NormOptions", 284, 1 },
    { "LocalResponseNormalizationOptions", 285, 4 },
    { "LSTMOptions", 289, 5 },
    { "ResizeBilinearOptions", 294, 2 },
    { "CallOptions", 296, 1 },
    { "ReshapeOptions", 297, 1 },
    { "SkipGramOptions", 298, 3 },
    { "SpaceToDepthOptions", 301, 1 },
    { "EmbeddingLookupSparseOptions", 302, 1 },
    { "MulOptions", 303, 1 },
    { "PadOptions", 0, 0 },
    { "GatherOptions", 304, 2 },
    { "BatchToSpaceNDOptions", 0, 0 },
    { "SpaceToBatchNDOptions", 0, 0 },
    { "TransposeOptions", 0, 0 },
    { "ReducerOptions", 306, 1 },
    { "SubOptions", 307, 2 },
    { "DivOptions", 309, 1 },
    { "SqueezeOptions", 310, 1 },
    { "SequenceRNNOptions", 311, 3 },
    { "StridedSliceOptions", 314, 6 },
    { "ExpOptions", 0, 0 },
    { "TopKV2Options", 0, 0 },
    { "SplitOptions", 320, 1 },
    { "LogSoftmaxOptions", 0, 0 },
    { "CastOptions", 321, 2 },
    { "DequantizeOptions", 0, 0 },
    { "MaximumMinimumOptions", 0, 0 },
    { "ArgMaxOptions", 323, 1 },
    { "LessOptions", 0, 0 },
    { "NegOptions", 0, 0 },
    { "PadV2Options", 0, 0 },
    { "GreaterOptions", 0, 0 },
    { "GreaterEqualOptions", 0, 0 },
    { "LessEqualOptions", 0, 0 },
    { "SelectOptions", 0, 0 },
    { "SliceOptions", 0, 0 },
    { "TransposeConvOptions", 324, 5 },
    { "SparseToDenseOptions", 329, 1 },
    { "TileOptions", 0, 0 },
    { "ExpandDimsOptions", 0, 0 },
    { "EqualOptions", 0, 0 },
    { "NotEqualOptions", 0, 0 },
    { "ShapeOptions", 330, 1 },
    { "PowOptions", 0, 0 },
    { "ArgMinOptions", 331, 1 },
    { "FakeQuantOptions", 332, 4 },
    { "PackOptions", 336, 2 },
    { "LogicalOrOptions", 0, 0 },
    { "OneHotOptions", 338, 1 },
    { "LogicalAndOptions", 0, 0 },
    { "LogicalNotOptions", 0, 0 },
    { "UnpackOptions", 339, 2 },
    { "FloorDivOptions", 0, 0 },
    { "SquareOptions", 0, 0 },
    { "ZerosLikeOptions", 0, 0 },
    { "FillOptions", 0, 0 },
    { "BidirectionalSequenceLSTMOptions", 341, 6 },
    { "BidirectionalSequenceRNNOptions", 347, 4 },
    { "UnidirectionalSequenceLSTMOptions", 351, 6 },
    { "FloorModOptions", 0, 0 },
    { "RangeOptions", 0, 0 },
    { "ResizeNearestNeighborOptions", 357, 2 },
    { "LeakyReluOptions", 359, 1 },
    { "SquaredDifferenceOptions", 0, 0 },
    { "MirrorPadOptions", 360, 1 },
    { "AbsOptions", 0, 0 },
    { "SplitVOptions", 361, 1 },
    { "UniqueOptions", 362, 1 },
    { "ReverseV2Options", 0, 0 },
    { "AddNOptions", 0, 0 },
    { "GatherNdOptions", 0, 0 },
    { "CosOptions", 0, 0 },
    { "WhereOptions", 0, 0 },
    { "RankOptions", 0, 0 },
    { "ReverseSequenceOptions", 363, 2 },
    { "MatrixDiagOptions", 0, 0 },
    { "QuantizeOptions", 0, 0 },
    { "MatrixSetDiagOptions", 0, 0 },
    { "HardSwishOptions", 0, 0 },
    { "IfOptions", 365, 2 },
    { "WhileOptions", 367, 2 },
    { "DepthToSpaceOptions", 369, 1 },
    { "NonMaxSuppressionV4Options", 0, 0 },
    { "NonMaxSuppressionV5Options", 0, 0 },
    { "ScatterNdOptions", 0, 0 },
    { "SelectV2Options", 0, 0 },
    { "DensifyOptions", 0, 0 },
    { "SegmentSumOptions", 0, 0 },
    { "BatchMatMulOptions", 370, 3 },
    { "CumsumOptions", 373, 2 },
    { "CallOnceOptions", 375, 1 },
    { "BroadcastToOptions", 0, 0 },
    { "Rfft2dOptions", 0, 0 },
    { "Conv3DOptions", 376, 8 },
    { "HashtableOptions", 384, 3 },
    { "HashtableFindOptions", 0, 0 },
    { "HashtableImportOptions", 0, 0 },
    { "HashtableSizeOptions", 0, 0 },
    { "VarHandleOptions", 387, 2 },
    { "ReadVariableOptions", 0, 0 },
    { "AssignVariableOptions", 0, 0 },
    { "RandomOptions", 389, 2 },
    { "BucketizeOptions", 391, 1 },
    { "GeluOptions", 392, 1 },
    { "DynamicUpdateSliceOptions", 0, 0 },
    { "UnsortedSegmentProdOptions", 0, 0 },
    { "UnsortedSegmentMaxOptions", 0, 0 },
    { "UnsortedSegmentMinOptions", 0, 0 },
    { "UnsortedSegmentSumOptions", 0, 0 },
    { "ATan2Options", 0, 0 },
    { "SignOptions", 0, 0 },
    { "BitcastOptions", 0, 0 },
    { "BitwiseXorOptions", 0, 0 },
    { "RightShiftOptions", 0, 0 },
    { "StablehloConcatenateOptions", 393, 1 },
    { "StablehloBroadcastInDimOptions", 394, 1 },
    { "StablehloSliceOptions", 395, 3 },
    { "StablehloConvolutionOptions", 398, 17 },
    { "StablehloCustomCallOptions", 415, 6 },
    { "StablehloReduceOptions", 421, 2 },
    { "StablehloScatterOptions", 423, 7 },
    { "StablehloCompareOptions", 430, 2 },
    { "StablehloDynamicSliceOptions", 432, 1 },
    { "StablehloPadOptions", 433, 3 },
    { "StablehloIotaOptions", 436, 1 },
    { "StablehloDotGeneralOptions", 437, 5 },
    { "StablehloReduceWindowOptions", 442, 6 },
    { "StablehloSortOptions", 448, 3 },
    { "StablehloWhileOptions", 451, 2 },
    { "StablehloGatherOptions", 453, 6 },
    { "StablehloTransposeOptions", 459, 1 },
    { "DilateOptions", 0, 0 },
    { "StablehloRngBitGeneratorOptions", 460, 1 },
    { "ReduceWindowOptions", 461, 1 },
    { "StableHLOCompositeOptions", 462, 5 },
    { "StablehloShiftLeftOptions", 0, 0 },
    { "StablehloCaseOptions", 467, 1 },
    { "CustomQuantization", 81, 1 },
    { "BlockwiseQuantization", 82, 4 },
    { "MultiAxisQuantization", 86, 4 },
    { "Int32Vector", 90, 1 },
    { "Uint16Vector", 91, 1 },
    { "Uint8Vector", 92, 1 },
    { "FeatureProperties", 0, 0 },
    { "ImageProperties", 159, 2 },
    { "BoundingBoxProperties", 161, 3 },
    { "AudioProperties", 164, 2 },
    { "NormalizationOptions", 166, 2 },
    { "ScoreCalibrationOptions", 168, 2 },
    { "ScoreThresholdingOptions", 170, 1 },
    { "BertTokenizerOptions", 171, 1 },
    { "SentencePieceTokenizerOptions", 172, 2 },
    { "RegexTokenizerOptions", 174, 2 },
    { "DmaDescriptorHint", 237, 3 },
    { "InstructionHint", 240, 1 },
    { "InterruptHint", 241, 1 },
    { "FenceHint", 0, 0 },
    { "OutputLayer", 242, 2 },
    { "InputLayer", 0, 0 },
    { "Model", 0, 10 },
    { "OperatorCode", 10, 4 },
    { "SubGraph", 14, 6 },
    { "Tensor", 20, 11 },
    { "VariantSubType", 31, 3 },
    { "QuantizationParameters", 34, 7 },
    { "SparsityParameters", 41, 3 },
    { "DimensionMetadata", 44, 6 },
    { "Operator", 50, 14 },
    { "Buffer", 64, 3 },
    { "Metadata", 67, 2 },
    { "SignatureDef", 69, 4 },
    { "TensorMap", 73, 2 },
    { "ExternalBufferGroup", 75, 1 },
    { "ExternalBuffer", 76, 5 },
    { "ModelMetadata", 93, 8 },
    { "SubGraphMetadata", 101, 10 },
    { "TensorMetadata", 111, 7 },
    { "AssociatedFile", 118, 5 },
    { "Content", 123, 3 },
    { "ValueRange", 126, 2 },
    { "Stats", 128, 2 },
    { "ImageSize", 130, 2 },
    { "ProcessUnit", 132, 2 },
    { "TensorGroup", 134, 2 },
    { "CustomMetadata", 136, 2 },
    { "ObjectDetectorOptions", 138, 3 },
    { "SsdAnchorsOptions", 141, 1 },
    { "FixedAnchorsSchema", 142, 1 },
    { "FixedAnchor", 143, 4 },
    { "TensorsDecodingOptions", 147, 12 },
    { "Package", 176, 8 },
    { "SerializedPackage", 184, 1 },
    { "MultiExecutable", 185, 1 },
    { "Executable", 186, 17 },
    { "InstructionBitstream", 203, 2 },
    { "FieldOffset", 205, 2 },
    { "Meta", 207, 4 },
    { "DmaHints", 211, 2 },
    { "DmaHint", 213, 3 },
    { "Layer", 216, 12 },
    { "NumericsConstants", 228, 2 },
    { "OutputLayout", 230, 6 },
    { "TensorShape", 236, 1 },
};

const crl_schema_union crl_schema_unions[] = {
    { 150, 3 }, /* QuantizationDetails */
    { 153, 3 }, /* SparseIndexVector */
    { 1, 126 }, /* BuiltinOptions */
    { 127, 23 }, /* BuiltinOptions2 */
    { 156, 4 }, /* ContentProperties */
    { 160, 6 }, /* ProcessUnitOptions */
    { 166, 4 }, /* AnyHint */
    { 170, 2 }, /* AnyLayer */
};

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
