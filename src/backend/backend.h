/* SPDX-License-Identifier: Apache-2.0 */
/* Backends: who runs operators, and how.
 *
 * An engine has a list of them, in order. Each operator is claimed by the first that takes it; the last of a list is `cpu` or
 * `reference`, which take whatever has a plain kernel. Neighbours with one owner are a segment, and a backend makes steps of a
 * segment at a time. Inside of one it may do what it likes; from one to the next values are tensors as the model types them.
 *
 *   operators    CONV_2D   edgetpu-custom-op   RESHAPE  SOFTMAX
 *   segments    [ cpu    ][ a device         ][ cpu            ]
 *
 * A backend is a table of functions. `state` is what its open gave; NULL where there is no open. Calls for one state come one
 * at a time, not always from the same thread. Nothing prints, nothing exits, and a device that is not there is an error like
 * any other: CRL_ERR_DEVICE, with a sentence that names it and the cure. Errors of a backend that has a `recover` are faults
 * of its device, whatever their status: the supervisor (engine/supervisor.h) then runs the model elsewhere. */
#ifndef CRL_BACKEND_BACKEND_H
#define CRL_BACKEND_BACKEND_H

#include <corallite/engine.h>

#include "graph/schedule.h"

typedef struct crl_backend_options {
    unsigned cpu; /* instruction levels allowed */
    int threads;
    crl_pool *pool; /* whose threads may help to prepare; NULL: the caller does it alone */
    const crl_chip *chip; /* which operators compute as the Edge TPU does; NULL: none. It outlives the options */
    crl_float_mode float_mode;
    bool keep;           /* every tensor of the graph, for the caller to read after a run */
    uint64_t work_limit; /* units of work (ops/work.h) that a run may need; 0: by the size of the file */
    uint64_t patience;   /* of a device: nanoseconds after which a run of a segment is given up; 0: it has no limit */
    bool hurry;          /* of open: a frame waits. What takes long is begun only, and recover says when it has come to an end */
} crl_backend_options;

typedef struct crl_backend crl_backend;

struct crl_backend {
    crl_backend_kind kind;
    const char *name;  /* in sentences and profiles: "cpu" */
    const void *setup; /* for open: which device, by which transport */

    /* Finds the device and takes hold of it; NULL: there is nothing to open. Called once for each model on it, before all others.
     * What takes long (firmware, a bus that settles) is waited for here while an engine is made; not with options->hurry, when
     * a supervisor opens anew between two frames. It then asks recover before anything is lowered.
     * Owner   `*state` is released by close; NULL after a failure. `options` may be kept, and outlives the state. */
    crl_status (*open)(const crl_backend *self, const crl_backend_options *options, void **state, crl_error *err);

    /* The type of a custom operator that no file of ops/ has, with which it is prepared (shapes of its outputs); NULL: of none,
     * here or where there is no such slot. Its `invoke` may be NULL, then nobody else can claim the operator.
     * Owner   the type outlives the state. */
    const crl_op_type *(*find)(void *state, const crl_operator *def);

    /* Whether the backend takes this operator, which is prepared. Asked in order of execution, never for operators that were
     * folded. `*taken` is false before. Claims nothing for good: after it, lower says whether the segment goes.
     * Errors  a device that is gone. Not: an operator that does not suit it, which is left. */
    crl_status (*claim)(void *state, const crl_node *node, bool *taken, crl_error *err);

    /* Adds steps for the operators of schedule->span that are not folded, in order: at least for what others read, all of
     * which a step has to write (crl_schedule_wanted). Steps list what they read and write, for the memory plan looks at
     * nothing else; tensors have no data yet, and may have other data in each run. Does not allocate the arena.
     * Owner   what is made hangs on the schedule's pile, or crl_schedule_own. `options` outlives it.
     * Errors  of the device; MEMORY. */
    crl_status (*lower)(void *state, crl_schedule *schedule, const crl_backend_options *options, crl_error *err);

    /* Runs the steps of a segment, in order or in any way that gives the same: crl_backend_run_steps, where they say all there
     * is to do. Allocates nothing, reads tensors of other segments and writes its own, inputs of the model stay as they are.
     * Returns within options->patience, also when the device hangs: then with TIMEOUT.
     * Errors  afterwards, what the segment writes is undefined, and half of it may be there. */
    crl_status (*run)(void *state, crl_schedule *schedule, const crl_schedule_segment *segment, crl_work *work, crl_error *err);

    /* After a fault, and after an open in a hurry: makes the device fit for what is lowered, and for what was lowered already;
     * NULL: the backend has no device. Called between two frames, so it does not wait: what takes longer than a frame may goes on
     * beside, by a thread of the backend's, and the answer is TIMEOUT until that has come to an end.
     * Errors  TIMEOUT  not yet; asked again at the next frame
     *         others   the state is closed, and another one opened after a pause */
    crl_status (*recover)(void *state, crl_error *err);

    /* Releases the state, whatever the device does; all that was lowered is gone before. NULL: there is nothing to close.
     * Errors  are counted as faults, and change nothing. */
    crl_status (*close)(void *state, crl_error *err);
};

extern const crl_backend crl_backend_reference, crl_backend_cpu;

/* A `claim` that takes whatever has a plain kernel, and a `run` of steps that say all there is to do. */
crl_status crl_backend_claim_plain(void *state, const crl_node *node, bool *taken, crl_error *err);
crl_status crl_backend_run_steps(void *state, crl_schedule *schedule, const crl_schedule_segment *segment, crl_work *work,
                                 crl_error *err);

#endif
