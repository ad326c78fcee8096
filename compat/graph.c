/* SPDX-License-Identifier: Apache-2.0 */
/* Engines and their tensors, as TensorFlow Lite describes them: see graph.h. */
#include "graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void compat_say(const compat_listener *to, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (to->reporter)
        to->reporter(to->user_data, format, args);
    else {
        fputs("corallite: ", stderr);
        vfprintf(stderr, format, args);
        fputc('\n', stderr);
    }
    va_end(args);
}

void compat_hear(void *user, const crl_notice *notice)
{
    switch (notice->kind) {
    case CRL_NOTICE_DEVICE_LOST: case CRL_NOTICE_DEVICE_BACK: case CRL_NOTICE_TWIN: compat_say(user, "%s", notice->text); break;
    default: break;
    }
}

static TfLiteStatus fail(const compat_graph *g, const crl_error *err)
{
    compat_say(&g->listener, "%s", err->text);
    return kTfLiteError;
}

/* --- tensors ------------------------------------------------------------------------------------------ */

static TfLiteType type_of(crl_type type)
{
    static const TfLiteType types[] = { kTfLiteFloat32, kTfLiteFloat16, kTfLiteInt32, kTfLiteUInt8, kTfLiteInt64, kTfLiteString, kTfLiteBool,
                                        kTfLiteInt16, kTfLiteComplex64, kTfLiteInt8, kTfLiteFloat64, kTfLiteComplex128, kTfLiteUInt64,
                                        kTfLiteResource, kTfLiteVariant, kTfLiteUInt32, kTfLiteUInt16, kTfLiteInt4, kTfLiteBFloat16 };
    return (size_t)type < sizeof types / sizeof types[0] ? types[type] : kTfLiteNoType;
}

/* Room for any shape. */
static TfLiteIntArray *new_dims(void)
{
    return calloc(1, sizeof(TfLiteIntArray) + CRL_MAX_RANK * sizeof(int));
}

static void set_dims(TfLiteIntArray *dims, const crl_shape *shape)
{
    dims->size = shape->rank;
    for (int32_t i = 0; i < shape->rank; i++) dims->data[i] = shape->dim[i];
}

static bool set_quantization(TfLiteTensor *t, const crl_quant *q)
{
    if (q->n == 1) t->params = (TfLiteQuantizationParams){ q->scale[0], q->zero_point[0] };
    if (!q->n) return true;
    TfLiteAffineQuantization *affine = calloc(1, sizeof *affine);
    t->quantization = (TfLiteQuantization){ kTfLiteAffineQuantization, affine };
    if (!affine) return false;
    affine->quantized_dimension = q->axis;
    affine->scale = calloc(1, sizeof *affine->scale + (size_t)q->n * sizeof(float));
    affine->zero_point = calloc(1, sizeof *affine->zero_point + (size_t)q->n * sizeof(int));
    if (!affine->scale || !affine->zero_point) return false;
    affine->scale->size = affine->zero_point->size = q->n;
    for (int32_t i = 0; i < q->n; i++) {
        affine->scale->data[i] = q->scale[i];
        affine->zero_point->data[i] = q->zero_point[i];
    }
    return true;
}

/* As the file has it. */
static bool describe(TfLiteTensor *t, const crl_tensor_def *def)
{
    TfLiteIntArray *signature = new_dims();
    *t = (TfLiteTensor){ .type = type_of(def->type), .dims = new_dims(), .name = def->name, .buffer_handle = -1, .is_variable = def->is_variable,
                         .dims_signature = signature, .allocation_type = def->data ? kTfLiteMmapRo : kTfLiteArenaRw };
    if (!signature || !t->dims) return false;
    set_dims(t->dims, &def->shape);
    set_dims(signature, &def->shape_signature);
    t->bytes = def->data ? def->bytes : crl_shape_count(&def->shape) * crl_type_bytes(def->type);
    if (!def->sparsity) t->data = (void *)(uintptr_t)def->data; /* a constant: nobody may write there */
    return set_quantization(t, &def->quant);
}

static void forget(TfLiteTensor *t)
{
    TfLiteAffineQuantization *affine = t->quantization.params;
    if (affine) {
        free(affine->scale);
        free(affine->zero_point);
        free(affine);
    }
    free(t->dims);
    free((void *)(uintptr_t)t->dims_signature);
}

/* The engine's input or output of that index, NULL: it is neither. Inner tensors may be another model's: see crl_engine_options.twin. */
static const crl_tensor *port_of(const compat_graph *g, int32_t index)
{
    const crl_subgraph *def = compat_def(g);
    for (int32_t i = 0; i < def->n_inputs; i++)
        if (def->inputs[i] == index) return crl_engine_input(g->engine, i);
    for (int32_t i = 0; i < def->n_outputs; i++)
        if (def->outputs[i] == index) return crl_engine_output(g->engine, i);
    return NULL;
}

