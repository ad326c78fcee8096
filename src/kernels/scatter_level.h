/* SPDX-License-Identifier: Apache-2.0 */
/* What the driver and the level kernels of the scatter family share. */
#ifndef CRL_KERNELS_SCATTER_LEVEL_H
#define CRL_KERNELS_SCATTER_LEVEL_H

#include "kernels/scatter.h"

enum { CRL_SCATTER_SLACK = 16 }; /* floats that a level may touch behind what it is given: the lanes of a vector */

/* An input row: of pixel p, n[p] inputs that are not 0, and where in a row of the filter their weights are. */
typedef struct crl_scatter_row {
    float *x;      /* [in_w][room] */
    uint32_t *at;  /* likewise */
    uint32_t *n;   /* [in_w] */
} crl_scatter_row;

typedef struct crl_scatter_level {
    const char *name;
    size_t lanes;
    /* Those of `from` [n] that are not 0, and `step` times their indices; how many. Room for n and the slack. */
    uint32_t (*list)(float *x, uint32_t *at, const float *from, size_t n, uint32_t step);
    /* Adds an input row's terms by one row of the filter, [in_c][width], to a line of sums. */
    void (*add)(const crl_scatter *s, float *line, const crl_scatter_row *row, const float *weights, float scale);
    /* out [n] = clamp(line + bias) */
    void (*finish)(const crl_scatter *s, float *out, const float *line, size_t n);
} crl_scatter_level;

struct crl_scatter {
    crl_scatter_level level;
    crl_window window;
    size_t width;         /* sums of an input pixel in a line, in whole vectors: those beyond have weights of 0 */
    size_t step;          /* from one input pixel's to the next one's */
    size_t line;          /* sums of a line, with what a picture's borders cut off, and the slack */
    size_t room;          /* inputs of a pixel, and the slack */
    int32_t rows;         /* input rows that an output row may see */
    const float *weights; /* [filter_h][in_c][width] */
    const float *scale;   /* [width] */
    const float *bias;    /* [period], which a vector of outputs may begin anywhere in: whole vectors of it repeat */
    size_t period;
    float min, max;
};

uint32_t crl_scatter_list(float *x, uint32_t *at, const float *from, size_t n, uint32_t step); /* plain */
uint32_t crl_scatter_list_avx512vnni(float *x, uint32_t *at, const float *from, size_t n, uint32_t step);
void crl_scatter_add_avx2(const crl_scatter *s, float *line, const crl_scatter_row *row, const float *weights, float scale);
void crl_scatter_add_avx512vnni(const crl_scatter *s, float *line, const crl_scatter_row *row, const float *weights, float scale);
void crl_scatter_add_neon(const crl_scatter *s, float *line, const crl_scatter_row *row, const float *weights, float scale);
void crl_scatter_finish_avx2(const crl_scatter *s, float *out, const float *line, size_t n);
void crl_scatter_finish_avx512vnni(const crl_scatter *s, float *out, const float *line, size_t n);
void crl_scatter_finish_neon(const crl_scatter *s, float *out, const float *line, size_t n);

#endif
