/* SPDX-License-Identifier: Apache-2.0 */
/* The cpu backend: fast kernels where there are some, the operator's own invoke where not. */
#include "backend/backend.h"

static crl_status lower(crl_schedule *schedule, const crl_backend_options *options, crl_error *err)
{
    (void)options;
    for (int32_t i = 0; i < schedule->graph->n_nodes; i++) {
        crl_status s = crl_schedule_add_invoke(schedule, &schedule->graph->nodes[i], err);
        if (s) return s;
    }
    return CRL_OK;
}

const crl_backend crl_backend_cpu = { CRL_BACKEND_CPU, lower };
