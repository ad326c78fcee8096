/* SPDX-License-Identifier: Apache-2.0 */
/* A status to branch on and a sentence to read.
 *
 * Every function that can fail returns a crl_status and takes a `crl_error *`, which may be NULL.
 * The one that detects a fault writes the sentence: what, which value, what would be accepted.
 * Those that pass it on may put a place in front ("bird.tflite: op 12 CONV_2D: ..."), no more.
 *
 * Threads  Of the whole library: any number of threads may call it at once, each with objects of its own; which objects may
 *          be shared, its header says. "One at a time" does not mean always the same. What is found out once for the
 *          process is guarded. A crl_error is its caller's, on his stack: there is no last error that others could change. */
#ifndef CORALLITE_STATUS_H
#define CORALLITE_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define CRL_API __attribute__((visibility("default")))
#else
#define CRL_API
#endif

/* The values are pinned: they are part of the ABI. */
typedef enum crl_status {
    CRL_OK = 0,
    CRL_ERR_ARGUMENT = 1,    /* the caller asked for something that makes no sense */
    CRL_ERR_MEMORY = 2,      /* an allocation failed, or a size does not fit this machine */
    CRL_ERR_IO = 3,          /* a file or stream could not be read or written */
    CRL_ERR_FORMAT = 4,      /* broken file: it is not what it claims to be */
    CRL_ERR_UNSUPPORTED = 5, /* sound file, but not a case that we handle */
    CRL_ERR_DEVICE = 6,      /* an accelerator is missing or failed */
    CRL_ERR_STATE = 7,       /* not now: the object is not in a state that allows the call */
    CRL_ERR_TIMEOUT = 8,
    CRL_ERR_CANCELLED = 9
} crl_status;

/* Caller's storage; no heap. Untouched on success. The text has no newline and no full stop. */
typedef struct crl_error {
    crl_status status;
    char text[248];
} crl_error;

/* One lower-case word for a status ("format"); never NULL. */
CRL_API const char *crl_status_name(crl_status status);

#ifdef __cplusplus
}
#endif
#endif
