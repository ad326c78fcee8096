/* SPDX-License-Identifier: Apache-2.0 */
/* Heaps of indices with float keys, and the sorts that need one.
 *
 * Equal keys come out in the order in which the GNU C++ library's heaps give them: the reference's results
 * depend on it, since 8-bit scores are often equal. A step down therefore goes to the very bottom before the
 * value rises to its place. Source: libstdc++, bits/stl_heap.h. */
#ifndef CRL_KERNELS_HEAP_H
#define CRL_KERNELS_HEAP_H

#include <stddef.h>
#include <stdint.h>

/* A queue of indices: the one with the largest key is at heap[0]. Adds the last of n entries, heap[n - 1]. */
void crl_heap_push(int32_t *heap, size_t n, const float *key);
/* Moves the largest of n entries to heap[n - 1] and puts the rest in order. */
void crl_heap_pop(int32_t *heap, size_t n, const float *key);

/* index[0..k) gets the indices of the k largest of n keys, largest first. `index` has room for n. k <= n. */
void crl_sort_largest(int32_t *index, size_t k, size_t n, const float *key);

/* What crl_sort_stable gives, one by one: cheaper where few of many are wanted. Keys are no NaN.
 * Make fills queue[0..n) with the indices 0..n-1; take gives the next of n, and leaves a queue of n - 1. */
void crl_queue_make(int32_t *queue, size_t n, const float *key);
int32_t crl_queue_take(int32_t *queue, size_t n, const float *key);

/* index[0..n) gets all indices, largest key first, equal ones in their own order. `room` has n entries. */
void crl_sort_stable(int32_t *index, size_t n, const float *key, int32_t *room);

#endif
