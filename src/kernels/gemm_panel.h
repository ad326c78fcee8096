/* SPDX-License-Identifier: Apache-2.0 */
/* What the packing, the driver and the level kernels of the gemm family share.
 *
 * The outputs are cut into panels, the last ones narrower. A panel's weights follow each other as a kernel reads
 * them; a step is four input channels of one tap:
 *
 *   main    taps x steps x [width][4]      the first in_c / 4 * 4 channels of each tap, clipped to what the level's
 *                                          instruction can multiply
 *   extra   n_extra x [width][4]           each with its own tap and channel: what clipping cut off, and the last
 *                                          in_c % 4 channels, which are read one by one
 *
 * The instructions differ in what they can take:
 *
 *   DOT     u8 x s8, four products summed in 32 bits (vpdpbusd): any int8
 *   PAIRS   u8 x s8, two products summed in 16 bits (vpmaddubsw), and `group` such sums of steps that follow each
 *           other added in 16 bits before they are widened: of the 2 * group weights of a pair of channels, the
 *           positive ones sum to at most 128 and the negative ones to at least -128. Filters of uint8 models rarely
 *           exceed that; the steps that do lose their excess to an extra step.
 *   WIDE    16-bit weights, and activations that are widened before (vpmaddwd): anything, at half the speed. All taps
 *           of a pixel lie in one row of scratch, zeros fill the last step of a tap, and there are no extras.
 *           Weights are taps x (steps, rounded up) x 2 x [width][2].
 *   ROWS    s8 x s8 of ARM: SMULL, SDOT, SMMLA. The pixels of a block are copied, with bit 7 flipped, so that all
 *           taps of an output lie in one row of scratch; zeros fill it up to a multiple of `unit`. Weights are
 *           clipped to -127..127 and come in steps of `depth` channels, [width][depth]; the last step may be a
 *           shorter multiple of `unit`. Extras are [width][unit].
 *
 * Columns beyond the last whole vector cost as much as a vector. A halved panel has 8 of them in both halves of a vector,
 * whose products serve two rows at once: one half has the pixel of the first, the other that of the second.
 *
 * Columns are permuted so that the packing instructions of x86, which work in 128-bit lanes, leave bytes in order:
 * position 4 * (vectors * h + v) + i of a panel's outputs is element 4 * h + i of vector v. (With four lanes, as on
 * ARM, that is their natural order.) A halved vector does not count there; its columns follow in their order. Sums are not
 * packed: their columns are in order as they are. */
#ifndef CRL_KERNELS_GEMM_PANEL_H
#define CRL_KERNELS_GEMM_PANEL_H

#include <string.h>

#include "base/alloc.h"
#include "kernels/gemm.h"

typedef struct crl_gemm_extra {
    int32_t tap, channel;
    int32_t channels; /* 1 .. 4 that exist; ROWS: not used */
} crl_gemm_extra;

typedef struct crl_gemm_panel {
    int32_t first, columns;         /* outputs first .. first + columns - 1 */
    int32_t vectors;                /* width = vectors * the level's lanes */
    bool halved;                    /* the last vector has 8 columns, twice: two rows share it */
    int32_t n_extra;
    const int8_t *weights;          /* aligned to 64 */
    const int32_t *bias;            /* [width], zero points folded in, aligned to 64 */
    const crl_requant_lanes *lanes; /* 16 columns each; with `forms`, NULL for SUMS */
    const crl_gemm_extra *extra;
    crl_requant_form form;          /* common to all lanes */
    const crl_requant_form *forms;  /* of each 16 */
} crl_gemm_panel;

/* A block of rows, ready for the kernels. */
typedef struct crl_gemm_block {
    const uint8_t *const *pixel; /* [taps][stride]: channel 0 of the pixel under each tap, for each row */
    size_t stride;
    const uint8_t *first;        /* even levels get this instead: row 0, */
    size_t step;                 /* the bytes from row to row, */
    const size_t *taps;          /* and how far each tap is from where the row begins */
    int16_t *wide;               /* WIDE: room for the rows, widened by the kernel: [n][wide_steps][4]; */
                                 /* ROWS: for block_rows + 2 rows of row_bytes */
    int32_t n;                   /* rows */
    uint8_t *out;                /* output 0 of the first row */
} crl_gemm_block;

