/* SPDX-License-Identifier: Apache-2.0 */
/* A program for TensorFlow Lite's C interface, against the shared object, beside the same model on an engine.
 *
 *   check_tensorflowlite_c FOLDER_OF_MODELS */
#include <corallite/corallite.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tensorflowlite_c.h"
#include "tiny.h"

static int passed, failed;
static char heard[512];
static int n_heard;

static void hear(void *user_data, const char *format, va_list args)
{
    ++*(int *)user_data;
    vsnprintf(heard, sizeof heard, format, args);
}

static void check(bool ok, const char *what)
{
    if (ok)
        passed++;
    else
        failed++;
    if (!ok) printf("FAIL %s; last said: \"%s\"\n", what, heard);
}

static void *read_file(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    void *bytes = malloc(1 << 20);
    *n = f && bytes ? fread(bytes, 1, 1 << 20, f) : 0;
    if (f) fclose(f);
    return bytes;
}

static TfLiteInterpreter *make(const TfLiteModel *model)
{
    TfLiteInterpreterOptions *o = TfLiteInterpreterOptionsCreate();
    TfLiteInterpreterOptionsSetNumThreads(o, 1);
    TfLiteInterpreterOptionsSetErrorReporter(o, hear, &n_heard);
    TfLiteInterpreterOptions *copy = TfLiteInterpreterOptionsCopy(o);
    TfLiteInterpreterOptionsDelete(o);
    TfLiteInterpreter *p = TfLiteInterpreterCreate(model, copy);
    TfLiteInterpreterOptionsDelete(copy);
    return p;
}

/* The same input on an engine. */
static bool same_as_engine(const char *path, const TfLiteTensor *in, const TfLiteTensor *out)
{
    crl_model *m = NULL;
    crl_engine *e = NULL;
    bool same = false;
    if (!crl_model_open_file(&m, path, NULL) && !crl_engine_new(&e, m, NULL, NULL)) {
        const crl_tensor *to = crl_engine_input(e, 0);
        memcpy(to->data, TfLiteTensorData(in), to->bytes);
        const crl_tensor *from = crl_engine_output(e, 0);
        same = !crl_engine_run(e, NULL) && from->bytes == TfLiteTensorByteSize(out) && !memcmp(from->data, TfLiteTensorData(out), from->bytes);
    }
    crl_engine_free(e);
    crl_model_close(m);
    return same;
}

static void runs_a_model(const char *path)
{
    TfLiteModel *m = TfLiteModelCreateFromFileWithErrorReporter(path, hear, &n_heard);
    TfLiteInterpreter *p = make(m);
    TfLiteModelDelete(m); /* interpreters go on */
    check(p != NULL, "an interpreter");
    if (!p) return;
    TfLiteTensor *in = TfLiteInterpreterGetInputTensor(p, 0);
    const TfLiteTensor *out = TfLiteInterpreterGetOutputTensor(p, 0);
    uint8_t frame[16 * 16 * 3], scores[5];
    for (size_t i = 0; i < sizeof frame; i++) frame[i] = (uint8_t)(i * 37);
    check(TfLiteInterpreterInvoke(p) == kTfLiteError && !strcmp(heard, "Invoke called on model that is not ready."), "invoke before allocate");
    check(!TfLiteTensorData(in) && TfLiteTensorCopyFromBuffer(in, frame, sizeof frame) == kTfLiteError, "no data before allocate");
    check(TfLiteTensorByteSize(in) == sizeof frame, "the size before allocate");
    check(TfLiteInterpreterAllocateTensors(p) == kTfLiteOk && TfLiteInterpreterAllocateTensors(p) == kTfLiteOk, "allocate");
    check(TfLiteInterpreterGetInputTensorCount(p) == 1 && TfLiteInterpreterGetOutputTensorCount(p) == 1, "counts");
    check(!TfLiteInterpreterGetInputTensor(p, 1) && !TfLiteInterpreterGetInputTensor(p, -1) && !TfLiteInterpreterGetOutputTensor(p, 1), "others");
    check(TfLiteTensorType(in) == kTfLiteUInt8 && TfLiteTensorNumDims(in) == 4 && TfLiteTensorDim(in, 1) == 16 &&
              TfLiteTensorDim(in, 3) == 3,
          "input");
    check(TfLiteTensorDim(in, 4) == -1 && !strcmp(TfLiteTensorName(in), "image") && !strcmp(TfLiteTensorName(out), "scores"), "names");
    const TfLiteQuantizationParams q = TfLiteTensorQuantizationParams(out);
    check(q.scale == 1.0f / 256 && q.zero_point == 0, "quantisation");
    check(in->dims->size == 4 && in->bytes == sizeof frame && in->quantization.type == kTfLiteAffineQuantization &&
          ((TfLiteAffineQuantization *)in->quantization.params)->scale->data[0] == in->params.scale, "fields");
    check(TfLiteTensorCopyFromBuffer(in, frame, sizeof frame - 1) == kTfLiteError, "a buffer that is too small");
    check(TfLiteTensorCopyFromBuffer(in, frame, sizeof frame) == kTfLiteOk && TfLiteInterpreterInvoke(p) == kTfLiteOk, "a run");
    check(TfLiteTensorCopyToBuffer(out, scores, sizeof scores) == kTfLiteOk && TfLiteTensorCopyToBuffer(out, scores, 4) == kTfLiteError, "results");
    check(!memcmp(scores, TfLiteTensorData(out), sizeof scores) && same_as_engine(path, in, out), "the same as an engine");
    check(TfLiteInterpreterGetTensor(p, TfLiteInterpreterInputTensorIndices(p)[0]) == in, "input by its number");
    check(TfLiteInterpreterGetTensor(p, TfLiteInterpreterOutputTensorIndices(p)[0]) == out, "output by its number");
    check(!TfLiteInterpreterGetTensor(p, 999) && !TfLiteInterpreterGetTensor(p, -1), "numbers of no tensor");
    check(TfLiteInterpreterResetVariableTensors(p) == kTfLiteOk && TfLiteInterpreterCancel(p) == kTfLiteError, "reset, cancel");
    TfLiteInterpreterDelete(p);
}

