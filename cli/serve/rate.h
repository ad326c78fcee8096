/* SPDX-License-Identifier: Apache-2.0 */
/* How often a client may ask: a bucket of tokens for each peer, in a table of fixed size. */
#ifndef CLI_SERVE_RATE_H
#define CLI_SERVE_RATE_H

#include <stdbool.h>
#include <stdint.h>

enum { CLI_RATE_PEERS = 1024 };

typedef struct cli_rate {
    double per_second; /* 0: no limit */
    struct {
        uint32_t peer;
        float left; /* requests that it may still make at once, */
        uint64_t at_ns; /* at that time */
    } peers[CLI_RATE_PEERS];
} cli_rate;

/* Whether a peer, a hash of its address, may ask now; of two seconds' requests at once. For one thread. */
bool cli_rate_may(cli_rate *r, uint32_t peer, uint64_t now_ns);

#endif
