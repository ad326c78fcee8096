/* SPDX-License-Identifier: Apache-2.0 */
/* The pose decoder, for which there is no oracle: the poses that the makers of the model wrote down for a
 * picture of exactly the model's size, printed as they printed them: those of a CPU, and those of an Edge TPU. */
#include "check_poses.h"

#include <corallite/engine.h>
#include <corallite/vision.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NAME "posenet_mobilenet_v1_075_481_641_16_quant_decoder"

enum { WIDTH = 641, HEIGHT = 481, KEYPOINTS = 17 };

static const char *folder;

void check_poses_in(const char *testdata)
{
    folder = testdata;
}

static void path_of(char path[1024], const char *name)
{
    snprintf(path, 1024, "%s/%s", folder, name);
}

/* Compares the engine's outputs with the rows of the file; the number of rows that agree. */
static int compare(check *t, const crl_engine *e, FILE *rows)
{
    const float *keypoints = crl_engine_output(e, 0)->data, *keypoint_scores = crl_engine_output(e, 1)->data;
    const float *scores = crl_engine_output(e, 2)->data, *count = crl_engine_output(e, 3)->data;
    char want[256], got[256];
    int n = 0;
    if (!fgets(want, sizeof want, rows)) return 0; /* the names of the columns */
    for (; fgets(want, sizeof want, rows); n++) {
        want[strcspn(want, "\r\n")] = 0;
        const int pose = n / KEYPOINTS, k = n % KEYPOINTS;
        if (!check_that(t, (float)pose < *count, "only %g poses were found", (double)*count)) return n;
        snprintf(got, sizeof got, "%d,%g,%d,%g,%g,%g", pose, (double)scores[pose], k, (double)keypoint_scores[n],
                 (double)(keypoints[2 * n + 1] / (float)WIDTH), (double)(keypoints[2 * n] / (float)HEIGHT));
        if (!check_that(t, !strcmp(want, got), "row %d: want %s, got %s", n, want, got)) return n;
    }
    check_that(t, (float)(n / KEYPOINTS) == *count, "%g poses were found, %d are written down", (double)*count, n / KEYPOINTS);
    return n;
}

static void run_on(check *t, const crl_model *model, const crl_engine_options *options, const crl_image *picture)
{
    crl_engine *e;
    crl_error err;
    char path[1024];
    if (!check_that(t, !crl_engine_new(&e, model, options, &err), "%s", err.text)) return;
    const bool chip = options->arithmetic == CRL_ARITHMETIC_EDGETPU;
    path_of(path, chip ? "reference/" NAME "_edgetpu_reference.csv" : "reference/" NAME "_reference.csv");
    FILE *rows = fopen(path, "r");
    if (check_that(t, rows != NULL, "no file %s", path) &&
        check_that(t, !crl_image_to_tensor(picture, crl_engine_input(e, 0), NULL, NULL, &err), "%s", err.text) &&
        check_that(t, !crl_engine_run(e, &err), "%s", err.text)) {
        const int n = compare(t, e, rows);
        check_that(t, n == 2 * KEYPOINTS, "%s backend%s: %d rows agree, not %d", crl_backend_name(options->backend),
                   chip ? ", edgetpu" : "", n, 2 * KEYPOINTS);
    }
    if (rows) fclose(rows);
    crl_engine_free(e);
}

void check_model_poses(check *t, unsigned cpu)
{
    (void)cpu;
    char path[1024];
    crl_error err;
    path_of(path, "images/test_image_641x481.png");
    if (access(path, R_OK)) {
        check_skip(t, "no file %s", path);
        return;
    }
    crl_image picture;
    crl_status s = crl_image_load(&picture, path, &(crl_image_options){ .channels = 3 }, &err);
    if (s == CRL_ERR_UNSUPPORTED) {
        check_skip(t, "%s", err.text);
        return;
    }
    crl_model *model = NULL;
    path_of(path, "models/" NAME ".tflite");
    if (check_that(t, !s, "%s", err.text) && check_that(t, !crl_model_open_file(&model, path, &err), "%s", err.text)) {
        for (int i = 0; i < 4; i++)
            run_on(t, model, &(crl_engine_options){ .backend = i & 1 ? CRL_BACKEND_CPU : CRL_BACKEND_REFERENCE,
                                                    .arithmetic = i & 2 ? CRL_ARITHMETIC_EDGETPU : CRL_ARITHMETIC_TFLITE }, &picture);
    }
    crl_model_close(model);
    crl_image_fini(&picture);
}
