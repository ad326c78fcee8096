/* SPDX-License-Identifier: Apache-2.0 */
/* GIF: the first frame, on the whole of its screen, as Pillow has it. Around the frame, and nowhere else, there is
 * the transparent colour, or colour 0; transparent pixels keep their colour; a palette that is a row of greys makes
 * a grey picture; a frame that does not fit makes the screen larger.
 *
 *   header, screen descriptor, palette?, { extension }, frame descriptor, palette?, LZW codes in blocks, ...
 *
 * Source: GIF89a specification, and Pillow 13, GifImagePlugin.py and GifDecode.c, for what it leaves open. */
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "vision/vision.h"

enum { MAX_CODES = 4096 };

typedef struct reader {
    const uint8_t *p;
    size_t left;
    uint32_t bits, n_bits; /* read, but not used */
    size_t block;          /* bytes left of the block of codes */
} reader;

typedef struct frame {
    int32_t x, y, width, height;
    bool interlaced;
    int transparent; /* -1: none */
    bool grey;
    uint8_t palette[256][3];
} frame;

typedef struct table {
    uint16_t link[MAX_CODES]; /* the code of all but the last value */
    uint8_t last[MAX_CODES];
    uint8_t text[MAX_CODES + 1]; /* values of one code, from the end on */
} table;

static crl_status truncated(crl_error *err)
{
    return crl_fail(err, CRL_ERR_FORMAT, "the GIF file is truncated");
}

/* The next n bytes, NULL: there are fewer. */
static const uint8_t *take(reader *r, size_t n)
{
    if (r->left < n) return NULL;
    const uint8_t *p = r->p;
    r->p += n;
    r->left -= n;
    return p;
}

static int32_t read_u16(const uint8_t *p)
{
    return p[0] | p[1] << 8;
}

/* Numbers past the end of a palette are black. */
static bool read_palette(reader *r, int flags, frame *f)
{
    const int32_t n = 2 << (flags & 7);
    const uint8_t *p = take(r, (size_t)n * 3);
    if (!p) return false;
    memset(f->palette, 0, sizeof f->palette);
    memcpy(f->palette, p, (size_t)n * 3);
    f->grey = true;
    for (int32_t i = 0; i < n; i++)
        for (int c = 0; c < 3; c++) f->grey &= f->palette[i][c] == i;
    return true;
}

/* An extension, whose introducer has been read; only the transparent colour is of interest. */
static bool read_extension(reader *r, frame *f)
{
    enum { GRAPHIC_CONTROL = 0xf9 };
    const uint8_t *label = take(r, 1), *n = NULL;
    for (bool first = true; label && (n = take(r, 1)) && *n; first = false) {
        const uint8_t *block = take(r, *n);
        if (!block) return false;
        if (first && *label == GRAPHIC_CONTROL && *n >= 4 && (block[0] & 1)) f->transparent = block[3];
    }
    return n != NULL;
}

/* Everything up to the codes of the first frame. */
static crl_status read_frame(reader *r, int32_t *width, int32_t *height, frame *f, crl_error *err)
{
    const uint8_t *head = take(r, 13);
    if (!head) return truncated(err);
    *width = read_u16(head + 6);
    *height = read_u16(head + 8);
    *f = (frame){ .transparent = -1, .grey = true };
    if (head[10] & 0x80 && !read_palette(r, head[10], f)) return truncated(err);
    for (;;) {
        const uint8_t *kind = take(r, 1);
        if (!kind) return truncated(err);
        if (*kind == ';') return crl_fail(err, CRL_ERR_FORMAT, "the GIF file has no picture");
        if (*kind == '!' && !read_extension(r, f)) return truncated(err);
        if (*kind == ',') break;
    }
    const uint8_t *p = take(r, 9);
    if (!p) return truncated(err);
    f->x = read_u16(p);
    f->y = read_u16(p + 2);
    f->width = read_u16(p + 4);
    f->height = read_u16(p + 6);
    f->interlaced = p[8] & 0x40;
    if (p[8] & 0x80 && !read_palette(r, p[8], f)) return truncated(err);
    if (!f->width || !f->height)
        return crl_fail(err, CRL_ERR_FORMAT, "broken GIF file: a frame of %d x %d pixels", f->width, f->height);
    if (f->x + f->width > *width) *width = f->x + f->width;
    if (f->y + f->height > *height) *height = f->y + f->height;
    return CRL_OK;
}

