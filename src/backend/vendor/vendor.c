/* SPDX-License-Identifier: Apache-2.0 */
/* See vendor.h. A delegate wants an interpreter; what it gets here is one operator of one, its tensors, and no more functions than it needs.
 * Source: edgetpu_c.h and TensorFlow Lite's common.h, as compat/ has them from the other side. */
#include "backend/vendor/vendor.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/edgetpu/operator.h"
#include "base/error.h"
#include "compat/delegate.h"
#include "compat/edgetpu_c.h"

/* --- the library --------------------------------------------------------------------------------------------------- */

typedef struct runtime {
    struct edgetpu_device *(*list_devices)(size_t *n);
    void (*free_devices)(struct edgetpu_device *devices);
    TfLiteDelegate *(*create_delegate)(enum edgetpu_device_type type, const char *path, const struct edgetpu_option *options, size_t n);
    void (*free_delegate)(TfLiteDelegate *delegate);
} runtime;

static runtime lib;
static bool loaded;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void)
{
    static const char *const names[] = { "edgetpu_list_devices", "edgetpu_free_devices", "edgetpu_create_delegate", "edgetpu_free_delegate" };
    const char *file = getenv("CRL_LIBEDGETPU");
    void *library = dlopen(file && *file ? file : "libedgetpu.so.1", RTLD_NOW | RTLD_LOCAL);
    for (size_t i = 0; library && i < sizeof names / sizeof *names; i++) {
        void *found = dlsym(library, names[i]);
        if (!found) return;
        memcpy((char *)&lib + i * sizeof found, &found, sizeof found); /* POSIX: functions have addresses as objects do */
    }
    loaded = library;
}

/* Whether a device is what a name means; `*nth` counts those that are of its kind and come before the one that is wanted. */
static bool is_named(const struct edgetpu_device *d, const char *name, long *nth)
{
    const size_t kind = strcspn(name, ":"), n = strlen(d->path), m = strlen(name);
    if (strchr(name, '-')) return n > m && !strcmp(d->path + n - m, name) && d->path[n - m - 1] == '/';
    if (kind && strncmp(name, d->type == EDGETPU_APEX_PCI ? "pci" : "usb", kind)) return false;
    return (*nth)-- == 0;
}

static bool pick(crl_vendor_setup *setup, const char *name)
{
    const char *number = strchr(name, ':');
    long nth = number ? strtol(number + 1, NULL, 10) : 0;
    size_t n = 0;
    bool found = false;
    struct edgetpu_device *devices = lib.list_devices(&n);
    for (size_t i = 0; i < n && !found; i++) {
        found = is_named(&devices[i], name, &nth);
        if (!found) continue;
        setup->pci = devices[i].type == EDGETPU_APEX_PCI;
        found = snprintf(setup->path, sizeof setup->path, "%s", devices[i].path) < (int)sizeof setup->path;
    }
    if (devices) lib.free_devices(devices);
    return found;
}

crl_status crl_vendor_find(crl_vendor_setup *setup, const char *name, crl_error *err)
{
    pthread_once(&once, load);
    if (!loaded)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "no libedgetpu.so.1 is installed, or it is none: CRL_LIBEDGETPU=FILE names one; without :vendor "
                        "sticks need none");
    if (pick(setup, name ? name : "")) return CRL_OK;
    return crl_fail(err, CRL_ERR_DEVICE, "the vendor's runtime lists no Edge TPU%s%s: `corallite doctor` tells why", name && *name ? " " : "",
                    name ? name : "");
}

/* --- an interpreter of one operator ----------------------------------------------------------------------------------- */

typedef struct state {
    const crl_vendor_setup *setup;
    TfLiteDelegate *delegate;
    bool faulty;
} state;

typedef struct host {
    TfLiteContext context; /* first, so that it is found from there */
    state *of;
    TfLiteTensor *tensors; /* inputs, then outputs */
    int32_t n_in, n_out;
    TfLiteIntArray *in, *out, *plan, *none;
    TfLiteNode node, kernel; /* the operator, and what the delegate puts in its place */
    TfLiteRegistration operator, registration;
    bool taken;
    char said[200]; /* by the delegate, last */
} host;

static host *host_of(TfLiteContext *context)
{
    return (host *)context;
}

static TfLiteStatus get_plan(TfLiteContext *context, TfLiteIntArray **plan)
{
    *plan = host_of(context)->plan;
    return kTfLiteOk;
}

