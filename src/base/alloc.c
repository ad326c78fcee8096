/* SPDX-License-Identifier: Apache-2.0 */
/* Allocation with a hook for tests; piles. */
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

enum {
    LINE = 64,
    PAGES_BYTES = 1 << 20 /* from here on blocks of a pile are pages: not to be cleared, and free until they are used */
};

static struct {
    bool (*allow)(void *user, size_t bytes);
    void *user;
} hook;

void crl_alloc_hook(bool (*allow)(void *user, size_t bytes), void *user)
{
    hook.allow = allow;
    hook.user = user;
}

bool crl_alloc_allowed(size_t bytes)
{
    return !hook.allow || hook.allow(hook.user, bytes);
}

void *crl_alloc(size_t bytes)
{
    return crl_alloc_allowed(bytes) ? calloc(1, bytes ? bytes : 1) : NULL;
}

void *crl_alloc_array(size_t n, size_t size)
{
    size_t bytes;
    return crl_size_mul(n, size, &bytes) ? crl_alloc(bytes) : NULL;
}

void *crl_alloc_aligned(size_t bytes)
{
    size_t whole;
    if (!crl_alloc_allowed(bytes) || !crl_size_add(bytes, LINE, &whole)) return NULL;
    whole = (whole - 1) & ~(size_t)(LINE - 1);
    if (!whole) whole = LINE;
    void *p = aligned_alloc(LINE, whole);
    if (p) memset(p, 0, whole);
    return p;
}

void crl_free(void *p)
{
    free(p);
}

/* The header fills a cache line, so that what follows it is aligned as the block is. */
struct crl_pile_item {
    _Alignas(LINE) struct crl_pile_item *next;
    bool pages; /* of crl_pages_new */
};

static void *push(crl_pile *pile, size_t whole, bool pages)
{
    const size_t taken = pages ? crl_pages_bytes(whole) : whole;
    if (!crl_account_hold(pile->account, taken)) return NULL;
    struct crl_pile_item *item = pages ? crl_pages_new(whole) : crl_alloc_aligned(whole);
    if (!item) {
        crl_account_drop(pile->account, taken);
        return NULL;
    }
    item->next = pile->head;
    item->pages = pages;
    pile->head = item;
    pile->held += taken;
    return item + 1;
}

void *crl_pile_alloc(crl_pile *pile, size_t bytes)
{
    size_t whole;
    if (!crl_size_add(bytes, sizeof(struct crl_pile_item), &whole)) return NULL;
    const size_t lines = crl_size_align(bytes ? bytes : 1, LINE);
    if (lines > pile->reserved) return push(pile, whole, whole >= PAGES_BYTES);
    void *p = pile->reserve;
    pile->reserve += lines;
    pile->reserved -= lines;
    return p;
}

bool crl_pile_reserve(crl_pile *pile, size_t bytes)
{
    size_t whole;
    if (!crl_size_add(bytes, sizeof(struct crl_pile_item) + LINE, &whole)) return false;
    if (!crl_account_allows(pile->account, crl_pages_bytes(whole))) return true;
    uint8_t *p = push(pile, whole, true);
    if (!p) return false;
    pile->block = (uint8_t *)pile->head;
    pile->reserve = p;
    pile->reserved = bytes / LINE * LINE;
    return true;
}

void crl_pile_settle(crl_pile *pile)
{
    if (!pile->block) return;
    const size_t back = crl_pages_shrink(pile->block, (size_t)(pile->reserve - pile->block));
    crl_account_drop(pile->account, back);
    pile->held -= back;
    pile->reserved = back < pile->reserved ? pile->reserved - back : 0;
    pile->block = NULL;
}

void *crl_pile_array(crl_pile *pile, size_t n, size_t size)
{
    size_t bytes;
    return crl_size_mul(n, size, &bytes) ? crl_pile_alloc(pile, bytes) : NULL;
}

void crl_pile_free(crl_pile *pile)
{
    while (pile->head) {
        struct crl_pile_item *item = pile->head;
        pile->head = item->next;
        if (item->pages)
            crl_pages_free(item);
        else
            crl_free(item);
    }
    crl_account_drop(pile->account, pile->held);
    *pile = crl_pile_beside(pile);
}
