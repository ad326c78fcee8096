/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of tensorflowlite_c.h: models, options, interpreters, tensors, signatures. */
#include "tensorflowlite_c.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph.h"

const char *TfLiteVersion(void)
{
    return "2.14.0";
}

int TfLiteSchemaVersion(void)
{
    return 3;
}

/* --- models ------------------------------------------------------------------------------------------- */

struct TfLiteModel {
    compat_models of;
    atomic_int users; /* the caller, and interpreters */
};

static TfLiteModel *hold(TfLiteModel *m)
{
    atomic_fetch_add(&m->users, 1);
    return m;
}

static void let_go(TfLiteModel *m)
{
    if (!m || atomic_fetch_sub(&m->users, 1) > 1) return;
    crl_model_close(m->of.model);
    crl_model_close(m->of.twin);
    free(m);
}

static TfLiteModel *open_model(const void *data, size_t size, const char *path, const compat_listener *to)
{
    crl_error err;
    TfLiteModel *m = calloc(1, sizeof *m);
    if (!m) return NULL;
    atomic_init(&m->users, 1);
    const crl_engine_options options = { .notice = compat_hear, .notice_user = (void *)(uintptr_t)to };
    crl_status s = path ? crl_model_open_file(&m->of.model, path, &err) : crl_model_open(&m->of.model, data, size, &err);
    if (!s) s = crl_engine_choose_model(&m->of.model, &m->of.twin, path, NULL, &options, &err);
    if (!s) return m;
    compat_say(to, "%s", err.text);
    let_go(m);
    return NULL;
}

TfLiteModel *TfLiteModelCreateWithErrorReporter(const void *data, size_t size, TfLiteReporter *reporter, void *user_data)
{
    return open_model(data, size, NULL, &(compat_listener){ reporter, user_data });
}

TfLiteModel *TfLiteModelCreate(const void *data, size_t size)
{
    return TfLiteModelCreateWithErrorReporter(data, size, NULL, NULL);
}

TfLiteModel *TfLiteModelCreateFromFileWithErrorReporter(const char *path, TfLiteReporter *reporter, void *user_data)
{
    return open_model(NULL, 0, path ? path : "", &(compat_listener){ reporter, user_data });
}

TfLiteModel *TfLiteModelCreateFromFile(const char *path)
{
    return TfLiteModelCreateFromFileWithErrorReporter(path, NULL, NULL);
}

void TfLiteModelDelete(TfLiteModel *m)
{
    let_go(m);
}

/* --- options ------------------------------------------------------------------------------------------ */

struct TfLiteInterpreterOptions {
    int threads;
    bool delegates;
    compat_listener listener;
};

TfLiteInterpreterOptions *TfLiteInterpreterOptionsCreate(void)
{
    return calloc(1, sizeof(TfLiteInterpreterOptions));
}

TfLiteInterpreterOptions *TfLiteInterpreterOptionsCopy(const TfLiteInterpreterOptions *from)
{
    TfLiteInterpreterOptions *copy = TfLiteInterpreterOptionsCreate();
    if (copy && from) *copy = *from;
    return copy;
}

void TfLiteInterpreterOptionsDelete(TfLiteInterpreterOptions *o)
{
    free(o);
}

void TfLiteInterpreterOptionsSetNumThreads(TfLiteInterpreterOptions *o, int32_t n)
{
    o->threads = n < 1 ? 0 : n > CRL_MAX_THREADS ? CRL_MAX_THREADS : n;
}

void TfLiteInterpreterOptionsAddDelegate(TfLiteInterpreterOptions *o, TfLiteDelegate *delegate)
{
    (void)delegate;
    o->delegates = true;
}

void TfLiteInterpreterOptionsAddOpaqueDelegate(TfLiteInterpreterOptions *o, struct TfLiteOpaqueDelegateStruct *delegate)
{
    (void)delegate;
    o->delegates = true;
}

void TfLiteInterpreterOptionsSetErrorReporter(TfLiteInterpreterOptions *o, TfLiteReporter *reporter, void *user_data)
{
    o->listener = (compat_listener){ reporter, user_data };
}

