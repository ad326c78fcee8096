/* SPDX-License-Identifier: Apache-2.0 */
/* The program's own malloc and its family, in front of glibc's, which stays reachable by its __libc_ names.
 * Source: glibc manual, "Replacing malloc": these functions are what a replacement has to define. */
#include "count_malloc.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

static atomic_long calls, living;

long count_malloc_calls(void)
{
    return calls;
}

long count_malloc_living(void)
{
    return living;
}

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t n, size_t bytes);
void *__libc_realloc(void *p, size_t bytes);
void *__libc_memalign(size_t alignment, size_t bytes);
void __libc_free(void *p);

static void *counted(void *p)
{
    calls++;
    living += p != NULL;
    return p;
}

void *malloc(size_t bytes)
{
    return counted(__libc_malloc(bytes));
}

void *calloc(size_t n, size_t bytes)
{
    return counted(__libc_calloc(n, bytes));
}

void *realloc(void *p, size_t bytes)
{
    if (p) living--;
    void *q = counted(__libc_realloc(p, bytes));
    if (!q && p && bytes) living++; /* p is still there */
    return q;
}

void *aligned_alloc(size_t alignment, size_t bytes)
{
    return counted(__libc_memalign(alignment, bytes));
}

int posix_memalign(void **out, size_t alignment, size_t bytes)
{
    void *p = counted(__libc_memalign(alignment, bytes));
    if (!p) return ENOMEM;
    *out = p;
    return 0;
}

void free(void *p)
{
    if (p) living--;
    __libc_free(p);
}
#endif
