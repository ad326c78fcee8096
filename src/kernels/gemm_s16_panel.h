/* SPDX-License-Identifier: Apache-2.0 */
/* What the driver and the level kernels of the gemm_s16 family share. */
#ifndef CRL_KERNELS_GEMM_S16_PANEL_H
#define CRL_KERNELS_GEMM_S16_PANEL_H

#include "kernels/gemm_s16.h"

enum {
    CRL_GEMM_S16_PIECE = 508,     /* products that 32 bits hold the sum of, whatever they are; a multiple of all groups */
    CRL_GEMM_S16_UNITS = 2        /* of a panel, at most */
};

/* Outputs of one or two units. */
typedef struct crl_gemm_s16_panel {
    int32_t units;
    size_t at;               /* of the panel's weights, [taps][groups][vectors][lanes][group], in elements */
    crl_unit16 unit[CRL_GEMM_S16_UNITS];
} crl_gemm_s16_panel;

/* Rows whose pixels have been found. */
typedef struct crl_gemm_s16_block {
    const uint8_t *const *pixel; /* [taps][stride] numbers of a pixel */
    size_t stride;
    int32_t n;
    int16_t *out;                /* output 0 of the first row */
} crl_gemm_s16_block;

typedef void crl_gemm_s16_block_fn(const crl_gemm_s16 *g, const crl_gemm_s16_block *block, int32_t panel0, int32_t panel1);

typedef struct crl_gemm_s16_level {
    const char *name;
    int32_t lanes;    /* sums of a vector */
    int32_t group;    /* channels of a tap that a step takes together, */
    bool by_lane;     /* [group][lanes] of them, else [lanes][group] */
    int32_t units;    /* of the widest panel */
    int32_t row_step; /* rows of its tiles */
    bool integers;    /* no doubles: see unit16.h */
    crl_gemm_s16_block_fn *block;
} crl_gemm_s16_level;

struct crl_gemm_s16 {
    crl_gemm_s16_level level;
    crl_window window;
    bool gathered;            /* one tap of all the window's numbers, copied to scratch */
    bool pieces;
    int32_t taps, channels;   /* of the product; channels are a multiple of the level's group */
    int32_t block_rows;
    crl_unit16_spec out;
    size_t in_stride, out_stride; /* elements from pixel to pixel */
    const int16_t *outside;   /* a pixel of zeros */
    crl_gemm_s16_panel *panel;
    int32_t n_panels;
    const int16_t *weights;   /* of all panels, aligned to 64 */
    size_t n_weights;
};

crl_gemm_s16_block_fn crl_gemm_s16_block_avx2, crl_gemm_s16_block_avxvnni, crl_gemm_s16_block_avx512vnni, crl_gemm_s16_block_neon;

#endif
