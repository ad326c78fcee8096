/* SPDX-License-Identifier: Apache-2.0 */
/* Moves of data that families share: slices of the input out of the ring, rows to the ring, outputs to the host. */
#ifndef CRL_CODEGEN_MOVES_H
#define CRL_CODEGEN_MOVES_H

#include "compile/codegen/program.h"

enum {
    CRL_WORD = 4,     /* bytes that are read at once from narrow memory, */
    CRL_ROW = 256,    /* and from wide memory, and of a packet on the ring */
    CRL_UNIT = 64,    /* in which wide memory is addressed */
    CRL_ROW_UNITS = CRL_ROW / CRL_UNIT,
    CRL_SLOT = 8,     /* units that a ring buffer takes for a packet: two rows */
    CRL_TOP = 8320,   /* unit at which wide memory ends, as programs use it */
    CRL_RING = CRL_TOP - CRL_SLOT, /* where tiles receive and send */
    CRL_NARROW_BYTES = 196608,
    CRL_STREAM = 8,   /* bytes of a unit of a stream of activations */
    CRL_ALL_COUNTERS = 0x1ffff,
    CRL_ALL_UNITS = 0x3ff
};

/* Counters of tiles. */
enum {
    CRL_PARAMETERS_CAME = 1,
    CRL_NORTH_IN = 3,
    CRL_SOUTH_IN = 5,
    CRL_NARROWED = 11,
    CRL_SCALES_CAME = 12,
    CRL_WIDENED = 13,
    CRL_READ_FIRST = 14,
    CRL_READ_SECOND = 15,
    CRL_RING_WRITTEN = 16,
    CRL_PRODUCED_FIRST = 17,
    CRL_PRODUCED_SECOND = 18
};

/* Wait record k of a mover. */
typedef struct crl_record {
    int32_t counter, level, start, each;
    bool flag;
} crl_record;
void crl_record_write(uint8_t *at, unsigned k, crl_record r);
/* What follows the last one. */
static const crl_record crl_record_end = { .flag = true };

/* Bits that say which records of a mover are in use. */
enum {
    CRL_NARROW_RECORD = 611,
    CRL_NARROW_DECREMENT = 656,
    CRL_NARROW_SECOND = 698,
    CRL_NARROW_SKIPS = 543,
    CRL_WIDEN_RECORD = 543,
    CRL_WIDEN_END = 588
};

/* The records of a mover that takes a slice of an input out of the ring to `to`, in words, and that `skip` words of the first row go by.
 * `level` is that of the ring's walk with whose passes it waits. */
void crl_slice_write(uint8_t *at, int32_t to, int32_t skip, int32_t level);

/* The walk of `packets` through a ring buffer of `slots`, of an instruction that reads or writes it; and the level at which packets, or
 * rounds of the buffer, are counted. */
void crl_ring_walk_write(uint8_t *at, int32_t slots, int32_t packets);
int32_t crl_ring_level(int32_t slots, int32_t packets);

/* What comes before an input is asked for, and that it is: `bytes` from the host. */
void crl_input_begin(crl_program *p);
void crl_input_transfer(crl_program *p, int32_t bytes);

/* Tiles take `packets` from the ring into a buffer of `slots` at unit `to`; `came`: words that have been taken from there before. */
void crl_consume(crl_program *p, uint32_t tiles, int32_t to, int32_t slots, int32_t packets, int32_t came);

/* The tiles of a row of the grid do so with a part of the input: `bytes` of it from byte `from` on. */
void crl_input_group(crl_program *p, uint32_t tiles, int32_t to, int32_t slots, int32_t packets, int32_t from, int32_t bytes);

/* A tile sends `packets` to `to` (bit 16 is the host), as number `order` of all that are sent so. */
void crl_produce(crl_program *p, int32_t tile, int32_t from, int32_t packets, int32_t order, uint32_t to);

/* Narrow memory to the ring's buffer at unit `to`: one packet, or `packets` of several levels. */
void crl_widen(crl_program *p, uint32_t tiles, int32_t from, int32_t levels, const crl_level *level, int32_t to, int32_t packets);

/* A 4 x 4 matrix of bytes at `narrow` to unit `to`, when the last of its words has been filled in. */
void crl_widen_identity(crl_program *p, int32_t narrow, int32_t to);

/* Tile by tile its `bytes` to the host, in the order from number `first` on, and the wait until all is sent; `rows`: of parameters that the
 * program sent, too. */
void crl_output_tiles(crl_program *p, int32_t tiles, const int32_t *bytes, int32_t first, int32_t rows);

/* The bits by which a consumer parts tables from the weights behind them: where the first and the last of them go, and how many rows they
 * are for a group. */
void crl_tables_write(uint8_t *at, int32_t to, int32_t end, int32_t tables);

/* What a caching program brings: `pieces` of `rows` rows, one to a tile, of `lanes` 64 bytes each. */
typedef struct crl_cached {
    int32_t pieces, rows, lanes;
    int32_t tables; /* rows in front of them that go to a place of their own: of dense layers */
    int32_t from;   /* unit of wide memory where they go */
    int32_t tile;   /* from which on pieces go */
    const struct crl_cached *next; /* NULL: there is no more */
    int32_t words;  /* of a softmax's three tables, which are behind them all, for tile 0; 0: there are none */
} crl_cached;
void crl_caching_program(crl_program *p, const crl_cached *c);

#endif
