/* SPDX-License-Identifier: Apache-2.0 */
/* corallite models add: a model of one's own by name, beside those of the catalogue. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <corallite/model.h>

#include "catalogue/sha1.h"
#include "catalogue/shelf.h"
#include "cmd.h"
#include "io/file.h"
#include "io/say.h"

typedef struct add_settings {
    cli_common_settings common;
    cli_list operands;
    const char *name, *labels;
} add_settings;

/* The file's name without folders and suffix. */
static char *name_of(const char *file)
{
    const char *slash = strrchr(file, '/'), *from = slash ? slash + 1 : file, *dot = strrchr(from, '.');
    return cli_format("%.*s", (int)(dot && dot > from ? (size_t)(dot - from) : strlen(from)), from);
}

static int check_name(const char *name)
{
    enum { LONGEST = 200 };
    for (const char *c = name; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("._-", *c)) {
            cli_error("\"%s\" is no name for a model: letters, digits, dots, - and _ are; choose one with --name", name);
            return CLI_USAGE;
        }
    if (*name == '.' || strlen(name) > LONGEST) {
        cli_error("\"%s\" is no name for a model: it begins with a dot or is longer than %d letters; choose one with --name", name, LONGEST);
        return CLI_USAGE;
    }
    return CLI_DONE;
}

enum { MODEL_LIMIT = 1 << 30, LABELS_LIMIT = 16 << 20 };

/* The text of added.tsv with the name. */
static char *list_with(const cli_shelf *s, const char *name, const char *blob)
{
    char other[256], its[CLI_SHA1_TEXT], *text = cli_format("%s", "");
    for (const char *at = s->added; (at = cli_shelf_next_added(at, other, sizeof other, its)) != NULL;) {
        if (!strcmp(other, name)) continue;
        char *longer = cli_format("%s%s\t%s\n", text, other, its);
        free(text);
        text = longer;
    }
    char *all = cli_format("%s%s\t%s\n", text, name, blob);
    free(text);
    return all;
}

static void blob_of(const uint8_t *bytes, size_t size, char blob[CLI_SHA1_TEXT])
{
    cli_sha1 sum;
    cli_git_blob_init(&sum, size);
    cli_sha1_add(&sum, bytes, size);
    cli_sha1_text(&sum, blob);
}

/* Model, labels and list are written, or none of them. */
static crl_status put(const cli_shelf *s, const add_settings *m, const char *name, const uint8_t *bytes, size_t size, crl_error *err)
{
    cli_new_file files[3] = { 0 };
    char blob[CLI_SHA1_TEXT];
    uint8_t *labels = NULL;
    size_t labels_size = 0;
    blob_of(bytes, size, blob);
    char *model = cli_format("%s/%s.tflite", s->folder, name), *text = cli_format("%s/%s.txt", s->folder, name),
         *list = cli_shelf_path(s->folder, CLI_ADDED), *lines = list_with(s, name, blob);
    crl_status status = CRL_OK;
    if (m->labels) status = cli_read_whole(m->labels, LABELS_LIMIT, &labels, &labels_size, err);
    files[0] = (cli_new_file){ .path = model, .body = bytes, .body_bytes = size };
    files[1] = (cli_new_file){ .path = list, .body = lines, .body_bytes = strlen(lines) };
    files[2] = (cli_new_file){ .path = text, .body = labels, .body_bytes = labels_size };
    if (!status) status = cli_write_files(files, m->labels ? 3 : 2, err);
    if (!status) puts(model);
    free(labels);
    free(lines);
    free(list);
    free(text);
    free(model);
    return status;
}

static int check_model(const char *file, const uint8_t *bytes, size_t size)
{
    crl_error err;
    crl_model *model;
    if (crl_model_open(&model, bytes, size, &err)) return cli_within(&err, err.status, "%s", file), cli_failed(&err);
    crl_model_close(model);
    return CLI_DONE;
}

/* Whether that name is given. Labels that lie there would be taken for the new model's. */
static bool is_taken(const cli_shelf *s, const char *name)
{
    static const char *const suffixes[] = { ".tflite", ".txt" };
    bool taken = false;
    for (int i = 0; i < 2 && !taken; i++) {
        char *there = cli_format("%s/%s%s", s->folder, name, suffixes[i]);
        taken = !access(there, F_OK);
        if (taken) cli_error("%s: that name is given; choose another with --name, or remove %s first", name, there);
        free(there);
    }
    return taken;
}

