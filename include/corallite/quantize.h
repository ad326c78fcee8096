/* SPDX-License-Identifier: Apache-2.0 */
/* A model of floats becomes one of 8 bits, without training: what its layers give for some pictures says how they are quantised.
 *
 *   crl_quantizer_new -> an engine of the same model that keeps its tensors
 *                     -> crl_engine_run, crl_quantizer_observe, for each picture
 *                     -> crl_quantizer_write: an ordinary .tflite file
 *
 * Activations are int8 with a scale and a zero point for each tensor, weights int8 with a scale for each output channel and no zero
 * point, biases int32 in units of the product of both. Operators that have no such form stay as they are, between DEQUANTIZE and
 * QUANTIZE.
 *
 * Sources  Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", 2018; the
 *          8-bit quantisation specification of TensorFlow Lite, which says what operators ask of scales
 *
 * Threads  A crl_quantizer serves one thread at a time. */
#ifndef CORALLITE_QUANTIZE_H
#define CORALLITE_QUANTIZE_H

#include <corallite/engine.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How the range of a tensor comes from what was seen of it. */
typedef enum crl_calibration {
    CRL_CALIBRATION_MIN_MAX = 0,    /* from the least to the largest number */
    CRL_CALIBRATION_PERCENTILE = 1, /* but for so many in a hundred at either end, which are clipped */
    CRL_CALIBRATION_MSE = 2         /* so that the mean squared error is least, of rounding and clipping together */
} crl_calibration;

/* Zeroes are the defaults. */
typedef struct crl_quantize_options {
    crl_calibration calibration;
    double percentile; /* 50 < percentile <= 100; 0: 99.99 */
    /* What inputs and outputs are that have to do with quantised operators: FLOAT32, INT8 or UINT8. */
    crl_type input_type, output_type;
    const bool *keep_float; /* operators that stay as they are, [n_keep_float]; NULL: as few as possible. Not needed after making */
    size_t n_keep_float;    /* the operators of the main subgraph */
    uintptr_t reserved[8];  /* 0 */
} crl_quantize_options;

typedef struct crl_quantizer crl_quantizer;

/**
 * Looks which operators can be quantised.
 *
 * Weights may be FLOAT32, FLOAT16 behind DEQUANTIZE, or INT8 with scales beside activations of floats ("dynamic range").
 *
 * Owner   `*out` is the caller's, for crl_quantizer_free(); NULL after a failure. `model` is borrowed and must outlive it.
 *         `options` may be NULL.
 * Errors  CRL_ERR_ARGUMENT     an option is out of range; the model is quantised already, or none of its operators can be
 *         CRL_ERR_UNSUPPORTED  it has several subgraphs
 *         CRL_ERR_MEMORY
 */
CRL_API crl_status crl_quantizer_new(crl_quantizer **out, const crl_model *model, const crl_quantize_options *options, crl_error *err);
CRL_API void crl_quantizer_free(crl_quantizer *quantizer); /* accepts NULL */

/**
 * Takes note of what an engine of the model holds after a run; it was made with `keep_tensors`.
 *
 * Errors  CRL_ERR_ARGUMENT     the engine is of another model, or does not keep its tensors
 *         CRL_ERR_UNSUPPORTED  a tensor holds a number that is not finite; the text names it
 *         CRL_ERR_MEMORY
 */
CRL_API crl_status crl_quantizer_observe(crl_quantizer *quantizer, const crl_engine *engine, crl_error *err);

/* Says what an input can be, whatever was seen of it: for pictures what black and white become, so that an 8-bit input takes pixels
 * as they are. `tensor` is its number in the main subgraph. Errors: ARGUMENT, no such input, or low < high does not hold. */
CRL_API crl_status crl_quantizer_set_range(crl_quantizer *quantizer, int32_t tensor, float low, float high, crl_error *err);

/**
 * The model in 8 bits. Equal observations give equal bytes, in whatever order they were made.
 *
 * Owner   `*bytes` is the caller's, for free(); NULL after a failure.
 * Errors  CRL_ERR_STATE   nothing was observed
 *         CRL_ERR_MEMORY
 */
CRL_API crl_status crl_quantizer_write(crl_quantizer *quantizer, uint8_t **bytes, size_t *size, crl_error *err);

/* What has become of an operator. */
typedef struct crl_quantized_operator {
    bool is_quantised;
    const char *why;  /* "its weights are not constant": why it stays one of floats; NULL: it is quantised, or has nothing to do with floats */
    int32_t before;   /* its first output in the model, */
    int32_t after;    /* and where that is in the one that was written last; -1: nothing was, or it is not there */
    uintptr_t reserved[2]; /* 0 */
} crl_quantized_operator;

/* Of operator i of the main subgraph; texts live as long as the quantizer. Errors: ARGUMENT, no such operator. */
CRL_API crl_status crl_quantizer_operator(const crl_quantizer *quantizer, int32_t i, crl_quantized_operator *out, crl_error *err);

#ifdef __cplusplus
}
#endif
#endif
