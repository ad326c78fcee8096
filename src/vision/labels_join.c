/* SPDX-License-Identifier: Apache-2.0 */
/* Two lists of names as one. */
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "vision/labels.h"

static size_t bytes_of(const crl_labels *l)
{
    size_t bytes = 0;
    for (int32_t i = 0; l && i < l->n; i++) bytes += strlen(l->entries[i].name) + 1;
    return bytes;
}

static void append(crl_labels *to, const crl_labels *from, int32_t offset, int32_t end)
{
    for (int32_t i = 0; from && i < from->n; i++) {
        const crl_label *e = &from->entries[i];
        if (e->index >= end) continue;
        const size_t bytes = strlen(e->name) + 1;
        char *name = memcpy(to->text + to->bytes, e->name, bytes);
        to->bytes += bytes;
        to->entries[to->n++] = (crl_label){ .index = e->index + offset, .name = name, .bytes = (int32_t)bytes - 1 };
        to->end = e->index + offset + 1;
    }
}

crl_status crl_labels_join(crl_labels **out, const crl_labels *first, const crl_labels *second, int32_t offset, crl_error *err)
{
    const int32_t n = crl_labels_count(first) + crl_labels_count(second);
    *out = NULL;
    crl_labels *l = crl_alloc(sizeof *l);
    if (l) l->text = crl_alloc(bytes_of(first) + bytes_of(second) + 1);
    if (l) l->entries = crl_alloc_array((size_t)n + 1, sizeof *l->entries);
    if (!l || !l->text || !l->entries) {
        crl_labels_free(l);
        return crl_fail_memory(err, "labels");
    }
    l->room = n + 1;
    l->numbered = true;
    append(l, first, 0, offset);
    append(l, second, offset, INT32_MAX - offset);
    *out = l;
    return CRL_OK;
}
