/* SPDX-License-Identifier: Apache-2.0 */
/* What to do about an operator that we do not have. */
#include <string.h>

#include "ops/op.h"

/* Advice by the beginning of a name. */
static const struct advice {
    const char *begin, *text;
} builtin[] = {
    { "ATAN2", "compute angles behind the model" },
    { "BIDIRECTIONAL_SEQUENCE", "two unidirectional ones do, one between two REVERSE_V2, joined by CONCATENATION" },
    { "BUCKETIZE", "compare with the bounds by GREATER_EQUAL, and SUM" },
    { "DENSIFY", "convert the model again without sparsity" },
    { "DYNAMIC_UPDATE_SLICE", "SELECT_V2 with a mask, or SCATTER_ND, does" },
    { "EMBEDDING_LOOKUP", "GATHER does" },
    { "HASHTABLE", "look words up in front of the model" },
    { "REVERSE_SEQUENCE", "REVERSE_V2 does where all sequences have one length" },
    { "SPARSE_TO_DENSE", "SCATTER_ND does" },
    { "STABLEHLO_", "convert the model again to operators of TensorFlow Lite" },
};

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
    if (!strcmp(def->name, "edgetpu-custom-op"))
        return crl_fail(err, CRL_ERR_UNSUPPORTED,
                        "this model is compiled for the Edge TPU; use the file without _edgetpu in its name, or a device");
    if (!strncmp(def->name, "Flex", 4))
        return crl_fail(err, CRL_ERR_UNSUPPORTED,
                        "an operator of full TensorFlow; convert the model again with TFLITE_BUILTINS only");
    return crl_fail(err, CRL_ERR_UNSUPPORTED,
                    "a custom operator that is not known here (version %d); known are TFLite_Detection_PostProcess and "
                    "PosenetDecoderOp: export the model without it",
                    def->version);
}
