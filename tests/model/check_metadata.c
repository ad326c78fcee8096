/* SPDX-License-Identifier: Apache-2.0 */
/* Normalisation, anchors and label files of a model; the archive behind it; deflate. */
#include <corallite/model.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "areas.h"
#include "base/alloc.h"
#include "check.h"
#include "model/inflate.h"
#include "model/zip.h"
#include "tiny.h"

static tiny tm;

static crl_model *open_tiny(check *t, size_t size)
{
    crl_model *m;
    crl_error err = { 0 };
    check_that(t, !crl_model_open(&m, tm.b.bytes, size, &err), "not opened: %s", err.text);
    return m;
}

static void finds_labels_and_norm(check *t, unsigned cpu)
{
    (void)cpu;
    tiny_build(&tm);
    crl_model *m = open_tiny(t, tm.b.n);
    if (!m) return;
    for (int32_t output = -1; output < 2; output++) {
        const char *name;
        char *text;
        size_t bytes;
        crl_error err = { 0 };
        check_that(t, !crl_model_label_file(m, output, &name, &text, &bytes, &err), "%s", err.text);
        if (output < 1)
            check_that(t, name && !strcmp(name, "labels.txt") && bytes == 8 && !strcmp(text, "cat\ndog\n"), "labels");
        else
            check_that(t, !name && !text && !bytes, "labels of an output that is not there");
        free(text);
    }
    const float *mean, *std;
    int32_t n = 0;
    if (check_that(t, crl_model_input_norm(m, 0, &mean, &std, &n) && n == 3, "normalisation, n %d", n))
        check_that(t, mean[0] == 127 && mean[2] == 127 && std[1] == 128, "mean %g", (double)mean[0]);
    check_that(t, !crl_model_input_norm(m, 1, &mean, &std, &n) && !crl_model_input_norm(m, -1, &mean, &std, &n),
               "normalisation of an input that is not there");
    crl_model_close(m);
}

static void finds_threshold(check *t, unsigned cpu)
{
    (void)cpu;
    float least = 0;
    tiny_build(&tm);
    crl_model *m = open_tiny(t, tm.b.n);
    if (!m) return;
    check_that(t, crl_model_score_threshold(m, 0, &least) && least == 0.75f, "the threshold is %g", (double)least);
    check_that(t, !crl_model_score_threshold(m, 1, &least) && !crl_model_score_threshold(m, -1, &least),
               "a threshold of an output that is not there");
    crl_model_close(m);

    /* 0.75 stands once in the metadata. */
    static const uint8_t there[] = { 0, 0, 0x40, 0x3f }, nan[] = { 0, 0, 0xc0, 0x7f };
    uint8_t *at = NULL;
    for (size_t i = 0; i + 4 < tm.b.n && !at; i += 4)
        if (!memcmp(tm.b.bytes + i, there, 4)) at = tm.b.bytes + i;
    if (!check_that(t, at != NULL, "no 0.75")) return;
    memcpy(at, nan, 4);
    crl_error err = { 0 };
    check_that(t, crl_model_open(&m, tm.b.bytes, tm.b.n, &err) == CRL_ERR_FORMAT && strstr(err.text, "score threshold is nan"), "%s",
               err.text);
}

static void finds_anchors(check *t, unsigned cpu)
{
    (void)cpu;
    static const float want[] = { 0, 0.125f, 0.25f, 0.375f, 0.5f, 0.625f, 0.75f, 0.875f }, scales[] = { 6, 7, 8, 9 };
    crl_anchors a;
    tiny_build(&tm);
    crl_model *m = open_tiny(t, tm.b.n);
    if (!m) return;
    if (check_that(t, crl_model_anchors(m, &a) && a.n == 2, "%d anchors", a.n)) check_equal_f32(t, want, &a.anchor->x, 8, 0, "anchors");
    check_equal_f32(t, scales, &a.x_scale, 4, 0, "scales");
    check_that(t, a.classes == 2 && a.exponential && !a.logits && !a.reserved[0], "%d classes", a.classes);
    crl_model_close(m);

    /* The name begins where it is found. */
    uint8_t *name = NULL;
    for (size_t i = 0; i + 17 < tm.b.n && !name; i++)
        if (!memcmp(tm.b.bytes + i, "DETECTOR_METADATA", 17)) name = tm.b.bytes + i;
    if (!check_that(t, name != NULL, "no name")) return;
    name[0] = 'd';
    m = open_tiny(t, tm.b.n);
    check_that(t, m && !crl_model_anchors(m, &a) && !a.n && !a.anchor, "anchors under another name");
    crl_model_close(m);

    /* Broken ones are called by name. */
    name[0] = 'D';
    for (uint8_t *p = name; p < tm.b.bytes + tm.b.n - 4; p++)
        if (!memcmp(p, "V001", 4)) *p = 'W';
    crl_error err = { 0 };
    check_that(t, crl_model_open(&m, tm.b.bytes, tm.b.n, &err) == CRL_ERR_FORMAT && strstr(err.text, "\"TFLITE_METADATA\": DETECTOR_METADATA"),
               "%s", err.text);
}

