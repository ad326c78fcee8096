/* SPDX-License-Identifier: Apache-2.0 */
/* What the outputs are for, and the sentences that say so where that is not what was asked for. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "session/session.h"

/* What is read, by purpose, and what to ask for to have it. */
static const struct {
    const char *what, *option;
} readings[] = {
    [CRL_PURPOSE_CLASSIFY] = { "classes", "CRL_PURPOSE_CLASSIFY" }, [CRL_PURPOSE_DETECT] = { "detections", "CRL_PURPOSE_DETECT" },
    [CRL_PURPOSE_SEGMENT] = { "a mask", "CRL_PURPOSE_SEGMENT" },    [CRL_PURPOSE_POSE] = { "poses", "CRL_PURPOSE_POSE" },
    [CRL_PURPOSE_EMBED] = { "an embedding", "CRL_PURPOSE_EMBED" },
};
enum { N_READINGS = sizeof readings / sizeof *readings };

/* The operator whose result output 0 is, past those that only change its form; NULL when there is none. */
static const char *last_operator(const crl_model *model)
{
    static const char *const forms[] = { "RESHAPE", "SQUEEZE", "QUANTIZE", "DEQUANTIZE", "CAST" };
    const crl_subgraph *g = &model->subgraphs[0];
    int32_t tensor = g->n_outputs ? g->outputs[0] : -1;
    for (int32_t i = g->n_operators; i-- > 0;) {
        const crl_operator *op = &g->operators[i];
        if (!op->n_outputs || op->outputs[0] != tensor) continue;
        bool form = false;
        for (size_t k = 0; k < sizeof forms / sizeof *forms; k++) form |= !strcmp(op->name, forms[k]);
        if (!form || !op->n_inputs) return op->name;
        tensor = op->inputs[0];
    }
    return NULL;
}

bool crl_session_is_open(const crl_session *s)
{
    for (int32_t i = 0; i < s->n_outputs; i++)
        if (s->outputs[i]->flags & CRL_TENSOR_DYNAMIC) return true;
    return false;
}

static bool has_empty_output(const crl_session *s)
{
    for (int32_t i = 0; i < s->n_outputs; i++)
        if (!crl_shape_count(&s->outputs[i]->shape)) return true;
    return false;
}

static crl_recognition recognise(const crl_session *s)
{
    crl_recognition r = crl_recognise(s->outputs, s->n_outputs, crl_engine_input(s->engine, s->input), last_operator(s->model),
                                      crl_labels_count(s->setup.labels));
    if (s->setup.own_classes && r.purpose == CRL_PURPOSE_DETECT && r.head == CRL_HEAD_YOLOV8)
        r.what = s->setup.turned ? "a YOLO detector of turned boxes, of which those around them are read"
                                 : "a YOLO pose model with other joints than the 17 of people, of which boxes are read";
    return r;
}

crl_status crl_session_recognise(crl_session *s, crl_recognition *out, crl_error *err)
{
    if (crl_session_is_open(s) && !s->has_run) {
        crl_session_zero_inputs(s, -1);
        const crl_status status = crl_engine_run(s->engine, err);
        if (status) return crl_session_within(s, err, status);
        s->has_run = true;
    }
    *out = recognise(s);
    return CRL_OK;
}

/* ---- sentences ---- */

/* Adds to a text of `size` bytes, cut where it is full. */
static void add(char *text, size_t size, const char *before, const char *what)
{
    const size_t n = strlen(text);
    snprintf(text + n, size - n, "%s%s", before, what);
}

/* "outputs [1,10,4] [1,10] [1,10] [1]", at most four of them. */
static void describe_outputs(const crl_session *s, char *text, size_t size)
{
    enum { MOST = 4 };
    snprintf(text, size, "%s", s->n_outputs == 1 ? "output" : "outputs");
    for (int32_t i = 0; i < s->n_outputs && i < MOST; i++) {
        char shape[CRL_SHAPE_TEXT];
        add(text, size, " ", crl_shape_text(&s->outputs[i]->shape, shape, sizeof shape));
    }
    if (s->n_outputs > MOST) add(text, size, " ", "...");
}

/* `purpose` UNKNOWN: none was asked for. */
static crl_status misfit(const crl_session *s, crl_recognition r, crl_purpose purpose, crl_error *err)
{
    char shapes[96], choices[96] = "";
    describe_outputs(s, shapes, sizeof shapes);
    for (unsigned i = 1; i < N_READINGS; i++)
        if (r.fits >> i & 1) add(choices, sizeof choices, *choices ? " or " : "", readings[i].option);
    const char *what = r.what ? r.what : "outputs of no known kind";
    if (!r.fits)
        crl_fail(err, CRL_ERR_UNSUPPORTED, "the model gives %s (%s), which nothing here reads", what, shapes);
    else if (purpose)
        crl_fail(err, CRL_ERR_UNSUPPORTED, "the model gives no %s: it is %s (%s); options.purpose may be %s",
                 readings[purpose].what, what, shapes, choices);
    else
        crl_fail(err, CRL_ERR_UNSUPPORTED, "the model gives %s (%s); say by options.purpose how to read it: %s", what, shapes,
                 choices);
    return crl_session_within(s, err, CRL_ERR_UNSUPPORTED);
}

/* ---- choosing ---- */

crl_status crl_session_choose(crl_session *s, crl_purpose purpose, crl_error *err)
{
    if ((unsigned)purpose > CRL_PURPOSE_RAW || !purpose)
        return crl_fail(err, CRL_ERR_ARGUMENT, "purpose %d; %d to %d are accepted", (int)purpose, CRL_PURPOSE_CLASSIFY,
                        CRL_PURPOSE_RAW);
    if (purpose != CRL_PURPOSE_RAW && !crl_session_is_open(s)) {
        const crl_recognition r = recognise(s);
        const bool told = purpose == CRL_PURPOSE_DETECT && s->setup.detector.head;
        if (!told && !(r.fits >> purpose & 1)) return misfit(s, r, purpose, err);
        const crl_status status = purpose == CRL_PURPOSE_DETECT ? crl_session_make_detector(s, err) : CRL_OK;
        if (status) return crl_session_within(s, err, status);
    }
    s->setup.purpose = purpose;
    return CRL_OK;
}

crl_status crl_session_set_purpose(crl_session *s, const crl_session_options *o, crl_error *err)
{
    crl_recognition r;
    if (o->purpose) return crl_session_choose(s, o->purpose, err);
    if (o->choose_later) return CRL_OK;
    if (o->detector.head) return crl_session_choose(s, CRL_PURPOSE_DETECT, err);
    const crl_status status = crl_session_recognise(s, &r, err);
    if (status) return status;
    return r.purpose ? crl_session_choose(s, r.purpose, err) : misfit(s, r, CRL_PURPOSE_UNKNOWN, err);
}

crl_status crl_session_check_purpose(const crl_session *s, crl_error *err)
{
    if (s->setup.purpose == CRL_PURPOSE_RAW || !crl_session_is_open(s) || has_empty_output(s))
        return CRL_OK; /* without elements nothing says what it is */
    if (s->setup.purpose == CRL_PURPOSE_DETECT && s->setup.detector.head) return CRL_OK; /* reading says whether they fit */
    const crl_recognition r = recognise(s);
    return r.fits >> s->setup.purpose & 1 ? CRL_OK : misfit(s, r, s->setup.purpose, err);
}
