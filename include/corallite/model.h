/* SPDX-License-Identifier: Apache-2.0 */
/* A .tflite file, opened, verified and laid out to be read.
 *
 *   file -> verify every offset, size, index -> crl_model: subgraphs of tensors and operators
 *
 * A crl_model borrows constant data, names and custom options from the file's bytes; nothing is copied that is large.
 *
 * Threads  A crl_model, and all that it leads to, is read-only after opening: any number of threads and engines may share
 *          it. One of them closes it, when the others are done. */
#ifndef CORALLITE_MODEL_H
#define CORALLITE_MODEL_H

#include <corallite/anchors.h>
#include <corallite/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One dimension of a sparse constant, or of its blocks, in the order in which it is walked. */
typedef struct crl_sparse_level {
    int32_t size;            /* of the dimension */
    size_t step;             /* elements of the tensor from one index to the next */
    const int32_t *segments; /* where the indices below each place of the level before begin and end; NULL: all are there */
    const int32_t *indices;
    int32_t n_segments, n_indices;
    uintptr_t reserved[2]; /* 0 */
} crl_sparse_level;

/* Where the values of a sparse constant lie. */
typedef struct crl_sparsity {
    const int32_t *order; /* [n_levels] which dimension; from the tensor's rank on those of blocks */
    const crl_sparse_level *levels;
    int32_t n_levels;
    const int32_t *block; /* [n_block] which dimension of the tensor a block's divides */
    int32_t n_block;
} crl_sparsity;

/* A tensor as the file describes it. */
typedef struct crl_tensor_def {
    const char *name;
    crl_type type;
    crl_shape shape;
    crl_shape shape_signature; /* as `shape`, -1 where the dimension is open; equal to it when absent */
    crl_quant quant;
    const void *data; /* constant data, NULL when there is none */
    size_t bytes;     /* of data */
    int32_t buffer;   /* index into the file's buffers, 0: none */
    bool is_variable;
    const crl_sparsity *sparsity; /* data are the values that are not left out, in the order of the levels; NULL: all */
    uintptr_t reserved[4];        /* 0 */
} crl_tensor_def;

typedef enum crl_option_kind {
    CRL_OPTION_BOOL,
    CRL_OPTION_INT,
    CRL_OPTION_FLOAT,
    CRL_OPTION_INTS,
    CRL_OPTION_TEXT,
    CRL_OPTION_FLOATS
} crl_option_kind;

/* One field of an operator's options, the schema's default where the file leaves it out. */
typedef struct crl_option {
    const char *name; /* the schema's: "stride_w" */
    crl_option_kind kind;
    int64_t i;         /* BOOL, INT and enums */
    float f;           /* FLOAT */
    const int32_t *v;  /* INTS: [n], owned by the model */
    int32_t n;         /* of INTS and FLOATS */
    const char *text;  /* TEXT; of an INT the name of the enum's value ("SAME"), NULL when it is no enum */
    const float *fv;   /* FLOATS: [n], owned by the model */
    uintptr_t reserved[2]; /* 0 */
} crl_option;

typedef struct crl_operator {
    const char *name;   /* "CONV_2D"; a custom operator's own name */
    int32_t code;       /* BuiltinOperator of the schema; CRL_CUSTOM for custom ones */
    int32_t version;
    const int32_t *inputs; /* tensor indices, -1: optional input left out */
    int32_t n_inputs;
    const int32_t *outputs;
    int32_t n_outputs;
    const int32_t *intermediates; /* scratch tensors of LSTMs */
    int32_t n_intermediates;
    const crl_option *options; /* every field that the schema knows for this operator */
    int32_t n_options;
    const uint8_t *custom_options; /* a flexbuffer, for custom operators */
    size_t custom_bytes;
    const struct crl_chip_constants *chip; /* the library's own: what a package computes it with that the model follows; NULL: what scales give */
    uintptr_t reserved[3]; /* 0 */
} crl_operator;

enum { CRL_CUSTOM = 32 };

typedef struct crl_subgraph {
    const char *name;
    const crl_tensor_def *tensors;
    int32_t n_tensors;
    const crl_operator *operators; /* in the order of execution; each reads only what is written before */
    int32_t n_operators;
    const int32_t *inputs; /* tensor indices */
    int32_t n_inputs;
    const int32_t *outputs;
    int32_t n_outputs;
    uintptr_t reserved[4]; /* 0 */
} crl_subgraph;

/* Named inputs and outputs of a subgraph. */
typedef struct crl_signature {
    const char *key; /* "serving_default" */
    int32_t subgraph;
    const char *const *input_names;
    const int32_t *inputs; /* tensor indices */
    int32_t n_inputs;
    const char *const *output_names;
    const int32_t *outputs;
    int32_t n_outputs;
    uintptr_t reserved[4]; /* 0 */
} crl_signature;

typedef struct crl_metadata {
    const char *name;
    const uint8_t *data;
    size_t bytes;
    uintptr_t reserved[1]; /* 0 */
} crl_metadata;

