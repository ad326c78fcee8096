/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the session layer share.
 *
 *   session.c (open, run, close) -> input.c    which input, how pixels become its values
 *                                   names.c    labels: where they come from, whether they go with the model
 *                                   purpose.c  what the outputs are
 *                                   detector.c what reads them where they are a detector's
 *                                   results.c  reading them
 *                                   json.c, draw.c   telling and showing what was read */
#ifndef CRL_SESSION_SESSION_H
#define CRL_SESSION_SESSION_H

#include <corallite/session.h>

#include "base/notice.h"
#include "vision/resampler.h"
#include "vision/vision.h"

/* What crl_session_configure() changes. */
typedef struct crl_session_setup {
    char *name;        /* NULL: none */
    char *labels_file; /* NULL: labels came from elsewhere */
    crl_labels *labels; /* NULL: none */
    const char *labels_name;
    bool fitted;     /* labels to the number of classes */
    bool warned;     /* about labels that do not go with the model */
    bool unwritable; /* said that a label has letters that no font has */
    uint8_t *looked_at; /* bits of the labels that have been looked at for that; NULL: there are no labels */
    crl_input_options input;
    bool exif_orientation;
    crl_purpose purpose; /* UNKNOWN: not chosen yet */
    int32_t top_k;       /* 0: by the purpose */
    bool has_threshold;
    float threshold;
    crl_detector_options detector;
    int32_t own_classes; /* of a YOLO model whose rows have more behind them, as it says; 0: any other */
    bool turned;         /* which is the angle of a box, not joints */
    crl_anchors anchors;     /* given, or the model's; n == 0: none */
    crl_anchor *own_anchors; /* a copy of those given, else NULL */
    crl_detector *detecting; /* NULL: not made yet */
} crl_session_setup;

enum { CRL_SESSION_WAYS = 8 };

/* From frames of one format, or a part of them, into the input. */
typedef struct crl_session_way {
    crl_converter *converter; /* NULL: not made yet */
    crl_frame_format format;
    crl_box part;
} crl_session_way;

struct crl_session {
    crl_model *owned;      /* NULL: the model is the caller's */
    crl_model *owned_twin; /* NULL: nothing of the session's stands in for a device */
    const crl_model *model;
    crl_engine *engine;
    int32_t input;              /* that a picture goes into */
    const crl_tensor **outputs; /* [n_outputs] of the engine */
    int32_t n_outputs;
    bool has_run;      /* shapes of outputs are known, whatever they are */
    bool own_labels_said; /* that those in the model are broken */
    crl_session_setup setup;
    crl_notifier notifier;

    /* Frames come in a few ways by turns: tiles, cameras that share a session. */
    crl_session_way ways[CRL_SESSION_WAYS];
    int32_t oldest; /* of them, which gives way to another */
    crl_image picture; /* of the file */
    crl_results results;
    bool has_results;
    void *found; /* classes, detections, poses or the vector's values */
    size_t room; /* bytes there */
    crl_image read;           /* the mask in the model's size, */
    crl_image mask;           /* and in the picture's, */
    crl_resampler *stretcher; /* from the one to the other, */
    crl_frame_format stretched; /* which is one like this */
    crl_segment *segments; /* CRL_MASK_CLASSES */
    crl_painter *painter;  /* NULL: nothing has been drawn yet */
    crl_buffer json;
};

/* A copy for crl_free(), NULL without memory. */
char *crl_session_copy(const char *text);
/* Gives notice of the sentence that `err` holds. */
void crl_session_say(const crl_session *s, crl_notice_kind kind, const crl_error *err);
/* Puts the session's name in front of a failure. */
crl_status crl_session_within(const crl_session *s, crl_error *err, crl_status status);

/* input.c */
crl_status crl_session_set_input(crl_session *s, const crl_session_options *o, crl_error *err);
/* `part` of the frame, NULL: all of it. */
crl_status crl_session_fill(crl_session *s, const crl_frame_format *format, const crl_frame *frame, const crl_box *part,
                            crl_error *err);
/* The next frame goes another way into the input. */
void crl_session_forget_frames(crl_session *s);
void crl_session_zero_inputs(crl_session *s, int32_t except); /* -1: none */

/* names.c */
crl_status crl_session_load_labels(crl_session *s, const crl_session_options *o, crl_error *err);
/* Says, once, where labels do not go with so many classes, and makes the best of them: crl_labels_fit(). 0 classes: not
 * known. `every`: the numbers have no gaps, each class is to have a name. */
void crl_session_fit_labels(crl_session *s, int32_t classes, bool every);
/* Says, once, where there are labels, but fewer than classes, of which there may be more than that. */
void crl_session_expect_classes(crl_session *s, int32_t classes);
/* Says, once, where a label that is to be drawn has letters that cannot be. */
void crl_session_expect_letters(crl_session *s, int32_t index);

/* purpose.c */
bool crl_session_is_open(const crl_session *s); /* shapes of outputs are known only after a run */
crl_status crl_session_set_purpose(crl_session *s, const crl_session_options *o, crl_error *err);
/* After a run: where shapes are known only now, whether they can be read as is wanted. */
crl_status crl_session_check_purpose(const crl_session *s, crl_error *err);

/* task.c: what is behind the scores in rows, which no shape tells, but Ultralytics' notes inside the model. */
crl_status crl_session_read_task(crl_session *s, crl_error *err);

/* detector.c: what reads the outputs, made as soon as their shapes are known. */
crl_status crl_session_set_detector(crl_session *s, const crl_session_options *o, crl_error *err);
crl_status crl_session_make_detector(crl_session *s, crl_error *err);

/* results.c: the outputs of the run that was, into s->results. */
crl_status crl_session_read(crl_session *s, crl_error *err);
float crl_session_threshold(const crl_session *s);

#endif
