/* SPDX-License-Identifier: Apache-2.0 */
/* The memory plan: no two living blocks overlap, and little is wasted. */
#include "areas.h"
#include "check.h"
#include "graph/plan.h"

enum { MAX = 60 };

static size_t most_alive(const crl_plan_block *b, int n)
{
    size_t most = 0;
    for (int32_t step = 0; step <= 50; step++) {
        size_t sum = 0;
        for (int i = 0; i < n; i++)
            if (b[i].first <= step && step <= b[i].last) sum += (b[i].bytes + CRL_PLAN_ALIGN - 1) / CRL_PLAN_ALIGN * CRL_PLAN_ALIGN;
        if (sum > most) most = sum;
    }
    return most;
}

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
        size_t arena, live;
        if (!check_that(t, !crl_plan(b, n, &arena, &live, NULL), "plan failed")) return;
        check_that(t, live == most_alive(b, n), "%zu bytes alive at once, not %zu", most_alive(b, n), live);
        check_that(t, arena >= live, "below the lower bound");
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
    size_t arena, live;
    crl_error err;
    check_that(t, crl_plan(b, 1, &arena, &live, &err) == CRL_ERR_MEMORY, "a block of SIZE_MAX - 10 bytes was planned");
    for (int i = 0; i < 3; i++) b[i] = (crl_plan_block){ PTRDIFF_MAX / 2, 0, 1, 0 };
    check_that(t, crl_plan(b, 3, &arena, &live, &err) == CRL_ERR_MEMORY, "an arena of 1.5 address spaces was planned");
}

/* More than any network has: the time has to grow like the number, not like its square. The timeout of the test looks. */
static void many_blocks_are_planned_in_time(check *t, unsigned cpu)
{
    (void)cpu;
    enum { MANY = 200000 };
    static crl_plan_block b[MANY];
    const int32_t n = check_rounds(t, 8) < 8 ? MANY / 64 : MANY;
    size_t arena = 0, live = 0;
    for (int32_t i = 0; i < n; i++) b[i] = (crl_plan_block){ .bytes = 64u << i % 4, .first = i % 3, .last = i };
    for (int32_t i = 0; i < n; i++)
        if (b[i].last < b[i].first) b[i].last = b[i].first;
    check_that(t, !crl_plan(b, n, &arena, &live, NULL) && arena >= live && live > 0, "%zu, %zu", arena, live);
}

int area_graph(int argc, char **argv)
{
    static const check_case cases[] = {
        { "plan_is_sound", plan_is_sound, false },
        { "plan_refuses_overflow", plan_refuses_overflow, false },
        { "many_blocks_are_planned_in_time", many_blocks_are_planned_in_time, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