static TfLiteStatus get_node(TfLiteContext *context, int index, TfLiteNode **node, TfLiteRegistration **registration)
{
    (void)index;
    *node = &host_of(context)->node;
    *registration = &host_of(context)->operator;
    return kTfLiteOk;
}

/* Shapes are the file's; the array is the interpreter's from here on. */
static TfLiteStatus resize(TfLiteContext *context, TfLiteTensor *tensor, TfLiteIntArray *size)
{
    (void)context, (void)tensor;
    free(size);
    return kTfLiteOk;
}

static void hear(TfLiteContext *context, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(host_of(context)->said, sizeof host_of(context)->said, format, args);
    va_end(args);
}

static TfLiteStatus refuse_tensors(TfLiteContext *context, int n, int *first)
{
    (void)context, (void)n, (void)first;
    return kTfLiteError;
}

static TfLiteStatus replace(TfLiteContext *context, TfLiteRegistration registration, const TfLiteIntArray *nodes, TfLiteDelegate *delegate)
{
    host *h = host_of(context);
    TfLiteDelegateParams params = { delegate, h->plan, h->in, h->out };
    if (nodes->size != 1 || h->taken) return kTfLiteError;
    h->registration = registration;
    h->kernel = (TfLiteNode){ .inputs = h->in, .outputs = h->out, .intermediates = h->none, .temporaries = h->none, .delegate = delegate,
                              .user_data = registration.init ? registration.init(context, (const char *)&params, 0) : NULL };
    h->taken = true;
    return kTfLiteOk;
}

static void *no_external(TfLiteContext *context, int type)
{
    (void)context, (void)type;
    return NULL;
}

static void take_external(TfLiteContext *context, int type, void *external)
{
    (void)context, (void)type, (void)external;
}

static TfLiteType type_of(crl_type type)
{
    switch (type) {
    case CRL_UINT8: return kTfLiteUInt8;
    case CRL_INT8: return kTfLiteInt8;
    case CRL_INT16: return kTfLiteInt16;
    case CRL_INT32: return kTfLiteInt32;
    case CRL_FLOAT32: return kTfLiteFloat32;
    default: return kTfLiteNoType;
    }
}

static TfLiteIntArray *new_ints(crl_pile *pile, int n, int first)
{
    TfLiteIntArray *a = crl_pile_alloc(pile, sizeof *a + (size_t)n * sizeof *a->data);
    if (!a) return NULL;
    a->size = n;
    for (int i = 0; i < n; i++) a->data[i] = first + i;
    return a;
}

static bool describe(TfLiteTensor *to, const crl_tensor *t, crl_pile *pile)
{
    TfLiteIntArray *dims = new_ints(pile, t->shape.rank, 0);
    for (int32_t i = 0; dims && i < t->shape.rank; i++) dims->data[i] = t->shape.dim[i];
    *to = (TfLiteTensor){ .type = type_of(t->type), .dims = dims, .name = t->name, .bytes = t->bytes, .buffer_handle = -1,
                          .allocation_type = kTfLiteArenaRw };
    if (t->quant.n == 1) to->params = (TfLiteQuantizationParams){ t->quant.scale[0], t->quant.zero_point[0] };
    return dims != NULL;
}

static host *new_host(state *of, const crl_node *node, crl_pile *pile)
{
    const int32_t n = node->n_in + node->n_out;
    host *h = crl_pile_alloc(pile, sizeof *h);
    if (!h) return NULL;
    *h = (host){ .of = of, .n_in = node->n_in, .n_out = node->n_out };
    h->tensors = crl_pile_array(pile, (size_t)n, sizeof *h->tensors);
    h->in = new_ints(pile, node->n_in, 0);
    h->out = new_ints(pile, node->n_out, node->n_in);
    h->plan = new_ints(pile, 1, 0);
    h->none = new_ints(pile, 0, 0);
    bool ok = h->tensors && h->in && h->out && h->plan && h->none;
    for (int32_t i = 0; ok && i < n; i++) ok = describe(&h->tensors[i], i < node->n_in ? node->in[i] : node->out[i - node->n_in], pile);
    if (!ok) return NULL;
    h->node = (TfLiteNode){ .inputs = h->in, .outputs = h->out, .intermediates = h->none, .temporaries = h->none,
                            .custom_initial_data = node->def->custom_options, .custom_initial_data_size = (int)node->def->custom_bytes };
    h->operator = (TfLiteRegistration){ .builtin_code = CRL_CUSTOM, .custom_name = CRL_EDGETPU_OP, .version = 1 };
    h->context = (TfLiteContext){ .tensors_size = (size_t)n, .GetExecutionPlan = get_plan, .tensors = h->tensors, .ResizeTensor = resize,
                                  .ReportError = hear, .AddTensors = refuse_tensors, .GetNodeAndRegistration = get_node,
                                  .ReplaceNodeSubsetsWithDelegateKernels = replace, .recommended_num_threads = 1,
                                  .GetExternalContext = no_external, .SetExternalContext = take_external };
    return h;
}