typedef void crl_gemm_block_fn(const crl_gemm *g, const crl_gemm_block *block, int32_t panel0, int32_t panel1);

typedef enum crl_gemm_kind { CRL_GEMM_DOT, CRL_GEMM_PAIRS, CRL_GEMM_WIDE, CRL_GEMM_ROWS } crl_gemm_kind;

/* How a level wants its panels, and the kernel that runs them. */
typedef struct crl_gemm_level {
    const char *name;
    crl_gemm_kind kind;
    int32_t group;     /* PAIRS: steps added in 16 bits, 1, 2 or 4; otherwise 1 */
    int32_t lanes;     /* of 32 bits in a vector: 4, 8 or 16 */
    int32_t vectors;   /* of the widest panel: a power of two; narrower ones have half, a quarter... */
    int32_t row_step;  /* rows of the tiles: splits in multiples of it waste nothing */
    crl_gemm_block_fn *block;
    bool even;         /* wants rows equally far apart, and, unless it has `runs`, one tap */
    int32_t depth, unit; /* ROWS: channels in a step, 4, 8 or 16, and in the smallest one */
    void (*begin)(const crl_gemm *g); /* NULL, or what a thread does before its blocks of a layer, */
    void (*end)(void);                /* and after them */
    bool halves;       /* has kernels for halved panels of two and three vectors */
    bool runs;         /* even, and takes several taps: windows can be read where they lie */
} crl_gemm_level;

struct crl_gemm {
    crl_gemm_level level;
    crl_window window;
    int32_t taps, channels, steps; /* of the product: taps of `channels` bytes each, steps = channels / 4 */
    int32_t wide_steps;            /* WIDE: of a whole row, all taps */
    size_t row_bytes;              /* ROWS: of a row of scratch, a multiple of 16 */
    bool gathered;                 /* windows are copied to scratch, so that all their bytes lie side by side; */
    bool in_place;                 /* of these, those that lie in the picture whole are not: see crl_gemm_inside */
    int32_t band_rows;             /* in place: of outputs whose windows are read in a padded copy of the picture; 0: none are */
    size_t band_stride;            /* bytes of a row of that */
    size_t window_bytes;           /* of a copied window: taps * channels */
    const size_t *copied, *inside; /* even: how far each tap is from where a window begins, copied and in the picture */
    int32_t block_rows;            /* at most, in one call of the kernel, of copied windows */
    int32_t span_rows, span_most;  /* in place: windows come in multiples of the former, and no more than the latter */
    size_t in_stride, out_stride;  /* from pixel to pixel */
    crl_requant out;               /* zero_point, min, max; the arrays are gone */
    bool sums;                     /* outputs are sums */
    int32_t in_zero;
    uint8_t *outside;              /* a pixel outside the picture; gathered: as many as a copy may read */
    size_t outside_bytes;
    crl_gemm_panel *panel;
    int32_t n_panels;
    size_t packed_bytes;
    crl_pile *pile; /* own, or that of the spec */
    crl_pile own;
};

/* crl_gemm_new for a given level; `cpu` is for the proof. */
crl_status crl_gemm_new_at(crl_gemm **out, const crl_gemm_spec *spec, const crl_gemm_level *level, unsigned cpu,
                           crl_error *err);

/* Of ways to multiply that differ in what weights they can take, the fastest for these filters. */
const crl_gemm_level *crl_gemm_cheapest(const crl_gemm_level *levels, size_t n, const crl_gemm_spec *spec,
                                        unsigned cpu);

/* Whether copying windows is faster than pointers to their pixels. */
bool crl_gemm_gather_pays(const crl_gemm *g);
/* Of a gemm whose windows are copied: rows of a block, bytes of scratch, bytes that `outside` needs. */
int32_t crl_gemm_gather_rows(const crl_gemm *g);
size_t crl_gemm_gather_bytes(const crl_gemm *g);
size_t crl_gemm_gather_outside_bytes(const crl_gemm *g);
/* The windows of rows from .. from+n-1, g->window_bytes each. */
void crl_gemm_gather(const crl_gemm *g, uint8_t *windows, const uint8_t *in, int32_t from, int32_t n);

