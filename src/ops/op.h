/* SPDX-License-Identifier: Apache-2.0 */
/* Operators: what one is to the rest of the program.
 *
 * An operator is one file in ops/ that defines a const crl_op_type, and one row in registry.c.
 *   prepare  parses options, checks inputs, sets the shapes of the outputs, derives parameters.
 *            May allocate (crl_node_params, crl_node_alloc). Called again when input shapes change.
 *   invoke   computes, by calling kernels. Allocates nothing, checks values only (indices and the like).
 * The reference backend calls invoke; the cpu backend may replace it by a kernel that gives the same bytes.
 *
 * Values in prepare. Where a shape or a parameter depends on the values of an input, prepare asks for them
 * (crl_node_check_const and what is made of it). They are there when the input is a constant; else prepare fails, the
 * graph ends its part there, and asks again while running, when the input has been computed (graph.h). An operator
 * need not know which of the two it was. */
#ifndef CRL_OPS_OP_H
#define CRL_OPS_OP_H

#include <corallite/model.h>
#include <corallite/tensor.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/threads.h"
#include "kernels/requant.h"
#include "ops/codes.h"

typedef struct crl_op_type crl_op_type;

/* A subgraph as the operator that calls it sees it, until it is bound again. */
typedef struct crl_callee {
    crl_tensor *const *in; /* [n_in], to be filled before a call; NULL: a later argument goes to the same tensor */
    int32_t n_in;
    crl_tensor *const *out; /* [n_out]; with CRL_TENSOR_DYNAMIC the shape is known only after a call */
    int32_t n_out;
} crl_callee;

/* What surrounds a graph: the other subgraphs of the model, its variables, and an account of memory. The engine has the
 * functions; a graph that stands alone (in a test) has no host, and operators that need one refuse. */
typedef struct crl_host crl_host;
struct crl_host {
    /* Makes a subgraph ready for arguments of the types and shapes of args[n]; cheap when it is so already. Called by
     * prepare, to learn the outputs' shapes, and again before a call: another operator may have bound it otherwise. */
    crl_status (*bind)(crl_host *host, int32_t subgraph, crl_tensor *const *args, int32_t n, crl_callee *callee,
                       crl_error *err);
    crl_status (*call)(crl_host *host, int32_t subgraph, crl_error *err);
    /* The number of the variable with this name, from now on to the end of the host. */
    crl_status (*variable)(crl_host *host, const char *container, const char *name, int32_t *id, crl_error *err);
    crl_status (*assign)(crl_host *host, int32_t id, const crl_tensor *value, crl_error *err);
    /* Its value; an error where nothing was assigned yet. */
    crl_status (*read)(crl_host *host, int32_t id, const crl_tensor **value, crl_error *err);
    bool *(*called_once)(crl_host *host, int32_t subgraph); /* a flag of the subgraph's, for CALL_ONCE */
    /* A subgraph as it stands in the file; NULL where there is none of that number. */
    const crl_subgraph *(*look)(crl_host *host, int32_t subgraph);
    /* The type of a custom operator that crl_op_find does not know, as a backend has it; NULL: nobody has one. */
    const crl_op_type *(*find)(crl_host *host, const crl_operator *def);
    uint32_t resets; /* how often the engine was reset: what operators keep from run to run begins anew */
    crl_account account;
    uint64_t spent, work_limit; /* units of work: crl_host_spend */
};

/* Work is paid before it is done (ops/work.h has the prices): a run, or a preparation, has a limit, past which it fails.
 * Errors: TIMEOUT "the model needs N million units of work up to here, ...". NULL hosts allow everything. */
crl_status crl_host_spend(crl_host *host, uint64_t units, crl_error *err);

/* All memory of an engine is on its host's account: by piles, which know it, and what is in no pile by these two.
 * Errors: UNSUPPORTED "`what` need N MiB, ..." past the limit. NULL hosts allow everything. */
crl_status crl_host_hold(crl_host *host, size_t bytes, const char *what, crl_error *err);
void crl_host_drop(crl_host *host, size_t bytes);

static inline crl_account *crl_host_account(crl_host *host)
{
    return host ? &host->account : NULL;
}

/* Memory of a tensor that is not part of a plan: of an output whose shape invoke finds out, of a variable. */
typedef struct crl_given {
    void *data;
    size_t bytes;
} crl_given;

