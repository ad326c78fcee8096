/* SPDX-License-Identifier: Apache-2.0 */
/* Error texts. Names in them come from files that may be hostile: control characters are replaced,
 * so that a model cannot drive the user's terminal. */
#include "base/error.h"

#include <stdio.h>
#include <string.h>

#include <corallite/version.h>

static void tame(char *text)
{
    for (unsigned char *p = (unsigned char *)text; *p; p++)
        if (*p < 0x20 || *p == 0x7f) *p = '?';
}

void crl_error_write(crl_error *err, const char *fmt, va_list args)
{
    vsnprintf(err->text, sizeof err->text, fmt, args);
    tame(err->text);
}

crl_status crl_fail(crl_error *err, crl_status status, const char *fmt, ...)
{
    if (!err) return status;
    va_list args;
    va_start(args, fmt);
    crl_error_write(err, fmt, args);
    va_end(args);
    err->status = status;
    return status;
}

crl_status crl_within(crl_error *err, crl_status status, const char *fmt, ...)
{
    if (!err) return status;
    char place[sizeof err->text];
    va_list args;
    va_start(args, fmt);
    vsnprintf(place, sizeof place, fmt, args);
    va_end(args);
    tame(place);
    /* The sentence matters more than the place: of a place that is too long, the end goes. */
    const size_t inner = strlen(err->text), room = sizeof err->text - 1 - inner;
    if (room <= 2) return status;
    size_t n = strlen(place);
    if (n > room - 2) n = room - 2;
    memmove(err->text + n + 2, err->text, inner + 1);
    memcpy(err->text, place, n);
    memcpy(err->text + n, ": ", 2);
    return status;
}

crl_status crl_fail_memory(crl_error *err, const char *what)
{
    return crl_fail(err, CRL_ERR_MEMORY, "no memory for %s", what);
}

crl_status crl_check_reserved(const uintptr_t *words, size_t n, const char *what, crl_error *err)
{
    for (size_t i = 0; i < n; i++)
        if (words[i])
            return crl_fail(err, CRL_ERR_ARGUMENT, "%s.reserved[%zu] is not 0: the struct was not set to zero (= { 0 }), or asks for "
                            "what a later version than %s has", what, i, CRL_VERSION);
    return CRL_OK;
}

const char *crl_status_name(crl_status status)
{
    switch (status) {
    case CRL_OK: return "ok";
    case CRL_ERR_ARGUMENT: return "argument";
    case CRL_ERR_MEMORY: return "memory";
    case CRL_ERR_IO: return "io";
    case CRL_ERR_FORMAT: return "format";
    case CRL_ERR_UNSUPPORTED: return "unsupported";
    case CRL_ERR_DEVICE: return "device";
    case CRL_ERR_STATE: return "state";
    case CRL_ERR_TIMEOUT: return "timeout";
    case CRL_ERR_CANCELLED: return "cancelled";
    }
    return "unknown";
}
