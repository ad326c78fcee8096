/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing an appended zip archive.
 *
 *   model | local header, name, data | ... | central directory: an entry for each | end record, comment
 *
 * Offsets in the archive count from its own beginning or from that of the whole file, as its writer liked; the
 * place of the end record tells which. */
#include "model/zip.h"

#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "model/flat.h"
#include "model/inflate.h"

enum { END_BYTES = 22, ENTRY_BYTES = 46, LOCAL_BYTES = 30, MAX_COMMENT = 65535 };
enum { SIG_LOCAL = 0x04034b50, SIG_ENTRY = 0x02014b50, SIG_END = 0x06054b50 };
enum { STORED = 0, DEFLATED = 8, FLAG_ENCRYPTED = 1 };

typedef struct entry {
    unsigned flags, method;
    uint32_t crc;
    size_t packed, bytes; /* sizes */
    size_t local;         /* where its local header is */
} entry;

static crl_status broken(crl_error *err, const char *what)
{
    return crl_fail(err, CRL_ERR_FORMAT, "the zip archive at the end of the file is broken: %s", what);
}

/* The end record: the last place where its signature stands and its comment ends with the file. */
static bool find_end(const uint8_t *file, size_t size, size_t *end)
{
    if (size < END_BYTES) return false;
    size_t comment = 0, most = size - END_BYTES < MAX_COMMENT ? size - END_BYTES : MAX_COMMENT;
    for (; comment <= most; comment++) {
        const uint8_t *p = file + size - END_BYTES - comment;
        if (crl_load_u32(p) == SIG_END && crl_load_u16(p + 20) == comment) {
            *end = size - END_BYTES - comment;
            return true;
        }
    }
    return false;
}

static crl_status find_entry(const uint8_t *file, size_t size, const char *name, entry *e, crl_error *err)
{
    size_t end;
    if (!find_end(file, size, &end)) return crl_fail(err, CRL_ERR_FORMAT, "no zip archive follows the model");
    const size_t directory_bytes = crl_load_u32(file + end + 12), offset = crl_load_u32(file + end + 16);
    if (directory_bytes > end || offset > end - directory_bytes) return broken(err, "its directory leaves the file");
    const size_t name_bytes = strlen(name), base = end - directory_bytes - offset;
    for (size_t at = end - directory_bytes; end - at >= ENTRY_BYTES;) {
        const uint8_t *p = file + at;
        if (crl_load_u32(p) != SIG_ENTRY) return broken(err, "an entry of the directory has no signature");
        const size_t n = crl_load_u16(p + 28), whole = ENTRY_BYTES + n + crl_load_u16(p + 30) + crl_load_u16(p + 32);
        if (whole > end - at) return broken(err, "an entry leaves the directory");
        if (n == name_bytes && !memcmp(p + ENTRY_BYTES, name, n)) {
            *e = (entry){ .flags = crl_load_u16(p + 8), .method = crl_load_u16(p + 10), .crc = crl_load_u32(p + 16),
                          .packed = crl_load_u32(p + 20), .bytes = crl_load_u32(p + 24) };
            const size_t local = crl_load_u32(p + 42);
            if (local > end - base || end - base - local < LOCAL_BYTES) return broken(err, "the file's header is outside");
            e->local = base + local;
            return CRL_OK;
        }
        at += whole;
    }
    return crl_fail(err, CRL_ERR_FORMAT, "the archive at the end of the file has no such entry");
}

/* Source: ISO 3309, the polynomial reversed; four bits at a time. */
static uint32_t crc32(const uint8_t *p, size_t n)
{
    static const uint32_t table[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
        0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    uint32_t crc = ~0u;
    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}

static crl_status unpack(const uint8_t *data, const entry *e, uint8_t *to, crl_error *err)
{
    if (e->method == STORED) {
        if (e->packed != e->bytes) return broken(err, "a stored entry has two sizes");
        memcpy(to, data, e->bytes);
    } else if (!crl_inflate(to, e->bytes, data, e->packed)) {
        return broken(err, "the compressed data make no sense");
    }
    if (crc32(to, e->bytes) != e->crc) return broken(err, "the checksum differs");
    return CRL_OK;
}

crl_status crl_zip_read(const uint8_t *file, size_t size, const char *name, size_t most, char **text, size_t *bytes,
                        crl_error *err)
{
    *text = NULL;
    entry e = { 0 };
    crl_status s = find_entry(file, size, name, &e, err);
    if (s) return s;
    if (e.flags & FLAG_ENCRYPTED) return crl_fail(err, CRL_ERR_UNSUPPORTED, "it is encrypted");
    if (e.method != STORED && e.method != DEFLATED)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "compression method %u; stored and deflated are supported", e.method);
    if (e.bytes > most) return crl_fail(err, CRL_ERR_UNSUPPORTED, "%zu bytes, at most %zu are supported", e.bytes, most);
    const uint8_t *p = file + e.local;
    const size_t header = LOCAL_BYTES + crl_load_u16(p + 26) + crl_load_u16(p + 28);
    if (crl_load_u32(p) != SIG_LOCAL || header > size - e.local || e.packed > size - e.local - header)
        return broken(err, "the file's header and its directory disagree");
    uint8_t *to = crl_alloc(e.bytes + 1);
    if (!to) return crl_fail(err, CRL_ERR_MEMORY, "no memory for %zu bytes", e.bytes);
    s = unpack(p + header, &e, to, err);
    if (s) {
        crl_free(to);
        return s;
    }
    *text = (char *)to;
    *bytes = e.bytes;
    return CRL_OK;
}

