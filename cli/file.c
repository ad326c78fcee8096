/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing files: see file.h. */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "say.h"

static crl_status fail_errno(crl_error *err, const char *path)
{
    return cli_fail(err, CRL_ERR_IO, "%s: %s", path, strerror(errno));
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

crl_status cli_read_file(const char *path, size_t limit, uint8_t **bytes, size_t *size, crl_error *err)
{
    const bool standard = !strcmp(path, "-");
    *bytes = NULL;
    FILE *f = standard ? stdin : fopen(path, "rb");
    if (!f) return fail_errno(err, path);
    const crl_status s = read_stream(f, standard ? "standard input" : path, limit, bytes, size, err);
    if (!standard) fclose(f);
    if (s) {
        free(*bytes);
        *bytes = NULL;
    }
    return s;
}

static bool write_parts(FILE *f, const void *head, size_t head_bytes, const void *body, size_t body_bytes)
{
    bool good = fwrite(head, 1, head_bytes, f) == head_bytes;
    if (good && body_bytes) good = fwrite(body, 1, body_bytes, f) == body_bytes;
    return !fclose(f) && good;
}

/* A new file next to `path`; its name is for free(). NULL leaves the reason in errno. */
static FILE *open_beside(const char *path, char **name)
{
    *name = cli_format("%s.%ld.part", path, (long)getpid());
    const int fd = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    return fd < 0 ? NULL : fdopen(fd, "wb");
}

crl_status cli_write_file(const char *path, const void *head, size_t head_bytes, const void *body, size_t body_bytes,
                          crl_error *err)
{
    struct stat st;
    if (!stat(path, &st) && !S_ISREG(st.st_mode)) {
        FILE *f = fopen(path, "wb");
        return f && write_parts(f, head, head_bytes, body, body_bytes) ? CRL_OK : fail_errno(err, path);
    }
    char *beside;
    FILE *f = open_beside(path, &beside);
    crl_status s = CRL_OK;
    if (!f)
        s = fail_errno(err, path);
    else if (!write_parts(f, head, head_bytes, body, body_bytes) || rename(beside, path)) {
        s = fail_errno(err, path);
        unlink(beside);
    }
    free(beside);
    return s;
}

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
