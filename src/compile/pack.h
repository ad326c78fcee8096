/* SPDX-License-Identifier: Apache-2.0 */
/* Weights as they lie in a package's parameters: docs/formats/edgetpu-package.md. */
#ifndef CRL_COMPILE_PACK_H
#define CRL_COMPILE_PACK_H

#include "compile/twin.h"

/* What shapes alone do not tell, and compilers of several releases did differently. */
typedef struct crl_pack_choice {
    bool by_channel;   /* kernels of more than a point: input channels are the outer loop, not the taps */
    bool drops_zero;   /* a bias of zeros is left out */
    bool zero_filler;  /* outputs that fill up to 4 have weights 0, not the zero point */
    bool sixteen_rows; /* up to 4 outputs take 16 rows, not 4 */
    int32_t out;       /* tensor of A whose scale counts: the layer's own output, or what is fused behind it */
    int32_t group;     /* outputs are filled up to 4 in groups of so many, for a RESHAPE that parts them; 0: they are not */
} crl_pack_choice;

/* A layer as one of the models has it. */
typedef struct crl_layer_view {
    const uint8_t *weights;
    uint8_t flip;      /* of the sign bit of signed weights */
    int32_t outputs, kh, kw, inputs;
    size_t per_output, per_ky, per_kx, per_input; /* steps in weights */
    int32_t ky, kx;    /* where the kernel begins: of a map that is 1 high or wide only its centre counts */
    bool depthwise;    /* `outputs` channels, each from its own input */
    const int32_t *bias; /* NULL: none */
    bool zero_bias;
    const float *scale;  /* [n_scales] */
    const int32_t *zero; /* [n_scales] */
    int32_t n_scales;
    bool scales_differ;
    int32_t zero_more; /* to be added to zero points */
} crl_layer_view;

/* Layer `op` of one side. false: not of a form that is known. */
bool crl_layer_of(crl_layer_view *v, const crl_twin *w, crl_side side, int32_t op);

/* The multiplier of output channel c. */
float crl_layer_multiplier(const crl_twin *w, crl_side side, int32_t op, const crl_layer_view *v, int32_t out, int32_t c);

/* Where a packed layer has what follows from scales and biases. */
typedef struct crl_pack_places {
    uint8_t *tables;              /* [bytes of the layer] 1: of a scale or a bias */
    size_t *scale_at, *bias_at;   /* [outputs] */
    bool has_scales, has_biases;
    size_t bytes; /* of the layer */
} crl_pack_places;

/* Fills them, of a layer that is packed so. */
void crl_pack_places_of(crl_pack_places *places, const crl_layer_view *v, const crl_twin *w, int32_t op, const crl_pack_choice *choice);

/* Bytes of the packed layer, a multiple of 64; writes them to `to`, if that is not NULL. */
size_t crl_pack(const crl_layer_view *v, const crl_twin *w, crl_side side, int32_t op, const crl_pack_choice *choice, uint8_t *to);

#endif
