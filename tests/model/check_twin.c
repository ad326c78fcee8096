/* SPDX-License-Identifier: Apache-2.0 */
/* Twins of compiled models: where they are looked for, and what is not believed to be one. */
#include <corallite/model.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "areas.h"
#include "check.h"
#include "tiny.h"

static tiny plain, compiled;

/* The tiny model with another custom operator, and labels behind it. */
static void make_compiled(const char *labels)
{
    tiny_build(&compiled);
    build_link(&compiled.b, compiled.code[2], CODE_CUSTOM);
    build_text(&compiled.b, "edgetpu-custom-op");
    if (labels) build_archive(&compiled.b, "labels.txt", labels);
}

/* A folder with files in it, removed by leave(). */
typedef struct place {
    char names[6][128], folder[32];
    int n;
} place;

static bool enter(check *t, place *p)
{
    *p = (place){ .folder = "/tmp/crl_twin_XXXXXX" };
    unsetenv("CRL_CPU_TWIN");
    return check_that(t, mkdtemp(p->folder) != NULL, "no folder");
}

static const char *put(check *t, place *p, const char *name, const build *b)
{
    char *path = p->names[p->n++];
    strcpy(path, p->folder);
    strcat(path, "/");
    strcat(path, name);
    FILE *f = fopen(path, "wb");
    const bool ok = f && fwrite(b->bytes, 1, b->n, f) == b->n;
    if (f) fclose(f);
    check_that(t, ok, "%s is not written", path);
    return path;
}

static void leave(place *p)
{
    unsetenv("CRL_CPU_TWIN");
    while (p->n) unlink(p->names[--p->n]);
    rmdir(p->folder);
}

/* Opens `path` and its twin: the twin's name has to end in `wanted`, else the text of the failure has to have it. */
static void expect(check *t, const char *path, const char *named, crl_status status, const char *wanted)
{
    crl_model *m, *twin = NULL;
    char *file = NULL;
    crl_error err = { .text = "" };
    if (!check_that(t, !crl_model_open_file(&m, path, &err), "%s", err.text)) return;
    check_that(t, crl_model_is_compiled(m), "%s is compiled", path);
    const crl_status s = crl_model_open_twin(&twin, &file, m, path, named, &err);
    check_that(t, s == status, "%s: %s: status %d instead of %d: %s", path, wanted, s, status, err.text);
    if (s)
        check_that(t, !twin && !file && strstr(err.text, wanted), "%s: \"%s\"", path, err.text);
    else
        check_that(t, file && strlen(file) > strlen(wanted) && !strcmp(file + strlen(file) - strlen(wanted), wanted) &&
                   !crl_model_is_compiled(twin) && !err.text[0], "%s: %s %s", path, file, err.text);
    free(file);
    crl_model_close(twin);
    crl_model_close(m);
}

static void found_by_name(check *t, unsigned cpu)
{
    (void)cpu;
    place p;
    tiny_build(&plain);
    make_compiled("cat\ndog\n");
    if (!enter(t, &p)) return;
    const char *bird = put(t, &p, "bird_edgetpu.tflite", &compiled.b), *frigate = put(t, &p, "edgetpu_model.tflite", &compiled.b);
    expect(t, bird, NULL, CRL_ERR_DEVICE, "beside it as bird.tflite, or name it with CRL_CPU_TWIN=FILE");
    expect(t, frigate, NULL, CRL_ERR_DEVICE, "beside it as cpu_model.tflite");
    /* The sentence is whole with the longest names that stand in it. */
    const char *extractor = put(t, &p, "mobilenet_v1_1.0_224_quant_embedding_extractor_edgetpu.tflite", &compiled.b);
    expect(t, extractor, NULL, CRL_ERR_DEVICE, "_extractor.tflite, or name it with CRL_CPU_TWIN=FILE");
    const char *twin = put(t, &p, "bird.tflite", &plain.b);
    put(t, &p, "cpu_model.tflite", &plain.b);
    expect(t, bird, NULL, CRL_OK, "/bird.tflite");
    expect(t, bird, "", CRL_OK, "/bird.tflite");
    expect(t, frigate, NULL, CRL_OK, "/cpu_model.tflite");
    expect(t, frigate, twin, CRL_OK, "/bird.tflite");
    expect(t, bird, "/nowhere/x.tflite", CRL_ERR_IO, "/nowhere/x.tflite");
    expect(t, bird, bird, CRL_ERR_ARGUMENT, "bird_edgetpu.tflite is not what bird_edgetpu.tflite was compiled from: it is compiled, too");
    leave(&p);
}

