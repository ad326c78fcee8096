/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures, and what a vision model says about them.
 *
 *   file -> crl_image_load -> crl_image_to_tensor -> (run the model) -> crl_topk, crl_detector_read, ...
 *        -> crl_draw_detections -> crl_image_save
 *
 * Pixels are those of Pillow: decoding gives what Image.open(f).convert('RGB') or convert('L') gives, and
 * resizing what Image.resize() gives, byte for byte. Nothing here knows of engines: it takes tensors.
 *
 * Threads  Functions keep nothing from one call to the next. Any number of threads may read one picture, tensor, or crl_labels;
 *          crl_labels_fit() changes labels, and wants them to itself. A crl_converter, a crl_detector and a
 *          crl_painter serve one thread at a time each.
 * Limits   a side of 65535 pixels, 2^27 pixels in all, a file of 512 MiB. Past them CRL_ERR_UNSUPPORTED. */
#ifndef CORALLITE_VISION_H
#define CORALLITE_VISION_H

#include <corallite/anchors.h>
#include <corallite/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- pictures ---------------------------------------------------------------------------------- */

/* Rows from top to bottom; a pixel is one grey byte or red, green, blue. A picture may also be a view
 * of memory that someone else owns: then it is not given to crl_image_fini(). */
typedef struct crl_image {
    int32_t width, height; /* pixels, at least 1 */
    int32_t channels;      /* 1 grey, 3 RGB */
    size_t stride;         /* bytes from row to row, at least width * channels */
    uint8_t *data;
} crl_image;

/* Memory for a black picture. Errors: ARGUMENT (a size or channel count that no picture has), UNSUPPORTED
 * (past the limits), MEMORY. `*out` is zeroed on failure; release with crl_image_fini(). */
CRL_API crl_status crl_image_init(crl_image *out, int32_t width, int32_t height, int32_t channels, crl_error *err);
/* Releases the pixels of a picture that this library filled, and zeroes it. Accepts NULL and a zeroed picture. */
CRL_API void crl_image_fini(crl_image *image);

typedef struct crl_image_options {
    int32_t channels;      /* 1: as convert('L'), 3: as convert('RGB'), 0: 1 for grey files (never BMP), else 3 */
    bool exif_orientation; /* turn the picture as its EXIF tag, or its XMP, asks; off, that is ignored */
    /* JPEG: decode at an eighth, a quarter or half of the size, whichever is the first that leaves both sides this many pixels or more;
     * none, and all other formats, at full size. Faster, and the pixels are those of Pillow after draft(). 0: off */
    uint32_t least_side;
    uintptr_t reserved[3]; /* 0 */
} crl_image_options;

/**
 * Reads a picture: JPEG, PNG, WebP, GIF (both: the first frame), BMP, or PBM/PGM/PPM, told apart by content, not by
 * name. Of a progressive JPEG that lacks scans, the pixels are those of the installed libjpeg-turbo, whose versions
 * smooth differently there; all else is the same with every version.
 *
 * Owner   `*out` is the caller's, for crl_image_fini(); zeroed after a failure. `options` may be NULL.
 * Errors  CRL_ERR_IO          the file cannot be read; the text names it and the reason
 *         CRL_ERR_FORMAT      no picture, a broken one, or one that ends too early
 *         CRL_ERR_UNSUPPORTED past the limits, or a format or variant that is not handled or not built in
 *         CRL_ERR_MEMORY
 */
CRL_API crl_status crl_image_load(crl_image *out, const char *path, const crl_image_options *options, crl_error *err);
/* The same for the bytes of a file, which are not kept. */
CRL_API crl_status crl_image_decode(crl_image *out, const void *bytes, size_t size, const crl_image_options *options,
                                    crl_error *err);

/* What a file seems to be by its first bytes, of which 512 are enough. */
typedef struct crl_file_kind {
    bool readable;          /* begins as a picture that crl_image_decode() reads */
    bool picture;           /* a picture, if of a format that is not read here */
    const char *what, *many; /* "a HEIC picture", "HEIC pictures"; NULL: not known */
    const char *cure;       /* "unpack it first"; may be NULL */
    uintptr_t reserved[4];  /* 0 */
} crl_file_kind;
CRL_API crl_file_kind crl_image_kind(const void *bytes, size_t size);

