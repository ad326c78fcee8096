/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses: see address.h. */
#include "stream/address.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of text up to `end` into a field, with %40 and the like made plain. */
static bool copy_part(char *to, size_t room, const char *from, const char *end)
{
    size_t n = 0;
    while (from < end && n + 1 < room) {
        char two[3] = "";
        if (*from == '%' && end - from > 2) memcpy(two, from + 1, 2);
        char *stop = two;
        const long code = *two ? strtol(two, &stop, 16) : 0;
        const bool coded = *two && stop == two + 2 && code > 0;
        to[n++] = coded ? (char)code : *from;
        from += coded ? 3 : 1;
    }
    to[n] = 0;
    return from == end;
}

/* "8554"; nothing else. */
static bool read_port(int *port, const char *from, const char *end)
{
    int n = 0;
    const char *p = from;
    for (; p < end && *p >= '0' && *p <= '9' && n < 65536; p++) n = 10 * n + (*p - '0');
    *port = n;
    return p == end && p > from && n > 0 && n < 65536;
}

bool crl_address_parse(crl_address *out, const char *text, int port, bool any_host)
{
    const char *end = text + strcspn(text, "/"), *at = NULL;
    *out = (crl_address){ .port = port };
    for (const char *p = text; p < end; p++)
        if (*p == '@') at = p;
    if (at) {
        const char *colon = memchr(text, ':', (size_t)(at - text));
        if (!copy_part(out->user, sizeof out->user, text, colon ? colon : at) || !*out->user) return false;
        if (colon && (!copy_part(out->password, sizeof out->password, colon + 1, at) || !*out->password)) return false;
        text = at + 1;
    }
    const bool six = *text == '[';
    const char *stop = six ? memchr(text, ']', (size_t)(end - text)) : text;
    if (!stop) return false;
    const char *colon = memchr(stop, ':', (size_t)(end - stop)), *after = six ? stop : colon ? colon : end;
    if (six && stop + 1 != end && stop + 1 != colon) return false;
    if (!copy_part(out->host, sizeof out->host, text + six, after) || (!*out->host && (six || !any_host))) return false;
    if (colon && !read_port(&out->port, colon + 1, end)) return false;
    return !*end || copy_part(out->path, sizeof out->path, end + 1, end + strlen(end));
}