static void resizes(const char *path)
{
    TfLiteModel *m = TfLiteModelCreateFromFile(path);
    TfLiteInterpreter *p = make(m);
    if (!p) {
        check(false, "an interpreter");
        return;
    }
    const TfLiteTensor *out = TfLiteInterpreterGetOutputTensor(p, 0);
    check(TfLiteInterpreterResizeInputTensor(p, 0, (const int[]){ 3, 16, 12, 3 }, 4) == kTfLiteOk, "resize before allocate");
    check(TfLiteInterpreterAllocateTensors(p) == kTfLiteOk && TfLiteTensorDim(out, 0) == 3 && TfLiteInterpreterInvoke(p) == kTfLiteOk, "a batch");
    check(TfLiteInterpreterResizeInputTensor(p, 0, (const int[]){ 2, 16, 12, 3 }, 4) == kTfLiteOk, "resize");
    check(!TfLiteTensorData(TfLiteInterpreterGetInputTensor(p, 0)) && TfLiteInterpreterInvoke(p) == kTfLiteError, "not ready");
    check(TfLiteInterpreterAllocateTensors(p) == kTfLiteOk && TfLiteTensorDim(out, 0) == 2 && TfLiteInterpreterInvoke(p) == kTfLiteOk, "another");
    check(TfLiteInterpreterResizeInputTensor(p, 1, (const int[]){ 1 }, 1) == kTfLiteError, "no such input");
    check(TfLiteInterpreterResizeInputTensor(p, 0, (const int[]){ -1 }, 1) == kTfLiteError && strstr(heard, "dimension 0 is -1"), "no such shape");
    check(TfLiteInterpreterResizeInputTensor(p, 0, (const int[]){ 5 }, 1) == kTfLiteOk, "a shape that does not fit");
    check(TfLiteInterpreterAllocateTensors(p) == kTfLiteError && strstr(heard, "rank 1"), "is refused by allocate");
    check(TfLiteInterpreterInvoke(p) == kTfLiteError, "and cannot run");
    TfLiteInterpreterDelete(p);
    TfLiteModelDelete(m);
}

