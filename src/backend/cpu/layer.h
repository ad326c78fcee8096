/* SPDX-License-Identifier: Apache-2.0 */
/* A quantised convolution as the packed kernels want it: activations in kernel form. */
#ifndef CRL_BACKEND_CPU_LAYER_H
#define CRL_BACKEND_CPU_LAYER_H

#include "backend/cpu/lower.h"
#include "kernels/gemm.h"
#include "kernels/unit16.h"
#include "ops/convolution.h"

typedef struct crl_layer {
    const crl_conv *conv;    /* prepare's result; its zeros and limits are those of the raw form; NULL: fully connected */
    const crl_tensor *in;    /* what it reads, */
    crl_window window;       /* and how: that of conv, or without the PAD in front, */
    const crl_node *pad;     /* if there was one */
    int32_t in_zero;         /* kernel form */
    crl_requant requant;     /* kernel form */
    const int32_t *bias;     /* NULL: none */
    const void *filter;
    int32_t filter_zero;     /* in its own units */
    bool filter_signed;      /* int8 filter, else uint8 */
} crl_layer;

/* The epilogue of an operator in kernel form; `out` is its output. */
crl_requant crl_layer_requant(const crl_requant *raw, const crl_tensor *out);

/* Whether a layer has something to compute, and weights that are known: floats, as the bias; of 8 bits with activations of
 * 16 bits; of 8 bits with floats. */
bool crl_layer_is_f32(const crl_conv_tensors *t);
bool crl_layer_is_s16(const crl_conv_tensors *t);
bool crl_layer_is_hybrid(const crl_conv_tensors *t);

/* Of CONV_2D and DEPTHWISE_CONV_2D, of TRANSPOSE_CONV, and of FULLY_CONNECTED.
 * false: not an 8-bit layer with constant filter and bias, no kernel takes it. */
bool crl_layer_from_conv(crl_layer *layer, const crl_node *node);
bool crl_layer_from_transpose_conv(crl_layer *layer, const crl_node *node);
bool crl_layer_from_fully(crl_layer *layer, const crl_node *node);

/* Reads what the PAD or PADV2 `pad` reads, and pads itself. false: the frame is not one of the layer's own zero around height
 * and width. */
bool crl_layer_take_pad(crl_layer *layer, const crl_node *pad);

/* The epilogue of a layer with activations of 16 bits; `narrow`: sums of 32 bits. */
crl_unit16_spec crl_layer_unit16(const crl_requant *requant, const crl_tensor *bias, bool narrow);

/* The same of a layer of floats or of 16 bits with that window: 0 around the picture adds nothing to a sum, where no weight is
 * endless. */
bool crl_layer_take_zeros(crl_window *window, const crl_tensor **in, const crl_node *pad, const crl_tensor *filter);

/* Whether weights of floats are known, and all of them finite. */
bool crl_layer_is_finite(const crl_tensor *filter);

/* The layer as a matrix product. */
crl_gemm_spec crl_layer_gemm(const crl_layer *layer, const crl_lower *l);

/* filter - filter_zero in the order of the file: as many as the filter has elements. */
void crl_layer_weights(const crl_layer *layer, const crl_node *node, int16_t *weights);

#endif
