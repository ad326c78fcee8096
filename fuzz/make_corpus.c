/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the first inputs of the corpora: a model that has every part of the schema, variants which take other
 * paths through the reader, and a package. The rest of a corpus is what fuzzing found. */
#include <corallite/model.h>

#include <stdio.h>
#include <string.h>

#include "fuzz.h"
#include "make.h"
#include "compile/twin.h"
#include "layers.h"
#include "pair.h"
#include "tiny.h"

static tiny tm;

static void plain(void) {}

static void outside_the_table(void)
{
    build_absent(&tm.b, tm.buffer[1], BUF_DATA);
    build_i64(&tm.b, tm.buffer[1], BUF_OFFSET, (int64_t)tm.b.n);
    build_i64(&tm.b, tm.buffer[1], BUF_SIZE, 6);
    build_raw(&tm.b, "abcdef", 6);
    build_i64(&tm.b, tm.op[2], OP_LARGE_OFFSET, (int64_t)tm.b.n);
    build_i64(&tm.b, tm.op[2], OP_LARGE_SIZE, 3);
    build_raw(&tm.b, "\x0d\x04\x01", 3);
}

static void constants_to_move(void)
{
    build_raw(&tm.b, "x", 1);
    build_link(&tm.b, tm.buffer[2], BUF_DATA);
    build_raw(&tm.b, "x", 1);
    build_link_to(&tm.b, tm.buffer[2], BUF_DATA, tm.b.n);
    build_bytes(&tm.b, "abcdefgh", 8);
}

static void variables(void)
{
    build_u8(&tm.b, tm.tensor[X], T_VARIABLE, 1);
    build_link(&tm.b, tm.subgraph[0], SUB_INPUTS);
    build_ints(&tm.b, NULL, 0);
}

static void empty_constant(void)
{
    build_put_u32(&tm.b, tm.shape[SHAPE], 0);
    build_absent(&tm.b, tm.buffer[3], BUF_DATA);
}

/* The second operator becomes another one, with options of `n_fields` numbers. */
static void other_operator(int code, int options, int n_fields)
{
    build_u8(&tm.b, tm.code[1], CODE_OLD, (uint8_t)(code < 127 ? code : 127));
    build_i32(&tm.b, tm.code[1], CODE_NEW, code);
    build_u8(&tm.b, tm.op[1], OP_OPTIONS_TYPE, (uint8_t)options);
    build_link(&tm.b, tm.op[1], OP_OPTIONS);
    const size_t t = build_table(&tm.b, n_fields);
    for (int i = 0; i < n_fields; i++) build_i32(&tm.b, t, i, 1);
}

static void conv(void) { other_operator(3, 1, 6); }
static void while_(void) { other_operator(119, 93, 2); }
static void gelu(void) { other_operator(150, 116, 1); }

static void squeeze(void)
{
    other_operator(43, 30, 1);
    build_link(&tm.b, tm.op[1], OP_OPTIONS);
    build_link(&tm.b, build_table(&tm.b, 1), 0);
    build_ints(&tm.b, (const int32_t[]){ 0, -1 }, 2);
}

static void var_handle(void)
{
    other_operator(142, 111, 2);
    build_link(&tm.b, tm.op[1], OP_OPTIONS);
    build_link(&tm.b, build_table(&tm.b, 2), 1);
    build_text(&tm.b, "state");
}

static const struct {
    const char *name;
    void (*change)(void);
    bool custom_options; /* its are worth an input of their own */
} models[] = {
    { "tiny", plain, true },
    { "outside", outside_the_table, true },
    { "moved", constants_to_move, false },
    { "variable", variables, false },
    { "empty", empty_constant, false },
    { "conv", conv, false },
    { "while", while_, false },
    { "gelu", gelu, false },
    { "squeeze", squeeze, false },
    { "var_handle", var_handle, false },
};

static bool write_file(const char *folder, const char *target, const char *name, const void *bytes, size_t n)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s/%s", folder, target, name);
    FILE *f = fopen(path, "wb");
    const bool ok = f && fwrite(bytes, 1, n, f) == n;
    if (f) fclose(f);
    if (!ok) fprintf(stderr, "make_corpus: cannot write %s\n", path);
    return ok;
}

int make_corpus(const char *folder)
{
    bool ok = true;
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
        tiny_build(&tm);
        models[i].change();
        crl_model *m;
        crl_error err = { 0 };
        if (crl_model_open(&m, tm.b.bytes, tm.b.n, &err)) {
            fprintf(stderr, "make_corpus: %s: %s\n", models[i].name, err.text);
            ok = false;
            continue;
        }
        const crl_operator *custom = &m->subgraphs[1].operators[0];
        if (models[i].custom_options)
            ok &= write_file(folder, "flex", models[i].name, custom->custom_options, custom->custom_bytes);
        crl_model_close(m);
        ok &= write_file(folder, "model", models[i].name, tm.b.bytes, tm.b.n);
    }
    made p;
    made_begin(&p);
    made_finish(&p);
    ok &= write_file(folder, "package", "made", p.options, p.options_bytes);
    made_end(&p);
    for (int which = 0; which < 3; which++) {
        static const char *const names[] = { "template", "model", "twin" };
        static uint8_t first[1 << 16];
        size_t n;
        uint8_t *bytes = which ? pair_model(which == 1, &(pair_change){ 0 }, &n) : pair_template(&n);
        first[0] = (uint8_t)which;
        memcpy(first + 1, bytes, n);
        ok &= write_file(folder, "reweight", names[which], first, n + 1);
        crl_free(bytes);
    }
    for (int which = 0; which < 9; which++) {
        static const char *const names[] = { "dense", "int8", "conv", "valid", "pool", "logistic", "softmax", "alone", "chain" };
        static const layer_form forms[] = { { .inputs = 128, .outputs = 128 }, { .inputs = 128, .outputs = 128, .bare = true },
                                            { .height = 12, .width = 32, .inputs = 16, .outputs = 16, .zero_bias = true },
                                            { .height = 23, .width = 20, .inputs = 2, .outputs = 16, .kernel = 4, .stride = 2, .valid = true },
                                            { .height = 32, .width = 32, .inputs = 1, .outputs = 16, .kernel = 5, .depthwise = true, .pool = 4 },
                                            { .inputs = 24, .outputs = 3, .one_scale = true, .each = CRL_OP_LOGISTIC },
                                            { .inputs = 16, .outputs = 7, .bias = true, .each = CRL_OP_SOFTMAX },
                                            { .height = 8, .width = 32, .inputs = 4, .outputs = 4, .kernel = 1, .alone = true, .pool = 2 },
                                            { .height = 16, .width = 16, .inputs = 1, .outputs = 8, .bias = true, .more = 1, .more_outputs = 8,
                                              .more_kernel = 3 } };
        size_t n;
        uint8_t *bytes = layer_model(&forms[which], &n);
        ok &= write_file(folder, "compile", names[which], bytes, n);
        crl_free(bytes);
    }
    return !ok;
}
