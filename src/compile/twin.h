/* SPDX-License-Identifier: Apache-2.0 */
/* Two models of one form: the one that a template was compiled from (A), and the one that is wanted (B). They have the same operators
 * with the same options and wiring, tensors of the same types and shapes, and may differ in weights, scales and zero points, and in how
 * many classes the last layer has. */
#ifndef CRL_COMPILE_TWIN_H
#define CRL_COMPILE_TWIN_H

#include <corallite/model.h>

#include "base/alloc.h"
#include "base/error.h"

/* Numbers of the schema. */
enum {
    CRL_OP_ADD = 0,
    CRL_OP_AVERAGE_POOL = 1,
    CRL_OP_CONCATENATION = 2,
    CRL_OP_CONV = 3,
    CRL_OP_DEPTHWISE = 4,
    CRL_OP_DENSE = 9,
    CRL_OP_LOGISTIC = 14,
    CRL_OP_MAX_POOL = 17,
    CRL_OP_MUL = 18,
    CRL_OP_RELU = 19,
    CRL_OP_RELU_N1_TO_1 = 20,
    CRL_OP_RELU6 = 21,
    CRL_OP_RESHAPE = 22,
    CRL_OP_SOFTMAX = 25,
    CRL_OP_MEAN = 40,
    CRL_OP_QUANTIZE = 114
};

typedef enum crl_side { CRL_SIDE_A, CRL_SIDE_B } crl_side;

typedef struct crl_twin {
    const crl_subgraph *side[2];
    int32_t *b_of;  /* tensor of A -> of B, -1: no operator uses it */
    bool *mapped;   /* operators of A that the template has on the chip */
    int32_t wide_op; /* the dense layer whose width differs; -1: none */
    int32_t width[2];
    bool *marks;    /* [tensors of A], for crl_twin_needs() */
    int32_t *reader; /* [tensors of A]: the only operator that reads it; -1: several, none, or it is an output of the model */
} crl_twin;

/**
 * Compares the models and finds which operators `compiled` has taken. Memory comes from the pile.
 *
 * Errors  CRL_ERR_UNSUPPORTED  they are not of one form, or A is not what was compiled; the text says where
 *         CRL_ERR_MEMORY
 */
crl_status crl_twin_find(crl_twin *twin, const crl_model *a, const crl_model *b, const crl_model *compiled, int32_t op, crl_pile *pile,
                         crl_error *err);

/* Tensor t of A, as the side has it. */
static inline const crl_tensor_def *crl_twin_tensor(const crl_twin *w, crl_side side, int32_t t)
{
    return side == CRL_SIDE_A ? &w->side[0]->tensors[t] : &w->side[1]->tensors[w->b_of[t]];
}

/* How the chip sees it: unsigned bytes. */
static inline int32_t crl_stored_zero(const crl_tensor_def *t)
{
    return (t->quant.n ? (int32_t)t->quant.zero_point[0] : 0) + (t->type == CRL_INT8 ? 128 : 0);
}

static inline float crl_stored_scale(const crl_tensor_def *t)
{
    return t->quant.n ? t->quant.scale[0] : 0;
}

/* What finding and comparing may take, in comparisons of a few bytes: models and templates of some kilobytes could ask for hours. Those that
 * are known take less than a thousandth. */
#define CRL_COMPILE_WORK (UINT64_C(1) << 30)

/* Operator `later` computes with what operator `earlier` has computed, directly or not. */
bool crl_twin_needs(const crl_twin *w, int32_t later, int32_t earlier);

/* The operator has weights that are laid out for the chip. */
static inline bool crl_has_weights(const crl_operator *op)
{
    return op->code == CRL_OP_CONV || op->code == CRL_OP_DEPTHWISE || op->code == CRL_OP_DENSE;
}

/* An option that is a number, 0 where there is none. */
int64_t crl_twin_option(const crl_operator *op, const char *name);

#endif
