/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts: see account.h. */
#include "base/account.h"

/* Numbers near SIZE_MAX are asked for, too: nothing is added that could overflow. */
static bool within(size_t held, size_t bytes, size_t most)
{
    return held <= most && bytes <= most - held;
}

bool crl_account_allows(const crl_account *a, size_t bytes)
{
    if (!a) return true;
    const size_t counts = a->held > a->spare ? a->held - a->spare : 0;
    return within(counts, bytes, a->most) && within(a->held, bytes, a->most + a->most / 4);
}

bool crl_account_hold(crl_account *a, size_t bytes)
{
    if (!a) return true;
    if (!crl_account_allows(a, bytes)) {
        a->refused = true;
        return false;
    }
    a->held += bytes;
    return true;
}

void crl_account_drop(crl_account *a, size_t bytes)
{
    if (a) a->held -= bytes;
}
