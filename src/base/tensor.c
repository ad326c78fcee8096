/* SPDX-License-Identifier: Apache-2.0 */
/* Types and shapes: the functions of include/corallite/tensor.h, and the version. */
#include <corallite/tensor.h>
#include <corallite/version.h>

#include <stdio.h>

static const struct {
    const char *name;
    size_t bytes;
} types[] = {
    [CRL_FLOAT32] = { "FLOAT32", 4 },   [CRL_FLOAT16] = { "FLOAT16", 2 },       [CRL_INT32] = { "INT32", 4 },
    [CRL_UINT8] = { "UINT8", 1 },       [CRL_INT64] = { "INT64", 8 },           [CRL_STRING] = { "STRING", 0 },
    [CRL_BOOL] = { "BOOL", 1 },         [CRL_INT16] = { "INT16", 2 },           [CRL_COMPLEX64] = { "COMPLEX64", 8 },
    [CRL_INT8] = { "INT8", 1 },         [CRL_FLOAT64] = { "FLOAT64", 8 },       [CRL_COMPLEX128] = { "COMPLEX128", 16 },
    [CRL_UINT64] = { "UINT64", 8 },     [CRL_RESOURCE] = { "RESOURCE", 0 },     [CRL_VARIANT] = { "VARIANT", 0 },
    [CRL_UINT32] = { "UINT32", 4 },     [CRL_UINT16] = { "UINT16", 2 },         [CRL_INT4] = { "INT4", 0 },
    [CRL_BFLOAT16] = { "BFLOAT16", 2 },
};
enum { N_TYPES = sizeof types / sizeof types[0] };

const char *crl_type_name(crl_type type)
{
    return (unsigned)type < N_TYPES ? types[type].name : "?";
}

size_t crl_type_bytes(crl_type type)
{
    return (unsigned)type < N_TYPES ? types[type].bytes : 0;
}

size_t crl_shape_count(const crl_shape *shape)
{
    size_t n = 1;
    for (int32_t i = 0; i < shape->rank; i++) n *= (size_t)shape->dim[i];
    return n;
}

bool crl_shape_equal(const crl_shape *a, const crl_shape *b)
{
    if (a->rank != b->rank) return false;
    for (int32_t i = 0; i < a->rank; i++)
        if (a->dim[i] != b->dim[i]) return false;
    return true;
}

char *crl_shape_text(const crl_shape *shape, char *buf, size_t size)
{
    if (!size) return buf;
    size_t used = (size_t)snprintf(buf, size, "[");
    for (int32_t i = 0; i < shape->rank && used < size; i++)
        used += (size_t)snprintf(buf + used, size - used, "%s%d", i ? "," : "", shape->dim[i]);
    if (used < size) snprintf(buf + used, size - used, "]");
    return buf;
}

const char *crl_version(void)
{
    return CRL_VERSION;
}

int crl_version_number(void)
{
    return CRL_VERSION_NUMBER;
}
