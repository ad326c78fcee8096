/* SPDX-License-Identifier: Apache-2.0 */
/* Listing and loading pictures: see pictures.h. */
#include "pictures.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "file.h"
#include "say.h"

/* The limit of crl_image_load(). */
static const size_t FILE_LIMIT = (size_t)512 << 20;

static void add(cli_pictures *p, char *path)
{
    p->paths = cli_grow(p->paths, (size_t)p->n + 1, sizeof *p->paths);
    p->paths[p->n++] = path;
}

static int is_picture(const struct dirent *entry)
{
    static const char *const suffixes[] = { ".jpg", ".jpeg", ".png", ".bmp", ".ppm", ".pgm", ".pbm" };
    const char *dot = strrchr(entry->d_name, '.');
    if (*entry->d_name == '.') return 0;
    for (size_t i = 0; dot && i < sizeof suffixes / sizeof *suffixes; i++)
        if (!strcasecmp(dot, suffixes[i])) return 1;
    return 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void add_folder(cli_pictures *p, const char *folder)
{
    struct dirent **entries;
    const int n = scandir(folder, &entries, is_picture, by_name);
    if (n < 0)
        cli_error("%s: %s", folder, strerror(errno));
    else if (n == 0)
        cli_error("%s: no picture in this folder (.jpg, .png, .bmp, .ppm, .pgm or .pbm)", folder);
    if (n <= 0) p->failures++;
    const char *slash = folder[strlen(folder) - 1] == '/' ? "" : "/";
    for (int i = 0; i < n; i++) {
        add(p, cli_format("%s%s%s", folder, slash, entries[i]->d_name));
        free(entries[i]);
    }
    if (n >= 0) free(entries);
}

void cli_pictures_list(cli_pictures *p, const cli_list *operands)
{
    *p = (cli_pictures){ .several = operands->n > 1 };
    for (int i = 0; i < operands->n; i++) {
        const char *path = operands->items[i];
        if (cli_is_folder(path)) {
            p->several = true;
            add_folder(p, path);
        } else
            add(p, cli_format("%s", path));
    }
}

void cli_pictures_release(cli_pictures *p)
{
    for (int i = 0; i < p->n; i++) free(p->paths[i]);
    free(p->paths);
    *p = (cli_pictures){ 0 };
}

crl_status cli_picture_load(crl_image *out, const char *path, bool exif_orientation, crl_error *err)
{
    const crl_image_options options = { .channels = 3, .exif_orientation = exif_orientation };
    if (strcmp(path, "-")) return crl_image_load(out, path, &options, err);
    uint8_t *bytes;
    size_t size;
    *out = (crl_image){ 0 };
    crl_status s = cli_read_file("-", FILE_LIMIT + 1, &bytes, &size, err);
    if (s) return s;
    s = crl_image_decode(out, bytes, size, &options, err);
    free(bytes);
    return s ? cli_within(err, s, "standard input") : CRL_OK;
}
