/* SPDX-License-Identifier: Apache-2.0 */
/* Labels: where they come from, and what is said when they do not go with the model. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/error.h"
#include "session/session.h"

/* What is inside the model is a convenience: where it is broken, numbers do. */
static crl_status load_own(crl_session *s, crl_error *err)
{
    crl_error why;
    char *text;
    size_t bytes;
    crl_session_setup *setup = &s->setup;
    crl_status status = crl_model_label_file(s->model, -1, &setup->labels_name, &text, &bytes, &why);
    if (!status && text) status = crl_labels_parse(&setup->labels, text, bytes, &why);
    free(text);
    if (status == CRL_ERR_MEMORY) return crl_fail(err, status, "%s", why.text);
    if (!status || s->own_labels_said) return CRL_OK;
    s->own_labels_said = true;
    crl_within(&why, status, "labels inside %s", setup->name ? setup->name : "the model");
    crl_session_say(s, CRL_NOTICE_LABELS, &why);
    return CRL_OK;
}

static crl_status load_labels(crl_session *s, const crl_session_options *o, crl_error *err)
{
    crl_session_setup *setup = &s->setup;
    if (o->labels) {
        setup->labels_name = setup->labels_file = crl_session_copy(o->labels);
        return setup->labels_name ? crl_labels_load(&setup->labels, o->labels, err) : crl_fail_memory(err, "a session");
    }
    if (!o->labels_text) return load_own(s, err);
    setup->labels_name = setup->name;
    return crl_labels_parse(&setup->labels, o->labels_text, o->labels_bytes, err);
}

enum { LETTERS_KEPT = 1 << 16 }; /* labels of which is kept whether they can be drawn */

crl_status crl_session_load_labels(crl_session *s, const crl_session_options *o, crl_error *err)
{
    const crl_status status = load_labels(s, o, err);
    if (status || !s->setup.labels) return status;
    s->setup.looked_at = crl_alloc(LETTERS_KEPT / 8);
    return s->setup.looked_at ? CRL_OK : crl_fail_memory(err, "labels");
}

/* Whether the label was looked at before, from now on it was: shaping it again for each frame would take longer than
 * drawing it. */
static bool was_looked_at(crl_session *s, int32_t index)
{
    if (index < 0 || index >= LETTERS_KEPT || !s->setup.looked_at) return false;
    uint8_t *byte = &s->setup.looked_at[index / 8];
    const uint8_t bit = (uint8_t)(1u << (index % 8));
    const bool was = *byte & bit;
    *byte |= bit;
    return was;
}

const crl_labels *crl_session_labels(const crl_session *s)
{
    return s->setup.labels;
}

const char *crl_session_label(const crl_session *s, int32_t index)
{
    return crl_labels_get(s->setup.labels, index);
}

static void say_of_labels(const crl_session *s, crl_notice_kind kind, crl_error *err)
{
    if (s->setup.labels_name) crl_within(err, err->status, "%s", s->setup.labels_name);
    crl_session_say(s, kind, err);
}

void crl_session_fit_labels(crl_session *s, int32_t classes, bool every)
{
    crl_error err = { .status = CRL_OK };
    if (s->setup.fitted || !s->setup.labels) return;
    s->setup.fitted = true;
    const crl_status status = crl_labels_fit(s->setup.labels, classes, &err);
    const int32_t n = crl_labels_count(s->setup.labels);
    if (!status && !(every && n < classes)) return;
    if (!status)
        crl_fail(&err, CRL_ERR_FORMAT, "%d labels, but the model has %d classes; numbers stand in for the rest", n, classes);
    s->setup.warned = true;
    say_of_labels(s, CRL_NOTICE_LABELS, &err);
}

void crl_session_expect_classes(crl_session *s, int32_t classes)
{
    crl_error err;
    if (!s->setup.labels || s->setup.warned || crl_labels_end(s->setup.labels) >= classes) return;
    s->setup.warned = true;
    crl_fail(&err, CRL_ERR_FORMAT, "%d labels, but the model has at least %d classes; numbers stand in for the rest",
             crl_labels_count(s->setup.labels), classes);
    say_of_labels(s, CRL_NOTICE_LABELS, &err);
}

/* Other labels with letters that no font has, among the first: shaping each of a million takes its time. */
static int others_without_letters(const crl_session *s, int32_t index)
{
    enum { LOOKED_AT = 2000 };
    const int32_t end = crl_labels_end(s->setup.labels);
    int n = 0;
    for (int32_t i = 0; i < end && i < LOOKED_AT; i++) {
        crl_error err;
        const char *label = i != index ? crl_session_label(s, i) : NULL;
        n += label && crl_draw_check_label(label, &err);
    }
    return n;
}

void crl_session_expect_letters(crl_session *s, int32_t index)
{
    crl_error err, notice;
    const char *label = s->setup.unwritable || was_looked_at(s, index) ? NULL : crl_session_label(s, index);
    if (!label || !crl_draw_check_label(label, &err)) return;
    s->setup.unwritable = true;
    const int others = others_without_letters(s, index);
    if (others)
        crl_fail(&notice, err.status, "%s; it is drawn without them, and so %s %d other label%s", err.text, others == 1 ? "is" : "are",
                 others, others == 1 ? "" : "s");
    else
        crl_fail(&notice, err.status, "%s; it is drawn without them", err.text);
    say_of_labels(s, CRL_NOTICE_LETTERS, &notice);
}
