/* SPDX-License-Identifier: Apache-2.0 */
/* RESIZE_BILINEAR of uint8 pictures row by row: the same function as resize.h, for one picture and a range of rows.
 *
 *   float   crl_resize_bilinear_u8_ref, for uint8 tensors
 *   fixed   crl_resize_bilinear_s8_ref on bytes with bit 7 flipped, for int8 tensors in kernel form
 *
 * Method. What is above and below is the same for a whole row, so the vertical products of all input columns come
 * first, then each output pixel takes two of them. The order of the float operations is the definition's, product
 * by product; the integers are exact in any order.
 *
 * Contract: batch 1; rows row0 .. row1-1 of the output are written, nothing else. `scratch` has
 * crl_resize8_scratch bytes, 64-byte aligned. */
#ifndef CRL_KERNELS_RESIZE8_H
#define CRL_KERNELS_RESIZE8_H

#include "kernels/resize.h"

/* An output position: the two input positions that it lies between and their weights, of the kind that the
 * kernel uses. */
typedef struct crl_resize_place {
    int32_t low, high;
    union {
        float f;
        int32_t q; /* 1/1024 */
    } near, far;   /* of low and high */
} crl_resize_place;

/* Fills places[out] for one axis; `fixed` chooses the kind. */
void crl_resize8_places(crl_resize_place *places, int32_t in, int32_t out, bool fixed, const crl_resize *r);

size_t crl_resize8_scratch(const crl_resize *r);

typedef void crl_resize8_fn(uint8_t *out, const uint8_t *in, const crl_resize *r, const crl_resize_place *down,
                            const crl_resize_place *across, int32_t row0, int32_t row1, void *scratch);

typedef struct crl_resize8_kernels {
    const char *name; /* NULL: no kernel at this level */
    crl_resize8_fn *bilinear_float, *bilinear_fixed;
} crl_resize8_kernels;

void crl_resize8_kernels_init(crl_resize8_kernels *k, unsigned cpu);

crl_resize8_fn crl_resize8_float_avx2, crl_resize8_fixed_avx2, crl_resize8_float_neon, crl_resize8_fixed_neon;

#endif
