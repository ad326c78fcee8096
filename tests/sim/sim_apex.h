/* SPDX-License-Identifier: Apache-2.0 */
/* The same chip on PCIe: /dev/apex_0 with its kernel driver in software, as a table of functions. It holds the driver above it to what the
 * kernel's takes and the chip needs:
 *
 *   calls      their numbers and structs; pages, directions, ranges of the page table; memory that is unmapped before the file is closed
 *   registers  the order of what sets the chip to work and stops it
 *   memory     the chip sees of a buffer what was in it when it was mapped, and the process what the chip wrote once it is unmapped:
 *              a machine whose caches know nothing of the bus
 *   programs   chunks in order, with addresses in them behind which the right parameters, inputs and outputs are */
#ifndef TESTS_SIM_SIM_APEX_H
#define TESTS_SIM_SIM_APEX_H

#include "backend/edgetpu/apex.h"
#include "sim.h"

typedef struct sim_apex sim_apex;

/* `s` outlives it: its time, its faults, its models. */
sim_apex *sim_apex_new(sim *s);
void sim_apex_free(sim_apex *a);

const crl_apex_system *sim_apex_system(const sim_apex *a);
void sim_apex_set_old(sim_apex *a);                 /* a kernel that maps without directions, and has one clock */
void sim_apex_set_code(sim_apex *a, int code);      /* opening it fails so */
void sim_apex_set_page(sim_apex *a, size_t bytes);  /* of the kernel */
void sim_apex_lose_interrupts(sim_apex *a);         /* none arrives from now on */
bool sim_apex_was_stopped(const sim_apex *a);       /* before it was closed: halted, its queue off, interrupts and memory given back */
size_t sim_apex_mapped(const sim_apex *a);          /* pages that the chip has now */

#endif
