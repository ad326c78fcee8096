/* SPDX-License-Identifier: Apache-2.0 */
/* See multipart.h. */
#define _GNU_SOURCE /* memmem, strcasestr */
#include "serve/multipart.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "io/say.h"

enum { BOUNDARY = 70 /* letters at most, RFC 2046 */, MOST_HEAD = 4096 };

/* "--" and the boundary. */
static bool read_boundary(const char *type, char *out, size_t *n)
{
    const char *b = type && !strncasecmp(type, "multipart/form-data", 19) ? strcasestr(type, "boundary=") : NULL;
    if (!b) return false;
    b += 9;
    const bool quoted = *b == '"';
    b += quoted;
    *n = strcspn(b, quoted ? "\"" : "; \t\r\n,");
    if (!*n || *n > BOUNDARY) return false;
    memcpy(out, "--", 2);
    memcpy(out + 2, b, *n);
    *n += 2;
    return true;
}

/* The value of a parameter of a line: name="x" or name=x. */
static bool read_parameter(const char *line, size_t n, const char *key, char *out, size_t room)
{
    const size_t k = strlen(key);
    for (size_t i = 1; i + k < n; i++) {
        if (strncasecmp(line + i, key, k) || line[i + k] != '=' || !strchr("; \t", line[i - 1])) continue;
        const char *v = line + i + k + 1, *end = line + n;
        const bool quoted = v < end && *v == '"';
        size_t m = 0;
        for (v += quoted; v < end && *v != (quoted ? '"' : ';') && m + 1 < room; v++) out[m++] = *v;
        out[m] = 0;
        return true;
    }
    return false;
}

/* Lines until an empty one; what follows is the part's. NULL: there is no such line. */
static const uint8_t *read_head(cli_part_of_form *part, const uint8_t *at, const uint8_t *end)
{
    static const char disposition[] = "content-disposition:";
    const uint8_t *start = at;
    while (at < end && at - start < MOST_HEAD) {
        const uint8_t *line = memmem(at, (size_t)(end - at), "\r\n", 2);
        char ignored[2];
        if (!line) return NULL;
        if (line == at) return at + 2;
        const size_t n = (size_t)(line - at);
        if (n > sizeof disposition && !strncasecmp((const char *)at, disposition, sizeof disposition - 1)) {
            read_parameter((const char *)at, n, "name", part->name, sizeof part->name);
            part->is_file = read_parameter((const char *)at, n, "filename", ignored, sizeof ignored);
        }
        at = line + 2;
    }
    return NULL;
}

crl_status cli_multipart_parse(cli_form *out, const char *type, const void *body, size_t bytes, crl_error *err)
{
    char mark[4 + BOUNDARY + 1] = "\r\n";
    size_t n;
    *out = (cli_form){ 0 };
    if (!read_boundary(type, mark + 2, &n)) return cli_fail(err, CRL_ERR_ARGUMENT, "a form is expected, multipart/form-data with a boundary");
    if (!bytes) return cli_fail(err, CRL_ERR_ARGUMENT, "the form is empty");
    const uint8_t *at = body, *end = at + bytes;
    at = memmem(at, bytes, mark + 2, n);
    if (!at) return cli_fail(err, CRL_ERR_ARGUMENT, "the form's boundary does not come in it");
    for (at += n;; at += n + 2) {
        if (end - at >= 2 && !memcmp(at, "--", 2)) return CRL_OK;
        while (at < end && (*at == ' ' || *at == '\t')) at++;
        if (end - at < 2 || memcmp(at, "\r\n", 2)) return cli_fail(err, CRL_ERR_ARGUMENT, "the form breaks off behind part %d", out->n);
        if (out->n == CLI_MULTIPART_PARTS) return cli_fail(err, CRL_ERR_ARGUMENT, "the form has more than %d parts", CLI_MULTIPART_PARTS);
        cli_part_of_form *part = &out->parts[out->n];
        at = read_head(part, at + 2, end);
        const uint8_t *close = at ? memmem(at - 2, (size_t)(end - at) + 2, mark, n + 2) : NULL;
        if (!close) return cli_fail(err, CRL_ERR_ARGUMENT, "the form breaks off in part %d", out->n + 1);
        part->bytes = at;
        part->n = close > at ? (size_t)(close - at) : 0;
        out->n++;
        at = close;
    }
}

const cli_part_of_form *cli_form_find(const cli_form *form, const char *name)
{
    for (int i = 0; i < form->n; i++)
        if (!strcmp(form->parts[i].name, name)) return &form->parts[i];
    return NULL;
}
