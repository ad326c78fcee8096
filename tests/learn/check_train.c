/* SPDX-License-Identifier: Apache-2.0 */
/* Weights from vectors. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "checks.h"

enum { SIZE = 24, CLASSES = 4, EACH = 30, N = CLASSES * EACH };

typedef struct cloud {
    float vectors[N][SIZE];
    int32_t classes_of[N];
} cloud;

/* Points around a centre for each class; `spread` 1: as far from it as the centres from each other. */
static void scatter(check *t, cloud *c, float spread)
{
    float centre[CLASSES][SIZE];
    for (int k = 0; k < CLASSES; k++)
        for (int i = 0; i < SIZE; i++) centre[k][i] = 2 + (float)check_range(t, -1000, 1000) / 1000;
    for (int n = 0; n < N; n++) {
        c->classes_of[n] = n % CLASSES;
        for (int i = 0; i < SIZE; i++) c->vectors[n][i] = centre[n % CLASSES][i] + spread * (float)check_range(t, -1000, 1000) / 1000;
    }
}

static int right(const cloud *c, const crl_last_layer *layer)
{
    int n = 0;
    for (int i = 0; i < N; i++) {
        float logits[CLASSES];
        int32_t best = 0;
        crl_last_layer_run(layer, c->vectors[i], logits);
        for (int32_t k = 1; k < CLASSES; k++)
            if (logits[k] > logits[best]) best = k;
        n += best == c->classes_of[i];
    }
    return n;
}

void check_imprint(check *t, unsigned cpu)
{
    (void)cpu;
    /* (3,4) and (0,2) have the directions (0.6,0.8) and (0,1); (0,0) has none. */
    const float vectors[] = { 3, 4, 0, 2, 0, 0, -5, 0 };
    const int32_t classes_of[] = { 0, 0, 0, 1 };
    float weights[3 * 2];
    crl_imprint(vectors, classes_of, 4, 2, 3, 10, weights);
    const float length = sqrtf(0.6f * 0.6f + 1.8f * 1.8f), want[] = { 6 / length, 18 / length, -10, 0, 0, 0 };
    check_equal_f32(t, want, weights, 6, 4, "weights");
    cloud c;
    float rows[CLASSES * SIZE];
    scatter(t, &c, 0.5f);
    crl_imprint(c.vectors[0], c.classes_of, N, SIZE, CLASSES, 20, rows);
    const crl_last_layer layer = { .classes = CLASSES, .size = SIZE, .weights = rows, .normalise = true };
    check_that(t, right(&c, &layer) == N, "%d of %d", right(&c, &layer), N);
    float logits[CLASSES];
    crl_last_layer_run(&layer, rows, logits);
    check_that(t, fabsf(logits[0] - 20) < 1e-4f, "the direction of a class has %g", (double)logits[0]);
}

/* What is of no class, or no vector, counts nowhere. */
void check_train_strange(check *t, unsigned cpu)
{
    (void)cpu;
    enum { GOOD = 8, BAD = 4 };
    float vectors[GOOD + BAD][2], weights[2 * 2], all[2 * 2];
    int32_t classes_of[GOOD + BAD];
    for (int i = 0; i < GOOD; i++) {
        classes_of[i] = i % 2;
        vectors[i][0] = (float)(1 + i % 2), vectors[i][1] = (float)(2 - i % 2) + 0.01f * (float)i;
    }
    static const struct { float x; int32_t class; } bad[BAD] = { { 1, -1 }, { 1, 2 }, { NAN, 0 }, { INFINITY, 1 } };
    for (int i = 0; i < BAD; i++) {
        classes_of[GOOD + i] = bad[i].class;
        vectors[GOOD + i][0] = vectors[GOOD + i][1] = bad[i].x;
    }
    crl_imprint(vectors[0], classes_of, GOOD, 2, 2, 10, weights);
    crl_imprint(vectors[0], classes_of, GOOD + BAD, 2, 2, 10, all);
    check_equal(t, weights, all, sizeof weights, "imprinted");
    check_that(t,
               crl_imprint_scale(vectors[0], classes_of, GOOD, 2, 2) ==
                   crl_imprint_scale(vectors[0], classes_of, GOOD + BAD, 2, 2),
               "another scale");
    const crl_last_layer layer = { .classes = 2, .size = 2, .weights = weights };
    crl_unknown u;
    crl_error err;
    check_that(t, !crl_find_unknown(&u, &layer, vectors[0], classes_of, GOOD + BAD, &err), "%s", err.text);
}