/* One at a time: of two at once, the list would keep one. */
static int put_alone(cli_shelf *s, const add_settings *m, const char *name, const uint8_t *bytes, size_t size)
{
    crl_error err;
    cli_file_lock lock = { NULL, -1 };
    char *list = cli_shelf_path(s->folder, CLI_ADDED);
    int code = cli_make_folder(s->folder, &err) || cli_lock(&lock, list, &err) || cli_shelf_read_added(s, &err) ? cli_failed(&err) : CLI_DONE;
    if (!code && is_taken(s, name)) code = CLI_FAILED;
    if (!code && put(s, m, name, bytes, size, &err)) code = cli_failed(&err);
    cli_unlock(&lock);
    free(list);
    return code;
}

/* A file of the catalogue that came another way than by models get: it lies where that would have put it. */
static int put_known(const cli_shelf *s, const add_settings *m, const cli_entry *e, const uint8_t *bytes, size_t size)
{
    crl_error err;
    char blob[CLI_SHA1_TEXT];
    blob_of(bytes, size, blob);
    if (strcmp(blob, e->blob)) {
        cli_error("%s is the name of another file in the catalogue; choose one with --name", e->name);
        return CLI_FAILED;
    }
    if (m->labels) {
        cli_error("%s is of the catalogue, and so are its labels: leave --labels out and add them likewise, or choose a name with --name", e->name);
        return CLI_USAGE;
    }
    char *path = cli_shelf_path(s->folder, e->file);
    const cli_new_file whole = { .path = path, .body = bytes, .body_bytes = size };
    const int code = cli_make_folder(s->folder, &err) || cli_write_files(&whole, 1, &err) ? cli_failed(&err) : CLI_DONE;
    if (!code) puts(path);
    free(path);
    return code;
}

static int add_file(cli_shelf *s, const add_settings *m, const char *file, const char *name)
{
    crl_error err;
    uint8_t *bytes;
    size_t size;
    const cli_entry *e = cli_catalogue_find(&s->catalogue, name);
    if (cli_read_whole(file, MODEL_LIMIT, &bytes, &size, &err)) return cli_failed(&err);
    int code = e ? CLI_DONE : check_model(file, bytes, size);
    if (!code) code = e ? put_known(s, m, e, bytes, size) : put_alone(s, m, name, bytes, size);
    free(bytes);
    return code;
}

static int add_model(const void *settings)
{
    const add_settings *m = settings;
    const char *file = m->operands.items[0];
    cli_shelf s;
    char *name = m->name ? cli_format("%s", m->name) : name_of(file);
    int code = cli_shelf_open(&s);
    if (!code) code = check_name(name);
    if (!code) code = add_file(&s, m, file, name);
    cli_shelf_close(&s);
    free(name);
    return code;
}

static const cli_option add_options[] = {
    { "name", 'n', CLI_TEXT, offsetof(add_settings, name), "NAME", "what it is to be called", .without = "the name of the file" },
    { "labels", 'l', CLI_FILE, offsetof(add_settings, labels), "FILE", "names of its classes, which come with it" },
    { 0 },
};
static const cli_group add_group = { "Name", add_options };

static const cli_part add_parts[] = { { &add_group, 0 }, { &cli_common_group, offsetof(add_settings, common) }, { NULL, 0 } };


static const char *const add_examples[] = { "corallite models add --labels classes.txt yolov8n_int8.tflite",
                                            "detect --model yolov8n_int8 then finds both", NULL };

const cli_verb cli_models_add = {
    .name = "models add",
    .summary = "give a model of your own a name",
    .operand = "FILE",
    .min_operands = 1,
    .max_operands = 1,
    .about = "Copies a model, and labels, to where commands find it by name. They lie in corallite/models in $XDG_DATA_HOME, else in ~/.local/share. "
             "A file of the catalogue that is here already, under its own name, is put there as models get would have put it.",
    .json = "nothing",
    .parts = add_parts,
    .examples = add_examples,
    .settings_bytes = sizeof(add_settings),
    .operands_at = offsetof(add_settings, operands),
    .common_at = offsetof(add_settings, common),
    .run = add_model,
};
