/* SPDX-License-Identifier: Apache-2.0 */
/* Refused allocations and drawn inputs: see confine.h. */
#include "confine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum { MAX_BLOCK = 1 << 22, MAX_TOTAL = 1 << 25 };

static bool allow(void *user, size_t bytes)
{
    size_t *total = user;
    if (bytes > MAX_BLOCK || *total + bytes > MAX_TOTAL) return false;
    *total += bytes;
    return true;
}

void confine_allocations(void)
{
    static size_t total;
    total = 0;
    crl_alloc_hook(allow, &total);
}

static bool watch(void *user, size_t bytes)
{
    enum { MOST = 1 << 30 };
    size_t *total = user;
    if (bytes > MOST || *total + bytes > MOST) {
        fprintf(stderr, "%zu bytes on top of %zu: more than a gibibyte\n", bytes, *total);
        abort();
    }
    *total += bytes;
    return true;
}

void watch_allocations(void)
{
    static size_t total;
    total = 0;
    crl_alloc_hook(watch, &total);
}

/* What is long repeats itself: filling must not take longer than running. */
void fill_tensor(crl_tensor *t, uint32_t seed)
{
    enum { PERIOD = 4096 };
    uint8_t *p = t->data;
    const size_t n = t->bytes < PERIOD ? t->bytes : PERIOD;
    for (size_t i = 0; i < n; i++) {
        seed = seed * 1664525 + 1013904223;
        p[i] = t->type == CRL_BOOL ? seed >> 31 : (uint8_t)(seed >> 24);
    }
    for (size_t i = 0; t->type == CRL_FLOAT32 && i + 4 <= n; i += 4) {
        const float f = (float)(int8_t)p[i] * 0.125f;
        if (p[i + 1] > 4) memcpy(p + i, &f, sizeof f);
    }
    for (size_t i = n; i < t->bytes; i += n) memcpy(p + i, p, t->bytes - i < n ? t->bytes - i : n);
}
