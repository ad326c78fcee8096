/* SPDX-License-Identifier: Apache-2.0 */
/* Two models, part by part. */
#include "same.h"

#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"

static bool same_bytes(const void *a, size_t n, const void *b, size_t m)
{
    return n == m && (!n || !memcmp(a, b, n));
}

static bool same_ints(const int32_t *a, int32_t n, const int32_t *b, int32_t m)
{
    return same_bytes(a, (size_t)n * sizeof *a, b, (size_t)m * sizeof *b);
}

static bool same_quant(const crl_quant *a, const crl_quant *b, const crl_shape *shape)
{
    size_t n = (size_t)a->n;
    if (a->block > 0) n = (size_t)shape->dim[0] * (size_t)(shape->dim[1] / a->block);
    if (a->n != b->n || a->axis != b->axis || a->block != b->block) return false;
    return same_bytes(a->scale, n * sizeof *a->scale, b->scale, n * sizeof *b->scale) &&
           same_ints(a->zero_point, a->zero_point ? a->n : 0, b->zero_point, b->zero_point ? b->n : 0);
}

static bool same_sparsity(const crl_sparsity *a, const crl_sparsity *b)
{
    if (!a || !b) return a == b;
    if (!same_ints(a->order, a->n_levels, b->order, b->n_levels) || !same_ints(a->block, a->n_block, b->block, b->n_block))
        return false;
    for (int32_t i = 0; i < a->n_levels; i++) {
        const crl_sparse_level *l = &a->levels[i], *m = &b->levels[i];
        if (l->size != m->size || l->step != m->step || !same_ints(l->segments, l->n_segments, m->segments, m->n_segments) ||
            !same_ints(l->indices, l->n_indices, m->indices, m->n_indices))
            return false;
    }
    return true;
}

static bool same_tensor(const crl_tensor_def *a, const crl_tensor_def *b)
{
    return !strcmp(a->name, b->name) && a->type == b->type && crl_shape_equal(&a->shape, &b->shape) &&
           crl_shape_equal(&a->shape_signature, &b->shape_signature) && same_quant(&a->quant, &b->quant, &a->shape) &&
           same_bytes(a->data, a->bytes, b->data, b->bytes) && !a->data == !b->data && a->buffer == b->buffer &&
           a->is_variable == b->is_variable && same_sparsity(a->sparsity, b->sparsity);
}

static bool same_option(const crl_option *a, const crl_option *b)
{
    const size_t bytes = sizeof(int32_t) * (size_t)a->n;
    if (strcmp(a->name, b->name) || a->kind != b->kind || a->i != b->i || memcmp(&a->f, &b->f, sizeof a->f) || a->n != b->n)
        return false;
    if (!a->text != !b->text || (a->text && strcmp(a->text, b->text))) return false;
    return same_bytes(a->v, a->v ? bytes : 0, b->v, b->v ? bytes : 0) &&
           same_bytes(a->fv, a->fv ? bytes : 0, b->fv, b->fv ? bytes : 0);
}

static bool same_operator(const crl_operator *a, const crl_operator *b)
{
    if (strcmp(a->name, b->name) || a->code != b->code || a->version != b->version || a->n_options != b->n_options) return false;
    for (int32_t i = 0; i < a->n_options; i++)
        if (!same_option(&a->options[i], &b->options[i])) return false;
    return same_ints(a->inputs, a->n_inputs, b->inputs, b->n_inputs) &&
           same_ints(a->outputs, a->n_outputs, b->outputs, b->n_outputs) &&
           same_ints(a->intermediates, a->n_intermediates, b->intermediates, b->n_intermediates) &&
           same_bytes(a->custom_options, a->custom_bytes, b->custom_options, b->custom_bytes);
}

static const char *differing_subgraph_part(const crl_subgraph *a, const crl_subgraph *b)
{
    if (strcmp(a->name, b->name)) return "the name of a subgraph";
    if (a->n_tensors != b->n_tensors || a->n_operators != b->n_operators) return "the size of a subgraph";
    if (!same_ints(a->inputs, a->n_inputs, b->inputs, b->n_inputs)) return "the inputs of a subgraph";
    if (!same_ints(a->outputs, a->n_outputs, b->outputs, b->n_outputs)) return "the outputs of a subgraph";
    for (int32_t i = 0; i < a->n_tensors; i++)
        if (!same_tensor(&a->tensors[i], &b->tensors[i])) return a->tensors[i].name;
    for (int32_t i = 0; i < a->n_operators; i++)
        if (!same_operator(&a->operators[i], &b->operators[i])) return a->operators[i].name;
    return NULL;
}

static bool same_names(const char *const *a, const char *const *b, int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        if (strcmp(a[i], b[i])) return false;
    return true;
}

static bool same_signature(const crl_signature *a, const crl_signature *b)
{
    return !strcmp(a->key, b->key) && a->subgraph == b->subgraph && same_ints(a->inputs, a->n_inputs, b->inputs, b->n_inputs) &&
           same_ints(a->outputs, a->n_outputs, b->outputs, b->n_outputs) &&
           same_names(a->input_names, b->input_names, a->n_inputs) && same_names(a->output_names, b->output_names, a->n_outputs);
}

static bool same_labels(const crl_model *a, const crl_model *b)
{
    const char *name_a, *name_b;
    char *text_a, *text_b;
    size_t n_a, n_b;
    const crl_status s = crl_model_label_file(a, -1, &name_a, &text_a, &n_a, NULL);
    const crl_status u = crl_model_label_file(b, -1, &name_b, &text_b, &n_b, NULL);
    const bool same = s == u && same_bytes(text_a, n_a, text_b, n_b);
    crl_free(text_a);
    crl_free(text_b);
    return same;
}

const char *differing_part(const crl_model *a, const crl_model *b)
{
    if (a->version != b->version || strcmp(a->description, b->description)) return "the description";
    if (a->n_subgraphs != b->n_subgraphs || a->n_signatures != b->n_signatures || a->n_metadata != b->n_metadata ||
        a->n_buffers != b->n_buffers)
        return "the number of subgraphs, signatures, metadata or buffers";
    for (int32_t i = 0; i < a->n_subgraphs; i++) {
        const char *part = differing_subgraph_part(&a->subgraphs[i], &b->subgraphs[i]);
        if (part) return part;
    }
    for (int32_t i = 0; i < a->n_signatures; i++)
        if (!same_signature(&a->signatures[i], &b->signatures[i])) return "a signature";
    for (int32_t i = 0; i < a->n_metadata; i++)
        if (strcmp(a->metadata[i].name, b->metadata[i].name) ||
            !same_bytes(a->metadata[i].data, a->metadata[i].bytes, b->metadata[i].data, b->metadata[i].bytes))
            return "metadata";
    return same_labels(a, b) ? NULL : "the label file";
}
