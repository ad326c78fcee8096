/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a model on inputs that come by the standard input; the next one is read while one runs.      overlap MODEL.tflite < FRAMES
 * Shows: memory of the caller's as an input, without a copy. */
#include <corallite/corallite.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct frame {
    void *data;
    size_t bytes;
    bool full;
} frame;

static void *fill(void *ctx)
{
    frame *f = ctx;
    f->full = fread(f->data, 1, f->bytes, stdin) == f->bytes;
    return NULL;
}

static crl_status run_frame(crl_engine *engine, const frame *f, crl_error *err)
{
    crl_status s = crl_engine_bind_input(engine, 0, f->data, f->bytes, err);
    if (!s) s = crl_engine_run(engine, err);
    const crl_tensor *out = crl_engine_output(engine, 0);
    for (size_t i = 0; !s && i < out->bytes; i++) printf("%d%c", ((const uint8_t *)out->data)[i], i + 1 < out->bytes ? ' ' : '\n');
    return s;
}

static crl_status run_frames(crl_engine *engine, frame f[2], crl_error *err)
{
    crl_status s = CRL_OK;
    fill(&f[0]);
    for (int now = 0; !s && f[now].full; now = !now) {
        pthread_t reader;
        const bool beside = !pthread_create(&reader, NULL, fill, &f[!now]);
        s = run_frame(engine, &f[now], err);
        if (beside) pthread_join(reader, NULL);
        else fill(&f[!now]);
    }
    return s;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: overlap MODEL.tflite < FRAMES of the size of its input\n");
        return 2;
    }
    crl_model *model;
    crl_engine *engine = NULL;
    crl_error err;
    frame f[2] = { { 0 } };
    crl_status s = crl_model_open_file(&model, argv[1], &err);
    if (!s) s = crl_engine_new(&engine, model, NULL, &err);
    for (int i = 0; !s && i < 2; i++) {
        f[i].bytes = crl_engine_input(engine, 0)->bytes;
        f[i].data = malloc(f[i].bytes);
        if (!f[i].data) return 1;
    }
    if (!s) s = run_frames(engine, f, &err);
    if (s) fprintf(stderr, "%s\n", err.text);
    crl_engine_free(engine); /* before the memory that is bound */
    crl_model_close(model);
    free(f[0].data);
    free(f[1].data);
    return s != CRL_OK;
}
