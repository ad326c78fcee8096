/* SPDX-License-Identifier: Apache-2.0 */
/* A compiled model for the Edge TPU, made from another one of the same form.
 *
 *   a model, a compiled model (the template), and the model that it was compiled from -> the compiled model of the first
 *
 * What the compiler made of the template stays: its programs, tiles and addresses depend on shapes alone. Weights, biases,
 * multipliers, clamps, zero points, softmax constants, and within limits the number of classes, become those of the model. Before
 * that the template is made of its own model in the same way, and has to come out byte for byte: so what is written is what the
 * compiler would have written, and everything else is refused, with a sentence that says what to do.
 *
 * Source: docs/compile.md
 *
 * Threads  Any; calls know nothing of each other. */
#ifndef CORALLITE_REWEIGHT_H
#define CORALLITE_REWEIGHT_H

#include <corallite/package.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What was done. The library fills it. */
typedef struct crl_reweighted {
    int32_t operators;    /* on the chip */
    int32_t layers;       /* of those, layers with weights */
    int32_t tensors, named; /* tensor instructions, and those whose constants an operator explains; the others depend on none */
    int32_t instructions; /* that differ from the template's */
    size_t parameters;    /* bytes of parameters that differ */
    uint64_t token;
    uintptr_t reserved[8]; /* 0 */
} crl_reweighted;

/**
 * Compiles `model` by a template: `compiled`, and the model `twin` that it was compiled from. Both have to be whole files.
 *
 * The token, under which a driver remembers the parameters on the chip, is new, unless nothing differs from the template.
 *
 * Owner   `*bytes` is the caller's, for free(); NULL after a failure. `done` may be NULL.
 * Errors  CRL_ERR_ARGUMENT     `compiled` has no compiled operator
 *         CRL_ERR_FORMAT       its package or its program is broken
 *         CRL_ERR_UNSUPPORTED  it cannot be said what the compiler would have written; the text says why, and what to do
 *         CRL_ERR_MEMORY
 */
CRL_API crl_status crl_reweight(const crl_model *model, const crl_model *compiled, const crl_model *twin, uint8_t **bytes, size_t *size,
                                crl_reweighted *done, crl_error *err);

/**
 * Which operator each instruction of a compiled model computes: ops[i], for instruction i of `program`, becomes the index of an operator of
 * `twin`, the model that `compiled` was made from; -1 where it is none, or not known. `program` is of the executable that runs.
 *
 * Where several operators have the same constants, the first is named that the instructions before allow.
 *
 * Errors  CRL_ERR_UNSUPPORTED  `twin` is not what `compiled` was made from; CRL_ERR_ARGUMENT, CRL_ERR_MEMORY
 */
CRL_API crl_status crl_explain_program(const crl_model *compiled, const crl_model *twin, const crl_disassembly *program, int32_t *ops,
                                       crl_error *err);

/* What of a package equals what a model would have become. The library fills it. */
typedef struct crl_twin_verified {
    int32_t layers, layers_equal;       /* with weights, and those whose weights, biases and tables are in the package to the byte */
    int32_t constants, constants_equal; /* operators with a multiplier, clamps and zero points, and those whose are in its program */
    int32_t first_layer, first_constant; /* the first operator that is not equal; -1: all are */
    uintptr_t reserved[4]; /* 0 */
} crl_twin_verified;

/**
 * Compares a compiled operator with the model that it is thought to be compiled from: both compute the same then.
 *
 * Errors  CRL_ERR_ARGUMENT     the operator is not a compiled one; the twin is one itself
 *         CRL_ERR_FORMAT       its package or its program is broken
 *         CRL_ERR_UNSUPPORTED  the twin has other operators or shapes than what was compiled; the text says which
 *         CRL_ERR_MEMORY
 */
CRL_API crl_status crl_twin_verify(crl_twin_verified *out, const crl_model *compiled, int32_t op, const crl_model *twin, crl_error *err);

#ifdef __cplusplus
}
#endif
#endif
