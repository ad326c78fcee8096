/* SPDX-License-Identifier: Apache-2.0 */
/* What the library has to say that is no error: it goes on, but not as was asked or expected.
 *
 * The library prints nothing. Who wants to know gives a function in the options of what he makes (crl_engine_options.notice);
 * without one nothing is said. A notice comes once for what happened, not once for each frame.
 *
 * Threads  A crl_notice_fn is called by the thread that is in a call of the library, within that call, except for kinds that
 *          say otherwise. Given to several engines, it may be called by several threads at once. */
#ifndef CORALLITE_NOTICE_H
#define CORALLITE_NOTICE_H

#include <corallite/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The values are pinned. Later versions have more: a program passes on the sentences of those that it does not know. */
typedef enum crl_notice_kind {
    CRL_NOTICE_THREADS = 1, /* fewer threads serve than were asked for */
    CRL_NOTICE_LEVEL = 2,   /* $CRL_CPU keeps instruction levels of the machine from being used */
    CRL_NOTICE_LABELS = 3,  /* labels do not go with the model, or those in it are broken; numbers stand in */
    CRL_NOTICE_LETTERS = 4, /* a label is drawn without letters that no font here has */
    CRL_NOTICE_DEVICE_LOST = 5,  /* a device has failed, or is not there; frames go on without it, and it is tried again */
    CRL_NOTICE_DEVICE_BACK = 6,  /* it computes frames again */
    CRL_NOTICE_DEVICE_UNUSED = 7, /* it is not for this model, or not for inputs of these shapes */
    CRL_NOTICE_TWIN = 8,          /* a model that is compiled for an Edge TPU is not run, but the one that it was compiled from */
    CRL_NOTICE_SOURCE_LOST = 9,   /* of a stream (stream.h): no frames come, and its source is tried again */
    CRL_NOTICE_SOURCE_BACK = 10,  /* they come again */
    CRL_NOTICE_SINK_LOST = 11,    /* a sink of a stream failed; the others go on, and it is tried again where that makes sense */
    CRL_NOTICE_SINK_BACK = 12,    /* it works again */
    CRL_NOTICE_FRAME_LOST = 13    /* of a source: one frame cannot be read; the next one is taken */
} crl_notice_kind;

/* Made by the library; later versions may add fields at the end. */
typedef struct crl_notice {
    crl_notice_kind kind;
    const char *text; /* one sentence, as of an error: no newline, no full stop. Gone when the function returns */
} crl_notice;

/* May not call functions of the object that it was given for, not even to free it. `user` is as given beside it. */
typedef void crl_notice_fn(void *user, const crl_notice *notice);

/* "threads", "level", "labels", "letters", "device lost", "device back", "device unused", "twin", "source lost",
 * "source back", "sink lost", "sink back", "frame lost"; "?" for a value outside the enum. */
CRL_API const char *crl_notice_name(crl_notice_kind kind);

#ifdef __cplusplus
}
#endif
#endif