/* All fields are read-only. The library makes it; later versions may add fields at the end. */
typedef struct crl_model {
    int32_t version; /* of the schema: 3 */
    const char *description;
    const crl_subgraph *subgraphs; /* [0] is the main one */
    int32_t n_subgraphs;
    const crl_signature *signatures;
    int32_t n_signatures;
    const crl_metadata *metadata;
    int32_t n_metadata;
    int32_t n_buffers;
    const uint8_t *bytes; /* the whole file */
    size_t size;
    const bool *on_chip; /* crl_engine_choose_model() put it in the place of a compiled model: whether the chip has operator i of subgraph 0
                            there, [n_operators]; NULL elsewhere */
} crl_model;

/**
 * Opens a model file: reads it, verifies it, lays it out.
 *
 * Owner   `*out` is the caller's, to be given to crl_model_close(); NULL after a failure.
 *         Of a file up to 32 MiB the model has a copy. A larger one is mapped: while the model is open it must not be
 *         shortened or written to, which would change weights that were verified, or end the process (SIGBUS). Replacing
 *         it by another file of that name (rename) is no harm.
 * Errors  CRL_ERR_IO          the file cannot be read; the text names it and the reason
 *         CRL_ERR_FORMAT      it is no TensorFlow Lite model, or a broken one; the text names the field
 *         CRL_ERR_UNSUPPORTED sound, but past a limit (schema version, rank)
 *         CRL_ERR_MEMORY
 */
CRL_API crl_status crl_model_open_file(crl_model **out, const char *path, crl_error *err);

/* The same for bytes in memory, which are borrowed: they must outlive the model and stay unchanged. */
CRL_API crl_status crl_model_open(crl_model **out, const void *bytes, size_t size, crl_error *err);

/* Accepts NULL. Engines made from the model must be gone. */
CRL_API void crl_model_close(crl_model *model);

/* Whether parts of it were compiled for an Edge TPU (operators "edgetpu-custom-op"), which no CPU runs. */
CRL_API bool crl_model_is_compiled(const crl_model *model);

/**
 * Opens the twin of a compiled model: the model that it was compiled from, which computes the same without an Edge TPU.
 *
 * That is the file `named`; where this is NULL or "", what $CRL_CPU_TWIN names; and where that is not set or does not fit, the one
 * beside `path`, the compiled model's file: NAME.tflite of NAME_edgetpu.tflite, and cpu_model.tflite of edgetpu_model.tflite. `path`
 * NULL: it came from no file. Number, types, shapes and quantisation of inputs and outputs have to be the same, and the labels
 * where both have some. Where the package was made with other scales, and has the twin's weights with these, the twin has the package's.
 *
 * Owner   `*out` is the caller's, as of crl_model_open_file(), and does not need `compiled`. `*file`, its name, is the caller's, for
 *         free(); `file` may be NULL. Both are NULL after a failure.
 * Errors  CRL_ERR_DEVICE    there is none: this model needs an Edge TPU; the text says what to do
 *         CRL_ERR_ARGUMENT  what there is was not made into this model; the text says how that is seen
 *         others            as of crl_model_open_file(), CRL_ERR_MEMORY
 */
CRL_API crl_status crl_model_open_twin(crl_model **out, char **file, const crl_model *compiled, const char *path,
                                       const char *named, crl_error *err);

/* The option called `name`, or NULL when the operator's schema has no such field. */
CRL_API const crl_option *crl_operator_option(const crl_operator *op, const char *name);

/**
 * The label file that the model's metadata names for an output of the main subgraph; `output` -1: for the first
 * one that has any. Metadata name files by what they are for, so this finds axis labels (of a classifier) and
 * value labels (of a detector's classes). Where they name none, and output is -1, "metadata.json" in that archive
 * counts, if it has names: Ultralytics exports that.
 *
 * Owner   `*name` lives as long as the model. `*text` is the caller's, for free(); a zero follows its `*bytes` bytes.
 *         All are NULL or 0 when the model has no label file, which is no error, and after a failure.
 * Errors  CRL_ERR_FORMAT, CRL_ERR_UNSUPPORTED  the file cannot be read out of the archive behind the model
 *         CRL_ERR_MEMORY
 */
CRL_API crl_status crl_model_label_file(const crl_model *model, int32_t output, const char **name, char **text,
                                        size_t *bytes, crl_error *err);

/* How many classes a detector tells apart, as its operator TFLite_Detection_PostProcess says; 0: it has none, or does
 * not say. */
CRL_API int32_t crl_model_detector_classes(const crl_model *model);

/* The anchors that the model's metadata have for boxes which are not chosen yet. They live as long as the model. false: there
 * are none. */
CRL_API bool crl_model_anchors(const crl_model *model, crl_anchors *out);

/* How the metadata want input i of the main subgraph normalised: (pixel - mean[c]) / std[c], [n] each, n == 1: the
 * same for all channels. They live as long as the model. false: the model does not say. */
CRL_API bool crl_model_input_norm(const crl_model *model, int32_t input, const float **mean, const float **std,
                                  int32_t *n);

/* The least score of output i of the main subgraph that means something, as the metadata say (score thresholding). A picture
 * where none reaches it is of no class that the model knows. false: the model does not say. */
CRL_API bool crl_model_score_threshold(const crl_model *model, int32_t output, float *threshold);

#ifdef __cplusplus
}
#endif
#endif
