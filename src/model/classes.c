/* SPDX-License-Identifier: Apache-2.0 */
/* How many classes a detector tells apart: among the options of the operator that picks its boxes. */
#include <string.h>

#include <corallite/model.h>

#include "model/flex.h"

int32_t crl_model_detector_classes(const crl_model *model)
{
    const crl_subgraph *g = &model->subgraphs[0];
    for (int32_t i = 0; i < g->n_operators; i++) {
        const crl_operator *op = &g->operators[i];
        if (op->code != CRL_CUSTOM || strcmp(op->name, "TFLite_Detection_PostProcess")) continue;
        const crl_flex options = crl_flex_root(op->custom_options, op->custom_bytes);
        const int64_t n = crl_flex_int(crl_flex_get(options, "num_classes"), 0);
        return n > 0 && n < INT32_MAX ? (int32_t)n : 0;
    }
    return 0;
}
