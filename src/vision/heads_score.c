/* SPDX-License-Identifier: Apache-2.0 */
/* From stored numbers to scores, and from scores to candidates.
 *
 * A threshold is brought to what is stored, once for a frame, and compared there. That may let through a little too much
 * and never too little; the score itself decides then. */
#include <math.h>

#include "vision/heads.h"

static int32_t stored_at(crl_type type, const void *data, size_t i)
{
    if (type == CRL_UINT8) return ((const uint8_t *)data)[i];
    if (type == CRL_INT8) return ((const int8_t *)data)[i];
    return ((const int16_t *)data)[i];
}

static float number_of(const crl_stored_scale *s, int32_t q)
{
    /* Of 16 bits at most, so that nothing is lost on the way to float; 64, since a zero point may be anything. */
    return s->scale * (float)((int64_t)q - s->zero);
}

float crl_head_number(const struct crl_detector *d, const void *data, int output, size_t i)
{
    const crl_stored_scale *s = &d->stored[output];
    return s->type == CRL_FLOAT32 ? ((const float *)data)[i] : number_of(s, stored_at(s->type, data, i));
}

static float sigmoid(float x)
{
    return 1.0f / (1.0f + expf(-x));
}

/* ---- scores ---- */

static const crl_stored_scale *scale_of(const crl_head_frame *f)
{
    return &f->detector->stored[f->detector->layout.scores.output];
}

/* Steps of more than a half leave nothing of probabilities: where boxes in pixels and scores share a scale, these are made
 * percents before. */
static bool has_percents(const struct crl_detector *d)
{
    return d->layout.head != CRL_HEAD_YOLO_CHOSEN && d->stored[d->layout.scores.output].scale > 0.5f;
}

void crl_head_score_tables(struct crl_detector *d)
{
    const crl_stored_scale *s = &d->stored[d->layout.scores.output];
    for (int i = 0; i < 256; i++) {
        const float x = number_of(s, s->type == CRL_INT8 ? i - 128 : i);
        d->chance[0][i] = has_percents(d) ? x / 100 : x;
        d->chance[1][i] = sigmoid(x);
    }
    const crl_stored_scale *box = &d->stored[d->layout.box.output];
    for (int i = 0; i < 256; i++) d->power[i] = expf(-box->scale * (float)i);
}

/* The score of what is stored as q, not of FLOAT32. */
static float score_of(const crl_head_frame *f, int32_t q)
{
    const crl_stored_scale *s = scale_of(f);
    if (s->type == CRL_INT16) return f->logits ? sigmoid(number_of(s, q)) : number_of(s, q);
    return f->detector->chance[f->logits][s->type == CRL_INT8 ? q + 128 : q];
}

static float score_at(const crl_head_frame *f, size_t i)
{
    const crl_stored_scale *s = scale_of(f);
    const void *data = f->data[f->detector->layout.scores.output];
    if (s->type != CRL_FLOAT32) return score_of(f, stored_at(s->type, data, i));
    const float x = ((const float *)data)[i];
    return f->logits ? sigmoid(x) : x;
}

/* ---- limits ---- */

static void range_of(crl_type type, int32_t *low, int32_t *high)
{
    *low = type == CRL_UINT8 ? 0 : type == CRL_INT8 ? INT8_MIN : INT16_MIN;
    *high = type == CRL_UINT8 ? UINT8_MAX : type == CRL_INT8 ? INT8_MAX : INT16_MAX;
}

/* The least that is stored for a score of `threshold`. Scores grow with what is stored. */
static crl_limit limit_of(const crl_head_frame *f, float threshold)
{
    const crl_type type = scale_of(f)->type;
    if (isnan(threshold) || (f->logits && threshold > 1)) return (crl_limit){ .none = true };
    if (type == CRL_FLOAT32) {
        if (!f->logits) return (crl_limit){ .real = threshold };
        /* A little below, for roundings of the two functions. */
        if (!(threshold > 0)) return (crl_limit){ .real = -INFINITY };
        const float x = threshold < 1 ? logf(threshold / (1 - threshold)) : 15.0f;
        return (crl_limit){ .real = x - 1e-3f * (1 + fabsf(x)) };
    }
    int32_t low, high;
    range_of(type, &low, &high);
    if (!(score_of(f, high) >= threshold)) return (crl_limit){ .none = true };
    while (low < high) {
        const int32_t middle = low + (high - low) / 2;
        if (score_of(f, middle) >= threshold)
            high = middle;
        else
            low = middle + 1;
    }
    return (crl_limit){ .stored = low };
}