static void expect_label_error(check *t, size_t size, crl_status status, const char *says)
{
    crl_model *m = open_tiny(t, size);
    if (!m) return;
    const char *name;
    char *text;
    size_t bytes;
    crl_error err = { 0 };
    const crl_status s = crl_model_label_file(m, -1, &name, &text, &bytes, &err);
    check_that(t, s == status && strstr(err.text, says) && strstr(err.text, "labels.txt"), "%s: \"%s\" does not say \"%s\"",
               crl_status_name(s), err.text, says);
    check_that(t, !name && !text && !bytes, "something is left");
    crl_model_close(m);
}

static void explains_broken_archives(check *t, unsigned cpu)
{
    (void)cpu;
    tiny_build(&tm);
    const size_t local = tm.model_bytes, entry = local + 30 + 10 + 8;
    expect_label_error(t, tm.model_bytes, CRL_ERR_FORMAT, "no zip archive");
    expect_label_error(t, tm.b.n - 1, CRL_ERR_FORMAT, "no zip archive");
    const struct {
        size_t at;
        uint8_t v;
        crl_status status;
        const char *says;
    } faults[] = {
        { entry + 46, 'L', CRL_ERR_FORMAT, "no such entry" },
        { entry + 8, 1, CRL_ERR_UNSUPPORTED, "encrypted" },
        { entry + 10, 12, CRL_ERR_UNSUPPORTED, "compression method 12" },
        { entry + 10, 8, CRL_ERR_FORMAT, "make no sense" },
        { entry + 16, 0, CRL_ERR_FORMAT, "checksum" },
        { entry + 20, 9, CRL_ERR_FORMAT, "two sizes" },
        { entry + 23, 9, CRL_ERR_FORMAT, "disagree" },
        { entry + 27, 9, CRL_ERR_UNSUPPORTED, "at most" },
        { entry + 44, 9, CRL_ERR_FORMAT, "outside" },
        { entry + 28, 90, CRL_ERR_FORMAT, "leaves the directory" },
        { entry, 90, CRL_ERR_FORMAT, "no signature" },
        { local, 'p', CRL_ERR_FORMAT, "disagree" },
        { local + 27, 255, CRL_ERR_FORMAT, "disagree" },
        { tm.b.n - 22 + 15, 1, CRL_ERR_FORMAT, "leaves the file" },
        { tm.b.n - 22 + 19, 1, CRL_ERR_FORMAT, "leaves the file" },
    };
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        tiny_build(&tm);
        tm.b.bytes[faults[i].at] = faults[i].v;
        expect_label_error(t, tm.b.n, faults[i].status, faults[i].says);
    }
    /* Offsets that count from the beginning of the file are as good. */
    tiny_build(&tm);
    build_put_u32(&tm.b, tm.b.n - 6, (uint32_t)entry);
    build_put_u32(&tm.b, entry + 42, (uint32_t)local);
    crl_model *m = open_tiny(t, tm.b.n);
    const char *name;
    char *text;
    size_t bytes;
    check_that(t, m && !crl_model_label_file(m, 0, &name, &text, &bytes, NULL) && bytes == 8, "absolute offsets");
    if (m) free(text);
    crl_model_close(m);
}

/* By zlib: with the fixed codes, and with codes of its own. */
static const uint8_t fixed[] = { 75, 78, 44, 225, 74, 201, 79, 231, 74, 70, 162, 1 };
static const char fixed_text[] = "cat\ndog\ncat\ndog\ncat\n";
static const uint8_t stored[] = { 1, 3, 0, 252, 255, 'a', 'b', 'c' };

