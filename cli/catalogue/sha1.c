/* SPDX-License-Identifier: Apache-2.0 */
/* See sha1.h. */
#define _GNU_SOURCE /* O_CLOEXEC */
#include "catalogue/sha1.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "io/file.h"
#include "io/say.h"

static uint32_t rotate(uint32_t x, int n)
{
    return x << n | x >> (32 - n);
}

/* FIPS 180-4, 6.1.2. */
static void digest(cli_sha1 *s, const uint8_t *block)
{
    uint32_t w[80];
    for (int t = 0; t < 16; t++)
        w[t] = (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 | (uint32_t)block[4 * t + 2] << 8 | block[4 * t + 3];
    for (int t = 16; t < 80; t++) w[t] = rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
    uint32_t a = s->state[0], b = s->state[1], c = s->state[2], d = s->state[3], e = s->state[4];
    for (int t = 0; t < 80; t++) {
        const uint32_t f = t < 20 ? (b & c) ^ (~b & d) : t < 40 || t >= 60 ? b ^ c ^ d : (b & c) ^ (b & d) ^ (c & d);
        const uint32_t k = t < 20 ? 0x5a827999 : t < 40 ? 0x6ed9eba1 : t < 60 ? 0x8f1bbcdc : 0xca62c1d6;
        const uint32_t sum = rotate(a, 5) + f + e + k + w[t];
        e = d;
        d = c;
        c = rotate(b, 30);
        b = a;
        a = sum;
    }
    s->state[0] += a;
    s->state[1] += b;
    s->state[2] += c;
    s->state[3] += d;
    s->state[4] += e;
}

void cli_sha1_init(cli_sha1 *s)
{
    *s = (cli_sha1){ .state = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 } };
}

void cli_sha1_add(cli_sha1 *s, const void *data, size_t size)
{
    const uint8_t *from = data;
    while (size) {
        const size_t at = s->bytes % sizeof s->block, room = sizeof s->block - at, n = size < room ? size : room;
        memcpy(s->block + at, from, n);
        s->bytes += n;
        from += n;
        size -= n;
        if (n == room) digest(s, s->block);
    }
}

void cli_sha1_text(cli_sha1 *s, char text[CLI_SHA1_TEXT])
{
    const uint64_t bits = s->bytes * 8;
    uint8_t length[8];
    for (int i = 0; i < 8; i++) length[i] = (uint8_t)(bits >> (56 - 8 * i));
    cli_sha1_add(s, "\x80", 1);
    while (s->bytes % sizeof s->block != sizeof s->block - sizeof length) cli_sha1_add(s, "", 1);
    cli_sha1_add(s, length, sizeof length);
    for (int i = 0; i < 5; i++) snprintf(text + 8 * i, 9, "%08" PRIx32, s->state[i]);
}

void cli_git_blob_init(cli_sha1 *s, uint64_t bytes)
{
    char head[32];
    cli_sha1_init(s);
    cli_sha1_add(s, head, (size_t)snprintf(head, sizeof head, "blob %" PRIu64, bytes) + 1);
}

crl_status cli_git_blob(const char *path, char text[CLI_SHA1_TEXT], int64_t *bytes, crl_error *err)
{
    static const char unread[] = "%s: %s";
    struct stat st;
    char part[1 << 14];
    FILE *f = cli_open_regular(path);
    if (!f || fstat(fileno(f), &st)) {
        const int reason = errno;
        if (f) fclose(f);
        return cli_fail(err, CRL_ERR_IO, unread, path, strerror(reason));
    }
    cli_sha1 s;
    cli_git_blob_init(&s, (uint64_t)st.st_size);
    int64_t n = 0;
    for (size_t got; (got = fread(part, 1, sizeof part, f)) > 0; n += (int64_t)got) cli_sha1_add(&s, part, got);
    const int reason = ferror(f) ? errno : 0;
    fclose(f);
    if (reason) return cli_fail(err, CRL_ERR_IO, unread, path, strerror(reason));
    if (n != st.st_size) return cli_fail(err, CRL_ERR_IO, "%s: no regular file, or it changed while it was read", path);
    cli_sha1_text(&s, text);
    *bytes = n;
    return CRL_OK;
}
