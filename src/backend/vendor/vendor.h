/* SPDX-License-Identifier: Apache-2.0 */
/* The vendor's runtime as a backend, for devices on the USB and on PCIe: an installed libedgetpu.so.1, by its C interface and that of delegates. For
 * those who trust it more than the driver beside this folder. It can do what it likes to the process: it is known to end it where a stick is
 * pulled out, and to wait for ever. */
#ifndef CRL_BACKEND_VENDOR_VENDOR_H
#define CRL_BACKEND_VENDOR_VENDOR_H

#include "backend/backend.h"

/* A device, as the runtime lists it. */
typedef struct crl_vendor_setup {
    bool pci;
    char path[128]; /* "/sys/bus/usb/devices/2-1.4", "/dev/apex_0" */
} crl_vendor_setup;

/**
 * Finds a device in the runtime's list: "", "usb", "pci" any (of the kind), ":1", "usb:1", "pci:1" the second one, "2-1.4" the one at that place of
 * the USB.
 *
 * Errors       UNSUPPORTED  the runtime is not installed; DEVICE  it lists no such device
 * Environment  CRL_LIBEDGETPU=FILE names the runtime, else it is libedgetpu.so.1 where the system looks
 */
crl_status crl_vendor_find(crl_vendor_setup *setup, const char *name, crl_error *err);

/* The table; `setup` outlives it. */
crl_backend crl_vendor_backend(const crl_vendor_setup *setup);

#endif
