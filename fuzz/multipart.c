/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a form: refused with a sentence or without, and parts that lie in it, of a form that breaks off those before. The first line is the header Content-Type. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "serve/multipart.h"
#include "fuzz.h"

static void insist(bool promise)
{
    if (!promise) abort();
}

int fuzz_multipart(const uint8_t *bytes, size_t size)
{
    char type[256];
    cli_form form;
    crl_error err = { .text = "" };
    const uint8_t *end = size ? memchr(bytes, '\n', size) : NULL;
    const size_t n = end ? (size_t)(end - bytes) : 0;
    if (!end || n >= sizeof type) return 0;
    memcpy(type, bytes, n);
    type[n] = 0;
    const uint8_t *body = end + 1;
    const size_t left = size - n - 1;
    const crl_status s = cli_multipart_parse(&form, type, body, left, &err);
    insist(s ? *err.text != 0 : 1);
    insist(cli_multipart_parse(&form, type, body, left, NULL) == s);
    insist(form.n <= CLI_MULTIPART_PARTS);
    for (int i = 0; i < form.n; i++) {
        const cli_part_of_form *p = &form.parts[i];
        insist(p->bytes >= body && p->n <= left && p->bytes + p->n <= body + left && memchr(p->name, 0, sizeof p->name));
        const cli_part_of_form *found = cli_form_find(&form, p->name);
        insist(found && found <= p);
    }
    return 0;
}
