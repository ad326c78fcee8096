/* SPDX-License-Identifier: Apache-2.0 */
/* Operators that need no work when memory is laid out for them.
 *
 *   RESHAPE and its like   the output is a view of the input
 *   CONCATENATION          when each input is one contiguous piece of the output, the producers write there */
#include <string.h>

#include "backend/cpu/rules.h"

crl_status crl_lower_reshape(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_tensor *in = node->in[0], *out = node->out[0];
    if (in->flags & CRL_TENSOR_CONST) return CRL_OK;
    const crl_form form = crl_lower_form(l, in);
    const int32_t from = crl_lower_read(l, in, form, err);
    if (from < 0) return CRL_ERR_MEMORY;
    *taken = true;
    return crl_lower_view(l, out, form, from, 0, err);
}

static bool same_quant(const crl_quant *a, const crl_quant *b)
{
    if (a->n != b->n || a->n > 1) return false;
    return a->n == 0 || (a->scale[0] == b->scale[0] && a->zero_point[0] == b->zero_point[0]);
}

/* The value whose storage is all of `value`, if that storage may still be moved into another block. */
static int32_t movable(const crl_lower *l, int32_t value)
{
    const crl_schedule *s = l->schedule;
    const size_t bytes = s->values[value].tensor->bytes;
    while (s->values[value].base >= 0) {
        if (s->values[value].offset) return -1;
        value = s->values[value].base;
    }
    const crl_tensor *t = s->values[value].tensor;
    if (t->bytes != bytes || t->flags & (CRL_TENSOR_CONST | CRL_TENSOR_VARIABLE)) return -1;
    /* An input is the caller's, aligned and alone; what another part made lies in that part's arena. */
    if (value < l->graph->def->n_tensors && l->tensors[value].producer < 0) return -1;
    return value;
}

static int32_t piece_of(const crl_lower *l, const crl_tensor *t, crl_form form)
{
    const int32_t value = l->tensors[crl_graph_index(l->graph, t)].value[crl_lower_flips(t) ? form : CRL_FORM_RAW];
    return value < 0 ? -1 : movable(l, value);
}

crl_status crl_lower_concatenation(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    const crl_tensor *out = node->out[0];
    enum { MOST_PIECES = 1024 }; /* each is compared with all others; past that they are copied */
    if (crl_node_int(node, "fused_activation_function") || node->n_in > MOST_PIECES) return CRL_OK;
    int32_t axis = crl_node_int(node, "axis");
    if (axis < 0) axis += out->shape.rank;
    for (int32_t d = 0; d < axis; d++)
        if (out->shape.dim[d] != 1) return CRL_OK; /* pieces would not be contiguous */
    const crl_form form = crl_lower_form(l, node->in[0]);
    for (int32_t i = 0; i < node->n_in; i++) {
        const crl_tensor *in = node->in[i];
        if (!in || !same_quant(&in->quant, &out->quant)) return CRL_OK;
        const int32_t piece = piece_of(l, in, form);
        if (piece < 0) return CRL_OK;
        for (int32_t k = 0; k < i; k++)
            if (piece_of(l, node->in[k], form) == piece) return CRL_OK; /* it cannot lie in two places */
    }
    const int32_t whole = crl_lower_write(l, out, form, err);
    if (whole < 0) return CRL_ERR_MEMORY;
    size_t offset = 0;
    for (int32_t i = 0; i < node->n_in; i++) {
        const int32_t piece = piece_of(l, node->in[i], form);
        l->schedule->values[piece].base = whole;
        l->schedule->values[piece].offset = offset;
        offset += node->in[i]->bytes;
    }
    *taken = true;
    return CRL_OK;
}
