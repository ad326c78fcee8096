/* SPDX-License-Identifier: Apache-2.0 */
/* What CONV_2D, DEPTHWISE_CONV_2D and their relatives share: types, bias, scales. */
#ifndef CRL_OPS_CONVOLUTION_H
#define CRL_OPS_CONVOLUTION_H

#include "kernels/conv.h"
#include "ops/op.h"

/* The tensors of a convolution; bias may be NULL. */
typedef struct crl_conv_tensors {
    const crl_tensor *in, *filter, *bias, *out;
} crl_conv_tensors;

/* Those of CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED and CONV_3D; those of the transposed ones, whose first input is a shape. */
static inline crl_conv_tensors crl_conv_tensors_of(const crl_node *node)
{
    enum { IN, FILTER, BIAS };
    return (crl_conv_tensors){ node->in[IN], node->in[FILTER], crl_node_input(node, BIAS), node->out[0] };
}

static inline crl_conv_tensors crl_transpose_conv_tensors_of(const crl_node *node)
{
    enum { SHAPE, FILTER, IN, BIAS };
    return (crl_conv_tensors){ node->in[IN], node->in[FILTER], crl_node_input(node, BIAS), node->out[0] };
}

/* Types that go together: all FLOAT32; UINT8 or INT8 with a bias of INT32; INT16 with filters of INT8 and a bias of
 * INT32 or INT64. The bias has `channels` elements. Errors: another mixture; the text names the tensor. */
crl_status crl_conv_check_types(const crl_node *node, const crl_conv_tensors *t, int32_t channels, crl_error *err);

/* The real scales in_scale * filter_scale / out_scale into real[channels], of filters with one scale, or one for each
 * of `channels` along `axis`. Errors: what the reference cannot take: scales per channel of
 * UINT8, a bias whose scale is another, 16-bit tensors that are not symmetric. */
crl_status crl_conv_real_scales(const crl_node *node, const crl_conv_tensors *t, int32_t channels, int32_t axis,
                                double *real, crl_error *err);

/* The same scales for the arithmetic of the Edge TPU, into q->single; after crl_conv_real_scales. */
crl_status crl_conv_single_scales(crl_node *node, const crl_conv_tensors *t, int32_t channels, crl_requant *q, crl_error *err);

/* Fills scale, zeros and activation range of `c`, whose window is done, from the node's option
 * fused_activation_function. Errors: also zero points of INT8 filters that are not 0. */
crl_status crl_conv_finish(crl_node *node, const crl_conv_tensors *t, int32_t axis, crl_conv *c, crl_error *err);

/* Float activations with a filter of 8 bits. */
static inline bool crl_conv_is_hybrid(const crl_node *node)
{
    return node->in[0]->type == CRL_FLOAT32 && node->in[1]->type != CRL_FLOAT32;
}

/* TRANSPOSE_CONV and FULLY_CONNECTED of INT16 with sums of 32 bits: those with a bias of INT32, or with the option
 * quantized_bias_type that says what a bias would have. */
bool crl_conv_is_narrow(const crl_node *node, const crl_tensor *bias);

/* The same as the two above for these: types, bias, scales along `axis`, activation, and scratch for one picture. `c` is
 * the node's params, its window is done. `asymmetric`: pictures whose range is not symmetric get a zero point. */
crl_status crl_conv_finish_hybrid(crl_node *node, const crl_conv_tensors *t, int32_t axis, bool asymmetric,
                                  crl_conv_hybrid *c, crl_error *err);

#endif