/**
 * Writes a picture; the suffix chooses: .jpg .jpeg (quality 92, colour not subsampled), .png, .bmp, .ppm .pgm.
 * The file appears whole or not at all: it is written beside its place and renamed.
 *
 * Errors  CRL_ERR_ARGUMENT    a suffix that is none of these; CRL_ERR_UNSUPPORTED one whose library is not built in
 *         CRL_ERR_IO          the text names the file and the reason; what was there before is untouched
 *         CRL_ERR_MEMORY
 */
CRL_API crl_status crl_image_save(const crl_image *image, const char *path, crl_error *err);
/* ARGUMENT or UNSUPPORTED, as crl_image_save() would say, so that a program can refuse before it works. */
CRL_API crl_status crl_image_can_save(const char *path, crl_error *err);

/* The same file in memory, for a program that writes it itself; `name` is only looked at for its suffix.
 * Owner   `*bytes` is the caller's, for free(); NULL after a failure. Errors: ARGUMENT, UNSUPPORTED, MEMORY. */
CRL_API crl_status crl_image_encode(void **bytes, size_t *size, const crl_image *image, const char *name,
                                    crl_error *err);

/* A copy with 1 or 3 channels: L = (19595 R + 38470 G + 7471 B + 32768) >> 16; grey to RGB repeats the byte. */
CRL_API crl_status crl_image_convert(crl_image *out, const crl_image *image, int32_t channels, crl_error *err);

typedef enum crl_resample {
    CRL_RESAMPLE_BILINEAR = 0, /* the default */
    CRL_RESAMPLE_NEAREST = 1,
    CRL_RESAMPLE_BICUBIC = 2,
    CRL_RESAMPLE_LANCZOS = 3
} crl_resample;

/* "nearest", "bilinear", "bicubic", "lanczos"; "?" for a value outside the enum. */
CRL_API const char *crl_resample_name(crl_resample filter);
/* Errors: ARGUMENT; the text lists the names. */
CRL_API crl_status crl_resample_parse(crl_resample *out, const char *name, crl_error *err);

/* A part of a picture, in pixels and fractions of them. */
typedef struct crl_box {
    float x0, y0, x1, y1;
} crl_box;

/**
 * Resizes a picture, or the part `box` of it (NULL: all), into the caller's pixels.
 *
 * Shapes  `out` has width, height, stride and data set, and as many channels as `image`; only its pixels are
 *         written, not the bytes between its rows. The two do not overlap. `box` lies within the picture.
 * Errors  CRL_ERR_ARGUMENT, CRL_ERR_UNSUPPORTED (past the limits), CRL_ERR_MEMORY
 * Source  Pillow 13: Image.resize(size, filter, box), 8 bits a channel. (Up to 12 its passes had another order.)
 */
CRL_API crl_status crl_image_resize(const crl_image *out, const crl_image *image, const crl_box *box,
                                    crl_resample filter, crl_error *err);

/* ---- picture to input -------------------------------------------------------------------------- */

/* How a picture of another aspect ratio goes into an input. The values are part of the ABI. */
typedef enum crl_fit {
    CRL_FIT_AUTO = 0,    /* what the model is known to want, else stretched */
    CRL_FIT_STRETCH = 1, /* to the input's width and height */
    CRL_FIT_CORNER = 2,  /* shrunk as far as it has to be, and put top left; sides are cut to whole pixels */
    CRL_FIT_CENTRE = 3   /* the same, put into the middle; sides are rounded */
} crl_fit;

/* How the three channels of an input follow each other. */
typedef enum crl_channel_order {
    CRL_CHANNELS_AUTO = 0, /* what the model is known to want, else red, green, blue */
    CRL_CHANNELS_RGB = 1,
    CRL_CHANNELS_BGR = 2
} crl_channel_order;

/* Zeroes are the defaults. */
typedef struct crl_input_options {
    crl_resample resample;
    bool keep_aspect_ratio; /* `fit` is CORNER where it is AUTO; nothing else is known here of the model */
    bool normalise;         /* apply mean and std to 8-bit inputs also (the user gave them) */
    int32_t n_norm;         /* 0: 127.5 and 127.5; 1: the same for all channels; else one for each */
    float mean[3], std[3];  /* [n_norm], in the order of the input's channels; std is not 0 */
    crl_fit fit;
    crl_channel_order order; /* of an input with three channels */
    int32_t padding;         /* the pixel where there is no picture: 0, which is black, to 255 */
    uintptr_t reserved[8];   /* 0 */
} crl_input_options;

