/* SPDX-License-Identifier: Apache-2.0 */
/* The sink that writes each view as a picture file. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "stream/stream.h"

typedef struct file_sink {
    char *path;    /* the folder, a slash, and room for a name */
    size_t folder; /* bytes up to that name */
    char suffix[8];
} file_sink;

enum { NAME = 40 };

static crl_status show(void *self, const crl_view *view, crl_error *err)
{
    file_sink *f = self;
    if (view->again) return CRL_OK;
    snprintf(f->path + f->folder, NAME, "%06llu%s", (unsigned long long)view->number, f->suffix);
    return crl_image_save(view->image, f->path, err);
}

static void free_files(void *self)
{
    file_sink *f = self;
    crl_free(f->path);
    crl_free(f);
}

crl_status crl_sink_files(crl_sink *out, const char *folder, const char *suffix, crl_error *err)
{
    static const crl_sink_type type = { .kind = "picture files", .pictures = true, .returns = true, .queue = 8, .show = show, .free = free_files };
    *out = (crl_sink){ 0 };
    const crl_status s = crl_image_can_save(suffix, err);
    if (s) return s;
    file_sink *f = crl_alloc(sizeof *f);
    const size_t n = strlen(folder);
    if (f) f->path = crl_alloc(n + 1 + NAME);
    if (!f || !f->path) {
        if (f) free_files(f);
        return crl_fail_memory(err, "a sink");
    }
    snprintf(f->suffix, sizeof f->suffix, "%s", suffix);
    memcpy(f->path, folder, n);
    f->folder = n;
    if (!n || folder[n - 1] != '/') f->path[f->folder++] = '/';
    *out = (crl_sink){ .type = &type, .self = f };
    return CRL_OK;
}
