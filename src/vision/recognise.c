/* SPDX-License-Identifier: Apache-2.0 */
/* What a model is for, told by the shapes of its outputs. One table holds the kinds that are known, those that nothing
 * here decodes included, so that they can be called by name. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "vision/vision.h"

enum { NONE = 0, CLASSIFY = 1u << CRL_PURPOSE_CLASSIFY, EMBED = 1u << CRL_PURPOSE_EMBED };

/* Shapes of outputs, separated by blanks, in model order. A dimension is
 *   17     that number                      n      any size of at least 1, the same wherever the letter stands again
 *   H/8    the height of the input over 8   W/8    the width; both rounded up
 *   G      cells of the grids at strides 8, 16 and 32; 3G three anchors in each;  P: 64 too, T: 16 and 32 only
 * "#" is any shape of one element, and "..." says that more outputs may follow. */
typedef struct form {
    const char *shapes;
    const char *what;
    crl_purpose purpose; /* UNKNOWN: nothing decodes it */
    crl_head head; /* of DETECT, and of POSE by YOLO */
} form;

#define YOLO_BOXES "a YOLO detector"
#define YOLO_SPLIT "a YOLO detector with boxes and scores apart"
#define YOLO_GRIDS "the raw grids of a YOLO detector"
#define YOLO_CHOSEN "a YOLO detector that chooses its boxes itself"
#define YOLO_POSES "a YOLO pose model"
#define YOLO_MASKS "a YOLO segmenter, of which boxes are read and masks are not"
#define ALL_BOXES "a detector that leaves its boxes to be chosen"

