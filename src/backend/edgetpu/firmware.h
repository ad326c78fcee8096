/* SPDX-License-Identifier: Apache-2.0 */
/* Firmware for sticks, which is not ours to give away: it is looked for, and known by its size and checksum. */
#ifndef CRL_BACKEND_EDGETPU_FIRMWARE_H
#define CRL_BACKEND_EDGETPU_FIRMWARE_H

#include <corallite/status.h>

#include "backend/edgetpu/dfu.h"

/**
 * Finds the image: in `path` where that is not NULL (nowhere else then), else in $CRL_FIRMWARE, and where that is not
 * set in /usr/local/share/corallite, /usr/share/corallite, /usr/lib/firmware, and inside of the vendor's
 * libedgetpu.so.1 where that is installed. A file may be the image, or anything that has it inside.
 *
 * Owner   firmware->bytes is the caller's, for crl_firmware_free().
 * Errors  IO      none of the files has it; the text names what is missing and where it comes from
 *         MEMORY
 */
crl_status crl_firmware_find(crl_firmware *firmware, const char *path, bool separate, crl_error *err);
enum { CRL_FIRMWARE_PATH = 512 };
/* In those folders below `root` ("" is the system), whatever the environment says; `from`, which may be NULL, gets the file. */
crl_status crl_firmware_find_installed(crl_firmware *firmware, char from[CRL_FIRMWARE_PATH], const char *root, bool separate, crl_error *err);
void crl_firmware_free(crl_firmware *firmware);

/* Where the image is among n bytes; NULL: it is not. */
const uint8_t *crl_firmware_within(const uint8_t *bytes, size_t n, bool separate, size_t *size);

#endif
