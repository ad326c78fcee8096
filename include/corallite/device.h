/* SPDX-License-Identifier: Apache-2.0 */
/* Edge TPUs on the USB and on PCIe: which there are.
 *
 * An engine for a compiled model finds one by itself (engine.h: CRL_BACKEND_AUTO, CRL_BACKEND_EDGETPU). Here one looks first.
 *
 * Environment  CRL_TPU_CLOCK=max|high|medium|low  the core's clock: 500, 250, 125 or 63 MHz; else the word in CRL_CLOCK_FILE; else
 *                                                 high, as the vendor's standard runtime has it. At max a stick gets hot
 *              CRL_FIRMWARE=FILE                  what sticks need that were just plugged in, or a file that has it inside
 *
 * Threads  Any number may look at once. */
#ifndef CORALLITE_DEVICE_H
#define CORALLITE_DEVICE_H

#include <corallite/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Files that `corallite setup` writes, and that are looked at when a stick is opened. */
#define CRL_CLOCK_FILE "/etc/corallite/clock"
#define CRL_FIRMWARE_FILE "/usr/local/share/corallite/apex_latest_single_ep.bin"

typedef enum crl_device_access {
    CRL_DEVICE_USABLE,
    CRL_DEVICE_FORBIDDEN, /* permissions: a udev rule is missing */
    CRL_DEVICE_UNUSABLE   /* it cannot be opened for another reason */
} crl_device_access;

/* A name of a device that is none: crl_engine_options.device. The instructions of compiled models are executed in software, as far as they are
 * known, without a stick and without a twin; slowly (docs/emulator.md). */
#define CRL_DEVICE_EMULATOR "emulator"

enum { CRL_DEVICE_PLACE = 48 };

typedef struct crl_device {
    char place[CRL_DEVICE_PLACE]; /* "2-1.4": bus and ports, as the kernel names it; it stays where the stick stays. "apex_0" on PCIe */
    uint16_t vendor, product;     /* what it calls itself now: CRL_DEVICE_PCI_VENDOR on PCIe */
    bool has_firmware;            /* it was used since it was plugged in; else it gets its firmware when it is used first. One on PCIe needs none */
    int32_t megabits;             /* of the link to the USB: 5000, 480, 12; 0: not known */
    crl_device_access access;
    int32_t clock_mhz;     /* of its core, once it is opened: 500, 250, 125, 63; 0: what is set up makes no sense */
    intptr_t millidegrees; /* Celsius, of the chip; 0: not known, as on the USB */
    uintptr_t reserved[2]; /* 0 */
} crl_device;

#define CRL_DEVICE_PCI_VENDOR 0x1ac1

/**
 * Lists those on PCIe and then the sticks, each ordered by place.
 *
 * Shapes  `devices` has room for `most` of them; `*n` gets their number, which may be more.
 * Errors  CRL_ERR_UNSUPPORTED  none is on PCIe, and libusb-1.0 is missing, or this build has no USB
 *         CRL_ERR_DEVICE       the bus cannot be listed
 */
CRL_API crl_status crl_devices_list(crl_device *devices, int32_t most, int32_t *n, crl_error *err);

/**
 * Reads the firmware that a stick needs after it was plugged in, which is the vendor's: out of `file`, which is it or has it inside, as
 * libedgetpu.so.1 does; NULL: from where it is looked for when a stick is opened, but for the environment, below the folder `root` (NULL: "/").
 * It is known by its size and checksum.
 *
 * Owner   `*bytes`, `*size` of them, and `*from`, the file that it was in, are the caller's, for free(); NULL after a failure, and each
 *         may be NULL where it is not wanted.
 * Errors  CRL_ERR_IO      it is nowhere, the text says where to get it; or `file` cannot be read
 *         CRL_ERR_FORMAT  it is not in `file`
 *         CRL_ERR_MEMORY
 */
CRL_API crl_status crl_firmware_read(void **bytes, size_t *size, char **from, const char *file, const char *root, crl_error *err);

#ifdef __cplusplus
}
#endif
#endif
