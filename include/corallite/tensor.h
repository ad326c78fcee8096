/* SPDX-License-Identifier: Apache-2.0 */
/* Types, shapes, quantisation: what a tensor is.
 *
 * Threads  These are values, and functions only read them: any number of threads may, while nobody writes. A crl_tensor of an
 *          engine is a part of it (engine.h). */
#ifndef CORALLITE_TENSOR_H
#define CORALLITE_TENSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <corallite/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Element types. The values are those of TensorType in the TensorFlow Lite schema. */
typedef enum crl_type {
    CRL_FLOAT32 = 0,
    CRL_FLOAT16 = 1,
    CRL_INT32 = 2,
    CRL_UINT8 = 3,
    CRL_INT64 = 4,
    CRL_STRING = 5,
    CRL_BOOL = 6,
    CRL_INT16 = 7,
    CRL_COMPLEX64 = 8,
    CRL_INT8 = 9,
    CRL_FLOAT64 = 10,
    CRL_COMPLEX128 = 11,
    CRL_UINT64 = 12,
    CRL_RESOURCE = 13,
    CRL_VARIANT = 14,
    CRL_UINT32 = 15,
    CRL_UINT16 = 16,
    CRL_INT4 = 17,
    CRL_BFLOAT16 = 18
} crl_type;

/* "UINT8", as in the schema; "?" for a value outside the enum. */
CRL_API const char *crl_type_name(crl_type type);
/* Bytes of one element; 0 where elements have no fixed whole size (STRING, RESOURCE, VARIANT, INT4). */
CRL_API size_t crl_type_bytes(crl_type type);

enum { CRL_MAX_RANK = 8 };

/* Dimensions, outermost first. Rank 0 is a scalar. Zero-sized dimensions are legal. */
typedef struct crl_shape {
    int32_t rank;
    int32_t dim[CRL_MAX_RANK]; /* entries from `rank` on are 0 */
} crl_shape;

/* Number of elements: 1 for a scalar. The shapes of an opened model never overflow. */
CRL_API size_t crl_shape_count(const crl_shape *shape);
CRL_API bool crl_shape_equal(const crl_shape *a, const crl_shape *b);
enum { CRL_SHAPE_TEXT = 96 /* bytes that hold the text of any shape */ };
/* Writes "[1,224,224,3]" to buf, cut to size; returns buf. */
CRL_API char *crl_shape_text(const crl_shape *shape, char *buf, size_t size);

/* real = scale[c] * (q - zero_point[c]). n == 0: not quantised; n == 1: one pair for the whole
 * tensor; else one pair for each index of dimension `axis`. With `block` > 0, n is 0, zero points are 0, and each run of
 * `block` elements has a scale. */
typedef struct crl_quant {
    const float *scale;        /* [n], or one for each run */
    const int32_t *zero_point; /* [n] */
    int32_t n;
    int32_t axis;
    int32_t block;
    int32_t reserved; /* 0 */
} crl_quant;

enum {
    CRL_TENSOR_CONST = 1u << 0,    /* data comes from the model and is read-only */
    CRL_TENSOR_VARIABLE = 1u << 1, /* keeps its value from run to run */
    CRL_TENSOR_DYNAMIC = 1u << 2   /* the shape is known only while running */
};

/* A tensor of an engine. A view: it lives as long as the engine or model that handed it out. */
typedef struct crl_tensor {
    const char *name; /* UTF-8, "" when the file has none */
    crl_type type;
    crl_shape shape;
    crl_quant quant;
    void *data;   /* 64-byte aligned when in an arena; NULL before there is any */
    size_t bytes; /* of data */
    unsigned flags;
    uintptr_t reserved[4]; /* 0 */
} crl_tensor;

#ifdef __cplusplus
}
#endif
#endif
