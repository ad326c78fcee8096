/* SPDX-License-Identifier: Apache-2.0 */
/* The reference backend: every operator's own invoke, in order. The definition of what is right. */
#include "backend/backend.h"

static crl_status lower(void *state, crl_schedule *schedule, const crl_backend_options *options, crl_error *err)
{
    (void)state;
    (void)options;
    for (int32_t i = schedule->span.from; i < schedule->span.to; i++) {
        if (schedule->graph->nodes[i].folded) continue;
        crl_status s = crl_schedule_add_invoke(schedule, &schedule->graph->nodes[i], err);
        if (s) return s;
    }
    return CRL_OK;
}

const crl_backend crl_backend_reference = { .kind = CRL_BACKEND_REFERENCE, .name = "reference", .claim = crl_backend_claim_plain,
                                            .lower = lower, .run = crl_backend_run_steps };