/* As the engine has it now. */
static void refresh(compat_graph *g, int32_t index)
{
    crl_tensor now;
    TfLiteTensor *t = &g->tensors[index];
    const crl_tensor *port = port_of(g, index);
    if (port)
        now = *port;
    else if (g->twin || crl_engine_tensor(g->engine, index, &now, NULL))
        return;
    set_dims(t->dims, &now.shape);
    t->data = now.data;
    t->bytes = now.bytes;
    t->allocation_type = now.flags & CRL_TENSOR_CONST      ? kTfLiteMmapRo
                         : now.flags & CRL_TENSOR_DYNAMIC  ? kTfLiteDynamic
                         : now.flags & CRL_TENSOR_VARIABLE ? kTfLiteArenaRwPersistent
                                                           : kTfLiteArenaRw;
}

static void refresh_all(compat_graph *g)
{
    for (int32_t i = 0; i < compat_def(g)->n_tensors; i++) refresh(g, i);
}

/* --- graphs ------------------------------------------------------------------------------------------- */

bool compat_graph_init(compat_graph *g, const compat_models *models, int32_t subgraph, int threads, const compat_listener *listener)
{
    *g = (compat_graph){ .model = models->model, .twin = models->twin, .subgraph = subgraph, .threads = threads, .listener = *listener };
    if (subgraph < 0 || subgraph >= g->model->n_subgraphs) return false;
    const crl_subgraph *def = compat_def(g);
    g->shapes = calloc((size_t)def->n_inputs + 1, sizeof *g->shapes);
    g->tensors = calloc((size_t)def->n_tensors + 1, sizeof *g->tensors);
    if (!g->shapes || !g->tensors) return false;
    for (int32_t i = 0; i < def->n_inputs; i++) g->shapes[i] = def->tensors[def->inputs[i]].shape;
    for (int32_t i = 0; i < def->n_tensors; i++)
        if (!describe(&g->tensors[i], &def->tensors[i])) return false;
    return true;
}

void compat_graph_release(compat_graph *g)
{
    crl_engine_free(g->engine);
    for (int32_t i = 0; g->tensors && i < compat_def(g)->n_tensors; i++) forget(&g->tensors[i]);
    free(g->tensors);
    free(g->shapes);
    *g = (compat_graph){ 0 };
}

TfLiteStatus compat_graph_resize(compat_graph *g, int32_t input, const int *dims, int32_t n)
{
    const crl_subgraph *def = compat_def(g);
    crl_shape shape = { .rank = n };
    if (input < 0 || input >= def->n_inputs || n < 0 || n > CRL_MAX_RANK) {
        compat_say(&g->listener, "input %d of %d dimensions: the model has %d inputs, and %d dimensions are the most", (int)input, (int)n,
                   (int)def->n_inputs, CRL_MAX_RANK);
        return kTfLiteError;
    }
    for (int32_t i = 0; i < n; i++) {
        shape.dim[i] = dims[i];
        if (dims[i] >= 0) continue;
        compat_say(&g->listener, "input %d: dimension %d is %d", (int)input, (int)i, dims[i]);
        return kTfLiteError;
    }
    if (crl_shape_equal(&shape, &g->shapes[input])) return kTfLiteOk;
    TfLiteTensor *t = &g->tensors[def->inputs[input]];
    g->shapes[input] = shape;
    g->ready = false;
    set_dims(t->dims, &shape);
    t->data = NULL;
    t->bytes = 0;
    return kTfLiteOk;
}

TfLiteStatus compat_graph_allocate(compat_graph *g)
{
    crl_error err;
    crl_status s;
    if (g->ready) return kTfLiteOk;
    if (g->engine)
        s = crl_engine_resize(g->engine, g->shapes, compat_def(g)->n_inputs, &err);
    else {
        const crl_engine_options options = { .threads = g->threads, .subgraph = g->subgraph, .input_shapes = g->shapes, .twin = g->twin,
                                             .notice = compat_hear, .notice_user = &g->listener };
        s = crl_engine_new(&g->engine, g->model, &options, &err);
    }
    if (s) return fail(g, &err);
    g->ready = true;
    refresh_all(g);
    return kTfLiteOk;
}

TfLiteStatus compat_graph_invoke(compat_graph *g)
{
    crl_error err;
    if (!g->ready) {
        compat_say(&g->listener, "Invoke called on model that is not ready.");
        return kTfLiteError;
    }
    if (crl_engine_run(g->engine, &err)) return fail(g, &err);
    const crl_subgraph *def = compat_def(g);
    for (int32_t i = 0; i < def->n_outputs; i++)
        if (g->tensors[def->outputs[i]].allocation_type == kTfLiteDynamic) refresh(g, def->outputs[i]);
    return kTfLiteOk;
}