/* Where the picture lies in the model's input. Column c of the input is column (c - left) * width / input_width of the picture,
 * and with rows it is the same. */
typedef struct crl_letterbox {
    float width, height;                   /* what the whole input stands for, in pixels of the picture */
    int32_t picture_width, picture_height; /* of the picture; smaller than the above where there is padding */
    int32_t input_width, input_height;     /* of the input tensor */
    int32_t filled_width, filled_height;   /* of the input, what the picture covers, */
    int32_t left, top;                     /* from here on */
    uint32_t reserved[6];                  /* 0 */
} crl_letterbox;

/**
 * Converts and resizes a picture into the model's input.
 *
 * Shapes  [1,h,w,3] RGB, [1,h,w,1] or [1,h,w] grey
 * Units   uint8: the pixel; int8: pixel - 128; with options->normalise both: (pixel - mean) / std quantised by
 *         the tensor; int16: that always; float32: (pixel - mean) / std, not quantised
 * Owner   `out` (may be NULL) is what the decoders below need to speak in pixels of the picture
 * Errors  CRL_ERR_UNSUPPORTED the tensor is no picture; the text gives its shape and what is accepted
 *         CRL_ERR_ARGUMENT    an option out of range, or a reserved word that is not 0
 *         CRL_ERR_MEMORY
 */
CRL_API crl_status crl_image_to_tensor(const crl_image *image, crl_tensor *input, const crl_input_options *options,
                                       crl_letterbox *out, crl_error *err);

/* Whether a picture fits an input, which needs no data yet: the errors above, ARGUMENT excepted. */
CRL_API crl_status crl_input_check(const crl_tensor *input, crl_error *err);

/* ---- frames of cameras and decoders ------------------------------------------------------------- */

/* How pixels lie in memory. The names are those of V4L2 and GStreamer; X is a byte that is not looked at. */
typedef enum crl_pixels {
    CRL_PIXELS_RGB = 0,   /* 3 bytes: red, green, blue */
    CRL_PIXELS_BGR = 1,   /* blue, green, red */
    CRL_PIXELS_RGBX = 2,  /* 4 bytes: red, green, blue, X */
    CRL_PIXELS_BGRX = 3,  /* blue, green, red, X */
    CRL_PIXELS_GRAY8 = 4, /* 1 byte */
    CRL_PIXELS_NV12 = 5,  /* a plane of Y; one of U, V in turn, each for 2 x 2 pixels */
    CRL_PIXELS_I420 = 6,  /* planes of Y, U and V, the latter two for 2 x 2 pixels */
    CRL_PIXELS_YUYV = 7,  /* two pixels: Y, U, Y, V */
    CRL_PIXELS_UYVY = 8   /* two pixels: U, Y, V, Y */
} crl_pixels;

/* "rgb", "bgr", "rgbx", "bgrx", "gray8", "nv12", "i420", "yuyv", "uyvy"; "?" for a value outside the enum. */
CRL_API const char *crl_pixels_name(crl_pixels pixels);
/* Errors: ARGUMENT; the text lists the names. */
CRL_API crl_status crl_pixels_parse(crl_pixels *out, const char *name, crl_error *err);

/* What Y, U and V mean: the standard of cameras and of pictures up to 576 lines, or that of HD. */
typedef enum crl_yuv {
    CRL_YUV_BT601 = 0,
    CRL_YUV_BT709 = 1
} crl_yuv;

/* What the frames of one source have in common. Where U and V are for two pixels, they are taken as they are for both,
 * and of an odd width or height the last pixels have theirs to themselves. */
typedef struct crl_frame_format {
    int32_t width, height; /* within the limits of pictures */
    crl_pixels pixels;
    crl_yuv yuv;           /* of those of Y, U, V: how they are meant, */
    bool full_range;       /* and whether they go from 0 to 255, as JPEG has them, not from 16 to 235 (U, V: 240) */
    uintptr_t reserved[4]; /* 0 */
} crl_frame_format;

/* The pixels of one frame, which are someone else's. */
typedef struct crl_frame {
    const uint8_t *plane[3]; /* as many as its format has */
    size_t stride[3];        /* bytes from row to row */
    uintptr_t reserved[2];   /* 0 */
} crl_frame;

/* A frame in one block of memory, plane after plane, rows `stride` bytes apart (0: without gaps): what V4L2 and files of
 * raw video have. The planes of I420 after the first have half the stride. Errors: ARGUMENT (a format that no frame has, a
 * stride or `size` that is too small), UNSUPPORTED (past the limits of pictures). `*out` is zeroed on failure. */
