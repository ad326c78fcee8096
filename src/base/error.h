/* SPDX-License-Identifier: Apache-2.0 */
/* Writing and passing on errors: see include/corallite/status.h. */
#ifndef CRL_BASE_ERROR_H
#define CRL_BASE_ERROR_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <corallite/status.h>

/* Writes the text alone, its control characters replaced. */
void crl_error_write(crl_error *err, const char *fmt, va_list args);

/* Writes the sentence and returns `status`. `err` may be NULL. */
crl_status crl_fail(crl_error *err, crl_status status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Puts a place and ": " in front of the text of a failure on its way up, and returns `status`. */
crl_status crl_within(crl_error *err, crl_status status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The usual sentence for a failed allocation: "no memory for WHAT". */
crl_status crl_fail_memory(crl_error *err, const char *what);

/* Refuses options whose `n` reserved words (include/corallite/version.h) are not all 0; `what` is the struct's name. */
crl_status crl_check_reserved(const uintptr_t *words, size_t n, const char *what, crl_error *err);

#endif
