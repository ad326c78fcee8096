/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that grow: see buffer.h. */
#include "base/buffer.h"

#include <string.h>

#include "base/alloc.h"

bool crl_buffer_reserve(crl_buffer *b, size_t room)
{
    if (room <= b->room) return true;
    uint8_t *data = crl_alloc(room);
    if (!data) return false;
    if (b->size) memcpy(data, b->data, b->size);
    crl_free(b->data);
    b->data = data;
    b->room = room;
    return true;
}

bool crl_buffer_add(crl_buffer *b, const void *bytes, size_t n)
{
    size_t need;
    if (!crl_size_add(b->size, n, &need)) return false;
    if (need > b->room && !crl_buffer_reserve(b, need > SIZE_MAX / 2 ? need : need * 2)) return false;
    if (n) memcpy(b->data + b->size, bytes, n);
    b->size = need;
    return true;
}

void crl_buffer_fini(crl_buffer *b)
{
    crl_free(b->data);
    *b = (crl_buffer){ 0 };
}