CRL_API crl_status crl_frame_wrap(crl_frame *out, const crl_frame_format *format, const void *bytes, size_t size,
                                  size_t stride, crl_error *err);
/* A picture as a frame, and its format: RGB or GRAY8. Errors: ARGUMENT, UNSUPPORTED. */
CRL_API crl_status crl_frame_of_image(crl_frame *out, crl_frame_format *format, const crl_image *image, crl_error *err);
/**
 * Converts a frame into the caller's picture, RGB or grey, of the same size. Allocates nothing.
 *
 * Source  src/vision/pixels.h has the formula, to the bit; grey is that of crl_image_convert() after it
 * Errors  ARGUMENT, UNSUPPORTED
 */
CRL_API crl_status crl_frame_to_image(const crl_image *out, const crl_frame_format *format, const crl_frame *frame,
                                      crl_error *err);

/* Frames of one source into one input, made ready once: running it allocates nothing. */
typedef struct crl_converter crl_converter;

/**
 * Makes ready the conversion of frames into an input: the bytes are those that crl_frame_to_image() and
 * crl_image_to_tensor() give, one after the other, in one pass over the frame.
 *
 * `crop` is the part of the frame that is looked at, in whole pixels (NULL: all), as if it was all that there is: results
 * count from its corner.
 *
 * Owner   `*out` is the caller's, for crl_converter_free(); NULL after a failure. `input` needs no data yet; it and
 *         `options`, which may be NULL, are not kept.
 * Errors  CRL_ERR_UNSUPPORTED, CRL_ERR_ARGUMENT, CRL_ERR_MEMORY as crl_image_to_tensor()
 */
CRL_API crl_status crl_converter_new(crl_converter **out, const crl_frame_format *format, const crl_box *crop,
                                     const crl_tensor *input, const crl_input_options *options, crl_error *err);
CRL_API void crl_converter_free(crl_converter *converter); /* accepts NULL */
/* Where frames, or the part of them, lie in the input. */
CRL_API crl_letterbox crl_converter_place(const crl_converter *converter);
/* Fills the data of an input of that type and shape. Errors: ARGUMENT (planes, strides, another input, no data). */
CRL_API crl_status crl_converter_run(crl_converter *converter, const crl_frame *frame, crl_tensor *input, crl_error *err);

/* ---- labels ------------------------------------------------------------------------------------ */

typedef struct crl_labels crl_labels;

/**
 * Reads names of classes in one of the forms that people have, told apart by content:
 *
 *   lines    "N  name", "N:name" (or "N," "N." and the like in every line), or a name alone, which has the number of
 *            its line from 0. Blank lines name nothing, "# " begins a remark.
 *   CSV      under a heading such as "id,name"
 *   CVAT     "name:r,g,b:parts:actions"
 *   pbtxt    item { id: 1 name: "..." display_name: "..." }, whose ids count from 1: item 1 names class 0, unless there
 *            is an item 0
 *   JSON     a list of names, {"0": "name"}, {"name": 0}, [{"id": 0, "name": ".."}], and these under "names", "labels",
 *            "classes", "categories" or "id2label"; a list or dictionary as Python prints it too
 *   YAML     the list or map under "names:"
 *
 * Indices may be sparse; of two with one index the later counts. "???" names nothing; as the first of names without
 * numbers it has no number either, as in TensorFlow's own lists. UTF-8 or UTF-16, with or without a byte order mark,
 * any line ends, 8 MiB at most.
 *
 * Owner   `*out` is the caller's, for crl_labels_free(); NULL after a failure
 * Errors  CRL_ERR_IO, CRL_ERR_FORMAT (not text, or broken; the text of the error names the line), CRL_ERR_UNSUPPORTED
 *         (too large), CRL_ERR_MEMORY
 * Source  pycoral.utils.dataset.read_label_file, for lines
 */
