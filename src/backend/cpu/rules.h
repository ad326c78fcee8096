/* SPDX-License-Identifier: Apache-2.0 */
/* All lowering rules. */
#ifndef CRL_BACKEND_CPU_RULES_H
#define CRL_BACKEND_CPU_RULES_H

#include "backend/cpu/lower.h"
#include "ops/codes.h"

/* views.c: operators that move nothing or only whole blocks */
crl_lower_rule crl_lower_reshape, crl_lower_concatenation;

/* arg_max.c, average.c, product.c, resize.c */
crl_lower_rule crl_lower_arg_max, crl_lower_average_pool, crl_lower_mean, crl_lower_product, crl_lower_resize_bilinear;
crl_lower_rule crl_lower_resize_bilinear_f32;

/* batch_matmul.c */
crl_lower_rule crl_lower_batch_matmul, crl_lower_fully_connected_computed;

/* depthwise.c */
crl_lower_rule crl_lower_depthwise;
/* The same without a step for the PAD or PADV2 that only the node reads; NULL: there is none. */
crl_status crl_lower_depthwise_after(crl_lower *l, crl_node *node, const crl_node *pad, bool *taken, crl_error *err);

/* depthwise_f32.c */
crl_lower_rule crl_lower_depthwise_f32;
crl_status crl_lower_depthwise_f32_after(crl_lower *l, crl_node *node, const crl_node *pad, bool *taken, crl_error *err);

/* detection.c */
crl_lower_rule crl_lower_detection;
/* Whether the rule will take the only operator that reads this output of a DEQUANTIZE, and read that one's input instead. */
bool crl_lower_detection_reads(const crl_lower *l, const crl_tensor *dequantized);

/* exp_f32.c */
crl_lower_rule crl_lower_exp_f32, crl_lower_softmax_f32;

/* extreme.c */
crl_lower_rule crl_lower_extreme;

/* few.c */
crl_lower_rule crl_lower_fully_connected_few;

/* hybrid.c */
crl_lower_rule crl_lower_conv_hybrid, crl_lower_depthwise_hybrid, crl_lower_fully_connected_hybrid;

/* lstm.c, recurrent.c */
crl_lower_rule crl_lower_lstm, crl_lower_lstm_f32, crl_lower_svdf;

/* map_f32.c */
crl_lower_rule crl_lower_map_f32;

/* matmul_f32.c */
crl_lower_rule crl_lower_batch_matmul_f32, crl_lower_fully_connected_f32_computed;

/* matrix.c */
crl_lower_rule crl_lower_conv, crl_lower_fully_connected;
crl_status crl_lower_conv_f32_after(crl_lower *l, crl_node *node, const crl_node *pad, bool *taken, crl_error *err);
crl_status crl_lower_conv_after(crl_lower *l, crl_node *node, const crl_node *pad, bool *taken, crl_error *err);

/* matrix_f32.c */
crl_lower_rule crl_lower_conv_f32, crl_lower_fully_connected_f32;

/* pad.c */
crl_lower_rule crl_lower_pad;

/* nearest.c */
crl_lower_rule crl_lower_resize_nearest;

/* parts.c */
crl_lower_rule crl_lower_grouped_conv, crl_lower_depthwise_groups, crl_lower_transpose_conv;
crl_lower_rule crl_lower_grouped_conv_f32, crl_lower_transpose_conv_f32;
crl_lower_rule crl_lower_grouped_conv_s16, crl_lower_transpose_conv_s16;

/* pool.c */
crl_lower_rule crl_lower_pool;

/* pool_f32.c */
crl_lower_rule crl_lower_pool_f32, crl_lower_mean_f32;

/* prelu.c */
crl_lower_rule crl_lower_prelu;

/* quant.c */
crl_lower_rule crl_lower_quantize, crl_lower_dequantize;

/* row16.c */
crl_lower_rule crl_lower_product16, crl_lower_sigmoid16, crl_lower_sum16;

/* rows.c */
crl_lower_rule crl_lower_concatenation_rows, crl_lower_split;

/* s16.c: activations of 16 bits */
crl_lower_rule crl_lower_conv_s16, crl_lower_depthwise_s16, crl_lower_fully_connected_s16;
crl_status crl_lower_conv_s16_after(crl_lower *l, crl_node *node, const crl_node *pad, bool *taken, crl_error *err);
crl_status crl_lower_depthwise_s16_after(crl_lower *l, crl_node *node, const crl_node *pad, bool *taken, crl_error *err);

/* scatter.c */
crl_lower_rule crl_lower_transpose_conv_hybrid;

/* softmax.c */
crl_lower_rule crl_lower_softmax;

/* sum.c */
crl_lower_rule crl_lower_sum;

/* affine.c: what crl_lower_product and crl_lower_sum leave to it */
crl_lower_rule crl_lower_affine;

/* table.c: functions of one 8-bit value */
crl_lower_rule crl_lower_table;

#endif
