/* SPDX-License-Identifier: Apache-2.0 */
/* Lowering: from operators to steps of fast kernels.
 *
 * A rule per operator (rules.c) may take a node and add steps for it; a node that no rule takes runs the
 * operator's own invoke. Both give the same bytes.
 *
 * Forms. 8-bit activations exist in two forms, bit 7 apart: `raw`, as the model types them, and `kernel`, the
 * one signedness that all kernels take: uint8. A tensor whose type is that already has one value for both. A rule
 * asks for the form it wants with crl_lower_read and writes the form it makes with crl_lower_write; conversions
 * appear only where a fast kernel meets a plain one.
 *
 *   raw int8 --flip--> kernel uint8 --gemm--> kernel uint8 --gemm--> ... --flip--> raw int8 (output) */
#ifndef CRL_BACKEND_CPU_LOWER_H
#define CRL_BACKEND_CPU_LOWER_H

#include "backend/backend.h"

typedef enum crl_form { CRL_FORM_RAW, CRL_FORM_KERNEL } crl_form;

/* What lowering knows of a tensor of the graph. */
typedef struct crl_lower_tensor {
    int32_t producer; /* node, -1: input, constant, variable, made by another segment */
    int32_t n_uses;   /* operators of the segment that read it, and 1 when it is needed after the segment */
    int32_t user;     /* a node that reads it, -1: none; the only one when n_uses is 1 */
    int32_t value[2]; /* by form; -1: not made yet */
} crl_lower_tensor;

typedef struct crl_lower {
    crl_schedule *schedule;
    crl_graph *graph;
    unsigned cpu;
    int threads;
    crl_pool *pool; /* whose threads help to pack; NULL: none */
    bool fused; /* sums of floats by fused multiply-adds */
    crl_lower_tensor *tensors; /* [graph->def->n_tensors] */
    const struct crl_sum8 *sum; /* the last one whose form was searched for, and through it all others */
    bool *done;                /* [graph->n_nodes] taken care of by a rule of an earlier node */
    crl_pile pile;             /* of the two */
} crl_lower;

/* A rule: adds steps for the node and sets *taken, or leaves it. Errors are those of memory. */
typedef crl_status crl_lower_rule(crl_lower *l, crl_node *node, bool *taken, crl_error *err);

/* Asks the rules for this operator. */
crl_lower_rule crl_lower_by_rules;

/* Why an operator that multiplies runs its own invoke, to follow "because". */
const char *crl_lower_why_plain(const crl_lower *l, const crl_node *node);

/* The value that holds `tensor` in the wanted form; adds the step that converts it when it is not there.
 * NULL tensors give -1 and no error. On failure writes the error and gives -2. */
int32_t crl_lower_read(crl_lower *l, const crl_tensor *tensor, crl_form form, crl_error *err);

/* A value that a step will write `tensor` to, in the given form. -2 on failure. */
int32_t crl_lower_write(crl_lower *l, const crl_tensor *tensor, crl_form form, crl_error *err);

/* `tensor` is the bytes of value `base` from `offset` on, in the given form: no step needed. */
crl_status crl_lower_view(crl_lower *l, const crl_tensor *tensor, crl_form form, int32_t base, size_t offset,
                          crl_error *err);

/* A form in which `tensor` exists already, RAW if both; what a move should carry on. */
crl_form crl_lower_form(const crl_lower *l, const crl_tensor *tensor);

static inline crl_tensor *crl_lower_tensor_of(const crl_lower *l, int32_t value)
{
    return l->schedule->values[value].tensor;
}

/* Into how many tasks a step should be divided: 1 where it is too small to be worth a second thread, at most
 * `parts`. `work` is in multiply-accumulates of a matrix product, or as many as it takes the time of. */
int32_t crl_lower_tasks(const crl_lower *l, uint64_t work, int32_t parts);

/* Where task `i` of `tasks` begins when `parts` are dealt out as evenly as can be: tasks differ by one part. */
static inline int32_t crl_lower_task_start(int32_t i, int32_t tasks, int32_t parts)
{
    return (int32_t)((int64_t)i * parts / tasks);
}

/* The same for `parts` of equal work that are handed out in runs: *each gets the parts of a task, the last one may have
 * fewer. */
int32_t crl_lower_share(const crl_lower *l, uint64_t work, size_t parts, size_t *each);

/* Names a step that serves several operators, in the order of the graph: "PAD+CONV_2D+ADD". NULL entries are left out. */
crl_status crl_lower_name(crl_lower *l, crl_step *step, const crl_node *const *node, int32_t n, crl_error *err);

/* The types that have two forms. */
static inline bool crl_lower_is_8bit(const crl_tensor *tensor)
{
    return tensor->type == CRL_UINT8 || tensor->type == CRL_INT8;
}

/* 8 bits with one scale, whose zero point lies within the type: what a table or nine bits hold. */
bool crl_lower_has_one_scale(const crl_tensor *tensor);

/* Whether the two forms of this tensor differ. vpdpbusd and vpmaddubsw want unsigned activations. SDOT, SMMLA and SMULL
 * want signed ones, but there the kernels gather the pixels of a block of rows anyway, and flip them on the way
 * (kernels/gemm_rows.h): one form serves all. */
static inline bool crl_lower_flips(const crl_tensor *tensor)
{
    return tensor->type == CRL_INT8;
}

/* The zero point of an 8-bit tensor in kernel form. */
int32_t crl_lower_zero(const crl_tensor *tensor);

#endif
