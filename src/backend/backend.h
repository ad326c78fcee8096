/* SPDX-License-Identifier: Apache-2.0 */
/* Backends: each turns a graph into steps. */
#ifndef CRL_BACKEND_BACKEND_H
#define CRL_BACKEND_BACKEND_H

#include <corallite/engine.h>

#include "graph/schedule.h"

typedef struct crl_backend_options {
    unsigned cpu; /* instruction levels allowed */
    int threads;
    crl_arithmetic arithmetic;
    uint64_t work_limit; /* units of work (ops/work.h) that a run may need; 0: by the size of the file */
} crl_backend_options;

typedef struct crl_backend {
    crl_backend_kind kind;
    /* Adds steps for every operator of the schedule's part. Does not allocate the arena. */
    crl_status (*lower)(crl_schedule *schedule, const crl_backend_options *options, crl_error *err);
} crl_backend;

extern const crl_backend crl_backend_reference, crl_backend_cpu;

#endif
