/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as an address: what is read has a host where one is asked for, and a port that there is. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "stream/address.h"

int fuzz_address(const uint8_t *bytes, size_t size)
{
    crl_address a;
    char *text = malloc(size + 1);
    if (!text) return 0;
    if (size) memcpy(text, bytes, size);
    text[size] = 0;
    for (int any = 0; any < 2; any++) {
        if (!crl_address_parse(&a, text, 8554, any)) continue;
        if (a.port < 1 || a.port > 65535 || (!any && !*a.host) || (*a.password && !*a.user)) abort();
        if (strlen(a.host) >= sizeof a.host || strlen(a.user) >= sizeof a.user ||
            strlen(a.password) >= sizeof a.password || strlen(a.path) >= sizeof a.path)
            abort();
    }
    free(text);
    return 0;
}
