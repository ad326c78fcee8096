/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of edgetpu_c.h: devices, and delegates that run compiled operators on them. */
#include "edgetpu_c.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <corallite/corallite.h>
#include <corallite/device.h>

#include "delegate.h"

enum { MOST_DEVICES = 64 };

static const char OPERATOR[] = "edgetpu-custom-op", FOLDER[] = "/sys/bus/usb/devices/", NODES[] = "/dev/";
#define PERFORMANCE "Performance"

/* --- devices -------------------------------------------------------------------------------------------- */

static int32_t list(crl_device devices[MOST_DEVICES])
{
    int32_t n = 0;
    if (crl_devices_list(devices, MOST_DEVICES, &n, NULL)) return 0;
    return n < MOST_DEVICES ? n : MOST_DEVICES;
}

static enum edgetpu_device_type type_of_device(const crl_device *d)
{
    return d->vendor == CRL_DEVICE_PCI_VENDOR ? EDGETPU_APEX_PCI : EDGETPU_APEX_USB;
}

/* What paths of the type begin with, before the place. */
static const char *folder_of(enum edgetpu_device_type type)
{
    return type == EDGETPU_APEX_PCI ? NODES : FOLDER;
}

/* One block of memory, paths behind the table. */
struct edgetpu_device *edgetpu_list_devices(size_t *num_devices)
{
    crl_device found[MOST_DEVICES];
    const size_t n = (size_t)list(found), path = sizeof FOLDER + CRL_DEVICE_PLACE;
    if (num_devices) *num_devices = 0;
    struct edgetpu_device *devices = n && num_devices ? calloc(n, sizeof *devices + path) : NULL;
    if (!devices) return NULL;
    char *text = (char *)(devices + n);
    for (size_t i = 0; i < n; i++, text += path) {
        const enum edgetpu_device_type type = type_of_device(&found[i]);
        snprintf(text, path, "%s%.*s", folder_of(type), CRL_DEVICE_PLACE - 1, found[i].place);
        devices[i] = (struct edgetpu_device){ type, text };
    }
    *num_devices = n;
    return devices;
}

void edgetpu_free_devices(struct edgetpu_device *devices)
{
    free(devices);
}

void edgetpu_verbosity(int verbosity)
{
    (void)verbosity; /* what goes wrong is told to the interpreter, and there is nothing more to say */
}

const char *edgetpu_version(void)
{
    static char text[64];
    snprintf(text, sizeof text, "BuildLabel(corallite-%s), RuntimeVersion(14)", crl_version());
    return text;
}

/* --- kernels: operators of a delegate in an interpreter ------------------------------------------------------ */

/* What a delegate was made with. */
typedef struct wishes {
    char device[CRL_DEVICE_PLACE]; /* as the library names it, "": any */
    const char *clock;             /* NULL: what is set up */
} wishes;

typedef struct kernel {
    wishes wishes;
    TfLiteIntArray *inputs, *outputs; /* copies */
    crl_tensor_def *tensors;
    crl_operator *operators;
    crl_subgraph graph;
    crl_model model, *twin; /* a model of these operators alone */
    crl_engine *engine;
} kernel;

static TfLiteIntArray *copy_of(const TfLiteIntArray *a)
{
    const size_t bytes = sizeof *a + (size_t)a->size * sizeof *a->data;
    TfLiteIntArray *copy = malloc(bytes);
    if (copy) memcpy(copy, a, bytes);
    return copy;
}

static bool type_of(crl_type *type, TfLiteType of)
{
    switch (of) {
    case kTfLiteUInt8: *type = CRL_UINT8; return true;
    case kTfLiteInt8: *type = CRL_INT8; return true;
    case kTfLiteInt16: *type = CRL_INT16; return true;
    case kTfLiteInt32: *type = CRL_INT32; return true;
    case kTfLiteFloat32: *type = CRL_FLOAT32; return true;
    default: return false;
    }
}

/* As far as a compiled operator can have it; all else stays empty, for nobody reads it. */
static void describe(crl_tensor_def *def, const TfLiteTensor *t)
{
    const int rank = t->dims ? t->dims->size : 0;
    def->name = t->name ? t->name : "";
    if (rank > CRL_MAX_RANK || !type_of(&def->type, t->type)) return;
    def->shape.rank = rank;
    for (int i = 0; i < rank; i++) def->shape.dim[i] = t->dims->data[i];
    def->shape_signature = def->shape;
}

static void free_kernel(TfLiteContext *context, void *of)
{
    (void)context;
    kernel *k = of;
    if (!k) return;
    crl_engine_free(k->engine);
    crl_model_close(k->twin);
    free(k->operators);
    free(k->tensors);
    free(k->inputs);
    free(k->outputs);
    free(k);
}

