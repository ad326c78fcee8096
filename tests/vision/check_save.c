/* SPDX-License-Identifier: Apache-2.0 */
/* Writing: what is written reads back, and what cannot be written leaves nothing behind. */
#define _DEFAULT_SOURCE /* mkdtemp */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "checks.h"
#include "drawn.h"

enum { WIDTH = 23, HEIGHT = 11 };

static bool make_folder(check *t, char folder[64])
{
    snprintf(folder, 64, "/tmp/check_vision.XXXXXX");
    return check_that(t, mkdtemp(folder) != NULL, "no folder for files");
}

static int count_files(const char *folder)
{
    int n = 0;
    DIR *d = opendir(folder);
    for (struct dirent *e; d && (e = readdir(d));) n += e->d_name[0] != '.';
    if (d) closedir(d);
    return n;
}

static void remove_folder(const char *folder)
{
    char path[512];
    DIR *d = opendir(folder);
    for (struct dirent *e; d && (e = readdir(d));) {
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        if (e->d_name[0] != '.') unlink(path);
    }
    if (d) closedir(d);
    rmdir(folder);
}

static crl_image noise(check *t, int32_t channels)
{
    const crl_image image = guarded_image(t, WIDTH, HEIGHT, channels, 0);
    drawn_fill(image.data, image.stride * HEIGHT, 7);
    return image;
}

/* Mean difference per byte; -1 when the sizes differ. */
static double distance(const crl_image *a, const crl_image *b)
{
    if (a->width != b->width || a->height != b->height || a->channels != b->channels) return -1.0;
    long sum = 0;
    const size_t n = (size_t)a->width * (size_t)a->channels;
    for (int32_t y = 0; y < a->height; y++)
        for (size_t i = 0; i < n; i++)
            sum += labs((long)a->data[(size_t)y * a->stride + i] - (long)b->data[(size_t)y * b->stride + i]);
    return (double)sum / (double)(n * (size_t)a->height);
}

void check_save(check *t, unsigned cpu)
{
    (void)cpu;
    char folder[64], path[128];
    if (!make_folder(t, folder)) return;
    static const struct {
        const char *suffix;
        double most; /* mean difference */
    } formats[] = { { "png", 0 }, { "bmp", 0 }, { "ppm", 0 }, { "pgm", 0 }, { "JPG", 12 }, { "jpeg", 12 } };
    for (size_t f = 0; f < sizeof formats / sizeof formats[0]; f++)
        for (int32_t channels = 1; channels <= 3; channels += 2) {
            const crl_image image = noise(t, channels);
            crl_image got, want;
            crl_error err = { 0 };
            snprintf(path, sizeof path, "%s/it.%s", folder, formats[f].suffix);
            crl_status s = crl_image_save(&image, path, &err);
            check_that(t, s == crl_image_can_save(path, NULL), "%s: can_save() says otherwise", path);
            if (s == CRL_ERR_UNSUPPORTED && strstr(err.text, "this build")) continue;
            if (!s) s = crl_image_load(&got, path, &(crl_image_options){ .channels = channels }, &err);
            if (!check_that(t, !s, "%s", err.text)) break;
            /* A grey format given colours has what L makes of them. */
            const bool made_grey = channels == 3 && !strcmp(formats[f].suffix, "pgm");
            crl_image grey = { 0 };
            if (made_grey) crl_image_convert(&grey, &image, 1, NULL);
            crl_image_convert(&want, made_grey ? &grey : &image, channels, NULL);
            const double d = distance(&want, &got);
            check_that(t, d >= 0.0 && d <= formats[f].most, "%s, %d channels: mean difference %g", formats[f].suffix, channels, d);
            crl_image_fini(&grey);
            crl_image_fini(&want);
            crl_image_fini(&got);
            struct stat st;
            const mode_t mask = umask(0);
            umask(mask);
            check_that(t, !stat(path, &st) && (st.st_mode & 0777) == (0666 & ~mask), "permissions %o", (unsigned)st.st_mode);
        }

    /* A link is followed, and stays one. */
    char link_path[128];
    struct stat st;
    const crl_image image = noise(t, 3);
    snprintf(path, sizeof path, "%s/target.bmp", folder);
    snprintf(link_path, sizeof link_path, "%s/link.bmp", folder);
    check_that(t, !crl_image_save(&image, path, NULL) && !symlink("target.bmp", link_path), "no link");
    const crl_image dot = { 1, 1, 3, 3, image.data };
    check_that(t, !crl_image_save(&dot, link_path, NULL), "a link cannot be written through");
    check_that(t, !lstat(link_path, &st) && S_ISLNK(st.st_mode), "the link was replaced");
    check_that(t, !stat(path, &st) && st.st_size == 58, "the target has %ld bytes", (long)st.st_size);

    /* What is replaced passes on its permissions. */
    check_that(t, !chmod(path, 0604) && !crl_image_save(&dot, path, NULL) && !stat(path, &st), "no second dot");
    check_that(t, (st.st_mode & 0777) == 0604, "permissions %o after replacing 604", (unsigned)st.st_mode);
    remove_folder(folder);
}

