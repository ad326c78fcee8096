/* SPDX-License-Identifier: Apache-2.0 */
/* The checks of learning. */
#ifndef TESTS_LEARN_CHECKS_H
#define TESTS_LEARN_CHECKS_H

#include <corallite/corallite.h>

#include "check.h"

void check_cut(check *t, unsigned cpu);
void check_graft(check *t, unsigned cpu);
void check_graft_labels(check *t, unsigned cpu);
void check_graft_notes(check *t, unsigned cpu);
void check_learn_refused(check *t, unsigned cpu);
void check_learn_groups(check *t, unsigned cpu);
void check_learn_memory(check *t, unsigned cpu);
void check_train_strange(check *t, unsigned cpu);
void check_imprint(check *t, unsigned cpu);
void check_imprint_scale(check *t, unsigned cpu);
void check_imprinted(check *t, unsigned cpu);
void check_imprinted_form(check *t, unsigned cpu);
void check_imprinted_refused(check *t, unsigned cpu);
void check_imprinted_memory(check *t, unsigned cpu);
void check_unknown(check *t, unsigned cpu);
void check_softmax(check *t, unsigned cpu);
void check_softmax_gradient(check *t, unsigned cpu);
void check_softmax_refused(check *t, unsigned cpu);

#endif
