/* SPDX-License-Identifier: Apache-2.0 */
/* Firmware into a stick that has none: USB Device Firmware Upgrade 1.1, of which the boot loader speaks what is needed. */
#ifndef CRL_BACKEND_EDGETPU_DFU_H
#define CRL_BACKEND_EDGETPU_DFU_H

#include <corallite/status.h>

#include "backend/edgetpu/usb.h"

typedef struct crl_firmware {
    const uint8_t *bytes;
    size_t n;
} crl_firmware;

/* Sends the image in blocks as large as the device says, asks after each whether it is well, and reads all back. On success the
 * device waits for a reset of its port. The interface that is claimed for it is released in any case.
 * Errors  DEVICE  a transfer failed, the device is not content, or what came back is another image */
crl_status crl_dfu_download(const crl_usb *usb, void *handle, const crl_firmware *firmware, crl_error *err);

/* Sends an application to its boot loader: it is there after a reset of the port. */
crl_status crl_dfu_detach(const crl_usb *usb, void *handle, crl_error *err);

#endif
