/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks of memory of one size, used again: for frames, of which there are always a few. */
#ifndef CRL_STREAM_BLOCKS_H
#define CRL_STREAM_BLOCKS_H

#include <pthread.h>
#include <stddef.h>

typedef struct crl_blocks {
    pthread_mutex_t lock;
    struct crl_block *free; /* a list of blocks of `bytes` */
    size_t bytes;
} crl_blocks;

void crl_blocks_init(crl_blocks *b);
/* Not zeroed where it has been used; NULL: no memory. Blocks of another size than before are forgotten. */
void *crl_blocks_take(crl_blocks *b, size_t bytes);
void crl_blocks_give(crl_blocks *b, void *block); /* accepts NULL */
void crl_blocks_fini(crl_blocks *b); /* all have been given back */

#endif
