/* SPDX-License-Identifier: Apache-2.0 */
/* Making engines of what the public options do not name. */
#ifndef CRL_ENGINE_SETUP_H
#define CRL_ENGINE_SETUP_H

#include "backend/backend.h"

/* Nanoseconds since any moment, never less than before. */
typedef struct crl_clock {
    uint64_t (*now)(void *user);
    void *user;
} crl_clock;

/* Lists of backends are in the order in which they are asked, and end with NULL. */
typedef struct crl_engine_setup {
    const crl_backend *const *backends; /* NULL: what the options name */
    const crl_backend *const *device;   /* with a device in it, to be supervised (supervisor.h); NULL: there is none */
    const crl_model *twin;              /* what `backends` run where the device runs the model; NULL: the model, too. The options'
                                           arithmetic is its: the device has its own */
    bool alone;                         /* nothing stands in for the device: frames that it fails at are lost */
    crl_clock clock;                    /* now is NULL: the system's */
    uint64_t patience;                  /* ns that a frame may take on the device; 0: a second */
} crl_engine_setup;

/* As crl_engine_new; what `setup` points to outlives the engine. */
crl_status crl_engine_new_on(crl_engine **out, const crl_model *model, const crl_engine_options *options,
                             const crl_engine_setup *setup, crl_error *err);

#endif
