/* SPDX-License-Identifier: Apache-2.0 */
/* corallite watch: what a camera sees, now. */
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <corallite/corallite.h>

#include "models/areas.h"
#include "io/file.h"
#include "io/pictures.h"
#include "io/say.h"
#include "watch/watch.h"

static const cli_choice modes[] = { { "async", CRL_STREAM_ASYNC }, { "sync", CRL_STREAM_SYNC }, { 0 } };
static const cli_choice formats[] = { { "rgb", CRL_PIXELS_RGB + 1 },     { "bgr", CRL_PIXELS_BGR + 1 },   { "rgbx", CRL_PIXELS_RGBX + 1 },
                                      { "bgrx", CRL_PIXELS_BGRX + 1 },   { "gray8", CRL_PIXELS_GRAY8 + 1 }, { "nv12", CRL_PIXELS_NV12 + 1 },
                                      { "i420", CRL_PIXELS_I420 + 1 },   { "yuyv", CRL_PIXELS_YUYV + 1 }, { "uyvy", CRL_PIXELS_UYVY + 1 },
                                      { 0 } };
static const cli_option source_options[] = {
    { "source", 's', CLI_TEXT, offsetof(cli_watch_settings, source), "SOURCE",
      "what to watch: a camera by its number or /dev/videoN, libcamera, rtsp://.., a film, a folder of pictures, - (raw frames on the "
      "standard input) or test (a scene of moving signs, drawn)",
      .without = "the operand, else camera 0", .old = "usbcamno" },
    { "replay", 0, CLI_FILE, offsetof(cli_watch_settings, replay), "FILE",
      "a recording, every frame of it and as fast as it can be looked at: to compare settings; the same as --source FILE --fps 0" },
    { "width", 0, CLI_INT, offsetof(cli_watch_settings, width), "N", "pixels in a row of a frame", .preset = "320", .min = 1, .max = 65535 },
    { "height", 0, CLI_INT, offsetof(cli_watch_settings, height), "N", "rows of a frame", .preset = "240", .min = 1, .max = 65535 },
    { "fps", 0, CLI_REAL, offsetof(cli_watch_settings, fps), "X", "frames a second; 0: as many as can be looked at, and none is left out",
      .without = "30; a film's own; pictures of a folder come as fast as they can be looked at", .max = 1000 },
    { "format", 0, CLI_CHOICE, offsetof(cli_watch_settings, pixels), "PIXELS",
      "pixels of raw frames, or wanted of a camera: i420 (also called yuv420), nv12, yuyv, uyvy, rgb, bgr, rgbx, bgrx or gray8",
      .without = "i420; the best that the camera gives", .choices = formats },
    { "mode", 0, CLI_CHOICE, offsetof(cli_watch_settings, mode), "MODE",
      "async: frames are shown as they come, the newest is looked at; sync: each frame waits until it has been looked at",
      .preset = "async", .choices = modes },
    { "frames", 'n', CLI_INT, offsetof(cli_watch_settings, frames), "N", "end after N frames", .without = "when the source does, or at Ctrl-C",
      .min = 1 },
    { 0 },
};
static const cli_group source_group = { "Source", source_options };

static const cli_option result_options[] = {
    { "threshold", 't', CLI_REAL, offsetof(cli_result_settings, threshold), "X", "show what scores at least X",
      .without = "0.5; classifiers: their own, else 0", .min = -INFINITY },
    { "top-k", 'k', CLI_INT, offsetof(cli_result_settings, top_k), "N", "show the N best", .without = "10; classifiers: 3", .min = 1, .max = 1000 },
    { "keep-aspect-ratio", 0, CLI_FLAG, offsetof(cli_result_settings, keep_aspect_ratio), NULL,
      "do not stretch the frame to the model's input: leave the rest of the input black, or as --fit auto has it for YOLO" },
    { 0 },
};
static const cli_group result_group = { "Results", result_options };

