/* SPDX-License-Identifier: Apache-2.0 */
/* New classes for a model that is trained already.
 *
 *   a classifier -> crl_extractor_new: pictures to vectors -> crl_imprint or crl_softmax_train: vectors to a last layer
 *                                                          -> crl_extractor_write: an ordinary .tflite classifier
 *
 * All of a model but its last layer says what a picture looks like; which class that is, the last layer says, and that alone is
 * made here, from few pictures and without gradients through the rest.
 *
 * Sources  Qi, Brown and Lowe, "Low-Shot Learning with Imprinted Weights", 2018
 *
 * Threads  A crl_extractor is read-only once it is made: any number of threads and sessions may use it. The functions may be
 *          called at once. */
#ifndef CORALLITE_LEARN_H
#define CORALLITE_LEARN_H

#include <corallite/model.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { CRL_MAX_CLASSES = 65536, CRL_MAX_EMBEDDING = 65536 };

/* ---- the model without its last layer ---------------------------------------------------------- */

typedef struct crl_extractor crl_extractor;

/**
 * Cuts a model behind the vector that its last layer reads.
 *
 * `tensor` names the vector; NULL: what the last fully connected layer or 1x1 convolution reads, whatever changes of form,
 * softmax or logistic follow that; where the model ends in something else, a pooling or a normalisation, its output is the
 * vector. Its shape is [1,n] or [1,1,1,n], its type float32, or uint8 or int8 with a scale. What computes it may be anything,
 * a compiled operator of an Edge TPU included.
 *
 * Owner   `*out` is the caller's, for crl_extractor_free(); NULL after a failure. `model` is not needed after the call.
 * Errors  CRL_ERR_ARGUMENT    there is no tensor of that name; the text names one that is near the end
 *         CRL_ERR_UNSUPPORTED the tensor is no such vector, or the model has more than one output and `tensor` is NULL
 *         CRL_ERR_MEMORY
 */
CRL_API crl_status crl_extractor_new(crl_extractor **out, const crl_model *model, const char *tensor, crl_error *err);
CRL_API void crl_extractor_free(crl_extractor *extractor); /* accepts NULL */

/* The model that is left: one output, the vector; how pixels are normalised, it says itself. It lives as long as the extractor. */
CRL_API const crl_model *crl_extractor_model(const crl_extractor *extractor);
/* Numbers of the vector. */
CRL_API int32_t crl_extractor_size(const crl_extractor *extractor);
/* The rows of the layer that was cut off, one for each of `*classes`, [classes][size], in real numbers; NULL and 0 where there
 * was none that reads the vector, or its weights are not constant. They live as long as the extractor. */
CRL_API const float *crl_extractor_rows(const crl_extractor *extractor, int32_t *classes);

/* ---- a last layer ------------------------------------------------------------------------------- */

/* logit[k] = sum over i of weights[k][i] * x[i] + bias[k], where x is the vector, or the vector divided by its length. */
typedef struct crl_last_layer {
    int32_t classes, size;
    const float *weights; /* [classes][size] */
    const float *bias;    /* [classes]; NULL: zeros */
    bool normalise;       /* x has length 1 */
    float low, high;      /* the logits lie between these; both 0: found from the weights, which wastes part of 8 bits */
    uintptr_t reserved[8]; /* 0 */
} crl_last_layer;

/**
 * Weights that put each class where its vectors are: the mean of the vectors of length 1, brought to length 1 again.
 *
 * `classes_of[i]` is the class of vector i; vectors without a length, or of no class, are left out. `weights` is [classes][size]; the rows of classes
 * without vectors become zeros. With `scale`, a cosine of 1 gives a logit of that much.
 */
CRL_API void crl_imprint(const float *vectors, const int32_t *classes_of, int32_t n, int32_t size, int32_t classes, float scale,
                         float *weights);

/* The scale at which crl_imprint() gives each vector, left out of its class in its turn, its class with the most probability: from 4 to
 * 100. 20 where no class has two vectors. */
CRL_API float crl_imprint_scale(const float *vectors, const int32_t *classes_of, int32_t n, int32_t size, int32_t classes);

/* How a softmax regression is trained. Zeroes are the defaults. */
typedef struct crl_softmax_options {
    int32_t epochs;  /* times that all vectors are seen, at most; 0: 200 */
    int32_t batch;   /* vectors of a step; 0: 32 */
    float rate;      /* of learning; 0: 0.05, for vectors that were brought to mean 0 and variance 1 */
    float decay;     /* of weights, in each step; 0: 0.0005; less than 0: none */
    int32_t patience; /* epochs without a better loss on the vectors held out, after which it ends; 0: 20 */
    uint64_t seed;   /* of the order of the vectors */
    bool (*go_on)(void *user, int32_t epoch, float loss, float held_out_loss); /* called after each epoch; false ends it. NULL */
    void *user;
    uintptr_t reserved[8]; /* 0 */
} crl_softmax_options;