void TfLiteInterpreterOptionsAddRegistrationExternal(TfLiteInterpreterOptions *o, TfLiteRegistrationExternal *registration)
{
    (void)o, (void)registration;
}

TfLiteStatus TfLiteInterpreterOptionsEnableCancellation(TfLiteInterpreterOptions *o, bool enable)
{
    if (!enable) return kTfLiteOk;
    compat_say(&o->listener, "a run cannot be cancelled");
    return kTfLiteError;
}

/* --- interpreters ------------------------------------------------------------------------------------- */

struct TfLiteInterpreter {
    TfLiteModel *model;
    compat_graph graph; /* the main one */
};

TfLiteInterpreter *TfLiteInterpreterCreate(const TfLiteModel *model, const TfLiteInterpreterOptions *options)
{
    const TfLiteInterpreterOptions defaults = { 0 }, *o = options ? options : &defaults;
    TfLiteInterpreter *p = model ? calloc(1, sizeof *p) : NULL;
    if (!p) return NULL;
    if (o->delegates) compat_say(&o->listener, "delegates are not used: Corallite runs models by itself");
    p->model = hold((TfLiteModel *)(uintptr_t)model); /* only its count of users is written */
    if (compat_graph_init(&p->graph, &p->model->of, 0, o->threads, &o->listener)) return p;
    compat_say(&o->listener, "no memory for an interpreter");
    TfLiteInterpreterDelete(p);
    return NULL;
}

void TfLiteInterpreterDelete(TfLiteInterpreter *p)
{
    if (!p) return;
    compat_graph_release(&p->graph);
    let_go(p->model);
    free(p);
}

int32_t TfLiteInterpreterGetInputTensorCount(const TfLiteInterpreter *p)
{
    return compat_def(&p->graph)->n_inputs;
}

int32_t TfLiteInterpreterGetOutputTensorCount(const TfLiteInterpreter *p)
{
    return compat_def(&p->graph)->n_outputs;
}

const int *TfLiteInterpreterInputTensorIndices(const TfLiteInterpreter *p)
{
    return compat_def(&p->graph)->inputs;
}

const int *TfLiteInterpreterOutputTensorIndices(const TfLiteInterpreter *p)
{
    return compat_def(&p->graph)->outputs;
}

TfLiteTensor *TfLiteInterpreterGetTensor(const TfLiteInterpreter *p, int index)
{
    return index >= 0 && index < compat_def(&p->graph)->n_tensors ? &p->graph.tensors[index] : NULL;
}

TfLiteTensor *TfLiteInterpreterGetInputTensor(const TfLiteInterpreter *p, int32_t i)
{
    const crl_subgraph *def = compat_def(&p->graph);
    return i >= 0 && i < def->n_inputs ? &p->graph.tensors[def->inputs[i]] : NULL;
}

const TfLiteTensor *TfLiteInterpreterGetOutputTensor(const TfLiteInterpreter *p, int32_t i)
{
    const crl_subgraph *def = compat_def(&p->graph);
    return i >= 0 && i < def->n_outputs ? &p->graph.tensors[def->outputs[i]] : NULL;
}

TfLiteStatus TfLiteInterpreterResizeInputTensor(TfLiteInterpreter *p, int32_t i, const int *dims, int32_t n)
{
    return compat_graph_resize(&p->graph, i, dims, n);
}

TfLiteStatus TfLiteInterpreterAllocateTensors(TfLiteInterpreter *p)
{
    return compat_graph_allocate(&p->graph);
}

TfLiteStatus TfLiteInterpreterInvoke(TfLiteInterpreter *p)
{
    return compat_graph_invoke(&p->graph);
}

TfLiteStatus TfLiteInterpreterResetVariableTensors(TfLiteInterpreter *p)
{
    if (p->graph.engine) crl_engine_reset(p->graph.engine);
    return kTfLiteOk;
}

