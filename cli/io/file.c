/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing files: see file.h. */
#define _GNU_SOURCE /* realpath, flock */
#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/say.h"

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

FILE *cli_open_regular(const char *path)
{
    struct stat st;
    if (stat(path, &st)) return NULL;
    if (S_ISREG(st.st_mode)) return cli_open_file(path);
    errno = EINVAL;
    return NULL;
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

crl_status cli_expect_regular(const char *path, crl_error *err)
{
    struct stat st;
    if (stat(path, &st)) return fail_errno(err, path);
    if (S_ISDIR(st.st_mode)) return cli_fail(err, CRL_ERR_IO, "%s: a folder, where a file is expected", path);
    if (!S_ISREG(st.st_mode)) return cli_fail(err, CRL_ERR_IO, "%s: a pipe or a device, where a file is expected", path);
    return CRL_OK;
}

crl_status cli_read_whole(const char *path, size_t limit, uint8_t **bytes, size_t *size, crl_error *err)
{
    *bytes = NULL;
    crl_status s = cli_expect_regular(path, err);
    if (!s) s = cli_read_file(path, limit + 1, bytes, size, err);
    if (s || *size <= limit) return s;
    free(*bytes);
    *bytes = NULL;
    return cli_fail(err, CRL_ERR_IO, "%s: more than %zu bytes, the limit for such a file", path, limit);
}

/* ---- writing ---- */

/* Files that go when the program is ended: those that are not whole yet, and locks. For the handler of signals, which may come at any
 * moment and in any thread. */
enum { PASSING = CLI_MOST_FILES + 1, LOCK = CLI_MOST_FILES };
static char passing[PASSING][4096]; /* longer names than that do not open */
static volatile sig_atomic_t is_passing[PASSING];

static void set_passing(int slot, const char *name)
{
    is_passing[slot] = 0;
    if (name && strlen(name) < sizeof passing[slot]) {
        strcpy(passing[slot], name);
        is_passing[slot] = 1;
    }
}

static volatile sig_atomic_t waits, caught; /* a first signal is only noted; which it was */

static void clean_up(int number)
{
    if (waits && !caught) {
        caught = number;
        return;
    }
    for (int i = 0; i < PASSING; i++)
        if (is_passing[i]) unlink(passing[i]);
    signal(number, SIG_DFL); /* raised again, so that whoever waits for the program sees what ended it */
    raise(number);
}

void cli_file_streams(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", fd ? O_RDONLY : O_WRONLY) < 0) return;
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

void cli_signals_wait(void)
{
    waits = 1;
}

bool cli_signals_came(void)
{
    return caught;
}

void cli_signals_act(void)
{
    waits = 0;
    if (caught) clean_up(caught);
}

void cli_signals_forget(void)
{
    waits = caught = 0;
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
static bool write_parts(int fd, const cli_new_file *f, bool sync)
{
    bool good = write_all(fd, f->head, f->head_bytes) && write_all(fd, f->body, f->body_bytes);
    /* Without this a crash after the rename may leave an empty file under the new name. */
    if (good && sync && fsync(fd) && errno != EINVAL && errno != EROFS) good = false;
    const int reason = errno;
    if (close(fd) && good) return false;
    errno = reason;
    return good;
}

/* Opens "photos/.corallite-4711-0.part": beside the file, short however long its name is, hidden from a listing.
 * -1 leaves the reason in errno. */
static int open_beside(const char *target, int slot, char **name)
{
    const char *slash = strrchr(target, '/');
    const int folder = (int)(slash ? slash + 1 - target : 0);
    for (int i = 0;; i++) {
        *name = cli_format("%.*s.corallite-%ld-%d.part", folder, target, (long)getpid(), i);
        set_passing(slot, *name);
        const int fd = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0 || errno != EEXIST || i == 99) return fd;
        set_passing(slot, NULL);
        free(*name);
    }
}

/* A file on its way: `beside` is written, and takes the place of `target`. Neither: it is written in place. */
typedef struct staged {
    char *target, *beside;
} staged;

static crl_status stage(staged *s, const cli_new_file *f, int slot, crl_error *err)
{
    struct stat st;
    const bool exists = strcmp(f->path, "-") && !stat(f->path, &st);
    if (!strcmp(f->path, "-") || (exists && !S_ISREG(st.st_mode))) return CRL_OK;
    s->target = exists ? realpath(f->path, NULL) : cli_format("%s", f->path); /* what a link points to is what is replaced */
    if (!s->target) return fail_errno(err, f->path);
    const int fd = open_beside(s->target, slot, &s->beside);
    if (fd < 0) {
        const crl_status status = fail_errno(err, f->path);
        free(s->beside);
        s->beside = NULL;
        return status;
    }
    if (exists) (void)fchmod(fd, st.st_mode & 0777); /* some file systems have no modes to keep */
    return write_parts(fd, f, true) ? CRL_OK : fail_errno(err, f->path);
}

static crl_status write_in_place(const cli_new_file *f, crl_error *err)
{
    const bool standard = !strcmp(f->path, "-");
    if (fflush(stdout)) return fail_errno(err, "standard output");
    const int fd = standard ? dup(STDOUT_FILENO) : open(f->path, O_WRONLY | O_CLOEXEC);
    return fd >= 0 && write_parts(fd, f, false) ? CRL_OK : fail_errno(err, standard ? "standard output" : f->path);
}

/* Nothing may come in between. */
static crl_status rename_all(staged *s, const cli_new_file *files, int n, crl_error *err)
{
    crl_status status = CRL_OK;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    for (int i = 0; i < n && !status; i++) {
        if (!s[i].beside) continue;
        if (rename(s[i].beside, s[i].target)) {
            status = fail_errno(err, files[i].path);
            continue;
        }
        free(s[i].beside);
        s[i].beside = NULL;
    }
    for (int i = 0; i < n; i++) {
        if (s[i].beside) unlink(s[i].beside);
        set_passing(i, NULL);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status;
}

crl_status cli_write_files(const cli_new_file *files, int n, crl_error *err)
{
    staged s[CLI_MOST_FILES] = { 0 };
    crl_status status = CRL_OK;
    for (int i = 0; i < n && !status; i++) status = stage(&s[i], &files[i], i, err);
    for (int i = 0; i < n && !status; i++)
        if (!s[i].beside) status = write_in_place(&files[i], err);
    if (!status) status = rename_all(s, files, n, err);
    for (int i = 0; i < n; i++) {
        if (s[i].beside) unlink(s[i].beside);
        set_passing(i, NULL);
        free(s[i].beside);
        free(s[i].target);
    }
    return status;
}

crl_status cli_write_file(const char *path, const void *head, size_t head_bytes, const void *body, size_t body_bytes,
                          crl_error *err)
{
    return cli_write_files(&(cli_new_file){ path, head, head_bytes, body, body_bytes }, 1, err);
}

/* ---- locks ---- */

/* The name of a file's lock, in its folder, for free(): of what a link leads to, that all names of a file have one. */
static char *lock_of(const char *path)
{
    char *real = realpath(path, NULL);
    const char *name = real ? real : path, *slash = strrchr(name, '/');
    const int folder = (int)(slash ? slash + 1 - name : 0);
    char *lock = cli_format("%.*s.%.200s.lock", folder, name, name + folder);
    free(real);
    return lock;
}

/* Whether the file that is open is still the one of that name: who had the lock before may have removed it. */
static bool is_still(int fd, const char *name)
{
    struct stat open, there;
    return !fstat(fd, &open) && !stat(name, &there) && open.st_dev == there.st_dev && open.st_ino == there.st_ino;
}

/* Where there can be no lock, on a file system that knows none, in a folder that takes no file, all goes on without. */
crl_status cli_lock(cli_file_lock *out, const char *path, crl_error *err)
{
    *out = (cli_file_lock){ lock_of(path), -1 };
    for (;;) {
        const int fd = open(out->name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
        if (fd < 0) return CRL_OK;
        if (flock(fd, LOCK_EX | LOCK_NB)) {
            const bool taken = errno == EWOULDBLOCK;
            close(fd);
            return !taken ? CRL_OK : cli_fail(err, CRL_ERR_STATE, "%s: another corallite is using it; wait for its end, or name another file", path);
        }
        if (is_still(fd, out->name)) {
            set_passing(LOCK, out->name);
            out->fd = fd;
            return CRL_OK;
        }
        close(fd);
    }
}

void cli_unlock(cli_file_lock *lock)
{
    if (lock->name && lock->fd >= 0) {
        unlink(lock->name);
        set_passing(LOCK, NULL);
        close(lock->fd);
    }
    free(lock->name);
    *lock = (cli_file_lock){ NULL, -1 };
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
