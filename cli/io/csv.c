/* SPDX-License-Identifier: Apache-2.0 */
/* See csv.h. */
#include "io/csv.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "io/say.h"

enum { FIELD_BYTES = 65535 };

typedef struct reader {
    const char *at, *end;
    int line;
    const char *fault;
    char field[FIELD_BYTES + 1];
} reader;

static bool more(const reader *r)
{
    return r->at < r->end && *r->at != '\n' && *r->at != '\r';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* "a.jpg, cat" is written by hand, and means "cat". */
static char *without_blanks(const char *text, size_t n)
{
    while (n && is_blank(text[n - 1])) n--;
    while (n && is_blank(*text)) text++, n--;
    return cli_format("%.*s", (int)n, text);
}

/* Up to a comma or the end of the line; a copy for free(), NULL after a fault. */
static char *take_field(reader *r)
{
    size_t n = 0;
    const bool quoted = more(r) && *r->at == '"';
    bool open = quoted;
    if (quoted) r->at++;
    while (!r->fault && r->at < r->end && (open || (more(r) && *r->at != ','))) {
        const char c = *r->at++;
        if (open && c == '"') {
            open = r->at < r->end && *r->at == '"';
            if (!open) continue;
            r->at++;
        } else if (quoted && !open)
            r->fault = "something follows a closing quote";
        if (!c || c == '\n' || c == '\r') r->fault = "a name has a line break or a zero byte in it";
        if (n == FIELD_BYTES) r->fault = "a name is too long";
        if (!r->fault) r->field[n++] = c;
    }
    if (open && !r->fault) r->fault = "a quote is not closed";
    if (r->fault) return NULL;
    r->field[n] = 0;
    return quoted ? cli_format("%s", r->field) : without_blanks(r->field, n);
}

static void skip_line(reader *r)
{
    while (r->at < r->end && *r->at != '\n') r->at++;
    if (r->at < r->end) r->at++;
    r->line++;
}

static bool are_names(const cli_csv_row *row)
{
    static const char *const names[] = { "path", "image", "file", "filename", "picture" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcasecmp(row->path, names[i])) return !strcasecmp(row->label, "label") || !strcasecmp(row->label, "class");
    return false;
}

static void drop(cli_csv_row *row)
{
    free(row->path);
    free(row->label);
    *row = (cli_csv_row){ 0 };
}

static void take_row(reader *r, cli_csv *c)
{
    cli_csv_row row = { .path = take_field(r) };
    if (row.path && (!more(r) || *r->at++ != ',')) r->fault = "there is no comma; path,label is expected";
    if (!r->fault) row.label = take_field(r);
    if (!r->fault && (!*row.path || !*row.label)) r->fault = "the path or the label is empty; path,label is expected";
    if (r->fault || (!c->n && are_names(&row))) {
        drop(&row);
        return;
    }
    if (c->n == INT_MAX / 2) r->fault = "there are too many lines";
    if ((c->n & (c->n - 1)) == 0) c->rows = cli_grow(c->rows, c->n ? 2 * (size_t)c->n : 1, sizeof *c->rows);
    c->rows[c->n++] = row;
}

crl_status cli_csv_parse(cli_csv *out, const char *text, size_t bytes, crl_error *err)
{
    static const char mark[] = "\xef\xbb\xbf"; /* with which some programs begin UTF-8 */
    *out = (cli_csv){ 0 };
    reader *r = cli_alloc(1, sizeof *r);
    *r = (reader){ .at = text, .end = text + bytes, .line = 1 };
    if (bytes >= 3 && !memcmp(text, mark, 3)) r->at += 3;
    while (r->at < r->end && !r->fault) {
        if (more(r)) take_row(r, out);
        if (!r->fault) skip_line(r);
    }
    *err = (crl_error){ .status = r->fault ? CRL_ERR_FORMAT : CRL_OK };
    if (r->fault) {
        snprintf(err->text, sizeof err->text, "line %d: %s", r->line, r->fault);
        cli_csv_release(out);
    }
    free(r);
    return err->status;
}

void cli_csv_release(cli_csv *c)
{
    for (int i = 0; i < c->n; i++) drop(&c->rows[i]);
    free(c->rows);
    *c = (cli_csv){ 0 };
}
