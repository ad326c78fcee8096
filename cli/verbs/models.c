/* SPDX-License-Identifier: Apache-2.0 */
/* corallite models list, get, verify: models by name, without a path. */
#define _GNU_SOURCE /* strcasestr */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalogue/fetch.h"
#include "catalogue/sha1.h"
#include "catalogue/shelf.h"
#include "cmd.h"
#include "io/file.h"
#include "io/json.h"
#include "io/say.h"

#include <corallite/model.h>

typedef struct models_settings {
    cli_common_settings common;
    cli_list operands, mirrors;
    int stall_s;
    bool all, compiled;
} models_settings;

/* With the models that were added, as far as they can be known. */
static int open_listed(cli_shelf *s)
{
    crl_error err;
    const int code = cli_shelf_open(s);
    if (!code && cli_shelf_read_added(s, &err)) cli_warning("%s", err.text);
    return code;
}

static bool is_there(const cli_shelf *s, const cli_entry *e)
{
    char *path = cli_shelf_path(s->folder, e->file);
    const bool there = !access(path, F_OK);
    free(path);
    return there;
}

/* ---- list ---- */

/* Every word has to be in the name, the command that it is for or its labels. */
static bool is_wanted(const models_settings *settings, const cli_entry *e)
{
    for (int i = 0; i < settings->operands.n; i++) {
        const char *word = settings->operands.items[i];
        if (!strcasestr(e->name, word) && !strcasestr(e->use, word) && !(e->labels && strcasestr(e->labels, word))) return false;
    }
    return true;
}

static bool is_listed(const cli_shelf *s, const models_settings *settings, const cli_entry *e)
{
    if (!is_wanted(settings, e)) return false;
    return settings->all || (cli_entry_is_model(e) && strcmp(e->use, "part") && !cli_catalogue_plain(&s->catalogue, e));
}

static void list_entry(const cli_shelf *s, const cli_entry *e, cli_table *table, json_t *json)
{
    const cli_entry *compiled = cli_catalogue_compiled(&s->catalogue, e);
    const bool here = is_there(s, e), compiled_here = compiled && is_there(s, compiled);
    char bytes[32] = "";
    if (!json) {
        cli_table_row(table, e->name, e->use, e->bytes < 0 ? "-" : cli_bytes_text((double)e->bytes, bytes), here ? "here" : "-",
                      !compiled ? "" : compiled_here ? "here" : "-");
        return;
    }
    json_t *o = json_object();
    json_object_set_new(o, "name", json_string(e->name));
    json_object_set_new(o, "for", json_string(e->use));
    json_object_set_new(o, "path", json_string(e->path));
    json_object_set_new(o, "git_blob", json_string(e->blob));
    json_object_set_new(o, "bytes", e->bytes < 0 ? json_null() : json_integer(e->bytes));
    json_object_set_new(o, "labels", cli_json_text(e->labels));
    json_object_set_new(o, "compiled", cli_json_text(compiled ? compiled->name : NULL));
    json_object_set_new(o, "here", json_boolean(here));
    json_array_append_new(json, o);
}

static void list_added(const cli_shelf *s, const models_settings *settings, cli_table *table, json_t *json)
{
    char name[256], blob[CLI_SHA1_TEXT];
    for (const char *at = s->added; (at = cli_shelf_next_added(at, name, sizeof name, blob)) != NULL;) {
        const cli_entry e = { .name = name, .use = "added", .path = "", .blob = blob, .file = name, .bytes = -1 };
        if (!is_wanted(settings, &e)) continue;
        char *file = cli_format("%s.tflite", name);
        cli_entry own = e;
        own.file = own.path = file;
        list_entry(s, &own, table, json);
        free(file);
    }
}

static int list(const void *settings)
{
    const models_settings *m = settings;
    cli_shelf s;
    cli_table table;
    json_t *json = m->common.json ? json_array() : NULL;
    const int code = open_listed(&s);
    cli_table_init(&table, "llrll", 0);
    cli_table_row(&table, "NAME", "FOR", "SIZE", "HERE", "COMPILED");
    for (int i = 0; i < s.catalogue.n && !code; i++)
        if (is_listed(&s, m, &s.catalogue.entries[i])) list_entry(&s, &s.catalogue.entries[i], &table, json);
    if (!code) list_added(&s, m, &table, json);
    if (json) {
        cli_json_print(json, stdout);
        putchar('\n');
    } else if (!code)
        cli_table_print(&table, stdout);
    cli_shelf_close(&s);
    return code;
}

