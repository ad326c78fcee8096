/* SPDX-License-Identifier: Apache-2.0 */
/* A side of an engine: a list of backends, the programs on them, and what profiles tell of the main one. */
#ifndef CRL_ENGINE_SIDE_H
#define CRL_ENGINE_SIDE_H

#include "engine/program.h"

typedef struct crl_side {
    crl_programs programs;
    crl_program *main; /* NULL: it cannot run now */
    crl_profile_row *rows;
    int32_t n_rows;
    crl_pile row_pile; /* of the rows */
    uint64_t seen;     /* main->changes, when they were made */
} crl_side;

/* A main program for inputs of these shapes, and its rows. What it takes the place of goes into `*before` (NULL: there was
 * none, and none may be) and is the caller's; after a failure all is as it was. */
crl_status crl_side_make(crl_side *side, int32_t subgraph, const crl_shape *shapes, crl_binding *binding, crl_program **before,
                         crl_error *err);
/* One run of it. */
crl_status crl_side_run(crl_side *side, crl_error *err);
/* Also where it was never opened. Errors: of backends that were closed. */
crl_status crl_side_release(crl_side *side, crl_error *err);

/* Passes on what went wrong: preparing tries ways that may fail and others that then succeed, so only a failure of the whole is
 * the caller's to see. Who got no memory from a pile cannot tell whether there was none, or no more was allowed. */
crl_status crl_side_tell(const crl_side *side, crl_status s, const crl_error *found, crl_error *err);

void crl_side_reset(crl_side *side);
void crl_side_profile(crl_side *side, bool on);
const crl_profile_row *crl_side_rows(crl_side *side, int32_t *n);
/* Adds what the side takes and does. */
void crl_side_describe(const crl_side *side, crl_engine_info *info);

#endif
