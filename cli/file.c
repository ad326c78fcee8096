/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing files: see file.h. */
#define _XOPEN_SOURCE 700 /* realpath */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "say.h"

static crl_status fail_errno(crl_error *err, const char *path)
{
    const char *reason = errno == EAGAIN ? "it has nothing to give now, and is not waited for" : strerror(errno);
    return cli_fail(err, CRL_ERR_IO, "%s: %s", path, reason);
}

static crl_status read_stream(FILE *f, const char *path, size_t limit, uint8_t **bytes, size_t *size, crl_error *err)
{
    size_t room = 0;
    *size = 0;
    while (*size < limit) {
        if (*size == room) {
            room = room ? room * 2 : 1 << 16;
            *bytes = cli_grow(*bytes, room, 1);
        }
        const size_t ask = room - *size < limit - *size ? room - *size : limit - *size;
        const size_t got = fread(*bytes + *size, 1, ask, f);
        *size += got;
        if (got < ask) break;
    }
    return ferror(f) ? fail_errno(err, path) : CRL_OK;
}

FILE *cli_open_file(const char *path)
{
    struct stat st;
    const bool regular = !stat(path, &st) && S_ISREG(st.st_mode);
    const int fd = open(path, O_RDONLY | O_CLOEXEC | (regular ? O_NONBLOCK : 0));
    FILE *f = fd < 0 ? NULL : fdopen(fd, "rb");
    if (fd >= 0 && !f) close(fd);
    return f;
}

crl_status cli_read_file(const char *path, size_t limit, uint8_t **bytes, size_t *size, crl_error *err)
{
    const bool standard = !strcmp(path, "-");
    *bytes = NULL;
    FILE *f = standard ? stdin : cli_open_file(path);
    if (!f) return fail_errno(err, path);
    const crl_status s = read_stream(f, standard ? "standard input" : path, limit, bytes, size, err);
    if (!standard) fclose(f);
    if (s) {
        free(*bytes);
        *bytes = NULL;
    }
    return s;
}

/* ---- writing ---- */

/* The file that is not whole yet, for the handler of signals, which may come at any moment and in any thread. */
static char unfinished[4096]; /* longer names than that do not open */
static volatile sig_atomic_t has_unfinished;

static void set_unfinished(const char *name)
{
    has_unfinished = 0;
    if (name && strlen(name) < sizeof unfinished) {
        strcpy(unfinished, name);
        has_unfinished = 1;
    }
}

static void clean_up(int number)
{
    if (has_unfinished) unlink(unfinished);
    signal(number, SIG_DFL); /* raised again, so that whoever waits for the program sees what ended it */
    raise(number);
}

void cli_file_signals(void)
{
    static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGALRM, SIGXCPU, SIGUSR1, SIGUSR2 };
    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++) {
        struct sigaction now, ours = { .sa_handler = clean_up };
        sigemptyset(&ours.sa_mask);
        if (!sigaction(ending[i], NULL, &now) && now.sa_handler != SIG_IGN) sigaction(ending[i], &ours, NULL);
    }
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is a write that fails, and said as such */
}

static bool write_all(int fd, const uint8_t *p, size_t n)
{
    while (n) {
        const ssize_t w = write(fd, p, n);
        if (w >= 0)
            p += w, n -= (size_t)w;
        else if (errno != EINTR)
            return false;
    }
    return true;
}

/* Writes and closes. false leaves the reason in errno. */
static bool write_parts(int fd, const void *head, size_t head_bytes, const void *body, size_t body_bytes, bool sync)
{
    bool good = write_all(fd, head, head_bytes) && write_all(fd, body, body_bytes);
    /* Without this a crash after the rename may leave an empty file under the new name. */
    if (good && sync && fsync(fd) && errno != EINVAL && errno != EROFS) good = false;
    const int reason = errno;
    if (close(fd) && good) return false;
    errno = reason;
    return good;
}

/* Opens "photos/.corallite-4711-0.part": beside the file, short however long its name is, hidden from a listing.
 * -1 leaves the reason in errno. */
static int open_beside(const char *target, char **name)
{
    const char *slash = strrchr(target, '/');
    const int folder = (int)(slash ? slash + 1 - target : 0);
    for (int i = 0;; i++) {
        *name = cli_format("%.*s.corallite-%ld-%d.part", folder, target, (long)getpid(), i);
        set_unfinished(*name);
        const int fd = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0 || errno != EEXIST || i == 99) return fd;
        set_unfinished(NULL);
        free(*name);
    }
}

static crl_status replace(const char *target, const char *path, const struct stat *old, const void *head,
                          size_t head_bytes, const void *body, size_t body_bytes, crl_error *err)
{
    char *beside;
    crl_status s = CRL_OK;
    const int fd = open_beside(target, &beside);
    if (fd < 0)
        s = fail_errno(err, path);
    else {
        if (old) (void)fchmod(fd, old->st_mode & 0777); /* some file systems have no modes to keep */
        if (!write_parts(fd, head, head_bytes, body, body_bytes, true) || rename(beside, target)) {
            s = fail_errno(err, path);
            unlink(beside);
        }
    }
    set_unfinished(NULL);
    free(beside);
    return s;
}

crl_status cli_write_file(const char *path, const void *head, size_t head_bytes, const void *body, size_t body_bytes,
                          crl_error *err)
{
    struct stat st;
    const bool standard = !strcmp(path, "-"), exists = !standard && !stat(path, &st);
    if (standard || (exists && !S_ISREG(st.st_mode))) {
        if (fflush(stdout)) return fail_errno(err, "standard output");
        const int fd = standard ? dup(STDOUT_FILENO) : open(path, O_WRONLY | O_CLOEXEC);
        const bool good = fd >= 0 && write_parts(fd, head, head_bytes, body, body_bytes, false);
        return good ? CRL_OK : fail_errno(err, standard ? "standard output" : path);
    }
    if (!exists) return replace(path, path, NULL, head, head_bytes, body, body_bytes, err);
    char *target = realpath(path, NULL); /* what a link points to is what is replaced */
    if (!target) return fail_errno(err, path);
    const crl_status s = replace(target, path, &st, head, head_bytes, body, body_bytes, err);
    free(target);
    return s;
}

/* ---- folders ---- */

bool cli_is_folder(const char *path)
{
    struct stat st;
    return !stat(path, &st) && S_ISDIR(st.st_mode);
}

crl_status cli_make_folder(const char *path, crl_error *err)
{
    char *part = cli_format("%s", path);
    crl_status s = CRL_OK;
    for (char *c = part + (*part == '/'); !s && *c; c++) {
        if (*c != '/') continue;
        *c = 0;
        if (mkdir(part, 0777) && errno != EEXIST) s = fail_errno(err, part);
        *c = '/';
    }
    if (!s && mkdir(part, 0777)) {
        if (errno != EEXIST)
            s = fail_errno(err, part);
        else if (!cli_is_folder(part))
            s = cli_fail(err, CRL_ERR_IO, "%s: a file, where a folder is to be made", part);
    }
    free(part);
    return s;
}
