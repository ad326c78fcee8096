/* SPDX-License-Identifier: Apache-2.0 */
/* See rate.h. */
#include "serve/rate.h"

#include <math.h>

bool cli_rate_may(cli_rate *r, uint32_t peer, uint64_t now_ns)
{
    const float most = (float)fmax(1, 2 * r->per_second);
    uint32_t at = peer % CLI_RATE_PEERS;
    if (r->per_second <= 0) return true;
    for (uint32_t i = 0; i < 4; i++) { /* of four places its own, else the one that has rested for longest */
        const uint32_t k = (peer + i) % CLI_RATE_PEERS;
        if (r->peers[k].peer == peer && r->peers[k].at_ns) {
            at = k;
            break;
        }
        if (r->peers[k].at_ns < r->peers[at].at_ns) at = k;
    }
    if (r->peers[at].peer != peer || !r->peers[at].at_ns) {
        r->peers[at].peer = peer;
        r->peers[at].left = most;
    } else {
        r->peers[at].left = fminf(most, r->peers[at].left + (float)((double)(now_ns - r->peers[at].at_ns) / 1e9 * r->per_second));
    }
    r->peers[at].at_ns = now_ns;
    if (r->peers[at].left < 1) return false;
    r->peers[at].left--;
    return true;
}
