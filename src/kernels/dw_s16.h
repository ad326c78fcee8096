/* SPDX-License-Identifier: Apache-2.0 */
/* Depthwise convolutions of 16-bit activations and 8-bit weights, with 64-bit accumulators (depthwise.h), vectors over channels.
 * The outputs are those of the definition. */
#ifndef CRL_KERNELS_DW_S16_H
#define CRL_KERNELS_DW_S16_H

#include "kernels/unit16.h"
#include "kernels/window.h"

typedef struct crl_dw_s16_spec {
    crl_window window;     /* out_c is a multiple of in_c: outputs o and following see channel o / (out_c / in_c) */
    const int8_t *filter;  /* [filter_h, filter_w, out_c], borrowed while crl_dw_s16_new runs */
    crl_unit16_spec out;   /* its arrays have to outlive the layer */
    crl_pile *pile;        /* where the packed layer is kept; it has to outlive it, too */
} crl_dw_s16_spec;

/* Read-only after crl_dw_s16_new, any number of threads may run it. */
typedef struct crl_dw_s16 crl_dw_s16;

/* Errors  CRL_ERR_UNSUPPORTED  no level of `cpu` has kernels for it, or the weights of a channel add up to more than
 *                              CRL_UNIT16_SAFE, which takes 512 taps: the definition serves
 *         CRL_ERR_MEMORY */
crl_status crl_dw_s16_new(crl_dw_s16 **out, const crl_dw_s16_spec *spec, unsigned cpu, crl_error *err);

size_t crl_dw_s16_packed_bytes(const crl_dw_s16 *d);
const char *crl_dw_s16_name(const crl_dw_s16 *d);

/* Output rows row0 .. row1-1 of batch * out_h, from the whole input to their places in the whole output. No overlap. */
void crl_dw_s16_run(const crl_dw_s16 *d, int16_t *out, const int16_t *in, int32_t row0, int32_t row1);

#endif
