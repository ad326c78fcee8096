/* SPDX-License-Identifier: Apache-2.0 */
/* What StableHLO operators share: lists of dimensions, and regions, subgraphs that tell what to compute. */
#ifndef CRL_OPS_STABLEHLO_H
#define CRL_OPS_STABLEHLO_H

#include "kernels/join.h"
#include "ops/shapes.h"

/* A list option as it stands in the file. */
typedef struct crl_list {
    const int32_t *v;
    int32_t n;
} crl_list;

crl_list crl_node_list(const crl_node *node, const char *name);
/* A list of `n` numbers from least to most; an empty one gives `preset` n times. Source of out: the list. */
crl_status crl_node_sizes(const crl_node *node, const char *name, int32_t n, int32_t least, int32_t preset, int32_t *out,
                          crl_error *err);
/* A list of different dimensions of a tensor of `rank`; *set has a bit for each. */
crl_status crl_node_dims(const crl_node *node, const char *name, int32_t rank, crl_list *list, unsigned *set, crl_error *err);

/* The code of a subgraph's only operator, which the option names; -1 when it has none. Errors: more than one operator. */
crl_status crl_node_region(const crl_node *node, const char *option, int32_t *code, crl_error *err);

#endif
