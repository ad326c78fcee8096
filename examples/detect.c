/* SPDX-License-Identifier: Apache-2.0 */
/* Finds things in a picture, and draws boxes around them.      detect MODEL.tflite PICTURE OUT.png
 * Shows: a session, its results, the picture with the results drawn. */
#include <corallite/corallite.h>

#include <stdio.h>

static crl_status detect(const char *model, const char *picture, const char *out, crl_error *err)
{
    crl_session *session;
    const crl_results *found = NULL;
    crl_status s = crl_session_open_file(&session, model, NULL, err);
    if (!s) s = crl_session_run_file(session, picture, &found, err);
    for (int32_t i = 0; !s && i < found->n_detections; i++) {
        const crl_detection *d = &found->detections[i];
        const char *name = crl_session_label(session, d->index);
        printf("%s, %.0f %%, from (%.0f,%.0f) to (%.0f,%.0f)\n", name ? name : "something", (double)d->score * 100,
               (double)d->box.x0, (double)d->box.y0, (double)d->box.x1, (double)d->box.y1);
    }
    if (!s) s = crl_session_draw(session, found->picture, err);
    if (!s) s = crl_image_save(found->picture, out, err);
    crl_session_close(session);
    return s;
}

int main(int argc, char **argv)
{
    crl_error err;
    if (argc != 4) {
        fprintf(stderr, "usage: detect MODEL.tflite PICTURE OUT.png\n");
        return 2;
    }
    if (!detect(argv[1], argv[2], argv[3], &err)) return 0;
    fprintf(stderr, "%s\n", err.text);
    return 1;
}
