/* SPDX-License-Identifier: Apache-2.0 */
/* Who asks a server of this machine: a page of another site's, or one that has found a name for this address, is not to be answered.
 *
 * For the page of `watch` and the servers of the program alike; strings in, verdicts out. */
#ifndef CRL_BASE_ORIGIN_H
#define CRL_BASE_ORIGIN_H

#include <stdbool.h>

/* Whether the header Host (NULL: there was none, as of programs) is a name of this machine's own: localhost, 127.x.y.z, [::1], or `address`,
 * which is listened at; NULL: none besides. A page elsewhere may make a browser ask here by a name of its own (DNS rebinding). */
bool crl_is_own_name(const char *host, const char *address);
/* Whether another site's page asks, which a browser lets it do without showing it the answer: the header Origin is not of Host. */
bool crl_is_foreign(const char *host, const char *origin);
/* Whether two secrets are the same, in the time that does not tell how much of them is. */
bool crl_same_secret(const char *a, const char *b);

#endif
