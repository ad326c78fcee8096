/* SPDX-License-Identifier: Apache-2.0 */
/* Models of one layer, made up: for compiling by rule, and for fuzzing it. */
#ifndef TESTS_COMPILE_LAYERS_H
#define TESTS_COMPILE_LAYERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a layer is to be. Zeroed: an int8 dense layer between two QUANTIZE, with a scale for each output and no bias; with a height: a 3x3
 * convolution, stride 1, SAME. */
typedef struct layer_form {
    int32_t inputs, outputs, height, width;
    int32_t kernel, stride; /* of a convolution, 0: 3 and 1 */
    int32_t kernel_width;   /* 0: as high as wide */
    int32_t pool;   /* behind it: windows of so many columns and rows, 0: none */
    bool greatest;  /* of a pool; else its mean */
    bool depthwise; /* of one channel */
    bool alone;     /* no layer: what is behind it is computed of the input, which has as many outputs */
    int32_t each;   /* LOGISTIC, RELU6 or SOFTMAX behind it all, by its code; 0: nothing */
    bool valid;     /* not SAME */
    bool bare;       /* without QUANTIZE: the host's tensors are int8 */
    bool bias, zero_bias;
    int32_t activation; /* 1: RELU, 2: RELU_N1_TO_1, 3: RELU6 */
    bool one_scale, equal_scales; /* of all outputs together, of each the same */
    bool other_sign; /* a QUANTIZE that changes more than the sign */
    int32_t more, more_outputs, more_kernel; /* convolutions behind it, how many come out of them, and their kernel; VALID as the layer is */
    uint32_t seed;   /* of scales, zero points, weights and biases, extreme ones among them; 0: usual ones, always the same */
} layer_form;

/* The model, as a file. Weights and scales are made up. For crl_free(). */
uint8_t *layer_model(const layer_form *form, size_t *size);

#endif