/* ---- get ---- */

/* What is fetched, each once: a model, its labels, the one that it was compiled from, or that was compiled from it. */
typedef struct wanted {
    const cli_entry **entries;
    int n;
} wanted;

static void want(wanted *w, const cli_entry *e)
{
    for (int i = 0; i < w->n; i++)
        if (w->entries[i] == e) return;
    if (e) w->entries[w->n++] = e;
}

static int want_name(wanted *w, const cli_shelf *s, const models_settings *m, const char *name)
{
    const cli_catalogue *c = &s->catalogue;
    const cli_entry *e = cli_catalogue_find(c, name), *near = e ? NULL : cli_catalogue_near(c, name);
    if (!e && near)
        cli_error("there is no \"%s\" in the catalogue; did you mean %s?", name, near->name);
    else if (!e)
        cli_error("there is no \"%s\" in the catalogue; 'corallite models list' shows what there is", name);
    if (!e) return CLI_USAGE;
    want(w, e);
    if (e->labels) want(w, cli_catalogue_find(c, e->labels));
    want(w, cli_catalogue_plain(c, e)); /* without a stick it is the one that runs */
    if (m->compiled) want(w, cli_catalogue_compiled(c, e));
    return CLI_DONE;
}

static bool is_address(const char *text)
{
    return !strncmp(text, "https://", 8) || !strncmp(text, "http://", 7) || !strncmp(text, "file:///", 8);
}

/* Mirrors: of the options, or of the environment, or the one that is known; texts stay with the caller. */
static int find_mirrors(cli_list *mirrors, const models_settings *m, char **environment)
{
    const char *given = getenv("CRL_MIRRORS");
    for (int i = 0; i < m->mirrors.n; i++) cli_list_add(mirrors, m->mirrors.items[i]);
    *environment = cli_format("%s", given && !mirrors->n ? given : "");
    for (char *at = strtok(*environment, " ,\n\t"); at; at = strtok(NULL, " ,\n\t")) cli_list_add(mirrors, at);
    if (!mirrors->n) cli_list_add(mirrors, CLI_CATALOGUE_MIRROR);
    for (int i = 0; i < mirrors->n; i++)
        if (!is_address(mirrors->items[i])) {
            cli_error("mirror %s: an address is expected that begins with https://, http:// or file:///", mirrors->items[i]);
            return CLI_USAGE;
        }
    return CLI_DONE;
}

static int fetch_all(const cli_fetching *f, const wanted *w, const models_settings *m)
{
    crl_error err;
    int code = CLI_DONE;
    json_t *json = m->common.json ? json_array() : NULL;
    for (int i = 0; i < w->n; i++) {
        bool fetched;
        if (cli_fetch(f, w->entries[i], &fetched, &err)) {
            code = cli_failed(&err);
            continue;
        }
        char *path = cli_shelf_path(f->folder, w->entries[i]->file);
        if (json) {
            json_t *o = json_object();
            json_object_set_new(o, "name", json_string(w->entries[i]->name));
            json_object_set_new(o, "file", cli_json_text(path));
            json_object_set_new(o, "fetched", json_boolean(fetched));
            json_array_append_new(json, o);
        } else
            printf("%s%s\n", path, fetched ? "" : "  (was there)");
        free(path);
    }
    if (json) {
        cli_json_print(json, stdout);
        putchar('\n');
    }
    return code;
}

static int fetch_wanted(const cli_shelf *s, const wanted *w, const models_settings *m)
{
    crl_error err;
    cli_list mirrors = { 0 };
    char *environment;
    cli_fetching f = { .folder = s->folder, .stall_s = m->stall_s };
    int code = find_mirrors(&mirrors, m, &environment);
    f.mirrors = mirrors.items;
    f.n_mirrors = mirrors.n;
    if (!code && (cli_make_folder(s->folder, &err) || cli_transfer_open(&f.library, &err))) code = cli_failed(&err);
    if (!code) code = fetch_all(&f, w, m);
    cli_transfer_close(f.library);
    free(mirrors.items);
    free(environment);
    return code;
}

