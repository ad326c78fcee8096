/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions: outputs of any types, shapes and values, which a model of constants gives, are recognised, read in each way that
 * is said to fit, told and drawn. Refusing is fine, with a sentence.
 *
 *   options (8 bytes), then for each output: type, rank, dimensions, scale; then the values of all, over and over */
#include <stdlib.h>
#include <string.h>

#include <corallite/session.h>

#include "constants.h"
#include "fuzz.h"

enum { VALUES = 4096 }; /* of an output at most */

typedef struct source {
    const uint8_t *at;
    size_t left;
} source;

static uint8_t next(source *s)
{
    if (!s->left) return 0;
    s->left--;
    return *s->at++;
}

static void read_output(source *s, made_output *o)
{
    static const crl_type types[] = { CRL_FLOAT32, CRL_UINT8, CRL_INT8, CRL_INT16, CRL_INT32, CRL_INT64, CRL_BOOL, CRL_FLOAT64 };
    static const float scales[] = { 0, 0.00390625f, 0.0078125f, 1, 1e-30f, 1e30f };
    o->type = types[next(s) % (sizeof types / sizeof *types)];
    o->shape = (crl_shape){ .rank = next(s) % 6 };
    size_t n = 1;
    for (int32_t d = 0; d < o->shape.rank; d++) {
        o->shape.dim[d] = next(s);
        n *= (size_t)o->shape.dim[d];
        if (n > VALUES) n /= (size_t)o->shape.dim[d], o->shape.dim[d] = 1;
    }
    o->scale = scales[next(s) % (sizeof scales / sizeof *scales)];
}

static void fill(source *s, void *data, size_t bytes)
{
    uint8_t *to = data;
    for (size_t i = 0; i < bytes; i++) to[i] = s->left ? s->at[i % s->left] : 0;
}

static crl_session_options read_options(source *s)
{
    static const char names[] = "background\na cat\nb\nc\n";
    const uint8_t flags = next(s);
    crl_session_options o = { .choose_later = true, .engine = { .backend = CRL_BACKEND_REFERENCE, .threads = 1 } };
    o.keep_aspect_ratio = flags & 1;
    o.fit = (crl_fit)(flags >> 5 & 3);
    o.order = flags & 128 ? CRL_CHANNELS_BGR : CRL_CHANNELS_AUTO;
    o.has_threshold = flags & 2;
    if (flags & 4) {
        o.labels_text = names;
        o.labels_bytes = sizeof names - 1;
    }
    o.n_mean = flags >> 3 & 1;
    o.mean[0] = next(s);
    o.threshold = (float)next(s) / 128 - 0.5f;
    o.top_k = next(s);
    o.detector.head = (crl_head)(next(s) % 10);
    o.detector.agnostic = flags & 16;
    o.detector.iou = (float)next(s) / 256;
    o.resample = (crl_resample)(next(s) % 4);
    return o;
}

/* What was read is what can be told and shown. */
static void use(crl_session *session, const crl_results *r, int32_t most)
{
    static uint8_t pixels[40 * 30 * 3];
    crl_image canvas = { 40, 30, 3, 120, pixels };
    crl_error err;
    const char *text;
    size_t bytes;
    if (crl_session_json(session, "a", &text, &bytes, &err) || strlen(text) != bytes || text[bytes - 1] != '}') abort();
    if (most && (r->n_classes > most || r->n_detections > most || r->n_poses > most)) abort();
    if (crl_session_draw(session, &canvas, &err) && !*err.text) abort();
}

static void run(const crl_model *model, const crl_session_options *o)
{
    static uint8_t pixels[13 * 7 * 3];
    const crl_image picture = { 13, 7, 3, 39, pixels };
    crl_error err = { .text = "" };
    crl_session *session;
    const crl_results *r;
    if (crl_session_open(&session, model, o, &err)) {
        if (session || !*err.text) abort();
        return;
    }
    for (int purpose = CRL_PURPOSE_CLASSIFY; purpose <= CRL_PURPOSE_EMBED; purpose++)
        if (!crl_session_choose(session, (crl_purpose)purpose, &err) && !crl_session_run(session, &picture, &r, &err))
            use(session, r, o->top_k);
    crl_session_close(session);
}

int fuzz_session(const uint8_t *bytes, size_t size)
{
    static build b;
    static int64_t data[MADE_OUTPUTS][VALUES];
    made_output outputs[MADE_OUTPUTS];
    source s = { bytes, size };
    crl_model *model;
    const crl_session_options o = read_options(&s);
    const int n = 1 + next(&s) % MADE_OUTPUTS;
    for (int i = 0; i < n; i++) read_output(&s, &outputs[i]);
    for (int i = 0; i < n; i++) {
        fill(&s, data[i], sizeof data[i]);
        outputs[i].data = data[i];
    }
    made_constants(&b, 32, 32, outputs, n);
    if (crl_model_open(&model, b.bytes, b.n, NULL)) return 0;
    run(model, &o);
    crl_model_close(model);
    return 0;
}
