/* SPDX-License-Identifier: Apache-2.0 */
/* Variables of a model: what VAR_HANDLE names, READ_VARIABLE reads and ASSIGN_VARIABLE writes.
 *
 * They belong to the engine: they outlive runs, resets and resized inputs, as in the reference, and are shared by all
 * subgraphs. A variable takes the type and shape of the value that is assigned. */
#ifndef CRL_ENGINE_VARIABLES_H
#define CRL_ENGINE_VARIABLES_H

#include "ops/op.h"

typedef struct crl_variable {
    const char *container, *name; /* borrowed from the model */
    crl_tensor value;             /* data is NULL until something is assigned, then that of `room` */
    crl_given room;
} crl_variable;

typedef struct crl_variables {
    crl_variable *list;
    int32_t n, cap;
    crl_pile pile; /* of the list */
} crl_variables;

void crl_variables_init(crl_variables *variables, crl_host *host);
void crl_variables_release(crl_variables *variables, crl_host *host);

/* The number of the variable with this name, which is made if there is none. */
crl_status crl_variables_find(crl_variables *variables, const char *container, const char *name, int32_t *id,
                              crl_error *err);
crl_status crl_variables_assign(crl_variables *variables, crl_host *host, int32_t id, const crl_tensor *value,
                                crl_error *err);
crl_status crl_variables_read(const crl_variables *variables, int32_t id, const crl_tensor **value, crl_error *err);

#endif
