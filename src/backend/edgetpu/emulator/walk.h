/* SPDX-License-Identifier: Apache-2.0 */
/* Walks: the addresses that a unit goes through, from nested levels of strides and counts, innermost first.
 *
 * A walk may go through a buffer of two halves, taken in turn. It changes them each time that the levels below `turn` have come to
 * their end. In the last pass of a level an inner one may be shorter. */
#ifndef CRL_EMULATOR_WALK_H
#define CRL_EMULATOR_WALK_H

#include <stdbool.h>
#include <stdint.h>

enum { CRL_WALK_LEVELS = 8 };

typedef struct crl_walk {
    int64_t base, half;              /* half: of the buffer; 0: it is no such buffer */
    int64_t stride[CRL_WALK_LEVELS]; /* all in the unit of the base */
    uint32_t count[CRL_WALK_LEVELS]; /* at least 1 */
    int32_t turn;
    int32_t last_level;  /* in whose last pass */
    int32_t shorter;     /* this level below it */
    uint32_t last_count; /* has so many steps; 0: as many as always */
} crl_walk;

/* Where a walk is. */
typedef struct crl_walk_at {
    uint32_t index[CRL_WALK_LEVELS];
    uint32_t passes[CRL_WALK_LEVELS + 1]; /* how often the levels below have come to their end */
    bool second;                          /* half */
} crl_walk_at;

static inline int64_t crl_walk_address(const crl_walk *w, const crl_walk_at *at)
{
    int64_t address = w->base + (at->second ? w->half : 0);
    for (int32_t k = 0; k < CRL_WALK_LEVELS; k++) address += at->index[k] * w->stride[k];
    return address;
}

static inline uint32_t crl_walk_count(const crl_walk *w, const crl_walk_at *at, int32_t level)
{
    const bool shorter = w->last_count && level == w->shorter && at->index[w->last_level] + 1 == w->count[w->last_level];
    return shorter ? w->last_count : w->count[level];
}

/* One step. Returns how many levels came to their end by it, the innermost counted first; all: the walk is done and begins anew. */
static inline int32_t crl_walk_step(const crl_walk *w, crl_walk_at *at)
{
    int32_t k = 0;
    while (++at->index[k] >= crl_walk_count(w, at, k)) {
        at->index[k] = 0;
        if (++k == CRL_WALK_LEVELS) break;
    }
    for (int32_t i = 0; i <= k; i++) at->passes[i]++;
    if (w->half && k >= w->turn) at->second = !at->second;
    return k;
}

/* Whether a pass of the levels below `level` begins here. */
static inline bool crl_walk_begins(const crl_walk_at *at, int32_t level)
{
    for (int32_t k = 0; k < level; k++)
        if (at->index[k]) return false;
    return true;
}

#endif
