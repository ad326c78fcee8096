/* SPDX-License-Identifier: Apache-2.0 */
/* Options that several commands have in common. What is said here is said once: in --help, in the
 * manual page and in the completions. */
#include <math.h>

#include <corallite/corallite.h>

#include "cmd.h"

static const cli_option model_options[] = {
    { "model", 'm', CLI_MODEL, offsetof(cli_model_settings, file), "FILE", "the .tflite model to run, or the name of one of 'models list'",
      .without = "the model built into the program", .old = "model-file" },
    { 0 },
};
const cli_group cli_model_group = { "Model, or the built-in one", model_options };

static const cli_option needed_model_options[] = {
    { "model", 'm', CLI_MODEL, offsetof(cli_model_settings, file), "FILE", "the .tflite model to run, or the name of one of 'models list'",
      .old = "model-file" },
    { 0 },
};
const cli_group cli_needed_model_group = { "Model", needed_model_options };

static const cli_option labels_options[] = {
    { "labels", 'l', CLI_LABELS, offsetof(cli_model_settings, labels), "FILE", "names of the classes: lines, CSV, pbtxt, JSON or YAML",
      .without = "those inside the model, if any", .old = "label label-file labels-file" },
    { 0 },
};
const cli_group cli_labels_group = { "Labels", labels_options };

static const cli_choice heads[] = {
    { "auto", CRL_HEAD_AUTO },     { "ssd", CRL_HEAD_SSD },
    { "ssd-raw", CRL_HEAD_SSD_RAW }, { "yolov5", CRL_HEAD_YOLOV5 },
    { "yolov8", CRL_HEAD_YOLOV8 }, { "yolo-split", CRL_HEAD_YOLO_SPLIT },
    { "yolo-corners", CRL_HEAD_YOLO_CORNERS }, { "yolo-chosen", CRL_HEAD_YOLO_CHOSEN },
    { "yolox", CRL_HEAD_YOLOX },   { "mediapipe", CRL_HEAD_MEDIAPIPE },   { 0 },
};
static const cli_choice score_forms[] = { { "auto", CRL_SCORES_AUTO }, { "probabilities", CRL_SCORES_PROBABILITIES },
                                          { "logits", CRL_SCORES_LOGITS }, { 0 } };
static const cli_choice box_units[] = { { "auto", CRL_BOXES_AUTO }, { "relative", CRL_BOXES_RELATIVE },
                                        { "pixels", CRL_BOXES_PIXELS }, { "cells", CRL_BOXES_CELLS }, { 0 } };
static const cli_option decoder_options[] = {
    { "decoder", 0, CLI_CHOICE, offsetof(cli_decoder_settings, head), "NAME",
      "how boxes are read: ssd (chosen by the model), ssd-raw (with anchors from its metadata), yolov5 (with objectness; 3 to 7), "
      "yolov8 (without; 8 to 12), yolo-split (scores, and distances as distributions), yolo-corners (YOLO-NAS), yolo-chosen (rows "
      "of six numbers: 10, 26, nms=True), yolox or mediapipe (faces, palms)",
      .preset = "auto", .choices = heads },
    { "scores", 0, CLI_CHOICE, offsetof(cli_decoder_settings, scores), "WHAT",
      "what its scores are: probabilities, or logits, which want a sigmoid; auto: logits where one is, or could be, negative",
      .preset = "auto", .choices = score_forms },
    { "boxes", 0, CLI_CHOICE, offsetof(cli_decoder_settings, boxes), "UNIT",
      "what its boxes are in: relative (fractions of the input), pixels of it, or cells of grids (YOLOX); auto: pixels where a "
      "number is, or could be, too large for the others", .preset = "auto",
      .choices = box_units },
    { "iou", 0, CLI_REAL, offsetof(cli_decoder_settings, iou), "X",
      "of two boxes of a class that share more than X of what they cover, drop the lesser", .preset = "0.45", .old = "iou-thres",
      .max = 1 },
    { "agnostic-nms", 0, CLI_FLAG, offsetof(cli_decoder_settings, agnostic), NULL, "drop it whatever the classes" },
    { 0 },
};
const cli_group cli_decoder_group = { "Detectors that leave boxes to choose", decoder_options };

static const cli_choice filters[] = { { "bilinear", CRL_RESAMPLE_BILINEAR }, { "nearest", CRL_RESAMPLE_NEAREST },
                                      { "bicubic", CRL_RESAMPLE_BICUBIC }, { "lanczos", CRL_RESAMPLE_LANCZOS }, { 0 } };
static const cli_choice fits[] = { { "auto", CRL_FIT_AUTO }, { "stretch", CRL_FIT_STRETCH }, { "corner", CRL_FIT_CORNER },
                                   { "centre", CRL_FIT_CENTRE }, { 0 } };
static const cli_choice orders[] = { { "auto", CRL_CHANNELS_AUTO }, { "rgb", CRL_CHANNELS_RGB }, { "bgr", CRL_CHANNELS_BGR }, { 0 } };
static const cli_option image_options[] = {
    { "image", 'i', CLI_FILES, offsetof(cli_picture_settings, images), "IMAGE",
      "a picture, for scripts that name it by an option", .old = "input" },
    { "exif-orientation", 0, CLI_FLAG, offsetof(cli_picture_settings, exif_orientation), NULL,
      "turn photographs the way the camera was held", .preset = "on" },
    { "no-exif-orientation", 0, CLI_UNFLAG, offsetof(cli_picture_settings, exif_orientation), NULL,
      "take them as they are stored" },
    { "count", 'c', CLI_INT, offsetof(cli_picture_settings, count), "N",
      "run the model N times on each picture, and say on the standard error how long each took",
      .without = "once, and say nothing", .min = 1, .max = 1000000 },
    { 0 },
};
const cli_group cli_image_group = { "Pictures", image_options };

