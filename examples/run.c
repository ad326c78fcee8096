/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a model on inputs that are all zero.      run MODEL.tflite
 * Shows: making an engine, inputs, running, outputs. */
#include <corallite/corallite.h>

#include <stdio.h>
#include <string.h>

static int run(const crl_model *model, crl_error *err)
{
    crl_engine *engine;
    if (crl_engine_new(&engine, model, NULL, err)) return 1;
    for (int32_t i = 0; i < crl_engine_input_count(engine); i++) {
        crl_tensor *in = crl_engine_input(engine, i);
        memset(in->data, 0, in->bytes);
    }
    const int failed = crl_engine_run(engine, err) != CRL_OK;
    for (int32_t i = 0; i < crl_engine_output_count(engine) && !failed; i++) {
        const crl_tensor *out = crl_engine_output(engine, i);
        char shape[CRL_SHAPE_TEXT];
        printf("output %d \"%s\": %s %s, %zu bytes, the first is %d\n", i, out->name, crl_type_name(out->type),
               crl_shape_text(&out->shape, shape, sizeof shape), out->bytes, out->bytes ? *(const uint8_t *)out->data : 0);
    }
    crl_engine_free(engine);
    return failed;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: run MODEL.tflite\n");
        return 2;
    }
    crl_model *model;
    crl_error err;
    int status = 1;
    if (!crl_model_open_file(&model, argv[1], &err)) status = run(model, &err);
    if (status) fprintf(stderr, "%s\n", err.text);
    crl_model_close(model);
    return status;
}