static void refuses(const char *path)
{
    size_t n;
    void *bytes = read_file(path, &n);
    check(!TfLiteModelCreateFromFileWithErrorReporter("/nowhere.tflite", hear, &n_heard) && strstr(heard, "/nowhere.tflite"), "no file");
    check(!TfLiteModelCreateWithErrorReporter(bytes, 100, hear, &n_heard), "half a model");
    check(!TfLiteInterpreterCreate(NULL, NULL), "no model");
    TfLiteModel *m = TfLiteModelCreate(bytes, n);
    TfLiteInterpreter *p = TfLiteInterpreterCreate(m, NULL);
    check(p && TfLiteInterpreterAllocateTensors(p) == kTfLiteOk, "bytes, and no options");
    check(p && !TfLiteInterpreterGetSignatureCount(p) && !TfLiteInterpreterGetSignatureKey(p, 0), "no signatures");
    TfLiteInterpreterDelete(p);
    TfLiteInterpreterOptions *o = TfLiteInterpreterOptionsCreate();
    TfLiteInterpreterOptionsSetErrorReporter(o, hear, &n_heard);
    check(TfLiteInterpreterOptionsEnableCancellation(o, true) == kTfLiteError &&
              TfLiteInterpreterOptionsEnableCancellation(o, false) == kTfLiteOk,
          "cancellation");
    TfLiteInterpreterOptionsAddDelegate(o, NULL);
    TfLiteRegistrationExternal *r = TfLiteRegistrationExternalCreate(32, "mine", 1);
    TfLiteInterpreterOptionsAddRegistrationExternal(o, r);
    check(r && TfLiteRegistrationExternalGetBuiltInCode(r) == 32, "an operator of one's own");
    p = TfLiteInterpreterCreate(m, o);
    check(p && strstr(heard, "delegates are not used"), "delegates");
    check(p && !TfLiteInterpreterGetSignatureRunner(p, "x") && strstr(heard, "signature \"x\""), "no such signature");
    TfLiteInterpreterDelete(p);
    TfLiteRegistrationExternalDelete(r);
    TfLiteInterpreterOptionsDelete(o);
    TfLiteModelDelete(m);
    free(bytes);
    TfLiteModelDelete(NULL);
    TfLiteInterpreterDelete(NULL);
    check(!strcmp(TfLiteVersion(), "2.14.0") && TfLiteSchemaVersion() == 3, "versions");
}

static void runs_signatures(const char *path)
{
    static tiny with_signature;
    (void)path;
    tiny_build(&with_signature);
    TfLiteModel *m = TfLiteModelCreateWithErrorReporter(with_signature.b.bytes, with_signature.b.n, hear, &n_heard);
    TfLiteInterpreter *p = make(m);
    const int32_t n = p ? TfLiteInterpreterGetSignatureCount(p) : 0;
    check(n == 1 && !strcmp(TfLiteInterpreterGetSignatureKey(p, 0), "serve"), "a signature");
    for (int32_t i = 0; i < n; i++) {
        TfLiteSignatureRunner *r = TfLiteInterpreterGetSignatureRunner(p, TfLiteInterpreterGetSignatureKey(p, i));
        check(r != NULL, "a runner");
        if (!r) continue;
        check(TfLiteSignatureRunnerAllocateTensors(r) == kTfLiteOk, "its tensors");
        for (int32_t k = 0; k < (int32_t)TfLiteSignatureRunnerGetInputCount(r); k++) {
            TfLiteTensor *t = TfLiteSignatureRunnerGetInputTensor(r, TfLiteSignatureRunnerGetInputName(r, k));
            check(t && TfLiteTensorData(t), "an input");
            if (t) memset(TfLiteTensorData(t), 0, TfLiteTensorByteSize(t));
        }
        check(TfLiteSignatureRunnerInvoke(r) == kTfLiteOk, "a run by names");
        for (int32_t k = 0; k < (int32_t)TfLiteSignatureRunnerGetOutputCount(r); k++)
            check(TfLiteSignatureRunnerGetOutputTensor(r, TfLiteSignatureRunnerGetOutputName(r, k)) != NULL, "an output");
        check(!TfLiteSignatureRunnerGetInputName(r, 99) && !TfLiteSignatureRunnerGetInputTensor(r, "?"), "names of no input");
        check(TfLiteSignatureRunnerResizeInputTensor(r, "?", NULL, 0) == kTfLiteError && TfLiteSignatureRunnerCancel(r) == kTfLiteError, "refused");
        TfLiteSignatureRunnerDelete(r);
    }
    TfLiteInterpreterDelete(p);
    TfLiteModelDelete(m);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *model;
        void (*run)(const char *path);
    } checks[] = { { "tiny_u8.tflite", runs_a_model }, { "tiny_open.tflite", resizes }, { "tiny_u8.tflite", refuses },
                   { "", runs_signatures } };
    for (size_t i = 0; argc == 2 && i < sizeof checks / sizeof checks[0]; i++) {
        char path[1024];
        snprintf(path, sizeof path, "%s/%s", argv[1], checks[i].model);
        checks[i].run(path);
    }
    printf("%d passed, %d failed\n", passed, failed);
    return failed || !passed;
}
