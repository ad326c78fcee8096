/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this folder share; see include/corallite/learn.h for the whole. */
#ifndef CRL_LEARN_LEARN_H
#define CRL_LEARN_LEARN_H

#include <corallite/learn.h>

struct crl_extractor {
    uint8_t *bytes; /* the file of `model` */
    crl_model *model;
    crl_shape shape; /* of the vector */
    crl_type type;
    float scale; /* of the vector; 0: it is real */
    int32_t zero;
    int32_t size;
    float *rows; /* [classes][size] of the layer that was cut off; NULL: none */
    int32_t classes;
    float mean[4], std[4]; /* how pixels become numbers; [n_norm] */
    int32_t n_norm;
};

/* How the model wants pixels normalised, for `mean` and `std`. */
void crl_extractor_read_norm(crl_extractor *extractor, const crl_model *model);

/* Real numbers in steps of `scale` from `zero`, as the 256 numbers from `least` on: 0, or -128 for int8. */
void crl_rows_to_bytes(uint8_t *out, const float *rows, size_t n, float scale, int32_t zero, int32_t least);

/* crl_extractor_write() in the form of crl_imprinted_write(). */
crl_status crl_extractor_imprint(const crl_extractor *extractor, const crl_last_layer *rows, float factor, const char *description,
                                 uint8_t **bytes, size_t *size, crl_error *err);

#endif