static const form forms[] = {
    { "1,n,4 1,n 1,n # ...", "a detector", CRL_PURPOSE_DETECT, CRL_HEAD_SSD },
    { "1,n 1,n,4 # 1,n ...", "a detector", CRL_PURPOSE_DETECT, CRL_HEAD_SSD },
    { "# 1,n 1,n 1,n,4 ...", "a detector", CRL_PURPOSE_DETECT, CRL_HEAD_SSD },

    { "1,1,17,3 ...", "a pose model", CRL_PURPOSE_POSE },
    { "1,n,17,2 1,n,17 1,n # ...", "a pose model", CRL_PURPOSE_POSE },
    { "1,6,56", "a pose model", CRL_PURPOSE_POSE },
    { "1,h,w,17 1,h,w,34 ...", "the heat maps of PoseNet without its decoder", CRL_PURPOSE_UNKNOWN },
    { "1,h,w,34 1,h,w,17 ...", "the heat maps of PoseNet without its decoder", CRL_PURPOSE_UNKNOWN },

    { "1,100,6", YOLO_CHOSEN, CRL_PURPOSE_DETECT, CRL_HEAD_YOLO_CHOSEN },
    { "1,300,6", YOLO_CHOSEN, CRL_PURPOSE_DETECT, CRL_HEAD_YOLO_CHOSEN },
    { "1,k,G", YOLO_BOXES, CRL_PURPOSE_DETECT, CRL_HEAD_YOLOV8 }, /* by its maker's exporter */
    { "1,G,k", YOLO_BOXES, CRL_PURPOSE_DETECT, CRL_HEAD_YOLOX },  /* or newer ones turned over: turned_over() */
    { "1,3G,k", YOLO_BOXES, CRL_PURPOSE_DETECT, CRL_HEAD_YOLOV5 },
    { "1,k,3G", YOLO_BOXES, CRL_PURPOSE_DETECT, CRL_HEAD_YOLOV5 },
    { "1,k,P", YOLO_BOXES, CRL_PURPOSE_DETECT, CRL_HEAD_YOLOV8 },
    { "1,P,k", "the raw boxes of NanoDet or of a large YOLO detector", CRL_PURPOSE_UNKNOWN },
    { "1,3P,k", YOLO_BOXES, CRL_PURPOSE_DETECT, CRL_HEAD_YOLOV5 },
    { "1,k,3P", YOLO_BOXES, CRL_PURPOSE_DETECT, CRL_HEAD_YOLOV5 },
    { "1,3T,k", YOLO_BOXES, CRL_PURPOSE_DETECT, CRL_HEAD_YOLOV5 },
    { "1,G,64 1,G,k", YOLO_SPLIT, CRL_PURPOSE_DETECT, CRL_HEAD_YOLO_SPLIT },
    { "1,G,k 1,G,64", YOLO_SPLIT, CRL_PURPOSE_DETECT, CRL_HEAD_YOLO_SPLIT },
    { "1,64,G 1,k,G", YOLO_SPLIT, CRL_PURPOSE_DETECT, CRL_HEAD_YOLO_SPLIT },
    { "1,k,G 1,64,G", YOLO_SPLIT, CRL_PURPOSE_DETECT, CRL_HEAD_YOLO_SPLIT },
    { "1,G,64 1,G,k 1,G,1", YOLO_SPLIT, CRL_PURPOSE_DETECT, CRL_HEAD_YOLO_SPLIT },
    { "1,G,k 1,G,64 1,G,1", YOLO_SPLIT, CRL_PURPOSE_DETECT, CRL_HEAD_YOLO_SPLIT },
    { "1,G,64 1,G,1 1,G,k", YOLO_SPLIT, CRL_PURPOSE_DETECT, CRL_HEAD_YOLO_SPLIT },
    { "1,G,k 1,G,1 1,G,64", YOLO_SPLIT, CRL_PURPOSE_DETECT, CRL_HEAD_YOLO_SPLIT },
    { "1,G,1 1,G,64 1,G,k", YOLO_SPLIT, CRL_PURPOSE_DETECT, CRL_HEAD_YOLO_SPLIT },
    { "1,G,1 1,G,k 1,G,64", YOLO_SPLIT, CRL_PURPOSE_DETECT, CRL_HEAD_YOLO_SPLIT },
    { "1,G,4 1,G,k", YOLO_SPLIT, CRL_PURPOSE_DETECT, CRL_HEAD_YOLO_CORNERS },
    { "1,G,k 1,G,4", YOLO_SPLIT, CRL_PURPOSE_DETECT, CRL_HEAD_YOLO_CORNERS },
    { "1,G,4 1,k,G", YOLO_SPLIT, CRL_PURPOSE_DETECT, CRL_HEAD_YOLO_CORNERS }, /* PP-YOLOE */
    { "1,k,G 1,G,4", YOLO_SPLIT, CRL_PURPOSE_DETECT, CRL_HEAD_YOLO_CORNERS },
    { "1,P,4 1,P,k", YOLO_SPLIT, CRL_PURPOSE_DETECT, CRL_HEAD_YOLO_CORNERS }, /* PP-PicoDet */
    { "1,P,4 1,k,P", YOLO_SPLIT, CRL_PURPOSE_DETECT, CRL_HEAD_YOLO_CORNERS },
    { "1,G,112", "the raw boxes of NanoDet", CRL_PURPOSE_UNKNOWN },
    { "1,56,G", YOLO_POSES, CRL_PURPOSE_POSE, CRL_HEAD_YOLOV8 }, /* of its boxes */
    { "1,G,56", YOLO_POSES, CRL_PURPOSE_POSE, CRL_HEAD_YOLOV8 },
    { "1,k,G 1,H/4,W/4,m", YOLO_MASKS, CRL_PURPOSE_DETECT, CRL_HEAD_YOLOV8 },
    { "1,G,k 1,H/4,W/4,m", YOLO_MASKS, CRL_PURPOSE_DETECT, CRL_HEAD_YOLOV8 },
    { "1,H/4,W/4,m 1,k,G", YOLO_MASKS, CRL_PURPOSE_DETECT, CRL_HEAD_YOLOV8 },
    { "1,3G,k 1,H/4,W/4,m", YOLO_MASKS, CRL_PURPOSE_DETECT, CRL_HEAD_YOLOV5 },
    { "1,H/4,W/4,m 1,3G,k", YOLO_MASKS, CRL_PURPOSE_DETECT, CRL_HEAD_YOLOV5 },
    { "1,H/8,W/8,k 1,H/16,W/16,k 1,H/32,W/32,k", YOLO_GRIDS, CRL_PURPOSE_UNKNOWN },
    { "1,H/32,W/32,k 1,H/16,W/16,k 1,H/8,W/8,k", YOLO_GRIDS, CRL_PURPOSE_UNKNOWN },
    { "1,H/8,W/8,3,k 1,H/16,W/16,3,k 1,H/32,W/32,3,k", YOLO_GRIDS, CRL_PURPOSE_UNKNOWN },
    { "1,H/32,W/32,3,k 1,H/16,W/16,3,k 1,H/8,W/8,3,k", YOLO_GRIDS, CRL_PURPOSE_UNKNOWN },
    { "1,3,H/8,W/8,k 1,3,H/16,W/16,k 1,3,H/32,W/32,k", YOLO_GRIDS, CRL_PURPOSE_UNKNOWN },
    { "1,H/16,W/16,k 1,H/32,W/32,k", YOLO_GRIDS, CRL_PURPOSE_UNKNOWN },
    { "1,H/32,W/32,k 1,H/16,W/16,k", YOLO_GRIDS, CRL_PURPOSE_UNKNOWN },

    { "1,n,16 1,n,1", "a face detector of MediaPipe", CRL_PURPOSE_DETECT, CRL_HEAD_MEDIAPIPE },
    { "1,n,1 1,n,16", "a face detector of MediaPipe", CRL_PURPOSE_DETECT, CRL_HEAD_MEDIAPIPE },
    { "1,n,16 1,n,1 1,m,1 1,m,16", "the faces of MediaPipe in two parts", CRL_PURPOSE_UNKNOWN },
    { "1,n,1 1,m,1 1,n,16 1,m,16", "the faces of MediaPipe in two parts", CRL_PURPOSE_UNKNOWN },
    { "1,n,18 1,n,1", "a palm detector of MediaPipe", CRL_PURPOSE_DETECT, CRL_HEAD_MEDIAPIPE },
    { "1,n,1 1,n,18", "a palm detector of MediaPipe", CRL_PURPOSE_DETECT, CRL_HEAD_MEDIAPIPE },
    { "1,1,1,1404 #", "the landmarks of a face", CRL_PURPOSE_UNKNOWN },
    { "1,63 # # 1,63", "the landmarks of a hand", CRL_PURPOSE_UNKNOWN },
    { "1,n,4 1,n,c ...", ALL_BOXES, CRL_PURPOSE_DETECT, CRL_HEAD_SSD_RAW },
    { "1,n,c 1,n,4 ...", ALL_BOXES, CRL_PURPOSE_DETECT, CRL_HEAD_SSD_RAW },
    { "1,n,1,4 1,n,c ...", ALL_BOXES, CRL_PURPOSE_DETECT, CRL_HEAD_SSD_RAW },
    { "1,n,c 1,n,1,4 ...", ALL_BOXES, CRL_PURPOSE_DETECT, CRL_HEAD_SSD_RAW },
};

