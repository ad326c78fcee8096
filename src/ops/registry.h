/* SPDX-License-Identifier: Apache-2.0 */
/* Declarations of all operators, for registry.c. */
#ifndef CRL_OPS_REGISTRY_H
#define CRL_OPS_REGISTRY_H

#include "ops/op.h"

extern const crl_op_type crl_op_add;
extern const crl_op_type crl_op_arg_max;
extern const crl_op_type crl_op_arg_min;
extern const crl_op_type crl_op_average_pool_2d;
extern const crl_op_type crl_op_batch_to_space_nd;
extern const crl_op_type crl_op_broadcast_args;
extern const crl_op_type crl_op_broadcast_to;
extern const crl_op_type crl_op_cast;
extern const crl_op_type crl_op_concatenation;
extern const crl_op_type crl_op_conv_2d;
extern const crl_op_type crl_op_cumsum;
extern const crl_op_type crl_op_depth_to_space;
extern const crl_op_type crl_op_depthwise_conv_2d;
extern const crl_op_type crl_op_dequantize;
extern const crl_op_type crl_op_detection_postprocess;
extern const crl_op_type crl_op_div;
extern const crl_op_type crl_op_expand_dims;
extern const crl_op_type crl_op_fake_quant;
extern const crl_op_type crl_op_fill;
extern const crl_op_type crl_op_floor_div;
extern const crl_op_type crl_op_fully_connected;
extern const crl_op_type crl_op_gather;
extern const crl_op_type crl_op_gather_nd;
extern const crl_op_type crl_op_l2_pool_2d;
extern const crl_op_type crl_op_logistic;
extern const crl_op_type crl_op_max_pool_2d;
extern const crl_op_type crl_op_mean;
extern const crl_op_type crl_op_mirror_pad;
extern const crl_op_type crl_op_mul;
extern const crl_op_type crl_op_non_max_suppression_v4;
extern const crl_op_type crl_op_non_max_suppression_v5;
extern const crl_op_type crl_op_one_hot;
extern const crl_op_type crl_op_pack;
extern const crl_op_type crl_op_pad;
extern const crl_op_type crl_op_padv2;
extern const crl_op_type crl_op_posenet_decoder;
extern const crl_op_type crl_op_quantize;
extern const crl_op_type crl_op_range;
extern const crl_op_type crl_op_rank;
extern const crl_op_type crl_op_reduce_all;
extern const crl_op_type crl_op_reduce_any;
extern const crl_op_type crl_op_reduce_max;
extern const crl_op_type crl_op_reduce_min;
extern const crl_op_type crl_op_relu;
extern const crl_op_type crl_op_relu6;
extern const crl_op_type crl_op_relu_0_to_1;
extern const crl_op_type crl_op_relu_n1_to_1;
extern const crl_op_type crl_op_reshape;
extern const crl_op_type crl_op_resize_bilinear;
extern const crl_op_type crl_op_resize_nearest_neighbor;
extern const crl_op_type crl_op_reverse_v2;
extern const crl_op_type crl_op_scatter_nd;
extern const crl_op_type crl_op_select;
extern const crl_op_type crl_op_select_v2;
extern const crl_op_type crl_op_shape;
extern const crl_op_type crl_op_slice;
extern const crl_op_type crl_op_softmax;
extern const crl_op_type crl_op_space_to_batch_nd;
extern const crl_op_type crl_op_space_to_depth;
extern const crl_op_type crl_op_split;
extern const crl_op_type crl_op_split_v;
extern const crl_op_type crl_op_sqrt;
extern const crl_op_type crl_op_squeeze;
extern const crl_op_type crl_op_strided_slice;
extern const crl_op_type crl_op_sub;
extern const crl_op_type crl_op_sum;
extern const crl_op_type crl_op_tanh;
extern const crl_op_type crl_op_tile;
extern const crl_op_type crl_op_topk_v2;
extern const crl_op_type crl_op_transpose;
extern const crl_op_type crl_op_unidirectional_sequence_lstm;
extern const crl_op_type crl_op_unpack;
extern const crl_op_type crl_op_where;
extern const crl_op_type crl_op_zeros_like;

#endif
