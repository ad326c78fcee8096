/* SPDX-License-Identifier: Apache-2.0 */
/* A stick, or a chip on PCIe, at work: shared by the engines of this process that run on it, one frame at a time.
 *
 *            open                  a transfer fails           recover
 *    (none) ──────> OPENING ─> READY ──────────────> FAULTY ──────────> OPENING
 *                      └────────────────> DEAD: to be dropped, and taken anew
 *
 * What takes long (opening, and bringing a stalled stick back) is done by a thread that ends by itself; no other one is there. Where
 * the system gives no thread, or crl_tpu_options.here says so, whoever asks does it. */
#ifndef CRL_BACKEND_EDGETPU_STICK_H
#define CRL_BACKEND_EDGETPU_STICK_H

#include "backend/edgetpu/bus.h"

typedef struct crl_stick crl_stick;

/**
 * Takes hold of the stick at `place` of the first bus; NULL: of the one on any bus that fewest engines use, and of several such
 * rather of one that runs the model of options->token already. In a hurry it only begins to, and
 * crl_stick_ready() says when that has come to an end.
 *
 * Owner   a stick is taken and dropped equally often. What the buses and options point to outlives it.
 * Errors  DEVICE  there is none, or it does not open
 *         MEMORY
 */
crl_status crl_stick_take(crl_stick **out, const crl_bus *buses, int n_buses, const crl_place *place, const crl_tpu_options *options, bool hurry,
                          crl_error *err);
/* The same of one that no engine uses, in a hurry; NULL: there is none. */
crl_stick *crl_stick_take_free(const crl_bus *buses, int n_buses, const crl_tpu_options *options);
/* Whether several engines use it. */
bool crl_stick_is_shared(const crl_stick *stick);
/* The last one closes it. Errors: DEVICE, of closing. */
crl_status crl_stick_drop(crl_stick *stick, crl_error *err);

/* Errors  TIMEOUT  it is being opened or brought back: ask again later
 *         DEVICE   that failed: the stick is dead, also for those that share it */
crl_status crl_stick_ready(crl_stick *stick, crl_error *err);
/* The same, where the stick is faulty after beginning to bring it back: drained, asked whether it answers, started anew. */
crl_status crl_stick_recover(crl_stick *stick, crl_error *err);

/**
 * Runs a program once: inputs are in its ports, outputs come into their buffers. What is to be cached is sent before, unless the
 * chip has it.
 *
 * Errors  DEVICE   a transfer failed: the stick is faulty
 *         TIMEOUT  after `patience` nanoseconds; likewise
 *         STATE    the stick is not ready
 */
crl_status crl_stick_run(crl_stick *stick, const crl_tpu_program *program, uint64_t patience, crl_error *err);
/* What it gave is wrong: it is faulty, as after a transfer that failed. */
void crl_stick_distrust(crl_stick *stick);
/* A program that was run, or was to be, comes to its end. */
void crl_stick_forget(crl_stick *stick, const crl_tpu_program *program);

#endif
