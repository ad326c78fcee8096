/* SPDX-License-Identifier: Apache-2.0 */
/* BMP: Windows and OS/2 bitmaps, 1 to 32 bits a pixel, plain or run-length coded.
 *
 *   file header   "BM", file size, 0, offset of the pixels        (14 bytes)
 *   info header   its size (12: OS/2; 40 and more: Windows), width, height (< 0: top row first), planes,
 *                 bits a pixel, compression, ..., number of colours, ..., masks (in headers of 52 and more)
 *   masks         red, green, blue, with compression 3 and a header of 40
 *   palette       blue, green, red (OS/2), and a byte of nothing (Windows)
 *   pixels        rows from bottom to top, each padded to a multiple of 4 bytes
 *
 * All numbers are little-endian. What is refused or read in more than one way by readers, we read as Pillow does. */
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "vision/vision.h"

enum { PLAIN = 0, RLE8 = 1, RLE4 = 2, MASKS = 3 };

typedef struct bitmap {
    const uint8_t *bytes;
    size_t size;
    size_t pixels; /* where they begin */
    int32_t width, height;
    bool top_down;
    uint32_t bits, compression;
    uint32_t shift[3], most[3]; /* red, green, blue of 16 and 32 bits: (pixel >> shift) & most */
    uint8_t palette[256][3]; /* RGB; black where the file gives none */
} bitmap;

static uint32_t u16(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t u32(const uint8_t *p)
{
    return u16(p) | u16(p + 2) << 16;
}

static crl_status truncated(crl_error *err)
{
    return crl_fail(err, CRL_ERR_FORMAT, "the BMP file is truncated");
}

static void set_masks(bitmap *b, const uint32_t mask[3])
{
    for (int c = 0; c < 3; c++) {
        b->shift[c] = 0;
        while (mask[c] && !(mask[c] >> b->shift[c] & 1)) b->shift[c]++;
        b->most[c] = mask[c] >> b->shift[c];
    }
}

/* Colour masks, after the header or in it. `*at` is where the palette would begin. */
static crl_status read_masks(bitmap *b, uint32_t header, size_t *at, crl_error *err)
{
    set_masks(b, b->bits == 16 ? (const uint32_t[]){ 0x7c00, 0x3e0, 0x1f } : (const uint32_t[]){ 0xff0000, 0xff00, 0xff });
    if (b->compression != MASKS) return CRL_OK;
    if (b->bits < 16)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "BMP file of %u bits a pixel with colour masks", b->bits);
    const size_t from = 14 + 40; /* in either case: a longer header continues with them */
    if (b->size < from + 12) return truncated(err);
    if (header == 40) *at += 12;
    uint32_t m[3], all = 0;
    for (int c = 0; c < 3; c++) {
        m[c] = u32(b->bytes + from + 4 * (size_t)c);
        const uint32_t low = m[c] & (~m[c] + 1);
        if (((m[c] + low) & m[c]) || (all & m[c]) || (b->bits == 16 && m[c] > 0xffff))
            return crl_fail(err, CRL_ERR_UNSUPPORTED, "BMP file with the colour mask 0x%x", m[c]);
        all |= m[c];
    }
    if (all) set_masks(b, m); /* no masks at all: as if there were no compression */
    return CRL_OK;
}

static crl_status read_header(bitmap *b, crl_error *err)
{
    const uint8_t *p = b->bytes;
    if (b->size < 14 + 12) return truncated(err);
    const uint32_t header = u32(p + 14);
    if (header != 12 && header != 40 && header != 52 && header != 56 && header != 64 && header != 108 && header != 124)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "BMP file with a header of %u bytes", header);
    if (b->size - 14 < header) return truncated(err);
    uint32_t colours = 0;
    int64_t width, height;
    if (header == 12) {
        width = u16(p + 18);
        height = u16(p + 20);
        b->bits = u16(p + 24);
        b->compression = PLAIN;
    } else {
        width = u32(p + 18);
        height = (int32_t)u32(p + 22);
        b->top_down = height < 0;
        if (height < 0) height = -height;
        b->bits = u16(p + 28);
        b->compression = u32(p + 30);
        colours = u32(p + 46);
    }
    if (width > INT32_MAX) width = INT32_MAX; /* past the limit; crl_image_init() says so */
    if (height > INT32_MAX) height = INT32_MAX;
    b->width = (int32_t)width;
    b->height = (int32_t)height;

    const uint32_t bits = b->bits, compression = b->compression;
    if (bits != 1 && bits != 4 && bits != 8 && bits != 16 && bits != 24 && bits != 32)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "BMP file of %u bits a pixel; 1, 4, 8, 16, 24 and 32 are accepted", bits);
    if (compression > MASKS || (compression == RLE8 && bits != 8) || (compression == RLE4 && bits != 4))
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "BMP file of %u bits a pixel with compression %u; 0 (none), 1 and 2 "
                        "(run lengths, of 8 and 4 bits) and 3 (masks) are accepted", bits, compression);

    size_t at = 14 + (size_t)header;
    const crl_status s = read_masks(b, header, &at, err);
    if (s) return s;
    b->pixels = u32(p + 10);
    if (bits > 8) {
        if (!b->pixels) b->pixels = at;
        return CRL_OK;
    }
    if (!colours) colours = 1u << bits;
    const size_t entry = header == 12 ? 3 : 4;
    if (colours > 65536 || (b->size - at) / entry < colours)
        return crl_fail(err, CRL_ERR_FORMAT, "BMP file with a palette of %u colours, which it has no room for", colours);
    for (uint32_t i = 0; i < colours && i < 256; i++)
        for (int c = 0; c < 3; c++) b->palette[i][c] = p[at + i * entry + 2 - (size_t)c];
    /* Some writers forget the palette when they say where the pixels are. */
    if (!b->pixels || b->pixels == 14 + (size_t)header) b->pixels = at + entry * colours;
    return CRL_OK;
}

