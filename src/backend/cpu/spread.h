/* SPDX-License-Identifier: Apache-2.0 */
/* Steps whose work is a number of like units, rows or elements, that may be done in any order: some at a time make a task. */
#ifndef CRL_BACKEND_CPU_SPREAD_H
#define CRL_BACKEND_CPU_SPREAD_H

#include "backend/cpu/lower.h"

/* Units first .. end - 1 of a step with these params, which begin with a crl_spread. */
typedef void crl_spread_fn(const void *params, size_t first, size_t end);

typedef struct crl_spread {
    const crl_tensor *in, *other; /* NULL where there is none */
    crl_tensor *out;
    crl_spread_fn *units;
    size_t n, per_task;
    int32_t tasks;
} crl_spread;

/* Adds a step for `node` that reads `in` and `other` (NULL: no second input) in one form and writes output 0 in another. Gives
 * its params, `bytes` zeros but for their crl_spread; NULL and an error without memory. crl_spread_share and the name of the
 * kernel are left to do. */
void *crl_spread_add(crl_lower *l, const crl_node *node, const crl_tensor *in, const crl_tensor *other, crl_form in_form,
                     crl_form out_form, size_t bytes, crl_step **step, crl_error *err);

/* n units, of which `least` make the smallest task; `work` as for crl_lower_tasks. */
void crl_spread_share(crl_spread *s, const crl_lower *l, crl_spread_fn *units, size_t n, size_t least, uint64_t work);

/* The step's function, set by crl_spread_add. */
crl_step_fn crl_spread_run;

#endif
