/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the elements of an output tensor one by one, whatever its type, as numbers. */
#ifndef CRL_VISION_VALUE_H
#define CRL_VISION_VALUE_H

#include <corallite/tensor.h>

typedef struct crl_values {
    crl_type type;
    const void *data;
    size_t n;
    const float *scale; /* [n_scales] */
    const int32_t *zero_point;
    size_t n_scales; /* 0: not quantised, 1: one for all, else one for each index of an axis */
    size_t inner;    /* elements of one index of that axis */
} crl_values;

/* Errors: UNSUPPORTED a type that has no numbers; ARGUMENT no data. The text names the tensor. */
crl_status crl_values_open(crl_values *v, const crl_tensor *tensor, crl_error *err);

/* As it is stored; of float32 the whole part, 0 when that does not fit. */
int64_t crl_stored(const crl_values *v, size_t i);
/* scale * (stored - zero_point), or as it is stored where the tensor is not quantised. */
float crl_value(const crl_values *v, size_t i);

#endif
