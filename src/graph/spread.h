/* SPDX-License-Identifier: Apache-2.0 */
/* Sparse constants are made dense when a graph is built: no operator knows of them. */
#ifndef CRL_GRAPH_SPREAD_H
#define CRL_GRAPH_SPREAD_H

#include <corallite/model.h>

/* Puts the values of a sparse constant into `dense`, zeros that are large enough for its shape. */
void crl_spread(void *dense, const crl_tensor_def *d);

#endif
