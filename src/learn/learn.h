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

#endif
