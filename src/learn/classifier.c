/* SPDX-License-Identifier: Apache-2.0 */
/* An extractor and a last layer, as one file: see include/corallite/learn.h.
 *
 *   vector -> (L2_NORMALIZATION) -> FULLY_CONNECTED -> SOFTMAX                     [1,n]
 *   vector -> (L2_NORMALIZATION) -> CONV_2D 1x1 -> RESHAPE -> SOFTMAX              [1,1,1,n]
 *
 * The forms and names are those that the learning engines of Coral wrote, so that what reads those reads these. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "model/graft.h"
#include "learn/learn.h"
#include "learn/notes.h"
#include "model/zip.h"

enum { CONV_2D = 3, FULLY_CONNECTED = 9, L2_NORMALIZATION = 11, MUL = 18, RESHAPE = 22, SOFTMAX = 25 };
enum { PADDING_VALID = 1 };

/* What the new tensors are called. */
typedef struct names {
    const char *norm, *weights, *bias, *logits, *factor, *scaled, *shape, *flat, *output;
} names;

static const names appended = { "Appended/L2Norm", "Appended/FC/Weights", "Appended/FC/Bias", "Appended/FC/Output", "Appended/Factor",
                                "Appended/Scaled", "Appended/Shape", "Appended/Reshape", "Appended/Softmax" };
static const names imprinted = { "Imprinting/L2Norm/Output", "Imprinting/FC/Weights", "Imprinting/FC/Bias", "Imprinting/FC/Output",
                                 "Imprinting/Scale/Factor", "Imprinting/Scale/Output", "Imprinting/Reshape/Shape",
                                 "Imprinting/Reshape/Output", "Imprinting/Softmax/Output" };

/* A tensor of the new part: what its numbers mean. */
typedef struct range {
    float scale; /* 0: they are real */
    int32_t zero;
} range;

typedef struct building {
    crl_graft *g;
    const crl_extractor *e;
    const crl_last_layer *layer;
    const names *names;
    range vector, weights, logits; /* `weights` of scale 0: found from them */
    float factor;                  /* of the logits behind the layer; 0: there is none */
    const char *description;       /* of the model; NULL: as it was */
} building;

static bool is_float(const building *b)
{
    return b->e->type == CRL_FLOAT32;
}

/* The version of an operator that has the type: what runtimes that look at it want to see. */
static int32_t version(const building *b, int32_t of_int8)
{
    return b->e->type == CRL_INT8 ? of_int8 : 1;
}

static int32_t add_tensor(building *b, const char *name, crl_shape shape, range r)
{
    return crl_graft_add_tensor(b->g, &(crl_graft_tensor){ .name = name, .type = b->e->type, .shape = shape, .scale = r.scale, .zero = r.zero });
}

/* The vector's shape with n for its last dimension. */
static crl_shape shaped(const building *b, int32_t n)
{
    crl_shape s = b->e->shape;
    s.dim[s.rank - 1] = n;
    return s;
}

static int32_t add_norm(building *b, int32_t vector)
{
    if (!b->layer->normalise) return vector;
    b->vector = is_float(b) ? (range){ 0 } : (range){ 1 / 128.0f, b->e->type == CRL_UINT8 ? 128 : 0 };
    const int32_t out = add_tensor(b, b->names->norm, b->e->shape, b->vector);
    crl_graft_add_operator(b->g, L2_NORMALIZATION, version(b, 2), &vector, 1, out);
    return out;
}

/* ---- weights ---- */

static float largest(const float *v, size_t n)
{
    float most = 0;
    for (size_t i = 0; i < n; i++)
        if (fabsf(v[i]) > most) most = fabsf(v[i]);
    return most;
}

void crl_rows_to_bytes(uint8_t *out, const float *rows, size_t n, float scale, int32_t zero, int32_t least)
{
    for (size_t i = 0; i < n; i++) out[i] = (uint8_t)(int32_t)fmaxf((float)least, fminf((float)(least + 255), rintf(rows[i] / scale) + (float)zero));
}