CRL_API crl_status crl_labels_load(crl_labels **out, const char *path, crl_error *err);
CRL_API crl_status crl_labels_parse(crl_labels **out, const void *text, size_t bytes, crl_error *err);
CRL_API void crl_labels_free(crl_labels *labels); /* accepts NULL */
/* The name of a class, as long as the labels live; NULL when it has none, and for NULL labels. */
CRL_API const char *crl_labels_get(const crl_labels *labels, int32_t index);
/* How many classes have a name, and the highest index plus one ("???" counts here); 0 for NULL. */
CRL_API int32_t crl_labels_count(const crl_labels *labels);
CRL_API int32_t crl_labels_end(const crl_labels *labels);
/**
 * Looks whether labels go with a model of so many classes; 0: not known, and all go. Where it is certain what is
 * meant the numbering is changed: labels counted from 1, a background or heading in front that the model does not
 * have, ImageNet's labels without its background, a "???" that is a class after all. Names that are certainly wrong
 * are taken away. Accepts NULL.
 *
 * Errors  CRL_ERR_FORMAT they do not go together; the text gives both counts, what was done, and the likely cure.
 *         The labels may be used, they are the best that can be made of them.
 */
CRL_API crl_status crl_labels_fit(crl_labels *labels, int32_t classes, crl_error *err);

/* ---- outputs ----------------------------------------------------------------------------------- */

/* Decoders take the model's outputs in model order, write at most `cap` results to the caller's `out`, and
 * give the number written in `*n`. They allocate nothing. Results are kept when score >= threshold; a score
 * or a coordinate that is not a number drops the result. -INFINITY keeps everything. */

/* What a model is made for. */
typedef enum crl_purpose {
    CRL_PURPOSE_UNKNOWN = 0,
    CRL_PURPOSE_CLASSIFY = 1, /* crl_topk */
    CRL_PURPOSE_DETECT = 2,   /* crl_detector_new, crl_detector_read */
    CRL_PURPOSE_SEGMENT = 3,  /* crl_mask_read */
    CRL_PURPOSE_POSE = 4,     /* crl_poses_read */
    CRL_PURPOSE_EMBED = 5,    /* crl_tensor_floats */
    CRL_PURPOSE_RAW = 6       /* nothing is read: outputs are looked at as they are (crl_session_choose) */
} crl_purpose;

/* What the outputs of a detector are like. The values are part of the ABI and never change. */
typedef enum crl_head {
    CRL_HEAD_AUTO = 0,       /* told by the shapes */
    CRL_HEAD_SSD = 1,        /* the four outputs of crl_detections_read(): boxes are chosen already */
    CRL_HEAD_SSD_RAW = 2,    /* boxes [1,n,4] and scores [1,n,c], to which a table of anchors belongs */
    CRL_HEAD_YOLOV5 = 3,     /* 3 to 7: [1,n,5+c] or [1,5+c,n]: x and y of the centre, width, height, objectness, scores */
    CRL_HEAD_YOLOV8 = 4,     /* 8, 9, 11, 12: [1,4+c,n] or [1,n,4+c]: the same without objectness. Of these two, numbers for masks
                                may follow the scores, as many as an output [1,h,w,m] beside has channels */
    CRL_HEAD_YOLO_SPLIT = 5, /* scores [1,n,c] and distances to the four edges as distributions [1,n,64], or turned over;
                                [1,n,1] beside them is not used */
    CRL_HEAD_YOLO_CORNERS = 6, /* boxes [1,n,4] as left, top, right, bottom and scores [1,n,c] or [1,c,n]: YOLO-NAS, PP-YOLOE */
    CRL_HEAD_YOLO_CHOSEN = 7,  /* [1,n,6]: left, top, right, bottom, score, class; nothing is left to suppress: 10, 26,
                                  and exports with nms=True */
    CRL_HEAD_YOLOX = 8,        /* [1,n,5+c] as 5, but boxes may count from the cells of grids */
    CRL_HEAD_MEDIAPIPE = 9     /* faces [1,n,16] or palms [1,n,18]: centre, size and points, in pixels from the cells of grids,
                                  and logits [1,n,1]; points are left out */
} crl_head;

/* "yolov8"; NULL when out of range. The name is never longer than 15 bytes. */
CRL_API const char *crl_head_name(crl_head head);

typedef struct crl_recognition {
    crl_purpose purpose; /* UNKNOWN: nothing here reads the outputs, or more than one decoder could */
    unsigned fits;       /* 1u << purpose for each decoder that would make sense of them */
    const char *what;    /* "a detector", "a segmentation model"; NULL: of no kind that has a name here */
    crl_head head;       /* of a detector, and of the boxes of YOLO's poses */
    uintptr_t reserved[3]; /* 0 */
} crl_recognition;

