/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the detector share: raw outputs to detections.
 *
 *   outputs --heads_layout.c--> where boxes, objectness and scores lie
 *           --heads_scan.c----> anchors whose scores, as they are stored, reach the threshold
 *           --heads_score.c---> class and score of each               } a candidate,
 *           --heads_suppress.c> best first, without those that overlap } whose box
 *           --heads_box.c-----> is computed when its turn comes
 *
 * Few anchors reach a threshold. So all that looks at every anchor compares what is stored; numbers are made of the rest
 * alone, those of 8 bits by tables. */
#ifndef CRL_VISION_HEADS_H
#define CRL_VISION_HEADS_H

#include <corallite/vision.h>

enum {
    CRL_HEAD_OUTPUTS = 4,      /* that a detector looks at */
    CRL_HEAD_LEVELS = 5,       /* grids of one model */
    CRL_HEAD_CANDIDATES = 8192, /* that are compared with each other, the best; bounds the time of a frame */
    CRL_HEAD_BINS = 16         /* of a distance that is told as a distribution */
};

/* One part of an output: a row of `channels` numbers for each anchor. Element (anchor, channel) is
 * first + anchor * per_anchor + channel * per_channel; one of the strides is 1 as a rule, which makes it rows or planes. */
typedef struct crl_field {
    int output;
    int32_t channels; /* 0: there is no such part */
    size_t first, per_anchor, per_channel;
} crl_field;

/* Numbers of an output, as crl_value(), by tables where they have 8 bits. */
typedef struct crl_stored_scale {
    crl_type type; /* FLOAT32, UINT8, INT8 or INT16 */
    float scale;
    int32_t zero;
} crl_stored_scale;

/* A grid of cells, with an anchor or more in each. */
typedef struct crl_level {
    int32_t first; /* anchor */
    int32_t rows, columns, stride;
    int32_t each; /* anchors of a cell, side by side */
} crl_level;

/* Where everything lies. */
typedef struct crl_head_layout {
    crl_head head;
    int32_t anchors, classes;
    crl_field box, objectness, scores; /* CHOSEN: scores has one channel, class follows it */
    crl_field angle;                   /* of the box, in radians; no channel: they stand upright */
    crl_level levels[CRL_HEAD_LEVELS];
    int n_levels; /* 0: not needed */
} crl_head_layout;

/* An anchor that reached the threshold. */
typedef struct crl_candidate {
    float score;
    int32_t index; /* of the class */
    int32_t anchor;
} crl_candidate;

/* A box in fractions of the input, not clipped. */
typedef struct crl_kept {
    crl_box box;
    int32_t index;
} crl_kept;

struct crl_detector {
    crl_head_layout layout;
    crl_detector_options options; /* its anchors point to the table below */
    crl_anchors anchors;
    crl_anchor *anchor_table;
    int32_t n_outputs; /* that are looked at */
    crl_shape shapes[CRL_HEAD_OUTPUTS];
    crl_stored_scale stored[CRL_HEAD_OUTPUTS];
    float input_width, input_height;
    float chance[2][256]; /* of a score's byte: as it is, and through the sigmoid */
    float power[256];     /* exp(-scale * i) of the boxes' output: for distributions of 8 bits */
    crl_candidate *candidates; /* [room] */
    crl_kept *kept;            /* [room] */
    int32_t room;
};

/* What one frame is read with. */
typedef struct crl_head_frame {
    const struct crl_detector *detector;
    const void *data[CRL_HEAD_OUTPUTS];
    const crl_letterbox *picture;
    float threshold;
    bool logits;
    bool corners; /* the numbers of a box are left, top, right and bottom */
    float unit_x, unit_y; /* from a number of the box to a fraction of the input; 0: cells of a grid */
    crl_candidate *candidates; /* a heap, the worst on top; sorted later */
    int32_t n_candidates;
} crl_head_frame;

/* ---- heads_layout.c ---- */

/* Errors: UNSUPPORTED, the outputs are not of that head. The text gives their shapes and what is wanted. */
crl_status crl_head_layout_find(crl_head_layout *layout, crl_head head, const crl_tensor *const *outputs, int32_t n_outputs,
                                const crl_tensor *input, const crl_anchors *anchors, crl_error *err);

/* ---- heads_score.c ---- */

/* The number that is stored at element i of an output. */
float crl_head_number(const struct crl_detector *d, const void *data, int output, size_t i);
/* The table of a score's byte; -128..127 count from the middle. */
void crl_head_score_tables(struct crl_detector *d);
/* Whether scores of this frame are before their sigmoid. */
bool crl_head_has_logits(const crl_head_frame *f);
/* Finds all candidates. */
void crl_head_find(crl_head_frame *f);

/* ---- heads_scan.c ---- */

/* What a stored number is compared with: it counts when it is at least this. */
typedef struct crl_limit {
    bool none;      /* nothing counts */
    bool above;     /* what is at most this counts */
    float real;     /* of FLOAT32 */
    int32_t stored; /* of the others */
} crl_limit;

/* Calls found() for each anchor that has a channel which reaches the limit, in order, until it says false. */
void crl_head_scan(const crl_stored_scale *s, const void *data, const crl_field *field, int32_t anchors, const crl_limit *limit,
                   bool (*found)(crl_head_frame *f, int32_t anchor), crl_head_frame *f);

/* ---- heads_box.c ---- */

/* How numbers of boxes become fractions of the input, in this frame. */
void crl_head_set_unit(crl_head_frame *f);
/* The box of an anchor; false: it is none, not finite or without area. */
bool crl_head_box(const crl_head_frame *f, int32_t anchor, crl_box *box);

/* ---- heads_suppress.c ---- */

/* Adds a candidate, in the place of the worst where there is no room. */
void crl_head_add(crl_head_frame *f, crl_candidate c);
/* The results: what is left of the candidates, at most `cap`. */
void crl_head_suppress(crl_head_frame *f, crl_detection *out, int32_t cap, int32_t *n);

#endif
