/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and replacing whole files, with POSIX calls: a short write or a full disk must be noticed, and the
 * reason told. */
#define _XOPEN_SOURCE 700 /* realpath */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/error.h"

static crl_status fail_io(crl_error *err, const char *path, const char *verb, int reason)
{
    char text[128];
    if (reason == EAGAIN) snprintf(text, sizeof text, "it has nothing to give now, and is not waited for");
    else if (strerror_r(reason, text, sizeof text)) snprintf(text, sizeof text, "error %d", reason);
    return crl_fail(err, CRL_ERR_IO, "%s: cannot %s: %s", path, verb, text);
}

/* Reads up to `n` bytes; fewer only at the end. -1 and errno on failure. */
static ssize_t read_all(int fd, uint8_t *p, size_t n)
{
    size_t got = 0;
    while (got < n) {
        const ssize_t r = read(fd, p + got, n - got);
        if (r < 0 && errno == EINTR) continue;
        if (r < 0) return -1;
        if (r == 0) break;
        got += (size_t)r;
    }
    return (ssize_t)got;
}

static crl_status fail_limit(crl_error *err, const char *path, size_t limit)
{
    return crl_fail(err, CRL_ERR_UNSUPPORTED, "%s: more than %zu bytes, the limit for such a file", path, limit);
}

static crl_status read_open(uint8_t **out, size_t *size, int fd, const char *path, size_t limit, crl_error *err)
{
    struct stat st;
    if (fstat(fd, &st)) return fail_io(err, path, "read", errno);
    if (S_ISDIR(st.st_mode)) return fail_io(err, path, "read", EISDIR);
    const bool plain = S_ISREG(st.st_mode) && st.st_size > 0; /* files of /proc say 0 and have bytes */
    if (plain && (uintmax_t)st.st_size > limit) return fail_limit(err, path, limit);
    /* The size is a hint only: the file may grow. One byte more shows its end without another read. */
    size_t room = plain ? (size_t)st.st_size + 1 : 65536, n = 0;
    uint8_t *bytes = NULL;
    for (;;) {
        uint8_t *more = crl_alloc(room);
        if (more && n) memcpy(more, bytes, n);
        crl_free(bytes);
        bytes = more;
        if (!bytes) return crl_fail(err, CRL_ERR_MEMORY, "%s: no memory for %zu bytes", path, room);
        const ssize_t r = read_all(fd, bytes + n, room - n);
        const int reason = errno;
        if (r < 0 || n + (size_t)r > limit) {
            crl_free(bytes);
            return r < 0 ? fail_io(err, path, "read", reason) : fail_limit(err, path, limit);
        }
        n += (size_t)r;
        if (n < room) break;
        room = room >= limit / 2 ? limit + 1 : room * 2; /* never the limit itself: two such buffers would live at once */
    }
    *out = bytes;
    *size = n;
    return CRL_OK;
}

/* Files of /proc and the like are regular ones that may still let a reader wait, for ever if need be: /proc/kmsg does. Pipes
 * are waited for as by any program. */
static int open_to_read(const char *path)
{
    struct stat st;
    const bool regular = !stat(path, &st) && S_ISREG(st.st_mode);
    return open(path, O_RDONLY | O_CLOEXEC | (regular ? O_NONBLOCK : 0));
}

crl_status crl_file_read(uint8_t **out, size_t *size, const char *path, size_t limit, crl_error *err)
{
    *out = NULL;
    *size = 0;
    const int fd = open_to_read(path);
    if (fd < 0) return fail_io(err, path, "open", errno);
    const crl_status s = read_open(out, size, fd, path, limit, err);
    close(fd);
    return s;
}

/* Writes all and closes. 0 or the reason. */
static int write_and_close(int fd, const uint8_t *p, size_t n, bool sync)
{
    int reason = 0;
    while (n && !reason) {
        const ssize_t w = write(fd, p, n);
        if (w >= 0) p += w, n -= (size_t)w;
        else if (errno != EINTR) reason = errno;
    }
    /* Without this a crash after the rename may leave an empty file under the new name. */
    if (!reason && sync && fsync(fd) && errno != EINVAL && errno != EROFS) reason = errno;
    if (close(fd) && !reason) reason = errno;
    return reason;
}

/* `target` is where the bytes go, no link; `path` is what the user called it; `old` is what is there, NULL: nothing. */
static crl_status replace(const char *target, const char *path, const struct stat *old, const void *bytes, size_t size,
                          crl_error *err)
{
    const size_t room = strlen(target) + 48;
    char *temporary = crl_alloc(room);
    if (!temporary) return crl_fail_memory(err, "the name of a temporary file");
    int fd = -1, reason = 0;
    for (int i = 0; i < 100 && fd < 0; i++) {
        snprintf(temporary, room, "%s.%ld-%d.tmp", target, (long)getpid(), i);
        /* Not mkstemp(): a new file is to have the permissions that the user's umask gives. */
        fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        reason = fd < 0 ? errno : 0;
        if (fd < 0 && reason != EEXIST) break;
    }
    if (fd >= 0) {
        if (old) (void)fchmod(fd, old->st_mode & 0777); /* some file systems have no modes to keep */
        reason = write_and_close(fd, bytes, size, true);
        if (!reason && rename(temporary, target)) reason = errno;
        if (reason) unlink(temporary);
    }
    crl_free(temporary);
    return reason ? fail_io(err, path, "write", reason) : CRL_OK;
}

crl_status crl_file_replace(const char *path, const void *bytes, size_t size, crl_error *err)
{
    struct stat st;
    const bool exists = !stat(path, &st);
    if (exists && S_ISDIR(st.st_mode)) return fail_io(err, path, "write", EISDIR);
    if (exists && !S_ISREG(st.st_mode)) {
        const int fd = open(path, O_WRONLY | O_CLOEXEC);
        const int reason = fd < 0 ? errno : write_and_close(fd, bytes, size, false);
        return reason ? fail_io(err, path, "write", reason) : CRL_OK;
    }
    if (!exists) return replace(path, path, NULL, bytes, size, err);
    /* A file that may not be written is not to be replaced either, though its folder would allow it. */
    if (access(path, W_OK)) return fail_io(err, path, "write", errno);
    char *target = realpath(path, NULL);
    if (!target) return fail_io(err, path, "write", errno);
    const crl_status s = replace(target, path, &st, bytes, size, err);
    free(target);
    return s;
}