static const cli_option sink_options[] = {
    { "areas", 0, CLI_FILE, offsetof(cli_watch_settings, areas), "FILE",
      "zones and lines to count in, and masks that nobody gets to see, as JSON (docs/watching.md)" },
    { "display", 'd', CLI_TEXTS, offsetof(cli_watch_settings, displays), "WHERE",
      "window (q or Esc closes it, f fills the screen), web (a page, at http://127.0.0.1:8080/), terminal (over SSH, too; terminal:blocks, "
      "terminal:kitty or terminal:sixel where it is not recognised) or none; may be given again",
      .without = "a window, where there is a screen and nothing else is asked for" },
    { "port", 0, CLI_INT, offsetof(cli_watch_settings, port), "N", "of --display web", .preset = "8080", .min = 1, .max = 65535 },
    { "address", 0, CLI_TEXT, offsetof(cli_watch_settings, address), "ADDRESS",
      "of --display web: 0.0.0.0 for whoever reaches this machine and has the token that is printed", .preset = "127.0.0.1" },
    { "token", 0, CLI_TEXT, offsetof(cli_watch_settings, token), "TEXT", "of --display web: what visitors have to know",
      .without = "none at 127.0.0.1, else one is made up" },
    { "output", 'o', CLI_FILES, offsetof(cli_watch_settings, outputs), "FILE",
      "record a film with the boxes, FILE.mp4 or FILE.mkv; or write every frame as FILE/000000.jpg, where FILE is a folder or ends in a slash "
      "(FILE/.png and the like choose another format); or rtsp://127.0.0.1:8554/live, for others to watch; may be given again" },
    { "mqtt", 0, CLI_TEXT, offsetof(cli_watch_settings, broker), "BROKER",
      "tell a broker what comes and goes, as Frigate does, and Home Assistant by its discovery: mqtt://name:password@host:port/topic, or the host" },
    { "name", 0, CLI_TEXT, offsetof(cli_watch_settings, camera), "NAME", "what the camera is called there", .preset = "camera" },
    { "config", 0, CLI_FILE, offsetof(cli_watch_settings, config), "FILE",
      "several cameras, each with these options, as JSON (docs/watching.md); SIGHUP has it read again" },
    { "plain", 0, CLI_FLAG, offsetof(cli_watch_settings, plain), NULL, "draw boxes, and no frames per second" },
    { "quiet", 'q', CLI_FLAG, offsetof(cli_watch_settings, quiet), NULL, "do not print frames per second either" },
    { 0 },
};
static const cli_group sink_group = { "Where it goes", sink_options };

static const cli_part parts[] = {
    { &source_group, 0 },
    { &sink_group, 0 },
    { &cli_sight_group, offsetof(cli_watch_settings, sight) },
    { &result_group, offsetof(cli_watch_settings, task.results) },
    { &cli_decoder_group, offsetof(cli_watch_settings, task.decoder) },
    { &cli_input_group, offsetof(cli_watch_settings, task.picture) },
    { &cli_engine_group, offsetof(cli_watch_settings, task.engine) },
    { &cli_common_group, offsetof(cli_watch_settings, task.common) },
    { 0 },
};
static const char *const examples[] = {
    "corallite watch --output signs.mp4",
    "what the camera sees, with the signs that are found, as a film",
    "corallite watch --task classify",
    "what the picture as a whole shows, by the built-in classifier",
    "corallite watch --model faces.tflite --model cars.tflite --tiles 2x2",
    "two detectors that look at the same frames, and at quarters of them",
    "corallite watch --display web --address 0.0.0.0",
    "a page for the browser of another machine",
    "corallite watch test --output frames/ --frames 90",
    "three seconds of signs that pass by, drawn, as pictures",
    "rpicam-vid --codec yuv420 -o - | corallite watch - --width 640 --height 480",
    "five seconds of a Raspberry Pi's camera",
    "corallite watch --source frames/ --json --mode sync",
    "pictures in a folder as if they were a film: things keep their numbers",
    "corallite watch --config cameras.json",
    "several cameras on one page, as a service",
    NULL,
};

/* ---- talking while it runs ---- */

static void end_line(cli_watch_talk *t)
{
    if (t->open) fputc('\n', stderr);
    t->open = false;
}

