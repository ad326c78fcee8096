/* SPDX-License-Identifier: Apache-2.0 */
/* The program's own malloc and its family, in front of glibc's, which stays reachable by its __libc_ names.
 * Source: glibc manual, "Replacing malloc": these functions are what a replacement has to define. */
#include "count_malloc.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

static atomic_long calls, living, bytes_living;

long count_malloc_calls(void)
{
    return calls;
}

long count_malloc_living(void)
{
    return living;
}

long count_malloc_bytes(void)
{
    return bytes_living;
}

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#include <malloc.h>

void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t n, size_t bytes);
void *__libc_realloc(void *p, size_t bytes);
void *__libc_memalign(size_t alignment, size_t bytes);
void __libc_free(void *p);

static void *counted(void *p)
{
    calls++;
    living += p != NULL;
    bytes_living += (long)malloc_usable_size(p);
    return p;
}

/* Before it goes. */
static void uncount(void *p)
{
    living -= p != NULL;
    bytes_living -= (long)malloc_usable_size(p);
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
    uncount(p);
    void *q = __libc_realloc(p, bytes);
    if (!q && p && bytes) counted(p); /* it is still there */
    return counted(q);
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
    uncount(p);
    __libc_free(p);
}
#endif
