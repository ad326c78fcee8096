/* SPDX-License-Identifier: Apache-2.0 */
/* From settings to a model that can be run: see model.h. */
#include "models/model.h"

#include <corallite/device.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "io/random.h"
#include "io/say.h"

double cli_now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* The @ of "model.tflite@usb:0", NULL where the name ends in no device. The devices are those of the
 * original tools: usb, usb:N, pci, pci:N, :N. */
static const char *device_of(const char *name)
{
    const char *at = strrchr(name, '@');
    if (!at || !access(name, F_OK)) return NULL;
    const char *c = at + 1;
    if (!strncmp(c, "usb", 3) || !strncmp(c, "pci", 3)) c += 3;
    if (!*c && c > at + 1) return at;
    if (*c != ':' || !c[1]) return NULL;
    return strspn(c + 1, "0123456789") == strlen(c + 1) ? at : NULL;
}

static int read_model(cli_model *m, const char *file, const cli_builtin *builtin)
{
    crl_error err;
    const double start = cli_now_ms();
    if (file) {
        m->name = file;
        if (crl_model_open_file(&m->model, file, &err)) return cli_failed(&err);
    } else {
        m->name = builtin->name;
        const size_t bytes = (size_t)((const char *)builtin->model_end - (const char *)builtin->model);
        if (crl_model_open(&m->model, builtin->model, bytes, &err)) return cli_failed(&err);
    }
    m->load_ms = cli_now_ms() - start;
    return CLI_DONE;
}

int cli_model_open(cli_model *m, const cli_engine_settings *settings, const char *file, const cli_builtin *builtin)
{
    *m = (cli_model){ 0 };
    (void)settings;
    const char *device = file ? device_of(file) : NULL;
    if (!file && (!builtin || !builtin->model)) {
        cli_error("no model given; name one with --model FILE");
        return CLI_USAGE;
    }
    if (device) {
        m->file = cli_format("%.*s", (int)(device - file), file);
        m->device = device + 1;
        file = m->file;
    }
    return read_model(m, file, builtin);
}

char *cli_compiled_name(const char *model)
{
    static const char end[] = ".tflite";
    const size_t n = strlen(model), m = sizeof end - 1;
    return cli_format("%.*s%s", (int)(n > m && !strcmp(model + n - m, end) ? n - m : n), model, CLI_COMPILED);
}

char *cli_twin_name(const char *file)
{
    const size_t n = strlen(file), tail = sizeof CLI_COMPILED - 1;
    return n > tail && !strcmp(file + n - tail, CLI_COMPILED) ? cli_format("%.*s.tflite", (int)(n - tail), file) : NULL;
}

int cli_model_take_twin(cli_model *m, const cli_engine_settings *settings)
{
    crl_error err;
    const crl_engine_options options = cli_model_options(m, settings);
    const double start = cli_now_ms();
    if (crl_engine_choose_model(&m->model, &m->twin, m->name, NULL, &options, &err))
        return err.status == CRL_ERR_ARGUMENT && m->device ? cli_failed(&err), CLI_USAGE : cli_failed(&err);
    m->load_ms += cli_now_ms() - start;
    return CLI_DONE;
}

void cli_model_close(cli_model *m)
{
    crl_engine_free(m->engine);
    crl_model_close(m->model);
    crl_model_close(m->twin);
    free(m->file);
    *m = (cli_model){ 0 };
}

/* Whoever sets $CRL_CPU knows it. */
static void warn(void *user, const crl_notice *notice)
{
    (void)user;
    if (notice->kind != CRL_NOTICE_LEVEL) cli_warning("%s", notice->text);
}

crl_engine_options cli_engine_options(const cli_engine_settings *settings)
{
    const bool emulates = settings->backend == CLI_BACKEND_EMULATOR;
    return (crl_engine_options){ .backend = emulates ? CRL_BACKEND_EDGETPU : (crl_backend_kind)settings->backend,
                                 .device = emulates ? CRL_DEVICE_EMULATOR : NULL,
                                 .threads = settings->pool ? 0 : settings->threads,
                                 .pool = settings->pool,
                                 .cpu = settings->cpu,
                                 .float_mode = (crl_float_mode)settings->float_mode,
                                 .arithmetic = (crl_arithmetic)settings->arithmetic,
                                 .keep_tensors = settings->keep_tensors,
                                 .work_limit = (uint64_t)settings->work_limit * 1000000,
                                 .notice = warn };
}

crl_engine_options cli_model_options(const cli_model *m, const cli_engine_settings *settings)
{
    crl_engine_options o = cli_engine_options(settings);
    o.twin = m->twin;
    if (m->device) o.device = m->device;
    if (m->device && o.backend != CRL_BACKEND_EDGETPU_VENDOR) o.backend = CRL_BACKEND_EDGETPU;
    return o;
}

int cli_model_failed(const cli_model *m, const crl_error *err)
{
    const int code = cli_failed(err);
    if (err->status == CRL_ERR_ARGUMENT) return CLI_USAGE; /* of an option, not of the model */
    return crl_model_is_compiled(m->model) ? CLI_DEVICE : code;
}

int cli_model_prepare(cli_model *m, const cli_engine_settings *settings, const char *file)
{
    crl_error err;
    int code = cli_model_open(m, settings, file, NULL);
    if (!code) code = cli_model_take_twin(m, settings);
    if (code) return code;
    const double start = cli_now_ms();
    const crl_engine_options options = cli_model_options(m, settings);
    const crl_status status = crl_engine_new(&m->engine, m->model, &options, &err);
    m->prepare_ms = cli_now_ms() - start;
    if (status) {
        if (status != CRL_ERR_ARGUMENT) cli_within(&err, status, "%s", m->name);
        return cli_model_failed(m, &err);
    }
    return CLI_DONE;
}

void cli_fill_random(void *data, crl_type type, size_t bytes, uint64_t *state)
{
    const size_t size = crl_type_bytes(type);
    uint8_t *at = data;
    for (size_t i = 0; size && i < bytes / size; i++, at += size) {
        uint64_t r = cli_random(state);
        const double real = (double)(r >> 11) / (double)(1ull << 52) - 1;
        if (type == CRL_FLOAT32)
            memcpy(at, &(float){ (float)real }, size);
        else if (type == CRL_FLOAT64)
            memcpy(at, &real, size);
        else if (type == CRL_BOOL)
            *at = r & 1;
        else if (type == CRL_FLOAT16)
            memcpy(at, &(uint16_t){ (uint16_t)((r & 0x83ff) | 0x3800) }, size); /* 0.5 to 1 */
        else
            memcpy(at, &r, size < sizeof r ? size : sizeof r);
    }
}
