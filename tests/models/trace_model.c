/* SPDX-License-Identifier: Apache-2.0 */
/* Prints what every tensor of a model holds after one run, for tools/oracle/first_difference.py.
 *
 *   trace_model MODEL.tflite SOURCE reference|cpu [ROOT]
 *
 * One line per tensor that an operator writes, in their order:
 *   operator, its name, tensor, digest of its bytes, and its first elements, parted by tabs
 * SOURCE is that of inputs_draw(). Every tensor is made an output, so that nothing overwrites it; lowering
 * that would hide a tensor inside a fused step is switched off by that. */
#include <corallite/corallite.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "areas.h"
#include "inputs.h"
#include "sha256.h"

static int fail(const char *text)
{
    fprintf(stderr, "trace_model: %s\n", text);
    return 1;
}

static void print_head(const crl_tensor *t)
{
    const size_t n = crl_shape_count(&t->shape);
    for (size_t i = 0; i < n && i < 8; i++) {
        switch (t->type) {
        case CRL_UINT8: printf(" %d", ((const uint8_t *)t->data)[i]); break;
        case CRL_INT8: printf(" %d", ((const int8_t *)t->data)[i]); break;
        case CRL_INT16: printf(" %d", ((const int16_t *)t->data)[i]); break;
        case CRL_INT32: printf(" %d", ((const int32_t *)t->data)[i]); break;
        case CRL_INT64: printf(" %lld", (long long)((const int64_t *)t->data)[i]); break;
        case CRL_FLOAT32: printf(" %.9g", (double)((const float *)t->data)[i]); break;
        default: break;
        }
    }
}

static int trace(const crl_model *file, const char *name, char **argv, const char *root)
{
    crl_error err;
    crl_model model = *file;
    crl_subgraph graph = file->subgraphs[0];
    int32_t *outputs = calloc((size_t)graph.n_tensors + 1, sizeof *outputs);
    if (!outputs) return fail("no memory");
    graph.outputs = outputs;
    graph.n_outputs = 0;
    for (int32_t k = 0; k < graph.n_operators; k++)
        for (int32_t i = 0; i < graph.operators[k].n_outputs; i++) outputs[graph.n_outputs++] = graph.operators[k].outputs[i];
    model.subgraphs = &graph;

    crl_engine *e;
    const crl_backend_kind kind = strcmp(argv[3], "cpu") ? CRL_BACKEND_REFERENCE : CRL_BACKEND_CPU;
    int status = 0;
    if (crl_engine_new(&e, &model, &(crl_engine_options){ .backend = kind }, &err)) {
        free(outputs);
        return fail(err.text);
    }
    for (int32_t i = 0; i < crl_engine_input_count(e) && !status; i++)
        if (inputs_draw(crl_engine_input(e, i), root, name, argv[2], i, &err)) status = fail(err.text);
    if (!status && crl_engine_run(e, &err)) status = fail(err.text);
    for (int32_t k = 0, at = 0; k < graph.n_operators && !status; k++)
        for (int32_t i = 0; i < graph.operators[k].n_outputs; i++, at++) {
            const crl_tensor *t = crl_engine_output(e, at);
            char digest[SHA256_HEX];
            sha256_hex(t->data, t->bytes, digest);
            printf("%d\t%s\t%d\t%s\t", k, graph.operators[k].name, outputs[at], digest);
            print_head(t);
            printf("\n");
        }
    crl_engine_free(e);
    free(outputs);
    return status;
}

int area_trace_model(int argc, char **argv)
{
    if (argc < 4) return fail("usage: trace_model MODEL.tflite SOURCE reference|cpu [ROOT]");
    crl_model *model;
    crl_error err;
    if (crl_model_open_file(&model, argv[1], &err)) return fail(err.text);
    const char *slash = strrchr(argv[1], '/');
    const int status = trace(model, slash ? slash + 1 : argv[1], argv, argc > 4 ? argv[4] : ".");
    crl_model_close(model);
    return status;
}
