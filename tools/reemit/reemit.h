/* SPDX-License-Identifier: Apache-2.0 */
/* Packages of the original compiler, written again from their model by rules, instruction by instruction, and compared.
 *
 * Taken from the package, and not by rule: which tiles an instruction is for, addresses, which operator it computes, and the order of all. */
#ifndef TOOLS_REEMIT_H
#define TOOLS_REEMIT_H

#include <corallite/package.h>

#include "compile/constants.h"
#include "compile/pack.h"
#include "package/isa.h"
#include "script.h"

enum { TILES = 16 };

/* What differs from release to release. */
typedef struct release {
    bool merged; /* loops over words and taps are one */
    bool adds;   /* addresses are added to in 64 bits */
} release;

/* A package while it is gone through. */
typedef struct walk {
    const crl_twin *twin;
    const crl_constants_table *constants;
    const crl_package *package;
    const crl_executable *executable;
    const crl_disassembly *program;
    const int32_t *ops; /* of tensor instructions */
    release release;
    /* What has happened since counters were set back, for each tile. */
    int32_t fills[2][TILES]; /* of depthwise layers, of convolutions */
    int32_t groups[TILES];
    int32_t produced; /* producers of packets */
    int32_t filled;   /* words that fills have announced */
    int32_t sent_by[TILES], sent_from[TILES], widened[TILES], received[TILES]; /* packets */
    int32_t taken[TILES], receives[TILES]; /* words of them, and of the last */
    /* Units of a stream that have been sent to tiles, since the pop. */
    uint32_t sent[2];
    script script;
    int32_t i;            /* instruction */
    const uint8_t *at;    /* its words, */
    uint8_t *to;          /* and what the rules write */
} walk;

/* Each writes the instruction at `to`, which is zero but for its opcode, number and tiles. false: there is no rule for it. */
bool reemit_layer(walk *w);      /* tensor instructions of convolutions and depthwise layers */
bool reemit_tables(walk *w);     /* tables of these into the scaling store */
bool reemit_function(walk *w);   /* functions of a softmax, */
bool reemit_sum(walk *w);        /* and the sum of its exponentials */
bool reemit_scalar(walk *w);     /* bundles that ask for transfers */
bool reemit_stream(walk *w);     /* pops, infeeds; how long a stream is, is taken from the package, too */
bool reemit_fence(walk *w);      /* the first and the last, and waits for what a fence reports */
bool reemit_cache(walk *w);      /* where cached parameters go that have no tables apart */
/* Packets on the ring. */
bool reemit_produce(walk *w);
bool reemit_widen(walk *w);
bool reemit_receive(walk *w);
bool reemit_consume(walk *w);
bool reemit_outfeed(walk *w);
void reemit_count_ring(walk *w);
/* The identity by which words are copied: fills, and the move that waits for them. */
bool reemit_fill(walk *w);
bool reemit_identity(walk *w);
void reemit_count_fills(walk *w);
/* What the instruction does to counters. */
void reemit_count(walk *w);

/* ---- where things lie in tiles ---- */

/* A part of a picture that a tile has in one direction: without and with borders, and what it computes of the output. */
typedef struct extent {
    int32_t from, n;   /* own */
    int32_t lo, hi;    /* with borders */
    int32_t out;       /* outputs */
} extent;

typedef struct window {
    int32_t kernel, stride, dilation, before; /* padding in front */
} window;

/* Source: docs/formats/edgetpu-isa.md and public packages. */
void extents_of(extent e[4], int32_t in, int32_t out, const window *v);

/* A layer: its shapes, and a tile's part of it. */
typedef struct layer {
    crl_layer_view view;
    const crl_operator *op;
    int32_t in_words, out_channels; /* words of a position; channels filled up to 4 */
    window x, y;
    int32_t rows, columns;          /* of outputs of the tile */
    int32_t most;                   /* outputs of the tile that has most */
    int32_t in_pitch, out_pitch;    /* bytes of rows of the blocks */
} layer;

/* Of operator `op`, for a tile. false: it is none that there are rules for. */
bool layer_of(layer *l, const crl_twin *w, int32_t op, int32_t tile);

/* Rows of weights that come at once, and how often for a group of outputs. */
typedef struct fills {
    bool resident; /* all at once */
    int32_t rows, times, groups, group; /* groups of outputs, and outputs of the last */
    bool ring;     /* through a ring buffer, not as a block */
} fills;
fills fills_of(const layer *l);

int32_t tile_of(const uint8_t *at);

#endif
