/* SPDX-License-Identifier: Apache-2.0 */
/* What files are: see kind.h. */
#include "base/kind.h"

#include <stdbool.h>
#include <string.h>

/* How a file of a kind begins; more than one row may lead to it. `second` follows at 8, or is NULL. */
typedef struct magic {
    size_t at;
    const char *bytes;
    size_t n;
    const char *second;
    crl_kind kind;
} magic;

#define UNPACK "unpack it first"
#define FRAMES "take single pictures out of it, with ffmpeg for one"
#define HEIC { "a HEIC picture", "HEIC pictures", NULL, CRL_KIND_PICTURE }
#define TIFF { "a TIFF picture or a camera's raw file", "TIFF pictures or raw files", NULL, CRL_KIND_PICTURE }
#define MPEG { "an MPEG video", "MPEG videos", FRAMES, CRL_KIND_VIDEO }

static const magic magics[] = {
    { 0, "version https://git-lfs", 23, NULL,
      { "a Git LFS pointer, not the file itself", "Git LFS pointers", "run \"git lfs pull\"", CRL_KIND_OTHER } },
    { 0, "PK\3\4", 4, NULL, { "a zip archive", "zip archives", UNPACK, CRL_KIND_OTHER } },
    { 0, "\x1f\x8b", 2, NULL, { "a gzip archive", "gzip archives", UNPACK, CRL_KIND_OTHER } },
    { 0, "BZh", 3, NULL, { "a bzip2 archive", "bzip2 archives", UNPACK, CRL_KIND_OTHER } },
    { 0, "\xfd" "7zXZ", 5, NULL, { "an xz archive", "xz archives", UNPACK, CRL_KIND_OTHER } },
    { 0, "7z\xbc\xaf", 4, NULL, { "a 7-Zip archive", "7-Zip archives", UNPACK, CRL_KIND_OTHER } },
    { 0, "Rar!", 4, NULL, { "a RAR archive", "RAR archives", UNPACK, CRL_KIND_OTHER } },
    { 0, "\x28\xb5\x2f\xfd", 4, NULL, { "a zstd archive", "zstd archives", UNPACK, CRL_KIND_OTHER } },
    { 4, "TFL3", 4, NULL, { "a TensorFlow Lite model", "TensorFlow Lite models", NULL, CRL_KIND_OTHER } },
    { 0, "\x89HDF", 4, NULL, { "an HDF5 file (Keras weights)", "HDF5 files", NULL, CRL_KIND_OTHER } },
    { 0, "\x93NUMPY", 6, NULL, { "a NumPy array", "NumPy arrays", NULL, CRL_KIND_OTHER } },
    { 0, "\x7f" "ELF", 4, NULL, { "a program", "programs", NULL, CRL_KIND_OTHER } },
    { 0, "%PDF", 4, NULL, { "a PDF document", "PDF documents", NULL, CRL_KIND_OTHER } },
    { 0, "\xff\xd8\xff", 3, NULL, { "a JPEG picture", "JPEG pictures", NULL, CRL_KIND_PICTURE } },
    { 0, "\x89PNG", 4, NULL, { "a PNG picture", "PNG pictures", NULL, CRL_KIND_PICTURE } },
    { 0, "GIF8", 4, NULL, { "a GIF picture", "GIF pictures", NULL, CRL_KIND_PICTURE } },
    { 0, "RIFF", 4, "WEBP", { "a WebP picture", "WebP pictures", NULL, CRL_KIND_PICTURE } },
    { 0, "BM", 2, NULL, { "a BMP picture", "BMP pictures", NULL, CRL_KIND_PICTURE } },
    { 4, "ftyphei", 7, NULL, HEIC }, { 4, "ftyphev", 7, NULL, HEIC }, { 4, "ftypmif1", 8, NULL, HEIC },
    { 4, "ftypmsf1", 8, NULL, HEIC },
    { 4, "ftypavi", 7, NULL, { "an AVIF picture", "AVIF pictures", NULL, CRL_KIND_PICTURE } },
    { 0, "II*\0", 4, NULL, TIFF }, { 0, "MM\0*", 4, NULL, TIFF }, { 0, "II+\0", 4, NULL, TIFF }, { 0, "MM\0+", 4, NULL, TIFF },
    { 4, "ftypcrx", 7, NULL, { "a camera's raw file", "raw files", NULL, CRL_KIND_PICTURE } },
    { 4, "jP  \r\n", 6, NULL, { "a JPEG 2000 picture", "JPEG 2000 pictures", NULL, CRL_KIND_PICTURE } },
    { 4, "JXL \r\n", 6, NULL, { "a JPEG XL picture", "JPEG XL pictures", NULL, CRL_KIND_PICTURE } },
    { 0, "\xff\x0a", 2, NULL, { "a JPEG XL picture", "JPEG XL pictures", NULL, CRL_KIND_PICTURE } },
    { 0, "8BPS", 4, NULL, { "a Photoshop picture", "Photoshop pictures", NULL, CRL_KIND_PICTURE } },
    { 0, "gimp xcf", 8, NULL, { "a GIMP picture", "GIMP pictures", NULL, CRL_KIND_PICTURE } },
    { 0, "\0\0\1\0", 4, NULL, { "an icon (ICO)", "icons", NULL, CRL_KIND_PICTURE } },
    { 0, "P7\n", 3, NULL, { "a PAM picture", "PAM pictures", NULL, CRL_KIND_PICTURE } },
    { 0, "qoif", 4, NULL, { "a QOI picture", "QOI pictures", NULL, CRL_KIND_PICTURE } },
    { 0, "\x76\x2f\x31\x01", 4, NULL, { "an OpenEXR picture", "OpenEXR pictures", NULL, CRL_KIND_PICTURE } },
    { 0, "RIFF", 4, "AVI ", { "an AVI video", "AVI videos", FRAMES, CRL_KIND_VIDEO } },
    { 4, "ftyp", 4, NULL, { "an MP4 or QuickTime video", "MP4 or QuickTime videos", FRAMES, CRL_KIND_VIDEO } },
    { 0, "\x1a\x45\xdf\xa3", 4, NULL, { "a Matroska or WebM video", "Matroska or WebM videos", FRAMES, CRL_KIND_VIDEO } },
    { 0, "\0\0\1\xba", 4, NULL, MPEG }, { 0, "\0\0\1\xb3", 4, NULL, MPEG },
};