/* Reading windows where they lie. A window is runs of bytes, which are the taps of the product: the run of a filter row, kw * C
 * bytes side by side in the picture, or a single tap where those are apart. Each has to be whole steps of four channels.
 *
 * crl_gemm_can_stay: whether a gemm whose windows are copied may read them in the picture; how many runs, and the bytes of
 * each. crl_gemm_place_taps: fills `copied` and `inside`.
 * crl_gemm_inside: how many windows from row m on, of at most n, lie in the picture whole and follow each other in one row
 * of outputs; *at, unless none: where in the input the first begins. */
bool crl_gemm_can_stay(const crl_gemm *g);
int32_t crl_gemm_run_count(const crl_gemm *g);
int32_t crl_gemm_run_bytes(const crl_gemm *g);
bool crl_gemm_place_taps(crl_gemm *g);
int32_t crl_gemm_inside(const crl_gemm *g, int32_t m, int32_t n, size_t *at);

/* Where most windows leave the picture, or rows of outputs are no whole tiles, part of the picture is copied with its padding,
 * a band of rows at a time, and all windows are read there: a copy of each byte instead of one for each window over it.
 *
 * crl_gemm_shape_band: decides it. crl_gemm_band_bytes: of scratch. crl_gemm_copy_band: the input rows under `rows` rows of
 * outputs from row y of `picture` on. */
void crl_gemm_shape_band(crl_gemm *g);
size_t crl_gemm_band_bytes(const crl_gemm *g);
void crl_gemm_copy_band(const crl_gemm *g, uint8_t *band, const uint8_t *picture, int32_t y, int32_t rows);

/* Fills panel[] of a gemm whose level and product are set. filter[o] of the product is [taps][channels]. */
crl_status crl_gemm_pack(crl_gemm *g, const crl_gemm_spec *spec, unsigned cpu, crl_error *err);

/* The halved panel of a block, for crl_gemm_block_avx512vnni. */
void crl_gemm_halved_avx512vnni(const crl_gemm *g, const crl_gemm_block *block, const crl_gemm_panel *panel);

crl_gemm_block_fn crl_gemm_block_avx2, crl_gemm_wide_avx2, crl_gemm_block_avxvnni, crl_gemm_block_avx512vnni;
crl_gemm_block_fn crl_gemm_block_neon, crl_gemm_block_neondot, crl_gemm_block_i8mm;
crl_gemm_block_fn crl_gemm_block_amx;
void crl_gemm_begin_amx(const crl_gemm *g);
void crl_gemm_end_amx(void);

/* What is left to do where the sums of rows `row` to `row` + `rows` - 1 of a block are in memory, without those of the
 * extra steps: acc [rows][panel->vectors][16], aligned to 64; `rows` is a multiple of 8. */
void crl_gemm_finish_avx512vnni(const crl_gemm *g, const crl_gemm_panel *panel, const crl_gemm_block *block, int32_t row,
                                int32_t rows, const int32_t *acc);

/* Where a panel's sums go; `out` is output 0 of the panel, as if outputs were bytes. */
static inline uint8_t *crl_gemm_sums_at(const crl_gemm_panel *panel, uint8_t *out)
{
    return out + (size_t)panel->first * (sizeof(int32_t) - 1);
}

/* Stores `rows` rows of a panel's sums that lie in memory, `width` to a row. */
static inline void crl_gemm_store_sums(const crl_gemm *g, const crl_gemm_panel *panel, uint8_t *out, const int32_t *acc,
                                       int32_t rows, int32_t width)
{
    out = crl_gemm_sums_at(panel, out);
    if (panel->columns == 1) { /* a call for each would take longer than the products */
        for (int32_t row = 0; row < rows; row++, acc += width, out += g->out_stride) memcpy(out, acc, sizeof *acc);
        return;
    }
    for (int32_t row = 0; row < rows; row++, acc += width, out += g->out_stride)
        memcpy(out, acc, (size_t)panel->columns * sizeof *acc);
}

/* The steps of one product of tiles: as many as a tile has room for and as divide all steps of a row. */
static inline int32_t crl_gemm_tile_steps(int32_t steps)
{
    int32_t n = steps < 16 ? steps : 16;
    while (n > 1 && steps % n) n--;
    return n > 1 ? n : 1;
}

#endif
