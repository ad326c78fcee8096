/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an archive with a label file, and as deflated data. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "fuzz.h"
#include "model/inflate.h"
#include "model/zip.h"

enum { MOST = 1 << 12 };

int fuzz_zip(const uint8_t *bytes, size_t size)
{
    char *text;
    size_t n;
    crl_error err = { 0 };
    const crl_status s = crl_zip_read(bytes, size, "labels.txt", MOST, &text, &n, &err);
    if (s ? text || !*err.text : !text || n > MOST || text[n]) abort();
    crl_free(text);
    /* The size comes first, and the output is no larger than it. */
    if (size < 2) return 0;
    n = (bytes[0] | (size_t)bytes[1] << 8) % MOST;
    uint8_t *out = malloc(n + 1);
    if (!out) return 0;
    crl_inflate(out, n, bytes + 2, size - 2);
    free(out);
    return 0;
}