/* [classes, 1, 1, size] for a convolution. Weights are symmetric: a zero is a zero. */
static int32_t add_weights(building *b)
{
    const crl_last_layer *l = b->layer;
    const size_t n = (size_t)l->classes * (size_t)l->size, one = crl_type_bytes(b->e->type);
    crl_graft_tensor t = { .name = b->names->weights, .type = b->e->type, .shape = { 2, { l->classes, l->size } } };
    if (b->e->shape.rank == 4) t.shape = (crl_shape){ 4, { l->classes, 1, 1, l->size } };
    uint8_t *data = crl_graft_take(b->g, n, one);
    if (!data) return 0;
    if (is_float(b)) {
        memcpy(data, l->weights, n * one);
    } else {
        const float most = largest(l->weights, n);
        const int32_t least = b->e->type == CRL_UINT8 ? 0 : -128;
        if (!(b->weights.scale > 0)) b->weights = (range){ most / 127 >= FLT_MIN ? most / 127 : 1 / 127.0f, least + 128 };
        crl_rows_to_bytes(data, l->weights, n, b->weights.scale, b->weights.zero, least);
    }
    t.scale = b->weights.scale;
    t.zero = b->weights.zero;
    t.data = data;
    t.bytes = n * one;
    return crl_graft_add_tensor(b->g, &t);
}

static int32_t add_bias(building *b)
{
    const crl_last_layer *l = b->layer;
    const size_t n = (size_t)l->classes;
    const float scale = b->vector.scale * b->weights.scale;
    int32_t *data = crl_graft_take(b->g, n, sizeof *data);
    for (size_t i = 0; data && l->bias && i < n; i++) {
        if (is_float(b))
            memcpy(&data[i], &l->bias[i], sizeof *data);
        else
            data[i] = (int32_t)fmax(-0x7fffffff, fmin(0x7fffffff, rint((double)l->bias[i] / (double)scale)));
    }
    return crl_graft_add_tensor(b->g, &(crl_graft_tensor){ .name = b->names->bias, .type = is_float(b) ? CRL_FLOAT32 : CRL_INT32,
                                                           .shape = { 1, { l->classes } }, .scale = scale, .data = data,
                                                           .bytes = n * sizeof *data });
}

/* ---- logits ---- */

/* Where no range is given: what the largest row can give. */
static void widest(const crl_last_layer *l, const crl_extractor *e, float *low, float *high)
{
    double most = 0;
    const double reach = e->type == CRL_FLOAT32 || l->normalise ? 1 : (double)e->scale * 255 * sqrt((double)l->size);
    for (int32_t c = 0; c < l->classes; c++) {
        double sum = 0;
        for (int32_t i = 0; i < l->size; i++)
            sum += (double)l->weights[(size_t)c * (size_t)l->size + (size_t)i] *
                   (double)l->weights[(size_t)c * (size_t)l->size + (size_t)i];
        const double here = sqrt(sum) * reach + (l->bias ? fabs((double)l->bias[c]) : 0);
        if (here > most) most = here;
    }
    *high = (float)fmin(most, (double)FLT_MAX / 4);
    *low = -*high;
}

/* 256 steps from low to high, 0 being one of them. */
static range logit_range(const building *b)
{
    float low = b->layer->low, high = b->layer->high;
    if (is_float(b)) return (range){ 0 };
    if (low == 0 && high == 0) widest(b->layer, b->e, &low, &high);
    low = fminf(low, 0);
    high = fmaxf(high, 0);
    if (high - low < 1e-6f) high = low + 1;
    const float scale = (high - low) / 255;
    const int32_t least = b->e->type == CRL_INT8 ? -128 : 0;
    return (range){ scale, least + (int32_t)lrintf(-low / scale) };
}

/* Logits times the factor, their range as well. */
static int32_t add_factor(building *b, int32_t logits)
{
    if (!(b->factor > 0)) return logits;
    const bool whole = !is_float(b);
    const int32_t most = b->e->type == CRL_UINT8 ? 255 : 127;
    uint8_t *data = crl_graft_take(b->g, sizeof b->factor, 1);
    if (!data) return logits;
    memcpy(data, &b->factor, sizeof b->factor);
    if (whole) data[0] = (uint8_t)most;
    const int32_t factor = crl_graft_add_tensor(b->g, &(crl_graft_tensor){ .name = b->names->factor, .type = b->e->type, .shape = { 1, { 1 } },
                                                                           .scale = whole ? b->factor / (float)most : 0, .data = data,
                                                                           .bytes = crl_type_bytes(b->e->type) });
    b->logits.scale *= b->factor;
    const int32_t out = add_tensor(b, b->names->scaled, shaped(b, b->layer->classes), b->logits);
    crl_graft_add_operator(b->g, MUL, version(b, 2), (int32_t[]){ logits, factor }, 2, out);
    return out;
}

