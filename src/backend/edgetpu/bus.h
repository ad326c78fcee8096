/* SPDX-License-Identifier: Apache-2.0 */
/* What Edge TPUs hang on, as a table of functions: the USB (usb_bus.c), PCIe (apex_bus.c).
 *
 * All calls of a chip come from one thread at a time. None lasts longer than some seconds, whatever the chip does. */
#ifndef CRL_BACKEND_EDGETPU_BUS_H
#define CRL_BACKEND_EDGETPU_BUS_H

#include "backend/edgetpu/apex.h"
#include "backend/edgetpu/device.h"
#include "backend/edgetpu/program.h"

/* Where one is. It stays there, whatever becomes of it. */
typedef struct crl_place {
    bool pci;
    int32_t number;    /* on PCIe: of /dev/apex_N */
    crl_usb_place usb; /* on the USB */
} crl_place;

bool crl_same_place(const crl_place *a, const crl_place *b);
/* "bus 2 port 1.4", "PCIe (/dev/apex_0)". */
const char *crl_place_text(char text[CRL_USB_PLACE_TEXT], const crl_place *place);

typedef struct crl_bus crl_bus;

struct crl_bus {
    const void *own; /* its crl_usb or crl_apex_system, by which two tables are told to be of one bus */

    /* Those that are there, in the order of their places; `*n` gets their number, at most `most`. Errors: DEVICE. */
    crl_status (*list)(const crl_bus *bus, crl_place *places, int most, int *n, crl_error *err);
    /* Makes the one at the place ready to work. `*chip` is to be closed after success only. Errors: DEVICE, MEMORY; with the place. */
    crl_status (*open)(const crl_bus *bus, const crl_place *place, const crl_tpu_options *options, void **chip, crl_error *err);
    /* Runs a program once, as crl_stick_run() says; `caching`: what it caches is brought into the chip before. After a failure
     * nothing but start_anew, forget and close. Errors: DEVICE, TIMEOUT, MEMORY. */
    crl_status (*run)(void *chip, const crl_tpu_program *program, bool caching, uint64_t patience, crl_error *err);
    /* What was made of a program for its runs is let go; NULL: nothing is. */
    void (*forget)(void *chip, const crl_tpu_program *program);
    /* After a failure. Nothing is cached any more. Errors: DEVICE, beyond help. */
    crl_status (*start_anew)(void *chip, crl_error *err);
    /* `faulty`: it failed and was not started anew since. The chip is let go in any case. */
    crl_status (*close)(void *chip, bool faulty, crl_error *err);
    void (*sleep)(const crl_bus *bus, unsigned ms);
    uint64_t (*now)(const crl_bus *bus); /* nanoseconds of a clock that only goes forward */
};

crl_bus crl_usb_bus(const crl_usb *usb);
crl_bus crl_apex_bus(const crl_apex_system *system);

#endif
