/* SPDX-License-Identifier: Apache-2.0 */
/* From settings to a model that can be run: see session.h. */
#include "session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <corallite/vision.h>

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
                                         .cpu = settings->cpu,
                                         .work_limit = (uint64_t)settings->work_limit * 1000000 };
    const crl_status status = crl_engine_new(&s->engine, s->model, &options, &err);
    s->prepare_ms = cli_now_ms() - start;
    if (!status) {
        const crl_engine_info info = crl_engine_describe(s->engine);
        if (info.threads < info.threads_asked)
            cli_warning("the system gives %d of %d threads (ulimit -u, ulimit -v)", info.threads, info.threads_asked);
        return CLI_DONE;
    }
    if (status == CRL_ERR_ARGUMENT) { /* of an option, not of the model */
        cli_failed(&err);
        return CLI_USAGE;
    }
    cli_within(&err, status, "%s", s->name);
    const int code = cli_failed(&err);
    return is_compiled(s->model) ? CLI_DEVICE : code;
}

static bool looks_like_picture(const crl_tensor *t)
{
    const int32_t *d = t->shape.dim;
    return (t->shape.rank == 4 && d[0] == 1 && (d[3] == 1 || d[3] == 3)) || (t->shape.rank == 3 && d[0] == 1);
}

int32_t cli_picture_input(crl_engine *e)
{
    for (int32_t i = 0; i < crl_engine_input_count(e); i++)
        if (looks_like_picture(crl_engine_input(e, i))) return i;
    return 0;
}

/* A model that takes pictures of any size is read as one of a single pixel. */
static bool is_open(const crl_tensor_def *t)
{
    const int32_t *d = t->shape_signature.dim;
    return t->shape_signature.rank == 4 && d[1] == -1 && d[2] == -1 && t->shape.dim[1] == 1 && t->shape.dim[2] == 1;
}

/* Said before the model is prepared: what another layout of the picture leads to, no operator can explain. */
static int check_inputs(const crl_model *model, const char *name)
{
    const crl_subgraph *g = &model->subgraphs[0];
    crl_error first = { 0 };
    for (int32_t i = 0; i < g->n_inputs; i++) {
        crl_error err;
        const crl_tensor_def *def = &g->tensors[g->inputs[i]];
        const crl_tensor t = { .name = def->name, .type = def->type, .shape = def->shape, .quant = def->quant };
        if (!crl_input_check(&t, &err)) {
            if (!is_open(def)) return CLI_DONE;
            char shape[96];
            cli_fail(&err, CRL_ERR_UNSUPPORTED, "input \"%s\" leaves the size of the picture open: %s", def->name,
                     crl_shape_text(&def->shape_signature, shape, sizeof shape));
        }
        if (!first.status) first = err;
    }
    if (!first.status)
        cli_error("%s: the model has no input", name);
    else
        cli_error("%s: %s; 'corallite run' gives it any array", name, first.text);
    return CLI_FAILED;
}

int cli_session_open(cli_session *s, const cli_settings *settings, const char *model, const cli_builtin *builtin,
                     bool pictures)
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
    if (!code && pictures) code = check_inputs(s->model, s->name);
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