/**
 * Recognises what a model is made for by its outputs, in model order: shapes, types and scales, no data.
 *
 * `input` is the one the picture goes into; `last_operator` the name of the operator that made output 0, past those
 * that only change its form, such as "SOFTMAX"; both may be NULL. `labels` is the number of classes that have names.
 */
CRL_API crl_recognition crl_recognise(const crl_tensor *const *outputs, int32_t n_outputs, const crl_tensor *input,
                                      const char *last_operator, int32_t labels);

/* All values of a tensor as numbers: scale * (q - zero_point) in float, or the value where it is not quantised
 * (float32, uint8, int8, int16, int32, int64, bool). `n` is crl_shape_count() of its shape. An embedding is this.
 * Errors: ARGUMENT (`n`), UNSUPPORTED (another type). */
CRL_API crl_status crl_tensor_floats(const crl_tensor *tensor, float *out, size_t n, crl_error *err);

typedef struct crl_class {
    int32_t index;
    float score;
} crl_class;

/* The best classes of a tensor of scores of any shape, best first, equal scores by index. Errors: UNSUPPORTED (type). */
CRL_API crl_status crl_topk(const crl_tensor *scores, float threshold, crl_class *out, int32_t cap, int32_t *n,
                            crl_error *err);

typedef struct crl_detection {
    int32_t index; /* of the class */
    float score;
    crl_box box; /* pixels of the picture, clipped to it; x0 <= x1, y0 <= y1 */
    uint32_t reserved[10]; /* 0 */
} crl_detection;

/**
 * Detections of one picture, best first; equal scores by class, then in the model's order.
 *
 * Shapes  boxes [1,n,4] (top, left, bottom, right), classes [1,n], scores [1,n], count [1], in one of the orders
 *           boxes, classes, scores, count    TFLite_Detection_PostProcess
 *           scores, boxes, count, classes    EfficientDet-Lite, TensorFlow 2 detectors
 *           count, scores, classes, boxes    the latter by the names of their signature
 *         recognised by where boxes and count are. More outputs may follow.
 * Units   boxes are fractions of the model's input and may leave 0..1
 * Errors  CRL_ERR_UNSUPPORTED the outputs have other shapes; the text gives them
 */
CRL_API crl_status crl_detections_read(const crl_tensor *const *outputs, int32_t n_outputs,
                                       const crl_letterbox *frame, float threshold, crl_detection *out, int32_t cap,
                                       int32_t *n, crl_error *err);

typedef enum crl_score_form {
    CRL_SCORES_AUTO = 0,
    CRL_SCORES_PROBABILITIES = 1, /* as they are */
    CRL_SCORES_LOGITS = 2         /* they still want their sigmoid */
} crl_score_form;

typedef enum crl_box_unit {
    CRL_BOXES_AUTO = 0,
    CRL_BOXES_RELATIVE = 1, /* fractions of the model's input */
    CRL_BOXES_PIXELS = 2,   /* of the model's input */
    CRL_BOXES_CELLS = 3     /* YOLOX: centres count from their cell, sizes are logarithms, both in cells */
} crl_box_unit;

typedef struct crl_detector_options {
    crl_head head;
    crl_score_form scores;
    crl_box_unit boxes;
    float iou;     /* of two boxes whose overlap is a larger part of their union, the lesser goes; 0: 0.45. Up to 1 */
    bool agnostic; /* also where their classes differ */
    bool named;    /* where rows are of a box and scores: those of `labels` classes, what follows is none, such as joints */
    bool turned;   /* and it ends with the angle of the box, in radians: boxes are those around turned ones */
    int32_t labels; /* how many classes have names, 0: not known; tells 4 + c columns from 5 + c */
    const crl_anchors *anchors; /* of CRL_HEAD_SSD_RAW; copied. NULL: none */
    uintptr_t reserved[8];      /* 0 */
} crl_detector_options;

/* A detector's outputs, and all memory that reading them takes. Serves one thread at a time. */
typedef struct crl_detector crl_detector;