static void free_host(void *of)
{
    host *h = of;
    if (h->taken && h->registration.free) h->registration.free(&h->context, h->kernel.user_data);
}

static crl_status fail(const host *h, const char *what, crl_error *err)
{
    return crl_fail(err, CRL_ERR_DEVICE, "the vendor's runtime %s%s%.120s", what, *h->said ? ": " : "", h->said);
}

/* --- the backend --------------------------------------------------------------------------------------------------- */

static crl_status open(const crl_backend *self, const crl_backend_options *options, void **out, crl_error *err)
{
    (void)options;
    const crl_vendor_setup *setup = self->setup;
    state *st = crl_alloc(sizeof *st);
    if (!st) return crl_fail_memory(err, "a device");
    *st = (state){ .setup = setup, .delegate = lib.create_delegate(setup->pci ? EDGETPU_APEX_PCI : EDGETPU_APEX_USB, setup->path, NULL, 0) };
    if (!st->delegate) {
        crl_free(st);
        return crl_fail(err, CRL_ERR_DEVICE, "the vendor's runtime does not open %s: `corallite doctor` tells why", setup->path);
    }
    *out = st;
    return CRL_OK;
}

static crl_status close(void *of, crl_error *err)
{
    (void)err;
    state *st = of;
    lib.free_delegate(st->delegate);
    crl_free(st);
    return CRL_OK;
}

/* There is no way back but to open it anew. */
static crl_status recover(void *of, crl_error *err)
{
    return ((state *)of)->faulty ? crl_fail(err, CRL_ERR_DEVICE, "the vendor's runtime is opened anew") : CRL_OK;
}

static crl_status run_step(const crl_step *step, crl_work *work, crl_error *err)
{
    (void)work;
    host *h = (host *)(uintptr_t)step->params; /* made for this step alone */
    *h->said = 0;
    for (int32_t i = 0; i < h->n_in; i++) h->tensors[i].data = step->node->in[i]->data;
    for (int32_t i = 0; i < h->n_out; i++) h->tensors[h->n_in + i].data = step->node->out[i]->data;
    if (!h->registration.invoke(&h->context, &h->kernel)) return CRL_OK;
    h->of->faulty = true;
    return fail(h, "failed", err);
}

static crl_status add(state *st, crl_schedule *schedule, const crl_node *node, crl_error *err)
{
    host *h = new_host(st, node, &schedule->pile);
    if (!h) return crl_fail_memory(err, "a program for an Edge TPU");
    crl_status s = crl_schedule_own(schedule, h, free_host, err);
    if (s) return s;
    if (st->delegate->Prepare(&h->context, st->delegate) || !h->taken || !h->registration.invoke) return fail(h, "does not take the model", err);
    if (h->registration.prepare && h->registration.prepare(&h->context, &h->kernel)) return fail(h, "does not prepare the model", err);
    crl_step *step = crl_schedule_add_step(schedule, node, err);
    if (!step) return CRL_ERR_MEMORY;
    step->run = run_step;
    step->params = h;
    step->kernel = "libedgetpu";
    return crl_tpu_operator_touches(schedule, step, node, err);
}

static crl_status lower(void *of, crl_schedule *schedule, const crl_backend_options *options, crl_error *err)
{
    (void)options;
    crl_status s = CRL_OK;
    for (int32_t k = schedule->span.from; !s && k < schedule->span.to; k++)
        if (!schedule->graph->nodes[k].folded) s = add(of, schedule, &schedule->graph->nodes[k], err);
    return s;
}

crl_backend crl_vendor_backend(const crl_vendor_setup *setup)
{
    return (crl_backend){ .kind = CRL_BACKEND_EDGETPU_VENDOR, .name = "edgetpu:vendor", .setup = setup, .open = open, .find = crl_tpu_operator_find,
                          .claim = crl_tpu_operator_claim, .lower = lower, .run = crl_backend_run_steps, .recover = recover, .close = close };
}
