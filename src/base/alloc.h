/* SPDX-License-Identifier: Apache-2.0 */
/* All memory of the library comes from here, so that a test can count it and make it fail.
 * Sizes that come from a file or a caller are multiplied and added with the checked helpers only. */
#ifndef CRL_BASE_ALLOC_H
#define CRL_BASE_ALLOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/account.h"

/* false: the result does not fit size_t, *out is untouched. */
static inline bool crl_size_mul(size_t a, size_t b, size_t *out)
{
    size_t r;
    if (__builtin_mul_overflow(a, b, &r)) return false;
    *out = r;
    return true;
}

static inline bool crl_size_add(size_t a, size_t b, size_t *out)
{
    size_t r;
    if (__builtin_add_overflow(a, b, &r)) return false;
    *out = r;
    return true;
}

/* Round up to a multiple of `to`, a power of two. The caller knows that it cannot overflow. */
static inline size_t crl_size_align(size_t n, size_t to)
{
    return (n + to - 1) & ~(to - 1);
}

/* Zeroed memory, NULL when there is none. Zero bytes give a valid pointer. Release with crl_free. */
void *crl_alloc(size_t bytes);
/* n elements of `size` bytes, zeroed; NULL also when the product overflows. */
void *crl_alloc_array(size_t n, size_t size);
/* Zeroed, on a boundary of 64 bytes, the length rounded up to whole cache lines. Release with crl_free. */
void *crl_alloc_aligned(size_t bytes);
/* Zeroed, on a boundary of 64 bytes, for megabytes: huge pages where the system has them. Not for crl_free. */
void *crl_pages_new(size_t bytes);
void crl_pages_free(void *p); /* accepts NULL */
size_t crl_pages_bytes(size_t bytes); /* what a block takes; SIZE_MAX: it cannot be */
/* Gives back what lies behind the first `bytes`, as far as whole pages do; how many bytes those are. */
size_t crl_pages_shrink(void *p, size_t bytes);
void crl_free(void *p); /* accepts NULL */

/* For tests: `allow` is asked before every allocation and may refuse it. NULL switches it off.
 * Set it while no other thread allocates. */
void crl_alloc_hook(bool (*allow)(void *user, size_t bytes), void *user);
bool crl_alloc_allowed(size_t bytes); /* asks the hook: for allocators beside crl_alloc */

/* Memory that lives and dies together: a list of allocations with one owner, and on one account, if it has one. */
typedef struct crl_pile {
    struct crl_pile_item *head;
    uint8_t *block;   /* of crl_pile_reserve, until it is settled, */
    uint8_t *reserve; /* and what is left of it */
    size_t reserved;
    crl_account *account; /* set by the owner in an empty pile; NULL: none */
    size_t held;          /* on the account */
} crl_pile;

/* An empty pile on the account of another one, for what is not needed as long. */
static inline crl_pile crl_pile_beside(const crl_pile *pile)
{
    return (crl_pile){ .account = pile->account };
}

/* Zeroed, 64-byte aligned; NULL when there is none, or the account does not allow it. */
void *crl_pile_alloc(crl_pile *pile, size_t bytes);
void *crl_pile_array(crl_pile *pile, size_t n, size_t size);   /* the same, NULL also on overflow */
void crl_pile_free(crl_pile *pile);                            /* all of it; the pile is empty and usable after */

/* What follows will be about as many bytes, megabytes as a rule: they come out of one block while it lasts (pages.c).
 * false without memory; then, and where the account does not allow it, the pile works as without. */
bool crl_pile_reserve(crl_pile *pile, size_t bytes);
/* Gives back what is left of it. */
void crl_pile_settle(crl_pile *pile);

#endif
