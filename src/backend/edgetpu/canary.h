/* SPDX-License-Identifier: Apache-2.0 */
/* A frame of a program that went well, kept: a stick that failed has to give the same bytes for it before it is believed again. */
#ifndef CRL_BACKEND_EDGETPU_CANARY_H
#define CRL_BACKEND_EDGETPU_CANARY_H

#include "backend/edgetpu/stick.h"
#include "graph/graph.h"

typedef struct crl_canary crl_canary;

/* An engine's, one for each compiled operator. They outlive the stick's being closed and opened. Zeroed: none yet. */
typedef struct crl_canaries {
    crl_canary *first;
} crl_canaries;

void crl_canaries_release(crl_canaries *all);

/* The operator's, with room for a frame of the program. Errors: MEMORY. */
crl_status crl_canary_of(crl_canary **out, crl_canaries *all, int32_t node, const crl_tpu_program *program, crl_error *err);

/* Keeps the frame that the tensors of the node hold, unless there is one. */
void crl_canary_keep(crl_canary *canary, const crl_tpu_program *program, const crl_node *node);

/* Runs the program on what was kept, where something was.
 * Errors  DEVICE  other bytes come out, and the stick is faulty; and as crl_stick_run() */
crl_status crl_canary_try(crl_canary *canary, crl_stick *stick, crl_tpu_program *program, uint64_t patience, crl_error *err);

#endif
