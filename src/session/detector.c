/* SPDX-License-Identifier: Apache-2.0 */
/* The detector of a session: options of the caller's, anchors and labels of the model's. */
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "session/session.h"

/* Anchors of the caller's are not needed after opening. */
static crl_status keep_anchors(crl_session_setup *setup, const crl_anchors *from, crl_error *err)
{
    if (from->n < 0) return crl_fail(err, CRL_ERR_ARGUMENT, "%d anchors; 0 or more are accepted", from->n);
    crl_anchor *table = crl_alloc_array((size_t)from->n, sizeof *table);
    if (!table) return crl_fail_memory(err, "anchors");
    if (from->n) memcpy(table, from->anchor, (size_t)from->n * sizeof *table);
    setup->anchors = *from;
    setup->anchors.anchor = setup->own_anchors = table;
    return CRL_OK;
}

crl_status crl_session_set_detector(crl_session *s, const crl_session_options *o, crl_error *err)
{
    crl_session_setup *setup = &s->setup;
    setup->detector = o->detector;
    setup->detector.anchors = NULL;
    if (o->detector.anchors) return keep_anchors(setup, o->detector.anchors, err);
    (void)crl_model_anchors(s->model, &setup->anchors);
    return CRL_OK;
}

crl_status crl_session_make_detector(crl_session *s, crl_error *err)
{
    crl_session_setup *setup = &s->setup;
    crl_detector_options o = setup->detector;
    crl_detector *made;
    if (!o.labels) o.labels = setup->own_classes ? setup->own_classes : crl_labels_count(setup->labels);
    o.named |= setup->own_classes > 0;
    o.turned |= setup->turned;
    if (setup->anchors.n > 0) o.anchors = &setup->anchors;
    const crl_status status = crl_detector_new(&made, s->outputs, s->n_outputs, crl_engine_input(s->engine, s->input), &o, err);
    if (status) return status;
    crl_detector_free(setup->detecting);
    setup->detecting = made;
    return CRL_OK;
}
