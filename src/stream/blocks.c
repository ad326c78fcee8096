/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks of memory: see blocks.h. */
#include "stream/blocks.h"

#include "base/alloc.h"

/* Stands before the memory that is handed out, and keeps it on a boundary of 64 bytes. */
typedef struct crl_block {
    struct crl_block *next;
    size_t bytes;
} crl_block;

enum { HEAD = 64 };

void crl_blocks_init(crl_blocks *b)
{
    *b = (crl_blocks){ 0 };
    pthread_mutex_init(&b->lock, NULL);
}

static void forget(crl_blocks *b)
{
    while (b->free) {
        crl_block *block = b->free;
        b->free = block->next;
        crl_free(block);
    }
}

void *crl_blocks_take(crl_blocks *b, size_t bytes)
{
    size_t all;
    pthread_mutex_lock(&b->lock);
    if (b->bytes != bytes) forget(b);
    b->bytes = bytes;
    crl_block *block = b->free;
    if (block) b->free = block->next;
    pthread_mutex_unlock(&b->lock);
    if (!block && crl_size_add(bytes, HEAD, &all) && (block = crl_alloc_aligned(all))) block->bytes = bytes;
    return block ? (char *)block + HEAD : NULL;
}

void crl_blocks_give(crl_blocks *b, void *memory)
{
    if (!memory) return;
    crl_block *block = (crl_block *)(void *)((char *)memory - HEAD);
    pthread_mutex_lock(&b->lock);
    const bool fits = block->bytes == b->bytes;
    if (fits) {
        block->next = b->free;
        b->free = block;
    }
    pthread_mutex_unlock(&b->lock);
    if (!fits) crl_free(block);
}

void crl_blocks_fini(crl_blocks *b)
{
    forget(b);
    pthread_mutex_destroy(&b->lock);
}
