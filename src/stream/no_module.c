/* SPDX-License-Identifier: Apache-2.0 */
/* Where nothing can be loaded at run time: see module.h. */
#include "base/error.h"
#include "stream/module.h"

crl_status crl_module_load(const crl_module **out, const char *name, const char *purpose, const char *cure, crl_error *err)
{
    (void)name, (void)cure;
    *out = NULL;
    return crl_fail(err, CRL_ERR_UNSUPPORTED, "%s need a library that this build does not load", purpose);
}