/**
 * Prepares to read outputs like these: shapes, types and scales, no data. `input` is the tensor that the picture goes
 * into. Where the options leave it open,
 *
 *   head    is what the shapes allow. [1,n,k] with a row for each cell of grids is YOLOX, but YOLOv8 turned over where
 *           `labels` says so, or k is 84
 *   boxes   are pixels when some x is more than 2, else fractions; of YOLOX, more than half the input's width, else
 *           cells. What counts is the largest number that a quantised output could hold, and the largest in the frame
 *           of a float one, or of one with rows of six. A quantised output of boxes and scores together has a range for
 *           both: there it takes more than an eighth of the input's width
 *           YOLOv8's may be corners: where of 500 anchors or more none has a third number below its first, or a fourth
 *           below its second
 *   scores  are logits when one is below -0.1: could be, as its quantisation tells, in an output with nothing but scores;
 *           is, of objectness where there is any, in the frame of others. Those of CRL_HEAD_YOLO_CHOSEN never are, and of
 *           CRL_HEAD_SSD_RAW the anchors tell. Those of 8 bits in steps of more than 0.5 are percents
 *
 * Types   float32, uint8, int8, int16, with one scale for the output
 * Owner   `*out` is the caller's, for crl_detector_free(); NULL after a failure. `options` may be NULL.
 * Errors  CRL_ERR_UNSUPPORTED the outputs are not of that head, or of no type or scale that is read; the text names them
 *         CRL_ERR_ARGUMENT    an option out of range, no anchors, or as many as there are no boxes
 *         CRL_ERR_MEMORY
 */
CRL_API crl_status crl_detector_new(crl_detector **out, const crl_tensor *const *outputs, int32_t n_outputs,
                                    const crl_tensor *input, const crl_detector_options *options, crl_error *err);
CRL_API void crl_detector_free(crl_detector *detector); /* accepts NULL */
CRL_API crl_head crl_detector_head(const crl_detector *detector);
/* Columns of scores; 0: the outputs do not tell. */
CRL_API int32_t crl_detector_classes(const crl_detector *detector);

/**
 * Detections of one picture, best first; equal scores by class, then in the model's order. Each anchor counts as its best
 * class, the first of equals. A box that is not finite, or has no area within the picture, is dropped. When more than
 * 8,192 anchors reach the threshold, the best of them are looked at. Allocates nothing.
 *
 * Errors  CRL_ERR_ARGUMENT the outputs are not like those that the detector was made for
 */
CRL_API crl_status crl_detector_read(crl_detector *detector, const crl_tensor *const *outputs, int32_t n_outputs,
                                     const crl_letterbox *frame, float threshold, crl_detection *out, int32_t cap,
                                     int32_t *n, crl_error *err);

enum { CRL_KEYPOINTS = 17 };

typedef struct crl_keypoint {
    float x, y, score; /* pixels of the picture; not clipped */
} crl_keypoint;

typedef struct crl_pose {
    float score;
    crl_keypoint keypoints[CRL_KEYPOINTS]; /* in the order of the COCO data set */
    uint32_t reserved[12]; /* 0 */
} crl_pose;

/* "nose", "left_eye", ... "right_ankle"; NULL when out of range. */
CRL_API const char *crl_keypoint_name(int32_t i);

/**
 * Poses of one picture, best first.
 *
 * Shapes  [1,1,17,3] y, x, score: MoveNet, one pose whose score is the mean of its keypoints'; or
 *         [1,6,56] 17 times y, x, score, then a box and the score of the pose: MoveNet MultiPose; or
 *         [1,n,17,2] y, x, [1,n,17] scores, [1,n] scores of poses, [1] count: PosenetDecoderOp; or
 *         [1,h,w,17] a heat map of each joint, of one person; or
 *         [1,56,n], [1,n,56] a box, the score of the pose, and 17 times x, y, score: YOLO. Of two poses whose boxes share
 *         more than 0.45 of what they cover, the better counts; at most 64
 * Units   MoveNet: fractions of the input; PosenetDecoderOp: pixels of the input; YOLO: told as by crl_detector_new()
 * Errors  CRL_ERR_UNSUPPORTED the outputs have other shapes; the text gives them
 */
CRL_API crl_status crl_poses_read(const crl_tensor *const *outputs, int32_t n_outputs, const crl_letterbox *frame,
                                  float threshold, crl_pose *out, int32_t cap, int32_t *n, crl_error *err);

enum { CRL_MASK_CLASSES = 256 };

/**
 * The class of every pixel, as a grey picture.
 *
 * Shapes  [1,h,w] or [1,h,w,1] of class indices (uint8, int8, int32, int64), or [1,h,w,c] scores, of which the
 *         highest counts, the first of equals. The mask has the size of the output, less what is padding by
 *         `frame` (which may be NULL).
 * Owner   `*mask` is the caller's, for crl_image_fini()
 * Errors  CRL_ERR_UNSUPPORTED another shape or type, or a class past 255; CRL_ERR_MEMORY
 */
