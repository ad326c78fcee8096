/* SPDX-License-Identifier: Apache-2.0 */
/* FULLY_CONNECTED of int8 with a row or two and a handful of outputs, as detectors of a word or of an event end: products along
 * the row. Packed weights would be 16 columns, nearly all of them zeros. */
#include "backend/cpu/layer.h"
#include "backend/cpu/rules.h"
#include "backend/cpu/spread.h"
#include "kernels/dot8.h"
#include "kernels/fully_connected.h"

enum { MOST_OUTPUTS = 16 };

typedef struct few_step {
    crl_spread spread; /* of rows */
    crl_dot8_fn *dot;
    const int8_t *weights; /* [outputs][inputs] */
    size_t inputs, outputs;
    uint32_t bias[MOST_OUTPUTS]; /* with what the zero point of the input adds; sums of 32 bits wrap */
    crl_requant requant;         /* of int8 */
} few_step;

static void rows(const void *params, size_t first, size_t end)
{
    const few_step *p = params;
    int32_t sum[MOST_OUTPUTS];
    for (size_t row = first; row < end; row++) {
        uint8_t *out = (uint8_t *)p->spread.out->data + row * p->outputs;
        p->dot(sum, (const uint8_t *)p->spread.in->data + row * p->inputs, p->weights, p->outputs, p->inputs);
        for (size_t o = 0; o < p->outputs; o++)
            out[o] = (uint8_t)(crl_requant_apply((int32_t)((uint32_t)sum[o] + p->bias[o]), &p->requant, o) + 128);
    }
}

/* A packed product takes a cycle for each input, whatever the outputs are, up to 64; a row of weights a cycle for each
 * instruction, and what it takes to add up its lanes and to round. */
static bool pays(const crl_fully *f, const crl_dot8_kernels *k)
{
    enum { CYCLES_TO_END = 32 };
    return f->out_n <= MOST_OUTPUTS && f->in_n <= CRL_DOT8_MOST &&
           (int64_t)f->batch * f->out_n * (f->in_n / k->lanes + CYCLES_TO_END) < f->in_n;
}

crl_status crl_lower_fully_connected_few(crl_lower *l, crl_node *node, bool *taken, crl_error *err)
{
    crl_layer layer;
    const crl_fully *f = node->params;
    crl_dot8_kernels k;
    crl_dot8_kernels_init(&k, l->cpu);
    if (!crl_layer_from_fully(&layer, node) || !layer.filter_signed || layer.filter_zero || !pays(f, &k)) return CRL_OK;
    *taken = true;
    crl_step *step;
    few_step *p = crl_spread_add(l, node, layer.in, NULL, CRL_FORM_KERNEL, CRL_FORM_KERNEL, sizeof *p, &step, err);
    if (!p) return CRL_ERR_MEMORY;
    p->dot = k.run;
    p->weights = layer.filter;
    p->inputs = (size_t)f->in_n;
    p->outputs = (size_t)f->out_n;
    p->requant = f->out;
    for (size_t o = 0; o < p->outputs; o++) {
        uint32_t sum = 0;
        for (size_t i = 0; i < p->inputs; i++) sum += (uint32_t)(int32_t)p->weights[o * p->inputs + i];
        p->bias[o] = (layer.bias ? (uint32_t)layer.bias[o] : 0) - (uint32_t)layer.in_zero * sum;
    }
    step->kernel = k.name;
    step->macs = node->macs;
    step->weight_bytes = node->in[1]->bytes;
    crl_spread_share(&p->spread, l, rows, (size_t)f->batch, 1, node->macs);
    return CRL_OK;
}
