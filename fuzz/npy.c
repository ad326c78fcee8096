/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the beginning of a .npy file. */
#include <stdlib.h>

#include "fuzz.h"
#include "io/npy.h"

int fuzz_npy(const uint8_t *bytes, size_t size)
{
    cli_npy npy;
    crl_error err;
    if (cli_npy_parse(&npy, bytes, size, &err)) return 0;
    /* What was taken for sound has to be so. */
    if (npy.offset > size || npy.bytes != crl_shape_count(&npy.shape) * crl_type_bytes(npy.type)) abort();
    return 0;
}
