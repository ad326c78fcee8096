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
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The first `n` in an order that the seed draws, sorted again: ranges first, then what is held out. */
static void draw(cli_samples *s, int most, double test_ratio, unsigned seed)
{
    uint64_t state = seed;
    for (int i = s->n - 1; i > 0; i--) {
        const int j = (int)(cli_random(&state) % ((uint64_t)i + 1));
        char *at = s->paths[i];
        s->paths[i] = s->paths[j];
        s->paths[j] = at;
    }
    if (s->n > most) cli_note("%d pictures, of which %d are taken (--pictures)", s->n, most);
    while (s->n > most) free(s->paths[--s->n]);
    s->n_held_out = (int)(s->n * test_ratio + 0.5);
    if (s->n_held_out >= s->n) s->n_held_out = s->n - 1;
    const int seen = s->n - s->n_held_out;
    qsort(s->paths, (size_t)seen, sizeof *s->paths, by_path);
    qsort(s->paths + seen, (size_t)s->n_held_out, sizeof *s->paths, by_path);
}

int cli_samples_list(cli_samples *s, const char *folder, double test_ratio, int most, unsigned seed)
{
    cli_pictures pictures = { 0 };
    int n;
    if (!cli_is_folder(folder)) {
        cli_error("--data %s: no folder; one with pictures is expected, such as the model will see", folder);
        return CLI_FAILED;
    }
    char **folders = folders_of(folder, &n);
    cli_pictures_list(&pictures, &(cli_list){ (const char **)folders, n });
    for (int i = 0; i < n; i++) free(folders[i]);
    free(folders);
    s->paths = pictures.paths;
    s->n = pictures.n;
    pictures.paths = NULL;
    pictures.n = 0;
    const int failures = pictures.failures;
    cli_pictures_release(&pictures);
    if (!s->n) {
        if (!failures) cli_error("--data %s: no picture in this folder", folder);
        return CLI_FAILED;
    }
    draw(s, most, test_ratio, seed);
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
    for (int i = 0; i < s->n; i++) free(s->paths[i]);
    free(s->paths);
    *s = (cli_samples){ 0 };
}
