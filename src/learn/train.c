/* SPDX-License-Identifier: Apache-2.0 */
/* Vectors to last layers: imprinting, and softmax regression. See include/corallite/learn.h. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/random.h"
#include "learn/learn.h"

static double length_of(const float *x, int32_t n)
{
    double sum = 0;
    for (int32_t i = 0; i < n; i++) sum += (double)x[i] * (double)x[i];
    return sqrt(sum);
}

/* A vector that says something of a class that is there: it has a length, and that is a number. */
static bool counts(const float *x, int32_t size, int32_t class, int32_t classes, double *length)
{
    *length = length_of(x, size);
    return class >= 0 && class < classes && *length > 0 && isfinite(*length);
}

void crl_last_layer_run(const crl_last_layer *layer, const float *vector, float *logits)
{
    const double length = layer->normalise ? length_of(vector, layer->size) : 1;
    for (int32_t k = 0; k < layer->classes; k++) {
        const float *row = layer->weights + (size_t)k * (size_t)layer->size;
        double sum = 0;
        for (int32_t i = 0; i < layer->size; i++) sum += (double)row[i] * (double)vector[i];
        logits[k] = (float)((length > 0 ? sum / length : 0) + (layer->bias ? (double)layer->bias[k] : 0));
    }
}

void crl_imprint(const float *vectors, const int32_t *classes_of, int32_t n, int32_t size, int32_t classes, float scale,
                 float *weights)
{
    memset(weights, 0, (size_t)classes * (size_t)size * sizeof *weights);
    for (int32_t i = 0; i < n; i++) {
        const float *x = vectors + (size_t)i * (size_t)size;
        double length;
        if (!counts(x, size, classes_of[i], classes, &length)) continue;
        float *row = weights + (size_t)classes_of[i] * (size_t)size;
        for (int32_t k = 0; k < size; k++) row[k] += (float)((double)x[k] / length);
    }
    for (int32_t c = 0; c < classes; c++) {
        float *row = weights + (size_t)c * (size_t)size;
        const double length = length_of(row, size);
        for (int32_t k = 0; k < size && length > 0; k++) row[k] = (float)((double)row[k] / length * (double)scale);
    }
}

/* ---- the scale of imprinted weights ---- */

typedef struct sums {
    double *sum;     /* [classes][size]: of the vectors of length 1 */
    double *squares; /* [classes]: of that, its length squared */
    double *cosine;  /* [classes] */
} sums;

static void add_up(sums *s, const float *vectors, const int32_t *classes_of, int32_t n, int32_t size, int32_t classes)
{
    for (int32_t i = 0; i < n; i++) {
        const float *x = vectors + (size_t)i * (size_t)size;
        double length;
        if (!counts(x, size, classes_of[i], classes, &length)) continue;
        double *sum = s->sum + (size_t)classes_of[i] * (size_t)size;
        for (int32_t k = 0; k < size; k++) sum[k] += (double)x[k] / length;
    }
    for (int32_t c = 0; c < classes; c++)
        for (int32_t k = 0; k < size; k++)
            s->squares[c] +=
                s->sum[(size_t)c * (size_t)size + (size_t)k] * s->sum[(size_t)c * (size_t)size + (size_t)k];
}

/* Cosines of a vector with the classes, its own without it. false: nothing is left of that. */
static bool find_cosines(const sums *s, const float *x, int32_t own, int32_t size, int32_t classes)
{
    double length;
    if (!counts(x, size, own, classes, &length)) return false;
    for (int32_t c = 0; c < classes; c++) {
        const double *sum = s->sum + (size_t)c * (size_t)size;
        double along = 0, squares = s->squares[c];
        for (int32_t k = 0; k < size; k++) along += sum[k] * ((double)x[k] / length);
        if (c == own) {
            squares = 0;
            for (int32_t k = 0; k < size; k++) squares += (sum[k] - (double)x[k] / length) * (sum[k] - (double)x[k] / length);
            if (squares < 1e-9) return false;
            along -= 1;
        }
        s->cosine[c] = squares > 0 ? along / sqrt(squares) : 0;
    }
    return true;
}

