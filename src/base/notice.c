/* SPDX-License-Identifier: Apache-2.0 */
/* Notices: sentences as of errors, handed to a function of the caller's. */
#include "base/notice.h"

#include <stdarg.h>

#include "base/error.h"

void crl_notify(const crl_notifier *to, crl_notice_kind kind, const char *fmt, ...)
{
    if (!to->tell) return;
    crl_error sentence;
    va_list args;
    va_start(args, fmt);
    crl_error_write(&sentence, fmt, args);
    va_end(args);
    const crl_notice notice = { kind, sentence.text };
    to->tell(to->user, &notice);
}

const char *crl_notice_name(crl_notice_kind kind)
{
    switch (kind) {
    case CRL_NOTICE_THREADS: return "threads";
    case CRL_NOTICE_LEVEL: return "level";
    case CRL_NOTICE_LABELS: return "labels";
    case CRL_NOTICE_LETTERS: return "letters";
    case CRL_NOTICE_DEVICE_LOST: return "device lost";
    case CRL_NOTICE_DEVICE_BACK: return "device back";
    case CRL_NOTICE_DEVICE_UNUSED: return "device unused";
    case CRL_NOTICE_TWIN: return "twin";
    case CRL_NOTICE_SOURCE_LOST: return "source lost";
    case CRL_NOTICE_SOURCE_BACK: return "source back";
    case CRL_NOTICE_SINK_LOST: return "sink lost";
    case CRL_NOTICE_SINK_BACK: return "sink back";
    case CRL_NOTICE_FRAME_LOST: return "frame lost";
    }
    return "?";
}
