/* SPDX-License-Identifier: Apache-2.0 */
/* A list of pictures and their classes: lines of path,label, as spreadsheets write them (RFC 4180). What stands in
 * quotes may have commas, doubled quotes and blanks at its ends. A first line of names (image,label and the like) is
 * passed over, and so are empty lines and further columns. */
#ifndef CLI_CSV_H
#define CLI_CSV_H

#include <stddef.h>

#include <corallite/status.h>

typedef struct cli_csv_row {
    char *path, *label;
} cli_csv_row;

typedef struct cli_csv {
    cli_csv_row *rows;
    int n;
} cli_csv;

/* Errors: FORMAT; the text names the line. */
crl_status cli_csv_parse(cli_csv *out, const char *text, size_t bytes, crl_error *err);
void cli_csv_release(cli_csv *c);

#endif
