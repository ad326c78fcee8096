/* SPDX-License-Identifier: Apache-2.0 */
/* A compiled model or its twin: see include/corallite/engine.h. */
#include <corallite/engine.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/notice.h"
#include "compile/mapped.h"
#include "engine/device.h"
#include "model/holder.h"

/* Of all public pairs more than half of the layers have their weights in the package, where the twin is what it was made from. */
static const char *difference(char text[64], const crl_model *twin)
{
    const crl_model_holder *h = (const crl_model_holder *)twin;
    if (2 * (int64_t)h->layers_equal >= h->layers) return "";
    snprintf(text, 64, ", but has other weights in %d of %d layers", h->layers - h->layers_equal, h->layers);
    return text;
}

/* Which operators the package has on the chip, for the package will be closed. Where that cannot be seen, those that a compiler would map. */
static crl_status note_mapped(crl_model *twin, const crl_model *compiled, crl_error *err)
{
    const size_t n = twin->n_subgraphs ? (size_t)twin->subgraphs->n_operators : 0;
    if (!n) return CRL_OK;
    bool *mapped = crl_pile_array(&((crl_model_holder *)twin)->pile, n, sizeof *mapped);
    if (!mapped) return crl_fail_memory(err, "the model");
    if (!crl_read_mapped(mapped, compiled, twin)) {
        const crl_status s = crl_ask_mapped(mapped, twin, err);
        if (s) return s;
    }
    twin->on_chip = mapped;
    return CRL_OK;
}

crl_status crl_engine_choose_model(crl_model **model, crl_model **twin, const char *path, const char *named,
                                   const crl_engine_options *options, crl_error *err)
{
    const crl_engine_options o = options ? *options : (crl_engine_options){ 0 };
    char *file;
    bool there;
    *twin = NULL;
    if (o.twin || !crl_model_is_compiled(*model)) return CRL_OK;
    crl_status s = crl_engine_device_is_there(&there, &o, err);
    if (s) return s;
    const bool stays = there || o.backend == CRL_BACKEND_EDGETPU || o.backend == CRL_BACKEND_EDGETPU_VENDOR;
    s = crl_model_open_twin(twin, &file, *model, path, named, err);
    if (s) return stays ? CRL_OK : s;
    const crl_notifier notifier = { o.notice, o.notice_user };
    char text[64];
    const char *differs = difference(text, *twin);
    if (stays && *differs) {
        crl_notify(&notifier, CRL_NOTICE_TWIN, "%.80s stands in where an Edge TPU fails%s", file, differs);
    } else if (!stays) {
        s = note_mapped(*twin, *model, err);
        if (s) {
            crl_model_close(*twin);
            *twin = NULL;
            free(file);
            return s;
        }
        crl_model_close(*model);
        *model = *twin;
        *twin = NULL;
        crl_notify(&notifier, CRL_NOTICE_TWIN, "%.100s is compiled for an Edge TPU; %.80s runs on the processor instead%s",
                   path ? path : "the model", file, differs);
    }
    free(file);
    return CRL_OK;
}
