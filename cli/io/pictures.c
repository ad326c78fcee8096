/* SPDX-License-Identifier: Apache-2.0 */
/* Listing and loading pictures: see pictures.h. */
#include "io/pictures.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "io/file.h"
#include "io/say.h"

/* The limit of crl_image_load(). */
static const size_t FILE_LIMIT = (size_t)512 << 20;

static void add(cli_pictures *p, char *path)
{
    p->paths = cli_grow(p->paths, (size_t)p->n + 1, sizeof *p->paths);
    p->paths[p->n++] = path;
}

/* ---- folders ---- */

bool cli_is_named_picture(const char *name)
{
    static const char *const suffixes[] = { ".jpg", ".jpeg", ".jfif", ".png", ".webp", ".gif", ".bmp", ".ppm", ".pgm",
                                            ".pbm" };
    const char *dot = strrchr(name, '.');
    if (*name == '.') return false;
    for (size_t i = 0; dot && i < sizeof suffixes / sizeof *suffixes; i++)
        if (!strcasecmp(dot, suffixes[i])) return true;
    return false;
}

/* Files of a folder that are no pictures, by kind. */
enum { MAX_KINDS = 16 };

typedef struct others {
    int n;
    crl_file_kind kinds[MAX_KINDS]; /* those past the last are counted in it */
    int count[MAX_KINDS];
    int n_kinds;
    bool pictures; /* some are, but of a format that is not read */
    bool missed;   /* some are pictures, or bear the name of one */
} others;

static void count_other(others *o, crl_file_kind kind, bool named)
{
    int i = 0;
    while (i < o->n_kinds && (o->kinds[i].what ? !kind.what || strcmp(o->kinds[i].what, kind.what) : kind.what != NULL)) i++;
    if (i == MAX_KINDS) i--;
    if (i == o->n_kinds) o->kinds[o->n_kinds++] = kind;
    o->count[i]++;
    o->n++;
    o->pictures |= kind.picture;
    o->missed |= kind.picture || named;
}

/* "3 files are no pictures (2 Git LFS pointers, a text file); run "git lfs pull"". The cure is that of the kind that
 * there is most of. */
static char *others_text(const others *o)
{
    char *list = NULL;
    int most = 0;
    for (int i = 0; i < o->n_kinds; i++) {
        const crl_file_kind *k = &o->kinds[i];
        char *longer = o->count[i] > 1 ? cli_format("%s%s%d %s", list ? list : "", list ? ", " : "", o->count[i],
                                                    k->what ? k->many : "of another kind")
                                       : cli_format("%s%s%s", list ? list : "", list ? ", " : "",
                                                    k->what ? k->what : "one of another kind");
        free(list);
        list = longer;
        if (o->count[i] > o->count[most]) most = i;
    }
    const char *cure = o->kinds[most].picture ? "convert them to JPEG or PNG" : o->kinds[most].cure;
    char *text = cli_format("%d %s%s (%s)%s%s", o->n, o->n > 1 ? "files are no pictures" : "file is no picture",
                            o->pictures ? " that can be read" : "", list, cure ? "; " : "", cure ? cure : "");
    free(list);
    return text;
}

/* Looks at the first bytes of a file, if there are any to be had without waiting. What cannot be opened is left to whoever
 * loads it, who can say why. */
static bool sniff(const char *path, crl_file_kind *kind)
{
    uint8_t start[512];
    struct stat st;
    if (stat(path, &st) || S_ISDIR(st.st_mode)) return false;
    if (!S_ISREG(st.st_mode)) {
        *kind = (crl_file_kind){ .what = "a pipe or a device", .many = "pipes or devices", .cure = "name each by itself" };
        return true;
    }
    FILE *f = cli_open_file(path);
    if (!f) return false;
    const size_t n = fread(start, 1, sizeof start, f);
    fclose(f);
    *kind = crl_image_kind(start, n);
    return true;
}

/* Takes the file, or counts it among the others. A picture is what is named as one and does not begin as something
 * else. */
static void add_entry(cli_pictures *p, others *o, const char *folder, const char *name)
{
    const char *slash = folder[strlen(folder) - 1] == '/' ? "" : "/";
    char *path = cli_format("%s%s%s", folder, slash, name);
    const bool named = cli_is_named_picture(name);
    crl_file_kind kind;
    if (!sniff(path, &kind)) {
        if (named && !cli_is_folder(path)) {
            add(p, path);
            return;
        }
    } else if (named && (kind.readable || !kind.what)) {
        add(p, path);
        return;
    } else if (!kind.readable)
        count_other(o, kind, named);
    else if (*name != '.') /* hidden pictures are meant to be */
        count_other(o, (crl_file_kind){ .what = "a picture by another name", .many = "pictures by other names",
                                        .cure = "names of pictures end in .jpg, .png and the like" }, false);
    free(path);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_entry(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
}

static void add_folder(cli_pictures *p, const char *folder)
{
    struct dirent **entries;
    others o = { 0 };
    const int before = p->n, n = scandir(folder, &entries, is_entry, by_name);
    if (n < 0) {
        cli_error("%s: %s", folder, strerror(errno));
        p->failures++;
        return;
    }
    for (int i = 0; i < n; i++) {
        add_entry(p, &o, folder, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    char *text = o.n ? others_text(&o) : cli_format(".jpg, .png, .webp, .gif, .bmp, .ppm, .pgm and .pbm are");
    if (p->n == before)
        cli_error("%s: no picture in this folder: %s", folder, text);
    else if (o.missed)
        cli_error("%s: %s", folder, text);
    else if (o.n)
        cli_warning("%s: %s", folder, text);
    if (p->n == before || o.missed) p->failures++;
    free(text);
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
