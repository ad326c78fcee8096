/* SPDX-License-Identifier: Apache-2.0 */
/* Bindings: where the inputs and outputs of an engine are.
 *
 *   binding ── port of input 0 ── own | the caller's        program ── ends: which of its values lie in the ports
 *              port of input 1
 *              port of output 0
 *
 * Inputs are in no arena: nothing but the caller writes them, so that a frame can be run again, by the same program or by
 * another one that is attached to the same binding. Outputs that a step writes as a whole are in no arena, either: the step
 * writes where the port says. Other outputs (a view of an input or of a piece, a constant, a variable, a shape that is found
 * out while running) stay where they are; only where the caller gave memory of his, they are copied there after the run. So
 * are variable inputs, before it. */
#ifndef CRL_ENGINE_BINDING_H
#define CRL_ENGINE_BINDING_H

#include "graph/schedule.h"

typedef struct crl_port {
    void *own;          /* in the binding's block; NULL: the tensor's memory is the program's */
    size_t bytes;       /* of `own` */
    crl_type type;
    void *bound;        /* the caller's; NULL: none */
    size_t bound_bytes;
} crl_port;

typedef struct crl_binding {
    crl_port *in, *out; /* [graph->def->n_inputs], [graph->def->n_outputs]; NULL: not made yet */
    int32_t n_in, n_out;
    uint64_t moves;     /* raised whenever memory is bound */
    bool unchecked;     /* since then, whether memory overlaps */
    uint8_t *block;
    size_t bytes;       /* of it */
    size_t held;        /* on the account */
    crl_host *host;     /* whose account it is */
    crl_pile pile;      /* of the ports */
} crl_binding;

/* What a program knows of the binding that it is attached to. */
typedef struct crl_ends {
    int32_t *in, *out; /* values of the first part's schedule that lie in the ports; -1: copied, where that is asked for */
    uint64_t moves;    /* of the binding, when the values were last placed */
} crl_ends;

/* Attaches the first part of a program, which is lowered and not yet allocated: its values get places outside of its arena.
 * The first one that comes makes the ports, on its host's account; the next ones must have the same types and sizes. What is in `ends`
 * is of the graph's pile. */
crl_status crl_binding_attach(crl_binding *binding, crl_ends *ends, crl_schedule *first, crl_error *err);
void crl_binding_release(crl_binding *binding);

/* Gives a port memory of the caller's, NULL: takes it back.
 * Errors: ARGUMENT (too few bytes for `tensor`; an address that its type cannot have). */
crl_status crl_binding_bind(crl_binding *binding, crl_port *port, const crl_tensor *tensor, void *data, size_t bytes,
                            crl_error *err);

/* Before a run: values are where the ports are, variable inputs have what the caller wrote.
 * Errors: ARGUMENT where memory of an output overlaps what it must not. */
crl_status crl_binding_begin(crl_binding *binding, crl_ends *ends, crl_schedule *first, crl_error *err);
/* After it: what the caller is to find in his memory, and no step wrote there.
 * Errors: ARGUMENT where an output of late shape is larger than what was bound to it. */
crl_status crl_binding_end(const crl_binding *binding, const crl_ends *ends, const crl_graph *graph, crl_error *err);

/* Where the caller finds what a program has as `inner`, and as `value` of crl_ends. */
static inline void *crl_port_data(const crl_port *port, int32_t value, const crl_tensor *inner)
{
    return port->bound ? port->bound : value >= 0 ? port->own : inner->data;
}

#endif