static void found_by_the_environment(check *t, unsigned cpu)
{
    (void)cpu;
    place p;
    tiny_build(&plain);
    make_compiled(NULL);
    if (!enter(t, &p)) return;
    const char *odd = put(t, &p, "odd.tflite", &compiled.b), *bird = put(t, &p, "bird_edgetpu.tflite", &compiled.b);
    expect(t, odd, NULL, CRL_ERR_DEVICE, "odd.tflite is compiled for an Edge TPU, and none is here: name the model");
    setenv("CRL_CPU_TWIN", put(t, &p, "other.tflite", &plain.b), 1);
    expect(t, odd, NULL, CRL_OK, "/other.tflite");
    expect(t, bird, NULL, CRL_OK, "/other.tflite");
    setenv("CRL_CPU_TWIN", "/nowhere/x.tflite", 1);
    expect(t, bird, NULL, CRL_ERR_IO, "/nowhere/x.tflite");
    put(t, &p, "bird.tflite", &plain.b); /* the variable is for another model then */
    expect(t, bird, NULL, CRL_OK, "/bird.tflite");
    crl_model *m, *twin;
    crl_error err = { .text = "" };
    if (!crl_model_open(&m, compiled.b.bytes, compiled.b.n, &err)) {
        unsetenv("CRL_CPU_TWIN");
        check_that(t, crl_model_open_twin(&twin, NULL, m, NULL, NULL, &err) == CRL_ERR_DEVICE && strstr(err.text, "the model is compiled"),
                   "from memory: %s", err.text);
        setenv("CRL_CPU_TWIN", p.names[2], 1);
        check_that(t, !crl_model_open_twin(&twin, NULL, m, NULL, NULL, &err), "from memory: %s", err.text);
        crl_model_close(twin);
        crl_model_close(m);
    }
    leave(&p);
}

static void others_are_not_believed(check *t, unsigned cpu)
{
    (void)cpu;
    static const struct {
        const char *what, *text;
    } changes[] = { { "type", "input 0 is UINT8 [1,2,2,3] instead of INT8 [1,2,2,3]" }, { "shape", "output 0 is INT8" },
                    { "scale", "input 0 has another scale or zero point" }, { "zero point", "output 0 has another scale or zero point" },
                    { "labels", "its labels are others" } };
    make_compiled("cat\ncow\n");
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        place p;
        if (!enter(t, &p)) return;
        tiny_build(&plain);
        build *b = &plain.b;
        switch (i) {
        case 0: build_u8(b, plain.tensor[X], T_TYPE, 3), memset(b->bytes + plain.zero[X], 0, 8); break;
        case 1: build_put_u32(b, plain.shape[Z] + 4, 2), build_put_u32(b, plain.shape[Z] + 8, 2); break;
        case 2: build_put_u32(b, plain.scale[X], 0x3e000000); break;
        case 3: b->bytes[plain.zero[Z]] ^= 1; break;
        }
        put(t, &p, "bird.tflite", b);
        expect(t, put(t, &p, "bird_edgetpu.tflite", &compiled.b), NULL, CRL_ERR_ARGUMENT, changes[i].text);
        leave(&p);
    }
}

int area_model_twin(int argc, char **argv)
{
    static const check_case cases[] = {
        { "found_by_name", found_by_name, false },
        { "found_by_the_environment", found_by_the_environment, false },
        { "others_are_not_believed", others_are_not_believed, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
