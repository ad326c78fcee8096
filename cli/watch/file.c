/* SPDX-License-Identifier: Apache-2.0 */
/* From a file to cameras and their arguments: see file.h. */
#include "watch/file.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "io/say.h"

static const char *const area_keys[] = { "zones", "lines", "masks" };

static bool is_word(const char *text, size_t most)
{
    size_t n = 0;
    while (isalnum((unsigned char)text[n]) || text[n] == '-' || text[n] == '_') n++;
    return n && n <= most && !text[n];
}

static bool is_area_key(const char *key)
{
    for (size_t i = 0; i < sizeof area_keys / sizeof *area_keys; i++)
        if (!strcmp(area_keys[i], key)) return true;
    return false;
}

/* The line in which "key": stands first, behind `from`; that of `from` where it is not found (written with escapes). jansson keeps no lines. */
static int line_of(const char *text, size_t size, const char *from, const char *key)
{
    const char *end = text + size, *found = from;
    const size_t n = strlen(key);
    for (const char *p = from; p + n + 2 <= end; p++) {
        if (*p != '"' || memcmp(p + 1, key, n) || p[n + 1] != '"') continue;
        const char *colon = p + n + 2;
        while (colon < end && isspace((unsigned char)*colon)) colon++;
        if (colon == end || *colon != ':') continue;
        found = p;
        break;
    }
    int line = 1;
    for (const char *p = text; p < found; p++) line += *p == '\n';
    return line;
}

/* ---- values to arguments ---- */

static void add(cli_watch_entry *c, char *argument)
{
    c->arguments = cli_grow(c->arguments, (size_t)c->n + 1, sizeof *c->arguments);
    c->arguments[c->n++] = argument;
}

/* One value that is no list. */
static bool add_value(cli_watch_entry *c, const char *key, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_STRING:
        if (strlen(json_string_value(value)) != json_string_length(value)) return false;
        add(c, cli_format("--%s=%s", key, json_string_value(value)));
        return true;
    case JSON_INTEGER: add(c, cli_format("--%s=%lld", key, (long long)json_integer_value(value))); return true;
    case JSON_REAL: {
        char *number = cli_format("%.17g", json_real_value(value));
        if (strchr(number, ',')) *strchr(number, ',') = '.'; /* of some locales */
        add(c, cli_format("--%s=%s", key, number));
        free(number);
        return true;
    }
    case JSON_TRUE: add(c, cli_format("--%s", key)); return true;
    case JSON_FALSE: return true;
    default: return false;
    }
}

static bool add_key(cli_watch_entry *c, const char *key, const json_t *value, char **why)
{
    if (!is_word(key, CLI_WATCH_NAME)) {
        *why = cli_format("\"%s\" is no option; keys are those of 'corallite watch --help', without their dashes", key);
        return false;
    }
    bool good = true;
    size_t i;
    json_t *one;
    if (!json_is_array(value)) good = add_value(c, key, value);
    json_array_foreach(value, i, one) good = good && add_value(c, key, one);
    if (!good) *why = cli_format("\"%s\": a text, a number, true, false or a list of texts is expected", key);
    return good;
}

/* ---- cameras ---- */

static bool read_camera(cli_watch_file *f, const char *name, json_t *value, json_t *root, char **why)
{
    const char *key;
    json_t *one;
    f->cameras = cli_grow(f->cameras, (size_t)f->n + 1, sizeof *f->cameras);
    cli_watch_entry *c = &f->cameras[f->n++];
    *c = (cli_watch_entry){ .name = name };
    if (!is_word(name, CLI_WATCH_NAME)) {
        *why = cli_format("a camera is called by 1 to %d letters, digits, - and _: it stands in addresses and topics", CLI_WATCH_NAME);
        return false;
    }
    if (!json_is_object(value)) {
        *why = cli_format("{\"source\": .., ..} is expected");
        return false;
    }
    json_object_foreach(root, key, one)
        if (strcmp(key, "cameras") && !add_key(c, key, one, why)) return false;
    c->common = c->n;
    json_object_foreach(value, key, one) {
        if (!is_area_key(key)) {
            if (!add_key(c, key, one, why)) return false;
            continue;
        }
        if (!c->areas) c->areas = json_object();
        json_object_set(c->areas, key, one);
    }
    return true;
}

/* What is said of a camera begins with its line and its name. */
static void put_place(char **why, const cli_watch_entry *c)
{
    char *text = *why;
    *why = cli_format("line %d, camera \"%s\": %s", c->line, c->name, text);
    free(text);
}

static bool read_cameras(cli_watch_file *f, const char *text, size_t size, char **why)
{
    const char *name, *key;
    json_t *one, *cameras = json_object_get(f->root, "cameras");
    if (!json_is_object(cameras) || !json_object_size(cameras) || json_object_size(cameras) > CLI_WATCH_CAMERAS) {
        *why = cli_format("{\"cameras\": {\"NAME\": {\"source\": ..}, ..}} is expected, with 1 to %d cameras", CLI_WATCH_CAMERAS);
        return false;
    }
    json_object_foreach(f->root, key, one) {
        if (!is_area_key(key)) continue;
        *why = cli_format("line %d: \"%s\" belong to a camera, not beside \"cameras\"", line_of(text, size, text, key), key);
        return false;
    }
    json_object_foreach(cameras, name, one) {
        const bool good = read_camera(f, name, one, f->root, why);
        f->cameras[f->n - 1].line = line_of(text, size, text, name);
        if (good) continue;
        put_place(why, &f->cameras[f->n - 1]);
        return false;
    }
    return true;
}

bool cli_watch_file_read(cli_watch_file *f, const char *text, size_t size, char **why)
{
    json_error_t where;
    *f = (cli_watch_file){ 0 };
    *why = NULL;
    f->root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &where);
    if (f->root) return read_cameras(f, text, size, why);
    *why = cli_format("line %d: no JSON: %s", where.line, where.text);
    return false;
}

char *cli_watch_areas_text(const cli_watch_entry *entry)
{
    return json_dumps(entry->areas, JSON_COMPACT | JSON_SORT_KEYS);
}

void cli_watch_file_release(cli_watch_file *f)
{
    for (int i = 0; i < f->n; i++) {
        cli_watch_entry *c = &f->cameras[i];
        for (int k = 0; k < c->n; k++) free(c->arguments[k]);
        free(c->arguments);
        json_decref(c->areas);
    }
    free(f->cameras);
    json_decref(f->root);
    *f = (cli_watch_file){ 0 };
}
