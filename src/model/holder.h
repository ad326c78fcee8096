/* SPDX-License-Identifier: Apache-2.0 */
/* An open model: what the caller sees and what has to be given back. */
#ifndef CRL_MODEL_HOLDER_H
#define CRL_MODEL_HOLDER_H

#include "model/metadata.h"

typedef struct crl_model_holder {
    crl_model model; /* first, so that a caller's pointer leads to the holder */
    crl_notes notes;
    crl_pile pile;
    void *map; /* the file, mapped, where it is large; or NULL */
    size_t map_bytes;
    uint8_t *owned; /* the file, read: pages of base/alloc.h; or NULL */
    int32_t layers, layers_equal; /* of a twin: with weights, and those whose weights its package has; 0, 0: that was not seen */
} crl_model_holder;

#endif
