/* SPDX-License-Identifier: Apache-2.0 */
/* A sound model is read as it was written; files and pipes are opened. */
#include <corallite/model.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "areas.h"
#include "base/alloc.h"
#include "check.h"
#include "model/flex.h"
#include "tiny.h"

static tiny tm;

static void check_main_tensors(check *t, const crl_subgraph *s)
{
    if (!check_that(t, s->n_tensors == N_TENSORS, "%d tensors", s->n_tensors)) return;
    const crl_tensor_def *x = &s->tensors[X], *w = &s->tensors[W], *b = &s->tensors[B], *shape = &s->tensors[SHAPE];
    const crl_shape wanted = { .rank = 4, .dim = { 1, 2, 2, 3 } }, signature = { .rank = 4, .dim = { 1, -1, -1, 3 } };
    check_that(t, !strcmp(x->name, "x") && x->type == CRL_INT8 && !x->data && !x->buffer && !x->is_variable, "x");
    check_that(t, crl_shape_equal(&x->shape, &wanted), "shape of x");
    check_that(t, crl_shape_equal(&x->shape_signature, &signature), "open dimensions of x");
    check_that(t, crl_shape_equal(&w->shape_signature, &w->shape), "w has no open dimensions");
    check_that(t, x->quant.n == 1 && x->quant.scale[0] == 0.5f && x->quant.zero_point[0] == -1, "quantisation of x");
    check_that(t, w->quant.n == 2 && w->quant.axis == 0 && w->quant.scale[1] == 0.125f && w->quant.zero_point[1] == 0,
               "quantisation of w");
    check_that(t, shape->quant.n == 0, "shape is not quantised");
    check_that(t, w->bytes == 6 && ((const int8_t *)w->data)[4] == -5 && w->buffer == 1, "data of w");
    check_that(t, b->bytes == 8 && ((const int32_t *)b->data)[1] == -10, "data of b");
}

static void check_main_operators(check *t, const crl_subgraph *s)
{
    if (!check_that(t, s->n_operators == 2, "%d operators", s->n_operators)) return;
    const crl_operator *fc = &s->operators[0], *reshape = &s->operators[1];
    check_that(t, !strcmp(fc->name, "FULLY_CONNECTED") && fc->code == 9 && fc->version == 4, "operator 0");
    check_that(t, fc->n_inputs == 3 && fc->inputs[1] == W && fc->n_outputs == 1 && fc->outputs[0] == Y, "its tensors");
    const crl_option *act = crl_operator_option(fc, "fused_activation_function");
    const crl_option *format = crl_operator_option(fc, "weights_format");
    check_that(t, act && act->kind == CRL_OPTION_INT && act->i == 1 && !strcmp(act->text, "RELU"), "activation");
    check_that(t, format && format->i == 0 && !strcmp(format->text, "DEFAULT"), "an option that the file leaves out");
    check_that(t, !crl_operator_option(fc, "stride_w"), "a stride");
    const crl_option *new_shape = crl_operator_option(reshape, "new_shape");
    check_that(t, reshape->version == 1 && new_shape && new_shape->kind == CRL_OPTION_INTS && new_shape->n == 0,
               "an operator without options");
}

static void check_custom(check *t, const crl_subgraph *s)
{
    const crl_operator *op = &s->operators[0];
    check_that(t, !strcmp(op->name, "Twist") && op->code == CRL_CUSTOM && !op->n_options, "the custom operator");
    const crl_flex o = crl_flex_root(op->custom_options, op->custom_bytes);
    check_that(t, crl_flex_int(crl_flex_get(o, "angle"), 0) == 90, "its angle");
    check_that(t, crl_flex_float(crl_flex_get(o, "scale"), 0) == 0.5, "its scale");
    check_that(t, crl_flex_bool(crl_flex_get(o, "fast"), false), "its speed");
    check_that(t, crl_flex_int(crl_flex_at(crl_flex_get(o, "tags"), 2), 0) == 3, "its tags");
}

