/* SPDX-License-Identifier: Apache-2.0 */
/* Says what is in a picture.      classify MODEL.tflite LABELS.txt PICTURE
 * Shows: reading a picture, filling a model's input with it, the best classes and their names. */
#include <corallite/corallite.h>
#include <corallite/vision.h>

#include <math.h>
#include <stdio.h>

/* What main() releases, however far it came. */
typedef struct job {
    crl_image picture;
    crl_labels *labels;
    crl_model *model;
    crl_engine *engine;
} job;

static crl_status classify(job *j, char **argv, crl_error *err)
{
    crl_status s = crl_image_load(&j->picture, argv[3], NULL, err);
    if (!s) s = crl_labels_load(&j->labels, argv[2], err);
    if (!s) s = crl_model_open_file(&j->model, argv[1], err);
    if (!s) s = crl_engine_new(&j->engine, j->model, NULL, err);
    if (!s) s = crl_image_to_tensor(&j->picture, crl_engine_input(j->engine, 0), NULL, NULL, err);
    if (!s) s = crl_engine_run(j->engine, err);
    crl_class best[3];
    int32_t n = 0;
    if (!s) s = crl_topk(crl_engine_output(j->engine, 0), -INFINITY, best, 3, &n, err);
    for (int32_t i = 0; i < n; i++) {
        const char *name = crl_labels_get(j->labels, best[i].index);
        printf("%.6f %s\n", (double)best[i].score, name ? name : "(no name)");
    }
    return s;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: classify MODEL.tflite LABELS.txt PICTURE\n");
        return 2;
    }
    job j = { 0 };
    crl_error err;
    const crl_status s = classify(&j, argv, &err);
    if (s) fprintf(stderr, "%s\n", err.text);
    crl_engine_free(j.engine);
    crl_model_close(j.model);
    crl_labels_free(j.labels);
    crl_image_fini(&j.picture);
    return s ? 1 : 0;
}