/* ---- what scores are ---- */

static bool note(crl_head_frame *f, int32_t anchor)
{
    (void)anchor;
    f->logits = true;
    return false;
}

/* Probabilities are not negative, and among logits there is always one that is. A step of the quantisation is let pass. */
static crl_limit limit_of_negative(const crl_stored_scale *s)
{
    static const float most = -0.1f;
    if (s->type == CRL_FLOAT32) return (crl_limit){ .above = true, .real = most };
    int32_t low, high;
    range_of(s->type, &low, &high);
    const float steps = ceilf(-most / s->scale);
    const double stored = (double)s->zero - (double)(steps < 2 ? 2 : steps);
    if (!(stored >= low)) return (crl_limit){ .none = true };
    return (crl_limit){ .above = true, .stored = stored > high ? high : (int32_t)stored };
}

bool crl_head_has_logits(const crl_head_frame *f)
{
    const crl_head_layout *l = &f->detector->layout;
    if (f->detector->options.scores) return f->detector->options.scores == CRL_SCORES_LOGITS;
    if (l->head == CRL_HEAD_SSD_RAW) return f->detector->anchors.logits;
    if (l->head == CRL_HEAD_MEDIAPIPE) return true;
    if (l->head == CRL_HEAD_YOLO_CHOSEN) return false;
    const crl_stored_scale *s = scale_of(f);
    const crl_limit limit = limit_of_negative(s);
    /* An output of scores alone says by its range what they are. */
    if (l->box.output != l->scores.output && s->type != CRL_FLOAT32) return !limit.none;
    crl_head_frame found = { .logits = false };
    const crl_field *field = l->objectness.channels ? &l->objectness : &l->scores;
    crl_head_scan(s, f->data[field->output], field, l->anchors, &limit, note, &found);
    return found.logits;
}

/* ---- candidates ---- */

/* The best class of an anchor, the first of equals; -1: all are no numbers. */
static int32_t best_class(const crl_head_frame *f, int32_t anchor, size_t *at)
{
    const crl_head_layout *l = &f->detector->layout;
    const crl_type type = scale_of(f)->type;
    const void *data = f->data[l->scores.output];
    size_t i = l->scores.first + (size_t)anchor * l->scores.per_anchor;
    int32_t best = -1, most = 0;
    float most_real = -INFINITY;
    for (int32_t c = 0; c < l->scores.channels; c++, i += l->scores.per_channel) {
        if (type == CRL_FLOAT32) {
            const float v = ((const float *)data)[i];
            if (!(best < 0 ? v >= most_real : v > most_real)) continue;
            most_real = v;
        } else {
            const int32_t q = stored_at(type, data, i);
            if (best >= 0 && q <= most) continue;
            most = q;
        }
        best = c;
        *at = i;
    }
    return best;
}

/* What is stored of class, in rows that name it: -1 where that is none. */
static int32_t named_class(const crl_head_frame *f, size_t score)
{
    const crl_head_layout *l = &f->detector->layout;
    const float class = crl_head_number(f->detector, f->data[l->scores.output], l->scores.output, score + l->scores.per_channel);
    return class > -0.5f && class < 0x1p30f ? (int32_t)(class + 0.5f) : -1;
}

static bool found(crl_head_frame *f, int32_t anchor)
{
    const crl_head_layout *l = &f->detector->layout;
    size_t at = 0;
    crl_candidate c = { .anchor = anchor, .index = best_class(f, anchor, &at) };
    if (c.index < 0) return true;
    c.score = score_at(f, at);
    if (l->objectness.channels) c.score *= score_at(f, l->objectness.first + (size_t)anchor * l->objectness.per_anchor);
    if (l->head == CRL_HEAD_YOLO_CHOSEN) c.index = named_class(f, at);
    if (c.score >= f->threshold && c.index >= 0) crl_head_add(f, c);
    return true;
}

void crl_head_find(crl_head_frame *f)
{
    const crl_head_layout *l = &f->detector->layout;
    const crl_limit limit = limit_of(f, f->threshold);
    /* A score is at most objectness: what has too little of that is not looked at. */
    const crl_field *field = l->objectness.channels ? &l->objectness : &l->scores;
    crl_head_scan(scale_of(f), f->data[field->output], field, l->anchors, &limit, found, f);
}
