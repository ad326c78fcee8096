/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the emulator: see emulator.h.
 *
 * decode.c makes an crl_emu_op of each instruction, or says what it is that is not understood. The scalar core (scalar.c) goes through
 * them and notes those for tiles in a log. Each tile takes them from there in that order, and each of its ten units those that are its
 * own; only at a fence a tile waits until its units have caught up. A unit works until one of its counters is not where it has to be.
 *
 *   scalar core -> log -> tile -> unit
 *   host -> pop -> infeed -> ring -> consumer -> wide memory -> narrow -> narrow memory -> tensor -> widen -> producer -> ring -> outfeed
 */
#ifndef CRL_EMULATOR_INSIDE_H
#define CRL_EMULATOR_INSIDE_H

#include "backend/edgetpu/emulator/emulator.h"
#include "backend/edgetpu/emulator/walk.h"

enum {
    EMU_TILES = 16,
    EMU_SIDE = 4,               /* of the grid */
    EMU_NARROW = 192 * 1024,    /* bytes of a tile */
    EMU_UNIT = 64,              /* bytes: what wide addresses count */
    EMU_ROW = 256,              /* bytes of wide memory that move together */
    EMU_WIDE = 8320 * EMU_UNIT,
    EMU_OUTPUTS = 64,           /* of the tensor unit, at once */
    EMU_COUNTERS = 19,
    EMU_WAITS = 6,
    EMU_PORTS = 2,
    EMU_QUEUE = 2,              /* packets that wait at a port */
    EMU_LINK = 64,              /* words on their way to a neighbour */
    EMU_SCALAR_WORDS = 4096,
    EMU_REGISTERS = 32,
    EMU_PREDICATES = 8,
    EMU_LOOPS = 4,
    EMU_AT_ONCE = 1 << 14 /* steps of a unit before it is another one's turn */
};

/* Units of a tile, by their bits in fences. */
enum { EMU_TENSOR, EMU_TO_NARROW, EMU_TO_WIDE, EMU_CONSUME_A, EMU_CONSUME_B, EMU_PRODUCE, EMU_SOUTH, EMU_WEST, EMU_NORTH, EMU_EAST, EMU_UNITS };

/* Counters of a tile. */
enum {
    EMU_AVDATA,
    EMU_PARAMETERS,
    EMU_PARTIAL_SUMS,
    EMU_NORTH_IN,
    EMU_EAST_IN,
    EMU_SOUTH_IN,
    EMU_WEST_IN,
    EMU_NORTH_OUT,
    EMU_EAST_OUT,
    EMU_SOUTH_OUT,
    EMU_WEST_OUT,
    EMU_WIDE_TO_NARROW,
    EMU_WIDE_TO_SCALING,
    EMU_NARROW_TO_WIDE,
    EMU_RING_READ_A,
    EMU_RING_READ_B,
    EMU_RING_WRITE,
    EMU_RING_PRODUCER_A,
    EMU_RING_PRODUCER_B
};

/* At each pass of the levels below `level`: until the counter is at start + passes * each, modulo 2^16. */
typedef struct crl_emu_wait {
    uint16_t start, each;
    uint8_t counter, level;
    bool of_target; /* of the walk that is written to, not of the one that is read */
} crl_emu_wait;

typedef struct crl_emu_waits {
    crl_emu_wait wait[EMU_WAITS];
    int32_t n;
} crl_emu_waits;

/* A counter that goes on with each pass of the levels below `level`. */
typedef struct crl_emu_count {
    bool on;
    uint8_t level;
} crl_emu_count;

/* What one step takes. A row of weights has four bytes for each of 64 outputs, one after another. */
typedef enum crl_emu_products {
    EMU_BYTES,    /* four inputs, and their weights */
    EMU_PAIRS,    /* two inputs, and their weights, one of them of 16 bits */
    EMU_SINGLE,   /* one input, and of each output the weight at the byte that the lowest two bits of the address say */
    EMU_GREATEST, /* no input; of each output the greatest of such weights */
    EMU_TOTAL     /* no input; two weights of 16 bits are added up */
} crl_emu_products;

/* What is done to a sum that was scaled, and clamped. */
typedef enum crl_emu_function { EMU_LINEAR, EMU_BY_TABLE, EMU_BY_ROOT = 3 } crl_emu_function;

/* Eight polynomials, ascending powers, and where they meet: the function that was loaded last. */
typedef struct crl_emu_table {
    float coefficient[8][5], place[7];
} crl_emu_table;

