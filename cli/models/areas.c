/* SPDX-License-Identifier: Apache-2.0 */
/* Zones, lines and masks from a file: see areas.h. */
#include "models/areas.h"

#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "io/file.h"
#include "io/json.h"
#include "io/say.h"

enum { FILE_LIMIT = 1 << 20, MOST_POINTS = 64 };

static const struct {
    const char *key;
    crl_area_kind kind;
} lists[] = { { "zones", CRL_AREA_ZONE }, { "lines", CRL_AREA_LINE }, { "masks", CRL_AREA_MASK } };

/* [[x, y], ..] */
static bool read_points(crl_area *area, const json_t *points, const char *where, char **why)
{
    const size_t n = json_array_size(points);
    if (!json_is_array(points) || n > MOST_POINTS) {
        *why = cli_format("%s: \"points\" is expected, a list of up to %d points", where, MOST_POINTS);
        return false;
    }
    crl_point *p = cli_alloc(n ? n : 1, sizeof *p);
    area->points = p;
    area->n_points = (int32_t)n;
    for (size_t i = 0; i < n; i++) {
        const json_t *one = json_array_get(points, i);
        if (json_array_size(one) != 2 || !json_is_number(json_array_get(one, 0)) || !json_is_number(json_array_get(one, 1))) {
            *why = cli_format("%s: point %zu is no [x, y]", where, i);
            return false;
        }
        p[i] = (crl_point){ (float)json_number_value(json_array_get(one, 0)), (float)json_number_value(json_array_get(one, 1)) };
    }
    return true;
}

static bool read_area(cli_areas *a, crl_area_kind kind, json_t *one, const char *where, char **why)
{
    const char *key;
    json_t *value;
    a->list = cli_grow(a->list, (size_t)a->n + 1, sizeof *a->list);
    crl_area *area = &a->list[a->n++];
    *area = (crl_area){ .kind = kind, .name = json_string_value(json_object_get(one, "name")) };
    if (!json_is_object(one)) *why = cli_format("%s: {\"name\": .., \"points\": ..} is expected", where);
    json_object_foreach(one, key, value) if (!*why && strcmp(key, "name") && strcmp(key, "points")) *why =
        cli_format("%s: \"%s\" is not known; \"name\" and \"points\" are", where, key);
    return !*why && read_points(area, json_object_get(one, "points"), where, why);
}

bool cli_areas_read(cli_areas *a, json_t *root, char **why)
{
    const char *key;
    json_t *list, *one;
    *a = (cli_areas){ .root = json_incref(root) };
    *why = NULL;
    if (!json_is_object(a->root)) *why = cli_format("{\"zones\": [..], \"lines\": [..], \"masks\": [..]} is expected");
    json_object_foreach(a->root, key, list) {
        size_t k = 0, i;
        while (k < 3 && strcmp(lists[k].key, key)) k++;
        if (k == 3) *why = cli_format("\"%s\" is not known; \"zones\", \"lines\" and \"masks\" are", key);
        else if (!json_is_array(list)) *why = cli_format("%s: a list is expected", key);
        if (*why) return false;
        json_array_foreach(list, i, one) {
            char *where = cli_format("%s[%zu]", key, i);
            const bool good = read_area(a, lists[k].kind, one, where, why);
            free(where);
            if (!good) return false;
        }
    }
    return !*why;
}

int cli_areas_load(cli_areas *a, const char *path)
{
    crl_error err;
    uint8_t *bytes;
    size_t size;
    json_error_t where;
    char *why;
    *a = (cli_areas){ 0 };
    if (cli_read_file(path, FILE_LIMIT, &bytes, &size, &err)) return cli_failed(&err);
    json_t *root = json_loadb((const char *)bytes, size, JSON_REJECT_DUPLICATES, &where);
    free(bytes);
    if (!root) {
        cli_error("%s: line %d: no JSON: %s", path, where.line, where.text);
        return CLI_FAILED;
    }
    const bool good = cli_areas_read(a, root, &why);
    json_decref(root);
    if (good) return CLI_DONE;
    cli_error("%s: %s", path, why);
    free(why);
    return CLI_FAILED;
}

void cli_areas_release(cli_areas *a)
{
    for (int32_t i = 0; i < a->n; i++) free((void *)(uintptr_t)a->list[i].points);
    free(a->list);
    json_decref(a->root);
    *a = (cli_areas){ 0 };
}