static int get(const void *settings)
{
    enum { WITH = 4 }; /* itself, its labels, its twins */
    const models_settings *m = settings;
    cli_shelf s;
    int code = cli_shelf_open(&s);
    wanted w = { cli_alloc((size_t)m->operands.n * WITH, sizeof *w.entries), 0 };
    for (int i = 0; i < m->operands.n && !code; i++) code = want_name(&w, &s, m, m->operands.items[i]);
    if (!code) code = fetch_wanted(&s, &w, m);
    free(w.entries);
    cli_shelf_close(&s);
    return code;
}

/* ---- verify ---- */

typedef struct verifying {
    const cli_shelf *s;
    cli_table table;
    json_t *json; /* NULL: the table */
    int wrong;
} verifying;

static void found(verifying *v, const char *file, const char *state, const char *what)
{
    if (!v->json) {
        cli_table_row(&v->table, file, state, what ? what : "");
        return;
    }
    json_t *o = json_object();
    json_object_set_new(o, "file", cli_json_text(file));
    json_object_set_new(o, "state", json_string(state));
    json_object_set_new(o, "name", cli_json_text(what));
    json_array_append_new(v->json, o);
}

/* A file that should have the content `blob`, or any of the catalogue where NULL. */
static void verify_file(verifying *v, const char *path, const char *blob, const char *name)
{
    crl_error err;
    char is[CLI_SHA1_TEXT];
    int64_t bytes;
    const cli_entry *e = NULL;
    const bool read = !cli_git_blob(path, is, &bytes, &err);
    if (!read) cli_failed(&err);
    if (read) e = cli_catalogue_by_blob(&v->s->catalogue, is);
    const bool right = read && (blob ? !strcmp(is, blob) : e != NULL);
    if (!right) v->wrong++;
    found(v, path, !read ? "unreadable" : right ? "ok" : blob ? "changed" : "unknown", e ? e->name : name);
}

static void verify_shelf(verifying *v)
{
    char name[256], blob[CLI_SHA1_TEXT];
    for (int i = 0; i < v->s->catalogue.n; i++) {
        const cli_entry *e = &v->s->catalogue.entries[i];
        char *path = cli_shelf_path(v->s->folder, e->file);
        if (is_there(v->s, e)) verify_file(v, path, e->blob, e->name);
        free(path);
    }
    for (const char *at = v->s->added; (at = cli_shelf_next_added(at, name, sizeof name, blob)) != NULL;) {
        char *path = cli_format("%s/%s.tflite", v->s->folder, name);
        verify_file(v, path, blob, name);
        free(path);
    }
}

/* A name, or a file that may lie anywhere. */
static int verify_one(verifying *v, const char *text)
{
    const cli_entry *e = strchr(text, '/') ? NULL : cli_catalogue_find(&v->s->catalogue, text);
    if (!e || !access(text, F_OK)) {
        verify_file(v, text, NULL, NULL);
        return CLI_DONE;
    }
    if (!is_there(v->s, e)) {
        cli_error("%s: not on this machine; 'corallite models get %s' fetches it", text, e->name);
        return CLI_FAILED;
    }
    char *path = cli_shelf_path(v->s->folder, e->file);
    verify_file(v, path, e->blob, e->name);
    free(path);
    return CLI_DONE;
}

static int verify(const void *settings)
{
    const models_settings *m = settings;
    cli_shelf s;
    int code = open_listed(&s);
    if (code) return code;
    verifying v = { .s = &s, .json = m->common.json ? json_array() : NULL };
    cli_table_init(&v.table, "lll", 0);
    if (!m->operands.n) verify_shelf(&v);
    for (int i = 0; i < m->operands.n; i++) code |= verify_one(&v, m->operands.items[i]);
    if (v.json) {
        cli_json_print(v.json, stdout);
        putchar('\n');
    } else
        cli_table_print(&v.table, stdout);
    cli_shelf_close(&s);
    return v.wrong ? CLI_FAILED : code;
}

