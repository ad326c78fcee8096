/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a model to be changed in every way. What a change gives is a model, whatever it computes. */
#include <corallite/edit.h>

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

/* A result is opened: our own writing has to be sound even where the model was strange. */
static void look(crl_status s, uint8_t *bytes, size_t size)
{
    crl_model *m = NULL;
    if (!s != (bytes != NULL)) abort();
    if (bytes && !crl_model_open(&m, bytes, size, NULL)) crl_model_close(m);
    free(bytes);
}

int fuzz_edit(const uint8_t *bytes, size_t size)
{
    crl_model *m;
    uint8_t *out;
    size_t n;
    int32_t changed;
    const char *scores;
    if (crl_model_open(&m, bytes, size, NULL)) return 0;
    static const crl_edit_option options[] = { { "max_detections", 3 }, { "nms_iou_threshold", 0.5 }, { "use_regular_nms", 1 } };
    static const int32_t classes[] = { 1, 0 };
    crl_status s = crl_edit_batch(m, 3, &out, &n, NULL);
    look(s, out, n);
    s = crl_edit_8bit_io(m, &changed, &out, &n, NULL);
    look(s, out, n);
    s = crl_edit_drop_postprocess(m, &out, &n, NULL);
    look(s, out, n);
    s = crl_edit_postprocess(m, options, 3, &out, &n, NULL);
    look(s, out, n);
    s = crl_edit_keep_classes(m, classes, 2, &scores, &out, &n, NULL);
    look(s, out, n);
    s = crl_edit_join(m, m, &out, &n, NULL);
    look(s, out, n);
    for (int32_t k = 0; m->n_subgraphs && k < 8 && k < m->subgraphs[0].n_operators; k++) {
        const crl_operator *op = &m->subgraphs[0].operators[k];
        for (int part = 0; part < 2 && op->n_outputs; part++) {
            s = crl_edit_split(m, op->outputs, op->n_outputs, (crl_edit_part)part, &out, &n, NULL);
            look(s, out, n);
        }
    }
    crl_model_close(m);
    return 0;
}
