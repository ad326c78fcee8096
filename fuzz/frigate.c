/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the first part of a message of Frigate's: refused with a sentence, or one of three kinds. The first four
 * bytes are the length of the second part. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "serve/frigate.h"
#include "fuzz.h"

static void insist(bool promise)
{
    if (!promise) abort();
}

int fuzz_frigate(const uint8_t *bytes, size_t size)
{
    cli_frigate_message m;
    crl_error err = { .text = "" };
    uint32_t body;
    if (size < sizeof body) return 0;
    memcpy(&body, bytes, sizeof body);
    if (cli_frigate_parse(&m, bytes + sizeof body, size - sizeof body, body, &err)) {
        insist(*err.text);
        return 0;
    }
    insist(m.kind >= CLI_FRIGATE_HAS && m.kind <= CLI_FRIGATE_LOOK);
    if (m.kind == CLI_FRIGATE_LOOK)
        insist(m.width > 0 && m.height > 0 && (uint64_t)m.width * (uint64_t)m.height * 3 == body);
    else
        insist(memchr(m.model, 0, sizeof m.model) && !strchr(m.model, '/') && !strchr(m.model, '"'));
    return 0;
}
