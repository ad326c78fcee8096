/* SPDX-License-Identifier: Apache-2.0 */
/* Teaches a classifier a class for each picture.      learn MODEL.tflite OUT.tflite PICTURE PICTURE...
 * Shows: the model without its last layer, vectors of pictures, a last layer made of them, and the new model as a file. */
#include <corallite/corallite.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static crl_status fail(crl_error *err, crl_status status, const char *text)
{
    *err = (crl_error){ .status = status };
    snprintf(err->text, sizeof err->text, "%s", text);
    return status;
}

/* The vector of each picture, [n][size]. */
static crl_status look(const crl_extractor *eye, char *const *pictures, int32_t n, float *vectors, crl_error *err)
{
    crl_session *session;
    const crl_results *seen;
    const size_t size = (size_t)crl_extractor_size(eye);
    crl_status s = crl_session_open(&session, crl_extractor_model(eye), &(crl_session_options){ .purpose = CRL_PURPOSE_EMBED }, err);
    for (int32_t i = 0; !s && i < n; i++) {
        s = crl_session_run_file(session, pictures[i], &seen, err);
        if (!s) memcpy(vectors + (size_t)i * size, seen->embedding, size * sizeof *vectors);
    }
    crl_session_close(session);
    return s;
}

/* Classes are called as their pictures. */
static crl_status write(const crl_extractor *eye, const crl_last_layer *layer, char *const *names, const char *out, crl_error *err)
{
    uint8_t *bytes;
    size_t size;
    const crl_classifier_info info = { .labels = (const char *const *)names };
    crl_status s = crl_extractor_write(eye, layer, &info, &bytes, &size, err);
    if (s) return s;
    FILE *f = fopen(out, "wb");
    if (!f || fwrite(bytes, 1, size, f) != size) s = fail(err, CRL_ERR_IO, "the new model cannot be written");
    if (f && fclose(f) && !s) s = fail(err, CRL_ERR_IO, "the new model cannot be written");
    free(bytes);
    return s;
}

static crl_status learn(const crl_model *model, const char *out, char *const *pictures, int32_t n, crl_error *err)
{
    crl_extractor *eye;
    crl_status s = crl_extractor_new(&eye, model, NULL, err);
    if (s) return s;
    const int32_t size = crl_extractor_size(eye);
    float *vectors = calloc((size_t)n * (size_t)size, sizeof *vectors), *weights = calloc((size_t)n * (size_t)size, sizeof *weights);
    int32_t *classes = calloc((size_t)n, sizeof *classes);
    if (!vectors || !weights || !classes) s = fail(err, CRL_ERR_MEMORY, "no memory");
    if (!s) s = look(eye, pictures, n, vectors, err);
    if (!s) {
        for (int32_t i = 0; i < n; i++) classes[i] = i;
        const float scale = crl_imprint_scale(vectors, classes, n, size, n);
        crl_imprint(vectors, classes, n, size, n, scale, weights);
        const crl_last_layer layer = { .classes = n, .size = size, .weights = weights, .normalise = true, .low = -scale, .high = scale };
        s = write(eye, &layer, pictures, out, err);
    }
    if (!s) printf("%d classes of %d numbers\n", n, size);
    free(vectors);
    free(weights);
    free(classes);
    crl_extractor_free(eye);
    return s;
}

int main(int argc, char **argv)
{
    crl_error err;
    crl_model *model;
    if (argc < 5) {
        fprintf(stderr, "usage: learn MODEL.tflite OUT.tflite PICTURE PICTURE...\n");
        return 2;
    }
    crl_status s = crl_model_open_file(&model, argv[1], &err);
    if (!s) s = learn(model, argv[2], argv + 3, argc - 3, &err);
    crl_model_close(model);
    if (s) fprintf(stderr, "%s\n", err.text);
    return s ? 1 : 0;
}