static void report(void *user, const crl_stream_counts *c)
{
    cli_watch_talk *t = user;
    const double now = cli_now_ms();
    if (t->quiet || (!t->in_place && t->last_ms > 0 && now - t->last_ms < 1000)) return;
    t->last_ms = now;
    fprintf(stderr, "%s(Playback) %.1f FPS  (Detection) %.1f FPS, %.1f ms%s", t->in_place ? "\r" : "", c->playback_fps, c->detection_fps,
            c->detection_ms, t->in_place ? "\033[K" : "\n");
    fflush(stderr);
    t->open = t->in_place;
}

static void notice(void *user, const crl_notice *n)
{
    cli_watch_talk *t = user;
    end_line(t);
    if (n->kind == CRL_NOTICE_FRAME_LOST) t->lost_frames++;
    if (n->kind == CRL_NOTICE_SOURCE_BACK || n->kind == CRL_NOTICE_SINK_BACK) cli_note("%s", n->text);
    else cli_warning("%s", n->text);
}

static void sum_up(const cli_watch_talk *t, const crl_stream_counts *c)
{
    if (t->quiet) return;
    char *latency = c->overlay_ms > 0 ? cli_format(", on the picture %.1f ms after capture (median)", c->overlay_ms) : cli_format("%s", "");
    cli_note("%llu frame%s, %llu looked at%s; %llu more not shown, %llu not looked at", (unsigned long long)c->played, c->played == 1 ? "" : "s",
             (unsigned long long)c->detected, latency, (unsigned long long)c->not_played, (unsigned long long)c->not_detected);
    free(latency);
}

/* ---- ending ---- */

/* What a signal ends: from before the first sink is opened, which may be asked to end as soon as it is, until the stream is freed. */
static crl_stream *_Atomic running;

static void stop(int number)
{
    crl_stream *stream = running;
    signal(number, SIG_DFL); /* who is in a hurry asks twice */
    if (stream) crl_stream_stop(stream);
    else raise(number);
}

static void catch_signals(crl_stream *stream)
{
    static const int ending[] = { SIGINT, SIGTERM, SIGHUP };
    running = stream;
    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++) {
        struct sigaction now, ours = { .sa_handler = stop };
        sigemptyset(&ours.sa_mask);
        if (!sigaction(ending[i], NULL, &now) && now.sa_handler != SIG_IGN) sigaction(ending[i], &ours, NULL);
    }
    signal(SIGPIPE, SIG_IGN); /* a reader who has gone is a sink that ends; the others finish their files */
}

/* ---- what is watched ---- */

int cli_watch_open_source(crl_source *out, const cli_watch_settings *w, const char *name, cli_watch_talk *t)
{
    crl_error err;
    crl_source_options o = { .width = w->width, .height = w->height, .has_pixels = w->pixels != 0, .exif_orientation = true };
    o.fps = isnan(w->fps) ? 0 : w->fps > 0 ? w->fps : INFINITY;
    if (w->pixels) o.pixels = (crl_pixels)(w->pixels - 1);
    if (!cli_is_folder(name)) return crl_source_open(out, name, &o, &err) ? cli_failed(&err) : CLI_DONE;
    cli_pictures pictures;
    const char *one[] = { name };
    const cli_list operand = { one, 1 };
    cli_pictures_list(&pictures, &operand);
    int code = pictures.n ? CLI_DONE : CLI_FAILED; /* why, has been said */
    t->lost_frames += pictures.failures;
    if (!code && crl_source_pictures(out, (const char *const *)pictures.paths, pictures.n, &o, &err)) code = cli_failed(&err);
    cli_pictures_release(&pictures);
    return code;
}

/* ---- all together ---- */

crl_stream_options cli_watch_stream_options(const cli_watch_settings *w)
{
    const double threshold = w->task.results.threshold;
    return (crl_stream_options){ .mode = (crl_stream_mode)w->mode, .frames = (uint64_t)w->frames, .plain = w->plain,
                                 .threshold = isnan(threshold) ? 0 : (float)fmax(threshold, 1e-6), .top_k = w->task.results.top_k };
}

static int run(crl_stream *stream, cli_watch_talk *t)
{
    crl_error err;
    crl_stream_counts counts;
    const crl_status status = crl_stream_run(stream, &err);
    end_line(t);
    crl_stream_counts_now(stream, &counts);
    if (!status || counts.played) sum_up(t, &counts);
    if (status) return cli_failed(&err);
    return t->lost_frames ? CLI_FAILED : CLI_DONE;
}

