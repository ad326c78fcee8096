/* SPDX-License-Identifier: Apache-2.0 */
/* Programs: subgraphs ready to run, and what they share.
 *
 *   crl_programs ── host: bind, call, variables      (what operators see: ops/op.h)
 *     main ───── graph ── part ── part ..            each part: a schedule, and what it was prepared for
 *     of[1] ──── graph ── part                       a subgraph that an operator calls
 *     of[2] ...
 *
 * A program is made for the shapes of its inputs, and made anew when it is bound to others. Its first part is prepared
 * then. Later parts (graph.h) are prepared by a run, when they are reached, and kept for as long as the shapes and values
 * that they were prepared for do not change: so that a model whose inner shapes settle allocates nothing from then on. */
#ifndef CRL_ENGINE_PROGRAM_H
#define CRL_ENGINE_PROGRAM_H

#include "backend/backend.h"
#include "engine/binding.h"
#include "engine/variables.h"

typedef struct crl_part {
    struct crl_part *next;
    crl_schedule schedule;
    struct crl_basis *basis; /* what it was prepared for; NULL for the first part */
} crl_part;

typedef struct crl_program {
    crl_graph graph;
    crl_part *first;
    int32_t n_parts;
    crl_tensor **in, **out; /* of the subgraph, in its order */
    crl_tensor **args;      /* as `in`, NULL where the same tensor is listed again further on: a caller fills it once */
    int32_t *port;          /* [n_inputs] the last input that is the same tensor: it stands for all of them */
    crl_binding *binding;   /* of the main subgraph; NULL: inputs and outputs are in the arenas, for whoever calls this one */
    crl_ends ends;
    uint64_t changes;       /* raised whenever parts are made or thrown away */
} crl_program;

/* A backend that was opened. */
typedef struct crl_owner {
    const crl_backend *backend;
    void *state;
} crl_owner;

typedef struct crl_programs {
    crl_host host; /* the first member: operators get its address */
    const crl_model *model;
    crl_owner *owners; /* of segments, in the order in which they are asked */
    int32_t n_owners;
    int32_t fault;     /* the owner that has failed since crl_programs_begin, -1: none; what failed then was no operator */
    crl_backend_options options;
    crl_pool *pool;
    crl_program **of;  /* [model->n_subgraphs], NULL: not bound yet */
    bool *busy;        /* [model->n_subgraphs] being prepared or run */
    bool *called_once; /* [model->n_subgraphs] */
    crl_variables variables;
    crl_pile pile;     /* of the lists */
    uint64_t effort; /* since crl_programs_begin: see there */
    bool profile;
} crl_programs;

/* Opens the backends of a list that ends with NULL. `pool` is borrowed; all together may have `most` bytes. On failure to be
 * released, too. Stays where it is: piles know the account, backends the options.
 * Errors: of the backends; MEMORY. */
crl_status crl_programs_init(crl_programs *programs, const crl_model *model, const crl_backend *const *backends,
                             const crl_backend_options *options, crl_pool *pool, size_t most, crl_error *err);
/* Errors: of backends that were closed; all is released then, too. */
crl_status crl_programs_release(crl_programs *programs, crl_error *err);

/* Variable tensors of all programs that are bound back to zero. */
void crl_programs_reset(crl_programs *programs);

/* Begins an undertaking (a preparation, a run). Subgraphs that call subgraphs can make any number of calls out of a
 * small file, and loops need not end: each undertaking has a limit of calls, past which it fails. */
void crl_programs_begin(crl_programs *programs);

/* A program of its own, for inputs of these shapes (NULL: the file's), attached to a binding (NULL: to none). */
crl_status crl_program_new(crl_program **out, crl_programs *programs, int32_t subgraph, const crl_shape *shapes,
                           crl_binding *binding, crl_error *err);
void crl_program_free(crl_program *program); /* accepts NULL */

crl_status crl_program_run(crl_program *program, crl_programs *programs, crl_error *err);

#endif
