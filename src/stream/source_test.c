/* SPDX-License-Identifier: Apache-2.0 */
/* The source "test": the moving scene, as a camera would give it. */
#include <math.h>
#include <time.h>

#include "base/alloc.h"
#include "base/error.h"
#include "stream/scene.h"
#include "stream/stream.h"

/* At a rate, frames that nobody takes in time pass by; without one each is given. */
typedef struct test_source {
    crl_scene *scene;
    crl_frame_format format;
    double fps;
    bool paced;
    uint64_t frames; /* 0: for ever */
    uint64_t next, start_ns;
    crl_blocks blocks;
} test_source;

static crl_status start(void *self, crl_error *err)
{
    (void)err;
    test_source *t = self;
    t->start_ns = crl_stream_now();
    t->next = 0;
    return CRL_OK;
}

static uint64_t time_of(const test_source *t, uint64_t frame)
{
    return (uint64_t)((double)frame / t->fps * 1e9);
}

/* Waits until the next frame is due. */
static crl_status wait(test_source *t, int timeout_ms)
{
    const uint64_t now = crl_stream_now(), passed = now - t->start_ns;
    const uint64_t due = t->start_ns + time_of(t, t->next);
    if (due > now) {
        const uint64_t most = (uint64_t)timeout_ms * 1000000u, ns = due - now < most ? due - now : most;
        const struct timespec pause = { (time_t)(ns / 1000000000u), (long)(ns % 1000000000u) };
        nanosleep(&pause, NULL);
        return due - now > most ? CRL_ERR_TIMEOUT : CRL_OK;
    }
    const uint64_t newest = (uint64_t)((double)passed / 1e9 * t->fps);
    if (newest > t->next) t->next = newest;
    return CRL_OK;
}

static crl_status take(void *self, crl_grab *out, int timeout_ms, crl_error *err)
{
    test_source *t = self;
    *out = (crl_grab){ .format = t->format };
    if (t->frames && t->next >= t->frames) {
        out->end = true;
        return CRL_OK;
    }
    if (t->paced && wait(t, timeout_ms)) return CRL_ERR_TIMEOUT;
    const size_t stride = 3 * (size_t)t->format.width;
    crl_image image = { t->format.width, t->format.height, 3, stride, NULL };
    image.data = out->held = crl_blocks_take(&t->blocks, stride * (size_t)image.height);
    if (!image.data) return crl_fail_memory(err, "a frame");
    out->time_ns = time_of(t, t->next);
    out->captured_ns = t->paced ? t->start_ns + out->time_ns : crl_stream_now();
    crl_scene_draw(t->scene, (double)out->time_ns / 1e9, &image);
    out->frame.plane[0] = image.data;
    out->frame.stride[0] = stride;
    t->next++;
    return CRL_OK;
}

static void give_back(void *self, crl_grab *grab)
{
    test_source *t = self;
    crl_blocks_give(&t->blocks, grab->held);
}

static void stop(void *self)
{
    (void)self;
}

static void free_test(void *self)
{
    test_source *t = self;
    crl_scene_free(t->scene);
    crl_blocks_fini(&t->blocks);
    crl_free(t);
}

crl_status crl_source_test(crl_source *out, const crl_source_options *o, crl_error *err)
{
    static const crl_source_type live = { .kind = "test scene", .live = true, .start = start, .take = take, .give_back = give_back,
                                          .stop = stop, .free = free_test };
    static const crl_source_type unpaced = { .kind = "test scene", .start = start, .take = take, .give_back = give_back,
                                             .stop = stop, .free = free_test };
    test_source *t = crl_alloc(sizeof *t);
    if (!t) return crl_fail_memory(err, "a source");
    crl_blocks_init(&t->blocks);
    t->paced = !isinf(o->fps);
    t->fps = t->paced && o->fps > 0 ? o->fps : 30;
    t->frames = o->frames;
    t->format = (crl_frame_format){ .width = o->width, .height = o->height, .pixels = CRL_PIXELS_RGB };
    const crl_status status = crl_scene_new(&t->scene, o->width, o->height, err);
    if (status) free_test(t);
    else *out = (crl_source){ .type = t->paced ? &live : &unpaced, .self = t };
    return status;
}
