/* SPDX-License-Identifier: Apache-2.0 */
/* The sink that writes a line of JSON for each frame that was looked at. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/error.h"
#include "stream/stream.h"

/* As much as a pipe that can be written to takes without waiting (PIPE_BUF on Linux): so a reader who has stopped reading
 * cannot keep the stream from ending. */
enum { PIECE = 4096 };

typedef struct json_sink {
    int descriptor;
    crl_buffer line; /* of which `written` bytes are out */
    size_t written;
} json_sink;

static crl_status write_piece(json_sink *j, crl_error *err)
{
    struct pollfd p = { .fd = j->descriptor, .events = POLLOUT };
    const int ready = poll(&p, 1, CRL_STREAM_TICK_MS);
    if (!ready || (ready < 0 && errno == EINTR)) return CRL_ERR_TIMEOUT;
    const size_t left = j->line.size - j->written;
    const ssize_t n = write(j->descriptor, j->line.data + j->written, left < PIECE ? left : PIECE);
    if (n >= 0) j->written += (size_t)n;
    else if (errno == EINTR || errno == EAGAIN) return CRL_ERR_TIMEOUT;
    else if (errno == EPIPE) return CRL_ERR_CANCELLED; /* nobody reads it any more: what `head` is for */
    else return crl_fail(err, CRL_ERR_IO, "JSON: %s", strerror(errno));
    return CRL_OK;
}

static crl_status show(void *self, const crl_view *view, crl_error *err)
{
    json_sink *j = self;
    if (!j->line.size) {
        if (!view->fresh) return CRL_OK;
        if (crl_view_json(&j->line, view)) return crl_fail_memory(err, "JSON");
        j->written = 0;
    }
    while (j->written < j->line.size) {
        const crl_status s = write_piece(j, err);
        if (s) return s;
    }
    j->line.size = 0;
    return CRL_OK;
}

static void free_json(void *self)
{
    json_sink *j = self;
    crl_buffer_fini(&j->line);
    crl_free(j);
}

crl_status crl_sink_json(crl_sink *out, int descriptor, crl_error *err)
{
    static const crl_sink_type type = { .kind = "JSON", .queue = 32, .show = show, .free = free_json };
    *out = (crl_sink){ 0 };
    json_sink *j = crl_alloc(sizeof *j);
    if (!j) return crl_fail_memory(err, "a sink");
    j->descriptor = descriptor;
    *out = (crl_sink){ .type = &type, .self = j };
    return CRL_OK;
}
