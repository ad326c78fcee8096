/* SPDX-License-Identifier: Apache-2.0 */
/* Weights of 8 bits in float operators: see hybrid.h. */
#include "ops/hybrid.h"

#include <math.h>

#include "ops/shapes.h"

crl_status crl_hybrid_weights(const crl_node *node, const crl_tensor *weights, int32_t axis, crl_hybrid_matrix *m,
                              crl_error *err)
{
    const crl_quant *q = &weights->quant;
    crl_status s = crl_node_accept(node, weights, CRL_TYPE_8BIT, err);
    if (!s) s = crl_node_check_const(node, weights, err);
    if (!s && q->n <= 1) s = crl_node_check_quant_in(node, weights, err);
    if (s) return s;
    if (q->n > 1 && (q->axis != axis || axis >= weights->shape.rank || q->n != weights->shape.dim[axis]))
        return crl_node_bad(node, CRL_ERR_UNSUPPORTED, weights, err, "%d scales on axis %d, one or as many as axis %d has "
                            "are supported", q->n, q->axis, axis);
    for (int32_t i = 0; i < q->n; i++) {
        if (!(q->scale[i] >= 0) || !isfinite(q->scale[i]))
            return crl_node_bad(node, CRL_ERR_FORMAT, weights, err, "scale %g of channel %d", (double)q->scale[i], i);
        if (q->zero_point[i] && weights->type == CRL_INT8)
            return crl_node_bad(node, CRL_ERR_UNSUPPORTED, weights, err, "zero point %d, weights of float operators need 0",
                                q->zero_point[i]);
    }
    *m = (crl_hybrid_matrix){ .weights = weights->data, .scale = q->scale[0], .row_scale = q->n > 1 ? q->scale : NULL };
    if (weights->shape.rank == 2) {
        m->rows = (size_t)weights->shape.dim[0];
        m->columns = (size_t)weights->shape.dim[1];
    }
    return CRL_OK;
}