/**
 * Trains weights [classes][size] and bias [classes] by stochastic gradient descent on the cross entropy, from zeros. The same
 * numbers and options give the same result.
 *
 * `held_out[i]`, where it is given, says that vector i is not learnt from; the weights that did best on those are kept.
 *
 * Errors  CRL_ERR_ARGUMENT no vectors to learn from, a number that is not finite, fewer than two classes or one that is not among
 *                          them, an option out of range, a rate so high that training leads nowhere; CRL_ERR_MEMORY
 */
CRL_API crl_status crl_softmax_train(const float *vectors, const int32_t *classes_of, const bool *held_out, int32_t n, int32_t size,
                                     int32_t classes, const crl_softmax_options *options, float *weights, float *bias,
                                     crl_error *err);

/* The logits of a layer for one vector, in real numbers: `logits` is [classes]. */
CRL_API void crl_last_layer_run(const crl_last_layer *layer, const float *vector, float *logits);

/* The least probability that means something. */
typedef struct crl_unknown {
    float threshold; /* 0: none is found */
    float known;     /* the share of vectors that are recognised which reach it, */
    float strangers; /* and of those of classes that the layer does not know */
    uintptr_t reserved[4]; /* 0 */
} crl_unknown;

/**
 * Where the probability of what is known parts best from that of what is not, by vectors that were, if possible, not learnt from. As
 * strangers each class serves in its turn: the layer without that class's row says what it makes of its vectors. At least 95 of 100
 * that are recognised stay so. Fewer than 3 classes say nothing of strangers, and fewer than 20 that are recognised nothing at
 * all.
 *
 * Errors  CRL_ERR_MEMORY
 */
CRL_API crl_status crl_find_unknown(crl_unknown *out, const crl_last_layer *layer, const float *vectors, const int32_t *classes_of,
                                    int32_t n, crl_error *err);

/* What else goes into the file. */
typedef struct crl_classifier_info {
    const char *name, *description; /* NULL: none */
    const char *const *labels;      /* [classes]; NULL: none. Without line breaks */
    float threshold; /* the least probability that means something, see crl_model_score_threshold(); 0: any does */
    uintptr_t reserved[8]; /* 0 */
} crl_classifier_info;

/**
 * The extractor with a layer behind it, and a softmax, as a .tflite file: any runtime runs it. Numbers have the type of the
 * vector; weights of 8 bits have one scale. How pixels are normalised is carried over from the model that was cut, labels are
 * packed in.
 *
 * Owner   `*bytes` is the caller's, for free(); NULL after a failure. `info` may be NULL.
 * Errors  CRL_ERR_ARGUMENT the layer does not fit, has no class, or numbers that are not finite; CRL_ERR_MEMORY
 */
CRL_API crl_status crl_extractor_write(const crl_extractor *extractor, const crl_last_layer *layer,
                                       const crl_classifier_info *info, uint8_t **bytes, size_t *size, crl_error *err);

/* ---- models of Coral's learning engines --------------------------------------------------------- */

/**
 * The model with other classes, in the form that Coral's ImprintingEngine reads and writes:
 *
 *   vector [1,1,1,n] -> L2_NORMALIZATION (-> QUANTIZE) -> CONV_2D 1x1 (-> MUL by a number) -> RESHAPE -> SOFTMAX
 *
 * A model that ends so keeps the scale of its rows, the number it multiplies by, and all that comes before; its biases become zeros,
 * and the range of its logits -1 to 1 times that number. A model that ends in the vector gets the rest behind it, with rows in steps
 * of 1/128, and a MUL where `factor` is not 0: without one the probabilities of few classes are hardly apart.
 *
 * `layer` has the rows, of length 1, and how many of which size; its bias and range are not looked at. `description` is that of the
 * model, in which the engines note what they have learnt from; NULL: as it was.
 *
 * Owner   `*bytes` is the caller's, for free(); NULL after a failure
 * Errors  CRL_ERR_ARGUMENT    no class, rows of another size than the vector, numbers that are not finite, a factor that is negative
 *         CRL_ERR_UNSUPPORTED the model ends otherwise; the text says in what
 *         CRL_ERR_MEMORY
 */
CRL_API crl_status crl_imprinted_write(const crl_model *model, const crl_last_layer *layer, float factor, const char *description,
                                        uint8_t **bytes, size_t *size, crl_error *err);

#ifdef __cplusplus
}
#endif
#endif
