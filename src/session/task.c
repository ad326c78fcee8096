/* SPDX-License-Identifier: Apache-2.0 */
/* What a YOLO model is trained for. Ultralytics writes that into its models, beside the names of classes: rows of a model for
 * turned boxes end with an angle, those of a pose model with joints, and by their length both are boxes of more classes. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "session/session.h"

/* Whether `text`, JSON or what Python prints, has "task": "WHAT". */
static bool has_task(const char *text, const char *what)
{
    const char *at = strstr(text, "task");
    if (!at || (at[4] != '"' && at[4] != '\'')) return false;
    at += 5;
    at += strspn(at, ": ");
    const size_t n = strlen(what);
    return (*at == '"' || *at == '\'') && !strncmp(at + 1, what, n) && at[n + 1] == *at;
}

/* Notes are a convenience: where they are broken, there are none. */
crl_status crl_session_read_task(crl_session *s, crl_error *err)
{
    crl_error why;
    const char *name;
    char *text;
    size_t bytes;
    crl_labels *labels = NULL;
    crl_status status = crl_model_label_file(s->model, -1, &name, &text, &bytes, &why);
    const bool turned = !status && text && has_task(text, "obb");
    if (turned || (!status && text && has_task(text, "pose"))) status = crl_labels_parse(&labels, text, bytes, &why);
    free(text);
    if (status == CRL_ERR_MEMORY) return crl_fail(err, status, "%s", why.text);
    s->setup.own_classes = crl_labels_count(labels);
    s->setup.turned = turned && labels;
    crl_labels_free(labels);
    return CRL_OK;
}