/* The loss of leaving each one out, computed anew for the scale above, the scale found and the one below. */
static double loss_at(const cloud *c, double scale)
{
    double loss = 0;
    for (int out = 0; out < N; out++) {
        cloud rest = *c;
        float rows[CLASSES * SIZE], logits[CLASSES];
        memset(rest.vectors[out], 0, sizeof rest.vectors[out]);
        crl_imprint(rest.vectors[0], rest.classes_of, N, SIZE, CLASSES, (float)scale, rows);
        const crl_last_layer layer = { .classes = CLASSES, .size = SIZE, .weights = rows, .normalise = true };
        crl_last_layer_run(&layer, c->vectors[out], logits);
        double all = 0;
        for (int k = 0; k < CLASSES; k++) all += exp((double)(logits[k] - logits[c->classes_of[out]]));
        loss += log(all);
    }
    return loss;
}

void check_imprint_scale(check *t, unsigned cpu)
{
    (void)cpu;
    cloud c;
    scatter(t, &c, 1.5f);
    const double scale = (double)crl_imprint_scale(c.vectors[0], c.classes_of, N, SIZE, CLASSES), here = loss_at(&c, scale);
    check_that(t, scale >= 3.99 && scale <= 100, "%g", scale);
    check_that(t, scale < 4.01 || loss_at(&c, scale / 1.15) > here - 1e-3, "%g is too high", scale);
    check_that(t, scale > 99 || loss_at(&c, scale * 1.15) > here - 1e-3, "%g is too low", scale);
    const int32_t alone[] = { 0, 1, 2, 3 };
    check_that(t, crl_imprint_scale(c.vectors[0], alone, 4, SIZE, CLASSES) == 20, "classes of one vector");
}

/* Classes whose vectors are one axis each are sure of them, and of nothing else; where all vectors are alike, nothing can be said. */
void check_unknown(check *t, unsigned cpu)
{
    (void)cpu;
    enum { MANY = 24 };
    const float rows[] = { 8, 0, 0, 0, 8, 0, 0, 0, 8 };
    float axes[3 * MANY + 3] = { 0 }, alike[3 * MANY];
    int32_t classes_of[MANY + 1];
    for (int i = 0; i < MANY; i++) {
        classes_of[i] = i % 3;
        axes[3 * i + i % 3] = 1;
        for (int k = 0; k < 3; k++) alike[3 * i + k] = 1;
    }
    axes[3 * MANY] = axes[3 * MANY + 1] = 1;
    classes_of[MANY] = 2;
    const crl_last_layer layer = { .classes = 3, .size = 3, .weights = rows };
    crl_unknown u;
    crl_error err;
    /* Of (1,1,0), which is taken for class 0, the probability is 0.4998; that of an axis is 0.9993, and 0.5 without its row. From 0.5 to
     * 0.95 all thresholds are as good. */
    check_that(t, !crl_find_unknown(&u, &layer, axes, classes_of, MANY + 1, &err), "%s", err.text);
    check_that(t, u.threshold > 0.5f && u.threshold < 0.9993f && u.known == 1 && u.strangers == 0, "%g, %g, %g", (double)u.threshold,
               (double)u.known, (double)u.strangers);
    check_that(t, fabsf(u.threshold - 0.726f) < 0.01f, "%g is not in the middle", (double)u.threshold);
    check_that(t, !crl_find_unknown(&u, &layer, alike, classes_of, MANY, &err) && u.threshold == 0, "%g where all are alike", (double)u.threshold);
    check_that(t, !crl_find_unknown(&u, &layer, axes, classes_of, 19, &err) && u.threshold == 0, "%g of 19", (double)u.threshold);
    const crl_last_layer two = { .classes = 2, .size = 3, .weights = rows };
    check_that(t, !crl_find_unknown(&u, &two, axes, classes_of, 1, &err) && u.threshold == 0, "%g of two classes", (double)u.threshold);
}

void check_softmax(check *t, unsigned cpu)
{
    (void)cpu;
    cloud c;
    bool held_out[N] = { false };
    float weights[CLASSES * SIZE], bias[CLASSES], again[CLASSES * SIZE], bias_again[CLASSES];
    crl_error err;
    scatter(t, &c, 1);
    for (int i = 0; i < N; i += 5) held_out[i] = true;
    const crl_softmax_options o = { .seed = 7 };
    check_that(t, !crl_softmax_train(c.vectors[0], c.classes_of, held_out, N, SIZE, CLASSES, &o, weights, bias, &err), "%s", err.text);
    const crl_last_layer layer = { .classes = CLASSES, .size = SIZE, .weights = weights, .bias = bias };
    check_that(t, right(&c, &layer) >= N - 2, "%d of %d", right(&c, &layer), N);
    check_that(t, !crl_softmax_train(c.vectors[0], c.classes_of, held_out, N, SIZE, CLASSES, &o, again, bias_again, &err), "%s", err.text);
    check_equal(t, weights, again, sizeof weights, "trained again with the same seed");
    /* Those held out are not looked at while learning: with others in their place, one epoch gives the same. */
    const crl_softmax_options one = { .epochs = 1 };
    crl_softmax_train(c.vectors[0], c.classes_of, held_out, N, SIZE, CLASSES, &one, weights, bias, &err);
    for (int i = 0; i < N; i += 5) c.vectors[i][3] = 1000;
    crl_softmax_train(c.vectors[0], c.classes_of, held_out, N, SIZE, CLASSES, &one, again, bias_again, &err);
    check_equal(t, weights, again, sizeof weights, "learnt from vectors held out");
}