static void row_from_indices(const bitmap *b, uint8_t *to, const uint8_t *from)
{
    const uint32_t bits = b->bits, per_byte = 8 / bits, mask = (1u << bits) - 1;
    for (uint32_t x = 0; x < (uint32_t)b->width; x++, to += 3) {
        const uint32_t shift = 8 - bits * (x % per_byte + 1);
        memcpy(to, b->palette[from[x / per_byte] >> shift & mask], 3);
    }
}

static void row_from_bgr(const bitmap *b, uint8_t *to, const uint8_t *from)
{
    for (int32_t x = 0; x < b->width; x++, to += 3, from += 3) {
        to[0] = from[2];
        to[1] = from[1];
        to[2] = from[0];
    }
}

/* A channel of n bits becomes value * 255 / (2^n - 1), rounded down. */
static void row_from_masks(const bitmap *b, uint8_t *to, const uint8_t *from)
{
    const uint32_t step = b->bits / 8;
    for (int32_t x = 0; x < b->width; x++, to += 3, from += step) {
        const uint32_t pixel = step == 2 ? u16(from) : u32(from);
        for (int c = 0; c < 3; c++) {
            const uint32_t most = b->most[c], value = pixel >> b->shift[c] & most;
            to[c] = (uint8_t)(most == 255 || !most ? value : (uint64_t)value * 255 / most);
        }
    }
}

static uint8_t *row_of(const bitmap *b, crl_image *out, int32_t y)
{
    return out->data + out->stride * (size_t)(b->top_down ? y : b->height - 1 - y);
}

static crl_status read_plain(const bitmap *b, crl_image *out, crl_error *err)
{
    const size_t bytes = ((size_t)b->width * b->bits + 7) / 8, step = (bytes + 3) / 4 * 4;
    /* The padding behind the last row may be missing. */
    if (b->pixels > b->size || b->size - b->pixels < step * (size_t)(b->height - 1) + bytes) return truncated(err);
    const uint8_t *from = b->bytes + b->pixels;
    for (int32_t y = 0; y < b->height; y++, from += step) {
        uint8_t *to = row_of(b, out, y);
        if (b->bits <= 8) row_from_indices(b, to, from);
        else if (b->bits == 24) row_from_bgr(b, to, from);
        else row_from_masks(b, to, from);
    }
    return CRL_OK;
}

/* Run lengths: commands of two bytes, and how far they have got. Pixels that are stepped over have index 0. */
typedef struct runs {
    const bitmap *b;
    uint8_t *index;  /* [n] */
    size_t n, width;
    size_t at;       /* the next command, in the file */
    size_t done, x;  /* pixels; those of the row, and more where literal values went on in the next one */
} runs;

