/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this folder share; see include/corallite/quantize.h for the whole.
 *
 *   rules.c      what each operator asks of scales
 *   plan.c       which operators are quantised, and which tensors have one scale together
 *   ranges.c     what was seen of a tensor
 *   scales.c     from ranges to scales
 *   constants.c  weights, biases and other constants
 *   rewrite.c    the model anew */
#ifndef CRL_QUANTIZE_QUANTIZE_H
#define CRL_QUANTIZE_QUANTIZE_H

#include <corallite/quantize.h>

#include "base/alloc.h"
#include "base/error.h"
#include "quantize/ranges.h"

/* real = scale * (q - zero), q from -128 to 127. */
typedef struct crl_step {
    float scale;
    int32_t zero;
} crl_step;

static inline bool crl_step_equal(crl_step a, crl_step b)
{
    return a.scale == b.scale && a.zero == b.zero;
}

typedef enum crl_scaling {
    CRL_SCALING_OWN,    /* every tensor has its own */
    CRL_SCALING_SAME,   /* inputs and outputs have one */
    CRL_SCALING_FIXED,  /* that of the output is always the same */
    CRL_SCALING_WEIGHTS /* weights for each output channel */
} crl_scaling;

typedef struct crl_quantize_rule {
    int32_t code;
    crl_scaling scaling;
    int32_t version; /* of the operator, from which on it takes int8 */
    crl_step fixed;
    int32_t in, weights, bias, rank, axis; /* of WEIGHTS: which inputs, how many dimensions weights have, and which of these is the output's */
} crl_quantize_rule;

/* NULL: the operator has no form in 8 bits. */
const crl_quantize_rule *crl_quantize_rule_of(const crl_operator *op);

struct crl_quantizer {
    crl_pile pile;
    const crl_model *model;
    const crl_subgraph *g;
    crl_quantize_options options;
    const crl_quantize_rule **rule; /* [n_operators] NULL: it stays as it is */
    const char **why;               /* [n_operators] why it does; NULL also where it has no floats */
    int32_t *writer;    /* [n_tensors] -1: none */
    int32_t *constant;  /* [n_tensors] the tensor whose data say its real numbers, itself or one behind DEQUANTIZE; -1: none */
    bool *at_input, *at_output; /* [n_tensors] */
    bool *observed;     /* [n_tensors] what quantised operators read and write */
    crl_histogram *seen;   /* [n_tensors] */
    float *given;       /* [n_tensors][2]: low, high; equal: not given */
    int32_t *group;     /* [n_tensors] another tensor with the same scale, at the end of the way the one that stands for all */
    bool *fixed;        /* [n_tensors] of those: `step` is */
    crl_step *step;     /* [n_tensors] of those */
    uint64_t runs;
    int32_t *place;     /* [n_tensors] in what was written last; -1: none */
};

/* plan.c: fills rule, why, group and fixed. */
crl_status crl_quantize_plan(crl_quantizer *q, const bool *keep_float, crl_error *err);
bool crl_quantize_is_real(const crl_quantizer *q, int32_t tensor);
/* The tensor that stands for all which have its scale. */
int32_t crl_quantize_group(const crl_quantizer *q, int32_t tensor);
/* Which step operator i wants for its inputs that are activations; -1: each its own. */
int32_t crl_quantize_input_group(const crl_quantizer *q, int32_t i);

/* scales.c */
crl_step crl_step_of(double low, double high);
crl_status crl_quantize_set_steps(crl_quantizer *q, crl_error *err);
static inline crl_step crl_quantize_step(const crl_quantizer *q, int32_t tensor)
{
    return q->step[crl_quantize_group(q, tensor)];
}

/* constants.c */

/* Whether a constant has real numbers: FLOAT32, FLOAT16, or INT8 and UINT8 with scales. */
bool crl_quantize_has_reals(const crl_tensor_def *t);
/* These, [elements], for crl_free(); NULL without memory. */
float *crl_quantize_reals(const crl_tensor_def *t);
/* Whether all are finite, and their range. */
bool crl_quantize_range_of(const float *v, size_t n, float *low, float *high);
void crl_quantize_numbers(int8_t *out, const float *v, size_t n, crl_step step);

/* Weights [..., channels, ...] with `axis` the channels' dimension: a scale each. */
typedef struct crl_channels {
    size_t outer, n, inner;
} crl_channels;
crl_channels crl_quantize_channels(const crl_shape *shape, int32_t axis);
/* The scales; `bias` [n] may be NULL. A bias that 30 bits do not hold makes its channel's larger. */
void crl_quantize_weight_scales(float *scale, const float *weights, const float *bias, crl_channels c, float in, float out);
void crl_quantize_weights(int8_t *out, const float *weights, const float *scale, crl_channels c);
void crl_quantize_bias(int32_t *out, const float *bias, size_t n, float in, const float *scale);

/* rewrite.c */
crl_status crl_quantize_rewrite(crl_quantizer *q, uint8_t **bytes, size_t *size, crl_error *err);

#endif
