/* SPDX-License-Identifier: Apache-2.0 */
/* What the driver and the level kernels of the gemm_f32 family share. */
#ifndef CRL_KERNELS_GEMM_F32_PANEL_H
#define CRL_KERNELS_GEMM_F32_PANEL_H

#include "kernels/gemm_f32.h"

/* Outputs first .. first + columns - 1, in `vectors` of the level's lanes, or in one of half as many. */
typedef struct crl_gemm_f32_panel {
    int32_t first, columns, vectors;
    bool half;
    size_t width;         /* lanes of all of them */
    size_t at;            /* of the panel's weights, [taps * channels][width], in floats */
    const float *bias;    /* [width] */
} crl_gemm_f32_panel;

/* Rows whose pixels have been found. */
typedef struct crl_gemm_f32_block {
    const uint8_t *const *pixel; /* [taps][stride] floats of a pixel */
    size_t stride;
    int32_t n;
    const float *weights;      /* of all panels */
    float *out;                /* output 0 of the first row */
} crl_gemm_f32_block;

typedef void crl_gemm_f32_block_fn(const crl_gemm_f32 *g, const crl_gemm_f32_block *block, int32_t panel0, int32_t panel1);

typedef struct crl_gemm_f32_level {
    const char *name;
    int32_t lanes;    /* floats of a vector */
    int32_t vectors;  /* of the widest panel: a power of two */
    int32_t row_step; /* rows of its tiles */
    bool halves;      /* panels may have vectors of half as many lanes */
    crl_gemm_f32_block_fn *block;
} crl_gemm_f32_level;

struct crl_gemm_f32 {
    crl_gemm_f32_level level;
    crl_window window;
    bool gathered;            /* a tap is a row of the filter, or the whole of it; windows are copied to scratch, */
    bool in_place;            /* but those inside the picture where its rows are taps */
    int32_t taps, channels;   /* of the product */
    int32_t block_rows;
    float min, max;
    crl_gemm_f32_mode mode;
    size_t in_stride, out_stride; /* floats from pixel to pixel */
    const float *outside;     /* a pixel of zeros */
    crl_gemm_f32_panel *panel;
    int32_t n_panels;
    const float *weights;     /* of all panels, aligned to 64; NULL: they come with a run */
    size_t n_weights;
    size_t packed_bytes;
};

crl_gemm_f32_block_fn crl_gemm_f32_block_avx2, crl_gemm_f32_block_avx512vnni, crl_gemm_f32_block_neon;

#endif
