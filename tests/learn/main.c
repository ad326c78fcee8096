/* SPDX-License-Identifier: Apache-2.0 */
/* Learning: models cut and grafted, layers trained. */
#include "areas.h"
#include "checks.h"

int area_learn(int argc, char **argv)
{
    static const check_case cases[] = {
        { "cut", check_cut, false },
        { "graft", check_graft, false },
        { "graft_labels", check_graft_labels, false },
        { "graft_notes", check_graft_notes, false },
        { "learn_refused", check_learn_refused, false },
        { "learn_groups", check_learn_groups, false },
        { "learn_memory", check_learn_memory, false },
        { "train_strange", check_train_strange, false },
        { "imprint", check_imprint, false },
        { "imprint_scale", check_imprint_scale, false },
        { "imprinted", check_imprinted, false },
        { "imprinted_form", check_imprinted_form, false },
        { "imprinted_refused", check_imprinted_refused, false },
        { "imprinted_memory", check_imprinted_memory, false },
        { "unknown", check_unknown, false },
        { "softmax", check_softmax, false },
        { "softmax_gradient", check_softmax_gradient, false },
        { "softmax_refused", check_softmax_refused, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