float crl_imprint_scale(const float *vectors, const int32_t *classes_of, int32_t n, int32_t size, int32_t classes)
{
    enum { TRIED = 24 };
    static const float otherwise = 20;
    double loss[TRIED] = { 0 };
    bool any = false;
    size_t all = 0;
    const bool fits = crl_size_mul((size_t)classes, (size_t)size, &all);
    sums s = { fits ? crl_alloc_array(all, sizeof *s.sum) : NULL, crl_alloc_array((size_t)classes, sizeof *s.squares),
               crl_alloc_array((size_t)classes, sizeof *s.cosine) };
    const bool ok = s.sum && s.squares && s.cosine;
    if (ok) add_up(&s, vectors, classes_of, n, size, classes);
    for (int32_t i = 0; ok && i < n; i++) {
        if (!find_cosines(&s, vectors + (size_t)i * (size_t)size, classes_of[i], size, classes)) continue;
        any = true;
        for (int t = 0; t < TRIED; t++) {
            const double scale = 4 * pow(1.15, t);
            double sum = 0;
            for (int32_t c = 0; c < classes; c++) sum += exp(scale * (s.cosine[c] - s.cosine[classes_of[i]]));
            loss[t] += log(sum);
        }
    }
    crl_free(s.sum);
    crl_free(s.squares);
    crl_free(s.cosine);
    int best = 0;
    for (int t = 1; t < TRIED; t++)
        if (loss[t] < loss[best]) best = t;
    return any ? (float)(4 * pow(1.15, best)) : otherwise;
}

/* ---- softmax regression ---- */

/* Vectors are brought to mean 0 and, all their numbers together, to variance 1 for training, and the weights back for use. Each number by
 * itself would get the larger weights the less it says, and 8 bits for all weights would not do. */
typedef struct training {
    const float *vectors;
    const int32_t *classes_of;
    const bool *held_out; /* NULL: none */
    int32_t n, size, classes;
    crl_softmax_options o;
    int32_t *order; /* [n_learn] vectors to learn from */
    int32_t n_learn;
    uint64_t state;             /* of the random numbers */
    float *mean;                /* [size]: of the vectors' numbers */
    float inverse;              /* 1 / deviation */
    float *x;                   /* [size] */
    float *weights, *bias;      /* [classes][size], [classes] */
    float *step, *bias_step;    /* of a batch */
    float *p;                   /* [classes] */
} training;

static bool is_held_out(const training *t, int32_t i)
{
    return t->held_out && t->held_out[i];
}

static void shuffle(training *t)
{
    for (int32_t i = t->n_learn - 1; i > 0; i--) {
        const int32_t j = (int32_t)(crl_random(&t->state) % ((uint64_t)i + 1)), at = t->order[i];
        t->order[i] = t->order[j];
        t->order[j] = at;
    }
}

static void measure(training *t)
{
    double variance = 0;
    for (int32_t k = 0; k < t->size; k++) {
        double sum = 0, squares = 0;
        for (int32_t i = 0; i < t->n_learn; i++) {
            const double v = (double)t->vectors[(size_t)t->order[i] * (size_t)t->size + (size_t)k];
            sum += v;
            squares += v * v;
        }
        const double mean = sum / t->n_learn;
        t->mean[k] = (float)mean;
        variance += squares / t->n_learn - mean * mean;
    }
    variance /= t->size;
    t->inverse = variance > 1e-12 ? (float)(1 / sqrt(variance)) : 1;
}

/* Probabilities of vector i into p; returns its loss. */
static double forward(training *t, int32_t i)
{
    const float *v = t->vectors + (size_t)i * (size_t)t->size;
    double most = -HUGE_VAL, sum = 0;
    for (int32_t k = 0; k < t->size; k++) t->x[k] = (v[k] - t->mean[k]) * t->inverse;
    for (int32_t c = 0; c < t->classes; c++) {
        const float *row = t->weights + (size_t)c * (size_t)t->size;
        float logit = t->bias[c];
        for (int32_t k = 0; k < t->size; k++) logit += row[k] * t->x[k];
        t->p[c] = logit;
        if ((double)logit > most) most = (double)logit;
    }
    for (int32_t c = 0; c < t->classes; c++) sum += t->p[c] = (float)exp((double)t->p[c] - most);
    for (int32_t c = 0; c < t->classes; c++) t->p[c] = (float)((double)t->p[c] / sum);
    const double own = (double)t->p[t->classes_of[i]];
    return own < 1e-30 ? -log(1e-30) : -log(own); /* what is no number stays so */
}