/* ---- matching ---- */

typedef struct bound {
    int32_t height, width;  /* of the input, 0: not known */
    int32_t letter['z' + 1]; /* sizes met so far, 0: none */
} bound;

static int32_t over(int32_t n, int32_t stride)
{
    return (int32_t)(((int64_t)n + stride - 1) / stride);
}

static int64_t cells(const bound *b, int first, int last)
{
    int64_t n = 0;
    for (int stride = first; stride <= last; stride *= 2) n += (int64_t)over(b->height, stride) * over(b->width, stride);
    return n;
}

/* One dimension of a form; `*text` moves behind it. */
static bool fits_dim(const char **text, int32_t dim, bound *b)
{
    char *end;
    const long number = strtol(*text, &end, 10);
    const char c = *end;
    if (c == 0 || c == ',' || c == ' ') {
        *text = end;
        return dim == number;
    }
    *text = end + 1;
    if (c == 'H' || c == 'W') {
        const long stride = strtol(*text + 1, &end, 10);
        *text = end;
        const int32_t side = c == 'H' ? b->height : b->width;
        return side > 0 && dim == over(side, (int32_t)stride);
    }
    if (c == 'G' || c == 'P' || c == 'T')
        return b->height > 0 && dim == (number ? number : 1) * cells(b, c == 'T' ? 16 : 8, c == 'P' ? 64 : 32);
    int32_t *met = &b->letter[(unsigned char)c];
    if (!*met) *met = dim;
    return dim > 0 && dim == *met;
}

/* One output of a form; `*text` moves to the next. */
static bool fits_shape(const char **text, const crl_shape *shape, bound *b)
{
    if (**text == '#') {
        ++*text;
        if (crl_shape_count(shape) != 1) return false;
    } else {
        for (int32_t d = 0; d < shape->rank; d++) {
            if (d && *(*text)++ != ',') return false; /* the form has fewer dimensions */
            if (!fits_dim(text, shape->dim[d], b)) return false;
        }
        if (**text == ',' || shape->rank == 0) return false;
    }
    if (**text == ' ') ++*text;
    return true;
}

