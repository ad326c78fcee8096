/* SPDX-License-Identifier: Apache-2.0 */
/* The operators that we know: a row each, sorted by name. */
#include "ops/registry.h"

#include <string.h>

static const crl_op_type *const types[] = {
    &crl_op_abs,
    &crl_op_add,
    &crl_op_add_n,
    &crl_op_arg_max,
    &crl_op_arg_min,
    &crl_op_assign_variable,
    &crl_op_average_pool_2d,
    &crl_op_batch_matmul,
    &crl_op_batch_to_space_nd,
    &crl_op_broadcast_args,
    &crl_op_broadcast_to,
    &crl_op_call_once,
    &crl_op_cast,
    &crl_op_ceil,
    &crl_op_concatenation,
    &crl_op_conv_2d,
    &crl_op_conv_3d,
    &crl_op_cos,
    &crl_op_cumsum,
    &crl_op_depth_to_space,
    &crl_op_depthwise_conv_2d,
    &crl_op_dequantize,
    &crl_op_detection_postprocess,
    &crl_op_div,
    &crl_op_elu,
    &crl_op_equal,
    &crl_op_exp,
    &crl_op_expand_dims,
    &crl_op_fake_quant,
    &crl_op_fill,
    &crl_op_floor,
    &crl_op_floor_div,
    &crl_op_floor_mod,
    &crl_op_fully_connected,
    &crl_op_gather,
    &crl_op_gather_nd,
    &crl_op_gelu,
    &crl_op_greater,
    &crl_op_greater_equal,
    &crl_op_hard_swish,
    &crl_op_if,
    &crl_op_l2_normalization,
    &crl_op_l2_pool_2d,
    &crl_op_leaky_relu,
    &crl_op_less,
    &crl_op_less_equal,
    &crl_op_local_response_normalization,
    &crl_op_log,
    &crl_op_log_softmax,
    &crl_op_logical_and,
    &crl_op_logical_not,
    &crl_op_logical_or,
    &crl_op_logistic,
    &crl_op_lstm,
    &crl_op_max_pool_2d,
    &crl_op_maximum,
    &crl_op_mean,
    &crl_op_minimum,
    &crl_op_mirror_pad,
    &crl_op_mul,
    &crl_op_neg,
    &crl_op_non_max_suppression_v4,
    &crl_op_non_max_suppression_v5,
    &crl_op_not_equal,
    &crl_op_one_hot,
    &crl_op_pack,
    &crl_op_pad,
    &crl_op_padv2,
    &crl_op_posenet_decoder,
    &crl_op_pow,
    &crl_op_prelu,
    &crl_op_quantize,
    &crl_op_range,
    &crl_op_rank,
    &crl_op_read_variable,
    &crl_op_reduce_all,
    &crl_op_reduce_any,
    &crl_op_reduce_max,
    &crl_op_reduce_min,
    &crl_op_reduce_prod,
    &crl_op_relu,
    &crl_op_relu6,
    &crl_op_relu_0_to_1,
    &crl_op_relu_n1_to_1,
    &crl_op_reshape,
    &crl_op_resize_bilinear,
    &crl_op_resize_nearest_neighbor,
    &crl_op_reverse_v2,
    &crl_op_round,
    &crl_op_rsqrt,
    &crl_op_scatter_nd,
    &crl_op_select,
    &crl_op_select_v2,
    &crl_op_shape,
    &crl_op_sign,
    &crl_op_sin,
    &crl_op_slice,
    &crl_op_softmax,
    &crl_op_space_to_batch_nd,
    &crl_op_space_to_depth,
    &crl_op_split,
    &crl_op_split_v,
    &crl_op_sqrt,
    &crl_op_square,
    &crl_op_squared_difference,
    &crl_op_squeeze,
    &crl_op_strided_slice,
    &crl_op_sub,
    &crl_op_sum,
    &crl_op_svdf,
    &crl_op_tanh,
    &crl_op_tile,
    &crl_op_topk_v2,
    &crl_op_transpose,
    &crl_op_transpose_conv,
    &crl_op_unidirectional_sequence_lstm,
    &crl_op_unidirectional_sequence_rnn,
    &crl_op_unpack,
    &crl_op_var_handle,
    &crl_op_where,
    &crl_op_while,
    &crl_op_zeros_like,
};
enum { N_TYPES = sizeof types / sizeof types[0] };

const crl_op_type *crl_op_at(int32_t i)
{
    return i >= 0 && i < N_TYPES ? types[i] : NULL;
}

const crl_op_type *crl_op_find(const crl_operator *def)
{
    for (int32_t i = 0; i < N_TYPES; i++)
        if (types[i]->code == def->code && (def->code != CRL_CUSTOM || !strcmp(types[i]->name, def->name)))
            return types[i];
    return NULL;
}

crl_status crl_op_unknown(const crl_operator *def, crl_error *err)
{
    if (def->code != CRL_CUSTOM)
        return crl_fail(err, CRL_ERR_UNSUPPORTED,
                        "this operator is not supported (version %d); docs/operators.md lists those to rewrite it with",
                        def->version);
    if (!strcmp(def->name, "edgetpu-custom-op"))
        return crl_fail(err, CRL_ERR_UNSUPPORTED,
                        "this model is compiled for the Edge TPU; use the file without _edgetpu in its name, or a device");
    if (!strncmp(def->name, "Flex", 4))
        return crl_fail(err, CRL_ERR_UNSUPPORTED,
                        "an operator of full TensorFlow; convert the model again with TFLITE_BUILTINS only");
    return crl_fail(err, CRL_ERR_UNSUPPORTED,
                    "a custom operator that is not known here (version %d); known are TFLite_Detection_PostProcess and "
                    "PosenetDecoderOp: export the model without it",
                    def->version);
}
