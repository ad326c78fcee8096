/* SPDX-License-Identifier: Apache-2.0 */
/* The definition of functions of bits. */
#include "kernels/bits.h"

static int64_t load(const void *p, size_t i, crl_type type)
{
    switch (type) {
    case CRL_UINT8: return ((const uint8_t *)p)[i];
    case CRL_INT8: return ((const int8_t *)p)[i];
    case CRL_UINT16: return ((const uint16_t *)p)[i];
    case CRL_INT16: return ((const int16_t *)p)[i];
    case CRL_UINT32: return ((const uint32_t *)p)[i];
    default: return ((const int32_t *)p)[i];
    }
}

static void store(void *p, size_t i, crl_type type, int64_t v)
{
    switch (crl_type_bytes(type)) {
    case 1: ((uint8_t *)p)[i] = (uint8_t)v; break;
    case 2: ((uint16_t *)p)[i] = (uint16_t)v; break;
    default: ((uint32_t *)p)[i] = (uint32_t)v; break;
    }
}

/* Rounded down, as an arithmetic shift is, by as many places as `b` says and the type has. */
static int64_t shifted(int64_t a, int64_t b, int64_t width)
{
    const int64_t places = b < 0 ? 0 : b > width - 1 ? width - 1 : b;
    return a < 0 ? ~(~a >> places) : a >> places;
}

void crl_bits_ref(void *out, const void *a, size_t step_a, const void *b, size_t step_b, size_t n, const void *params)
{
    const crl_bits *p = params;
    const int64_t width = 8 * (int64_t)crl_type_bytes(p->type);
    for (size_t i = 0; i < n; i++) {
        const int64_t x = load(a, i * step_a, p->type), y = load(b, i * step_b, p->type);
        store(out, i, p->type, p->shift ? shifted(x, y, width) : x ^ y);
    }
}
