/* SPDX-License-Identifier: Apache-2.0 */
/* PBM, PGM and PPM, as digits and as bytes:
 *
 *   P1 P4 bits, 1 is black      P2 P5 grey      P3 P6 RGB         P1 to P3: numbers as digits
 *   "P5", width, height, highest value (not in P1 and P4), one white byte, pixels from the top left
 *
 * '#' begins a comment that goes to the end of the line. Values scale to 0..255, rounded; with a highest value
 * above 255, grey scales to 0..65535 and is cut at 255, which is what Pillow makes of such a file. */
#include <math.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/error.h"
#include "vision/vision.h"

typedef struct reader {
    const uint8_t *p, *end;
} reader;

static bool is_white(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static void skip_white(reader *r)
{
    while (r->p < r->end && (is_white(*r->p) || *r->p == '#')) {
        if (*r->p != '#') r->p++;
        else
            while (r->p < r->end && *r->p != '\n' && *r->p != '\r') r->p++;
    }
}

static crl_status truncated(crl_error *err)
{
    return crl_fail(err, CRL_ERR_FORMAT, "the PNM file is truncated");
}

static crl_status read_number(reader *r, uint32_t *v, const char *what, crl_error *err)
{
    skip_white(r);
    if (r->p == r->end) return truncated(err);
    const uint8_t *start = r->p;
    *v = 0;
    for (; r->p < r->end && *r->p >= '0' && *r->p <= '9'; r->p++) {
        if (*v > 99999999) return crl_fail(err, CRL_ERR_FORMAT, "broken PNM file: the %s has too many digits", what);
        *v = *v * 10 + (uint32_t)(*r->p - '0');
    }
    if (r->p == start || (r->p < r->end && !is_white(*r->p) && *r->p != '#'))
        return crl_fail(err, CRL_ERR_FORMAT, "broken PNM file: byte 0x%02x in place of the %s", *r->p, what);
    return CRL_OK;
}

/* A sample of `kind` (the digit behind P) as a byte, for all samples that a file with that highest value can hold. */
static void fill_table(uint8_t table[65536], int kind, uint32_t most)
{
    const uint32_t n = most > 255 ? 65536 : 256;
    const double full = most > 255 && (kind == 2 || kind == 5) ? 65535.0 : 255.0;
    for (uint32_t v = 0; v < n; v++) {
        const double scaled = nearbyint((double)v / most * full); /* ties to even */
        table[v] = (uint8_t)(scaled < 255.0 ? scaled : 255.0);
    }
}

static crl_status read_bits(crl_image *out, reader *r, int kind, crl_error *err)
{
    const size_t width = (size_t)out->width, step = (width + 7) / 8;
    if (kind == 4 && (size_t)(r->end - r->p) < step * (size_t)out->height) return truncated(err);
    for (int32_t y = 0; y < out->height; y++) {
        uint8_t *to = out->data + (size_t)y * out->stride;
        for (size_t x = 0; x < width; x++) {
            if (kind == 4) {
                to[x] = r->p[x / 8] << x % 8 & 0x80 ? 0 : 255;
                continue;
            }
            skip_white(r);
            if (r->p == r->end) return truncated(err);
            if (*r->p != '0' && *r->p != '1')
                return crl_fail(err, CRL_ERR_FORMAT, "broken PNM file: byte 0x%02x in place of a bit", *r->p);
            to[x] = *r->p++ == '1' ? 0 : 255;
        }
        if (kind == 4) r->p += step;
    }
    return CRL_OK;
}

static crl_status read_samples(crl_image *out, reader *r, int kind, uint32_t most, const uint8_t *table, crl_error *err)
{
    const size_t n = out->stride * (size_t)out->height, bytes = most > 255 ? 2 : 1; /* rows lie end to end */
    if (kind < 4) {
        for (size_t i = 0; i < n; i++) {
            uint32_t v;
            const crl_status s = read_number(r, &v, "value of a pixel", err);
            if (s) return s;
            if (v > most)
                return crl_fail(err, CRL_ERR_FORMAT, "broken PNM file: pixel value %u; the highest is said to be %u", v, most);
            out->data[i] = table[v];
        }
        return CRL_OK;
    }
    if ((size_t)(r->end - r->p) < n * bytes) return truncated(err);
    for (size_t i = 0; i < n; i++, r->p += bytes) out->data[i] = table[bytes == 1 ? r->p[0] : r->p[0] << 8 | r->p[1]];
    return CRL_OK;
}

crl_status crl_pnm_decode(crl_image *out, const uint8_t *bytes, size_t size, int *orientation, crl_error *err)
{
    (void)orientation; /* PNM has no such tag */
    reader r = { bytes + 2, bytes + size };
    const int kind = bytes[1] - '0';
    const bool bits = kind == 1 || kind == 4;
    if (r.p < r.end && !is_white(*r.p)) return crl_fail(err, CRL_ERR_FORMAT, "not a PNM file: \"P%d\" goes on", kind);
    uint32_t width, height, most = 1;
    crl_status s = read_number(&r, &width, "width", err);
    if (!s) s = read_number(&r, &height, "height", err);
    if (!s && !bits) s = read_number(&r, &most, "highest value", err);
    if (s) return s;
    if (most < 1 || most > 65535)
        return crl_fail(err, CRL_ERR_FORMAT, "PNM file whose highest value is %u; 1 to 65535 are accepted", most);
    if (r.p < r.end) r.p++; /* the one white byte */
    s = crl_image_init(out, (int32_t)width, (int32_t)height, kind == 3 || kind == 6 ? 3 : 1, err);
    if (s) return s;
    if (bits) return read_bits(out, &r, kind, err);
    uint8_t *table = crl_alloc(65536);
    if (!table) return crl_fail_memory(err, "a table of pixel values");
    fill_table(table, kind, most);
    s = read_samples(out, &r, kind, most, table, err);
    crl_free(table);
    return s;
}

crl_status crl_pnm_encode(crl_buffer *b, const crl_image *image, const uint8_t *palette, crl_error *err)
{
    (void)palette; /* PNM has none: the caller gives colours */
    char head[48];
    const int n = snprintf(head, sizeof head, "P%d\n%d %d\n255\n", image->channels == 1 ? 5 : 6, image->width, image->height);
    const size_t bytes = (size_t)image->width * (size_t)image->channels;
    bool ok = crl_buffer_reserve(b, (size_t)n + bytes * (size_t)image->height) && crl_buffer_add(b, head, (size_t)n);
    for (int32_t y = 0; y < image->height && ok; y++) ok = crl_buffer_add(b, image->data + (size_t)y * image->stride, bytes);
    return ok ? CRL_OK : crl_fail_memory(err, "a PNM file");
}
