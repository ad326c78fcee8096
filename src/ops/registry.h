/* SPDX-License-Identifier: Apache-2.0 */
/* Declarations of all operators, for registry.c. */
#ifndef CRL_OPS_REGISTRY_H
#define CRL_OPS_REGISTRY_H

#include "ops/op.h"

extern const crl_op_type crl_op_arg_max;
extern const crl_op_type crl_op_arg_min;
extern const crl_op_type crl_op_cast;
extern const crl_op_type crl_op_concatenation;
extern const crl_op_type crl_op_detection_postprocess;
extern const crl_op_type crl_op_gather_nd;
extern const crl_op_type crl_op_pack;
extern const crl_op_type crl_op_pad;
extern const crl_op_type crl_op_padv2;
extern const crl_op_type crl_op_posenet_decoder;
extern const crl_op_type crl_op_rank;
extern const crl_op_type crl_op_reshape;
extern const crl_op_type crl_op_shape;
extern const crl_op_type crl_op_split;
extern const crl_op_type crl_op_split_v;
extern const crl_op_type crl_op_sqrt;
extern const crl_op_type crl_op_unidirectional_sequence_lstm;
extern const crl_op_type crl_op_unpack;

#endif
