/* SPDX-License-Identifier: Apache-2.0 */
/* Telling what a file is that is no model: by its first bytes. */
#include "model/sniff.h"

#include <stdbool.h>
#include <string.h>

static const struct {
    const char *magic;
    size_t bytes;
    const char *what;
} kinds[] = {
    { "version https://git-lfs", 23, "a Git LFS pointer, not the file itself: run \"git lfs pull\"" },
    { "PK\3\4", 4, "a zip archive: unpack it first" },
    { "\x1f\x8b", 2, "a gzip archive: unpack it first" },
    { "BZh", 3, "a bzip2 archive: unpack it first" },
    { "\xfd" "7zXZ", 5, "an xz archive: unpack it first" },
    { "\x28\xb5\x2f\xfd", 4, "a zstd archive: unpack it first" },
    { "\x89HDF", 4, "an HDF5 file (Keras weights): convert it to TensorFlow Lite" },
    { "\x89PNG", 4, "a PNG picture" },
    { "\xff\xd8\xff", 3, "a JPEG picture" },
    { "GIF8", 4, "a GIF picture" },
    { "BM", 2, "a BMP picture" },
    { "%PDF", 4, "a PDF document" },
    { "\x7f" "ELF", 4, "a program" },
    { "\x93NUMPY", 6, "a NumPy array" },
};

static bool begins_with_html(const uint8_t *bytes, size_t size)
{
    static const char *const tags[] = { "<!doctype", "<html", "<head", "<?xml" };
    size_t at = 0;
    while (at < size && strchr(" \t\r\n", bytes[at]) && bytes[at]) at++;
    for (size_t k = 0; k < sizeof tags / sizeof tags[0]; k++) {
        size_t i = 0;
        while (tags[k][i] && at + i < size) {
            const uint8_t c = bytes[at + i];
            if ((c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c) != tags[k][i]) break;
            i++;
        }
        if (!tags[k][i]) return true;
    }
    return false;
}

static bool looks_like_text(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size && i < 512; i++)
        if ((bytes[i] < 0x20 && !strchr("\t\r\n\f\x1b", bytes[i])) || !bytes[i] || bytes[i] == 0x7f) return false;
    return true;
}

crl_status crl_sniff(const uint8_t *bytes, size_t size, crl_error *err)
{
    static const char missing[] = "no TensorFlow Lite model (the bytes \"TFL3\" are missing at 4)";
    if (!size) return crl_fail(err, CRL_ERR_FORMAT, "the file is empty");
    if (size >= 8 && !memcmp(bytes + 4, "TFL3", 4)) return CRL_OK;
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
        if (size >= kinds[k].bytes && !memcmp(bytes, kinds[k].magic, kinds[k].bytes))
            return crl_fail(err, CRL_ERR_FORMAT, "%s; this is %s", missing, kinds[k].what);
    if (begins_with_html(bytes, size))
        return crl_fail(err, CRL_ERR_FORMAT, "%s; this is a web page, the download went wrong", missing);
    if (looks_like_text(bytes, size)) return crl_fail(err, CRL_ERR_FORMAT, "%s; this is a text file", missing);
    if (size < 8) return crl_fail(err, CRL_ERR_FORMAT, "no TensorFlow Lite model: %zu bytes are too few", size);
    return crl_fail(err, CRL_ERR_FORMAT, "%s", missing);
}
