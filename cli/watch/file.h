/* SPDX-License-Identifier: Apache-2.0 */
/* Several cameras from a file.
 *
 *   {"port": 8080, "mqtt": "mqtt://broker", "threads": 2,
 *    "cameras": {"door": {"source": "/dev/video0", "threshold": 0.6, "output": ["door-%Y%m%d-%H%M%S.mp4"],
 *                         "zones": [..], "lines": [..], "masks": [..]},
 *                "yard": {"source": "rtsp://yard.local/stream"}}}
 *
 * Keys are options of `watch`, without their dashes; those beside "cameras" count for all of them. What they mean, and whether there are such, is for
 * who reads the arguments that are made of them here. */
#ifndef CLI_WATCH_FILE_H
#define CLI_WATCH_FILE_H

#include <stdbool.h>
#include <stddef.h>

enum { CLI_WATCH_NAME = 32, CLI_WATCH_CAMERAS = 64 };

typedef struct cli_watch_entry {
    const char *name; /* letters, digits, - and _ */
    int line;         /* where it stands */
    char **arguments; /* "--threshold=0.6", those of all cameras first */
    int n, common;    /* common: as many are those of all cameras */
    struct json_t *areas; /* as cli_areas_read() takes it; NULL: none */
} cli_watch_entry;

/* Zeroed is empty. */
typedef struct cli_watch_file {
    struct json_t *root; /* holds the names */
    cli_watch_entry *cameras;
    int n;
} cli_watch_file;

/* false: `*why`, for free(), says what is wrong, and in which line; release in either case. */
bool cli_watch_file_read(cli_watch_file *f, const char *text, size_t size, char **why);
/* Its zones, lines and masks as text, for free(). */
char *cli_watch_areas_text(const cli_watch_entry *entry);
void cli_watch_file_release(cli_watch_file *f);

#endif
