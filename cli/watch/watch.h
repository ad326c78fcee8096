/* SPDX-License-Identifier: Apache-2.0 */
/* What watching is put together from: settings -> source, models (sight.h), sinks -> crl_stream. */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include <corallite/stream.h>

#include "watch/sight.h"

typedef struct cli_watch_settings {
    cli_task_settings task; /* its operands are sources */
    cli_sight_settings sight;
    const char *source, *replay;
    int mode, pixels; /* pixels: a crl_pixels plus 1; 0: not given */
    int width, height, frames;
    double fps;
    const char *areas, *config;
    cli_list outputs, displays;
    const char *address, *token, *broker, *camera;
    int port;
    bool plain, quiet;
    bool one_of_several; /* no option: shares its page and its broker with others, which know it by `camera` */
} cli_watch_settings;

/* Frames per second are brought up to date in their place where somebody sits before them, else once a second. */
typedef struct cli_watch_talk {
    bool quiet, in_place, open; /* open: the line of numbers stands there without its end */
    double last_ms;
    int lost_frames;
    char page[160]; /* the address that was said */
} cli_watch_talk;

/* Each returns CLI_DONE, or an exit code after saying what is wrong. */

/* Lost pictures of a folder are counted in `t`. */
int cli_watch_open_source(crl_source *out, const cli_watch_settings *w, const char *name, cli_watch_talk *t);
int cli_watch_add_sinks(crl_stream *stream, const cli_watch_settings *w, const char *source, cli_watch_talk *t);

/* Without the parts that are the caller's: notice, report, user, areas. */
crl_stream_options cli_watch_stream_options(const cli_watch_settings *w);

/* ---- service.c ---- */

/* Watches the cameras of a file until a signal ends it; SIGHUP has it read again. Returns an exit code. */
int cli_watch_service(const char *path);

#endif