static void put_u32(uint8_t *p, size_t v)
{
    for (int i = 0; i < 4; i++) p[i] = (uint8_t)(v >> 8 * i);
}

/* Walks the directory of `bytes` bytes at `at`. The smallest offset of a file in it; or, with `by`, all offsets grow by that.
 * SIZE_MAX: it is broken. */
static size_t walk_directory(uint8_t *change, const uint8_t *directory, size_t bytes, size_t by)
{
    size_t least = bytes ? SIZE_MAX - 1 : SIZE_MAX;
    for (size_t at = 0, whole; at < bytes; at += whole) {
        if (bytes - at < ENTRY_BYTES || crl_load_u32(directory + at) != SIG_ENTRY) return SIZE_MAX;
        const uint8_t *p = directory + at;
        whole = ENTRY_BYTES + (size_t)crl_load_u16(p + 28) + crl_load_u16(p + 30) + crl_load_u16(p + 32);
        if (whole > bytes - at) return SIZE_MAX;
        const size_t local = crl_load_u32(p + 42);
        if (local < least) least = local;
        if (change) put_u32(change + at + 42, local + by);
    }
    return least;
}

size_t crl_zip_move(uint8_t *to, size_t at, const uint8_t *file, size_t size)
{
    size_t end;
    if (!find_end(file, size, &end)) return 0;
    const size_t directory_bytes = crl_load_u32(file + end + 12), offset = crl_load_u32(file + end + 16);
    if (directory_bytes > end || offset > end - directory_bytes) return 0;
    const size_t directory = end - directory_bytes, first = walk_directory(NULL, file + directory, directory_bytes, 0);
    if (first > offset) return 0;
    const size_t begin = directory - offset + first;
    if (to) {
        memcpy(to, file + begin, size - begin);
        walk_directory(to + (directory - begin), file + directory, directory_bytes, at - first);
        put_u32(to + (end - begin) + 16, at + (directory - begin));
    }
    return size - begin;
}

/* What a local header and an entry of the directory have in common: versions, method, date, checksum, sizes. The first of January
 * 1980, for equal files are to have equal bytes. */
static void put_description(uint8_t *p, uint32_t crc, size_t bytes, size_t name_bytes)
{
    const uint8_t fixed[] = { 20, 0, 0, 0, STORED, 0, 0, 0, 33, 0 };
    memcpy(p, fixed, sizeof fixed);
    put_u32(p + 10, crc);
    put_u32(p + 14, bytes);
    put_u32(p + 18, bytes);
    put_u32(p + 22, name_bytes);
}

size_t crl_zip_store(uint8_t *to, size_t at, const char *name, const void *data, size_t bytes)
{
    const size_t n = strlen(name), entry_at = LOCAL_BYTES + n + bytes, end = entry_at + ENTRY_BYTES + n;
    if (!to) return end + END_BYTES;
    const uint32_t crc = crc32(data, bytes);
    memset(to, 0, end + END_BYTES);
    put_u32(to, SIG_LOCAL);
    put_description(to + 4, crc, bytes, n);
    memcpy(to + LOCAL_BYTES, name, n);
    memcpy(to + LOCAL_BYTES + n, data, bytes);
    uint8_t *listed = to + entry_at;
    put_u32(listed, SIG_ENTRY);
    listed[4] = 20;
    put_description(listed + 6, crc, bytes, n);
    put_u32(listed + 42, at);
    memcpy(listed + ENTRY_BYTES, name, n);
    put_u32(to + end, SIG_END);
    to[end + 8] = to[end + 10] = 1;
    put_u32(to + end + 12, ENTRY_BYTES + n);
    put_u32(to + end + 16, at + entry_at);
    return end + END_BYTES;
}