static bool note_bytes(void *user, size_t bytes)
{
    *(size_t *)user += bytes;
    return true;
}

/* A file whose size is known beforehand is made in one piece, and takes no more memory than it has bytes, and a row. */
static void check_memory_of(check *t, const crl_image *image, const char *name)
{
    size_t asked = 0, size = 0;
    void *bytes = NULL;
    crl_alloc_hook(note_bytes, &asked);
    const crl_status s = crl_image_encode(&bytes, &size, image, name, NULL);
    crl_alloc_hook(NULL, NULL);
    check_that(t, !s && asked <= size + image->stride + 4, "%s: %zu bytes for a file of %zu", name, asked, size);
    free(bytes);
}

/* The bytes in memory are those of the file. */
void check_encode(check *t, unsigned cpu)
{
    (void)cpu;
    static uint8_t black[65501 * 3];
    const crl_image long_row = { 65501, 1, 3, sizeof black, black }, column = { 1, 65501, 1, 1, black };
    crl_error told = { 0 };
    void *nothing;
    size_t none;
    for (int i = 0; i < 2; i++)
        check_that(t, crl_image_encode(&nothing, &none, i ? &column : &long_row, ".jpg", &told) == CRL_ERR_UNSUPPORTED &&
                          strstr(told.text, "at most 65500: write .png"), "%s", told.text);
    check_memory_of(t, &long_row, ".bmp");
    check_memory_of(t, &long_row, ".ppm");
    check_memory_of(t, &column, ".bmp");
    check_memory_of(t, &column, ".pgm");
    char folder[64], path[128];
    if (!make_folder(t, folder)) return;
    const crl_image image = noise(t, 3), mask = noise(t, 1);
    snprintf(path, sizeof path, "%s/it.bmp", folder);
    for (int masked = 0; masked < 2; masked++) {
        void *bytes = NULL;
        size_t size = 0;
        uint8_t file[4096];
        crl_error err = { 0 };
        crl_status s = masked ? crl_mask_save(&mask, path, &err) : crl_image_save(&image, path, &err);
        if (!s) s = masked ? crl_mask_encode(&bytes, &size, &mask, ".bmp", &err)
                           : crl_image_encode(&bytes, &size, &image, ".bmp", &err);
        FILE *f = fopen(path, "rb");
        const size_t n = f ? fread(file, 1, sizeof file, f) : 0;
        if (f) fclose(f);
        check_that(t, !s && n == size && n < sizeof file && !memcmp(file, bytes, n), "%zu bytes, the file has %zu", size, n);
        free(bytes);
        bytes = &size;
        s = masked ? crl_mask_encode(&bytes, &size, &mask, "it.gif", &err)
                   : crl_image_encode(&bytes, &size, &image, "it.gif", &err);
        check_that(t, s == CRL_ERR_ARGUMENT && !bytes && !size, "status %d, %p", s, bytes);
    }
    remove_folder(folder);
}

static void fails(check *t, const char *path, crl_status want, const char *part)
{
    const crl_image image = noise(t, 3);
    crl_error err = { 0 };
    const crl_status s = crl_image_save(&image, path, &err);
    check_that(t, s == want && strstr(err.text, part) && strstr(err.text, path), "status %d, \"%s\"; not %d with \"%s\"", s, err.text,
               want, part);
}

void check_save_fails_whole(check *t, unsigned cpu)
{
    (void)cpu;
    char folder[64], path[128];
    if (!make_folder(t, folder)) return;
    fails(t, "it.gif", CRL_ERR_ARGUMENT, ".jpg");
    fails(t, "a.png/it", CRL_ERR_ARGUMENT, ".jpg");
    snprintf(path, sizeof path, "%s/no/it.ppm", folder);
    fails(t, path, CRL_ERR_IO, "No such file");
    snprintf(path, sizeof path, "%s/folder.ppm", folder);
    mkdir(path, 0777);
    fails(t, path, CRL_ERR_IO, "directory");
    rmdir(path);

    /* As if the disk were full: the old file stays, the new one leaves nothing. */
    const crl_image image = noise(t, 3);
    const crl_image dot = { 1, 1, 3, 3, image.data };
    struct stat st;
    snprintf(path, sizeof path, "%s/it.ppm", folder);
    check_that(t, !crl_image_save(&dot, path, NULL) && !stat(path, &st), "a dot cannot be written");
    const off_t before = st.st_size;
    struct rlimit limit, small;
    getrlimit(RLIMIT_FSIZE, &limit);
    small = (struct rlimit){ .rlim_cur = 100, .rlim_max = limit.rlim_max };
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    crl_error err = { 0 };
    const crl_status s = crl_image_save(&image, path, &err);
    setrlimit(RLIMIT_FSIZE, &limit);
    signal(SIGXFSZ, SIG_DFL);
    check_that(t, s == CRL_ERR_IO && strstr(err.text, "too large"), "status %d, \"%s\"", s, err.text);
    check_that(t, !stat(path, &st) && st.st_size == before, "the old file is gone");
    check_that(t, count_files(folder) == 1, "%d files are left", count_files(folder));
    remove_folder(folder);
}