static TfLiteStatus take_operators(kernel *k, TfLiteContext *context, const TfLiteIntArray *nodes)
{
    for (int i = 0; i < nodes->size; i++) {
        TfLiteNode *node;
        TfLiteRegistration *registration;
        if (context->GetNodeAndRegistration(context, nodes->data[i], &node, &registration)) return kTfLiteError;
        k->operators[i] = (crl_operator){ .name = OPERATOR, .code = CRL_CUSTOM, .version = 1, .inputs = node->inputs->data,
                                          .n_inputs = node->inputs->size, .outputs = node->outputs->data, .n_outputs = node->outputs->size,
                                          .custom_options = node->custom_initial_data, .custom_bytes = (size_t)node->custom_initial_data_size };
    }
    return kTfLiteOk;
}

static void *new_kernel(TfLiteContext *context, const char *buffer, size_t length)
{
    (void)length;
    const TfLiteDelegateParams *p = (const void *)buffer;
    kernel *k = calloc(1, sizeof *k);
    if (!k) return NULL;
    k->wishes = *(const wishes *)p->delegate->data;
    k->inputs = copy_of(p->input_tensors);
    k->outputs = copy_of(p->output_tensors);
    k->tensors = calloc(context->tensors_size + 1, sizeof *k->tensors);
    k->operators = calloc((size_t)p->nodes_to_replace->size + 1, sizeof *k->operators);
    if (!k->inputs || !k->outputs || !k->tensors || !k->operators || take_operators(k, context, p->nodes_to_replace)) {
        free_kernel(context, k);
        return NULL;
    }
    k->graph = (crl_subgraph){ .name = "", .tensors = k->tensors, .n_tensors = (int32_t)context->tensors_size, .operators = k->operators,
                               .n_operators = p->nodes_to_replace->size, .inputs = k->inputs->data, .n_inputs = k->inputs->size,
                               .outputs = k->outputs->data, .n_outputs = k->outputs->size };
    k->model = (crl_model){ .version = 3, .description = "", .subgraphs = &k->graph, .n_subgraphs = 1 };
    return k;
}

static TfLiteStatus fail(TfLiteContext *context, const crl_error *err)
{
    context->ReportError(context, "%s", err->text);
    return kTfLiteDelegateError;
}

/* Shapes are those of the file for good: compiled operators take no others. */
static TfLiteStatus prepare(TfLiteContext *context, TfLiteNode *node)
{
    kernel *k = node->user_data;
    crl_error err = { .text = "no memory for an Edge TPU's operators" };
    if (!k) return fail(context, &err);
    if (k->engine) return kTfLiteOk;
    for (size_t i = 0; i < context->tensors_size; i++) describe(&k->tensors[i], &context->tensors[i]);
    if (getenv("CRL_CPU_TWIN")) crl_model_open_twin(&k->twin, NULL, &k->model, NULL, NULL, NULL);
    const crl_engine_options options = { .backend = CRL_BACKEND_EDGETPU, .device = *k->wishes.device ? k->wishes.device : NULL,
                                         .clock = k->wishes.clock, .twin = k->twin };
    return crl_engine_new(&k->engine, &k->model, &options, &err) ? fail(context, &err) : kTfLiteOk;
}

static TfLiteStatus invoke(TfLiteContext *context, TfLiteNode *node)
{
    kernel *k = node->user_data;
    crl_error err;
    for (int32_t i = 0; i < k->graph.n_inputs; i++) {
        const crl_tensor *in = crl_engine_input(k->engine, i);
        const TfLiteTensor *from = &context->tensors[k->inputs->data[i]];
        memcpy(in->data, from->data, in->bytes < from->bytes ? in->bytes : from->bytes);
    }
    if (crl_engine_run(k->engine, &err)) return fail(context, &err);
    for (int32_t i = 0; i < k->graph.n_outputs; i++) {
        const crl_tensor *out = crl_engine_output(k->engine, i);
        const TfLiteTensor *to = &context->tensors[k->outputs->data[i]];
        memcpy(to->data, out->data, out->bytes < to->bytes ? out->bytes : to->bytes);
    }
    return kTfLiteOk;
}

/* --- delegates ------------------------------------------------------------------------------------------ */

static bool is_compiled(TfLiteContext *context, int index)
{
    TfLiteNode *node;
    TfLiteRegistration *registration;
    return !context->GetNodeAndRegistration(context, index, &node, &registration) && registration->custom_name &&
           !strcmp(registration->custom_name, OPERATOR) && node->custom_initial_data;
}