static void check_all(check *t, const crl_model *m)
{
    check_that(t, m->version == 3 && !strcmp(m->description, "a model for checks"), "description");
    if (!check_that(t, m->n_subgraphs == 2 && m->n_buffers == N_BUFFERS && m->n_metadata == 1 && m->n_signatures == 1,
                    "counts"))
        return;
    check_that(t, !strcmp(m->subgraphs[0].name, "main") && !strcmp(m->subgraphs[1].name, "body"), "names");
    check_that(t, m->subgraphs[0].inputs[0] == X && m->subgraphs[0].outputs[0] == Z, "inputs and outputs");
    check_main_tensors(t, &m->subgraphs[0]);
    check_main_operators(t, &m->subgraphs[0]);
    check_custom(t, &m->subgraphs[1]);
    const crl_signature *s = &m->signatures[0];
    check_that(t, !strcmp(s->key, "serve") && !s->subgraph && s->n_inputs == 1 && s->n_outputs == 1, "signature");
    check_that(t, !strcmp(s->input_names[0], "image") && s->inputs[0] == X && s->outputs[0] == Z, "names of the signature");
    check_that(t, !strcmp(m->metadata[0].name, "TFLITE_METADATA") && m->metadata[0].bytes > 100, "metadata");
}

static crl_model *open_bytes(check *t, const void *bytes, size_t size)
{
    crl_model *m;
    crl_error err = { 0 };
    check_that(t, !crl_model_open(&m, bytes, size, &err), "not opened: %s", err.text);
    return m;
}

/* At every address: constants of more than one byte are then moved to where they may be. */
static void reads_what_was_written(check *t, unsigned cpu)
{
    (void)cpu;
    tiny_build(&tm);
    uint8_t *p = check_guarded(t, tm.b.n + 16);
    for (size_t shift = 0; shift <= 16 && !check_failed(t); shift++) {
        memcpy(p + shift, tm.b.bytes, tm.b.n);
        crl_model *m = open_bytes(t, p + shift, tm.b.n);
        if (!m) return;
        check_all(t, m);
        const crl_tensor_def *b = &m->subgraphs[0].tensors[B];
        check_that(t, (uintptr_t)b->data % 4 == 0, "an int32 constant at %p", b->data);
        crl_model_close(m);
    }
}

/* Data behind the FlatBuffer, as files of more than 2 GiB have them. */
static void reads_data_outside_the_table(check *t, unsigned cpu)
{
    (void)cpu;
    static const int8_t w[] = { 7, 7, 7, 7, 7, -7 };
    tiny_build(&tm);
    build_absent(&tm.b, tm.buffer[1], BUF_DATA);
    build_i64(&tm.b, tm.buffer[1], BUF_OFFSET, (int64_t)tm.b.n);
    build_i64(&tm.b, tm.buffer[1], BUF_SIZE, sizeof w);
    build_raw(&tm.b, w, sizeof w);
    build_i64(&tm.b, tm.op[2], OP_LARGE_OFFSET, (int64_t)tm.b.n);
    build_i64(&tm.b, tm.op[2], OP_LARGE_SIZE, 3);
    build_raw(&tm.b, "\x0d\x04\x01", 3);
    crl_model *m = open_bytes(t, tm.b.bytes, tm.b.n);
    if (!m) return;
    const crl_tensor_def *def = &m->subgraphs[0].tensors[W];
    check_that(t, def->bytes == sizeof w && !memcmp(def->data, w, sizeof w), "w");
    const crl_operator *op = &m->subgraphs[1].operators[0];
    check_that(t, crl_flex_int(crl_flex_root(op->custom_options, op->custom_bytes), 0) == 13, "custom options");
    crl_model_close(m);
}