CRL_API crl_status crl_mask_read(crl_image *mask, const crl_tensor *output, const crl_letterbox *frame, crl_error *err);
/* Pixels of each class. */
CRL_API void crl_mask_count(const crl_image *mask, uint64_t pixels[CRL_MASK_CLASSES]);
/* The colour of a class in the Pascal VOC colour map. */
CRL_API void crl_mask_colour(int32_t index, uint8_t rgb[3]);
/* Writes a mask: PNG and BMP as palette indices with those colours, PGM as bare indices, the others as a colour
 * picture. As crl_image_save(). */
CRL_API crl_status crl_mask_save(const crl_image *mask, const char *path, crl_error *err);
/* The same file in memory. As crl_image_encode(). */
CRL_API crl_status crl_mask_encode(void **bytes, size_t *size, const crl_image *mask, const char *name, crl_error *err);

/* ---- drawing ----------------------------------------------------------------------------------- */

/* All draw straight into an RGB picture, of any size, and scale lines and letters with it. Numbers of any kind are
 * survived; what is not finite is not drawn.
 *
 * Labels  Latin letters are the library's own. Labels with others are written by pango and the system's fonts, which are
 *         loaded when the first such label comes. Where there is no pango, or no font has the letters, the Latin part of
 *         the label stands in, or "class 7"; so it does where a label is missing or `labels` is NULL.
 * Errors  ARGUMENT (a grey picture), MEMORY */

/* Boxes, each with a chip of its name and percent where there is room for one; every class is named at least once. */
CRL_API crl_status crl_draw_detections(crl_image *image, const crl_detection *detections, int32_t n,
                                       const crl_labels *labels, crl_error *err);
/* Skeletons; keypoints below `threshold` and limbs that end at one are left out. */
CRL_API crl_status crl_draw_poses(crl_image *image, const crl_pose *poses, int32_t n, float threshold, crl_error *err);
/* The classes of a mask tinted and outlined, stretched to the picture; class 0 is left clear. Their colours are those of
 * boxes, or others where those would not stand out from what is under them. */
CRL_API crl_status crl_draw_mask(crl_image *image, const crl_image *mask, crl_error *err);
/* The same, and a legend of the classes in the corner where it hides least. */
CRL_API crl_status crl_draw_segmentation(crl_image *image, const crl_image *mask, const crl_labels *labels,
                                         crl_error *err);
/* What drawing keeps from one picture to the next, for a stream of them: letters as they were shaped and drawn, and memory.
 * Nothing is allocated for a picture of the same size as the last one, once its labels have been drawn. The functions are
 * those above; crl_draw_poses() keeps nothing. */
typedef struct crl_painter crl_painter;

/* Owner: `*out` is the caller's, for crl_painter_free(); NULL after a failure. Errors: MEMORY. */
CRL_API crl_status crl_painter_new(crl_painter **out, crl_error *err);
CRL_API void crl_painter_free(crl_painter *painter); /* accepts NULL */
CRL_API crl_status crl_painter_detections(crl_painter *painter, crl_image *image, const crl_detection *detections, int32_t n,
                                          const crl_labels *labels, crl_error *err);
CRL_API crl_status crl_painter_mask(crl_painter *painter, crl_image *image, const crl_image *mask, crl_error *err);
CRL_API crl_status crl_painter_segmentation(crl_painter *painter, crl_image *image, const crl_image *mask,
                                            const crl_labels *labels, crl_error *err);

typedef enum crl_corner {
    CRL_CORNER_TOP_LEFT = 0,
    CRL_CORNER_TOP_RIGHT = 1,
    CRL_CORNER_BOTTOM_LEFT = 2,
    CRL_CORNER_BOTTOM_RIGHT = 3
} crl_corner;
/* Lines of text on a dark ground in a corner of the picture; those that are too wide for it are cut, and those that are too many
 * left out. Errors: also ARGUMENT (no such corner). */
CRL_API crl_status crl_painter_caption(crl_painter *painter, crl_image *image, const char *const *lines, int32_t n,
                                       crl_corner corner, crl_error *err);

/* Whether a label can be written with all its letters. Errors: UNSUPPORTED; the text says what to install. */
CRL_API crl_status crl_draw_check_label(const char *label, crl_error *err);

#ifdef __cplusplus
}
#endif
#endif
