/* SPDX-License-Identifier: Apache-2.0 */
/* What backends share: see backend.h. */
#include "backend/backend.h"

crl_status crl_backend_claim_plain(void *state, const crl_node *node, bool *taken, crl_error *err)
{
    (void)state;
    (void)err;
    *taken = node->type->invoke != NULL;
    return CRL_OK;
}

crl_status crl_backend_run_steps(void *state, crl_schedule *schedule, const crl_schedule_segment *segment, crl_work *work,
                                 crl_error *err)
{
    (void)state;
    return crl_schedule_run_steps(schedule, segment->first_step, segment->n_steps, work, err);
}