static double learn_batch(training *t, const int32_t *items, int32_t n)
{
    const size_t all = (size_t)t->classes * (size_t)t->size;
    double loss = 0;
    memset(t->step, 0, all * sizeof *t->step);
    memset(t->bias_step, 0, (size_t)t->classes * sizeof *t->bias_step);
    for (int32_t i = 0; i < n; i++) {
        loss += forward(t, items[i]);
        t->p[t->classes_of[items[i]]] -= 1;
        for (int32_t c = 0; c < t->classes; c++) {
            float *row = t->step + (size_t)c * (size_t)t->size;
            for (int32_t k = 0; k < t->size; k++) row[k] += t->p[c] * t->x[k];
            t->bias_step[c] += t->p[c];
        }
    }
    const float rate = t->o.rate / (float)n, fade = 1 - t->o.rate * t->o.decay;
    for (size_t k = 0; k < all; k++) t->weights[k] = fade * t->weights[k] - rate * t->step[k];
    for (int32_t c = 0; c < t->classes; c++) t->bias[c] -= rate * t->bias_step[c];
    return loss;
}

/* The mean loss of the vectors held out; of those that are learnt from where there are none. */
static double held_out_loss(training *t, double learnt)
{
    double loss = 0;
    int32_t n = 0;
    for (int32_t i = 0; i < t->n; i++) {
        if (!is_held_out(t, i)) continue;
        loss += forward(t, i);
        n++;
    }
    return n ? loss / n : learnt;
}

/* For vectors as they are: w (x - mean) / deviation + b. */
static void use(const training *t, const float *weights, const float *bias, float *out, float *out_bias)
{
    for (int32_t c = 0; c < t->classes; c++) {
        double b = (double)bias[c];
        for (int32_t k = 0; k < t->size; k++) {
            const size_t at = (size_t)c * (size_t)t->size + (size_t)k;
            out[at] = weights[at] * t->inverse;
            b -= (double)out[at] * (double)t->mean[k];
        }
        out_bias[c] = (float)b;
    }
}

/* Steps that are too long lead to numbers that are none, and never back. */
static crl_status learn(training *t, float *weights, float *bias, crl_error *err)
{
    double best = HUGE_VAL;
    int32_t waited = 0;
    for (int32_t epoch = 0; epoch < t->o.epochs && waited < t->o.patience; epoch++) {
        double loss = 0;
        shuffle(t);
        for (int32_t i = 0; i < t->n_learn; i += t->o.batch)
            loss += learn_batch(t, t->order + i, t->n_learn - i < t->o.batch ? t->n_learn - i : t->o.batch);
        loss /= t->n_learn;
        const double outside = held_out_loss(t, loss);
        if (!isfinite(loss) || !isfinite(outside))
            return crl_fail(err, CRL_ERR_ARGUMENT, "rate %g: training leads to weights that are no numbers; a smaller rate is needed",
                            (double)t->o.rate);
        waited = outside < best * 0.999 ? 0 : waited + 1;
        if (outside < best) {
            best = outside;
            use(t, t->weights, t->bias, weights, bias);
        }
        if (t->o.go_on && !t->o.go_on(t->o.user, epoch, (float)loss, (float)outside)) return CRL_OK;
    }
    return CRL_OK;
}

