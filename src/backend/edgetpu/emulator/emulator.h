/* SPDX-License-Identifier: Apache-2.0 */
/* Programs of the Edge TPU, executed in software, instruction by instruction: what a stick would compute, without one and without the
 * model that a package was made from.
 *
 * What instructions mean was found out from compiled models, and by comparing what they compute here with what the CPU computes from
 * the models themselves (docs/emulator.md). What is not known is refused when a program is made ready, with the instruction, the bits
 * and their value; what moves of the host's data have beyond that is passed over. It knows no time: units go on in a fixed order until
 * their counters stop them. */
#ifndef CRL_EMULATOR_H
#define CRL_EMULATOR_H

#include "backend/edgetpu/program.h"

typedef struct crl_emulator crl_emulator;       /* a chip: what its memories hold stays from run to run */
typedef struct crl_emu_program crl_emu_program; /* an executable that can be executed */

/* On the pile; NULL without memory. */
crl_emulator *crl_emulator_make(crl_pile *pile);

/**
 * Owner   `*out` is on the pile. It borrows from the executable and its listing, which have to outlive it.
 * Errors  UNSUPPORTED  an instruction that the emulator does not know to execute; the text names it and its bits
 *         FORMAT       a program that jumps to where no instruction begins
 *         MEMORY
 */
crl_status crl_emu_program_make(crl_emu_program **out, const crl_disassembly *listing, crl_pile *pile, crl_error *err);

/**
 * Executes it with the transfers of a script, to its end.
 *
 * `work_limit`  steps of units, of about 40 ns; 0: 2^28
 * Errors  FORMAT   the program reaches past a memory, asks for other transfers than the script has, or waits for ever; the text names
 *                  the instruction
 *         TIMEOUT  it needs more than the limit
 */
crl_status crl_emulator_run(crl_emulator *emulator, const crl_emu_program *program, const crl_tpu_script *script, uint64_t work_limit,
                            crl_error *err);

#endif