typedef struct crl_emu_tensor {
    crl_walk loop, in, out, par, sum;
    crl_emu_count done, filled; /* AVDATA along `out`, PARAMETERS along `par` */
    int32_t group_level, inner; /* levels of `loop` from the innermost that only add up, */
    uint32_t outer;             /* and the mask of those further out that do, too */
    crl_emu_products products;
    crl_emu_function function;
    bool wide_in, wide_weights, wide_out; /* of 16 bits */
    int32_t channels, last_channels;
    int32_t weight_zero, in_zero, out_zero, offset;
    int64_t zero_from, zero_each, zero_end; /* rows of zero points of single channels */
    bool has_bias, has_scales, has_zeros; /* of single channels, the last two */
    bool keeps_all; /* sums go to wide memory, also when they are done */
    float multiplier, high, low;
} crl_emu_tensor;

/* Mover, ring consumer or producer, half a mesh unit: a walk to read and one to write. */
typedef struct crl_emu_move {
    crl_walk source, target;
    crl_emu_count done;
    int64_t skip;  /* words that are read and left */
    int32_t flush; /* levels of the source after which a row is written, also if it is not full */
    int32_t transposes; /* positions beside each other in each output's place: four bytes, or two of 16 bits; 0: it does not */
    bool to_store;      /* of biases and scales */
    bool has_bias;
    int32_t bias_level, bias_rows;
    int64_t bias_from, bias_end;
    uint32_t to; /* mask of receivers, bit 16 is the scalar core */
    int32_t port;
} crl_emu_move;

typedef struct crl_emu_mesh {
    crl_walk source, target;
    bool sends, receives, fills;
    uint32_t fill;
    crl_emu_count sent, received;
} crl_emu_mesh;

typedef struct crl_emu_fence {
    uint32_t counters, units;
    uint16_t value, produced;
    bool waits_a, waits_b; /* until so many rows were produced */
    bool token;
} crl_emu_fence;

typedef struct crl_emu_scalar {
    bool predicated, polarity;
    uint8_t predicate;
    uint8_t load, load_to, store, store_from, operation, to, a, special, special_from, special_to;
    uint16_t load_at, store_at;
    uint32_t b;
} crl_emu_scalar;

typedef struct crl_emu_core_wait {
    uint32_t set, waits; /* masks of counters */
    uint16_t value, threshold[9];
    uint32_t tokens, units;
} crl_emu_core_wait;

/* Pop, infeed, outfeed. */
typedef struct crl_emu_feed {
    bool activations, scalar, feeds_on; /* feeds_on: an infeed takes it from scalar memory */
    uint64_t from, n, window; /* of `size` bytes; scalar memory is gone through in windows, two in turn */
    uint32_t size, after, packet, to;
    uint16_t ahead; /* packets that have to have been fed from scalar memory, less those that are written here, modulo 2^14 */
} crl_emu_feed;

typedef struct crl_emu_op {
    uint8_t opcode, unit;
    int32_t word;
    uint32_t tiles;
    crl_emu_waits waits;
    union {
        crl_emu_tensor tensor;
        crl_emu_table table;
        crl_emu_move move;
        crl_emu_mesh mesh;
        crl_emu_fence fence;
        crl_emu_scalar scalar;
        crl_emu_core_wait core_wait;
        crl_emu_feed feed;
        int32_t target;                             /* of a branch: an instruction */
        struct { uint32_t count; int32_t end; } loop; /* the first instruction that is not of its body */
    } u;
} crl_emu_op;

struct crl_emu_program {
    const crl_executable *executable;
    const crl_disassembly *listing;
    crl_emu_op *ops;
    int32_t n;
    int32_t *log; /* of those that went to tiles, numbers */
    int64_t log_room;
};

/* Why something does not go on. */
typedef struct crl_emu_block {
    const char *what; /* NULL: it does */
    int32_t counter;  /* -1: none */
    uint32_t have, want;
} crl_emu_block;

typedef struct crl_emu_packet {
    uint8_t bytes[EMU_ROW];
    uint32_t words;
} crl_emu_packet;

typedef struct crl_emu_unit {
    int64_t cursor;       /* into the log */
    const crl_emu_op *op; /* NULL: it has nothing to do */
    crl_walk_at source, target;
    crl_walk_at loop, par, sum; /* of a tensor */
    crl_emu_block block;
    uint8_t row[EMU_ROW];
    uint32_t words; /* in the row, or gone through of it */
    bool begun, sent_all, received_all;
    int64_t skipped, bias_at, zero_at;
    int32_t bias_left;
    int32_t sums[EMU_OUTPUTS], bias[EMU_OUTPUTS], zeros[EMU_OUTPUTS];
    float scale[EMU_OUTPUTS];
} crl_emu_unit;