/* Makes it `bytes` large, zeros, what was in it is gone. After a failure it is empty. Errors: of crl_host_hold, MEMORY. */
crl_status crl_given_enlarge(crl_given *given, size_t bytes, crl_host *host, const char *what, crl_error *err);
void crl_given_release(crl_given *given, crl_host *host);

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
    bool on_chip;             /* computes as the Edge TPU does (ops/chip.h), where prepare knows how; else as TensorFlow Lite */
    crl_tensor *const *in;    /* [n_in], NULL where an optional input is left out */
    int32_t n_in;
    crl_tensor *const *out;   /* [n_out] */
    int32_t n_out;
    crl_tensor *const *intermediates; /* types and quantisation of an LSTM's inner values; no data */
    int32_t n_intermediates;
    void *params;             /* prepare's result, read by invoke */
    size_t scratch_bytes;     /* set by prepare */
    bool constant;            /* set by prepare: the outputs depend on nothing but constants and shapes */
    bool stateful;            /* set by prepare: reads or changes more than its tensors, so it runs each time */
    bool late;                /* set by prepare: invoke gives the outputs their shapes, by crl_node_give */
    bool folded;              /* set by the graph: the outputs are computed already, the operator is not to run */
    crl_host *host;           /* NULL where the graph stands alone */
    uint64_t *asked;          /* inputs that are no constants and whose values prepare asked for, a bit each */
    crl_given *given;         /* [n_out] */
    uint64_t macs;            /* set by prepare where the operator multiplies and accumulates */
    uint64_t more_work;       /* set by prepare where invoke does more than a little for each element read and written:
                                 units (ops/work.h) */
    crl_pile pile;            /* owner of params and whatever else prepare allocated */
} crl_node;

struct crl_op_type {
    const char *name;  /* the schema's, or the custom operator's own */
    int32_t code;      /* BuiltinOperator, CRL_CUSTOM for custom ones */
    int32_t in_min, in_max;   /* number of inputs accepted; in_max < 0: no limit */
    int32_t out_min, out_max;
    crl_status (*prepare)(crl_node *node, crl_error *err);
    crl_status (*invoke)(const crl_node *node, crl_work *work, crl_error *err); /* NULL: only the backend that found it runs it */
};

/* The operator's type, or NULL when there is none. Source: registry.c. */
const crl_op_type *crl_op_find(const crl_operator *def);
/* All of them, in the order of the registry; NULL from n on. */
const crl_op_type *crl_op_at(int32_t i);
/* The sentence for an operator that crl_op_find does not know: what it is, and the nearest thing to do. Source: unknown.c. */
crl_status crl_op_unknown(const crl_operator *def, crl_error *err);

/* Input i; NULL: left out. */
static inline crl_tensor *crl_node_input(const crl_node *node, int32_t i)
{
    return i < node->n_in ? node->in[i] : NULL;
}

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
/* For invoke of late nodes: gives output i a shape, and memory for it that is kept until the next time. */
crl_status crl_node_give(const crl_node *node, int32_t i, const crl_shape *shape, crl_error *err);
/* Gives that memory back. */
void crl_node_give_back(crl_node *node);

/* Sentences for what prepare finds. `tensor` may be an input or an output of the node.
 *   tensor 31 "w": TYPE is not supported here, accepted: `accepted` */
crl_status crl_node_bad_type(const crl_node *node, const crl_tensor *tensor, const char *accepted, crl_error *err);
/*   tensor 31 "w": `fmt...` */
crl_status crl_node_bad(const crl_node *node, crl_status status, const crl_tensor *tensor, crl_error *err,
                        const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* The tensor has one scale and zero point (error otherwise), scale > 0 and finite, zero point within its type. */
crl_status crl_node_check_quant(const crl_node *node, const crl_tensor *tensor, crl_error *err);

/* The same for inputs that the reference takes with a scale of 0, too: converters write it for constants of zeros. Whoever
 * divides by the scale asks the other one. */
crl_status crl_node_check_quant_in(const crl_node *node, const crl_tensor *tensor, crl_error *err);

/* The values of an input are known: it is a constant, has no elements, or has been computed by now. Else an error, and
 * prepare will be called again. */
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