static bool fits(const form *f, const crl_tensor *const *outputs, int32_t n, bound *b)
{
    const char *text = f->shapes;
    for (int32_t i = 0; i < n; i++) {
        if (!strcmp(text, "...")) return true;
        if (!*text || !fits_shape(&text, &outputs[i]->shape, b)) return false;
    }
    return !*text || !strcmp(text, "...");
}

/* ---- what no shape alone tells ---- */

static bool has_scale(const crl_tensor *t, float scale)
{
    return (t->type == CRL_UINT8 || t->type == CRL_INT8) && t->quant.n == 1 && fabsf(t->quant.scale[0] - scale) < scale * 1e-3f;
}

static bool is_any(const char *name, const char *const *names)
{
    for (; name && *names; names++)
        if (!strcmp(name, *names)) return true;
    return false;
}

/* Sizes of the public data sets that classifiers are trained on: ImageNet without and with a background class. */
static bool is_data_set(size_t n)
{
    return n == 1000 || n == 1001;
}

/* A vector. TensorFlow Lite prescribes 1/256 for what SOFTMAX and LOGISTIC write in 8 bits, and 1/128 for
 * L2_NORMALIZATION. */
static crl_recognition vector(const crl_tensor *t, const char *last, int32_t labels)
{
    static const char *const chances[] = { "SOFTMAX", "LOGISTIC", "LOG_SOFTMAX", NULL };
    static const char *const directions[] = { "L2_NORMALIZATION", NULL }, *const pooled[] = { "AVERAGE_POOL_2D", "MEAN", NULL };
    const size_t n = crl_shape_count(&t->shape);
    const bool named = labels > 0 && (size_t)labels == n;
    if (has_scale(t, 1.0f / 256) || is_any(last, chances) || named || is_data_set(n))
        return (crl_recognition){ CRL_PURPOSE_CLASSIFY, CLASSIFY | EMBED, "a classifier" };
    if (has_scale(t, 1.0f / 128) || is_any(last, directions))
        return (crl_recognition){ CRL_PURPOSE_EMBED, EMBED, "an extractor of features, which have no classes" };
    /* Most that end so give features, but SqueezeNet and its like give scores. */
    if (is_any(last, pooled)) return (crl_recognition){ CRL_PURPOSE_EMBED, CLASSIFY | EMBED, "one vector, features as a rule" };
    return (crl_recognition){ CRL_PURPOSE_UNKNOWN, CLASSIFY | EMBED, "one vector, scores of classes or features" };
}

/* How many joints the public data sets of people have: LIP and LSP, MPII, COCO, OpenPose. */
static bool is_joints(int32_t channels)
{
    return channels == 14 || (channels >= 16 && channels <= 18);
}

/* Rank 3 and 4: a value, or a score of each class, for every pixel. */
static crl_recognition map(const crl_tensor *t, const bound *b)
{
    const int32_t *d = t->shape.dim, channels = t->shape.rank == 4 ? d[3] : 1;
    const crl_recognition segments = { CRL_PURPOSE_SEGMENT, 1u << CRL_PURPOSE_SEGMENT, "a segmentation model" };
    const bool counts = t->type == CRL_UINT8 || t->type == CRL_INT8 || t->type == CRL_INT32 || t->type == CRL_INT64;
    if (channels == 1) {
        const bool scaled = t->quant.n && t->quant.scale[0] != 1.0f;
        if (counts && !scaled) return segments;
        return (crl_recognition){ CRL_PURPOSE_UNKNOWN, EMBED, "one value for every pixel, such as a depth or a matte" };
    }
    if (channels == 3 && d[1] > b->height && b->height > 0)
        return (crl_recognition){ CRL_PURPOSE_UNKNOWN, EMBED, "a picture larger than the input" };
    if (channels == 3)
        return (crl_recognition){ CRL_PURPOSE_UNKNOWN, segments.fits, "a picture, or three classes of pixels" };
    if (is_joints(channels) && d[1] < b->height)
        return (crl_recognition){ CRL_PURPOSE_UNKNOWN, segments.fits | (channels == CRL_KEYPOINTS ? 1u << CRL_PURPOSE_POSE : 0),
                                  "heat maps of joints, or classes of pixels" };
    if (channels > CRL_MASK_CLASSES || (b->height > 0 && d[1] <= over(b->height, 32)))
        return (crl_recognition){ CRL_PURPOSE_UNKNOWN, EMBED, "a grid of features" };
    return segments;
}

