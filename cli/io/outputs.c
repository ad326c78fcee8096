/* SPDX-License-Identifier: Apache-2.0 */
/* Planning of what is written: see outputs.h. */
#define _GNU_SOURCE /* realpath, statx */
#include "io/outputs.h"

#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "io/file.h"
#include "io/say.h"

/* An input: the file's own device and inode, no base. A planned output: those of its folder, and its name there; where
 * a link is replaced by what it leads to, that counts. */
struct cli_output_item {
    dev_t device;
    ino_t inode;
    const char *base;
    const char *option;
    char *path;
};

static int compare(const void *a, const void *b)
{
    const struct cli_output_item *x = a, *y = b;
    if (x->device != y->device) return x->device < y->device ? -1 : 1;
    if (x->inode != y->inode) return x->inode < y->inode ? -1 : 1;
    return strcmp(x->base, y->base);
}

/* The item of a tree that equals `like`, NULL when there is none. */
static const struct cli_output_item *find(void *const *tree, const struct cli_output_item *like)
{
    struct cli_output_item *const *found = tfind(like, tree, compare);
    return found ? *found : NULL;
}

static void add(cli_outputs *o, void **tree, const struct cli_output_item *item)
{
    struct cli_output_item *copy = cli_alloc(1, sizeof *copy);
    *copy = *item;
    struct cli_output_item **at = tsearch(copy, tree, compare);
    if (!at || *at != copy) { /* no memory; or known by another name */
        free(copy->path);
        free(copy);
        return;
    }
    o->items = cli_grow(o->items, (size_t)o->n + 1, sizeof *o->items);
    o->items[o->n++] = copy;
}

void cli_outputs_protect(cli_outputs *o, const char *path)
{
    struct stat st;
    if (!path || (strcmp(path, "-") ? stat(path, &st) : fstat(STDIN_FILENO, &st))) return;
    if (S_ISREG(st.st_mode))
        add(o, &o->inputs, &(struct cli_output_item){ st.st_dev, st.st_ino, "", NULL, cli_format("%s", path) });
}

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The folder that a path lies in, for free(). */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash) return cli_format(".");
    return slash == path ? cli_format("/") : cli_format("%.*s", (int)(slash - path), path);
}

static int refuse(const char *option, const char *path, const char *reason)
{
    cli_error("--%s %s: %s", option, path, reason);
    return CLI_FAILED;
}

/* The folder of a new or replaced file, which the user calls `path`: it has to be there, and to take one. Fills where
 * the file is. */
static int check_folder(struct cli_output_item *item, const char *path)
{
    struct stat st;
    char *folder = folder_of(item->path);
    int code = CLI_DONE;
    if (stat(folder, &st)) {
        if (errno == ENOENT)
            cli_error("--%s %s: there is no folder %s; make it first", item->option, path, folder);
        else
            cli_error("--%s %s: %s", item->option, path, strerror(errno));
        code = CLI_FAILED;
    } else if (!S_ISDIR(st.st_mode)) {
        cli_error("--%s %s: %s is a file, not a folder", item->option, path, folder);
        code = CLI_FAILED;
    } else if (access(folder, W_OK | X_OK)) {
        cli_error("--%s %s: nothing can be written into the folder %s: %s", item->option, path, folder,
                  strerror(errno));
        code = CLI_FAILED;
    }
    item->device = st.st_dev;
    item->inode = st.st_ino;
    free(folder);
    return code;
}

static int check_input(const cli_outputs *o, const char *option, const char *path, const struct stat *st)
{
    const struct cli_output_item *input =
        find(&o->inputs, &(struct cli_output_item){ st->st_dev, st->st_ino, "", NULL, NULL });
    if (!input) return CLI_DONE;
    cli_error("--%s %s: this would replace the input %s; name another file or folder", option, path, input->path);
    return CLI_USAGE;
}

/* Whether something is mounted there, a single file included; false where the system does not tell. */
static bool is_mounted(const char *path)
{
#ifdef STATX_ATTR_MOUNT_ROOT
    struct statx st;
    return !statx(AT_FDCWD, path, 0, STATX_TYPE, &st) && st.stx_attributes & STATX_ATTR_MOUNT_ROOT;
#else
    (void)path;
    return false;
#endif
}

/* Whether a file of someone else's lies in a folder like /tmp, where only its owner may replace it. */
static bool is_kept(const char *path, const struct stat *st)
{
    struct stat in;
    const uid_t me = geteuid();
    char *real = realpath(path, NULL), *folder = real ? folder_of(real) : NULL;
    const bool kept = folder && me && st->st_uid != me && !stat(folder, &in) && in.st_mode & S_ISVTX && in.st_uid != me;
    free(folder);
    free(real);
    return kept;
}

