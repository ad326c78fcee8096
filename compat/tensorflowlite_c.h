/* SPDX-License-Identifier: Apache-2.0 */
/* The C interface of TensorFlow Lite (c_api.h, version 2.14) as programs call it, on Corallite.
 *
 *   cc program.c -I compat -L PREFIX/lib/corallite -ltensorflowlite_c
 *
 * Programs that are compiled with TensorFlow Lite's own headers, or load the library while they run, need nothing of this: names,
 * numbers and layouts are the same. What is here is what the shared object has. Delegates and operators of a program's own are
 * accepted and not used; a model that needs an operator that is not there is refused by TfLiteInterpreterAllocateTensors.
 *
 * Errors are told to the options' error reporter, or on stderr where there is none.
 *
 * Threads  An interpreter serves one thread at a time. */
#ifndef CORALLITE_TENSORFLOWLITE_C_H
#define CORALLITE_TENSORFLOWLITE_C_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TFL_CAPI_EXPORT __attribute__((visibility("default")))

typedef enum TfLiteStatus {
    kTfLiteOk = 0,
    kTfLiteError = 1,
    kTfLiteDelegateError = 2,
    kTfLiteApplicationError = 3,
    kTfLiteDelegateDataNotFound = 4,
    kTfLiteDelegateDataWriteError = 5,
    kTfLiteDelegateDataReadError = 6,
    kTfLiteUnresolvedOps = 7,
    kTfLiteCancelled = 8
} TfLiteStatus;

typedef enum TfLiteType {
    kTfLiteNoType = 0,
    kTfLiteFloat32 = 1,
    kTfLiteInt32 = 2,
    kTfLiteUInt8 = 3,
    kTfLiteInt64 = 4,
    kTfLiteString = 5,
    kTfLiteBool = 6,
    kTfLiteInt16 = 7,
    kTfLiteComplex64 = 8,
    kTfLiteInt8 = 9,
    kTfLiteFloat16 = 10,
    kTfLiteFloat64 = 11,
    kTfLiteComplex128 = 12,
    kTfLiteUInt64 = 13,
    kTfLiteResource = 14,
    kTfLiteVariant = 15,
    kTfLiteUInt32 = 16,
    kTfLiteUInt16 = 17,
    kTfLiteInt4 = 18,
    kTfLiteBFloat16 = 19
} TfLiteType;

/* real = scale * (q - zero_point); scale 0: not quantised, or by more than one pair. */
typedef struct TfLiteQuantizationParams {
    float scale;
    int32_t zero_point;
} TfLiteQuantizationParams;

typedef struct TfLiteIntArray {
    int size;
    int data[];
} TfLiteIntArray;

typedef struct TfLiteFloatArray {
    int size;
    float data[];
} TfLiteFloatArray;

typedef enum TfLiteAllocationType {
    kTfLiteMemNone = 0,
    kTfLiteMmapRo = 1,
    kTfLiteArenaRw = 2,
    kTfLiteArenaRwPersistent = 3,
    kTfLiteDynamic = 4
} TfLiteAllocationType;

typedef enum TfLiteQuantizationType {
    kTfLiteNoQuantization = 0,
    kTfLiteAffineQuantization = 1
} TfLiteQuantizationType;

typedef struct TfLiteAffineQuantization {
    TfLiteFloatArray *scale;
    TfLiteIntArray *zero_point;
    int32_t quantized_dimension;
} TfLiteAffineQuantization;

typedef struct TfLiteQuantization {
    TfLiteQuantizationType type;
    void *params; /* TfLiteAffineQuantization */
} TfLiteQuantization;

/* As programs read it; they write nothing but what `data` points to. */
typedef struct TfLiteTensor {
    TfLiteType type;
    void *data; /* NULL before tensors are allocated */
    TfLiteIntArray *dims;
    TfLiteQuantizationParams params;
    TfLiteAllocationType allocation_type;
    size_t bytes;
    const void *allocation; /* NULL */
    const char *name;
    struct TfLiteDelegate *delegate; /* NULL */
    int buffer_handle;               /* -1 */
    bool data_is_stale;              /* false */
    bool is_variable;
    TfLiteQuantization quantization;
    void *sparsity; /* NULL: constants are laid out in full */
    const TfLiteIntArray *dims_signature;
} TfLiteTensor;

typedef struct TfLiteModel TfLiteModel;
typedef struct TfLiteInterpreterOptions TfLiteInterpreterOptions;
typedef struct TfLiteInterpreter TfLiteInterpreter;
typedef struct TfLiteSignatureRunner TfLiteSignatureRunner;
typedef struct TfLiteDelegate TfLiteDelegate;
typedef struct TfLiteRegistrationExternal TfLiteRegistrationExternal;
typedef struct TfLiteOpaqueContext TfLiteOpaqueContext;
typedef struct TfLiteOpaqueNode TfLiteOpaqueNode;
struct TfLiteOpaqueDelegateStruct;

typedef void TfLiteReporter(void *user_data, const char *format, va_list args);

