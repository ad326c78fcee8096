/* SPDX-License-Identifier: Apache-2.0 */
/* An account of memory, asked before memory is taken: a few bytes of a file cannot ask for gigabytes.
 *
 * An engine has one, and all its piles know it (alloc.h), so that nobody has to remember. */
#ifndef CRL_BASE_ACCOUNT_H
#define CRL_BASE_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct crl_account {
    size_t most;  /* bytes that may be held */
    size_t held;
    size_t spare; /* of those, what is about to be given back: a quarter of `most` may be held beside what counts */
    bool refused; /* something was, since the owner cleared this */
} crl_account;

/* Takes `bytes`, or refuses and notes that. A NULL account allows everything. */
bool crl_account_hold(crl_account *account, size_t bytes);
/* Whether that many could be taken; notes nothing. */
bool crl_account_allows(const crl_account *account, size_t bytes);
void crl_account_drop(crl_account *account, size_t bytes);

#endif
