/* SPDX-License-Identifier: Apache-2.0 */
/* What TensorFlow Lite shows a delegate of itself (common.h, from version 2.5 to LiteRT 2.3): layouts are its, names of what is not used are
 * left out. */
#ifndef COMPAT_DELEGATE_H
#define COMPAT_DELEGATE_H

#include "tensorflowlite_c.h"

typedef struct TfLiteContext TfLiteContext;

typedef struct TfLiteNode {
    TfLiteIntArray *inputs, *outputs, *intermediates, *temporaries;
    void *user_data; /* what init returned */
    void *builtin_data;
    const void *custom_initial_data;
    int custom_initial_data_size;
    TfLiteDelegate *delegate;
    bool might_have_side_effect;
} TfLiteNode;

/* Passed by value: those of older versions end earlier, and read what they know. */
typedef struct TfLiteRegistration {
    void *(*init)(TfLiteContext *context, const char *buffer, size_t length); /* of a delegate's: a TfLiteDelegateParams */
    void (*free)(TfLiteContext *context, void *buffer);
    TfLiteStatus (*prepare)(TfLiteContext *context, TfLiteNode *node);
    TfLiteStatus (*invoke)(TfLiteContext *context, TfLiteNode *node);
    const char *(*profiling_string)(const TfLiteContext *context, const TfLiteNode *node);
    int32_t builtin_code;
    const char *custom_name;
    int version;
    void *registration_external, *async_kernel;
    uint64_t inplace_operator;
} TfLiteRegistration;

struct TfLiteContext {
    size_t tensors_size;
    TfLiteStatus (*GetExecutionPlan)(TfLiteContext *context, TfLiteIntArray **plan);
    TfLiteTensor *tensors;
    void *impl;
    TfLiteStatus (*ResizeTensor)(TfLiteContext *context, TfLiteTensor *tensor, TfLiteIntArray *size);
    void (*ReportError)(TfLiteContext *context, const char *format, ...);
    TfLiteStatus (*AddTensors)(TfLiteContext *context, int n, int *first);
    TfLiteStatus (*GetNodeAndRegistration)(TfLiteContext *context, int index, TfLiteNode **node, TfLiteRegistration **registration);
    TfLiteStatus (*ReplaceNodeSubsetsWithDelegateKernels)(TfLiteContext *context, TfLiteRegistration registration, const TfLiteIntArray *nodes,
                                                          TfLiteDelegate *delegate);
    int recommended_num_threads;
    void *(*GetExternalContext)(TfLiteContext *context, int type);
    void (*SetExternalContext)(TfLiteContext *context, int type, void *external);
    bool allow_fp32_relax_to_fp16;
    void *profiler, *more[16]; /* functions, which are not called of what is made here */
};

typedef struct TfLiteDelegateParams {
    TfLiteDelegate *delegate;
    TfLiteIntArray *nodes_to_replace, *input_tensors, *output_tensors;
} TfLiteDelegateParams;

struct TfLiteDelegate {
    void *data;
    TfLiteStatus (*Prepare)(TfLiteContext *context, TfLiteDelegate *delegate);
    TfLiteStatus (*CopyFromBufferHandle)(TfLiteContext *context, TfLiteDelegate *delegate, int handle, TfLiteTensor *tensor);
    TfLiteStatus (*CopyToBufferHandle)(TfLiteContext *context, TfLiteDelegate *delegate, int handle, TfLiteTensor *tensor);
    void (*FreeBufferHandle)(TfLiteContext *context, TfLiteDelegate *delegate, int *handle);
    int64_t flags;
    void *opaque_delegate_builder;
};

#endif
