/* SPDX-License-Identifier: Apache-2.0 */
/* CAST: elements in another type.
 *   integer to integer  the low bits
 *   real to integer     towards zero, to the nearest end where it does not fit; NaN gives the upper end
 *   anything to BOOL    is it other than 0
 *   COMPLEX64           its real part; from a real one, no imaginary part
 * Source: TensorFlow Lite, kernels/cast.cc. */
#include <math.h>
#include <string.h>

#include "base/half.h"
#include "ops/shapes.h"

/* Every source type fits one of the two without loss. */
typedef struct number {
    bool real;
    int64_t i;
    double f;
} number;

static number from_int(int64_t i)
{
    return (number){ .i = i };
}

static number from_real(double f)
{
    return (number){ .real = true, .f = f };
}

static number read(const crl_tensor *t, size_t i)
{
    switch (t->type) {
    case CRL_FLOAT32: return from_real(((const float *)t->data)[i]);
    case CRL_FLOAT64: return from_real(((const double *)t->data)[i]);
    case CRL_FLOAT16: return from_real(crl_half_to_float(((const uint16_t *)t->data)[i]));
    case CRL_BFLOAT16: return from_real(crl_bfloat_to_float(((const uint16_t *)t->data)[i]));
    case CRL_COMPLEX64: return from_real(((const float *)t->data)[2 * i]);
    case CRL_UINT16: return from_int(((const uint16_t *)t->data)[i]);
    case CRL_UINT32: return from_int(((const uint32_t *)t->data)[i]);
    case CRL_BOOL: return from_int(((const uint8_t *)t->data)[i] != 0);
    default: return from_int(crl_tensor_int(t, i));
    }
}

static float as_float(number v)
{
    return v.real ? (float)v.f : (float)v.i;
}

/* lo and hi are the ends of the type; hi + 1 is a power of two, which a double holds. */
static int64_t as_int(number v, int64_t lo, int64_t hi)
{
    if (!v.real) return v.i;
    if (isnan(v.f) || v.f >= (double)hi + (hi < INT64_MAX ? 1 : 0)) return hi;
    return v.f <= (double)lo ? lo : (int64_t)v.f;
}

static void write(const crl_tensor *t, size_t i, number v)
{
    switch (t->type) {
    case CRL_FLOAT32: ((float *)t->data)[i] = as_float(v); break;
    case CRL_FLOAT64: ((double *)t->data)[i] = v.real ? v.f : (double)v.i; break;
    case CRL_FLOAT16: ((uint16_t *)t->data)[i] = crl_half_from_float(as_float(v)); break;
    case CRL_BFLOAT16: ((uint16_t *)t->data)[i] = crl_bfloat_from_float(as_float(v)); break;
    case CRL_COMPLEX64:
        ((float *)t->data)[2 * i] = as_float(v);
        ((float *)t->data)[2 * i + 1] = 0;
        break;
    case CRL_BOOL: ((uint8_t *)t->data)[i] = v.real ? v.f != 0 : v.i != 0; break;
    case CRL_INT8: ((int8_t *)t->data)[i] = (int8_t)as_int(v, INT8_MIN, INT8_MAX); break;
    case CRL_UINT8: ((uint8_t *)t->data)[i] = (uint8_t)as_int(v, 0, UINT8_MAX); break;
    case CRL_INT16: ((int16_t *)t->data)[i] = (int16_t)as_int(v, INT16_MIN, INT16_MAX); break;
    case CRL_UINT16: ((uint16_t *)t->data)[i] = (uint16_t)as_int(v, 0, UINT16_MAX); break;
    case CRL_INT32: ((int32_t *)t->data)[i] = (int32_t)as_int(v, INT32_MIN, INT32_MAX); break;
    case CRL_UINT32: ((uint32_t *)t->data)[i] = (uint32_t)as_int(v, 0, UINT32_MAX); break;
    default: ((int64_t *)t->data)[i] = as_int(v, INT64_MIN, INT64_MAX);
    }
}

static crl_status prepare(crl_node *node, crl_error *err)
{
    const unsigned types = CRL_TYPE_QUANT | CRL_TYPE_INDEX | CRL_TYPE(CRL_UINT16) | CRL_TYPE(CRL_UINT32) |
                           CRL_TYPE(CRL_BOOL) | CRL_TYPE(CRL_FLOAT16) | CRL_TYPE(CRL_BFLOAT16) |
                           CRL_TYPE(CRL_FLOAT32) | CRL_TYPE(CRL_FLOAT64) | CRL_TYPE(CRL_COMPLEX64);
    crl_status s = crl_node_accept(node, node->in[0], types, err);
    if (!s) s = crl_node_accept(node, node->out[0], types, err);
    return s ? s : crl_node_same_shape(node, 0, 0, err);
}

static crl_status invoke(const crl_node *node, crl_work *work, crl_error *err)
{
    (void)work;
    (void)err;
    const crl_tensor *in = node->in[0], *out = node->out[0];
    const size_t n = crl_shape_count(&in->shape);
    if (in->type == out->type) {
        if (n) memcpy(out->data, in->data, out->bytes);
        return CRL_OK;
    }
    for (size_t i = 0; i < n; i++) write(out, i, read(in, i));
    return CRL_OK;
}

const crl_op_type crl_op_cast = {
    .name = "CAST", .code = CRL_OP_CAST, .in_min = 1, .in_max = 1, .out_min = 1, .out_max = 1, .prepare = prepare, .invoke = invoke,
};
