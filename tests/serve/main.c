/* SPDX-License-Identifier: Apache-2.0 */
/* Serving: what waits for an engine, and who may ask. */
#include "areas.h"
#include "checks.h"

int area_serve(int argc, char **argv)
{
    static const check_case cases[] = {
        { "queue", check_queue, false },
        { "queue_swap", check_queue_swap, false },
        { "queue_turns", check_queue_turns, false },
        { "queue_full", check_queue_full, false },
        { "rate", check_rate, false },
        { "own_names", check_own_names, false },
        { "foreign", check_foreign, false },
        { "secrets", check_secrets, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