/* One step from zeros, of all vectors together, by the formula: rate * mean of (target - 1 / classes) x, where x is centred and scaled. */
void check_softmax_gradient(check *t, unsigned cpu)
{
    (void)cpu;
    cloud c;
    float weights[CLASSES * SIZE], bias[CLASSES];
    crl_error err;
    scatter(t, &c, 1);
    const crl_softmax_options o = { .epochs = 1, .batch = N, .rate = 0.5f, .decay = -1 };
    crl_softmax_train(c.vectors[0], c.classes_of, NULL, N, SIZE, CLASSES, &o, weights, bias, &err);
    double mean[SIZE] = { 0 }, variance = 0;
    for (int i = 0; i < SIZE; i++) {
        double squares = 0;
        for (int n = 0; n < N; n++) mean[i] += (double)c.vectors[n][i] / N;
        for (int n = 0; n < N; n++) squares += ((double)c.vectors[n][i] - mean[i]) * ((double)c.vectors[n][i] - mean[i]) / N;
        variance += squares / SIZE;
    }
    for (int k = 0; k < CLASSES; k++)
        for (int i = 0; i < SIZE; i++) {
            double step = 0;
            for (int n = 0; n < N; n++) step += ((c.classes_of[n] == k) - 1.0 / CLASSES) * ((double)c.vectors[n][i] - mean[i]) / sqrt(variance) / N;
            const double want = 0.5 * step / sqrt(variance);
            if (!check_that(t, fabs((double)weights[k * SIZE + i] - want) < 1e-4, "weight %d of class %d: %g, not %g",
                            i, k, (double)weights[k * SIZE + i], want))
                return;
        }
}

void check_softmax_refused(check *t, unsigned cpu)
{
    (void)cpu;
    float vectors[2 * 3] = { 1 }, weights[2 * 3], bias[2];
    const int32_t classes_of[] = { 0, 1 };
    const bool all[] = { true, true };
    crl_error err;
    const struct {
        crl_softmax_options o;
        const char *says;
    } bad[] = { { { .rate = -1 }, "rate -1" }, { { .rate = NAN }, "rate" }, { { .epochs = -1 }, "epochs -1" }, { { .batch = -5 }, "batch -5" },
                { { .rate = 10, .decay = 0.2f }, "decay 0.2" }, { { .reserved = { 1 } }, "crl_softmax_options" } };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        check_that(t,
                   crl_softmax_train(vectors, classes_of, NULL, 2, 3, 2, &bad[i].o, weights, bias, &err) ==
                           CRL_ERR_ARGUMENT &&
                       strstr(err.text, bad[i].says),
                   "%zu: %s", i, err.text);
    check_that(t,
               crl_softmax_train(vectors, classes_of, NULL, 2, 3, 1, NULL, weights, bias, &err) == CRL_ERR_ARGUMENT &&
                   strstr(err.text, "1 classes"),
               "%s", err.text);
    check_that(t,
               crl_softmax_train(vectors, classes_of, all, 2, 3, 2, NULL, weights, bias, &err) == CRL_ERR_ARGUMENT &&
                   strstr(err.text, "no vectors"),
               "%s", err.text);
    const int32_t past[] = { 0, 2 }, before[] = { -1, 0 };
    check_that(t,
               crl_softmax_train(vectors, past, NULL, 2, 3, 2, NULL, weights, bias, &err) == CRL_ERR_ARGUMENT &&
                   strstr(err.text, "vector 1 is of class 2"),
               "%s", err.text);
    check_that(t,
               crl_softmax_train(vectors, before, NULL, 2, 3, 2, NULL, weights, bias, &err) == CRL_ERR_ARGUMENT &&
                   strstr(err.text, "class -1"),
               "%s", err.text);
    /* From their mean the first is farther than a float can say: nothing good comes of it. */
    const float steep[] = { 3e38f, 0, 0, -3e38f, 1, 0, -3e38f, 2, 0, -3e38f, 3, 0 };
    const int32_t four[] = { 0, 0, 1, 1 };
    check_that(t,
               crl_softmax_train(steep, four, NULL, 4, 3, 2, NULL, weights, bias, &err) == CRL_ERR_ARGUMENT &&
                   strstr(err.text, "a smaller rate"),
               "%s", err.text);
    vectors[4] = NAN;
    check_that(t,
               crl_softmax_train(vectors, classes_of, NULL, 2, 3, 2, NULL, weights, bias, &err) == CRL_ERR_ARGUMENT &&
                   strstr(err.text, "number 1 of vector 1 is nan"),
               "%s", err.text);
}
