/* SPDX-License-Identifier: Apache-2.0 */
/* Operators: what one is to the rest of the program.
 *
 * An operator is one file in ops/ that defines a const crl_op_type, and one row in registry.c.
 *   prepare  parses options, checks inputs, sets the shapes of the outputs, derives parameters.
 *            May allocate (crl_node_params, crl_node_alloc). Called again when input shapes change.
 *   invoke   computes, by calling kernels. Allocates nothing, checks values only (indices and the like).
 * The reference backend calls invoke; the cpu backend may replace it by a kernel that gives the same bytes. */
#ifndef CRL_OPS_OP_H
#define CRL_OPS_OP_H

#include <corallite/model.h>
#include <corallite/tensor.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/threads.h"

typedef struct crl_op_type crl_op_type;

/* What a running step may use besides its tensors. */
typedef struct crl_work {
    crl_pool *pool; /* NULL: one thread */
    void *scratch;  /* as many bytes as the step asked for, 64-byte aligned; contents are undefined */
} crl_work;

/* An operator of a graph, ready to run. */
typedef struct crl_node {
    const crl_op_type *type;
    const crl_operator *def;
    int32_t index;            /* in the subgraph */
    crl_tensor *const *in;    /* [n_in], NULL where an optional input is left out */
    int32_t n_in;
    crl_tensor *const *out;   /* [n_out] */
    int32_t n_out;
    crl_tensor *const *intermediates; /* types and quantisation of an LSTM's inner values; no data */
    int32_t n_intermediates;
    void *params;             /* prepare's result, read by invoke */
    size_t scratch_bytes;     /* set by prepare */
    bool constant;            /* set by prepare: the outputs depend on nothing but constants and shapes */
    bool folded;              /* set by the graph: the outputs are computed already, the operator is not to run */
    uint64_t macs;            /* set by prepare where the operator multiplies and accumulates */
    crl_pile pile;            /* owner of params and whatever else prepare allocated */
} crl_node;

struct crl_op_type {
    const char *name;  /* the schema's, or the custom operator's own */
    int32_t code;      /* BuiltinOperator, CRL_CUSTOM for custom ones */
    int32_t in_min, in_max;   /* number of inputs accepted; in_max < 0: no limit */
    int32_t out_min, out_max;
    crl_status (*prepare)(crl_node *node, crl_error *err);
    crl_status (*invoke)(const crl_node *node, crl_work *work, crl_error *err);
};

/* The operator's type, or NULL when there is none. Source: registry.c. */
const crl_op_type *crl_op_find(const crl_operator *def);
/* All of them, in the order of the registry; NULL from n on. */
const crl_op_type *crl_op_at(int32_t i);
/* The sentence for an operator that crl_op_find does not know: what it is, and the nearest thing to do. */
crl_status crl_op_unknown(const crl_operator *def, crl_error *err);

/* --- for prepare --------------------------------------------------------------------------------- */

/* Zeroed storage for node->params. On failure writes the error. */
crl_status crl_node_params(crl_node *node, size_t bytes, crl_error *err);
/* Zeroed storage that lives as long as the params: n elements of `size` bytes. NULL and an error on failure. */
void *crl_node_alloc(crl_node *node, size_t n, size_t size, crl_error *err);

/* Options by the schema's name. A name that the operator lacks is a mistake in the program (assert). */
int32_t crl_node_int(const crl_node *node, const char *name);
bool crl_node_bool(const crl_node *node, const char *name);
float crl_node_float(const crl_node *node, const char *name);

/* Gives output i its shape. Errors: element count or bytes overflow (the text names the tensor). A file
 * that states another shape is overruled: the reference recomputes all shapes, too. */
crl_status crl_node_shape(crl_node *node, int32_t i, const crl_shape *shape, crl_error *err);
crl_status crl_node_same_shape(crl_node *node, int32_t out, int32_t in, crl_error *err);

/* Sentences for what prepare finds. `tensor` may be an input or an output of the node.
 *   tensor 31 "w": TYPE is not supported here, accepted: `accepted` */
crl_status crl_node_bad_type(const crl_node *node, const crl_tensor *tensor, const char *accepted, crl_error *err);
/*   tensor 31 "w": `fmt...` */
crl_status crl_node_bad(const crl_node *node, crl_status status, const crl_tensor *tensor, crl_error *err,
                        const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* The tensor has one scale and zero point (error otherwise), scale > 0 and finite, zero point within its type. */
crl_status crl_node_check_quant(const crl_node *node, const crl_tensor *tensor, crl_error *err);

/* Data of a constant tensor; an error when it is not known before running. */
crl_status crl_node_check_const(const crl_node *node, const crl_tensor *tensor, crl_error *err);

/* Limits of a fused activation. Source: TensorFlow Lite, kernels/kernel_util: CalculateActivationRange. */
typedef enum crl_activation {
    CRL_ACT_NONE = 0,
    CRL_ACT_RELU = 1,
    CRL_ACT_RELU_N1_TO_1 = 2,
    CRL_ACT_RELU6 = 3,
    CRL_ACT_TANH = 4,
    CRL_ACT_SIGN_BIT = 5
} crl_activation;

/* In quantised units of `out` (uint8, int8, int16): *min <= *max. Errors: TANH, SIGN_BIT, other types. */
crl_status crl_node_activation_range(const crl_node *node, const crl_tensor *out, int32_t activation, int32_t *min,
                                     int32_t *max, crl_error *err);
crl_status crl_node_activation_range_f32(const crl_node *node, int32_t activation, float *min, float *max,
                                         crl_error *err);

#endif
