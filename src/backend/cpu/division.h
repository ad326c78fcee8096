/* SPDX-License-Identifier: Apache-2.0 */
/* How a matrix product is divided among tasks: by rows where there are many, by panels where a few rows meet many outputs (a
 * classifier's last layer). */
#ifndef CRL_BACKEND_CPU_DIVISION_H
#define CRL_BACKEND_CPU_DIVISION_H

#include "backend/cpu/lower.h"

typedef struct crl_division {
    int32_t rows, panels; /* of the whole product */
    int32_t row_step;     /* what rows are dealt out in */
    int32_t tasks;
    bool by_panels;
} crl_division;

/* What a task computes: rows row0 .. row1 - 1 of panels panel0 .. panel1 - 1. */
typedef struct crl_division_task {
    int32_t row0, row1, panel0, panel1;
} crl_division_task;

/* `work` as for crl_lower_tasks. */
static inline crl_division crl_division_of(const crl_lower *l, int32_t rows, int32_t panels, int32_t row_step, uint64_t work)
{
    const int32_t steps = rows / row_step + (rows % row_step != 0);
    const bool by_panels = steps < panels;
    return (crl_division){ rows, panels, row_step, crl_lower_tasks(l, work, by_panels ? panels : steps), by_panels };
}

static inline crl_division_task crl_division_at(const crl_division *d, int32_t i)
{
    const int32_t parts = d->by_panels ? d->panels : d->rows / d->row_step + (d->rows % d->row_step != 0);
    const int32_t first = crl_lower_task_start(i, d->tasks, parts), end = crl_lower_task_start(i + 1, d->tasks, parts);
    if (d->by_panels) return (crl_division_task){ 0, d->rows, first, end };
    /* The last step may be a part of one, and in 32 bits it is not to be multiplied out. */
    return (crl_division_task){ first * d->row_step, end < parts ? end * d->row_step : d->rows, 0, d->panels };
}

#endif
