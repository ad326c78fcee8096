/* SPDX-License-Identifier: Apache-2.0 */
/* One element of a buffer of 8, 16 or 32-bit integers. Reference kernels are written once for all integer
 * types: `type` is a constant where they are instantiated, so that the switch costs nothing. */
#ifndef CRL_KERNELS_ELEMENT_H
#define CRL_KERNELS_ELEMENT_H

#include <corallite/tensor.h>

/* For functions that are instantiated with constants. */
#define CRL_INLINE static inline __attribute__((always_inline))

CRL_INLINE int32_t crl_load(const void *p, size_t i, crl_type type)
{
    switch (type) {
    case CRL_UINT8: return ((const uint8_t *)p)[i];
    case CRL_INT8: return ((const int8_t *)p)[i];
    case CRL_INT16: return ((const int16_t *)p)[i];
    default: return ((const int32_t *)p)[i];
    }
}

/* `v` lies within the type. */
CRL_INLINE void crl_store(void *p, size_t i, crl_type type, int32_t v)
{
    switch (type) {
    case CRL_UINT8: ((uint8_t *)p)[i] = (uint8_t)v; break;
    case CRL_INT8: ((int8_t *)p)[i] = (int8_t)v; break;
    case CRL_INT16: ((int16_t *)p)[i] = (int16_t)v; break;
    default: ((int32_t *)p)[i] = v; break;
    }
}

CRL_INLINE int32_t crl_type_min(crl_type type)
{
    return type == CRL_UINT8 ? 0 : type == CRL_INT8 ? INT8_MIN : type == CRL_INT16 ? INT16_MIN : INT32_MIN;
}

CRL_INLINE int32_t crl_type_max(crl_type type)
{
    return type == CRL_UINT8 ? UINT8_MAX : type == CRL_INT8 ? INT8_MAX : type == CRL_INT16 ? INT16_MAX : INT32_MAX;
}

/* Towards zero, as the conversion instruction of x86: what does not fit becomes the lowest value. */
CRL_INLINE int32_t crl_cut_f32(float x)
{
    return x >= -2147483648.0f && x < 2147483648.0f ? (int32_t)x : INT32_MIN;
}

/* Sums and products of int32_t that wrap, as they do in the reference. */
CRL_INLINE int32_t crl_wrap_add(int32_t a, int32_t b)
{
    return (int32_t)((uint32_t)a + (uint32_t)b);
}

CRL_INLINE int32_t crl_wrap_sub(int32_t a, int32_t b)
{
    return (int32_t)((uint32_t)a - (uint32_t)b);
}

CRL_INLINE int32_t crl_wrap_mul(int32_t a, int32_t b)
{
    return (int32_t)((uint32_t)a * (uint32_t)b);
}

#endif
