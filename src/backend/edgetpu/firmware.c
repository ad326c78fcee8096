/* SPDX-License-Identifier: Apache-2.0 */
/* Looking for firmware: see firmware.h. */
#include "backend/edgetpu/firmware.h"

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

/* Whether the file has it; what cannot be read does not. */
static bool take(crl_firmware *firmware, const char *path, bool separate)
{
    enum { MOST = 64 << 20 };
    uint8_t *bytes = NULL;
    size_t n = 0, size = 0;
    if (crl_file_read(&bytes, &n, path, MOST, NULL)) return false;
    const uint8_t *found = crl_firmware_within(bytes, n, separate, &size);
    if (found) {
        memmove(bytes, found, size);
        *firmware = (crl_firmware){ bytes, size };
        return true;
    }
    crl_free(bytes);
    return false;
}

static bool take_anywhere(crl_firmware *firmware, bool separate)
{
    const char *named = getenv("CRL_FIRMWARE");
    if (named && *named) return take(firmware, named, separate);
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        char path[256] = "";
        strncat(path, folders[i], sizeof path - 1);
        strncat(path, "/", sizeof path - strlen(path) - 1);
        strncat(path, images[separate].name, sizeof path - strlen(path) - 1);
        if (take(firmware, path, separate)) return true;
    }
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++)
        if (take(firmware, libraries[i], separate)) return true;
    return false;
}

crl_status crl_firmware_find(crl_firmware *firmware, const char *path, bool separate, crl_error *err)
{
    const struct image *image = &images[separate];
    *firmware = (crl_firmware){ NULL, 0 };
    if (path ? take(firmware, path, separate) : take_anywhere(firmware, separate)) return CRL_OK;
    return crl_fail(err, CRL_ERR_IO, "the stick needs firmware, %s of %zu bytes, which is the vendor's: it is in any libedgetpu.so.1, and in the "
                    "driver folder of google-coral/libedgetpu; `corallite setup --firmware FILE` installs it from either", image->name, image->size);
}

void crl_firmware_free(crl_firmware *firmware)
{
    crl_free((void *)(uintptr_t)firmware->bytes);
    *firmware = (crl_firmware){ NULL, 0 };
}