typedef struct crl_emu_store {
    int32_t bias[EMU_OUTPUTS];
    float scale[EMU_OUTPUTS];
} crl_emu_store;

typedef struct crl_emu_tile {
    uint8_t *narrow, *wide;
    uint16_t counter[EMU_COUNTERS];
    uint32_t tokens;
    int64_t cursor;
    bool done; /* with what the log has */
    crl_emu_block block;
    crl_emu_unit unit[EMU_UNITS];
    crl_emu_packet queue[EMU_PORTS][EMU_QUEUE];
    int32_t queued[EMU_PORTS];
    uint32_t link[EMU_SIDE][EMU_LINK]; /* from the neighbour, one for each direction in which words go */
    uint32_t linked[EMU_SIDE];
    crl_emu_store store[2];
    uint32_t stored, used; /* sets of biases that came, and that were taken */
    crl_emu_table table;
} crl_emu_tile;

typedef struct crl_emu_loop {
    int32_t from, end;
    uint32_t left;
} crl_emu_loop;

/* One feed that is under way. */
typedef struct crl_emu_feeding {
    const crl_emu_op *op;
    int64_t cursor;
    uint64_t done;
    uint64_t base;
} crl_emu_feeding;

typedef struct crl_emu_core {
    int32_t pc;
    bool halted;
    uint32_t reg[EMU_REGISTERS], word[4];
    bool predicate[EMU_PREDICATES];
    uint32_t memory[EMU_SCALAR_WORDS];
    crl_emu_loop loop[EMU_LOOPS];
    int32_t loops;
    uint32_t written;  /* words that came into the memory from tiles to be fed on, and outfeeds to the host, */
    uint32_t fed;      /* and packets that went from there */
    uint64_t sent[2];  /* bytes that the host gave: parameters, activations */
    uint64_t popped[2]; /* bytes before those of the pop that is current */
    uint64_t next_pop[2];
    uint64_t asked, given; /* bytes that the host expects, and got */
    bool interrupted;
    crl_emu_feeding infeed, outfeed;
    int32_t infeeds[EMU_LINK], outfeeds[EMU_LINK]; /* those that wait, numbers of instructions */
    uint64_t bases[EMU_LINK];
    int32_t n_infeeds, n_outfeeds;
    crl_emu_packet queue[EMU_QUEUE];
    int32_t queued;
    uint64_t first_from[2], last_from[2]; /* places in the buffers: where the current pop begins, and where infeeds are */
    crl_emu_block block;
} crl_emu_core;

struct crl_emulator {
    crl_emu_tile tile[EMU_TILES];
    crl_emu_core core;
    const crl_emu_program *program;
    const crl_tpu_script *script;
    int64_t logged;
    uint64_t work;
    crl_status status; /* of what went wrong in a unit */
    crl_error *err;
};

/* Something that is not so: the run ends. Returns false. */
bool crl_emu_fault(crl_emulator *e, const crl_emu_op *op, int32_t tile, const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Whether all that is to be waited for before this step is there; else the block says what is not. */
bool crl_emu_ready(const crl_emu_tile *t, const crl_emu_waits *waits, const crl_walk_at *at, bool of_target, crl_emu_block *block);

static inline void crl_emu_pass(crl_emu_tile *t, crl_emu_count count, int32_t levels, int counter)
{
    if (count.on && levels >= count.level) t->counter[counter]++;
}

/* A row of wide memory, a word of narrow memory; NULL after a fault. */
uint8_t *crl_emu_wide(crl_emulator *e, const crl_emu_op *op, int32_t tile, int64_t unit, int64_t bytes);
uint8_t *crl_emu_word(crl_emulator *e, const crl_emu_op *op, int32_t tile, int64_t byte);

/* A unit goes on; returns whether it did anything. */
typedef bool crl_emu_step(crl_emulator *e, int32_t tile, crl_emu_unit *u);
crl_emu_step crl_emu_tensor_step, crl_emu_narrow_step, crl_emu_widen_step, crl_emu_consume_step, crl_emu_produce_step, crl_emu_mesh_step;

/* The unit has done its instruction. */
void crl_emu_finish(crl_emu_unit *u);

/* Puts a packet where it goes; false: there is no room. */
bool crl_emu_send(crl_emulator *e, const crl_emu_packet *packet, uint32_t to, int32_t port);

bool crl_emu_feeds_step(crl_emulator *e);
bool crl_emu_core_step(crl_emulator *e);
bool crl_emu_feeds_idle(const crl_emulator *e, uint32_t units);

#endif
