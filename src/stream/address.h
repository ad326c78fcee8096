/* SPDX-License-Identifier: Apache-2.0 */
/* Where something is on the network: name:password@host:port/path. */
#ifndef CRL_STREAM_ADDRESS_H
#define CRL_STREAM_ADDRESS_H

#include <stdbool.h>

typedef struct crl_address {
    char user[64], password[128], host[128], path[128]; /* empty: not given. The path is without its slash */
    int port;
} crl_address;

/* Reads what stands behind the scheme. Name and password may have %40 and the like; a host of colons stands in brackets. `port` is that where none is
 * given; a host may be missing where `any_host` is. false: it is something else. */
bool crl_address_parse(crl_address *out, const char *text, int port, bool any_host);

#endif
