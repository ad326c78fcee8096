/* SPDX-License-Identifier: Apache-2.0 */
/* A backend that computes what the plain kernels compute, and fails where it is told to. */
#ifndef TESTS_ENGINE_FAKE_H
#define TESTS_ENGINE_FAKE_H

#include "backend/backend.h"

/* Where a device can fail. */
typedef enum fake_point {
    FAKE_OPEN,
    FAKE_CLAIM,
    FAKE_LOWER,
    FAKE_RUN,     /* before anything is written */
    FAKE_HALF,    /* when half of what it is to write is there, and the rest is nonsense */
    FAKE_END,     /* when all is written */
    FAKE_RECOVER,
    FAKE_CLOSE,
    FAKE_POINTS
} fake_point;

typedef struct fake {
    bool (*wants)(const crl_node *node, uint32_t choice); /* what it claims; NULL: all with a plain kernel */
    uint32_t choice;
    bool broken[FAKE_POINTS];  /* each fails until this is false again */
    crl_status status;         /* with this; CRL_OK: CRL_ERR_DEVICE */
    int calls[FAKE_POINTS];    /* of the functions; RUN counts for all three */
    int states;                /* that are open */
    int pending;               /* times that recover says TIMEOUT before it is done; an open that may wait does so */
    uint64_t now, takes;       /* a clock; a run moves it on by `takes` */
    uint64_t patience;         /* as open was told */
} fake;

/* The table; `f` outlives it. It has a custom operator of its own, "made-up", that turns bytes into 255 less them. */
crl_backend fake_backend(const fake *f);

/* Claims operator k where bit k % 32 of `choice` is set. */
bool fake_wants_some(const crl_node *node, uint32_t choice);

#endif
