/* SPDX-License-Identifier: Apache-2.0 */
/* Opening and closing models: files, pipes, bytes in memory. */
#include <corallite/model.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/flat_read.h"
#include "model/holder.h"
#include "model/sniff.h"

/* Enough to tell a model from something else, so that no endless stream is read to its end. */
enum { HEAD_BYTES = 512 };
/* Of a pipe nobody knows how much will come. */
static const size_t max_pipe_bytes = (size_t)1 << 29;
/* A file up to this size is read, a larger one mapped: from a mapped file that another process cuts short no byte can be had
 * any more, and reading one ends this process. Nearly all vision models are smaller. A copy takes a few milliseconds then. */
static const size_t most_copied = (size_t)32 << 20;

/* Takes over map and owned of `from`, on failure, too. */
static crl_status open_bytes(crl_model **out, crl_model_holder from, const void *bytes, size_t size, crl_error *err)
{
    crl_model_holder *h = crl_alloc(sizeof *h);
    if (!h) {
        if (from.map) munmap(from.map, from.map_bytes);
        crl_pages_free(from.owned);
        return crl_fail_memory(err, "a model");
    }
    *h = from;
    h->model.bytes = bytes;
    h->model.size = size;
    crl_status s = crl_sniff(bytes, size, err);
    if (!s) s = crl_flat_read(&h->model, &h->pile, err);
    if (!s) s = crl_flat_verify(&h->model, err);
    if (!s) s = crl_notes_read(&h->notes, &h->model, &h->pile, err);
    if (s) {
        crl_model_close(&h->model);
        return s;
    }
    *out = &h->model;
    return CRL_OK;
}

crl_status crl_model_open(crl_model **out, const void *bytes, size_t size, crl_error *err)
{
    *out = NULL;
    return open_bytes(out, (crl_model_holder){ 0 }, bytes, size, err);
}

/* Reads until `size` bytes are there or the stream ends; returns how many, or -1 with errno set. */
static ssize_t read_fully(int fd, uint8_t *to, size_t size)
{
    size_t got = 0;
    while (got < size) {
        const ssize_t n = read(fd, to + got, size - got);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return -1;
        if (n == 0) break;
        got += (size_t)n;
    }
    return (ssize_t)got;
}

/* Everything that a pipe gives. `*bytes` is to be released with crl_pages_free, after a failure, too. */
static crl_status read_pipe(int fd, uint8_t **bytes, size_t *size, crl_error *err)
{
    for (size_t room = HEAD_BYTES; room <= max_pipe_bytes; room *= 2) {
        uint8_t *larger = crl_pages_new(room);
        if (!larger) return crl_fail(err, CRL_ERR_MEMORY, "no memory for %zu bytes", room);
        if (*size) memcpy(larger, *bytes, *size);
        crl_pages_free(*bytes);
        *bytes = larger;
        const ssize_t n = read_fully(fd, *bytes + *size, room - *size);
        if (n < 0) return crl_fail(err, CRL_ERR_IO, "%s", strerror(errno));
        *size += (size_t)n;
        if (*size < room) return CRL_OK;
        crl_status s = crl_sniff(*bytes, *size, err);
        if (s) return s;
    }
    return crl_fail(err, CRL_ERR_UNSUPPORTED, "the stream gives more than 512 MiB; open a file instead");
}

/* A file, as long as it is at this moment: it may have become shorter, and its reader will find that. */
static crl_status read_file(crl_model **out, int fd, size_t size, crl_error *err)
{
    crl_model_holder h = { .owned = crl_pages_new(size) };
    if (!h.owned) return crl_fail(err, CRL_ERR_MEMORY, "no memory for %zu bytes", size);
    const ssize_t n = read_fully(fd, h.owned, size);
    if (n >= 0) return open_bytes(out, h, h.owned, (size_t)n, err);
    const int reason = errno;
    crl_pages_free(h.owned);
    return crl_fail(err, CRL_ERR_IO, "%s", strerror(reason));
}

static crl_status map_file(crl_model **out, int fd, size_t size, crl_error *err)
{
    crl_model_holder h = { .map_bytes = size };
    h.map = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (h.map == MAP_FAILED) return crl_fail(err, CRL_ERR_IO, "cannot be mapped: %s", strerror(errno));
    return open_bytes(out, h, h.map, size, err);
}

static crl_status open_descriptor(crl_model **out, int fd, crl_error *err)
{
    struct stat st;
    if (fstat(fd, &st)) return crl_fail(err, CRL_ERR_IO, "%s", strerror(errno));
    if (S_ISDIR(st.st_mode)) return crl_fail(err, CRL_ERR_IO, "this is a directory, a model is one file");
    if (!S_ISREG(st.st_mode)) {
        crl_model_holder h = { 0 };
        size_t size = 0;
        crl_status s = read_pipe(fd, &h.owned, &size, err);
        if (!s) return open_bytes(out, h, h.owned, size, err);
        crl_pages_free(h.owned);
        return s;
    }
    if (st.st_size <= 0) return crl_sniff(NULL, 0, err);
    if ((uintmax_t)st.st_size > PTRDIFF_MAX) return crl_fail(err, CRL_ERR_MEMORY, "the file is larger than memory can be");
    const size_t size = (size_t)st.st_size;
    return (size <= most_copied ? read_file : map_file)(out, fd, size, err);
}

crl_status crl_model_open_file(crl_model **out, const char *path, crl_error *err)
{
    *out = NULL;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        const char *reason = errno == ENOENT ? "no such file" : strerror(errno);
        return crl_fail(err, CRL_ERR_IO, "%.160s: %s", path, reason);
    }
    crl_status s = open_descriptor(out, fd, err);
    close(fd);
    return s ? crl_within(err, s, "%s", path) : CRL_OK;
}

void crl_model_close(crl_model *model)
{
    if (!model) return;
    crl_model_holder *h = (crl_model_holder *)model;
    crl_pile_free(&h->pile);
    if (h->map) munmap(h->map, h->map_bytes);
    crl_pages_free(h->owned);
    crl_free(h);
}