static const cli_option input_options[] = {
    { "resample", 0, CLI_CHOICE, offsetof(cli_picture_settings, resample), "HOW",
      "how to resize to the model's input: bilinear, nearest, bicubic or lanczos, each as Pillow does it",
      .preset = "bilinear", .choices = filters },
    { "fit", 0, CLI_CHOICE, offsetof(cli_picture_settings, fit), "HOW",
      "how a picture of another shape goes into the input: stretch, or shrunk into its top left corner or centre; "
      "auto: centre for "
      "YOLO detectors, corner for YOLOX, as they were trained, and stretch for all others",
      .preset = "auto", .choices = fits },
    { "padding", 0, CLI_REAL, offsetof(cli_picture_settings, padding), "N",
      "the grey, 0 to 255, around a shrunk picture", .without = "114 for YOLO, else 0", .max = 255 },
    { "channels", 0, CLI_CHOICE, offsetof(cli_picture_settings, order), "ORDER",
      "the order of the input's colours, rgb or bgr; auto: bgr for YOLOX", .preset = "auto", .choices = orders },
    { "mean", 'a', CLI_REAL, offsetof(cli_picture_settings, mean), "X", "give the model (pixel - mean) / std",
      .without = "the model's own, else 127.5, 0 for YOLO; 8-bit inputs take pixels as they are, where their range is "
                 "not another",
      .old = "input-mean", .min = -INFINITY },
    { "std", 's', CLI_REAL, offsetof(cli_picture_settings, std), "X", "see --mean",
      .without = "the model's own, else 127.5, 255 for YOLO, 1 for YOLOX", .old = "input-std", .min = -INFINITY },
    { 0 },
};
const cli_group cli_input_group = { "From picture to input", input_options };

static const cli_choice backends[] = { { "auto", CRL_BACKEND_AUTO }, { "cpu", CRL_BACKEND_CPU },
                                       { "reference", CRL_BACKEND_REFERENCE }, { "edgetpu", CRL_BACKEND_EDGETPU },
                                       { "edgetpu:vendor", CRL_BACKEND_EDGETPU_VENDOR }, { "edgetpu:emulator", CLI_BACKEND_EMULATOR }, { 0 } };
static const cli_choice float_modes[] = { { "exact", CRL_FLOAT_EXACT }, { "fast", CRL_FLOAT_FAST }, { 0 } };
static const cli_choice arithmetics[] = { { "auto", CRL_ARITHMETIC_AUTO }, { "tflite", CRL_ARITHMETIC_TFLITE }, { "edgetpu", CRL_ARITHMETIC_EDGETPU }, { 0 } };
static const cli_option engine_options[] = {
    { "backend", 0, CLI_CHOICE, offsetof(cli_engine_settings, backend), "NAME",
      "what computes: auto, cpu, reference (one plain kernel per operator; same bytes, slow), edgetpu, edgetpu:vendor (by an installed "
      "libedgetpu.so.1) or edgetpu:emulator (a compiled model's instructions in software; no stick, slow)",
      .preset = "auto", .choices = backends },
    { "threads", 0, CLI_INT, offsetof(cli_engine_settings, threads), "N", "share the work among N threads",
      .without = "the physical cores, at most 4", .old = "num-threads", .min = 1, .max = CRL_MAX_THREADS },
    { "cpu", 0, CLI_TEXT, offsetof(cli_engine_settings, cpu), "LEVEL",
      "use instructions up to LEVEL, such as ref, avx2 or neon; the results are the same",
      .without = "$CRL_CPU, else all that the machine has" },
    { "float", 0, CLI_CHOICE, offsetof(cli_engine_settings, float_mode), "MODE",
      "how layers of floats add up: exact (as the reference does) or fast (fused multiply-adds, LOGISTIC in floats; 8-bit layers do not change)",
      .preset = "exact", .choices = float_modes },
    { "arithmetic", 0, CLI_CHOICE, offsetof(cli_engine_settings, arithmetic), "WHOSE",
      "whose bytes 8-bit layers give: tflite (those of its reference kernels), edgetpu (those of a stick, which rounds otherwise) or auto "
      "(edgetpu where a model stands in for a stick, unless --backend says cpu or reference; else tflite)",
      .preset = "auto", .choices = arithmetics },
    { "work-limit", 0, CLI_INT, offsetof(cli_engine_settings, work_limit), "N",
      "refuse a model that needs more than N million units of work for a run, each about a nanosecond of plain C",
      .without = "2000, and 524 for each kilobyte of the model beyond 16", .min = 1 },
    { 0 },
};
const cli_group cli_engine_group = { "Running", engine_options };

static const cli_option common_options[] = {
    { "json", 0, CLI_FLAG, offsetof(cli_common_settings, json), NULL, "print the result as JSON" },
    { "help", 'h', CLI_FLAG, offsetof(cli_common_settings, help), NULL, "print this help" },
    { "version", 0, CLI_FLAG, offsetof(cli_common_settings, version), NULL, "print the version" },
    { 0 },
};
const cli_group cli_common_group = { "General", common_options };
