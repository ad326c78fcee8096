/* SPDX-License-Identifier: Apache-2.0 */
/* A stick in software, as a transport. It looks at all it is sent, does what real ones were seen to do, and answers with what the
 * models' twins compute:
 *
 *   firmware    it begins in its boot loader, takes an image by DFU and comes back as an application
 *   registers   it sleeps and wakes, runs and halts
 *   programs    chunks are known by their bytes, then every transfer has to be the one that the package says comes next
 *   hangs       data out while output is due, parameters that no program wants, a halt while a program runs: it is dead until
 *               it loses power
 *   faults      at any transfer, on command
 *
 * Source: what public projects saw on devices. Not simulated: programs that get inputs between outputs. */
#ifndef TESTS_SIM_SIM_H
#define TESTS_SIM_SIM_H

#include <corallite/engine.h>

#include "backend/edgetpu/usb.h"

typedef enum sim_fault {
    SIM_NONE,
    SIM_STALL,
    SIM_FAIL,
    SIM_TIMEOUT, /* the transfer ends so, */
    SIM_HANG,    /* or it never ends; and the program goes no further */
    SIM_SHORT,   /* half of it */
    SIM_UNPLUG,  /* it loses power, and is back after a while */
    SIM_FATAL,   /* its interrupt says that all is lost */
    SIM_GARBAGE, /* an event that makes no sense, bytes that nobody asked for */
    SIM_FAULTS
} sim_fault;

typedef struct sim sim;

sim *sim_new(void);
/* No handle is open. */
void sim_free(sim *s);

/* A model that may come: what is inside of its package is what `twin` computes; NULL: the emulator executes the package itself.
 * Both outlive the stick. */
void sim_add(sim *s, const crl_model *compiled, const crl_model *twin, crl_arithmetic arithmetic);

const crl_usb *sim_usb(sim *s);
/* A USB 2 link; before it is opened. */
void sim_set_slow(sim *s, bool slow);

/* Transfers of all kinds, since it was made. */
int sim_transfers(const sim *s);
/* The `at`-th transfer from now on goes wrong. */
void sim_break(sim *s, sim_fault fault, int at);
bool sim_has_broken(const sim *s); /* it came to that */
void sim_plug(sim *s, bool in);
void sim_set_wrong(sim *s, bool wrong); /* a bit of each output is another one */
uint64_t sim_there_since(sim *s); /* when it came back last, 0: it was always there; now, where it is away */

/* The first rule that the driver broke; "": none. */
const char *sim_complaint(const sim *s);
bool sim_is_dead(const sim *s);
int sim_programs(const sim *s); /* that ran to their end */
size_t sim_sent(const sim *s);  /* bytes that went to it in bulk */
int sim_handles(const sim *s);  /* open ones */
int sim_divider(const sim *s);  /* of its clock when it last woke, as the register has it: 0 is 500 MHz, 1 is 250; -1: it never did */

/* From now on time is the system's, and waiting takes it. */
void sim_set_real(sim *s);
uint64_t sim_now(void *s);
void sim_wait(sim *s, unsigned ms);

#endif