static void takes_the_larger_code(check *t, unsigned cpu)
{
    (void)cpu;
    tiny_build(&tm);
    build_u8(&tm.b, tm.code[1], CODE_OLD, 127);
    build_i32(&tm.b, tm.code[1], CODE_NEW, 150);
    build_i32(&tm.b, tm.code[2], CODE_NEW, 5000);
    build_absent(&tm.b, tm.code[0], CODE_NEW);
    crl_model *m = open_bytes(t, tm.b.bytes, tm.b.n);
    if (!m) return;
    check_that(t, !strcmp(m->subgraphs[0].operators[0].name, "FULLY_CONNECTED"), "old code alone");
    check_that(t, !strcmp(m->subgraphs[0].operators[1].name, "GELU"), "%s", m->subgraphs[0].operators[1].name);
    check_that(t, !strcmp(m->subgraphs[1].operators[0].name, "BUILTIN_5000"), "a code to come");
    crl_model_close(m);
}

static void makes_names_readable(check *t, unsigned cpu)
{
    (void)cpu;
    tiny_build(&tm);
    build_link(&tm.b, tm.subgraph[0], SUB_NAME);
    build_text(&tm.b, "\xc3\xbc\xff\xc0\x80\xe2\x82\xac\xed\xa0\x80\xf0\x9f\x90\x9a\xe2\x82");
    build_absent(&tm.b, tm.subgraph[1], SUB_NAME);
    crl_model *m = open_bytes(t, tm.b.bytes, tm.b.n);
    if (!m) return;
    check_that(t, !strcmp(m->subgraphs[0].name, "\xc3\xbc???\xe2\x82\xac???\xf0\x9f\x90\x9a??"), "%s", m->subgraphs[0].name);
    check_that(t, !strcmp(m->subgraphs[1].name, ""), "a name that is left out");
    crl_model_close(m);
}

static void packs_int4(check *t, unsigned cpu)
{
    (void)cpu;
    tiny_build(&tm);
    build_u8(&tm.b, tm.tensor[W], T_TYPE, CRL_INT4);
    build_link(&tm.b, tm.buffer[1], BUF_DATA);
    build_bytes(&tm.b, "\x21\x43\x65", 3);
    crl_model *m = open_bytes(t, tm.b.bytes, tm.b.n);
    if (!m) return;
    check_that(t, m->subgraphs[0].tensors[W].bytes == 3, "%zu bytes", m->subgraphs[0].tensors[W].bytes);
    crl_model_close(m);
}

static bool write_file(check *t, const char *path, const void *bytes, size_t n)
{
    FILE *f = fopen(path, "wb");
    const bool ok = f && fwrite(bytes, 1, n, f) == n;
    if (f) fclose(f);
    return check_that(t, ok, "cannot write %s", path);
}

static void expect_refusal(check *t, const char *path, crl_status status, const char *text)
{
    crl_model *m = (crl_model *)&tm;
    crl_error err = { 0 };
    const crl_status s = crl_model_open_file(&m, path, &err);
    check_that(t, s == status && !m, "%s: status %s", path, crl_status_name(s));
    check_that(t, s == err.status && strstr(err.text, text), "\"%s\" does not say \"%s\"", err.text, text);
    check_that(t, !strncmp(err.text, path, strlen(path)), "\"%s\" does not name the file first", err.text);
    crl_model_close(m);
}

/* It is mapped: a hole behind the model makes it large. */
static void opens_large_files(check *t, const char *path)
{
    crl_model *m = NULL;
    crl_error err = { 0 };
    if (!write_file(t, path, tm.b.bytes, tm.b.n) || !check_that(t, !truncate(path, 100 << 20), "cannot be made large")) return;
    check_that(t, !crl_model_open_file(&m, path, &err), "%s", err.text);
    if (m) check_that(t, m->size == 100 << 20 && m->n_subgraphs == 2 && m->subgraphs[0].n_tensors == N_TENSORS, "it is another model");
    crl_model_close(m);
}