static int32_t add_convolution(building *b, const int32_t *inputs, int32_t out)
{
    crl_tree *o = crl_graft_add_operator(b->g, CONV_2D, version(b, 3), inputs, 3, out);
    if (!o) return out;
    crl_graft_number(b->g, o, crl_graft_option(o, "padding"), PADDING_VALID);
    crl_graft_number(b->g, o, crl_graft_option(o, "stride_w"), 1);
    crl_graft_number(b->g, o, crl_graft_option(o, "stride_h"), 1);
    const int32_t row[2] = { 1, b->layer->classes };
    int32_t *shape = crl_graft_take(b->g, 2, sizeof *shape);
    if (!shape) return out;
    memcpy(shape, row, sizeof row);
    const int32_t form = crl_graft_add_tensor(b->g, &(crl_graft_tensor){ .name = b->names->shape, .type = CRL_INT32, .shape = { 1, { 2 } },
                                                                         .data = shape, .bytes = sizeof row });
    out = add_factor(b, out);
    const int32_t flat = add_tensor(b, b->names->flat, (crl_shape){ 2, { 1, b->layer->classes } }, b->logits);
    o = crl_graft_add_operator(b->g, RESHAPE, 1, (int32_t[]){ out, form }, 2, flat);
    if (o) crl_graft_list(b->g, o, crl_graft_option(o, "new_shape"), shape, 2);
    return flat;
}

/* Returns the tensor with the probabilities. */
static int32_t add_layer(building *b, int32_t vector)
{
    const int32_t inputs[3] = { add_norm(b, vector), add_weights(b), add_bias(b) };
    b->logits = logit_range(b);
    int32_t logits = add_tensor(b, b->names->logits, shaped(b, b->layer->classes), b->logits);
    if (b->e->shape.rank == 4)
        logits = add_convolution(b, inputs, logits);
    else
        crl_graft_add_operator(b->g, FULLY_CONNECTED, version(b, 4), inputs, 3, logits);
    const range p = { is_float(b) ? 0 : 1 / 256.0f, b->e->type == CRL_INT8 ? -128 : 0 };
    const int32_t out = add_tensor(b, b->names->output, (crl_shape){ 2, { 1, b->layer->classes } }, p);
    crl_tree *o = crl_graft_add_operator(b->g, SOFTMAX, version(b, 2), &logits, 1, out);
    if (o) *crl_tree_at(o, crl_graft_option(o, "beta")) = (crl_tree_value){ .f = 1, .present = true };
    return out;
}

/* ---- the file ---- */

static char *join_labels(const crl_classifier_info *info, int32_t n, size_t *bytes)
{
    size_t all = 0, at = 0;
    for (int32_t i = 0; i < n; i++) all += strlen(info->labels[i]) + 1;
    char *text = crl_alloc(all);
    for (int32_t i = 0; text && i < n; i++) {
        const size_t k = strlen(info->labels[i]);
        memcpy(text + at, info->labels[i], k);
        text[at + k] = '\n';
        at += k + 1;
    }
    *bytes = all;
    return text;
}

static crl_status add_labels(const crl_classifier_info *info, int32_t classes, uint8_t **bytes, size_t *size, crl_error *err)
{
    size_t n;
    char *text = join_labels(info, classes, &n);
    const size_t archive = crl_zip_store(NULL, *size, CRL_LABELS_FILE, text, n);
    uint8_t *whole = text ? crl_alloc(*size + archive) : NULL;
    if (whole) {
        memcpy(whole, *bytes, *size);
        crl_zip_store(whole + *size, *size, CRL_LABELS_FILE, text, n);
        crl_free(*bytes);
        *bytes = whole;
        *size += archive;
    }
    crl_free(text);
    return whole ? CRL_OK : crl_fail_memory(err, "a model");
}

