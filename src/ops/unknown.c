/* SPDX-License-Identifier: Apache-2.0 */
/* What to do about an operator that we do not have. */
#include <string.h>

#include "ops/op.h"

#define MEDIAPIPE "an operator of MediaPipe, which only its own runtime has"

/* Advice by the beginning of a name. */
static const struct advice {
    const char *begin, *text;
} builtin[] = {
    { "BIDIRECTIONAL_SEQUENCE", "two unidirectional ones do, one between two REVERSE_V2, joined by CONCATENATION" },
    { "DELEGATE", "what a delegate made while running; save the model without delegates" },
    { "EMBEDDING_LOOKUP_SPARSE", "EMBEDDING_LOOKUP, MUL and SUM do" },
    { "HASHTABLE", "look words up in front of the model" },
    { "STABLEHLO_", "convert the model again to operators of TensorFlow Lite" },
};

/* Custom operators by who makes them: what the file is, and what to do. A name that ends in * goes on. */
static const struct advice makers[] = {
    { "edgetpu-custom-op", "this model is compiled for the Edge TPU; use the file without _edgetpu in its name, or a device" },
    { "ethos-u", "this model is compiled for Arm's Ethos-U by Vela; use the file without _vela in its name" },
    { "DISPATCH_OP", "this model is compiled for an NPU by LiteRT; use the file that went into its compiler" },
    { "vsi-npu", "this model is compiled for a VeriSilicon NPU; use the file that went into its compiler" },
    { "XC_*", "this model is compiled for XMOS chips; use the file that went into them" },
    { "Flex*", "an operator of full TensorFlow; convert the model again with TFLITE_BUILTINS only" },
    { "Convolution2DTransposeBias", MEDIAPIPE ": TRANSPOSE_CONV does where the model can be converted again" },
    { "MaxPoolingWithArgmax2D", MEDIAPIPE ": without what remembers the places, MAX_POOL_2D does" },
    { "MaxUnpooling2D", MEDIAPIPE ": RESIZE_NEAREST_NEIGHBOR does where the model can be trained again" },
    { "TransformTensorBilinear", MEDIAPIPE ": cut the model in front of it, and turn the picture outside" },
    { "TransformLandmarks", MEDIAPIPE ": cut the model in front of it, and turn the points outside" },
    { "Landmarks*", MEDIAPIPE ": cut the model in front of it, and work out the matrix outside" },
    { "TFSentencepieceTokenizeOp", "a tokenizer of TensorFlow Text: cut words in front of the model" },
    { "RaggedTensorToTensor", "an operator of TensorFlow Text: give the model tensors of full shape" },
    { "tftext:*", "an operator of TensorFlow Text: cut words in front of the model" },
    { "KmeansEmbeddingLookup", MEDIAPIPE ": it is for text, cut the model behind it" },
    { "NGramHash", MEDIAPIPE ": it is for text, cut the model behind it" },
    { "NumericVerify", "a model for debugging; the quantiser makes the same without NumericVerify" },
    { "SignalRfft", "an operator of TensorFlow Lite Micro: compute spectra in front of the model" },
    { "Signal*", "an operator of TensorFlow Lite Micro: prepare sound in front of the model" },
};

static const char *maker(const char *name)
{
    for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++) {
        const char *begin = makers[i].begin;
        const size_t n = strlen(begin);
        if (begin[n - 1] == '*' ? !strncmp(name, begin, n - 1) : !strcmp(name, begin)) return makers[i].text;
    }
    return NULL;
}

static const char *advice(const char *name)
{
    for (size_t i = 0; i < sizeof builtin / sizeof builtin[0]; i++)
        if (!strncmp(name, builtin[i].begin, strlen(builtin[i].begin))) return builtin[i].text;
    return "docs/operators.md lists those to rewrite it with";
}

crl_status crl_op_unknown(const crl_operator *def, crl_error *err)
{
    if (def->code != CRL_CUSTOM)
        return crl_fail(err, CRL_ERR_UNSUPPORTED, "this operator is not supported (version %d); %s", def->version,
                        advice(def->name));
    const char *text = maker(def->name);
    if (text) return crl_fail(err, CRL_ERR_UNSUPPORTED, "%s", text);
    return crl_fail(err, CRL_ERR_UNSUPPORTED,
                    "a custom operator that is not known here (version %d): its maker's runtime has it; docs/operators.md lists "
                    "those that are known: export the model without it",
                    def->version);
}