static const uint8_t dynamic[] = {
    101, 148, 59, 110, 196, 64, 12, 67, 123, 157, 194, 71, 24, 125, 199, 115, 156, 44, 176, 221, 38, 69, 128,
    220, 63, 116, 75, 182, 132, 172, 209, 19, 41, 175, 235, 250, 124, 189, 222, 159, 235, 231, 239, 251, 245,
    254, 189, 150, 57, 41, 110, 65, 74, 89, 146, 114, 172, 248, 171, 177, 38, 41, 218, 134, 164, 28, 219, 220,
    252, 216, 77, 210, 148, 29, 146, 110, 55, 95, 252, 228, 194, 240, 50, 125, 160, 146, 1, 188, 202, 60, 101,
    226, 99, 46, 24, 103, 204, 5, 4, 36, 62, 66, 135, 74, 134, 137, 27, 61, 25, 39, 3, 175, 31, 217, 4, 246,
    204, 68, 5, 162, 96, 162, 42, 84, 138, 37, 119, 89, 48, 81, 199, 177, 96, 162, 222, 99, 193, 68, 3, 162,
    96, 162, 121, 42, 153, 104, 63, 61, 153, 104, 63, 175, 139, 69, 152, 51, 153, 232, 128, 40, 153, 232, 128,
    61, 197, 163, 133, 53, 165, 152, 180, 176, 209, 20, 151, 28, 203, 207, 22, 235, 65, 149, 35, 42, 44, 77,
    198, 242, 132, 251, 121, 107, 78, 48, 3, 131, 121, 35, 83, 37, 233, 27, 160, 149, 196, 111, 144, 212, 18,
    182, 141, 72, 151, 176, 221, 200, 126, 105, 2, 113, 36, 37, 17, 92, 96, 43, 201, 160, 227, 236, 74, 66,
    24, 11, 125, 153, 45, 114, 97, 6, 102, 139, 90, 110, 189, 36, 219, 96, 107, 102, 139, 121, 106, 153, 45,
    54, 250, 118, 202, 33, 96, 134, 102, 182, 56, 207, 111, 130, 217, 242, 97, 107, 249, 85, 192, 34, 235,
    173, 183, 132, 190, 114, 97, 137, 253, 182, 156, 88, 193, 139, 127,
};

static size_t dynamic_text(char *text, size_t size)
{
    size_t n = 0;
    for (int i = 0; i < 60; i++) n += (size_t)snprintf(text + n, size - n, "%d  label number %d\n", i, i * i);
    return n;
}

static void inflates(check *t, unsigned cpu)
{
    (void)cpu;
    char want[2048], *got = check_guarded(t, 1264);
    const size_t n = dynamic_text(want, sizeof want), n_fixed = sizeof fixed_text - 1;
    if (!check_that(t, n == 1264, "%zu bytes", n)) return;
    check_that(t, crl_inflate((uint8_t *)got, n, dynamic, sizeof dynamic) && !memcmp(got, want, n), "codes of its own");
    check_that(t, crl_inflate((uint8_t *)got, n_fixed, fixed, sizeof fixed) && !memcmp(got, fixed_text, n_fixed),
               "fixed codes");
    check_that(t, crl_inflate((uint8_t *)got, 3, stored, sizeof stored) && !memcmp(got, "abc", 3), "stored");
    check_that(t, !crl_inflate((uint8_t *)got, n - 1, dynamic, sizeof dynamic), "too much was taken");
    check_that(t, !crl_inflate((uint8_t *)got, n_fixed + 1, fixed, sizeof fixed), "too little was taken");
    check_that(t, !crl_inflate((uint8_t *)got, 2, stored, sizeof stored), "too much was stored");
}

/* Input and output end at unmapped pages. */
static void inflate_survives_anything(check *t, unsigned cpu)
{
    (void)cpu;
    uint8_t *in = check_guarded(t, sizeof dynamic), *out = check_guarded(t, 1264);
    for (size_t cut = 0; cut < sizeof dynamic; cut++) {
        memcpy(in + cut, dynamic, sizeof dynamic - cut);
        check_that(t, cut == 0 || !crl_inflate(out, 1264, in + cut, sizeof dynamic - cut), "cut at %zu", cut);
    }
    for (size_t bit = 0; bit < 8 * sizeof dynamic; bit++) {
        memcpy(in, dynamic, sizeof dynamic);
        in[bit / 8] ^= (uint8_t)(1 << bit % 8);
        crl_inflate(out, 1264, in, sizeof dynamic);
    }
    for (int round = 0; round < check_rounds(t, 5000); round++) {
        check_fill(t, in, sizeof dynamic);
        crl_inflate(out, 1264, in, sizeof dynamic);
    }
}

int area_metadata(int argc, char **argv)
{
    static const check_case cases[] = {
        { "finds_labels_and_norm", finds_labels_and_norm, false },
        { "finds_threshold", finds_threshold, false },
        { "finds_anchors", finds_anchors, false },
        { "explains_broken_archives", explains_broken_archives, false },
        { "inflates", inflates, false },
        { "inflate_survives_anything", inflate_survives_anything, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
