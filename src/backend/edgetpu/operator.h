/* SPDX-License-Identifier: Apache-2.0 */
/* The compiled operator as backends take it, on a stick or in software. */
#ifndef CRL_BACKEND_EDGETPU_OPERATOR_H
#define CRL_BACKEND_EDGETPU_OPERATOR_H

#include "backend/backend.h"
#include "backend/edgetpu/program.h"

/* Slots of a crl_backend. */
const crl_op_type *crl_tpu_operator_find(void *state, const crl_operator *def);
crl_status crl_tpu_operator_claim(void *state, const crl_node *node, bool *taken, crl_error *err);

/**
 * The program of an operator that was claimed.
 *
 * Owner   what it allocates, the package too, goes with the schedule; `model` outlives it.
 * Errors  as of crl_package_open() and crl_tpu_program_make()
 */
crl_status crl_tpu_operator_program(crl_tpu_program *program, const crl_model *model, crl_schedule *schedule, const crl_node *node, crl_error *err);

/* Its step reads all that the operator reads, and writes what it writes. */
crl_status crl_tpu_operator_touches(crl_schedule *schedule, crl_step *step, const crl_node *node, crl_error *err);

#endif
