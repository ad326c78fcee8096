/* SPDX-License-Identifier: Apache-2.0 */
/* Giving notice: see include/corallite/notice.h. */
#ifndef CRL_BASE_NOTICE_H
#define CRL_BASE_NOTICE_H

#include <corallite/notice.h>

/* Who wants to know; `tell` may be NULL. */
typedef struct crl_notifier {
    crl_notice_fn *tell;
    void *user;
} crl_notifier;

/* Writes the sentence, as crl_fail() does, and hands it over. Without a function nothing is written. */
void crl_notify(const crl_notifier *to, crl_notice_kind kind, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