static TfLiteStatus take_graph(TfLiteContext *context, TfLiteDelegate *delegate)
{
    static const TfLiteRegistration registration = { .init = new_kernel, .free = free_kernel, .prepare = prepare, .invoke = invoke,
                                                     .custom_name = "EdgeTpuDelegateForCustomOp", .version = 1 };
    TfLiteIntArray *plan, *ours;
    if (context->GetExecutionPlan(context, &plan)) return kTfLiteError;
    ours = copy_of(plan);
    if (!ours) return kTfLiteError;
    ours->size = 0;
    for (int i = 0; i < plan->size; i++)
        if (is_compiled(context, plan->data[i])) ours->data[ours->size++] = plan->data[i];
    const TfLiteStatus s = ours->size ? context->ReplaceNodeSubsetsWithDelegateKernels(context, registration, ours, delegate) : kTfLiteOk;
    free(ours);
    return s;
}

/* The clock that "Performance" asks for, in the vendor's words. false: there is none of that name. */
static bool read_performance(const char **clock, const char *value)
{
    static const char *const words[][2] = { { "Max", "max" }, { "High", "high" }, { "Medium", "medium" }, { "Low", "low" } };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(value, words[i][0])) *clock = words[i][1];
    return *clock;
}

/* `device` as the library names it, "": any. */
static TfLiteDelegate *new_delegate(const char *device, const char *clock)
{
    TfLiteDelegate *d = calloc(1, sizeof *d + sizeof(wishes));
    if (!d) return NULL;
    wishes *w = (wishes *)(d + 1);
    snprintf(w->device, sizeof w->device, "%s", device);
    w->clock = clock;
    d->data = w;
    d->Prepare = take_graph;
    d->flags = 1; /* of dynamic tensors: else operators are prepared before, and those of custom names fail at that */
    return d;
}

TfLiteDelegate *edgetpu_create_delegate(enum edgetpu_device_type type, const char *path, const struct edgetpu_option *options, size_t num_options)
{
    crl_device found[MOST_DEVICES];
    const char *clock = NULL;
    const int32_t n = list(found);
    for (size_t i = 0; options && i < num_options; i++)
        if (options[i].name && options[i].value && !strcmp(options[i].name, PERFORMANCE) && !read_performance(&clock, options[i].value)) return NULL;
    const size_t folder = strlen(folder_of(type));
    if (path && strncmp(path, folder_of(type), folder)) return NULL;
    for (int32_t i = 0; i < n; i++)
        if (type_of_device(&found[i]) == type && (!path || !strcmp(path + folder, found[i].place)))
            return new_delegate(path ? found[i].place : type == EDGETPU_APEX_PCI ? "pci" : "usb", clock);
    return NULL;
}

void edgetpu_free_delegate(TfLiteDelegate *delegate)
{
    free(delegate);
}

/* The device that "", "usb", ":N", "usb:N" and the same of pci mean, as the library names it; false: there is none. */
static bool choose(char name[CRL_DEVICE_PLACE], const char *device, const crl_device *found, int32_t n)
{
    const char *number = strchr(device, ':');
    const size_t kind = number ? (size_t)(number - device) : strlen(device);
    const bool usb = kind == 3 && !strncmp(device, "usb", 3), pci = kind == 3 && !strncmp(device, "pci", 3);
    char *end;
    if (kind && !usb && !pci) return false;
    long index = number ? strtol(number + 1, &end, 10) : 0;
    if (number && (end == number + 1 || *end || index < 0)) return false;
    for (int32_t i = 0; i < n; i++) {
        const bool on_pcie = type_of_device(&found[i]) == EDGETPU_APEX_PCI;
        if ((usb && on_pcie) || (pci && !on_pcie) || index-- > 0) continue;
        snprintf(name, CRL_DEVICE_PLACE, "%s", number ? found[i].place : device);
        return true;
    }
    return false;
}

TfLiteDelegate *tflite_plugin_create_delegate(char **options_keys, char **options_values, size_t num_options, void (*report_error)(const char *text))
{
    const char *device = "", *performance = NULL, *clock = NULL;
    crl_device found[MOST_DEVICES];
    char text[160], name[CRL_DEVICE_PLACE];
    for (size_t i = 0; i < num_options; i++) {
        if (!options_keys[i] || !options_values[i]) continue;
        if (!strcmp(options_keys[i], "device")) device = options_values[i];
        if (!strcmp(options_keys[i], PERFORMANCE)) performance = options_values[i];
    }
    if (performance && !read_performance(&clock, performance)) {
        snprintf(text, sizeof text, PERFORMANCE " \"%.60s\": Max, High, Medium and Low are known", performance);
        if (report_error) report_error(text);
        return NULL;
    }
    const int32_t n = list(found);
    if (choose(name, device, found, n)) return new_delegate(name, clock);
    snprintf(text, sizeof text, "no Edge TPU \"%.60s\": there %s %d; `corallite devices` lists them, `corallite doctor` tells what is wrong", device,
             n == 1 ? "is" : "are", (int)n);
    if (report_error) report_error(text);
    return NULL;
}

void tflite_plugin_destroy_delegate(TfLiteDelegate *delegate)
{
    free(delegate);
}