/* One dimension holds all; it is not the first of several, which counts pictures. */
static bool is_vector(const crl_shape *s)
{
    const size_t n = crl_shape_count(s);
    for (int32_t d = 0; d < s->rank && n > 0; d++)
        if ((size_t)s->dim[d] == n) return d > 0 || s->rank == 1 || n == 1;
    return false;
}

/* As large as the input, or as a whole fraction of it. */
static bool has_its_form(const crl_shape *s, const bound *b)
{
    for (int32_t stride = 1; stride <= 16; stride *= 2)
        if (s->dim[1] == over(b->height, stride) && s->dim[2] == over(b->width, stride)) return true;
    return false;
}

/* Rows of numbers have three dimensions too: those of classes are whole ones, others have the input's form. */
static bool is_map(const crl_tensor *t, const bound *b)
{
    const crl_shape *s = &t->shape;
    if ((s->rank != 3 && s->rank != 4) || s->dim[0] != 1 || s->dim[1] < 2 || s->dim[2] < 2) return false;
    return s->rank == 4 ? s->dim[3] > 0 : t->type == CRL_INT32 || t->type == CRL_INT64 || has_its_form(s, b);
}

/* What a row of k numbers may be, where one output has everything: a box and a class at least. The poses of people are as
 * long as the boxes of 52 classes, NanoDet's rows for 80 classes as YOLOX's for 107; they are commoner. */
static bool is_row(int32_t k, crl_head head, int32_t labels)
{
    if (head == CRL_HEAD_YOLOV8) return k >= 5 && (k != 56 || labels == 52);
    if (head != CRL_HEAD_YOLOX) return k >= 6;
    return k >= 5 && ((k != 56 && k != 112) || k - 5 == labels || k - 4 == labels);
}

/* A row for each cell is YOLOX's way. That it has one number less before the classes is told by their count, or by 80, which
 * is that of the public data set. */
static crl_head turned_over(crl_head head, int32_t k, int32_t labels)
{
    if (head != CRL_HEAD_YOLOX) return head;
    return k == 5 || (labels > 0 ? k - 4 == labels : k == 84) ? CRL_HEAD_YOLOV8 : head;
}

static bool is_joined(crl_head head)
{
    return head == CRL_HEAD_YOLOV5 || head == CRL_HEAD_YOLOV8 || head == CRL_HEAD_YOLOX;
}

/* The first form that fits; NULL: none. */
static const form *form_of(const crl_tensor *const *outputs, int32_t n, bound b, int32_t labels, crl_head *head)
{
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        bound met = b;
        if (!fits(&forms[i], outputs, n, &met)) continue;
        const int32_t k = met.letter['k'] - met.letter['m']; /* without weights of masks */
        *head = forms[i].head;
        if (forms[i].purpose == CRL_PURPOSE_DETECT && is_joined(*head) && !is_row(k, *head, labels)) continue;
        *head = turned_over(*head, k, labels);
        return &forms[i];
    }
    return NULL;
}

static bound bound_of(const crl_tensor *input)
{
    bound b = { 0 };
    if (input && (input->shape.rank == 4 || input->shape.rank == 3)) {
        b.height = input->shape.dim[1];
        b.width = input->shape.dim[2];
    }
    return b;
}

crl_recognition crl_recognise(const crl_tensor *const *outputs, int32_t n_outputs, const crl_tensor *input,
                              const char *last_operator, int32_t labels)
{
    const bound b = bound_of(input);
    crl_head head;
    const form *f = form_of(outputs, n_outputs, b, labels, &head);
    if (f) return (crl_recognition){ f->purpose, f->purpose ? 1u << f->purpose : NONE, f->what, head };
    crl_recognition r = { CRL_PURPOSE_UNKNOWN, EMBED, NULL };
    if (n_outputs > 0 && is_vector(&outputs[0]->shape))
        r = vector(outputs[0], last_operator, labels);
    else if (n_outputs > 0 && is_map(outputs[0], &b))
        r = map(outputs[0], &b);
    if (n_outputs > 1) /* what the first is does not say what they are together */
        r = (crl_recognition){ CRL_PURPOSE_UNKNOWN, r.fits, NULL };
    return r;
}
