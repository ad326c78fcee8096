/* SPDX-License-Identifier: Apache-2.0 */
/* See catalogue.h. */
#include "catalogue/catalogue.h"

#include <stdlib.h>
#include <string.h>

#include "args/option.h"
#include "io/file.h"
#include "io/say.h"

enum { TABLE_LIMIT = 16 << 20 };

extern const char cli_catalogue_begin[], cli_catalogue_end[];

/* One cell, and where the next begins. A dash is none. */
static char *cell(char **rest)
{
    char *at = *rest, *end = at + strcspn(at, "\t");
    *rest = *end ? end + 1 : end;
    *end = 0;
    return *at && strcmp(at, "-") ? at : NULL;
}

/* Of a line; one that does not have what an entry must have stays without a name. */
static cli_entry read_entry(char *line)
{
    cli_entry e = { .name = cell(&line), .use = cell(&line), .path = cell(&line), .blob = cell(&line) };
    const char *bytes = cell(&line), *slash = e.path ? strrchr(e.path, '/') : NULL;
    e.bytes = bytes ? strtoll(bytes, NULL, 10) : -1;
    e.labels = cell(&line);
    e.old = cell(&line);
    e.file = slash ? slash + 1 : e.path;
    if (!e.use || !e.file || !e.blob || !*e.file || *e.file == '.' || !strcmp(e.file, CLI_ADDED)) e.name = NULL;
    return e;
}

/* The text of the table: the one that is named, or the one in the program. */
static char *table_text(void)
{
    const char *file = getenv("CRL_CATALOGUE");
    uint8_t *bytes;
    size_t size;
    crl_error err;
    if (!file || !*file) return cli_format("%.*s", (int)(cli_catalogue_end - cli_catalogue_begin), cli_catalogue_begin);
    if (cli_read_whole(file, TABLE_LIMIT, &bytes, &size, &err)) {
        cli_warning("$CRL_CATALOGUE: %s", err.text);
        return cli_format("%s", "");
    }
    char *text = cli_format("%.*s", (int)size, (const char *)bytes);
    free(bytes);
    return text;
}

void cli_catalogue_load(cli_catalogue *c)
{
    *c = (cli_catalogue){ .text = table_text() };
    int lines = 1;
    for (const char *at = c->text; (at = strchr(at, '\n')) != NULL; at++) lines++;
    c->entries = cli_alloc((size_t)lines, sizeof *c->entries);
    for (char *line = c->text, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next) *next++ = 0;
        if (*line != '#') c->entries[c->n] = read_entry(line);
        c->n += c->entries[c->n].name != NULL;
    }
}

void cli_catalogue_release(cli_catalogue *c)
{
    free(c->entries);
    free(c->text);
    *c = (cli_catalogue){ 0 };
}

const cli_entry *cli_catalogue_find(const cli_catalogue *c, const char *name)
{
    for (int i = 0; i < c->n; i++) {
        const cli_entry *e = &c->entries[i];
        if (!strcmp(e->name, name) || !strcmp(e->file, name) || (e->old && !strcmp(e->old, name))) return e;
    }
    return NULL;
}

const cli_entry *cli_catalogue_near(const cli_catalogue *c, const char *name)
{
    const char **names = cli_alloc((size_t)c->n + 1, sizeof *names);
    for (int i = 0; i < c->n; i++) names[i] = c->entries[i].name;
    const char *near = cli_nearest(name, names, c->n);
    free(names);
    return near ? cli_catalogue_find(c, near) : NULL;
}

const cli_entry *cli_catalogue_by_blob(const cli_catalogue *c, const char *blob)
{
    for (int i = 0; i < c->n; i++)
        if (!strcmp(c->entries[i].blob, blob)) return &c->entries[i];
    return NULL;
}

bool cli_entry_is_model(const cli_entry *e)
{
    const size_t n = strlen(e->file), tail = strlen(".tflite");
    return n > tail && !strcmp(e->file + n - tail, ".tflite");
}

static const char compiled[] = "_edgetpu";

const cli_entry *cli_catalogue_compiled(const cli_catalogue *c, const cli_entry *e)
{
    char *name = cli_format("%s%s", e->name, compiled);
    const cli_entry *found = cli_catalogue_find(c, name);
    free(name);
    return found;
}

const cli_entry *cli_catalogue_plain(const cli_catalogue *c, const cli_entry *e)
{
    const size_t n = strlen(e->name), tail = sizeof compiled - 1;
    if (n <= tail || strcmp(e->name + n - tail, compiled)) return NULL;
    char *name = cli_format("%.*s", (int)(n - tail), e->name);
    const cli_entry *found = cli_catalogue_find(c, name);
    free(name);
    return found;
}
