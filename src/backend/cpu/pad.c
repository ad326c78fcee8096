/* SPDX-License-Identifier: Apache-2.0 */
/* PAD and PADV2 before a convolution that is the only one to read them: it pads as it goes. */
#include "backend/cpu/rules.h"

crl_status crl_lower_pad(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_lower_tensor *out = &l->tensors[crl_graph_index(l->graph, node->out[0])];
    if (out->n_uses != 1 || out->user < 0 || l->done[out->user]) return CRL_OK;
    crl_node *user = &l->graph->nodes[out->user];
    if (user->in[0] != node->out[0]) return CRL_OK;
    crl_status s = CRL_OK;
    if (user->def->code == CRL_OP_CONV_2D) {
        s = crl_lower_conv_after(l, user, node, taken, err);
        if (!s && !*taken) s = crl_lower_conv_f32_after(l, user, node, taken, err);
        if (!s && !*taken) s = crl_lower_conv_s16_after(l, user, node, taken, err);
    } else if (user->def->code == CRL_OP_DEPTHWISE_CONV_2D) {
        s = crl_lower_depthwise_after(l, user, node, taken, err);
        if (!s && !*taken) s = crl_lower_depthwise_f32_after(l, user, node, taken, err);
        if (!s && !*taken) s = crl_lower_depthwise_s16_after(l, user, node, taken, err);
    }
    if (*taken) l->done[user->index] = true;
    return s;
}
