/* SPDX-License-Identifier: Apache-2.0 */
/* The memory plan: where in one arena each block lives, from its first to its last use.
 *
 *   offset ^   +-----A-----+        Blocks whose lives touch (both ends included) never share a byte.
 *          |   +--B--+  +--C--+     One after the other, the largest first or in another order,
 *          +-------------------> step     each into the lowest gap that fits. */
#ifndef CRL_GRAPH_PLAN_H
#define CRL_GRAPH_PLAN_H

#include <corallite/status.h>
#include <stddef.h>
#include <stdint.h>

enum { CRL_PLAN_ALIGN = 64 };

typedef struct crl_plan_block {
    size_t bytes;        /* 0: gets offset 0 and takes no room */
    int32_t first, last; /* steps, both included */
    size_t offset;       /* result, a multiple of CRL_PLAN_ALIGN */
    size_t busiest;      /* the planner's own: the largest sum of bytes alive together with it */
} crl_plan_block;

/* Fills in the offsets; `*arena_bytes` gets the size of the arena, `*live_bytes` the largest sum of bytes (rounded up to
 * the alignment) alive at one step: no plan can do with less. Errors: MEMORY (for the plan, or the sum does not fit size_t). */
crl_status crl_plan(crl_plan_block *blocks, int32_t n, size_t *arena_bytes, size_t *live_bytes, crl_error *err);

#endif
