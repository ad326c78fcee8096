/* SPDX-License-Identifier: Apache-2.0 */
/* Firmware for whoever installs it: see include/corallite/device.h. */
#include <corallite/device.h>

#include <stdlib.h>
#include <string.h>

#include "backend/edgetpu/firmware.h"
#include "base/error.h"

/* For free(), as all that the public function gives. */
static void *copy_of(const void *bytes, size_t n)
{
    void *copy = malloc(n);
    if (copy) memcpy(copy, bytes, n);
    return copy;
}

crl_status crl_firmware_read(void **bytes, size_t *size, char **from, const char *file, const char *root, crl_error *err)
{
    char path[CRL_FIRMWARE_PATH];
    crl_firmware found;
    if (bytes) *bytes = NULL;
    if (size) *size = 0;
    if (from) *from = NULL;
    crl_status s = file ? crl_firmware_find(&found, file, false, err)
                        : crl_firmware_find_installed(&found, path, root && strcmp(root, "/") ? root : "", false, err);
    if (s) return s;
    void *image = bytes ? copy_of(found.bytes, found.n) : NULL;
    char *name = from ? copy_of(file ? file : path, strlen(file ? file : path) + 1) : NULL;
    if (size) *size = found.n;
    crl_firmware_free(&found);
    if ((bytes && !image) || (from && !name)) {
        free(image);
        free(name);
        return crl_fail_memory(err, "firmware");
    }
    if (bytes) *bytes = image;
    if (from) *from = name;
    return CRL_OK;
}
