/* SPDX-License-Identifier: Apache-2.0 */
/* Greedy, tried in four orders; the smallest arena wins. */
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

static int by_first(const void *a, const void *b)
{
    const crl_plan_block *x = *(crl_plan_block *const *)a, *y = *(crl_plan_block *const *)b;
    return x->first != y->first ? (x->first < y->first ? -1 : 1) : (x < y ? -1 : x > y);
}

static int by_last(const void *a, const void *b)
{
    const crl_plan_block *x = *(crl_plan_block *const *)a, *y = *(crl_plan_block *const *)b;
    return x->last != y->last ? (x->last < y->last ? -1 : 1) : (x < y ? -1 : x > y);
}

/* alive[i] gets the sum of bytes alive when block begins[i] begins; the sum can only peak where some block does. */
static void sum_up(crl_plan_block *const *begins, crl_plan_block *const *ends, int32_t n, size_t *alive)
{
    size_t sum = 0;
    for (int32_t i = 0, over = 0; i < n;) {
        const int32_t step = begins[i]->first;
        int32_t next = i;
        for (; ends[over]->last < step; over++) sum -= room(ends[over]);
        for (; next < n && begins[next]->first == step; next++) sum += room(begins[next]);
        while (i < next) alive[i++] = sum;
    }
}

/* How many blocks begin before this step. */
static int32_t begun_before(crl_plan_block *const *begins, int32_t n, int64_t step)
{
    int32_t low = 0;
    for (int32_t high = n; low < high;) {
        const int32_t middle = low + (high - low) / 2;
        if (begins[middle]->first < step)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The largest of tree[n + from] to tree[n + to - 1]; an inner node i is the larger of nodes 2i and 2i + 1. */
static size_t largest(const size_t *tree, size_t n, size_t from, size_t to)
{
    size_t most = 0;
    for (from += n, to += n; from < to; from /= 2, to /= 2) {
        if (from & 1) most = most > tree[from] ? most : tree[from], from++;
        if (to & 1) to--, most = most > tree[to] ? most : tree[to];
    }
    return most;
}

/* `begins` and `ends` have room for n blocks, `tree` for 2n sums. */
static size_t note_busiest(crl_plan_block *blocks, int32_t n, crl_plan_block **begins, crl_plan_block **ends, size_t *tree)
{
    for (int32_t i = 0; i < n; i++) begins[i] = ends[i] = &blocks[i];
    qsort(begins, (size_t)n, sizeof *begins, by_first);
    qsort(ends, (size_t)n, sizeof *ends, by_last);
    sum_up(begins, ends, n, tree + n);
    for (int32_t i = n - 1; i > 0; i--) tree[i] = tree[2 * i] > tree[2 * i + 1] ? tree[2 * i] : tree[2 * i + 1];
    for (int32_t i = 0; i < n; i++) {
        crl_plan_block *b = &blocks[i];
        b->busiest = largest(tree, (size_t)n, (size_t)begun_before(begins, n, b->first),
                             (size_t)begun_before(begins, n, (int64_t)b->last + 1));
    }
    return largest(tree, (size_t)n, 0, (size_t)n);
}

/* Looking for gaps takes the square of the number of blocks. Past some thousands of them, which no network has, the rest
 * is placed at the end. */
enum { MOST_LOOKS = 1 << 25 };

/* `placed` holds the blocks placed so far, sorted by offset. */
static bool place(crl_plan_block **order, int32_t n, crl_plan_block **placed, size_t *arena_bytes)
{
    int32_t n_placed = 0;
    int64_t looks = MOST_LOOKS;
    *arena_bytes = 0;
    for (int32_t i = 0; i < n; i++) {
        crl_plan_block *b = order[i];
        b->offset = 0;
        if (!b->bytes) continue;
        looks -= n_placed;
        size_t at = looks < 0 ? *arena_bytes : 0;
        for (int32_t k = 0; looks >= 0 && k < n_placed; k++) {
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

crl_status crl_plan(crl_plan_block *blocks, int32_t n, size_t *arena_bytes, size_t *live_bytes, crl_error *err)
{
    *arena_bytes = *live_bytes = 0;
    if (n == 0) return CRL_OK;
    for (int32_t i = 0; i < n; i++)
        if (blocks[i].bytes > PTRDIFF_MAX / 2)
            return crl_fail(err, CRL_ERR_MEMORY, "a tensor of %zu bytes does not fit into memory", blocks[i].bytes);
    crl_plan_block **order = crl_alloc_array((size_t)n, 2 * sizeof *order);
    size_t *tree = crl_alloc_array((size_t)n, 2 * sizeof *tree);
    if (order && tree) *live_bytes = note_busiest(blocks, n, order, order + n, tree);
    crl_free(tree);
    if (!order || !tree) {
        crl_free(order);
        return crl_fail_memory(err, "the memory plan");
    }
    crl_plan_block **placed = order + n;
    /* No order is best for all graphs, and trying is cheap. The last one suits chains whose largest blocks never meet. An arena
     * that is no larger than what lives in it at once is as small as any. */
    int (*const orders[])(const void *, const void *) = { by_size, by_life, by_busiest, by_first };
    enum { N_ORDERS = sizeof orders / sizeof orders[0] };
    size_t best = 0, tried = 0;
    bool ok = true;
    for (size_t i = 0; ok && i < N_ORDERS && (!i || *arena_bytes > *live_bytes); i++) {
        size_t bytes;
        qsort(order, (size_t)n, sizeof *order, orders[i]);
        ok = place(order, n, placed, &bytes);
        tried = i;
        if (i && bytes >= *arena_bytes) continue;
        best = i;
        *arena_bytes = bytes;
    }
    if (ok && best != tried) {
        qsort(order, (size_t)n, sizeof *order, orders[best]);
        ok = place(order, n, placed, arena_bytes);
    }
    crl_free(order);
    if (!ok) return crl_fail(err, CRL_ERR_MEMORY, "the tensors together do not fit into memory");
    return CRL_OK;
}
