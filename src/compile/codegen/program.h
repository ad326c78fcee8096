/* SPDX-License-Identifier: Apache-2.0 */
/* A program for the chip while it is written: instructions one behind the other, those for tiles numbered as they come.
 *
 *   uint8_t *at = crl_program_add(p, CRL_ISA_CONSUME);
 *   crl_isa_write(at, "tiles", 0xf);
 *   crl_walk_write(at, "step", "count", 2, (crl_level[]){ { 1, 16 }, { 0, 3 } });
 *
 * Without memory all of it goes into one scratch instruction, and `failed` says so: nobody has to look before the end. */
#ifndef CRL_CODEGEN_PROGRAM_H
#define CRL_CODEGEN_PROGRAM_H

#include <corallite/package.h>

#include "base/alloc.h"
#include "package/isa.h"

enum { CRL_ALL_TILES = 0xffff, CRL_GRID = 4, CRL_TILES = CRL_GRID * CRL_GRID, CRL_PLACES_MOST = 16 };

/* 32 bits of an instruction that are half of an address. */
typedef struct crl_place {
    crl_package_base base;
    bool upper;
    uint32_t bit; /* from the program's begin */
} crl_place;

typedef struct crl_program {
    uint8_t *bytes; /* crl_free */
    size_t n, room;
    uint32_t sequence; /* of the next instruction for tiles */
    crl_place places[CRL_PLACES_MOST];
    int32_t n_places;
    uint8_t scratch[CRL_ISA_MOST_WORDS * CRL_ISA_WORD];
    bool failed; /* there was no memory, or a number did not fit its field */
} crl_program;

/* The next instruction, all zero but its opcode and number. It stays where it is until the next is added. */
uint8_t *crl_program_add(crl_program *p, int opcode);
void crl_program_release(crl_program *p);

/* Makes the last instruction one with an equal one of other tiles, if there is one from byte `begin` on; all from there are of its kind. */
void crl_program_join(crl_program *p, size_t begin);

/* Number k of a field that there are several of. */
void crl_isa_write_at(uint8_t *at, const char *name, unsigned k, uint64_t value);

/* One level of an address generator: its stride, and how many. */
typedef struct crl_level {
    int32_t stride, n;
} crl_level;

/* Levels, innermost first; all that follow stay where they are. Strides are stored relative to where the inner levels end. */
void crl_walk_write(uint8_t *at, const char *step, const char *count, int32_t levels, const crl_level *level);
/* The same for instructions whose steps have two more bits in front (narrow operands in bytes, wide ones in units of 64 bytes). */
void crl_walk_write_fine(uint8_t *at, const char *name, int32_t levels, const crl_level *level);

/* ---- parts that programs share ------------------------------------------------------------------- */

void crl_fence(crl_program *p, uint32_t counters, uint32_t units, bool token);
/* A fence that tells the scalar core, which waits for it. */
void crl_drain(crl_program *p);
/* The scalar core sets counters, or waits for units where there are none. */
void crl_set_counters(crl_program *p, uint32_t counters, uint32_t value);

/* What a transfer is for: the tag in its descriptor. */
typedef enum crl_tag { CRL_TAG_INPUT = 1, CRL_TAG_PARAMETERS = 2, CRL_TAG_OUTPUT = 3, CRL_TAG_DONE = 4 } crl_tag;

/* The address of a tensor into registers 10 and 11, with two places for it. */
void crl_address(crl_program *p, crl_package_base base);
/* The halves of an address, out of registers `low` and `high`, into `to` + 1 and `to`. */
void crl_address_copy(crl_program *p, int to, int low, int high);
/* A transfer to or from the address that crl_address_copy() has put into `from`. */
void crl_transfer(crl_program *p, int from, uint32_t bytes, crl_tag tag);

/* Where a stream is taken from the host, in units of 8 bytes (activations) or 64 (parameters). */
void crl_pop(crl_program *p, bool activations, uint32_t units);
void crl_infeed(crl_program *p, bool activations, uint32_t from, uint32_t units, uint32_t tiles, int32_t lanes);

/* Begin and end of a program; `caching`: of the one that brings parameters. */
void crl_program_begin(crl_program *p, bool caching);
void crl_program_end(crl_program *p, bool caching);

#endif
