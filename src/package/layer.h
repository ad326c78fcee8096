/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs and outputs of an executable. */
#ifndef CRL_PACKAGE_LAYER_H
#define CRL_PACKAGE_LAYER_H

#include <corallite/package.h>

#include "model/flat_read.h"

/* Reads and verifies a vector of layers; `field` is the one of inputs or of outputs. Faults stick in r->flat. */
const crl_package_layer *crl_package_layers_read(crl_reader *r, const crl_flat_table *executable, int field, int32_t *n);

#endif
