/* SPDX-License-Identifier: Apache-2.0 */
/* Operators: an invented model is prepared and run on both backends, which have to agree, byte for byte. Refusing is
 * fine, with a sentence; so is an operator that finds its values wrong, if it does so on both. */
#include "both.h"
#include "fuzz.h"
#include "invent.h"

int fuzz_engine(const uint8_t *bytes, size_t size)
{
    static build b;
    invent_model(&b, bytes, size);
    crl_model *m;
    if (crl_model_open(&m, b.bytes, b.n, NULL)) return 0;
    both_backends(m, is_large(bytes, size));
    crl_model_close(m);
    return 0;
}
