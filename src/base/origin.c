/* SPDX-License-Identifier: Apache-2.0 */
/* See origin.h. */
#include "base/origin.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

bool crl_is_own_name(const char *host, const char *address)
{
    if (!host) return true;
    const char *names[] = { "localhost", "[::1]", address };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const size_t n = names[i] ? strlen(names[i]) : 0;
        if (n && !strncasecmp(host, names[i], n) && (!host[n] || host[n] == ':')) return true;
    }
    const size_t n = strspn(host, "0123456789."); /* 127.0.0.1.example.org is a name of somebody else's */
    return !strncmp(host, "127.", 4) && (!host[n] || host[n] == ':');
}

bool crl_is_foreign(const char *host, const char *origin)
{
    const char *from = origin ? strstr(origin, "://") : NULL;
    return origin && (!host || !from || strcasecmp(from + 3, host));
}

bool crl_same_secret(const char *a, const char *b)
{
    const size_t n = strlen(a);
    unsigned char other = strlen(b) != n;
    if (other) return false;
    for (size_t i = 0; i < n; i++) other |= (unsigned char)(a[i] ^ b[i]);
    return !other;
}
