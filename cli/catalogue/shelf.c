/* SPDX-License-Identifier: Apache-2.0 */
/* See shelf.h. */
#include "catalogue/shelf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "io/file.h"
#include "io/say.h"

/* Quiet where there is none. */
static char *folder_of(void)
{
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    if (data && *data == '/') return cli_format("%s/corallite/models", data); /* one that is not absolute is to be ignored */
    return home && *home ? cli_format("%s/.local/share/corallite/models", home) : NULL;
}

char *cli_shelf_folder(void)
{
    char *folder = folder_of();
    if (!folder) cli_error("there is no place for models: neither XDG_DATA_HOME nor HOME is set; set one of them to a folder");
    return folder;
}

char *cli_shelf_path(const char *folder, const char *file)
{
    return cli_format("%s/%s", folder, file);
}

/* The file of the shelf if it is there, for free(). */
static char *there(const char *folder, const char *name, const char *suffix)
{
    char *path = cli_format("%s/%s%s", folder, name, suffix);
    if (!access(path, F_OK)) return path;
    free(path);
    return NULL;
}

static const char *suffix_of(cli_kind kind)
{
    return kind == CLI_LABELS ? ".txt" : ".tflite";
}

/* Labels may be asked for by the name of a model that has them. */
static const cli_entry *entry_for(const cli_catalogue *c, cli_kind kind, const char *name)
{
    const cli_entry *e = cli_catalogue_find(c, name);
    if (e && kind == CLI_LABELS && e->labels) e = cli_catalogue_find(c, e->labels);
    return e && (kind == CLI_LABELS) == !strcmp(e->use, "labels") ? e : NULL;
}

/* A mistyped name; what ends as a file does is meant as one. */
static const cli_entry *near_of(const cli_catalogue *c, cli_kind kind, const char *name)
{
    const cli_entry *e = kind == CLI_MODEL && !strstr(name, ".tflite") ? cli_catalogue_near(c, name) : NULL;
    return e && cli_entry_is_model(e) ? e : NULL;
}

static int resolve(cli_kind kind, const char *name, const char *device, char **owned)
{
    int code = CLI_DONE;
    cli_catalogue c;
    char *folder = folder_of(), *path = folder ? there(folder, name, suffix_of(kind)) : NULL;
    cli_catalogue_load(&c);
    const cli_entry *e = path ? NULL : entry_for(&c, kind, name);
    if (e && folder) path = there(folder, e->file, "");
    if (path)
        *owned = cli_format("%s%s", path, device);
    else if (e || (e = near_of(&c, kind, name))) {
        if (entry_for(&c, kind, name))
            cli_error("%s: known, but not on this machine; 'corallite models get %s' fetches it", name, e->name);
        else
            cli_error("%s: no such file, nor a model of that name; did you mean %s?", name, e->name);
        code = CLI_FAILED;
    }
    cli_catalogue_release(&c);
    free(folder);
    free(path);
    return code;
}

int cli_shelf_resolve(cli_kind kind, const char *name, char **owned)
{
    *owned = NULL;
    if (!*name || strchr(name, '/') || !access(name, F_OK)) return CLI_DONE;
    const char *at = kind == CLI_MODEL ? strrchr(name, '@') : NULL;
    char *plain = cli_format("%.*s", (int)(at ? (size_t)(at - name) : strlen(name)), name);
    const int code = access(plain, F_OK) ? resolve(kind, plain, at ? at : "", owned) : CLI_DONE;
    free(plain);
    return code;
}

char *cli_shelf_labels(const char *model)
{
    const char *slash = strrchr(model, '/');
    char *folder = folder_of(), *labels = NULL;
    const size_t n = folder ? strlen(folder) : 0;
    if (slash && n && (size_t)(slash - model) == n && !strncmp(model, folder, n)) {
        const char *file = slash + 1, *dot = strrchr(file, '.');
        char *name = cli_format("%.*s", (int)(dot ? (size_t)(dot - file) : strlen(file)), file);
        cli_catalogue c;
        cli_catalogue_load(&c);
        const cli_entry *e = cli_catalogue_find(&c, file);
        labels = there(folder, e && e->labels ? e->labels : name, ".txt");
        cli_catalogue_release(&c);
        free(name);
    }
    free(folder);
    return labels;
}

/* ---- the whole of it ---- */

enum { ADDED_LIMIT = 1 << 20 };

int cli_shelf_open(cli_shelf *s)
{
    *s = (cli_shelf){ 0 };
    s->folder = cli_shelf_folder();
    if (!s->folder) return CLI_FAILED;
    cli_catalogue_load(&s->catalogue);
    s->added = cli_format("%s", "");
    return CLI_DONE;
}

crl_status cli_shelf_read_added(cli_shelf *s, crl_error *err)
{
    char *path = cli_shelf_path(s->folder, CLI_ADDED);
    uint8_t *bytes = NULL;
    size_t size = 0;
    const crl_status status = access(path, F_OK) ? CRL_OK : cli_read_whole(path, ADDED_LIMIT, &bytes, &size, err);
    free(s->added);
    s->added = cli_format("%.*s", (int)(bytes ? size : 0), bytes ? (const char *)bytes : "");
    free(bytes);
    free(path);
    return status;
}

void cli_shelf_close(cli_shelf *s)
{
    if (s->folder) cli_catalogue_release(&s->catalogue);
    free(s->folder);
    free(s->added);
}

const char *cli_shelf_next_added(const char *at, char *name, size_t name_size, char blob[CLI_SHA1_TEXT])
{
    for (; *at; at += strcspn(at, "\n") + (at[strcspn(at, "\n")] != 0)) {
        const size_t n = strcspn(at, "\t\n"), digits = at[n] == '\t' ? strcspn(at + n + 1, "\n") : 0;
        if (!n || n >= name_size || digits != CLI_SHA1_TEXT - 1) continue; /* not of ours */
        snprintf(name, name_size, "%.*s", (int)n, at);
        snprintf(blob, CLI_SHA1_TEXT, "%.*s", (int)digits, at + n + 1);
        return at + n + 1 + digits;
    }
    return NULL;
}
