/* SPDX-License-Identifier: Apache-2.0 */
/* The parameters of a template: where each layer's are, and others in their place. */
#ifndef CRL_COMPILE_PARAMETERS_H
#define CRL_COMPILE_PARAMETERS_H

#include <corallite/package.h>

#include "compile/pack.h"

/**
 * Finds the packed weights of every layer of A on the chip, byte for byte, and puts those of B into the copy `to` of the template's
 * file `from`, whose package `package` is. `pile` is for what is not needed after the call.
 *
 * Errors  CRL_ERR_UNSUPPORTED  a layer of A is not there; B's would have another size; or something depends on B that is not understood
 *         CRL_ERR_MEMORY
 */
crl_status crl_parameters_edit(const crl_twin *w, const crl_package *package, const uint8_t *from, uint8_t *to, crl_pile *pile,
                               crl_error *err);

/* Counts the layers of A on the chip, and those whose packed weights are in the package, byte for byte. `*first` becomes the first
 * operator whose are not, and stays as it is where there is none. Errors: MEMORY. */
crl_status crl_parameters_count(const crl_twin *w, const crl_package *package, crl_pile *pile, int32_t *layers, int32_t *found,
                                int32_t *first, crl_error *err);

/* What a package has for a layer, besides its weights. */
typedef struct crl_layer_tables {
    const float *multipliers; /* [outputs]; NULL: there is one for all, in the program */
    const int32_t *biases;    /* [outputs]; NULL: none, or all are 0 */
    int32_t n;
    size_t at;                /* where the layer lies: compilers put them in the order in which they are computed */
} crl_layer_tables;

/* Finds the layers of A on the chip by their weights alone, and reads their tables: of[op] of each. They come from the pile. `*missing` becomes
 * the first operator whose weights are not in the package, and stays as it is where there is none. Errors: MEMORY, UNSUPPORTED (too large). */
crl_status crl_parameters_read(const crl_twin *w, const crl_package *package, crl_pile *pile, crl_layer_tables *of, int32_t *missing,
                               crl_error *err);

#endif