/* The next code of n bits, lowest first; -1: the file ends. */
static int32_t read_code(reader *r, uint32_t n)
{
    while (r->n_bits < n) {
        if (!r->block) {
            const uint8_t *size = take(r, 1);
            if (!size || r->left < *size) return -1; /* Pillow wants blocks whole, too */
            r->block = *size;
            continue;
        }
        const uint8_t *p = take(r, 1);
        if (!p) return -1;
        r->block--;
        r->bits |= (uint32_t)*p << r->n_bits;
        r->n_bits += 8;
    }
    const int32_t code = (int32_t)(r->bits & ((1u << n) - 1));
    r->bits >>= n;
    r->n_bits -= n;
    return code;
}

/* Where the next pixel goes. Interlaced: rows 0, 8, 16.., then 4, 12.., then 2, 6, 10.., then 1, 3, 5.. */
typedef struct pen {
    uint8_t *start;
    size_t stride;
    int32_t x, y, width, height, step, pass;
} pen;

/* false: the frame is full. */
static bool put(pen *p, const uint8_t *values, size_t n)
{
    static const int32_t first[] = { 0, 4, 2, 1 }, steps[] = { 8, 8, 4, 2 };
    for (size_t i = 0; i < n; i++) {
        p->start[(size_t)p->y * p->stride + (size_t)p->x] = values[i];
        if (++p->x < p->width) continue;
        p->x = 0;
        p->y += p->step;
        while (p->y >= p->height) {
            if (p->step == 1 || p->pass == 3) return false;
            p->y = first[++p->pass];
            p->step = steps[p->pass];
        }
    }
    return true;
}

static crl_status broken_code(int32_t code, crl_error *err)
{
    return crl_fail(err, CRL_ERR_FORMAT, "broken GIF file: code %d stands for nothing yet", code);
}

/* LZW: a code below 2^least is a value; each code adds one to the table, the one before it and this one's first value. */
static crl_status decode(reader *r, pen *p, table *t, crl_error *err)
{
    const uint8_t *least = take(r, 1);
    if (!least) return truncated(err);
    if (*least > 8) return crl_fail(err, CRL_ERR_FORMAT, "broken GIF file: values of %d bits, at most 8 are possible", *least);
    const int32_t clear = 1 << *least, end = clear + 1;
    int32_t next = 0, before = -1;
    uint32_t n = *least + 1u;
    uint8_t first = 0;
    for (;;) {
        int32_t code = read_code(r, n);
        if (code < 0 || code == end) return truncated(err); /* the frame is not full */
        if (code == clear) {
            before = -1;
            n = *least + 1u;
            continue;
        }
        size_t at = MAX_CODES + 1;
        const int32_t whole = code;
        if (before < 0) {
            next = clear + 2;
            if (code > clear) return broken_code(code, err);
        } else {
            if (code > next) return broken_code(code, err);
            if (code == next) t->text[--at] = first, code = before;
        }
        for (; code > clear; code = t->link[code]) t->text[--at] = t->last[code];
        t->text[--at] = first = (uint8_t)code;
        if (before >= 0 && next < MAX_CODES) {
            t->last[next] = first;
            t->link[next] = (uint16_t)before;
            if (next + 1 == 1 << n && n < 12) n++;
            next++;
        }
        before = whole;
        if (!put(p, t->text + at, MAX_CODES + 1 - at)) return CRL_OK;
    }
}

/* Numbers of colours, which lie at the start of the picture's memory, to colours; from the end, to be in nobody's way. */
static void colour(crl_image *image, const frame *f)
{
    size_t i = (size_t)image->width * (size_t)image->height;
    while (i--) memmove(image->data + 3 * i, f->palette[image->data[i]], 3);
}

crl_status crl_gif_decode(crl_image *out, const uint8_t *bytes, size_t size, int *orientation, crl_error *err)
{
    (void)orientation; /* there is no place for one */
    reader r = { .p = bytes, .left = size };
    frame f;
    int32_t width = 0, height = 0;
    crl_status s = read_frame(&r, &width, &height, &f, err);
    if (!s) s = crl_image_init(out, width, height, f.grey ? 1 : 3, err);
    if (s) return s;
    table *t = crl_alloc(sizeof *t);
    if (!t) return crl_fail_memory(err, "a GIF decoder");
    if (f.transparent >= 0) memset(out->data, f.transparent, (size_t)width * (size_t)height);
    pen p = { out->data + (size_t)f.y * (size_t)width + (size_t)f.x, (size_t)width, 0, 0, f.width, f.height,
              f.interlaced ? 8 : 1, 0 };
    s = decode(&r, &p, t, err);
    crl_free(t);
    if (!s && !f.grey) colour(out, &f);
    return s;
}
