/* SPDX-License-Identifier: Apache-2.0 */
/* Where the program was built without libcurl: see fetch.h. */
#include "catalogue/fetch.h"

#include "io/say.h"

crl_status cli_transfer_open(void **library, crl_error *err)
{
    *library = NULL;
    return cli_fail(err, CRL_ERR_UNSUPPORTED, "this corallite was built without libcurl and fetches nothing; 'make modules' builds it with");
}

void cli_transfer_close(void *library)
{
    (void)library;
}

cli_transferred cli_transfer_run(void *library, const cli_transfer *t, crl_error *err)
{
    (void)library;
    (void)cli_fail(err, CRL_ERR_UNSUPPORTED, "%s: not fetched", t->url);
    return CLI_TRANSFER_REFUSED;
}