/* "2.14.0", and of the schema 3. */
TFL_CAPI_EXPORT const char *TfLiteVersion(void);
TFL_CAPI_EXPORT int TfLiteSchemaVersion(void);

/* Models. Bytes are borrowed: they outlive the model and its interpreters. A file that is compiled for an Edge TPU is opened by its twin, the
 * model that it was compiled from. NULL after an error. A model may be deleted while interpreters of it live. */
TFL_CAPI_EXPORT TfLiteModel *TfLiteModelCreate(const void *model_data, size_t model_size);
TFL_CAPI_EXPORT TfLiteModel *TfLiteModelCreateWithErrorReporter(const void *model_data, size_t model_size, TfLiteReporter *reporter,
                                                                void *user_data);
TFL_CAPI_EXPORT TfLiteModel *TfLiteModelCreateFromFile(const char *model_path);
TFL_CAPI_EXPORT TfLiteModel *TfLiteModelCreateFromFileWithErrorReporter(const char *model_path, TfLiteReporter *reporter, void *user_data);
TFL_CAPI_EXPORT void TfLiteModelDelete(TfLiteModel *model);

/* Options. num_threads below 1: the physical cores, at most 4. */
TFL_CAPI_EXPORT TfLiteInterpreterOptions *TfLiteInterpreterOptionsCreate(void);
TFL_CAPI_EXPORT TfLiteInterpreterOptions *TfLiteInterpreterOptionsCopy(const TfLiteInterpreterOptions *from);
TFL_CAPI_EXPORT void TfLiteInterpreterOptionsDelete(TfLiteInterpreterOptions *options);
TFL_CAPI_EXPORT void TfLiteInterpreterOptionsSetNumThreads(TfLiteInterpreterOptions *options, int32_t num_threads);
TFL_CAPI_EXPORT void TfLiteInterpreterOptionsAddDelegate(TfLiteInterpreterOptions *options, TfLiteDelegate *delegate);
TFL_CAPI_EXPORT void TfLiteInterpreterOptionsAddOpaqueDelegate(TfLiteInterpreterOptions *options,
                                                               struct TfLiteOpaqueDelegateStruct *delegate);
TFL_CAPI_EXPORT void TfLiteInterpreterOptionsSetErrorReporter(TfLiteInterpreterOptions *options, TfLiteReporter *reporter, void *user_data);
TFL_CAPI_EXPORT void TfLiteInterpreterOptionsAddRegistrationExternal(TfLiteInterpreterOptions *options,
                                                                     TfLiteRegistrationExternal *registration);
/* A run cannot be cancelled: kTfLiteError where it is to be enabled. */
TFL_CAPI_EXPORT TfLiteStatus TfLiteInterpreterOptionsEnableCancellation(TfLiteInterpreterOptions *options, bool enable);

/* Interpreters. `options` may be NULL, and is not kept. Tensors live as long as the interpreter; what they say changes when inputs are resized,
 * tensors allocated, and, where shapes are known only while running, with every run. */
TFL_CAPI_EXPORT TfLiteInterpreter *TfLiteInterpreterCreate(const TfLiteModel *model, const TfLiteInterpreterOptions *options);
TFL_CAPI_EXPORT void TfLiteInterpreterDelete(TfLiteInterpreter *interpreter);
TFL_CAPI_EXPORT int32_t TfLiteInterpreterGetInputTensorCount(const TfLiteInterpreter *interpreter);
TFL_CAPI_EXPORT int32_t TfLiteInterpreterGetOutputTensorCount(const TfLiteInterpreter *interpreter);
TFL_CAPI_EXPORT const int *TfLiteInterpreterInputTensorIndices(const TfLiteInterpreter *interpreter);
TFL_CAPI_EXPORT const int *TfLiteInterpreterOutputTensorIndices(const TfLiteInterpreter *interpreter);
TFL_CAPI_EXPORT TfLiteTensor *TfLiteInterpreterGetInputTensor(const TfLiteInterpreter *interpreter, int32_t input_index);
TFL_CAPI_EXPORT const TfLiteTensor *TfLiteInterpreterGetOutputTensor(const TfLiteInterpreter *interpreter, int32_t output_index);
TFL_CAPI_EXPORT TfLiteTensor *TfLiteInterpreterGetTensor(const TfLiteInterpreter *interpreter, int index);
TFL_CAPI_EXPORT TfLiteStatus TfLiteInterpreterResizeInputTensor(TfLiteInterpreter *interpreter, int32_t input_index, const int *dims,
                                                                int32_t n_dims);
TFL_CAPI_EXPORT TfLiteStatus TfLiteInterpreterAllocateTensors(TfLiteInterpreter *interpreter);
TFL_CAPI_EXPORT TfLiteStatus TfLiteInterpreterInvoke(TfLiteInterpreter *interpreter);
TFL_CAPI_EXPORT TfLiteStatus TfLiteInterpreterResetVariableTensors(TfLiteInterpreter *interpreter);
TFL_CAPI_EXPORT TfLiteStatus TfLiteInterpreterCancel(const TfLiteInterpreter *interpreter);