/* ---- the tables ---- */

static const cli_option list_options[] = {
    { "all", 'a', CLI_FLAG, offsetof(models_settings, all), NULL, "labels, pictures, compiled models and parts of models too" },
    { 0 },
};
static const cli_group list_group = { "List", list_options };

static const cli_option get_options[] = {
    { "edgetpu", 'e', CLI_FLAG, offsetof(models_settings, compiled), NULL, "also what was compiled from it for an Edge TPU" },
    { "mirror", 0, CLI_TEXTS, offsetof(models_settings, mirrors), "URL", "fetch from there, may be given again: https://, http:// or file:///",
      .without = "$CRL_MIRRORS, or where its makers keep them" },
    { "stall", 0, CLI_INT, offsetof(models_settings, stall_s), "SECONDS", "give a mirror up that sends nothing for so long", .preset = "20",
      .min = 1, .max = 3600 },
    { 0 },
};
static const cli_group get_group = { "Network", get_options };

static const cli_part list_parts[] = { { &list_group, 0 }, { &cli_common_group, offsetof(models_settings, common) }, { NULL, 0 } };
static const cli_part get_parts[] = { { &get_group, 0 }, { &cli_common_group, offsetof(models_settings, common) }, { NULL, 0 } };
static const cli_part verify_parts[] = { { &cli_common_group, offsetof(models_settings, common) }, { NULL, 0 } };
static const char *const list_examples[] = { "corallite models list bird", "models that have bird in their name", NULL };
static const char *const get_examples[] = {
    "corallite models get mobilenet_v2_1.0_224_inat_bird_quant",
    "the model and its labels",
    "corallite classify --model mobilenet_v2_1.0_224_inat_bird_quant parrot.jpg",
    "which then goes by its name, in every command",
    NULL,
};
static const char *const verify_examples[] = { "corallite models verify", "all that lies there", "corallite models verify old.tflite",
                                               "which model of the catalogue is this?", NULL };
#define MODELS_SETTINGS                                                                                                \
    .settings_bytes = sizeof(models_settings), .operands_at = offsetof(models_settings, operands), .common_at = offsetof(models_settings, common)
#define WHERE "They lie in corallite/models in $XDG_DATA_HOME, else in ~/.local/share."

const cli_verb cli_models_list = {
    .name = "models list",
    .summary = "show the models that can be had by name",
    .operand = "WORD",
    .max_operands = -1,
    .about = "Lists the models of Coral's catalogue and those that were added, for which command each is, and whether it is on this machine, "
             "itself and what was compiled from it for an Edge TPU. Words choose: all have to be in the name or what it is for.",
    .json = "[{\"name\", \"for\", \"path\", \"git_blob\", \"bytes\" or null, \"labels\", \"compiled\", \"here\"}, ..]",
    .parts = list_parts,
    .examples = list_examples,
    MODELS_SETTINGS,
    .run = list
};
const cli_verb cli_models_get = {
    .name = "models get",
    .summary = "fetch models, labels and pictures by name",
    .operand = "NAME",
    .min_operands = 1,
    .max_operands = -1,
    .about = "Fetches files of Coral's catalogue from the network, the only command that uses it; with a model come its labels, and with a "
             "compiled one what it was compiled from. What breaks off is gone on with the next time. A file gets its name when its content is "
             "the catalogue's, by checksum. " WHERE,
    .json = "[{\"name\", \"file\", \"fetched\"}, ..]",
    .parts = get_parts,
    .examples = get_examples,
    MODELS_SETTINGS,
    .run = get
};
const cli_verb cli_models_verify = {
    .name = "models verify",
    .summary = "compare models with their checksums",
    .operand = "NAME or FILE",
    .max_operands = -1,
    .about = "Compares what lies on the shelf with the checksums of the catalogue, and what was added with what it was then; exit code 1 where one "
             "differs. Of any other file it tells which one of the catalogue it is. " WHERE,
    .json = "[{\"file\", \"state\": \"ok\", \"changed\", \"unknown\" or \"unreadable\", \"name\"}, ..]",
    .parts = verify_parts,
    .examples = verify_examples,
    MODELS_SETTINGS,
    .run = verify
};
