/* SPDX-License-Identifier: Apache-2.0 */
/* Which way up a picture is: the orientation tag of EXIF data, or of XMP. EXIF data are a TIFF file without a picture:
 *
 *   "II" or "MM" (byte order), 42, offset of the first directory
 *   directory: number of entries, then for each: tag, type, count, value or offset of it (2, 2, 4, 4 bytes)
 *
 * and begin with "Exif\0\0" in some places. XMP is XML: tiff:Orientation="6" or <tiff:Orientation>6</tiff:Orientation>.
 *
 * Source: Exif 2.32, CIPA DC-008; XMP Specification, part 2. */
#include <string.h>

#include "vision/vision.h"

typedef struct reader {
    const uint8_t *p;
    size_t size;
    bool big_endian;
} reader;

static bool read_u16(const reader *r, size_t at, uint32_t *v)
{
    if (at > r->size || r->size - at < 2) return false;
    const uint8_t *p = r->p + at;
    *v = r->big_endian ? (uint32_t)(p[0] << 8 | p[1]) : (uint32_t)(p[1] << 8 | p[0]);
    return true;
}

static bool read_u32(const reader *r, size_t at, uint32_t *v)
{
    uint32_t a, b;
    if (!read_u16(r, at, &a) || !read_u16(r, at + 2, &b)) return false;
    *v = r->big_endian ? a << 16 | b : b << 16 | a;
    return true;
}

int crl_exif_orientation(const uint8_t *tiff, size_t size)
{
    enum { TAG = 0x0112, SHORT = 3, LONG = 4, ENTRY = 12, UPRIGHT = 1 };
    while (size >= 6 && !memcmp(tiff, "Exif\0", 6)) tiff += 6, size -= 6;
    if (size < 8 || tiff[0] != tiff[1] || (tiff[0] != 'I' && tiff[0] != 'M')) return 0;
    const reader r = { tiff, size, tiff[0] == 'M' };
    uint32_t magic, directory, entries;
    if (!read_u16(&r, 2, &magic) || magic != 42) return 0;
    if (!read_u32(&r, 4, &directory) || !read_u16(&r, directory, &entries)) return 0;
    for (uint32_t i = 0; i < entries; i++) {
        const size_t at = (size_t)directory + 2 + (size_t)i * ENTRY;
        uint32_t tag, type, count, value;
        if (!read_u16(&r, at, &tag) || !read_u16(&r, at + 2, &type) || !read_u32(&r, at + 4, &count)) return 0;
        if (tag != TAG) continue;
        if (count != 1 || (type != SHORT && type != LONG)) return UPRIGHT;
        const bool got = type == SHORT ? read_u16(&r, at + 8, &value) : read_u32(&r, at + 8, &value);
        return got && value >= 1 && value <= 8 ? (int)value : UPRIGHT;
    }
    return 0;
}

int crl_xmp_orientation(const uint8_t *xml, size_t size)
{
    static const char name[] = "tiff:Orientation";
    const size_t n = sizeof name - 1;
    for (size_t i = 0; i + n + 1 < size; i++) {
        if (xml[i] != 't' || memcmp(xml + i, name, n)) continue;
        const uint8_t *p = xml + i + n, *end = xml + size;
        if (*p == '=' && (p[1] == '"' || p[1] == '\'')) p++;
        else if (*p != '>') continue;
        if (++p < end && *p >= '1' && *p <= '8') return *p - '0';
    }
    return 0;
}