static int watch_source(const cli_watch_settings *w, const char *name)
{
    crl_error err;
    crl_source source;
    cli_sight sight = { 0 };
    cli_areas areas = { 0 };
    cli_watch_talk t = { .quiet = w->quiet, .in_place = isatty(STDERR_FILENO) && !(w->task.common.json && isatty(STDOUT_FILENO)) };
    int code = w->areas ? cli_areas_load(&areas, w->areas) : CLI_DONE;
    if (!code) code = cli_sight_open(&sight, &w->sight, &w->task);
    if (!code) code = cli_watch_open_source(&source, w, name, &t);
    if (!code) {
        crl_stream *stream;
        crl_stream_options o = cli_watch_stream_options(w);
        o.notice = notice, o.report = report, o.user = &t;
        o.areas = areas.list, o.n_areas = areas.n;
        cli_sight_apply(&sight, &w->sight, &o);
        if (crl_stream_new(&stream, &source, sight.first.session, &o, &err)) {
            if (w->areas && err.status == CRL_ERR_ARGUMENT) cli_within(&err, err.status, "%s", w->areas);
            code = cli_failed(&err);
        }
        else {
            catch_signals(stream);
            code = cli_watch_add_sinks(stream, w, name, &t);
            if (!code) code = run(stream, &t);
            running = NULL;
        }
        crl_stream_free(stream);
    }
    cli_sight_close(&sight);
    cli_areas_release(&areas);
    return code;
}

/* What else is given would count for no camera, or for all of them: nobody could tell. */
static bool stands_alone(const cli_watch_settings *w)
{
    char argument[] = "--config=FILE", *arguments[] = { argument };
    cli_watch_settings bare = { 0 };
    cli_parse(&cli_watch, 1, arguments, &bare);
    bare.config = w->config;
    const bool alone = !memcmp(&bare, w, sizeof bare);
    cli_release(&cli_watch, &bare);
    if (!alone) cli_error("--config %s: other options belong into that file, beside \"cameras\" where they count for all of them", w->config);
    return alone;
}

static int watch(const void *settings)
{
    const cli_watch_settings *w = settings;
    const cli_list *operands = &w->task.picture.images;
    const char *option = w->replay ? w->replay : w->source, *operand = operands->n ? operands->items[0] : NULL;
    if (option && (operand || (w->replay && w->source))) {
        cli_error("two sources, --%s %s and %s; one is expected", w->replay ? "replay" : "source", option, operand ? operand : w->source);
        return CLI_USAGE;
    }
    cli_watch_settings own = *w;
    own.task.model = cli_sight_model(&w->sight);
    if (w->replay) own.fps = 0;
    if (w->config) return stands_alone(w) ? cli_watch_service(w->config) : CLI_USAGE;
    return watch_source(&own, option ? option : operand ? operand : "0");
}

const cli_verb cli_watch = {
    .name = "watch",
    .summary = "look at frames as they come, and keep track of things in them",
    .operand = "SOURCE",
    .min_operands = 0,
    .max_operands = 1,
    .about =
        "Runs a model on the frames of a source while they are shown or told of. What a detector finds is tracked: the same thing "
        "keeps its number, and a box does not flicker where the model misses it for a moment.\n"
        "The numbers of frames a second that are shown and looked at, over the last 15 frames, are drawn into the picture and printed "
        "on the standard error, with the time that the model takes for one. Ctrl-C ends it, with all files whole.",
    .json = "{\"frame\": n, \"time\": seconds, \"results\": [{\"index\": n, \"label\": .., \"score\": x, \"box\": [x0, y0, x1, y1], "
            "\"id\": n}], \"gone\": [id], \"detection_ms\": x, \"overlay_ms\": x}, a line for each frame that was looked at",
    .parts = parts,
    .examples = examples,
    .settings_bytes = sizeof(cli_watch_settings),
    .operands_at = offsetof(cli_watch_settings, task.picture.images),
    .common_at = offsetof(cli_watch_settings, task.common),
    .run = watch
};
