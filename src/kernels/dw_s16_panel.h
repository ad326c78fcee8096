/* SPDX-License-Identifier: Apache-2.0 */
/* What the driver and the level kernels of the dw_s16 family share. */
#ifndef CRL_KERNELS_DW_S16_PANEL_H
#define CRL_KERNELS_DW_S16_PANEL_H

#include "kernels/dw_s16.h"

/* Where a tap looks, from where the window begins. */
typedef struct crl_dw_s16_tap {
    int32_t y, x;
    ptrdiff_t offset; /* in elements */
} crl_dw_s16_tap;

typedef void crl_dw_s16_rows_fn(const crl_dw_s16 *d, int16_t *out, const int16_t *in, int32_t row0, int32_t row1);

typedef struct crl_dw_s16_level {
    const char *name;
    int32_t lanes;    /* sums of a vector */
    bool paired;      /* weights of two taps lane by lane: instructions multiply pairs. Else one tap after the other. */
    bool integers;    /* no doubles: see unit16.h */
    crl_dw_s16_rows_fn *rows;
} crl_dw_s16_level;

struct crl_dw_s16 {
    crl_dw_s16_level level;
    crl_window window;
    crl_unit16_spec out;
    int32_t multiplier;        /* outputs of a channel */
    int32_t pairs;             /* of taps, which is half of them, rounded up */
    const crl_dw_s16_tap *tap; /* [2 * pairs]; the last one may be there for nothing: its weights are 0 */
    const int16_t *outside;    /* a pixel of zeros, of all inputs */
    crl_unit16 *unit;
    int32_t n_units;
    const int16_t *weights;    /* [units][pairs][4 * lanes], aligned to 64 */
    size_t n_weights;
};

crl_dw_s16_rows_fn crl_dw_s16_rows_avx2, crl_dw_s16_rows_avxvnni, crl_dw_s16_rows_avx512vnni, crl_dw_s16_rows_neon;

#endif
