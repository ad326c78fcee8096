/* SPDX-License-Identifier: Apache-2.0 */
/* Greedy, tried in three orders; the smallest arena wins. */
#include "graph/plan.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/error.h"

/* Ties are broken by index, so that a plan does not depend on the C library's qsort. */
static int by_size(const void *a, const void *b)
{
    const crl_plan_block *x = *(crl_plan_block *const *)a, *y = *(crl_plan_block *const *)b;
    if (x->bytes != y->bytes) return x->bytes < y->bytes ? 1 : -1;
    return x < y ? -1 : 1;
}

static int by_life(const void *a, const void *b)
{
    const crl_plan_block *x = *(crl_plan_block *const *)a, *y = *(crl_plan_block *const *)b;
    const int64_t lx = (int64_t)x->last - x->first, ly = (int64_t)y->last - y->first;
    if (lx != ly) return lx < ly ? 1 : -1;
    return by_size(a, b);
}

static size_t room(const crl_plan_block *b)
{
    return crl_size_align(b->bytes, CRL_PLAN_ALIGN);
}

/* The steps where most is alive decide: what lives there comes first. */
static int by_busiest(const void *a, const void *b)
{
    const crl_plan_block *x = *(crl_plan_block *const *)a, *y = *(crl_plan_block *const *)b;
    if (x->busiest != y->busiest) return x->busiest < y->busiest ? 1 : -1;
    return by_life(a, b);
}

/* The sum can only peak where some block begins. */
static size_t alive_at(const crl_plan_block *blocks, int32_t n, int32_t step)
{
    size_t sum = 0;
    for (int32_t k = 0; k < n; k++)
        if (blocks[k].first <= step && step <= blocks[k].last) sum += room(&blocks[k]);
    return sum;
}

static void note_busiest(crl_plan_block *blocks, int32_t n)
{
    for (int32_t i = 0; i < n; i++) blocks[i].busiest = 0;
    for (int32_t i = 0; i < n; i++) {
        const size_t sum = blocks[i].bytes ? alive_at(blocks, n, blocks[i].first) : 0;
        for (int32_t k = 0; k < n; k++)
            if (blocks[k].first <= blocks[i].first && blocks[i].first <= blocks[k].last && sum > blocks[k].busiest)
                blocks[k].busiest = sum;
    }
}

/* `placed` holds the blocks placed so far, sorted by offset. */
static bool place(crl_plan_block **order, int32_t n, crl_plan_block **placed, size_t *arena_bytes)
{
    int32_t n_placed = 0;
    *arena_bytes = 0;
    for (int32_t i = 0; i < n; i++) {
        crl_plan_block *b = order[i];
        b->offset = 0;
        if (!b->bytes) continue;
        size_t at = 0;
        for (int32_t k = 0; k < n_placed; k++) {
            const crl_plan_block *p = placed[k];
            if (p->last < b->first || b->last < p->first) continue;
            if (p->offset >= at && p->offset - at >= room(b)) break;
            if (p->offset + room(p) > at) at = p->offset + room(p);
        }
        b->offset = at;
        size_t end;
        if (!crl_size_add(at, room(b), &end) || end > PTRDIFF_MAX) return false;
        if (end > *arena_bytes) *arena_bytes = end;
        int32_t k = n_placed++;
        for (; k > 0 && placed[k - 1]->offset > at; k--) placed[k] = placed[k - 1];
        placed[k] = b;
    }
    return true;
}

crl_status crl_plan(crl_plan_block *blocks, int32_t n, size_t *arena_bytes, crl_error *err)
{
    *arena_bytes = 0;
    if (n == 0) return CRL_OK;
    for (int32_t i = 0; i < n; i++)
        if (blocks[i].bytes > PTRDIFF_MAX / 2)
            return crl_fail(err, CRL_ERR_MEMORY, "a tensor of %zu bytes does not fit into memory", blocks[i].bytes);
    crl_plan_block **order = crl_alloc_array((size_t)n, 2 * sizeof *order);
    if (!order) return crl_fail_memory(err, "the memory plan");
    for (int32_t i = 0; i < n; i++) order[i] = &blocks[i];
    crl_plan_block **placed = order + n;
    note_busiest(blocks, n);
    /* No order is best for all graphs, and trying is cheap. */
    int (*const orders[])(const void *, const void *) = { by_size, by_life, by_busiest };
    enum { N_ORDERS = sizeof orders / sizeof orders[0] };
    size_t best = 0;
    bool ok = true;
    for (size_t i = 0; ok && i < N_ORDERS; i++) {
        size_t bytes;
        qsort(order, (size_t)n, sizeof *order, orders[i]);
        ok = place(order, n, placed, &bytes);
        if (i && bytes >= *arena_bytes) continue;
        best = i;
        *arena_bytes = bytes;
    }
    if (ok && best != N_ORDERS - 1) {
        qsort(order, (size_t)n, sizeof *order, orders[best]);
        ok = place(order, n, placed, arena_bytes);
    }
    crl_free(order);
    if (!ok) return crl_fail(err, CRL_ERR_MEMORY, "the tensors together do not fit into memory");
    return CRL_OK;
}

size_t crl_plan_lower_bound(const crl_plan_block *blocks, int32_t n)
{
    size_t most = 0;
    for (int32_t i = 0; i < n; i++) {
        const size_t sum = alive_at(blocks, n, blocks[i].first);
        if (sum > most) most = sum;
    }
    return most;
}
