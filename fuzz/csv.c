/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a list of pictures: refused with a sentence, or rows of two names. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "io/csv.h"
#include "fuzz.h"

static void insist(bool promise)
{
    if (!promise) abort();
}

int fuzz_csv(const uint8_t *bytes, size_t size)
{
    cli_csv c;
    crl_error err = { .text = "" };
    if (cli_csv_parse(&c, (const char *)bytes, size, &err)) {
        insist(!strncmp(err.text, "line ", 5) && !c.rows && !c.n);
        return 0;
    }
    for (int i = 0; i < c.n; i++) insist(*c.rows[i].path && *c.rows[i].label && !strpbrk(c.rows[i].label, "\r\n"));
    cli_csv_release(&c);
    return 0;
}
