/* SPDX-License-Identifier: Apache-2.0 */
/* Files read with a bound and written whole or not at all. */
#ifndef CLI_FILE_H
#define CLI_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <corallite/status.h>

/* Reads a file, or standard input for "-", up to `limit` bytes; a longer one gives limit bytes.
 * `*bytes` is for free(), NULL after a failure. Errors: IO. */
crl_status cli_read_file(const char *path, size_t limit, uint8_t **bytes, size_t *size, crl_error *err);

/* The same for what is no stream: pipes, devices and what is longer are refused, so that nothing is waited for. */
crl_status cli_read_whole(const char *path, size_t limit, uint8_t **bytes, size_t *size, crl_error *err);
/* Whether it is such a file, for what is read otherwise. Errors: IO: it is missing, a folder, a pipe or a device. */
crl_status cli_expect_regular(const char *path, crl_error *err);

/* Writes two parts, one after the other, beside `path` and renames: what was there before stays until then, and
 * passes on its permissions. A link is followed; a path that is no regular file (/dev/stdout) is written in place,
 * and "-" is the standard output. Errors: IO. */
crl_status cli_write_file(const char *path, const void *head, size_t head_bytes, const void *body, size_t body_bytes,
                          crl_error *err);

/* The same for files that belong together: all are written before the first takes its place. At most CLI_MOST_FILES. */
typedef struct cli_new_file {
    const char *path;
    const void *head;
    size_t head_bytes;
    const void *body;
    size_t body_bytes;
} cli_new_file;
enum { CLI_MOST_FILES = 4 };
crl_status cli_write_files(const cli_new_file *files, int n, crl_error *err);

/* Keeps a file from others who ask as well, of which it leaves nothing behind. Errors: STATE, another process has it. */
typedef struct cli_file_lock {
    char *name;
    int fd;
} cli_file_lock;
crl_status cli_lock(cli_file_lock *out, const char *path, crl_error *err);
void cli_unlock(cli_file_lock *lock); /* accepts a zeroed one, and one that was not had */

/* To be called once, before anything is opened: no file gets the number of a stream that was closed, into which what is said would
 * go then. Streams stay as useless as they were. */
void cli_file_streams(void);

/* To be called once, at the start: a signal that ends the program takes the unfinished file with it, and a limit on
 * the size of files is an error, not a signal. */
void cli_file_signals(void);

/* From cli_signals_wait() on the first signal that would end the program is only noted, so that what was done so far can be saved;
 * cli_signals_act() then ends it. The second one ends it at once. */
void cli_signals_wait(void);
bool cli_signals_came(void);
void cli_signals_act(void);
/* Or forgets it, where it has ended what it was meant to. */
void cli_signals_forget(void);

/* Opens a file for reading, NULL and errno where it cannot be. Of files of /proc and the like, which are regular ones, reading
 * fails with EAGAIN where it would wait. */
FILE *cli_open_file(const char *path);
/* The same of a regular file only, NULL of a folder, a pipe or a device: what stands in a folder that somebody else made is never waited for. */
FILE *cli_open_regular(const char *path);

bool cli_is_folder(const char *path);
/* Makes a folder and those above it; one that is there already is fine. Errors: IO. */
crl_status cli_make_folder(const char *path, crl_error *err);

#endif
