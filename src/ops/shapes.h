/* SPDX-License-Identifier: Apache-2.0 */
/* What operators that move elements share: axes, lists of indices, layouts. */
#ifndef CRL_OPS_SHAPES_H
#define CRL_OPS_SHAPES_H

#include "kernels/strided.h"
#include "ops/op.h"

/* A set of types, for crl_node_accept: CRL_TYPE(CRL_UINT8) | CRL_TYPE(CRL_INT8). */
#define CRL_TYPE(type) (1u << (type))
#define CRL_TYPE_8BIT (CRL_TYPE(CRL_UINT8) | CRL_TYPE(CRL_INT8))
#define CRL_TYPE_QUANT (CRL_TYPE_8BIT | CRL_TYPE(CRL_INT16))
#define CRL_TYPE_INDEX (CRL_TYPE(CRL_INT32) | CRL_TYPE(CRL_INT64))
/* Whatever has elements of whole bytes, up to eight of them: enough where elements are only moved. */
#define CRL_TYPE_MOVED                                                                                                 \
    (CRL_TYPE_QUANT | CRL_TYPE_INDEX | CRL_TYPE(CRL_FLOAT32) | CRL_TYPE(CRL_FLOAT16) | CRL_TYPE(CRL_BFLOAT16) |        \
     CRL_TYPE(CRL_FLOAT64) | CRL_TYPE(CRL_BOOL) | CRL_TYPE(CRL_UINT16) | CRL_TYPE(CRL_UINT32) | CRL_TYPE(CRL_UINT64) |   \
     CRL_TYPE(CRL_COMPLEX64))

/* The tensor's type is in the set, or a sentence that lists the set. */
crl_status crl_node_accept(const crl_node *node, const crl_tensor *tensor, unsigned types, crl_error *err);

/* Tensor `a` has the type of `b`. */
crl_status crl_node_same_type(const crl_node *node, const crl_tensor *a, const crl_tensor *b, crl_error *err);

/* `a` has the scale and zero point of `b`: where elements are moved, not rescaled. */
crl_status crl_node_same_quant(const crl_node *node, const crl_tensor *a, const crl_tensor *b, crl_error *err);

/* The one scale and zero point of a tensor; 0 where it has none, or one for each channel. */
static inline float crl_tensor_scale(const crl_tensor *t)
{
    return t->quant.n == 1 ? t->quant.scale[0] : 0;
}

static inline int32_t crl_tensor_zero(const crl_tensor *t)
{
    return t->quant.n == 1 ? t->quant.zero_point[0] : 0;
}

/* An axis as files give it, in -rank..rank-1, as one in 0..rank-1. */
crl_status crl_node_axis(int64_t axis, int32_t rank, int32_t *out, crl_error *err);

/* Number of elements of dimensions from..to-1. */
size_t crl_shape_span(const crl_shape *shape, int32_t from, int32_t to);

/* Element i of a tensor of integers (INT8, UINT8, INT16, INT32, INT64, BOOL). */
int64_t crl_tensor_int(const crl_tensor *tensor, size_t i);

/* The constant integers of a tensor of at most `cap` elements, into list[0..*n). */
crl_status crl_node_const_ints(const crl_node *node, const crl_tensor *tensor, unsigned types, int64_t *list,
                               int32_t cap, int32_t *n, crl_error *err);

/* The same for a tensor of one element. */
crl_status crl_node_const_int(const crl_node *node, const crl_tensor *tensor, unsigned types, int64_t *value,
                              crl_error *err);

/* Steps in bytes of a dense tensor, step[0..rank). */
void crl_tensor_steps(const crl_tensor *tensor, ptrdiff_t *step);

/* The shape that two shapes give when dimensions of 1 are stretched; error when others differ. */
crl_status crl_node_broadcast(const crl_shape *a, const crl_shape *b, crl_shape *out, crl_error *err);

/* invoke of the operators whose params begin with a crl_move: in[input] to out[0]. */
typedef struct crl_move {
    crl_strided strided;
    int32_t input;
    size_t in_offset; /* bytes, where the first element is read */
} crl_move;
crl_status crl_move_invoke(const crl_node *node, crl_work *work, crl_error *err);

/* invoke of the operators that change the shape only: in[0] to out[0]. */
crl_status crl_copy_invoke(const crl_node *node, crl_work *work, crl_error *err);

#endif
