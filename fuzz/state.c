/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as what `learn` remembers: refused with a sentence, or sound, and the same again when it is written. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "learn/state.h"

static void insist(bool promise)
{
    if (!promise) abort();
}

/* Bytes whose sum is right: what is behind that check is to be reached, too. */
static uint8_t *with_sum(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size + 8);
    insist(copy != NULL);
    if (size) memcpy(copy, bytes, size);
    const uint64_t sum = cli_content_of(copy, size).word[0];
    memcpy(copy + size, &sum, sizeof sum);
    return copy;
}

static void try_state(const uint8_t *bytes, size_t size)
{
    cli_state s;
    crl_error err = { .text = "" };
    if (cli_state_parse(&s, bytes, size, &err)) {
        insist(err.text[0] && !s.items && !s.labels && !s.vectors);
        return;
    }
    for (uint32_t i = 0; i < s.n; i++) {
        insist(s.items[i].label < s.n_labels && s.items[i].path[0]);
        insist(cli_state_find(&s, &s.items[i].content) <= i);
    }
    size_t n;
    uint8_t *again = cli_state_pack(&s, NULL, &n);
    insist(n == size && !memcmp(again, bytes, n));
    free(again);
    cli_state_release(&s);
}

int fuzz_state(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = with_sum(bytes, size);
    try_state(bytes, size);
    try_state(copy, size + 8);
    free(copy);
    return 0;
}
