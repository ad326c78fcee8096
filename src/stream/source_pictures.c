/* SPDX-License-Identifier: Apache-2.0 */
/* A source of picture files. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "stream/stream.h"

typedef struct picture_source {
    char **paths; /* [n] */
    int32_t n, next;
    double fps;
    bool exif_orientation;
} picture_source;

static crl_status start(void *self, crl_error *err)
{
    (void)err;
    ((picture_source *)self)->next = 0;
    return CRL_OK;
}

static crl_status take(void *self, crl_grab *out, int timeout_ms, crl_error *err)
{
    (void)timeout_ms;
    picture_source *p = self;
    *out = (crl_grab){ .end = p->next == p->n };
    if (out->end) return CRL_OK;
    crl_image *image = crl_alloc(sizeof *image);
    if (!image) return crl_fail_memory(err, "a picture");
    const crl_image_options options = { .channels = 3, .exif_orientation = p->exif_orientation };
    out->captured_ns = crl_stream_now();
    out->time_ns = (uint64_t)(p->next / p->fps * 1e9);
    crl_status s = crl_image_load(image, p->paths[p->next++], &options, err);
    if (!s) s = crl_frame_of_image(&out->frame, &out->format, image, err);
    if (s) {
        crl_image_fini(image);
        crl_free(image);
        return s;
    }
    out->held = image;
    return CRL_OK;
}

static void give_back(void *self, crl_grab *grab)
{
    (void)self;
    crl_image_fini(grab->held);
    crl_free(grab->held);
}

static void stop(void *self)
{
    (void)self;
}

static void free_pictures(void *self)
{
    picture_source *p = self;
    for (int32_t i = 0; p->paths && i < p->n; i++) crl_free(p->paths[i]);
    crl_free(p->paths);
    crl_free(p);
}

static char *copy(const char *text)
{
    const size_t n = strlen(text) + 1;
    char *own = crl_alloc(n);
    if (own) memcpy(own, text, n);
    return own;
}

crl_status crl_source_pictures(crl_source *out, const char *const *paths, int32_t n, const crl_source_options *options, crl_error *err)
{
    static const crl_source_type type = { .kind = "pictures", .skips = true, .start = start, .take = take, .give_back = give_back,
                                          .stop = stop, .free = free_pictures };
    *out = (crl_source){ 0 };
    picture_source *p = crl_alloc(sizeof *p);
    if (!p) return crl_fail_memory(err, "a source");
    p->fps = options && options->fps > 0 && !isinf(options->fps) ? options->fps : 30;
    p->exif_orientation = options && options->exif_orientation;
    p->paths = crl_alloc_array((size_t)n, sizeof *p->paths);
    p->n = p->paths ? n : 0;
    bool good = p->paths != NULL;
    for (int32_t i = 0; i < n && good; i++) good = (p->paths[i] = copy(paths[i])) != NULL;
    if (!good) {
        free_pictures(p);
        return crl_fail_memory(err, "a source");
    }
    *out = (crl_source){ .type = &type, .self = p };
    return CRL_OK;
}
