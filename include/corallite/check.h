/* SPDX-License-Identifier: Apache-2.0 */
/* What the Edge TPU's compiler would make of a model, operator by operator, and why: before compiling, on any machine.
 *
 *   crl_check_new(&check, model, NULL, &err)
 *   check->ops[i].mapping, .reason, .cure      check->cached_bytes, check->latency[k]
 *   crl_check_free(check)
 *
 * It runs nothing and needs no device. The rules were fitted to what the compiler made of 74 public models; docs/check.md says
 * which are seen and which are only documented.
 *
 * Threads  A crl_check is read-only once it is made. */
#ifndef CORALLITE_CHECK_H
#define CORALLITE_CHECK_H

#include <corallite/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where an operator goes, in the compiler's words: crl_mapping_text(). */
typedef enum crl_mapping {
    CRL_MAPPED = 0,
    CRL_UNMAPPED_TYPE = 1,        /* its data are not of 8 bits */
    CRL_UNMAPPED_OPERATOR = 2,    /* the compiler does not take this operator */
    CRL_UNMAPPED_LIMIT = 3,       /* it takes it, but not so */
    CRL_UNMAPPED_SUBGRAPH = 4,    /* it would be taken, but lies behind an operator that is not */
    CRL_UNMAPPED_RANK = 5,        /* more than three dimensions are larger than 1 */
    CRL_UNMAPPED_VERSION = 6,     /* of the operator: newer than the compiler */
    CRL_UNMAPPED_NOT_CONSTANT = 7 /* weights, shapes or axes are computed */
} crl_mapping;

/* The phrase that the compiler writes into its log. */
CRL_API const char *crl_mapping_text(crl_mapping mapping);

enum { CRL_CHECK_NEWEST_RUNTIME = 14, CRL_CHECK_OLDEST_RUNTIME = 10 };

/* Zeroes are the defaults. */
typedef struct crl_check_options {
    int32_t runtime;       /* the Edge TPU runtime that has to run the result, 10 to 14; 0: the newest */
    int32_t compiler;      /* the major version of the compiler that counts parameters: 2, 14, 15 or 16; 0: the newest */
    uintptr_t reserved[8]; /* 0 */
} crl_check_options;

/* What is said of operator i of the main subgraph. */
typedef struct crl_check_op {
    crl_mapping mapping;
    const char *reason;     /* a sentence with the value that is in the way; NULL where it is mapped */
    const char *cure;       /* what to do about it; NULL where nothing can be done or need be */
    int32_t behind;         /* the first operator on the way to it that keeps it off the chip, which may be itself; -1: mapped, or in
                             * front of all that is */
    bool streamed;          /* its parameters do not fit the chip, and travel at every run */
    size_t parameter_bytes; /* in the chip's layout; 0 where it is not mapped */
    size_t tile_bytes;      /* memory for activations on each of 16 tiles, where it is known */
    uint64_t macs;          /* multiply-accumulates */
    uintptr_t reserved[4];  /* 0 */
} crl_check_op;

/* A requirement of the compiler, and whether the whole model meets it. */
typedef struct crl_check_requirement {
    const char *name; /* "8-bit data" */
    bool met;
    const char *finding; /* a sentence: how many operators do not, and the first of them */
    uintptr_t reserved[2]; /* 0 */
} crl_check_requirement;

/* A tensor that goes into the mapped part or comes out of it, as the device transfers it. */
typedef struct crl_check_layer {
    int32_t tensor;
    size_t bytes; /* padded as the device wants it */
    int32_t y, x, z;
    uintptr_t reserved[2]; /* 0 */
} crl_check_layer;

/* Milliseconds of a run by the device at a host of this kind, without what stays on the CPU. */
typedef struct crl_check_latency {
    const char *host; /* "usb3", "usb3_pi4", "usb2", "pcie" */
    const char *description;
    double low_ms, high_ms; /* four in five of the published figures lie between */
    uintptr_t reserved[2];  /* 0 */
} crl_check_latency;

typedef enum crl_check_kind {
    CRL_CHECK_QUANTISED = 0,     /* layers compute with 8-bit integers */
    CRL_CHECK_FLOAT = 1,         /* weights and activations are floats */
    CRL_CHECK_DYNAMIC_RANGE = 2, /* weights of 8 bits, activations of floats */
    CRL_CHECK_FLOAT16 = 3,       /* weights of 16-bit floats */
    CRL_CHECK_INT16 = 4,         /* activations of 16 bits */
    CRL_CHECK_COMPILED = 5       /* it went through the compiler already */
} crl_check_kind;

/* All fields are read-only. Later versions may add fields at the end. */
typedef struct crl_check {
    const crl_check_op *ops; /* of the main subgraph */
    int32_t n_ops, n_mapped;
    crl_check_kind kind;
    const char *advice; /* what to do first: a sentence; NULL: nothing is to be done */
    int32_t first_cpu;  /* the first operator that keeps a part off the chip by itself, behind which something lies that would be
                         * mapped; else the first that stays on the CPU; -1: all are mapped */
    const crl_check_requirement *requirements;
    int32_t n_requirements;
    size_t parameter_bytes, cached_bytes, streamed_bytes;
    bool near_limit;   /* parameters are so near to what fits that cached and streamed are uncertain */
    size_t tile_bytes; /* of activations on each tile, at the worst operator */
    size_t tile_limit; /* what a tile has: where more is needed, the compiler works in pieces, or gives up */
    uint64_t mapped_macs, macs;
    const crl_check_layer *inputs, *outputs; /* of the mapped part */
    int32_t n_inputs, n_outputs;
    const crl_check_latency *latency; /* none where nothing is mapped */
    int32_t n_latency;
} crl_check;

/**
 * Judges a model. It takes milliseconds, whatever the model's size.
 *
 * Owner   `*out` is the caller's, for crl_check_free(); NULL after a failure. `model` must outlive it.
 * Errors  CRL_ERR_ARGUMENT a runtime or compiler out of range, a reserved word not 0; CRL_ERR_FORMAT no subgraph; CRL_ERR_MEMORY
 */
CRL_API crl_status crl_check_new(crl_check **out, const crl_model *model, const crl_check_options *options, crl_error *err);
CRL_API void crl_check_free(crl_check *check); /* accepts NULL */

#ifdef __cplusplus
}
#endif
#endif
