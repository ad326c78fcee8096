/* SPDX-License-Identifier: Apache-2.0 */
/* Lists the operators of a model.      operators MODEL.tflite
 * Shows: opening a model, errors, what a crl_model holds. */
#include <corallite/corallite.h>

#include <stdio.h>

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: operators MODEL.tflite\n");
        return 2;
    }
    crl_model *model;
    crl_error err;
    if (crl_model_open_file(&model, argv[1], &err)) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    const crl_subgraph *graph = &model->subgraphs[0];
    for (int32_t i = 0; i < graph->n_operators; i++) {
        const crl_operator *op = &graph->operators[i];
        const crl_tensor_def *out = &graph->tensors[op->outputs[0]];
        char shape[CRL_SHAPE_TEXT];
        printf("%3d %-24s %s %s\n", i, op->name, crl_type_name(out->type), crl_shape_text(&out->shape, shape, sizeof shape));
    }
    crl_model_close(model);
    return 0;
}
