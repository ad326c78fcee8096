/* SPDX-License-Identifier: Apache-2.0 */
/* The operators that we know: a row each, sorted by name. */
#include "ops/registry.h"

#include <string.h>

static const crl_op_type *const types[] = {
    &crl_op_add,
    &crl_op_arg_max,
    &crl_op_arg_min,
    &crl_op_average_pool_2d,
    &crl_op_cast,
    &crl_op_concatenation,
    &crl_op_conv_2d,
    &crl_op_depthwise_conv_2d,
    &crl_op_dequantize,
    &crl_op_detection_postprocess,
    &crl_op_fully_connected,
    &crl_op_gather_nd,
    &crl_op_l2_pool_2d,
    &crl_op_logistic,
    &crl_op_max_pool_2d,
    &crl_op_mean,
    &crl_op_mul,
    &crl_op_pack,
    &crl_op_pad,
    &crl_op_padv2,
    &crl_op_posenet_decoder,
    &crl_op_quantize,
    &crl_op_rank,
    &crl_op_reduce_all,
    &crl_op_reduce_any,
    &crl_op_reduce_max,
    &crl_op_reduce_min,
    &crl_op_relu,
    &crl_op_relu6,
    &crl_op_relu_0_to_1,
    &crl_op_relu_n1_to_1,
    &crl_op_reshape,
    &crl_op_resize_bilinear,
    &crl_op_resize_nearest_neighbor,
    &crl_op_shape,
    &crl_op_softmax,
    &crl_op_split,
    &crl_op_split_v,
    &crl_op_sqrt,
    &crl_op_sub,
    &crl_op_sum,
    &crl_op_tanh,
    &crl_op_unidirectional_sequence_lstm,
    &crl_op_unpack,
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