TfLiteStatus TfLiteInterpreterCancel(const TfLiteInterpreter *p)
{
    compat_say(&p->graph.listener, "a run cannot be cancelled");
    return kTfLiteError;
}

/* --- tensors ------------------------------------------------------------------------------------------ */

TfLiteType TfLiteTensorType(const TfLiteTensor *t)
{
    return t->type;
}

int32_t TfLiteTensorNumDims(const TfLiteTensor *t)
{
    return t->dims->size;
}

int32_t TfLiteTensorDim(const TfLiteTensor *t, int32_t i)
{
    return i >= 0 && i < t->dims->size ? t->dims->data[i] : -1;
}

size_t TfLiteTensorByteSize(const TfLiteTensor *t)
{
    return t->bytes;
}

void *TfLiteTensorData(const TfLiteTensor *t)
{
    return t->data;
}

const char *TfLiteTensorName(const TfLiteTensor *t)
{
    return t->name;
}

TfLiteQuantizationParams TfLiteTensorQuantizationParams(const TfLiteTensor *t)
{
    return t->params;
}

TfLiteStatus TfLiteTensorCopyFromBuffer(TfLiteTensor *t, const void *data, size_t bytes)
{
    if (bytes != t->bytes || !t->data || t->allocation_type == kTfLiteMmapRo) return kTfLiteError;
    if (bytes) memcpy(t->data, data, bytes);
    return kTfLiteOk;
}

TfLiteStatus TfLiteTensorCopyToBuffer(const TfLiteTensor *t, void *data, size_t bytes)
{
    if (bytes != t->bytes || !t->data) return kTfLiteError;
    if (bytes) memcpy(data, t->data, bytes);
    return kTfLiteOk;
}

/* --- operators of a program's own --------------------------------------------------------------------- */

struct TfLiteRegistrationExternal {
    int code;
};

TfLiteRegistrationExternal *TfLiteRegistrationExternalCreate(int code, const char *custom_name, int version)
{
    (void)custom_name, (void)version;
    TfLiteRegistrationExternal *r = calloc(1, sizeof *r);
    if (r) r->code = code;
    return r;
}

int TfLiteRegistrationExternalGetBuiltInCode(const TfLiteRegistrationExternal *r)
{
    return r->code;
}

void TfLiteRegistrationExternalDelete(TfLiteRegistrationExternal *r)
{
    free(r);
}

void TfLiteRegistrationExternalSetInit(TfLiteRegistrationExternal *r,
                                       void *(*init)(TfLiteOpaqueContext *context, const char *buffer, size_t length))
{
    (void)r, (void)init;
}

void TfLiteRegistrationExternalSetFree(TfLiteRegistrationExternal *r, void (*release)(TfLiteOpaqueContext *context, void *data))
{
    (void)r, (void)release;
}

void TfLiteRegistrationExternalSetPrepare(TfLiteRegistrationExternal *r,
                                          TfLiteStatus (*prepare)(TfLiteOpaqueContext *context, TfLiteOpaqueNode *node))
{
    (void)r, (void)prepare;
}

void TfLiteRegistrationExternalSetInvoke(TfLiteRegistrationExternal *r,
                                         TfLiteStatus (*invoke)(TfLiteOpaqueContext *context, TfLiteOpaqueNode *node))
{
    (void)r, (void)invoke;
}

/* --- signatures --------------------------------------------------------------------------------------- */

struct TfLiteSignatureRunner {
    const crl_signature *signature;
    compat_graph *graph; /* the interpreter's, or its own */
    compat_graph own;
};

int32_t TfLiteInterpreterGetSignatureCount(const TfLiteInterpreter *p)
{
    return p->graph.model->n_signatures;
}

const char *TfLiteInterpreterGetSignatureKey(const TfLiteInterpreter *p, int32_t i)
{
    return i >= 0 && i < p->graph.model->n_signatures ? p->graph.model->signatures[i].key : NULL;
}

