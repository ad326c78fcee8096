/* SPDX-License-Identifier: Apache-2.0 */
/* The supervisor: who computes a frame, the device or the CPU.
 *
 *   binding ── device side   programs on a list of backends with a device in it
 *           └─ cpu side      the same model, or its twin, on backends that do not fail
 *
 * Both sides read the same inputs and write the same outputs. Where the device fails at a frame, the CPU computes that frame, from
 * inputs that are as they were, and the next ones; so no frame is lost, whatever half the device has written. It
 * is tried again after a pause, which doubles as long as that does not help, and begins anew once the device has held for as
 * long as the longest pause.
 *
 *            fault                    recover: OK
 *    READY ─────────> FAULTY  ─────────────────────────────> READY
 *      ^                │ recover: an error, or no end of TIMEOUT
 *      │                v
 *      │             CLOSED  ── open ──> OPENED
 *      └──────── claim, lower <── recover: OK ──┘   an error of any of these: CLOSED, and a longer pause
 *
 * A model that keeps something from run to run is not for two programs, neither of which knows what the other one keeps: it
 * stays on the CPU. */
#ifndef CRL_ENGINE_SUPERVISOR_H
#define CRL_ENGINE_SUPERVISOR_H

#include "base/notice.h"
#include "engine/setup.h"
#include "engine/side.h"

typedef enum crl_device_state {
    CRL_DEVICE_NONE,   /* there is none for this model */
    CRL_DEVICE_UNFIT,  /* nor for inputs of these shapes */
    CRL_DEVICE_CLOSED,
    CRL_DEVICE_OPENED, /* no program on it yet */
    CRL_DEVICE_FAULTY,
    CRL_DEVICE_READY
} crl_device_state;

/* What a supervisor is made of. What is not copied outlives it. */
typedef struct crl_supervised {
    const crl_model *model;
    const crl_engine_setup *setup; /* copied */
    const crl_backend *const *backends; /* of the CPU */
    crl_backend_options options;
    crl_pool *pool;
    const crl_notifier *notifier;
    int32_t subgraph;
    const crl_shape *shapes; /* of the inputs, while it is made; NULL: the file's */
    size_t most_memory;
} crl_supervised;

typedef struct crl_supervisor {
    crl_side cpu;      /* nothing in it where the device is alone */
    crl_side device;
    crl_side *shown;   /* the side that ran last: whose tensors the caller sees */
    crl_binding binding;
    crl_supervised of;
    crl_engine_setup setup;
    crl_device_state state;
    uint64_t pause;    /* ns; 0: none yet */
    uint64_t next;     /* when it is tried again */
    uint64_t since;    /* when it became ready, or was waited for */
    bool waiting;      /* for what has said TIMEOUT */
    uint64_t stood_in; /* frames of the CPU when the device was lost */
    crl_engine_counters counters;
    crl_shape *shapes; /* room for those of the inputs */
    crl_pile pile;     /* of the room */
} crl_supervisor;

/* A device that is not there is no error, but where it is alone. On failure to be released, too. */
crl_status crl_supervisor_init(crl_supervisor *supervisor, const crl_supervised *of, crl_error *err);
void crl_supervisor_release(crl_supervisor *supervisor);

/* Where a run has ended well, the outputs are those of `shown`. */
crl_status crl_supervisor_run(crl_supervisor *supervisor, crl_error *err);
/* After an error all is as it was. */
crl_status crl_supervisor_resize(crl_supervisor *supervisor, const crl_shape *shapes, crl_error *err);

#endif
