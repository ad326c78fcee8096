/* SPDX-License-Identifier: Apache-2.0 */
/* The reference backend: every operator's own invoke, in order. The definition of what is right. */
#include "backend/backend.h"

static crl_status lower(crl_schedule *schedule, const crl_backend_options *options, crl_error *err)
{
    (void)options;
    for (int32_t i = schedule->part.from; i < schedule->part.to; i++) {
        if (schedule->graph->nodes[i].folded) continue;
        crl_status s = crl_schedule_add_invoke(schedule, &schedule->graph->nodes[i], err);
        if (s) return s;
    }
    return CRL_OK;
}

const crl_backend crl_backend_reference = { CRL_BACKEND_REFERENCE, lower };
