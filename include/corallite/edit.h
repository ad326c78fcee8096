/* SPDX-License-Identifier: Apache-2.0 */
/* Changes to models that do not change what they compute, or change no more than they say: each takes a model and gives the bytes of
 * another one, an ordinary .tflite file.
 *
 * Owner   `*bytes` is the caller's, for free(); NULL after a failure. Models are not needed after the call.
 * Errors  CRL_ERR_ARGUMENT     what is asked for makes no sense for the model; the text says what would
 *         CRL_ERR_UNSUPPORTED  the model is past what can be changed: several subgraphs, a layer that is not understood
 *         CRL_ERR_MEMORY
 * Equal   whoever writes the result compares it with the model by running both, as the program does: rules can be wrong, runs cannot.
 *
 * Threads  A model is only read: any number of threads may change it at once, each into a result of its own. */
#ifndef CORALLITE_EDIT_H
#define CORALLITE_EDIT_H

#include <corallite/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Inputs get n where they have the batch, for good: what was open there is open no more. */
CRL_API crl_status crl_edit_batch(const crl_model *model, int32_t n, uint8_t **bytes, size_t *size, crl_error *err);

/**
 * Inputs of floats that are quantised first thing become what they are quantised to, and outputs that are made floats
 * last become what they are made from. An input that is cast to floats and then quantised with a scale of 1 is
 * quantised at once. `*changed` is how many inputs and outputs that were; 0 is an error.
 */
CRL_API crl_status crl_edit_8bit_io(const crl_model *model, int32_t *changed, uint8_t **bytes, size_t *size, crl_error *err);

/* TFLite_Detection_PostProcess is left out: boxes and scores, before any is chosen, are what comes out. */
CRL_API crl_status crl_edit_drop_postprocess(const crl_model *model, uint8_t **bytes, size_t *size, crl_error *err);

/* An option of TFLite_Detection_PostProcess, and its new value. */
typedef struct crl_edit_option {
    const char *name; /* "max_detections", "nms_score_threshold", "nms_iou_threshold", "use_regular_nms", ... */
    double value;
    uintptr_t reserved[2]; /* 0 */
} crl_edit_option;

/* Options that are not named stay as they are. */
CRL_API crl_status crl_edit_postprocess(const crl_model *model, const crl_edit_option *options, int32_t n, uint8_t **bytes, size_t *size,
                                        crl_error *err);

/**
 * Keeps some classes of a classifier, or of a detector that ends in TFLite_Detection_PostProcess, in the order given:
 * rows of the last layers go, what is before stays. A detector's classes count from 0 without the background, as its
 * results do. `*scores` gets the name of the tensor that has the scores before they are brought to a sum of 1, or
 * chosen from: those of the classes that are kept are what they were. It lives as long as the model. Labels inside the
 * model are left out.
 */
CRL_API crl_status crl_edit_keep_classes(const crl_model *model, const int32_t *classes, int32_t n, const char **scores, uint8_t **bytes,
                                         size_t *size, crl_error *err);

/**
 * Cuts a model at tensors that operators compute: in front of them (what computes them is kept, and they come out), or behind (they
 * go in). Outputs that are ready before the cut come out of the first part, behind those tensors. The second part refuses a cut that does
 * not part the two: where it would read more of the first, the text says what.
 */
typedef enum crl_edit_part { CRL_EDIT_HEAD = 0, CRL_EDIT_TAIL = 1 } crl_edit_part;
CRL_API crl_status crl_edit_split(const crl_model *model, const int32_t *tensors, int32_t n, crl_edit_part part, uint8_t **bytes,
                                  size_t *size, crl_error *err);

/**
 * Puts one model behind another: an input of the second becomes the output of the first that has its name, else the next that is free;
 * type, shape and scale have to agree. Inputs without an output stay inputs, outputs that nothing takes stay outputs, behind those of the second.
 */
CRL_API crl_status crl_edit_join(const crl_model *first, const crl_model *second, uint8_t **bytes, size_t *size, crl_error *err);

#ifdef __cplusplus
}
#endif
#endif
