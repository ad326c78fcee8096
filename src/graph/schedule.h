/* SPDX-License-Identifier: Apache-2.0 */
/* What a backend makes of a part of a graph: steps in order, and the memory that they work in.
 *
 *   values   [0, graph->n_tensors)  the graph's own tensors, same index
 *            [.., n_values)         tensors that lowering added (another layout, a fused inner value)
 *   steps    each reads and writes values by index; the memory plan looks at nothing else
 *   views    a value may lie inside another one (RESHAPE; a part of a CONCATENATION; in-place results)
 *   segments runs of operators that a backend owns; from one to the next values are the graph's own tensors
 *
 * Finish with crl_schedule_allocate(), which plans the arena and sets every tensor's data. */
#ifndef CRL_GRAPH_SCHEDULE_H
#define CRL_GRAPH_SCHEDULE_H

#include "graph/graph.h"

enum { CRL_KEPT = INT32_MAX };

typedef struct crl_step crl_step;

/* Runs a step; `err` is never NULL. */
typedef crl_status crl_step_fn(const crl_step *step, crl_work *work, crl_error *err);

struct crl_step {
    crl_step_fn *run;
    const void *params;      /* of `run` */
    const crl_node *node;    /* the operator served, the last one of those fused */
    const char *name;        /* "CONV_2D+ADD", for profiles */
    const char *kernel;      /* "gemm_u8s8 avx512vnni 6x64", for profiles */
    const char *why_plain;   /* "its activations have 16 bits", where there is no fast kernel for multiplications; else NULL */
    const int32_t *reads;    /* values */
    int32_t n_reads;
    const int32_t *writes;
    int32_t n_writes;
    size_t scratch_bytes;
    uint64_t macs;
    uint64_t more_work;      /* units (ops/work.h) of a fast kernel, where it does more than is in proportion to its tensors */
    uint64_t work;           /* units, paid before each run */
    uint64_t weight_bytes;   /* constants read, for profiles */
    uint64_t ns, least_ns, runs; /* profile */
};

typedef struct crl_value {
    crl_tensor *tensor;
    int32_t base;        /* a view of value `base` at `offset` bytes; -1: own storage */
    bool outside;        /* own storage, which is not in the arena: crl_schedule_place */
    size_t offset;
} crl_value;

/* Neighbouring operators with one owner, and what its lowering made of them. */
typedef struct crl_schedule_segment {
    int32_t owner;    /* in the engine's list of backends (backend/backend.h) */
    int32_t from, to; /* operators from..to-1 */
    int32_t first_step, n_steps;
} crl_schedule_segment;

typedef struct crl_schedule {
    crl_graph *graph;
    crl_span part;       /* what it makes steps of */
    crl_span span;       /* what steps are made of now: a segment of the part; all of it where nobody says otherwise */
    int32_t *last_use;   /* [graph->def->n_tensors] the last operator of the part that reads it, -1: none; CRL_KEPT: made in this
                            part and needed after it, so that it lives to the end */
    crl_schedule_segment *segments;
    int32_t n_segments;
    crl_value *values;
    int32_t n_values, cap_values;
    crl_step *steps;
    int32_t n_steps, cap_steps;
    size_t arena_bytes, scratch_bytes, packed_bytes;
    size_t live_bytes;   /* the largest sum alive at one step: no arena can be smaller */
    uint8_t *arena;      /* activations, then scratch */
    size_t held;         /* for it, on the host's account */
    uint64_t macs_at_once; /* of fast kernels, in a unit of work */
    bool profile;
    crl_pile pile;       /* owner of lowered tensors, params, packed weights */
    struct crl_owned *owned; /* what has a free function of its own */
} crl_schedule;

/* Begins with one value per tensor of the graph, and no step. The part is prepared. */
crl_status crl_schedule_init(crl_schedule *schedule, crl_graph *graph, crl_span part, crl_error *err);
void crl_schedule_release(crl_schedule *schedule);

/* What the part makes is all needed after it: nothing is fused away, and nothing shares memory. Before anything is lowered. */
void crl_schedule_keep(crl_schedule *schedule);

/* Makes the segments: owner[k] is whose operator k is, for those of the part, -1 for one that joins its neighbours. Then
 * each is lowered between these two, which set the span and count the steps. */
crl_status crl_schedule_divide(crl_schedule *schedule, const int32_t *owner, crl_error *err);
void crl_schedule_begin_segment(crl_schedule *schedule, crl_schedule_segment *segment);
void crl_schedule_end_segment(crl_schedule *schedule, crl_schedule_segment *segment);

/* Whether tensor i is needed when what is lowered now has run: by another segment, by another part, by the caller. */
static inline bool crl_schedule_wanted(const crl_schedule *schedule, int32_t tensor)
{
    return schedule->last_use[tensor] >= schedule->span.to;
}

/* Adds a tensor that the graph does not have; its index, or -1 without memory. `t` is copied. */
int32_t crl_schedule_add_value(crl_schedule *schedule, const crl_tensor *t, crl_error *err);

/* Adds a step and gives it, zeroed but for node and name; NULL without memory. */
crl_step *crl_schedule_add_step(crl_schedule *schedule, const crl_node *node, crl_error *err);

/* Lists what a step reads and writes; the lists are copied. Negative entries are dropped. */
crl_status crl_step_touches(crl_schedule *schedule, crl_step *step, const int32_t *reads, int32_t n_reads,
                            const int32_t *writes, int32_t n_writes, crl_error *err);

/* `object` goes with the schedule, through its own free function; also when this fails, at once. */
crl_status crl_schedule_own(crl_schedule *schedule, void *object, void (*free_object)(void *), crl_error *err);

/* One step that calls the operator's own invoke: what the reference backend is made of. */
crl_status crl_schedule_add_invoke(crl_schedule *schedule, const crl_node *node, crl_error *err);

/* Says what each step costs, and whether one run of all of them is within the limit of work: before memory is taken, when
 * all steps are there. Errors: TIMEOUT, with the operator that is too much. */
crl_status crl_schedule_afford(crl_schedule *schedule, crl_error *err);

/* The value that has the storage of tensor `index` of the graph, where that is the tensor and no more, this part makes it, or
 * it is an input, and nothing but steps writes there; -1: none. Views are known when everything is lowered. */
int32_t crl_schedule_storage(const crl_schedule *schedule, int32_t index);

/* Gives such a value a place outside of the arena: before crl_schedule_allocate, for as many bytes as its tensor has; again
 * later, to move it, and then crl_schedule_settle() for what are views of it. */
void crl_schedule_place(crl_schedule *schedule, int32_t value, void *data);
void crl_schedule_settle(crl_schedule *schedule);

/* Plans and allocates: inputs live from the start, what is kept to the end, variables with the graph. Tensors of
 * earlier parts have their place already. */
crl_status crl_schedule_allocate(crl_schedule *schedule, crl_error *err);

/* What its steps may use besides tensors. */
crl_work crl_schedule_work(const crl_schedule *schedule, crl_pool *pool);
crl_status crl_schedule_run_steps(crl_schedule *schedule, int32_t first, int32_t n, crl_work *work, crl_error *err);

#endif
