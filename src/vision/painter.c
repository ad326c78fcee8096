/* SPDX-License-Identifier: Apache-2.0 */
/* Painters: see painter.h. */
#include "vision/painter.h"

#include "base/alloc.h"
#include "base/error.h"

void *crl_room_get(crl_room *room, size_t n, size_t size)
{
    size_t bytes;
    if (!crl_size_mul(n, size, &bytes)) return NULL;
    if (room->data && bytes <= room->bytes) return room->data;
    crl_free(room->data);
    room->data = crl_alloc(bytes);
    room->bytes = room->data ? bytes : 0;
    return room->data;
}

crl_status crl_painter_new(crl_painter **out, crl_error *err)
{
    *out = NULL;
    crl_painter *p = crl_alloc(sizeof *p);
    if (!p) return crl_fail_memory(err, "drawing");
    crl_status s = crl_text_cache_make(&p->texts, err);
    if (!s && !crl_room_get(&p->chips, CRL_MOST_CHIPS, CRL_CHIP_ROOM)) s = crl_fail_memory(err, "drawing");
    if (s) crl_painter_free(p);
    else *out = p;
    return s;
}

void crl_painter_begin(crl_painter *p)
{
    p->begun = true;
    p->n_captions = 0;
}

void crl_painter_fini(crl_painter *p)
{
    crl_text_cache_fini(&p->texts);
    crl_free(p->chips.data);
    crl_free(p->tile.data);
    crl_free(p->grounds.data);
    *p = (crl_painter){ 0 };
}

void crl_painter_free(crl_painter *p)
{
    if (!p) return;
    crl_painter_fini(p);
    crl_free(p);
}
