/* SPDX-License-Identifier: Apache-2.0 */
/* See fetch.h. */
#define _GNU_SOURCE /* O_CLOEXEC */
#include "catalogue/fetch.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalogue/sha1.h"
#include "catalogue/shelf.h"
#include "io/file.h"
#include "io/progress.h"
#include "io/say.h"
#include "models/model.h"

enum { TRIES = 5 }; /* of one mirror */

/* No more than this can be the file. */
static int64_t most_of(const cli_entry *e)
{
    enum { MODEL = 512 << 20, OTHER = 16 << 20 }; /* where the catalogue does not know */
    return e->bytes >= 0 ? e->bytes : cli_entry_is_model(e) ? MODEL : OTHER;
}

/* A file on its way. */
typedef struct part {
    const cli_entry *e;
    const char *path;
    int fd;
    int64_t bytes; /* in it */
    int failed;    /* errno of writing */
    double begun_ms, shown_ms;
    int64_t begun_bytes;
} part;

static bool keep(void *user, const void *data, size_t size)
{
    part *p = user;
    for (const char *from = data; size;) {
        const ssize_t n = write(p->fd, from, size);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return p->failed = n ? errno : EIO, false;
        from += n;
        size -= (size_t)n;
        p->bytes += n;
    }
    return true;
}

static void show(void *user, int64_t done, int64_t all)
{
    enum { EVERY_MS = 100 };
    part *p = user;
    const double now = cli_now_ms(), seconds = (now - p->begun_ms) / 1000;
    if (now - p->shown_ms < EVERY_MS) return;
    p->shown_ms = now;
    if (p->e->bytes >= 0) all = p->e->bytes;
    char have[32], whole[32], rate[32];
    const double speed = seconds > 0 ? (double)(done - p->begun_bytes) / seconds : 0;
    cli_bytes_text((double)done, have);
    cli_bytes_text(speed, rate);
    if (all > 0 && speed > 0)
        cli_progress(p->e->name, (double)done / (double)all, "%s of %s, %s/s, %.0f s left", have, cli_bytes_text((double)all, whole), rate,
                     (double)(all - done) / speed);
    else
        cli_progress(p->e->name, NAN, "%s, %s/s", have, rate);
}

static crl_status fail_part(crl_error *err, const char *path, int reason)
{
    return cli_fail(err, CRL_ERR_IO, "%s: %s", path, strerror(reason));
}

static crl_status empty(part *p, crl_error *err)
{
    p->bytes = 0;
    return ftruncate(p->fd, 0) || lseek(p->fd, 0, SEEK_SET) < 0 ? fail_part(err, p->path, errno) : CRL_OK;
}

static crl_status open_part(part *p, crl_error *err)
{
    struct stat st;
    p->fd = open(p->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (p->fd < 0) return fail_part(err, p->path, errno);
    if (fstat(p->fd, &st) || !S_ISREG(st.st_mode)) return fail_part(err, p->path, EINVAL);
    p->bytes = st.st_size;
    if (p->bytes > most_of(p->e)) return empty(p, err);
    return lseek(p->fd, 0, SEEK_END) < 0 ? fail_part(err, p->path, errno) : CRL_OK;
}

/* Whether what lies there is what was asked for. */
static bool is_right(const char *path, const cli_entry *e)
{
    char blob[CLI_SHA1_TEXT];
    int64_t bytes;
    crl_error none;
    return !cli_git_blob(path, blob, &bytes, &none) && !strcmp(blob, e->blob);
}

/* A path as it stands in an address: all but letters, digits, -._~ and / by its number (RFC 3986), for free(). */
static char *encode(const char *path)
{
    char *encoded = cli_alloc(3 * strlen(path) + 1, 1), *at = encoded;
    for (; *path; path++) {
        const unsigned char c = (unsigned char)*path;
        if ((c < 128 && isalnum(c)) || strchr("-._~/", c))
            *at++ = (char)c;
        else
            at += sprintf(at, "%%%02X", c);
    }
    return encoded;
}

/* One mirror, asked again where a transfer broke after it had given something. True once the part is right. */
static bool ask(const cli_fetching *f, part *p, const char *mirror, crl_error *err)
{
    const size_t n = strlen(mirror);
    char *encoded = encode(p->e->path), *url = cli_format("%s%s%s", mirror, n && mirror[n - 1] == '/' ? "" : "/", encoded);
    free(encoded);
    bool right = false;
    for (int i = 0; i < TRIES && !right; i++) {
        const int64_t from = p->bytes;
        const cli_transfer t = { url, from, most_of(p->e), f->stall_s, keep, show, p };
        const bool whole = p->e->bytes >= 0 && from == p->e->bytes;
        p->begun_ms = cli_now_ms();
        p->begun_bytes = from;
        const cli_transferred done = whole ? CLI_TRANSFER_DONE : cli_transfer_run(f->library, &t, err);
        if (p->failed || done == CLI_TRANSFER_REFUSED) break;
        if (done == CLI_TRANSFER_DONE && is_right(p->path, p->e))
            right = true;
        else if (done == CLI_TRANSFER_DONE)
            cli_fail(err, CRL_ERR_IO, "%s: this is another file than the catalogue's, by its checksum", url);
        if (done == CLI_TRANSFER_BROKEN || right) continue;
        if (empty(p, err) || !from) break; /* what was there before may have been the fault */
    }
    free(url);
    return right;
}

static crl_status fetch_part(const cli_fetching *f, part *p, crl_error *err)
{
    for (int i = 0; i < f->n_mirrors; i++) {
        const bool right = ask(f, p, f->mirrors[i], err);
        cli_progress_end();
        if (p->failed) return fail_part(err, p->path, p->failed);
        if (right) return CRL_OK;
        if (i + 1 < f->n_mirrors) cli_warning("%s; trying the next mirror", err->text);
    }
    return CRL_ERR_IO;
}

static crl_status fetch_to(const cli_fetching *f, const cli_entry *e, const char *path, const char *beside, crl_error *err)
{
    part p = { .e = e, .path = beside };
    crl_status s = open_part(&p, err);
    if (!s) s = fetch_part(f, &p, err);
    if (!s && (fsync(p.fd) || rename(beside, path))) s = fail_part(err, path, errno);
    /* What broke off is kept for the next time, but not on a disk that is full. */
    if (s && (p.failed || !p.bytes)) unlink(beside);
    if (p.fd >= 0) close(p.fd);
    return s;
}

crl_status cli_fetch(const cli_fetching *f, const cli_entry *e, bool *fetched, crl_error *err)
{
    cli_file_lock lock;
    char *path = cli_shelf_path(f->folder, e->file), *beside = cli_format("%s/.%s.part", f->folder, e->file);
    *fetched = false;
    crl_status s = cli_lock(&lock, path, err);
    if (!s && !is_right(path, e)) {
        s = fetch_to(f, e, path, beside, err);
        *fetched = !s;
    }
    cli_unlock(&lock);
    free(beside);
    free(path);
    return s;
}
