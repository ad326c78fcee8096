/* SPDX-License-Identifier: Apache-2.0 */
/* The memory plan: no two living blocks overlap, and little is wasted. */
#include "check.h"
#include "graph/plan.h"

enum { MAX = 60 };

static void plan_is_sound(check *t, unsigned cpu)
{
    (void)cpu;
    for (int round = 0; round < 300; round++) {
        crl_plan_block b[MAX];
        const int n = check_range(t, 0, MAX);
        for (int i = 0; i < n; i++) {
            const int first = check_range(t, 0, 40);
            b[i] = (crl_plan_block){ .bytes = (size_t)check_edgy(t, 0, 100000), .first = first,
                                     .last = first + check_range(t, 0, 10) };
        }
        size_t arena;
        if (!check_that(t, !crl_plan(b, n, &arena, NULL), "plan failed")) return;
        check_that(t, arena >= crl_plan_lower_bound(b, n), "below the lower bound");
        for (int i = 0; i < n; i++) {
            check_that(t, b[i].offset % CRL_PLAN_ALIGN == 0, "block %d at %zu", i, b[i].offset);
            check_that(t, !b[i].bytes || b[i].offset + b[i].bytes <= arena, "block %d leaves the arena", i);
            for (int k = 0; k < i; k++) {
                const bool both_alive = b[i].first <= b[k].last && b[k].first <= b[i].last;
                const bool overlap = b[i].offset < b[k].offset + b[k].bytes && b[k].offset < b[i].offset + b[i].bytes;
                if (!check_that(t, !both_alive || !overlap, "blocks %d and %d overlap", k, i)) return;
            }
        }
    }
}

static void plan_refuses_overflow(check *t, unsigned cpu)
{
    (void)cpu;
    crl_plan_block b[3] = { { SIZE_MAX - 10, 0, 1, 0 } };
    size_t arena;
    crl_error err;
    check_that(t, crl_plan(b, 1, &arena, &err) == CRL_ERR_MEMORY, "a block of SIZE_MAX - 10 bytes was planned");
    for (int i = 0; i < 3; i++) b[i] = (crl_plan_block){ PTRDIFF_MAX / 2, 0, 1, 0 };
    check_that(t, crl_plan(b, 3, &arena, &err) == CRL_ERR_MEMORY, "an arena of 1.5 address spaces was planned");
}

int main(int argc, char **argv)
{
    static const check_case cases[] = {
        { "plan_is_sound", plan_is_sound, false },
        { "plan_refuses_overflow", plan_refuses_overflow, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