static crl_status check_layer(const crl_extractor *e, const crl_last_layer *l, const crl_classifier_info *info, crl_error *err)
{
    const crl_status s = crl_check_reserved(l->reserved, sizeof l->reserved / sizeof *l->reserved, "crl_last_layer", err);
    if (s) return s;
    if (l->classes < 1 || l->classes > CRL_MAX_CLASSES)
        return crl_fail(err, CRL_ERR_ARGUMENT, "%d classes; 1 to %d are accepted", l->classes, CRL_MAX_CLASSES);
    if (l->size != e->size)
        return crl_fail(err, CRL_ERR_ARGUMENT, "a layer for %d numbers; the extractor gives %d", l->size, e->size);
    for (size_t i = 0; i < (size_t)l->classes * (size_t)l->size; i++)
        if (!isfinite(l->weights[i])) return crl_fail(err, CRL_ERR_ARGUMENT, "weight %zu is %g", i, (double)l->weights[i]);
    for (int32_t i = 0; l->bias && i < l->classes; i++)
        if (!isfinite(l->bias[i])) return crl_fail(err, CRL_ERR_ARGUMENT, "bias %d is %g", i, (double)l->bias[i]);
    if (!isfinite(l->low) || !isfinite(l->high - l->low) || l->low > l->high)
        return crl_fail(err, CRL_ERR_ARGUMENT, "logits from %g to %g", (double)l->low, (double)l->high);
    if (!(info->threshold >= 0 && info->threshold <= 1))
        return crl_fail(err, CRL_ERR_ARGUMENT, "threshold %g; 0 to 1 is accepted", (double)info->threshold);
    for (int32_t i = 0; info->labels && i < l->classes; i++)
        if (!info->labels[i] || strpbrk(info->labels[i], "\r\n"))
            return crl_fail(err, CRL_ERR_ARGUMENT, "label %d \"%s\" has a line break, or is none; labels are lines of a file", i,
                            info->labels[i] ? info->labels[i] : "");
    return CRL_OK;
}

static crl_status build(building *b, const crl_classifier_info *info, crl_pile *pile, uint8_t **bytes, size_t *size, crl_error *err)
{
    crl_tree *root;
    uint8_t *notes = NULL;
    crl_status s = crl_tree_read_model(&root, b->e->model, pile, err);
    if (s) return s;
    crl_graft g = { root, crl_tree_at(root, CRL_FIELD_MODEL_SUBGRAPHS)->tables[0], pile, false };
    b->g = &g;
    int32_t *output = crl_graft_take(&g, 1, sizeof *output);
    const int32_t last = add_layer(b, b->e->model->subgraphs[0].outputs[0]);
    if (output) *output = last;
    crl_graft_list(&g, g.graph, CRL_FIELD_SUB_GRAPH_OUTPUTS, output, 1);
    if (b->description) crl_graft_text(&g, root, CRL_FIELD_MODEL_DESCRIPTION, b->description);
    s = crl_graft_describe(&g, b->e, info, &notes, err);
    if (!s) s = crl_tree_write(root, "TFL3", NULL, bytes, size, err);
    crl_free(notes);
    if (!s && info && info->labels) s = add_labels(info, b->layer->classes, bytes, size, err);
    return s;
}

static crl_status write(building *b, const crl_classifier_info *info, uint8_t **bytes, size_t *size, crl_error *err)
{
    crl_pile pile = { 0 };
    const crl_status s = build(b, info, &pile, bytes, size, err);
    crl_pile_free(&pile);
    if (s) {
        crl_free(*bytes);
        *bytes = NULL;
        *size = 0;
    }
    return s;
}

crl_status crl_extractor_write(const crl_extractor *e, const crl_last_layer *layer, const crl_classifier_info *info,
                               uint8_t **bytes, size_t *size, crl_error *err)
{
    const crl_classifier_info i = info ? *info : (crl_classifier_info){ 0 };
    *bytes = NULL;
    *size = 0;
    const crl_status s = check_layer(e, layer, &i, err);
    building b = { .e = e, .layer = layer, .names = &appended, .vector = { e->scale, e->zero } };
    return s ? s : write(&b, &i, bytes, size, err);
}

crl_status crl_extractor_imprint(const crl_extractor *e, const crl_last_layer *rows, float factor, const char *description,
                                 uint8_t **bytes, size_t *size, crl_error *err)
{
    const crl_last_layer layer = { .classes = rows->classes, .size = rows->size, .weights = rows->weights, .normalise = true,
                                   .low = -1, .high = 127 / 128.0f };
    const crl_classifier_info none = { 0 };
    const crl_status s = check_layer(e, &layer, &none, err);
    building b = { .e = e, .layer = &layer, .names = &imprinted, .vector = { e->scale, e->zero }, .factor = factor, .description = description };
    if (!is_float(&b)) b.weights = (range){ 1 / 128.0f, e->type == CRL_UINT8 ? 128 : 0 };
    return s ? s : write(&b, NULL, bytes, size, err);
}
