/* SPDX-License-Identifier: Apache-2.0 */
/* Labels: where they come from, and what is said when they do not go with the model. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/error.h"
#include "session/session.h"

/* What is inside the model is a convenience: where it is broken, numbers do. */
static void load_own(crl_session *s)
{
    crl_error err;
    char *text;
    size_t bytes;
    crl_status status = crl_model_label_file(s->model, -1, &s->labels_name, &text, &bytes, &err);
    if (!status && text) status = crl_labels_parse(&s->labels, text, bytes, &err);
    free(text);
    if (!status) return;
    crl_within(&err, status, s->name ? "labels inside %s" : "labels inside the model", s->name);
    crl_session_say(s, &err);
}

crl_status crl_session_load_labels(crl_session *s, const crl_session_options *o, crl_error *err)
{
    if (o->labels) {
        s->labels_name = s->texts[1] = crl_session_copy(o->labels);
        return s->labels_name ? crl_labels_load(&s->labels, o->labels, err) : crl_fail_memory(err, "a session");
    }
    if (!o->labels_text) {
        load_own(s);
        return CRL_OK;
    }
    s->labels_name = s->name;
    return crl_labels_parse(&s->labels, o->labels_text, o->labels_bytes, err);
}

const crl_labels *crl_session_labels(const crl_session *s)
{
    return s->labels;
}

const char *crl_session_label(const crl_session *s, int32_t index)
{
    return crl_labels_get(s->labels, index);
}

static void say_of_labels(const crl_session *s, crl_error *err)
{
    if (s->labels_name) crl_within(err, err->status, "%s", s->labels_name);
    crl_session_say(s, err);
}

void crl_session_fit_labels(crl_session *s, int32_t classes, bool every)
{
    crl_error err = { .status = CRL_OK };
    if (s->fitted || !s->labels) return;
    s->fitted = true;
    const crl_status status = crl_labels_fit(s->labels, classes, &err);
    const int32_t n = crl_labels_count(s->labels);
    if (!status && !(every && n < classes)) return;
    if (!status)
        crl_fail(&err, CRL_ERR_FORMAT, "%d labels, but the model has %d classes; numbers stand in for the rest", n, classes);
    s->warned = true;
    say_of_labels(s, &err);
}

void crl_session_expect_classes(crl_session *s, int32_t classes)
{
    crl_error err;
    if (!s->labels || s->warned || crl_labels_end(s->labels) >= classes) return;
    s->warned = true;
    crl_fail(&err, CRL_ERR_FORMAT, "%d labels, but the model has at least %d classes; numbers stand in for the rest",
             crl_labels_count(s->labels), classes);
    say_of_labels(s, &err);
}

void crl_session_expect_letters(crl_session *s, int32_t index)
{
    crl_error err, notice;
    const char *label = s->unwritable ? NULL : crl_session_label(s, index);
    if (!label || !crl_draw_check_label(label, &err)) return;
    s->unwritable = true;
    crl_fail(&notice, err.status, "%s; it is drawn without them", err.text);
    say_of_labels(s, &notice);
}
