/* SPDX-License-Identifier: Apache-2.0 */
/* From settings to a model that can be run: see session.h. */
#include "session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "say.h"

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

static bool is_compiled(const crl_model *m)
{
    for (int32_t i = 0; i < m->subgraphs[0].n_operators; i++)
        if (!strcmp(m->subgraphs[0].operators[i].name, "edgetpu-custom-op")) return true;
    return false;
}

static int open_model(cli_session *s, const char *model, const cli_builtin *builtin)
{
    crl_error err;
    const double start = cli_now_ms();
    if (model) {
        s->name = model;
        if (crl_model_open_file(&s->model, model, &err)) return cli_failed(&err);
    } else {
        s->name = builtin->name;
        const size_t bytes = (size_t)((const char *)builtin->model_end - (const char *)builtin->model);
        if (crl_model_open(&s->model, builtin->model, bytes, &err)) return cli_failed(&err);
    }
    s->load_ms = cli_now_ms() - start;
    return CLI_DONE;
}

static int prepare(cli_session *s, const cli_settings *settings)
{
    crl_error err;
    const double start = cli_now_ms();
    const crl_engine_options options = { .backend = (crl_backend_kind)settings->backend,
                                         .threads = settings->threads,
                                         .cpu = settings->cpu };
    const crl_status status = crl_engine_new(&s->engine, s->model, &options, &err);
    s->prepare_ms = cli_now_ms() - start;
    if (!status) return CLI_DONE;
    if (status == CRL_ERR_ARGUMENT) { /* of an option, not of the model */
        cli_failed(&err);
        return CLI_USAGE;
    }
    cli_within(&err, status, "%s", s->name);
    const int code = cli_failed(&err);
    return is_compiled(s->model) ? CLI_DEVICE : code;
}

int cli_session_open(cli_session *s, const cli_settings *settings, const char *model, const cli_builtin *builtin)
{
    *s = (cli_session){ 0 };
    const char *device = model ? device_of(model) : NULL;
    if (device || settings->backend == CLI_BACKEND_EDGETPU) {
        cli_error("no Edge TPU: this version has no driver for %s; leave it out to run on the processor",
                  device ? device : "--backend edgetpu");
        return CLI_DEVICE;
    }
    if (!model && (!builtin || !builtin->model)) {
        cli_error("no model given; name one with --model FILE");
        return CLI_USAGE;
    }
    int code = open_model(s, model, builtin);
    if (!code) code = prepare(s, settings);
    return code;
}

void cli_session_close(cli_session *s)
{
    crl_engine_free(s->engine);
    crl_model_close(s->model);
    *s = (cli_session){ 0 };
}

void cli_tensor_zero(crl_tensor *t)
{
    const int32_t zero = t->quant.n ? t->quant.zero_point[0] : 0;
    if (t->type == CRL_UINT8 || t->type == CRL_INT8)
        memset(t->data, (uint8_t)zero, t->bytes);
    else
        memset(t->data, 0, t->bytes);
}
