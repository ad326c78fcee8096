/* SPDX-License-Identifier: Apache-2.0 */
/* Telling what a file is that is no model: by its first bytes. */
#include "model/sniff.h"

#include <string.h>

#include "base/kind.h"

crl_status crl_sniff(const uint8_t *bytes, size_t size, crl_error *err)
{
    static const char missing[] = "no TensorFlow Lite model (the bytes \"TFL3\" are missing at 4)";
    if (!size) return crl_fail(err, CRL_ERR_FORMAT, "the file is empty");
    if (size >= 8 && !memcmp(bytes + 4, "TFL3", 4)) return CRL_OK;
    const crl_kind *kind = crl_kind_of(bytes, size);
    if (kind)
        return crl_fail(err, CRL_ERR_FORMAT, "%s; this is %s%s%s", missing, kind->what, kind->cure ? ": " : "",
                        kind->cure ? kind->cure : "");
    if (size < 8) return crl_fail(err, CRL_ERR_FORMAT, "no TensorFlow Lite model: %zu bytes are too few", size);
    return crl_fail(err, CRL_ERR_FORMAT, "%s", missing);
}
