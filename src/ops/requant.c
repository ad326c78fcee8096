/* SPDX-License-Identifier: Apache-2.0 */
/* From what an operator knows to what its kernel asks for. */
#include "ops/requant.h"

#include "kernels/element.h"

crl_status crl_node_requant(crl_node *node, const crl_tensor *out, crl_scale scale, crl_requant *q, crl_error *err)
{
    crl_scale *kept = crl_node_alloc(node, 1, sizeof *kept, err);
    if (!kept) return CRL_ERR_MEMORY;
    *kept = scale;
    *q = (crl_requant){ .scale = kept, .zero_point = out->quant.zero_point[0], .min = crl_type_min(out->type),
                        .max = crl_type_max(out->type) };
    return CRL_OK;
}
