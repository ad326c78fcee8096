/* SPDX-License-Identifier: Apache-2.0 */
/* What a model says about its use: the FlatBuffer that it carries as metadata "TFLITE_METADATA".
 *
 * Only what changes results is read: how inputs are normalised, which label files belong to outputs, from which score on
 * they mean something, and the anchors of raw ones.
 *
 * Source: the TensorFlow Lite Metadata schema, version 1.1. */
#ifndef CRL_MODEL_METADATA_H
#define CRL_MODEL_METADATA_H

#include <corallite/anchors.h>
#include <corallite/model.h>

#include "base/alloc.h"

/* input = (pixel - mean[c]) / std[c]; n == 1: for all channels; n == 0: not said. */
typedef struct crl_norm {
    const float *mean;
    const float *std;
    int32_t n;
} crl_norm;

typedef struct crl_output_notes {
    const char *labels; /* name of the label file, NULL when there is none */
    bool has_threshold; /* `threshold` is the least score that means something */
    float threshold;
} crl_output_notes;

typedef struct crl_notes {
    crl_norm *inputs; /* as the inputs of the main subgraph; fewer when the metadata has fewer */
    int32_t n_inputs;
    crl_output_notes *outputs; /* as its outputs */
    int32_t n_outputs;
    crl_anchors anchors; /* n == 0: there are none */
} crl_notes;

/* Empty notes when the model has no such metadata. Memory comes from the pile; names are borrowed from the file
 * or the pile. */
crl_status crl_notes_read(crl_notes *notes, const crl_model *model, crl_pile *pile, crl_error *err);

#endif
