/* SPDX-License-Identifier: Apache-2.0 */
/* Talking to the person: one line per failure on stderr, text fit for a terminal, numbers, tables. */
#ifndef CLI_SAY_H
#define CLI_SAY_H

#include <stddef.h>
#include <stdio.h>

#include <corallite/status.h>

/* "corallite: error: ...", "corallite: warning: ..." and "corallite: ...": exactly one line each, whatever is in the
 * arguments. */
void cli_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void cli_warning(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void cli_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* What errors and warnings of this thread are about from now on, such as a line of a file, which is put in front of
 * them; NULL: nothing special. Borrowed. Returns what it was before. */
const char *cli_say_about(const char *what);

/* Says what `err` holds and returns the exit code that belongs to its status. */
int cli_failed(const crl_error *err);

/* As the library's own: writes the sentence and returns the status; the second puts a place in front. `err` may be NULL. */
crl_status cli_fail(crl_error *err, crl_status status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
crl_status cli_within(crl_error *err, crl_status status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Memory, zeroed. When there is none the program says so and ends. */
void *cli_alloc(size_t n, size_t size);
void *cli_grow(void *p, size_t n, size_t size);                               /* realloc, not zeroed */
char *cli_format(const char *fmt, ...) __attribute__((format(printf, 1, 2))); /* release with free() */

/* A copy that is valid UTF-8 (U+FFFD where it was not) and, for a terminal, without control
 * characters ('?'): file names, labels and tensor names come from strangers. Release with free(). */
typedef enum cli_clean_for { CLI_FOR_TERMINAL, CLI_FOR_JSON } cli_clean_for;
char *cli_clean(const char *text, cli_clean_for use);
/* Columns that a cleaned text takes, counting one per character. */
int cli_width(const char *text);

/* "3.4 MiB", "812 bytes"; "300.8 million". buf holds 32. */
char *cli_bytes_text(double bytes, char *buf);
char *cli_count_text(double n, char *buf);

/* Rows of cells, collected and then printed with columns as wide as they need to be. */
typedef struct cli_table {
    const char *align; /* one letter per column: l left, r right */
    int columns;
    int indent;
    char **cells;
    int n_cells;
} cli_table;

void cli_table_init(cli_table *t, const char *align, int indent);
/* Takes `columns` strings, which it copies and cleans. */
void cli_table_row(cli_table *t, ...);
void cli_table_print(cli_table *t, FILE *to); /* and empties it */

/* Flushes stdout; says so and gives CLI_FAILED when something written there was lost (a full disk). */
int cli_flush(int code);

#endif
