/* SPDX-License-Identifier: Apache-2.0 */
/* A model with its labels and options: a picture goes in, what is in it comes out.
 *
 *   crl_session_open_file -> crl_session_run, crl_session_run_file -> the fields of crl_results
 *                                                                   -> crl_session_json, crl_session_draw
 *
 * The session finds the input that a picture goes into, takes mean, std and labels out of the model where none are given,
 * tells by the outputs what the model is for, and reads them.
 *
 * Threads  A crl_session serves one thread at a time, with all that it hands out. Sessions run at once in threads of their
 *          own, of one model and on one pool (crl_engine_options.pool), too. After a fork() it is with sessions as with engines
 *          (engine.h).
 * Memory   Once it has run on a picture of one size, a session allocates nothing for the next one of that size, nor for its
 *          JSON and drawing it, except where the model itself does (engine.h), for text that is longer than any before, for
 *          labels that are drawn for the first time, and for files. */
#ifndef CORALLITE_SESSION_H
#define CORALLITE_SESSION_H

#include <corallite/engine.h>
#include <corallite/notice.h>
#include <corallite/vision.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- options ----------------------------------------------------------------------------------- */

/* Zeroes are the defaults. What the pointers lead to is not needed after opening. */
typedef struct crl_session_options {
    crl_engine_options engine; /* its `notice` is told of the session, too, as long as that lives */
    const char *name; /* what messages call the model; NULL: its file, and nothing where there is none */

    crl_purpose purpose; /* UNKNOWN: what the outputs say */
    bool choose_later;   /* the purpose is none of the above: crl_session_choose() says it before the first run */

    const char *labels;      /* a file of labels, see crl_labels_load(); NULL: the text below, else those in the model */
    const void *labels_text; /* the same in memory, NULL: none */
    size_t labels_bytes;     /* of that text */

    crl_resample resample;
    bool keep_aspect_ratio; /* as its makers do where it is a YOLO detector, see `fit`; else shrunk into the corner */
    bool exif_orientation;  /* of files: turn the picture as the camera was held */
    /* Pixels become (pixel - mean) / std: [n_mean] and [n_std] values, 1 for all channels or one for each. 0: the model's own,
     * else what its makers use: 127.5 and 127.5, but 0 and 255 for YOLO detectors, 0 and 1 for YOLOX. Given, they also count
     * for 8-bit inputs, which take pixels as they are otherwise: all but those of YOLO detectors whose range is wider than
     * -1 to 1. std is not 0. */
    int32_t n_mean, n_std;
    float mean[3], std[3];

    int32_t top_k;      /* results at most; 0: 3 classes, 10 detections or poses */
    /* `threshold` counts; else detections are kept from 0.5 on, poses from 0.25, and classes from what the model's metadata say,
     * see crl_model_score_threshold(), or all of them where those say nothing */
    bool has_threshold;
    float threshold;    /* a result is kept when its score is at least that */

    /* How a detector is read. Anchors are the model's own where none are given, `labels` is the number of the labels above
     * where it is 0. With a head, outputs are a detector's whatever they look like. */
    crl_detector_options detector;

    /* AUTO: YOLOv5 and v8 to v26 in the middle of grey 114, YOLOX in the corner of it and blue first, as they are trained; all
     * others stretched, or with keep_aspect_ratio in the corner of black. */
    crl_fit fit;
    crl_channel_order order;
    bool has_padding; /* `padding` counts */
    int32_t padding;  /* the pixel where there is no picture, 0 to 255 */

    uintptr_t reserved[16]; /* 0 */
} crl_session_options;

/* ---- opening ----------------------------------------------------------------------------------- */

typedef struct crl_session crl_session;

/**
 * Opens a model file and makes it ready for pictures.
 *
 * Owner   `*out` is the caller's, for crl_session_close(); NULL after a failure. `options` may be NULL.
 * A model that is compiled for an Edge TPU runs there, with its twin (crl_model_open_twin) to stand in, or where none is there by the
 * twin alone, of which `notice` is told (crl_engine_choose_model).
 * Errors  CRL_ERR_ARGUMENT    an option is out of range, or a reserved word not 0
 *         CRL_ERR_UNSUPPORTED no input takes a picture; the outputs are of another purpose than asked for, or of more than
 *                             one, or of none; the text says which
 *         others              as of crl_model_open_file(), crl_engine_new(), crl_labels_load()
 */
CRL_API crl_status crl_session_open_file(crl_session **out, const char *path, const crl_session_options *options,
                                         crl_error *err);
/* The same for a model that is open: it is borrowed, and must outlive the session. */
CRL_API crl_status crl_session_open(crl_session **out, const crl_model *model, const crl_session_options *options,
                                    crl_error *err);
CRL_API void crl_session_close(crl_session *session); /* accepts NULL */

/**
 * Gives an open session other options: another threshold while a camera runs, other labels. What was prepared stays, and so
 * `options->engine` is not looked at; without a new name the old one stays.
 *
 * Errors  as of crl_session_open(); after one, all is as it was before. Results of the last run are gone in any case.
 */
CRL_API crl_status crl_session_configure(crl_session *session, const crl_session_options *options, crl_error *err);

