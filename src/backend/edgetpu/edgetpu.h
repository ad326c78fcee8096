/* SPDX-License-Identifier: Apache-2.0 */
/* The Edge TPU as a backend: it claims compiled operators, and runs their packages on a stick, or on a chip on PCIe. */
#ifndef CRL_BACKEND_EDGETPU_EDGETPU_H
#define CRL_BACKEND_EDGETPU_EDGETPU_H

#include "backend/backend.h"
#include "backend/edgetpu/canary.h"

typedef struct crl_edgetpu_setup {
    const crl_model *model;     /* whose operators are claimed */
    const crl_bus *buses;       /* that are looked at; what they are made of outlives the process' sticks */
    int n_buses;
    const crl_place *place;     /* on the first of them; NULL: the stick that fewest engines use */
    crl_tpu_options options;
    crl_canaries *canaries;     /* what a stick that was brought back has to compute again; NULL: it is believed */
} crl_edgetpu_setup;

/* The table; `setup` outlives it. */
crl_backend crl_edgetpu_backend(const crl_edgetpu_setup *setup);

#endif
