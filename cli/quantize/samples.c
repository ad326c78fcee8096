/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures that ranges come from, and pictures held out. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "io/file.h"
#include "io/pictures.h"
#include "io/random.h"
#include "io/say.h"
#include "quantize/quantize.h"

static int is_shown(const struct dirent *entry)
{
    return *entry->d_name != '.';
}

/* The folders in a folder, sorted; and the folder itself, where it has pictures, too, or no folders. For free(), each and all. */
static char **folders_of(const char *folder, int *n)
{
    struct dirent **entries;
    char **list = NULL;
    bool has_own = false;
    const char *slash = folder[strlen(folder) - 1] == '/' ? "" : "/";
    const int found = scandir(folder, &entries, is_shown, alphasort);
    *n = 0;
    for (int i = 0; i < found; i++) {
        char *path = cli_format("%s%s%s", folder, slash, entries[i]->d_name);
        if (cli_is_folder(path)) {
            list = cli_grow(list, (size_t)*n + 1, sizeof *list);
            list[(*n)++] = path;
        } else {
            has_own |= cli_is_named_picture(entries[i]->d_name);
            free(path);
        }
        free(entries[i]);
    }
    if (found >= 0) free(entries);
    if (!*n || has_own) {
        list = cli_grow(list, (size_t)*n + 1, sizeof *list);
        list[(*n)++] = cli_format("%s", folder);
    }
    return list;
}

static int by_path(const void *a, const void *b)
{
    const cli_sample *x = a, *y = b;
    const int order = strcmp(x->path, y->path);
    return order ? order : x->row < y->row ? -1 : x->row > y->row;
}

/* The first `most` in an order that the seed draws, sorted again: ranges first, then what is held out. */
void cli_samples_draw(cli_samples *s, double test_ratio, int most, unsigned seed)
{
    uint64_t state = seed;
    for (int i = s->n - 1; i > 0; i--) {
        const int j = (int)(cli_random(&state) % ((uint64_t)i + 1));
        const cli_sample at = s->items[i];
        s->items[i] = s->items[j];
        s->items[j] = at;
    }
    if (s->n > most) cli_note("%d samples, of which %d are taken (--pictures)", s->n, most);
    while (s->n > most) free(s->items[--s->n].path);
    s->n_held_out = (int)(s->n * test_ratio + 0.5);
    if (s->n_held_out >= s->n) s->n_held_out = s->n - 1;
    const int seen = s->n - s->n_held_out;
    qsort(s->items, (size_t)seen, sizeof *s->items, by_path);
    qsort(s->items + seen, (size_t)s->n_held_out, sizeof *s->items, by_path);
}

int cli_samples_list(cli_samples *s, const char *folder)
{
    cli_pictures pictures = { 0 };
    int n;
    char **folders = folders_of(folder, &n);
    cli_pictures_list(&pictures, &(cli_list){ (const char **)folders, n });
    for (int i = 0; i < n; i++) free(folders[i]);
    free(folders);
    s->items = cli_alloc((size_t)pictures.n + 1, sizeof *s->items);
    for (s->n = 0; s->n < pictures.n; s->n++) s->items[s->n].path = cli_format("%s", pictures.paths[s->n]);
    const int failures = pictures.failures;
    cli_pictures_release(&pictures);
    if (!s->n) {
        if (!failures) cli_error("--data %s: no picture in this folder", folder);
        return CLI_FAILED;
    }
    return CLI_DONE;
}

char *cli_sample_folder(const char *path)
{
    const char *end = strrchr(path, '/');
    if (!end) return cli_format("%s", "");
    const char *start = end;
    while (start > path && start[-1] != '/') start--;
    return cli_format("%.*s", (int)(end - start), start);
}

void cli_samples_release(cli_samples *s)
{
    for (int i = 0; i < s->n; i++) free(s->items[i].path);
    free(s->items);
    *s = (cli_samples){ 0 };
}
