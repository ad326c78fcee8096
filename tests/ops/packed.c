/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of packed cases: see packed.h. */
#include "packed.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/inflate.h"

enum { HEAD = 18, TAIL = 4 }; /* ours and the two bytes of a zlib stream; its checksum */

static const uint8_t *take(reader *r, size_t n)
{
    if (n > r->left) {
        r->broken = true;
        r->left = 0;
        return NULL;
    }
    const uint8_t *p = r->p;
    r->p += n;
    r->left -= n;
    return p;
}

static uint32_t take_u32(reader *r)
{
    const uint8_t *p = take(r, 4);
    return p ? (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24 : 0;
}

static block take_block(reader *r)
{
    const size_t n = take_u32(r);
    return (block){ take(r, n), n };
}

static bool take_shape(reader *r, crl_shape *s)
{
    *s = (crl_shape){ .rank = (int32_t)take_u32(r) };
    if (s->rank < 0 || s->rank > CRL_MAX_RANK) return false;
    for (int32_t d = 0; d < s->rank; d++) s->dim[d] = (int32_t)take_u32(r);
    return true;
}

bool packed_next(reader *r, packed_case *c)
{
    const block name = take_block(r);
    snprintf(c->name, sizeof c->name, "%.*s", (int)name.bytes, name.data ? (const char *)name.data : "");
    c->shaped = r->shaped;
    c->ulp = take_u32(r);
    c->model = take_block(r);
    c->n_in = take_u32(r);
    if (c->n_in > MAX_IO) return false;
    for (uint32_t i = 0; i < c->n_in; i++) {
        if (c->shaped && !take_shape(r, &c->in_shape[i])) return false;
        c->in[i] = take_block(r);
    }
    c->n_out = take_u32(r);
    if (c->n_out > MAX_IO) return false;
    for (uint32_t i = 0; i < c->n_out; i++) {
        if (!take_shape(r, &c->shape[i])) return false;
        c->out[i] = take_block(r);
    }
    return !r->broken;
}

uint8_t *packed_read(const char *path, reader *r)
{
    FILE *f = fopen(path, "rb");
    uint8_t head[HEAD], *packed = NULL, *raw = NULL;
    long size = 0;
    if (f && !fseek(f, 0, SEEK_END) && (size = ftell(f)) > HEAD + TAIL && !fseek(f, 0, SEEK_SET) &&
        fread(head, 1, HEAD, f) == HEAD && (!memcmp(head, "CRLOPS1\n", 8) || !memcmp(head, "CRLOPS2\n", 8))) {
        const size_t length = (size_t)size - HEAD;
        uint64_t n = 0;
        for (int i = 0; i < 8; i++) n |= (uint64_t)head[8 + i] << (8 * i);
        packed = malloc(length);
        raw = malloc(n ? (size_t)n : 1);
        if (!packed || !raw || fread(packed, 1, length, f) != length ||
            !crl_inflate(raw, (size_t)n, packed, length - TAIL)) {
            free(raw);
            raw = NULL;
        }
        *r = (reader){ .p = raw, .left = raw ? (size_t)n : 0, .shaped = head[6] == '2' };
    }
    if (!raw) printf("FAIL %s: no file of packed cases\n", path);
    free(packed);
    if (f) fclose(f);
    return raw;
}

static bool is_packed(const char *name)
{
    const size_t n = strlen(name);
    return n > 4 && !strcmp(name + n - 4, ".ops");
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

size_t packed_list(const char *folder, char *path[MAX_FILES])
{
    size_t n = 0;
    DIR *d = opendir(folder);
    for (struct dirent *e; d && (e = readdir(d)) && n < MAX_FILES;) {
        if (!is_packed(e->d_name)) continue;
        const size_t size = strlen(folder) + strlen(e->d_name) + 2;
        path[n] = malloc(size);
        if (path[n]) snprintf(path[n++], size, "%s/%s", folder, e->d_name);
    }
    if (d) closedir(d);
    qsort(path, n, sizeof *path, by_name);
    return n;
}
