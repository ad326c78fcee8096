/* SPDX-License-Identifier: Apache-2.0 */
/* A stick, from its place on the bus to one that works, and back. */
#ifndef CRL_BACKEND_EDGETPU_DEVICE_H
#define CRL_BACKEND_EDGETPU_DEVICE_H

#include "backend/edgetpu/dfu.h"
#include "backend/edgetpu/registers.h"

/* What it is: without firmware, or with. */
enum { CRL_TPU_BOOT_VENDOR = 0x1a6e, CRL_TPU_BOOT_PRODUCT = 0x089a, CRL_TPU_VENDOR = 0x18d1, CRL_TPU_PRODUCT = 0x9302 };

bool crl_tpu_is_boot(const crl_usb_place *place);
bool crl_tpu_is_ready(const crl_usb_place *place); /* has its firmware */

typedef struct crl_tpu_options {
    crl_tpu_clock clock;
    bool separate;         /* an endpoint for each kind of data out; `firmware` is made for it */
    bool firmware_anew;    /* also where it has some */
    crl_firmware firmware; /* n 0: none is at hand, which is an error only where it is needed */
    const char *no_firmware; /* the sentence then */
    uint64_t token;        /* of the model that is to run, where no stick is named: one that runs it is taken rather than another; 0: not known */
    bool here;             /* what takes long is done by who asks for it, not by a thread (stick.h) */
} crl_tpu_options;

typedef struct crl_tpu {
    const crl_usb *usb;
    void *handle;
    crl_usb_place place;
    bool wide;     /* a SuperSpeed link */
    bool separate;
} crl_tpu;

/* All sticks on the bus, in either identity, in the order of their places; `*n` gets their number, at most `most`. */
crl_status crl_tpu_list(const crl_usb *usb, crl_usb_place *places, int most, int *n, crl_error *err);

/**
 * Makes the stick at a place ready to work: firmware where it has none, a reset of the port, the registers. Takes up to some
 * seconds, most of which the stick needs to come back to the bus; no single wait is longer than 4 s.
 *
 * Owner   `*tpu` is the caller's memory, to be closed after success only. `usb` outlives it.
 * Errors  DEVICE  with the place, and the cure
 * Source  the vendor's driver, recorded: usb-traces sections 4 and 5. It waits a fixed second at each step; this asks the bus.
 */
crl_status crl_tpu_open(crl_tpu *tpu, const crl_usb *usb, const crl_usb_place *place, const crl_tpu_options *options, crl_error *err);

/* Puts the stick to sleep and lets go of it, also where that fails. No transfer is pending. */
crl_status crl_tpu_close(crl_tpu *tpu, crl_error *err);
/* Lets go of it as it is. */
void crl_tpu_leave(crl_tpu *tpu);

#endif