/* What is there already. */
static int check_old(const cli_outputs *o, const char *option, const char *path, const struct stat *st)
{
    if (S_ISDIR(st->st_mode)) return refuse(option, path, "a folder, where a file is to be written");
    const int code = check_input(o, option, path, st);
    if (code) return code;
    if (access(path, W_OK)) return refuse(option, path, strerror(errno));
    if (!S_ISREG(st->st_mode)) return CLI_DONE;
    if (is_mounted(path)) return refuse(option, path, "a file that is mounted there, which cannot be replaced; mount its folder instead");
    if (is_kept(path, st)) return refuse(option, path, "a file of someone else's, which only its owner may replace in this folder");
    return CLI_DONE;
}

/* Renaming onto a link that leads nowhere would put a file in its place, and where it leads nobody can know. */
static bool is_link(const char *path)
{
    struct stat st;
    return !lstat(path, &st) && S_ISLNK(st.st_mode);
}

int cli_outputs_plan(cli_outputs *o, const char *option, const char *path)
{
    struct stat st;
    if (!strcmp(path, "-")) return CLI_DONE;
    const bool exists = !stat(path, &st);
    if (!exists && errno != ENOENT && errno != ENOTDIR) return refuse(option, path, strerror(errno));
    if (!exists && is_link(path))
        return refuse(option, path, "a link to a file that is not there; remove it, or name another file");
    if (exists) {
        const int code = check_old(o, option, path, &st);
        if (code || !S_ISREG(st.st_mode)) return code; /* a device or a pipe is written in place */
    }
    char *real = exists ? realpath(path, NULL) : NULL;
    struct cli_output_item item = { .base = "", .option = option, .path = real ? real : cli_format("%s", path) };
    item.base = base_of(item.path);
    int code = check_folder(&item, path);
    const struct cli_output_item *other = code ? NULL : find(&o->planned, &item);
    if (other) {
        cli_error("--%s %s: --%s writes there too; name another file", option, path, other->option);
        code = CLI_USAGE;
    }
    if (code)
        free(item.path);
    else
        add(o, &o->planned, &item);
    return code;
}

/* Whether a file of this name, in a folder that is there, is planned. */
static bool is_planned(const cli_outputs *o, const struct stat *folder, const char *path)
{
    const struct cli_output_item like = { folder->st_dev, folder->st_ino, base_of(path), NULL, NULL };
    return find(&o->planned, &like);
}

int cli_outputs_plan_in(cli_outputs *o, const char *option, const char *folder, const char *picture,
                        const char *suffix, char **path)
{
    struct stat st = { 0 };
    *path = NULL;
    const char *base = strcmp(picture, "-") ? base_of(picture) : "stdin";
    const char *dot = strrchr(base, '.');
    const int stem = dot && dot != base ? (int)(dot - base) : (int)strlen(base);
    const char *end = suffix ? suffix : base + stem, *slash = folder[strlen(folder) - 1] == '/' ? "" : "/";
    if (stat(folder, &st)) return refuse(option, folder, strerror(errno));
    char *name = cli_format("%s%s%.*s%s", folder, slash, stem, base, end);
    for (int k = 2; is_planned(o, &st, name); k++) {
        free(name);
        name = cli_format("%s%s%.*s-%d%s", folder, slash, stem, base, k, end);
    }
    const int code = cli_outputs_plan(o, option, name);
    if (code)
        free(name);
    else
        *path = name;
    return code;
}

void cli_outputs_release(cli_outputs *o)
{
    for (int i = 0; i < o->n; i++) {
        struct cli_output_item *item = o->items[i];
        tdelete(item, item->option ? &o->planned : &o->inputs, compare);
        free(item->path);
        free(item);
    }
    free(o->items);
    *o = (cli_outputs){ 0 };
}

bool cli_names_folder(const char *name)
{
    return cli_is_folder(name) || name[strlen(name) - 1] == '/';
}

static crl_status write_encoded(crl_status s, void *bytes, size_t size, const char *path, crl_error *err)
{
    if (!s) s = cli_write_file(path, bytes, size, NULL, 0, err);
    free(bytes);
    return s;
}

crl_status cli_image_save(const crl_image *image, const char *path, crl_error *err)
{
    void *bytes;
    size_t size;
    const crl_status s = crl_image_encode(&bytes, &size, image, strcmp(path, "-") ? path : ".png", err);
    return write_encoded(s, bytes, size, path, err);
}

crl_status cli_mask_save(const crl_image *mask, const char *path, crl_error *err)
{
    void *bytes;
    size_t size;
    const crl_status s = crl_mask_encode(&bytes, &size, mask, strcmp(path, "-") ? path : ".png", err);
    return write_encoded(s, bytes, size, path, err);
}
