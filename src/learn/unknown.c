/* SPDX-License-Identifier: Apache-2.0 */
/* What is of no class: see crl_find_unknown(). */
#include <math.h>

#include "base/alloc.h"
#include "base/error.h"
#include "learn/learn.h"

/* Scores of 8 bits end at 255 of 256, and are rounded: what parts in the last steps only parts by chance. */
enum { BINS = 256, HIGHEST = 243, FEWEST = 20 };
#define LEAST_KNOWN 0.95

typedef struct scores {
    int64_t known[BINS], strangers[BINS]; /* how many have a probability from i / 256 on, and below the next */
    int64_t n_known, n_strangers;
} scores;

/* The largest logit, -1: there is none. */
static int32_t largest(const float *logits, int32_t n, int32_t without)
{
    int32_t best = -1;
    for (int32_t c = 0; c < n; c++)
        if (c != without && (best < 0 || logits[c] > logits[best])) best = c;
    return best;
}

static int bin_of(const float *logits, int32_t n, int32_t best, int32_t without)
{
    double sum = 0;
    for (int32_t c = 0; c < n; c++)
        if (c != without) sum += exp((double)logits[c] - (double)logits[best]);
    const double part = BINS / sum;
    return part < BINS ? (int)part : part >= BINS ? BINS - 1 : 0; /* logits that are no numbers say nothing */
}

static void count(scores *s, const float *logits, int32_t n, int32_t own)
{
    const int32_t best = largest(logits, n, -1), other = largest(logits, n, own);
    if (best == own) {
        s->known[bin_of(logits, n, best, -1)]++;
        s->n_known++;
    }
    s->strangers[bin_of(logits, n, other, own)]++;
    s->n_strangers++;
}

/* Of thresholds that are equally good the one in the middle. */
static void choose(const scores *s, crl_unknown *out)
{
    double best = 0;
    int first = 0, last = -1;
    int64_t known = s->n_known, strangers = s->n_strangers;
    for (int i = 1; i <= HIGHEST; i++) {
        known -= s->known[i - 1];
        strangers -= s->strangers[i - 1];
        const double kept = (double)known / (double)s->n_known, gain = kept - (double)strangers / (double)s->n_strangers;
        if (kept < LEAST_KNOWN || gain < best || gain <= 0) continue;
        if (gain > best) first = i;
        best = gain;
        last = i;
    }
    if (last < 0) return;
    const int at = (first + last) / 2;
    known = strangers = 0;
    for (int i = at; i < BINS; i++) known += s->known[i], strangers += s->strangers[i];
    out->threshold = (float)at / BINS;
    out->known = (float)known / (float)s->n_known;
    out->strangers = (float)strangers / (float)s->n_strangers;
}

crl_status crl_find_unknown(crl_unknown *out, const crl_last_layer *layer, const float *vectors, const int32_t *classes_of, int32_t n,
                            crl_error *err)
{
    *out = (crl_unknown){ 0 };
    if (layer->classes < 3 || n < 1) return CRL_OK;
    scores *s = crl_alloc(sizeof *s);
    float *logits = crl_alloc_array((size_t)layer->classes, sizeof *logits);
    for (int32_t i = 0; s && logits && i < n; i++) {
        if (classes_of[i] < 0 || classes_of[i] >= layer->classes) continue;
        crl_last_layer_run(layer, vectors + (size_t)i * (size_t)layer->size, logits);
        count(s, logits, layer->classes, classes_of[i]);
    }
    const bool ok = s && logits;
    if (ok && s->n_known >= FEWEST && s->n_strangers) choose(s, out);
    crl_free(logits);
    crl_free(s);
    return ok ? CRL_OK : crl_fail_memory(err, "a threshold");
}
