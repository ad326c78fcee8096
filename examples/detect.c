/* SPDX-License-Identifier: Apache-2.0 */
/* Draws boxes around what a detector finds.      detect MODEL.tflite PICTURE OUT.png
 * Shows: several outputs, from fractions of the input to pixels of the picture, drawing, writing a picture. */
#include <corallite/corallite.h>
#include <corallite/vision.h>

#include <stdio.h>

enum { MOST = 20 };

typedef struct job {
    crl_image picture;
    crl_model *model;
    crl_engine *engine;
} job;

static crl_status detect(job *j, char **argv, crl_error *err)
{
    crl_letterbox frame;
    crl_detection found[MOST];
    int32_t n = 0;
    crl_status s = crl_image_load(&j->picture, argv[2], &(crl_image_options){ .channels = 3 }, err);
    if (!s) s = crl_model_open_file(&j->model, argv[1], err);
    if (!s) s = crl_engine_new(&j->engine, j->model, NULL, err);
    if (!s) s = crl_image_to_tensor(&j->picture, crl_engine_input(j->engine, 0), NULL, &frame, err);
    if (!s) s = crl_engine_run(j->engine, err);
    const crl_tensor *outputs[4] = { NULL };
    if (!s && crl_engine_output_count(j->engine) >= 4) {
        for (int32_t i = 0; i < 4; i++) outputs[i] = crl_engine_output(j->engine, i);
        s = crl_detections_read(outputs, 4, &frame, 0.5f, found, MOST, &n, err);
    }
    for (int32_t i = 0; i < n; i++)
        printf("class %d, %.0f %%, from (%.0f,%.0f) to (%.0f,%.0f)\n", found[i].index, (double)found[i].score * 100,
               (double)found[i].box.x0, (double)found[i].box.y0, (double)found[i].box.x1, (double)found[i].box.y1);
    if (!s) s = crl_draw_detections(&j->picture, found, n, NULL, err);
    if (!s) s = crl_image_save(&j->picture, argv[3], err);
    return s;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: detect MODEL.tflite PICTURE OUT.png\n");
        return 2;
    }
    job j = { 0 };
    crl_error err;
    const crl_status s = detect(&j, argv, &err);
    if (s) fprintf(stderr, "%s\n", err.text);
    crl_engine_free(j.engine);
    crl_model_close(j.model);
    crl_image_fini(&j.picture);
    return s ? 1 : 0;
}
