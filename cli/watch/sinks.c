/* SPDX-License-Identifier: Apache-2.0 */
/* Where what is watched goes: see watch.h. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/file.h"
#include "io/outputs.h"
#include "io/say.h"
#include "watch/watch.h"

/* "live.mp4" */
static bool is_film(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot && dot != name && dot[-1] != '/' && (!strcmp(dot, ".mp4") || !strcmp(dot, ".mkv"));
}

static int add_film(crl_stream *stream, cli_outputs *outputs, const char *name)
{
    crl_error err;
    crl_sink sink;
    const int code = cli_outputs_plan(outputs, "output", name);
    if (code) return code;
    if (crl_sink_film(&sink, name, &err)) {
        cli_error("--output %s", err.text);
        return CLI_FAILED;
    }
    return crl_stream_add(stream, &sink, &err) ? cli_failed(&err) : CLI_DONE;
}

/* "frames/", "frames/.png" */
static int add_files(crl_stream *stream, const char *name)
{
    crl_error err;
    crl_sink sink;
    const char *slash = strrchr(name, '/');
    const char *suffix = slash && slash[1] == '.' && slash[2] != '.' ? slash + 1 : NULL;
    if (!suffix && !cli_names_folder(name)) {
        cli_error("--output %s: a film (.mp4, .mkv) or a folder is expected, the latter written with a slash at its end", name);
        return CLI_USAGE;
    }
    char *folder = suffix ? cli_format("%.*s", (int)(slash - name + 1), name) : cli_format("%s", name);
    int code = CLI_DONE;
    if (cli_make_folder(folder, &err) || crl_sink_files(&sink, folder, suffix ? suffix : ".jpg", &err)) {
        cli_error("--output: %s", err.text);
        code = err.status == CRL_ERR_ARGUMENT ? CLI_USAGE : CLI_FAILED;
    }
    free(folder);
    if (!code && crl_stream_add(stream, &sink, &err)) code = cli_failed(&err);
    return code;
}

static int add_rtsp(crl_stream *stream, const char *url)
{
    crl_error err;
    crl_sink sink;
    if (!crl_sink_rtsp(&sink, url, &err)) return crl_stream_add(stream, &sink, &err) ? cli_failed(&err) : CLI_DONE;
    cli_error("--output: %s", err.text);
    return err.status == CRL_ERR_ARGUMENT ? CLI_USAGE : CLI_FAILED;
}

static int add_window(crl_stream *stream, const char *source)
{
    crl_error err;
    crl_sink sink;
    char *title = cli_format("Corallite: %s", source);
    const crl_status s = crl_sink_window(&sink, title, &err);
    free(title);
    return s || crl_stream_add(stream, &sink, &err) ? cli_failed(&err) : CLI_DONE;
}

static int add_page(crl_stream *stream, const cli_watch_settings *w, cli_watch_talk *t)
{
    crl_error err;
    crl_sink sink;
    char url[160];
    const crl_web_options o = { .address = w->address,
                                .port = w->port,
                                .token = w->token,
                                .stream = stream,
                                .camera = w->one_of_several ? w->camera : NULL };
    if (crl_sink_web(&sink, &o, url, &err) || crl_stream_add(stream, &sink, &err)) {
        const int code = cli_failed(&err);
        return err.status == CRL_ERR_ARGUMENT ? CLI_USAGE : code;
    }
    if (strcmp(t->page, url)) cli_note("%s at %s", w->one_of_several ? "all cameras are" : "the picture is", url);
    snprintf(t->page, sizeof t->page, "%s", url);
    return CLI_DONE;
}

static int add_terminal(crl_stream *stream, const cli_watch_settings *w, const char *name, cli_watch_talk *t)
{
    static const cli_choice ways[] = { { "terminal", CRL_TERMINAL_AUTO },
                                       { "terminal:blocks", CRL_TERMINAL_BLOCKS },
                                       { "terminal:kitty", CRL_TERMINAL_KITTY },
                                       { "terminal:sixel", CRL_TERMINAL_SIXEL },
                                       { 0 } };
    crl_error err;
    crl_sink sink;
    int i = 0;
    while (ways[i].word && strcmp(ways[i].word, name)) i++;
    if (!ways[i].word || w->task.common.json) {
        cli_error(ways[i].word ? "--display %s: --json goes to the standard output already"
                               : "--display %s: terminal:blocks, terminal:kitty and terminal:sixel are known",
                  name);
        return CLI_USAGE;
    }
    t->quiet = t->quiet || isatty(STDERR_FILENO); /* numbers stand in the picture, and would move it */
    if (crl_sink_terminal(&sink, STDOUT_FILENO, (crl_terminal)ways[i].value, &err) || crl_stream_add(stream, &sink, &err)) return cli_failed(&err);
    return CLI_DONE;
}

static int add_broker(crl_stream *stream, const cli_watch_settings *w)
{
    crl_error err;
    crl_sink sink;
    const crl_mqtt_options o = { .broker = w->broker, .camera = w->camera, .one_of_several = w->one_of_several };
    if (!crl_sink_mqtt(&sink, &o, &err)) return crl_stream_add(stream, &sink, &err) ? cli_failed(&err) : CLI_DONE;
    cli_error("--mqtt: %s", err.text);
    return err.status == CRL_ERR_ARGUMENT ? CLI_USAGE : CLI_FAILED;
}

static int add_displays(crl_stream *stream, const cli_watch_settings *w, const char *source, cli_watch_talk *t)
{
    int code = CLI_DONE;
    for (int i = 0; i < w->displays.n && !code; i++) {
        const char *name = w->displays.items[i];
        if (!strcmp(name, "window")) code = add_window(stream, source);
        else if (!strcmp(name, "web")) code = add_page(stream, w, t);
        else if (!strncmp(name, "terminal", 8)) code = add_terminal(stream, w, name, t);
        else if (strcmp(name, "none")) {
            cli_error("--display %s: window, web, terminal or none is expected", name);
            code = CLI_USAGE;
        }
    }
    const bool other = w->displays.n || w->outputs.n || w->broker || w->task.common.json;
    const bool screen = (getenv("DISPLAY") && *getenv("DISPLAY")) || (getenv("WAYLAND_DISPLAY") && *getenv("WAYLAND_DISPLAY"));
    return code || other || !screen ? code : add_window(stream, source);
}

int cli_watch_add_sinks(crl_stream *stream, const cli_watch_settings *w, const char *source, cli_watch_talk *t)
{
    crl_error err;
    crl_sink sink;
    int code = CLI_DONE;
    cli_outputs outputs = { 0 };
    cli_outputs_protect(&outputs, w->task.model.file);
    cli_outputs_protect(&outputs, w->task.model.labels);
    if (!cli_is_folder(source) && strcmp(source, "-")) cli_outputs_protect(&outputs, source);
    for (int i = 0; i < w->outputs.n && !code; i++) {
        const char *name = w->outputs.items[i];
        code = !strncmp(name, "rtsp://", 7) ? add_rtsp(stream, name) : is_film(name) ? add_film(stream, &outputs, name) : add_files(stream, name);
    }
    cli_outputs_release(&outputs);
    if (!code) code = add_displays(stream, w, source, t);
    if (!code && w->broker) code = add_broker(stream, w);
    if (code || !w->task.common.json) return code;
    if (crl_sink_json(&sink, STDOUT_FILENO, &err) || crl_stream_add(stream, &sink, &err)) return cli_failed(&err);
    return CLI_DONE;
}
