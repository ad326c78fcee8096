/* SPDX-License-Identifier: Apache-2.0 */
/* The last layer, from vectors: by one method, or by the better of two. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "learn/learn.h"
#include "io/say.h"

/* Rows of the model's own layer, brought to the length of imprinted ones. */
static void keep_rows(cli_learning *w, float scale)
{
    int32_t classes;
    const float *rows = crl_extractor_rows(w->extractor, &classes);
    bool *taught = cli_alloc((size_t)w->layer.classes, sizeof *taught);
    for (int k = 0; k < w->pictures.n_labels; k++) taught[w->new_class[k]] = true;
    for (int32_t c = 0; c < w->kept; c++) {
        float *row = w->weights + (size_t)c * (size_t)w->size;
        double sum = 0;
        for (int32_t i = 0; i < w->size; i++)
            sum += (double)rows[(size_t)c * (size_t)w->size + (size_t)i] *
                   (double)rows[(size_t)c * (size_t)w->size + (size_t)i];
        for (int32_t i = 0; i < w->size && !taught[c]; i++)
            row[i] = sum > 0 ? (float)((double)rows[(size_t)c * (size_t)w->size + (size_t)i] / sqrt(sum) * (double)scale) : 0;
    }
    free(taught);
}

static void imprint(cli_learning *w, int32_t n)
{
    w->layer.bias = NULL;
    w->layer.normalise = true;
    const float scale = crl_imprint_scale(w->vectors, w->classes_of, n, w->size, w->layer.classes);
    crl_imprint(w->vectors, w->classes_of, n, w->size, w->layer.classes, scale, w->weights);
    keep_rows(w, scale);
}

/* Training ends when pictures that it does not see are recognised no better: every fifth of a class, which are not those that the
 * model is examined on. */
static bool *spare(const cli_learning *w, int32_t n)
{
    int *seen = cli_alloc((size_t)w->layer.classes, sizeof *seen);
    bool *spared = cli_alloc((size_t)n, sizeof *spared);
    for (int32_t i = 0; i < n; i++) spared[i] = ++seen[w->classes_of[i]] % 5 == 0;
    free(seen);
    return spared;
}

static int train(cli_learning *w, int32_t n)
{
    crl_error err;
    bool *spared = spare(w, n);
    const cli_learn_settings *given = w->settings;
    const crl_softmax_options o = { .epochs = given->epochs, .batch = given->batch, .rate = (float)given->rate,
                                    .decay = given->decay > 0 ? (float)given->decay : -1, .seed = (uint64_t)given->seed };
    w->layer.bias = w->bias;
    w->layer.normalise = false;
    const crl_status s = crl_softmax_train(w->vectors, w->classes_of, spared, n, w->size, w->layer.classes, &o, w->weights, w->bias, &err);
    free(spared);
    return s ? cli_failed(&err) : CLI_DONE;
}

/* What the logits of all pictures reach, and a tenth more. */
static void measure_logits(cli_learning *w)
{
    float *logits = cli_alloc((size_t)w->layer.classes, sizeof *logits), low = 0, high = 0;
    for (int32_t i = 0; i < w->n; i++) {
        crl_last_layer_run(&w->layer, w->vectors + (size_t)i * (size_t)w->size, logits);
        for (int32_t c = 0; c < w->layer.classes; c++) {
            low = fminf(low, logits[c]);
            high = fmaxf(high, logits[c]);
        }
    }
    w->layer.low = 1.1f * low;
    w->layer.high = 1.1f * high;
    free(logits);
}

/* By the pictures held out, if there are any. */
static crl_status find_unknown(cli_learning *w, crl_error *err)
{
    if (!isnan(w->settings->threshold)) {
        w->unknown.threshold = (float)w->settings->threshold;
        return CRL_OK;
    }
    const int32_t from = w->n_learnt < w->n ? w->n_learnt : 0;
    return crl_find_unknown(&w->unknown, &w->layer, w->vectors + (size_t)from * (size_t)w->size, w->classes_of + from, w->n - from, err);
}

/* ---- the better of two ---- */

/* How many of the pictures held out are recognised, and how sure of them all the layer is: the mean logarithm of their own class's
 * probability. */
typedef struct merit {
    int right;
    double sure;
} merit;

static merit try_layer(const cli_learning *w)
{
    merit m = { 0, 0 };
    const crl_last_layer *l = &w->layer;
    float *logits = cli_alloc((size_t)l->classes, sizeof *logits);
    for (int32_t i = w->n_learnt; i < w->n; i++) {
        int32_t best = 0;
        double all = 0;
        crl_last_layer_run(l, w->vectors + (size_t)i * (size_t)w->size, logits);
        for (int32_t c = 1; c < l->classes; c++)
            if (logits[c] > logits[best]) best = c;
        for (int32_t c = 0; c < l->classes; c++) all += exp((double)logits[c] - (double)logits[best]);
        m.right += best == w->classes_of[i];
        m.sure += (double)logits[w->classes_of[i]] - (double)logits[best] - log(all);
    }
    free(logits);
    return m;
}

/* Imprinting is done again where it was the better one: that takes less than keeping it. */
static int take_better(cli_learning *w)
{
    imprint(w, w->n_learnt);
    const merit first = try_layer(w);
    const int code = train(w, w->n_learnt);
    if (code) return code;
    const merit second = try_layer(w);
    w->tried = true;
    w->right[CLI_IMPRINT] = first.right;
    w->right[CLI_SOFTMAX] = second.right;
    w->method = CLI_SOFTMAX;
    if (first.right < second.right || (first.right == second.right && first.sure < second.sure)) return CLI_DONE;
    w->method = CLI_IMPRINT;
    imprint(w, w->n_learnt);
    return CLI_DONE;
}

int cli_learn_layer(cli_learning *w)
{
    crl_error err;
    int code = CLI_DONE;
    w->layer.size = w->size;
    w->layer.weights = w->weights = cli_alloc((size_t)w->layer.classes * (size_t)w->size, sizeof *w->weights);
    w->bias = cli_alloc((size_t)w->layer.classes, sizeof *w->bias);
    if (w->method == CLI_AUTO && w->n_learnt == w->n) {
        cli_note("no picture is held out that could say which method is better; imprint is taken");
        w->method = CLI_IMPRINT;
    }
    if (w->method == CLI_AUTO)
        code = take_better(w);
    else if (w->method == CLI_SOFTMAX)
        code = train(w, w->n_learnt);
    else
        imprint(w, w->n_learnt);
    if (code) return code;
    measure_logits(w);
    return find_unknown(w, &err) ? cli_failed(&err) : CLI_DONE;
}
