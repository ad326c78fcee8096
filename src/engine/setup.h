/* SPDX-License-Identifier: Apache-2.0 */
/* Making engines of what the public options do not name. */
#ifndef CRL_ENGINE_SETUP_H
#define CRL_ENGINE_SETUP_H

#include "backend/backend.h"

typedef struct crl_engine_setup {
    const crl_backend *const *backends; /* in the order in which they are asked, NULL at the end; NULL: what the options name */
} crl_engine_setup;

/* As crl_engine_new; what `setup` points to outlives the engine. */
crl_status crl_engine_new_on(crl_engine **out, const crl_model *model, const crl_engine_options *options,
                             const crl_engine_setup *setup, crl_error *err);

#endif
