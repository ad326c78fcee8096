/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a model to be judged. What is promised of a judgement is asserted. */
#include <corallite/check.h>

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static void insist(bool promise)
{
    if (!promise) abort();
}

static size_t walk_layers(const crl_model *m, const crl_check_layer *layers, int32_t n)
{
    size_t sum = 0;
    for (int32_t i = 0; i < n; i++) {
        insist(layers[i].tensor >= 0 && layers[i].tensor < m->subgraphs[0].n_tensors && layers[i].bytes % 8 == 0);
        sum += layers[i].bytes;
    }
    return sum;
}

static size_t walk_ops(const crl_check *c)
{
    size_t sum = 0, all = 0, streamed = 0;
    int32_t mapped = 0;
    for (int32_t i = 0; i < c->n_ops; i++) {
        const crl_check_op *op = &c->ops[i];
        insist(!op->mapping == !op->reason && op->behind < c->n_ops);
        insist(!op->mapping || !op->parameter_bytes);
        if (op->reason) sum += strlen(op->reason);
        if (op->cure) sum += strlen(op->cure);
        sum += strlen(crl_mapping_text(op->mapping)) + op->tile_bytes;
        mapped += !op->mapping;
        all += op->parameter_bytes;
        streamed += op->streamed ? op->parameter_bytes : 0;
    }
    insist(mapped == c->n_mapped && all == c->parameter_bytes && streamed == c->streamed_bytes);
    insist(c->cached_bytes + c->streamed_bytes == c->parameter_bytes);
    insist((c->first_cpu < 0) == (c->n_mapped == c->n_ops) && c->first_cpu < c->n_ops);
    return sum;
}

int fuzz_check(const uint8_t *bytes, size_t size)
{
    crl_model *m;
    if (crl_model_open(&m, bytes, size, NULL)) return 0;
    static const int32_t runtimes[] = { 0, 10, 12, 13 };
    for (size_t k = 0; k < sizeof runtimes / sizeof *runtimes; k++) {
        crl_check *c;
        const crl_check_options options = { .runtime = runtimes[k], .compiler = k == 1 ? 2 : k == 2 ? 15 : 0 };
        if (crl_check_new(&c, m, &options, NULL)) continue;
        volatile size_t sum = walk_ops(c) + walk_layers(m, c->inputs, c->n_inputs) + walk_layers(m, c->outputs, c->n_outputs);
        (void)sum;
        for (int32_t i = 0; i < c->n_requirements; i++) insist(*c->requirements[i].name && *c->requirements[i].finding);
        for (int32_t i = 0; i < c->n_latency; i++) insist(c->latency[i].low_ms >= 0 && c->latency[i].low_ms <= c->latency[i].high_ms);
        crl_check_free(c);
    }
    crl_model_close(m);
    return 0;
}
