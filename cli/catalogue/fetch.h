/* SPDX-License-Identifier: Apache-2.0 */
/* Files of the catalogue from the network, by libcurl, which is loaded at the first of them. */
#ifndef CLI_FETCH_H
#define CLI_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <corallite/status.h>

#include "catalogue/catalogue.h"

/* A transfer of the bytes of a file from an offset on. */
typedef struct cli_transfer {
    const char *url;
    int64_t from;                                             /* bytes that are there already */
    int64_t most;                                             /* no file is longer; more is an error */
    int stall_s;                                              /* seconds without a byte after which it is given up */
    bool (*take)(void *user, const void *data, size_t size);  /* false: what came cannot be kept */
    void (*progress)(void *user, int64_t done, int64_t all);  /* all: -1 where the server does not say */
    void *user;
} cli_transfer;

typedef enum cli_transferred {
    CLI_TRANSFER_DONE,
    CLI_TRANSFER_BROKEN,   /* in the middle: may be gone on with */
    CLI_TRANSFER_NO_RANGE, /* the server starts at the beginning only */
    CLI_TRANSFER_REFUSED,  /* this address has no such file, or is silent */
    CLI_TRANSFER_NOT_KEPT  /* take() did not want it */
} cli_transferred;

/* Loads the library. Errors: UNSUPPORTED, with the package to install. */
crl_status cli_transfer_open(void **library, crl_error *err);
void cli_transfer_close(void *library);
/* `err` says why where it is not done. Redirections lead to http and https only. */
cli_transferred cli_transfer_run(void *library, const cli_transfer *t, crl_error *err);

typedef struct cli_fetching {
    void *library; /* of cli_transfer_open() */
    const char *folder;
    const char *const *mirrors; /* addresses before a path, tried in this order */
    int n_mirrors;
    int stall_s;
} cli_fetching;

/**
 * Brings a file of the catalogue into the folder.
 *
 * What arrives goes to `.FILE.part` beside it, from where an interrupted transfer is gone on with, and gets its name once
 * it has the content that the catalogue tells. `*fetched` is false where it was there already.
 * Errors: IO, no mirror had it, or it cannot be written; STATE, another process is fetching it.
 */
crl_status cli_fetch(const cli_fetching *f, const cli_entry *e, bool *fetched, crl_error *err);

#endif
