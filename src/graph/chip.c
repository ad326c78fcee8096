/* SPDX-License-Identifier: Apache-2.0 */
/* The rule, and operators that are fused: see chip.h. */
#include "graph/chip.h"

#include "ops/chip.h"

/* --- which operators ----------------------------------------------------------------------------------- */

/* The activations that an operator reads and writes have 8 bits. */
static bool is_8bit(const crl_tensor_def *t)
{
    return t->type == CRL_UINT8 || t->type == CRL_INT8;
}

static bool takes(const crl_subgraph *def, const crl_operator *op)
{
    if (!crl_chip_has(op->code) || !op->n_outputs) return false;
    for (int32_t i = 0; i < op->n_outputs; i++)
        if (!is_8bit(&def->tensors[op->outputs[i]])) return false;
    for (int32_t i = 0; i < op->n_inputs; i++)
        if (op->inputs[i] >= 0 && !def->tensors[op->inputs[i]].data && !is_8bit(&def->tensors[op->inputs[i]])) return false;
    return true;
}

void crl_chip_rule(const crl_subgraph *def, bool *mapped)
{
    for (int32_t i = 0; i < def->n_operators; i++) mapped[i] = takes(def, &def->operators[i]);
}

/* --- what is fused ------------------------------------------------------------------------------------- */

static bool is_convolution(int32_t code)
{
    return code == CRL_OP_CONV_2D || code == CRL_OP_DEPTHWISE_CONV_2D || code == CRL_OP_FULLY_CONNECTED ||
           code == CRL_OP_TRANSPOSE_CONV;
}

static bool is_scaling(int32_t code)
{
    return code == CRL_OP_QUANTIZE || code == CRL_OP_RELU || code == CRL_OP_RELU6 || code == CRL_OP_RELU_N1_TO_1;
}

/* The scales of `out`, for a tensor that may have the other sign. */
static crl_status take(crl_quant *to, const crl_tensor_def *t, const crl_tensor_def *out, crl_pile *pile, crl_error *err)
{
    int32_t *zero = crl_pile_array(pile, 1, sizeof *zero);
    if (!zero) return crl_fail_memory(err, "the graph");
    const uint32_t lift = t->type == out->type ? 0 : out->type == CRL_UINT8 ? (uint32_t)-128 : 128u;
    *zero = (int32_t)((uint32_t)out->quant.zero_point[0] + lift); /* of a file: any */
    *to = out->quant;
    to->zero_point = zero;
    return CRL_OK;
}

/* How often the tensor is read, as an output of the subgraph, too. */
static void count_reads(const crl_subgraph *def, int32_t *reads)
{
    for (int32_t i = 0; i < def->n_operators; i++)
        for (int32_t k = 0; k < def->operators[i].n_inputs; k++)
            if (def->operators[i].inputs[k] >= 0) reads[def->operators[i].inputs[k]]++;
    for (int32_t i = 0; i < def->n_outputs; i++) reads[def->outputs[i]]++;
}

static crl_status fuse(const crl_subgraph *def, const bool *on_chip, const int32_t *reads, int32_t *writer, crl_quant *quant,
                       crl_pile *pile, crl_error *err)
{
    for (int32_t i = 0; i < def->n_operators; i++) {
        const crl_operator *op = &def->operators[i];
        for (int32_t k = 0; k < op->n_outputs; k++) writer[op->outputs[k]] = i + 1;
        if (!on_chip[i] || !is_scaling(op->code) || op->n_inputs != 1 || op->n_outputs != 1 || op->inputs[0] < 0) continue;
        const int32_t from = writer[op->inputs[0]] - 1;
        const crl_tensor_def *t = &def->tensors[op->inputs[0]], *out = &def->tensors[op->outputs[0]];
        if (from < 0 || !on_chip[from] || !is_convolution(def->operators[from].code) || reads[op->inputs[0]] != 1) continue;
        if (t->is_variable || !is_8bit(t) || !is_8bit(out) || t->quant.n != 1 || out->quant.n != 1) continue;
        crl_status s = take(&quant[op->inputs[0]], t, out, pile, err);
        if (s) return s;
    }
    return CRL_OK;
}

crl_status crl_chip_mark(const crl_chip *chip, const crl_subgraph *def, bool *on_chip, crl_quant *quant, crl_pile *pile,
                         crl_error *err)
{
    crl_chip_rule(def, on_chip);
    for (int32_t i = 0; chip->mapped && i < def->n_operators; i++) on_chip[i] = on_chip[i] && chip->mapped[i];
    for (int32_t i = 0; i < def->n_tensors; i++) quant[i] = def->tensors[i].quant;
    crl_pile room = crl_pile_beside(pile);
    int32_t *reads = crl_pile_array(&room, (size_t)def->n_tensors, sizeof *reads);
    int32_t *writer = crl_pile_array(&room, (size_t)def->n_tensors, sizeof *writer);
    crl_status s = reads && writer ? CRL_OK : crl_fail_memory(err, "the graph");
    if (!s) count_reads(def, reads);
    if (!s) s = fuse(def, on_chip, reads, writer, quant, pile, err);
    crl_pile_free(&room);
    return s;
}
