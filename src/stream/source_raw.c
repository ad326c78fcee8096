/* SPDX-License-Identifier: Apache-2.0 */
/* The source "-": raw frames, one after the other without gaps, as `rpicam-vid --codec yuv420 -o -` and
 * `ffmpeg -f rawvideo -` give them. What is read is not waited for longer than asked, so that a stream can end meanwhile. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/error.h"
#include "stream/stream.h"
#include "vision/format.h"

typedef struct raw_source {
    int descriptor;
    crl_frame_format format;
    size_t bytes;  /* of a frame */
    uint8_t *next; /* a block, of which `filled` bytes are there; NULL: none */
    size_t filled;
    uint64_t frames, first_ns; /* first_ns: when the first byte of the next frame came */
    double fps;
    crl_blocks blocks;
} raw_source;

static crl_status start(void *self, crl_error *err)
{
    (void)self, (void)err;
    return CRL_OK;
}

/* What is there, up to the end of the frame. `*end`: nothing more will come. */
static crl_status read_more(raw_source *r, int timeout_ms, bool *end, crl_error *err)
{
    struct pollfd p = { .fd = r->descriptor, .events = POLLIN };
    const int ready = poll(&p, 1, timeout_ms);
    if (!ready || (ready < 0 && errno == EINTR)) return CRL_ERR_TIMEOUT;
    const ssize_t n = ready < 0 ? -1 : read(r->descriptor, r->next + r->filled, r->bytes - r->filled);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) return CRL_ERR_TIMEOUT;
    if (n < 0) return crl_fail(err, CRL_ERR_IO, "standard input: %s", strerror(errno));
    if (!r->filled && n) r->first_ns = crl_stream_now();
    r->filled += (size_t)n;
    *end = !n;
    return CRL_OK;
}

static crl_status cut_short(const raw_source *r, crl_error *err)
{
    if (!r->frames && !r->filled)
        return crl_fail(err, CRL_ERR_FORMAT, "standard input: it ended before the first frame; what was to give frames has to say why");
    return crl_fail(err, CRL_ERR_FORMAT, "standard input: ends after %llu whole frames and %zu bytes of another; a frame of %d x %d "
                    "%s has %zu: size and pixels have to be those that come in", (unsigned long long)r->frames, r->filled, r->format.width,
                    r->format.height, crl_pixels_name(r->format.pixels), r->bytes);
}

static crl_status take(void *self, crl_grab *out, int timeout_ms, crl_error *err)
{
    raw_source *r = self;
    *out = (crl_grab){ .format = r->format };
    if (!r->next && !(r->next = crl_blocks_take(&r->blocks, r->bytes))) return crl_fail_memory(err, "a frame");
    const uint64_t until = crl_stream_now() + (uint64_t)timeout_ms * 1000000u;
    while (r->filled < r->bytes) {
        const uint64_t now = crl_stream_now();
        const crl_status status = now < until ? read_more(r, (int)((until - now) / 1000000u) + 1, &out->end, err) : CRL_ERR_TIMEOUT;
        if (status) return status;
        if (out->end) return r->filled || !r->frames ? cut_short(r, err) : CRL_OK;
    }
    const crl_status status = crl_frame_wrap(&out->frame, &r->format, r->next, r->bytes, 0, err);
    if (status) return status;
    out->captured_ns = r->first_ns;
    out->time_ns = r->fps > 0 ? (uint64_t)((double)r->frames / r->fps * 1e9) : r->first_ns;
    out->held = r->next;
    r->next = NULL;
    r->filled = 0;
    r->frames++;
    return CRL_OK;
}

static void give_back(void *self, crl_grab *grab)
{
    raw_source *r = self;
    crl_blocks_give(&r->blocks, grab->held);
}

static void stop(void *self)
{
    (void)self;
}

static void free_raw(void *self)
{
    raw_source *r = self;
    crl_blocks_give(&r->blocks, r->next);
    crl_blocks_fini(&r->blocks);
    crl_free(r);
}

crl_status crl_source_raw(crl_source *out, int descriptor, const crl_source_options *o, crl_error *err)
{
    static const crl_source_type type = { .kind = "standard input", .live = true, .start = start, .take = take,
                                          .give_back = give_back, .stop = stop, .free = free_raw };
    raw_source *r = crl_alloc(sizeof *r);
    if (!r) return crl_fail_memory(err, "a source");
    crl_blocks_init(&r->blocks);
    r->descriptor = descriptor;
    r->fps = o->fps;
    r->format = (crl_frame_format){ .width = o->width, .height = o->height, .pixels = o->has_pixels ? o->pixels : CRL_PIXELS_I420 };
    const crl_status status = crl_format_bytes(&r->format, &r->bytes, err);
    if (status) free_raw(r);
    else *out = (crl_source){ .type = &type, .self = r };
    return status;
}
