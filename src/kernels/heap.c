/* SPDX-License-Identifier: Apache-2.0 */
/* Heaps of indices: see heap.h. `sign` 1 keeps the largest key on top, -1 the smallest. */
#include "kernels/heap.h"

#include <stdbool.h>
#include <string.h>

static bool below(int32_t a, int32_t b, const float *key, float sign)
{
    return sign * key[a] < sign * key[b];
}

static void rise(int32_t *heap, size_t hole, size_t top, int32_t value, const float *key, float sign)
{
    while (hole > top) {
        const size_t parent = (hole - 1) / 2;
        if (!below(heap[parent], value, key, sign)) break;
        heap[hole] = heap[parent];
        hole = parent;
    }
    heap[hole] = value;
}

/* Fills the hole at `top` from below, down to a leaf, and lets `value` rise from there. */
static void sink(int32_t *heap, size_t top, size_t n, int32_t value, const float *key, float sign)
{
    size_t hole = top;
    for (;;) {
        size_t child = 2 * hole + 2;
        if (child > n) break;
        if (child == n || below(heap[child], heap[child - 1], key, sign)) child--;
        heap[hole] = heap[child];
        hole = child;
    }
    rise(heap, hole, top, value, key, sign);
}

void crl_heap_push(int32_t *heap, size_t n, const float *key)
{
    rise(heap, n - 1, 0, heap[n - 1], key, 1);
}

static void pop(int32_t *heap, size_t n, const float *key, float sign)
{
    if (n < 2) return;
    const int32_t value = heap[n - 1];
    heap[n - 1] = heap[0];
    sink(heap, 0, n - 1, value, key, sign);
}

void crl_heap_pop(int32_t *heap, size_t n, const float *key)
{
    pop(heap, n, key, 1);
}

void crl_sort_largest(int32_t *index, size_t k, size_t n, const float *key)
{
    for (size_t i = 0; i < n; i++) index[i] = (int32_t)i;
    if (!k) return;
    for (size_t i = k / 2; i-- > 0;) sink(index, i, k, index[i], key, -1);
    for (size_t i = k; i < n; i++) {
        if (!below(index[i], index[0], key, -1)) continue;
        const int32_t value = index[i];
        index[i] = index[0];
        sink(index, 0, k, value, key, -1);
    }
    for (size_t left = k; left > 1; left--) pop(index, left, key, -1);
}

/* The order of crl_sort_stable: no two indices are equal in it, so any heap gives the same. */
static bool before(int32_t a, int32_t b, const float *key)
{
    return key[a] > key[b] || (key[a] == key[b] && a < b);
}

static void settle(int32_t *queue, size_t at, size_t n, int32_t value, const float *key)
{
    for (size_t child = 2 * at + 1; child < n; child = 2 * at + 1) {
        if (child + 1 < n && before(queue[child + 1], queue[child], key)) child++;
        if (!before(queue[child], value, key)) break;
        queue[at] = queue[child];
        at = child;
    }
    queue[at] = value;
}

void crl_queue_make(int32_t *queue, size_t n, const float *key)
{
    for (size_t i = 0; i < n; i++) queue[i] = (int32_t)i;
    for (size_t i = n / 2; i-- > 0;) settle(queue, i, n, queue[i], key);
}

int32_t crl_queue_take(int32_t *queue, size_t n, const float *key)
{
    const int32_t best = queue[0];
    if (n > 1) settle(queue, 0, n - 1, queue[n - 1], key);
    return best;
}

void crl_sort_stable(int32_t *index, size_t n, const float *key, int32_t *room)
{
    for (size_t i = 0; i < n; i++) index[i] = (int32_t)i;
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t from = 0; from < n; from += 2 * width) {
            const size_t middle = from + width < n ? from + width : n, to = middle + width < n ? middle + width : n;
            size_t a = from, b = middle;
            for (size_t i = from; i < to; i++) {
                const bool right = a == middle || (b < to && key[index[b]] > key[index[a]]);
                room[i] = index[right ? b++ : a++];
            }
        }
        memcpy(index, room, n * sizeof *index);
    }
}
