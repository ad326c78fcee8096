/* SPDX-License-Identifier: Apache-2.0 */
/* Options that several commands have in common. What is said here is said once: in --help, in the
 * manual page and in the completions. */
#include <math.h>

#include "cmd.h"

static const cli_option model_options[] = {
    { "model", 'm', CLI_FILE, offsetof(cli_settings, model), "FILE", "the .tflite model to run",
      .without = "the model built into the program", .old = "model-file" },
    { 0 },
};
const cli_group cli_model_group = { "Model, or the built-in one", model_options };

static const cli_option needed_model_options[] = {
    { "model", 'm', CLI_FILE, offsetof(cli_settings, model), "FILE", "the .tflite model to run",
      .old = "model-file" },
    { 0 },
};
const cli_group cli_needed_model_group = { "Model", needed_model_options };

static const cli_option labels_options[] = {
    { "labels", 'l', CLI_FILE, offsetof(cli_settings, labels), "FILE", "names of the classes: lines, CSV, pbtxt, JSON or YAML",
      .without = "those inside the model, if any", .old = "label label-file labels-file" },
    { 0 },
};
const cli_group cli_labels_group = { "Labels", labels_options };

/* Choices stand in the order of crl_head, crl_score_form and crl_box_unit. */
static const cli_option decoder_options[] = {
    { "decoder", 0, CLI_CHOICE, offsetof(cli_settings, decoder), "NAME",
      "how boxes are read: ssd (chosen by the model), ssd-raw (with anchors from its metadata), yolov5 (with objectness; 3 to 7), "
      "yolov8 (without; 8 to 12), yolo-split (scores, and distances as distributions), yolo-corners (YOLO-NAS), yolo-chosen (rows "
      "of six numbers: 10, 26, nms=True) or yolox",
      .preset = "auto", .choices = "auto|ssd|ssd-raw|yolov5|yolov8|yolo-split|yolo-corners|yolo-chosen|yolox" },
    { "scores", 0, CLI_CHOICE, offsetof(cli_settings, scores), "WHAT",
      "what its scores are: probabilities, or logits, which want a sigmoid", .preset = "auto", .choices = "auto|probabilities|logits" },
    { "boxes", 0, CLI_CHOICE, offsetof(cli_settings, boxes), "UNIT",
      "what its boxes are in: relative (fractions of the input), pixels of it, or cells of grids (YOLOX)", .preset = "auto",
      .choices = "auto|relative|pixels|cells" },
    { "iou", 0, CLI_REAL, offsetof(cli_settings, iou), "X",
      "of two boxes of a class that share more than X of what they cover, drop the lesser", .preset = "0.45", .old = "iou-thres",
      .max = 1 },
    { "agnostic-nms", 0, CLI_FLAG, offsetof(cli_settings, agnostic), NULL, "drop it whatever the classes" },
    { 0 },
};
const cli_group cli_decoder_group = { "Detectors that leave boxes to choose", decoder_options };

static const cli_option picture_options[] = {
    { "image", 'i', CLI_FILES, offsetof(cli_settings, operands), "IMAGE",
      "a picture, for scripts that name it by an option", .old = "input" },
    { "resample", 0, CLI_CHOICE, offsetof(cli_settings, resample), "HOW",
      "how to resize to the model's input: bilinear, nearest, bicubic or lanczos, each as Pillow does it",
      .preset = "bilinear", .choices = "bilinear|nearest|bicubic|lanczos" },
    { "mean", 'a', CLI_REAL, offsetof(cli_settings, mean), "X", "give the model (pixel - mean) / std",
      .without = "the model's own, else 127.5, 0 for YOLO; 8-bit inputs take pixels as they are", .old = "input-mean",
      .min = -INFINITY },
    { "std", 's', CLI_REAL, offsetof(cli_settings, std), "X", "see --mean", .without = "the model's own, else 127.5, 255 for YOLO, 1 for YOLOX", .old = "input-std",
      .min = -INFINITY },
    { "exif-orientation", 0, CLI_FLAG, offsetof(cli_settings, exif_orientation), NULL,
      "turn photographs the way the camera was held", .preset = "on" },
    { "no-exif-orientation", 0, CLI_UNFLAG, offsetof(cli_settings, exif_orientation), NULL,
      "take them as they are stored" },
    { "count", 'c', CLI_INT, offsetof(cli_settings, count), "N",
      "run the model N times on each picture, and say on the standard error how long each took",
      .without = "once, and say nothing", .min = 1, .max = 1000000 },
    { 0 },
};
const cli_group cli_picture_group = { "From picture to input", picture_options };

static const cli_option engine_options[] = {
    { "backend", 0, CLI_CHOICE, offsetof(cli_settings, backend), "NAME",
      "what computes: auto, cpu, reference (one plain kernel per operator; same bytes, slow) or edgetpu",
      .preset = "auto", .choices = "auto|cpu|reference|edgetpu" },
    { "threads", 0, CLI_INT, offsetof(cli_settings, threads), "N", "share the work among N threads",
      .without = "the physical cores, at most 4", .old = "num-threads", .min = 1, .max = 64 },
    { "cpu", 0, CLI_TEXT, offsetof(cli_settings, cpu), "LEVEL",
      "use instructions up to LEVEL, such as ref, avx2 or neon; the results are the same",
      .without = "$CRL_CPU, else all that the machine has" },
    { "work-limit", 0, CLI_INT, offsetof(cli_settings, work_limit), "N",
      "refuse what needs more than N million units of work for a run; a unit is about a nanosecond of plain C",
      .without = "2000, and 524 for each kilobyte of the model beyond 16", .min = 1 },
    { 0 },
};
const cli_group cli_engine_group = { "Running", engine_options };

static const cli_option common_options[] = {
    { "json", 0, CLI_FLAG, offsetof(cli_settings, json), NULL, "print the result as JSON" },
    { "help", 'h', CLI_FLAG, offsetof(cli_settings, help), NULL, "print this help" },
    { "version", 0, CLI_FLAG, offsetof(cli_settings, version), NULL, "print the version" },
    { 0 },
};
const cli_group cli_common_group = { "General", common_options };

static const cli_option program_options[] = {
    { "help", 'h', CLI_FLAG, offsetof(cli_settings, help), NULL, "print this help" },
    { "version", 0, CLI_FLAG, offsetof(cli_settings, version), NULL, "print the version" },
    { "man", 0, CLI_FLAG, offsetof(cli_settings, man), NULL, "print the manual page (read it with: man -l -)" },
    { "completion", 0, CLI_TEXT, offsetof(cli_settings, completion), "SHELL",
      "print the completion script for bash or zsh", .choices = "bash|zsh" },
    { 0 },
};
static const cli_group program_group = { "Options", program_options };
static const cli_group *const program_groups[] = { &program_group, NULL };
static const char *const program_examples[] = {
    "corallite detect --output signs.png scene.jpg",
    "find printed signs and draw them, with the model that is built in",
    "corallite classify --model birds.tflite --labels birds.txt parrot.jpg",
    "say which bird it is",
    "corallite bench --profile birds.tflite",
    "time a model, operator by operator",
    NULL,
};
const cli_verb cli_program = {
    .name = "",
    .summary = "8-bit vision models at the edge",
    .operand = "COMMAND",
    .about = "Runs quantised .tflite models on pictures, to the byte as TensorFlow Lite's reference kernels do. Where a "
             "model stands in the place of the command, its outputs say which of classify, detect, segment, pose and embed "
             "is meant.",
    .groups = program_groups,
    .examples = program_examples
};
