/* SPDX-License-Identifier: Apache-2.0 */
/* Edge TPUs on the USB: which there are.
 *
 * An engine for a compiled model finds one by itself (engine.h: CRL_BACKEND_AUTO, CRL_BACKEND_EDGETPU). Here one looks first.
 *
 * Environment  CRL_TPU_CLOCK=max|high|medium|low  the core's clock: 500, 250, 125 or 63 MHz; else the word in /etc/corallite/clock; else
 *                                                 high, as the vendor's standard runtime has it. At max a stick gets hot
 *              CRL_FIRMWARE=FILE                  what sticks need that were just plugged in, or a file that has it inside
 *
 * Threads  Any number may look at once. */
#ifndef CORALLITE_DEVICE_H
#define CORALLITE_DEVICE_H

#include <corallite/status.h>

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum crl_device_access {
    CRL_DEVICE_USABLE,
    CRL_DEVICE_FORBIDDEN, /* permissions: a udev rule is missing */
    CRL_DEVICE_UNUSABLE   /* it cannot be opened for another reason */
} crl_device_access;

enum { CRL_DEVICE_PLACE = 48 };

typedef struct crl_device {
    char place[CRL_DEVICE_PLACE]; /* "2-1.4": bus and ports, as the kernel names it; it stays where the stick stays */
    uint16_t vendor, product;     /* what it calls itself now */
    bool has_firmware;            /* it was used since it was plugged in; else it gets its firmware when it is used first */
    int32_t megabits;             /* of the link: 5000, 480, 12; 0: not known */
    crl_device_access access;
    uintptr_t reserved[4]; /* 0 */
} crl_device;

/**
 * Lists the sticks, ordered by place.
 *
 * Shapes  `devices` has room for `most` of them; `*n` gets their number, which may be more.
 * Errors  CRL_ERR_UNSUPPORTED  libusb-1.0 is missing, or this build has no USB
 *         CRL_ERR_DEVICE       the bus cannot be listed
 */
CRL_API crl_status crl_devices_list(crl_device *devices, int32_t most, int32_t *n, crl_error *err);

#ifdef __cplusplus
}
#endif
#endif
