/* SPDX-License-Identifier: Apache-2.0 */
/* A compiled model for the Edge TPU, made by rule: without a template.
 *
 *   a model -> the compiled model, byte for byte what the original compiler would have written, but for the token
 *
 * Only for forms whose rules are known. Of those, the forms that a public compiled model confirms are proved; the others are written only
 * where the caller asks for it, as a wrong program can hang a device until it is unplugged. For all else there are templates
 * (reweight.h).
 *
 * Source: docs/compile.md
 *
 * Threads  Any; calls know nothing of each other. */
#ifndef CORALLITE_COMPILE_H
#define CORALLITE_COMPILE_H

#include <corallite/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Zeroes are the defaults. */
typedef struct crl_compile_options {
    bool unproved;         /* write forms that follow the rules, but that no public compiled model confirms */
    uintptr_t reserved[8]; /* 0 */
} crl_compile_options;

/* What was made. The library fills it. */
typedef struct crl_compiled {
    char form[96]; /* "a dense layer of 256 to 256, uint8" */
    bool proved;
    int32_t operators; /* on the chip */
    size_t parameters; /* bytes, as they lie in the chip's memory */
    uint64_t token;
    uintptr_t reserved[8]; /* 0 */
} crl_compiled;

/**
 * Compiles `model`, which has to be a whole file. `options` may be NULL, and so may `done`.
 *
 * Owner   `*bytes` is the caller's, for free(); NULL after a failure
 * Errors  CRL_ERR_UNSUPPORTED  its form is none whose rules are known, or not proved; the text says what is in the way, and what is near
 *         CRL_ERR_ARGUMENT     a reserved word is not 0; CRL_ERR_FORMAT no subgraph; CRL_ERR_MEMORY
 */
CRL_API crl_status crl_compile(const crl_model *model, const crl_compile_options *options, uint8_t **bytes, size_t *size, crl_compiled *done,
                               crl_error *err);

#ifdef __cplusplus
}
#endif
#endif
