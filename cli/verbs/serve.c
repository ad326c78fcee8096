/* SPDX-License-Identifier: Apache-2.0 */
/* corallite serve: models for programs that cannot link the library. */
#include <stdlib.h>

#include <corallite/corallite.h>

#include "cmd.h"
#include "serve/service.h"

static const cli_option model_options[] = {
    { "model", 'm', CLI_FILES, offsetof(cli_serve_settings, models), "NAME=FILE",
      "a model and the name under which it is asked for; without NAME= the file's own; FILE may be the name of one of 'models list'; may be given again",
      .without = "signs_detector and signs_classifier, which are built into the program" },
    { "labels", 'l', CLI_FILES, offsetof(cli_serve_settings, labels), "NAME=FILE",
      "names of a model's classes; without NAME= those of the first model; may be given again", .without = "those inside the model, if any" },
    { 0 },
};
static const cli_group model_group = { "Models", model_options };

static const cli_option where_options[] = {
    { "port", 'p', CLI_INT, offsetof(cli_serve_settings, port), "N", "the port; 0: one that is free, which is said",
      .preset = "8000", .max = 65535 },
    { "address", 0, CLI_TEXT, offsetof(cli_serve_settings, address), "ADDRESS",
      "0.0.0.0 for whoever reaches this machine and has the token", .preset = "127.0.0.1" },
    { "token", 0, CLI_TEXT, offsetof(cli_serve_settings, token), "TEXT",
      "what clients have to know; at best from $CORALLITE_TOKEN, which others do not see",
      .without = "$CORALLITE_TOKEN; none at 127.0.0.1, else one is made up and said" },
    { "zmq", 0, CLI_TEXT, offsetof(cli_serve_settings, zmq), "ENDPOINT",
      "also answer Frigate's detector 'zmq', at ipc:///FILE or tcp://127.0.0.1:PORT",
      .without = "nobody asks that way" },
    { 0 },
};
static const cli_group where_group = { "Where", where_options };

static const cli_option limit_options[] = {
    { "engines", 0, CLI_INT, offsetof(cli_serve_settings, engines), "N",
      "requests that a model works on at once, each in an engine of its own; a compiled one at most as many as there are Edge TPUs",
      .without = "as many as there are threads",
      .min = 1, .max = CLI_LANE_SEATS },
    { "queue", 0, CLI_INT, offsetof(cli_serve_settings, queue), "N",
      "requests that may wait for a model; more are answered 503", .preset = "64", .min = 1, .max = 65536 },
    { "connections", 0, CLI_INT, offsetof(cli_serve_settings, connections), "N",
      "clients at once; beyond three quarters, idle ones are cut off", .preset = "512", .min = 8, .max = 65536 },
    { "max-body", 0, CLI_INT, offsetof(cli_serve_settings, picture_mib), "MIB",
      "bytes of a picture's form; tensors are bounded by the model", .preset = "16", .min = 1, .max = 1024 },
    { "body-memory", 0, CLI_INT, offsetof(cli_serve_settings, body_mib), "MIB",
      "bytes of all requests together; more are answered 503", .preset = "256", .min = 1, .max = 65536 },
    { "rate", 0, CLI_REAL, offsetof(cli_serve_settings, rate), "X",
      "requests a second of one client's address; more are answered 429; 0: any number", .preset = "0",
      .max = 1000000 },
    { "timeout", 0, CLI_REAL, offsetof(cli_serve_settings, request_s), "SECONDS",
      "for a client to send a request, or to take its answer", .preset = "30", .min = 0.1, .max = 3600 },
    { "idle", 0, CLI_REAL, offsetof(cli_serve_settings, idle_s), "SECONDS", "that a connection may be idle",
      .preset = "60", .min = 0.1, .max = 86400 },
    { "grace", 0, CLI_REAL, offsetof(cli_serve_settings, grace_s), "SECONDS",
      "for what is being answered when a signal ends it", .preset = "20", .max = 3600 },
    { 0 },
};
static const cli_group limit_group = { "Limits", limit_options };

static const cli_part parts[] = {
    { &model_group, 0 },
    { &where_group, 0 },
    { &limit_group, 0 },
    { &cli_engine_group, offsetof(cli_serve_settings, engine) },
    { &cli_common_group, offsetof(cli_serve_settings, common) },
    { 0 },
};
static const char *const examples[] = {
    "corallite serve",
    "the built-in models, for this machine's programs, at port 8000",
    "corallite serve --model coco.tflite --model face=faces.tflite",
    "also /v1/vision/detection and /v1/vision/face of DeepStack",
    "corallite serve --model coco.tflite --zmq ipc:///tmp/cache/zmq_detector",
    "Frigate's detector 'zmq' as well",
    "corallite serve --model coco.tflite --address 0.0.0.0",
    "for other machines, with the token that is printed",
    NULL,
};

static int serve(const void *settings)
{
    return cli_serve_models(settings);
}

const cli_verb cli_serve_verb = {
    .name = "serve",
    .summary = "an inference server for programs that cannot link",
    .operand = "NAME=FILE",
    .max_operands = CLI_SERVED_MODELS,
    .about = "Answers requests over HTTP: the Open Inference Protocol of KServe and Triton (/v2, tensors as JSON or "
             "bytes), and pictures in forms as of DeepStack and "
             "CodeProject.AI (/v1/vision); Frigate also over ZeroMQ. Models share threads and take turns; what does "
             "not fit into a queue is told to come "
             "again. SIGHUP has the files read again, without a request lost; SIGTERM ends it when what was asked is "
             "answered. /metrics is for Prometheus. "
             "docs/serving.md has the rest.",
    .json = "nothing",
    .parts = parts,
    .examples = examples,
    .settings_bytes = sizeof(cli_serve_settings),
    .operands_at = offsetof(cli_serve_settings, operands),
    .common_at = offsetof(cli_serve_settings, common),
    .run = serve,
};