TfLiteSignatureRunner *TfLiteInterpreterGetSignatureRunner(const TfLiteInterpreter *p, const char *key)
{
    const crl_model *m = p->graph.model;
    int32_t i = 0;
    while (i < m->n_signatures && key && strcmp(m->signatures[i].key, key)) i++;
    if (i >= m->n_signatures) {
        compat_say(&p->graph.listener, "signature \"%.60s\": there is none of that name", key ? key : "");
        return NULL;
    }
    TfLiteSignatureRunner *r = calloc(1, sizeof *r);
    if (!r) return NULL;
    r->signature = &m->signatures[i];
    r->graph = (compat_graph *)(uintptr_t)&p->graph; /* the function's const is of the interface, not of the object */
    if (!r->signature->subgraph) return r;
    r->graph = &r->own;
    if (compat_graph_init(&r->own, &p->model->of, r->signature->subgraph, p->graph.threads, &p->graph.listener)) return r;
    TfLiteSignatureRunnerDelete(r);
    return NULL;
}

void TfLiteSignatureRunnerDelete(TfLiteSignatureRunner *r)
{
    if (!r) return;
    compat_graph_release(&r->own);
    free(r);
}

size_t TfLiteSignatureRunnerGetInputCount(const TfLiteSignatureRunner *r)
{
    return (size_t)r->signature->n_inputs;
}

size_t TfLiteSignatureRunnerGetOutputCount(const TfLiteSignatureRunner *r)
{
    return (size_t)r->signature->n_outputs;
}

const char *TfLiteSignatureRunnerGetInputName(const TfLiteSignatureRunner *r, int32_t i)
{
    return i >= 0 && i < r->signature->n_inputs ? r->signature->input_names[i] : NULL;
}

const char *TfLiteSignatureRunnerGetOutputName(const TfLiteSignatureRunner *r, int32_t i)
{
    return i >= 0 && i < r->signature->n_outputs ? r->signature->output_names[i] : NULL;
}

/* The tensor of that name, -1: none. */
static int32_t find(const char *const *names, const int32_t *tensors, int32_t n, const char *name)
{
    for (int32_t i = 0; i < n; i++)
        if (!strcmp(names[i], name)) return tensors[i];
    return -1;
}

static int32_t find_input(const TfLiteSignatureRunner *r, const char *name)
{
    return find(r->signature->input_names, r->signature->inputs, r->signature->n_inputs, name);
}

TfLiteTensor *TfLiteSignatureRunnerGetInputTensor(TfLiteSignatureRunner *r, const char *name)
{
    const int32_t tensor = find_input(r, name);
    return tensor < 0 ? NULL : &r->graph->tensors[tensor];
}

const TfLiteTensor *TfLiteSignatureRunnerGetOutputTensor(const TfLiteSignatureRunner *r, const char *name)
{
    const int32_t tensor = find(r->signature->output_names, r->signature->outputs, r->signature->n_outputs, name);
    return tensor < 0 ? NULL : &r->graph->tensors[tensor];
}

TfLiteStatus TfLiteSignatureRunnerResizeInputTensor(TfLiteSignatureRunner *r, const char *name, const int *dims, int32_t n)
{
    const crl_subgraph *def = compat_def(r->graph);
    const int32_t tensor = find_input(r, name);
    for (int32_t i = 0; tensor >= 0 && i < def->n_inputs; i++)
        if (def->inputs[i] == tensor) return compat_graph_resize(r->graph, i, dims, n);
    compat_say(&r->graph->listener, "input \"%.60s\": the signature has none of that name", name);
    return kTfLiteError;
}

TfLiteStatus TfLiteSignatureRunnerAllocateTensors(TfLiteSignatureRunner *r)
{
    return compat_graph_allocate(r->graph);
}

TfLiteStatus TfLiteSignatureRunnerInvoke(TfLiteSignatureRunner *r)
{
    return compat_graph_invoke(r->graph);
}

TfLiteStatus TfLiteSignatureRunnerCancel(TfLiteSignatureRunner *r)
{
    compat_say(&r->graph->listener, "a run cannot be cancelled");
    return kTfLiteError;
}
