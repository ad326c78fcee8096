/* SPDX-License-Identifier: Apache-2.0 */
/* From settings to a session: see session.h. */
#include "models/session.h"

#include <math.h>
#include <string.h>

#include "io/say.h"
#include "models/task.h"

static crl_session_options options_of(const cli_session *s, const cli_task_settings *settings, const cli_builtin *builtin)
{
    crl_session_options o = { .engine = s->engine, .name = s->model.name, .choose_later = true };
    o.labels = settings->model.labels;
    if (!settings->model.file && builtin) {
        o.labels_text = builtin->labels;
        o.labels_bytes = (size_t)(builtin->labels_end - builtin->labels);
    }
    o.resample = (crl_resample)settings->picture.resample;
    o.keep_aspect_ratio = settings->results.keep_aspect_ratio;
    o.fit = (crl_fit)settings->picture.fit;
    o.order = (crl_channel_order)settings->picture.order;
    o.has_padding = !isnan(settings->picture.padding);
    o.padding = o.has_padding ? (int32_t)lround(settings->picture.padding) : 0;
    o.n_mean = !isnan(settings->picture.mean);
    o.n_std = !isnan(settings->picture.std);
    o.mean[0] = (float)settings->picture.mean;
    o.std[0] = (float)settings->picture.std;
    o.detector.head = (crl_head)settings->decoder.head;
    o.detector.scores = (crl_score_form)settings->decoder.scores;
    o.detector.boxes = (crl_box_unit)settings->decoder.boxes;
    o.detector.iou = settings->decoder.iou > 0 ? (float)settings->decoder.iou : 1e-9f; /* 0 stands for the default there */
    o.detector.agnostic = settings->decoder.agnostic;
    o.top_k = settings->results.top_k;
    o.has_threshold = !isnan(settings->results.threshold);
    o.threshold = (float)settings->results.threshold;
    return o;
}

/* What no input takes can still be computed. */
static int check_inputs(const cli_model *m)
{
    crl_error err;
    int32_t input;
    if (!crl_session_find_input(m->model, &input, &err)) return CLI_DONE;
    cli_error("%s: %s%s", m->name, err.text, m->model->subgraphs[0].n_inputs ? "; 'corallite run' gives it any array" : "");
    return CLI_FAILED;
}

static int open_session(cli_session *s, const cli_task_settings *settings, const cli_builtin *builtin)
{
    crl_error err;
    s->engine = cli_model_options(&s->model, &settings->engine);
    const crl_session_options o = options_of(s, settings, builtin);
    return crl_session_open(&s->session, s->model.model, &o, &err) ? cli_model_failed(&s->model, &err) : CLI_DONE;
}

int cli_session_open(cli_session *s, const cli_task_settings *settings, const cli_builtin *builtin)
{
    *s = (cli_session){ 0 };
    int code = cli_model_open(&s->model, &settings->engine, settings->model.file, builtin);
    if (!code) code = cli_model_take_twin(&s->model, &settings->engine);
    if (!code) code = check_inputs(&s->model);
    if (code) return code;
    return open_session(s, settings, builtin);
}

int cli_session_of_model(cli_session *s, const cli_task_settings *settings)
{
    return open_session(s, settings, NULL);
}

static bool same_engine(const crl_engine_options *a, const crl_engine_options *b)
{
    const bool cpu = a->cpu && b->cpu ? !strcmp(a->cpu, b->cpu) : a->cpu == b->cpu;
    return cpu && a->backend == b->backend && a->threads == b->threads && a->work_limit == b->work_limit &&
           a->float_mode == b->float_mode && a->arithmetic == b->arithmetic;
}

int cli_session_configure(cli_session *s, const cli_task_settings *settings, const cli_builtin *builtin)
{
    crl_error err;
    const crl_engine_options engine = cli_model_options(&s->model, &settings->engine);
    if (!same_engine(&engine, &s->engine)) {
        cli_session_close(s);
        return cli_session_open(s, settings, builtin);
    }
    const crl_session_options o = options_of(s, settings, builtin);
    return crl_session_configure(s->session, &o, &err) ? cli_model_failed(&s->model, &err) : CLI_DONE;
}

void cli_session_close(cli_session *s)
{
    crl_session_close(s->session);
    cli_model_close(&s->model);
    *s = (cli_session){ 0 };
}
