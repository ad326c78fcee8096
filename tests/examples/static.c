/* SPDX-License-Identifier: Apache-2.0 */
/* A program that is linked statically: what it can do is the same, but for letters that pango would have to write. */
#include <corallite/corallite.h>

#include <stdio.h>

static crl_status run(const char *model_path, crl_error *err)
{
    crl_model *model;
    crl_engine *engine = NULL;
    crl_status s = crl_model_open_file(&model, model_path, err);
    if (!s) s = crl_engine_new(&engine, model, &(crl_engine_options){ .threads = 3 }, err);
    if (!s) s = crl_engine_run(engine, err);
    crl_engine_free(engine);
    crl_model_close(model);
    return s;
}

static crl_status draw(crl_error *err)
{
    static const char names[] = "0 \xe8\xad\xb2\xe3\x82\x8c\n"; /* the sign "give way" in Japanese */
    const crl_detection d = { 0, 0.9f, { 20, 40, 250, 180 } };
    crl_image image;
    crl_labels *labels = NULL;
    crl_status s = crl_image_init(&image, 300, 200, 3, err);
    if (!s) s = crl_labels_parse(&labels, names, sizeof names - 1, err);
    if (!s) s = crl_draw_detections(&image, &d, 1, labels, err);
    crl_labels_free(labels);
    crl_image_fini(&image);
    return s;
}

int main(int argc, char **argv)
{
    crl_error err;
    if (argc != 2 || run(argv[1], &err) || draw(&err)) return 1;
    const crl_status s = crl_draw_check_label("\xe8\xad\xb2", &err);
    printf("%s: %s\n", crl_status_name(s), s ? err.text : "");
    return 0;
}
