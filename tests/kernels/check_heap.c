/* SPDX-License-Identifier: Apache-2.0 */
/* Sorts by heap: what comes out is sorted, and equal keys come in the order that the reference's library gives. */
#include "checks.h"
#include "kernels/heap.h"

enum { MOST = 60 };

static void equal_keys(check *t, size_t n, size_t k, const int32_t *wanted)
{
    float key[MOST];
    int32_t index[MOST];
    for (size_t i = 0; i < n; i++) key[i] = 1;
    crl_sort_largest(index, k, n, key);
    check_equal_s32(t, wanted, index, k, "%zu of %zu equal keys", k, n);
}

/* Orders seen in LiteRT 2.3: classes that TFLite_Detection_PostProcess gives for one box with equal scores. */
static void check_order_of_equals(check *t)
{
    equal_keys(t, 3, 3, (const int32_t[]){ 0, 1, 2 });
    equal_keys(t, 8, 4, (const int32_t[]){ 1, 3, 0, 2 });
    equal_keys(t, 8, 8, (const int32_t[]){ 7, 4, 1, 3, 5, 0, 2, 6 });
    equal_keys(t, 40, 12, (const int32_t[]){ 8, 10, 4, 7, 11, 3, 9, 1, 5, 0, 2, 6 });
}

static bool in_order(check *t, const float *key, const int32_t *index, size_t k)
{
    for (size_t i = 1; i < k; i++)
        if (!check_that(t, key[index[i - 1]] >= key[index[i]], "entry %zu is larger than the one before", i)) return false;
    return true;
}

void check_heap(check *t, unsigned cpu)
{
    (void)cpu;
    check_order_of_equals(t);
    for (int round = 0; round < check_rounds(t, 300); round++) {
        const size_t n = (size_t)check_range(t, 1, MOST), k = (size_t)check_range(t, 0, (int32_t)n);
        float key[MOST];
        int32_t largest[MOST], stable[MOST], room[MOST], queue[MOST];
        for (size_t i = 0; i < n; i++) {
            key[i] = (float)check_range(t, 0, 20);
            queue[i] = (int32_t)i;
            crl_heap_push(queue, i + 1, key);
        }
        crl_sort_largest(largest, k, n, key);
        crl_sort_stable(stable, n, key, room);
        if (!in_order(t, key, largest, k) || !in_order(t, key, stable, n)) return;
        for (size_t i = 0; i < k; i++)
            if (!check_that(t, key[largest[i]] == key[stable[i]], "entry %zu is not among the largest", i)) return;
        for (size_t i = 1; i < n; i++)
            if (!check_that(t, key[stable[i - 1]] > key[stable[i]] || stable[i - 1] < stable[i], "entry %zu is unstable", i)) return;
        for (size_t left = n; left > 0; left--) {
            if (!check_that(t, key[queue[0]] == key[stable[n - left]], "the queue gives %g", (double)key[queue[0]])) return;
            crl_heap_pop(queue, left, key);
        }
    }
}
