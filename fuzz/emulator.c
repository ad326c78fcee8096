/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a program for the emulator, with little to send and to get. */
#include <string.h>

#include "backend/edgetpu/emulator/emulator.h"
#include "fuzz.h"

enum { BYTES = 4096, LIMIT = 1 << 18 };

static void run(const crl_disassembly *listing, crl_pile *pile)
{
    uint8_t *memory = crl_pile_alloc(pile, 3 * BYTES);
    crl_emu_program *program;
    if (!memory || crl_emu_program_make(&program, listing, pile, NULL)) return;
    crl_emulator *e = crl_emulator_make(pile);
    crl_tpu_move moves[] = { { .kind = CRL_TPU_SEND, .tag = CRL_TPU_INPUT, .memory = memory, .bytes = BYTES },
                             { .kind = CRL_TPU_SEND, .tag = CRL_TPU_PARAMETERS, .memory = memory + BYTES, .bytes = BYTES },
                             { .kind = CRL_TPU_RECEIVE, .memory = memory + 2 * BYTES, .bytes = BYTES } };
    const crl_tpu_script script = { moves, sizeof moves / sizeof moves[0] };
    for (size_t i = 0; i < 2 * BYTES; i++) memory[i] = (uint8_t)(i * 31);
    if (e) crl_emulator_run(e, program, &script, LIMIT, NULL);
}

int fuzz_emulator(const uint8_t *bytes, size_t size)
{
    const crl_chunk chunk = { .bytes = bytes, .size = size / 16 * 16 };
    const crl_executable executable = { .chunks = &chunk, .n_chunks = 1 };
    crl_disassembly *listing;
    if (!chunk.size || crl_disassemble(&listing, &executable, NULL)) return 0;
    crl_pile pile = { .head = NULL };
    run(listing, &pile);
    crl_pile_free(&pile);
    crl_disassembly_free(listing);
    return 0;
}
