/* SPDX-License-Identifier: Apache-2.0 */
/* Elements of output tensors as numbers, and the best of them. */
#include "vision/value.h"

#include <math.h>

#include "base/error.h"
#include "vision/vision.h"

crl_status crl_values_open(crl_values *v, const crl_tensor *tensor, crl_error *err)
{
    switch (tensor->type) {
    case CRL_FLOAT32:
    case CRL_UINT8:
    case CRL_INT8:
    case CRL_INT16:
    case CRL_INT32:
    case CRL_INT64:
    case CRL_BOOL: break;
    default:
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "output \"%s\" is %s; FLOAT32, UINT8, INT8, INT16, INT32, INT64 and BOOL "
                        "are accepted", tensor->name, crl_type_name(tensor->type));
    }
    const size_t n = crl_shape_count(&tensor->shape);
    if (n && (!tensor->data || tensor->bytes / crl_type_bytes(tensor->type) < n))
        return crl_fail(err, CRL_ERR_ARGUMENT, "output \"%s\" has %zu bytes of data; its shape needs %zu", tensor->name,
                        tensor->data ? tensor->bytes : 0, n * crl_type_bytes(tensor->type));
    const crl_quant *q = &tensor->quant;
    const bool quantised = q->n > 0 && q->scale && q->zero_point && tensor->type != CRL_FLOAT32;
    *v = (crl_values){ .type = tensor->type, .data = tensor->data, .n = n, .inner = 1 };
    if (!quantised) return CRL_OK;
    v->scale = q->scale;
    v->zero_point = q->zero_point;
    v->n_scales = (size_t)q->n;
    if (q->n > 1) {
        if (q->axis < 0 || q->axis >= tensor->shape.rank || tensor->shape.dim[q->axis] != q->n)
            return crl_fail(err, CRL_ERR_ARGUMENT, "output \"%s\" has %d scales on axis %d, which is not as long",
                            tensor->name, q->n, q->axis);
        for (int32_t d = q->axis + 1; d < tensor->shape.rank; d++) v->inner *= (size_t)tensor->shape.dim[d];
    }
    return CRL_OK;
}

int64_t crl_stored(const crl_values *v, size_t i)
{
    switch (v->type) {
    case CRL_UINT8: return ((const uint8_t *)v->data)[i];
    case CRL_INT8: return ((const int8_t *)v->data)[i];
    case CRL_INT16: return ((const int16_t *)v->data)[i];
    case CRL_INT32: return ((const int32_t *)v->data)[i];
    case CRL_INT64: return ((const int64_t *)v->data)[i];
    case CRL_BOOL: return ((const uint8_t *)v->data)[i] != 0;
    default: {
        const float f = ((const float *)v->data)[i];
        return f > -0x1p62f && f < 0x1p62f ? (int64_t)f : 0;
    }
    }
}

float crl_value(const crl_values *v, size_t i)
{
    if (v->type == CRL_FLOAT32) return ((const float *)v->data)[i];
    const int64_t q = crl_stored(v, i);
    if (!v->n_scales) return (float)q;
    const size_t k = v->n_scales == 1 ? 0 : i / v->inner % v->n_scales;
    /* 8 and 16 bits lose nothing on their way to float. Unsigned, since an int64 may be anything. */
    return v->scale[k] * (float)(int64_t)((uint64_t)q - (uint64_t)(int64_t)v->zero_point[k]);
}

crl_status crl_tensor_floats(const crl_tensor *tensor, float *out, size_t n, crl_error *err)
{
    crl_values v;
    const crl_status s = crl_values_open(&v, tensor, err);
    if (s) return s;
    if (n != v.n)
        return crl_fail(err, CRL_ERR_ARGUMENT, "room for %zu values; output \"%s\" has %zu", n, tensor->name, v.n);
    for (size_t i = 0; i < n; i++) out[i] = crl_value(&v, i);
    return CRL_OK;
}

crl_status crl_topk(const crl_tensor *scores, float threshold, crl_class *out, int32_t cap, int32_t *n, crl_error *err)
{
    *n = 0;
    crl_values v;
    const crl_status s = crl_values_open(&v, scores, err);
    if (s) return s;
    if (v.n > INT32_MAX)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "output \"%s\" of %zu scores; at most %d are accepted", scores->name, v.n, INT32_MAX);
    if (cap <= 0) return CRL_OK;
    /* Classes come by index, so one that equals an earlier one goes behind it. */
    for (int32_t i = 0; i < (int32_t)v.n; i++) {
        const float score = crl_value(&v, (size_t)i);
        if (!(score >= threshold) || (*n == cap && score <= out[cap - 1].score)) continue;
        int32_t at = *n < cap ? (*n)++ : cap - 1;
        for (; at > 0 && out[at - 1].score < score; at--) out[at] = out[at - 1];
        out[at] = (crl_class){ i, score };
    }
    return CRL_OK;
}
