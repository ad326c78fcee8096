/* SPDX-License-Identifier: Apache-2.0 */
/* Looking for firmware: see firmware.h. */
#include "backend/edgetpu/firmware.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/file.h"

/* Source: usb-traces of the vendor's driver, section 4; sizes also from boards that run it. */
static const struct image {
    size_t size;
    uint32_t crc;
    const char *name;
} images[] = { { 10783, 0x0394d8d3, "apex_latest_single_ep.bin" }, { 12117, 0xd040ee89, "apex_latest_multi_ep.bin" } };

static const char *const folders[] = { "/usr/local/share/corallite", "/usr/share/corallite", "/usr/lib/firmware", "/usr/lib/firmware/google" };

static const char *const libraries[] = {
    "/usr/lib/x86_64-linux-gnu/libedgetpu.so.1", "/usr/lib/aarch64-linux-gnu/libedgetpu.so.1", "/usr/lib/arm-linux-gnueabihf/libedgetpu.so.1",
    "/usr/lib/libedgetpu.so.1", "/usr/local/lib/libedgetpu.so.1",
};

/* CRC-32 by tables: one that adds a byte, and one that takes out the byte that leaves the window. */
typedef struct window {
    uint32_t add[256], remove[256];
} window;

static uint32_t with_byte(const window *w, uint32_t crc, uint8_t byte)
{
    return crc >> 8 ^ w->add[(crc ^ byte) & 0xff];
}

/* Of a sum that begins with 0, not with ones, what a byte adds is the same wherever it stands, and zeros in front add nothing. */
static void make_window(window *w, size_t size)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int k = 0; k < 8; k++) c = c >> 1 ^ (c & 1 ? 0xedb88320u : 0);
        w->add[i] = c;
    }
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = with_byte(w, 0, (uint8_t)i);
        for (size_t k = 0; k < size; k++) c = with_byte(w, c, 0);
        w->remove[i] = c;
    }
}

const uint8_t *crl_firmware_within(const uint8_t *bytes, size_t n, bool separate, size_t *size)
{
    const struct image *image = &images[separate];
    if (n < image->size) return NULL;
    window w;
    make_window(&w, image->size);
    uint32_t ones = 0xffffffffu, crc = 0; /* what the ones that a checksum begins with become behind so many bytes */
    for (size_t i = 0; i < image->size; i++) ones = with_byte(&w, ones, 0);
    const uint32_t want = ~image->crc ^ ones;
    for (size_t i = 0; i < n; i++) {
        crc = with_byte(&w, crc, bytes[i]);
        if (i >= image->size) crc ^= w.remove[bytes[i - image->size]];
        if (i + 1 >= image->size && crc == want) {
            *size = image->size;
            return bytes + i + 1 - image->size;
        }
    }
    return NULL;
}

enum { MOST = 64 << 20 };

/* OK; FORMAT: it is not in there; others: the file cannot be read. */
static crl_status take(crl_firmware *firmware, const char *path, bool separate, crl_error *err)
{
    uint8_t *bytes = NULL;
    size_t n = 0, size = 0;
    const crl_status s = crl_file_read(&bytes, &n, path, MOST, err);
    if (s) return s;
    const uint8_t *found = crl_firmware_within(bytes, n, separate, &size);
    if (found) {
        memmove(bytes, found, size);
        *firmware = (crl_firmware){ bytes, size };
        return CRL_OK;
    }
    crl_free(bytes);
    return crl_fail(err, CRL_ERR_FORMAT, "%.100s: no firmware in it (%s, %zu bytes, known by its checksum)", path, images[separate].name,
                    images[separate].size);
}

/* Whether the file folder/name below the root has it; `from` gets its path. */
static bool take_below(crl_firmware *firmware, char from[CRL_FIRMWARE_PATH], const char *root, const char *folder, const char *name, bool separate)
{
    const int n = snprintf(from, CRL_FIRMWARE_PATH, "%s%s%s%s", root, folder, *name ? "/" : "", name);
    return n > 0 && n < CRL_FIRMWARE_PATH && !take(firmware, from, separate, NULL);
}

crl_status crl_firmware_find_installed(crl_firmware *firmware, char from[CRL_FIRMWARE_PATH], const char *root, bool separate, crl_error *err)
{
    const struct image *image = &images[separate];
    char path[CRL_FIRMWARE_PATH];
    *firmware = (crl_firmware){ NULL, 0 };
    if (!from) from = path;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (take_below(firmware, from, root, folders[i], image->name, separate)) return CRL_OK;
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++)
        if (take_below(firmware, from, root, libraries[i], "", separate)) return CRL_OK;
    return crl_fail(err, CRL_ERR_IO, "it needs firmware: `corallite setup --firmware FILE` installs it from %s, %zu bytes, or any libedgetpu.so.1",
                    image->name, image->size);
}

crl_status crl_firmware_find(crl_firmware *firmware, const char *path, bool separate, crl_error *err)
{
    const char *named = path ? path : getenv("CRL_FIRMWARE");
    *firmware = (crl_firmware){ NULL, 0 };
    if (!named || !*named) return crl_firmware_find_installed(firmware, NULL, "", separate, err);
    return take(firmware, named, separate, err);
}

void crl_firmware_free(crl_firmware *firmware)
{
    crl_free((void *)(uintptr_t)firmware->bytes);
    *firmware = (crl_firmware){ NULL, 0 };
}