static crl_status check_options(crl_softmax_options *o, crl_error *err)
{
    const crl_status s = crl_check_reserved(o->reserved, sizeof o->reserved / sizeof *o->reserved, "crl_softmax_options", err);
    if (s) return s;
    if (!o->epochs) o->epochs = 200;
    if (!o->batch) o->batch = 32;
    if (o->rate == 0) o->rate = 0.05f;
    if (o->decay == 0) o->decay = 0.0005f;
    if (o->decay < 0) o->decay = 0;
    if (!o->patience) o->patience = 20;
    if (o->epochs < 1 || o->batch < 1 || o->patience < 1)
        return crl_fail(err, CRL_ERR_ARGUMENT, "epochs %d, batch %d, patience %d; 1 or more is accepted", o->epochs, o->batch, o->patience);
    if (!(o->rate > 0 && o->rate <= 100) || !(o->decay >= 0 && o->rate * o->decay < 1))
        return crl_fail(err, CRL_ERR_ARGUMENT, "rate %g and decay %g; a rate above 0 and up to 100 is accepted, and a product below 1",
                        (double)o->rate, (double)o->decay);
    return CRL_OK;
}

/* Numbers that are none would get into every weight. */
static crl_status check_vectors(const training *t, crl_error *err)
{
    for (int32_t i = 0; i < t->n; i++) {
        const float *x = t->vectors + (size_t)i * (size_t)t->size;
        if (t->classes_of[i] < 0 || t->classes_of[i] >= t->classes)
            return crl_fail(err, CRL_ERR_ARGUMENT, "vector %d is of class %d; 0 to %d are accepted", i, t->classes_of[i], t->classes - 1);
        for (int32_t k = 0; k < t->size; k++)
            if (!isfinite(x[k])) return crl_fail(err, CRL_ERR_ARGUMENT, "number %d of vector %d is %g", k, i, (double)x[k]);
    }
    return CRL_OK;
}

static crl_status begin(training *t, crl_pile *pile, crl_error *err)
{
    const size_t n = (size_t)t->n, size = (size_t)t->size, classes = (size_t)t->classes;
    size_t all;
    if (!crl_size_mul(classes, size, &all)) return crl_fail_memory(err, "a softmax regression");
    t->order = crl_pile_array(pile, n, sizeof *t->order);
    t->mean = crl_pile_array(pile, size, sizeof *t->mean);
    t->x = crl_pile_array(pile, size, sizeof *t->x);
    t->p = crl_pile_array(pile, classes, sizeof *t->p);
    t->weights = crl_pile_array(pile, all, sizeof *t->weights);
    t->step = crl_pile_array(pile, all, sizeof *t->step);
    t->bias = crl_pile_array(pile, classes, sizeof *t->bias);
    t->bias_step = crl_pile_array(pile, classes, sizeof *t->bias_step);
    if (!t->order || !t->mean || !t->x || !t->p || !t->weights || !t->step || !t->bias || !t->bias_step)
        return crl_fail_memory(err, "a softmax regression");
    for (int32_t i = 0; i < t->n; i++)
        if (!is_held_out(t, i)) t->order[t->n_learn++] = i;
    if (!t->n_learn) return crl_fail(err, CRL_ERR_ARGUMENT, "no vectors to learn from");
    t->state = t->o.seed;
    measure(t);
    return CRL_OK;
}

crl_status crl_softmax_train(const float *vectors, const int32_t *classes_of, const bool *held_out, int32_t n, int32_t size,
                             int32_t classes, const crl_softmax_options *options, float *weights, float *bias, crl_error *err)
{
    training t = { .vectors = vectors, .classes_of = classes_of, .held_out = held_out, .n = n, .size = size, .classes = classes,
                   .o = options ? *options : (crl_softmax_options){ 0 } };
    if (classes < 2 || classes > CRL_MAX_CLASSES)
        return crl_fail(err, CRL_ERR_ARGUMENT, "%d classes; 2 to %d can be told apart", classes, CRL_MAX_CLASSES);
    if (size < 1 || size > CRL_MAX_EMBEDDING)
        return crl_fail(err, CRL_ERR_ARGUMENT, "vectors of %d numbers; 1 to %d are accepted", size, CRL_MAX_EMBEDDING);
    if (n < 0) return crl_fail(err, CRL_ERR_ARGUMENT, "%d vectors", n);
    crl_status s = check_options(&t.o, err);
    crl_pile pile = { 0 };
    if (!s) s = check_vectors(&t, err);
    if (!s) s = begin(&t, &pile, err);
    if (!s) s = learn(&t, weights, bias, err);
    crl_pile_free(&pile);
    return s;
}
