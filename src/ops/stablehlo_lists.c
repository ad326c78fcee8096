/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of dimensions, and regions: see stablehlo.h. */
#include "ops/stablehlo.h"

crl_list crl_node_list(const crl_node *node, const char *name)
{
    const crl_option *o = crl_operator_option(node->def, name);
    return o ? (crl_list){ o->v, o->n } : (crl_list){ 0 };
}

crl_status crl_node_sizes(const crl_node *node, const char *name, int32_t n, int32_t least, int32_t preset, int32_t *out,
                          crl_error *err)
{
    const crl_list list = crl_node_list(node, name);
    if (list.n && list.n != n)
        return crl_fail(err, CRL_ERR_FORMAT, "option %s has %d entries, %d are needed", name, list.n, n);
    for (int32_t i = 0; i < n; i++) {
        out[i] = list.n ? list.v[i] : preset;
        if (out[i] < least)
            return crl_fail(err, CRL_ERR_FORMAT, "option %s: entry %d is %d, at least %d is needed", name, i, out[i], least);
    }
    return CRL_OK;
}

crl_status crl_node_dims(const crl_node *node, const char *name, int32_t rank, crl_list *list, unsigned *set, crl_error *err)
{
    *list = crl_node_list(node, name);
    *set = 0;
    for (int32_t i = 0; i < list->n; i++) {
        const int32_t d = list->v[i];
        if (d < 0 || d >= rank || (*set >> d & 1))
            return crl_fail(err, CRL_ERR_FORMAT,
                            "option %s: entry %d is dimension %d, which is not there or named twice", name, i, d);
        *set |= 1u << d;
    }
    return CRL_OK;
}

crl_status crl_node_region(const crl_node *node, const char *option, int32_t *code, crl_error *err)
{
    const int32_t i = crl_node_int(node, option);
    if (!node->host) return crl_fail(err, CRL_ERR_STATE, "a graph that stands alone has no subgraphs");
    const crl_subgraph *region = node->host->look(node->host, i);
    if (!region) return crl_fail(err, CRL_ERR_FORMAT, "option %s is subgraph %d, which the model does not have", option, i);
    if (region->n_operators > 1)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "subgraph %d has %d operators, one is supported here", i, region->n_operators);
    *code = region->n_operators ? region->operators[0].code : -1;
    return CRL_OK;
}
