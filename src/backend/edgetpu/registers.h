/* SPDX-License-Identifier: Apache-2.0 */
/* Registers of an Edge TPU behind USB, and what has to stand in them when it begins and ends to work.
 *
 * Addresses 0x1axxx and 0x19xxx have 32 bits, 0x4xxxx 64 (of which control transfers name the low and the high half). After an
 * access has failed, all others do nothing: what was done is looked at once, at the end. */
#ifndef CRL_BACKEND_EDGETPU_REGISTERS_H
#define CRL_BACKEND_EDGETPU_REGISTERS_H

#include <corallite/status.h>

#include "backend/edgetpu/usb.h"

/* Core, AXI and 8051 clock in MHz: 500/250/500, 250/125/500, 125/125/500, 63/125/250. */
typedef enum crl_tpu_clock { CRL_TPU_MAX, CRL_TPU_HIGH, CRL_TPU_MEDIUM, CRL_TPU_LOW } crl_tpu_clock;

typedef struct crl_registers {
    const crl_usb *usb;
    void *handle;
    uint64_t until;   /* by usb->now: what is waited for has to have come */
    crl_status status;
    crl_error *err;   /* of the first failure */
} crl_registers;

uint64_t crl_register_read(crl_registers *r, uint32_t address);
void crl_register_write(crl_registers *r, uint32_t address, uint64_t value);

/* A control transfer, tried five times in all where it fails; a moved length other than setup's is a failure.
 * Source: usb-traces of the vendor's driver, section 4. */
enum { CRL_TPU_TRIES = 5, CRL_TPU_CONTROL_MS = 500 };
crl_usb_result crl_tpu_control(const crl_usb *usb, void *handle, const crl_usb_setup *setup, void *data, unsigned limit_ms,
                               size_t *done);

/* Wakes the chip and sets it to work: clocks, bulk framing, all units running, interrupts on. `separate`: one endpoint for each
 * kind of data out, which other firmware wants. `wide`: the link is SuperSpeed, whose packets are larger.
 * Source: what the vendor's driver writes, recorded. */
crl_status crl_registers_start(crl_registers *r, crl_tpu_clock clock, bool separate, bool wide);
/* The way back: interrupts off, units halted, the chip asleep. */
crl_status crl_registers_stop(crl_registers *r);

/* Run controls of the units of the core and of the tiles, in the order in which they are written; those of the tiles after
 * CRL_TPU_TILE_CONFIG has taken the value CRL_TPU_ALL_TILES. */
enum { CRL_TPU_CORE_UNITS = 5, CRL_TPU_TILE_UNITS = 10, CRL_TPU_TILE_CONFIG = 0x48788, CRL_TPU_ALL_TILES = 0x7f };
enum { CRL_TPU_RUN = 1, CRL_TPU_HALT = 2 }; /* values of run controls */
extern const uint32_t crl_tpu_core_units[CRL_TPU_CORE_UNITS], crl_tpu_tile_units[CRL_TPU_TILE_UNITS];

/* What the interrupt endpoint said, answered: a warning that it is hot is noted and cleared. An error that is fatal is
 * CRL_ERR_DEVICE, with its code. */
crl_status crl_registers_interrupt(crl_registers *r, uint32_t word);

#endif
