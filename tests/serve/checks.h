/* SPDX-License-Identifier: Apache-2.0 */
/* The checks of this folder. */
#ifndef SERVE_CHECKS_H
#define SERVE_CHECKS_H

#include "check.h"

void check_queue(check *t, unsigned cpu);
void check_queue_swap(check *t, unsigned cpu);
void check_queue_turns(check *t, unsigned cpu);
void check_queue_full(check *t, unsigned cpu);
void check_rate(check *t, unsigned cpu);
void check_own_names(check *t, unsigned cpu);
void check_foreign(check *t, unsigned cpu);
void check_secrets(check *t, unsigned cpu);

#endif