static size_t lesser(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Value i of a pair of 4 bits in turn, the higher one first; of 8 bits, the byte. */
static uint8_t value_of(const runs *r, uint8_t byte, size_t i)
{
    return r->b->compression != RLE4 ? byte : i % 2 ? byte & 15 : byte >> 4;
}

/* n > 0, v: n times v. A run stops at the end of its row. */
static void repeat(runs *r, size_t count, uint8_t byte)
{
    const size_t in_row = r->x < r->width ? r->width - r->x : 0, run = lesser(lesser(count, in_row), r->n - r->done);
    for (size_t i = 0; i < run; i++) r->index[r->done + i] = value_of(r, byte, i);
    r->done += run;
    r->x += run;
}

/* 0, 0. */
static void end_row(runs *r)
{
    r->done = (r->done + r->width - 1) / r->width * r->width;
    r->x = 0;
}

/* 0, 2, x, y: go right and up. */
static crl_status jump(runs *r, crl_error *err)
{
    if (r->b->size - r->at < 2) return truncated(err);
    const size_t step = r->b->bytes[r->at] + r->b->bytes[r->at + 1] * r->width;
    r->at += 2;
    r->done += lesser(step, r->n - r->done);
    r->x = r->done % r->width;
    return CRL_OK;
}

/* 0, n: n values as they are, padded so that the next command is at an even place in the file. They go on in the next row. */
static crl_status copy_values(runs *r, size_t count, crl_error *err)
{
    const bool half = r->b->compression == RLE4;
    const size_t run = lesser(count, r->n - r->done), bytes = half ? (run + 1) / 2 : run;
    if (r->b->size - r->at < bytes) return truncated(err);
    const uint8_t *from = r->b->bytes + r->at;
    for (size_t i = 0; i < run; i++) r->index[r->done + i] = value_of(r, from[half ? i / 2 : i], i);
    r->at += bytes;
    r->at += r->at % 2;
    r->done += run;
    r->x += count;
    return CRL_OK;
}

static crl_status read_runs(const bitmap *b, uint8_t *index, size_t n, crl_error *err)
{
    enum { END_OF_ROW, END, JUMP }; /* behind a 0 */
    runs r = { .b = b, .index = index, .n = n, .width = (size_t)b->width, .at = b->pixels };
    crl_status s = CRL_OK;
    while (!s && r.done < n) {
        if (r.at > b->size || b->size - r.at < 2) return truncated(err);
        const uint8_t count = b->bytes[r.at], value = b->bytes[r.at + 1];
        r.at += 2;
        if (count) repeat(&r, count, value);
        else if (value == END_OF_ROW) end_row(&r);
        else if (value == END) break;
        else if (value == JUMP) s = jump(&r, err);
        else s = copy_values(&r, value, err);
    }
    return s;
}

static crl_status read_compressed(const bitmap *b, crl_image *out, crl_error *err)
{
    const size_t width = (size_t)b->width, n = width * (size_t)b->height;
    uint8_t *index = crl_alloc(n);
    if (!index) return crl_fail_memory(err, "the pixels of a BMP file");
    const crl_status s = read_runs(b, index, n, err);
    for (int32_t y = 0; y < b->height && !s; y++) {
        uint8_t *to = row_of(b, out, y);
        for (size_t x = 0; x < width; x++, to += 3) memcpy(to, b->palette[index[(size_t)y * width + x]], 3);
    }
    crl_free(index);
    return s;
}

crl_status crl_bmp_decode(crl_image *out, const uint8_t *bytes, size_t size, int *orientation, crl_error *err)
{
    (void)orientation; /* BMP has no such tag */
    bitmap b = { .bytes = bytes, .size = size };
    crl_status s = read_header(&b, err);
    if (!s) s = crl_image_init(out, b.width, b.height, 3, err);
    if (s) return s;
    return b.compression == RLE8 || b.compression == RLE4 ? read_compressed(&b, out, err) : read_plain(&b, out, err);
}

static void put16(uint8_t *p, size_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

static void put32(uint8_t *p, size_t v)
{
    put16(p, v);
    put16(p + 2, v >> 16);
}

crl_status crl_bmp_encode(crl_buffer *b, const crl_image *image, const uint8_t *palette, crl_error *err)
{
    const bool indexed = image->channels == 1;
    const size_t width = (size_t)image->width, height = (size_t)image->height;
    const size_t step = (width * (size_t)image->channels + 3) / 4 * 4, pixels = 14 + 40 + (indexed ? 1024 : 0);
    uint8_t head[14 + 40 + 1024] = { 'B', 'M' };
    put32(head + 2, pixels + step * height);
    put32(head + 10, pixels);
    put32(head + 14, 40);
    put32(head + 18, width);
    put32(head + 22, height);
    put16(head + 26, 1);
    put16(head + 28, indexed ? 8 : 24);
    put32(head + 34, step * height);
    put32(head + 38, 2835); /* 72 dots an inch, in dots a metre */
    put32(head + 42, 2835);
    put32(head + 46, indexed ? 256 : 0);
    for (size_t i = 0; indexed && i < 256; i++)
        for (size_t c = 0; c < 3; c++) head[54 + 4 * i + 2 - c] = palette ? palette[3 * i + c] : (uint8_t)i;

    uint8_t *row = crl_alloc(step);
    bool ok = row && crl_buffer_reserve(b, pixels + step * height) && crl_buffer_add(b, head, pixels);
    for (size_t y = height; ok && y-- > 0;) {
        const uint8_t *from = image->data + y * image->stride;
        if (indexed) memcpy(row, from, width);
        else
            for (size_t i = 0; i < 3 * width; i += 3) row[i] = from[i + 2], row[i + 1] = from[i + 1], row[i + 2] = from[i];
        ok = crl_buffer_add(b, row, step);
    }
    crl_free(row);
    return ok ? CRL_OK : crl_fail_memory(err, "a BMP file");
}