static void opens_files(check *t, unsigned cpu)
{
    (void)cpu;
    char folder[] = "/tmp/check_model.XXXXXX", path[64], fifo[64];
    if (!check_that(t, mkdtemp(folder) != NULL, "no folder")) return;
    snprintf(path, sizeof path, "%s/bird.tflite", folder);
    snprintf(fifo, sizeof fifo, "%s/pipe", folder);
    tiny_build(&tm);
    crl_model *m = NULL;
    crl_error err = { 0 };
    if (write_file(t, path, tm.b.bytes, tm.b.n)) {
        check_that(t, !crl_model_open_file(&m, path, &err), "%s", err.text);
        if (m) check_all(t, m);
        crl_model_close(m);
    }
    /* What becomes of the file later does not matter to a small one. */
    if (write_file(t, path, tm.b.bytes, tm.b.n)) {
        m = NULL;
        check_that(t, !crl_model_open_file(&m, path, &err), "%s", err.text);
        check_that(t, !truncate(path, 0), "cannot be cut short");
        if (m) check_all(t, m);
        crl_model_close(m);
    }
    opens_large_files(t, path);
    /* A pipe: another process writes. */
    if (check_that(t, !mkfifo(fifo, 0600), "no pipe")) {
        const pid_t writer = fork();
        if (!writer) {
            const int fd = open(fifo, O_WRONLY);
            _exit(fd < 0 || write(fd, tm.b.bytes, tm.b.n) != (ssize_t)tm.b.n);
        }
        m = NULL;
        check_that(t, !crl_model_open_file(&m, fifo, &err), "%s", err.text);
        if (m) check_all(t, m);
        crl_model_close(m);
        waitpid(writer, NULL, 0);
        unlink(fifo);
    }
    static const struct {
        const char *text, *says;
    } others[] = {
        { "", "empty" },
        { "cat\ndog\n", "text file" },
        { "version https://git-lfs.github.com/spec/v1\noid sha256:1234\n", "git lfs pull" },
        { "\n <!DOCTYPE html>\n<html>404</html>", "web page" },
        { "\x89PNG\r\n\x1a\n....", "PNG picture" },
        { "PK\3\4........", "zip archive" },
        { "\x1c", "too few" },
        { "\x1c\1\1\1TFL2\1\1\1\1", "\"TFL3\" are missing at 4" },
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (write_file(t, path, others[i].text, strlen(others[i].text)))
            expect_refusal(t, path, CRL_ERR_FORMAT, others[i].says);
    if (write_file(t, path, tm.b.bytes, 700)) expect_refusal(t, path, CRL_ERR_FORMAT, "is it whole?");
    unlink(path);
    expect_refusal(t, path, CRL_ERR_IO, "no such file");
    expect_refusal(t, folder, CRL_ERR_IO, "directory");
    rmdir(folder);
}

static bool allow(void *user, size_t bytes)
{
    (void)bytes;
    int *left = user;
    return (*left)-- > 0;
}

/* The first allocation fails, then the second, until it works; memory checkers find what leaks. */
static void survives_no_memory(check *t, unsigned cpu)
{
    (void)cpu;
    tiny_build(&tm);
    uint8_t *p = check_guarded(t, tm.b.n + 1);
    const size_t odd = ((uintptr_t)p & 1) ^ 1;
    memcpy(p + odd, tm.b.bytes, tm.b.n);
    for (int allowed = 0; allowed < 100; allowed++) {
        int left = allowed;
        crl_model *m;
        crl_error err = { 0 };
        crl_alloc_hook(allow, &left);
        const crl_status s = crl_model_open(&m, p + odd, tm.b.n, &err);
        crl_alloc_hook(NULL, NULL);
        crl_model_close(m);
        if (!s) {
            check_that(t, allowed > 3, "only %d allocations?", allowed);
            return;
        }
        check_that(t, s == CRL_ERR_MEMORY && strstr(err.text, "no memory"), "%s: %s", crl_status_name(s), err.text);
    }
    check_that(t, false, "never opened");
}

int area_model(int argc, char **argv)
{
    static const check_case cases[] = {
        { "reads_what_was_written", reads_what_was_written, false },
        { "reads_data_outside_the_table", reads_data_outside_the_table, false },
        { "takes_the_larger_code", takes_the_larger_code, false },
        { "makes_names_readable", makes_names_readable, false },
        { "packs_int4", packs_int4, false },
        { "opens_files", opens_files, false },
        { "survives_no_memory", survives_no_memory, false },
    };
    return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
