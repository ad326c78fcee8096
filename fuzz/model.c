/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a model: open it, and read all that it hands out. What is promised of an open model is asserted. */
#include <corallite/model.h>

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "walk_flex.h"

static void insist(bool promise)
{
    if (!promise) abort();
}

static uint64_t walk_tensor(const crl_tensor_def *d)
{
    uint64_t sum = strlen(d->name) + crl_shape_count(&d->shape) + crl_type_name(d->type)[0];
    insist(d->shape.rank >= 0 && d->shape.rank <= CRL_MAX_RANK && d->shape_signature.rank == d->shape.rank);
    insist(!d->data || !d->is_variable);
    const size_t element = crl_type_bytes(d->type);
    if (d->data && element) {
        insist(d->bytes == element * crl_shape_count(&d->shape));
        insist((uintptr_t)d->data % (element > 8 ? 8 : element) == 0);
    }
    for (size_t i = 0; i < d->bytes; i++) sum += ((const uint8_t *)d->data)[i];
    insist(d->quant.n < 2 || d->shape.dim[d->quant.axis] == d->quant.n);
    for (int32_t i = 0; i < d->quant.n; i++)
        sum += (uint64_t)d->quant.zero_point[i] + (d->quant.scale[i] > 0);
    return sum;
}

static uint64_t walk_indices(const int32_t *list, int32_t n, int32_t least, int32_t limit)
{
    uint64_t sum = 0;
    for (int32_t i = 0; i < n; i++) {
        insist(list[i] >= least && list[i] < limit);
        sum += (uint64_t)list[i];
    }
    return sum;
}

static uint64_t walk_operator(const crl_operator *op, int32_t n_tensors)
{
    uint64_t sum = strlen(op->name);
    sum += walk_indices(op->inputs, op->n_inputs, -1, n_tensors);
    sum += walk_indices(op->outputs, op->n_outputs, 0, n_tensors);
    sum += walk_indices(op->intermediates, op->n_intermediates, -1, n_tensors);
    for (int32_t i = 0; i < op->n_options; i++) {
        const crl_option *o = &op->options[i];
        insist(crl_operator_option(op, o->name) == o);
        sum += (uint64_t)o->i + (o->f > 0) + (o->text ? strlen(o->text) : 0);
        for (int32_t k = 0; k < o->n; k++) sum += o->kind == CRL_OPTION_FLOATS ? o->fv[k] > 0 : (uint64_t)o->v[k];
    }
    for (size_t i = 0; i < op->custom_bytes; i++) sum += op->custom_options[i];
    int budget = 1000;
    return sum + walk_flex(crl_flex_root(op->custom_options, op->custom_bytes), 0, &budget);
}

static uint64_t walk_subgraph(const crl_subgraph *s)
{
    uint64_t sum = strlen(s->name);
    sum += walk_indices(s->inputs, s->n_inputs, 0, s->n_tensors);
    sum += walk_indices(s->outputs, s->n_outputs, 0, s->n_tensors);
    for (int32_t i = 0; i < s->n_tensors; i++) sum += walk_tensor(&s->tensors[i]);
    for (int32_t i = 0; i < s->n_operators; i++) sum += walk_operator(&s->operators[i], s->n_tensors);
    return sum;
}

static uint64_t walk_model(const crl_model *m)
{
    uint64_t sum = strlen(m->description);
    for (int32_t i = 0; i < m->n_subgraphs; i++) sum += walk_subgraph(&m->subgraphs[i]);
    for (int32_t i = 0; i < m->n_signatures; i++) {
        const crl_signature *s = &m->signatures[i];
        insist(s->subgraph >= 0 && s->subgraph < m->n_subgraphs);
        const int32_t n_tensors = m->subgraphs[s->subgraph].n_tensors;
        sum += strlen(s->key) + walk_indices(s->inputs, s->n_inputs, 0, n_tensors);
        sum += walk_indices(s->outputs, s->n_outputs, 0, n_tensors);
        for (int32_t k = 0; k < s->n_inputs; k++) sum += strlen(s->input_names[k]);
        for (int32_t k = 0; k < s->n_outputs; k++) sum += strlen(s->output_names[k]);
    }
    for (int32_t i = 0; i < m->n_metadata; i++) {
        sum += strlen(m->metadata[i].name);
        for (size_t k = 0; k < m->metadata[i].bytes; k++) sum += m->metadata[i].data[k];
    }
    return sum;
}

static uint64_t walk_labels(const crl_model *m)
{
    uint64_t sum = 0;
    for (int32_t i = -1; i < 4; i++) {
        const char *name;
        char *text;
        size_t bytes;
        crl_error err = { 0 };
        const crl_status s = crl_model_label_file(m, i, &name, &text, &bytes, &err);
        insist(!s || (!name && !text && *err.text && err.status == s));
        if (name) sum += strlen(name) + strlen(text) + bytes;
        free(text);
        const float *mean, *std;
        float threshold;
        int32_t n;
        if (crl_model_score_threshold(m, i, &threshold)) sum += threshold > 0;
        if (!crl_model_input_norm(m, i, &mean, &std, &n)) continue;
        for (int32_t k = 0; k < n; k++) sum += mean[k] > std[k];
    }
    return sum;
}

int fuzz_model(const uint8_t *bytes, size_t size)
{
    crl_model *m;
    crl_error err = { 0 };
    const crl_status s = crl_model_open(&m, bytes, size, &err);
    if (s) {
        insist(!m && err.status == s && *err.text && !strchr(err.text, '\n'));
        return 0;
    }
    volatile uint64_t sum = walk_model(m) + walk_labels(m);
    (void)sum;
    crl_model_close(m);
    return 0;
}