/* Tensors. Copies have to have the tensor's size. */
TFL_CAPI_EXPORT TfLiteType TfLiteTensorType(const TfLiteTensor *tensor);
TFL_CAPI_EXPORT int32_t TfLiteTensorNumDims(const TfLiteTensor *tensor);
TFL_CAPI_EXPORT int32_t TfLiteTensorDim(const TfLiteTensor *tensor, int32_t dim_index);
TFL_CAPI_EXPORT size_t TfLiteTensorByteSize(const TfLiteTensor *tensor);
TFL_CAPI_EXPORT void *TfLiteTensorData(const TfLiteTensor *tensor);
TFL_CAPI_EXPORT const char *TfLiteTensorName(const TfLiteTensor *tensor);
TFL_CAPI_EXPORT TfLiteQuantizationParams TfLiteTensorQuantizationParams(const TfLiteTensor *tensor);
TFL_CAPI_EXPORT TfLiteStatus TfLiteTensorCopyFromBuffer(TfLiteTensor *tensor, const void *data, size_t bytes);
TFL_CAPI_EXPORT TfLiteStatus TfLiteTensorCopyToBuffer(const TfLiteTensor *tensor, void *data, size_t bytes);

/* Operators of a program's own. */
TFL_CAPI_EXPORT TfLiteRegistrationExternal *TfLiteRegistrationExternalCreate(int builtin_code, const char *custom_name, int version);
TFL_CAPI_EXPORT int TfLiteRegistrationExternalGetBuiltInCode(const TfLiteRegistrationExternal *registration);
TFL_CAPI_EXPORT void TfLiteRegistrationExternalDelete(TfLiteRegistrationExternal *registration);
TFL_CAPI_EXPORT void TfLiteRegistrationExternalSetInit(TfLiteRegistrationExternal *registration,
                                                       void *(*init)(TfLiteOpaqueContext *context, const char *buffer, size_t length));
TFL_CAPI_EXPORT void TfLiteRegistrationExternalSetFree(TfLiteRegistrationExternal *registration,
                                                       void (*release)(TfLiteOpaqueContext *context, void *data));
TFL_CAPI_EXPORT void TfLiteRegistrationExternalSetPrepare(TfLiteRegistrationExternal *registration,
                                                          TfLiteStatus (*prepare)(TfLiteOpaqueContext *context, TfLiteOpaqueNode *node));
TFL_CAPI_EXPORT void TfLiteRegistrationExternalSetInvoke(TfLiteRegistrationExternal *registration,
                                                         TfLiteStatus (*invoke)(TfLiteOpaqueContext *context, TfLiteOpaqueNode *node));

/* Signatures. A runner is of an interpreter, is deleted before it, and allocates by itself where that was not asked for. */
TFL_CAPI_EXPORT int32_t TfLiteInterpreterGetSignatureCount(const TfLiteInterpreter *interpreter);
TFL_CAPI_EXPORT const char *TfLiteInterpreterGetSignatureKey(const TfLiteInterpreter *interpreter, int32_t signature_index);
TFL_CAPI_EXPORT TfLiteSignatureRunner *TfLiteInterpreterGetSignatureRunner(const TfLiteInterpreter *interpreter, const char *signature_key);
TFL_CAPI_EXPORT size_t TfLiteSignatureRunnerGetInputCount(const TfLiteSignatureRunner *runner);
TFL_CAPI_EXPORT const char *TfLiteSignatureRunnerGetInputName(const TfLiteSignatureRunner *runner, int32_t input_index);
TFL_CAPI_EXPORT TfLiteStatus TfLiteSignatureRunnerResizeInputTensor(TfLiteSignatureRunner *runner, const char *input_name, const int *dims,
                                                                    int32_t n_dims);
TFL_CAPI_EXPORT TfLiteStatus TfLiteSignatureRunnerAllocateTensors(TfLiteSignatureRunner *runner);
TFL_CAPI_EXPORT TfLiteTensor *TfLiteSignatureRunnerGetInputTensor(TfLiteSignatureRunner *runner, const char *input_name);
TFL_CAPI_EXPORT TfLiteStatus TfLiteSignatureRunnerInvoke(TfLiteSignatureRunner *runner);
TFL_CAPI_EXPORT size_t TfLiteSignatureRunnerGetOutputCount(const TfLiteSignatureRunner *runner);
TFL_CAPI_EXPORT const char *TfLiteSignatureRunnerGetOutputName(const TfLiteSignatureRunner *runner, int32_t output_index);
TFL_CAPI_EXPORT const TfLiteTensor *TfLiteSignatureRunnerGetOutputTensor(const TfLiteSignatureRunner *runner, const char *output_name);
TFL_CAPI_EXPORT TfLiteStatus TfLiteSignatureRunnerCancel(TfLiteSignatureRunner *runner);
TFL_CAPI_EXPORT void TfLiteSignatureRunnerDelete(TfLiteSignatureRunner *runner);

#ifdef __cplusplus
}
#endif
#endif