/* Which input of a model a picture goes into: the first that one fits. (The others, such as the state of a recurrent
 * model, are zeros in every run.) Errors: UNSUPPORTED; the text says what is wrong with the first. */
CRL_API crl_status crl_session_find_input(const crl_model *model, int32_t *input, crl_error *err);

/* What the outputs say that the model is for. Where their shapes are known only after a run, those of the last one count;
 * before the first, the model is run on zeros. Errors: as of crl_engine_run(). */
CRL_API crl_status crl_session_recognise(crl_session *session, crl_recognition *out, crl_error *err);
/* Says how the outputs are to be read from now on. Errors: UNSUPPORTED where they cannot be; the text says what they are.
 * Where shapes are known only after a run, that is what says it. RAW fits all models: results are empty, and crl_engine_output() has the
 * outputs. */
CRL_API crl_status crl_session_choose(crl_session *session, crl_purpose purpose, crl_error *err);

/* The parts of a session; they live as long as it does. */
CRL_API const crl_model *crl_session_model(const crl_session *session);
CRL_API crl_engine *crl_session_engine(crl_session *session);             /* to describe and to profile */
CRL_API const crl_labels *crl_session_labels(const crl_session *session); /* NULL: there are none */
/* The name of a class, NULL when it has none. */
CRL_API const char *crl_session_label(const crl_session *session, int32_t index);

/* ---- running ----------------------------------------------------------------------------------- */

/* What a mask has of a class. */
typedef struct crl_segment {
    int32_t index;
    uint64_t pixels;
} crl_segment;

enum { CRL_EMBEDDING_VALUES = 1 << 24 }; /* at most: more numbers are no vector any more */

/* What was found in a picture. One kind of results has a number other than 0: that of `purpose`. The library makes it;
 * later versions may add fields at the end. */
typedef struct crl_results {
    crl_purpose purpose;
    crl_letterbox frame; /* where the picture lies in the input */
    crl_image *picture;  /* of crl_session_run_file(): in RGB, and may be drawn into; else NULL */

    const crl_class *classes; /* best first */
    int32_t n_classes;
    const crl_detection *detections; /* best first, in pixels of the picture */
    int32_t n_detections;
    const crl_pose *poses; /* best first, in pixels of the picture */
    int32_t n_poses;
    const crl_segment *segments; /* the classes in the mask, the largest first */
    int32_t n_segments;
    const crl_image *mask; /* the class of every pixel of the picture, else NULL */
    const float *embedding;
    size_t n_embedding;

    uint64_t input_ns, run_ns, read_ns; /* from picture to input, the model, from its outputs to these results */
} crl_results;

/**
 * Runs the model on a picture, or on a frame of a camera or decoder, which goes into the input in one pass. No run knows of
 * the one before: variables are set back.
 *
 * Owner   `image`, `format` and `frame` are borrowed during the call. `*out` and all that it leads to are the session's, until
 *         the next run; NULL after a failure.
 * Errors  CRL_ERR_ARGUMENT     no picture, or a format, planes or strides that no frame has
 *         CRL_ERR_UNSUPPORTED  it is past the limits, or outputs whose shapes are known only now are of another kind
 *         CRL_ERR_STATE        nobody has chosen (options.choose_later)
 *         others               as of crl_engine_run(), CRL_ERR_MEMORY
 */
CRL_API crl_status crl_session_run(crl_session *session, const crl_image *image, const crl_results **out, crl_error *err);
CRL_API crl_status crl_session_run_frame(crl_session *session, const crl_frame_format *format, const crl_frame *frame,
                                         const crl_results **out, crl_error *err);
/* The same for a part of a frame, in whole pixels, as if that was all that there is: results count from its corner, and to
 * draw them is to draw into a view of it. A part of another place or size is prepared for anew. Errors: also CRL_ERR_ARGUMENT,
 * where there is no such part. */
CRL_API crl_status crl_session_run_part(crl_session *session, const crl_frame_format *format, const crl_frame *frame,
                                        const crl_box *part, const crl_results **out, crl_error *err);
/* The same for a file. Errors: also those of crl_image_load(). */
CRL_API crl_status crl_session_run_file(crl_session *session, const char *path, const crl_results **out, crl_error *err);

/**
 * The results of the last run as JSON, on one line: {"image": NAME, "results": [...]} and what else `corallite --json` has
 * for a picture. Without the first member where `image` is NULL.
 *
 * Owner   `*text`, which ends in a zero after `*bytes` bytes, is the session's, until the next call. `bytes` may be NULL.
 * Errors  CRL_ERR_STATE  there was no run yet, or the last one failed; CRL_ERR_MEMORY
 */
CRL_API crl_status crl_session_json(crl_session *session, const char *image, const char **text, size_t *bytes,
                                    crl_error *err);

/* Draws the results of the last run into an RGB picture, as a rule the one that they are of: boxes, skeletons, or classes of
 * pixels with a legend; classes and vectors leave it as it is. Errors: STATE as above, those of the functions that draw. */
CRL_API crl_status crl_session_draw(crl_session *session, crl_image *image, crl_error *err);

#ifdef __cplusplus
}
#endif
#endif