static const crl_kind empty = { "an empty file", "empty files", NULL, CRL_KIND_OTHER };
static const crl_kind html = { "a web page", "web pages", "the download went wrong", CRL_KIND_OTHER };
static const crl_kind svg = { "an SVG drawing", "SVG drawings", NULL, CRL_KIND_PICTURE };
static const crl_kind text = { "a text file", "text files", NULL, CRL_KIND_TEXT };

enum { ENOUGH = 512 };

/* Compares without case, as long as `word` is. */
static bool begins(const uint8_t *p, size_t n, const char *word)
{
    size_t i = 0;
    for (; word[i] && i < n; i++)
        if ((p[i] >= 'A' && p[i] <= 'Z' ? p[i] + ('a' - 'A') : p[i]) != word[i]) return false;
    return !word[i];
}

static bool has_svg(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (begins(p + i, n - i, "<svg")) return true;
    return false;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_text(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((p[i] < 0x20 && !is_blank(p[i]) && p[i] != '\f' && p[i] != 0x1b) || p[i] == 0x7f) return false;
    return true;
}

const crl_kind *crl_kind_of(const uint8_t *bytes, size_t size)
{
    if (!size) return &empty;
    const size_t n = size < ENOUGH ? size : ENOUGH;
    for (size_t k = 0; k < sizeof magics / sizeof magics[0]; k++) {
        const magic *m = &magics[k];
        if (m->n == 2 && is_text(bytes, n)) continue; /* "BMW" may well begin a list */
        if (n >= m->at + m->n && !memcmp(bytes + m->at, m->bytes, m->n) &&
            (!m->second || (n >= 12 && !memcmp(bytes + 8, m->second, 4))))
            return &m->kind;
    }
    size_t at = n >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3) ? 3 : 0;
    while (at < n && is_blank(bytes[at])) at++;
    if (begins(bytes + at, n - at, "<svg") || ((begins(bytes + at, n - at, "<?xml") || begins(bytes + at, n - at, "<!--") ||
                                                begins(bytes + at, n - at, "<!doctype svg")) && has_svg(bytes, n)))
        return &svg;
    static const char *const tags[] = { "<!doctype", "<html", "<head", "<?xml" };
    for (size_t k = 0; k < sizeof tags / sizeof tags[0]; k++)
        if (begins(bytes + at, n - at, tags[k])) return &html;
    return is_text(bytes, n) ? &text : NULL;
}
