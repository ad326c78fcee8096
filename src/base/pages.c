/* SPDX-License-Identifier: Apache-2.0 */
/* Large blocks, straight from the operating system.
 *
 *   | header, 64 bytes | what the caller gets ... |
 *
 * Packed weights and activations are some megabytes, written once each while a model is prepared. By pages of 4 KiB that
 * is a thousand faults, more time than the writing takes; by huge pages it is a handful, and the kernels then miss the
 * translation buffers less. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, MADV_HUGEPAGE */
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"

#if defined(__SANITIZE_ADDRESS__)
#define WATCHED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WATCHED 1
#endif
#endif
#ifndef WATCHED
#define WATCHED 0 /* 1: the sanitizer sees to blocks of the heap only */
#endif

/* Of x86 and of ARM with pages of 4 KiB. Where it is another, the advice is not taken, and the rest works. */
enum { HUGE = 2 << 20 };

typedef struct header {
    _Alignas(64) size_t mapped; /* 0: on the heap */
} header;

#if !WATCHED && defined(MADV_HUGEPAGE)
/* A mapping that begins on a huge page; what lies around it is given back. */
static void *map_huge(size_t bytes)
{
    uint8_t *p = mmap(NULL, bytes + HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) return NULL;
    const size_t before = (size_t)(-(uintptr_t)p & (HUGE - 1));
    if (before) munmap(p, before);
    munmap(p + before + bytes, HUGE - before);
    madvise(p + before, bytes, MADV_HUGEPAGE); /* advice: small pages serve as well */
    return p + before;
}

/* The length to map: whole huge pages where the last one would be half full, else whole pages. 0: too long. */
static size_t length(size_t bytes)
{
    size_t whole;
    if (!crl_size_add(bytes, sizeof(header) + 2 * HUGE, &whole)) return 0;
    const long page = sysconf(_SC_PAGESIZE); /* 16 KiB on a Pi 5 */
    whole = crl_size_align(bytes + sizeof(header), page > 0 ? (size_t)page : HUGE);
    return whole % HUGE > HUGE / 2 ? crl_size_align(whole, HUGE) : whole;
}

static size_t mapped_bytes(size_t bytes)
{
    return bytes >= HUGE / 2 ? length(bytes) : 0;
}

static void *map(size_t bytes)
{
    const size_t n = mapped_bytes(bytes);
    header *h = n && crl_alloc_allowed(bytes) ? map_huge(n) : NULL;
    if (h) h->mapped = n;
    return h;
}
#else
static size_t mapped_bytes(size_t bytes)
{
    (void)bytes;
    return 0;
}

static void *map(size_t bytes)
{
    (void)bytes;
    return NULL;
}
#endif

void *crl_pages_new(size_t bytes)
{
    size_t whole;
    if (!crl_size_add(bytes, sizeof(header), &whole)) return NULL;
    header *h = map(bytes);
    if (!h) h = crl_alloc_aligned(whole); /* small, or no such system */
    return h ? h + 1 : NULL;
}

size_t crl_pages_bytes(size_t bytes)
{
    size_t whole;
    const size_t mapped = mapped_bytes(bytes);
    return mapped ? mapped : crl_size_add(bytes, sizeof(header), &whole) ? whole : SIZE_MAX;
}

size_t crl_pages_shrink(void *p, size_t bytes)
{
    header *h = (header *)p - 1;
    /* The last page may be a huge one, and stays it. */
    const size_t keep = crl_size_align(bytes + sizeof *h, HUGE), before = h->mapped;
    if (keep >= before) return 0;
    munmap((uint8_t *)h + keep, before - keep);
    h->mapped = keep;
    return before - keep;
}

void crl_pages_free(void *p)
{
    if (!p) return;
    header *h = (header *)p - 1;
    if (h->mapped)
        munmap(h, h->mapped);
    else
        crl_free(h);
}
